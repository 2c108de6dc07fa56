"""What the tokens say, and to whom."""

import base64
import hashlib
import time
from typing import Any
from uuid import UUID

import pytest

from tests.sandbox.cognito.fixtures import (
    ADMIN_SCOPE,
    CALLBACK,
    MAPPED,
    App,
    FakeProvider,
    MakeApp,
    query,
    refused,
    user_info,
)


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


def test_tokens_last_as_long_as_the_client_says(make_app: MakeApp) -> None:
    app = make_app(
        AccessTokenValidity=5,
        IdTokenValidity=10,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
    )
    tokens = app.tokens()
    for name, seconds in (("access_token", 300), ("id_token", 600)):
        claims = app.claims(tokens[name])
        assert claims["exp"] - claims["iat"] == seconds
    assert tokens["expires_in"] == 300


def test_without_openid_there_is_no_id_token(make_app: MakeApp) -> None:
    app = make_app(AllowedOAuthScopes=[ADMIN_SCOPE])
    tokens = app.tokens(scope=None)
    assert "id_token" not in tokens
    assert app.claims(tokens["access_token"])["scope"] == ADMIN_SCOPE


def test_scope_of_a_resource_server_is_granted_to_the_client_that_may_ask_for_it(make_app: MakeApp) -> None:
    app = make_app()
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
def custom(make_app: MakeApp, provider: FakeProvider) -> App:
    """A pool with a custom attribute that the client may read and write."""
    attributes = ["custom:entra_oid", "email", "family_name", "given_name"]
    app = make_app(
        schema=[{"Name": "entra_oid", "AttributeDataType": "String", "Mutable": True}],
        mapping=MAPPED | {"custom:entra_oid": "oid"},
        ReadAttributes=[*attributes, "email_verified"],
        WriteAttributes=attributes,
    )
    provider.claims["oid"] = "o-1"
    return app


def shown(claims: dict[str, Any]) -> set[str]:
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
    assert shown(custom.claims(tokens["id_token"])) == expected
    assert shown(user_info(custom, tokens["access_token"]).json()) == expected


def test_attribute_that_the_client_may_not_read_is_in_no_token(custom: App) -> None:
    custom.change(ReadAttributes=["email", "email_verified"])
    tokens = custom.tokens()
    assert shown(custom.claims(tokens["id_token"])) == EMAIL
    assert shown(user_info(custom, tokens["access_token"]).json()) == EMAIL


def test_custom_attribute_is_in_no_token_unless_the_client_may_read_it_explicitly(custom: App) -> None:
    custom.change(ReadAttributes=[])
    assert shown(custom.claims(custom.tokens()["id_token"])) == EMAIL | {"family_name"}


def test_email_scope_needs_both_of_its_attributes_readable(custom: App) -> None:
    custom.change(ReadAttributes=["email"])
    refused(custom.redeem(custom.code()), "invalid_grant")
    assert custom.redeem(custom.code(scope="openid profile")).status_code == 200
