"""What checks report, and which findings are causes rather than consequences of others."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from operate.cli import ExitStatus
from operate.known_errors import KNOWN_ERRORS, KnownError, explain
from operate.outputs import Outputs

# How the place of a finding about an app client begins; the client's key follows.
CLIENT = "client "
TENANT_CONSENT = "tenant-consent"
# The worst first.
STATUSES: dict[str, ExitStatus] = {
    "error": ExitStatus.FAILED,
    "door": ExitStatus.OPEN,
    "warning": ExitStatus.ATTENTION,
}


@dataclass(frozen=True)
class Finding:
    """A known error that a check found.

    Attributes:
        id: the known error's.
        where: the thing that is wrong, such as `client web` or `token_url`.
        detail: what is and what should be; never a secret.
        candidates: the ids of all known errors that show in the same way, where a check saw no more than
            that. Where another check finds one of them for certain, this finding is dropped.
        provider: the identity provider that it is about, where it is about one.
        remedy: what to do, where the check knows better than the known error.
    """

    id: str
    where: str
    detail: str = ""
    candidates: frozenset[str] = frozenset()
    provider: str = ""
    remedy: str = ""

    @property
    def known_error(self) -> KnownError:
        """Cause and remedy."""
        return KNOWN_ERRORS[self.id]


@dataclass(frozen=True)
class Checked:
    """What came of one check.

    Attributes:
        title: what was checked, as a person would say it.
        not_checked: why it could not be made, at least in part; one sentence.
        note: what is good to know where nothing is wrong.
        days_left: until the client secret expires, where the check knows it.
    """

    title: str
    findings: tuple[Finding, ...] = ()
    not_checked: str = ""
    note: str = ""
    days_left: int | None = None


@dataclass(frozen=True)
class VerifyReport:
    """All checks of one environment, in the order in which people read them.

    Attributes:
        failure: why nothing could be checked.
    """

    environment: str
    checks: tuple[Checked, ...] = ()
    seconds: float = 0.0
    failure: str = ""

    @property
    def findings(self) -> list[Finding]:
        """The findings of all checks."""
        return [finding for check in self.checks for finding in check.findings]

    @property
    def complete(self) -> bool:
        """Whether every check could be made."""
        return not any(check.not_checked for check in self.checks)

    @property
    def days_left(self) -> int | None:
        """Until the client secret expires; None where that is not known."""
        return next((check.days_left for check in self.checks if check.days_left is not None), None)

    @property
    def status(self) -> ExitStatus:
        """The exit status, by the worst finding: an error, an open door, a warning."""
        severities = {finding.known_error.severity for finding in self.findings}
        return next(
            (status for severity, status in STATUSES.items() if severity in severities), ExitStatus.OK
        )


def door(id_: str, where: str, detail: str = "", **names: str) -> Finding:
    """A finding whose remedy is a command, with what stands for the names in braces in it."""
    remedy = KNOWN_ERRORS[id_].remedy
    for name, value in names.items():
        remedy = remedy.replace(f"{{{name}}}", value)
    return Finding(id_, where, detail, remedy=remedy)


def candidates_for(answer: str) -> list[str]:
    """The ids of the known errors that `verify` can detect and that match an answer of the home tenant."""
    return [known.id for known in explain(answer) if known.verified and known.id != TENANT_CONSENT]


def with_remedies(outputs: Outputs, checks: Iterable[Checked]) -> tuple[Checked, ...]:
    """The same checks, with the remedy of each finding: for an object of another team it is another."""

    def remedy(finding: Finding) -> str:
        client = finding.where.removeprefix(CLIENT) if finding.where.startswith(CLIENT) else None
        return finding.remedy or finding.known_error.remedy_where(outputs.existing(client))

    return tuple(
        replace(check, findings=tuple(replace(one, remedy=remedy(one)) for one in check.findings))
        for check in checks
    )


def only_causes(checks: Iterable[Checked]) -> tuple[Checked, ...]:
    """The same checks, with each finding once and without the consequences of others."""
    checks = tuple(checks)
    findings = [finding for check in checks for finding in check.findings]
    seen: set[tuple[str, str, str]] = set()
    remaining = []
    for check in checks:
        causes = []
        for finding in check.findings:
            key = (finding.id, finding.where, finding.provider)
            if key not in seen and not any(_explains(other, finding) for other in findings):
                causes.append(finding)
                seen.add(key)
        remaining.append(replace(check, findings=tuple(causes)))
    return tuple(remaining)


def _explains(cause: Finding, finding: Finding) -> bool:
    """Whether one finding is the cause of another, or the same cause found for certain."""
    if cause is finding or cause.candidates:
        return False
    if cause.where != finding.where and cause.where.startswith(CLIENT) and finding.where.startswith(CLIENT):
        return False
    if cause.provider and finding.provider and cause.provider != finding.provider:
        return False
    return finding.id in cause.known_error.explains or cause.id in finding.candidates
