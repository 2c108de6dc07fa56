"""Whether the client secret is still good, and until when."""

from datetime import timedelta
from typing import Any

import pytest

from operate.errors import Unavailable
from operate.verify.checks.secret import Presented, check_secret
from operate.verify.findings import Checked
from tests.operate.samples import NOW, SECRET, application, credential, entra, outputs

GOOD = Presented("", SECRET[:3])


def secret_of(days: float, presented: Presented | Unavailable | None = GOOD) -> Checked:
    ends = (NOW + timedelta(days=days)).isoformat()
    facts = entra(application=application(passwordCredentials=[credential(ends)]))
    return check_secret(outputs(), facts, presented, NOW)


@pytest.mark.parametrize(
    ("days", "expected", "left"),
    [
        (31.5, [], 31),
        (31, [], 31),
        (30.9, ["secret-ends-soon"], 30),
        (8, ["secret-ends-soon"], 8),
        (7.9, ["secret-ends-now"], 7),
        (0.1, ["secret-ends-now"], 0),
        (-0.1, ["secret-expired"], -1),
    ],
)
def test_the_days_left_are_compared_with_the_settings(days: float, expected: list[str], left: int) -> None:
    check = secret_of(days)
    assert [finding.id for finding in check.findings] == expected
    assert check.days_left == left


def test_the_secret_in_use_counts_and_not_another_one() -> None:
    soon, late = (NOW + timedelta(days=days) for days in (3, 100))
    credentials = [
        credential(soon.isoformat(), hint="zzz"),
        credential(late.isoformat(), key_id="another"),
    ]
    facts = entra(application=application(passwordCredentials=credentials))
    check = check_secret(outputs(), facts, GOOD, NOW)
    assert check.findings == ()
    assert check.days_left == 100


def test_of_two_secrets_with_the_same_hint_the_deployed_one_counts() -> None:
    soon, late = (NOW + timedelta(days=days) for days in (3, 100))
    credentials = [credential(soon.isoformat()), credential(late.isoformat(), key_id="another")]
    facts = entra(application=application(passwordCredentials=credentials))
    check = check_secret(outputs(), facts, GOOD, NOW)
    assert [finding.id for finding in check.findings] == ["secret-ends-now"]
    assert check.days_left == 3


def test_without_microsoft_graph_the_end_is_the_deployed_one() -> None:
    check = check_secret(outputs(), Unavailable("no credentials"), GOOD, NOW)
    assert check.findings == ()
    assert check.days_left == 100


@pytest.mark.parametrize(
    ("refusal", "credentials", "expected"),
    [
        ("AADSTS7000222: expired", None, "secret-expired"),
        ("AADSTS7000215: Invalid client secret", None, "secret-wrong"),
        ("AADSTS7000215: Invalid client secret", [], "secret-removed"),
        ("AADSTS7000112: Application is disabled", None, "service-principal-disabled"),
    ],
)
def test_a_refusal_leads_to_its_cause(refusal: str, credentials: list[Any] | None, expected: str) -> None:
    changes = {} if credentials is None else {"passwordCredentials": credentials}
    facts = entra(application=application(**changes))
    check = check_secret(outputs(), facts, Presented(refusal, "zzz"), NOW)
    assert [finding.id for finding in check.findings] == [expected]
    assert check.days_left is None


def test_a_refusal_for_another_reason_is_not_a_finding() -> None:
    check = check_secret(outputs(), entra(), Presented("AADSTS53003: Conditional Access", "zzz"), NOW)
    assert check.findings == ()
    assert "AADSTS53003" in check.not_checked


def test_without_aws_a_removed_secret_is_still_found() -> None:
    facts = entra(application=application(passwordCredentials=[]))
    check = check_secret(outputs(), facts, Unavailable("no AWS credentials"), NOW)
    assert [finding.id for finding in check.findings] == ["secret-removed"]
