"""What apps do with codes and tokens: /oauth2/token, /oauth2/userInfo, /oauth2/revoke, and the API."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from sandbox.aws import LocalAws
from tests.sandbox.cognito.fixtures import (
    CALLBACK,
    MAPPED,
    OTHER_CALLBACK,
    App,
    FakeProvider,
    make_app,
    query,
    started,
)

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
ADMIN_SCOPE = "aws.cognito.signin.user.admin"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with started(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def pool_id(aws: LocalAws, provider: FakeProvider) -> str:
    return make_app(aws, provider).pool_id


@pytest.fixture
def app(aws: LocalAws, provider: FakeProvider, pool_id: str) -> App:
    return make_app(aws, provider, pool_id=pool_id)


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()) == (status, {"error": error})


# Codes


def test_code_is_exchanged_for_three_tokens(app: App) -> None:
    answer = app.redeem(app.code())
    assert answer.status_code == 200
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "id_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["Cache-Control"] == "no-store"


def test_code_is_good_once(app: App) -> None:
    code = app.code()
    assert app.redeem(code).status_code == 200
    refused(app.redeem(code), "invalid_grant")


def test_wrong_client_authentication_does_not_use_the_code_up(app: App) -> None:
    """Some clients try one way of authenticating after the other."""
    code = app.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    refused(app.token(form, auth=False), "invalid_client")
    refused(app.token(form | {"client_secret": "wrong"}, auth=False), "invalid_client")
    assert app.token(form | {"client_secret": app.secret}, auth=False).status_code == 200


def test_basic_authentication_may_repeat_the_client_id_and_only_that(app: App) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    assert app.token(form | {"code": app.code(), "client_id": app.client_id}).status_code == 200
    refused(app.token(form | {"code": app.code(), "client_id": "other"}), "invalid_request")


def test_malformed_credentials_are_refused(app: App) -> None:
    for header in ("Basic ???", "Basic " + base64.b64encode(b"nobody:x").decode()):
        answer = app.server.post(
            "/oauth2/token", data={"grant_type": "refresh_token"}, headers={"Authorization": header}
        )
        refused(answer, "invalid_client")


def test_public_client_names_itself_and_sends_no_secret(
    aws: LocalAws, provider: FakeProvider, pool_id: str
) -> None:
    app = make_app(aws, provider, pool_id=pool_id, public=True)
    assert app.redeem(app.code(**PKCE), code_verifier=VERIFIER).status_code == 200
    refused(app.redeem(app.code(), client_secret="guessed"), "invalid_client")


def test_code_of_another_client_is_refused(app: App, aws: LocalAws, provider: FakeProvider) -> None:
    refused(make_app(aws, provider).redeem(app.code()), "invalid_grant")


def test_redirect_uri_must_be_the_one_of_the_request(app: App) -> None:
    refused(app.redeem(app.code(), redirect_uri=OTHER_CALLBACK), "invalid_grant")
    # AWS says so for one slash too many.
    refused(app.redeem(app.code(), redirect_uri=f"{CALLBACK}/"), "unauthorized_client")


def test_missing_parameters_are_an_invalid_request(app: App) -> None:
    refused(app.token({}), "invalid_request")
    refused(app.token({"grant_type": "authorization_code", "redirect_uri": CALLBACK}), "invalid_request")
    refused(app.token({"grant_type": "authorization_code", "code": "c"}), "invalid_request")
    refused(app.token({"grant_type": "refresh_token"}), "invalid_request")


def test_other_grants_are_unsupported(app: App) -> None:
    refused(app.token({"grant_type": "password"}), "unsupported_grant_type")
    refused(app.redeem("unknown"), "invalid_grant")


def test_token_endpoint_takes_post_only(app: App) -> None:
    assert app.server.get("/oauth2/token").status_code == 405


def test_script_of_a_single_page_app_may_fetch_its_tokens(app: App) -> None:
    asks = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    assert app.server.options("/oauth2/token", headers=asks).headers["Access-Control-Allow-Origin"] == "*"
    form = {"grant_type": "authorization_code", "client_id": app.client_id}
    answer = app.server.post("/oauth2/token", data=form, headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    page = app.server.get("/error", headers={"Origin": "https://app.example"})
    assert "Access-Control-Allow-Origin" not in page.headers


def test_client_must_be_allowed_the_code_grant(app: App) -> None:
    code = app.code()
    app.change(AllowedOAuthFlows=["implicit"])
    refused(app.redeem(code), "unauthorized_client")
    app.change(AllowedOAuthFlowsUserPoolClient=False)
    refused(app.redeem(code), "unauthorized_client")


def test_user_who_was_disabled_meanwhile_gets_no_tokens(app: App) -> None:
    code = app.code()
    app.cognito.admin_disable_user(UserPoolId=app.pool_id, Username="entra_ada")
    refused(app.redeem(code), "invalid_grant")


# PKCE, through the federated sign-in


def test_code_with_a_challenge_needs_the_verifier(app: App) -> None:
    assert app.redeem(app.code(**PKCE), code_verifier=VERIFIER).status_code == 200
    refused(app.redeem(app.code(**PKCE)), "invalid_request")
    refused(app.redeem(app.code(**PKCE), code_verifier="w" * 43), "invalid_grant")
    refused(app.redeem(app.code(**PKCE), code_verifier=CHALLENGE), "invalid_grant")


def test_verifier_without_a_challenge_is_refused(app: App) -> None:
    refused(app.redeem(app.code(), code_verifier=VERIFIER), "invalid_grant")


# Claims


def test_id_token_says_what_cognitos_says(app: App) -> None:
    app.provider.claims["given_name"] = "Ada"
    began = int(time.time())
    tokens = app.tokens(nonce="n-1")
    claims = app.claims(tokens["id_token"])
    assert claims["iss"] == f"https://cognito-idp.eu-central-1.amazonaws.com/{app.pool_id}"
    assert (claims["aud"], claims["token_use"], claims["nonce"]) == (app.client_id, "id", "n-1")
    assert claims["cognito:username"] == "entra_ada"
    assert claims["cognito:groups"] == [f"{app.pool_id}_entra"]
    assert (claims["email"], claims["email_verified"]) == ("ada@contoso.example", False)
    assert (claims["given_name"], claims["family_name"]) == ("Ada", "Lovelace")
    assert began <= claims["auth_time"] <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] == 3600
    for name in ("sub", "jti", "origin_jti", "event_id"):
        UUID(claims[name])
    (identity,) = claims["identities"]
    assert identity.pop("dateCreated").isdigit()
    assert identity == {
        "userId": "ada",
        "providerName": "entra",
        "providerType": "OIDC",
        "issuer": None,
        "primary": "true",
    }
    digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_access_token_says_what_cognitos_says(app: App) -> None:
    tokens = app.tokens()
    access, identity = app.claims(tokens["access_token"]), app.claims(tokens["id_token"])
    assert (access["token_use"], access["client_id"], access["version"]) == ("access", app.client_id, 2)
    assert access["scope"] == "openid email profile"
    assert access["username"] == "entra_ada"
    assert {"aud", "email", "nonce"}.isdisjoint(access)
    for name in ("sub", "origin_jti", "auth_time", "iss"):
        assert access[name] == identity[name]
    assert access["jti"] != identity["jti"]


def test_cognitos_own_nonce_is_in_the_id_token(app: App) -> None:
    assert app.claims(app.tokens()["id_token"])["nonce"] == app.provider.nonce


def test_tokens_last_as_long_as_the_client_says(aws: LocalAws, provider: FakeProvider, pool_id: str) -> None:
    app = make_app(
        aws,
        provider,
        pool_id=pool_id,
        AccessTokenValidity=5,
        IdTokenValidity=10,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
    )
    tokens = app.tokens()
    for name, seconds in (("access_token", 300), ("id_token", 600)):
        claims = app.claims(tokens[name])
        assert claims["exp"] - claims["iat"] == seconds
    assert tokens["expires_in"] == 300


def test_without_openid_there_is_no_id_token(aws: LocalAws, provider: FakeProvider, pool_id: str) -> None:
    app = make_app(aws, provider, pool_id=pool_id, AllowedOAuthScopes=[ADMIN_SCOPE])
    tokens = app.tokens(scope=None)
    assert "id_token" not in tokens
    assert app.claims(tokens["access_token"])["scope"] == ADMIN_SCOPE


def test_scope_of_a_resource_server_is_granted_to_the_client_that_may_ask_for_it(
    aws: LocalAws, provider: FakeProvider
) -> None:
    app = make_app(aws, provider)
    server = "https://api.example"
    app.cognito.create_resource_server(
        UserPoolId=app.pool_id,
        Identifier=server,
        Name="reports",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")],
    )
    app.change(
        SupportedIdentityProviders=["entra"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", f"{server}/read"],
        CallbackURLs=[CALLBACK],
    )
    tokens = app.tokens(scope=f"openid {server}/read")
    assert app.claims(tokens["access_token"])["scope"] == f"openid {server}/read"
    told = query(app.authorize(identity_provider="entra", scope=f"openid {server}/write"))
    assert told["error_description"] == "invalid_scope"


EMAIL = {"email", "email_verified"}
NAMES = {"family_name", "custom:entra_oid"}


@pytest.fixture
def custom(aws: LocalAws, provider: FakeProvider) -> App:
    """A pool with a custom attribute that the client may read and write."""
    attributes = ["custom:entra_oid", "email", "family_name", "given_name"]
    app = make_app(
        aws,
        provider,
        schema=[{"Name": "entra_oid", "AttributeDataType": "String", "Mutable": True}],
        mapping=MAPPED | {"custom:entra_oid": "oid"},
        ReadAttributes=[*attributes, "email_verified"],
        WriteAttributes=attributes,
    )
    provider.claims["oid"] = "o-1"
    return app


def told(claims: dict[str, Any]) -> set[str]:
    return set(claims) & (EMAIL | NAMES)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("openid", EMAIL | NAMES),
        ("openid email", EMAIL),
        ("openid profile", NAMES),
        ("openid email profile", EMAIL | NAMES),
    ],
)
def test_scopes_choose_the_attributes_of_id_token_and_userinfo(
    custom: App, scope: str, expected: set[str]
) -> None:
    tokens = custom.tokens(scope=scope)
    assert told(custom.claims(tokens["id_token"])) == expected
    assert told(user_info(custom, tokens["access_token"]).json()) == expected


def test_attribute_that_the_client_may_not_read_is_in_no_token(custom: App) -> None:
    custom.change(ReadAttributes=["email", "email_verified"])
    tokens = custom.tokens()
    assert told(custom.claims(tokens["id_token"])) == EMAIL
    assert told(user_info(custom, tokens["access_token"]).json()) == EMAIL


def test_custom_attribute_is_in_no_token_unless_the_client_may_read_it_explicitly(custom: App) -> None:
    custom.change(ReadAttributes=[])
    assert told(custom.claims(custom.tokens()["id_token"])) == EMAIL | {"family_name"}


def test_email_scope_needs_both_of_its_attributes_readable(custom: App) -> None:
    custom.change(ReadAttributes=["email"])
    refused(custom.redeem(custom.code()), "invalid_grant")
    assert custom.redeem(custom.code(scope="openid profile")).status_code == 200


def test_implicit_grant_has_both_tokens_in_the_fragment_and_no_refresh_token(
    aws: LocalAws, provider: FakeProvider, pool_id: str
) -> None:
    app = make_app(aws, provider, pool_id=pool_id, AllowedOAuthFlows=["implicit"])
    answer = app.federated(response_type="token")
    assert answer.headers["Location"].startswith(f"{CALLBACK}#")
    told_in_fragment = query(answer)
    assert told_in_fragment.keys() == {"access_token", "id_token", "token_type", "expires_in", "state"}
    assert app.claims(told_in_fragment["id_token"])["cognito:username"] == "entra_ada"


# Refreshing and revoking


def refresh(app: App, token: str) -> httpx.Response:
    return app.token({"grant_type": "refresh_token", "refresh_token": token})


def revoke(app: App, token: str | None, **more: str) -> httpx.Response:
    form = {} if token is None else {"token": token}
    return app.server.post(
        "/oauth2/revoke", data=form | more, auth=httpx.BasicAuth(app.client_id, app.secret or "")
    )


def test_refresh_token_brings_new_tokens_of_the_same_sign_in(app: App) -> None:
    first = app.tokens(scope="openid email")
    answer = refresh(app, first["refresh_token"])
    assert answer.json().keys() == {"access_token", "id_token", "token_type", "expires_in"}
    before, after = app.claims(first["id_token"]), app.claims(answer.json()["id_token"])
    for name in ("sub", "auth_time", "origin_jti", "cognito:username", "email"):
        assert after[name] == before[name]
    assert after["jti"] != before["jti"]
    assert "family_name" not in after
    assert app.claims(answer.json()["access_token"])["scope"] == "openid email"


def test_refreshed_tokens_show_the_user_as_of_now(app: App) -> None:
    token = app.tokens()["refresh_token"]
    app.cognito.admin_update_user_attributes(
        UserPoolId=app.pool_id,
        Username="entra_ada",
        UserAttributes=[{"Name": "family_name", "Value": "King"}],
    )
    assert app.claims(refresh(app, token).json()["id_token"])["family_name"] == "King"


def test_refresh_token_is_bound_to_its_client_and_must_be_one(
    app: App, aws: LocalAws, provider: FakeProvider
) -> None:
    tokens = app.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"][:-4] + "AAAA", "junk"):
        refused(refresh(app, token), "invalid_grant")
    refused(refresh(make_app(aws, provider), tokens["refresh_token"]), "invalid_grant")


def test_client_must_be_allowed_to_refresh(app: App) -> None:
    token = app.tokens()["refresh_token"]
    app.change(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    refused(refresh(app, token), "unauthorized_client")
    app.change(ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"])
    assert refresh(app, token).status_code == 200


def test_disabled_or_deleted_user_cannot_refresh(app: App) -> None:
    token = app.tokens()["refresh_token"]
    app.cognito.admin_disable_user(UserPoolId=app.pool_id, Username="entra_ada")
    refused(refresh(app, token), "invalid_grant")
    app.cognito.admin_delete_user(UserPoolId=app.pool_id, Username="entra_ada")
    refused(refresh(app, token), "invalid_grant")


def test_revoked_refresh_token_and_its_access_tokens_are_dead(app: App) -> None:
    tokens, other = app.tokens(), app.tokens()
    answer = revoke(app, tokens["refresh_token"])
    assert (answer.status_code, answer.content) == (200, b"")
    refused(refresh(app, tokens["refresh_token"]), "invalid_grant")
    assert user_info(app, tokens["access_token"]).status_code == 401
    assert user_info(app, other["access_token"]).status_code == 200
    assert revoke(app, tokens["refresh_token"]).status_code == 200


def test_revoking_is_refused_as_documented(app: App, aws: LocalAws, provider: FakeProvider) -> None:
    tokens = app.tokens()
    refused(revoke(app, None), "invalid_request")
    refused(revoke(app, tokens["access_token"]), "unsupported_token_type")
    assert revoke(app, "junk").status_code == 200
    refused(revoke(make_app(aws, provider), tokens["refresh_token"]), "unauthorized_client")
    wrong = app.server.post("/oauth2/revoke", data={"token": "t", "client_id": app.client_id})
    refused(wrong, "invalid_client", status=401)
    app.change(EnableTokenRevocation=False)
    refused(revoke(app, tokens["refresh_token"]), "invalid_request")


def test_global_sign_out_ends_every_sign_in(app: App) -> None:
    tokens = app.tokens()
    app.cognito.admin_user_global_sign_out(UserPoolId=app.pool_id, Username="entra_ada")
    refused(refresh(app, tokens["refresh_token"]), "invalid_grant")
    assert user_info(app, tokens["access_token"]).status_code == 401


# userInfo


def user_info(app: App, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return app.server.get("/oauth2/userInfo", headers=headers)


def test_userinfo_answers_in_text(app: App) -> None:
    token = app.tokens()["access_token"]
    told_there = user_info(app, token).json()
    assert json.loads(told_there.pop("identities"))[0]["userId"] == "ada"
    assert told_there == {
        "sub": app.claims(token)["sub"],
        "email": "ada@contoso.example",
        "email_verified": "false",
        "family_name": "Lovelace",
        "username": "entra_ada",
    }


def test_userinfo_needs_a_good_access_token(app: App) -> None:
    answer = user_info(app, None)
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]
    tokens = app.tokens()
    for token in ("junk", tokens["id_token"], tokens["refresh_token"], tokens["access_token"][:-4] + "AAAA"):
        answer = user_info(app, token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"] == (
            'Bearer error="invalid_token", error_description="Access token is expired, disabled, or deleted,'
            ' or the user has globally signed out."'
        )


def test_userinfo_needs_the_openid_scope(aws: LocalAws, provider: FakeProvider, pool_id: str) -> None:
    app = make_app(aws, provider, pool_id=pool_id, AllowedOAuthScopes=["openid", ADMIN_SCOPE])
    assert user_info(app, app.tokens(scope=ADMIN_SCOPE)["access_token"]).status_code == 401
    assert user_info(app, app.tokens(scope=f"openid {ADMIN_SCOPE}")["access_token"]).status_code == 200


# The API and the sign-in domain are two views of the same pool


def test_api_knows_the_federated_user_and_takes_the_access_token(
    aws: LocalAws, provider: FakeProvider, pool_id: str
) -> None:
    app = make_app(aws, provider, pool_id=pool_id, AllowedOAuthScopes=["openid", ADMIN_SCOPE])
    token = app.tokens(scope=f"openid {ADMIN_SCOPE}")["access_token"]
    assert app.cognito.get_user(AccessToken=token)["Username"] == "entra_ada"
    (listed,) = app.cognito.list_users(UserPoolId=app.pool_id)["Users"]
    assert listed["UserStatus"] == "EXTERNAL_PROVIDER"
    groups = app.cognito.admin_list_groups_for_user(UserPoolId=app.pool_id, Username="entra_ada")["Groups"]
    assert [group["GroupName"] for group in groups] == [f"{app.pool_id}_entra"]


def test_refresh_token_of_an_api_sign_in_works_at_the_token_endpoint(
    aws: LocalAws, provider: FakeProvider, pool_id: str
) -> None:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = make_app(aws, provider, pool_id=pool_id, public=True, ExplicitAuthFlows=flows)
    app.cognito.admin_create_user(UserPoolId=app.pool_id, Username="bea")
    app.cognito.admin_set_user_password(
        UserPoolId=app.pool_id, Username="bea", Password="Passw0rd!", Permanent=True
    )
    signed_in = app.cognito.initiate_auth(
        ClientId=app.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "bea", "PASSWORD": "Passw0rd!"},
    )["AuthenticationResult"]
    answer = refresh(app, signed_in["RefreshToken"])
    assert app.claims(answer.json()["id_token"])["cognito:username"] == "bea"


def test_refresh_token_of_the_domain_works_at_the_api(app: App) -> None:
    app.change(ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"])
    result = app.cognito.admin_initiate_auth(
        UserPoolId=app.pool_id,
        ClientId=app.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": app.tokens()["refresh_token"], "SECRET_HASH": _secret_hash(app)},
    )
    assert app.claims(result["AuthenticationResult"]["AccessToken"])["username"] == "entra_ada"


def _secret_hash(app: App) -> str:
    import hmac  # noqa: PLC0415

    message = f"entra_ada{app.client_id}".encode()
    return base64.b64encode(hmac.digest((app.secret or "").encode(), message, "sha256")).decode()


def test_machine_gets_a_token_without_anybody_signing_in(
    aws: LocalAws, provider: FakeProvider, pool_id: str
) -> None:
    app = make_app(aws, provider, pool_id=pool_id)
    app.cognito.create_resource_server(
        UserPoolId=app.pool_id,
        Identifier="api",
        Name="api",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}],
    )
    app.change(AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["api/read"])
    answer = app.token({"grant_type": "client_credentials", "scope": "api/read"})
    assert app.claims(answer.json()["access_token"])["scope"] == "api/read"


def test_discovery_document_names_the_pools_issuer_and_the_domains_endpoints(app: App) -> None:
    for origin in (app.aws.url, app.aws.domain_url):
        document = app.server.get(f"{origin}/{app.pool_id}/.well-known/openid-configuration").json()
        assert document["issuer"] == f"https://cognito-idp.eu-central-1.amazonaws.com/{app.pool_id}"
        assert document["token_endpoint"] == f"{app.aws.domain_url}/oauth2/token"
        assert document["userinfo_endpoint"] == f"{app.aws.domain_url}/oauth2/userInfo"
        keys = app.server.get(document["jwks_uri"]).json()["keys"]
        assert {key["alg"] for key in keys} == {"RS256"}
    for path in ("openid-configuration", "jwks.json"):
        unknown = app.server.get(f"/eu-central-1_none/.well-known/{path}")
        assert unknown.status_code == 404


@pytest.mark.parametrize(
    "path", ["/oauth2/authorize", "/oauth2/token", "/login", "/logout", "/saml2/idpresponse"]
)
def test_lenient_domain_of_ministack_is_out_of_reach(app: App, path: str) -> None:
    for method in ("GET", "POST"):
        answer = app.server.request(method, f"{app.aws.url}{path}")
        assert answer.status_code == 404
        assert app.aws.domain_url in answer.json()["message"]
