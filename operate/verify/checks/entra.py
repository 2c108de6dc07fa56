"""Whether Entra ID still has what was deployed."""

from collections.abc import Iterator

from operate.errors import Unavailable
from operate.graph_api import EntraFacts
from operate.outputs import Outputs
from operate.verify.findings import Checked, Finding

NOT_GRANTED = "entra.admin_consent is off, and nobody has granted it: people are asked"
NOT_GRANTED_BY_OWNER = (
    "nobody has granted it, which is for the registration's owner to decide: people are asked"
)
ENTERPRISE_APPLICATION = "enterprise application"
NAMED_BY = {"user": "userPrincipalName", "group": "displayName"}


def check_entra(outputs: Outputs, facts: EntraFacts | Unavailable) -> list[Checked]:
    """Compare registration and enterprise application with the outputs."""
    if isinstance(facts, Unavailable):
        return [Checked("Entra ID: registration, claims, consent, assignment", not_checked=facts.why)]
    own = outputs.expected.own_registration
    checks = [("Registration and enterprise application", _objects, "")]
    if facts.application is not None:
        checks += [
            ("Redirect URIs of the registration", _redirect_uris, ""),
            ("Claims that the registration adds", _claims, ""),
            ("Permissions that the registration declares", _permissions, ""),
        ]
    if outputs.principals:
        checks.append(("People and groups of the settings", _principals, ""))
    if facts.service_principal is not None:
        asked = not outputs.expected.admin_consent and not facts.granted
        note = (NOT_GRANTED if own else NOT_GRANTED_BY_OWNER) if asked else ""
        checks += [("Consent for everybody", _consent, note), ("Who may sign in", _assignment, "")]
    return [Checked(title, tuple(find(outputs, facts)), note=note) for title, find, note in checks]


def _objects(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    where = f"application {outputs.entra_application_id}"
    if facts.application is None:
        yield Finding("application-missing", where)
    if facts.service_principal is None:
        yield Finding("service-principal-missing", where)
    elif not facts.service_principal.get("accountEnabled", True):
        yield Finding("service-principal-disabled", where)


def _redirect_uris(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    """Compared letter for letter, as Entra ID does (entra/identity-platform/reply-url)."""
    registered = ((facts.application or {}).get("web") or {}).get("redirectUris") or []
    for uri in outputs.expected.redirect_uris:
        if uri not in registered:
            similar = next((other for other in registered if other.lower() == uri.lower()), None)
            has = f"it has {similar}" if similar else f"it has {', '.join(registered) or 'none'}"
            yield Finding("redirect-uri", uri, has)


def _claims(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    optional = ((facts.application or {}).get("optionalClaims") or {}).get("idToken") or []
    added = {claim["name"] for claim in optional}
    for claim in outputs.expected.optional_claims:
        if claim not in added:
            yield Finding("optional-claim", f"claim {claim}", "it is not an optional claim of the ID token")


def _permissions(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    declared = {
        permission["id"]
        for resource in (facts.application or {}).get("requiredResourceAccess") or []
        for permission in resource.get("resourceAccess") or []
    }
    for name, id_ in outputs.expected.permissions.items():
        if id_ not in declared:
            yield Finding("permission", f"permission {name}", "it is not among the API permissions")


def _consent(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    """Where no administrator was to consent, one who has must still have consented to everything."""
    missing = [name for name in outputs.expected.permissions if name not in facts.granted]
    if missing and (outputs.expected.admin_consent or facts.granted):
        granted = " ".join(sorted(facts.granted)) or "nothing"
        yield Finding("consent", ", ".join(missing), f"granted: {granted}")


def _principals(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    for named, object_id in outputs.principals.items():
        kind, _, name = named.partition(" ")
        found = facts.principals.get(object_id)
        if found is None:
            yield Finding("principal-gone", named)
        elif name and (now := found.get(NAMED_BY[kind]) or "").lower() != name:
            yield Finding("principal-renamed", named, f"it is {now}")


def _assignment(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    required = bool((facts.service_principal or {}).get("appRoleAssignmentRequired"))
    if required and not facts.assignments:
        yield Finding("nobody-assigned", ENTERPRISE_APPLICATION)
    if required and outputs.expected.assignment_required is False:
        yield Finding("assignment-changed", ENTERPRISE_APPLICATION, "only those assigned may sign in")
    if not required and outputs.expected.assignment_required:
        yield Finding("assignment-off", ENTERPRISE_APPLICATION)
