"""What each example has at which Terraform addresses, for ever: another address is another object."""

import pytest

from tests.conftest import EXAMPLES, SynthesizeExample, TerraformJson

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
            f"data.azuread_group.{USERS}",
            f"data.azuread_user.{GRACE}",
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
            f"data.azuread_group.{ADMINS}",
            f"data.azuread_group.{USERS}",
        },
        set(),
    ),
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
            f"data.azuread_group.{ADMINS}",
            f"data.azuread_group.{USERS}",
            f"data.azuread_user.{GRACE}",
        },
        set(),
    ),
    "us-government": (set(), set()),
    "without-mailbox": (set(), set()),
}


def _addresses(document: TerraformJson) -> set[str]:
    resources = {f"{kind}.{name}" for kind, found in document["resource"].items() for name in found}
    data = {f"data.{kind}.{name}" for kind, found in document.get("data", {}).items() for name in found}
    return resources | data


def test_every_example_has_its_addresses_here() -> None:
    assert set(DIFFERENCES) == {path.stem for path in EXAMPLES.glob("*.toml")}


@pytest.mark.parametrize("example", DIFFERENCES)
def test_an_example_has_these_addresses(synthesize_example: SynthesizeExample, example: str) -> None:
    more, less = DIFFERENCES[example]
    assert less <= SMALLEST
    assert _addresses(synthesize_example(example)) == SMALLEST - less | more
