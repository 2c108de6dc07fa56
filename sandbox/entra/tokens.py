"""Signing keys and tokens: making and checking the tokens of Entra ID's version 2.0 endpoint.

Sources: learn.microsoft.com/entra/identity-platform/id-token-claims-reference and access-tokens;
RFC 7519 (JWT), RFC 7517 (JWK), OpenID Connect Core 1.0.
"""

import secrets
import time

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from sandbox.entra.claims import (
    SignIn,
    access_claims,
    directory_claims,
    optional_claims,
    pairwise_subject,
    scope_claims,
)
from sandbox.entra.directory import MICROSOFT_GRAPH, Directory, Json, ServicePrincipal

ALGORITHM = "RS256"
KEY_BITS = 2048
ID_TOKEN_SECONDS = 70 * 60
"""Entra ID's tokens live 60 to 90 minutes."""

# The azuread provider renews before every call what lives 20 minutes or less; this is Entra ID's own value.
APP_TOKEN_SECONDS = 3599


class Tokens:
    """Makes and checks the tokens of all tenants, which share their keys as Microsoft's do.

    Attributes:
        authority: the address of this local Entra ID, with which issuers begin.
    """

    def __init__(self) -> None:
        self._key = RSAKey.generate_key(KEY_BITS, auto_kid=True)
        self.authority = ""

    def issuer(self, directory: Directory) -> str:
        """The `iss` of a tenant's version 2.0 tokens; the discovery document has it letter for letter."""
        return f"{self.authority}/{directory.tenant_id}/v2.0"

    def key_set(self, directory: Directory) -> Json:
        """The public keys, as a tenant shows them (RFC 7517)."""
        key = self._key.as_dict(private=False)
        return {"keys": [{**key, "use": "sig", "issuer": self.issuer(directory)}]}

    def app_token(self, service_principal: ServicePrincipal, directory: Directory, roles: list[str]) -> str:
        """An access token for Microsoft Graph that speaks for an application itself."""
        claims = {
            "appid": service_principal.application.app_id,
            "idtyp": "app",
            "oid": service_principal.id,
            "sub": service_principal.id,
            "roles": roles,
        }
        return self._graph_token(claims, directory, APP_TOKEN_SECONDS)

    def user_token(self, sign_in: SignIn) -> str:
        """An access token for Microsoft Graph that speaks for a person; good for userinfo."""
        claims = {
            "appid": sign_in.application.app_id,
            "idtyp": "user",
            "oid": sign_in.person.oid,
            "sub": pairwise_subject(sign_in.application, sign_in.person),
            "scp": " ".join(sorted(sign_in.scopes)),
        }
        return self._graph_token(claims, sign_in.directory, ID_TOKEN_SECONDS)

    def _graph_token(self, claims: Json, directory: Directory, seconds: int) -> str:
        now = int(time.time())
        common = {
            "aud": MICROSOFT_GRAPH,
            "iss": f"{self.authority}/{directory.tenant_id}/",
            "tid": directory.tenant_id,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        return self._signed(common | claims)

    def graph_claims(self, token: str) -> Json | None:
        """The claims of a valid access token for Microsoft Graph; `tid` is the tenant it is of."""
        registry = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": MICROSOFT_GRAPH},
            tid={"essential": True},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
        except (JoseError, ValueError):
            return None
        return claims

    def audience_of(self, id_token: str) -> str | None:
        """The application that an ID token was made for; also of one that has expired, as a hint may be."""
        try:
            audience = jwt.decode(id_token, self._key, algorithms=[ALGORITHM]).claims.get("aud")
        except (JoseError, ValueError):
            return None
        return audience if isinstance(audience, str) else None

    def id_token(self, sign_in: SignIn) -> str:
        """The ID token of a sign-in, with exactly the claims that Entra ID would put in."""
        now = int(time.time())
        claims: Json = {
            "aud": sign_in.application.app_id,
            "iss": self.issuer(sign_in.directory),
            "iat": now,
            "nbf": now,
            "exp": now + ID_TOKEN_SECONDS,
            "oid": sign_in.person.oid,
            "rh": f"1.{secrets.token_urlsafe(24)}.",
            "sub": pairwise_subject(sign_in.application, sign_in.person),
            "tid": sign_in.directory.tenant_id,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }
        if sign_in.nonce is not None:
            claims["nonce"] = sign_in.nonce
        claims |= scope_claims(sign_in)
        claims |= optional_claims(sign_in)
        claims |= access_claims(sign_in, self.authority)
        claims |= directory_claims(sign_in)
        return self._signed(claims)

    def _signed(self, claims: Json) -> str:
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid, "typ": "JWT"}, claims, self._key)
