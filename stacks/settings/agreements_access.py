"""Rules about who may sign in: assignments, app roles, and the groups that Entra ID sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stacks.settings.findings import Finding, Rulebook, Selection, error, warning
from stacks.settings.identity_providers import lets_in_personal_accounts
from stacks.settings.tables_entra import AppRoleSettings, RegistrationSettings, TenantSettings
from stacks.settings.vocabulary import (
    AccountTypes,
    GroupsClaim,
)

RULES = Rulebook()

# Microsoft learn, "ID token claims reference": from there on, the claim says where to ask for them instead.
MOST_GROUPS = 200

Roles = Mapping[str, AppRoleSettings]


@dataclass(frozen=True)
class Access(Selection):
    """What `[entra]` says of who may sign in and what they may do."""

    TABLE = "entra"
    home_accounts: bool
    assignment_required: bool
    assigned_users: list[str]
    assigned_groups: list[str]
    assigned_principals: list[str]
    app_roles: Roles
    groups_claim: GroupsClaim | None
    registration: RegistrationSettings | None


@RULES.reads("entra.home_accounts", "entra.assignment_required", "entra.admin_consent")
def _consent_where_assignment_is_required(home: bool, required: bool, consent: bool) -> Iterator[Finding]:  # noqa: FBT001
    """Microsoft learn, "Restrict a Microsoft Entra app to a set of users"."""
    if home and required and not consent:
        yield error(
            "entra",
            "admin_consent",
            value=consent,
            sentence="Where an assignment is required, people cannot consent by themselves, so without an"
            " administrator's consent nobody can sign in.",
            instead="Write admin_consent = true, or assignment_required = false.",
        )


@RULES.reads(Access)
def _assignment(entra: Access) -> Iterator[Finding]:
    """Microsoft learn, "Restrict a Microsoft Entra app to a set of users"."""
    assigned = {
        "assigned_users": entra.assigned_users,
        "assigned_groups": entra.assigned_groups,
        "assigned_principals": entra.assigned_principals,
    }
    required = entra.assignment_required
    if not entra.home_accounts:
        for name, value in {"assignment_required": required, **assigned}.items():
            if value:
                yield warning(
                    "entra",
                    name,
                    value=value,
                    sentence="This is about the people of tenant_id, whom home_accounts = false keeps out.",
                    instead="Remove the line: a customer's tenant decides by itself who needs an assignment.",
                )
        return
    if required and not any(assigned.values()) and not any(map(_holders, entra.app_roles.values())):
        yield error(
            "entra",
            "assigned_principals",
            value=entra.assigned_principals,
            sentence="An assignment is required and nobody is assigned: nobody could sign in.",
            instead="Add people to assigned_users or groups to assigned_groups, assign a role to somebody, or"
            " write assignment_required = false.",
        )
    for name, named in assigned.items():
        if named and not required:
            yield warning(
                "entra",
                name,
                value=named,
                sentence="Everybody in the tenant may sign in, assigned or not.",
                instead="Write assignment_required = true to let in only those.",
            )


@RULES.reads("entra.app_roles")
def _each_role_value_once(roles: Roles) -> Iterator[Finding]:
    """Microsoft Graph reference, appRole: a value is that of one role."""
    first: dict[str, str] = {}
    for key, role in roles.items():
        value = role.value or key
        if first.setdefault(value, key) != key:
            yield error(
                "entra",
                "app_roles",
                key,
                "value",
                value=value,
                sentence=f"[entra.app_roles.{first[value]}] has this value already.",
                instead="Give one of them another, or make them one role.",
            )


@RULES.reads("entra.app_roles", "entra.account_types", "tenants")
def _no_roles_for_personal_accounts(
    roles: Roles, account_types: AccountTypes | None, tenants: Mapping[str, TenantSettings]
) -> Iterator[Finding]:
    """Microsoft learn, "Validation differences by supported account types": no app roles."""
    if roles and lets_in_personal_accounts(account_types, tenants):
        yield error(
            "entra",
            "app_roles",
            sentence="A registration that lets in personal Microsoft accounts can have no app roles.",
            instead="Remove the roles, or let personal accounts in by an environment of their own.",
        )


@RULES.reads(Access, "tenants")
def _groups_to_send(entra: Access, tenants: Mapping[str, TenantSettings]) -> Iterator[Finding]:
    """Microsoft learn, "Configure group claims for applications": groups assigned to the application."""
    claim, groups = entra.groups_claim, assigned_groups(entra)
    if claim is None or entra.registration is not None:
        return
    if len(groups) > MOST_GROUPS:
        yield error(
            "entra",
            "groups_claim",
            value=claim,
            sentence=f"These are {len(groups)} groups. For somebody in more than {MOST_GROUPS} of them Entra"
            " ID sends none at all.",
            instead="Assign fewer, or use app roles.",
        )
    # In a customer's tenant its own administrator assigns groups.
    if not groups and not tenants:
        yield error(
            "entra",
            "groups_claim",
            value=claim,
            sentence="Entra ID sends the groups that are assigned to the application, and none is.",
            instead="Add groups to assigned_groups or to a role, or remove the line.",
        )


@RULES.reads("entra.groups_claim", "tenants")
def _names_that_customers_choose(
    claim: GroupsClaim | None, tenants: Mapping[str, TenantSettings]
) -> Iterator[Finding]:
    """Microsoft learn, "Configure group claims for applications": what the names are."""
    if claim is GroupsClaim.NAMES and tenants:
        yield warning(
            "entra",
            "groups_claim",
            value=claim,
            sentence="A customer's administrators name their groups as they like: one that is called as yours"
            " gives its members what yours may do.",
            instead='Write groups_claim = "ids".',
        )


def _holders(role: AppRoleSettings) -> list[str]:
    return [*role.users, *role.groups, *role.principals]


def assigned_groups(entra: Access) -> list[str]:
    """The groups that are assigned, as far as the settings tell: an object id may be a person's, too."""
    named = [*entra.assigned_groups, *entra.assigned_principals]
    return list(
        dict.fromkeys(
            [
                *named,
                *(name for role in entra.app_roles.values() for name in [*role.groups, *role.principals]),
            ]
        )
    )
