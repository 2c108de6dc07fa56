"""What apps do with codes and refresh tokens: /oauth2/token and /oauth2/revoke."""

import base64

import httpx

from tests.sandbox.cognito.fixtures import (
    CALLBACK,
    CHALLENGE,
    OTHER_CALLBACK,
    PKCE,
    VERIFIER,
    App,
    MakeApp,
    refresh,
    refused,
    user_info,
)


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


def test_public_client_names_itself_and_sends_no_secret(make_app: MakeApp) -> None:
    app = make_app(public=True)
    assert app.redeem(app.code(**PKCE), code_verifier=VERIFIER).status_code == 200
    refused(app.redeem(app.code(), client_secret="guessed"), "invalid_client")


def test_code_of_another_client_is_refused(make_app: MakeApp, app: App) -> None:
    refused(make_app().redeem(app.code()), "invalid_grant")


def test_redirect_uri_must_be_the_one_of_the_request(app: App) -> None:
    answer = app.redeem(app.code(), redirect_uri=OTHER_CALLBACK)
    assert answer.json() == {"error": "unauthorized_client", "error_description": "invalid_redirect"}
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


def test_code_with_a_challenge_needs_the_verifier(app: App) -> None:
    assert app.redeem(app.code(**PKCE), code_verifier=VERIFIER).status_code == 200
    refused(app.redeem(app.code(**PKCE)), "invalid_request")
    refused(app.redeem(app.code(**PKCE), code_verifier="w" * 43), "invalid_grant")
    refused(app.redeem(app.code(**PKCE), code_verifier=CHALLENGE), "invalid_grant")


def test_verifier_without_a_challenge_is_refused(app: App) -> None:
    refused(app.redeem(app.code(), code_verifier=VERIFIER), "invalid_grant")


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


def test_refresh_token_is_bound_to_its_client_and_must_be_one(make_app: MakeApp, app: App) -> None:
    tokens = app.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"][:-4] + "AAAA", "junk"):
        refused(refresh(app, token), "invalid_grant")
    refused(refresh(make_app(), tokens["refresh_token"]), "invalid_grant")


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


def test_revoking_is_refused_as_documented(make_app: MakeApp, app: App) -> None:
    tokens = app.tokens()
    refused(revoke(app, None), "invalid_request")
    refused(revoke(app, tokens["access_token"]), "unsupported_token_type")
    assert revoke(app, "junk").status_code == 200
    refused(revoke(make_app(), tokens["refresh_token"]), "unauthorized_client")
    wrong = app.server.post("/oauth2/revoke", data={"token": "t", "client_id": app.client_id})
    refused(wrong, "invalid_client", status=401)
    app.change(EnableTokenRevocation=False)
    refused(revoke(app, tokens["refresh_token"]), "invalid_request")


def test_global_sign_out_ends_every_sign_in(app: App) -> None:
    tokens = app.tokens()
    app.cognito.admin_user_global_sign_out(UserPoolId=app.pool_id, Username="entra_ada")
    refused(refresh(app, tokens["refresh_token"]), "invalid_grant")
    assert user_info(app, tokens["access_token"]).status_code == 401


def test_machine_gets_a_token_without_anybody_signing_in(make_app: MakeApp) -> None:
    app = make_app()
    app.cognito.create_resource_server(
        UserPoolId=app.pool_id,
        Identifier="api",
        Name="api",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}],
    )
    app.change(AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["api/read"])
    answer = app.token({"grant_type": "client_credentials", "scope": "api/read"})
    assert app.claims(answer.json()["access_token"])["scope"] == "api/read"
