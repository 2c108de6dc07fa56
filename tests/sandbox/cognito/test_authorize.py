"""Where a sign-in begins and ends: /oauth2/authorize, /login, the session, /logout."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

from sandbox.aws import LocalAws
from tests.sandbox.cognito.fixtures import (
    CALLBACK,
    LOGOUT,
    OTHER_CALLBACK,
    REGION,
    App,
    FakeProvider,
    make_app,
    query,
    shown_to_person,
    started,
    told_to_app,
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with started(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def app(aws: LocalAws, provider: FakeProvider) -> App:
    return make_app(aws, provider)


def both(app: App, **changes: str | None) -> list[httpx.Response]:
    """/login takes the parameters of /oauth2/authorize, and checks the same."""
    return [app.login(**changes), app.authorize(**changes)]


# What is refused, and who hears of it


def test_unknown_client_is_told_to_the_person_only(app: App) -> None:
    for client_id in ("nobody", None):
        for answer in both(app, client_id=client_id):
            assert shown_to_person(answer) == "Client does not exist"


@pytest.mark.parametrize(
    "elsewhere", [CALLBACK + "/", CALLBACK.upper(), CALLBACK + "?a=b", "https://evil.example/callback"]
)
def test_callback_url_must_match_letter_for_letter(app: App, elsewhere: str) -> None:
    for answer in both(app, redirect_uri=elsewhere):
        assert shown_to_person(answer) == "redirect_mismatch"
        assert query(answer)["client_id"] == app.client_id


def test_error_page_has_status_400_and_escapes_what_it_shows(app: App) -> None:
    page = app.browser.get("/error", params={"error": "<script>redirect_mismatch"})
    assert page.status_code == 400
    assert "An error was encountered with the requested page." in page.text
    assert "&lt;script&gt;redirect_mismatch" in page.text
    assert "<script" not in page.text


def test_missing_callback_url_falls_back_to_the_default_of_a_client_with_one_provider(app: App) -> None:
    assert shown_to_person(app.login(redirect_uri=None)) == "Required parameters missing"
    app.change(
        DefaultRedirectURI=CALLBACK,
        SupportedIdentityProviders=["entra"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    assert app.login(redirect_uri=None).headers["Location"].startswith(app.provider.url)


def test_pool_without_a_domain_has_no_sign_in(app: App) -> None:
    cognito = app.cognito
    domain = cognito.describe_user_pool(UserPoolId=app.pool_id)["UserPool"]["Domain"]
    cognito.delete_user_pool_domain(UserPoolId=app.pool_id, Domain=domain)
    assert "has no domain" in shown_to_person(app.login())


@pytest.mark.parametrize(
    ("changes", "described"),
    [
        ({"response_type": None}, None),
        ({"response_type": "id_token"}, None),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"scope": "openid offline_access"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": "x" * 43}, "code_challenge_method must be S256"),
        (
            {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
            "code_challenge_method must be S256",
        ),
        ({"code_challenge_method": "S256"}, "code_challenge is required with code_challenge_method"),
    ],
)
def test_wrong_request_is_told_to_the_app(
    app: App, changes: dict[str, str | None], described: str | None
) -> None:
    expected = {"error": "invalid_request"} | ({} if described is None else {"error_description": described})
    for answer in both(app, **changes):
        assert told_to_app(answer) == expected


def test_implicit_grant_must_be_allowed_and_is_answered_in_the_fragment(app: App) -> None:
    answer = app.login(response_type="token")
    assert answer.headers["Location"].startswith(f"{CALLBACK}#error_description=unauthorized_client&state=")


def test_client_without_oauth_is_told_to_the_app(aws: LocalAws, provider: FakeProvider) -> None:
    app = make_app(aws, provider, AllowedOAuthFlowsUserPoolClient=False)
    assert told_to_app(app.login())["error_description"] == "Client is not enabled for OAuth2.0 flows"


def test_authorize_takes_get_only(app: App) -> None:
    assert app.browser.post("/oauth2/authorize", data=app.fields()).status_code == 405


# The way to the provider


def test_authorize_without_a_provider_goes_to_login_with_the_same_parameters(app: App) -> None:
    answer = app.authorize(nonce="n")
    assert answer.headers["Location"].startswith("/login?")
    assert query(answer) == app.fields(nonce="n")


def test_client_with_one_provider_and_no_local_accounts_goes_straight_there(app: App) -> None:
    assert app.login().headers["Location"].startswith(f"{app.provider.url}/authorize?")


def test_what_cognito_asks_of_the_provider(app: App) -> None:
    asked = query(app.authorize(identity_provider="entra", nonce="from-app"))
    assert asked.pop("state") != "st/ate&"
    assert asked == {
        "response_type": "code",
        "client_id": "cognito-at-provider",
        "redirect_uri": f"https://{prefix_host(app)}/oauth2/idpresponse",
        "scope": "openid profile",
        "nonce": "from-app",
    }


def test_cognito_makes_a_nonce_of_its_own(app: App) -> None:
    assert len(query(app.login())["nonce"]) > 20


def test_login_hint_and_prompt_go_on_to_the_provider(app: App) -> None:
    asked = query(app.login(login_hint="ada@contoso.example", prompt="select_account"))
    assert (asked["login_hint"], asked["prompt"]) == ("ada@contoso.example", "select_account")


def test_provider_is_found_by_its_identifier(app: App) -> None:
    answer = app.authorize(idp_identifier="contoso.example")
    assert answer.headers["Location"].startswith(app.provider.url)


@pytest.mark.parametrize(
    "wanted",
    [
        {"identity_provider": "nobody"},
        {"identity_provider": "ENTRA"},
        {"identity_provider": "COGNITO"},
        {"idp_identifier": "fabrikam.example"},
    ],
)
def test_provider_that_does_not_exist_is_no_login_option(app: App, wanted: dict[str, str | None]) -> None:
    assert shown_to_person(app.authorize(**wanted)) == (
        "Login option is not available. Please try another one"
    )


def test_provider_that_the_client_does_not_enable_is_no_login_option(app: App) -> None:
    app.change(
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlowsUserPoolClient=True,
        CallbackURLs=[CALLBACK],
    )
    said = "Login option is not available. Please try another one"
    assert shown_to_person(app.authorize(identity_provider="entra")) == said
    assert shown_to_person(app.authorize(idp_identifier="contoso.example")) == said


def test_client_without_any_provider_has_no_login_option(aws: LocalAws, provider: FakeProvider) -> None:
    app = make_app(aws, provider, SupportedIdentityProviders=[])
    assert "Login option" in shown_to_person(app.login())


def test_provider_of_another_kind_is_refused_in_plain_words(aws: LocalAws, provider: FakeProvider) -> None:
    app = make_app(aws, provider)
    app.cognito.create_identity_provider(
        UserPoolId=app.pool_id, ProviderName="adfs", ProviderType="SAML", ProviderDetails={"MetadataURL": "x"}
    )
    app.change(SupportedIdentityProviders=["adfs"])
    assert "SAML providers are not part" in shown_to_person(app.login())


def test_endpoints_that_are_not_given_are_discovered(aws: LocalAws, provider: FakeProvider) -> None:
    details = provider.details()
    for name in ("authorize_url", "token_url", "attributes_url", "jwks_uri"):
        del details[name]
    app = make_app(aws, provider, details=details)
    assert "code" in query(app.federated())


# The page


@pytest.fixture
def choice(aws: LocalAws, provider: FakeProvider) -> App:
    """A client with a provider and local accounts, and a local account."""
    app = make_app(aws, provider, SupportedIdentityProviders=["entra", "COGNITO"])
    cognito = app.cognito
    for name in ("bea", "tom"):
        cognito.admin_create_user(UserPoolId=app.pool_id, Username=name, TemporaryPassword="Temp0rary!")
    cognito.admin_set_user_password(
        UserPoolId=app.pool_id, Username="bea", Password="Passw0rd!", Permanent=True
    )
    return app


def fill(app: App, page: httpx.Response, **typed: str) -> httpx.Response:
    form: Any = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input")}
    return app.browser.post(form["action"], data=fields | typed)


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
    assert told_to_app(choice.back(there)).keys() == {"code"}


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
    assert told_to_app(choice.back(answer)).keys() == {"code"}


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
    assert shown_to_person(by_email(choice, page, "ada@contoso.example")) == "Something went wrong"


def test_single_provider_is_not_asked_for_by_email(choice: App) -> None:
    assert "corporate_email" not in choice.login().text


# The hosts


def custom_domain(app: App, host: str) -> None:
    app.cognito.create_user_pool_domain(
        UserPoolId=app.pool_id,
        Domain=host,
        CustomDomainConfig={"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c"},
    )


def test_provider_sends_the_browser_back_to_the_custom_domain_if_there_is_one(app: App) -> None:
    custom_domain(app, "login.one.example")
    sent = app.login()
    there = "https://login.one.example/oauth2/idpresponse"
    assert query(sent)["redirect_uri"] == there
    assert told_to_app(app.back(sent)).keys() == {"code"}
    (asked,) = (form for _, path, form in app.provider.calls if path == "/token")
    assert asked["redirect_uri"] == there


def test_request_to_the_prefix_domain_comes_back_to_it_in_spite_of_a_custom_domain(app: App) -> None:
    (host,) = app.aws.domain_hosts(REGION) & {prefix_host(app)}
    custom_domain(app, "login.two.example")
    app.browser.headers["Host"] = host
    sent = app.login()
    there = f"https://{host}/oauth2/idpresponse"
    assert query(sent)["redirect_uri"] == there
    del app.browser.headers["Host"]
    app.back(sent)
    (asked,) = (form for _, path, form in app.provider.calls if path == "/token")
    assert asked["redirect_uri"] == there
    assert {host, "login.two.example"} <= app.aws.domain_hosts(REGION)


def prefix_host(app: App) -> str:
    prefix = app.cognito.describe_user_pool(UserPoolId=app.pool_id)["UserPool"]["Domain"]
    return f"{prefix}.auth.{REGION}.amazoncognito.com"


def test_page_may_not_be_framed_and_is_not_stored(choice: App) -> None:
    page = choice.login()
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_local_account_signs_in_on_the_page(choice: App) -> None:
    answer = fill(choice, choice.login(nonce="n"), username="bea", password="Passw0rd!")
    tokens = choice.redeem(told_to_app(answer)["code"]).json()
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
    assert choice.redeem(told_to_app(answer)["code"]).status_code == 200
    again = fill(choice, page, new_password="Passw0rd?", confirm_password="Passw0rd?")
    assert shown_to_person(again) == "Something went wrong"


def test_form_must_come_back_from_the_browser_it_was_shown_in(choice: App) -> None:
    page = choice.login()
    choice.browser = choice.new_browser()
    answer = fill(choice, page, username="bea", password="Passw0rd!")
    assert shown_to_person(answer) == "Something went wrong"


def test_client_without_local_accounts_takes_no_password(choice: App) -> None:
    page = choice.login()
    choice.change(SupportedIdentityProviders=["entra"])
    answer = fill(choice, page, username="bea", password="Passw0rd!")
    assert "Login option" in shown_to_person(answer)


def test_federated_user_has_no_password(choice: App) -> None:
    choice.federated()
    choice.browser.cookies.clear()
    page = fill(choice, choice.login(), username="entra_ada", password="")
    assert page.status_code == 200
    assert 'role="alert"' in page.text


# The session at the browser


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


def test_session_is_not_for_another_pool(app: App, aws: LocalAws, provider: FakeProvider) -> None:
    app.federated()
    other = make_app(aws, provider)
    other.browser = app.browser
    assert other.login().headers["Location"].startswith(provider.url)


@pytest.mark.parametrize("prompt", ["login", "select_account", "consent"])
def test_prompt_asks_again_in_spite_of_the_session(app: App, prompt: str) -> None:
    app.federated()
    assert query(app.login(prompt=prompt))["prompt"] == prompt


def test_prompt_none_is_silent_or_login_required(app: App) -> None:
    for wanted in ({}, {"identity_provider": "entra"}):
        app.browser.cookies.clear()
        ask = app.authorize if wanted else app.login
        assert told_to_app(ask(prompt="none", **wanted)) == {"error": "login_required"}
        app.federated()
        assert told_to_app(ask(prompt="none", **wanted)).keys() == {"code"}


def test_session_of_a_disabled_or_deleted_user_signs_nobody_in(app: App) -> None:
    cognito = app.cognito
    app.federated()
    cognito.admin_disable_user(UserPoolId=app.pool_id, Username="entra_ada")
    assert app.login().headers["Location"].startswith(app.provider.url)
    assert told_to_app(app.federated())["error_description"] == "User is disabled."
    cognito.admin_delete_user(UserPoolId=app.pool_id, Username="entra_ada")
    assert app.login().headers["Location"].startswith(app.provider.url)


# Signing out


def log_out(app: App, **fields: str) -> httpx.Response:
    return app.browser.get("/logout", params={"client_id": app.client_id} | fields)


def test_logout_ends_the_session_and_goes_to_the_registered_address(app: App) -> None:
    app.federated()
    kept = app.browser.cookies["cognito"]
    assert log_out(app, logout_uri=LOGOUT).headers["Location"] == LOGOUT
    assert "cognito" not in app.browser.cookies
    app.browser.cookies.set("cognito", kept)
    assert app.login().headers["Location"].startswith(app.provider.url)


def test_logout_address_must_match_letter_for_letter_or_nothing_ends(app: App) -> None:
    app.federated()
    for elsewhere in (LOGOUT + "/", CALLBACK, "https://evil.example/"):
        assert shown_to_person(log_out(app, logout_uri=elsewhere)) == "redirect_mismatch"
    assert app.login().headers["Location"].startswith(CALLBACK)


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
    assert shown_to_person(log_out(app)) == "Required String parameter 'redirect_uri' is not present"
    assert shown_to_person(log_out(app, redirect_uri=CALLBACK)) == "Required parameters missing"
    assert (
        shown_to_person(log_out(app, redirect_uri="https://evil.example/", response_type="code"))
        == "redirect_mismatch"
    )
    assert shown_to_person(log_out(app, client_id="nobody", logout_uri=LOGOUT)) == "Client does not exist"
