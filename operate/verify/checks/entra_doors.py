"""Who else Entra ID lets in: what a registration of the stack has beyond the settings.

docs/security.md lists every object and attribute that was considered, and why the others are no door.
"""

from collections.abc import Iterator
from datetime import datetime

from operate.errors import Unavailable
from operate.graph_api import EntraFacts, Json
from operate.outputs import Outputs
from operate.verify.checks.entra import ENTERPRISE_APPLICATION
from operate.verify.checks.secret import REGISTRATION
from operate.verify.findings import Checked, Finding, door
from stacks.expected import ExpectedRegistration
from stacks.settings.accounts import ADMITTED
from stacks.settings.facts import DEFAULT_ACCESS_ROLE, AccountTypes, Permission

TITLE = "Who else may come in by the registration"
CREDENTIALS = "Credentials and owners of the registration"
RIGHTS = "Rights, consent and assignments beyond the settings"
NOT_OURS = "it is another team's: whom it lets in is not ours to judge"
ADOPTED = "adopted: its other platforms and public clients stay as they were, and are not judged"
NEEDS_DEPLOY = (
    "the environment was deployed by an earlier version, which did not say who may come in; for all of it"
    " run `pipenv run cdktf deploy`"
)
CREDENTIAL_KINDS = (
    ("passwordCredentials", "registration-secret", "secret"),
    ("keyCredentials", "registration-certificate", "certificate"),
)
PLATFORMS = ("web", "spa", "publicClient")
# Properties of the registration by which tokens are given to whoever shows no secret.
PUBLIC = ("isFallbackPublicClient", "isDeviceOnlyAuthSupported", "nativeAuthenticationApisEnabled")
SIGN_IN_PERMISSIONS = frozenset(permission.value for permission in Permission)


def check_entra_doors(outputs: Outputs, facts: EntraFacts | Unavailable, now: datetime) -> list[Checked]:
    """Compare what the registration lets in with the settings."""
    if not outputs.expected.own_registration:
        return [Checked(TITLE, note=NOT_OURS)]
    if isinstance(facts, Unavailable):
        return [Checked(TITLE, not_checked=facts.why)]
    access = outputs.expected.access
    registration = access.registration if access else None
    missing = "" if registration else NEEDS_DEPLOY
    checks = []
    if facts.application is not None:
        found = tuple(_registration(outputs, facts.application, registration))
        note = ADOPTED if registration and registration.adopted else ""
        checks.append(Checked(TITLE, found, missing, note=note))
    rights = [
        *_permissions(outputs, facts),
        *(_assignments(outputs, facts, registration) if registration else ()),
    ]
    owners = tuple(_owners(outputs, facts))
    not_checked = missing if outputs.entra_owners is None else ""
    return [
        *checks,
        Checked(CREDENTIALS, (*_credentials(outputs, facts, now), *owners), not_checked),
        Checked(RIGHTS, tuple(rights), missing),
    ]


def _registration(
    outputs: Outputs, application: Json, expected: ExpectedRegistration | None
) -> Iterator[Finding]:
    # Terraform leaves the other platforms of an adopted registration alone.
    others_stay = expected is None or expected.adopted
    audience = application.get("signInAudience")
    if expected and audience and ADMITTED[audience] - ADMITTED[AccountTypes(expected.sign_in_audience)]:
        detail = f"it is {audience} instead of {expected.sign_in_audience}"
        yield Finding("registration-audience", REGISTRATION, detail)
    implicit = (application.get("web") or {}).get("implicitGrantSettings") or {}
    if given := sorted(name for name, on in implicit.items() if on):
        yield Finding("registration-implicit", REGISTRATION, ", ".join(given))
    for platform in PLATFORMS[:1] if others_stay else PLATFORMS:
        for uri in (application.get(platform) or {}).get("redirectUris") or []:
            # Of another case it leads nowhere else, and is a finding already.
            if uri.lower() not in {one.lower() for one in outputs.expected.redirect_uris}:
                yield Finding("registration-redirect-uri", uri, f"platform {platform}")
    public = [name for name in PUBLIC if application.get(name) not in (None, False, "none")]
    if public and not others_stay:
        yield Finding("registration-public-client", REGISTRATION, ", ".join(public))
    mapped = (application.get("api") or {}).get("acceptMappedClaims")
    if mapped and not (expected and expected.mapped_claims):
        yield Finding("registration-claims", REGISTRATION)
    if expected is not None:
        yield from _groups(application, expected)
        yield from _roles(application, expected)


def _groups(application: Json, expected: ExpectedRegistration) -> Iterator[Finding]:
    claims = {one.strip() for one in (application.get("groupMembershipClaims") or "").split(",")}
    if expected.adopted and not expected.groups_claims:
        claims = set()
    more = sorted(claims - {"", "None", *expected.groups_claims})
    optional = (application.get("optionalClaims") or {}).get("idToken") or []
    as_roles = [
        "emit_as_roles" for one in optional if "emit_as_roles" in (one.get("additionalProperties") or [])
    ]
    if more or as_roles:
        yield Finding("registration-groups", REGISTRATION, ", ".join([*more, *as_roles]))


def _roles(application: Json, expected: ExpectedRegistration) -> Iterator[Finding]:
    if expected.app_roles is None:
        return
    for role in application.get("appRoles") or []:
        people_only = "Application" not in (role.get("allowedMemberTypes") or [])
        if role.get("value") != expected.app_roles.get(role["id"]) or not people_only:
            yield Finding("registration-role", f"app role {role.get('value') or role['id']}")


def _objects(outputs: Outputs, facts: EntraFacts) -> Iterator[tuple[str, Json, str]]:
    """Registration and enterprise application: what each is called, it, and its address."""
    graph = f"{outputs.expected.graph_origin}/v1.0"
    if facts.application is not None:
        yield REGISTRATION, facts.application, f"{graph}/applications/{facts.application['id']}"
    if facts.service_principal is not None:
        principal = facts.service_principal
        yield ENTERPRISE_APPLICATION, principal, f"{graph}/servicePrincipals/{principal['id']}"


def _credentials(outputs: Outputs, facts: EntraFacts, now: datetime) -> Iterator[Finding]:
    """What else proves to Entra ID that somebody is the application; expired, it proves nothing."""
    own = {secret.key_id for secret in outputs.client_secrets.values()}
    for where, object_, url in _objects(outputs, facts):
        for kind, id_, what in CREDENTIAL_KINDS:
            for one in object_.get(kind) or []:
                ends = datetime.fromisoformat(one["endDateTime"])
                if one["keyId"] not in own and ends > now:
                    detail = f"{one.get('displayName') or 'without a name'}, until {ends:%Y-%m-%d}"
                    yield door(id_, f"{where}, {what} {one['keyId']}", detail, url=url, key=one["keyId"])
    application = next((url for where, _, url in _objects(outputs, facts) if where == REGISTRATION), "")
    for one in facts.federated:
        url = f"{application}/federatedIdentityCredentials/{one['id']}"
        detail = f"{one.get('subject')} of {one.get('issuer')}"
        yield door("registration-federated-credential", f"credential {one['name']}", detail, url=url)


def _owners(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    if outputs.entra_owners is None:
        return
    for where, _, url in _objects(outputs, facts):
        path = url.partition("/v1.0")[2]
        for owner in facts.owners.get(path, ()):
            if owner["id"] not in outputs.entra_owners:
                yield door(
                    "registration-owner",
                    f"{where}, owner {owner['id']}",
                    owner.get("displayName") or "",
                    url=f"{url}/owners/{owner['id']}/$ref",
                )


def _permissions(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    """What the application may do beyond signing people in.

    Microsoft adds offline_access and User.Read to a consent by itself (learn.microsoft.com/entra/
    identity-platform/consent-framework).
    """
    graph = f"{outputs.expected.graph_origin}/v1.0"
    for one in facts.app_permissions:
        url = f"{graph}/servicePrincipals/{one['principalId']}/appRoleAssignments/{one['id']}"
        where = f"app role {one['appRoleId']} of {one.get('resourceDisplayName') or one['resourceId']}"
        yield door("application-permission", where, url=url)
    for one in facts.grants:
        scopes = (one.get("scope") or "").split()
        of_graph = one["resourceId"] == facts.graph_id
        kept = [scope for scope in scopes if of_graph and scope in SIGN_IN_PERMISSIONS]
        if more := sorted(set(scopes) - set(kept)):
            who = f"user {one['principalId']}" if one.get("principalId") else "everybody"
            url = f"{graph}/oauth2PermissionGrants/{one['id']}"
            yield door("consent-wider", ", ".join(more), f"for {who}", url=url, scope=" ".join(kept))


def _assignments(outputs: Outputs, facts: EntraFacts, expected: ExpectedRegistration) -> Iterator[Finding]:
    """Whoever is assigned beside those whom the settings name.

    Where they name nobody for a role, or nobody at all, people are assigned by hand.
    """
    graph = f"{outputs.expected.graph_origin}/v1.0"
    for one in facts.assignments:
        role = one["appRoleId"]
        named = expected.assigned.get(role)
        if role == DEFAULT_ACCESS_ROLE and not outputs.expected.assignment_required:
            continue
        if named is None and (role != DEFAULT_ACCESS_ROLE or not expected.assigned):
            continue
        ids = {outputs.principals.get(name, name) for name in named or ()}
        if one["principalId"] not in ids:
            value = (expected.app_roles or {}).get(role, "default access")
            yield door(
                "assigned-by-hand",
                f"{one.get('principalDisplayName') or one['principalId']}, {value}",
                f"{one.get('principalType')} {one['principalId']}",
                url=f"{graph}/servicePrincipals/{one['resourceId']}/appRoleAssignedTo/{one['id']}",
            )
