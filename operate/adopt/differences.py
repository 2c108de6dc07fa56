"""The settings that would change existing objects, and how the settings would state what exists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from operate.adopt.existing import ExistingObjects, Json
from operate.cognito_api import MINUTES, minutes
from stacks.adopted import PoolAttribute
from stacks.settings import Settings
from stacks.settings.clients import CLIENT_KEY, ClientSettings
from stacks.settings.errors import at
from stacks.settings.facts import (
    LOCAL_ACCOUNTS,
    MICROSOFT_GRAPH,
    OWN_ATTRIBUTE_MAPPING,
    REFRESH_TOKEN_DAYS,
    AppType,
    Permission,
)
from stacks.settings.fields import toml
from stacks.settings.tenants import HOME

Values = dict[str, object]


@dataclass(frozen=True)
class Difference:
    """A setting that would change what exists.

    Attributes:
        existing: what exists, as the setting would state it.
        stated: what the settings file states.
    """

    table: str
    key: str
    existing: object
    stated: object

    @property
    def replaces(self) -> bool:
        """Whether Terraform would make a new object instead of changing the existing one."""
        is_type = self.table.startswith("clients.") and self.key == "type"
        return is_type or self.key in {"user_pool_name", "provider_name"}


def differences(existing: ExistingObjects, settings: Settings) -> list[Difference]:
    """Every setting that states something else than what exists.

    Protection against deletion is none of them: the stack adds it, and it changes nothing for anybody.
    """
    tables = {
        "entra": _entra(existing, settings),
        "cognito": _cognito(existing, settings),
        **_tenants(existing, settings),
        **{
            f"clients.{key}": _client(client, settings.clients[key].type)
            for key, client in existing.clients.items()
        },
    }
    stated = _stated(settings)
    return [
        Difference(table, key, value, stated[table][key])
        for table, values in tables.items()
        for key, value in values.items()
        if not _same(value, stated[table][key])
    ]


def fragment(differing: list[Difference], others: Mapping[str, Json]) -> str:
    """The lines of a settings file that state what exists."""
    tables: dict[str, Values] = {}
    for one in differing:
        table = tables.setdefault(one.table, {})
        if isinstance(one.existing, Mapping):
            tables[f"{one.table}.{one.key}"] = dict(one.existing)
        else:
            table[one.key] = one.existing
    for key, client in others.items():
        values = _client(client, AppType.SINGLE_PAGE)
        days = REFRESH_TOKEN_DAYS[AppType(str(values["type"]))]
        default = ClientSettings(callback_urls=["https://app.example.com/"], refresh_token_days=days)
        tables[f"clients.{key}"] = {
            name: value
            for name, value in values.items()
            if name == "name" or not _same(value, getattr(default, name))
        }
    blocks = (
        [f"[{table}]", *(f"{at[key]} = {toml(value)}" for key, value in values.items())]
        for table, values in tables.items()
        if values
    )
    return "\n\n".join("\n".join(lines) for lines in blocks)


def other_clients(existing: ExistingObjects, settings: Settings) -> dict[str, Json]:
    """The pool's app clients that sign people in through the provider and that the settings do not have."""
    names = {provider["ProviderName"] for provider in existing.providers.values()}
    clients: dict[str, Json] = {}
    for client in existing.other_clients:
        if names & set(client.get("SupportedIdentityProviders", [])):
            key = re.sub(r"[^a-z0-9_-]+", "-", client["ClientName"].lower()).strip("-_")[:28]
            key = key if re.fullmatch(CLIENT_KEY, key) else f"app-{len(clients) + 1}"
            while key in settings.clients or key in clients:
                key += "-2"
            clients[key] = client
    return clients


def pool_attributes(pool: Json) -> list[PoolAttribute]:
    """The attributes that a pool was given: its own, and those standard ones that have a rule.

    Every other standard attribute the AWS provider leaves out by itself.
    """
    attributes = [
        PoolAttribute(
            name=one["Name"].removeprefix("dev:").removeprefix("custom:"),
            attribute_data_type=one["AttributeDataType"],
            mutable=one["Mutable"],
            required=one["Required"],
            developer_only_attribute=one["DeveloperOnlyAttribute"],
            string_attribute_constraints=_constraints(one.get("StringAttributeConstraints")),
            number_attribute_constraints=_constraints(one.get("NumberAttributeConstraints")),
        )
        for one in pool.get("SchemaAttributes", [])
        if "custom:" in one["Name"]
        or (one["Name"] not in {"sub", "identities"} and (one["Required"] or not one["Mutable"]))
    ]
    return sorted(attributes, key=lambda attribute: attribute.name)


def _constraints(given: Json | None) -> dict[str, str] | None:
    """As the AWS provider's `schema` block names them: `min_length` is Cognito's `MinLength`."""
    return {xform_name(name): value for name, value in given.items()} if given else None


def _entra(existing: ExistingObjects, settings: Settings) -> Values:
    entra, application = settings.entra, existing.application
    if application is None:
        return {}
    names = {permission.graph_id: permission.value for permission in Permission}
    values: Values = {
        "display_name": application["displayName"],
        "account_types": application["signInAudience"],
        "permissions": tuple(
            names[one["id"]]
            for resource in application.get("requiredResourceAccess", [])
            if resource["resourceAppId"] == MICROSOFT_GRAPH
            for one in resource["resourceAccess"]
            if one["id"] in names
        ),
        "optional_claims": tuple(
            one["name"] for one in (application.get("optionalClaims") or {}).get("idToken") or []
        ),
    }
    if principal := existing.service_principal:
        assigned = {one["principalId"] for one in existing.default_access()}
        values["assignment_required"] = principal.get("appRoleAssignmentRequired") or False
        values["assigned_principals"] = sorted(
            (assigned - set(existing.principals.values())) | {*entra.assigned_principals}
        )
    return values


def _cognito(existing: ExistingObjects, settings: Settings) -> Values:
    cognito, pool = settings.cognito, existing.pool
    values: Values = {}
    if pool and cognito.user_pool_id is None:
        values["user_pool_name"] = pool["Name"]
        values["tier"] = pool.get("UserPoolTier", cognito.tier)
    for domain in existing.domains.values():
        values["managed_login_version"] = domain.get("ManagedLoginVersion") or cognito.managed_login_version
    if provider := existing.providers.get(HOME):
        values["provider_name"] = provider["ProviderName"]
        values["idp_identifiers"] = provider.get("IdpIdentifiers") or []
        values["attribute_mapping"] = {
            attribute: claim
            for attribute, claim in provider.get("AttributeMapping", {}).items()
            if attribute not in OWN_ATTRIBUTE_MAPPING
        }
    return values


def _tenants(existing: ExistingObjects, settings: Settings) -> dict[str, Values]:
    providers = {key: existing.providers[key] for key in settings.tenants if key in existing.providers}
    return {
        f"tenants.{key}": {
            "provider_name": provider["ProviderName"],
            "email_domains": sorted(provider.get("IdpIdentifiers") or []),
        }
        for key, provider in providers.items()
    }


def _client(client: Json, stated: AppType) -> Values:
    """An app client, as its table in the settings would state it."""
    # Whether an app without a secret is in a browser or on a phone, Cognito does not know.
    public = AppType.SINGLE_PAGE if stated is AppType.SERVER else stated
    values: Values = {
        "type": AppType.SERVER if client.get("ClientSecret") else public,
        "name": client["ClientName"],
        "callback_urls": client.get("CallbackURLs", []),
        "logout_urls": client.get("LogoutURLs", []),
        # Beside identity providers there can be none: the guard says whom the deploy shuts out.
        "local_accounts": client.get("SupportedIdentityProviders") == [LOCAL_ACCOUNTS],
        "scopes": client.get("AllowedOAuthScopes", []),
        "access_token_minutes": round(minutes(client, "AccessToken")),
        "id_token_minutes": round(minutes(client, "IdToken")),
        "refresh_token_days": round(minutes(client, "RefreshToken") / MINUTES["days"]),
    }
    if client.get("DefaultRedirectURI"):
        values["default_redirect_uri"] = client["DefaultRedirectURI"]
    if client.get("AuthSessionValidity"):
        values["auth_session_minutes"] = client["AuthSessionValidity"]
    return values


def _stated(settings: Settings) -> dict[str, Values]:
    """What the settings state; where they leave it to a default that follows from others, that."""
    return {
        "entra": {
            **dict(settings.entra),
            "display_name": settings.display_name,
            "account_types": settings.account_types,
        },
        "cognito": {**dict(settings.cognito), "user_pool_name": settings.user_pool_name},
        **{
            f"tenants.{key}": {
                "provider_name": settings.identity_providers[key].name,
                "email_domains": settings.identity_providers[key].identifiers,
            }
            for key in settings.tenants
        },
        **{
            f"clients.{key}": {
                **dict(client),
                "name": settings.client_name(key),
                "refresh_token_days": settings.refresh_token_days(key),
            }
            for key, client in settings.clients.items()
        },
    }


def _same(existing: object, stated: Any) -> bool:
    """Whether Terraform sees no difference: a list here is a set there, and a tuple is a list."""
    if isinstance(existing, tuple):
        return existing == tuple(stated)
    if isinstance(existing, list):
        return sorted(existing) == sorted(stated)
    return bool(existing == stated)
