"""What the checks have found, and what of it is a cause rather than the consequence of another."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from operate.known_errors import KNOWN_ERRORS
from operate.known_errors.known_error import KnownError, Severity

# How the place of a finding about an app client begins; the client's key follows.
CLIENT = "client "


@dataclass(frozen=True)
class Finding:
    """One cause, found.

    Attributes:
        trouble_id: which trouble it is.
        where: the thing that is wrong, such as `client web` or `token_url`.
        detail: what is and what should be; never a secret.
        instead: all troubles that show in the same way, where a check saw only that. If another found one
            of them for certain, this finding is only another sight of it.
        provider: the identity provider that it is about, where it is about one.
        remedy: what to do here, where that is something else than the trouble's own remedy.
    """

    trouble_id: str
    where: str
    detail: str = ""
    instead: frozenset[str] = frozenset()
    provider: str = ""
    remedy: str = ""

    @property
    def trouble(self) -> KnownError:
        """Cause and remedy."""
        return KNOWN_ERRORS[self.trouble_id]


@dataclass(frozen=True)
class NotChecked:
    """A check that could not be made, and why; one sentence."""

    why: str


@dataclass(frozen=True)
class Checked:
    """How one check ended: without findings, with some, or not made.

    Attributes:
        title: what was checked, as a person would say it.
        findings: what is wrong.
        not_checked: why it could not be made, at least in part.
        note: what is good to know where nothing is wrong.
    """

    title: str
    findings: tuple[Finding, ...] = ()
    not_checked: NotChecked | None = None
    note: str = ""


class Status(IntEnum):
    """The exit status."""

    FINE = 0
    BROKEN = 1
    ENDING = 2


@dataclass(frozen=True)
class Report:
    """All checks of one environment.

    Attributes:
        environment: the stack's name.
        checks: how each ended, in the order in which people read them.
        seconds: how long it took.
        days_left: until the secret expires; None where that is not known.
    """

    environment: str
    checks: tuple[Checked, ...]
    seconds: float = 0.0
    days_left: int | None = field(default=None)

    @property
    def findings(self) -> list[Finding]:
        """Everything found."""
        return [finding for check in self.checks for finding in check.findings]

    @property
    def complete(self) -> bool:
        """Whether every check could be made."""
        return not any(check.not_checked for check in self.checks)

    @property
    def status(self) -> Status:
        """Broken if people cannot sign in, ending if they can for now, or some cannot yet."""
        severities = {finding.trouble.severity for finding in self.findings}
        if Severity.ERROR in severities:
            return Status.BROKEN
        return Status.ENDING if severities else Status.FINE


def causes(checks: Iterable[Checked]) -> tuple[Checked, ...]:
    """The same checks, each finding once, and without those that follow from another."""
    checks = tuple(checks)
    found = [finding for check in checks for finding in check.findings]
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for check in checks:
        left = []
        for finding in check.findings:
            key = (finding.trouble_id, finding.where, finding.provider)
            if key not in seen and not _follows(finding, found):
                left.append(finding)
                seen.add(key)
        kept.append(Checked(check.title, tuple(left), check.not_checked, check.note))
    return tuple(kept)


def _follows(finding: Finding, found: Iterable[Finding]) -> bool:
    """Whether another finding explains this one, or is the same cause seen for certain."""
    return any(
        other is not finding
        and not other.instead
        and not _of_another_client(finding, other)
        and not _of_another_provider(finding, other)
        and (finding.trouble_id in other.trouble.explains or other.trouble_id in finding.instead)
        for other in found
    )


def _of_another_client(finding: Finding, other: Finding) -> bool:
    """What is wrong with one app client explains nothing about another."""
    return finding.where != other.where and all(one.where.startswith(CLIENT) for one in (finding, other))


def _of_another_provider(finding: Finding, other: Finding) -> bool:
    """Nor does what is wrong with one tenant explain anything about another."""
    return finding.provider != other.provider and bool(finding.provider and other.provider)
