"""What is wrong with a settings file, in words for the person who wrote it.

Nothing that may be a secret is repeated: neither the value of a key that is named like one or that nobody
knows, nor what looks like a credential wherever it stands.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path
from textwrap import wrap

from stacks.settings.findings import Key, dotted

HIDDEN = "(hidden)"
WIDTH = 100
LONGEST_VALUE = 120
LARGEST_NUMBER = 10**20

_SECRETS = (
    # Entra ID's client secrets, as GitHub's secret scanning knows them.
    re.compile(r"[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{8,}"),
    re.compile(r"eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)*"),
    re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"-----BEGIN[\s\S]*"),
    # What only chance makes: AWS secret keys, and any long word of small and capital letters and digits.
    re.compile(r"(?<![\w+/])(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])(?=[\w+/]*\d)[A-Za-z0-9+/]{40}(?![\w+/])"),
    re.compile(r"(?=[\w~+-]*[a-z])(?=[\w~+-]*[A-Z])(?=[\w~+-]*\d)[\w~+-]{32,}"),
)
_URL_CREDENTIALS = re.compile(r"(?<=//)[^/@\s\"]+(?=@)")
_URL_PARAMETERS = re.compile(r"([?&][\w-]*(?:secret|passw|token|sig|code)[\w-]*=)[^&#\s\"]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to change.

    Attributes:
        file: the settings file.
        key: the dotted key, `clients.web.callback_urls[0]`; empty where the whole file is meant.
        value: what is there now, as TOML would write it; None where that says nothing.
        rule: what is wrong.
        instead: what to write instead.
    """

    file: Path
    key: str
    value: str | None
    rule: str
    instead: str

    def __str__(self) -> str:
        heading = [self.key if self.value is None else f"{self.key} = {self.value}"] if self.key else []
        text = [line for paragraph in (self.rule, *self.instead.splitlines()) for line in _wrapped(paragraph)]
        return "\n".join(["  " + line for line in heading] + ["    " + line for line in text])


class SettingsError(Exception):
    """Settings that cannot be used.

    Attributes:
        problems: everything that is wrong, in all files.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = list(problems)

    def __str__(self) -> str:
        parts = []
        for file, of_file in groupby(self.problems, key=lambda problem: problem.file):
            problems = list(of_file)
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            parts.append("\n\n".join([f"{count} in {printable(str(file))}", *map(str, problems)]))
        return "\n\n".join(parts)


def problem(
    file: Path, rule: str, instead: str, *, key: Key = (), value: object = None, hidden: bool = False
) -> Problem:
    """A problem whose texts and value are safe to show."""
    visible = shown(value)
    return Problem(
        file=file,
        key=printable(without_secrets(dotted(key))),
        value=HIDDEN if hidden and visible is not None else visible,
        rule=printable(without_secrets(rule)),
        instead="\n".join(printable(without_secrets(line)) for line in instead.splitlines()),
    )


def shown(value: object) -> str | None:
    """A value as TOML would write it; None for what is better not repeated: tables and lists."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < LARGEST_NUMBER else "(a very large number)"
    if isinstance(value, (dict, list)) or value is None:
        return None
    if isinstance(value, str):
        safe = without_secrets(value)
        short = safe if len(safe) <= LONGEST_VALUE else safe[:LONGEST_VALUE] + "..."
        return HIDDEN if safe == HIDDEN else printable(json.dumps(short, ensure_ascii=False))
    return str(value)


def without_secrets(text: str) -> str:
    """A text in which whatever looks like a credential is hidden."""
    for secret in _SECRETS:
        text = secret.sub(HIDDEN, text)
    return _URL_PARAMETERS.sub(rf"\1{HIDDEN}", _URL_CREDENTIALS.sub(HIDDEN, text))


def printable(text: str) -> str:
    """A text in which characters that a terminal would obey are escaped."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def _wrapped(line: str) -> list[str]:
    # An example is shown as it has to be written.
    if line.startswith(" "):
        return [line]
    return wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)
