"""Who may sign in, and what they may do there: what is refused, accepted, and warned of."""

from stacks.settings import GroupsClaim
from tests.stacks.settings.samples import SOMEBODY, Changes
from tests.stacks.settings.shapes.samples import (
    CUSTOMERS_ONLY,
    FABRIKAM,
    GROUPS,
    GROUPS_KEPT,
    MAPPED_GROUPS,
    MAPPED_ROLES,
    ROLES,
    ROLES_KEPT,
    WEB,
    groups,
    one,
    roles,
)

REFUSED: list[tuple[Changes, str, str]] = [
    # assignments
    (
        {"entra.assignment_required": True, "entra.app_roles.admin": {}},
        "entra.assigned_principals",
        "nobody is",
    ),
    (ROLES | {"entra.admin_consent": False}, "entra.admin_consent", "nobody can sign in"),
    (one("entra.assigned_users", ["ada"]), "entra.assigned_users[0]", "user principal name"),
    (one("entra.assigned_users", [SOMEBODY]), "entra.assigned_users[0]", "list of principals"),
    (one("entra.assigned_users", ["a@b.c", "A@B.C"]), "entra.assigned_users[1]", "twice"),
    (one("entra.assigned_users", ["a\u0000@b.c"]), "entra.assigned_users[0]", "user principal name"),
    (one("entra.assigned_groups", [SOMEBODY]), "entra.assigned_groups[0]", "object id"),
    (one("entra.assigned_groups", [" "]), "entra.assigned_groups[0]", "1 to 256"),
    (one("entra.assigned_groups", ["g" * 257]), "entra.assigned_groups[0]", "1 to 256"),
    (one("entra.assigned_groups", ["a\nb"]), "entra.assigned_groups[0]", "1 to 256"),
    (one("entra.assigned_groups", ["Ada's"]), "entra.assigned_groups[0]", "apostrophe"),
    (one("entra.assigned_groups", ["App users", "app Users"]), "entra.assigned_groups[1]", "twice"),
    # what Terraform would evaluate
    *(
        (one(key, value), where, "Terraform reads")
        for key, value, where in (
            ("entra.display_name", "${path.cwd}", "entra.display_name"),
            ("entra.display_name", "%{ if true }a", "entra.display_name"),
            ("entra.assigned_groups", ["${x}"], "entra.assigned_groups[0]"),
            ("entra.assigned_users", ["${x}@contoso.com"], "entra.assigned_users[0]"),
            ("entra.app_roles", {"a": {"value": "${x}"}}, "entra.app_roles.a.value"),
            ("entra.app_roles", {"a": {"display_name": "${x}"}}, "entra.app_roles.a.display_name"),
            ("entra.app_roles", {"a": {"description": "${x}"}}, "entra.app_roles.a.description"),
            (
                "resource_servers.a",
                {"identifier": "${x}", "scopes": {"b": "c"}},
                "resource_servers.a.identifier",
            ),
            ("resource_servers.a.scopes", {"${b}": "c"}, 'resource_servers.a.scopes."${b}"'),
            ("resource_servers.a.scopes", {"b": "${c}"}, "resource_servers.a.scopes.b"),
            ("state", {"bucket": "contoso-state", "key": "${x}"}, "state.key"),
        )
    ),
    # app roles
    *(
        (one("entra.app_roles", {key: {}}), where, "names the role for good")
        for key, where in (
            ("Admin", "entra.app_roles.Admin"),
            ("1st", "entra.app_roles.1st"),
            ("r" * 32, f"entra.app_roles.{'r' * 32}"),
            ("a.b", 'entra.app_roles."a.b"'),
        )
    ),
    *(
        (one("entra.app_roles", {"admin": {"value": value}}), "entra.app_roles.admin.value", "at most 120")
        for value in ("", ".admin", "an admin", "r" * 121, "größe", 'a"b', "a\\b", "admin\n")
    ),
    (one("entra.app_roles.a.display_name", " "), "entra.app_roles.a.display_name", "1 to 100"),
    (one("entra.app_roles.a.display_name", "n" * 101), "entra.app_roles.a.display_name", "1 to 100"),
    (one("entra.app_roles.a.description", ""), "entra.app_roles.a.description", "1 to 1024"),
    (one("entra.app_roles.a.description", "d" * 1025), "entra.app_roles.a.description", "1 to 1024"),
    (
        one("entra.app_roles", {"admin": {}, "boss": {"value": "admin"}}),
        "entra.app_roles.boss.value",
        "[entra.app_roles.admin] has this value already",
    ),
    (one("entra.app_roles.a.principals", ["ada@contoso.com"]), "entra.app_roles.a.principals[0]", "e-mail"),
    # groups
    (one("entra.groups_claim", "id"), "entra.groups_claim", 'Did you mean "ids"?'),
    (one("entra.groups_claim", "ids"), "entra.groups_claim", "and none is"),
    (groups(201, GroupsClaim.NAMES), "entra.groups_claim", "more than 200 of them"),
    # into cognito:groups
    (ROLES | {"cognito.groups_from": "role"}, "cognito.groups_from", 'Did you mean "roles"?'),
    (
        ROLES | {"cognito.groups_from": "roles", "cognito.tier": "LITE"},
        "cognito.groups_from",
        'Write tier = "ESSENTIALS"',
    ),
    (one("cognito.groups_from", "roles"), "cognito.groups_from", "no app roles"),
    (one("cognito.groups_from", "groups"), "cognito.groups_from", 'Add groups_claim = "ids"'),
    (
        ROLES | {"cognito.groups_from": "roles", "cognito.local_accounts": True},
        "cognito.groups_from",
        "give themselves any role",
    ),
    (one("cognito.log_retention_days", 31), "cognito.log_retention_days", "Write 30."),
    (one("cognito.log_retention_days", 0), "cognito.log_retention_days", "Write 1."),
    # what was taken away
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
    # what fits
    (
        roles(16, 120) | {"entra.app_roles.last.value": "x" * 100, "cognito.groups_from": "roles"},
        "cognito.groups_from",
        "together they need 2049 characters, and an attribute has 2048",
    ),
    (groups(56, GroupsClaim.IDS), MAPPED_GROUPS, "Somebody who has all 56 of the `groups`"),
    # what people could give themselves
    (
        ROLES_KEPT | {f"{WEB}.scopes": ["openid", "aws.cognito.signin.user.admin"]},
        f"{WEB}.scopes[1]",
        "custom:roles",
    ),
    (
        ROLES
        | {"cognito.groups_from": "roles", f"{WEB}.scopes": ["openid", "aws.cognito.signin.user.admin"]},
        f"{WEB}.scopes[1]",
        "among them custom:entra_roles: what they may do",
    ),
    (ROLES_KEPT | {"cognito.local_accounts": True}, MAPPED_ROLES, "local_accounts = false"),
    # the attribute of the stack's own
    (
        ROLES | {"cognito.groups_from": "roles", "cognito.attribute_mapping": {"custom:entra_roles": "tid"}},
        'cognito.attribute_mapping."custom:entra_roles"',
        "what groups_from is about",
    ),
    (
        ROLES
        | {
            "cognito.groups_from": "roles",
            "cognito.attribute_mapping": {f"custom:a{n}": "tid" for n in range(48)},
        },
        "cognito.attribute_mapping",
        "These are 51 custom attributes",
    ),
]

ACCEPTED: list[Changes] = [
    ROLES,
    ROLES_KEPT,
    ROLES | {"cognito.groups_from": "roles"},
    ROLES_KEPT | {"cognito.groups_from": "roles"},
    ROLES | {"cognito.groups_from": "roles", "cognito.attribute_mapping": {"custom:entra_roles": "roles"}},
    ROLES
    | {
        "cognito.groups_from": "roles",
        "cognito.attribute_mapping": {f"custom:a{n}": "tid" for n in range(47)},
    },
    GROUPS_KEPT,
    GROUPS | {"cognito.groups_from": "groups"},
    groups(55, GroupsClaim.IDS),
    groups(200, GroupsClaim.NAMES),
    roles(16, 120) | {"entra.app_roles.last.value": "x" * 99, "cognito.groups_from": "roles"},
    {"entra.app_roles": {"a": {"value": "r" * 120, "display_name": "n" * 100, "description": "d" * 1024}}},
    {"entra.app_roles": {"a": {"value": "Orders.Write:all<=>?@[]^_`{|}~!#$%&'()*+,-./;"}}},
    {
        "entra.assigned_groups": ["g" * 256, "Größe & Gewicht"],
        "entra.assigned_users": ["a_b#EXT#@c.onmicrosoft.com"],
    },
    # At home nobody signs in, so nobody there needs a role.
    CUSTOMERS_ONLY | {"entra.app_roles.admin": {}, "cognito.groups_from": "roles"},
    CUSTOMERS_ONLY | {"entra.groups_claim": "ids", "cognito.groups_from": "groups"},
    CUSTOMERS_ONLY | {"entra.assignment_required": True, "entra.admin_consent": False},
    *(one("cognito.log_retention_days", days) for days in (1, 30, 3653)),
]

WARNED: list[tuple[Changes, str, str]] = [
    (
        GROUPS | FABRIKAM | {"entra.groups_claim": "names"},
        "entra.groups_claim",
        "one that is called as yours",
    ),
    (one("entra.assigned_users", ["ada@contoso.com"]), "entra.assigned_users", "Everybody in the tenant"),
    (one("entra.assigned_groups", ["App users"]), "entra.assigned_groups", "Everybody in the tenant"),
    (ROLES_KEPT | FABRIKAM, MAPPED_ROLES, "each customer's administrator"),
    (ROLES_KEPT | FABRIKAM, MAPPED_ROLES, "takes their administrators for yours"),
    (GROUPS | FABRIKAM | {"cognito.groups_from": "groups"}, "cognito.groups_from", "each customer's"),
    (
        CUSTOMERS_ONLY | {"entra.app_roles.admin": {}, "cognito.groups_from": "roles"},
        "cognito.groups_from",
        "each customer's administrator",
    ),
]
