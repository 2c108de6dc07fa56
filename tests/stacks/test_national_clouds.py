"""National clouds, as Terraform reads them.

No sign-in goes with them: the local clouds have no GovCloud and none of Microsoft's national clouds, where
nothing but the hosts is different, and these come from `stacks/clouds.py`.
"""

import json
from urllib.parse import urlsplit

import pytest

from tests.conftest import SynthesizeExample, TerraformJson

TENANT = "11111111-1111-4111-8111-111111111111"

DOD = {'cloud = "usgovernment"': 'cloud = "dod"'}

CLOUDS = pytest.mark.parametrize(
    ("example", "edits", "environment", "login", "graph"),
    [
        ("us-government", {}, "usgovernment", "login.microsoftonline.us", "graph.microsoft.us"),
        ("us-government", DOD, "dod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        (
            "china",
            {},
            "china",
            "login.partner.microsoftonline.cn",
            "microsoftgraph.chinacloudapi.cn",
        ),
    ],
    ids=["us-government", "dod", "china"],
)


def _hosts(document: TerraformJson) -> set[str]:
    """Every host that the JSON names."""
    words = json.dumps({part: document[part] for part in ("resource", "output")}).split('"')
    return {urlsplit(word).netloc for word in words if word.startswith("https://")}


@CLOUDS
def test_everything_of_entra_id_is_at_the_hosts_of_its_cloud(  # noqa: PLR0917 - a row of the table
    synthesize_example: SynthesizeExample,
    example: str,
    edits: dict[str, str],
    environment: str,
    login: str,
    graph: str,
) -> None:
    document = synthesize_example(example, edits)
    assert document["provider"]["azuread"] == [{"tenant_id": TENANT, "environment": environment}]
    details = document["resource"]["aws_cognito_identity_provider"]["entra"]["provider_details"]
    at = f"https://{login}/{TENANT}"
    assert {name: details[name] for name in details if name.endswith(("url", "uri", "issuer"))} == {
        "oidc_issuer": f"{at}/v2.0",
        "authorize_url": f"{at}/oauth2/v2.0/authorize",
        "token_url": f"{at}/oauth2/v2.0/token",
        "jwks_uri": f"{at}/discovery/v2.0/keys",
        "attributes_url": f"https://{graph}/oidc/userinfo",
    }
    assert document["output"]["admin_consent_url"]["value"].startswith(f"{at}/adminconsent?")
    microsofts = {host for host in _hosts(document) if "microsoft" in host or "chinacloud" in host}
    assert microsofts == {login, graph}


def test_govcloud_has_hosts_of_its_own_for_the_sign_in_domain(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("us-government")
    host = "contoso-gov.auth-fips.us-gov-west-1.amazoncognito.com"
    outputs = {name: output["value"] for name, output in document["output"].items()}
    assert document["provider"]["aws"][0]["region"] == "us-gov-west-1"
    assert outputs["domain"] == host
    assert outputs["redirect_uri"] == f"https://{host}/oauth2/idpresponse"
    assert outputs["sign_in_urls"]["web"].startswith(f"https://{host}/login?")
    assert outputs["issuer"].startswith("https://cognito-idp.us-gov-west-1.amazonaws.com/")
    registration = document["resource"]["azuread_application"]["sign_in"]
    assert registration["web"]["redirect_uris"] == [outputs["redirect_uri"]]


def test_no_arn_of_another_part_of_aws_is_written_out(synthesize_example: SynthesizeExample) -> None:
    """ARNs come from the resources: `arn:aws:` is not how they begin in GovCloud."""
    groups = {
        'domain_prefix = "contoso-gov"': 'domain_prefix = "contoso-gov"\ngroups_from = "roles"',
        'cloud = "usgovernment"': 'cloud = "usgovernment"\nassignment_required = true\n'
        '[entra.app_roles.user]\ngroups = ["App Users"]',
    }
    document = synthesize_example("us-government", groups)
    assert "aws_lambda_function" in document["resource"]
    assert "arn:aws" not in json.dumps(document["resource"])


def test_people_of_the_china_cloud_sign_in_to_an_ordinary_region(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("china")
    assert document["output"]["domain"]["value"] == "contoso-china.auth.ap-southeast-1.amazoncognito.com"
