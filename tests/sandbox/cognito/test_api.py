"""What the API refuses, as AWS does: flows, secrets, tokens, attributes that cannot be read or written.

Most of it stops an attack of tests/e2e/identity_attacks.toml; here is the rest.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cognito.fixtures import ADMIN_SCOPE, CUSTOM, App, MakeApp

PASSWORD = "Passw0rd!"
SELF_SERVICE = ["openid", "email", "profile", ADMIN_SCOPE]
FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]


@pytest.fixture
def app(make_app: MakeApp) -> App:
    """A client without a secret that takes passwords and lets people write their names, and `bea`."""
    app = make_app(
        public=True,
        schema=[CUSTOM],
        SupportedIdentityProviders=["COGNITO", "entra"],
        AllowedOAuthScopes=SELF_SERVICE,
        ExplicitAuthFlows=FLOWS,
        ReadAttributes=["email", "email_verified", "name"],
        WriteAttributes=["email", "family_name", "given_name", "name"],
    )
    account: dict[str, Any] = {"UserPoolId": app.pool_id, "Username": "bea"}
    attributes = {"custom:entra_oid": "somebody", "email": "bea@contoso.example", "email_verified": "true"}
    app.cognito.admin_create_user(**account, UserAttributes=_listed(attributes))
    app.cognito.admin_set_user_password(**account, Password=PASSWORD, Permanent=True)
    return app


def _listed(attributes: dict[str, str]) -> Any:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def _tokens(app: App, flow: str = "USER_PASSWORD_AUTH", **parameters: str) -> Any:
    named = parameters or {"USERNAME": "bea", "PASSWORD": PASSWORD}
    asked: Any = app.cognito.initiate_auth
    return asked(AuthFlow=flow, ClientId=app.client_id, AuthParameters=named)["AuthenticationResult"]


def _write(app: App, **attributes: str) -> None:
    named = {name.replace("__", ":"): value for name, value in attributes.items()}
    token = _tokens(app)["AccessToken"]
    app.cognito.update_user_attributes(AccessToken=token, UserAttributes=_listed(named))


def test_tokens_of_the_api_have_one_scope_and_what_the_client_may_read(app: App) -> None:
    tokens = _tokens(app)
    assert app.claims(tokens["AccessToken"])["scope"] == ADMIN_SCOPE
    claims = app.claims(tokens["IdToken"])
    assert (claims["email"], claims["email_verified"]) == ("bea@contoso.example", True)
    assert "custom:entra_oid" not in claims
    user = app.cognito.get_user(AccessToken=tokens["AccessToken"])
    assert {one["Name"] for one in user["UserAttributes"]} == {"sub", "email", "email_verified"}


def test_an_address_that_a_person_writes_is_to_be_verified_again(app: App) -> None:
    _write(app, email="bea@elsewhere.example", name="Bea")
    claims = app.claims(_tokens(app)["IdToken"])
    assert (claims["email"], claims["email_verified"]) == ("bea@elsewhere.example", False)
    assert claims["name"] == "Bea"


def test_a_refresh_keeps_the_scopes_of_the_sign_in(app: App) -> None:
    by_page = app.tokens()
    renewed = _tokens(app, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=by_page["refresh_token"])
    assert app.claims(renewed["AccessToken"])["scope"] == "openid email profile"
    assert "RefreshToken" not in renewed


def _revoked(app: App) -> None:
    token = _tokens(app)["RefreshToken"]
    app.cognito.revoke_token(Token=token, ClientId=app.client_id)
    _tokens(app, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)


def _signed_out_by_an_administrator(app: App) -> None:
    token = _tokens(app)["RefreshToken"]
    app.cognito.admin_user_global_sign_out(UserPoolId=app.pool_id, Username="bea")
    _tokens(app, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)


def _disabled(app: App) -> None:
    token = _tokens(app)["RefreshToken"]
    app.cognito.admin_disable_user(UserPoolId=app.pool_id, Username="bea")
    _tokens(app, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)


def _forged(app: App) -> None:
    header, _, signature = _tokens(app)["RefreshToken"].split(".")
    claims = _tokens(app)["RefreshToken"].split(".")[1]
    _tokens(app, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=f"{header}.{claims}.{signature[::-1]}")


def _admin_writes(**attributes: str) -> Callable[[App], None]:
    def write(app: App) -> None:
        app.cognito.admin_update_user_attributes(
            UserPoolId=app.pool_id, Username="bea", UserAttributes=_listed(attributes)
        )

    return write


def _signs_up(app: App) -> None:
    app.cognito.sign_up(
        ClientId=app.client_id,
        Username="eve",
        Password=PASSWORD,
        UserAttributes=_listed({"custom:entra_oid": "somebody"}),
    )


def _lists(**lists: list[str]) -> Callable[[App], None]:
    return lambda app: app.change(**lists)


def _wrong_secret_hash(app: App) -> None:
    _tokens(app, USERNAME="bea", PASSWORD=PASSWORD, SECRET_HASH="x")


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        (lambda app: _tokens(app, USERNAME="bea", PASSWORD="wrong"), "Incorrect username or password"),
        (_wrong_secret_hash, "not configured for secret"),
        (_revoked, "Refresh Token has been revoked"),
        (_signed_out_by_an_administrator, "Refresh Token has been revoked"),
        (_disabled, "User is disabled"),
        (_forged, "Invalid Refresh Token"),
        (lambda app: _write(app, email_verified="true"), "write unauthorized attribute"),
        (lambda app: _write(app, custom__gone="x"), "does not exist in the schema"),
        (_admin_writes(sub="x"), "non-mutable attribute sub"),
        (_admin_writes(gone="x"), "does not exist in the schema"),
        (_signs_up, "write unauthorized attribute"),
        (_lists(WriteAttributes=["email_verified"]), "Invalid write attributes"),
        (_lists(WriteAttributes=["custom:gone"]), "Invalid write attributes"),
        (_lists(ReadAttributes=["custom:gone"]), "Invalid read attributes"),
    ],
)
def test_what_aws_refuses_is_refused(app: App, call: Callable[[App], None], refusal: str) -> None:
    with pytest.raises(ClientError, match=re.escape(refusal)):
        call(app)


def test_administrators_write_what_no_client_may(app: App) -> None:
    _admin_writes(**{"custom:entra_oid": "ada"})(app)
    record = app.cognito.admin_get_user(UserPoolId=app.pool_id, Username="bea")
    assert {"Name": "custom:entra_oid", "Value": "ada"} in record["UserAttributes"]
