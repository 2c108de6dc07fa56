"""Settings of each shape of the job, to combine and to break."""

from typing import Any

from stacks.settings import GroupsClaim
from tests.stacks.settings.samples import PERSONAL_TENANT, REMOVED, SOMEBODY, with_changes

WEB = "clients.web"
CUSTOMER = "8d7e6f5a-4b3c-4d2e-9f1a-0b9c8d7e6f5a"
OTHER_CUSTOMER = "9e8f7a6b-5c4d-4e3f-8a2b-1c0d9e8f7a6b"
FABRIKAM: dict[str, Any] = {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": ["fabrikam.com"]}}
PERSONAL: dict[str, Any] = {"tenants.personal.tenant_id": PERSONAL_TENANT}
CUSTOMERS_ONLY = FABRIKAM | {"entra.home_accounts": False}
POOL: dict[str, Any] = {
    "cognito.user_pool_id": "eu-central-1_aB3dE5fG7",
    "cognito.domain_prefix": REMOVED,
    "cognito.existing_domain": "contoso-signin.auth.eu-central-1.amazoncognito.com",
}
CLIENT: dict[str, Any] = {f"{WEB}.client_id": "1h57kf5cpq17m0eml12v2b6k8s"}
REGISTRATION: dict[str, Any] = {
    "entra.registration.client_id": "3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f",
    "entra.registration.secrets_manager_secret": "entra/contoso-signin",
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"
OWN_DOMAIN: dict[str, Any] = {
    "cognito.custom_domain.host": "auth.contoso.com",
    "cognito.custom_domain.certificate_arn": CERTIFICATE,
}
BRANDED: dict[str, Any] = {
    "cognito.managed_login_version": 2,
    "cognito.branding.settings_file": "branding/settings.json",
}
LOGO = {"category": "FORM_LOGO", "file": "branding/logo.svg"}
# Everybody who can sign in has a role.
ROLES: dict[str, Any] = {
    "entra.assignment_required": True,
    "entra.app_roles.admin.groups": ["Portal administrators"],
    "entra.app_roles.user.principals": [SOMEBODY],
}
ROLES_KEPT = ROLES | {"cognito.attribute_mapping": {"custom:roles": "roles"}}
# Everybody who can sign in is in a group.
GROUPS: dict[str, Any] = {
    "entra.assignment_required": True,
    "entra.assigned_groups": ["App users"],
    "entra.groups_claim": "ids",
}
GROUPS_KEPT = GROUPS | {"cognito.attribute_mapping": {"custom:groups": "groups"}}
ORDERS: dict[str, Any] = {"resource_servers.orders.scopes": {"read": "Read orders"}}
MAPPED_ROLES = 'cognito.attribute_mapping."custom:roles"'
MAPPED_GROUPS = 'cognito.attribute_mapping."custom:groups"'


def one(key: str, value: object) -> dict[str, Any]:
    return {key: value}


def customers(count: int) -> dict[str, Any]:
    return {f"tenants.c{n:03}.tenant_id": f"{n:08x}-4b3c-4d2e-9f1a-0b9c8d7e6f5a" for n in range(1, count + 1)}


def roles(count: int, length: int, **more: object) -> dict[str, Any]:
    """App roles whose values all have one length."""
    return ROLES | {
        f"entra.app_roles.r{n}": {"value": f"{n:03}".ljust(length, "r"), **more} for n in range(count)
    }


def groups(count: int, claim: GroupsClaim) -> dict[str, Any]:
    return GROUPS_KEPT | {
        "entra.groups_claim": claim.value,
        "entra.assigned_groups": [f"{n:03}" for n in range(count)],
    }


def signs_out_by_microsoft(*urls: str) -> dict[str, Any]:
    return {f"{WEB}.end_microsoft_session": True, f"{WEB}.logout_urls": list(urls)}


PLAIN_GOVERNMENT: dict[str, Any] = {"aws.region": "us-gov-west-1", "entra.cloud": "usgovernment"}


def signs_out_at(count: int) -> dict[str, Any]:
    """Apps that end the session at Microsoft, and so many addresses where they do."""
    urls = [f"https://a/{n}" for n in range(count)]
    return {
        f"clients.c{first}": {
            "callback_urls": ["https://a/"],
            "end_microsoft_session": True,
            "logout_urls": urls[first : first + 50],
        }
        for first in range(0, count, 50)
    }


# As many settings as go together, where the stack makes everything and where as much as possible exists.
OF_ONES_OWN = with_changes(
    ROLES
    | OWN_DOMAIN
    | BRANDED
    | {
        "entra.assigned_users": ["ada@contoso.com"],
        "entra.assigned_groups": ["App users"],
        "entra.groups_claim": "names",
        "entra.home_accounts": True,
        "entra.account_types": "AzureADMultipleOrgs",
        "entra.consent_redirect_uri": "https://app.contoso.com/welcome",
        "entra.app_roles.admin": {
            "value": "Portal.Admin",
            "display_name": "Administrators",
            "description": "May change everything.",
            "users": ["ada@contoso.com"],
            "groups": ["Portal administrators"],
            "principals": [SOMEBODY],
        },
        "tenants.fabrikam": {
            "tenant_id": CUSTOMER,
            "email_domains": ["fabrikam.com"],
            "provider_name": "Fabrikam",
        },
        "cognito.custom_domain.hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "cognito.branding.assets": [LOGO | {"color_mode": "DARK"}],
        "cognito.log_retention_days": 90,
        "resource_servers.orders": {
            "identifier": "https://orders.contoso.com",
            "name": "Orders",
            "scopes": {"read": "Read orders"},
        },
        f"{WEB}.tenants": ["home", "fabrikam"],
        f"{WEB}.logout_urls": ["https://app.contoso.com/"],
        f"{WEB}.end_microsoft_session": True,
        f"{WEB}.scopes": ["openid", "https://orders.contoso.com/read"],
    }
)
EXISTING = with_changes(
    POOL
    | CLIENT
    | {
        "entra.registration": {
            "client_id": CUSTOMER,
            "secrets_manager_secret": "entra/contoso-signin",
            "json_key": "client_secret",
        },
        "clients.other": {"callback_urls": ["https://a/"], "tenants": ["home"]},
    }
)
READ_FROM_A_PARAMETER = with_changes(
    {
        "entra.registration": {"client_id": CUSTOMER, "ssm_parameter": "/entra/contoso-signin"},
        "cognito.groups_from": "roles",
    }
)
