"""A person with a real browser: Chromium at the pages of the local Entra ID, the local Cognito and the app.

With SCREENSHOTS set to a folder, the pages are also kept there as pictures (`make screenshots`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox.entra.users import ADA, NOOR, PASSWORD, UDO, Person
from sandbox.local_clouds import APP_CLIENT
from stacks import clouds
from tests.e2e.shared_deployment import SharedDeployment


@pytest.fixture
def page(browser: Browser, deployment: SharedDeployment) -> Iterator[Page]:
    """A window of somebody who has not signed in anywhere, in a pool where nobody has."""
    deployment.forget_everybody()
    context = browser.new_context(viewport={"width": 900, "height": 640})
    yield context.new_page()
    context.close()


def _sign_in_url(deployment: SharedDeployment) -> str:
    return deployment.clouds.local_url(deployment.sign_in_url(deployment.outputs))


def _sign_out_url(deployment: SharedDeployment) -> str:
    return deployment.clouds.local_url(deployment.output("sign_out_urls")[APP_CLIENT])


def _sign_in(page: Page, deployment: SharedDeployment, person: Person) -> None:
    page.goto(_sign_in_url(deployment))
    page.locator("#username").fill(person.principal_name)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def _claim(page: Page, name: str) -> str:
    return page.locator("tr", has=page.locator(f"th:text-is('{name}')")).locator("td").inner_text()


def _keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_person_signs_in_from_the_printed_url(page: Page, deployment: SharedDeployment) -> None:
    page.goto(_sign_in_url(deployment))
    expect(page.locator("#password")).to_be_visible()  # Cognito went straight on to Entra ID
    assert page.url.startswith(deployment.clouds.entra.authority)
    _keep(page, "sign-in")
    _sign_in(page, deployment, ADA)
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()
    _keep(page, "signed-in")
    assert (_claim(page, "email"), _claim(page, "given_name"), _claim(page, "family_name")) == (
        ADA.mail,
        ADA.given_name,
        ADA.surname,
    )


def test_a_person_without_a_mail_address_arrives_without_an_email_claim(
    page: Page, deployment: SharedDeployment
) -> None:
    _sign_in(page, deployment, NOOR)
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()
    assert page.locator("th:text-is('email')").count() == 0
    assert _claim(page, "family_name") == NOOR.surname


def test_a_wrong_password_is_asked_for_again(page: Page, deployment: SharedDeployment) -> None:
    page.goto(_sign_in_url(deployment))
    page.locator("#username").fill(ADA.principal_name)
    page.locator("#password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("AADSTS50126")).to_be_visible()
    expect(page.locator("#password")).to_be_visible()


def test_a_person_who_is_not_assigned_is_told_so(page: Page, deployment: SharedDeployment) -> None:
    path = f"/servicePrincipals/{deployment.service_principal.id}"
    with deployment.patched(path, appRoleAssignmentRequired=True):
        _sign_in(page, deployment, UDO)
        expect(page.get_by_text("AADSTS50105").first).to_be_visible()
        _keep(page, "not-assigned")


def test_without_admin_consent_people_need_an_administrator(page: Page, deployment: SharedDeployment) -> None:
    with deployment.directory_restored():
        deployment.clouds.entra.directory.grants.clear()
        _sign_in(page, deployment, ADA)
        expect(page.get_by_text("AADSTS65001").first).to_be_visible()
        _keep(page, "no-consent")


def test_where_the_tenant_lets_them_people_consent_for_themselves(
    page: Page, deployment: SharedDeployment
) -> None:
    with deployment.directory_restored():
        deployment.clouds.entra.directory.grants.clear()
        deployment.clouds.entra.directory.users_may_consent = True
        try:
            _sign_in(page, deployment, ADA)
            expect(page.get_by_role("button", name="Accept")).to_be_visible()
            _keep(page, "consent")
            page.get_by_role("button", name="Accept").click()
            expect(page.get_by_role("heading", name="Signed in")).to_be_visible()
        finally:
            deployment.clouds.entra.directory.users_may_consent = False


def test_signing_out_of_both_ends_both_sessions(page: Page, deployment: SharedDeployment) -> None:
    _sign_in(page, deployment, ADA)
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()

    page.goto(_sign_in_url(deployment))  # nobody asks again
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()

    page.goto(_sign_out_url(deployment))
    expect(page.get_by_text("signed out")).to_be_visible()
    page.goto(_sign_in_url(deployment))  # Microsoft's session is still there
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()

    page.goto(_sign_out_url(deployment))
    page.goto(
        clouds.custom(deployment.clouds.entra.authority).logout_url(deployment.outputs.expected.tenant_id)
    )
    page.goto(_sign_in_url(deployment))
    expect(page.locator("#password")).to_be_visible()
