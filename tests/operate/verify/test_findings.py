"""Which findings are causes, and what the exit status is."""

import pytest

from operate.cli import ExitStatus
from operate.verify.findings import Checked, Finding, VerifyReport, only_causes
from tests.operate.samples import REDIRECT_URI


def findings_of(*checks: Checked) -> list[tuple[str, str]]:
    return [(finding.id, finding.where) for check in only_causes(checks) for finding in check.findings]


def test_a_cause_hides_its_consequences_and_uncertain_findings_of_itself() -> None:
    seen = Finding("redirect-uri", "request", candidates=frozenset({"redirect-uri"}))
    sure = Finding("redirect-uri", REDIRECT_URI)
    assert findings_of(Checked("a", (seen,)), Checked("b", (sure,))) == [("redirect-uri", REDIRECT_URI)]
    assert findings_of(Checked("a", (seen,)), Checked("b", (Finding("application-missing", "x"),))) == [
        ("application-missing", "x")
    ]
    assert findings_of(Checked("a", (seen, seen))) == [("redirect-uri", "request")]


def test_an_uncertain_finding_explains_nothing() -> None:
    suspected = Finding(
        "provider-missing", "client web", candidates=frozenset({"provider-missing", "client-provider"})
    )
    sure = Finding("client-provider", "client web")
    assert findings_of(Checked("a", (suspected,)), Checked("b", (sure,))) == [
        ("client-provider", "client web")
    ]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), ExitStatus.OK),
        ((Finding("secret-ends-soon", "x"),), ExitStatus.ATTENTION),
        ((Finding("secret-ends-soon", "x"), Finding("consent", "x")), ExitStatus.FAILED),
    ],
)
def test_the_exit_status_is_that_of_the_worst_finding(
    findings: tuple[Finding, ...], expected: ExitStatus
) -> None:
    assert VerifyReport("dev", (Checked("a", findings),)).status is expected


def test_what_was_not_checked_is_no_failure() -> None:
    report = VerifyReport("dev", (Checked("a", not_checked="why"),))
    assert report.status is ExitStatus.OK
    assert not report.complete
