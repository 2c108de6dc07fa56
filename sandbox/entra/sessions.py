"""What the sign-in service remembers between two requests: questions asked, people signed in, codes given."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sandbox.entra.claims import SignIn
from sandbox.entra.directory import Directory

FORM_SECONDS = 10 * 60
CODE_SECONDS = 10 * 60
SESSION_SECONDS = 24 * 60 * 60
MOST_KEPT = 1000

Kept = TypeVar("Kept")


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest:
    """An authorization request that passed all checks (OpenID Connect Core 1.0, section 3.1.2.1).

    `directory` is the tenant that it was sent to.
    """

    directory: Directory
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    response_mode: str
    state: str | None = None
    nonce: str | None = None
    prompt: frozenset[str] = frozenset()
    login_hint: str = ""
    code_challenge: str | None = None
    code_challenge_method: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody signed in to a tenant, in one browser."""

    tenant_id: str
    oid: str
    authenticated: int


@dataclass(frozen=True, kw_only=True)
class Code:
    """What an authorization code stands for (RFC 6749, section 4.1.2; RFC 7636 for the challenge)."""

    sign_in: SignIn
    redirect_uri: str
    code_challenge: str | None
    code_challenge_method: str


@dataclass
class _Entry(Generic[Kept]):
    value: Kept
    expires: float
    used: bool = False


class UsedError(Exception):
    """The ticket was used before."""


class ExpiredError(Exception):
    """The ticket is too old."""


@dataclass
class Tickets(Generic[Kept]):
    """Random names for things that last a while; the oldest go when there are too many.

    Attributes:
        seconds: how long a ticket lasts.
        clock: the time in seconds; tests replace it.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _entries: dict[str, _Entry[Kept]] = field(default_factory=dict)

    def issue(self, value: Kept) -> str:
        """A new ticket for `value`."""
        while len(self._entries) >= MOST_KEPT:
            del self._entries[next(iter(self._entries))]
        ticket = secrets.token_urlsafe(32)
        self._entries[ticket] = _Entry(value, self.clock() + self.seconds)
        return ticket

    def look(self, ticket: str) -> Kept | None:
        """What a ticket stands for, without using it up."""
        entry = self._entries.get(ticket)
        return None if entry is None or entry.used or entry.expires <= self.clock() else entry.value

    def use(self, ticket: str) -> Kept:
        """What a ticket stands for, this once.

        Raises:
            KeyError: there is no such ticket.
            UsedError: it was used before.
            ExpiredError: it is too old.
        """
        entry = self._entries[ticket]
        if entry.used:
            raise UsedError
        entry.used = True
        if entry.expires <= self.clock():
            raise ExpiredError
        return entry.value

    def drop(self, ticket: str) -> None:
        """Forget a ticket."""
        self._entries.pop(ticket, None)
