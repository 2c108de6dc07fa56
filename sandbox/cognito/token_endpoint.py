"""POST /oauth2/token and POST /oauth2/revoke: codes and refresh tokens for tokens, and their end."""

import base64
import binascii
import hmac
import time
from urllib.parse import unquote
from uuid import uuid4

from starlette.responses import JSONResponse, Response

from sandbox.cognito import errors
from sandbox.cognito.attributes import SCOPE_ATTRIBUTES
from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import EndpointError
from sandbox.cognito.lambda_functions import TriggerError
from sandbox.cognito.models import Client, Json
from sandbox.cognito.pre_token_generation import REFRESHED, changes
from sandbox.cognito.sessions import Code
from sandbox.cognito.tokens import Grant, with_refresh, without_refresh
from sandbox.web.endpoints import Call
from sandbox.web.pkce import proves
from sandbox.web.tickets import TicketError


def token(domain: Domain, call: Call) -> Response:
    """POST /oauth2/token (token-endpoint)."""
    grant_type = _required(call, "grant_type")
    if grant_type == "client_credentials":
        status, body = domain.pools.machine_tokens(call.body, call.headers)
        return Response(body, status, media_type="application/json")
    client = _client(domain, call)
    match grant_type:
        case "authorization_code":
            return JSONResponse(_by_code(domain, client, call))
        case "refresh_token":
            return JSONResponse(_by_refresh_token(domain, client, call))
    raise EndpointError(errors.UNSUPPORTED_GRANT)


def revoke(domain: Domain, call: Call) -> Response:
    """POST /oauth2/revoke (revocation-endpoint): an empty body, also for tokens that were not valid."""
    client = _client(domain, call, status=401)
    token = call.form.get("token")
    if not token or not client.may_revoke:
        raise EndpointError(errors.INVALID_REQUEST)
    claims = domain.pools.claims_of(token)
    if claims and claims.get("token_use") != "refresh":
        raise EndpointError(errors.UNSUPPORTED_TOKEN)
    if claims and claims.get("client_id") != client.id:
        raise EndpointError(errors.UNAUTHORIZED_CLIENT)
    if claims:
        domain.pools.revoke(token)
    return Response(status_code=200)


def _client(domain: Domain, call: Call, *, status: int = 400) -> Client:
    """The authenticated app client: client_secret_basic or client_secret_post."""
    client_id, secret = call.form.get("client_id", ""), call.form.get("client_secret")
    if (basic := call.credentials("basic")) is not None:
        named, secret = _basic(basic, status)
        if client_id and client_id != named:
            raise EndpointError(errors.INVALID_REQUEST, status=status)
        client_id = named
    client = domain.pools.client(client_id)
    known = () if client is None else (client.secret or "", *client.further_secrets)
    matching = [one for one in known if hmac.compare_digest(one.encode(), (secret or "").encode())]
    if client is None or not matching:
        raise EndpointError(errors.INVALID_CLIENT, status=status)
    if not client.oauth:
        raise EndpointError(errors.UNAUTHORIZED_CLIENT, status=status)
    return client


def _by_code(domain: Domain, client: Client, call: Call) -> Json:
    redirect_uri, ticket = _required(call, "redirect_uri"), _required(call, "code")
    # AWS says so of a redirect URI that is not the client's, be it for one slash at the end.
    if not client.allows("grant_type=authorization_code") or redirect_uri not in client.callback_urls:
        raise EndpointError(errors.UNAUTHORIZED_CLIENT)
    try:
        code = domain.memory.codes.redeem(ticket)
    except TicketError:
        raise EndpointError(errors.INVALID_GRANT) from None
    if code.request.client.id != client.id:
        raise EndpointError(errors.INVALID_GRANT)
    if code.request.reply.redirect_uri != redirect_uri:
        # token-endpoint, unauthorized_client: not the value from the authorization request.
        raise EndpointError(errors.UNAUTHORIZED_CLIENT, errors.INVALID_REDIRECT)
    _check_verifier(code, call.form.get("code_verifier"))
    # token-endpoint, invalid_grant: "your app requests the email scope and your app client can read the email
    # attribute, but not email_verified".
    for scope in code.request.scopes:
        if not SCOPE_ATTRIBUTES.get(scope, frozenset()) <= client.readable:
            raise EndpointError(errors.INVALID_GRANT)
    user = domain.pools.user(code.session.pool_id, code.session.username)
    if user is None or not user.enabled:
        raise EndpointError(errors.INVALID_GRANT)
    grant = Grant(
        scopes=code.request.scopes,
        authenticated=code.session.authenticated,
        origin_jti=str(uuid4()),
        changes=code.changes,
        nonce=code.nonce,
    )
    return with_refresh(domain.pools, client, user, grant)


def _by_refresh_token(domain: Domain, client: Client, call: Call) -> Json:
    """amazon-cognito-user-pools-using-the-refresh-token; `auth_time` stays that of the sign-in."""
    token = _required(call, "refresh_token")
    if not client.allows("grant_type=refresh_token"):
        raise EndpointError(errors.UNAUTHORIZED_CLIENT)
    claims = domain.pools.claims_of(token)
    if claims.get("token_use") != "refresh" or claims.get("client_id") != client.id:
        raise EndpointError(errors.INVALID_GRANT)
    user = domain.pools.user_of(client.pool.id, claims["sub"])
    if claims["exp"] <= time.time() or user is None or not user.enabled:
        raise EndpointError(errors.INVALID_GRANT)
    if domain.pools.is_revoked(token, claims, client.pool.id, user.username):
        raise EndpointError(errors.INVALID_GRANT)
    # A token that the API issued says nothing of scopes: those sign-ins have this one.
    scopes = tuple(claims.get("scope", "aws.cognito.signin.user.admin openid").split())
    try:
        trigger_changes = changes(client, user, scopes, REFRESHED)
    except TriggerError as error:
        raise EndpointError(errors.INVALID_GRANT, str(error)) from None
    grant = Grant(
        scopes=scopes,
        authenticated=int(claims.get("auth_time") or claims["iat"]),
        origin_jti=claims["origin_jti"],
        changes=trigger_changes,
    )
    return without_refresh(domain.pools, client, user, grant)


def _required(call: Call, parameter: str) -> str:
    if not call.form.get(parameter):
        raise EndpointError(errors.INVALID_REQUEST)
    return call.form[parameter]


def _basic(credentials: str, status: int) -> tuple[str, str]:
    """Client id and secret (RFC 7617), each percent-encoded (RFC 6749, section 2.3.1)."""
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise EndpointError(errors.INVALID_CLIENT, status=status) from None
    return unquote(client_id), unquote(secret)


def _check_verifier(code: Code, verifier: str | None) -> None:
    """token-endpoint, code_verifier: "Required if [...] the authorization code was requested with PKCE"."""
    challenge = code.request.challenge
    if challenge is None:
        # RFC 9700, section 4.8.2: a verifier without a challenge is a sign of a downgrade.
        if verifier is not None:
            raise EndpointError(errors.INVALID_GRANT)
    elif not verifier:
        raise EndpointError(errors.INVALID_REQUEST)
    elif not proves(verifier, challenge):
        raise EndpointError(errors.INVALID_GRANT)
