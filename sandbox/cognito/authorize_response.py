"""The end of a sign-in, whichever way it went: the session at the browser, and the answer to the app."""

import time

from starlette.responses import Response

from sandbox.cognito import errors
from sandbox.cognito.authorize_request import AuthorizeRequest
from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import CallbackError, PageError
from sandbox.cognito.lambda_functions import TriggerError
from sandbox.cognito.models import LOCAL_ACCOUNTS, User
from sandbox.cognito.pre_token_generation import SIGNED_IN, changes
from sandbox.cognito.sessions import SESSION_SECONDS, Code, Session
from sandbox.web.endpoints import Call, set_cookie

SESSION_COOKIE = "cognito"

# authorization-endpoint, prompt: with these the person has something to do, session or not.
ASKS_AGAIN = frozenset({"login", "select_account", "consent"})


def signed_in(
    domain: Domain, request: AuthorizeRequest, user: User, provider: str, nonce: str | None
) -> Response:
    """Somebody has just signed in: the browser remembers it for an hour.

    amazon-cognito-user-pools-using-the-id-token: "session cookies that are valid for 1 hour".
    """
    session = Session(
        pool_id=request.client.pool.id,
        username=user.username,
        provider=provider,
        authenticated=int(time.time()),
    )
    response = _answer(domain, request, user, session, nonce)
    set_cookie(response, SESSION_COOKIE, domain.memory.sessions.issue(session), seconds=SESSION_SECONDS)
    return response


def from_session(domain: Domain, request: AuthorizeRequest, call: Call) -> Response | None:
    """The answer for a browser with a session that the app client accepts, if it has one.

    authorization-endpoint, prompt: users with a session "silently authenticate between different app
    clients in your user pool", as far as the client enables what they signed in with; without one,
    `prompt=none` is answered by login_required.
    """
    session = domain.memory.sessions.get(call.cookies.get(SESSION_COOKIE, ""))
    client = request.client
    enabled = {provider.name for provider in client.providers}
    if client.local_accounts:
        enabled.add(LOCAL_ACCOUNTS)
    if session and session.pool_id == client.pool.id and session.provider in enabled:
        user = domain.pools.user(session.pool_id, session.username)
        if user and user.enabled and not request.prompt & ASKS_AGAIN:
            return _answer(domain, request, user, session, request.nonce)
    if "none" in request.prompt:
        raise CallbackError(request.reply, errors.LOGIN_REQUIRED)
    return None


def _answer(
    domain: Domain, request: AuthorizeRequest, user: User, session: Session, nonce: str | None
) -> Response:
    if not user.enabled:
        raise CallbackError(request.reply, errors.INVALID_REQUEST, errors.DISABLED)
    try:
        trigger_changes = changes(request.client, user, request.scopes, SIGNED_IN)
    except TriggerError as error:
        raise CallbackError(request.reply, errors.INVALID_REQUEST, str(error)) from None
    if request.reply.mode != "query":
        raise PageError("The implicit grant is not part of this local Cognito", request.client.id)
    code = Code(request=request, session=session, changes=trigger_changes, nonce=nonce)
    return request.reply.response({"code": domain.memory.codes.issue(code)})
