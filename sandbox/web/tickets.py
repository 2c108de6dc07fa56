"""Random names for what a server remembers: authorization codes, sessions, open forms."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

MOST_KEPT = 1000

Kept = TypeVar("Kept")
Value = TypeVar("Value")


class TicketError(Exception):
    """A ticket that cannot be redeemed."""


class UnknownTicketError(TicketError):
    """There is no such ticket."""


class UsedTicketError(TicketError):
    """The ticket was redeemed before."""


class ExpiredTicketError(TicketError):
    """The ticket is too old."""


@dataclass
class _Entry(Generic[Kept]):
    value: Kept
    expires: float


@dataclass
class Tickets(Generic[Kept]):
    """Tickets of one kind; of too many the used ones go first, then the oldest.

    Attributes:
        seconds: how long a ticket lasts.
        clock: the time in seconds; tests replace it.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _open: dict[str, _Entry[Kept]] = field(default_factory=dict)
    _used: dict[str, None] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def issue(self, value: Kept) -> str:
        """A new ticket for `value`."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._entries) >= MOST_KEPT:
                used = (kept for kept, entry in self._entries.items() if entry.used)
                del self._entries[next(used, next(iter(self._entries)))]
            self._entries[ticket] = _Entry(value, self.clock() + self.seconds)
        return ticket

    def get(self, ticket: str) -> Kept | None:
        """What a ticket stands for, without using it up."""
        entry = self._open.get(ticket)
        return None if entry is None or entry.expires <= self.clock() else entry.value

    def redeem(self, ticket: str) -> Kept:
        """What a ticket stands for, once: of two that ask at the same time, one is refused.

        Raises:
            TicketError: the ticket is unknown, was used before, or is too old.
        """
        with self._lock:
            if ticket in self._used:
                raise UsedTicketError
            entry = self._open.pop(ticket, None)
            if entry is None:
                raise UnknownTicketError
            _add(self._used, ticket, None)
            if entry.expires <= self.clock():
                raise ExpiredTicketError
            return entry.value

    def drop(self, ticket: str) -> None:
        """Forget a ticket."""
        with self._lock:
            self._open.pop(ticket, None)
            self._used.pop(ticket, None)


def _add(tickets: dict[str, Value], ticket: str, value: Value) -> None:
    while len(tickets) >= MOST_KEPT:
        del tickets[next(iter(tickets))]
    tickets[ticket] = value
