"""What can go wrong with a sign-in, in one shape, and how an error that a person meets leads to it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

AADSTS = re.compile(r"AADSTS\d+")


class Stage(StrEnum):
    """Where a person meets the error."""

    MICROSOFT = "On Microsoft's page"
    COGNITO = "On Cognito's page"
    CALLBACK = "Back at the app, in the address or at the token endpoint"
    QUIET = "Without an error message"
    DEPLOY = "During `cdktf deploy` or `cdktf destroy`"


class Severity(StrEnum):
    """What it does to people who want to sign in."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class KnownError:
    """One cause for which people cannot sign in, or soon will not be able to.

    Attributes:
        id: its name, in the output of `verify` and in the documentation.
        stage: where a person meets it.
        errors: what a person reads then; `…` stands for what differs.
        cause: one sentence.
        remedy: one sentence, in this project's settings and commands; `{environment}` is the stack's name.
        severity: warning if people can sign in all the same, for now.
        verified: whether `verify` looks for it. It cannot look for what is about one person or one deploy.
        explains: other troubles that are nothing but its consequences.
    """

    id: str
    stage: Stage
    errors: tuple[str, ...] = ()
    cause: str
    remedy: str
    severity: Severity = Severity.ERROR
    verified: bool = True
    explains: frozenset[str] = frozenset()

    def matches(self, text: str) -> bool:
        """Whether a text that a person read contains one of the errors."""
        return any(pattern.search(text) for pattern in self._patterns)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The AADSTS codes among the errors."""
        return frozenset(code for error in self.errors for code in AADSTS.findall(error))

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [_pattern(error) for error in self.errors if not AADSTS.match(error)]


def _pattern(error: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in error.split())
    return re.compile(words.replace("…", ".+?"), re.IGNORECASE)


def matching(text: str, table: Iterable[KnownError]) -> list[KnownError]:
    """The troubles that an error can come from, in the table's order.

    A code of Microsoft's decides alone: the words around it are translated and change, and Cognito wraps it
    in errors of its own (developer guide, "Managed login and federation error responses").

    Args:
        text: what a person read: a page, or the parameters of a redirect, decoded.
    """
    codes = set(AADSTS.findall(text))
    if codes:
        return [trouble for trouble in table if trouble.codes & codes]
    return [trouble for trouble in table if trouble.matches(text)]
