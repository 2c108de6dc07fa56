"""An endpoint where a person signs in and then decides: what authorization and admin consent share.

Sources: OpenID Connect Core 1.0, section 3.1.2; RFC 6749, section 10.12.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic

from starlette.responses import Response

from sandbox.entra import pages
from sandbox.entra.accounts import authenticate
from sandbox.entra.clients import client_of, tenant_of
from sandbox.entra.directory import Directory, ServicePrincipal
from sandbox.entra.errors import CallbackError, SignInError
from sandbox.entra.service import SignInService
from sandbox.entra.sessions import FORM_SECONDS, Question, Request, Session, Visit
from sandbox.entra.users import Person
from sandbox.web.endpoints import Call
from sandbox.web.pages import Form
from sandbox.web.tickets import TicketError, Tickets


class Interaction(ABC, Generic[Request]):
    """An endpoint that asks who it is, and perhaps for consent; `path` is that below the tenant's."""

    path: str

    def __init__(self, service: SignInService) -> None:
        self.service = service
        self._forms: Tickets[Question[Request]] = Tickets(FORM_SECONDS)

    def answer(self, call: Call) -> Response:
        """Answer a new request, or an answered form."""
        visit = Visit.of(call)
        try:
            client_id = call.fields.get("client_id", "")
            directory = tenant_of(call.path["tenant"], self.service.tenants, client_id)
            with directory.lock:
                if "ticket" in call.form:
                    response = self._answered(call.form, directory, visit)
                else:
                    response = self.begin(self.read(call.fields, directory), visit)
        except SignInError as error:
            response = pages.error_page(error)
        except CallbackError as error:
            response = error.response()
        return visit.with_cookies(response)

    @abstractmethod
    def read(self, fields: Mapping[str, str], directory: Directory) -> Request:
        """Check a request.

        Raises:
            SignInError: it is refused on a page.
            CallbackError: it is refused at the redirect URI.
        """

    @abstractmethod
    def begin(self, request: Request, visit: Visit) -> Response:
        """Answer a new request: ask who it is, unless the browser has a session that serves."""

    @abstractmethod
    def check_person(self, person: Person, client: ServicePrincipal) -> None:
        """Refuse an account that may sign in but not here."""

    @abstractmethod
    def signed_in(self, request: Request, session: Session, visit: Visit) -> Response:
        """Go on with a person who has just signed in."""

    @abstractmethod
    def decided(self, request: Request, visit: Visit, *, accepted: bool) -> Response:
        """Go on with a decision about consent."""

    def client(self, request: Request) -> ServicePrincipal:
        """The service principal of the application, which the tenant need not know yet."""
        return client_of(request.client_id, request.directory, may_be_new=True)

    def form(self, request: Request, visit: Visit, *, consent: bool) -> Form:
        """A form that this endpoint takes the answer of."""
        session = visit.session if consent else None
        question = Question(request=request, browser=visit.browser, session=session)
        return Form(f"/{request.directory.tenant_id}{self.path}", {"ticket": self._forms.issue(question)})

    def ask_to_sign_in(
        self, request: Request, visit: Visit, username: str = "", error: SignInError | None = None
    ) -> Response:
        """The sign-in form."""
        people = request.directory.people.values()
        name = self.client(request).application.display_name
        return pages.sign_in_page(self.form(request, visit, consent=False), name, username, error, people)

    def _answered(self, form: Mapping[str, str], directory: Directory, visit: Visit) -> Response:
        try:
            question = self._forms.redeem(form["ticket"])
        except TicketError:
            raise SignInError(165000) from None
        if not question.is_of(visit, directory):
            raise SignInError(165000)
        request = question.request
        if question.session is not None:
            return self.decided(request, visit, accepted=form.get("decision") == "accept")
        username, password = form.get("username", ""), form.get("password", "")
        client = self.client(request)
        try:
            person = authenticate(username, password, directory, client.application, self.service.tenants)
            self.check_person(person, client)
        except SignInError as error:
            return self.ask_to_sign_in(request, visit, username, error)
        session = self.service.sessions.begin(person, directory, visit)
        return self.signed_in(request, session, visit)
