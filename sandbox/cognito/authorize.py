"""/oauth2/authorize and /login: who may sign in with what, and the way there."""

import hmac
import secrets
from collections.abc import Mapping

from starlette.responses import Response

from sandbox.cognito import authorize_request, authorize_response, errors, federation, pages
from sandbox.cognito.authorize_request import AuthorizeRequest
from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import PageError
from sandbox.cognito.models import LOCAL_ACCOUNTS, Client, Provider, User
from sandbox.cognito.sessions import NewPassword
from sandbox.web.endpoints import Call, redirect, set_cookie, with_parameters
from sandbox.web.pages import Form

FORM_COOKIE = "XSRF-TOKEN"
FORM_FIELD = "_csrf"


def authorize(domain: Domain, call: Call) -> Response:
    """GET /oauth2/authorize (authorization-endpoint).

    With `identity_provider` or `idp_identifier` it "silently redirects" to that provider's sign-in page,
    otherwise to /login "with the same URL parameters".
    """
    request = _request(domain, call.query)
    name, identifier = call.query.get("identity_provider"), call.query.get("idp_identifier")
    if not name and not identifier:
        return redirect(with_parameters("/login", call.query))
    # There is nothing to show with `prompt=none`: the session answers, or nobody does.
    if "none" in request.prompt and (answer := authorize_response.from_session(domain, request, call)):
        return answer
    if name == LOCAL_ACCOUNTS and request.client.local_accounts:
        return _page(request, call)
    return federation.begin(domain, request, _provider(request.client, name, identifier), call)


def login(domain: Domain, call: Call) -> Response:
    """/login: GET shows what the app client offers, POST takes what a person typed (login-endpoint).

    A client with one provider and no local accounts has nothing to choose: AWS sends the browser straight
    there, without saying so in the guide.
    """
    request = _request(domain, call.query)
    if call.method == "POST":
        return _posted(domain, request, call)
    if answer := authorize_response.from_session(domain, request, call):
        return answer
    providers, local = request.client.providers, request.client.local_accounts
    if len(providers) == 1 and not local:
        return federation.begin(domain, request, providers[0], call)
    if not providers and not local:
        raise PageError(errors.LOGIN_OPTION, request.client.id)
    return _page(request, call)


def _request(domain: Domain, fields: Mapping[str, str]) -> AuthorizeRequest:
    return authorize_request.read(fields, domain.pools.client(fields.get("client_id", "")))


def _provider(client: Client, name: str | None, identifier: str | None) -> Provider:
    """The provider of a name, or of one of the other names, if the app client enables it.

    AWS says the same of a provider that the pool does not have and of one that the client does not enable.
    """
    for provider in client.providers:
        if provider.name == name or (not name and identifier in provider.identifiers):
            return provider
    raise PageError(errors.LOGIN_OPTION, client.id)


def _page(request: AuthorizeRequest, call: Call, mistake: pages.Mistake | None = None) -> Response:
    token = call.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    form = Form(_action(request), {FORM_FIELD: token})
    response = pages.sign_in_page(request.client, request.fields, form, mistake)
    set_cookie(response, FORM_COOKIE, token)
    return response


def _posted(domain: Domain, request: AuthorizeRequest, call: Call) -> Response:
    # The form must come back from the browser that it was shown in (RFC 6749, section 10.12).
    token = call.cookies.get(FORM_COOKIE, "")
    if not token or not hmac.compare_digest(token.encode(), call.form.get(FORM_FIELD, "").encode()):
        raise PageError(errors.SOMETHING_WENT_WRONG, request.client.id)
    if pages.EMAIL_FIELD in call.form:
        return _by_email(domain, request, call)
    if not request.client.local_accounts:
        raise PageError(errors.LOGIN_OPTION, request.client.id)
    if "new_password_ticket" in call.form:
        return _new_password(domain, request, call, token)
    user = domain.pools.password_sign_in(
        request.client.pool.id, call.form.get("username", ""), call.form.get("password", "")
    )
    if isinstance(user, str):
        return _page(request, call, pages.Mistake(user))
    if user.status == "FORCE_CHANGE_PASSWORD":
        new_password = NewPassword(request=request, username=user.username)
        ticket = domain.memory.new_passwords.issue(new_password)
        return pages.new_password_page(_new_password_form(request, token, ticket))
    return _signed_in(domain, request, user)


def _by_email(domain: Domain, request: AuthorizeRequest, call: Call) -> Response:
    """cognito-user-pools-managing-saml-idp-naming: the page takes the domain as the identifier.

    AWS does that by a script, without saying what it does about upper case or a domain that no provider
    has. Here the case of a domain does not matter (RFC 4343), and the page says what is wrong.
    """
    email = call.form[pages.EMAIL_FIELD].strip()
    email_domain = email.partition("@")[2].lower()
    for provider in request.client.providers:
        if email_domain in (identifier.lower() for identifier in provider.identifiers):
            return federation.begin(domain, request, provider, call)
    return _page(request, call, pages.Mistake(errors.NO_SUCH_DOMAIN, email))


def _new_password(domain: Domain, request: AuthorizeRequest, call: Call, token: str) -> Response:
    """The end of a sign-in with a temporary password (how-to-create-user-accounts)."""
    ticket = call.form["new_password_ticket"]
    asked = domain.memory.new_passwords.get(ticket)
    pool_id = request.client.pool.id
    user = None if asked is None else domain.pools.user(pool_id, asked.username)
    if asked is None or user is None or asked.request.client.id != request.client.id:
        raise PageError(errors.SOMETHING_WENT_WRONG, request.client.id)
    password = call.form.get("new_password", "")
    changed: User | str = "The passwords do not match."
    if password == call.form.get("confirm_password"):
        changed = domain.pools.change_password(pool_id, user.username, password)
    if isinstance(changed, str):
        return pages.new_password_page(_new_password_form(request, token, ticket), changed)
    domain.memory.new_passwords.drop(ticket)
    return _signed_in(domain, request, changed)


def _signed_in(domain: Domain, request: AuthorizeRequest, user: User) -> Response:
    return authorize_response.signed_in(domain, request, user, LOCAL_ACCOUNTS, request.nonce)


def _action(request: AuthorizeRequest) -> str:
    return with_parameters("/login", request.fields)


def _new_password_form(request: AuthorizeRequest, token: str, ticket: str) -> Form:
    return Form(_action(request), {FORM_FIELD: token, "new_password_ticket": ticket})
