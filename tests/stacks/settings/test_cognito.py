"""The user pool: what is refused, accepted, and warned of."""

import re

from hypothesis import given
from hypothesis import strategies as st

from stacks.settings.cognito import RETENTION_DAYS, RetentionDays
from stacks.settings.facts import STANDARD_ATTRIBUTES, Tier
from tests.stacks.settings.samples import ROLES, accepted, case, refusal, refused, silent, unhurried, warned

test_refused = refused(
    case("cognito.user_pool_name", "pool/1", "1 to 128"),
    case("cognito.user_pool_name", "p" * 129, "1 to 128"),
    case("cognito.tier", "PREMIUM", "Write one of"),
    case("cognito.tier", "plus", 'Did you mean "PLUS"?'),
    case("cognito.managed_login_version", 3, "from 1 to 2"),
    (
        {"cognito.managed_login_version": 2, "cognito.tier": "LITE"},
        "cognito.managed_login_version",
        "LITE tier",
    ),
    case("cognito.provider_name", "Entra ID", "no spaces"),
    case("cognito.provider_name", "Entra_ID", "no underscores"),
    case("cognito.provider_name", "ad", "3 to 32"),
    case("cognito.provider_name", "e" * 33, "3 to 32"),
    *(
        case("cognito.provider_name", name, "a provider of its own")
        for name in ("COGNITO", "cognito", "facebook", "Google", "LoginWithAmazon", "signinwithapple")
    ),
    case("cognito.idp_identifiers", ["a", "a"], "twice", at="[1]"),
    case("cognito.idp_identifiers", ["é"], "1 to 40", at="[0]"),
    case("cognito.idp_identifiers", ["i" * 41], "1 to 40", at="[0]"),
    case("cognito.idp_identifiers", [str(n) for n in range(51)], "takes 50"),
    case("cognito.log_retention_days", 31, "Write 30."),
    case("cognito.log_retention_days", 0, "Write 1."),
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
    {"cognito.user_pool_name": "My pool, +=.@-_"},
    *({"cognito.tier": tier} for tier in Tier),
    {"cognito.managed_login_version": 2, "cognito.tier": "ESSENTIALS"},
    *({"cognito.provider_name": name} for name in ("abc", "Entra-ID", "login.contoso.com", "e" * 32)),
    {"cognito.idp_identifiers": ["contoso.com", "fabrikam.com"]},
    {"cognito.idp_identifiers": [str(n) for n in range(50)]},
    *({"cognito.log_retention_days": days} for days in (1, 30, 3653)),
    {"cognito.attribute_mapping": {}},
    {"cognito.attribute_mapping": dict.fromkeys(STANDARD_ATTRIBUTES, "sub")},
    {"cognito.attribute_mapping": {"custom:entra_oid": "oid", "custom:entra_tid": "tid", "username": "sub"}},
    {"cognito.attribute_mapping": {f"custom:a{n}": "tid" for n in range(48)}},
    {"cognito.attribute_mapping": {"custom:" + "n" * 20: "tid"}},
)

test_warned = warned(
    (
        {"cognito.managed_login_version": 2, "terraform.aws_provider_version": ">= 5.0"},
        "terraform.aws_provider_version",
        "branding",
    ),
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
    case("cognito.attribute_mapping", {"custom:team": "team"}, "no such claim", at='."custom:team"'),
)

test_silent = silent(
    {"cognito.managed_login_version": 2, "terraform.aws_provider_version": "~> 6.25"},
    {"cognito.managed_login_version": 2},
    {"cognito.attribute_mapping": {"custom:login": "preferred_username"}},
)


@unhurried
@given(st.integers())
def test_the_number_of_days_proposed_instead_is_one_that_cloudwatch_knows(days: int) -> None:
    _, remedy = refusal(RetentionDays, days) or ("", str(days))
    (proposed,) = re.findall(r"\d+", remedy)
    assert int(proposed) in RETENTION_DAYS
