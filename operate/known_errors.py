"""Known errors, read from known_errors.toml: which of them can a text come from that a person met?

Run as a module, it writes docs/troubleshooting.md.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

AADSTS = re.compile(r"AADSTS\d+")
FILE = Path(__file__).with_suffix(".toml")
DOCUMENT = Path(__file__).parents[1] / "docs" / "troubleshooting.md"


class Stage(StrEnum):
    """Where a person meets an error."""

    MICROSOFT = "microsoft"
    COGNITO = "cognito"
    APP = "app"
    SILENT = "silent"
    DEPLOY = "deploy"
    DOOR = "door"


class KnownError(BaseModel):
    """One table of known_errors.toml, which says what each key means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    stage: Stage
    errors: tuple[str, ...] = ()
    cause: str
    remedy: str
    severity: Literal["error", "door", "warning"] = "error"
    verified: bool = True
    explains: frozenset[str] = frozenset()

    @cached_property
    def codes(self) -> frozenset[str]:
        """The AADSTS codes among the errors."""
        return frozenset(code for error in self.errors for code in AADSTS.findall(error))

    @cached_property
    def patterns(self) -> list[re.Pattern[str]]:
        """The errors without a code, as they may stand in a text."""
        return [_pattern(error) for error in self.errors if not AADSTS.match(error)]


def _pattern(error: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in error.split())
    return re.compile(words.replace("…", ".+?"), re.IGNORECASE)


KNOWN_ERRORS = {
    id_: KnownError(id=id_, **table) for id_, table in tomllib.loads(FILE.read_text("utf-8")).items()
}


def explain(text: str) -> list[KnownError]:
    """The known errors that a page, or the decoded parameters of a redirect, can come from.

    A code of Microsoft's decides alone: the words around it are translated and change, and Cognito wraps it
    in errors of its own (developer guide, "Managed login and federation error responses").
    """
    if codes := set(AADSTS.findall(text)):
        return [known for known in KNOWN_ERRORS.values() if known.codes & codes]
    return [
        known for known in KNOWN_ERRORS.values() if any(pattern.search(text) for pattern in known.patterns)
    ]


_INTRODUCTION = """\
<!-- Written by `python -m operate.known_errors`: change operate/known_errors.toml. -->
# Troubleshooting

`pipenv run verify <environment>` looks in both clouds for most of the causes below, and names the one it
finds. `pipenv run signin <environment>` signs in with your own browser and explains what happened.

Look up the error here; one error can have several causes. `…` stands for what differs. Microsoft's errors
also arrive at the app, in the address, as `<provider> Error - <status> <error> AADSTS…`: look for the code.
What has no error text is [further down](#without-an-error-message).

| Error | Causes |
|---|---|
"""
_TITLES = {
    Stage.MICROSOFT: "On Microsoft's page",
    Stage.COGNITO: "On Cognito's page",
    Stage.APP: "Back at the app, in the address or at the token endpoint",
    Stage.SILENT: "Without an error message",
    Stage.DEPLOY: "During `cdktf deploy` or `cdktf destroy`",
    Stage.DOOR: "Open doors",
}

_EXITS = {
    "error": "",
    "door": ", and exits with 3: people can sign in, and somebody else may, too",
    "warning": ", and exits with 2: people can still sign in",
}
_NAME = re.compile(r"\{(\w+)\}")


def document() -> str:
    """The content of docs/troubleshooting.md."""
    causes: dict[str, list[str]] = {}
    for known in KNOWN_ERRORS.values():
        for error in known.errors if known.stage is not Stage.SILENT else ():
            causes.setdefault(error, []).append(f"[{known.id}](#{known.id})")
    lines = [
        f"| `{error}` | {', '.join(causes[error])} |"
        for error in sorted(causes, key=lambda error: error.strip("…: ").casefold())
    ]
    for stage, title in _TITLES.items():
        lines += ["", f"## {title}"]
        for known in KNOWN_ERRORS.values():
            if known.stage is stage:
                lines += _entry(known)
    return _INTRODUCTION + "\n".join(lines) + "\n"


def _entry(known: KnownError) -> Iterator[str]:
    yield from ("", f"### {known.id}", "")
    for error in known.errors:
        yield f"- {error}" if known.stage is Stage.SILENT else f"- `{error}`"
    if known.errors:
        yield ""
    yield from (f"Cause: {known.cause}", "")
    yield "Remedy: " + _NAME.sub(r"<\1>", known.remedy)
    if known.verified:
        yield from ("", f"`verify` finds this{_EXITS[known.severity]}.")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")
