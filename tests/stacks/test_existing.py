"""What exists and belongs to somebody else: read, checked before anything is made, never changed."""

import json

from tests.conftest import SynthesizeExample, TerraformJson

SECRET = "data.aws_secretsmanager_secret_version.client_secret.secret_string"


def _data(document: TerraformJson, kind: str, name: str) -> TerraformJson:
    data: TerraformJson = document["data"][kind][name]
    return data


def _provider_details(document: TerraformJson) -> dict[str, str]:
    details: dict[str, str] = document["resource"]["aws_cognito_identity_provider"]["entra"][
        "provider_details"
    ]
    return details


# A user pool


def test_an_existing_pool_is_read_and_not_made(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-user-pool")
    made = set(document["resource"])
    assert not {"aws_cognito_user_pool", "aws_cognito_user_pool_domain", "aws_lambda_function"} & made
    assert _data(document, "aws_cognito_user_pool", "users")["user_pool_id"] == "us-east-1_aB3dE5fG7"
    # By reference to what is read: so everything waits for its checks.
    reference = "${data.aws_cognito_user_pool.users.user_pool_id}"
    for kind, name in (("aws_cognito_identity_provider", "entra"), ("aws_cognito_user_pool_client", "web")):
        assert document["resource"][kind][name]["user_pool_id"] == reference


def test_the_existing_domain_is_the_one_that_people_and_entra_id_use(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("existing-user-pool")
    host = "contoso-shared.auth.us-east-1.amazoncognito.com"
    assert document["output"]["domain"]["value"] == host
    assert document["resource"]["azuread_application"]["sign_in"]["web"]["redirect_uris"] == [
        f"https://{host}/oauth2/idpresponse"
    ]


def test_a_pool_that_does_not_fit_the_mapping_stops_the_plan(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-user-pool")
    conditions = _data(document, "aws_cognito_user_pool", "users")["lifecycle"]["postcondition"]
    mapped = '["custom:entra_oid", "custom:entra_tid", "email", "family_name", "given_name"]'
    immutable = "[for one in self.schema_attributes : one.name if !one.mutable]"
    required = '[for one in self.schema_attributes : one.name if one.required && one.name != "sub"]'
    assert [condition["condition"] for condition in conditions] == [
        f"${{length(setsubtract({mapped}, self.schema_attributes[*].name)) == 0}}",
        f"${{length(setintersection({mapped}, {immutable})) == 0}}",
        f"${{length(setsubtract({required}, {mapped})) == 0}}",
    ]
    messages = [condition["error_message"] for condition in conditions]
    for message, says, instead in zip(
        messages,
        (
            "lacks attributes of the mapping: ",
            "never changes these attributes: ",
            "requires attributes that are",
        ),
        (
            "add-custom-attributes --user-pool-id us-east-1_aB3dE5fG7",
            "map another attribute.",
            "Add each to [",
        ),
        strict=True,
    ):
        assert message.startswith("The user pool us-east-1_aB3dE5fG7 ")
        assert says in message
        assert instead in message


# An app client


def test_an_existing_client_is_read_and_not_made(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-user-pool")
    assert list(document["resource"]["aws_cognito_user_pool_client"]) == ["web"]
    portal = _data(document, "aws_cognito_user_pool_client", "portal")
    assert portal["client_id"] == "1h57kf5cpq17m0eml12v2b6k8s"
    ids = document["output"]["client_ids"]["value"]
    assert ids["portal"] == "${data.aws_cognito_user_pool_client.portal.client_id}"
    assert "aws_cognito_managed_login_branding" not in document["resource"]


def test_a_client_that_cannot_be_signed_in_at_stops_the_plan(synthesize_example: SynthesizeExample) -> None:
    portal = _data(synthesize_example("existing-user-pool"), "aws_cognito_user_pool_client", "portal")
    conditions = portal["lifecycle"]["postcondition"]
    has = {
        "callback_urls": '["https://portal.contoso.example/callback"]',
        "allowed_oauth_scopes": '["openid", "profile", "email"]',
        "allowed_oauth_flows": '["code"]',
        "write_attributes": '["custom:entra_oid", "custom:entra_tid"]',
    }
    *stated, readable = [condition["condition"] for condition in conditions]
    assert stated == [
        f"${{length(setsubtract({values}, self.{attribute})) == 0}}" for attribute, values in has.items()
    ]
    # A client that says nothing of what it may read may read both.
    assert readable == (
        "${length(self.read_attributes) == 0 || "
        'length(setsubtract(["email", "email_verified"], self.read_attributes)) == 0}'
    )
    for condition in conditions:
        assert condition["error_message"].startswith(
            "The app client 1h57kf5cpq17m0eml12v2b6k8s ([clients.portal]) "
        )
        assert "Have its owner add them" in condition["error_message"]


def test_a_client_that_lets_nobody_in_yet_is_a_warning_since_only_its_owner_can_change_that(
    synthesize_example: SynthesizeExample,
) -> None:
    (check,) = synthesize_example("existing-user-pool")["check"].items()
    assert check[0] == "app_client_portal"
    enabled = "data.aws_cognito_user_pool_client.portal.supported_identity_providers"
    missing = f'setsubtract(["contoso-entra"], {enabled})'
    assert check[1]["assert"]["condition"] == f"${{length({missing}) == 0}}"
    assert "after this deploy" in check[1]["assert"]["error_message"]


# An app registration


def test_with_an_existing_registration_there_is_nothing_of_azuread(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("existing-registration")
    assert list(document["terraform"]["required_providers"]) == ["aws"]
    assert list(document["provider"]) == ["aws"]
    assert "azuread" not in json.dumps({**document, "//": None})


def test_cognito_gets_the_secret_from_where_its_owner_keeps_it(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-registration")
    details = _provider_details(document)
    assert details["client_id"] == "3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f"
    assert details["client_secret"] == f"${{jsondecode({SECRET}).client_secret}}"
    stored = _data(document, "aws_secretsmanager_secret_version", "client_secret")
    assert stored["secret_id"] == "entra/contoso-signin"
    plain = synthesize_example("existing-registration", {'json_key = "client_secret"\n': ""})
    assert _provider_details(plain)["client_secret"] == f"${{{SECRET}}}"


def test_or_from_systems_manager(synthesize_example: SynthesizeExample) -> None:
    edits = {
        'secrets_manager_secret = "entra/contoso-signin"\n': "",
        'json_key = "client_secret"\n': "",
        "#ssm_parameter": "ssm_parameter",
    }
    document = synthesize_example("existing-registration", edits)
    parameter = _data(document, "aws_ssm_parameter", "client_secret")
    assert parameter["name"] == "/entra/contoso-signin/client-secret"
    assert parameter["with_decryption"] is True
    secret = _provider_details(document)["client_secret"]
    assert secret == "${data.aws_ssm_parameter.client_secret.value}"


def test_the_owner_is_told_what_to_register(synthesize_example: SynthesizeExample) -> None:
    outputs = synthesize_example("existing-registration")["output"]
    redirect_uri = "https://contoso-handed-over.auth.us-east-1.amazoncognito.com/oauth2/idpresponse"
    assert outputs["redirect_uris"]["value"] == [redirect_uri]
    assert "client_id=3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f" in outputs["admin_consent_url"]["value"]
    # When somebody else's secret ends is not known here.
    assert not {"client_secret_end_date", "client_secrets", "next_rotation"} & set(outputs)
