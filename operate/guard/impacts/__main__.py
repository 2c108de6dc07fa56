"""`python -m operate.guard.impacts` writes the tables of docs/guard.md."""

import sys
from pathlib import Path

from operate.guard.impacts import IMPACTS, REPLACING_SETTINGS
from operate.guard.impacts.impact import Impact, Rule, Severity

DOCUMENT = Path(__file__).parents[3] / "docs" / "guard.md"


def tables() -> dict[str, str]:
    """The generated parts of docs/guard.md, by the names of their markers."""
    rows = {
        severity.value: ["| Impact | What happens to people | When | Instead |", "|---|---|---|---|"]
        for severity in Severity
    }
    for impact in IMPACTS.values():
        rows[impact.severity].append(_row(impact))
    rows["replacing"] = ["| Setting | Resource | Attribute |", "|---|---|---|"]
    for (resource, attribute), setting in REPLACING_SETTINGS.items():
        rows["replacing"].append(f"| `{setting}` | `{resource}` | `{attribute}` |")
    return {name: "\n".join(lines) for name, lines in rows.items()}


def document(text: str) -> str:
    """The text of docs/guard.md with the tables of now."""
    for name, table in tables().items():
        before, marker, rest = text.partition(f"<!-- {name} -->\n")
        text = before + marker + table + rest[rest.index("\n<!-- end -->") :]
    return text


def _row(impact: Impact) -> str:
    people = impact.people.replace("{users}", "all users").replace("{name}", "…")
    return f"| `{impact.id}` | {people} | {_when(impact)} | {impact.instead} |"


def _when(impact: Impact) -> str:
    return "<br>".join(filter(None, [impact.when, _of_rules(impact.rules)]))


def _of_rules(rules: tuple[Rule, ...]) -> str:
    """The changes that lead to an impact, those that differ only in resource or attribute in one line."""
    attributes: dict[tuple[str, str, str], list[str]] = {}
    for rule in rules:
        attributes.setdefault((rule.resource, rule.kind.value, rule.when), []).append(rule.attribute)
    resources: dict[str, list[str]] = {}
    for (resource, kind, when), names in attributes.items():
        change = f"{kind} of {', '.join(f'`{name}`' for name in names)}" if any(names) else kind
        resources.setdefault(f"{change}, {when}" if when else change, []).append(f"`{resource}`")
    return "<br>".join(f"{', '.join(names)}: {change}" for change, names in resources.items())


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")
