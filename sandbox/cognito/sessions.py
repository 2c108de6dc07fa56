"""What the sign-in domain remembers: sign-ins at a provider, codes given out, browsers signed in."""

from dataclasses import dataclass, field

from sandbox.cognito.authorize_request import AuthorizeRequest
from sandbox.cognito.pre_token_generation import Changes
from sandbox.web.tickets import Tickets

# authorization-endpoint: "a one time use code that is valid for five minutes".
CODE_SECONDS = 5 * 60
# cognito-user-pools-oidc-flow: requests that do not complete within 5 minutes are cancelled.
FEDERATION_SECONDS = 5 * 60
# amazon-cognito-user-pools-using-the-id-token: session cookies are valid for 1 hour.
SESSION_SECONDS = 60 * 60


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
class Memory:
    """All of it, for as long as the process lives."""

    federations: Tickets[Federation] = field(default_factory=lambda: Tickets(FEDERATION_SECONDS))
    new_passwords: Tickets[NewPassword] = field(default_factory=lambda: Tickets(FEDERATION_SECONDS))
    codes: Tickets[Code] = field(default_factory=lambda: Tickets(CODE_SECONDS))
    sessions: Tickets[Session] = field(default_factory=lambda: Tickets(SESSION_SECONDS))
