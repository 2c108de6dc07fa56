"""What joins the two clouds: providers, state, outputs."""

import json
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, Synthesize, SynthesizeExample

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
HOST = "contoso-signin.auth.eu-central-1.amazoncognito.com"
CLIENT_ID = "${aws_cognito_user_pool_client.web.id}"
POOL_ID = "${aws_cognito_user_pool.users.id}"
ENVIRONMENTS = Path(__file__).parents[2] / "environments"


def test_the_outputs_are_what_people_need_afterwards(synthesize: Synthesize, minimal: str) -> None:
    settings = minimal + 'logout_urls = ["https://app.example.com/"]\n'
    outputs = {name: output["value"] for name, output in synthesize(settings)["output"].items()}
    del outputs["expected"]  # test_expected.py has it
    assert outputs == {
        "sign_in_urls": {
            "web": f"https://{HOST}/login?response_type=code&client_id={CLIENT_ID}"
            "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&scope=openid+profile+email"
        },
        "sign_out_urls": {
            "web": f"https://{HOST}/logout?client_id={CLIENT_ID}&logout_uri=https%3A%2F%2Fapp.example.com%2F"
        },
        "entra_sign_out_url": f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/logout",
        "domain": HOST,
        "redirect_uri": f"https://{HOST}/oauth2/idpresponse",
        "redirect_uris": [f"https://{HOST}/oauth2/idpresponse"],
        "entra_issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "entra_application_id": "${azuread_application.sign_in.client_id}",
        "entra_owners": "${tolist(azuread_application.sign_in.owners)}",
        "admin_consent_url": f"https://login.microsoftonline.com/{TENANT}/adminconsent"
        "?client_id=${azuread_application.sign_in.client_id}",
        "client_secret_end_date": "${azuread_application_password.sign_in_1.end_date}",
        "client_secrets": {
            "in_use": {
                "generation": 1,
                "key_id": "${azuread_application_password.sign_in_1.key_id}",
                "end_date": "${azuread_application_password.sign_in_1.end_date}",
            }
        },
        "user_pool_id": POOL_ID,
        "client_ids": {"web": CLIENT_ID},
        "issuer": f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL_ID}",
        "jwks_url": f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL_ID}/.well-known/jwks.json",
    }


@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.toml")))
def test_no_secret_is_among_the_outputs_of_any_shape(
    synthesize_example: SynthesizeExample, example: str
) -> None:
    outputs = json.dumps(synthesize_example(example)["output"])
    assert ".value}" not in outputs
    assert "client_secret}" not in outputs
    # Where the secret is somebody else's, it is read from one of these.
    assert "data.aws_secretsmanager_secret_version" not in outputs
    assert "data.aws_ssm_parameter" not in outputs


def test_the_secrets_value_goes_to_the_identity_provider_and_nowhere_else(synthesize: Synthesize) -> None:
    assert json.dumps(synthesize()).count("azuread_application_password.sign_in_1.value") == 1


def test_both_providers_are_bound_to_the_settings(synthesize: Synthesize, minimal: str) -> None:
    settings = minimal.replace("[entra]", 'account_id = "123456789012"\n[entra]')
    providers = synthesize(settings + '\n[tags]\nteam = "identity"\n')["provider"]
    assert providers["aws"] == [
        {
            "region": "eu-central-1",
            "allowed_account_ids": ["123456789012"],
            "default_tags": [{"tags": {"team": "identity"}}],
        }
    ]
    assert providers["azuread"] == [{"tenant_id": TENANT, "environment": "public"}]


def test_provider_versions_are_from_those_of_the_bindings_on_unless_the_settings_say_otherwise(
    synthesize: Synthesize, minimal: str
) -> None:
    required = synthesize()["terraform"]["required_providers"]
    assert (required["aws"]["version"], required["azuread"]["version"]) == ("~> 6.25", "~> 3.7")
    other = synthesize(minimal + '\n[terraform]\naws_provider_version = ">= 5.100.0, < 7.0.0"\n')
    assert other["terraform"]["required_providers"]["aws"]["version"] == ">= 5.100.0, < 7.0.0"


def test_shared_state_is_encrypted_and_locked(synthesize: Synthesize, minimal: str) -> None:
    backend = synthesize(minimal + '\n[state]\nbucket = "contoso-terraform"\n')["terraform"]["backend"]
    assert backend == {
        "s3": {
            "bucket": "contoso-terraform",
            "key": "entra-cognito/dev.tfstate",
            "region": "eu-central-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }


def test_no_backend_credentials_are_written_into_the_configuration(
    synthesize: Synthesize, minimal: str
) -> None:
    text = json.dumps(synthesize(minimal + '\n[state]\nbucket = "contoso-terraform"\n'))
    assert "access_key" not in text
    assert "secret_key" not in text


def test_nothing_needs_an_argument_that_only_one_of_the_aws_providers_knows(synthesize: Synthesize) -> None:
    document = synthesize()
    resources = [resource for kind in document["resource"].values() for resource in kind.values()]
    assert all("region" not in resource for resource in resources)  # 6.x only
    assert "aws_cognito_managed_login_branding" not in document["resource"]


@pytest.mark.parametrize("name", ["example", "sandbox"])
def test_the_environments_of_the_project_synthesize(synthesize: Synthesize, name: str) -> None:
    document = synthesize((ENVIRONMENTS / f"{name}.toml").read_text(), name)
    assert document["resource"]["azuread_application"]
