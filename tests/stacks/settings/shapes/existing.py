"""What exists already, and APIs with their scopes: what is refused, accepted, and warned of."""

from tests.stacks.settings.samples import Changes
from tests.stacks.settings.shapes.samples import (
    CLIENT,
    CUSTOMER,
    FABRIKAM,
    MAPPED_GROUPS,
    ORDERS,
    OWN_DOMAIN,
    PERSONAL,
    POOL,
    REGISTRATION,
    WEB,
    one,
)

REFUSED: list[tuple[Changes, str, str]] = [
    # the pool
    (POOL | one("cognito.user_pool_id", "aB3dE5fG7"), "cognito.user_pool_id", "not the id of a user pool"),
    (
        POOL | one("cognito.user_pool_id", "eu-west-1_aB3dE5fG7"),
        "cognito.user_pool_id",
        "This pool is in eu-west-1",
    ),
    *(
        (POOL | one(f"cognito.{name}", value), f"cognito.{name}", telling)
        for name, value, telling in (
            ("user_pool_name", "contoso", "The pool has its own"),
            ("tier", "PLUS", "The pool has its own"),
            ("log_retention_days", 30, "The pool has its own"),
            ("groups_from", "roles", "a trigger of the pool"),
        )
    ),
    (
        one("cognito.existing_domain", "x.auth.eu-central-1.amazoncognito.com"),
        "cognito.existing_domain",
        "has no domain yet",
    ),
    (
        POOL | one("cognito.existing_domain", "x.auth.eu-west-1.amazoncognito.com"),
        "cognito.existing_domain",
        'Write "x.auth.eu-central-1.amazoncognito.com"',
    ),
    (
        POOL | one("cognito.existing_domain", "https://auth.contoso.com"),
        "cognito.existing_domain",
        "Only the host",
    ),
    # its clients
    (CLIENT, f"{WEB}.client_id", "has no clients yet"),
    (POOL | one(f"{WEB}.client_id", "a b"), f"{WEB}.client_id", "not the id of an app client"),
    *(
        (POOL | CLIENT | one(f"{WEB}.{name}", value), f"{WEB}.{name}", "The client has its own")
        for name, value in (
            ("name", "Contoso web"),
            ("logout_urls", []),
            ("end_microsoft_session", False),
            ("default_redirect_uri", "https://app.contoso.com/callback"),
            ("access_token_minutes", 60),
            ("id_token_minutes", 60),
            ("refresh_token_days", 30),
            ("auth_session_minutes", 3),
        )
    ),
    # the registration
    *(
        (
            REGISTRATION | one(f"entra.{name}", value),
            f"entra.{name}",
            "for the registration's owner to decide",
        )
        for name, value in (
            ("display_name", "Contoso"),
            ("account_types", "AzureADMyOrg"),
            ("owners", []),
            ("admin_consent", True),
            ("consent_redirect_uri", "https://app.contoso.com/"),
            ("assignment_required", False),
            ("assigned_users", []),
            ("assigned_groups", []),
            ("assigned_principals", []),
            ("app_roles", {}),
            ("groups_claim", "ids"),
            ("prevent_destroy", True),
            ("secret", {"lifetime_days": 180}),
        )
    ),
    (REGISTRATION | one("entra.registration.client_id", "contoso"), "entra.registration.client_id", "GUID"),
    (
        REGISTRATION | one("entra.registration.ssm_parameter", "/entra/secret"),
        "entra.registration",
        "read from one place",
    ),
    ({"entra.registration.client_id": CUSTOMER}, "entra.registration", "read from one place"),
    (
        {
            "entra.registration.client_id": CUSTOMER,
            "entra.registration.ssm_parameter": "/entra/secret",
            "entra.registration.json_key": "client_secret",
        },
        "entra.registration.json_key",
        "A parameter is one value",
    ),
    (
        REGISTRATION | one("entra.registration.secrets_manager_secret", "a secret"),
        "entra.registration.secrets_manager_secret",
        "The secret itself never belongs",
    ),
    (
        REGISTRATION
        | one(
            "entra.registration.secrets_manager_secret",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
        ),
        "entra.registration.secrets_manager_secret",
        "This secret is in eu-west-1, and the stack reads it in eu-central-1",
    ),
    (
        REGISTRATION | one("entra.registration.ssm_parameter", "entra/secret"),
        "entra.registration.ssm_parameter",
        "not the name of a parameter",
    ),
    (
        REGISTRATION | one("entra.registration.json_key", "a b"),
        "entra.registration.json_key",
        "not a key",
    ),
    # APIs
    (one("resource_servers.Orders", {"scopes": {"a": "b"}}), "resource_servers.Orders", "Terraform address"),
    (
        one("resource_servers.orders", {}),
        "resource_servers.orders.scopes",
        'scopes = { read = "Read orders" }',
    ),
    (one("resource_servers.orders.scopes", {}), "resource_servers.orders.scopes", "The table is empty"),
    (
        one("resource_servers.orders.scopes", {f"s{n}": "x" for n in range(101)}),
        "resource_servers.orders.scopes",
        "takes 100",
    ),
    (one("resource_servers.o.scopes", {"a/b": "c"}), 'resource_servers.o.scopes."a/b"', "no spaces, slashes"),
    (one("resource_servers.o.scopes", {"a": ""}), "resource_servers.o.scopes.a", "1 to 256"),
    (one("resource_servers.o.scopes", {"a": "d" * 257}), "resource_servers.o.scopes.a", "1 to 256"),
    (
        ORDERS | one("resource_servers.orders.identifier", "a b"),
        "resource_servers.orders.identifier",
        "no spaces",
    ),
    (
        ORDERS | one("resource_servers.orders.identifier", "i" * 257),
        "resource_servers.orders.identifier",
        "256",
    ),
    (ORDERS | one("resource_servers.orders.name", "a/b"), "resource_servers.orders.name", "1 to 256"),
    (
        ORDERS | {"resource_servers.other": {"identifier": "orders", "scopes": {"a": "b"}}},
        "resource_servers.other.identifier",
        "[resource_servers.orders] has this identifier already",
    ),
    (ORDERS | one(f"{WEB}.scopes", ["orders/raed"]), f"{WEB}.scopes[0]", 'Did you mean "orders/read"?'),
    (
        ORDERS
        | {"resource_servers.orders.identifier": "https://api/", f"{WEB}.scopes": ["https://api//write"]},
        f"{WEB}.scopes[0]",
        'The resource server "https://api/" has no such scope',
    ),
]

ACCEPTED: list[Changes] = [
    POOL,
    POOL | CLIENT,
    POOL | {"cognito.existing_domain": "auth.contoso.com"},
    POOL | OWN_DOMAIN,
    {"cognito.user_pool_id": "eu-central-1_aB3dE5fG7"},
    POOL | {"cognito.existing_domain": "auth.contoso.com", "cognito.domain_prefix": "contoso-signin"},
    POOL | CLIENT | {f"{WEB}.scopes": ["openid", "orders/read"], f"{WEB}.tenants": ["home"]},
    REGISTRATION,
    REGISTRATION | {"entra.registration.json_key": "client_secret"},
    REGISTRATION | FABRIKAM | PERSONAL,
    REGISTRATION | {"cognito.groups_from": "roles"},
    REGISTRATION | {"cognito.attribute_mapping": {"custom:groups": "groups", "custom:roles": "roles"}},
    {"entra.registration": {"client_id": CUSTOMER, "ssm_parameter": "/entra/secret"}},
    {
        "entra.registration": {
            "client_id": CUSTOMER,
            "secrets_manager_secret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf",
        }
    },
    # APIs
    ORDERS | one(f"{WEB}.scopes", ["openid", "orders/read"]),
    {
        "resource_servers.orders": {
            "identifier": "https://orders.contoso.com",
            "name": "Orders",
            "scopes": {f"s{n}": "d" * 256 for n in range(100)},
        },
        f"{WEB}.scopes": ["https://orders.contoso.com/s99"],
    },
]

WARNED: list[tuple[Changes, str, str]] = [
    (REGISTRATION | one("cognito.groups_from", "roles"), "cognito.groups_from", "registration's owner"),
    (
        REGISTRATION | one("cognito.attribute_mapping", {"custom:groups": "groups"}),
        MAPPED_GROUPS,
        "registration's owner",
    ),
    (ORDERS | one(f"{WEB}.scopes", ["stock/read"]), f"{WEB}.scopes[0]", "makes no such resource server"),
]
