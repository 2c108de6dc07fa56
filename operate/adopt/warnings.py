"""What a deploy would take away from existing objects, or cannot do to them, and no setting can prevent."""

from collections.abc import Iterator

from operate.adopt.existing import ExistingObjects, Json
from operate.adopt.settings import pool_attributes
from stacks.adopted import DOMAIN
from stacks.entra.access import role_id
from stacks.settings import Permission, Settings
from stacks.settings.facts import MICROSOFT_GRAPH


def warnings(found: ExistingObjects, settings: Settings) -> Iterator[str]:
    """What a deploy would take away, or fail at, and no setting prevents; one sentence each."""
    if found.application:
        yield from _registration_warnings(found.application, settings)
    for attribute in pool_attributes(found.pool) if found.pool else ():
        if f"custom:{attribute.name}" in settings.full_attribute_mapping and not attribute.mutable:
            yield (
                f"The pool's attribute custom:{attribute.name} is immutable, so every second sign-in that"
                " writes it fails: map the claim to another attribute."
            )
    names = {
        found.providers[key]["ProviderName"] if key in found.providers else wanted.name
        for key, wanted in settings.identity_providers.items()
    }
    for key, client in found.clients.items():
        yield from _client_warnings(key, client, settings, names)
    wants_prefix = settings.cognito.domain_prefix is not None
    if wants_prefix and found.pool and DOMAIN not in found.domains and found.pool.get("Domain"):
        yield (
            f"The pool has the domain prefix {found.pool['Domain']}, and can have only one: write"
            f' domain_prefix = "{found.pool["Domain"]}", or the deploy fails.'
        )
    for one in found.assignments:
        if one not in found.assigned() and one["principalId"] in settings.entra.assigned_principals:
            yield (
                f"{one.get('principalDisplayName') or one['principalId']} is assigned by an app role; that"
                " assignment stays as it is, and the stack adds one to default access."
            )


def _client_warnings(key: str, client: Json, settings: Settings, providers: set[str]) -> Iterator[str]:
    """What an app would lose that does more than sign people in by the code flow."""
    kept = {*providers, "COGNITO"}
    lost = (
        ("identity providers", set(client.get("SupportedIdentityProviders", [])) - kept),
        ("OAuth flows", set(client.get("AllowedOAuthFlows", [])) - {"code"}),
        (
            "ways to sign in by API",
            set(client.get("ExplicitAuthFlows", [])) - {"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"},
        ),
        (
            "readable attributes",
            set(client.get("ReadAttributes", [])) - {*settings.full_attribute_mapping, "email_verified"},
        ),
        (
            "writable attributes",
            set(client.get("WriteAttributes", [])) - {*settings.full_attribute_mapping},
        ),
    )
    for what, names in lost:
        if names:
            listed = ", ".join(sorted(names))
            yield f"The app client {client['ClientName']} ({key}) would lose {what}: {listed}."


def _registration_warnings(application: Json, settings: Settings) -> Iterator[str]:
    for uri in application.get("web", {}).get("redirectUris", []):
        if uri not in settings.redirect_uris:
            yield (
                f"The registration's redirect URI {uri} would go, and with it whatever signs in there:"
                " give that a registration of its own first."
            )
    # Without [entra.app_roles] the registration keeps the roles that it has.
    ours = {role_id(key) for key in settings.entra.app_roles}
    for role in application.get("appRoles") or []:
        if ours and role["id"] not in ours:
            yield (
                f"The registration's app role {role.get('value') or role['displayName']} would go, and with"
                " it everybody's assignment to it: assign them to the roles of [entra.app_roles]."
            )
    known = {permission.graph_id for permission in Permission}
    for resource in application.get("requiredResourceAccess", []):
        more = [one["id"] for one in resource["resourceAccess"] if one["id"] not in known]
        if more or resource["resourceAppId"] != MICROSOFT_GRAPH:
            yield (
                f"The registration asks for permissions of {resource['resourceAppId']} that signing in does"
                " not need; they would go."
            )
