"""/oauth2/authorize and /login: who may sign in with what, and the way there."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from sandbox.cognito import errors, pages
from sandbox.cognito.authorize_request import AuthorizeRequest, read
from sandbox.cognito.authorize_response import AuthorizeResponses
from sandbox.cognito.errors import PageError
from sandbox.cognito.federation import FederatedSignIn
from sandbox.cognito.models import LOCAL_ACCOUNTS, Client, Provider, User
from sandbox.cognito.sessions import Memory, NewPassword
from sandbox.cognito.user_pools import UserPools
from sandbox.web.endpoints import Call, redirect, set_cookie, with_parameters
from sandbox.web.pages import Form

FORM_COOKIE = "XSRF-TOKEN"
FORM_FIELD = "_csrf"


@dataclass(frozen=True)
class Authorize:
    """The endpoints with which a sign-in begins."""

    pools: UserPools
    memory: Memory
    responses: AuthorizeResponses
    federation: FederatedSignIn

    def authorize(self, call: Call) -> Response:
        """GET /oauth2/authorize (authorization-endpoint).

        With `identity_provider` or `idp_identifier` it "silently redirects" to that provider's sign-in page,
        otherwise to /login "with the same URL parameters".
        """
        request = self._request(call.query)
        wanted, identifier = call.query.get("identity_provider"), call.query.get("idp_identifier")
        if not wanted and not identifier:
            return redirect(with_parameters("/login", call.query))
        # There is nothing to show with `prompt=none`: the session tells, or nobody does.
        silent = self.responses.from_session(request, call) if "none" in request.prompt else None
        if silent is not None:
            return silent
        if wanted == LOCAL_ACCOUNTS and request.client.local_accounts:
            return self._page(request, call)
        return self.federation.begin(request, _provider(request.client, wanted, identifier), call)

    def login(self, call: Call) -> Response:
        """/login: GET shows what the app client offers, POST takes what a person typed (login-endpoint).

        A client with one provider and no local accounts has nothing to choose: AWS sends the browser straight
        there, without saying so in the guide.
        """
        request = self._request(call.query)
        if call.method == "POST":
            return self._posted(request, call)
        silent = self.responses.from_session(request, call)
        if silent is not None:
            return silent
        providers, local = request.client.providers, request.client.local_accounts
        if len(providers) == 1 and not local:
            return self.federation.begin(request, providers[0], call)
        if not providers and not local:
            raise PageError(errors.LOGIN_OPTION, request.client.id)
        return self._page(request, call)

    def _request(self, fields: Mapping[str, str]) -> AuthorizeRequest:
        return read(fields, self.pools.client(fields.get("client_id", "")))

    def _page(self, request: AuthorizeRequest, call: Call, mistake: pages.Mistake | None = None) -> Response:
        token = call.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
        form = Form(_action(request), {FORM_FIELD: token})
        response = pages.sign_in_page(request.client, request.fields, form, mistake)
        set_cookie(response, FORM_COOKIE, token)
        return response

    def _posted(self, request: AuthorizeRequest, call: Call) -> Response:
        # The form must come back from the browser that it was shown in (RFC 6749, section 10.12).
        token = call.cookies.get(FORM_COOKIE, "")
        if not token or not hmac.compare_digest(token.encode(), call.form.get(FORM_FIELD, "").encode()):
            raise PageError(errors.SOMETHING_WENT_WRONG, request.client.id)
        if pages.EMAIL_FIELD in call.form:
            return self._by_email(request, call)
        if not request.client.local_accounts:
            raise PageError(errors.LOGIN_OPTION, request.client.id)
        if "new_password_ticket" in call.form:
            return self._new_password(request, call, token)
        user = self.pools.password_sign_in(
            request.client.pool.id, call.form.get("username", ""), call.form.get("password", "")
        )
        if isinstance(user, str):
            return self._page(request, call, pages.Mistake(user))
        if user.status == "FORCE_CHANGE_PASSWORD":
            ticket = self.memory.new_passwords.issue(NewPassword(request=request, username=user.username))
            return pages.new_password_page(_new_password_form(request, token, ticket))
        return self._signed_in(request, user)

    def _by_email(self, request: AuthorizeRequest, call: Call) -> Response:
        """cognito-user-pools-managing-saml-idp-naming: the page takes the domain as the identifier.

        AWS does that by a script, without saying what it does about upper case or a domain that no provider
        has. Here the case of a domain does not matter (RFC 4343), and the page says what is wrong.
        """
        email = call.form[pages.EMAIL_FIELD].strip()
        domain = email.partition("@")[2].lower()
        for provider in request.client.providers:
            if domain in (identifier.lower() for identifier in provider.identifiers):
                return self.federation.begin(request, provider, call)
        return self._page(request, call, pages.Mistake(errors.NO_SUCH_DOMAIN, email))

    def _new_password(self, request: AuthorizeRequest, call: Call, token: str) -> Response:
        """The end of a sign-in with a temporary password (how-to-create-user-accounts)."""
        ticket = call.form["new_password_ticket"]
        asked = self.memory.new_passwords.get(ticket)
        pool_id = request.client.pool.id
        user = None if asked is None else self.pools.user(pool_id, asked.username)
        if asked is None or user is None or asked.request.client.id != request.client.id:
            raise PageError(errors.SOMETHING_WENT_WRONG, request.client.id)
        password = call.form.get("new_password", "")
        mistake: str | None = "The passwords do not match."
        if password == call.form.get("confirm_password"):
            mistake = self.pools.change_password(pool_id, user.username, password)
        if mistake is not None:
            return pages.new_password_page(_new_password_form(request, token, ticket), mistake)
        self.memory.new_passwords.drop(ticket)
        return self._signed_in(request, user)

    def _signed_in(self, request: AuthorizeRequest, user: User) -> Response:
        return self.responses.signed_in(request, user, LOCAL_ACCOUNTS, request.nonce)


def _action(request: AuthorizeRequest) -> str:
    return with_parameters("/login", request.fields)


def _new_password_form(request: AuthorizeRequest, token: str, ticket: str) -> Form:
    return Form(_action(request), {FORM_FIELD: token, "new_password_ticket": ticket})


def _provider(client: Client, name: str | None, identifier: str | None) -> Provider:
    """The provider asked for by name or by one of its other names, if the app client enables it.

    Raises:
        PageError: the pool does not have it, or the client does not enable it; AWS says the same of both.
    """
    for provider in client.providers:
        if provider.name == name or (not name and identifier in provider.identifiers):
            return provider
    raise PageError(errors.LOGIN_OPTION, client.id)
