"""How findings are shown: a table for people, JSON for machines."""

import json
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from operate.known_errors.known_error import Severity
from operate.verify.findings import Checked, Finding, Report, Status

# Of findings of one kind in one check, such as one for each of many tenants; the JSON has them all.
MOST_SHOWN = 3
WIDTH = 140  # where there is no terminal to fit, such as a CI log
_SUMMARY = {
    Status.FINE: "Sign-in works.",
    Status.BROKEN: "Sign-in is broken, or will be within days.",
    Status.ENDING: "Sign-in works, with a warning.",
}


def console() -> Console:
    """Standard output; as wide as the terminal, or as a log may be."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


def show(report: Report, out: Console) -> None:
    """Print the table."""
    # Words, not colours alone, say how each check ended.
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in report.checks:
        table.add_row(_state(check), _lines(check, report.environment))
    out.print(table)
    out.print(Text(f"\n{summary(report)}", style="bold"))


def summary(report: Report) -> str:
    """One line about all of it."""
    said = _SUMMARY[report.status]
    if report.status is Status.FINE and not report.complete:
        said = "Nothing is wrong with what was checked."
    parts = [f"{report.environment}: {said}"]
    if not report.complete:
        parts.append("Not everything was checked.")
    if report.days_left is not None:
        parts.append(f"The secret is good for another {report.days_left} days.")
    return " ".join([*parts, f"({report.seconds:.1f} s)"])


def as_json(report: Report) -> str:
    """The report for machines; the keys stay, the sentences may change."""
    return json.dumps(
        {
            "environment": report.environment,
            "status": int(report.status),
            "secret_days_left": report.days_left,
            "seconds": round(report.seconds, 2),
            "findings": [
                {
                    "check": check.title,
                    "id": finding.trouble_id,
                    "severity": finding.trouble.severity.value,
                    "where": finding.where,
                    "detail": finding.detail,
                    "cause": finding.trouble.cause,
                    "remedy": _remedy(finding, report.environment),
                }
                for check in report.checks
                for finding in check.findings
            ],
            "checks": [
                {
                    "title": check.title,
                    "ok": not check.findings and check.not_checked is None,
                    "not_checked": check.not_checked.why if check.not_checked else None,
                }
                for check in report.checks
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _state(check: Checked) -> Text:
    if any(finding.trouble.severity is Severity.ERROR for finding in check.findings):
        return Text("FAIL", style="bold red")
    if check.findings:
        return Text("WARN", style="bold yellow")
    return Text("--", style="dim") if check.not_checked else Text("ok", style="green")


def _lines(check: Checked, environment: str) -> Text:
    return Text("\n").join(_each_line(check, environment))


def _each_line(check: Checked, environment: str) -> Iterator[Text]:
    yield Text(f"{check.title}: {check.note}" if check.note else check.title)
    for trouble_id in dict.fromkeys(finding.trouble_id for finding in check.findings):
        found = [finding for finding in check.findings if finding.trouble_id == trouble_id]
        for finding in found[:MOST_SHOWN]:
            yield Text(f"  {finding.trouble_id} ({finding.where})", style="bold")
            detail = f" ({finding.detail})" if finding.detail else ""
            yield Text(f"  Cause:  {finding.trouble.cause.rstrip('.')}{detail}.")
            yield Text(f"  Remedy: {_remedy(finding, environment)}")
        if more := found[MOST_SHOWN:]:
            places = ", ".join(finding.where for finding in more)
            yield Text(f"  {trouble_id}, likewise: {places}", style="bold")
    if check.not_checked:
        yield Text(f"  not checked: {check.not_checked.why}", style="dim")


def _remedy(finding: Finding, environment: str) -> str:
    return (finding.remedy or finding.trouble.remedy).replace("{environment}", environment)
