"""What changes of the app clients and their branding do to people.

Sources: Amazon Cognito developer guide, "Application-specific settings with app clients", "Apply branding to
managed login pages"; API reference, UpdateUserPoolClient and TokenValidityUnitsType; Terraform's
aws_cognito_user_pool_client and aws_cognito_managed_login_branding.
"""

from collections.abc import Iterable

from operate.guard.impacts.impact import (
    BRANDING,
    CLIENT,
    PROVIDER,
    ChangeContext,
    Impact,
    Severity,
    Test,
    added,
    created,
    deleted,
    differs,
    from_to,
    removed,
    replaced,
    unless,
    updated,
    was_gone,
)
from operate.guard.plan import UNKNOWN, Kind, ResourceChange

LOCAL = "COGNITO"
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


def _lives(change: ResourceChange, token: str, *, later: bool) -> int | None:
    """For how many seconds a token is valid, before or after."""
    value = change.after if later else change.before
    validity = value(f"{token}_validity")
    unit = value(f"token_validity_units.0.{token}")
    if validity in (None, UNKNOWN) or unit is UNKNOWN:
        return None
    return int(validity) * SECONDS[unit or TOKENS[token]]


def _tokens(*, longer: bool) -> Test:
    def test(seen: ChangeContext) -> Iterable[str] | None:
        found = []
        for token in TOKENS:
            before, after = (_lives(seen.change, token, later=later) for later in (False, True))
            if before is not None and after is not None and before != after and (after > before) == longer:
                found.append(f"{token}: {before // 60} -> {after // 60} minutes")
        return found or None

    return test


def _renamed(seen: ChangeContext) -> set[str]:
    """The names of providers that get another one, and the new ones: that is another story."""
    replaced_ = [one for one in seen.plan.of_type(PROVIDER) if one.kind is Kind.REPLACE]
    return {str(name) for one in replaced_ for name in (one.before(NAME), one.after(NAME))}


def _provider_goes(seen: ChangeContext) -> Iterable[str] | None:
    """Sign-in with Microsoft is turned off for the app, at least for some people."""
    before, after = seen.change.items(f"{PROVIDERS}.*")
    return sorted(before - after - {LOCAL} - _renamed(seen)) or None


def _provider_comes(seen: ChangeContext) -> Iterable[str] | None:
    before, after = seen.change.items(f"{PROVIDERS}.*")
    return sorted(after - before - {LOCAL} - _renamed(seen)) or None


def _local(*, comes: bool) -> Test:
    def test(seen: ChangeContext) -> Iterable[str] | None:
        before, after = seen.change.items(f"{PROVIDERS}.*")
        return () if LOCAL in (after - before if comes else before - after) else None

    return test


def _not_writable(seen: ChangeContext) -> Iterable[str] | None:
    """Mapped attributes that the client may no longer write, with which every sign-in by it fails."""
    before, after = seen.change.items("write_attributes.*")
    mapped: set[str] = set()
    for provider in seen.plan.of_type(PROVIDER):
        mapping = provider.after("attribute_mapping")
        mapped |= set() if mapping in (None, UNKNOWN) else set(mapping)
    return sorted((before - after) & mapped - NEVER_WRITABLE) or None


CLIENTS: tuple[Impact, ...] = (
    Impact(
        id="client-replaced",
        severity=Severity.IRREVERSIBLE,
        people="Replaces client `{name}`: its id and secret change, and its apps stop working until they get"
        " the new ones. Sessions of people end.",
        instead="Add a second client under another key, move the app there, then remove this one.",
        rules=(replaced(CLIENT),),
    ),
    Impact(
        id="client-removed",
        severity=Severity.IRREVERSIBLE,
        people="Deletes client `{name}`: its apps stop working, and its id and secret never come back.",
        instead="Check that no app uses it any more.",
        rules=(deleted(CLIENT),),
    ),
    Impact(
        id="client-made-anew",
        severity=Severity.OUTAGE,
        people="Somebody has deleted client `{name}`: this makes one with another id and secret, and its apps"
        " do not work until they get them.",
        rules=(created(CLIENT, "somebody deleted the former one", was_gone),),
    ),
    Impact(
        id="callback-removed",
        severity=Severity.OUTAGE,
        people="Apps that have people sent back to these addresses of this client are refused"
        " (redirect_mismatch).",
        instead="Remove an address only when no app uses it any more.",
        rules=(updated(CLIENT, "callback_urls", "an address goes", removed("callback_urls.*")),),
    ),
    Impact(
        id="logout-url-removed",
        severity=Severity.OUTAGE,
        people="Apps that have people sent to these addresses of this client after signing out get an"
        " error page.",
        instead="Remove an address only when no app uses it any more.",
        rules=(updated(CLIENT, "logout_urls", "an address goes", removed("logout_urls.*")),),
    ),
    Impact(
        id="client-scope-removed",
        severity=Severity.OUTAGE,
        people="Apps of this client that ask for these scopes are refused (invalid_scope).",
        instead="Have the apps ask for less first.",
        rules=(updated(CLIENT, "allowed_oauth_scopes", "a scope goes", removed("allowed_oauth_scopes.*")),),
    ),
    Impact(
        id="microsoft-disabled",
        severity=Severity.OUTAGE,
        people="At the apps of this client nobody can sign in by these providers any more.",
        rules=(updated(CLIENT, PROVIDERS, "an identity provider goes", _provider_goes),),
    ),
    Impact(
        id="passwords-refused",
        severity=Severity.OUTAGE,
        people="Users with a password in Cognito can no longer sign in at the apps of this client.",
        instead="Keep cognito.local_accounts = true while there are such users.",
        rules=(updated(CLIENT, PROVIDERS, "COGNITO goes", _local(comes=False)),),
    ),
    Impact(
        id="attribute-not-writable",
        severity=Severity.OUTAGE,
        people="This client may no longer write these mapped attributes: every sign-in by it fails"
        " (Attribute cannot be updated).",
        rules=(updated(CLIENT, "write_attributes", "a mapped attribute goes", _not_writable),),
    ),
    Impact(
        id="passwords-allowed",
        severity=Severity.NOTICE,
        people="Users with a password in Cognito can sign in at the apps of this client too, past"
        " everything that Entra ID asks of people.",
        instead="Keep cognito.local_accounts = false, if nobody needs that.",
        rules=(updated(CLIENT, PROVIDERS, "COGNITO comes", _local(comes=True)),),
    ),
    Impact(
        id="microsoft-enabled",
        severity=Severity.NOTICE,
        people="At the apps of this client people can sign in by these providers too.",
        rules=(updated(CLIENT, PROVIDERS, "an identity provider comes", _provider_comes),),
    ),
    Impact(
        id="auth-flows-changed",
        severity=Severity.NOTICE,
        people="This client takes other ways to prove who a person is.",
        rules=(updated(CLIENT, "explicit_auth_flows", "", differs("explicit_auth_flows")),),
    ),
    Impact(
        id="client-switched",
        severity=Severity.NOTICE,
        people="This client treats sign-ins and tokens otherwise.",
        rules=tuple(updated(CLIENT, switch, "", differs(switch)) for switch in SWITCHES),
    ),
    Impact(
        id="callback-added",
        severity=Severity.NOTICE,
        people="People, and the codes that let them in, can be sent to these addresses of this client.",
        instead="Check that they belong to the app.",
        rules=(updated(CLIENT, "callback_urls", "an address comes", added("callback_urls.*")),),
    ),
    Impact(
        id="logout-url-added",
        severity=Severity.NOTICE,
        people="After signing out, people can be sent to these addresses of this client.",
        rules=(updated(CLIENT, "logout_urls", "an address comes", added("logout_urls.*")),),
    ),
    Impact(
        id="default-callback-changed",
        severity=Severity.NOTICE,
        people="Apps of this client that name no address have people sent elsewhere.",
        rules=(updated(CLIENT, "default_redirect_uri", "", from_to("default_redirect_uri")),),
    ),
    Impact(
        id="client-scope-added",
        severity=Severity.NOTICE,
        people="Apps of this client may ask for these scopes too.",
        rules=(updated(CLIENT, "allowed_oauth_scopes", "a scope comes", added("allowed_oauth_scopes.*")),),
    ),
    Impact(
        id="tokens-live-longer",
        severity=Severity.NOTICE,
        people="Tokens of this client stay valid for longer: so long, somebody who has left may still be"
        " let in.",
        rules=tuple(updated(CLIENT, f"{token}_validity", "longer", _tokens(longer=True)) for token in TOKENS),
    ),
    Impact(
        id="tokens-live-shorter",
        severity=Severity.NOTICE,
        people="Tokens of this client end sooner: apps renew them, or have people sign in, more often.",
        rules=tuple(
            updated(CLIENT, f"{token}_validity", "shorter", _tokens(longer=False)) for token in TOKENS
        ),
    ),
    Impact(
        id="sign-in-time-changed",
        severity=Severity.NOTICE,
        people="People have more, or less, time for one attempt to sign in at this client.",
        rules=(updated(CLIENT, "auth_session_validity", "", from_to("auth_session_validity")),),
    ),
    Impact(
        id="attributes-hidden",
        severity=Severity.NOTICE,
        people="Tokens of this client no longer carry these attributes.",
        instead="Check that its apps do not read them.",
        rules=(updated(CLIENT, "read_attributes", "one goes", removed("read_attributes.*")),),
    ),
    Impact(
        id="attributes-shown",
        severity=Severity.NOTICE,
        people="Tokens of this client carry these attributes about people too.",
        rules=(updated(CLIENT, "read_attributes", "one comes", added("read_attributes.*")),),
    ),
    Impact(
        id="client-made",
        severity=Severity.NOTICE,
        people="Makes client `{name}`: its apps get an id, and a secret if they are of the type server.",
        rules=(created(CLIENT, "there was none", unless(was_gone)),),
    ),
    Impact(
        id="branding-removed",
        severity=Severity.OUTAGE,
        people="The sign-in pages of this client lose their branding, and with version 2 of the pages"
        " there are none without.",
        rules=(deleted(BRANDING), replaced(BRANDING)),
    ),
    Impact(
        id="branding-changed",
        severity=Severity.NOTICE,
        people="The sign-in pages of this client look different.",
        rules=(
            created(BRANDING),
            updated(BRANDING, "settings", "", differs("settings")),
            updated(BRANDING, "use_cognito_provided_values", "", differs("use_cognito_provided_values")),
        ),
    ),
)
