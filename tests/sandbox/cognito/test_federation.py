"""Back from the provider: /oauth2/idpresponse, the ID token, userinfo."""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from sandbox.cognito.errors import FederationError
from sandbox.cognito.identity_provider import ProviderClient, http_client
from sandbox.cognito.models import Provider
from tests.sandbox.cognito.fixtures import (
    REGION,
    App,
    FakeProvider,
    MakeApp,
    at_callback,
    failed,
    on_error_page,
    users,
)


def test_person_signs_in_and_becomes_a_user_of_the_provider(app: App) -> None:
    assert at_callback(app.federated()).keys() == {"code"}
    user = app.user()
    assert (user["Username"], user["UserStatus"]) == ("entra_ada", "EXTERNAL_PROVIDER")
    assert user["attributes"]["family_name"] == "Lovelace"
    assert '"providerName": "entra"' in user["attributes"]["identities"]
    assert users(app) == 1


def test_cognito_authenticates_in_the_body_and_names_the_domains_address(app: App) -> None:
    app.federated()
    ((_, _, form),) = [call for call in app.provider.calls if call[1] == "/token"]
    assert form["redirect_uri"].startswith("https://portal-")
    assert form["redirect_uri"].endswith(f".auth.{REGION}.amazoncognito.com/oauth2/idpresponse")
    assert {"code": "from-provider", "client_id": "cognito-at-provider"}.items() <= form.items()
    assert (form["grant_type"], form["client_secret"]) == ("authorization_code", "s3cret+/=")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_is_asked_by_the_configured_method(
    make_app: MakeApp, provider: FakeProvider, method: str
) -> None:
    app = make_app(details=provider.details(attributes_request_method=method))
    app.federated()
    assert (method, "/userinfo", {"bearer": "Bearer at"}) in provider.calls


def test_userinfo_adds_to_the_id_token(app: App) -> None:
    app.provider.user_info |= {"given_name": "Ada", "family_name": "not the ID token's"}
    app.federated()
    assert (app.user()["attributes"]["given_name"], app.user()["attributes"]["family_name"]) == (
        "Ada",
        "Lovelace",
    )


def test_state_is_good_once_and_in_the_browser_that_was_sent(app: App) -> None:
    sent = app.authorize(identity_provider="entra")
    assert at_callback(app.back(sent)).keys() == {"code"}
    assert on_error_page(app.back(sent)) == "Something went wrong"
    sent = app.authorize(identity_provider="entra")
    app.browser = app.new_browser()
    assert on_error_page(app.back(sent)) == "Something went wrong"


def test_unknown_state_is_told_to_the_person(app: App) -> None:
    answer = app.browser.get("/oauth2/idpresponse", params={"code": "c", "state": "unknown"})
    assert on_error_page(answer) == "Something went wrong"


def test_two_sign_ins_in_two_tabs_do_not_disturb_each_other(app: App) -> None:
    first, second = app.authorize(identity_provider="entra"), app.authorize(identity_provider="entra")
    assert at_callback(app.back(first)).keys() == at_callback(app.back(second)).keys() == {"code"}


def test_error_of_the_provider_goes_on_to_the_app(app: App) -> None:
    reason = {"code": None, "error": "access_denied", "error_description": "AADSTS65004: User declined"}
    answer = app.back(app.authorize(identity_provider="entra"), **reason)
    assert at_callback(answer) == {
        "error": "invalid_request",
        "error_description": "AADSTS65004: User declined",
    }
    answer = app.back(app.authorize(identity_provider="entra"), code=None, error="access_denied")
    assert at_callback(answer)["error_description"] == "access_denied"


def test_parameters_of_an_error_are_in_the_order_of_aws(app: App) -> None:
    app.provider.claims["iss"] = "x"
    location = app.federated().headers["Location"]
    assert location.endswith(
        "?error_description=Bad+id_token+issuer+x&state=st%2Fate%26&error=invalid_request"
    )


def test_refusal_of_the_token_endpoint_is_quoted_with_name_and_status(app: App) -> None:
    app.provider.token_answer = (
        401,
        {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."},
    )
    assert failed(app) == ("entra Error - 401 invalid_client AADSTS7000215: Invalid client secret provided.")
    app.provider.token_answer = (500, ["no", "object"])
    assert failed(app) == "entra Error - 500 error getting token"


def test_token_type_must_be_bearer(app: App) -> None:
    app.provider.token_answer = (200, {"id_token": "x", "access_token": "y"})
    assert failed(app) == "invalid token_type in idp oauth response"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (
            {"iss": "https://login.example/common/v2.0"},
            "Bad id_token issuer https://login.example/common/v2.0",
        ),
        ({"aud": "somebody-else"}, "Bad id_token audience somebody-else"),
        ({"aud": None}, "Bad id_token audience None"),
        ({"exp": 1}, "Bad id_token expiry"),
        ({"exp": None}, "Bad id_token expiry"),
        ({"nonce": "replayed"}, "Bad id_token nonce"),
        ({"sub": "somebody-else"}, "Bad id_token sub"),
    ],
)
def test_id_token_is_verified(app: App, claims: dict[str, Any], reason: str) -> None:
    app.provider.claims |= claims
    assert failed(app) == reason
    assert users(app) == 0


def test_issuer_is_compared_letter_for_letter(app: App) -> None:
    app.provider.claims["iss"] = f"{app.provider.url}/"
    assert failed(app) == f"Bad id_token issuer {app.provider.url}/"


def test_signature_must_be_by_a_key_of_the_providers_set(app: App) -> None:
    app.provider.key = RSAKey.generate_key(2048)
    assert failed(app) == "Bad id_token signature"
    app.provider.token_answer = (200, {"id_token": "no.jwt.atall", "token_type": "Bearer"})
    assert failed(app) == "Bad id_token signature"


def test_audience_may_be_a_list_and_a_nonce_may_be_absent(app: App) -> None:
    app.provider.claims |= {"aud": ["other", "cognito-at-provider"], "nonce": None}
    assert at_callback(app.federated()).keys() == {"code"}


def test_provider_that_is_not_there_is_a_connection_error(make_app: MakeApp, provider: FakeProvider) -> None:
    app = make_app(details=provider.details(token_url="http://localhost:1/token"))
    assert failed(app) == "Connection reset"


def test_provider_that_does_not_answer_in_time_is_a_timeout() -> None:
    """In this process, so that the wait can be shorter than AWS's."""
    with FakeProvider() as provider:
        for name, reason in (
            ("token_url", "Timeout occurred in calling IdP token endpoint"),
            ("jwks_uri", "Timeout in calling jwks uri"),
        ):
            details = provider.details(**{name: f"{provider.url}/slow"})
            entra = Provider(ProviderName="entra", ProviderType="OIDC", ProviderDetails=details)
            client = ProviderClient(
                entra, "https://portal.example/oauth2/idpresponse", http_client(seconds=2)
            )
            with pytest.raises(FederationError, match=reason):
                client.claims("code", "nonce")


def test_provider_that_is_taken_away_meanwhile_ends_the_sign_in(app: App) -> None:
    sent = app.authorize(identity_provider="entra")
    app.cognito.delete_identity_provider(UserPoolId=app.pool_id, ProviderName="entra")
    assert "Login option" in at_callback(app.back(sent))["error_description"]


@pytest.mark.parametrize("trigger", ["PreSignUp", "InboundFederation"])
def test_trigger_that_fails_ends_the_sign_in(app: App, trigger: str) -> None:
    function = f"arn:aws:lambda:{REGION}:000000000000:function:gone"
    config: Any = {
        "PreSignUp": {"PreSignUp": function},
        "InboundFederation": {"InboundFederation": {"LambdaArn": function, "LambdaVersion": "V1_0"}},
    }[trigger]
    app.cognito.update_user_pool(UserPoolId=app.pool_id, LambdaConfig=config)
    assert failed(app).startswith(f"{trigger} failed with error ")
    assert users(app) == 0


def test_key_set_without_a_usable_key_is_a_bad_signature(make_app: MakeApp, provider: FakeProvider) -> None:
    app = make_app(details=provider.details(jwks_uri=f"{provider.url}/.well-known/openid-configuration"))
    assert failed(app) == "Bad id_token signature"


def test_secret_that_is_changed_is_used_at_once(app: App) -> None:
    app.cognito.update_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="entra",
        ProviderDetails=app.provider.details(client_secret="rotated"),
    )
    app.federated()
    assert [form["client_secret"] for _, path, form in app.provider.calls if path == "/token"] == ["rotated"]
