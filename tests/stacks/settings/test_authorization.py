"""Roles and groups that become attributes: what is refused, accepted, and warned of."""

from stacks.settings.facts import GroupsClaim
from tests.stacks.settings.samples import (
    CUSTOMERS_ONLY,
    FABRIKAM,
    GROUPS,
    GROUPS_KEPT,
    MAPPED_GROUPS,
    MAPPED_ROLES,
    REGISTRATION,
    ROLES,
    ROLES_KEPT,
    SOMEBODY,
    accepted,
    case,
    groups,
    refused,
    roles,
    silent,
    warned,
)

test_refused = refused(
    case("cognito.groups_from", "role", 'Did you mean "roles"?', also=ROLES),
    (
        ROLES | {"cognito.groups_from": "roles", "cognito.tier": "LITE"},
        "cognito.groups_from",
        'Write tier = "ESSENTIALS"',
    ),
    case("cognito.groups_from", "roles", "no app roles"),
    case("cognito.groups_role_arn", "groups-in-tokens", "not the ARN of a role"),
    case("cognito.groups_role_arn", "arn:aws:iam::123456789012:role/g", "Without groups_from"),
    case("cognito.groups_from", "groups", 'Add groups_claim = "ids"'),
    (ROLES_KEPT | {"entra.assignment_required": False}, MAPPED_ROLES, "would have it for ever"),
    (ROLES_KEPT | {"entra.assigned_users": ["ada@contoso.com"]}, MAPPED_ROLES, "[entra.app_roles.user]"),
    (ROLES_KEPT | {"entra.assigned_groups": ["App users"]}, MAPPED_ROLES, "for ever"),
    (ROLES_KEPT | {"entra.assigned_principals": [SOMEBODY]}, MAPPED_ROLES, "for ever"),
    (GROUPS_KEPT | {"entra.assignment_required": False}, MAPPED_GROUPS, "for ever"),
    (GROUPS_KEPT | {"entra.assigned_users": ["ada@contoso.com"]}, MAPPED_GROUPS, "everybody by a group"),
    (GROUPS_KEPT | {"entra.app_roles.admin.users": ["a@b.c"]}, MAPPED_GROUPS, "everybody by a group"),
    (
        ROLES | {"cognito.groups_from": "roles", "entra.assignment_required": False},
        "cognito.groups_from",
        "for ever",
    ),
    (
        ROLES | {"cognito.attribute_mapping": {"profile": "roles"}, "entra.assignment_required": False},
        "cognito.attribute_mapping.profile",
        "for ever",
    ),
    (
        roles(16, 120) | {"entra.app_roles.last.value": "x" * 100, "cognito.groups_from": "roles"},
        "cognito.groups_from",
        "together they need 2049 characters, and an attribute has 2048",
    ),
    (
        ROLES | FABRIKAM | {"cognito.groups_from": "roles", "entra.app_roles.admin.value": "fabrikam:admin"},
        "entra.app_roles.admin.value",
        "how the roles that [tenants.fabrikam] assigns begin",
    ),
    (groups(56, GroupsClaim.IDS), MAPPED_GROUPS, "Somebody who has all 56 of the `groups`"),
)

test_accepted = accepted(
    ROLES,
    ROLES_KEPT | {"cognito.groups_from": "roles"},
    ROLES | {"cognito.groups_from": "roles", "cognito.attribute_mapping": {"custom:entra_roles": "roles"}},
    ROLES
    | {
        "cognito.groups_from": "roles",
        "cognito.attribute_mapping": {f"custom:a{n}": "tid" for n in range(47)},
    },
    GROUPS | {"cognito.groups_from": "groups"},
    groups(55, GroupsClaim.IDS),
    groups(200, GroupsClaim.NAMES),
    roles(16, 120) | {"entra.app_roles.last.value": "x" * 99, "cognito.groups_from": "roles"},
    CUSTOMERS_ONLY | {"entra.app_roles.admin": {}, "cognito.groups_from": "roles"},
    CUSTOMERS_ONLY | {"entra.groups_claim": "ids", "cognito.groups_from": "groups"},
)

test_warned = warned(
    (ROLES_KEPT | FABRIKAM, MAPPED_ROLES, "each customer's administrator"),
    (ROLES_KEPT | FABRIKAM, MAPPED_ROLES, "takes their administrators for yours"),
    case("cognito.groups_from", "groups", "each customer's", also=GROUPS | FABRIKAM),
    (
        CUSTOMERS_ONLY | {"entra.app_roles.admin": {}, "cognito.groups_from": "roles"},
        "cognito.groups_from",
        "each customer's administrator",
    ),
    case("cognito.groups_from", "roles", "registration's owner", also=REGISTRATION),
    case(
        "cognito.attribute_mapping",
        {"custom:groups": "groups"},
        "registration's owner",
        at='."custom:groups"',
        also=REGISTRATION,
    ),
)

test_silent = silent(
    ROLES_KEPT,
    ROLES | {"cognito.groups_from": "roles"},
    GROUPS_KEPT,
)
