"""The tokens of a user pool: which claims they carry, and for how long.

amazon-cognito-user-pools-using-the-id-token, amazon-cognito-user-pools-using-the-access-token and
amazon-cognito-user-pools-using-the-refresh-token.
"""

import hashlib
import json
import time
from dataclasses import dataclass
from uuid import uuid4

from sandbox.cognito.attributes import IDENTITIES, visible
from sandbox.cognito.models import VERIFIED, Client, Json, User
from sandbox.cognito.pre_token_generation import Changes
from sandbox.cognito.user_pools import UserPools
from sandbox.web.pkce import base64url

ACCESS_TOKEN_VERSION = 2


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person signed in for.

    Attributes:
        scopes: the granted scopes.
        authenticated: when the person signed in, also for tokens that a refresh token brings.
        origin_jti: the name of that sign-in, in all tokens that come of it.
        changes: what the pre token generation trigger wants changed.
        nonce: what the app or Cognito itself sent along, for the ID token.
    """

    scopes: tuple[str, ...]
    authenticated: int
    origin_jti: str
    changes: Changes
    nonce: str | None = None


class Tokens:
    """Makes the tokens of every pool."""

    def __init__(self, pools: UserPools) -> None:
        self._pools = pools

    def signed_in(self, client: Client, user: User, grant: Grant) -> Json:
        """ID, access and refresh token (token-endpoint, "Exchanging an authorization code for tokens")."""
        self._pools.note_origin(client.pool.id, user.username, grant.origin_jti)
        claims = {
            **self._common(client, user, grant, "refresh"),
            "client_id": client.id,
            "scope": " ".join(grant.scopes),
        }
        refresh_token = self._pools.signed(client.pool.id, claims, "access")
        return {**self._tokens(client, user, grant), "refresh_token": refresh_token}

    def without_refresh(self, client: Client, user: User, grant: Grant) -> Json:
        """ID and access token for the implicit grant, which has no refresh token (authorization-endpoint)."""
        self._pools.note_origin(client.pool.id, user.username, grant.origin_jti)
        return self._tokens(client, user, grant)

    def refreshed(self, client: Client, user: User, grant: Grant) -> Json:
        """ID and access token, "refresh_token only when the grant_type is authorization_code"."""
        return self._tokens(client, user, grant)

    def _tokens(self, client: Client, user: User, grant: Grant) -> Json:
        access = grant.changes.applied(self._access_claims(client, user, grant))
        access_token = self._pools.signed(client.pool.id, access, "access")
        tokens: Json = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self._pools.seconds(client, "access"),
        }
        # authorization-endpoint, scope: "An ID token is only returned if openid scope is requested."
        if "openid" in grant.scopes:
            claims = {**self._id_claims(client, user, grant), "at_hash": _half_hash(access_token)}
            tokens["id_token"] = self._pools.signed(client.pool.id, grant.changes.applied(claims), "id")
        return tokens

    def _common(self, client: Client, user: User, grant: Grant, use: str) -> Json:
        now = int(time.time())
        return {
            "sub": user.sub,
            "iss": client.pool.issuer,
            "origin_jti": grant.origin_jti,
            "token_use": use,
            "auth_time": grant.authenticated,
            "iat": now,
            "exp": now + self._pools.seconds(client, use),
            "jti": str(uuid4()),
        }

    def _access_claims(self, client: Client, user: User, grant: Grant) -> Json:
        return {
            **self._common(client, user, grant, "access"),
            **({"cognito:groups": list(user.groups)} if user.groups else {}),
            "version": ACCESS_TOKEN_VERSION,
            "client_id": client.id,
            "event_id": str(uuid4()),
            "scope": " ".join(grant.scopes),
            "username": user.username,
        }

    def _id_claims(self, client: Client, user: User, grant: Grant) -> Json:
        attributes = visible(user.attributes, grant.scopes, client)
        return {
            **self._common(client, user, grant, "id"),
            **{name: _claim(name, value) for name, value in attributes.items()},
            **({"cognito:groups": list(user.groups)} if user.groups else {}),
            **({} if grant.nonce is None else {"nonce": grant.nonce}),
            "aud": client.id,
            "cognito:username": user.username,
            "event_id": str(uuid4()),
        }


def _claim(name: str, value: str) -> object:
    """An attribute as a claim: text but for the verified flags and `identities`."""
    if name in VERIFIED:
        return value == "true"
    if name == IDENTITIES:
        return [
            {key: _identity_value(key, item) for key, item in identity.items()}
            for identity in json.loads(value)
        ]
    return value


def _identity_value(key: str, value: object) -> object:
    """The sample ID token of the guide has these two as text."""
    if key == "primary":
        return str(value).lower()
    return str(value) if key == "dateCreated" else value


def _half_hash(access_token: str) -> str:
    """OpenID Connect Core 1.0, section 3.1.3.6."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64url(half)
