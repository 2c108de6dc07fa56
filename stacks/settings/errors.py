"""Errors and warnings about settings: one type for both, how they are printed, and what is hidden in them.

Nothing that may be a secret is repeated: neither the value of a key that is named like one, nor what looks
like a credential wherever it stands.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from textwrap import wrap

from pydantic import BaseModel

HIDDEN = "(hidden)"
WIDTH = 100
LONGEST_VALUE = 120
LARGEST_NUMBER = 10**20
# Where no known word resembles a mistyped one, all are listed, if they are so few.
MOST_LISTED = 10

SECRET_KEY = re.compile(r"secret|passw|token|credential|private_?key|api_?key", re.IGNORECASE)
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


@dataclass(frozen=True)
class Key:
    """The key of a setting, written as the setting is read: `at.clients["web"].callback_urls[0]`.

    Its text is what TOML writes, `clients.web.callback_urls[0]`; it is empty where the whole file is meant.
    """

    parts: tuple[str | int, ...] = ()

    def __getattr__(self, name: str) -> "Key":
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, part: str | int) -> "Key":
        return Key((*self.parts, part))

    @property
    def parent(self) -> "Key":
        """The table that the setting is in."""
        return Key(self.parts[:-1])

    def __str__(self) -> str:
        text = ""
        for part in self.parts:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                bare = re.fullmatch(r"[A-Za-z0-9_-]+", part)
                word = part if bare else json.dumps(part, ensure_ascii=False)
                text += f".{word}" if text else word
        return printable(without_secrets(text))

    __repr__ = __str__


at = Key()
"""Where every key begins."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One error or warning; nothing in it is a secret.

    Attributes:
        key: the setting to change.
        sentence: what is wrong.
        remedy: what to write instead.
        value: what is there now, as TOML writes it; None where that says nothing.
        file: the settings file.
        is_warning: whether the settings are accepted all the same.
    """

    key: Key
    sentence: str
    remedy: str
    value: str | None = None
    file: Path = Path()
    is_warning: bool = False

    def __str__(self) -> str:
        key = str(self.key)
        heading = [key if self.value is None else f"{key} = {self.value}"] if key else []
        text = [
            line for paragraph in (self.sentence, *self.remedy.splitlines()) for line in _wrapped(paragraph)
        ]
        return "\n".join(["  " + line for line in heading] + ["    " + line for line in text])


Messages = Iterator[Message]


class SettingsError(Exception):
    """Settings that cannot be used: every error, in all files."""

    def __init__(self, errors: Sequence[Message]) -> None:
        super().__init__(errors)
        self.errors = list(errors)

    def __str__(self) -> str:
        parts = []
        for file, of_file in groupby(self.errors, key=lambda error: error.file):
            errors = list(of_file)
            count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
            parts.append("\n\n".join([f"{count} in {printable(str(file))}", *map(str, errors)]))
        return "\n\n".join(parts)


def error(key: Key, sentence: str, remedy: str, *, value: object = None, file: Path = Path()) -> Message:
    """An error; a check names neither the file nor, unless another one is meant, the setting's value."""
    return Message(
        key=key,
        sentence=printable(without_secrets(sentence)),
        remedy="\n".join(printable(without_secrets(line)) for line in remedy.splitlines()),
        value=shown(key, value),
        file=file,
    )


def warning(key: Key, sentence: str, remedy: str) -> Message:
    """A warning: allowed, and probably not meant."""
    return replace(error(key, sentence, remedy), is_warning=True)


def shown(key: Key, value: object) -> str | None:
    """A setting's value as TOML writes it; None for what is better not repeated: tables and lists."""
    if isinstance(value, (Mapping, list, BaseModel)) or value is None:
        return None
    if is_secret(key, value):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < LARGEST_NUMBER else "(a very large number)"
    if isinstance(value, str):
        safe = without_secrets(value)
        short = safe if len(safe) <= LONGEST_VALUE else safe[:LONGEST_VALUE] + "..."
        return HIDDEN if safe == HIDDEN else printable(json.dumps(short, ensure_ascii=False))
    return str(value)


def is_secret(key: Key, value: object) -> bool:
    """Whether a value may be a secret by its key; a number or a date, as of access_token_minutes, is none."""
    if isinstance(value, (int, float, date)):
        return False
    return any(SECRET_KEY.search(part) for part in key.parts if isinstance(part, str))


def without_secrets(text: str) -> str:
    """A text in which whatever looks like a credential is hidden."""
    for secret in _SECRETS:
        text = secret.sub(HIDDEN, text)
    return _URL_PARAMETERS.sub(rf"\1{HIDDEN}", _URL_CREDENTIALS.sub(HIDDEN, text))


def printable(text: str) -> str:
    """A text in which characters that a terminal would obey are escaped."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def did_you_mean(value: str, known: Sequence[str]) -> str:
    """A question naming the closest known word, or all of a few where none is close."""
    close = get_close_matches(value.lower(), [word.lower() for word in known], n=1, cutoff=0.7)
    for word in known:
        if close and word.lower() == close[0]:
            return f'Did you mean "{word}"?'
    if len(known) > MOST_LISTED:
        return "Check how it is spelled."
    one_of = "one of " if len(known) > 1 else ""
    return f"Write {one_of}" + ", ".join(f'"{word}"' for word in known) + "."


def _wrapped(line: str) -> list[str]:
    # An example is shown as it has to be written.
    if line.startswith(" "):
        return [line]
    return wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)
