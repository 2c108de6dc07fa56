"""The attribute mapping: what is refused, accepted, and warned of."""

from stacks.settings.facts import STANDARD_ATTRIBUTES
from tests.stacks.settings.samples import ROLES, accepted, case, refused, silent, warned

test_refused = refused(
    case("cognito.attribute_mapping", {"username": "oid"}, "`sub`", at=".username"),
    case("cognito.attribute_mapping", {"custom:entra_oid": "sub"}, "object id", at='."custom:entra_oid"'),
    case("cognito.attribute_mapping", {"custom:entra_tid": "oid"}, "tenant", at='."custom:entra_tid"'),
    case("cognito.attribute_mapping", {"sub": "sub"}, "makes `sub` itself", at=".sub"),
    case("cognito.attribute_mapping", {"emial": "email"}, '"email"?', at=".emial"),
    case("cognito.attribute_mapping", {"team": "tid"}, '"custom:team"', at=".team"),
    case(
        "cognito.attribute_mapping", {"custom:" + "n" * 21: "tid"}, "1 to 20", at=f'''."custom:{"n" * 21}"'''
    ),
    case("cognito.attribute_mapping", {"custom:": "tid"}, "1 to 20", at='."custom:"'),
    case("cognito.attribute_mapping", {"email": ""}, "name of a claim", at=".email"),
    case("cognito.attribute_mapping", {f"custom:a{n}": "tid" for n in range(49)}, "takes 50"),
    (
        {"cognito.attribute_mapping": {"name": "given_name"}, "entra.optional_claims": []},
        "cognito.attribute_mapping.name",
        'Add "given_name" to optional_claims',
    ),
    case(
        "cognito.attribute_mapping",
        {"custom:groups": "groups"},
        'Add groups_claim = "ids" to [entra]',
        at='."custom:groups"',
    ),
    case("cognito.attribute_mapping", {"custom:roles": "roles"}, "no app roles", at='."custom:roles"'),
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
)


test_accepted = accepted(
    {"cognito.attribute_mapping": {}},
    {"cognito.attribute_mapping": dict.fromkeys(STANDARD_ATTRIBUTES, "sub")},
    {"cognito.attribute_mapping": {"custom:entra_oid": "oid", "custom:entra_tid": "tid", "username": "sub"}},
    {"cognito.attribute_mapping": {f"custom:a{n}": "tid" for n in range(48)}},
    {"cognito.attribute_mapping": {"custom:" + "n" * 20: "tid"}},
)


test_warned = warned(
    (
        {"cognito.attribute_mapping": {"email_verified": "xms_edov"}}
        | {"entra.optional_claims": ["xms_edov"]},
        "cognito.attribute_mapping.email_verified",
        "unverified",
    ),
    case(
        "cognito.attribute_mapping",
        {"custom:checked": "email_verified"},
        "unverified",
        at='."custom:checked"',
    ),
    case(
        "cognito.attribute_mapping",
        {"phone_number_verified": "tid"},
        "unverified",
        at=".phone_number_verified",
    ),
    case("cognito.attribute_mapping", {"email": "preferred_username"}, "no mailbox", at=".email"),
    case("cognito.attribute_mapping", {"custom:team": "department"}, "no such claim", at='."custom:team"'),
)


test_silent = silent(
    {"cognito.attribute_mapping": {"custom:login": "preferred_username"}},
)
