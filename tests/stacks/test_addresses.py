"""A changed Terraform address destroys the object behind it and makes another: these are the addresses."""

from pathlib import Path

import pytest
from cdktf import App
from cdktf_cdktf_provider_aws.cognito_user_pool import CognitoUserPool

from stacks.entra_cognito import EntraCognitoStack
from stacks.settings.files import load
from tests.conftest import EXAMPLES, TODAY, Synthesize, SynthesizeExample
from tests.stacks.terraform_json import addresses

SMALLEST = {
    "aws_cognito_identity_provider.entra",
    "aws_cognito_user_pool.users",
    "aws_cognito_user_pool_client.web",
    "aws_cognito_user_pool_domain.prefix",
    "azuread_application.sign_in",
    "azuread_application_password.sign_in_1",
    "azuread_service_principal.sign_in",
    "azuread_service_principal_delegated_permission_grant.microsoft_graph",
    "data.azuread_client_config.deployer",
    "data.azuread_service_principal.microsoft_graph",
}
CONSENT = {
    "azuread_service_principal_delegated_permission_grant.microsoft_graph",
    "data.azuread_service_principal.microsoft_graph",
}
IN_ENTRA = {address for address in SMALLEST if "azuread" in address}
GROUPS_BY_NAME = {
    "data.azuread_groups.by_id",
    "data.azuread_groups.by_name",
    "data.azuread_users.by_id",
    "terraform_data.principals_by_name",
}
PEOPLE_BY_NAME = {
    "data.azuread_users.by_id",
    "data.azuread_users.by_name",
    "terraform_data.principals_by_name",
}
USERS = "group_app_users_364cd886"
ADMINS = "group_admins_fa956b80"
GRACE = "user_grace_fabrikam_example_ext_contoso_examp_66332cbe"

# What an example has more than the smallest environment, and what it has not.
DIFFERENCES: dict[str, tuple[set[str], set[str]]] = {
    "apps": (
        {
            "aws_cognito_resource_server.orders",
            "aws_cognito_user_pool_client.phone",
            "aws_cognito_user_pool_client.spa",
        },
        set(),
    ),
    "assigned": (
        {
            f"azuread_app_role_assignment.sign_in_{USERS}",
            f"azuread_app_role_assignment.sign_in_{GRACE}",
            *PEOPLE_BY_NAME,
            *GROUPS_BY_NAME,
        },
        set(),
    ),
    "branding": ({"aws_cognito_managed_login_branding.web"}, set()),
    "china": (set(), set()),
    "custom-domain": (
        {"aws_cognito_user_pool_domain.custom", "aws_route53_record.custom_domain"},
        set(),
    ),
    "customers": (
        {
            "aws_cognito_identity_provider.tenant_adatum",
            "aws_cognito_identity_provider.tenant_fabrikam",
            "aws_cognito_user_pool_client.adatum",
            "aws_cognito_user_pool_client.backoffice",
        },
        set(),
    ),
    "existing-registration": ({"data.aws_secretsmanager_secret_version.client_secret"}, IN_ENTRA),
    "existing-user-pool": (
        {"data.aws_cognito_user_pool.users", "data.aws_cognito_user_pool_client.portal"},
        {"aws_cognito_user_pool.users", "aws_cognito_user_pool_domain.prefix"},
    ),
    "groups": (
        {
            f"azuread_app_role_assignment.sign_in_{ADMINS}",
            f"azuread_app_role_assignment.sign_in_{USERS}",
            *GROUPS_BY_NAME,
        },
        set(),
    ),
    # Its second stack is in test_bootstrap.py.
    "pipeline": (set(), set()),
    "personal-accounts": (
        {"aws_cognito_identity_provider.tenant_personal"},
        {"aws_cognito_identity_provider.entra", *CONSENT},
    ),
    "roles": (
        {
            "aws_cloudwatch_log_group.groups_in_tokens",
            "aws_iam_role.groups_in_tokens",
            "aws_iam_role_policy.groups_in_tokens",
            "aws_lambda_function.groups_in_tokens",
            "aws_lambda_permission.groups_in_tokens",
            f"azuread_app_role_assignment.role_admin_{ADMINS}",
            f"azuread_app_role_assignment.role_user_{USERS}",
            f"azuread_app_role_assignment.role_user_{GRACE}",
            *PEOPLE_BY_NAME,
            *GROUPS_BY_NAME,
        },
        set(),
    ),
    "us-government": (set(), set()),
    "without-mailbox": (set(), set()),
}


def test_the_smallest_environment_has_these_addresses(synthesize: Synthesize) -> None:
    assert addresses(synthesize()) == SMALLEST


def test_every_example_has_its_addresses_here() -> None:
    assert set(DIFFERENCES) == {path.stem for path in EXAMPLES.glob("*.toml")}


@pytest.mark.parametrize("example", DIFFERENCES)
def test_an_example_has_these_addresses(synthesize_example: SynthesizeExample, example: str) -> None:
    more, less = DIFFERENCES[example]
    assert less <= SMALLEST
    assert addresses(synthesize_example(example)) == SMALLEST - less | more


def test_names_that_people_choose_do_not_enter_the_addresses(synthesize: Synthesize, minimal: str) -> None:
    named = minimal.replace("[cognito]", '[cognito]\nprovider_name = "contoso"\nuser_pool_name = "people"')
    named = named.replace("[entra]", '[entra]\ndisplay_name = "Contoso portal"')
    assert addresses(synthesize(named)) == addresses(synthesize())


def test_each_client_has_the_address_of_its_key_and_moves_no_other(
    synthesize: Synthesize, minimal: str
) -> None:
    before = addresses(synthesize())
    after = addresses(
        synthesize(
            '[clients.app]\ntype = "mobile"\ncallback_urls = ["myapp://callback"]\n' + minimal,
        )
    )
    assert after == {*before, "aws_cognito_user_pool_client.app"}


def test_each_assignment_has_the_address_of_its_principal(synthesize: Synthesize, minimal: str) -> None:
    principal = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    settings = minimal.replace(
        "[entra]", f'[entra]\nassignment_required = true\nassigned_principals = ["{principal}"]'
    )
    assert f"azuread_app_role_assignment.sign_in_{principal}" in addresses(synthesize(settings))


def test_each_secret_generation_has_an_address_of_its_own_for_ever(
    synthesize: Synthesize, minimal: str
) -> None:
    first = addresses(synthesize())
    second = addresses(synthesize(minimal + "\n[entra.secret]\ngeneration = 2\n"))
    third = addresses(synthesize(minimal + "\n[entra.secret]\ngeneration = 3\n"))
    settled = "terraform_data.sign_in_{}_settled"
    assert second - first == {"azuread_application_password.sign_in_2", settled.format(2)}
    assert first - second == set()
    assert third - second == {"azuread_application_password.sign_in_3", settled.format(3)}
    assert second - third == {"azuread_application_password.sign_in_1", settled.format(2)}


@pytest.mark.parametrize("id_", ["pool", "aws_cognito_user_pool.second", "aws_cognito_user_poolXusers"])
def test_an_element_without_an_address_of_the_table_is_refused(
    tmp_path: Path, minimal: str, id_: str
) -> None:
    (tmp_path / "dev.toml").write_text(minimal)
    stack = EntraCognitoStack(App(outdir=str(tmp_path)), load(tmp_path / "dev.toml"), today=TODAY)
    CognitoUserPool(stack, id_, name="another")
    with pytest.raises(RuntimeError, match=f"The construct dev/{id_} has no Terraform address"):
        stack.to_terraform()
