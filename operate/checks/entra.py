"""Whether Entra ID still has what was deployed, and for how long the secret is good."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from operate.entra import EntraFacts, Secret
from operate.findings import Checked, Finding, NotChecked
from operate.outputs import Outputs
from operate.troubles import VERIFIED, explain

DAY = timedelta(days=1)


def check_entra(outputs: Outputs, facts: EntraFacts | NotChecked) -> list[Checked]:
    """Compare registration and enterprise application with the outputs.

    Args:
        outputs: the stack's outputs.
        facts: what Entra ID has.
    """
    if isinstance(facts, NotChecked):
        return [Checked("Entra ID: registration, claims, consent, assignment", not_checked=facts)]
    checks = [("Registration and enterprise application", _objects)]
    if facts.application is not None:
        checks += [
            ("Redirect URIs of the registration", _redirect_uris),
            ("Claims that the registration adds", _claims),
            ("Permissions that the registration declares", _permissions),
        ]
    if facts.service_principal is not None:
        checks += [("Consent for everybody", _consent), ("Who may sign in", _assignment)]
    done = [Checked(title, tuple(check(outputs, facts))) for title, check in checks]
    return [
        Checked(check.title, note="entra.admin_consent is off, and nobody has granted it: people are asked")
        if check.title == "Consent for everybody" and not outputs.expected.admin_consent and not facts.granted
        else check
        for check in done
    ]


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
    there = {claim["name"] for claim in optional}
    for claim in outputs.expected.optional_claims:
        if claim not in there:
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
    lacking = [name for name in outputs.expected.permissions if name not in facts.granted]
    granted = " ".join(sorted(facts.granted)) or "nothing"
    if lacking and (outputs.expected.admin_consent or facts.granted):
        yield Finding("consent", ", ".join(lacking), f"granted: {granted}")


def _assignment(outputs: Outputs, facts: EntraFacts) -> Iterator[Finding]:
    required = bool((facts.service_principal or {}).get("appRoleAssignmentRequired"))
    if required and not facts.assigned:
        yield Finding("nobody-assigned", "enterprise application")
    if required != outputs.expected.assignment_required:
        yield Finding(
            "assignment-changed",
            "enterprise application",
            "only those assigned may sign in" if required else "everybody in the tenant may sign in",
        )


@dataclass(frozen=True)
class Presented:
    """What Entra ID said when it was shown the secret that Cognito has.

    Attributes:
        refusal: the error; empty when the secret is good.
        hint: the secret's first three characters, by which Graph tells secrets apart.
    """

    refusal: str
    hint: str


def check_secret(
    outputs: Outputs,
    facts: EntraFacts | NotChecked,
    presented: Presented | NotChecked | None,
    now: datetime,
) -> tuple[Checked, int | None]:
    """Whether Entra ID takes Cognito's secret, and for how long.

    Args:
        outputs: the stack's outputs.
        facts: what Entra ID has.
        presented: what Entra ID said to the secret; None if Cognito has none, for want of a provider.
        now: the time.

    Returns:
        The check, and the days left, if the secret is good.
    """
    title = "The secret between Cognito and Entra ID"
    secrets = facts.secrets if isinstance(facts, EntraFacts) and facts.application else None
    deployed = _deployed(outputs, secrets)
    refusal = presented.refusal if isinstance(presented, Presented) else ""
    if refusal:
        return _refused(title, refusal, secrets, deployed), None
    if isinstance(presented, NotChecked) and secrets is not None and deployed is None:
        return Checked(title, (Finding("secret-removed", "registration"),), presented), None

    hint = presented.hint if isinstance(presented, Presented) else ""
    # The deployed one, unless Cognito presents another: then that one, by its first characters.
    others = [secret for secret in secrets or [] if hint and secret.hint == hint]
    used = [deployed] if deployed and (deployed in others or not others) else others
    ends = max((secret.ends for secret in used), default=outputs.client_secret_end_date)
    left = math.floor((ends - now) / DAY)
    until = f"it ends on {ends:%Y-%m-%d}, in {left} days"
    if ends <= now:
        found = [Finding("secret-expired", "registration", f"it ended on {ends:%Y-%m-%d}")]
    elif left <= outputs.expected.fail_days:
        found = [Finding("secret-ends-now", "registration", until)]
    elif left <= outputs.expected.warn_days:
        found = [Finding("secret-ends-soon", "registration", until)]
    else:
        found = []
    untried = presented if isinstance(presented, NotChecked) else None
    return Checked(title, tuple(found), untried, "" if found else until), left


def _deployed(outputs: Outputs, secrets: list[Secret] | None) -> Secret | None:
    """The secret that the stack gave to Cognito."""
    return next((secret for secret in secrets or [] if secret.key_id == outputs.secret_key_id), None)


def _refused(title: str, refusal: str, secrets: list[Secret] | None, deployed: Secret | None) -> Checked:
    ids = {trouble.id for trouble in explain(refusal)}
    if "secret-expired" in ids:
        return Checked(title, (Finding("secret-expired", "registration"),))
    if "secret-wrong" not in ids:
        instead = frozenset(ids & VERIFIED)
        if not instead:
            return Checked(title, not_checked=NotChecked(f"Entra ID answers: {refusal}"))
        return Checked(title, (Finding(min(instead), "registration", refusal, instead),))
    if secrets is not None and deployed is None:
        count = f"the registration has {len(secrets) or 'no'} other secret{'' if len(secrets) == 1 else 's'}"
        return Checked(title, (Finding("secret-removed", "registration", count),))
    return Checked(title, (Finding("secret-wrong", "identity provider"),))
