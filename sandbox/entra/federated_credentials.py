"""Federated identity credentials: an application signs in with tokens of other issuers.

Sources: Microsoft Graph, resource type federatedIdentityCredential; learn.microsoft.com/entra/workload-id,
workload-identity-federation, workload-identity-federation-considerations and -create-trust; RFC 7523.
"""

from pathlib import Path

from sandbox.entra import resources
from sandbox.entra.directory import Application, Json
from sandbox.entra.errors import SignInError, conflict, invalid
from sandbox.entra.resources import changed
from sandbox.web.issuer_tokens import FORGED, MALFORMED, OVER, TokenError, audiences, unverified, verify

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REFUSED = {MALFORMED: 50027, FORGED: 700027, OVER: 700024}
MOST = 20
# What tokens of Entra ID itself, such as those of Azure DevOps, call the audience api://AzureADTokenExchange
# (learn.microsoft.com, "Target resources" of Conditional Access: AAD Token Exchange Endpoint: Public).
TOKEN_EXCHANGE, TOKEN_EXCHANGE_ID = "api://AzureADTokenExchange", "fb60f99c-7a34-4190-8149-302f77469936"


def checked(before: Json, changes: Json, application: Application) -> Json:
    """A new or changed credential, as Graph keeps it.

    Args:
        before: of a new one its id alone.
    """
    is_new = before.keys() == {"id"}
    credential = {
        "id": before["id"],
        **changed(resources.FederatedIdentityCredential, {} if is_new else before, changes),
    }
    others = [one for one in application.federated if one["id"] != credential["id"]]
    if not is_new and credential["name"] != before["name"]:
        raise invalid("Property 'name' is read-only.")
    if len(others) >= MOST:
        raise invalid(f"An application can have at most {MOST} federated identity credentials.")
    for one in others:
        same = [name for name in ("issuer", "subject") if one[name] == credential[name]]
        if len(same) > 1 or one["name"] == credential["name"]:
            raise conflict("FederatedIdentityCredential with the same name, or issuer and subject, exists.")
    return credential


def check_assertion(application: Application, assertion: str, trusted_roots: Path) -> None:
    """Refuse a client assertion that no credential of the application is for.

    Issuer, subject and audience have to match letter for letter, and then the signature has to be good by the
    keys that the issuer publishes (OpenID Connect Discovery 1.0).
    """
    try:
        claims = unverified(assertion)
        issuer, subject = str(claims.get("iss")), str(claims.get("sub"))
        of_issuer = [one for one in application.federated if one["issuer"] == issuer]
        if not of_issuer:
            raise SignInError(700211, issuer=issuer)
        of_subject = [one for one in of_issuer if one["subject"] == subject]
        if not of_subject:
            raise SignInError(700213, subject=subject)
        stated = audiences(claims)
        if claims.get("ver") == "2.0" and TOKEN_EXCHANGE_ID in stated:
            stated |= {TOKEN_EXCHANGE}
        if not any(stated & set(one["audiences"]) for one in of_subject):
            raise SignInError(700212, audience=" ".join(sorted(map(str, stated))))
        verify(assertion, trusted_roots)
    except TokenError as error:
        raise SignInError(REFUSED[str(error)]) from None
