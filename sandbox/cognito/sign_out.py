"""GET /logout: the end of the session at the domain; the one at the identity provider goes on."""

from starlette.responses import Response

from sandbox.cognito import errors
from sandbox.cognito.authorize_response import SESSION_COOKIE
from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import PageError
from sandbox.web.endpoints import Call, redirect, set_cookie, with_parameters


def logout(domain: Domain, call: Call) -> Response:
    """GET /logout (logout-endpoint).

    With `logout_uri`, exactly one of the client's sign-out URLs, the browser goes there; with
    `redirect_uri` and the parameters of /login it goes to sign in again.
    """
    client = domain.pools.client(call.query.get("client_id", ""))
    if client is None:
        raise PageError(errors.NO_SUCH_CLIENT)
    logout_uri = call.query.get("logout_uri")
    if logout_uri is not None:
        if logout_uri not in client.logout_urls:
            raise PageError(errors.REDIRECT_MISMATCH, client.id)
        return _ended(domain, call, logout_uri)
    redirect_uri = call.query.get("redirect_uri")
    if not redirect_uri:
        raise PageError(errors.NO_REDIRECT_URI, client.id)
    if not call.query.get("response_type"):
        raise PageError(errors.PARAMETERS_MISSING, client.id)
    if redirect_uri not in client.callback_urls:
        raise PageError(errors.REDIRECT_MISMATCH, client.id)
    # Without a scope, /login gets all that the client may ask for.
    fields = {"scope": " ".join(client.scopes), **call.query}
    return _ended(domain, call, with_parameters("/login", fields))


def _ended(domain: Domain, call: Call, url: str) -> Response:
    domain.memory.sessions.drop(call.cookies.get(SESSION_COOKIE, ""))
    response = redirect(url)
    set_cookie(response, SESSION_COOKIE, "")
    return response
