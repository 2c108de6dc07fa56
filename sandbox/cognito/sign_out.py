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
    `redirect_uri` and the parameters of /login it goes to sign in again. Without either, or with another
    `logout_uri`, it comes to /login too, which then misses `redirect_uri` (apps report it so, no page of
    AWS's does: aws-amplify/amplify-js issues 2423 and 4993, jenkinsci/oic-auth-plugin issue 620,
    aws-samples/cloudfront-authorization-at-edge issue 199).
    """
    client = domain.pools.client(call.query.get("client_id", ""))
    if client is None:
        raise PageError(errors.NO_SUCH_CLIENT)
    logout_uri = call.query.get("logout_uri", "")
    if logout_uri in client.logout_urls:
        return _ended(domain, call, logout_uri)
    redirect_uri = call.query.get("redirect_uri")
    if not redirect_uri:
        return _ended(domain, call, with_parameters("/login", call.query))
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
