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
        authenticated: when the person signed in, also for tokens that a refresh token brings.
        origin_jti: the name of that sign-in, in all tokens that come of it.
        nonce: what the app or Cognito itself sent along, for the ID token.
        by_api: whether the person signed in by the API, where the scopes do not decide on an ID token.
    """

    scopes: tuple[str, ...]
    authenticated: int
    origin_jti: str
    changes: Changes
    nonce: str | None = None
    by_api: bool = False


def with_refresh(pools: UserPools, client: Client, user: User, grant: Grant) -> Json:
    """ID, access and refresh token (token-endpoint, "Exchanging an authorization code for tokens")."""
    pools.note_origin(client.pool.id, user.username, grant.origin_jti)
    claims = {
        **_common(pools, client, user, grant, "refresh"),
        "client_id": client.id,
        **({} if grant.by_api else {"scope": " ".join(grant.scopes)}),
    }
    tokens = without_refresh(pools, client, user, grant)
    return tokens | {"refresh_token": pools.signed(client.pool.id, claims, "access")}


def without_refresh(pools: UserPools, client: Client, user: User, grant: Grant) -> Json:
    """ID and access token: what a refresh token brings."""
    access = grant.changes.applied(_access_claims(pools, client, user, grant))
    access_token = pools.signed(client.pool.id, access, "access")
    tokens: Json = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": pools.seconds(client, "access"),
    }
    # authorization-endpoint, scope: "An ID token is only returned if openid scope is requested."
    if "openid" in grant.scopes or grant.by_api:
        claims = {**_id_claims(pools, client, user, grant), "at_hash": _half_hash(access_token)}
        tokens["id_token"] = pools.signed(client.pool.id, grant.changes.applied(claims), "id")
    return tokens


def _common(pools: UserPools, client: Client, user: User, grant: Grant, use: str) -> Json:
    now = int(time.time())
    return {
        "sub": user.sub,
        "iss": client.pool.issuer,
        "origin_jti": grant.origin_jti,
        "token_use": use,
        "auth_time": grant.authenticated,
        "iat": now,
        "exp": now + pools.seconds(client, use),
        "jti": str(uuid4()),
    }


def _access_claims(pools: UserPools, client: Client, user: User, grant: Grant) -> Json:
    return {
        **_common(pools, client, user, grant, "access"),
        **({"cognito:groups": list(user.groups)} if user.groups else {}),
        "version": ACCESS_TOKEN_VERSION,
        "client_id": client.id,
        "event_id": str(uuid4()),
        "scope": " ".join(grant.scopes),
        "username": user.username,
    }


def _id_claims(pools: UserPools, client: Client, user: User, grant: Grant) -> Json:
    attributes = visible(user.attributes, grant.scopes, client)
    return {
        **_common(pools, client, user, grant, "id"),
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
