"""The identity providers: the home tenant, customers' tenants and personal accounts."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import EXAMPLES, Synthesize, SynthesizeExample, TerraformJson
from tests.stacks.terraform_json import APPLICATION, IDENTITY_PROVIDER, element

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
HOME = "11111111-1111-4111-8111-111111111111"
FABRIKAM = "22222222-2222-4222-8222-222222222222"
ADATUM = "33333333-3333-4333-8333-333333333333"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
LITWARE = "44444444-4444-4444-8444-444444444444"
WELCOME = "https://app.contoso.example/welcome"
APPLICATION_ID = "${azuread_application.sign_in.client_id}"


def _details(tenant_id: str) -> dict[str, str]:
    """What Cognito is told of a tenant: the registration's id and secret, and every endpoint."""
    at = f"https://login.microsoftonline.com/{tenant_id}"
    return {
        "client_id": APPLICATION_ID,
        "client_secret": "${azuread_application_password.sign_in_1.value}",
        "authorize_scopes": "openid profile email",
        "attributes_request_method": "POST",
        "oidc_issuer": f"{at}/v2.0",
        "authorize_url": f"{at}/oauth2/v2.0/authorize",
        "token_url": f"{at}/oauth2/v2.0/token",
        "attributes_url": "https://graph.microsoft.com/oidc/userinfo",
        "jwks_uri": f"{at}/discovery/v2.0/keys",
    }


def test_the_provider_is_fed_by_the_registration_and_states_every_endpoint(synthesize: Synthesize) -> None:
    provider = element(IDENTITY_PROVIDER, synthesize())
    assert (provider["provider_name"], provider["provider_type"]) == ("entra", "OIDC")
    assert provider["provider_details"] == _details(TENANT)


def test_a_rotated_secret_is_the_one_cognito_gets(synthesize: Synthesize, minimal: str) -> None:
    provider = element(IDENTITY_PROVIDER, synthesize(minimal + "\n[entra.secret]\ngeneration = 7\n"))
    assert provider["provider_details"]["client_secret"] == "${azuread_application_password.sign_in_7.value}"


def test_of_the_providers_details_only_the_read_only_key_is_ignored(synthesize: Synthesize) -> None:
    assert element(IDENTITY_PROVIDER, synthesize())["lifecycle"]["ignore_changes"] == [
        'provider_details["attributes_url_add_attributes"]'
    ]


def test_attributes_are_mapped_with_the_stable_keys(synthesize: Synthesize) -> None:
    assert element(IDENTITY_PROVIDER, synthesize())["attribute_mapping"] == {
        "username": "sub",
        "email": "email",
        "family_name": "family_name",
        "given_name": "given_name",
        "custom:entra_oid": "oid",
        "custom:entra_tid": "tid",
    }


def test_identifiers_are_sorted_since_terraform_compares_a_list(synthesize: Synthesize, minimal: str) -> None:
    settings = minimal.replace("[cognito]", '[cognito]\nidp_identifiers = ["b.example", "a.example"]')
    assert element(IDENTITY_PROVIDER, synthesize(settings))["idp_identifiers"] == ["a.example", "b.example"]


def _providers(document: TerraformJson) -> TerraformJson:
    providers: TerraformJson = document["resource"]["aws_cognito_identity_provider"]
    return providers


def _enabled(document: TerraformJson, client: str) -> set[str]:
    found = document["resource"]["aws_cognito_user_pool_client"][client]["supported_identity_providers"]
    return {name.removeprefix("${aws_cognito_identity_provider.").split(".")[0] for name in found}


def _tenants(document: TerraformJson) -> TerraformJson:
    tenants: TerraformJson = document["output"]["tenants"]["value"]
    return tenants


def _differences(before: Any, after: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Where two documents differ: the keys that lead there."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return set() if before == after else {path}
    return {
        found
        for key in before.keys() | after.keys()
        for found in _differences(before.get(key), after.get(key), (*path, key))
    }


def test_each_tenant_has_a_provider_of_its_own_with_its_own_issuer_and_endpoints(
    synthesize_example: SynthesizeExample,
) -> None:
    providers = _providers(synthesize_example("customers"))
    for address, name, tenant_id in (
        ("entra", "entra", HOME),
        ("tenant_fabrikam", "fabrikam", FABRIKAM),
        ("tenant_adatum", "adatum", ADATUM),
    ):
        assert providers[address]["provider_name"] == name
        assert providers[address]["provider_details"] == _details(tenant_id)


def test_a_tenant_is_found_by_its_email_domains(synthesize_example: SynthesizeExample) -> None:
    providers = _providers(synthesize_example("customers"))
    assert {address: provider["idp_identifiers"] for address, provider in providers.items()} == {
        "entra": ["contoso.example"],
        "tenant_fabrikam": ["fabrikam-labs.example", "fabrikam.example"],
        "tenant_adatum": ["adatum.example"],
    }
    without = synthesize_example("customers", {'email_domains = ["adatum.example"]\n': ""})
    assert "idp_identifiers" not in _providers(without)["tenant_adatum"]


def test_every_tenant_is_mapped_and_protected_alike(synthesize_example: SynthesizeExample) -> None:
    home, *others = _providers(synthesize_example("customers")).values()
    for provider in others:
        for what in ("attribute_mapping", "lifecycle", "provider_type", "user_pool_id"):
            assert provider[what] == home[what]


def test_another_name_in_cognito_leaves_the_address(synthesize_example: SynthesizeExample) -> None:
    named = synthesize_example(
        "customers", {"[tenants.adatum]": '[tenants.adatum]\nprovider_name = "Adatum"'}
    )
    assert _providers(named)["tenant_adatum"]["provider_name"] == "Adatum"
    assert _tenants(named)["adatum"]["provider_name"] == "Adatum"


def test_an_app_lets_in_everybody_or_the_tenants_that_it_names(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("customers")
    assert _enabled(document, "web") == {"entra", "tenant_fabrikam", "tenant_adatum"}
    assert _enabled(document, "adatum") == {"tenant_adatum"}
    assert _enabled(document, "backoffice") == {"entra"}


def test_each_administrator_consents_in_the_tenant_and_ends_up_where_the_settings_say(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("customers")
    for key, tenant_id in (("fabrikam", FABRIKAM), ("adatum", ADATUM)):
        url = _tenants(document)[key]["admin_consent_url"]
        assert url.startswith(f"https://login.microsoftonline.com/{tenant_id}/adminconsent?client_id=$")
        asked = parse_qs(urlsplit(url).query)
        assert asked == {"client_id": [APPLICATION_ID], "redirect_uri": [WELCOME]}
    # Entra ID sends a browser nowhere else.
    web = element(APPLICATION, document)["web"]
    assert WELCOME in web["redirect_uris"]


def test_each_tenants_people_get_a_link_past_the_choice_of_tenants(
    synthesize_example: SynthesizeExample,
) -> None:
    tenants = _tenants(synthesize_example("customers"))
    assert {key: set(tenant["sign_in_urls"]) for key, tenant in tenants.items()} == {
        "fabrikam": {"web"},
        "adatum": {"web", "adatum"},
    }
    url = tenants["fabrikam"]["sign_in_urls"]["web"]
    assert url.startswith("https://contoso-customers.auth.us-east-1.amazoncognito.com/oauth2/authorize?")
    asked = parse_qs(urlsplit(url).query)
    assert asked == {
        "response_type": ["code"],
        "client_id": ["${aws_cognito_user_pool_client.web.id}"],
        "redirect_uri": ["https://app.contoso.example/callback"],
        "scope": ["openid profile email"],
        "idp_identifier": ["fabrikam-labs.example"],
    }


def test_without_an_email_domain_the_link_names_the_provider(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("customers", {'email_domains = ["adatum.example"]\n': ""})
    asked = parse_qs(urlsplit(_tenants(document)["adatum"]["sign_in_urls"]["adatum"]).query)
    assert asked["identity_provider"] == ["adatum"]
    assert "idp_identifier" not in asked


@pytest.mark.parametrize("where", ["[tenants.fabrikam]", "[cognito]"], ids=["first", "last"])
def test_a_tenant_more_or_less_is_its_provider_the_lists_of_apps_and_the_outputs(
    synthesize_example: SynthesizeExample, where: str
) -> None:
    before = synthesize_example("customers")
    litware = f'[tenants.litware]\ntenant_id = "{LITWARE}"\n\n{where}'
    after = synthesize_example("customers", {where: litware})
    assert _differences(before, after) == {
        ("resource", "aws_cognito_identity_provider", "tenant_litware"),
        ("resource", "aws_cognito_user_pool_client", "web", "supported_identity_providers"),
        ("output", "tenants", "value", "litware"),
        ("output", "expected", "value", "identity_providers", "litware"),
        ("output", "expected", "value", "clients", "web", "identity_providers"),
    }


def test_the_order_of_the_tables_does_not_matter(synthesize: Synthesize) -> None:
    text = (EXAMPLES / "customers.toml").read_text()
    start, middle, end = (
        text.index(f"[{name}]") for name in ("tenants.fabrikam", "tenants.adatum", "cognito")
    )
    swapped = text[:start] + text[middle:end] + text[start:middle] + text[end:]
    differences = _differences(synthesize(text, "customers"), synthesize(swapped, "customers"))
    # To Terraform's AWS provider that one is a set.
    assert differences == {
        ("resource", "aws_cognito_user_pool_client", "web", "supported_identity_providers")
    }
    assert _enabled(synthesize(swapped, "customers"), "web") == {"entra", "tenant_fabrikam", "tenant_adatum"}


CUSTOMER = f'[tenants.fabrikam]\ntenant_id = "{FABRIKAM}"\n'

OUTLOOK = f'[tenants.personal]\ntenant_id = "{PERSONAL}"\n'


@pytest.mark.parametrize(
    ("home", "tenants", "audience"),
    [
        ("true", "", "AzureADMyOrg"),
        ("true", CUSTOMER, "AzureADMultipleOrgs"),
        ("false", CUSTOMER, "AzureADMultipleOrgs"),
        ("true", OUTLOOK, "AzureADandPersonalMicrosoftAccount"),
        ("true", CUSTOMER + OUTLOOK, "AzureADandPersonalMicrosoftAccount"),
        ("false", CUSTOMER + OUTLOOK, "AzureADandPersonalMicrosoftAccount"),
        ("false", OUTLOOK, "PersonalMicrosoftAccount"),
    ],
    ids=["home", "home and customers", "customers", "home and personal", "all", "no home", "personal"],
)
def test_the_registration_accepts_whom_the_settings_let_in_and_nobody_else(
    synthesize: Synthesize, minimal: str, home: str, tenants: str, audience: str
) -> None:
    settings = minimal.replace("[entra]", f"[entra]\nhome_accounts = {home}\nadmin_consent = {home}")
    document = synthesize(f"{settings}\n{tenants}")
    assert element(APPLICATION, document)["sign_in_audience"] == audience
    assert ("entra" in _providers(document)) is (home == "true")


def test_personal_accounts_are_in_microsofts_own_tenant(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("personal-accounts")
    (provider,) = _providers(document).values()
    assert provider["provider_name"] == "Microsoft"
    assert provider["provider_details"]["oidc_issuer"] == f"https://login.microsoftonline.com/{PERSONAL}/v2.0"
    assert document["provider"]["azuread"][0]["tenant_id"] == HOME


def test_a_registration_for_personal_accounts_keeps_no_second_secret(
    synthesize_example: SynthesizeExample,
) -> None:
    # It can have two at most, and the next one needs the second place.
    rotated = {"[tenants.personal]": "[entra.secret]\ngeneration = 2\n\n[tenants.personal]"}
    document = synthesize_example("personal-accounts", rotated)
    assert list(document["resource"]["azuread_application_password"]) == ["sign_in_2"]
    assert list(document["output"]["client_secrets"]["value"]) == ["in_use"]
