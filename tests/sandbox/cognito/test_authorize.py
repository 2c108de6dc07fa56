"""Where a sign-in begins: /oauth2/authorize, /login, and the way to the provider."""

import httpx
import pytest

from tests.sandbox.cognito.fixtures import (
    CALLBACK,
    REGION,
    App,
    FakeProvider,
    MakeApp,
    at_callback,
    on_error_page,
    query,
)


def both(app: App, **changes: str | None) -> list[httpx.Response]:
    """/login takes the parameters of /oauth2/authorize, and checks the same."""
    return [app.login(**changes), app.authorize(**changes)]


def test_unknown_client_is_told_to_the_person_only(app: App) -> None:
    for client_id in ("nobody", None):
        for answer in both(app, client_id=client_id):
            assert on_error_page(answer) == "Client does not exist"


@pytest.mark.parametrize(
    "elsewhere", [CALLBACK + "/", CALLBACK.upper(), CALLBACK + "?a=b", "https://evil.example/callback"]
)
def test_callback_url_must_match_letter_for_letter(app: App, elsewhere: str) -> None:
    for answer in both(app, redirect_uri=elsewhere):
        assert on_error_page(answer) == "redirect_mismatch"
        assert query(answer)["client_id"] == app.client_id


def test_error_page_has_status_400_and_escapes_what_it_shows(app: App) -> None:
    page = app.browser.get("/error", params={"error": "<script>redirect_mismatch"})
    assert page.status_code == 400
    assert "An error was encountered with the requested page." in page.text
    assert "&lt;script&gt;redirect_mismatch" in page.text
    assert "<script" not in page.text


def test_missing_callback_url_falls_back_to_the_default_of_a_client_with_one_provider(app: App) -> None:
    assert (
        on_error_page(app.login(redirect_uri=None))
        == "Required String parameter 'redirect_uri' is not present"
    )
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
    assert "has no domain" in on_error_page(app.login())


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
        assert at_callback(answer) == expected


def test_implicit_grant_must_be_allowed_and_is_answered_in_the_fragment(app: App) -> None:
    answer = app.login(response_type="token")
    assert answer.headers["Location"].startswith(f"{CALLBACK}#error_description=unauthorized_client&state=")


def test_client_without_oauth_is_told_to_the_app(make_app: MakeApp) -> None:
    app = make_app(AllowedOAuthFlowsUserPoolClient=False)
    assert at_callback(app.login())["error_description"] == "Client is not enabled for OAuth2.0 flows"


def test_authorize_takes_get_only(app: App) -> None:
    assert app.browser.post("/oauth2/authorize", data=app.fields()).status_code == 405


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


def test_provider_is_found_by_its_identifier(app: App) -> None:
    answer = app.authorize(idp_identifier="contoso.example")
    assert answer.headers["Location"].startswith(app.provider.url)


@pytest.mark.parametrize(
    "asked",
    [
        {"identity_provider": "nobody"},
        {"identity_provider": "ENTRA"},
        {"identity_provider": "COGNITO"},
        {"idp_identifier": "fabrikam.example"},
    ],
)
def test_provider_that_does_not_exist_is_no_login_option(app: App, asked: dict[str, str | None]) -> None:
    assert on_error_page(app.authorize(**asked)) == ("Login option is not available. Please try another one")


def test_provider_that_the_client_does_not_enable_is_no_login_option(app: App) -> None:
    app.change(
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlowsUserPoolClient=True,
        CallbackURLs=[CALLBACK],
    )
    reason = "Login option is not available. Please try another one"
    assert on_error_page(app.authorize(identity_provider="entra")) == reason
    assert on_error_page(app.authorize(idp_identifier="contoso.example")) == reason


def test_client_without_any_provider_has_no_login_option(make_app: MakeApp) -> None:
    app = make_app(SupportedIdentityProviders=[])
    assert "Login option" in on_error_page(app.login())


def test_provider_of_another_kind_is_refused_in_plain_words(make_app: MakeApp) -> None:
    app = make_app()
    app.cognito.create_identity_provider(
        UserPoolId=app.pool_id, ProviderName="adfs", ProviderType="SAML", ProviderDetails={"MetadataURL": "x"}
    )
    app.change(SupportedIdentityProviders=["adfs"])
    assert "SAML providers are not part" in on_error_page(app.login())


def test_endpoints_that_are_not_given_are_discovered(make_app: MakeApp, provider: FakeProvider) -> None:
    details = provider.details()
    for name in ("authorize_url", "token_url", "attributes_url", "jwks_uri"):
        del details[name]
    app = make_app(details=details)
    assert "code" in query(app.federated())


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
    assert at_callback(app.back(sent)).keys() == {"code"}
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
