"""The front channel of the version 2.0 endpoint: signing in, consent and signing out, in a browser.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, v2-protocols-oidc and
reference-error-codes; OpenID Connect Core 1.0, section 3.1.2; RFC 6749, sections 4.1 and 10.12.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.entra import pages
from sandbox.entra.accounts import Accounts
from sandbox.entra.authorize_request import (
    CognitoAt,
    Reply,
    ReturnedError,
    authorize_request,
    browser_address,
    is_registered,
)
from sandbox.entra.claims import SignIn
from sandbox.entra.clients import SHARED_TENANTS, Tenants, client_of, home_of, tenant_of
from sandbox.entra.directory import Directory, ServicePrincipal
from sandbox.entra.errors import SignInError
from sandbox.entra.forms import Forms, Question, Visit, fields_of
from sandbox.entra.sessions import CODE_SECONDS, AuthorizeRequest, Code, Session, Tickets
from sandbox.entra.tokens import Tokens
from sandbox.entra.users import Person

INTERACTION_REQUIRED = "interaction_required"


class SignInService:
    """The endpoints that browsers visit.

    Attributes:
        codes: the authorization codes given out, for the token endpoint.
    """

    def __init__(self, tenants: Tenants, tokens: Tokens, accounts: Accounts, cognito_at: CognitoAt) -> None:
        self.codes: Tickets[Code] = Tickets(CODE_SECONDS)
        self._tenants = tenants
        self._tokens = tokens
        self._accounts = accounts
        self._cognito_at = cognito_at
        self._forms: Forms[AuthorizeRequest] = Forms()

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        both = ["GET", "POST"]
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self._authorize, methods=both),
            Route("/{tenant}/oauth2/v2.0/logout", self._log_out, methods=both),
        ]

    async def _authorize(self, http: Request) -> Response:
        fields, visit = await fields_of(http), Visit.of(http)
        answers_form = http.method == "POST" and "ticket" in fields
        try:
            directory = tenant_of(http.path_params["tenant"], self._tenants, fields.get("client_id", ""))
            with directory.lock:
                if answers_form:
                    response = self._answer(fields, directory, visit)
                else:
                    response = self._ask(fields, directory, visit)
        except ReturnedError as refusal:
            problem = refusal.problem
            answer = {"error": problem.error, "error_description": problem.description}
            response = self._reply(refusal.reply, answer)
        except SignInError as problem:
            response = pages.error_page(problem)
        return visit.leave(response)

    def _ask(self, fields: Mapping[str, str], directory: Directory, visit: Visit) -> Response:
        """Take a new authorization request: ask who it is, unless the browser's session tells."""
        request = authorize_request(fields, directory)
        session = self._accounts.session(visit, directory)
        if session is None or request.prompt & {"login", "select_account"} or not _fits(session, request):
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

    def _answer(self, fields: Mapping[str, str], directory: Directory, visit: Visit) -> Response:
        """Take an answered form: a name with password, or a decision about consent."""
        question = self._forms.answered(fields["ticket"], visit, directory)
        if question.session is not None:
            return self._decided(question, fields.get("decision", ""), visit)
        request = question.request
        username, password = fields.get("username", ""), fields.get("password", "")
        application = client_of(request.client_id, directory, may_be_new=True).application
        try:
            person = self._accounts.authenticate(username, password, directory, application)
        except SignInError as problem:
            return self._sign_in_form(request, visit, username, problem)
        session = self._accounts.begin(person, directory, visit)
        return self._admit(
            replace(request, prompt=request.prompt - {"login", "select_account"}), session, visit
        )

    def _admit(self, request: AuthorizeRequest, session: Session, visit: Visit) -> Response:
        """Let a person who signed in go on to the application, if they may."""
        directory = request.directory
        service_principal = client_of(request.client_id, directory, may_be_new=True)
        person = directory.people[session.oid]
        _check_assigned(service_principal, person, request)
        lacking = request.scopes - directory.consented(service_principal, person)
        # Whoever requires assignment has an administrator consent as well: users cannot
        # (entra/identity-platform/howto-restrict-your-app-to-a-set-of-users).
        may_consent = (directory.users_may_consent or person.is_administrator) and not service_principal.body[
            "appRoleAssignmentRequired"
        ]
        silent = "none" in request.prompt
        if may_consent and not silent and (lacking or "consent" in request.prompt):
            form = self._form(request, visit, consent=True)
            name = service_principal.application.display_name
            return pages.consent_page(form, name, person.principal_name, request.scopes)
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

    def _decided(self, question: Question[AuthorizeRequest], decision: str, visit: Visit) -> Response:
        request = question.request
        session = self._accounts.session(visit, request.directory)
        if session is None or decision != "accept":
            raise ReturnedError(
                _reply_to(request),
                SignInError(65004, "User declined to consent to access the app.", error="access_denied"),
            )
        client = client_of(request.client_id, request.directory, may_be_new=True)
        request.directory.consent(client, request.scopes, session.oid)
        return self._admit(replace(request, prompt=request.prompt - {"consent"}), session, visit)

    def _issue_code(
        self, request: AuthorizeRequest, service_principal: ServicePrincipal, person: Person, session: Session
    ) -> Response:
        code = Code(
            sign_in=SignIn(
                directory=request.directory,
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

    def _form(self, request: AuthorizeRequest, visit: Visit, *, consent: bool = False) -> pages.Form:
        action = f"/{request.directory.tenant_id}/oauth2/v2.0/authorize"
        return pages.Form(action, self._forms.ask(request, visit, consent=consent))

    def _sign_in_form(
        self, request: AuthorizeRequest, visit: Visit, username: str, problem: SignInError | None
    ) -> Response:
        directory = request.directory
        name = client_of(request.client_id, directory, may_be_new=True).application.display_name
        people = directory.people.values()
        return pages.sign_in_page(self._form(request, visit), name, username, problem, people)

    def _reply(self, reply: Reply, answer: Mapping[str, str]) -> Response:
        if reply.response_mode == "form_post":
            return pages.post_page(
                browser_address(reply.redirect_uri, self._cognito_at), reply.fields(answer)
            )
        return RedirectResponse(reply.url(answer, self._cognito_at), 302, {"Cache-Control": "no-store"})

    async def _log_out(self, http: Request) -> Response:
        fields, visit = await fields_of(http), Visit.of(http)
        tenant = http.path_params["tenant"]
        # The shared endpoints end the session of a person of any tenant, and so does each tenant's own.
        if tenant.lower() not in SHARED_TENANTS:
            try:
                tenant_of(tenant, self._tenants)
            except SignInError as problem:
                return pages.error_page(problem)
        self._accounts.end(visit)
        with home_of(self._tenants).lock:
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
        for application in home_of(self._tenants).applications.values():
            if client_id is not None and application.app_id != client_id.lower():
                continue
            if is_registered(url, [*application.redirect_uris, *filter(None, [application.logout_url])]):
                address = browser_address(url, self._cognito_at)
                state = {"state": fields["state"]} if "state" in fields else {}
                return f"{address}{'&' if '?' in address else '?'}{urlencode(state)}" if state else address
        return None


def _fits(session: Session, request: AuthorizeRequest) -> bool:
    hinted = request.directory.person(request.login_hint)
    return not request.login_hint or (hinted is not None and hinted.oid == session.oid)


def _check_assigned(service_principal: ServicePrincipal, person: Person, request: AuthorizeRequest) -> None:
    if not service_principal.body["appRoleAssignmentRequired"]:
        return
    if any(request.directory.assignments_of(person, service_principal)):
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


def _reply_to(request: AuthorizeRequest) -> Reply:
    return Reply(request.redirect_uri, request.response_mode, request.state)
