"""Admin consent at the local Entra ID: who may give it, what it brings about, where the browser goes then."""

import httpx
import pytest

from sandbox.entra.directory import MICROSOFT_GRAPH
from sandbox.entra.server import LocalEntra
from sandbox.entra.tenants import ADATUM, ALMA, FABRIKAM, FIONA, FRIDA, PAULA, PERSONAL
from sandbox.entra.users import ADA, ALAN, PASSWORD
from sandbox.sign_in import sign_in
from tests.sandbox.entra.fixtures import (
    OPENID_PERMISSIONS,
    REDIRECT_URI,
    TENANT,
    Browser,
    Registered,
    register,
    register_for_all,
    returned,
    shows,
)

FABRIKAM_ID, ADATUM_ID = FABRIKAM.tenant_id, ADATUM.tenant_id
SECOND_URI = "https://portal.example/consented"


@pytest.fixture
def app(graph: httpx.Client) -> Registered:
    """An application for several tenants that no customer has consented to."""
    return register_for_all(graph, web={"redirectUris": [REDIRECT_URI, SECOND_URI]})


def ask(browser: Browser, client_id: str, tenant: str = FABRIKAM_ID, **more: str) -> httpx.Response:
    return browser.http.get(f"/{tenant}/adminconsent", params={"client_id": client_id, **more})


def grants(entra: LocalEntra, tenant: str, app: Registered) -> list[tuple[str | None, str]]:
    """Whom an application may speak for in a tenant, and with which permissions."""
    directory = entra.tenants[tenant]
    client = directory.service_principal_of(app.client_id)
    return [
        (grant.principal_id, grant.scope)
        for grant in directory.grants.values()
        if client is not None and grant.client_id == client.id
    ]


def test_administrator_of_a_customer_brings_the_application_into_the_tenant(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    directory = entra.tenants[FABRIKAM_ID]
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID, state="st/ate")
    assert directory.service_principal_of(app.client_id) is None
    for text in ("My Portal", "Fabrikam", FIONA.principal_name, "<li>openid</li>", "<li>email</li>"):
        assert text in page.text
    answer = browser.fill(page, decision="accept")
    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    assert returned(answer) == {"admin_consent": "True", "tenant": FABRIKAM_ID, "state": "st/ate"}
    principal = directory.service_principal_of(app.client_id)
    assert principal is not None
    assert principal.body["appRoleAssignmentRequired"] is False
    assert grants(entra, FABRIKAM_ID, app) == [(None, "email openid profile")]
    assert grants(entra, ADATUM_ID, app) == []
    assert "code" in returned(browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID, prompt="login"))


def test_second_consent_adds_to_the_first(entra: LocalEntra, browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent="User.Read", requiredResourceAccess=OPENID_PERMISSIONS)
    for _ in range(2):
        browser.fill(browser.admin_consent(app, ALAN.principal_name, tenant=TENANT), decision="accept")
        browser.http.cookies.clear()
    assert grants(entra, TENANT, app) == [(None, "User.Read email openid profile")]


def test_administrator_of_the_home_tenant_consents_to_an_application_of_one_tenant(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, consent=None, requiredResourceAccess=OPENID_PERMISSIONS)
    page = browser.admin_consent(app, ALAN.principal_name, tenant=TENANT)
    assert returned(browser.fill(page, decision="accept"))["tenant"] == TENANT
    assert grants(entra, TENANT, app) == [(None, "email openid profile")]
    assert "code" in returned(browser.sign_in(app, ADA.principal_name, prompt="login"))


def test_administrator_who_is_signed_in_is_not_asked_again(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    browser.fill(browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID), decision="accept")
    page = ask(browser, register_for_all(graph).client_id)
    assert "Permissions requested" in page.text


def test_declining_tells_the_application_and_changes_nothing(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID, state="s")
    told = returned(browser.fill(page, decision="cancel"))
    assert (told["error"], told["admin_consent"], told["state"]) == ("access_denied", "True", "s")
    assert told["error_description"].startswith("AADSTS65004: ")
    assert entra.tenants[FABRIKAM_ID].service_principal_of(app.client_id) is None


@pytest.mark.parametrize(
    ("username", "code"),
    [
        (FRIDA.principal_name, "AADSTS90094"),
        (ALMA.principal_name, "AADSTS50020"),
        (ALAN.principal_name, "AADSTS50020"),
        (PAULA.principal_name, "AADSTS50020"),
    ],
)
def test_only_an_administrator_of_the_tenant_may_consent(
    browser: Browser, app: Registered, username: str, code: str
) -> None:
    page = browser.admin_consent(app, username, tenant=FABRIKAM_ID)
    assert page.status_code == 400
    assert f"{code}:" in page.text
    page = browser.fill(page, username=FIONA.principal_name, password=PASSWORD)
    assert "Permissions requested" in page.text


def test_person_who_is_signed_in_and_no_administrator_is_asked_for_another_account(
    browser: Browser, app: Registered
) -> None:
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID)
    browser.fill(page, decision="accept")
    browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID, prompt="login")
    assert 'name="password"' in ask(browser, app.client_id).text


def test_decision_of_a_session_that_has_ended_is_no_consent(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID)
    session = browser.http.cookies["ESTSAUTH"]
    browser.http.get(f"/{FABRIKAM_ID}/oauth2/v2.0/logout")
    shows(browser.fill(page, decision="accept"), "AADSTS165000")
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID)
    session = browser.http.cookies["ESTSAUTH"]
    browser.http.get(f"/{FABRIKAM_ID}/oauth2/v2.0/logout")
    browser.http.cookies.set("ESTSAUTH", session)
    assert returned(browser.fill(page, decision="accept"))["error"] == "access_denied"
    assert grants(entra, FABRIKAM_ID, app) == []


def test_form_of_one_tenant_is_refused_at_another(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID)
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    answer = browser.http.post(f"/{ADATUM_ID}/adminconsent", data={"ticket": ticket, "decision": "accept"})
    shows(answer, "AADSTS165000")
    assert entra.tenants[ADATUM_ID].service_principal_of(app.client_id) is None


def test_redirect_uri_may_be_another_one_that_is_registered(browser: Browser, app: Registered) -> None:
    page = browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID, redirect_uri=SECOND_URI)
    answer = browser.fill(page, decision="accept")
    assert answer.headers["location"] == f"{SECOND_URI}?admin_consent=True&tenant={FABRIKAM_ID}"


def test_request_that_is_not_right_is_an_error_page(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    shows(ask(browser, app.client_id, redirect_uri="https://evil.example/"), "AADSTS50011")
    shows(ask(browser, register_for_all(graph, web={}).client_id), "AADSTS500113")
    shows(ask(browser, ""), "AADSTS900144")
    shows(ask(browser, FABRIKAM_ID), "AADSTS700016")
    shows(ask(browser, register(graph).client_id), "AADSTS700016")
    shows(ask(browser, app.client_id, "organizations"), "AADSTS90130")
    shows(ask(browser, app.client_id, PERSONAL.tenant_id), "AADSTS500200")


@pytest.mark.parametrize(
    ("resource", "permission", "code"),
    [
        ("99999999-0000-4000-8000-000000000000", OPENID_PERMISSIONS[0]["resourceAccess"], "AADSTS650052"),
        (
            MICROSOFT_GRAPH,
            [{"id": "99999999-0000-4000-8000-000000000000", "type": "Scope"}],
            "AADSTS650054",
        ),
    ],
)
def test_permission_that_nobody_can_grant_is_an_error_page(
    browser: Browser, graph: httpx.Client, resource: str, permission: object, code: str
) -> None:
    wanted = [{"resourceAppId": resource, "resourceAccess": permission}]
    shows(ask(browser, register_for_all(graph, requiredResourceAccess=wanted).client_id), code)


def test_application_that_asks_for_nothing_is_known_in_the_tenant_and_may_nothing(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = register_for_all(graph, requiredResourceAccess=[])
    browser.fill(browser.admin_consent(app, FIONA.principal_name, tenant=FABRIKAM_ID), decision="accept")
    assert entra.tenants[FABRIKAM_ID].service_principal_of(app.client_id) is not None
    assert grants(entra, FABRIKAM_ID, app) == []


def test_scripted_browser_consents_at_the_address(entra: LocalEntra, graph: httpx.Client) -> None:
    # The redirect URI is served by nobody but this Entra ID: the way ends there, at what it does not know.
    uri = f"{entra.authority}/consented"
    app = register_for_all(graph, web={"redirectUris": [uri]})
    url = f"{entra.authority}/{FABRIKAM_ID}/adminconsent?client_id={app.client_id}"
    result = sign_in(url, FIONA.principal_name, PASSWORD)
    assert result.url == f"{uri}?admin_consent=True&tenant={FABRIKAM_ID}"
    assert grants(entra, FABRIKAM_ID, app) == [(None, "email openid profile")]
    refused = sign_in(url, FRIDA.principal_name, PASSWORD)
    assert "AADSTS90094" in refused.text
