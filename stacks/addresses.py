"""Every Terraform address of the stack.

An address is a contract: Terraform destroys what is at an address that the code no longer has, and makes a
new object at the new one. A new app registration gives every person another `sub`, because Entra ID's `sub`
is pairwise per application, and Cognito's user name is `<provider>_<sub>`: everybody would be a new user.

CDKTF derives an address from the place of the construct in the tree, so moving a line of Python would change
it. Here the id of each construct is its address, from the table below: `Application(self, APPLICATION, …)`.
The stack takes the name from there (`EntraCognitoStack`), and refuses an element that is not in the table.
tests/stacks/test_addresses.py pins the result.

In braces: `client`, `server`, `tenant` and `role` are keys of tables in the settings file, `generation`
counts the client secrets, and `principal` is an object id or what `principal_by_name` gives.
"""

import hashlib
import re

from stacks import bootstrap_addresses
from stacks.settings.tenants import HOME

# Entra ID
APPLICATION = "azuread_application.sign_in"
SERVICE_PRINCIPAL = "azuread_service_principal.sign_in"
CLIENT_SECRETS = "azuread_application_password.sign_in_{generation}"
PROPAGATION_DELAY = "terraform_data.sign_in_{generation}_settled"
ADMIN_CONSENT = "azuread_service_principal_delegated_permission_grant.microsoft_graph"
DEFAULT_ACCESS = "azuread_app_role_assignment.sign_in_{principal}"
ROLE_ASSIGNMENT = "azuread_app_role_assignment.role_{role}_{principal}"
DEPLOYER = "data.azuread_client_config.deployer"
MICROSOFT_GRAPH = "data.azuread_service_principal.microsoft_graph"
USERS_BY_NAME = "data.azuread_users.by_name"
GROUPS_BY_NAME = "data.azuread_groups.by_name"
USERS_BY_ID = "data.azuread_users.by_id"
GROUPS_BY_ID = "data.azuread_groups.by_id"
APPLICATIONS_BY_ID = "data.azuread_service_principals.by_id"
PRINCIPALS_BY_NAME = "terraform_data.principals_by_name"
PRINCIPALS_BY_ID = "terraform_data.principals_by_id"
PARAMETER_STORE = "data.aws_ssm_parameter.client_secret"
SECRETS_MANAGER = "data.aws_secretsmanager_secret_version.client_secret"

# Cognito
USER_POOL = "aws_cognito_user_pool.users"
EXISTING_USER_POOL = "data.aws_cognito_user_pool.users"
PREFIX_DOMAIN = "aws_cognito_user_pool_domain.prefix"
CUSTOM_DOMAIN = "aws_cognito_user_pool_domain.custom"
CUSTOM_DOMAIN_RECORD = "aws_route53_record.custom_domain"
HOME_IDENTITY_PROVIDER = "aws_cognito_identity_provider.entra"
TENANT_IDENTITY_PROVIDER = "aws_cognito_identity_provider.tenant_{tenant}"
RESOURCE_SERVER = "aws_cognito_resource_server.{server}"
APP_CLIENT = "aws_cognito_user_pool_client.{client}"
EXISTING_APP_CLIENT = "data.aws_cognito_user_pool_client.{client}"
BRANDING = "aws_cognito_managed_login_branding.{client}"

# The groups trigger
GROUPS_FUNCTION = "aws_lambda_function.groups_in_tokens"
GROUPS_FUNCTION_LOGS = "aws_cloudwatch_log_group.groups_in_tokens"
GROUPS_FUNCTION_ROLE = "aws_iam_role.groups_in_tokens"
GROUPS_FUNCTION_POLICY = "aws_iam_role_policy.groups_in_tokens"
GROUPS_FUNCTION_PERMISSION = "aws_lambda_permission.groups_in_tokens"
# A folder beside the Terraform JSON. The function's `filename` has it, so another folder would update the
# function in every deployment.
GROUPS_FUNCTION_FOLDER = "assets.cognito_pool_groups_in_tokens_code_28F1A8BB"

_TABLE = [
    value
    for name, value in [*globals().items(), *vars(bootstrap_addresses).items()]
    if name.isupper() and "." in value
]
_KNOWN = re.compile("|".join(re.sub(r"\\{\w+\\}", r"[\\w-]+", re.escape(address)) for address in _TABLE))


def name(construct_path: str) -> str:
    """The name with which Terraform's JSON has an element: the part after the last dot of its address.

    Raises:
        ValueError: the construct's id is not an address of this module.
    """
    address = construct_path.rpartition("/")[2]
    if not _KNOWN.fullmatch(address):
        raise ValueError(
            f"The construct {construct_path} has no Terraform address: add one to stacks/addresses.py, and"
            " make it the construct's id."
        )
    return address.rpartition(".")[2]


def identity_provider(key: str) -> str:
    """The address of an identity provider by the tenant's key, so that no other tenant moves it."""
    return HOME_IDENTITY_PROVIDER if key == HOME else TENANT_IDENTITY_PROVIDER.format(tenant=key)


def instance(address: str) -> str:
    """The address of the object itself: an assignment has a count, which is 0 when its person is gone."""
    return f"{address}[0]" if address.startswith("azuread_app_role_assignment.") else address


def principal_by_name(kind: str, name: str) -> str:
    """A user or group whom the settings name, as a part of an address: recognizable, and no one else's."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
    return f"{kind}_{words}_{hashlib.sha256(name.lower().encode()).hexdigest()[:8]}"
