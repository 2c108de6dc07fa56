"""The front channel of the version 2.0 endpoint: signing in, consent and signing out, in a browser.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, v2-protocols-oidc and
reference-error-codes; OpenID Connect Core 1.0, section 3.1.2; RFC 6749, sections 4.1 and 10.12.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.entra import pages
from sandbox.entra.authorize_request import (
    Reply,
    ReturnedError,
    authorize_request,
    browser_address,
    is_registered,
)
from sandbox.entra.clients import check_tenant, client_of
from sandbox.entra.directory import MICROSOFT_GRAPH, Directory, Grant, ServicePrincipal
from sandbox.entra.problems import SignInError
from sandbox.entra.sessions import (
    CODE_SECONDS,
    FORM_SECONDS,
    SESSION_SECONDS,
    AuthorizeRequest,
    Code,
    ExpiredError,
    Question,
    Session,
    Tickets,
    UsedError,
)
from sandbox.entra.tokens import SignIn, Tokens
from sandbox.entra.users import Person

SESSION_COOKIE = "ESTSAUTH"
BROWSER_COOKIE = "buid"
INTERACTION_REQUIRED = "interaction_required"


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


class SignInService:
    """The endpoints that browsers visit.

    Attributes:
        users_may_consent: whether people may consent for themselves.
        codes: the authorization codes given out, for the token endpoint.
    """

    def __init__(self, directory: Directory, tokens: Tokens, cognito_url: Callable[[], str | None]) -> None:
        self.users_may_consent = False
        self.codes: Tickets[Code] = Tickets(CODE_SECONDS)
        self._questions: Tickets[Question] = Tickets(FORM_SECONDS)
        self._sessions: Tickets[Session] = Tickets(SESSION_SECONDS)
        self._directory = directory
        self._tokens = tokens
        self._cognito_url = cognito_url

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        both = ["GET", "POST"]
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self._authorize, methods=both),
            Route("/{tenant}/oauth2/v2.0/logout", self._log_out, methods=both),
        ]

    async def _authorize(self, http: Request) -> Response:
        fields, visit = await _fields(http), Visit.of(http)
        answers_form = http.method == "POST" and "ticket" in fields
        try:
            check_tenant(http.path_params["tenant"], self._directory)
            with self._directory.lock:
                response = self._answer(fields, visit) if answers_form else self._ask(fields, visit)
        except ReturnedError as refusal:
            problem = refusal.problem
            answer = {"error": problem.error, "error_description": problem.description}
            response = self._reply(refusal.reply, answer)
        except SignInError as problem:
            response = pages.error_page(problem)
        return visit.leave(response)

    def _ask(self, fields: Mapping[str, str], visit: Visit) -> Response:
        """Take a new authorization request: ask who it is, unless the browser's session tells."""
        request = authorize_request(fields, self._directory)
        session = self._sessions.look(visit.session)
        if (
            session is None
            or request.prompt & {"login", "select_account"}
            or not self._fits(session, request)
        ):
            if "none" in request.prompt:
                raise ReturnedError(
                    _reply_to(request),
                    SignInError(
                        50058,
                        "A silent sign-in request was sent but no user is signed in.",
                        error="login_required",
                    ),
                )
            return self._sign_in_form(request, visit, request.login_hint, None)
        return self._admit(request, session, visit)

    def _answer(self, fields: Mapping[str, str], visit: Visit) -> Response:
        """Take an answered form: a name with password, or a decision about consent."""
        question = self._question(fields["ticket"], visit)
        if question.session is not None:
            return self._decided(question, fields.get("decision", ""), visit)
        request = question.request
        try:
            person = self._authenticate(fields.get("username", ""), fields.get("password", ""))
        except SignInError as problem:
            return self._sign_in_form(request, visit, fields.get("username", ""), problem)
        self._sessions.drop(visit.session)
        session = Session(oid=person.oid, authenticated=int(time.time()))
        # A new name for a new session: one that was there before must not become somebody's.
        visit.session = self._sessions.issue(session)
        return self._admit(
            replace(request, prompt=request.prompt - {"login", "select_account"}), session, visit
        )

    def _question(self, ticket: str, visit: Visit) -> Question:
        try:
            question = self._questions.use(ticket)
        except (KeyError, UsedError, ExpiredError):
            question = None
        # The form must come back from the browser it was shown in (RFC 6749, section 10.12).
        if (
            question is None
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

    def _authenticate(self, username: str, password: str) -> Person:
        person = self._directory.person(username)
        if person is None:
            raise SignInError(
                50034,
                f"The user account {username} does not exist in the {self._directory.tenant_id} directory.",
            )
        if not person.knows_password(password):
            raise SignInError(50126, "Error validating credentials due to invalid username or password.")
        if not person.enabled:
            raise SignInError(50057, "The user account is disabled.")
        return person

    def _fits(self, session: Session, request: AuthorizeRequest) -> bool:
        hinted = self._directory.person(request.login_hint)
        return not request.login_hint or (hinted is not None and hinted.oid == session.oid)

    def _admit(self, request: AuthorizeRequest, session: Session, visit: Visit) -> Response:
        """Let a person who signed in go on to the application, if they may."""
        service_principal = client_of(request.client_id, self._directory)
        person = self._directory.people[session.oid]
        self._check_assigned(service_principal, person, request)
        lacking = request.scopes - self._directory.consented(service_principal, person)
        # Whoever requires assignment has an administrator consent as well: users cannot
        # (entra/identity-platform/howto-restrict-your-app-to-a-set-of-users).
        may_consent = self.users_may_consent and not service_principal.body["appRoleAssignmentRequired"]
        silent = "none" in request.prompt
        if may_consent and not silent and (lacking or "consent" in request.prompt):
            question = Question(request=request, browser=visit.browser, session=visit.session)
            name = service_principal.application.display_name
            return pages.consent_page(self._form(question), name, person.principal_name, request.scopes)
        if lacking:
            application = service_principal.application
            problem = SignInError(
                65001,
                "The user or administrator has not consented to use the application with ID"
                f" '{application.app_id}' named '{application.display_name}'. Send an interactive"
                " authorization request for this user and resource."
                f" Without consent: {', '.join(sorted(lacking))}.",
                error=INTERACTION_REQUIRED,
            )
            raise ReturnedError(_reply_to(request), problem) if silent else problem
        return self._issue_code(request, service_principal, person, session)

    def _check_assigned(
        self, service_principal: ServicePrincipal, person: Person, request: AuthorizeRequest
    ) -> None:
        if not service_principal.body["appRoleAssignmentRequired"]:
            return
        if any(self._directory.assignments_of(person, service_principal)):
            return
        application = service_principal.application
        problem = SignInError(
            50105,
            f"Your administrator has configured the application {application.display_name}"
            f" ('{application.app_id}') to block users unless they are specifically granted ('assigned')"
            f" access to the application. The signed in user '{person.principal_name}' is blocked because"
            " they are not a direct member of a group with access, nor had access directly assigned by an"
            " administrator. Please contact your administrator to assign access to this application.",
            error=INTERACTION_REQUIRED,
        )
        raise ReturnedError(_reply_to(request), problem) if "none" in request.prompt else problem

    def _decided(self, question: Question, decision: str, visit: Visit) -> Response:
        request, session = question.request, self._sessions.look(visit.session)
        if session is None or decision != "accept":
            raise ReturnedError(
                _reply_to(request),
                SignInError(65004, "User declined to consent to access the app.", error="access_denied"),
            )
        service_principal = client_of(request.client_id, self._directory)
        self._keep_consent(service_principal, session.oid, request.scopes)
        return self._admit(replace(request, prompt=request.prompt - {"consent"}), session, visit)

    def _keep_consent(self, client: ServicePrincipal, oid: str, scopes: frozenset[str]) -> None:
        graph = self._directory.service_principal_of(MICROSOFT_GRAPH)
        if graph is None:
            return
        for grant in self._directory.grants.values():
            if (grant.client_id, grant.resource_id, grant.principal_id) == (client.id, graph.id, oid):
                grant.scope = " ".join(sorted(scopes.union(grant.scope.split())))
                return
        scope = " ".join(sorted(scopes))
        self._directory.add(Grant(client_id=client.id, resource_id=graph.id, principal_id=oid, scope=scope))

    def _issue_code(
        self, request: AuthorizeRequest, service_principal: ServicePrincipal, person: Person, session: Session
    ) -> Response:
        code = Code(
            sign_in=SignIn(
                person=person,
                application=service_principal.application,
                service_principal=service_principal,
                scopes=request.scopes,
                nonce=request.nonce,
                authenticated=session.authenticated,
            ),
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
        )
        return self._reply(
            _reply_to(request), {"code": self.codes.issue(code), "session_state": str(uuid4())}
        )

    def _form(self, question: Question) -> pages.Form:
        action = f"/{self._directory.tenant_id}/oauth2/v2.0/authorize"
        return pages.Form(action, self._questions.issue(question))

    def _sign_in_form(
        self, request: AuthorizeRequest, visit: Visit, username: str, problem: SignInError | None
    ) -> Response:
        application = client_of(request.client_id, self._directory).application
        form = self._form(Question(request=request, browser=visit.browser))
        return pages.sign_in_page(form, application.display_name, username, problem)

    def _reply(self, reply: Reply, answer: Mapping[str, str]) -> Response:
        cognito_url = self._cognito_url()
        if reply.response_mode == "form_post":
            return pages.post_page(browser_address(reply.redirect_uri, cognito_url), reply.fields(answer))
        return RedirectResponse(reply.url(answer, cognito_url), 302, {"Cache-Control": "no-store"})

    async def _log_out(self, http: Request) -> Response:
        fields, visit = await _fields(http), Visit.of(http)
        try:
            check_tenant(http.path_params["tenant"], self._directory)
        except SignInError as problem:
            return pages.error_page(problem)
        self._sessions.drop(visit.session)
        visit.session = ""
        with self._directory.lock:
            address = self._address_after(fields)
        if address is None:
            return visit.leave(pages.signed_out_page())
        return visit.leave(RedirectResponse(address, 302))

    def _address_after(self, fields: Mapping[str, str]) -> str | None:
        """Where to go after signing out: only to an address that an application registered.

        (learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, "Send a sign-out request")
        """
        url = fields.get("post_logout_redirect_uri", "")
        client_id = self._tokens.audience_of(fields.get("id_token_hint", "")) or fields.get("client_id")
        for application in self._directory.applications.values():
            if client_id is not None and application.app_id != client_id.lower():
                continue
            if is_registered(url, [*application.redirect_uris, *filter(None, [application.logout_url])]):
                address = browser_address(url, self._cognito_url())
                state = {"state": fields["state"]} if "state" in fields else {}
                return f"{address}{'&' if '?' in address else '?'}{urlencode(state)}" if state else address
        return None


def _reply_to(request: AuthorizeRequest) -> Reply:
    return Reply(request.redirect_uri, request.response_mode, request.state)


async def _fields(http: Request) -> dict[str, str]:
    if http.method == "GET":
        return dict(http.query_params)
    return {name: value for name, value in (await http.form()).items() if isinstance(value, str)}
