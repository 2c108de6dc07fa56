"""An app registration of another team: read, never changed."""

import json

from tests.conftest import SynthesizeExample
from tests.stacks.terraform_json import IDENTITY_PROVIDER, element

SECRET = "data.aws_secretsmanager_secret_version.client_secret.secret_string"


def test_with_an_existing_registration_there_is_nothing_of_azuread(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("existing-registration")
    assert list(document["terraform"]["required_providers"]) == ["aws"]
    assert list(document["provider"]) == ["aws"]
    assert "azuread" not in json.dumps({**document, "//": None})


def test_cognito_gets_the_secret_from_where_its_owner_keeps_it(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-registration")
    details = element(IDENTITY_PROVIDER, document)["provider_details"]
    assert details["client_id"] == "3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f"
    assert details["client_secret"] == f"${{jsondecode({SECRET}).client_secret}}"
    stored = element("data.aws_secretsmanager_secret_version.client_secret", document)
    assert stored["secret_id"] == "entra/contoso-signin"
    plain = synthesize_example("existing-registration", {'json_key = "client_secret"\n': ""})
    assert element(IDENTITY_PROVIDER, plain)["provider_details"]["client_secret"] == f"${{{SECRET}}}"


def test_or_from_systems_manager(synthesize_example: SynthesizeExample) -> None:
    edits = {
        'secrets_manager_secret = "entra/contoso-signin"\n': "",
        'json_key = "client_secret"\n': "",
        "#ssm_parameter": "ssm_parameter",
    }
    document = synthesize_example("existing-registration", edits)
    parameter = element("data.aws_ssm_parameter.client_secret", document)
    assert parameter["name"] == "/entra/contoso-signin/client-secret"
    assert parameter["with_decryption"] is True
    secret = element(IDENTITY_PROVIDER, document)["provider_details"]["client_secret"]
    assert secret == "${data.aws_ssm_parameter.client_secret.value}"


def test_the_owner_is_told_what_to_register(synthesize_example: SynthesizeExample) -> None:
    outputs = synthesize_example("existing-registration")["output"]
    redirect_uri = "https://contoso-handed-over.auth.us-east-1.amazoncognito.com/oauth2/idpresponse"
    assert outputs["redirect_uris"]["value"] == [redirect_uri]
    assert "client_id=3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f" in outputs["admin_consent_url"]["value"]
    # When somebody else's secret ends is not known here.
    assert not {"client_secret_end_date", "client_secrets", "next_rotation"} & set(outputs)
