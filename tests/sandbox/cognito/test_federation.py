"""What a provider says, and what becomes of it: /oauth2/idpresponse, the ID token, the user's attributes."""

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from sandbox.aws import LocalAws
from sandbox.cognito.errors import FederationError
from sandbox.cognito.identity_provider import ProviderClient, http_client
from sandbox.cognito.models import Provider
from tests.sandbox.cognito.fixtures import (
    MAPPED,
    REGION,
    App,
    FakeProvider,
    make_app,
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


def refused(app: App) -> str:
    """The error_description of a sign-in that the app hears has failed."""
    told = told_to_app(app.federated())
    assert told.pop("error") == "invalid_request"
    assert told.keys() == {"error_description"}
    return told["error_description"]


def users(app: App) -> int:
    return len(app.cognito.list_users(UserPoolId=app.pool_id)["Users"])


# The way back


def test_person_signs_in_and_becomes_a_user_of_the_provider(app: App) -> None:
    assert told_to_app(app.federated()).keys() == {"code"}
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
    aws: LocalAws, provider: FakeProvider, method: str
) -> None:
    app = make_app(aws, provider, details=provider.details(attributes_request_method=method))
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
    assert told_to_app(app.back(sent)).keys() == {"code"}
    assert shown_to_person(app.back(sent)) == "Something went wrong"
    sent = app.authorize(identity_provider="entra")
    app.browser = app.new_browser()
    assert shown_to_person(app.back(sent)) == "Something went wrong"


def test_unknown_state_is_told_to_the_person(app: App) -> None:
    answer = app.browser.get("/oauth2/idpresponse", params={"code": "c", "state": "unknown"})
    assert shown_to_person(answer) == "Something went wrong"


def test_two_sign_ins_in_two_tabs_do_not_disturb_each_other(app: App) -> None:
    first, second = app.authorize(identity_provider="entra"), app.authorize(identity_provider="entra")
    assert told_to_app(app.back(first)).keys() == told_to_app(app.back(second)).keys() == {"code"}


def test_error_of_the_provider_goes_on_to_the_app(app: App) -> None:
    said = {"code": None, "error": "access_denied", "error_description": "AADSTS65004: User declined"}
    answer = app.back(app.authorize(identity_provider="entra"), **said)
    assert told_to_app(answer) == {
        "error": "invalid_request",
        "error_description": "AADSTS65004: User declined",
    }
    answer = app.back(app.authorize(identity_provider="entra"), code=None, error="access_denied")
    assert told_to_app(answer)["error_description"] == "access_denied"


def test_parameters_of_an_error_are_in_the_order_of_aws(app: App) -> None:
    app.provider.claims["iss"] = "x"
    location = app.federated().headers["Location"]
    assert location.endswith(
        "?error_description=Bad+id_token+issuer+x&state=st%2Fate%26&error=invalid_request"
    )


# The provider's answers


def test_refusal_of_the_token_endpoint_is_quoted_with_name_and_status(app: App) -> None:
    app.provider.token_answer = (
        401,
        {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."},
    )
    assert refused(app) == ("entra Error - 401 invalid_client AADSTS7000215: Invalid client secret provided.")
    app.provider.token_answer = (500, ["no", "object"])
    assert refused(app) == "entra Error - 500 error getting token"


def test_token_type_must_be_bearer(app: App) -> None:
    app.provider.token_answer = (200, {"id_token": "x", "access_token": "y"})
    assert refused(app) == "invalid token_type in idp oauth response"


@pytest.mark.parametrize(
    ("claims", "said"),
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
def test_id_token_is_verified(app: App, claims: dict[str, Any], said: str) -> None:
    app.provider.claims |= claims
    assert refused(app) == said
    assert users(app) == 0


def test_issuer_is_compared_letter_for_letter(app: App) -> None:
    app.provider.claims["iss"] = f"{app.provider.url}/"
    assert refused(app) == f"Bad id_token issuer {app.provider.url}/"


def test_signature_must_be_by_a_key_of_the_providers_set(app: App) -> None:
    app.provider.key = RSAKey.generate_key(2048)
    assert refused(app) == "Bad id_token signature"
    app.provider.token_answer = (200, {"id_token": "no.jwt.atall", "token_type": "Bearer"})
    assert refused(app) == "Bad id_token signature"


def test_audience_may_be_a_list_and_a_nonce_may_be_absent(app: App) -> None:
    app.provider.claims |= {"aud": ["other", "cognito-at-provider"], "nonce": None}
    assert told_to_app(app.federated()).keys() == {"code"}


def test_provider_that_is_not_there_is_a_connection_error(aws: LocalAws, provider: FakeProvider) -> None:
    app = make_app(aws, provider, details=provider.details(token_url="http://localhost:1/token"))
    assert refused(app) == "Connection reset"


def test_provider_that_does_not_answer_in_time_is_a_timeout() -> None:
    """In this process, so that the wait can be shorter than AWS's."""
    with FakeProvider() as provider:
        for name, said in (
            ("token_url", "Timeout occurred in calling IdP token endpoint"),
            ("jwks_uri", "Timeout in calling jwks uri"),
        ):
            details = provider.details(**{name: f"{provider.url}/slow"})
            entra = Provider(ProviderName="entra", ProviderType="OIDC", ProviderDetails=details)
            client = ProviderClient(
                entra, "https://portal.example/oauth2/idpresponse", http_client(seconds=0.2)
            )
            with pytest.raises(FederationError, match=said):
                client.claims("code", "nonce")


# Attributes


def test_only_mapped_claims_are_kept(app: App) -> None:
    app.provider.claims |= {
        "given_name": "Ada",
        "roles": ["admin"],
        "custom:role": "admin",
        "phone_number": "1",
    }
    app.federated()
    kept = set(app.user()["attributes"]) - {"sub", "identities"}
    assert kept == {"email", "email_verified", "family_name", "given_name"}


def test_mapped_address_is_unverified_unless_the_provider_says_otherwise(
    aws: LocalAws, provider: FakeProvider
) -> None:
    app = make_app(aws, provider)
    app.federated()
    assert app.user()["attributes"]["email_verified"] == "false"
    app = make_app(aws, provider, mapping=MAPPED | {"email_verified": "xms_edov"})
    provider.claims["xms_edov"] = True
    app.federated()
    assert app.user()["attributes"]["email_verified"] == "true"


def test_later_sign_in_updates_what_came_and_keeps_what_did_not(app: App) -> None:
    app.federated()
    sub = app.user()["attributes"]["sub"]
    app.provider.claims |= {"family_name": "King", "email": None}
    app.federated()
    attributes = app.user()["attributes"]
    assert (attributes["family_name"], attributes["email"]) == ("King", "ada@contoso.example")
    assert attributes["sub"] == sub
    assert users(app) == 1


def test_required_attribute_must_arrive(aws: LocalAws, provider: FakeProvider) -> None:
    required = [{"Name": name, "AttributeDataType": "String", "Required": True} for name in ("email", "name")]
    app = make_app(aws, provider, schema=required)
    provider.claims["email"] = None
    assert refused(app) == "attributes required: [name, email]"
    assert users(app) == 0


def test_immutable_attribute_can_be_set_once_and_then_fails_even_unchanged(
    aws: LocalAws, provider: FakeProvider
) -> None:
    app = make_app(aws, provider, schema=[{"Name": "email", "AttributeDataType": "String", "Mutable": False}])
    assert told_to_app(app.federated()).keys() == {"code"}
    assert refused(app) == "user.email: Attribute cannot be updated.\n "


def test_attribute_that_the_client_may_not_write_fails_the_sign_in(
    aws: LocalAws, provider: FakeProvider
) -> None:
    app = make_app(aws, provider, WriteAttributes=["family_name", "given_name"])
    assert refused(app) == "user.email: Attribute cannot be updated.\n "
    assert users(app) == 0


CUSTOM = {"Name": "entra_oid", "AttributeDataType": "String", "Mutable": True}
CUSTOM_MAPPING = MAPPED | {"custom:entra_oid": "oid"}


def test_custom_attribute_must_be_writable_explicitly(aws: LocalAws, provider: FakeProvider) -> None:
    app = make_app(aws, provider, schema=[CUSTOM], mapping=CUSTOM_MAPPING)
    provider.claims["oid"] = "o-1"
    assert refused(app) == "user.custom:entra_oid: Attribute cannot be updated.\n "
    writable = ["custom:entra_oid", "email", "family_name", "given_name"]
    app = make_app(aws, provider, schema=[CUSTOM], mapping=CUSTOM_MAPPING, WriteAttributes=writable)
    provider.claims["oid"] = "o-1"
    app.federated()
    assert app.user()["attributes"]["custom:entra_oid"] == "o-1"


def test_value_longer_than_the_schema_allows_fails_the_sign_in(aws: LocalAws, provider: FakeProvider) -> None:
    short = CUSTOM | {"StringAttributeConstraints": {"MinLength": "0", "MaxLength": "8"}}
    app = make_app(
        aws,
        provider,
        schema=[short],
        mapping={"custom:entra_oid": "oid"},
        WriteAttributes=["custom:entra_oid"],
    )
    provider.claims["oid"] = "o" * 9
    assert refused(app) == "user.custom:entra_oid: String must be no longer than 8 characters.\n "
    provider.claims["oid"] = "o" * 8
    assert told_to_app(app.federated()).keys() == {"code"}


def test_standard_attribute_holds_2048_characters(app: App) -> None:
    app.provider.claims["family_name"] = "L" * 2049
    assert refused(app) == "user.family_name: String must be no longer than 2048 characters.\n "


def test_attribute_that_the_pool_does_not_have_fails_the_sign_in(
    aws: LocalAws, provider: FakeProvider
) -> None:
    app = make_app(aws, provider, mapping={"custom:gone": "email"}, WriteAttributes=["custom:gone"])
    assert refused(app) == "user.custom:gone: Attribute does not exist in the schema.\n "


def test_user_name_holds_128_characters(app: App) -> None:
    app.provider.claims["sub"] = app.provider.user_info["sub"] = "s" * 123
    assert "Value at 'userName' failed to satisfy constraint" in refused(app)


def test_provider_must_send_a_subject(app: App) -> None:
    app.provider.claims["sub"] = None
    app.provider.user_info = {}
    assert refused(app) == "username attribute mapping required"
    # Cognito takes it from userinfo where the ID token has none.
    app.provider.user_info = {"sub": "eve"}
    app.federated()
    assert app.user("eve")["Username"] == "entra_eve"


def test_linked_person_signs_in_as_the_profile_they_are_linked_to(app: App) -> None:
    cognito = app.cognito
    cognito.admin_create_user(UserPoolId=app.pool_id, Username="bea")
    cognito.admin_link_provider_for_user(
        UserPoolId=app.pool_id,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "bea"},
        SourceUser={
            "ProviderName": "entra",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "ada",
        },
    )
    claims = app.claims(app.tokens()["id_token"])
    assert claims["cognito:username"] == "bea"
    assert users(app) == 1


def test_provider_that_is_taken_away_meanwhile_ends_the_sign_in(app: App) -> None:
    sent = app.authorize(identity_provider="entra")
    app.cognito.delete_identity_provider(UserPoolId=app.pool_id, ProviderName="entra")
    assert "Login option" in told_to_app(app.back(sent))["error_description"]


@pytest.mark.parametrize("trigger", ["PreSignUp", "InboundFederation"])
def test_trigger_that_fails_ends_the_sign_in(app: App, trigger: str) -> None:
    function = f"arn:aws:lambda:{REGION}:000000000000:function:gone"
    config: Any = {
        "PreSignUp": {"PreSignUp": function},
        "InboundFederation": {"InboundFederation": {"LambdaArn": function, "LambdaVersion": "V1_0"}},
    }[trigger]
    app.cognito.update_user_pool(UserPoolId=app.pool_id, LambdaConfig=config)
    assert refused(app).startswith(f"{trigger} failed with error ")
    assert users(app) == 0


def test_key_set_without_a_usable_key_is_a_bad_signature(aws: LocalAws, provider: FakeProvider) -> None:
    app = make_app(aws, provider, details=provider.details(jwks_uri=f"{provider.url}/slow"))
    assert refused(app) == "Bad id_token signature"


def test_secret_that_is_changed_is_used_at_once(app: App) -> None:
    app.cognito.update_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="entra",
        ProviderDetails=app.provider.details(client_secret="rotated"),
    )
    app.federated()
    assert [form["client_secret"] for _, path, form in app.provider.calls if path == "/token"] == ["rotated"]
