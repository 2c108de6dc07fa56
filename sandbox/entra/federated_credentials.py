"""Federated identity credentials: an application signs in with tokens of other issuers.

Sources: Microsoft Graph, resource type federatedIdentityCredential; learn.microsoft.com/entra/workload-id,
workload-identity-federation, workload-identity-federation-considerations and -create-trust; RFC 7523.
"""

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.entra.directory import Application, Json
from sandbox.entra.errors import SignInError, invalid

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST = 20
LONGEST = {"name": 120, "issuer": 600, "subject": 600, "description": 600}
SECONDS = 10


def checked(before: Json, changes: Json, application: Application) -> Json:
    """A new or changed credential, as Graph keeps it."""
    asked = {name: value for name, value in changes.items() if not name.startswith("@") and name != "id"}
    credential = {"description": None, **before, **asked, "id": before.get("id") or str(uuid4())}
    others = [one for one in application.federated.values() if one["id"] != credential["id"]]
    for name, longest in LONGEST.items():
        value = credential.get(name)
        if (not value and name != "description") or len(value or "") > longest:
            raise invalid(f"Property '{name}' has a missing or invalid value.")
    if urlsplit(credential["issuer"]).scheme != "https":
        raise invalid("Property 'issuer' is not a valid https URL.")
    # The reference: a collection that takes a single value.
    if not isinstance(credential.get("audiences"), list) or len(credential["audiences"]) != 1:
        raise invalid("Property 'audiences' must have exactly one value.")
    if before and credential["name"] != before["name"]:
        raise invalid("Property 'name' is read-only.")
    if len(others) >= MOST:
        raise invalid(f"An application can have at most {MOST} federated identity credentials.")
    for one in others:
        same = [name for name in ("issuer", "subject") if one[name] == credential[name]]
        if len(same) > 1 or one["name"] == credential["name"]:
            raise invalid("A credential with the same name, or the same issuer and subject, exists already.")
    return credential


def check_assertion(application: Application, assertion: str, trusted_roots: Path) -> None:
    """Refuse a client assertion that no credential of the application is for.

    Issuer, subject and audience have to match letter for letter, and then the signature has to be good by the
    keys that the issuer publishes (OpenID Connect Discovery 1.0).
    """
    claims = _unverified(assertion)
    issuer, subject = str(claims.get("iss")), str(claims.get("sub"))
    stated = claims.get("aud")
    audiences = {stated} if isinstance(stated, str) else set(stated or [])
    of_issuer = [one for one in application.federated.values() if one["issuer"] == issuer]
    if not of_issuer:
        raise SignInError(700211, issuer=issuer)
    of_subject = [one for one in of_issuer if one["subject"] == subject]
    if not of_subject:
        raise SignInError(700213, subject=subject)
    if not any(audiences & set(one["audiences"]) for one in of_subject):
        raise SignInError(700212, audience=" ".join(sorted(map(str, audiences))))
    try:
        keys = _keys(issuer, trusted_roots)
        verified = jwt.decode(assertion, keys, algorithms=["RS256"])
    except (httpx.HTTPError, ValueError, KeyError, JoseError):
        raise SignInError(700027) from None
    try:
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(verified.claims)
    except JoseError:
        raise SignInError(700024) from None


def _unverified(assertion: str) -> dict[str, Any]:
    try:
        payload = jws.extract_compact(assertion.encode()).payload
        claims = httpx.Response(200, content=payload).json()
    except (JoseError, ValueError):
        raise SignInError(50027) from None
    if not isinstance(claims, dict):
        raise SignInError(50027)
    return claims


def _keys(issuer: str, trusted_roots: Path) -> KeySet:
    context = ssl.create_default_context(cafile=str(trusted_roots))
    with httpx.Client(verify=context, timeout=SECONDS) as http:
        configuration = http.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
        return KeySet.import_key_set(http.get(configuration["jwks_uri"]).raise_for_status().json())
