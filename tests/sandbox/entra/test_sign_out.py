"""Signing out of the local Entra ID."""

import httpx
import pytest

from sandbox.entra.users import ADA
from tests.sandbox.entra.fixtures import (
    OTHER_TENANT,
    REDIRECT_URI,
    Browser,
    Registered,
    register,
    returned,
    shows,
)


def test_signing_out_of_an_unknown_tenant_is_refused(browser: Browser) -> None:
    shows(browser.http.get(f"/{OTHER_TENANT}/oauth2/v2.0/logout"), "AADSTS90002")


def test_logout_ends_the_session(browser: Browser, app: Registered) -> None:
    browser.sign_in(app, ADA.principal_name)
    stolen = browser.http.cookies["ESTSAUTH"]
    assert "You signed out" in browser.log_out().text
    assert returned(browser.authorize(app, prompt="none"))["error"] == "login_required"
    browser.http.cookies.set("ESTSAUTH", stolen)
    assert returned(browser.authorize(app, prompt="none"))["error"] == "login_required"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("url", [REDIRECT_URI, "https://portal.example/out"])
def test_logout_goes_on_to_a_registered_address(browser: Browser, url: str) -> None:
    answer = browser.log_out(post_logout_redirect_uri=url, state="s 1")
    assert answer.headers["location"] == f"{url}?state=s+1"
    assert browser.log_out(post_logout_redirect_uri=url).headers["location"] == url


def test_logout_goes_nowhere_else(browser: Browser, app: Registered, graph: httpx.Client) -> None:
    page = browser.log_out(post_logout_redirect_uri="https://evil.example/")
    assert (page.status_code, "location" in page.headers) == (200, False)
    other = register(graph, web={"redirectUris": ["https://other.example/cb"]})
    fields = {"post_logout_redirect_uri": "https://other.example/cb", "client_id": app.client_id}
    assert "location" not in browser.log_out(**fields).headers
    assert "location" in browser.log_out(**fields | {"client_id": other.client_id}).headers


def test_logout_believes_the_id_token_hint_about_the_application(browser: Browser, app: Registered) -> None:
    code = browser.code_of(app, ADA.principal_name)
    hint = browser.redeem(app, code).json()["id_token"]
    fields = {"id_token_hint": hint, "post_logout_redirect_uri": REDIRECT_URI}
    assert browser.log_out(**fields).headers["location"] == REDIRECT_URI
