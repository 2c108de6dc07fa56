"""What changes of the app clients, their branding and the resource servers do to people.

Sources: Amazon Cognito developer guide, "Application-specific settings with app clients", "Apply branding to
managed login pages", "Scopes, M2M, and resource servers" (a scope's name begins with the resource server's
identifier); API reference, UpdateUserPoolClient, TokenValidityUnitsType and UpdateResourceServer.
"""

from operate.guard.impacts.impact import (
    API,
    BRANDING,
    CLIENT,
    PROVIDER,
    ChangeContext,
    Condition,
    Impact,
    adds,
    changes,
    creates,
    deletes,
    from_to,
    irreversible,
    notice,
    outage,
    removes,
    replaces,
    unless,
    updates,
    was_deleted,
)
from operate.guard.plan import UNKNOWN, Kind, ResourceChange

PASSWORDS = "COGNITO"
NAME = "provider_name"
PROVIDERS = "supported_identity_providers"
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# Each token with the unit that its validity has where none is set.
TOKENS = {"access_token": "hours", "id_token": "hours", "refresh_token": "days"}
# Set by the service or the identity provider alone; no client may write them, and none has to.
NEVER_WRITABLE = frozenset({"username", "email_verified", "phone_number_verified"})
SWITCHES = (
    "prevent_user_existence_errors",
    "enable_token_revocation",
    "allowed_oauth_flows_user_pool_client",
    "allowed_oauth_flows",
    "enable_propagate_additional_user_context_data",
)


def _lifetime(change: ResourceChange, token: str, *, later: bool) -> int | None:
    """For how many seconds a token is valid, before or after."""
    value = change.after if later else change.before
    validity = value(f"{token}_validity")
    unit = value(f"token_validity_units.0.{token}")
    if validity in (None, UNKNOWN) or unit is UNKNOWN:
        return None
    return int(validity) * SECONDS[unit or TOKENS[token]]


def _tokens(*, longer: bool) -> Condition:
    def condition(context: ChangeContext) -> list[str]:
        shown = []
        for token in TOKENS:
            before, after = (_lifetime(context.change, token, later=later) for later in (False, True))
            if before is not None and after is not None and before != after and (after > before) == longer:
                shown.append(f"{token}: {before // 60} -> {after // 60} minutes")
        return shown

    return condition


def _renamed(context: ChangeContext) -> set[str]:
    """The former and the new names of providers that are replaced, which have an impact of their own."""
    replaced = [one for one in context.plan.of_type(PROVIDER) if one.kind is Kind.REPLACE]
    return {str(name) for one in replaced for name in (one.before(NAME), one.after(NAME))}


def _providers_removed(context: ChangeContext) -> list[str]:
    before, after = context.change.items(f"{PROVIDERS}.*")
    return sorted(before - after - {PASSWORDS} - _renamed(context))


def _providers_added(context: ChangeContext) -> list[str]:
    before, after = context.change.items(f"{PROVIDERS}.*")
    return sorted(after - before - {PASSWORDS} - _renamed(context))


def _passwords_removed(context: ChangeContext) -> bool:
    before, after = context.change.items(f"{PROVIDERS}.*")
    return PASSWORDS in before - after


def _passwords_added(context: ChangeContext) -> bool:
    before, after = context.change.items(f"{PROVIDERS}.*")
    return PASSWORDS in after - before


def _not_writable(context: ChangeContext) -> list[str]:
    """Mapped attributes that the client may no longer write, with which every sign-in by it fails."""
    before, after = context.change.items("write_attributes.*")
    mappings = (provider.after("attribute_mapping") for provider in context.plan.of_type(PROVIDER))
    mapped = {name for mapping in mappings if mapping not in (None, UNKNOWN) for name in mapping}
    return sorted((before - after) & mapped - NEVER_WRITABLE)


APP_CLIENTS: tuple[Impact, ...] = (
    irreversible(
        "client-replaced",
        "Replaces client `{name}`: its id and secret change, and its apps stop working until they get the new"
        " ones. Sessions of people end.",
        replaces(CLIENT),
        instead="Add a second client under another key, move the app there, then remove this one.",
    ),
    irreversible(
        "client-removed",
        "Deletes client `{name}`: its apps stop working, and its id and secret never come back.",
        deletes(CLIENT),
        instead="Check that no app uses it any more.",
    ),
    outage(
        "client-made-anew",
        "Somebody has deleted client `{name}`: this makes one with another id and secret, and its apps do not"
        " work until they get them.",
        creates(CLIENT, "somebody deleted the former one", was_deleted),
    ),
    outage(
        "callback-removed",
        "Apps that have people sent back to these addresses of this client are refused (redirect_mismatch).",
        removes(CLIENT, "callback_urls.*"),
        instead="Remove an address only when no app uses it any more.",
    ),
    outage(
        "logout-url-removed",
        "Apps that have people sent to these addresses of this client after signing out get an error page.",
        removes(CLIENT, "logout_urls.*"),
        instead="Remove an address only when no app uses it any more.",
    ),
    outage(
        "client-scope-removed",
        "Apps of this client that ask for these scopes are refused (invalid_scope).",
        removes(CLIENT, "allowed_oauth_scopes.*"),
        instead="Have the apps ask for less first.",
    ),
    outage(
        "microsoft-disabled",
        "At the apps of this client nobody can sign in by these providers any more.",
        updates(CLIENT, PROVIDERS, "an identity provider removed", _providers_removed),
    ),
    outage(
        "passwords-refused",
        "Users with a password in Cognito can no longer sign in at the apps of this client.",
        updates(CLIENT, PROVIDERS, f"{PASSWORDS} removed", _passwords_removed),
        instead="Keep cognito.local_accounts = true while there are such users.",
    ),
    outage(
        "attribute-not-writable",
        "This client may no longer write these mapped attributes: every sign-in by it fails (Attribute cannot"
        " be updated).",
        updates(CLIENT, "write_attributes", "a mapped attribute removed", _not_writable),
    ),
    notice(
        "passwords-allowed",
        "Users with a password in Cognito can sign in at the apps of this client too, past everything that"
        " Entra ID asks of people.",
        updates(CLIENT, PROVIDERS, f"{PASSWORDS} added", _passwords_added),
        instead="Keep cognito.local_accounts = false, if nobody needs that.",
    ),
    notice(
        "microsoft-enabled",
        "At the apps of this client people can sign in by these providers too.",
        updates(CLIENT, PROVIDERS, "an identity provider added", _providers_added),
    ),
    notice(
        "auth-flows-changed",
        "This client takes other ways to prove who a person is.",
        changes(CLIENT, "explicit_auth_flows"),
    ),
    notice(
        "client-switched",
        "This client treats sign-ins and tokens otherwise.",
        *(changes(CLIENT, switch) for switch in SWITCHES),
    ),
    notice(
        "callback-added",
        "People, and the codes that let them in, can be sent to these addresses of this client.",
        adds(CLIENT, "callback_urls.*"),
        instead="Check that they belong to the app.",
    ),
    notice(
        "logout-url-added",
        "After signing out, people can be sent to these addresses of this client.",
        adds(CLIENT, "logout_urls.*"),
    ),
    notice(
        "default-callback-changed",
        "Apps of this client that name no address have people sent elsewhere.",
        updates(CLIENT, "default_redirect_uri", "", from_to("default_redirect_uri")),
    ),
    notice(
        "client-scope-added",
        "Apps of this client may ask for these scopes too.",
        adds(CLIENT, "allowed_oauth_scopes.*"),
    ),
    notice(
        "tokens-live-longer",
        "Tokens of this client stay valid for longer: so long, somebody who has left may still be let in.",
        *(updates(CLIENT, f"{token}_validity", "longer", _tokens(longer=True)) for token in TOKENS),
    ),
    notice(
        "tokens-live-shorter",
        "Tokens of this client end sooner: apps renew them, or have people sign in, more often.",
        *(updates(CLIENT, f"{token}_validity", "shorter", _tokens(longer=False)) for token in TOKENS),
    ),
    notice(
        "attributes-hidden",
        "Tokens of this client no longer carry these attributes.",
        removes(CLIENT, "read_attributes.*"),
        instead="Check that its apps do not read them.",
    ),
    notice(
        "attributes-shown",
        "Tokens of this client carry these attributes about people too.",
        adds(CLIENT, "read_attributes.*"),
    ),
    notice(
        "client-made",
        "Makes client `{name}`: its apps get an id, and a secret if they are of the type server.",
        creates(CLIENT, "there was none", unless(was_deleted)),
    ),
    outage(
        "branding-removed",
        "The sign-in pages of this client lose their branding, and with version 2 of the pages there are none"
        " without.",
        deletes(BRANDING),
        replaces(BRANDING),
    ),
    outage(
        "api-replaced",
        "Replaces the API `{name}` in the user pool: its scopes are gone in between, and with another"
        " identifier they have other names. Apps that ask for the former ones are refused (invalid_scope),"
        " and the API refuses the tokens of those that ask for the new ones until it knows them.",
        replaces(API),
        instead="Add a second [resource_servers.<key>], move the apps and the API there, then remove this"
        " one.",
    ),
    outage(
        "api-removed",
        "Removes the API `{name}` from the user pool: apps that ask for its scopes are refused"
        " (invalid_scope), and tokens carry them no longer.",
        deletes(API),
        instead="Check that no app asks for them any more.",
    ),
    outage(
        "api-scope-removed",
        "These scopes of the API `{name}` are gone: apps that ask for them are refused (invalid_scope), and"
        " the API refuses what needs them.",
        removes(API, "scope.*.scope_name"),
        instead="Have the apps ask for less first; a scope under another name is another scope.",
    ),
)
