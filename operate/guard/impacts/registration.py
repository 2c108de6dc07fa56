"""What changes of the app registration and its secrets do to people.

Sources: Microsoft learn, "ID token claims reference" (`sub` is pairwise: another one in each application),
"Restore or remove a recently deleted application", "Optional claims reference"; the azuread provider's
documentation of azuread_application and azuread_application_password.
"""

from collections.abc import Iterable

from operate.guard.impacts.impact import (
    APPLICATION,
    PASSWORD,
    PAUSE,
    PRINCIPAL,
    PROVIDER,
    ChangeContext,
    Impact,
    Severity,
    added,
    becomes,
    created,
    deleted,
    from_to,
    gets_another_secret,
    removed,
    replaced,
    unless,
    updated,
    was_gone,
)
from operate.guard.plan import Kind

CLAIMS = "optional_claims.*.id_token.*.name"
REDIRECT_URIS = "web.*.redirect_uris.*"
PERMISSIONS = "required_resource_access.*.resource_access.*.id"
AUDIENCE = "sign_in_audience"
ONE_TENANT = "AzureADMyOrg"


def _registration_lost(seen: ChangeContext) -> Iterable[str] | None:
    """A registration is made although there was one: it is gone, or Cognito signs people in by it."""
    in_use = any(provider.kind is not Kind.CREATE for provider in seen.plan.of_type(PROVIDER))
    return () if in_use or was_gone(seen) is not None else None


def _widened(seen: ChangeContext) -> Iterable[str] | None:
    return None if seen.change.after(AUDIENCE) == ONE_TENANT else from_to(AUDIENCE)(seen)


def _cut_off(seen: ChangeContext) -> Iterable[str] | None:
    """The secret that Cognito has goes, and Cognito gets no other; the values are compared, never shown."""
    value = seen.change.before("value")
    staying = [one for one in seen.plan.of_type(PROVIDER) if one.kind is not Kind.DELETE]
    left = value is not None and any(
        provider.before("provider_details.client_secret") == value and not gets_another_secret(provider)
        for provider in staying
    )
    return () if left else None


REGISTRATION: tuple[Impact, ...] = (
    Impact(
        id="new-users-registration",
        severity=Severity.IRREVERSIBLE,
        people="Replaces the app registration: {users} become new users. Entra ID gives each person another"
        " id (sub) in another registration, and what apps keep about the former users belongs to nobody.",
        instead="Leave the registration as it is. One that was deleted can be restored for 30 days (Entra"
        " admin center > App registrations > Deleted applications), and then imported.",
        rules=(
            replaced(APPLICATION),
            created(
                APPLICATION, "somebody deleted the former one, or Cognito uses another", _registration_lost
            ),
        ),
    ),
    Impact(
        id="removes-registration",
        severity=Severity.IRREVERSIBLE,
        people="Deletes the app registration: nobody can sign in any more, and in any later registration"
        " {users} are new users.",
        instead="To stop sign-in for a while, disable the enterprise application in the Entra admin center.",
        rules=(deleted(APPLICATION),),
    ),
    Impact(
        id="redirect-uri-removed",
        severity=Severity.OUTAGE,
        people="Microsoft no longer sends people back to this address: whoever signs in by way of it ends on"
        " Microsoft's error page (AADSTS50011).",
        instead="Check that no domain that people still use stands behind it.",
        rules=(updated(APPLICATION, "web", "a redirect URI goes", removed(REDIRECT_URIS)),),
    ),
    Impact(
        id="secret-in-use-removed",
        severity=Severity.OUTAGE,
        people="Removes the secret that Cognito uses, without giving Cognito another: nobody can sign in"
        " (AADSTS7000215).",
        instead="Let the identity provider take the new secret: no ignore_changes on its provider_details.",
        rules=(
            deleted(PASSWORD, "Cognito has it, and gets no other", _cut_off),
            replaced(PASSWORD, "Cognito has it, and gets no other", _cut_off),
        ),
    ),
    Impact(
        id="claims-removed",
        severity=Severity.NOTICE,
        people="Entra ID no longer sends these claims: from each person's next sign-in on, apps do not get"
        " them.",
        instead="Keep in entra.optional_claims what apps read.",
        rules=(updated(APPLICATION, "optional_claims", "a claim goes", removed(CLAIMS)),),
    ),
    Impact(
        id="claims-added",
        severity=Severity.NOTICE,
        people="Entra ID sends these claims about people too.",
        rules=(updated(APPLICATION, "optional_claims", "a claim comes", added(CLAIMS)),),
    ),
    Impact(
        id="redirect-uri-added",
        severity=Severity.NOTICE,
        people="Microsoft sends people, and the codes that let them in, to this address too.",
        instead="Check that it is the user pool's own.",
        rules=(updated(APPLICATION, "web", "a redirect URI comes", added(REDIRECT_URIS)),),
    ),
    Impact(
        id="audience-widened",
        severity=Severity.NOTICE,
        people="The registration accepts accounts of other tenants, or personal ones; Cognito still lets in"
        " those only whose tenant has an identity provider.",
        instead="Remove entra.account_types, unless another app shares the registration: what [tenants.*]"
        " need is chosen by itself.",
        rules=(updated(APPLICATION, AUDIENCE, "other than AzureADMyOrg", _widened),),
    ),
    Impact(
        id="audience-narrowed",
        severity=Severity.NOTICE,
        people="The registration accepts accounts of its own tenant only.",
        rules=(updated(APPLICATION, AUDIENCE, "back to AzureADMyOrg", becomes(AUDIENCE, value=ONE_TENANT)),),
    ),
    Impact(
        id="permissions-added",
        severity=Severity.NOTICE,
        people="The registration asks for more permissions: people are asked to consent, unless an"
        " administrator has.",
        rules=(updated(APPLICATION, "required_resource_access", "a permission comes", added(PERMISSIONS)),),
    ),
    Impact(
        id="permissions-removed",
        severity=Severity.NOTICE,
        people="The registration asks for fewer permissions: an administrator's next consent in the portal"
        " takes them away.",
        rules=(updated(APPLICATION, "required_resource_access", "a permission goes", removed(PERMISSIONS)),),
    ),
    Impact(
        id="display-name-changed",
        severity=Severity.NOTICE,
        people="People read another name on Microsoft's sign-in and consent pages.",
        instead="Tell them before: an unknown name looks like phishing.",
        rules=(updated(APPLICATION, "display_name", "", from_to("display_name")),),
    ),
    Impact(
        id="owner-removed",
        severity=Severity.NOTICE,
        people="These owners can no longer change the registration, nor make secrets for it.",
        instead="A pipeline with Application.ReadWrite.OwnedBy must stay an owner, or its next deploy fails.",
        rules=tuple(
            updated(resource, "owners", "an owner goes", removed("owners.*"))
            for resource in (APPLICATION, PRINCIPAL)
        ),
    ),
    Impact(
        id="owner-added",
        severity=Severity.NOTICE,
        people="These become owners: they can change the registration, and make secrets to pose as Cognito.",
        rules=tuple(
            updated(resource, "owners", "an owner comes", added("owners.*"))
            for resource in (APPLICATION, PRINCIPAL)
        ),
    ),
    Impact(
        id="registration-made",
        severity=Severity.NOTICE,
        people="Makes the app registration; nobody depends on it yet.",
        rules=(created(APPLICATION, "there was none", unless(_registration_lost)),),
    ),
    Impact(
        id="secret-made",
        severity=Severity.NOTICE,
        people="Makes a secret for the registration.",
        rules=(created(PASSWORD), replaced(PASSWORD)),
    ),
    Impact(
        id="old-secret-removed",
        severity=Severity.NOTICE,
        people="Removes a secret that Cognito does not use, or no longer by then: apps are not affected.",
        rules=(deleted(PASSWORD, "Cognito has another, or gets one", unless(_cut_off)),),
    ),
    Impact(
        id="secret-settles",
        severity=Severity.NOTICE,
        people="The deploy waits between making a secret and giving it to Cognito: nobody notices.",
        rules=(created(PAUSE), replaced(PAUSE)),
    ),
    Impact(
        id="pause-forgotten",
        severity=Severity.NOTICE,
        people="The note that an earlier secret was waited for goes: nobody notices.",
        rules=(deleted(PAUSE),),
    ),
)
