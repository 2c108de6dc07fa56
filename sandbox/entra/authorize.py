"""/oauth2/v2.0/authorize: signing in, consent, and the code for the application.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, v2-protocols-oidc and
reference-error-codes; OpenID Connect Core 1.0, section 3.1.2; RFC 6749, section 4.1.
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from starlette.responses import Response

from sandbox.entra import authorize_request, pages
from sandbox.entra.authorize_request import AuthorizeRequest
from sandbox.entra.claims import SignIn
from sandbox.entra.directory import Directory, ServicePrincipal
from sandbox.entra.errors import CallbackError, SignInError
from sandbox.entra.interaction import Interaction
from sandbox.entra.sessions import Code, Session, Visit
from sandbox.entra.users import Person

ASK_WHO = frozenset({"login", "select_account"})


class Authorize(Interaction[AuthorizeRequest]):
    """The authorization endpoint of every tenant."""

    path = "/oauth2/v2.0/authorize"

    def read(self, fields: Mapping[str, str], directory: Directory) -> AuthorizeRequest:
        """Check a request."""
        return authorize_request.read(fields, directory, self.service.cognito_at)

    def begin(self, request: AuthorizeRequest, visit: Visit) -> Response:
        """Answer a new request: ask who it is, unless the browser has a session that serves."""
        session = self.service.sessions.at(request.directory, visit)
        if session is not None and not request.prompt & ASK_WHO and _fits(session, request):
            return self._admit(request, session, visit)
        if "none" in request.prompt:
            raise CallbackError(request.reply, SignInError(50058))
        return self.ask_to_sign_in(request, visit, request.login_hint)

    def check_person(self, person: Person, client: ServicePrincipal) -> None:
        """Every account of the tenant may sign in."""

    def signed_in(self, request: AuthorizeRequest, session: Session, visit: Visit) -> Response:
        """Go on with a person who has just signed in."""
        return self._admit(replace(request, prompt=request.prompt - ASK_WHO), session, visit)

    def decided(self, request: AuthorizeRequest, visit: Visit, *, accepted: bool) -> Response:
        """Go on with a decision about consent for oneself."""
        session = self.service.sessions.at(request.directory, visit)
        if session is None or not accepted:
            raise CallbackError(request.reply, SignInError(65004))
        request.directory.consent(self.client(request), request.scopes, session.oid)
        return self._admit(replace(request, prompt=request.prompt - {"consent"}), session, visit)

    def _admit(self, request: AuthorizeRequest, session: Session, visit: Visit) -> Response:
        """Let a person who signed in go on to the application, if they may."""
        directory = request.directory
        client = self.client(request)
        application, person = client.application, directory.people[session.oid]
        silent = "none" in request.prompt
        assigned_only = client.body["appRoleAssignmentRequired"]
        named = {"app": application.app_id, "name": application.display_name}
        if assigned_only and not any(directory.assignments_of(person, client)):
            raise _refusal(request, SignInError(50105, user=person.principal_name, **named), silent=silent)
        missing = request.scopes - directory.consented(client, person)
        # Whoever requires assignment has an administrator consent as well: users cannot
        # (entra/identity-platform/howto-restrict-your-app-to-a-set-of-users).
        may_consent = (directory.users_may_consent or person.is_administrator) and not assigned_only
        if may_consent and not silent and (missing or "consent" in request.prompt):
            form = self.form(request, visit, consent=True)
            return pages.consent_page(form, application, person.principal_name, request.scopes)
        if missing:
            error = SignInError(65001, scopes=", ".join(sorted(missing)), **named)
            raise _refusal(request, error, silent=silent)
        # Without a key of its own, an application has to accept what others write into its tokens
        # (entra/identity-platform/jwt-claims-customization).
        if client.policy and not application.body["api"]["acceptMappedClaims"]:
            raise _refusal(request, SignInError(50146), silent=silent)
        return self._give_code(request, client, person, session)

    def _give_code(
        self, request: AuthorizeRequest, client: ServicePrincipal, person: Person, session: Session
    ) -> Response:
        sign_in = SignIn(
            directory=request.directory,
            person=person,
            application=client.application,
            service_principal=client,
            scopes=request.scopes,
            nonce=request.nonce,
            authenticated=session.authenticated,
        )
        code = Code(
            sign_in=sign_in,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
        )
        return request.reply.response({"code": self.service.codes.issue(code), "session_state": str(uuid4())})


def _refusal(request: AuthorizeRequest, error: SignInError, *, silent: bool) -> Exception:
    """A silent request is refused at the redirect URI, any other on a page."""
    return CallbackError(request.reply, error) if silent else error


def _fits(session: Session, request: AuthorizeRequest) -> bool:
    hinted = request.directory.person(request.login_hint)
    return not request.login_hint or (hinted is not None and hinted.oid == session.oid)
