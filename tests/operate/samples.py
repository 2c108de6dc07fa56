"""A deployment as both clouds describe it, to take things away from."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from operate.cognito_api import CognitoFacts
from operate.graph_api import EntraFacts
from operate.outputs import Outputs

Json = dict[str, Any]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROVIDER = "entra"
TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
LOGIN = "https://login.example"
ISSUER = f"{LOGIN}/{TENANT}/v2.0"
APPLICATION = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
DOMAIN = "contoso.auth.eu-central-1.amazoncognito.com"
DOMAIN_URL = f"https://{DOMAIN}"
POOL = "eu-central-1_abc"
CALLBACK = "http://localhost:3000/callback"
REDIRECT_URI = f"{DOMAIN_URL}/oauth2/idpresponse"
PERMISSIONS = {
    "email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    "openid": "37f7f235-527c-4136-accd-4a02d197296e",
    "profile": "14dad69e-099b-42c9-810b-d002981feec1",
}
CUSTOMERS = {
    "fabrikam": "8d7e6f5a-4b3c-4d2e-9f1a-0b9c8d7e6f5a",
    "adatum": "9e8f7a6b-5c4d-4e3f-8a2b-1c0d9e8f7a6b",
    "personal": "9188040d-6c67-4c5b-b112-36a304b66dad",
}
SECRET = "Abc-the-secret"
KEY_ID = "5e6f7a8b-9c0d-4e1f-8a2b-3c4d5e6f7a8b"
ATTRIBUTES = ["custom:entra_oid", "email", "family_name", "given_name"]


def details_of(tenant: str) -> dict[str, str]:
    """What Cognito is told of a tenant."""
    return {
        "authorize_scopes": "openid profile email",
        "attributes_request_method": "POST",
        "oidc_issuer": f"{LOGIN}/{tenant}/v2.0",
        "authorize_url": f"{LOGIN}/{tenant}/oauth2/v2.0/authorize",
        "token_url": f"{LOGIN}/{tenant}/oauth2/v2.0/token",
        "attributes_url": "https://graph.example/oidc/userinfo",
        "jwks_uri": f"{LOGIN}/{tenant}/discovery/v2.0/keys",
    }


VALUES: Json = {
    "expected": {
        "region": "eu-central-1",
        "tenant_id": TENANT,
        "login_origin": LOGIN,
        "graph_origin": "https://graph.example",
        "domains": [DOMAIN],
        "redirect_uris": [REDIRECT_URI],
        "optional_claims": ["email", "family_name", "given_name"],
        "permissions": PERMISSIONS,
        "admin_consent": True,
        "assignment_required": False,
        "identity_providers": {PROVIDER: {"tenant_id": TENANT, "details": details_of(TENANT)}},
        "attribute_mapping": {
            "username": "sub",
            "custom:entra_oid": "oid",
            "email": "email",
            "family_name": "family_name",
            "given_name": "given_name",
        },
        "clients": {
            "web": {
                "has_secret": False,
                "callback_urls": ["https://app.example/callback", CALLBACK],
                "scopes": ["openid", "profile", "email"],
                "identity_providers": [PROVIDER],
                "own": True,
            }
        },
        "warn_days": 30,
        "fail_days": 7,
    },
    "client_ids": {"web": "client-of-web"},
    "client_secret_end_date": (NOW + timedelta(days=100)).isoformat(),
    "client_secrets": {"in_use": {"generation": 1, "key_id": KEY_ID}},
    "domain": DOMAIN,
    "entra_application_id": APPLICATION,
    "issuer": f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL}",
    "jwks_url": f"https://cognito-idp.eu-central-1.amazonaws.com/{POOL}/.well-known/jwks.json",
    "user_pool_id": POOL,
}


def outputs(**expected: object) -> Outputs:
    """The outputs, with something else expected."""
    values = deepcopy(VALUES)
    values["expected"].update(expected)
    return Outputs.model_validate(values)


def credential(end: str, key_id: str = KEY_ID, hint: str = SECRET[:3]) -> Json:
    """A client secret as Graph shows it; by default the deployed one."""
    return {"keyId": key_id, "endDateTime": end, "hint": hint}


def application(**changes: object) -> Json:
    """The registration as Graph shows it."""
    return {
        "id": "application-object",
        "web": {"redirectUris": [REDIRECT_URI]},
        "optionalClaims": {"idToken": [{"name": name} for name in VALUES["expected"]["optional_claims"]]},
        "requiredResourceAccess": [
            {"resourceAccess": [{"id": id_, "type": "Scope"} for id_ in PERMISSIONS.values()]}
        ],
        "passwordCredentials": [credential(VALUES["client_secret_end_date"])],
        **changes,
    }


def entra(**changes: Any) -> EntraFacts:
    """What Entra ID has, with something changed."""
    facts: Json = {
        "application": application(),
        "service_principal": {"accountEnabled": True, "appRoleAssignmentRequired": False},
        "granted": frozenset(PERMISSIONS),
    }
    return EntraFacts(**facts | changes)


def client(**changes: object) -> Json:
    """The app client as Cognito shows it."""
    return {
        "SupportedIdentityProviders": ["entra"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "profile", "email"],
        "CallbackURLs": ["https://app.example/callback", CALLBACK],
        "ReadAttributes": [*ATTRIBUTES, "email_verified"],
        "WriteAttributes": ATTRIBUTES,
        **changes,
    }


def provider(*, tenant: str = TENANT, mapping: Json | None = None, **details: str) -> Json:
    """An identity provider as Cognito shows it."""
    expected = VALUES["expected"]
    return {
        "ProviderDetails": {
            **details_of(tenant),
            "client_id": APPLICATION,
            "client_secret": SECRET,
            "attributes_url_add_attributes": "false",
            **details,
        },
        "AttributeMapping": expected["attribute_mapping"] if mapping is None else mapping,
    }


def schema(**changes: Json) -> list[Json]:
    """The pool's schema, some attributes changed."""
    mutable: dict[str, Json] = {name: {"Mutable": True, "Required": False} for name in ATTRIBUTES}
    mutable |= {"sub": {"Mutable": False, "Required": True}, **changes}
    return [{"Name": name.replace("__", ":"), **rule} for name, rule in mutable.items()]


def cognito(**changes: Any) -> CognitoFacts:
    """What Cognito has, with something changed."""
    facts: Json = {
        "pool": {"SchemaAttributes": schema()},
        "domains": {DOMAIN: {"UserPoolId": POOL, "Status": "ACTIVE"}},
        "providers": {PROVIDER: provider()},
        "clients": {"web": client()},
    }
    return CognitoFacts(**facts | changes)


def of_customers(*keys: str) -> tuple[Outputs, CognitoFacts]:
    """The outputs and Cognito's side of a deployment that lets customers' tenants in, too."""
    values = deepcopy(VALUES)
    tenants = {f"Of-{key}": CUSTOMERS[key] for key in keys}
    expected = values["expected"]
    expected["identity_providers"] |= {
        name: {"tenant_id": tenant, "details": details_of(tenant)} for name, tenant in tenants.items()
    }
    expected["clients"]["web"]["identity_providers"] = [PROVIDER, *tenants]
    values["tenants"] = {
        key: {
            "provider_name": f"Of-{key}",
            "admin_consent_url": f"{LOGIN}/{CUSTOMERS[key]}/adminconsent?client_id={APPLICATION}",
            "sign_in_urls": {},
        }
        for key in keys
    }
    providers = {PROVIDER: provider(), **{name: provider(tenant=tenant) for name, tenant in tenants.items()}}
    clients = {"web": client(SupportedIdentityProviders=list(providers))}
    return Outputs.model_validate(values), cognito(providers=providers, clients=clients)


def http(answer: Any) -> httpx.Client:
    """A client whose requests are answered by a function."""
    return httpx.Client(transport=httpx.MockTransport(answer))
