"""The claims of a token: which ones Entra ID puts in, for whom, and which it leaves out.

Sources: learn.microsoft.com/entra/identity-platform/id-token-claims-reference, optional-claims,
optional-claims-reference and migrate-off-email-claim-authorization; OpenID Connect Core 1.0.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid5

from sandbox.entra.clients import ONE_TENANT
from sandbox.entra.directory import DEFAULT_ACCESS, Application, Directory, Json, ServicePrincipal
from sandbox.entra.users import Group, Person
from sandbox.web.pkce import base64url

MOST_GROUPS = 200
"""How many groups a JWT holds; of one more, it holds none."""

# The optional claims that the reference marks "MSA" or "personal", of those that are known here.
PERSONAL_CLAIMS = {"family_name", "given_name", "login_hint", "sid"}
# Those that show an attribute of the person.
PERSONS_CLAIMS = {"ctry", "onprem_sid", "xms_pl"}


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A person of a tenant signed in to an application with these scopes: what the tokens are about."""

    directory: Directory
    person: Person
    application: Application
    service_principal: ServicePrincipal
    scopes: frozenset[str]
    nonce: str | None
    authenticated: int


def pairwise_subject(application: Application, person: Person) -> str:
    """A person's `sub` at one application (OpenID Connect Core 1.0, section 8.1).

    It depends on the registration: register the application again, and everybody is somebody else. In
    another tenant the same human being has another object id, so another `sub`.
    """
    digest = hashlib.sha256(f"{application.app_id}/{person.oid}".encode()).digest()
    return base64url(digest)


def email(application: Application, person: Person, directory: Directory) -> str | None:
    """The address in the `email` claim.

    An application of several tenants is not told an address whose domain the person's tenant does not own:
    anybody could have written it there (migrate-off-email-claim-authorization).
    """
    if application.body["signInAudience"] != ONE_TENANT and not _owns_address(person, directory):
        return None
    return person.mail


def _owns_address(person: Person, directory: Directory) -> bool:
    return directory.tenant.is_personal or (person.mail or "").endswith(f"@{directory.tenant.domain}")


def scope_claims(sign_in: SignIn) -> Json:
    """The claims that come with a scope alone. Never `email_verified`: Entra ID has no such claim."""
    person = sign_in.person
    claims: Json = {}
    if "profile" in sign_in.scopes:
        claims |= {"name": person.display_name, "preferred_username": person.principal_name}
    address = email(sign_in.application, person, sign_in.directory)
    if "email" in sign_in.scopes and address:
        claims["email"] = address
    return claims


def optional_claims(sign_in: SignIn) -> Json:
    """The claims that come only when the registration asks for them, and the scope they need was granted."""
    person = sign_in.person
    asked = _asked(sign_in.application)
    known: Json = {
        **{name: value for name, value in person.attributes if name in PERSONS_CLAIMS},
        "acct": int(person.is_guest),
        "auth_time": sign_in.authenticated,
        "ipaddr": "127.0.0.1",
        "sid": str(uuid5(UUID(person.oid), str(sign_in.authenticated))),
        "tenant_ctry": "GB",
        "tenant_region_scope": "EU",
        "xms_tpl": "en",
    }
    if "profile" in sign_in.scopes:
        known |= {"family_name": person.surname, "given_name": person.given_name}
        known["login_hint"] = f"O.{base64url(person.principal_name.encode())}"
        # A guest's principal name is this tenant's invention, so it is shown on request only.
        if not person.is_guest or "include_externally_authenticated_upn" in asked.get("upn", []):
            known["upn"] = person.principal_name
    address = email(sign_in.application, person, sign_in.directory)
    if "email" in sign_in.scopes and address:
        owned = _owns_address(person, sign_in.directory)
        known |= {"xms_edov": owned, "verified_primary_email": [address] if owned else None}
    possible = PERSONAL_CLAIMS if sign_in.directory.tenant.is_personal else known.keys()
    return {name: known[name] for name in asked if name in possible and known.get(name) is not None}


def directory_claims(sign_in: SignIn) -> Json:
    """Directory extensions that the registration asks for, and what a policy shows; absent where empty.

    An extension is asked for by the application on which it is registered, and its name is compared letter
    for letter (optional-claims, "Directory extension formatting"; schema-extensions). Personal accounts have
    neither.
    """
    if sign_in.directory.tenant.is_personal:
        return {}
    attributes = dict(sign_in.person.attributes)
    asked = (sign_in.application.body["optionalClaims"] or {}).get("idToken", [])
    own = f"extension_{sign_in.application.app_id.replace('-', '')}_"
    names = [claim["name"] for claim in asked if claim["source"] == "user"]
    shown = {
        f"extn.{name.removeprefix(own)}": name.removeprefix(own) for name in names if name.startswith(own)
    }
    shown |= sign_in.service_principal.policy
    return {claim: attributes[name] for claim, name in shown.items() if name in attributes}


def _asked(application: Application) -> dict[str, list[str]]:
    return {
        claim["name"]: claim["additionalProperties"]
        for claim in (application.body["optionalClaims"] or {}).get("idToken", [])
        if claim["source"] is None
    }


def access_claims(sign_in: SignIn, authority: str) -> Json:
    """`roles` from the assignments, `groups` as the registration asks; absent when empty.

    Too many groups are not in the token at all: `_claim_sources` says where they can be read
    (id-token-claims-reference, "Groups overage claim").
    """
    formats = _asked(sign_in.application).get("groups", [])
    groups = _groups(sign_in)
    claims: Json = {"roles": _roles(sign_in), "groups": [_shown(group, sign_in, formats) for group in groups]}
    if "emit_as_roles" in formats:
        # optional-claims: then the application's own roles are not in the claim.
        claims = {"roles": claims["groups"]}
    if len(groups) > MOST_GROUPS:
        endpoint = f"{authority}/v1.0/users/{sign_in.person.oid}/getMemberObjects"
        del claims["roles" if "emit_as_roles" in formats else "groups"]
        claims |= {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": endpoint}}}
    return {name: value for name, value in claims.items() if value}


def _roles(sign_in: SignIn) -> list[str]:
    values = {
        role["id"]: role["value"]
        for role in sign_in.application.body["appRoles"]
        if role["isEnabled"] and role["value"] and role["id"] != DEFAULT_ACCESS
    }
    assignments = sign_in.directory.assignments_of(sign_in.person, sign_in.service_principal)
    return sorted({values[item.app_role_id] for item in assignments if item.app_role_id in values})


def _membership(application: Application) -> set[str]:
    return {word.strip() for word in (application.body["groupMembershipClaims"] or "").split(",")}


def _groups(sign_in: SignIn) -> list[Group]:
    directory, asked = sign_in.directory, _membership(sign_in.application)
    groups = [group for group in directory.groups_of(sign_in.person) if group.security_enabled]
    if asked & {"SecurityGroup", "All"}:
        return groups
    if "ApplicationGroup" not in asked:
        return []
    assignments = directory.assignments_of(sign_in.person, sign_in.service_principal)
    assigned = {item.principal_id for item in assignments}
    return [group for group in groups if group.oid in assigned]


def _shown(group: Group, sign_in: SignIn, formats: list[str]) -> str:
    # Names work for groups assigned to the application only (optional-claims): elsewhere a name is not
    # unique, and anybody who may make a group could choose it.
    named = "cloud_displayname" in formats and _membership(sign_in.application) == {"ApplicationGroup"}
    return group.display_name if named else group.oid
