"""Tokens of other issuers, checked by the keys that the issuer publishes (OpenID Connect Discovery 1.0)."""

import json
import ssl
from pathlib import Path
from typing import Any

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SECONDS = 10


MALFORMED, FORGED, OVER = "no token", "not signed by its issuer's keys, or there are none", "no longer valid"


class TokenError(Exception):
    """A token that is refused, for one of these three reasons."""


def unverified(token: str) -> dict[str, Any]:
    """What a token says, before anybody knows who made it."""
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError):
        raise TokenError(MALFORMED) from None
    if not isinstance(claims, dict):
        raise TokenError(MALFORMED)
    return claims


def audiences(claims: dict[str, Any]) -> set[str]:
    """Whom a token is for (RFC 7519, section 4.1.3)."""
    stated = claims.get("aud")
    return {stated} if isinstance(stated, str) else set(stated or [])


def verify(token: str, trusted_roots: Path) -> None:
    """Refuse a token that its issuer did not sign, or that is over."""
    issuer = str(unverified(token).get("iss"))
    try:
        context = ssl.create_default_context(cafile=str(trusted_roots))
        with httpx.Client(verify=context, timeout=SECONDS) as http:
            configuration = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
            keys = KeySet.import_key_set(http.get(configuration["jwks_uri"]).raise_for_status().json())
        claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, KeyError, JoseError):
        raise TokenError(FORGED) from None
    try:
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
    except JoseError:
        raise TokenError(OVER) from None
