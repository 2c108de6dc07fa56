"""What changes in Entra ID do to people: app registration, enterprise application, assignments, app roles.

Sources: Microsoft learn, "ID token claims reference" (`sub` is pairwise: another one in each application),
"Restore or remove a recently deleted application", "Optional claims reference", "Restrict a Microsoft Entra
app to a set of users", "Overview of user and admin consent", "Disable user sign-in for an application", "Add
app roles to your application and receive them in the token", "Configure group claims for applications"; the
azuread provider's documentation of each resource.
"""

from typing import Any

from operate.guard.impacts.impact import (
    APPLICATION,
    ASSIGNMENT,
    GRANT,
    PASSWORD,
    PRINCIPAL,
    PROVIDER,
    ChangeContext,
    Impact,
    adds,
    becomes,
    creates,
    deletes,
    from_to,
    gets_another_secret,
    irreversible,
    notice,
    outage,
    removes,
    replaces,
    unless,
    updates,
    was_deleted,
)
from operate.guard.plan import UNKNOWN, Kind
from stacks.entra.access import DEFAULT_ACCESS_ROLE

CLAIMS = "optional_claims.*.id_token.*.name"
CLAIM_PROPERTIES = "optional_claims.*.id_token.*.additional_properties.*"
REDIRECT_URIS = "web.*.redirect_uris.*"
PERMISSIONS = "required_resource_access.*.resource_access.*.id"
GROUPS = "group_membership_claims.*"
AUDIENCE = "sign_in_audience"
ONE_TENANT = "AzureADMyOrg"
ROLE_PROPERTIES = ("enabled", "allowed_member_types")
REQUIRED = "app_role_assignment_required"
PERSON = "principal_object_id"


def _registration_lost(context: ChangeContext) -> bool:
    """A registration is made although there was one: it was deleted, or Cognito uses another one."""
    in_use = any(provider.kind is not Kind.CREATE for provider in context.plan.of_type(PROVIDER))
    return in_use or was_deleted(context)


def _audience_widened(context: ChangeContext) -> list[str] | bool:
    return context.change.after(AUDIENCE) != ONE_TENANT and from_to(AUDIENCE)(context)


def _in_use(context: ChangeContext) -> bool:
    """Cognito has this secret, and gets no other; the values are compared, never shown."""
    value = context.change.before("value")
    return value is not None and any(
        provider.before("provider_details.client_secret") == value and not gets_another_secret(provider)
        for provider in context.plan.of_type(PROVIDER)
        if provider.kind is not Kind.DELETE
    )


def _only_assignment(context: ChangeContext) -> bool:
    """Only those who are assigned can sign in, now or after the deploy, and this assignment is the last.

    With an app role people are assigned as well as with default access.
    """
    person = context.change.before(PERSON)
    if any(
        one.kind is not Kind.DELETE and one.after(PERSON) == person and one.address != context.change.address
        for one in context.plan.of_type(ASSIGNMENT)
    ):
        return False
    return any(
        (one.before if one.kind is Kind.DELETE else one.after)(REQUIRED) is True
        for one in context.plan.of_type(PRINCIPAL)
    )


def _roles(context: ChangeContext) -> tuple[dict[str, Any], dict[str, Any]]:
    """The app roles by their ids, before and after."""
    before, after = context.change.before("app_role") or [], context.change.after("app_role")
    later = before if after is UNKNOWN else after or []
    return {one["id"]: one for one in before}, {one["id"]: one for one in later}


def _roles_removed(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    return sorted(before[id_]["value"] or id_ for id_ in before.keys() - after.keys())


def _roles_added(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    return sorted(after[id_]["value"] or id_ for id_ in after.keys() - before.keys())


def _role_values_changed(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    pairs = {(before[id_]["value"], after[id_]["value"]) for id_ in before.keys() & after.keys()}
    return sorted(f"{former} -> {later}" for former, later in pairs if former != later)


def _role_properties_changed(context: ChangeContext) -> list[str]:
    before, after = _roles(context)
    return sorted(
        f"{after[id_]['value']}: {name}"
        for id_ in before.keys() & after.keys()
        for name in ROLE_PROPERTIES
        if before[id_].get(name) != after[id_].get(name)
    )


def _had_role(context: ChangeContext) -> bool:
    return bool(context.change.before("app_role_id") != DEFAULT_ACCESS_ROLE)


def _gets_role(context: ChangeContext) -> bool:
    return bool(context.change.after("app_role_id") != DEFAULT_ACCESS_ROLE)


ENTRA: tuple[Impact, ...] = (
    irreversible(
        "new-users-registration",
        "Replaces the app registration: {users} become new users. Entra ID gives each person another id (sub)"
        " in another registration, and what apps keep about the former users belongs to nobody.",
        replaces(APPLICATION),
        creates(APPLICATION, "somebody deleted the former one, or Cognito uses another", _registration_lost),
        instead="Leave the registration as it is. One that was deleted can be restored for 30 days (Entra"
        " admin center > App registrations > Deleted applications), and then imported.",
    ),
    irreversible(
        "removes-registration",
        "Deletes the app registration: nobody can sign in any more, and in any later registration {users} are"
        " new users.",
        deletes(APPLICATION),
        instead="To stop sign-in for a while, disable the enterprise application in the Entra admin center.",
    ),
    outage(
        "redirect-uri-removed",
        "Microsoft no longer sends people back to this address: whoever signs in by way of it ends on"
        " Microsoft's error page (AADSTS50011).",
        removes(APPLICATION, REDIRECT_URIS),
        instead="Check that no domain that people still use stands behind it.",
    ),
    outage(
        "secret-in-use-removed",
        "Removes the secret that Cognito uses, without giving Cognito another: nobody can sign in"
        " (AADSTS7000215).",
        deletes(PASSWORD, "Cognito has it, and gets no other", _in_use),
        replaces(PASSWORD, "Cognito has it, and gets no other", _in_use),
        instead="Let the identity provider take the new secret: no ignore_changes on its provider_details.",
    ),
    notice(
        "claims-removed",
        "Entra ID no longer sends these claims: from each person's next sign-in on, apps do not get them.",
        removes(APPLICATION, CLAIMS),
        instead="Keep in entra.optional_claims what apps read.",
    ),
    notice("claims-added", "Entra ID sends these claims about people too.", adds(APPLICATION, CLAIMS)),
    notice(
        "redirect-uri-added",
        "Microsoft sends people, and the codes that let them in, to this address too.",
        adds(APPLICATION, REDIRECT_URIS),
        instead="Check that it is the user pool's own.",
    ),
    notice(
        "audience-widened",
        "The registration accepts accounts of other tenants, or personal ones; Cognito still lets in those"
        " only whose tenant has an identity provider.",
        updates(APPLICATION, AUDIENCE, f"other than {ONE_TENANT}", _audience_widened),
        instead="Remove entra.account_types, unless another app shares the registration: what [tenants.*]"
        " need is chosen by itself.",
    ),
    notice(
        "audience-narrowed",
        "The registration accepts accounts of its own tenant only.",
        becomes(APPLICATION, AUDIENCE, ONE_TENANT),
    ),
    notice(
        "permissions-added",
        "The registration asks for more permissions: people are asked to consent, unless an administrator"
        " has.",
        adds(APPLICATION, PERMISSIONS),
    ),
    notice(
        "permissions-removed",
        "The registration asks for fewer permissions: an administrator's next consent in the portal takes"
        " them away.",
        removes(APPLICATION, PERMISSIONS),
    ),
    notice(
        "owner-removed",
        "These owners can no longer change the registration, nor make secrets for it.",
        removes(APPLICATION, "owners.*"),
        removes(PRINCIPAL, "owners.*"),
        instead="A pipeline with Application.ReadWrite.OwnedBy must stay an owner, or its next deploy fails.",
    ),
    notice(
        "owner-added",
        "These become owners: they can change the registration, and make secrets to pose as Cognito.",
        adds(APPLICATION, "owners.*"),
        adds(PRINCIPAL, "owners.*"),
    ),
    notice("secret-made", "Makes a secret for the registration.", creates(PASSWORD), replaces(PASSWORD)),
    notice(
        "old-secret-removed",
        "Removes a secret that Cognito does not use, or no longer by then: apps are not affected.",
        deletes(PASSWORD, "Cognito has another, or gets one", unless(_in_use)),
    ),
    irreversible(
        "service-principal-replaced",
        "Replaces the enterprise application: assignments, consent and Conditional Access that were made for"
        " it by hand are gone.",
        replaces(PRINCIPAL),
        instead="Write down what was made by hand, and make it again afterwards.",
    ),
    irreversible(
        "removes-service-principal",
        "Deletes the enterprise application: nobody can sign in, and assignments, consent and Conditional"
        " Access that were made for it by hand are gone.",
        deletes(PRINCIPAL),
        instead="To stop sign-in for a while, disable it in the Entra admin center.",
    ),
    outage(
        "assignment-newly-required",
        "Only people who are assigned can sign in from now on: everybody else is refused (AADSTS50105).",
        becomes(PRINCIPAL, REQUIRED, value=True),
        instead="Check that those who should are in entra.assigned_users, assigned_groups or a role.",
    ),
    outage(
        "assignment-removed",
        "This person, or everybody in this group, can no longer sign in (AADSTS50105).",
        deletes(ASSIGNMENT, "an assignment is required, and it is their only one", _only_assignment),
        instead="Keep them in entra.assigned_users, assigned_groups or assigned_principals, if they should.",
    ),
    outage(
        "removes-consent",
        "Removes consent: people are asked for it at their next sign-in, or are told that they need an"
        " administrator (AADSTS65001, AADSTS90094).",
        deletes(GRANT),
        instead="Have an administrator consent at the output admin_consent_url right afterwards.",
    ),
    outage(
        "consent-narrowed",
        "Consent to these permissions is withdrawn: where Cognito asks for one of them, people are asked for"
        " consent, or are told that they need an administrator.",
        removes(GRANT, "claim_values.*"),
        instead="Keep in entra.permissions what sign-in asks for: openid, profile, email.",
    ),
    notice(
        "consent-replaced",
        "Consent is withdrawn and granted anew: whoever signs in at that moment is asked for it.",
        replaces(GRANT),
    ),
    notice(
        "consent-granted",
        "Consents for everybody in the tenant: nobody is asked.",
        creates(GRANT),
        adds(GRANT, "claim_values.*"),
        instead="Check that an administrator of the tenant agrees.",
    ),
    notice(
        "open-to-everybody",
        "Everybody in the tenant can sign in, guests included, assigned or not.",
        becomes(PRINCIPAL, REQUIRED, value=False),
        instead="Keep entra.assignment_required = true, if apps rely on it.",
    ),
    notice(
        "sign-in-enabled",
        "Somebody has disabled sign-in at the enterprise application: this lets people in again.",
        becomes(PRINCIPAL, "account_enabled", value=True),
        instead="Ask who disabled it, and why, before deploying.",
    ),
    notice(
        "assignment-added",
        "Assigns a person or a group: they can sign in where an assignment is required.",
        creates(ASSIGNMENT),
    ),
    notice(
        "assignment-replaced",
        "Makes an assignment anew: where one is required, its people are refused in between.",
        replaces(ASSIGNMENT),
    ),
    notice(
        "assignment-dropped",
        "Removes an assignment that does not decide who can sign in: none is required, or there is another.",
        deletes(ASSIGNMENT, "no assignment is required, or there is another", unless(_only_assignment)),
    ),
    irreversible(
        "role-removed",
        "These app roles are gone, and with them every assignment to them, those that were made by hand and"
        " in customers' tenants included: from each person's next sign-in on, apps no longer let them do what"
        " the role was for.",
        updates(APPLICATION, "app_role", "a role removed", _roles_removed),
        instead="Keep the role in entra.app_roles until no app asks for it; to rename it in the portal only,"
        " change its display_name.",
    ),
    outage(
        "role-value-changed",
        "Entra ID says another word for these app roles: from each person's next sign-in on, apps that look"
        " for the former one turn them away.",
        updates(APPLICATION, "app_role", "another `value`", _role_values_changed),
        instead="Have the apps know both words first.",
    ),
    outage(
        "role-taken",
        "This person, or everybody in this group, no longer has this app role: from their next sign-in on,"
        " apps do not let them do what it is for.",
        deletes(ASSIGNMENT, "to an app role", _had_role),
        instead="Keep them in the role in entra.app_roles, if they should.",
    ),
    outage(
        "groups-claim-removed",
        "Entra ID no longer sends people's groups: apps that go by them turn new people away, and go on"
        " seeing the last groups of others, since Cognito keeps what it once wrote.",
        removes(APPLICATION, GROUPS),
        instead="Map a claim to the attribute that everybody has, or remove the mapping first.",
    ),
    outage(
        "groups-named-otherwise",
        "Entra ID tells groups by their names instead of their object ids, or the other way round: from each"
        " person's next sign-in on, apps that look for the former turn them away.",
        removes(APPLICATION, CLAIM_PROPERTIES),
        adds(APPLICATION, CLAIM_PROPERTIES),
        instead="Have the apps know both first.",
    ),
    notice(
        "role-given",
        "Gives an app role to a person or a group: from their next sign-in on, apps let them do what it is"
        " for.",
        creates(ASSIGNMENT, "to an app role", _gets_role),
        instead="Check that they should.",
    ),
    notice(
        "role-added",
        "The registration has these app roles too; nobody has one before it is assigned.",
        updates(APPLICATION, "app_role", "a role added", _roles_added),
    ),
    notice(
        "role-changed",
        "These app roles can be given, or used, otherwise.",
        updates(APPLICATION, "app_role", f"another {' or '.join(ROLE_PROPERTIES)}", _role_properties_changed),
    ),
    notice(
        "groups-claim-added",
        "Entra ID sends people's groups, too: from each person's next sign-in on.",
        adds(APPLICATION, GROUPS),
    ),
)
