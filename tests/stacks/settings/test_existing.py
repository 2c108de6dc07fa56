"""What belongs to somebody else: what is refused, accepted, and warned of."""

from tests.stacks.settings.samples import (
    CLIENT,
    CUSTOMER,
    FABRIKAM,
    OWN_DOMAIN,
    PERSONAL,
    POOL,
    REGISTRATION,
    accepted,
    case,
    refused,
    silent,
)

test_refused = refused(
    case("cognito.user_pool_id", "aB3dE5fG7", "not the id of a user pool", also=POOL),
    case("cognito.user_pool_id", "eu-west-1_aB3dE5fG7", "This pool is in eu-west-1", also=POOL),
    *(
        case(f"cognito.{name}", value, telling, also=POOL)
        for name, value, telling in (
            ("user_pool_name", "contoso", "The pool has its own"),
            ("tier", "PLUS", "The pool has its own"),
            ("log_retention_days", 30, "The pool has its own"),
            ("groups_from", "roles", "a trigger of the pool"),
            ("groups_role_arn", "arn:aws:iam::123456789012:role/g", "The pool has its own"),
        )
    ),
    case("cognito.existing_domain", "x.auth.eu-central-1.amazoncognito.com", "has no domain yet"),
    case(
        "cognito.existing_domain",
        "x.auth.eu-west-1.amazoncognito.com",
        'Write "x.auth.eu-central-1.amazoncognito.com"',
        also=POOL,
    ),
    case("cognito.existing_domain", "https://auth.contoso.com", "Only the host", also=POOL),
    (CLIENT, "clients.web.client_id", "has no clients yet"),
    case("clients.web.client_id", "a b", "not the id of an app client", also=POOL),
    *(
        case(f"clients.web.{name}", value, "The client has its own", also=POOL | CLIENT)
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
    *(
        case(f"entra.{name}", value, "for the registration's owner to decide", also=REGISTRATION)
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
    case("entra.registration.client_id", "contoso", "GUID", also=REGISTRATION),
    (
        REGISTRATION | {"entra.registration.ssm_parameter": "/entra/secret"},
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
    case(
        "entra.registration.secrets_manager_secret",
        "a secret",
        "The secret itself never belongs",
        also=REGISTRATION,
    ),
    case(
        "entra.registration.secrets_manager_secret",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
        "This secret is in eu-west-1, and the stack reads it in eu-central-1",
        also=REGISTRATION,
    ),
    case(
        "entra.registration.ssm_parameter", "entra/secret", "not the name of a parameter", also=REGISTRATION
    ),
    case("entra.registration.json_key", "a b", "not a key", also=REGISTRATION),
)

test_accepted = accepted(
    POOL,
    POOL | {"cognito.existing_domain": "auth.contoso.com"},
    POOL | OWN_DOMAIN,
    {"cognito.user_pool_id": "eu-central-1_aB3dE5fG7"},
    POOL | {"cognito.existing_domain": "auth.contoso.com", "cognito.domain_prefix": "contoso-signin"},
    POOL | CLIENT | {"clients.web.scopes": ["openid", "orders/read"], "clients.web.tenants": ["home"]},
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
)

test_silent = silent(
    POOL | CLIENT,
    REGISTRATION,
)
