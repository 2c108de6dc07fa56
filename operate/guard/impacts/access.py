"""What changes of the enterprise application, consent and assignments do to people.

Sources: Microsoft learn, "Restrict a Microsoft Entra app to a set of users", "Overview of user and admin
consent", "Disable user sign-in for an application"; the azuread provider's documentation of
azuread_service_principal, azuread_service_principal_delegated_permission_grant and
azuread_app_role_assignment.
"""

from collections.abc import Iterable

from operate.guard.impacts.impact import (
    ASSIGNMENT,
    GRANT,
    PRINCIPAL,
    ChangeContext,
    Impact,
    Severity,
    added,
    becomes,
    created,
    deleted,
    removed,
    replaced,
    unless,
    updated,
)
from operate.guard.plan import Kind

REQUIRED = "app_role_assignment_required"
ENABLED = "account_enabled"
PERSON = "principal_object_id"


def _assignment_counts(seen: ChangeContext) -> Iterable[str] | None:
    """Only those who are assigned may sign in once this plan is applied, or could until then.

    With an app role people are assigned as well as with default access.
    """
    person = seen.change.before(PERSON)
    if any(
        one.kind is not Kind.DELETE and one.after(PERSON) == person and one.address != seen.change.address
        for one in seen.plan.of_type(ASSIGNMENT)
    ):
        return None
    principals = seen.plan.of_type(PRINCIPAL)
    required = (
        one.before(REQUIRED) if one.kind is Kind.DELETE else one.after(REQUIRED) for one in principals
    )
    return () if True in required else None


ACCESS: tuple[Impact, ...] = (
    Impact(
        id="service-principal-replaced",
        severity=Severity.IRREVERSIBLE,
        people="Replaces the enterprise application: assignments, consent and Conditional Access that were"
        " made for it by hand are gone.",
        instead="Write down what was made by hand, and make it again afterwards.",
        rules=(replaced(PRINCIPAL),),
    ),
    Impact(
        id="removes-service-principal",
        severity=Severity.IRREVERSIBLE,
        people="Deletes the enterprise application: nobody can sign in, and assignments, consent and"
        " Conditional Access that were made for it by hand are gone.",
        instead="To stop sign-in for a while, disable it in the Entra admin center.",
        rules=(deleted(PRINCIPAL),),
    ),
    Impact(
        id="assignment-newly-required",
        severity=Severity.OUTAGE,
        people="Only people who are assigned can sign in from now on: everybody else is refused"
        " (AADSTS50105).",
        instead="Check that those who should are in entra.assigned_users, assigned_groups or a role.",
        rules=(updated(PRINCIPAL, REQUIRED, "becomes true", becomes(REQUIRED, value=True)),),
    ),
    Impact(
        id="assignment-removed",
        severity=Severity.OUTAGE,
        people="This person, or everybody in this group, can no longer sign in (AADSTS50105).",
        instead="Keep them in entra.assigned_users, assigned_groups or assigned_principals, if they should.",
        rules=(
            deleted(ASSIGNMENT, "an assignment is required, and it is their only one", _assignment_counts),
        ),
    ),
    Impact(
        id="removes-consent",
        severity=Severity.OUTAGE,
        people="Removes consent: people are asked for it at their next sign-in, or are told that they need"
        " an administrator (AADSTS65001, AADSTS90094).",
        instead="Have an administrator consent at the output admin_consent_url right afterwards.",
        rules=(deleted(GRANT),),
    ),
    Impact(
        id="consent-narrowed",
        severity=Severity.OUTAGE,
        people="Consent to these permissions is withdrawn: where Cognito asks for one of them, people are"
        " asked for consent, or are told that they need an administrator.",
        instead="Keep in entra.permissions what sign-in asks for: openid, profile, email.",
        rules=(updated(GRANT, "claim_values", "a permission goes", removed("claim_values.*")),),
    ),
    Impact(
        id="consent-replaced",
        severity=Severity.NOTICE,
        people="Consent is withdrawn and granted anew: whoever signs in at that moment is asked for it.",
        rules=(replaced(GRANT),),
    ),
    Impact(
        id="consent-granted",
        severity=Severity.NOTICE,
        people="Consents for everybody in the tenant: nobody is asked.",
        instead="Check that an administrator of the tenant agrees.",
        rules=(
            created(GRANT),
            updated(GRANT, "claim_values", "a permission comes", added("claim_values.*")),
        ),
    ),
    Impact(
        id="open-to-everybody",
        severity=Severity.NOTICE,
        people="Everybody in the tenant can sign in, guests included, assigned or not.",
        instead="Keep entra.assignment_required = true, if apps rely on it.",
        rules=(updated(PRINCIPAL, REQUIRED, "becomes false", becomes(REQUIRED, value=False)),),
    ),
    Impact(
        id="sign-in-enabled",
        severity=Severity.NOTICE,
        people="Somebody has disabled sign-in at the enterprise application: this lets people in again.",
        instead="Ask who disabled it, and why, before deploying.",
        rules=(updated(PRINCIPAL, ENABLED, "becomes true", becomes(ENABLED, value=True)),),
    ),
    Impact(
        id="service-principal-made",
        severity=Severity.NOTICE,
        people="Makes the enterprise application. What was assigned by hand to a former one stays away.",
        rules=(created(PRINCIPAL),),
    ),
    Impact(
        id="assignment-added",
        severity=Severity.NOTICE,
        people="Assigns a person or a group: they can sign in where an assignment is required.",
        rules=(created(ASSIGNMENT),),
    ),
    Impact(
        id="assignment-replaced",
        severity=Severity.NOTICE,
        people="Makes an assignment anew: where one is required, its people are refused in between.",
        rules=(replaced(ASSIGNMENT),),
    ),
    Impact(
        id="assignment-dropped",
        severity=Severity.NOTICE,
        people="Removes an assignment that does not decide who can sign in: none is required, or there is"
        " another.",
        rules=(
            deleted(ASSIGNMENT, "no assignment is required, or there is another", unless(_assignment_counts)),
        ),
    ),
)
