"""The session at the browser: who signs in without being asked."""

import pytest

from tests.sandbox.cognito.fixtures import (
    CALLBACK,
    OTHER_CALLBACK,
    App,
    FakeProvider,
    MakeApp,
    at_callback,
    query,
)


@pytest.mark.parametrize(
    ("version", "forwarded"),
    [
        (2, {"login_hint": "ada@contoso.example", "prompt": "login select_account"}),
        (1, {"login_hint": "ada@contoso.example"}),
    ],
)
def test_login_hint_goes_on_to_the_provider_and_prompt_only_from_managed_login(
    make_app: MakeApp, version: int, forwarded: dict[str, str]
) -> None:
    app = make_app(managed_login_version=version)
    hints = {"login_hint": "ada@contoso.example", "prompt": "login select_account", "domain_hint": "contoso"}
    for answer in (app.login(**hints), app.authorize(identity_provider="entra", **hints)):
        asked = query(answer)
        assert {name: asked[name] for name in hints if name in asked} == forwarded


def test_classic_pages_take_no_notice_of_prompt(make_app: MakeApp) -> None:
    app = make_app(managed_login_version=1)
    assert app.login(prompt="none").headers["Location"].startswith(app.provider.url)
    app.federated()
    assert at_callback(app.login(prompt="login")).keys() == {"code"}


def test_second_login_within_the_hour_is_silent(app: App) -> None:
    app.federated()
    answer = app.login(nonce="second", redirect_uri=OTHER_CALLBACK)
    assert answer.headers["Location"].startswith(f"{OTHER_CALLBACK}?code=")
    tokens = app.redeem(query(answer)["code"], redirect_uri=OTHER_CALLBACK).json()
    assert app.claims(tokens["id_token"])["nonce"] == "second"


def test_session_cookie_lasts_an_hour_and_no_script_reads_it(app: App) -> None:
    cookie = app.federated().headers["Set-Cookie"]
    assert cookie.startswith("cognito=")
    assert {"HttpOnly", "Max-Age=3600", "SameSite=lax"} <= set(cookie.split("; "))


def test_session_is_for_the_other_clients_of_the_pool_that_enable_the_provider(app: App) -> None:
    app.federated()
    cognito = app.cognito
    for enabled, silent in ((["entra"], True), (["COGNITO"], False)):
        other = cognito.create_user_pool_client(
            UserPoolId=app.pool_id,
            ClientName="other",
            SupportedIdentityProviders=enabled,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid"],
            CallbackURLs=[CALLBACK],
        )["UserPoolClient"]
        answer = app.login(client_id=other["ClientId"], scope="openid")
        assert (answer.status_code == 302) is silent


def test_session_is_not_for_another_pool(make_app: MakeApp, app: App, provider: FakeProvider) -> None:
    app.federated()
    other = make_app()
    other.browser = app.browser
    assert other.login().headers["Location"].startswith(provider.url)


@pytest.mark.parametrize("prompt", ["login", "select_account", "consent"])
def test_prompt_asks_again_in_spite_of_the_session(app: App, prompt: str) -> None:
    app.federated()
    assert query(app.login(prompt=prompt))["prompt"] == prompt


def test_prompt_none_is_silent_or_login_required(app: App) -> None:
    for asked in ({}, {"identity_provider": "entra"}):
        app.browser.cookies.clear()
        ask = app.authorize if asked else app.login
        assert at_callback(ask(prompt="none", **asked)) == {"error": "login_required"}
        app.federated()
        assert at_callback(ask(prompt="none", **asked)).keys() == {"code"}


def test_session_of_a_disabled_or_deleted_user_signs_nobody_in(app: App) -> None:
    cognito = app.cognito
    app.federated()
    cognito.admin_disable_user(UserPoolId=app.pool_id, Username="entra_ada")
    assert app.login().headers["Location"].startswith(app.provider.url)
    assert at_callback(app.federated())["error_description"] == "User is disabled."
    cognito.admin_delete_user(UserPoolId=app.pool_id, Username="entra_ada")
    assert app.login().headers["Location"].startswith(app.provider.url)
