"""The table of troubles: `verify` finds causes by it, `signin` explains errors by it, people read it.

Run as a module, it writes docs/troubleshooting.md.
"""

import sys
from pathlib import Path

from operate.known_errors.cognito import COGNITO
from operate.known_errors.deploying import DEPLOYING
from operate.known_errors.entra import ENTRA
from operate.known_errors.known_error import KnownError, Severity, Stage, matching

TABLE: tuple[KnownError, ...] = ENTRA + COGNITO + DEPLOYING
KNOWN_ERRORS = {trouble.id: trouble for trouble in TABLE}
VERIFIED = frozenset(trouble.id for trouble in TABLE if trouble.verified)
DOCUMENT = Path(__file__).parents[2] / "docs" / "troubleshooting.md"

_INTRODUCTION = """<!-- Written by `python -m operate.known_errors`: change operate/known_errors/. -->
# Troubleshooting

`pipenv run verify <environment>` looks for every cause below that has a name in the last column, on both
sides, and says which one it is. `pipenv run signin <environment>` signs in with your own browser and explains
what happened. Both know exactly this table.

One error often has several causes. `…` stands for what differs. Microsoft's errors also arrive at the app, in
the address, as `<provider> Error - <status> <error> AADSTS…`: look for the code.
"""


_HEAD = "| What you meet | Cause | Remedy | `verify` |\n|---|---|---|---|"


def explain(text: str) -> list[KnownError]:
    """The troubles that an error can come from; what people meet while signing in goes before deploying.

    Args:
        text: what a person read, or the decoded parameters of an error redirect.
    """
    return matching(text, TABLE)


def document() -> str:
    """The content of docs/troubleshooting.md."""
    parts = [_INTRODUCTION]
    for stage in Stage:
        parts += [
            f"\n## {stage.value}\n",
            "| What you meet | Cause | Remedy | `verify` |",
            "|---|---|---|---|",
        ]
        parts += [_row(trouble) for trouble in TABLE if trouble.stage is stage]
    return "\n".join(parts) + "\n"


def _row(trouble: KnownError) -> str:
    remedy = trouble.remedy.replace("{environment}", "<environment>")
    met = (
        "<br>".join(error if trouble.stage is Stage.QUIET else f"`{error}`" for error in trouble.errors)
        or "Nothing yet"
    )
    found = f"`{trouble.id}`" if trouble.verified else ""
    if trouble.severity is Severity.WARNING:
        found += " (warning)"
    return "| " + " | ".join(_cell(text) for text in (met, trouble.cause, remedy, found)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(), "utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")
