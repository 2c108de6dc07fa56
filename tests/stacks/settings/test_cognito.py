"""The user pool: what is refused, accepted, and warned of."""

import re

from hypothesis import given
from hypothesis import strategies as st

from stacks.settings import Tier
from stacks.settings.cognito import RETENTION_DAYS, RetentionDays
from tests.stacks.settings.samples import accepted, case, refusal, refused, silent, unhurried, warned

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
)


test_accepted = accepted(
    {"cognito.user_pool_name": "My pool, +=.@-_"},
    *({"cognito.tier": tier} for tier in Tier),
    {"cognito.managed_login_version": 2, "cognito.tier": "ESSENTIALS"},
    *({"cognito.provider_name": name} for name in ("abc", "Entra-ID", "login.contoso.com", "e" * 32)),
    {"cognito.idp_identifiers": ["contoso.com", "fabrikam.com"]},
    {"cognito.idp_identifiers": [str(n) for n in range(50)]},
    *({"cognito.log_retention_days": days} for days in (1, 30, 3653)),
)


test_warned = warned(
    (
        {"cognito.managed_login_version": 2, "terraform.aws_provider_version": ">= 5.0"},
        "terraform.aws_provider_version",
        "branding",
    ),
)


test_silent = silent(
    {"cognito.managed_login_version": 2, "terraform.aws_provider_version": "~> 6.25"},
    {"cognito.managed_login_version": 2},
)


@unhurried
@given(st.integers())
def test_the_number_of_days_proposed_instead_is_one_that_cloudwatch_knows(days: int) -> None:
    _, remedy = refusal(RetentionDays, days) or ("", str(days))
    (proposed,) = re.findall(r"\d+", remedy)
    assert int(proposed) in RETENTION_DAYS
