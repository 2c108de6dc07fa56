"""The table of impacts, and what of it a plan has. docs/guard.md shows it to people."""

from collections.abc import Iterator

from operate.guard.impacts.app_clients import APP_CLIENTS
from operate.guard.impacts.cognito import DOMAINS, IDENTITY_PROVIDERS, USER_POOL
from operate.guard.impacts.entra import ENTRA
from operate.guard.impacts.groups_trigger import GROUPS_TRIGGER
from operate.guard.impacts.impact import (
    API,
    APPLICATION,
    ASSIGNMENT,
    BRANDING,
    CLIENT,
    DNS,
    DOMAIN,
    FUNCTION,
    FUNCTION_PERMISSION,
    FUNCTION_ROLE,
    GRANT,
    PASSWORD,
    POOL,
    PRINCIPAL,
    PROVIDER,
    ChangeContext,
    Impact,
    Occurrence,
    Rule,
    Severity,
    notice,
    outage,
    replaces,
)
from operate.guard.plan import Kind, Plan, ResourceChange

# What people wait for while it is not there.
SIGN_IN = (
    *(POOL, DOMAIN, PROVIDER, CLIENT, BRANDING, DNS, FUNCTION, FUNCTION_PERMISSION, FUNCTION_ROLE),
    *(APPLICATION, PASSWORD, PRINCIPAL, GRANT, ASSIGNMENT),
)

SIGN_IN_GAP = outage(
    "sign-in-gap",
    "Sign-in is down between these two steps: the old one is deleted, then the new one is made.",
    *(
        replaces(resource, "the old one deleted first", lambda context: context.change.destroy_first)
        for resource in SIGN_IN
    ),
    instead="Deploy when few people sign in, and keep an eye on it until it is through.",
)
TABLE = (
    *ENTRA,
    *USER_POOL,
    *DOMAINS,
    *IDENTITY_PROVIDERS,
    *APP_CLIENTS,
    *GROUPS_TRIGGER,
    SIGN_IN_GAP,
)

PLAN_INCOMPLETE = notice(
    "plan-incomplete",
    "The plan covers only a part of the environment, so this is only a part of what it leads to.",
    instead="Plan without -target.",
)
MANUAL_CHANGE_UNDONE = notice(
    "manual-change-undone",
    "Somebody has changed these attributes outside of Terraform: this plan changes them again.",
    instead="Ask who changed them, and why, before deploying.",
)
OTHER_CHANGES = notice(
    "other-changes",
    "Changes that no rule speaks of: as far as the guard knows, they stop nobody and change nothing about who"
    " can sign in.",
    instead="Look up in the provider's documentation what you do not expect.",
)
# Those that do not depend on the type of resource, with the words for when.
GENERAL = {
    PLAN_INCOMPLETE: "the plan was made with `-target`, or its end is yet unknown",
    MANUAL_CHANGE_UNDONE: "update of what was changed outside of Terraform",
    OTHER_CHANGES: "anything else: one line for each resource, naming the attributes, or the action",
}
IMPACTS = {impact.id: impact for impact in (*TABLE, *GENERAL)}

# The settings that no object can follow without being replaced, by resource and attribute.
REPLACING_SETTINGS = {
    (POOL, "name"): "cognito.user_pool_name",
    (DOMAIN, "domain"): "cognito.domain_prefix, cognito.custom_domain.host",
    (PROVIDER, "provider_name"): "cognito.provider_name, tenants.<key>.provider_name",
    (CLIENT, "generate_secret"): "clients.<key>.type",
    (DNS, "name"): "cognito.custom_domain.host",
    (DNS, "zone_id"): "cognito.custom_domain.hosted_zone_id",
    (API, "identifier"): "resource_servers.<key>.identifier",
}
ACTION_REASONS = {
    "replace_because_tainted": "because an earlier deploy failed half-way",
    "replace_by_request": "because -replace asks for it",
    "replace_by_triggers": "because of replace_triggered_by",
}


def assess(plan: Plan, *, inbound_federation: bool | None) -> list[Occurrence]:
    """Everything that a plan does to people, the worst first."""
    occurrences = [] if plan.complete or plan.errored else [Occurrence(impact=PLAN_INCOMPLETE)]
    for change in plan.changes:
        occurrences += _of_change(ChangeContext(change, plan, inbound_federation))
    order = list(Severity)
    return sorted(occurrences, key=lambda one: order.index(one.impact.severity))


def rules_of(change: ResourceChange) -> Iterator[tuple[Impact, Rule]]:
    """The rules for what happens to a resource."""
    if change.deposed is None:
        for impact in TABLE:
            for rule in impact.rules:
                if rule.resource == change.type and rule.kind is change.kind:
                    yield impact, rule


def _of_change(context: ChangeContext) -> Iterator[Occurrence]:
    change = context.change
    details: dict[str, list[str]] = {}
    named: set[str] = set()
    for impact, rule in rules_of(change):
        if shown := rule.condition(context):
            named.add(rule.attribute)
            details.setdefault(impact.id, []).extend(shown if isinstance(shown, list) else [])
    if undone := _changed_by_others(context):
        named.update(undone)
        details[MANUAL_CHANGE_UNDONE.id] = undone
    if others := _other_changes(change, named, silent=not details):
        details[OTHER_CHANGES.id] = others
    why = _why_replaced(change)
    for id_, shown in details.items():
        yield Occurrence(
            impact=IMPACTS[id_],
            address=change.address,
            name=change.name,
            details=tuple(dict.fromkeys([*shown, *why])),
        )


def _changed_by_others(context: ChangeContext) -> list[str]:
    """What somebody has changed outside of Terraform and the plan changes again."""
    change = context.change
    if change.kind is not Kind.UPDATE:
        return []
    drifts = [drift for drift in context.plan.resource_drift if drift.address == change.address]
    return sorted({name for drift in drifts for name in drift.changed()} & set(change.changed()))


def _other_changes(change: ResourceChange, named: set[str], *, silent: bool) -> list[str]:
    """What nothing else has named, so that no change passes without a line."""
    shown = ["import"] if change.imported else []
    if change.kind is Kind.UPDATE:
        shown += [name for name in change.changed() if name not in named]
    if silent and not shown:
        action = " then ".join(change.change.actions)
        shown.append(action if change.deposed is None else f"{action} of a deposed object")
    return shown


def _why_replaced(change: ResourceChange) -> list[str]:
    if change.kind is not Kind.REPLACE:
        return []
    settings = {name: REPLACING_SETTINGS.get((change.type, name)) for name in change.forced_by}
    if settings:
        return ["because of " + ", ".join(f"{name} ({of})" if of else name for name, of in settings.items())]
    return [ACTION_REASONS[change.action_reason]] if change.action_reason in ACTION_REASONS else []
