"""The conditions of entra.toml."""

from typing import Any

from operate.guard.impacts.impact import (
    PROVIDER,
    SECRET,
    ChangeContext,
    Condition,
    from_to,
    gets_another_secret,
    signs_in_already,
    unless,
    was_deleted,
)
from operate.guard.plan import UNKNOWN, Kind
from stacks.settings.facts import DEFAULT_ACCESS_ROLE, AccountTypes

PRINCIPAL = "azuread_service_principal"
ASSIGNMENT = "azuread_app_role_assignment"

AUDIENCE = "sign_in_audience"
IMPLICIT_FLOW = ("access_token_issuance_enabled", "id_token_issuance_enabled")
PROPERTIES = "optional_claims.id_token.additional_properties"
MAPPED_CLAIMS = "api.0.mapped_claims_enabled"
REQUIRED = "app_role_assignment_required"
PERSON = "principal_object_id"
# Why Terraform deletes an assignment whose count is 0.
GONE = "delete_because_count_index"


def _registration_lost(context: ChangeContext) -> bool:
    """A registration is made although there was one: it was deleted, or Cognito uses another one."""
    in_use = any(provider.kind is not Kind.CREATE for provider in context.plan.of_type(PROVIDER))
    return in_use or was_deleted(context)


def _implicit_flow_enabled(context: ChangeContext) -> list[str]:
    paths = {name: f"web.0.implicit_grant.0.{name}" for name in IMPLICIT_FLOW}
    change = context.change
    return [name for name, path in paths.items() if change.differs(path) and change.after(path) is True]


def _in_use(context: ChangeContext) -> list[bool]:
    """Whether it stays, for each provider that has this secret; the values are compared, never shown."""
    value = context.change.before("value")
    return [
        not gets_another_secret(provider)
        for provider in context.plan.of_type(PROVIDER)
        if provider.kind is not Kind.DELETE and value is not None and provider.before(SECRET) == value
    ]


def _only_assignment(context: ChangeContext) -> bool:
    """Only those who are assigned can sign in, now or after the deploy, and this assignment is the last.

    With an app role people are assigned as well as with default access. Of somebody who is gone from Entra ID
    none decides anything.
    """
    if context.change.action_reason == GONE:
        return False
    person = context.change.before(PERSON)
    if any(
        one.kind is not Kind.DELETE and one.after(PERSON) == person and one.address != context.change.address
        for one in context.plan.of_type(ASSIGNMENT)
    ):
        return False
    return any(
        (one.before if one.kind is Kind.DELETE else one.after)(REQUIRED) is True
        for one in context.plan.of_type(PRINCIPAL)
    )


def _roles(context: ChangeContext) -> tuple[dict[str, Any], dict[str, Any]]:
    """The app roles by their ids, before and after."""
    before, after = context.change.before("app_role") or [], context.change.after("app_role")
    later = before if after is UNKNOWN else after or []
    return {one["id"]: one for one in before}, {one["id"]: one for one in later}


def _roles_removed(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    return sorted(before[id_]["value"] or id_ for id_ in before.keys() - after.keys())


def _roles_added(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    return sorted(after[id_]["value"] or id_ for id_ in after.keys() - before.keys())


def _role_values_changed(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    pairs = {(before[id_]["value"], after[id_]["value"]) for id_ in before.keys() & after.keys()}
    return sorted(f"{former} -> {later}" for former, later in pairs if former != later)


def _role_changes(*properties: str) -> Condition:
    def condition(context: ChangeContext) -> list[str]:
        before, after = _roles(context)
        return sorted(
            f"{after[id_]['value']}: {name}"
            for id_ in before.keys() & after.keys()
            for name in properties
            if before[id_].get(name) != after[id_].get(name)
        )

    return condition


def _has_role(context: ChangeContext) -> bool:
    """The assignment is to an app role."""
    change = context.change
    if change.action_reason == GONE:
        return False
    role = (change.before if change.kind is Kind.DELETE else change.after)("app_role_id")
    return bool(role != DEFAULT_ACCESS_ROLE)


CONDITIONS: dict[str, Condition] = {
    "somebody deleted the former one, or Cognito uses another": _registration_lost,
    "there was none": unless(_registration_lost),
    "tokens are issued by the implicit flow too": _implicit_flow_enabled,
    "other than AzureADMyOrg": lambda context: (
        context.change.after(AUDIENCE) != AccountTypes.ONE_TENANT and from_to(AUDIENCE)(context)
    ),
    "Cognito has it, and gets no other": lambda context: True in _in_use(context),
    "Cognito has it until this deploy": lambda context: False in _in_use(context),
    "Cognito has another": lambda context: not _in_use(context),
    "an assignment is required, and it is their only one": _only_assignment,
    "no assignment is required, or there is another": unless(_only_assignment),
    "a role is removed": _roles_removed,
    "a role is added": _roles_added,
    "a role has another value": _role_values_changed,
    "a role has another enabled or allowed_member_types": _role_changes("enabled", "allowed_member_types"),
    "a role has another display_name or description": _role_changes("display_name", "description"),
    "to an app role": _has_role,
    "to an app role, and people can sign in already": lambda context: (
        _has_role(context) and signs_in_already(context)
    ),
    "mapped claims are accepted": lambda context: (
        context.change.differs(MAPPED_CLAIMS) and context.change.after(MAPPED_CLAIMS) is True
    ),
    "other than ApplicationGroup is added": lambda context: sorted(
        context.change.added("group_membership_claims") - {"None", "ApplicationGroup"}
    ),
    "emit_as_roles is added": lambda context: sorted(context.change.added(PROPERTIES) & {"emit_as_roles"}),
    "it has another home page": lambda context: context.change.differs("web.0.homepage_url"),
    "its tile in My Apps appears or goes": lambda context: context.change.differs("feature_tags"),
}
