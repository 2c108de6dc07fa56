"""Random names for what a server remembers: authorization codes, sessions, open forms."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

MOST_KEPT = 1000

Kept = TypeVar("Kept")


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
    used: bool = False


@dataclass
class Tickets(Generic[Kept]):
    """Tickets of one kind, for so many seconds; of too many the used ones go first, then the oldest."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _entries: dict[str, _Entry[Kept]] = field(default_factory=dict)
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
        entry = self._entries.get(ticket)
        return None if entry is None or entry.used or entry.expires <= self.clock() else entry.value

    def redeem(self, ticket: str) -> Kept:
        """What a ticket stands for, once: of two that ask at the same time, one is refused.

        Raises:
            TicketError: the ticket is unknown, was used before, or is too old.
        """
        with self._lock:
            entry = self._entries.get(ticket)
            if entry is None:
                raise UnknownTicketError
            if entry.used:
                raise UsedTicketError
            entry.used = True
            if entry.expires <= self.clock():
                raise ExpiredTicketError
            return entry.value

    def drop(self, ticket: str) -> None:
        """Forget a ticket."""
        with self._lock:
            self._entries.pop(ticket, None)
