"""What the sign-in domain remembers: sign-ins at a provider, codes given out, browsers signed in."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sandbox.cognito.authorize_request import AuthorizeRequest
from sandbox.cognito.pre_token_generation import Changes

# authorization-endpoint: "a one time use code that is valid for five minutes".
CODE_SECONDS = 5 * 60
# cognito-user-pools-oidc-flow: requests that do not complete within 5 minutes are cancelled.
FEDERATION_SECONDS = 5 * 60
# amazon-cognito-user-pools-using-the-id-token: session cookies are valid for 1 hour.
SESSION_SECONDS = 60 * 60
MOST_KEPT = 1000

Kept = TypeVar("Kept")


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody signed in at one browser, by a provider or as a local account."""

    pool_id: str
    username: str
    provider: str
    authenticated: int


@dataclass(frozen=True, kw_only=True)
class Federation:
    """A browser that was sent to an identity provider and should come back, to the host it came from."""

    request: AuthorizeRequest
    provider: str
    host: str
    nonce: str
    browser: str


@dataclass(frozen=True, kw_only=True)
class NewPassword:
    """A local account that signed in with a temporary password and must choose another."""

    request: AuthorizeRequest
    username: str


@dataclass(frozen=True, kw_only=True)
class Code:
    """What an authorization code stands for."""

    request: AuthorizeRequest
    session: Session
    changes: Changes
    nonce: str | None


@dataclass
class Tickets(Generic[Kept]):
    """Random names for things that last a while; the oldest go when there are too many.

    Attributes:
        seconds: how long a ticket lasts.
        clock: the time in seconds; tests replace it.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _entries: dict[str, tuple[Kept, float]] = field(default_factory=dict)

    def issue(self, value: Kept) -> str:
        """A new ticket for `value`."""
        while len(self._entries) >= MOST_KEPT:
            self._entries.pop(next(iter(self._entries)), None)
        ticket = secrets.token_urlsafe(32)
        self._entries[ticket] = (value, self.clock() + self.seconds)
        return ticket

    def look(self, ticket: str) -> Kept | None:
        """What a ticket stands for; None when it is unknown, too old or gone."""
        return self._valid(self._entries.get(ticket))

    def take(self, ticket: str) -> Kept | None:
        """What a ticket stands for, this once: of two that ask at a time, one gets None."""
        return self._valid(self._entries.pop(ticket, None))

    def drop(self, ticket: str) -> None:
        """Forget a ticket."""
        self._entries.pop(ticket, None)

    def _valid(self, entry: tuple[Kept, float] | None) -> Kept | None:
        return None if entry is None or entry[1] <= self.clock() else entry[0]


@dataclass
class Memory:
    """All of it, for as long as the process lives."""

    federations: Tickets[Federation] = field(default_factory=lambda: Tickets(FEDERATION_SECONDS))
    new_passwords: Tickets[NewPassword] = field(default_factory=lambda: Tickets(FEDERATION_SECONDS))
    codes: Tickets[Code] = field(default_factory=lambda: Tickets(CODE_SECONDS))
    sessions: Tickets[Session] = field(default_factory=lambda: Tickets(SESSION_SECONDS))
