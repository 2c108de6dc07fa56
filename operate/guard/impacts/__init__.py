"""The table of consequences: `guard` judges plans by it, and people read it in docs/guard.md.

Run as a module, it writes the tables into docs/guard.md.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from operate.guard.impacts.access import ACCESS
from operate.guard.impacts.apis import APIS
from operate.guard.impacts.clients import CLIENTS
from operate.guard.impacts.functions import FUNCTIONS
from operate.guard.impacts.impact import (
    API,
    APPLICATION,
    ASSIGNMENT,
    BRANDING,
    CLIENT,
    DNS,
    DOMAIN,
    FUNCTION,
    FUNCTION_RIGHTS,
    FUNCTION_ROLE,
    GRANT,
    LOGS,
    MAY_CALL,
    PASSWORD,
    PAUSE,
    POOL,
    PRINCIPAL,
    PROVIDER,
    ChangeContext,
    Facts,
    Finding,
    Impact,
    Rule,
    Severity,
)
from operate.guard.impacts.pool import POOL_AND_DOMAIN
from operate.guard.impacts.provider import IDENTITY_PROVIDER
from operate.guard.impacts.registration import REGISTRATION
from operate.guard.impacts.roles import ROLES
from operate.guard.plan import Kind, Plan, ResourceChange

DOCUMENT = Path(__file__).parents[3] / "docs" / "guard.md"

SIGN_IN_GAP = Impact(
    id="sign-in-gap",
    severity=Severity.OUTAGE,
    people="Sign-in is down between these two steps: the old one is deleted, then the new one is made.",
    instead="Deploy when few people sign in, and keep an eye on it until it is through.",
)
PLAN_INCOMPLETE = Impact(
    id="plan-incomplete",
    severity=Severity.NOTICE,
    people="The plan covers only a part of the environment, so this is only a part of what it leads to.",
    instead="Plan without -target.",
)
MANUAL_CHANGE_UNDONE = Impact(
    id="manual-change-undone",
    severity=Severity.NOTICE,
    people="Somebody has changed these attributes outside of Terraform: this plan changes them again.",
    instead="Ask who changed them, and why, before deploying.",
)
LEFTOVER_REMOVED = Impact(
    id="leftover-removed",
    severity=Severity.NOTICE,
    people="Removes what an interrupted deploy left behind after it had made the new one.",
)
FORGOTTEN = Impact(
    id="forgotten",
    severity=Severity.NOTICE,
    people="Stays as it is, and out of Terraform's sight: no later plan changes it, or puts it back.",
)
TAKEN_OVER = Impact(
    id="taken-over",
    severity=Severity.NOTICE,
    people="Was there before, and is managed from now on: later plans change it back to the settings.",
)
NO_EFFECT = Impact(
    id="no-effect", severity=Severity.NOTICE, people="Changes that nobody notices: names and tags."
)
UNKNOWN_EFFECT = Impact(
    id="unknown-effect",
    severity=Severity.NOTICE,
    people="The guard does not know what a change of these attributes does to people.",
    instead="Look it up in the provider's documentation before deploying.",
)
UNKNOWN_RESOURCE = Impact(
    id="unknown-resource",
    severity=Severity.NOTICE,
    people="The guard does not know what such a change of such a resource does to people.",
    instead="Look it up in the provider's documentation before deploying.",
)
GENERAL = (
    (SIGN_IN_GAP, "replace, the old one deleted first"),
    (PLAN_INCOMPLETE, "the plan was made with `-target`, or its end is yet unknown"),
    (MANUAL_CHANGE_UNDONE, "update of what was changed outside of Terraform"),
    (LEFTOVER_REMOVED, "delete of a deposed object"),
    (FORGOTTEN, "forget"),
    (TAKEN_OVER, "import"),
    (NO_EFFECT, "update of names and tags only"),
    (UNKNOWN_EFFECT, "update of any attribute that is in no other row"),
    (UNKNOWN_RESOURCE, "any other resource, or another action"),
)

TABLE = REGISTRATION + ACCESS + ROLES + POOL_AND_DOMAIN + IDENTITY_PROVIDER + CLIENTS + APIS + FUNCTIONS
IMPACTS = {one.id: one for one in (*TABLE, *(general for general, _ in GENERAL))}
TYPES = frozenset(rule.resource for one in TABLE for rule in one.rules)

# What sign-in does not wait for.
BESIDE_SIGN_IN = {API, FUNCTION_RIGHTS, LOGS, PAUSE}

# Per type, what nobody notices.
_TAGS = {"tags", "tags_all"}
QUIET = {
    API: {"name"},
    CLIENT: {"name"},
    DNS: {"ttl"},
    FUNCTION: {"description", "filename"} | _TAGS,
    FUNCTION_ROLE: {"description"} | _TAGS,
    LOGS: _TAGS,
    POOL: _TAGS,
}

# Per type, the attributes that cannot change without another object, and the setting behind each, if there is
# one. Sources: the schema of hashicorp/azuread 3.7.0; plans of hashicorp/aws 5.100.0; for the branding, which
# only later versions have, the provider's internal/service/cognitoidp/managed_login_branding.go.
REPLACING: dict[str, dict[str, str]] = {
    APPLICATION: {"template_id": ""},
    PASSWORD: dict.fromkeys(
        ("application_id", "display_name", "end_date", "end_date_relative", "start_date"), ""
    )
    | {"rotate_when_changed": ""},
    PRINCIPAL: {"client_id": ""},
    GRANT: dict.fromkeys(
        ("resource_service_principal_object_id", "service_principal_object_id", "user_object_id"), ""
    ),
    ASSIGNMENT: {
        "app_role_id": "",
        "principal_object_id": "",
        "resource_object_id": "",
    },
    POOL: {
        "name": "cognito.user_pool_name",
        "alias_attributes": "",
        "username_attributes": "",
        "username_configuration": "",
    },
    DOMAIN: {"domain": "cognito.domain_prefix, cognito.custom_domain.host", "user_pool_id": ""},
    PROVIDER: {
        "provider_name": "cognito.provider_name, tenants.<key>.provider_name",
        "provider_type": "",
        "user_pool_id": "",
    },
    CLIENT: {"generate_secret": "clients.<key>.type", "user_pool_id": ""},
    BRANDING: {"asset": "", "client_id": "", "user_pool_id": ""},
    DNS: {"name": "cognito.custom_domain.host", "zone_id": "cognito.custom_domain.hosted_zone_id"},
    API: {"identifier": "resource_servers.<key>.identifier", "user_pool_id": ""},
    FUNCTION: dict.fromkeys(("function_name", "package_type"), ""),
    MAY_CALL: dict.fromkeys(
        ("action", "function_name", "principal", "qualifier", "source_account", "source_arn", "statement_id"),
        "",
    ),
    FUNCTION_ROLE: dict.fromkeys(("name", "path"), ""),
    FUNCTION_RIGHTS: dict.fromkeys(("name", "role"), ""),
    LOGS: dict.fromkeys(("log_group_class", "name"), ""),
}

_ASKED_FOR = {
    "replace_because_tainted": "because an earlier deploy failed half-way",
    "replace_by_request": "because -replace asks for it",
    "replace_by_triggers": "because of replace_triggered_by",
}


def assess(plan: Plan, facts: Facts) -> list[Finding]:
    """Everything that a plan does to people, the worst first."""
    found = [] if plan.complete or plan.errored else [Finding(consequence=PLAN_INCOMPLETE)]
    for change in plan.changes:
        found += _of_change(ChangeContext(change, plan, facts))
    order = list(Severity)
    return sorted(found, key=lambda finding: order.index(finding.consequence.severity))


def rules_of(resource: str, kind: Kind) -> Iterator[tuple[Impact, Rule]]:
    """The rules for what happens to a type of resource."""
    for consequence in TABLE:
        for rule in consequence.rules:
            if rule.resource == resource and rule.kind is kind:
                yield consequence, rule


def _of_change(seen: ChangeContext) -> list[Finding]:
    change = seen.change
    why = _why(change)

    def finding(consequence: Impact, *details: str) -> Finding:
        return Finding(
            consequence=consequence, address=change.address, name=change.name, details=(*details, *why)
        )

    if change.deposed is not None:
        return [finding(LEFTOVER_REMOVED)]
    if change.kind is Kind.FORGET:
        return [finding(FORGOTTEN)]
    if change.type not in TYPES or change.kind is Kind.OTHER:
        return [finding(UNKNOWN_RESOURCE, " then ".join(change.change.actions))]
    details: dict[str, list[str]] = {}
    for consequence, rule in rules_of(change.type, change.kind):
        shown = rule.test(seen)
        if shown is not None:
            so_far = details.setdefault(consequence.id, [])
            so_far += [one for one in shown if one not in so_far]
    found = [finding(IMPACTS[id_], *shown) for id_, shown in details.items()]
    if change.destroy_first and change.type not in BESIDE_SIGN_IN:
        found.append(finding(SIGN_IN_GAP))
    if change.imported:
        found.append(finding(TAKEN_OVER))
    if change.kind is Kind.UPDATE:
        found += [finding(consequence, *names) for consequence, names in _other_updates(seen, bool(found))]
    return found


def _other_updates(seen: ChangeContext, anything: bool) -> Iterator[tuple[Impact, list[str]]]:  # noqa: FBT001
    """What no rule speaks of, so that no change passes in silence."""
    change = seen.change
    changed = set(change.changed())
    drifts = [drift for drift in seen.plan.resource_drift if drift.address == change.address]
    if undone := sorted(changed & {name for drift in drifts for name in drift.changed()}):
        yield MANUAL_CHANGE_UNDONE, undone
    known = {rule.attribute for _, rule in rules_of(change.type, Kind.UPDATE)} | QUIET.get(change.type, set())
    if unknown := sorted(changed - known):
        yield UNKNOWN_EFFECT, unknown
    elif not anything:
        yield NO_EFFECT, sorted(changed)


def _why(change: ResourceChange) -> list[str]:
    """Why a resource is replaced."""
    if change.kind is not Kind.REPLACE:
        return []
    settings = REPLACING.get(change.type, {})
    forced = [f"{name} ({settings[name]})" if settings.get(name) else name for name in change.forced_by]
    if forced:
        return [f"because of {', '.join(forced)}"]
    return [_ASKED_FOR[change.action_reason]] if change.action_reason in _ASKED_FOR else []


def tables() -> dict[str, str]:
    """The generated parts of docs/guard.md, by the names of their markers."""
    rows = {severity: [_HEAD] for severity in Severity}
    for one in TABLE:
        rows[one.severity].append(_row(one, "<br>".join(dict.fromkeys(map(_when, one.rules)))))
    for one, when in GENERAL:
        rows[one.severity].append(_row(one, when))
    replacing = ["| Resource | Replaced by a change of | Setting |", "|---|---|---|"]
    for resource, attributes in REPLACING.items():
        settings = ", ".join(f"`{setting}`" for setting in attributes.values() if setting)
        names = ", ".join(f"`{name}`" for name in attributes)
        replacing.append(f"| `{resource}` | {names} | {settings} |")
    return {severity.value: "\n".join(lines) for severity, lines in rows.items()} | {
        "replacing": "\n".join(replacing)
    }


def document(text: str) -> str:
    """The text of docs/guard.md with the tables of now."""
    for name, table in tables().items():
        before, marker, rest = text.partition(f"<!-- {name} -->\n")
        text = before + marker + table + rest[rest.index("\n<!-- end -->") :]
    return text


_HEAD = "| Consequence | What happens to people | When | Instead |\n|---|---|---|---|"


def _row(one: Impact, when: str) -> str:
    people = one.people.replace("{users}", "all users").replace("{name}", "…")
    return f"| `{one.id}` | {people} | {when} | {one.instead} |"


def _when(rule: Rule) -> str:
    what = f"`{rule.resource}`: {rule.kind.value}"
    what += f" of `{rule.attribute}`" if rule.attribute else ""
    return f"{what}, {rule.when}" if rule.when else what


def main() -> None:
    """Write the tables."""
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")
