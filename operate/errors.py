"""How a command says that it cannot go on, or that a cloud cannot be asked."""

from dataclasses import dataclass


class OperateError(Exception):
    """A command cannot go on; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Unavailable:
    """Something could not be read, so nothing is known about it; `why` is one sentence."""

    why: str
