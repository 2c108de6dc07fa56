"""Settings that say what exists: what to write so that a deploy changes as little as it can."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from operate.adopt.existing import ExistingObjects, Json
from stacks.adopted import PoolAttribute
from stacks.settings import AppType, ClientSettings, Permission, Settings
from stacks.settings.clients import CLIENT_KEY
from stacks.settings.facts import MICROSOFT_GRAPH, OWN_ATTRIBUTE_MAPPING, REFRESH_TOKEN_DAYS
from stacks.settings.tenants import HOME

MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 1440}
# Cognito's units where a client names none (API reference, TokenValidityUnitsType).
DEFAULT_UNITS = {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "days"}
DEFAULT_VALIDITY = {"AccessToken": 1, "IdToken": 1, "RefreshToken": 30}


@dataclass(frozen=True)
class Difference:
    """A setting that would change what exists.

    Attributes:
        table: the table of the settings file.
        key: the key in it.
        existing: what exists, as the setting would say it.
        written: what the settings say.
    """

    table: str
    key: str
    existing: object
    written: object


def differences(found: ExistingObjects, settings: Settings) -> list[Difference]:
    """Every setting that says something else than the existing objects.

    Protection against deletion is none of them: the stack adds it, and it changes nothing for anybody.
    """
    pairs = [
        *_entra(found, settings),
        *_cognito(found, settings),
        *_tenants(found, settings),
        *_clients(found, settings),
    ]
    return list({(one.table, one.key): one for one in pairs if _differs(one)}.values())


def decisive(differing: list[Difference]) -> list[Difference]:
    """Those for which Terraform would not change an object but put a new one in its place."""
    return [
        one
        for one in differing
        if one.key in {"user_pool_name", "provider_name"}
        or (one.table.startswith("clients.") and one.key == "type")
    ]


def fragment(differing: list[Difference], others: Mapping[str, Json]) -> str:
    """The lines of a settings file that describe what exists."""
    tables: dict[str, list[str]] = {}
    for one in differing:
        lines = tables.setdefault(one.table, [])
        if isinstance(one.existing, Mapping):
            tables.setdefault(f"{one.table}.{one.key}", []).extend(
                f"{_key(key)} = {toml(value)}" for key, value in one.existing.items()
            )
        else:
            lines.append(f"{one.key} = {toml(one.existing)}")
    for key, client in others.items():
        existing = _client(client, AppType.SINGLE_PAGE)
        defaults = ClientSettings(
            callback_urls=["https://app.example.com/"],
            refresh_token_days=REFRESH_TOKEN_DAYS[AppType(str(existing["type"]))],
        )
        tables[f"clients.{key}"] = [
            f"{name} = {toml(value)}"
            for name, value in existing.items()
            if name == "name" or _plain(value) != _plain(getattr(defaults, name))
        ]
    return "\n\n".join("\n".join([f"[{table}]", *lines]) for table, lines in tables.items() if lines)


def other_clients(found: ExistingObjects, settings: Settings) -> dict[str, Json]:
    """The pool's app clients that sign people in through the provider and that the settings do not have."""
    names = {provider["ProviderName"] for provider in found.providers.values()}
    result: dict[str, Json] = {}
    for client in found.others:
        if names & set(client.get("SupportedIdentityProviders", [])):
            key = re.sub(r"[^a-z0-9_-]+", "-", client["ClientName"].lower()).strip("-_")[:28]
            key = key if re.fullmatch(CLIENT_KEY, key) else f"app-{len(result) + 1}"
            while key in settings.clients or key in result:
                key += "-2"
            result[key] = client
    return result


def pool_attributes(pool: Json) -> list[PoolAttribute]:
    """The attributes that a pool was given: its own, and those standard ones that have a rule.

    Every other standard attribute the AWS provider leaves out by itself.
    """
    kept = []
    for given in pool.get("SchemaAttributes", []):
        name = given["Name"]
        own = "custom:" in name
        ruled = name not in {"sub", "identities"} and (given["Required"] or not given["Mutable"])
        if own or ruled:
            text, number = given.get("StringAttributeConstraints"), given.get("NumberAttributeConstraints")
            kept.append(
                PoolAttribute(
                    name=name.removeprefix("dev:").removeprefix("custom:"),
                    attribute_data_type=given["AttributeDataType"],
                    mutable=given["Mutable"],
                    required=given["Required"],
                    developer_only_attribute=given["DeveloperOnlyAttribute"],
                    string_attribute_constraints=_renamed(
                        text, MinLength="min_length", MaxLength="max_length"
                    ),
                    number_attribute_constraints=_renamed(number, MinValue="min_value", MaxValue="max_value"),
                )
            )
    return sorted(kept, key=lambda attribute: attribute.name)


def _entra(found: ExistingObjects, settings: Settings) -> Iterator[Difference]:
    entra, application = settings.entra, found.application
    if application is None:
        return

    def setting(key: str, existing: object, written: object) -> Difference:
        return Difference("entra", key, existing, written)

    names = {permission.graph_id: permission.value for permission in Permission}
    asked = tuple(
        names[one["id"]]
        for resource in application.get("requiredResourceAccess", [])
        if resource["resourceAppId"] == MICROSOFT_GRAPH
        for one in resource["resourceAccess"]
        if one["id"] in names
    )
    claims = tuple(one["name"] for one in (application.get("optionalClaims") or {}).get("idToken") or [])
    yield setting("display_name", application["displayName"], settings.display_name)
    yield setting("account_types", application["signInAudience"], settings.account_types)
    yield setting("permissions", asked, tuple(entra.permissions))
    yield setting("optional_claims", claims, tuple(entra.optional_claims))
    yield setting("owners", sorted({*found.owners, *entra.owners}), sorted(entra.owners))
    if principal := found.service_principal:
        required = principal.get("appRoleAssignmentRequired") or False
        yield setting("assignment_required", required, entra.assignment_required)
        others = {one["principalId"] for one in found.assigned()} - set(found.named.values())
        assigned = sorted(others | {*entra.assigned_principals})
        yield setting("assigned_principals", assigned, sorted(entra.assigned_principals))


def _cognito(found: ExistingObjects, settings: Settings) -> Iterator[Difference]:
    cognito, pool = settings.cognito, found.pool

    def setting(key: str, existing: object, written: object) -> Difference:
        return Difference("cognito", key, existing, written)

    if pool and cognito.user_pool_id is None:
        yield setting("user_pool_name", pool["Name"], settings.user_pool_name)
        yield setting("tier", pool.get("UserPoolTier", cognito.tier), cognito.tier)
    for domain in found.domains.values():
        version = domain.get("ManagedLoginVersion") or cognito.managed_login_version
        yield setting("managed_login_version", version, cognito.managed_login_version)
    if provider := found.providers.get(HOME):
        mapping = {
            attribute: claim
            for attribute, claim in provider.get("AttributeMapping", {}).items()
            if attribute not in OWN_ATTRIBUTE_MAPPING
        }
        yield setting("provider_name", provider["ProviderName"], cognito.provider_name)
        yield setting(
            "idp_identifiers", sorted(provider.get("IdpIdentifiers") or []), sorted(cognito.idp_identifiers)
        )
        yield setting("attribute_mapping", mapping, cognito.attribute_mapping)
    if found.clients:
        local = any("COGNITO" in one.get("SupportedIdentityProviders", []) for one in found.clients.values())
        yield setting("local_accounts", local, cognito.local_accounts)


def _tenants(found: ExistingObjects, settings: Settings) -> Iterator[Difference]:
    for key in settings.tenants:
        if provider := found.providers.get(key):
            wanted, table = settings.identity_providers[key], f"tenants.{key}"
            yield Difference(table, "provider_name", provider["ProviderName"], wanted.name)
            identifiers = sorted(provider.get("IdpIdentifiers") or [])
            yield Difference(table, "email_domains", identifiers, list(wanted.identifiers))


def _clients(found: ExistingObjects, settings: Settings) -> Iterator[Difference]:
    for key, client in found.clients.items():
        written = settings.clients[key]
        # Left out, these follow from others.
        says = {"name": settings.client_name(key), "refresh_token_days": settings.refresh_token_days(key)}
        for name, existing in _client(client, written.type).items():
            yield Difference(f"clients.{key}", name, existing, says.get(name, getattr(written, name)))


def _client(client: Json, without_secret: AppType) -> dict[str, object]:
    """An app client, as its table in the settings would say it."""
    # Whether an app without a secret is in a browser or on a phone, Cognito does not know.
    public = AppType.SINGLE_PAGE if without_secret is AppType.SERVER else without_secret
    existing: dict[str, object] = {
        "type": AppType.SERVER if client.get("ClientSecret") else public,
        "name": client["ClientName"],
        "callback_urls": client.get("CallbackURLs", []),
        "logout_urls": client.get("LogoutURLs", []),
        "scopes": client.get("AllowedOAuthScopes", []),
        "access_token_minutes": _validity(client, "AccessToken", 1),
        "id_token_minutes": _validity(client, "IdToken", 1),
        "refresh_token_days": _validity(client, "RefreshToken", 1440),
    }
    if client.get("DefaultRedirectURI"):
        existing["default_redirect_uri"] = client["DefaultRedirectURI"]
    if client.get("AuthSessionValidity"):
        existing["auth_session_minutes"] = client["AuthSessionValidity"]
    return existing


def _validity(client: Json, token: str, unit: int) -> int:
    value = client.get(f"{token}Validity") or DEFAULT_VALIDITY[token]
    given = client.get("TokenValidityUnits", {}).get(token) or DEFAULT_UNITS[token]
    return round(value * MINUTES[given] / unit)


def _renamed(constraints: Json | None, **names: str) -> dict[str, str] | None:
    if not constraints:
        return None
    return {ours: constraints[theirs] for theirs, ours in names.items() if theirs in constraints}


def _plain(value: object) -> object:
    """For comparing: Terraform takes most lists for sets, and those that come as tuples here for lists."""
    return json.dumps(sorted(map(str, value)) if isinstance(value, list) else value, sort_keys=True)


def _differs(one: Difference) -> bool:
    return _plain(one.existing) != _plain(one.written)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml(key)


def toml(value: object) -> str:
    """A value as TOML writes it: for what settings can hold, the same as JSON."""
    return json.dumps(value, ensure_ascii=False)
