"""The conditions of cognito.toml."""

from operate.guard.impacts.impact import (
    SECRET,
    ChangeContext,
    Condition,
    gets_another_secret,
    others_stay,
    unless,
    was_deleted,
)
from operate.guard.plan import UNKNOWN, Kind

PASSWORD = "azuread_application_password"  # noqa: S105 - a resource type
DETAILS = "provider_details"
MAPPING = "attribute_mapping"
NAME = "provider_name"
BY_ADMINISTRATORS = "admin_create_user_config.0.allow_admin_create_user_only"
ENDPOINTS = ("authorize_url", "token_url", "attributes_url", "jwks_uri", "attributes_request_method")


def _schema_changed(context: ChangeContext) -> list[str]:
    """The attributes that go or become others, which the service refuses."""
    if context.change.after("schema") is UNKNOWN:
        return []
    before, after = (
        {entry["name"]: entry for entry in entries or ()}
        for entries in (context.change.before("schema"), context.change.after("schema"))
    )
    return sorted(name for name, entry in before.items() if after.get(name) != entry)


def _renamed(context: ChangeContext) -> list[str]:
    before, after = context.change.before(NAME), context.change.after(NAME)
    return [f"{before} -> {after}"] if before != after else []


def _one_of_several(context: ChangeContext) -> list[str]:
    """The name of a provider that is not the only one."""
    change = context.change
    name = change.after(NAME) if change.kind is Kind.CREATE else change.before(NAME)
    return [str(name)] if others_stay(context) else []


def _detail_differs(context: ChangeContext, key: str) -> bool:
    """Whether a key of the provider's details changes.

    Next to a secret that is yet to be made, the plan knows none of the details. The stack's output
    `expected` has all but the secret, so it is asked then.
    """
    path, change = f"{DETAILS}.{key}", context.change
    if change.after(path) is not UNKNOWN:
        return change.differs(path)
    output = context.plan.output_changes.get("expected")
    later: object = output.after if output else None
    for step in ("identity_providers", str(change.before(NAME)), "details", key):
        later = later.get(step) if isinstance(later, dict) else None
    return later is not None and later != change.before(path)


def _details(*keys: str) -> Condition:
    return lambda context: [key for key in keys if _detail_differs(context, key)]


def _other_secret(context: ChangeContext) -> bool:
    after = context.change.after(SECRET)
    being_made = any(one.kind in {Kind.CREATE, Kind.REPLACE} for one in context.plan.of_type(PASSWORD))
    return (after is not UNKNOWN or being_made) and gets_another_secret(context.change)


def _mapping(context: ChangeContext) -> tuple[dict[str, str], dict[str, str]]:
    """The claim of each attribute, before and after."""
    before, after = context.change.before(MAPPING) or {}, context.change.after(MAPPING)
    return before, before if after is UNKNOWN else after or {}


def _other_user_names(context: ChangeContext) -> list[str]:
    before, after = (mapping.get("username") for mapping in _mapping(context))
    return [f"{before} -> {after}"] if before != after else []


def _mapped_otherwise(context: ChangeContext) -> list[str]:
    before, after = _mapping(context)
    return sorted(f"{name} from {claim}" for name, claim in after.items() if before.get(name) != claim)


def _sign_up_opened(context: ChangeContext) -> bool:
    """Without the setting anybody can (API reference, AdminCreateUserConfigType)."""
    after = context.change.after(BY_ADMINISTRATORS)
    return context.change.before(BY_ADMINISTRATORS) is True and after not in (True, UNKNOWN)


CONDITIONS: dict[str, Condition] = {
    "it is protected in AWS": lambda context: bool(context.change.before("deletion_protection") == "ACTIVE"),
    "allow_admin_create_user_only is no longer true": _sign_up_opened,
    "an attribute is removed or changed": _schema_changed,
    "the pool has an inbound-federation trigger": lambda context: context.inbound_federation is True,
    "Cognito cannot be asked": lambda context: context.inbound_federation is None,
    "somebody deleted the former one": was_deleted,
    "another domain stays": others_stay,
    "no other domain stays": unless(others_stay),
    "by another name, and no other provider stays": lambda context: (
        [] if others_stay(context) else _renamed(context)
    ),
    "by another name, and another provider stays": lambda context: (
        _renamed(context) if others_stay(context) else []
    ),
    "by the same name": unless(_renamed),
    "another provider stays": _one_of_several,
    "no other provider stays": unless(_one_of_several),
    # One that exists already; one that is yet to be made is a registration's replacement.
    "another client id": lambda context: context.change.differs(f"{DETAILS}.client_id"),
    "another secret": _other_secret,
    "another oidc_issuer": _details("oidc_issuer"),
    "another endpoint": _details(*ENDPOINTS),
    "other scopes": _details("authorize_scopes"),
    "username is mapped from another claim": _other_user_names,
    "an attribute is mapped from another claim": _mapped_otherwise,
    "an attribute is no longer mapped": lambda context: sorted(set.difference(*map(set, _mapping(context)))),
}
