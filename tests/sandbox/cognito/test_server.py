"""The sign-in domain beside the API: two views of the same user pools."""

import base64
import hmac

import pytest

from tests.sandbox.cognito.fixtures import (
    ADMIN_SCOPE,
    App,
    MakeApp,
    refresh,
)


def test_api_knows_the_federated_user_and_takes_the_access_token(make_app: MakeApp) -> None:
    app = make_app(AllowedOAuthScopes=["openid", ADMIN_SCOPE])
    token = app.tokens(scope=f"openid {ADMIN_SCOPE}")["access_token"]
    assert app.cognito.get_user(AccessToken=token)["Username"] == "entra_ada"
    (listed,) = app.cognito.list_users(UserPoolId=app.pool_id)["Users"]
    assert listed["UserStatus"] == "EXTERNAL_PROVIDER"
    groups = app.cognito.admin_list_groups_for_user(UserPoolId=app.pool_id, Username="entra_ada")["Groups"]
    assert [group["GroupName"] for group in groups] == [f"{app.pool_id}_entra"]


def test_refresh_token_of_an_api_sign_in_works_at_the_token_endpoint(make_app: MakeApp) -> None:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = make_app(public=True, ExplicitAuthFlows=flows)
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

    message = f"entra_ada{app.client_id}".encode()
    return base64.b64encode(hmac.digest((app.secret or "").encode(), message, "sha256")).decode()


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
