"""Signing keys and tokens: what a token of Entra ID's version 2.0 endpoint says, for whom, and what not.

Sources: learn.microsoft.com/entra/identity-platform/id-token-claims-reference, access-tokens,
optional-claims-reference and userinfo; RFC 7519 (JWT), RFC 7517 (JWK), OpenID Connect Core 1.0.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from sandbox.entra.directory import (
    DEFAULT_ACCESS,
    MICROSOFT_GRAPH,
    Application,
    Directory,
    Json,
    ServicePrincipal,
)
from sandbox.entra.users import DOMAIN, Person

ALGORITHM = "RS256"
KEY_BITS = 2048
ID_TOKEN_SECONDS = 70 * 60
"""Entra ID's tokens live 60 to 90 minutes."""

# The azuread provider renews before every call what lives 20 minutes or less; this is Entra ID's own value.
APP_TOKEN_SECONDS = 3599


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A person signed in to an application with these scopes: what the tokens are about."""

    person: Person
    application: Application
    service_principal: ServicePrincipal
    scopes: frozenset[str]
    nonce: str | None
    authenticated: int


class Tokens:
    """Makes and checks the tokens of one tenant.

    Attributes:
        authority: the address of this local Entra ID, with which issuers begin.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._key = RSAKey.generate_key(KEY_BITS, auto_kid=True)
        self.authority = ""

    @property
    def issuer(self) -> str:
        """The `iss` of version 2.0 tokens; it must be in the discovery document letter for letter."""
        return f"{self.authority}/{self._directory.tenant_id}/v2.0"

    def key_set(self) -> Json:
        """The public keys (RFC 7517)."""
        key = self._key.as_dict(private=False)
        return {"keys": [{**key, "use": "sig", "issuer": self.issuer}]}

    def app_token(self, service_principal: ServicePrincipal, roles: list[str]) -> str:
        """An access token for Microsoft Graph that speaks for an application itself.

        Args:
            service_principal: the application; its object id is the `oid`, which the azuread provider needs.
            roles: Graph's application permissions that it has.
        """
        claims = {
            "appid": service_principal.application.app_id,
            "idtyp": "app",
            "oid": service_principal.id,
            "sub": service_principal.id,
            "roles": roles,
        }
        return self._graph_token(claims, APP_TOKEN_SECONDS)

    def user_token(self, sign_in: SignIn) -> str:
        """An access token for Microsoft Graph that speaks for a person; good for userinfo."""
        claims = {
            "appid": sign_in.application.app_id,
            "idtyp": "user",
            "oid": sign_in.person.oid,
            "sub": pairwise_subject(sign_in.application, sign_in.person),
            "scp": " ".join(sorted(sign_in.scopes)),
        }
        return self._graph_token(claims, ID_TOKEN_SECONDS)

    def _graph_token(self, claims: Json, seconds: int) -> str:
        now = int(time.time())
        common = {
            "aud": MICROSOFT_GRAPH,
            "iss": f"{self.authority}/{self._directory.tenant_id}/",
            "tid": self._directory.tenant_id,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        return self._signed(common | claims)

    def graph_claims(self, token: str) -> Json | None:
        """Check an access token for Microsoft Graph.

        Args:
            token: the bearer token as it came.

        Returns:
            Its claims, or None if it is not a valid token of this tenant.
        """
        registry = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": MICROSOFT_GRAPH},
            tid={"essential": True, "value": self._directory.tenant_id},
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
            "iss": self.issuer,
            "iat": now,
            "nbf": now,
            "exp": now + ID_TOKEN_SECONDS,
            "oid": sign_in.person.oid,
            "rh": f"1.{secrets.token_urlsafe(24)}.",
            "sub": pairwise_subject(sign_in.application, sign_in.person),
            "tid": self._directory.tenant_id,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }
        if sign_in.nonce is not None:
            claims["nonce"] = sign_in.nonce
        claims |= scope_claims(sign_in)
        claims |= optional_claims(sign_in)
        claims |= self._access_claims(sign_in)
        return self._signed(claims)

    def user_info(self, application: Application, person: Person, scopes: frozenset[str]) -> Json:
        """The answer of the userinfo endpoint, which knows less than the ID token and no optional claims."""
        claims: Json = {"sub": pairwise_subject(application, person)}
        if "profile" in scopes:
            claims |= {
                "name": person.display_name,
                "family_name": person.surname,
                "given_name": person.given_name,
                "picture": f"{self.authority}/v1.0/me/photo/$value",
            }
        if "email" in scopes:
            claims["email"] = person.mail
        return {name: value for name, value in claims.items() if value is not None}

    def _access_claims(self, sign_in: SignIn) -> Json:
        """`roles` from the assignments, `groups` as the registration asks; absent when empty."""
        assignments = list(self._directory.assignments_of(sign_in.person, sign_in.service_principal))
        values = {
            role["id"]: role["value"]
            for role in sign_in.application.body["appRoles"]
            if role["isEnabled"] and role["value"] and role["id"] != DEFAULT_ACCESS
        }
        roles = sorted({values[item.app_role_id] for item in assignments if item.app_role_id in values})
        groups = [group.oid for group in self._directory.groups_of(sign_in.person) if group.security_enabled]
        asked = {
            word.strip() for word in (sign_in.application.body["groupMembershipClaims"] or "").split(",")
        }
        if not asked & {"SecurityGroup", "All"}:
            assigned = {item.principal_id for item in assignments} if "ApplicationGroup" in asked else set()
            groups = [oid for oid in groups if oid in assigned]
        return {name: value for name, value in (("roles", roles), ("groups", groups)) if value}

    def _signed(self, claims: Json) -> str:
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid, "typ": "JWT"}, claims, self._key)


def pairwise_subject(application: Application, person: Person) -> str:
    """A person's `sub` at one application (OpenID Connect Core 1.0, section 8.1).

    It depends on the registration: register the application again, and everybody is somebody else.
    """
    digest = hashlib.sha256(f"{application.app_id}/{person.oid}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def scope_claims(sign_in: SignIn) -> Json:
    """The claims that come with a scope alone. Never `email_verified`: Entra ID has no such claim."""
    person = sign_in.person
    claims: Json = {}
    if "profile" in sign_in.scopes:
        claims |= {"name": person.display_name, "preferred_username": person.principal_name}
    if "email" in sign_in.scopes and person.mail:
        claims["email"] = person.mail
    return claims


def optional_claims(sign_in: SignIn) -> Json:
    """The claims that come only when the registration asks for them, and the scope they need was granted."""
    person = sign_in.person
    asked = {
        claim["name"]: claim["additionalProperties"]
        for claim in (sign_in.application.body["optionalClaims"] or {}).get("idToken", [])
        if claim["source"] is None
    }
    known: Json = {"acct": int(person.is_guest), "auth_time": sign_in.authenticated}
    if "profile" in sign_in.scopes:
        known |= {"family_name": person.surname, "given_name": person.given_name}
        known["login_hint"] = (
            f"O.{base64.urlsafe_b64encode(person.principal_name.encode()).decode().rstrip('=')}"
        )
        # A guest's principal name is this tenant's invention, so it is shown on request only.
        if not person.is_guest or "include_externally_authenticated_upn" in asked.get("upn", []):
            known["upn"] = person.principal_name
    if "email" in sign_in.scopes and person.mail:
        owned = person.mail.endswith(f"@{DOMAIN}")
        known |= {"xms_edov": owned, "verified_primary_email": [person.mail] if owned else None}
    return {name: known[name] for name in asked if known.get(name) is not None}
