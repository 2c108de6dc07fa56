"""The output `expected` promises what the resources are: nothing else, and nothing secret."""

import json
from pathlib import Path

import pytest

from stacks.expected import Expected
from stacks.settings.errors import SettingsError
from stacks.settings.files import load
from tests.conftest import Synthesize, SynthesizeExample, TerraformJson
from tests.stacks.terraform_json import APPLICATION, IDENTITY_PROVIDER, element

CUSTOM = """
[aws]
region = "eu-central-1"

[entra]
tenant_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
permissions = ["openid", "email", "profile", "User.Read"]
optional_claims = ["email", "given_name", "upn"]
admin_consent = true
assignment_required = true
assigned_principals = ["0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"]

[cognito]
domain_prefix = "contoso-signin"
provider_name = "microsoft"

[cognito.attribute_mapping]
email = "email"
given_name = "given_name"
"custom:upn" = "upn"

[clients.web]
type = "server"
callback_urls = ["https://app.example.com/callback", "http://localhost:3000/callback"]

[clients.spa]
type = "single_page"
callback_urls = ["http://localhost:5173/callback"]
scopes = ["openid"]

[verify]
warn_days = 45
fail_days = 14
"""


@pytest.fixture(params=["smallest", "custom"])
def document(request: pytest.FixtureRequest, synthesize: Synthesize) -> TerraformJson:
    """A stack's Terraform JSON."""
    return synthesize(CUSTOM) if request.param == "custom" else synthesize()


@pytest.fixture
def expected(document: TerraformJson) -> Expected:
    """Its promise, as `operate/` reads it."""
    return Expected.model_validate(document["output"]["expected"]["value"])


def as_whom(details: TerraformJson) -> TerraformJson:
    """As whom Cognito presents itself, which is no promise but a reference."""
    return {name: details[name] for name in ("client_id", "client_secret")}


def test_the_identity_provider_is_as_promised(document: TerraformJson, expected: Expected) -> None:
    provider = element(IDENTITY_PROVIDER, document)
    details = dict(provider["provider_details"])
    assert details.pop("client_id") == document["output"]["entra_application_id"]["value"]
    del details["client_secret"]
    assert set(expected.identity_providers) == {provider["provider_name"]}
    promised = expected.identity_providers[provider["provider_name"]]
    assert promised.details == details
    assert promised.tenant_id == document["provider"]["azuread"][0]["tenant_id"]
    assert expected.attribute_mapping == provider["attribute_mapping"]


def test_every_tenants_provider_is_as_promised(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("customers")
    promised = Expected.model_validate(document["output"]["expected"]["value"]).identity_providers
    made = {
        provider["provider_name"]: provider["provider_details"]
        for provider in document["resource"]["aws_cognito_identity_provider"].values()
    }
    assert set(promised) == set(made) == {"entra", "fabrikam", "adatum"}
    for name, details in made.items():
        assert {**promised[name].details, **as_whom(details)} == details
        assert f"/{promised[name].tenant_id}/" in details["oidc_issuer"]


def test_the_providers_of_each_app_client_are_as_promised(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("customers")
    promised = Expected.model_validate(document["output"]["expected"]["value"]).clients
    names = {
        f"${{aws_cognito_identity_provider.{address}.provider_name}}": provider["provider_name"]
        for address, provider in document["resource"]["aws_cognito_identity_provider"].items()
    }
    for key, client in document["resource"]["aws_cognito_user_pool_client"].items():
        enabled = {names[reference] for reference in client["supported_identity_providers"]}
        assert set(promised[key].identity_providers) == enabled


def test_of_an_object_of_somebody_else_nothing_is_promised_that_is_their_decision(
    synthesize_example: SynthesizeExample,
) -> None:
    theirs = synthesize_example("existing-registration")["output"]["expected"]["value"]
    assert not {"admin_consent", "assignment_required"} & set(theirs)
    clients = synthesize_example("existing-user-pool")["output"]["expected"]["value"]["clients"]
    assert {key: client["own"] for key, client in clients.items()} == {"web": True, "portal": False}


def test_the_registration_is_as_promised(document: TerraformJson, expected: Expected) -> None:
    registration = element(APPLICATION, document)
    assert expected.redirect_uris == registration["web"]["redirect_uris"]
    claims = registration["optional_claims"]["id_token"]
    assert expected.optional_claims == [claim["name"] for claim in claims]
    (access,) = registration["required_resource_access"]
    declared = {permission["id"] for permission in access["resource_access"]}
    assert set(expected.permissions.values()) == declared
    grant = element("azuread_service_principal_delegated_permission_grant.microsoft_graph", document)
    assert expected.admin_consent
    assert set(expected.permissions) == set(grant["claim_values"])
    principal = element("azuread_service_principal.sign_in", document)
    assert expected.assignment_required == principal["app_role_assignment_required"]


def test_the_app_clients_are_as_promised(document: TerraformJson, expected: Expected) -> None:
    clients = document["resource"]["aws_cognito_user_pool_client"]
    assert set(expected.clients) == set(clients)
    for key, client in clients.items():
        promised = expected.clients[key]
        assert promised.callback_urls == client["callback_urls"]
        assert promised.scopes == client["allowed_oauth_scopes"]
        assert promised.has_secret == client["generate_secret"]
        assert promised.own


@pytest.mark.parametrize("local_accounts", [False, True])
def test_what_an_app_client_may_is_as_promised(synthesize: Synthesize, *, local_accounts: bool) -> None:
    more = '[clients.local]\nlocal_accounts = true\ncallback_urls = ["https://l.example.com/"]\n'
    document = synthesize(CUSTOM + (more if local_accounts else ""))
    promised = Expected.model_validate(document["output"]["expected"]["value"]).clients
    clients = document["resource"]["aws_cognito_user_pool_client"]
    assert {key: one.limits and one.limits.local_accounts for key, one in promised.items()} == {
        key: key == "local" for key in clients
    }
    for key, client in clients.items():
        limits = promised[key].limits
        assert limits is not None
        assert limits.auth_flows == client["explicit_auth_flows"]
        assert limits.write_attributes == client["write_attributes"]
        (units,) = client["token_validity_units"]
        assert units == {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}
        assert limits.access_token_minutes == client["access_token_validity"]
        assert limits.id_token_minutes == client["id_token_validity"]
        assert limits.refresh_token_days == client["refresh_token_validity"]


@pytest.mark.parametrize("example", ["roles", "groups", "assigned"])
def test_who_may_come_in_is_as_promised(synthesize_example: SynthesizeExample, example: str) -> None:
    document = synthesize_example(example)
    access = Expected.model_validate(document["output"]["expected"]["value"]).access
    assert access is not None
    assert (access.own_pool, access.adopted_pool) == (True, False)
    promised, made = access.registration, element(APPLICATION, document)
    assert promised is not None
    assert not promised.adopted
    assert promised.sign_in_audience == made.get("sign_in_audience", "AzureADMyOrg")
    assert promised.groups_claims == made.get("group_membership_claims", [])
    assert promised.app_roles == {role["id"]: role["value"] for role in made.get("app_role", [])}
    roles = document["resource"].get("azuread_app_role_assignment", {}).values()
    assert set(promised.assigned) == {role["app_role_id"] for role in roles}
    assert sum(map(len, promised.assigned.values())) == len(roles)
    functions = list(document["resource"].get("aws_lambda_function", {}).values())
    promised_functions = [access.groups_function] if access.groups_function else []
    assert [(one.name, one.code_hash, one.environment) for one in promised_functions] == [
        (one["function_name"], one["source_code_hash"], one["environment"]["variables"]) for one in functions
    ]


def test_of_what_another_team_owns_nothing_is_promised(synthesize_example: SynthesizeExample) -> None:
    theirs = synthesize_example("existing-registration")["output"]["expected"]["value"]
    assert Expected.model_validate(theirs).access.registration is None  # type: ignore[union-attr]
    pool = Expected.model_validate(synthesize_example("existing-user-pool")["output"]["expected"]["value"])
    assert pool.access is not None
    assert not pool.access.own_pool
    assert pool.access.groups_function is None
    assert {key: one.limits is not None for key, one in pool.clients.items()} == {
        "web": True,
        "portal": False,
    }


def test_where_it_is_is_as_promised(document: TerraformJson, expected: Expected) -> None:
    providers = document["provider"]
    assert expected.region == providers["aws"][0]["region"]
    assert expected.tenant_id == providers["azuread"][0]["tenant_id"]
    assert document["output"]["entra_issuer"]["value"].startswith(expected.login_origin)
    for provider in expected.identity_providers.values():
        assert provider.details["attributes_url"].startswith(expected.graph_origin)
    domains = element("aws_cognito_user_pool_domain.prefix", document)
    assert [host.partition(".")[0] for host in expected.domains] == [domains["domain"]]


def test_nothing_secret_is_promised(document: TerraformJson) -> None:
    text = json.dumps(document["output"]["expected"])
    assert ".value}" not in text
    assert "client_secret" not in text


def test_the_thresholds_are_the_settings(synthesize: Synthesize) -> None:
    values = [synthesize(text)["output"]["expected"]["value"] for text in (CUSTOM,)]
    assert [(value["warn_days"], value["fail_days"]) for value in values] == [(45, 14)]
    value = synthesize()["output"]["expected"]["value"]
    assert (value["warn_days"], value["fail_days"]) == (30, 7)


@pytest.mark.parametrize("fail_days", [45, 50])
def test_a_check_that_fails_before_it_warns_is_refused(synthesize: Synthesize, fail_days: int) -> None:
    with pytest.raises(SettingsError, match="fail before it ever warns"):
        synthesize(CUSTOM.replace("fail_days = 14", f"fail_days = {fail_days}"))


def test_a_warning_from_the_first_day_on_is_said(synthesize: Synthesize, tmp_path: Path) -> None:
    synthesize(CUSTOM + "\n[entra.secret]\nlifetime_days = 40\n")
    said = load(tmp_path / "dev.toml").warnings
    assert [
        warning for warning in said if warning.startswith("verify.warn_days: A secret of 40 days would be")
    ]
