"""The code flow of the local Entra ID: requests, the form, sessions."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.entra.server import LocalEntra
from sandbox.entra.users import ADA, DIANA, GRACE, NOOR, PEOPLE
from tests.sandbox.entra.fixtures import (
    CHALLENGE,
    OTHER_TENANT,
    REDIRECT_URI,
    TENANT,
    VERIFIER,
    Browser,
    Registered,
    register,
    returned,
    shows,
)


def test_code_flow_with_secret_and_pkce_gives_a_token_that_the_served_keys_confirm(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    page = browser.authorize(app, code_challenge=CHALLENGE, code_challenge_method="S256")
    assert page.is_success
    answer = returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))
    assert answer["state"] == "st/ate"
    tokens = browser.redeem(app, answer["code"], code_verifier=VERIFIER).raise_for_status()
    assert tokens.headers["cache-control"] == "no-store"
    claims = browser.id_claims(tokens.json()["id_token"])
    assert claims["iss"] == f"{entra.authority}/{TENANT}/v2.0"
    assert (claims["aud"], claims["nonce"], claims["ver"]) == (app.client_id, "n-0nce", "2.0")
    assert (claims["oid"], claims["tid"]) == (ADA.oid, TENANT)
    assert claims["iat"] <= time.time() < claims["exp"]
    assert claims["exp"] - claims["iat"] == 70 * 60
    assert claims["name"] == "Ada Lovelace"
    assert claims["preferred_username"] == ADA.principal_name
    assert (claims["email"], claims["given_name"], claims["family_name"]) == (ADA.mail, "Ada", "Lovelace")
    assert claims["xms_edov"] is True
    assert "email_verified" not in claims
    bearer = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    info = browser.http.get("/oidc/userinfo", headers=bearer).raise_for_status().json()
    assert (info["sub"], info["email"], info["name"]) == (claims["sub"], ADA.mail, "Ada Lovelace")
    assert browser.http.post("/oidc/userinfo", headers=bearer).json() == info
    assert browser.http.get("/v1.0/users", headers=bearer).status_code == 403


def test_unknown_application_is_an_error_page(browser: Browser, app: Registered) -> None:
    shows(browser.authorize(app, client_id=OTHER_TENANT), "AADSTS700016")
    shows(browser.authorize(app, client_id=None), "AADSTS900144")


def test_application_without_service_principal_is_unknown(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    graph.delete(f"/servicePrincipals/{app.service_principal_id}").raise_for_status()
    shows(browser.authorize(app), "AADSTS700016")


def test_disabled_application_is_an_error_page(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    graph.patch(f"/servicePrincipals/{app.service_principal_id}", json={"accountEnabled": False})
    shows(browser.authorize(app), "AADSTS7000112")


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        REDIRECT_URI + "/",
        REDIRECT_URI + "?x=1",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("https", "http"),
        REDIRECT_URI.replace("portal.example", "portal.example:443"),
        "http://user@localhost/cb",
        None,
    ],
)
def test_redirect_uri_that_is_not_registered_is_an_error_page_and_never_a_redirect(
    browser: Browser, app: Registered, uri: str | None
) -> None:
    page = browser.authorize(app, redirect_uri=uri)
    shows(page, "AADSTS50011")
    assert "location" not in page.headers


def test_application_without_redirect_uris_is_an_error_page(browser: Browser, graph: httpx.Client) -> None:
    shows(browser.authorize(register(graph, web={})), "AADSTS500113")


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type", "AADSTS700054"),
        ({"response_type": "code token"}, "unsupported_response_type", "AADSTS700051"),
        ({"response_type": "colour"}, "unsupported_response_type", "AADSTS70005"),
        ({"response_type": None}, "invalid_request", "AADSTS900144"),
        ({"scope": None}, "invalid_request", "AADSTS900144"),
        ({"scope": "profile"}, "invalid_scope", "AADSTS70011"),
        ({"scope": "openid Mail.Read"}, "invalid_client", "AADSTS650053"),
        ({"response_mode": "form_post"}, "invalid_request", "AADSTS90023"),
        ({"prompt": "nicely"}, "invalid_request", "AADSTS90023"),
        ({"prompt": "none login"}, "invalid_request", "AADSTS90023"),
        ({"code_challenge": "short"}, "invalid_request", "AADSTS50147"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S1"}, "invalid_request", "AADSTS90023"),
        ({"prompt": "none"}, "login_required", "AADSTS50058"),
    ],
)
def test_other_mistakes_are_told_to_the_application(
    browser: Browser, app: Registered, changes: dict[str, Any], error: str, code: str
) -> None:
    answer = browser.authorize(app, **changes)
    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    told = returned(answer)
    assert (told["error"], told["state"]) == (error, "st/ate")
    assert told["error_description"].startswith(f"{code}: ")


def test_id_token_in_the_front_channel_is_not_served_even_when_the_registration_allows_it(
    browser: Browser, graph: httpx.Client
) -> None:
    web = {"redirectUris": [REDIRECT_URI], "implicitGrantSettings": {"enableIdTokenIssuance": True}}
    told = returned(browser.authorize(register(graph, web=web), response_type="id_token"))
    assert told["error_description"].startswith("AADSTS70005: ")


def test_request_may_come_by_post(browser: Browser, app: Registered) -> None:
    fields = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile email",
    }
    page = browser.http.post(f"/{TENANT}/oauth2/v2.0/authorize", data=fields)
    assert "code" in returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))


def test_fragment_brings_the_answer_behind_the_hash(browser: Browser, app: Registered) -> None:
    answer = browser.sign_in(app, ADA.principal_name, response_mode="fragment")
    assert parse_qs(urlsplit(answer.headers["location"]).fragment)["state"] == ["st/ate"]


def test_query_of_the_redirect_uri_is_kept(browser: Browser, graph: httpx.Client) -> None:
    uri = f"{REDIRECT_URI}?tenant=1"
    app = register(graph, web={"redirectUris": [uri]})
    answer = browser.sign_in(app, ADA.principal_name, redirect_uri=uri)
    assert answer.headers["location"].startswith(f"{uri}&code=")


def test_sign_in_form_says_what_it_is_who_can_sign_in_and_where_to(browser: Browser, app: Registered) -> None:
    page = browser.authorize(app, login_hint='ada"@contoso.example')
    assert "local stand-in for Microsoft Entra ID" in page.text
    for person in PEOPLE:
        assert person.principal_name in page.text
    assert "My Portal" in page.text
    assert 'value="ada&quot;@contoso.example"' in page.text
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "<script" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_names_are_shown_as_text_not_as_html(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, displayName="<script>alert(1)</script>")
    for page in (browser.authorize(app), browser.authorize(app, redirect_uri="<script>")):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [
        (ADA.principal_name, "wrong", "AADSTS50126"),
        (ADA.principal_name, "", "AADSTS50126"),
        ("nobody@contoso.example", "sandbox", "AADSTS50034"),
        ("", "sandbox", "AADSTS50034"),
        (DIANA.principal_name, "wrong", "AADSTS50126"),
        (DIANA.principal_name, "sandbox", "AADSTS50057"),
    ],
)
def test_wrong_sign_in_is_said_on_the_form_which_works_again(
    browser: Browser, app: Registered, username: str, password: str, code: str
) -> None:
    page = browser.sign_in(app, username, password)
    assert f"{code}:" in page.text
    assert f'value="{username}"' in page.text
    assert "wrong" not in page.text
    assert "code" in returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))


def test_form_can_be_answered_once(browser: Browser, app: Registered) -> None:
    page = browser.authorize(app)
    returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))
    shows(browser.fill(page, username=ADA.principal_name, password="sandbox"), "AADSTS165000")


def test_form_of_another_browser_is_refused(entra: LocalEntra, browser: Browser, app: Registered) -> None:
    page = browser.authorize(app)
    with Browser(entra) as other:
        shows(other.fill(page, username=ADA.principal_name, password="sandbox"), "AADSTS165000")


def test_guest_signs_in_with_the_mail_address_of_home(browser: Browser, app: Registered) -> None:
    assert browser.claims_of(app, str(GRACE.mail).upper())["oid"] == GRACE.oid


def test_second_sign_in_does_not_ask_again(browser: Browser, app: Registered) -> None:
    browser.sign_in(app, ADA.principal_name)
    assert "code" in returned(browser.authorize(app))
    assert "code" in returned(browser.authorize(app, prompt="none"))
    assert "code" in returned(browser.authorize(app, login_hint=ADA.principal_name))


@pytest.mark.parametrize(
    "changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"login_hint": NOOR.principal_name}]
)
def test_session_is_not_used_when_the_request_asks_for_somebody(
    browser: Browser, app: Registered, changes: dict[str, str]
) -> None:
    browser.sign_in(app, ADA.principal_name)
    page = browser.authorize(app, **changes)
    assert 'name="password"' in page.text
    assert "code" in returned(browser.fill(page, username=NOOR.principal_name, password="sandbox"))


def test_session_cookie_is_out_of_reach_of_scripts_and_changes_with_every_sign_in(
    browser: Browser, app: Registered
) -> None:
    answer = browser.sign_in(app, ADA.principal_name)
    cookies = answer.headers.get_list("set-cookie")
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
    first = browser.http.cookies["ESTSAUTH"]
    browser.sign_in(app, ADA.principal_name, prompt="login")
    assert browser.http.cookies["ESTSAUTH"] != first


def test_code_and_sign_out_reach_the_local_cognito(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    uri = "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse"
    app = register(graph, web={"redirectUris": [uri]})
    entra.cognito_url = "http://localhost:4566"
    try:
        answer = browser.sign_in(app, ADA.principal_name, redirect_uri=uri)
        sign_out = browser.log_out(post_logout_redirect_uri=uri)
    finally:
        entra.cognito_url = None
    assert answer.headers["location"].startswith("http://localhost:4566/oauth2/idpresponse?code=")
    assert browser.redeem(app, returned(answer)["code"], redirect_uri=uri).is_success
    assert sign_out.headers["location"] == "http://localhost:4566/oauth2/idpresponse"
