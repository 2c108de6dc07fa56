"""Federated identity credentials: an application signs in with tokens of other issuers.

Sources: Microsoft Graph, resource type federatedIdentityCredential; learn.microsoft.com/entra/workload-id,
workload-identity-federation, workload-identity-federation-considerations and -create-trust; RFC 7523.
"""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from sandbox.entra.directory import Application, Json
from sandbox.entra.errors import SignInError, invalid
from sandbox.web.issuer_tokens import (
    ForgedTokenError,
    MalformedTokenError,
    OverTokenError,
    unverified,
    verify,
)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST = 20
LONGEST = {"name": 120, "issuer": 600, "subject": 600, "description": 600}


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
    try:
        claims = unverified(assertion)
    except MalformedTokenError:
        raise SignInError(50027) from None
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
        verify(assertion, trusted_roots)
    except ForgedTokenError:
        raise SignInError(700027) from None
    except OverTokenError:
        raise SignInError(700024) from None
