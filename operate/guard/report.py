"""How the guard's verdict is shown: to people at a terminal, as a pull request's comment, to machines.

Everything shown comes from here, and no value of the plan is in it but the findings' details.
"""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from operate.guard.impacts.impact import Finding, Impact, Severity

NOTHING = "No changes: nothing happens to anybody."
ONLY_OUTPUTS = "Only outputs change: nothing happens to anybody."
TITLES = {
    Severity.IRREVERSIBLE: "Irreversible",
    Severity.OUTAGE: "Outages",
    Severity.NOTICE: "Good to know",
}
_INDENT = "  "
_STYLES = {Severity.IRREVERSIBLE: "bold red", Severity.OUTAGE: "bold yellow", Severity.NOTICE: "bold"}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is to be said about a plan.

    Attributes:
        environment: the stack's name.
        findings: the consequences, the worst first.
        changes: address and actions of every change.
        allowed: the consequences named in `--allow`.
        refusals: why Terraform does not make the plan.
        failure: why there is no plan to judge.
        users: how many users the pool has, if that is known.
        outputs: whether any output changes.
    """

    environment: str
    findings: tuple[Finding, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    allowed: frozenset[str] = frozenset()
    refusals: tuple[str, ...] = ()
    failure: str = ""
    users: int | None = None
    outputs: bool = False

    @property
    def irreversible(self) -> list[str]:
        """The ids of what is irreversible."""
        ids = (one.consequence.id for one in self.findings if _is_irreversible(one.consequence))
        return list(dict.fromkeys(ids))

    @property
    def refused(self) -> list[str]:
        """The ids of what is irreversible and not allowed."""
        return [id_ for id_ in self.irreversible if id_ not in self.allowed]

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.refused or self.refusals or self.failure else 0

    @property
    def verdict(self) -> str:
        """All of it in one line."""
        if self.failure:
            return f"There is no plan to judge: {self.failure}"
        if self.refusals:
            return f"Terraform refuses this plan: {' '.join(self.refusals)}"
        if self.refused:
            named = " ".join(self.refused)
            return f"Refused: this cannot be undone. If it is meant, run the guard with --allow {named}"
        return self._harmless_verdict()

    def _harmless_verdict(self) -> str:
        if not self.changes:
            return ONLY_OUTPUTS if self.outputs else NOTHING
        if self.irreversible:
            return f"Allowed, and cannot be undone: {', '.join(self.irreversible)}."
        outages = {one.consequence.id for one in self.findings if one.consequence.severity is Severity.OUTAGE}
        if outages:
            return f"Nothing irreversible, but some people or apps are stopped: {', '.join(sorted(outages))}."
        return "Nothing irreversible, and nobody is stopped."

    @property
    def needlessly_allowed(self) -> list[str]:
        """What `--allow` names and the plan does not do: to be taken out again."""
        return sorted(self.allowed - {one.consequence.id for one in self.findings})


@dataclass(frozen=True)
class Entry:
    """One sentence about people, and everything it is about.

    Attributes:
        consequence: what follows.
        people: the sentence.
        places: each address with its details.
    """

    consequence: Impact
    people: str
    places: tuple[tuple[str, tuple[str, ...]], ...]


def entries(report: Report) -> list[Entry]:
    """The findings, those that say the same joined."""
    found: dict[tuple[str, str], Entry] = {}
    for finding in report.findings:
        people = finding.consequence.people.format(users=users(report.users), name=finding.name)
        key = (finding.consequence.id, people)
        before = found[key].places if key in found else ()
        place = ((finding.address, finding.details),) if finding.address or finding.details else ()
        found[key] = Entry(finding.consequence, people, (*before, *place))
    return list(found.values())


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
    for severity in Severity:
        chosen = [entry for entry in entries(report) if entry.consequence.severity is severity]
        if not chosen:
            continue
        out.print(Text(TITLES[severity], style=_STYLES[severity]))
        for entry in chosen:
            for line, style in _lines(entry, report):
                filled = textwrap.fill(line, out.width - len(_INDENT), break_long_words=False)
                out.print(Text(textwrap.indent(filled, _INDENT), style=style))
            out.print()
    for note in _notes(report):
        out.print(Text(note))
    out.print(Text(f"{report.environment}: {report.verdict}", style="bold"))


def as_markdown(report: Report) -> str:
    """A comment for a pull request; the same plan always gives the same text."""
    lines = [f"## Sign-in guard: {_code(report.environment)}", "", f"**{_plain(report.verdict)}**", ""]
    for severity in Severity:
        chosen = [entry for entry in entries(report) if entry.consequence.severity is severity]
        if chosen:
            lines += [f"### {TITLES[severity]}", ""]
        for entry in chosen:
            allowed = " (allowed)" if _is_allowed(entry, report) else ""
            lines.append(f"- {_code(entry.consequence.id)}{allowed}: {_plain(entry.people)}")
            for address, details in entry.places:
                more = f": {', '.join(map(_code, details))}" if details else ""
                lines.append(f"  - {_code(address)}{more}")
            if entry.consequence.instead:
                lines.append(f"  - *Instead:* {_plain(entry.consequence.instead)}")
        if chosen:
            lines.append("")
    lines += [line for note in _notes(report) for line in (_plain(note), "")]
    if report.changes:
        lines += ["<details>", f"<summary>Technical changes ({len(report.changes)})</summary>", ""]
        lines += [f"- {_code(address)}: {actions}" for address, actions in report.changes]
        lines += ["", "</details>", ""]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The report for machines; the keys and ids stay, the sentences may change."""
    return json.dumps(
        {
            "environment": report.environment,
            "status": report.status,
            "verdict": report.verdict,
            "refused": report.refused,
            "refusals": report.refusals,
            "users": report.users,
            "consequences": [
                {
                    "id": entry.consequence.id,
                    "severity": entry.consequence.severity.value,
                    "allowed": _is_allowed(entry, report),
                    "people": entry.people,
                    "instead": entry.consequence.instead,
                    "places": [{"address": address, "details": details} for address, details in entry.places],
                }
                for entry in entries(report)
            ],
            "changes": [{"address": address, "actions": actions} for address, actions in report.changes],
        },
        indent=2,
        ensure_ascii=False,
    )


def _lines(entry: Entry, report: Report) -> Iterator[tuple[str, str]]:
    """Each line of an entry, with its style."""
    allowed = " (allowed)" if _is_allowed(entry, report) else ""
    yield f"{entry.consequence.id}{allowed}", "bold"
    yield entry.people, ""
    for address, details in entry.places:
        yield f"- {address}: {', '.join(details)}" if details else f"- {address}", ""
    if entry.consequence.instead:
        yield f"Instead: {entry.consequence.instead}", ""


def _notes(report: Report) -> Iterator[str]:
    if report.needlessly_allowed:
        yield f"--allow names what this plan does not do: {', '.join(report.needlessly_allowed)}."


def _is_irreversible(consequence: Impact) -> bool:
    return consequence.severity is Severity.IRREVERSIBLE


def _is_allowed(entry: Entry, report: Report) -> bool:
    return _is_irreversible(entry.consequence) and entry.consequence.id in report.allowed


def _code(text: str) -> str:
    """Text that Markdown takes as it is: no mention, no link, no HTML."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def _plain(text: str) -> str:
    return " ".join(text.replace("<", "&lt;").split())
