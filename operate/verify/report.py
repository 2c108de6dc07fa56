"""How a report is shown: a table for people, Markdown for an issue, JSON for machines."""

import json
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from operate.cli import ExitStatus
from operate.markdown import code, escaped
from operate.verify.findings import Checked, Finding, VerifyReport

# Of findings of one kind in one check, such as one for each tenant; the JSON has them all.
MAX_SHOWN = 3
_SUMMARIES = {
    ExitStatus.OK: "Sign-in works.",
    ExitStatus.FAILED: "Sign-in is broken, or will be within days.",
    ExitStatus.ATTENTION: "Sign-in works, with a warning.",
    ExitStatus.OPEN: "Sign-in works, and somebody may come in whom the settings do not let in.",
}


def show(report: VerifyReport, out: Console) -> None:
    """Print the table."""
    # Words, not colours alone, say how each check ended.
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in report.checks:
        table.add_row(_result(check), Text("\n").join(_lines(check, report.environment)))
    out.print(table)
    out.print(Text(f"\n{_summary(report)}", style="bold"))


def as_json(report: VerifyReport) -> str:
    """The report for machines; the keys stay, the sentences may change."""
    return json.dumps(
        {
            "environment": report.environment,
            "status": int(report.status),
            "result": report.status.name,
            "secret_days_left": report.days_left,
            "seconds": round(report.seconds, 2),
            "findings": [
                {
                    "check": check.title,
                    "id": finding.id,
                    "severity": finding.known_error.severity,
                    "where": finding.where,
                    "detail": finding.detail,
                    "cause": finding.known_error.cause,
                    "remedy": _remedy(finding, report.environment),
                }
                for check in report.checks
                for finding in check.findings
            ],
            "checks": [
                {
                    "title": check.title,
                    "ok": not check.findings and not check.not_checked,
                    "not_checked": check.not_checked or None,
                }
                for check in report.checks
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def as_markdown(report: VerifyReport) -> str:
    """The text of an issue; the same findings always give the same text."""
    verdict = f"Nothing was checked: {report.failure}" if report.failure else _verdict(report)
    lines = []
    for check in report.checks:
        for finding in check.findings:
            cause = f"{finding.known_error.cause} {finding.detail}".rstrip()
            lines.append(f"- {code(finding.id)}, {code(finding.where)}: {escaped(cause)}")
            lines.append(f"  - *Remedy:* {escaped(_remedy(finding, report.environment))}")
        if check.not_checked:
            lines.append(f"- *Not checked:* {escaped(f'{check.title}: {check.not_checked}')}")
    heading = [f"## Sign-in verify: {code(report.environment)}", "", f"**{escaped(verdict)}**"]
    return "\n".join([*heading, *([""] if lines else []), *lines, ""])


def _verdict(report: VerifyReport) -> str:
    verdict = _SUMMARIES[report.status]
    if report.status is ExitStatus.OK and not report.complete:
        verdict = "Nothing is wrong with what was checked."
    return verdict if report.complete else f"{verdict} Not everything was checked."


def _summary(report: VerifyReport) -> str:
    parts = [f"{report.environment}: {_verdict(report)}"]
    if report.days_left is not None:
        parts.append(f"The secret is good for another {report.days_left} days.")
    return " ".join([*parts, f"({report.seconds:.1f} s)"])


def _result(check: Checked) -> Text:
    severities = {finding.known_error.severity for finding in check.findings}
    for severity, word, style in (
        ("error", "FAIL", "bold red"),
        ("door", "OPEN", "bold red"),
        ("warning", "WARN", "bold yellow"),
    ):
        if severity in severities:
            return Text(word, style=style)
    return Text("--", style="dim") if check.not_checked else Text("ok", style="green")


def _lines(check: Checked, environment: str) -> Iterator[Text]:
    yield Text(f"{check.title}: {check.note}" if check.note else check.title)
    for id_ in dict.fromkeys(finding.id for finding in check.findings):
        same = [finding for finding in check.findings if finding.id == id_]
        for finding in same[:MAX_SHOWN]:
            yield Text(f"  {id_} ({finding.where})", style="bold")
            detail = f" ({finding.detail})" if finding.detail else ""
            yield Text(f"  Cause:  {finding.known_error.cause.rstrip('.')}{detail}.")
            yield Text(f"  Remedy: {_remedy(finding, environment)}")
        if more := same[MAX_SHOWN:]:
            places = ", ".join(finding.where for finding in more)
            yield Text(f"  {id_}, likewise: {places}", style="bold")
    if check.not_checked:
        yield Text(f"  not checked: {check.not_checked}", style="dim")


def _remedy(finding: Finding, environment: str) -> str:
    return (finding.remedy or finding.known_error.remedy).replace("{environment}", environment)
