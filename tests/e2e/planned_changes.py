"""Changes to plan, for the tests of the guard: of the settings, of the code, and by hand."""

from typing import Any

from operate.guard.impacts.entra import IMPLICIT_FLOW
from sandbox.entra.users import ADA, GRACE, NOOR
from tests.e2e.deployment import Json
from tests.e2e.planned_deployment import PlannedDeployment

POOL = "aws_cognito_user_pool.users"
PROVIDER = "aws_cognito_identity_provider.entra"
WEB = "aws_cognito_user_pool_client.web"
SPA = "aws_cognito_user_pool_client.spa"
DOMAIN = "aws_cognito_user_pool_domain.prefix"
APPLICATION = "azuread_application.sign_in"
PASSWORD = "azuread_application_password.sign_in_2"
PRINCIPAL = "azuread_service_principal.sign_in"
GRANT = "azuread_service_principal_delegated_permission_grant.microsoft_graph"
OTHER = "c0c00000-0000-4000-8000-00000000c0c0"

ASSIGNED = f'assigned_principals = ["{ADA.oid}"]'

# Everything that can be taken away, or changed, in place.
TAKEN_AWAY = {
    "assignment_required = true": "assignment_required = false",
    ASSIGNED: "assigned_principals = []",
    f'owners = ["{GRACE.oid}", ': "owners = [",
    '"AzureADMultipleOrgs"': '"AzureADMyOrg"',
    '"Contoso"': '"Fabrikam"',
    ', "User.Read"]': "]",
    'optional_claims = ["email", "family_name", "given_name"]': 'optional_claims = ["email"]',
    "generation = 2": "generation = 3",
    "deletion_protection = false": "deletion_protection = true",
    "local_accounts = true": "local_accounts = false",
    'idp_identifiers = ["contoso.com"]': "idp_identifiers = []",
    '"ESSENTIALS"': '"LITE"',
    'family_name = "family_name"\ngiven_name = "given_name"\n"custom:nick" = "preferred_username"': (
        'nickname = "name"'
    ),
    "http://localhost:4000/callback": "http://localhost:4001/callback",
    'default_redirect_uri = "http://localhost:4000/callback"': (
        'default_redirect_uri = "http://localhost:4001/callback"'
    ),
    'logout_urls = ["http://localhost:3000/"]': 'logout_urls = ["http://localhost:3001/"]',
    '["openid", "profile", "email"]\naccess': '["openid", "profile", "phone"]\naccess',
    "access_token_minutes = 60": "access_token_minutes = 90",
    "id_token_minutes = 60": "id_token_minutes = 30",
    "auth_session_minutes = 3": "auth_session_minutes = 5",
}
SEEN = """
[entra.branding]
logo = "logo.png"
home_page_url = "https://a/"
support_url = "https://a/help"
privacy_statement_url = "https://a/privacy"
terms_of_service_url = "https://a/terms"
marketing_url = "https://a/app"
my_apps = true
"""

# Everything that can be added; and two clients that do not stay.
ADDED = {
    ASSIGNED: ASSIGNED.replace(ADA.oid, NOOR.oid),
    f'owners = ["{GRACE.oid}", ': f'owners = ["{GRACE.oid}", "{NOOR.oid}", ',
    '"AzureADMultipleOrgs"': '"AzureADandPersonalMicrosoftAccount"',
    "[entra.secret]": f"{SEEN}\n[entra.secret]",
    '"User.Read"]': '"User.Read", "offline_access"]',
    '"given_name"]': '"given_name", "upn"]',
    '["contoso.com"]': '["contoso.com", "contoso.example"]',
    '"custom:nick"': '"custom:login" = "upn"\n"custom:nick"',
    "[clients.spa]": "[clients.phone]",
    'type = "server"': 'type = "mobile"',
}


def delete_first(document: Json) -> None:
    """Have the old secret deleted before there is a new one; and a pool that cannot stay what it is."""
    resources = document["resource"]
    del resources["azuread_application_password"]["sign_in_2"]["lifecycle"]
    resources["aws_cognito_user_pool"]["users"]["alias_attributes"] = ["email"]


def careless_code(document: Json) -> None:
    """What no setting can do, and a change of stacks/ could."""
    resources = document["resource"]
    ignored_details(document)
    web = resources["azuread_application"]["sign_in"]["web"]
    web["implicit_grant"] = dict.fromkeys(IMPLICIT_FLOW, True)
    resources["azuread_application"]["sign_in"]["api"]["mapped_claims_enabled"] = True
    resources["aws_cognito_identity_provider"]["entra"]["attribute_mapping"]["username"] = "oid"
    client = resources["aws_cognito_user_pool_client"]["web"]
    client["write_attributes"].remove("email")
    client["supported_identity_providers"] = ["COGNITO"]
    client |= {"prevent_user_existence_errors": "LEGACY", "enable_token_revocation": False}
    client["explicit_auth_flows"] = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
    client |= {"allowed_oauth_flows": ["code", "implicit"]}
    client |= {"enable_propagate_additional_user_context_data": True}
    spa = resources["aws_cognito_user_pool_client"]["spa"]
    for name in ("allowed_oauth_flows", "allowed_oauth_scopes", "callback_urls"):
        del spa[name]
    spa["allowed_oauth_flows_user_pool_client"] = False
    resources["aws_cognito_user_pool_domain"]["prefix"]["managed_login_version"] = 2
    resources["aws_cognito_user_pool"]["users"] |= {
        "auto_verified_attributes": ["email"],
        "admin_create_user_config": {"allow_admin_create_user_only": False},
        "lambda_config": {"pre_sign_up": "arn:aws:lambda:us-east-1:000000000000:function:anybody"},
    }
    in_pool = {"user_pool_id": "${aws_cognito_user_pool.users.id}"}
    eve = {"username": "eve", **in_pool}
    resources["aws_cognito_user"] = {"eve": eve}
    resources["aws_cognito_user_group"] = {"staff": {"name": "staff", **in_pool}}
    resources["aws_cognito_user_in_group"] = {"eve": {"group_name": "staff", **eve}}
    del resources["azuread_service_principal_delegated_permission_grant"]
    document["removed"] = [{"from": GRANT, "lifecycle": {"destroy": False}}]


def ignored_details(document: Json) -> None:
    """The well-known way to lose a new secret."""
    provider = document["resource"]["aws_cognito_identity_provider"]["entra"]
    provider["lifecycle"]["ignore_changes"] = ["provider_details"]


def set_trigger(deployment: PlannedDeployment) -> None:
    """Give the pool an inbound-federation trigger, which Terraform knows nothing of."""
    deployment.cognito.update_user_pool(
        UserPoolId=deployment.attribute(POOL, "id"),
        LambdaConfig={
            "InboundFederation": {
                "LambdaVersion": "V1_0",
                "LambdaArn": "arn:aws:lambda:us-east-1:000000000000:function:inbound",
            }
        },
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )


def change_by_hand(deployment: PlannedDeployment) -> None:
    """Change what can be changed in both consoles."""
    pool_id = deployment.attribute(POOL, "id")
    client_id = deployment.attribute(WEB, "id")
    details = deployment.cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName="entra")[
        "IdentityProvider"
    ]["ProviderDetails"]
    deployment.cognito.update_identity_provider(
        UserPoolId=pool_id,
        ProviderName="entra",
        ProviderDetails=details
        | {
            "client_id": OTHER,
            "client_secret": "pasted",
            "authorize_scopes": "openid",
            "oidc_issuer": details["oidc_issuer"] + "/other",
            "token_url": details["token_url"] + "/other",
        },
    )
    client: Any = deployment.cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    known = client["UserPoolClient"]
    for name in ("ClientSecret", "CreationDate", "LastModifiedDate", "SupportedIdentityProviders"):
        known.pop(name)
    deployment.cognito.update_user_pool_client(**known, SupportedIdentityProviders=[])
    deployment.cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=deployment.attribute(SPA, "id"))
    principal = f"/servicePrincipals/{deployment.attribute(PRINCIPAL, 'object_id')}"
    with deployment.graph() as graph:
        changes = {"accountEnabled": False, "appRoleAssignmentRequired": False}
        graph.patch(principal, json=changes).raise_for_status()
        (grant,) = graph.get(f"{principal}/oauth2PermissionGrants").json()["value"]
        graph.delete(f"/oauth2PermissionGrants/{grant['id']}").raise_for_status()


def delete_by_hand(deployment: PlannedDeployment) -> None:
    """Delete the pool and the registration."""
    pool_id = deployment.attribute(POOL, "id")
    deployment.cognito.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
    deployment.cognito.delete_user_pool_domain(Domain="contoso-signin", UserPoolId=pool_id)
    deployment.cognito.delete_user_pool(UserPoolId=pool_id)
    with deployment.graph() as graph:
        graph.delete(f"/applications/{deployment.attribute(APPLICATION, 'object_id')}").raise_for_status()
