"""What the pages need of a browser: its cookies, what it sends, and that a form comes back from where it was.

Source: RFC 6749, section 10.12.
"""

import secrets
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sandbox.entra.directory import Directory
from sandbox.entra.errors import SignInError
from sandbox.entra.sessions import FORM_SECONDS, ExpiredError, Tickets, UsedError

SESSION_COOKIE = "ESTSAUTH"
BROWSER_COOKIE = "buid"


@dataclass
class Visit:
    """One browser, known by its cookies."""

    browser: str
    session: str

    @classmethod
    def of(cls, request: Request) -> "Visit":
        """The visit that a request belongs to; a browser without a cookie gets a new name."""
        browser = request.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(16)
        return cls(browser, request.cookies.get(SESSION_COOKIE, ""))

    def leave(self, response: Response) -> Response:
        """Give the browser its cookies."""
        for name, value in ((BROWSER_COOKIE, self.browser), (SESSION_COOKIE, self.session)):
            if value:
                response.set_cookie(name, value, httponly=True, samesite="lax")
            else:
                response.delete_cookie(name, httponly=True, samesite="lax")
        return response


async def fields_of(http: Request) -> dict[str, str]:
    """The parameters of a request, from its query or its form."""
    if http.method == "GET":
        return dict(http.query_params)
    return {name: value for name, value in (await http.form()).items() if isinstance(value, str)}


class ForTenant(Protocol):
    """A request that was sent to one tenant."""

    @property
    def directory(self) -> Directory:
        """The tenant."""


Asked = TypeVar("Asked", bound=ForTenant)


@dataclass(frozen=True, kw_only=True)
class Question(Generic[Asked]):
    """A form that is open in one browser: the sign-in form, or with `session` set the consent form."""

    request: Asked
    browser: str
    session: str | None = None


class Forms(Generic[Asked]):
    """The open forms of one kind of request."""

    def __init__(self) -> None:
        self._questions: Tickets[Question[Asked]] = Tickets(FORM_SECONDS)

    def ask(self, request: Asked, visit: Visit, *, consent: bool = False) -> str:
        """Open a form in a browser."""
        session = visit.session if consent else None
        return self._questions.issue(Question(request=request, browser=visit.browser, session=session))

    def answered(self, ticket: str, visit: Visit, directory: Directory) -> Question[Asked]:
        """The question that a form answers.

        Raises:
            SignInError: AADSTS165000, the form was answered before, is too old, or was shown elsewhere.
        """
        try:
            question = self._questions.use(ticket)
        except (KeyError, UsedError, ExpiredError):
            question = None
        if (
            question is None
            or question.request.directory is not directory
            or question.browser != visit.browser
            or question.session not in {None, visit.session}
        ):
            raise SignInError(
                165000,
                "Invalid Request: The request tokens do not match the user context. Do not copy the user"
                " context values (cookies; form fields; headers) between different requests or user sessions."
                " This form was answered before, is too old, or belongs to another browser: begin again.",
            )
        return question
