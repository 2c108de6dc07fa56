"""What a plan does to people, by the table of impacts; docs/guard.md shows the table."""

from collections.abc import Iterator

from operate.guard.impacts.impact import ChangeContext, Impact, Occurrence, Rule, Severity
from operate.guard.impacts.table import IMPACTS
from operate.guard.plan import Kind, Plan, ResourceChange

__all__ = ["HARMLESS", "IMPACTS", "REPLACING_SETTINGS", "assess", "rules_of"]

HARMLESS = "other-changes"
# The settings whose change replaces an object, by resource type and attribute.
REPLACING_SETTINGS = {
    ("aws_cognito_user_pool", "name"): "cognito.user_pool_name",
    ("aws_cognito_user_pool_domain", "domain"): "cognito.domain_prefix, cognito.custom_domain.host",
    ("aws_cognito_identity_provider", "provider_name"): "cognito.provider_name, tenants.<key>.provider_name",
    ("aws_cognito_user_pool_client", "generate_secret"): "clients.<key>.type",
    ("aws_route53_record", "name"): "cognito.custom_domain.host",
    ("aws_route53_record", "zone_id"): "cognito.custom_domain.hosted_zone_id",
    ("aws_cognito_resource_server", "identifier"): "resource_servers.<key>.identifier",
}
ACTION_REASONS = {
    "replace_because_tainted": "because an earlier deploy failed half-way",
    "replace_by_request": "because -replace asks for it",
    "replace_by_triggers": "because of replace_triggered_by",
}


def assess(plan: Plan, *, inbound_federation: bool | None) -> list[Occurrence]:
    """Everything that a plan does to people, the worst first."""
    incomplete = not plan.complete and not plan.errored
    occurrences = [Occurrence(impact=IMPACTS["plan-incomplete"])] if incomplete else []
    for change in plan.changes:
        occurrences += _of_change(ChangeContext(change, plan, inbound_federation))
    order = list(Severity)
    return sorted(occurrences, key=lambda one: order.index(one.impact.severity))


def rules_of(change: ResourceChange) -> Iterator[tuple[Impact, Rule]]:
    """The rules for what happens to a resource."""
    # Nobody signs in by a pipeline's applications and roles (stacks/bootstrap.py).
    if change.deposed is None and not change.name.startswith("pipeline"):
        for impact in IMPACTS.values():
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
        details["manual-change-undone"] = undone
    if harmless := _harmless_actions(change, listed=HARMLESS in details):
        details.setdefault(HARMLESS, []).extend(harmless)
    # No change passes without a line.
    unknown = sorted(set(change.changed()) - named) if change.kind is Kind.UPDATE else []
    if unknown or not details:
        details["unknown-effect"] = unknown or [_action(change)]
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


def _harmless_actions(change: ResourceChange, *, listed: bool) -> list[str]:
    """What is done as a whole and is harmless: listed as that, or done to the state only."""
    state_only = change.kind is Kind.FORGET or change.deposed is not None
    as_a_whole = state_only or (listed and change.kind is not Kind.UPDATE)
    return [*([_action(change)] if as_a_whole else []), *(["import"] if change.imported else [])]


def _action(change: ResourceChange) -> str:
    action = " then ".join(change.change.actions)
    return action if change.deposed is None else f"{action} of a deposed object"


def _why_replaced(change: ResourceChange) -> list[str]:
    if change.kind is not Kind.REPLACE:
        return []
    settings = {name: REPLACING_SETTINGS.get((change.type, name)) for name in change.forced_by}
    if settings:
        return ["because of " + ", ".join(f"{name} ({of})" if of else name for name, of in settings.items())]
    return [ACTION_REASONS[change.action_reason]] if change.action_reason in ACTION_REASONS else []
