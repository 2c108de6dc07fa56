"""What the endpoints of the sign-in service work with."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.entra.clients import Tenants
from sandbox.entra.redirect_uris import CognitoAt
from sandbox.entra.sessions import CODE_SECONDS, Code, Sessions
from sandbox.entra.tokens import Tokens
from sandbox.web.tickets import Tickets


@dataclass(frozen=True)
class SignInService:
    """The sign-in service of all tenants.

    Attributes:
        trusted_roots: the certificates of the issuers whose tokens applications sign in with.
    """

    tenants: Tenants
    cognito_at: CognitoAt
    trusted_roots: Path
    tokens: Tokens = field(default_factory=Tokens)
    sessions: Sessions = field(default_factory=Sessions)
    codes: Tickets[Code] = field(default_factory=lambda: Tickets(CODE_SECONDS))
