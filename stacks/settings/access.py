"""Who may sign in: assignments, app roles, and the groups that Entra ID sends. Settings, rules and checks."""

import re
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field

from stacks.settings.accounts import lets_in_personal_accounts
from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.facts import GroupsClaim
from stacks.settings.types import (
    GUID,
    Matches,
    ObjectId,
    Table,
    as_written,
    not_blank,
    refused,
    unique,
    unique_in_any_case,
)

GROUP_NAME_LENGTH = 256
# Microsoft learn, "ID token claims reference": from there on, the claim says where to ask for them instead.
MOST_GROUPS = 200


def _user_name(value: str) -> str:
    """A user principal name (Microsoft learn, "Prepare for directory synchronization": userPrincipalName)."""
    if not re.fullmatch(r"[^\s@]{1,64}@[^\s@]{1,255}", value) or not value.isprintable():
        raise refused(
            "People are named here as they sign in: by their user principal name.",
            'Write for instance "ada@contoso.com"; object ids go into the list of principals.',
        )
    return value.lower()


def _group_name(value: str) -> str:
    """A group's display name (Microsoft Graph reference, group resource type: displayName)."""
    if re.fullmatch(GUID, value):
        raise refused(
            "This is an object id; groups are named here by their display name.",
            "Put it into the list of principals instead.",
        )
    if not value.strip() or len(value) > GROUP_NAME_LENGTH or not value.isprintable():
        raise refused(
            f"A group's name has 1 to {GROUP_NAME_LENGTH} characters.", 'Write for instance "App users".'
        )
    return value


UserNames = Annotated[list[Annotated[str, AfterValidator(_user_name), as_written]], unique]
GroupNames = Annotated[list[Annotated[str, AfterValidator(_group_name), as_written]], unique_in_any_case]
ObjectIds = Annotated[list[ObjectId], unique]
# Its id follows from it: another key is another role.
RoleKey = Annotated[
    str,
    Matches(
        r"[a-z][a-z0-9_-]{0,30}",
        "The word after `app_roles.` names the role for good: lower-case letters, digits, hyphens and"
        " underscores, a letter first, at most 31.",
        'Write for instance [entra.app_roles.admin]; any other text for the token goes into "value".',
    ),
]
# Microsoft Graph reference, appRole resource type: value, displayName, description.
RoleValue = Annotated[
    str,
    Matches(
        r"[0-9A-Za-z:!#$%&'()*+,\-/;<=>?@\[\]^_`{|}~][0-9A-Za-z:!#$%&'()*+,\-./;<=>?@\[\]^_`{|}~]{0,119}",
        "A role's value has at most 120 letters, digits and signs, no space and no dot first.",
        'Write for instance "Orders.Write".',
    ),
]
RoleName = Annotated[str, not_blank(100, "A role's name has", 'Write for instance "Admins".')]
RoleDescription = Annotated[
    str,
    not_blank(1024, "A role's description has", 'Write for instance "May change everything."'),
]


# A role's id follows from its key. Read back from the application instead, every id would be unknown as soon
# as any role changes, and every assignment be replaced.
_ROLE_IDS = UUID("5f0c5b0e-6d0b-4a57-9d5b-0c1a6f3f7d21")


def role_id(key: str) -> str:
    """The id of an app role, which is unique within its application."""
    return str(uuid5(_ROLE_IDS, key))


def named(users: Iterable[str], groups: Iterable[str], ids: Iterable[str]) -> list[str]:
    """People and groups in one list: `user <principal name>`, `group <display name>`, or an object id.

    Names are in lower case, since Entra ID compares them regardless of it.
    """
    return [*(f"user {one.lower()}" for one in users), *(f"group {one.lower()}" for one in groups), *ids]


class AppRoleSettings(Table):
    """A role that people have in the apps: an app role of the registration, and who is assigned to it."""

    value: RoleValue | None = Field(default=None, examples=["Orders.Write"])
    """What the claim `roles` says; left out, the key."""
    display_name: RoleName | None = Field(default=None, examples=["Administrators"])
    """What administrators read when they assign the role; left out, the value."""
    description: RoleDescription | None = Field(default=None, examples=["May change everything."])
    """What they read below it; left out, the name."""
    users: UserNames = Field(default=[], examples=[["ada@contoso.com"]])
    """User principal names of the people who have the role."""
    groups: GroupNames = Field(default=[], examples=[["Portal administrators"]])
    """Display names of the security groups whose members have the role."""
    principals: ObjectIds = Field(default=[], examples=[["1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"]])
    """Object ids of further users and groups that have the role."""

    @property
    def holders(self) -> list[str]:
        """Everybody who has the role, as `named` has them."""
        return named(self.users, self.groups, self.principals)


@check
def _consent_where_assignment_is_required(s: Settings) -> Messages:
    """Microsoft learn, "Restrict a Microsoft Entra app to a set of users"."""
    if s.entra.home_accounts and s.entra.assignment_required and not s.entra.admin_consent:
        yield error(
            at.entra.admin_consent,
            "Where an assignment is required, people cannot consent by themselves, so without an"
            " administrator's consent nobody can sign in.",
            "Write admin_consent = true, or assignment_required = false.",
        )


@check
def _assignment(s: Settings) -> Messages:
    """Microsoft learn, "Restrict a Microsoft Entra app to a set of users"."""
    required = s.entra.assignment_required
    assigned = {
        "assigned_users": s.entra.assigned_users,
        "assigned_groups": s.entra.assigned_groups,
        "assigned_principals": s.entra.assigned_principals,
    }
    if not s.entra.home_accounts:
        for name, value in {"assignment_required": required, **assigned}.items():
            if value:
                yield warning(
                    at.entra[name],
                    "This is about the people of tenant_id, whom home_accounts = false keeps out.",
                    "Remove the line: a customer's tenant decides by itself who needs an assignment.",
                )
        return
    holders = [role.holders for role in s.entra.app_roles.values()]
    if required and not any(assigned.values()) and not any(holders):
        yield error(
            at.entra.assigned_principals,
            "An assignment is required and nobody is assigned: nobody could sign in.",
            "Add people to assigned_users or groups to assigned_groups, assign a role to somebody, or write"
            " assignment_required = false.",
        )
    for name, named in assigned.items():
        if named and not required:
            yield warning(
                at.entra[name],
                "Everybody in the tenant may sign in, assigned or not.",
                "Write assignment_required = true to let in only those.",
            )


@check
def _each_role_value_once(s: Settings) -> Messages:
    """Microsoft Graph reference, appRole: a value is that of one role."""
    first: dict[str, str] = {}
    for key, role in s.entra.app_roles.items():
        value = role.value or key
        if first.setdefault(value, key) != key:
            yield error(
                at.entra.app_roles[key].value,
                f"[entra.app_roles.{first[value]}] has this value already.",
                "Give one of them another, or make them one role.",
                value=value,
            )


@check
def _no_roles_for_personal_accounts(s: Settings) -> Messages:
    """Microsoft learn, "Validation differences by supported account types": no app roles."""
    if s.entra.app_roles and lets_in_personal_accounts(s):
        yield error(
            at.entra.app_roles,
            "A registration that lets in personal Microsoft accounts can have no app roles.",
            "Remove the roles, or let personal accounts in by an environment of their own.",
        )


@check
def _groups_to_send(s: Settings) -> Messages:
    """Microsoft learn, "Configure group claims for applications": groups assigned to the application."""
    groups = assigned_groups(s)
    if s.entra.groups_claim is None or s.entra.registration is not None:
        return
    if len(groups) > MOST_GROUPS:
        yield error(
            at.entra.groups_claim,
            f"These are {len(groups)} groups. For somebody in more than {MOST_GROUPS} of them Entra ID sends"
            " none at all.",
            "Assign fewer, or use app roles.",
        )
    # In a customer's tenant its own administrator assigns groups.
    if not groups and not s.tenants:
        yield error(
            at.entra.groups_claim,
            "Entra ID sends the groups that are assigned to the application, and none is.",
            "Add groups to assigned_groups or to a role, or remove the line.",
        )


@check
def _names_that_customers_choose(s: Settings) -> Messages:
    """Microsoft learn, "Configure group claims for applications": what the names are."""
    if s.entra.groups_claim is GroupsClaim.NAMES and s.tenants:
        yield warning(
            at.entra.groups_claim,
            "A customer's administrators name their groups as they like: one that is called as yours gives"
            " its members what yours may do.",
            'Write groups_claim = "ids".',
        )


def assigned_groups(s: Settings) -> list[str]:
    """The groups that are assigned, as far as the settings tell: an object id may be a person's, too."""
    of_roles = [name for role in s.entra.app_roles.values() for name in [*role.groups, *role.principals]]
    return list(dict.fromkeys([*s.entra.assigned_groups, *s.entra.assigned_principals, *of_roles]))
