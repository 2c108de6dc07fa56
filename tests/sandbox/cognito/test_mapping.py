"""From a provider's claims to a user's attributes."""

from tests.sandbox.cognito.fixtures import (
    CUSTOM,
    MAPPED,
    App,
    FakeProvider,
    MakeApp,
    at_callback,
    failed,
    users,
)


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
    make_app: MakeApp, provider: FakeProvider
) -> None:
    app = make_app()
    app.federated()
    assert app.user()["attributes"]["email_verified"] == "false"
    app = make_app(mapping=MAPPED | {"email_verified": "xms_edov"})
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


def test_required_attribute_must_arrive(make_app: MakeApp, provider: FakeProvider) -> None:
    required = [{"Name": name, "AttributeDataType": "String", "Required": True} for name in ("email", "name")]
    app = make_app(schema=required)
    provider.claims["email"] = None
    assert failed(app) == "attributes required: [name, email]"
    assert users(app) == 0


def test_immutable_attribute_can_be_set_once_and_then_fails_even_unchanged(make_app: MakeApp) -> None:
    app = make_app(schema=[{"Name": "email", "AttributeDataType": "String", "Mutable": False}])
    assert at_callback(app.federated()).keys() == {"code"}
    assert failed(app) == "user.email: Attribute cannot be updated.\n "


def test_attribute_that_the_client_may_not_write_fails_the_sign_in(make_app: MakeApp) -> None:
    app = make_app(WriteAttributes=["family_name", "given_name"])
    assert failed(app) == "user.email: Attribute cannot be updated.\n "
    assert users(app) == 0


CUSTOM_MAPPING = MAPPED | {"custom:entra_oid": "oid"}


def test_custom_attribute_must_be_writable_explicitly(make_app: MakeApp, provider: FakeProvider) -> None:
    app = make_app(schema=[CUSTOM], mapping=CUSTOM_MAPPING)
    provider.claims["oid"] = "o-1"
    assert failed(app) == "user.custom:entra_oid: Attribute cannot be updated.\n "
    writable = ["custom:entra_oid", "email", "family_name", "given_name"]
    app = make_app(schema=[CUSTOM], mapping=CUSTOM_MAPPING, WriteAttributes=writable)
    provider.claims["oid"] = "o-1"
    app.federated()
    assert app.user()["attributes"]["custom:entra_oid"] == "o-1"


def test_value_longer_than_the_schema_allows_fails_the_sign_in(
    make_app: MakeApp, provider: FakeProvider
) -> None:
    short = CUSTOM | {"StringAttributeConstraints": {"MinLength": "0", "MaxLength": "8"}}
    app = make_app(
        schema=[short],
        mapping={"custom:entra_oid": "oid"},
        WriteAttributes=["custom:entra_oid"],
    )
    provider.claims["oid"] = "o" * 9
    assert failed(app) == "user.custom:entra_oid: String must be no longer than 8 characters.\n "
    provider.claims["oid"] = "o" * 8
    assert at_callback(app.federated()).keys() == {"code"}


def test_standard_attribute_holds_2048_characters(app: App) -> None:
    app.provider.claims["family_name"] = "L" * 2049
    assert failed(app) == "user.family_name: String must be no longer than 2048 characters.\n "


def test_attribute_that_the_pool_does_not_have_fails_the_sign_in(make_app: MakeApp) -> None:
    app = make_app(mapping={"custom:gone": "email"})
    assert failed(app) == "user.custom:gone: Attribute cannot be updated.\n "


def test_user_name_holds_128_characters(app: App) -> None:
    app.provider.claims["sub"] = app.provider.user_info["sub"] = "s" * 123
    assert "Value at 'userName' failed to satisfy constraint" in failed(app)


def test_provider_must_send_a_subject(app: App) -> None:
    app.provider.claims["sub"] = None
    app.provider.user_info = {}
    assert failed(app) == "username attribute mapping required"
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
