"""POST /oauth2/token and POST /oauth2/revoke: codes and refresh tokens for tokens, and their end."""

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import unquote
from uuid import uuid4

from starlette.responses import JSONResponse, Response

from sandbox.cognito.lambda_functions import TriggerError
from sandbox.cognito.models import Client, Json
from sandbox.cognito.pre_token_generation import REFRESHED, changes
from sandbox.cognito.sessions import Code, Memory
from sandbox.cognito.tokens import Grant, Tokens
from sandbox.cognito.user_pools import Pools
from sandbox.web.endpoints import Call

INVALID_REQUEST = "invalid_request"
INVALID_CLIENT = "invalid_client"
INVALID_GRANT = "invalid_grant"
UNAUTHORIZED_CLIENT = "unauthorized_client"
UNSUPPORTED_GRANT = "unsupported_grant_type"
UNSUPPORTED_TOKEN = "unsupported_token_type"  # noqa: S105

# token-endpoint, invalid_grant: "your app requests the email scope and your app client can read the email
# attribute, but not email_verified".
SCOPE_ATTRIBUTES = {
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
}


class TokenError(Exception):
    """A refusal; the text is the one of token-endpoint, "Examples of negative responses".

    Attributes:
        answer: the body of the answer: `error`, and `error_description` where there is one.
    """

    def __init__(self, error: str, description: str | None = None) -> None:
        super().__init__(error)
        self.answer = {"error": error} | ({} if description is None else {"error_description": description})


@dataclass(frozen=True)
class TokenEndpoint:
    """The endpoints that apps call with codes and refresh tokens."""

    pools: Pools
    memory: Memory
    tokens: Tokens

    def token(self, call: Call) -> Response:
        """POST /oauth2/token (token-endpoint)."""
        try:
            kind = call.form.get("grant_type") or _refuse(INVALID_REQUEST)
            if kind == "client_credentials":
                status, body = self.pools.machine_tokens(call.body, call.headers)
                return Response(body, status, media_type="application/json")
            client = self._client(call)
            if kind == "authorization_code":
                return JSONResponse(self._by_code(client, call))
            if kind == "refresh_token":
                return JSONResponse(self._by_refresh_token(client, call))
            _refuse(UNSUPPORTED_GRANT)
        except TokenError as refusal:
            return JSONResponse(refusal.answer, 400)

    def revoke(self, call: Call) -> Response:
        """POST /oauth2/revoke (revocation-endpoint): an empty body, also for tokens that were not valid."""
        try:
            client = self._client(call)
        except TokenError as refusal:
            return JSONResponse(refusal.answer, 401)
        token = call.form.get("token")
        if not token or not client.may_revoke:
            return JSONResponse({"error": INVALID_REQUEST}, 400)
        claims = self.pools.claims_of(token)
        if claims and claims.get("token_use") != "refresh":
            return JSONResponse({"error": UNSUPPORTED_TOKEN}, 400)
        if claims and claims.get("client_id") != client.id:
            return JSONResponse({"error": UNAUTHORIZED_CLIENT}, 400)
        if claims:
            self.pools.revoke(token)
        return Response(status_code=200)

    def _client(self, call: Call) -> Client:
        """The authenticated app client: client_secret_basic or client_secret_post.

        Raises:
            TokenError: there is no such client, or its secret is another.
        """
        client_id, secret = call.form.get("client_id", ""), call.form.get("client_secret")
        scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            named, secret = _basic(credentials)
            if client_id and client_id != named:
                _refuse(INVALID_REQUEST)
            client_id = named
        client = self.pools.client(client_id)
        if client is None or not hmac.compare_digest((client.secret or "").encode(), (secret or "").encode()):
            _refuse(INVALID_CLIENT)
        if not client.oauth:
            _refuse(UNAUTHORIZED_CLIENT)
        return client

    def _by_code(self, client: Client, call: Call) -> Json:
        redirect_uri = call.form.get("redirect_uri") or _refuse(INVALID_REQUEST)
        ticket = call.form.get("code") or _refuse(INVALID_REQUEST)
        # AWS says so of a redirect URI that is not the client's, be it for one slash at the end.
        if "code" not in client.flows or redirect_uri not in client.callback_urls:
            _refuse(UNAUTHORIZED_CLIENT)
        code = self.memory.codes.take(ticket)
        if code is None or code.request.client.id != client.id:
            _refuse(INVALID_GRANT)
        if code.request.reply.redirect_uri != redirect_uri:
            _refuse(INVALID_GRANT)
        _check_verifier(code, call.form.get("code_verifier"))
        self._check_readable(client, code.request.scopes)
        user = self.pools.user(code.session.pool_id, code.session.username)
        if user is None or not user.enabled:
            _refuse(INVALID_GRANT)
        grant = Grant(
            scopes=code.request.scopes,
            authenticated=code.session.authenticated,
            origin_jti=str(uuid4()),
            changes=code.changes,
            nonce=code.nonce,
        )
        return self.tokens.signed_in(client, user, grant)

    def _by_refresh_token(self, client: Client, call: Call) -> Json:
        """amazon-cognito-user-pools-using-the-refresh-token; `auth_time` stays that of the sign-in."""
        token = call.form.get("refresh_token") or _refuse(INVALID_REQUEST)
        if not client.may_refresh:
            _refuse(UNAUTHORIZED_CLIENT)
        claims = self.pools.claims_of(token)
        if claims.get("token_use") != "refresh" or claims.get("client_id") != client.id:
            _refuse(INVALID_GRANT)
        user = self.pools.user_of(client.pool.id, claims["sub"])
        if claims["exp"] <= time.time() or user is None or not user.enabled:
            _refuse(INVALID_GRANT)
        if self.pools.is_revoked(token, claims, user):
            _refuse(INVALID_GRANT)
        # A token that the API issued says nothing of scopes: those sign-ins have this one.
        scopes = tuple(claims.get("scope", "aws.cognito.signin.user.admin openid").split())
        try:
            wanted = changes(client, user, scopes, REFRESHED)
        except TriggerError as problem:
            _refuse(INVALID_GRANT, str(problem))
        grant = Grant(
            scopes=scopes,
            authenticated=int(claims.get("auth_time") or claims["iat"]),
            origin_jti=claims["origin_jti"],
            changes=wanted,
        )
        return self.tokens.refreshed(client, user, grant)

    def _check_readable(self, client: Client, scopes: tuple[str, ...]) -> None:
        for scope in scopes:
            if not SCOPE_ATTRIBUTES.get(scope, frozenset()) <= client.readable:
                _refuse(INVALID_GRANT)


def _refuse(error: str, description: str | None = None) -> NoReturn:
    raise TokenError(error, description)


def _basic(credentials: str) -> tuple[str, str]:
    """Client id and secret (RFC 7617), each percent-encoded (RFC 6749, section 2.3.1)."""
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        _refuse(INVALID_CLIENT)
    return unquote(client_id), unquote(secret)


def _check_verifier(code: Code, verifier: str | None) -> None:
    """token-endpoint, code_verifier: "Required if [...] the authorization code was requested with PKCE"."""
    challenge = code.request.challenge
    if challenge is None:
        # RFC 9700, section 4.8.2: a verifier without a challenge is a sign of a downgrade.
        if verifier is not None:
            _refuse(INVALID_GRANT)
        return
    if not verifier:
        _refuse(INVALID_REQUEST)
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(digest.encode(), challenge.encode()):
        _refuse(INVALID_GRANT)
