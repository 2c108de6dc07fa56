"""Known errors, read from known_errors.toml and doors.toml: which of them can a text come from?

Run as a module, it writes docs/troubleshooting.md and docs/error-codes.md.
"""

import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

AADSTS = re.compile(r"AADSTS\d+")
STATE_FILES_OPEN = "state-files-open"
SILENT = "silent"
"""The stage of errors that nobody reads anywhere: what people see is described."""
_CODE = re.compile(r"^AADSTS\d+(: )?")
FILE = Path(__file__).with_suffix(".toml")
DOORS_FILE = Path(__file__).with_name("doors.toml")
_SOURCES_OF_DOORS = {
    "entra": "registration-objects",
    "cognito": "pool-objects",
    "function": "function-objects",
}
CODES_FILE = Path(__file__).with_name("documented_codes.toml")
# The document, but for what is made from the tables.
TEMPLATE = Path(__file__).with_name("troubleshooting.template.md")
DOCUMENT = Path(__file__).parents[1] / "docs" / "troubleshooting.md"
CODES_DOCUMENT = DOCUMENT.with_name("error-codes.md")
# An error of OAuth 2.0, such as invalid_client.
_OAUTH_ERROR = re.compile(r"[a-z_]+")


class KnownError(BaseModel):
    """One table of known_errors.toml, which says what each key means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    stage: str
    family: str
    who: Literal["everybody", "one person", "one app", "whoever deploys"] = "everybody"
    source: tuple[str, ...]
    errors: tuple[str, ...] = ()
    cause: str
    remedy: str
    existing: dict[Literal["registration", "client", "pool"], str] = {}
    severity: Literal["error", "door", "warning"] = "error"
    verified: bool = True
    explains: frozenset[str] = frozenset()

    def remedy_where(self, existing: Collection[str]) -> str:
        """What to do where these of registration, client and pool are existing ones of another team."""
        return next((self.existing[one] for one in self.existing if one in existing), self.remedy)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The AADSTS codes among the errors."""
        return frozenset(code for error in self.errors for code in AADSTS.findall(error))

    @cached_property
    def words(self) -> list[str]:
        """The errors without their codes; a code alone has none."""
        return [words for error in self.errors if (words := _CODE.sub("", error))]


@cache
def _pattern(error: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in error.split())
    return re.compile(words.replace("…", ".+?"), re.IGNORECASE)


_TABLES = tomllib.loads(FILE.read_text("utf-8"))
SOURCES: dict[str, str] = _TABLES.pop("sources")
STAGES: dict[str, str] = _TABLES.pop("stages")
FAMILIES: dict[str, str] = _TABLES.pop("families")
KNOWN_ERRORS = {id_: KnownError(id=id_, **table) for id_, table in _TABLES.items()}
Detected = tuple[str, str]
"""The id of a known error, and what was seen."""
for _side, _doors in tomllib.loads(DOORS_FILE.read_text("utf-8")).items():
    _same = {"stage": "door", "severity": "door", "family": "doors", "source": [_SOURCES_OF_DOORS[_side]]}
    KNOWN_ERRORS |= {id_: KnownError(id=id_, **_same, **table) for id_, table in _doors.items()}


def explain(text: str) -> list[KnownError]:
    """The known errors that a page, or the decoded parameters of a redirect, can come from.

    A code of Microsoft's that is known decides alone: the words around it are translated and change, and
    Cognito wraps it in errors of its own (developer guide, "Managed login and federation error responses").
    """
    codes = set(AADSTS.findall(text))
    if by_code := [known for known in KNOWN_ERRORS.values() if known.codes & codes]:
        return by_code
    # Beside a code of Microsoft's that is not known, an error of OAuth is Entra ID's, and says nothing.
    return [
        known
        for known in KNOWN_ERRORS.values()
        if any(
            _pattern(words).search(text)
            for words in known.words
            if not (codes and _OAUTH_ERROR.fullmatch(words))
        )
    ]


_EXISTING = {
    "registration": "app registration is another team's",
    "client": "app client is another team's",
    "pool": "user pool is another team's",
}

_EXITS = {
    "error": "",
    "door": ", and exits with 3: people can sign in, and somebody else may, too",
    "warning": ", and exits with 2: people can still sign in",
}


def document() -> str:
    """The content of docs/troubleshooting.md."""
    families = {
        title: [_link(known) for known in KNOWN_ERRORS.values() if known.family == family]
        for family, title in FAMILIES.items()
    }
    errors = ((", ".join(f"`{error}`" for error in same), causes) for same, causes in _index())
    stages = (line for stage, title in STAGES.items() for line in _stage(stage, title))
    sources = (f'- <a id="source-{key}"></a>`{key}`: {source}' for key, source in sorted(SOURCES.items()))
    return TEMPLATE.read_text("utf-8").format(
        families="\n".join(f"| {title} | {', '.join(causes)} |" for title, causes in families.items()),
        errors="\n".join(f"| {same} | {causes} |" for same, causes in errors),
        stages="\n".join(stages),
        sources="\n".join(sources),
    )


def _link(known: KnownError) -> str:
    return f"[{known.id}](#{known.id})"


def _stage(stage: str, title: str) -> Iterator[str]:
    yield from ("", f"## {title}")
    for known in KNOWN_ERRORS.values():
        if known.stage == stage:
            yield from _entry(known)


def _index() -> Iterator[tuple[list[str], str]]:
    """Errors with the same causes, codes before words, and links to the causes."""
    causes: dict[str, list[str]] = {}
    for known in KNOWN_ERRORS.values():
        if known.stage != SILENT:
            without_code = [error for error in known.errors if not AADSTS.match(error)]
            for error in [*sorted(known.codes), *without_code]:
                causes.setdefault(error, []).append(_link(known))
    codes: dict[str, list[str]] = {}
    for code in sorted((one for one in causes if _CODE.match(one)), key=lambda one: int(one[6:])):
        codes.setdefault(", ".join(causes.pop(code)), []).append(code)
    yield from ((same, links) for links, same in codes.items())
    for error in sorted(causes, key=lambda one: one.strip("…: ").casefold()):
        yield [error], ", ".join(causes[error])


def _entry(known: KnownError) -> Iterator[str]:
    yield from ("", f"### {known.id}", "")
    for error in known.errors:
        yield f"- {error}" if known.stage == SILENT else f"- `{error}`"
    if known.errors:
        yield ""
    yield from (f"Cause: {known.cause}", "")
    yield f"Remedy: {shown(known.remedy)}"
    for whose, remedy in known.existing.items():
        yield from ("", f"Where the {_EXISTING[whose]}: {shown(remedy)}")
    if known.verified:
        yield from ("", f"`verify` finds this{_EXITS[known.severity]}.")
    sources = ", ".join(f"[{key}](#source-{key})" for key in known.source)
    yield from ("", f"Concerns {known.who}. Source: {sources}.")


def shown(remedy: str) -> str:
    """A remedy for no environment in particular."""
    return re.sub(r"\{(\w+)\}", r"<\1>", remedy)


def documented_codes() -> dict[str, Any]:
    """documented_codes.toml."""
    return tomllib.loads(CODES_FILE.read_text("utf-8"))


def codes_document() -> str:
    """The content of docs/error-codes.md."""
    lines = [
        "<!-- Written by `python -m operate.known_errors`: change operate/documented_codes.toml. -->",
        "# Documented error codes",
        "",
        "Which of the error codes on Microsoft's and AWS's pages are explained in",
        "[troubleshooting.md](troubleshooting.md).",
    ]
    documented = documented_codes()
    for name, title in (("microsoft", "Microsoft Entra ID"), ("aws", "Amazon Cognito")):
        table = documented[name]
        without = table["without"].values()
        explained, others = len(table["explained"]), sum(len(one["codes"]) for one in without)
        lines += ["", f"## {title}", "", f"Source: {table['page']}.", ""]
        lines.append(
            f"{explained} of {explained + others} codes are explained; {others} do not come up here:"
        )
        lines += ["", "| Codes | Number | Why there is no known error |", "|---|---|---|"]
        for one in without:
            codes = ", ".join(f"`{code}`" for code in one["codes"])
            lines.append(f"| {codes} | {len(one['codes'])} | {one['why']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for file, content in ((DOCUMENT, document()), (CODES_DOCUMENT, codes_document())):
        file.write_text(content, "utf-8")
        sys.stdout.write(f"wrote {file}\n")
