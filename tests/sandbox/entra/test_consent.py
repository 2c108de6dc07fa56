"""Who may use an application: assignment, and consent for oneself."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.entra.server import LocalEntra
from sandbox.entra.users import ADA, APP_USERS, NOOR, UDO
from tests.sandbox.entra.fixtures import (
    Browser,
    assign,
    register,
    returned,
    shows,
)


def test_unassigned_person_is_refused_where_assignment_is_required(
    browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, assignment_required=True)
    assign(graph, app, APP_USERS.oid).raise_for_status()
    assert "code" in returned(browser.sign_in(app, NOOR.principal_name))
    page = browser.sign_in(app, UDO.principal_name, prompt="login")
    shows(page, "AADSTS50105")
    assert UDO.principal_name in page.text
    silent = returned(browser.authorize(app, prompt="none"))
    assert silent["error"] == "interaction_required"
    assign(graph, app, UDO.oid).raise_for_status()
    assert "code" in returned(browser.authorize(app))


@pytest.mark.parametrize("consent", [None, "profile email", "openid profile"])
def test_permission_without_consent_is_refused(
    browser: Browser, graph: httpx.Client, consent: str | None
) -> None:
    app = register(graph, consent=consent)
    shows(browser.sign_in(app, ADA.principal_name), "AADSTS65001")
    silent = returned(browser.authorize(app, prompt="none"))
    assert silent["error"] == "interaction_required"
    assert silent["error_description"].startswith("AADSTS65001: ")


def test_consent_for_one_person_is_for_nobody_else(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent="openid")
    grants = graph.get(f"/servicePrincipals/{app.service_principal_id}/oauth2PermissionGrants").json()[
        "value"
    ]
    personal = {
        "clientId": app.service_principal_id,
        "consentType": "Principal",
        "principalId": ADA.oid,
        "resourceId": grants[0]["resourceId"],
        "scope": "profile email",
    }
    graph.post("/oauth2PermissionGrants", json=personal).raise_for_status()
    assert browser.claims_of(app, ADA.principal_name)["email"] == ADA.mail
    shows(browser.sign_in(app, UDO.principal_name, prompt="login"), "AADSTS65001")


@pytest.fixture
def own_consent(entra: LocalEntra) -> Iterator[None]:
    entra.directory.users_may_consent = True
    yield
    entra.directory.users_may_consent = False


@pytest.mark.usefixtures("own_consent")
def test_the_question_leads_to_the_terms_and_the_privacy_statement(
    browser: Browser, graph: httpx.Client
) -> None:
    info = {"termsOfServiceUrl": "https://a/terms?a&b", "privacyStatementUrl": "https://a/privacy"}
    page = browser.sign_in(register(graph, consent=None, info=info), ADA.principal_name)
    assert '<a href="https://a/terms?a&amp;b">Terms of service</a>' in page.text
    assert '<a href="https://a/privacy">Privacy statement</a>' in page.text


@pytest.mark.usefixtures("own_consent")
def test_person_who_may_consent_is_asked_once(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None)
    page = browser.sign_in(app, ADA.principal_name)
    assert "Permissions requested" in page.text
    assert "<li>openid</li>" in page.text
    assert "Privacy statement" not in page.text
    assert "code" in returned(browser.fill(page, decision="accept"))
    assert "code" in returned(browser.authorize(app))
    assert "Permissions requested" in browser.authorize(app, prompt="consent").text


@pytest.mark.usefixtures("own_consent")
def test_person_who_declines_is_sent_back_with_access_denied(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None)
    told = returned(browser.fill(browser.sign_in(app, ADA.principal_name), decision="cancel"))
    assert (told["error"], told["state"]) == ("access_denied", "st/ate")
    assert told["error_description"].startswith("AADSTS65004: ")


@pytest.mark.usefixtures("own_consent")
def test_nobody_may_consent_where_assignment_is_required(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None, assignment_required=True)
    assign(graph, app, ADA.oid).raise_for_status()
    shows(browser.sign_in(app, ADA.principal_name), "AADSTS65001")


@pytest.mark.usefixtures("own_consent")
def test_consent_form_of_another_session_is_refused(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None)
    page = browser.sign_in(app, ADA.principal_name)
    browser.sign_in(app, NOOR.principal_name, prompt="login")
    shows(browser.fill(page, decision="accept"), "AADSTS165000")
