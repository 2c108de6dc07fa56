"""/login as a person meets it: choice of providers, email address, user name and password."""

from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

from tests.sandbox.cognito.fixtures import (
    App,
    MakeApp,
    at_callback,
    fill,
    on_error_page,
)


@pytest.fixture
def choice(make_app: MakeApp) -> App:
    """A client with a provider and local accounts, and a local account."""
    app = make_app(SupportedIdentityProviders=["entra", "COGNITO"])
    cognito = app.cognito
    for name in ("bea", "tom"):
        cognito.admin_create_user(UserPoolId=app.pool_id, Username=name, TemporaryPassword="Temp0rary!")
    cognito.admin_set_user_password(
        UserPoolId=app.pool_id, Username="bea", Password="Passw0rd!", Permanent=True
    )
    return app


def test_page_has_a_button_for_each_enabled_provider_and_a_form_for_local_accounts(choice: App) -> None:
    details = choice.provider.details()
    for name in ("second", "not-enabled"):
        choice.cognito.create_identity_provider(
            UserPoolId=choice.pool_id, ProviderName=name, ProviderType="OIDC", ProviderDetails=details
        )
    choice.change(SupportedIdentityProviders=["entra", "second", "COGNITO"])
    page = choice.login(login_hint="bea")
    soup = BeautifulSoup(page.text, "html.parser")
    buttons = {link.get_text(): str(link["href"]) for link in soup.find_all("a")}
    assert list(buttons) == ["Continue with entra", "Continue with second"]
    assert page.status_code == 200
    username: Any = soup.find("input", {"name": "username"})
    assert username["value"] == "bea"
    # Each button carries the whole request on.
    there = choice.browser.get(buttons["Continue with entra"])
    assert there.headers["Location"].startswith(choice.provider.url)
    assert at_callback(choice.back(there)).keys() == {"code"}


def with_second_provider(app: App, *identifiers: str, local: bool = False) -> None:
    app.cognito.create_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="second",
        ProviderType="OIDC",
        ProviderDetails=app.provider.details(authorize_url=f"{app.provider.url}/second"),
        IdpIdentifiers=list(identifiers),
    )
    app.change(SupportedIdentityProviders=["entra", "second", *(["COGNITO"] if local else [])])


def test_two_providers_without_local_accounts_are_a_choice_without_a_form(choice: App) -> None:
    choice.cognito.update_identity_provider(
        UserPoolId=choice.pool_id, ProviderName="entra", IdpIdentifiers=[]
    )
    with_second_provider(choice)
    page = choice.login()
    assert page.status_code == 200
    assert "<form" not in page.text


def by_email(app: App, page: httpx.Response, email: str) -> httpx.Response:
    return fill(app, page, corporate_email=email)


@pytest.mark.parametrize(
    ("email", "there"),
    [
        ("ada@contoso.example", "/authorize"),
        ("Ada@Contoso.Example", "/authorize"),
        (" bob@fabrikam.example ", "/second"),
        ("bob@fabrikam.co.example", "/second"),
    ],
)
def test_email_address_finds_the_provider_by_its_domain(choice: App, email: str, there: str) -> None:
    with_second_provider(choice, "Fabrikam.example", "fabrikam.co.example")
    answer = by_email(choice, choice.login(nonce="n"), email)
    assert answer.headers["Location"].startswith(f"{choice.provider.url}{there}?")
    assert at_callback(choice.back(answer)).keys() == {"code"}


@pytest.mark.parametrize("email", ["eve@elsewhere.example", "eve@", "contoso.example", ""])
def test_email_address_of_no_provider_is_said_so_on_the_page(choice: App, email: str) -> None:
    with_second_provider(choice, local=True)
    page = by_email(choice, choice.login(), email)
    soup = BeautifulSoup(page.text, "html.parser")
    alert: Any = soup.find(role="alert")
    assert "email address of that domain" in alert.text
    typed: Any = soup.find("input", {"name": "corporate_email"})
    assert (typed["value"], typed["aria-invalid"]) == (email, "true")
    other: Any = soup.find("input", {"name": "username"})
    assert "aria-invalid" not in other.attrs


def test_email_address_must_come_from_the_browser_that_was_asked_for_it(choice: App) -> None:
    with_second_provider(choice)
    page = choice.login()
    choice.browser = choice.new_browser()
    assert on_error_page(by_email(choice, page, "ada@contoso.example")) == "Something went wrong"


def test_single_provider_is_not_asked_for_by_email(choice: App) -> None:
    assert "corporate_email" not in choice.login().text


def test_page_may_not_be_framed_and_is_not_stored(choice: App) -> None:
    page = choice.login()
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_local_account_signs_in_on_the_page(choice: App) -> None:
    answer = fill(choice, choice.login(nonce="n"), username="bea", password="Passw0rd!")
    tokens = choice.redeem(at_callback(answer)["code"]).json()
    claims = choice.claims(tokens["id_token"])
    assert (claims["cognito:username"], claims["nonce"]) == ("bea", "n")
    assert "identities" not in claims


def test_identity_provider_cognito_shows_the_form(choice: App) -> None:
    assert 'name="password"' in choice.authorize(identity_provider="COGNITO").text


def test_wrong_password_stays_on_the_page(choice: App) -> None:
    for name, password in (("bea", "wrong"), ("nobody", "Passw0rd!")):
        page = fill(choice, choice.login(), username=name, password=password)
        assert page.status_code == 200
        assert "Incorrect username or password." in page.text
        assert password not in page.text


def test_temporary_password_must_be_changed(choice: App) -> None:
    page = fill(choice, choice.login(), username="tom", password="Temp0rary!")
    assert "Change your password" in page.text
    page = fill(choice, page, new_password="short", confirm_password="short")
    assert "did not conform with policy" in page.text
    page = fill(choice, page, new_password="Passw0rd!", confirm_password="Passw0rd?")
    assert "do not match" in page.text
    answer = fill(choice, page, new_password="Passw0rd!", confirm_password="Passw0rd!")
    assert choice.redeem(at_callback(answer)["code"]).status_code == 200
    again = fill(choice, page, new_password="Passw0rd?", confirm_password="Passw0rd?")
    assert on_error_page(again) == "Something went wrong"


def test_form_must_come_back_from_the_browser_it_was_shown_in(choice: App) -> None:
    page = choice.login()
    choice.browser = choice.new_browser()
    answer = fill(choice, page, username="bea", password="Passw0rd!")
    assert on_error_page(answer) == "Something went wrong"


def test_client_without_local_accounts_takes_no_password(choice: App) -> None:
    page = choice.login()
    choice.change(SupportedIdentityProviders=["entra"])
    answer = fill(choice, page, username="bea", password="Passw0rd!")
    assert "Login option" in on_error_page(answer)


def test_federated_user_has_no_password(choice: App) -> None:
    choice.federated()
    choice.browser.cookies.clear()
    page = fill(choice, choice.login(), username="entra_ada", password="")
    assert page.status_code == 200
    assert 'role="alert"' in page.text
