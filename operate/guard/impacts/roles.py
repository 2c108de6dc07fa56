"""What changes of app roles, of who has them, and of the groups in tokens do to people.

Sources: Microsoft learn, "Add app roles to your application and receive them in the token" and "Configure
group claims for applications"; the azuread provider's documentation of azuread_application (`app_role`,
`group_membership_claims`, `optional_claims`) and azuread_app_role_assignment.
"""

from collections.abc import Iterable
from typing import Any

from operate.guard.impacts.impact import (
    APPLICATION,
    ASSIGNMENT,
    ChangeContext,
    Impact,
    Severity,
    Test,
    added,
    created,
    deleted,
    removed,
    updated,
)
from operate.guard.plan import UNKNOWN

# Assigned to the application without any of its roles (Microsoft Graph reference, appRoleAssignment).
DEFAULT_ACCESS_ROLE = "00000000-0000-0000-0000-000000000000"
GROUPS = "group_membership_claims"
NAMES_OF_GROUPS = "optional_claims.*.id_token.*.additional_properties.*"


def _roles(seen: ChangeContext) -> tuple[dict[str, Any], dict[str, Any]]:
    """The app roles by their ids, before and after."""
    before, after = seen.change.before("app_role") or [], seen.change.after("app_role")
    later = before if after is UNKNOWN else after or []
    return {one["id"]: one for one in before}, {one["id"]: one for one in later}


def _gone(seen: ChangeContext) -> Iterable[str] | None:
    before, after = _roles(seen)
    return sorted(before[id_]["value"] or id_ for id_ in before.keys() - after.keys()) or None


def _new(seen: ChangeContext) -> Iterable[str] | None:
    before, after = _roles(seen)
    return sorted(after[id_]["value"] or id_ for id_ in after.keys() - before.keys()) or None


def _renamed(seen: ChangeContext) -> Iterable[str] | None:
    before, after = _roles(seen)
    return (
        sorted(
            f"{before[id_]['value']} -> {after[id_]['value']}"
            for id_ in before.keys() & after.keys()
            if before[id_]["value"] != after[id_]["value"]
        )
        or None
    )


def _otherwise(seen: ChangeContext) -> Iterable[str] | None:
    before, after = _roles(seen)
    names = ("enabled", "allowed_member_types")
    return (
        sorted(
            f"{after[id_]['value']}: {name}"
            for id_ in before.keys() & after.keys()
            for name in names
            if before[id_].get(name) != after[id_].get(name)
        )
        or None
    )


def _of_a_role(*, later: bool) -> Test:
    """Fires for an assignment with a role, as it is or will be."""

    def test(seen: ChangeContext) -> Iterable[str] | None:
        role = (seen.change.after if later else seen.change.before)("app_role_id")
        return None if role == DEFAULT_ACCESS_ROLE else ()

    return test


ROLES: tuple[Impact, ...] = (
    Impact(
        id="role-removed",
        severity=Severity.IRREVERSIBLE,
        people="These app roles are gone, and with them every assignment to them, those that were made by"
        " hand and in customers' tenants included: from each person's next sign-in on, apps no longer let"
        " them do what the role was for.",
        instead="Keep the role in entra.app_roles until no app asks for it; to rename it in the portal only,"
        " change its display_name.",
        rules=(updated(APPLICATION, "app_role", "a role goes", _gone),),
    ),
    Impact(
        id="role-value-changed",
        severity=Severity.OUTAGE,
        people="Entra ID says another word for these app roles: from each person's next sign-in on, apps that"
        " look for the former one turn them away.",
        instead="Have the apps know both words first.",
        rules=(updated(APPLICATION, "app_role", "a role's value changes", _renamed),),
    ),
    Impact(
        id="role-taken",
        severity=Severity.OUTAGE,
        people="This person, or everybody in this group, no longer has this app role: from their next sign-in"
        " on, apps do not let them do what it is for.",
        instead="Keep them in the role in entra.app_roles, if they should.",
        rules=(deleted(ASSIGNMENT, "to an app role", _of_a_role(later=False)),),
    ),
    Impact(
        id="groups-claim-removed",
        severity=Severity.OUTAGE,
        people="Entra ID no longer sends people's groups: apps that go by them turn new people away, and go"
        " on seeing the last groups of others, since Cognito keeps what it once wrote.",
        instead="Map a claim to the attribute that everybody has, or remove the mapping first.",
        rules=(updated(APPLICATION, GROUPS, "a kind of groups goes", removed(f"{GROUPS}.*")),),
    ),
    Impact(
        id="groups-named-otherwise",
        severity=Severity.OUTAGE,
        people="Entra ID tells groups by their names instead of their object ids, or the other way round:"
        " from each person's next sign-in on, apps that look for the former turn them away.",
        instead="Have the apps know both first.",
        rules=(
            updated(APPLICATION, "optional_claims", "a property of a claim goes", removed(NAMES_OF_GROUPS)),
            updated(APPLICATION, "optional_claims", "a property of a claim comes", added(NAMES_OF_GROUPS)),
        ),
    ),
    Impact(
        id="role-given",
        severity=Severity.NOTICE,
        people="Gives an app role to a person or a group: from their next sign-in on, apps let them do what"
        " it is for.",
        instead="Check that they should.",
        rules=(created(ASSIGNMENT, "to an app role", _of_a_role(later=True)),),
    ),
    Impact(
        id="role-added",
        severity=Severity.NOTICE,
        people="The registration has these app roles too; nobody has one before it is assigned.",
        rules=(updated(APPLICATION, "app_role", "a role comes", _new),),
    ),
    Impact(
        id="role-changed",
        severity=Severity.NOTICE,
        people="These app roles can be given, or used, otherwise.",
        rules=(updated(APPLICATION, "app_role", "whether it is enabled, or who can have it", _otherwise),),
    ),
    Impact(
        id="groups-claim-added",
        severity=Severity.NOTICE,
        people="Entra ID sends people's groups, too: from each person's next sign-in on.",
        rules=(updated(APPLICATION, GROUPS, "a kind of groups comes", added(f"{GROUPS}.*")),),
    ),
)
