"""How the guard's verdict is shown: at a terminal, as a pull request's comment, as JSON.

Of the values in a plan nothing is shown but the details of the occurrences.
"""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from operate.guard.digest import digest
from operate.guard.impacts.impact import Impact, Occurrence, Severity
from operate.guard.plan import Plan
from operate.markdown import code, escaped

# How the impacts of each severity are headed, and in which style.
HEADINGS = {
    Severity.IRREVERSIBLE: ("Irreversible", "bold red"),
    Severity.OUTAGE: ("Outages", "bold yellow"),
    Severity.DOOR: ("Open doors", "bold magenta"),
    Severity.NOTICE: ("Good to know", "bold"),
}
INDENT = "  "
NO_PLAN = Plan()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the guard says of a plan.

    Attributes:
        occurrences: the impacts of the plan, the worst first.
        allowed: the ids named in `--allow`.
        failure: why there is no plan to judge.
        expected: the digest of the only plan that may be deployed, if there is one.
    """

    environment: str
    plan: Plan = NO_PLAN
    occurrences: tuple[Occurrence, ...] = ()
    allowed: frozenset[str] = frozenset()
    failure: str = ""
    expected: str | None = None

    def ids(self, severity: Severity) -> list[str]:
        """The ids of the plan's impacts of a severity, each once."""
        return list(
            dict.fromkeys(one.impact.id for one in self.occurrences if one.impact.severity is severity)
        )

    @property
    def refused(self) -> list[str]:
        """The ids of what is irreversible and not allowed."""
        return [id_ for id_ in self.ids(Severity.IRREVERSIBLE) if id_ not in self.allowed]

    @property
    def needlessly_allowed(self) -> list[str]:
        """What `--allow` names and the plan does not do."""
        return sorted(self.allowed - {one.impact.id for one in self.occurrences})

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.refused or self.plan.terraform_errors or self.failure or self.is_another else 0

    @property
    def is_another(self) -> bool:
        """Whether the plan is not the expected one."""
        return self.expected is not None and digest(self.plan) != self.expected

    @property
    def verdict(self) -> str:
        """All of it in one line."""
        if self.failure:
            return f"There is no plan to judge: {self.failure}"
        if self.plan.terraform_errors:
            return f"Terraform refuses this plan: {' '.join(self.plan.terraform_errors)}"
        if self.is_another:
            return (
                "Refused: this is not the plan that was reviewed. The clouds, the settings or the date have"
                " changed since: review it anew."
            )
        if self.refused:
            named = " ".join(self.refused)
            return f"Refused: this cannot be undone. If it is meant, run the guard with --allow {named}"
        return self._verdict_of_what_may_be_deployed()

    def _verdict_of_what_may_be_deployed(self) -> str:
        ids = ", ".join(sorted(self.ids(Severity.DOOR)))
        doors = f" Afterwards somebody else may come in, or be taken for somebody: {ids}." if ids else ""
        unknown = "unknown-effect" in self.ids(Severity.NOTICE)
        limit = " What some changes do is not known: unknown-effect." if unknown else ""
        return self._worst_of_what_may_be_deployed() + doors + limit

    def _worst_of_what_may_be_deployed(self) -> str:
        if not self.plan.changes:
            outputs = any(one.actions != ("no-op",) for one in self.plan.output_changes.values())
            return f"{'Only outputs change' if outputs else 'No changes'}: nothing happens to anybody."
        if allowed := self.ids(Severity.IRREVERSIBLE):
            return f"Allowed, and cannot be undone: {', '.join(allowed)}."
        if outages := sorted(self.ids(Severity.OUTAGE)):
            return f"Nothing irreversible, but some people or apps are stopped: {', '.join(outages)}."
        return "Nothing irreversible, and nobody is stopped."


@dataclass(frozen=True)
class Entry:
    """One sentence about people, and every place it is about: each address with its details."""

    impact: Impact
    people: str
    places: list[tuple[str, tuple[str, ...]]]
    allowed: bool


def entries(report: Report) -> list[Entry]:
    """The occurrences, those that say the same joined."""
    joined: dict[tuple[str, str], Entry] = {}
    for one in report.occurrences:
        people = one.impact.people.format(users=users(report.plan.users), name=one.name)
        allowed = one.impact.severity is Severity.IRREVERSIBLE and one.impact.id in report.allowed
        entry = joined.setdefault((one.impact.id, people), Entry(one.impact, people, [], allowed))
        if one.address:
            entry.places.append((one.address, one.details))
    return list(joined.values())


def users(count: int | None) -> str:
    """The pool's users, in words."""
    match count:
        case None:
            return "all users"
        case 0:
            return "all users (none yet)"
        case 1:
            return "all users (one so far)"
    return f"all {count:,} users"


def show(report: Report, out: Console) -> None:
    """Print it for people at a terminal."""
    for title, style, chosen in _by_severity(report):
        out.print(Text(title, style=style))
        for entry in chosen:
            for line, line_style in _lines(entry):
                filled = textwrap.fill(line, out.width - len(INDENT), break_long_words=False)
                out.print(Text(textwrap.indent(filled, INDENT), style=line_style))
            out.print()
    for note in _notes(report):
        out.print(Text(note))
    out.print(Text(f"{report.environment}: {report.verdict}", style="bold"))


def as_markdown(report: Report) -> str:
    """A comment for a pull request; the same plan always gives the same text."""
    lines = [f"## Sign-in guard: {code(report.environment)}", "", f"**{escaped(report.verdict)}**", ""]
    for title, _, chosen in _by_severity(report):
        lines += [f"### {title}", ""]
        for entry in chosen:
            lines.append(f"- {code(entry.impact.id)}{_allowed(entry)}: {escaped(entry.people)}")
            for address, details in entry.places:
                lines.append(f"  - {': '.join(filter(None, [code(address), ', '.join(map(code, details))]))}")
            if entry.impact.instead:
                lines.append(f"  - *Instead:* {escaped(entry.impact.instead)}")
        lines.append("")
    lines += [line for note in _notes(report) for line in (escaped(note), "")]
    if changes := _changes(report):
        lines += ["<details>", f"<summary>Technical changes ({len(changes)})</summary>", ""]
        lines += [f"- {code(address)}: {actions}" for address, actions in changes]
        lines += ["", "</details>", ""]
    if found := digest(report.plan):
        lines += [f"Plan {code(found)}", ""]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The report for machines; the keys and ids stay, the sentences may change."""
    return json.dumps(
        {
            "environment": report.environment,
            "status": report.status,
            "verdict": report.verdict,
            "plan": digest(report.plan),
            "refused": report.refused,
            "doors": report.ids(Severity.DOOR),
            "refusals": report.plan.terraform_errors,
            "users": report.plan.users,
            # The key is a contract, older than the word impact.
            "consequences": [
                {
                    "id": entry.impact.id,
                    "severity": entry.impact.severity.value,
                    "allowed": entry.allowed,
                    "people": entry.people,
                    "instead": entry.impact.instead,
                    "places": [{"address": address, "details": details} for address, details in entry.places],
                }
                for entry in entries(report)
            ],
            "changes": [{"address": address, "actions": actions} for address, actions in _changes(report)],
        },
        indent=2,
        ensure_ascii=False,
    )


def _by_severity(report: Report) -> Iterator[tuple[str, str, list[Entry]]]:
    """Title, style and entries of each severity that has any."""
    for severity in Severity:
        if chosen := [entry for entry in entries(report) if entry.impact.severity is severity]:
            yield *HEADINGS[severity], chosen


def _changes(report: Report) -> list[tuple[str, str]]:
    """Address and actions of every change."""
    return [(change.address, " then ".join(change.change.actions)) for change in report.plan.changes]


def _lines(entry: Entry) -> Iterator[tuple[str, str]]:
    """Each line of an entry, with its style."""
    yield f"{entry.impact.id}{_allowed(entry)}", "bold"
    yield entry.people, ""
    for address, details in entry.places:
        yield f"- {address}: {', '.join(details)}" if details else f"- {address}", ""
    if entry.impact.instead:
        yield f"Instead: {entry.impact.instead}", ""


def _allowed(entry: Entry) -> str:
    return " (allowed)" if entry.allowed else ""


def _notes(report: Report) -> Iterator[str]:
    if report.needlessly_allowed:
        yield f"--allow names what this plan does not do: {', '.join(report.needlessly_allowed)}."
