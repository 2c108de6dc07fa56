"""Assignments, app roles and groups: what is refused, accepted, and warned of."""

from hypothesis import given
from hypothesis import strategies as st

from stacks.settings.access import RoleKey, RoleName, RoleValue
from stacks.settings.facts import GroupsClaim
from tests.stacks.settings.samples import (
    CUSTOMERS_ONLY,
    FABRIKAM,
    GROUPS,
    PERSONAL,
    ROLES,
    SOMEBODY,
    accepted,
    accepts,
    case,
    groups,
    refused,
    silent,
    unhurried,
    warned,
)

test_refused = refused(
    (
        {
            "entra.assignment_required": True,
            "entra.admin_consent": False,
            "entra.assigned_principals": [SOMEBODY],
        },
        "entra.admin_consent",
        "nobody can sign in",
    ),
    ({"entra.assignment_required": True}, "entra.assigned_principals", "nobody is assigned"),
    case("entra.assigned_principals", ["group"], "object id", at="[0]"),
    (PERSONAL | ROLES, "entra.app_roles", "can have no app roles"),
    (
        ROLES | {"entra.account_types": "AzureADandPersonalMicrosoftAccount"},
        "entra.app_roles",
        "can have no app roles",
    ),
    (
        {"entra.assignment_required": True, "entra.app_roles.admin": {}},
        "entra.assigned_principals",
        "nobody is",
    ),
    (ROLES | {"entra.admin_consent": False}, "entra.admin_consent", "nobody can sign in"),
    case("entra.assigned_users", ["ada"], "user principal name", at="[0]"),
    case("entra.assigned_users", [SOMEBODY], "list of principals", at="[0]"),
    case("entra.assigned_users", ["a@b.c", "A@B.C"], "twice", at="[1]"),
    case("entra.assigned_users", ["a\x00@b.c"], "user principal name", at="[0]"),
    case("entra.assigned_groups", [SOMEBODY], "object id", at="[0]"),
    case("entra.assigned_groups", [" "], "1 to 256", at="[0]"),
    case("entra.assigned_groups", ["g" * 257], "1 to 256", at="[0]"),
    case("entra.assigned_groups", ["a\nb"], "1 to 256", at="[0]"),
    case("entra.assigned_groups", ["App users", "app Users"], "twice", at="[1]"),
    *(
        ({"entra.app_roles": {key: {}}}, where, "names the role for good")
        for key, where in (
            ("Admin", "entra.app_roles.Admin"),
            ("1st", "entra.app_roles.1st"),
            ("r" * 32, f"entra.app_roles.{'r' * 32}"),
            ("a.b", 'entra.app_roles."a.b"'),
        )
    ),
    *(
        case("entra.app_roles", {"admin": {"value": value}}, "at most 120", at=".admin.value")
        for value in ("", ".admin", "an admin", "r" * 121, "größe", 'a"b', "a\\b", "admin\n")
    ),
    case("entra.app_roles.a.display_name", " ", "1 to 100"),
    case("entra.app_roles.a.display_name", "n" * 101, "1 to 100"),
    case("entra.app_roles.a.description", "", "1 to 1024"),
    case("entra.app_roles.a.description", "d" * 1025, "1 to 1024"),
    case(
        "entra.app_roles",
        {"admin": {}, "boss": {"value": "admin"}},
        "[entra.app_roles.admin] has this value already",
        at=".boss.value",
    ),
    case("entra.app_roles.a.principals", ["ada@contoso.com"], "e-mail", at="[0]"),
    case("entra.groups_claim", "id", 'Did you mean "ids"?'),
    case("entra.groups_claim", "ids", "and none is"),
    (groups(201, GroupsClaim.NAMES), "entra.groups_claim", "more than 200 of them"),
)

test_accepted = accepted(
    {"entra.app_roles": {"a": {"value": "r" * 120, "display_name": "n" * 100, "description": "d" * 1024}}},
    {"entra.app_roles": {"a": {"value": "Orders.Write:all<=>?@[]^_`{|}~!#$%&'()*+,-./;"}}},
    {
        "entra.assigned_groups": ["g" * 256, "Größe & Gewicht"],
        "entra.assigned_users": ["a_b#EXT#@c.onmicrosoft.com"],
    },
    CUSTOMERS_ONLY | {"entra.assignment_required": True, "entra.admin_consent": False},
)

test_warned = warned(
    case("entra.assigned_principals", [SOMEBODY], "Everybody in the tenant"),
    case(
        "entra.assigned_users",
        ["ada@contoso.com"],
        "whom home_accounts = false keeps out",
        also=CUSTOMERS_ONLY,
    ),
    (CUSTOMERS_ONLY | {"entra.assignment_required": True}, "entra.assignment_required", "keeps out"),
    case("entra.groups_claim", "names", "one that is called as yours", also=GROUPS | FABRIKAM),
    case("entra.assigned_users", ["ada@contoso.com"], "Everybody in the tenant"),
    case("entra.assigned_groups", ["App users"], "Everybody in the tenant"),
)

test_silent = silent(
    {"entra.assignment_required": True, "entra.assigned_principals": [SOMEBODY]},
)


@unhurried
@given(st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True))
def test_the_key_of_a_role_is_a_good_value_and_name(key: str) -> None:
    assert accepts(RoleKey, key)
    assert accepts(RoleValue, key)
    assert accepts(RoleName, key)
