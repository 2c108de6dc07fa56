"""Whether the client secret is still good, and until when."""

from datetime import timedelta
from typing import Any

import pytest

from operate.errors import Unavailable
from operate.verify.checks.secret import Presented, check_secret
from operate.verify.findings import Checked
from tests.operate.samples import NOW, SECRET, VALUES, application, credential, entra, outputs

GOOD = Presented("", SECRET[:3])
DEPLOYED = credential(VALUES["client_secret_end_date"])


def in_days(days: float) -> str:
    return (NOW + timedelta(days=days)).isoformat()


def checked(credentials: list[Any], presented: Presented | Unavailable = GOOD) -> Checked:
    facts = entra(application=application(passwordCredentials=credentials))
    return check_secret(outputs(), facts, presented, NOW)


def ids(check: Checked) -> list[str]:
    return [finding.id for finding in check.findings]


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
    check = checked([credential(in_days(days))])
    assert (ids(check), check.days_left) == (expected, left)


def test_the_secret_in_use_counts_and_not_another_one() -> None:
    check = checked([credential(in_days(3), hint="zzz"), credential(in_days(100), key_id="another")])
    assert (ids(check), check.days_left) == ([], 100)


def test_of_two_secrets_with_the_same_hint_the_deployed_one_counts() -> None:
    check = checked([credential(in_days(3)), credential(in_days(100), key_id="another")])
    assert (ids(check), check.days_left) == (["secret-ends-now"], 3)


def test_without_microsoft_graph_the_end_is_the_deployed_one() -> None:
    check = check_secret(outputs(), Unavailable("no credentials"), GOOD, NOW)
    assert (ids(check), check.days_left) == ([], 100)


@pytest.mark.parametrize(
    ("refusal", "credentials", "expected"),
    [
        ("AADSTS7000222: expired", [DEPLOYED], "secret-expired"),
        ("AADSTS7000215: Invalid client secret", [DEPLOYED], "secret-wrong"),
        ("AADSTS7000215: Invalid client secret", [], "secret-removed"),
        ("AADSTS7000112: Application is disabled", [DEPLOYED], "service-principal-disabled"),
    ],
)
def test_a_refusal_leads_to_its_cause(refusal: str, credentials: list[Any], expected: str) -> None:
    check = checked(credentials, Presented(refusal, "zzz"))
    assert (ids(check), check.days_left) == ([expected], None)


def test_a_refusal_for_another_reason_is_not_a_finding() -> None:
    check = checked([DEPLOYED], Presented("AADSTS53003: Conditional Access", "zzz"))
    assert check.findings == ()
    assert "AADSTS53003" in check.not_checked


def test_without_aws_a_removed_secret_is_still_found() -> None:
    assert ids(checked([], Unavailable("no AWS credentials"))) == ["secret-removed"]
