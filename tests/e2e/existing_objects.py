"""Microsoft sign-in on a user pool as people make it by hand, by the APIs behind the two consoles."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from sandbox.entra.users import ADA, NOOR
from sandbox.local_clouds import LocalClouds
from stacks import clouds
from stacks.settings.facts import DEFAULT_ACCESS_ROLE, MICROSOFT_GRAPH, Permission
from tests.e2e.deployment import Json, administrator

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

NAME = "Contoso portal"
PROVIDER = "AzureAD"
PREFIX = "sandbox-signin"
CALLBACK_PATH = "/callback"
OTHER_REDIRECT_URI = "https://intranet.contoso.example/signin-oidc"
PERMISSIONS = (Permission.EMAIL, Permission.OPENID, Permission.PROFILE)


@dataclass(frozen=True)
class ManualSetup:
    """What the guide leaves behind when its last step is done.

    Attributes:
        object_id: the registration's object id.
        application_id: its application (client) id.
        secret: the value that somebody copied from one console into the other.
        user_pool_id: the user pool's id.
        client_id: the app client's id.
        sign_in_url: where people sign in.
    """

    object_id: str
    application_id: str
    secret: str
    user_pool_id: str
    client_id: str
    sign_in_url: str


def build(local: LocalClouds) -> ManualSetup:
    """Follow the guide, step by step."""
    host = clouds.cognito_domain_host(PREFIX, local.region)
    with administrator(local.entra) as microsoft:
        registration, secret = _registration(microsoft, clouds.redirect_uri(host))
    cognito = local.aws.cognito(local.region)
    pool_id = _pool(cognito)
    cloud, tenant = clouds.custom(local.entra.authority), local.entra.environment()["ARM_TENANT_ID"]
    details = {
        "client_id": registration["appId"],
        "client_secret": secret,
        "authorize_scopes": "openid email profile",
        "attributes_request_method": "GET",
        "oidc_issuer": cloud.issuer(tenant),
        "authorize_url": cloud.authorize_url(tenant),
        "token_url": cloud.token_url(tenant),
        "attributes_url": cloud.userinfo_url(),
        "jwks_uri": cloud.jwks_uri(tenant),
    }
    callback = f"{local.app.url}{CALLBACK_PATH}"
    client_id = _federation(cognito, pool_id, details, callback)
    url = clouds.sign_in_url(host, client_id, callback, ["openid", "email", "profile"])
    return ManualSetup(
        registration["id"], registration["appId"], secret, pool_id, client_id, local.local_url(url)
    )


def _registration(microsoft: httpx.Client, redirect_uri: str) -> tuple[Json, str]:
    """Steps 1 to 6: registration, redirect URI, secret, claims, permissions, consent; and who may sign in."""
    registration = microsoft.post(
        "/applications",
        json={
            "displayName": NAME,
            "signInAudience": "AzureADMyOrg",
            "notes": "Ask the identity team before you touch this.",
            "web": {"redirectUris": [redirect_uri, OTHER_REDIRECT_URI]},
            "optionalClaims": {
                "idToken": [{"name": name} for name in ("given_name", "family_name", "email")]
            },
            "requiredResourceAccess": [
                {
                    "resourceAppId": MICROSOFT_GRAPH,
                    "resourceAccess": [
                        {"id": permission.graph_id, "type": "Scope"} for permission in PERMISSIONS
                    ],
                }
            ],
        },
    ).json()
    owner = {"@odata.id": f"{microsoft.base_url}directoryObjects/{NOOR.oid}"}
    microsoft.post(f"/applications/{registration['id']}/owners/$ref", json=owner)
    end = datetime.now(UTC) + timedelta(days=700)
    credential = {"displayName": "cognito", "endDateTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
    secret = microsoft.post(
        f"/applications/{registration['id']}/addPassword", json={"passwordCredential": credential}
    ).json()["secretText"]
    principal = microsoft.post(
        "/servicePrincipals", json={"appId": registration["appId"], "appRoleAssignmentRequired": True}
    ).json()
    known = microsoft.get("/servicePrincipals", params={"$filter": f"appId eq '{MICROSOFT_GRAPH}'"})
    microsoft.post(
        "/oauth2PermissionGrants",
        json={
            "clientId": principal["id"],
            "consentType": "AllPrincipals",
            "resourceId": known.json()["value"][0]["id"],
            "scope": " ".join(PERMISSIONS),
        },
    )
    microsoft.post(
        f"/servicePrincipals/{principal['id']}/appRoleAssignedTo",
        json={
            "appRoleId": DEFAULT_ACCESS_ROLE,
            "principalId": ADA.oid,
            "resourceId": principal["id"],
        },
    )
    return registration, secret


def _pool(cognito: "CognitoIdentityProviderClient") -> str:
    """The pool that was there before: with an attribute and rules of its own."""
    pool_id = cognito.create_user_pool(
        PoolName="people",
        Schema=[
            {
                "Name": "department",
                "AttributeDataType": "String",
                "Mutable": True,
                "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "256"},
            },
        ],
        Policies={"PasswordPolicy": {"MinimumLength": 14}},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        UsernameConfiguration={"CaseSensitive": True},
    )["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=PREFIX)
    return pool_id


def _federation(
    cognito: "CognitoIdentityProviderClient", pool_id: str, details: dict[str, str], callback: str
) -> str:
    """Steps 7 to 9: the identity provider, its attribute mapping, and the app client that enables it."""
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName=PROVIDER,
        ProviderType="OIDC",
        ProviderDetails=details,
        AttributeMapping={
            "username": "sub",
            "email": "email",
            "family_name": "family_name",
            "given_name": "given_name",
        },
    )
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="portal",
        GenerateSecret=True,
        SupportedIdentityProviders=[PROVIDER],
        CallbackURLs=[callback],
        AllowedOAuthFlows=["code", "implicit"],
        AllowedOAuthScopes=["openid", "email", "profile"],
        AllowedOAuthFlowsUserPoolClient=True,
        IdTokenValidity=8,
        TokenValidityUnits={"IdToken": "hours"},
    )
    return client["UserPoolClient"]["ClientId"]
