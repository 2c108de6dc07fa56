"""The conditions of app_clients.toml."""

from operate.guard.impacts.impact import (
    PROVIDER,
    ChangeContext,
    Condition,
    from_to,
    signs_in_already,
    unless,
    was_deleted,
)
from operate.guard.plan import UNKNOWN, Kind, ResourceChange
from stacks.settings.facts import LOCAL_ACCOUNTS, NEVER_WRITABLE

NAME = "provider_name"
WRITABLE = "write_attributes"
FLOWS = "explicit_auth_flows"
PROVIDERS = "supported_identity_providers"
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# Each token with the unit that its validity has where none is set.
TOKENS = {"access_token": "hours", "id_token": "hours", "refresh_token": "days"}


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


def _mapped(context: ChangeContext) -> set[str]:
    """The attributes that sign-in writes."""
    mappings = (provider.after("attribute_mapping") for provider in context.plan.of_type(PROVIDER))
    return {
        name for mapping in mappings if mapping not in (None, UNKNOWN) for name in mapping
    } - NEVER_WRITABLE


def _flows_added(context: ChangeContext) -> list[str] | bool:
    """Where none is named, SRP is allowed (API reference, CreateUserPoolClient)."""
    before, after = context.change.items(FLOWS)
    return sorted(after - before - {"ALLOW_REFRESH_TOKEN_AUTH"}) or (bool(before) and not after)


CONDITIONS: dict[str, Condition] = {
    "nobody deleted a former one": unless(was_deleted),
    "people can sign in already, and nobody deleted a former one": lambda context: (
        signs_in_already(context) and not was_deleted(context)
    ),
    "one is added beside ALLOW_REFRESH_TOKEN_AUTH, or none is left, which allows passwords": _flows_added,
    "an identity provider is replaced by one of another name": lambda context: sorted(
        (context.change.removed(PROVIDERS) | context.change.added(PROVIDERS)) & _renamed(context)
    ),
    "an identity provider is removed": lambda context: sorted(
        context.change.removed(PROVIDERS) - {LOCAL_ACCOUNTS} - _renamed(context)
    ),
    "an identity provider is added": lambda context: sorted(
        context.change.added(PROVIDERS) - {LOCAL_ACCOUNTS} - _renamed(context)
    ),
    "COGNITO is removed": lambda context: LOCAL_ACCOUNTS in context.change.removed(PROVIDERS),
    "COGNITO is added": lambda context: LOCAL_ACCOUNTS in context.change.added(PROVIDERS),
    # With it every sign-in by the client fails.
    "a mapped attribute is removed": lambda context: sorted(
        context.change.removed(WRITABLE) & _mapped(context)
    ),
    "an attribute that is not mapped is removed": lambda context: sorted(
        context.change.removed(WRITABLE) - _mapped(context)
    ),
    "another address": from_to("default_redirect_uri"),
    "a token lives longer": _tokens(longer=True),
    "a token lives shorter": _tokens(longer=False),
}
