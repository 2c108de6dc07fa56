"""/logout: the end of the session at the domain, and the way from there."""

import httpx
import pytest

from tests.sandbox.cognito.fixtures import (
    CALLBACK,
    LOGOUT,
    App,
    on_error_page,
    query,
)


def log_out(app: App, **fields: str) -> httpx.Response:
    return app.browser.get("/logout", params={"client_id": app.client_id} | fields)


def test_logout_ends_the_session_and_goes_to_the_registered_address(app: App) -> None:
    app.federated()
    kept = app.browser.cookies["cognito"]
    assert log_out(app, logout_uri=LOGOUT).headers["Location"] == LOGOUT
    assert "cognito" not in app.browser.cookies
    app.browser.cookies.set("cognito", kept)
    assert app.login().headers["Location"].startswith(app.provider.url)


@pytest.mark.parametrize(
    "fields",
    [
        {"logout_uri": LOGOUT + "/"},
        {"logout_uri": CALLBACK},
        {"logout_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": LOGOUT, "id_token_hint": "x"},
        {},
    ],
)
def test_logout_without_a_registered_address_ends_the_session_on_an_error_page(
    app: App, fields: dict[str, str]
) -> None:
    app.federated()
    answer = log_out(app, **fields)
    assert answer.headers["Location"].startswith("/login?")
    page = app.browser.get(answer.headers["Location"])
    assert on_error_page(page) == "Required String parameter 'redirect_uri' is not present"
    assert app.login().headers["Location"].startswith(app.provider.url)


def test_logout_with_redirect_uri_goes_to_sign_in_again(app: App) -> None:
    app.federated()
    answer = log_out(app, redirect_uri=CALLBACK, response_type="code", state="s")
    assert answer.headers["Location"].startswith("/login?")
    assert query(answer) == {
        "client_id": app.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "state": "s",
        "scope": "openid email profile",
    }
    assert app.browser.get(answer.headers["Location"]).headers["Location"].startswith(app.provider.url)


def test_logout_needs_a_client_and_an_address(app: App) -> None:
    assert on_error_page(log_out(app, redirect_uri=CALLBACK)) == "Required parameters missing"
    assert (
        on_error_page(log_out(app, redirect_uri="https://evil.example/", response_type="code"))
        == "redirect_mismatch"
    )
    assert on_error_page(log_out(app, client_id="nobody", logout_uri=LOGOUT)) == "Client does not exist"
