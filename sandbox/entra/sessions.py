"""What the sign-in service remembers between two requests: who is signed in, open forms, codes given out."""

import secrets
import time
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.responses import Response

from sandbox.entra.claims import SignIn
from sandbox.entra.directory import Directory
from sandbox.entra.users import Person
from sandbox.web.endpoints import Call, Reply, set_cookie
from sandbox.web.tickets import Tickets

FORM_SECONDS = 10 * 60
CODE_SECONDS = 10 * 60
SESSION_SECONDS = 24 * 60 * 60

SESSION_COOKIE = "ESTSAUTH"
BROWSER_COOKIE = "buid"


@dataclass
class Visit:
    """One browser, known by its cookies."""

    browser: str
    session: str

    @classmethod
    def of(cls, call: Call) -> "Visit":
        """The visit that a request belongs to; a browser without a cookie gets a new name."""
        browser = call.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(16)
        return cls(browser, call.cookies.get(SESSION_COOKIE, ""))

    def with_cookies(self, response: Response) -> Response:
        """The response that gives the browser its cookies."""
        set_cookie(response, BROWSER_COOKIE, self.browser)
        set_cookie(response, SESSION_COOKIE, self.session)
        return response


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody signed in to a tenant, in one browser."""

    tenant_id: str
    oid: str
    authenticated: int


class Sessions:
    """The sessions of all browsers.

    A browser has one session, of one account in one tenant: whoever signs in at another tenant is asked
    again there, and is no longer signed in at the first.
    """

    def __init__(self) -> None:
        self._sessions: Tickets[Session] = Tickets(SESSION_SECONDS)

    def at(self, directory: Directory, visit: Visit) -> Session | None:
        """The session of a browser at a tenant."""
        session = self._sessions.get(visit.session)
        return session if session is not None and session.tenant_id == directory.tenant_id else None

    def begin(self, person: Person, directory: Directory, visit: Visit) -> Session:
        """Remember that a person signed in, under a new name: an older one must not become theirs."""
        self._sessions.drop(visit.session)
        session = Session(tenant_id=directory.tenant_id, oid=person.oid, authenticated=int(time.time()))
        visit.session = self._sessions.issue(session)
        return session

    def end(self, visit: Visit) -> None:
        """Sign a browser out, whatever tenant its person is of."""
        self._sessions.drop(visit.session)
        visit.session = ""


@dataclass(frozen=True, kw_only=True)
class Code:
    """What an authorization code stands for (RFC 6749, section 4.1.2; RFC 7636 for the challenge)."""

    sign_in: SignIn
    redirect_uri: str
    code_challenge: str | None
    code_challenge_method: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request of an application to one tenant, which passed all checks."""

    directory: Directory
    client_id: str
    reply: Reply


Request = TypeVar("Request", bound=Asked)


@dataclass(frozen=True, kw_only=True)
class Question(Generic[Request]):
    """A form that is open in one browser: the sign-in form, or with `session` set the consent form."""

    request: Request
    browser: str
    session: str | None

    def is_of(self, visit: Visit, directory: Directory) -> bool:
        """Whether the answer comes from where the form was (RFC 6749, section 10.12)."""
        return (
            self.request.directory is directory
            and self.browser == visit.browser
            and self.session in {None, visit.session}
        )
