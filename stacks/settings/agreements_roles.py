"""Rules about roles and groups that become attributes of a user, and about who could change them there.

Two facts are behind most of them. Entra ID leaves out a claim that would be empty, and Cognito then keeps
what the attribute held before (developer guide, "Specifying identity provider attribute mappings": a claim
that is gone changes nothing). So somebody whose last role was taken away, and who can still sign in, keeps
it. And an attribute has 2,048 characters, beyond which the sign-in fails.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus

from stacks.settings.agreements_access import Access, assigned_groups
from stacks.settings.findings import Finding, Key, Rulebook, error, warning
from stacks.settings.tables_entra import TenantSettings
from stacks.settings.vocabulary import (
    AUTHORIZATION_CLAIMS,
    GroupsClaim,
    GroupsFrom,
    Tier,
    attribute_for_groups,
)

RULES = Rulebook()

LONGEST_ATTRIBUTE = 2048
GUID_LENGTH = 36


@RULES.reads("cognito.groups_from", Access, "cognito.tier", "cognito.local_accounts")
def _groups_in_tokens(
    source: GroupsFrom | None,
    entra: Access,
    tier: Tier,
    local_accounts: bool,  # noqa: FBT001
) -> Iterator[Finding]:
    """Developer guide, "Pre token generation Lambda trigger": event version 2 comes with Essentials."""
    if source is None:
        return
    key = ("cognito", "groups_from")
    if tier is Tier.LITE:
        yield error(
            *key,
            value=source,
            sentence="The function that does it can change access tokens from the ESSENTIALS tier on.",
            instead='Write tier = "ESSENTIALS", or remove the line.',
        )
    if source is GroupsFrom.ROLES and not entra.app_roles and entra.registration is None:
        yield error(
            *key,
            value=source,
            sentence="The registration has no app roles.",
            instead='Add for instance:\n[entra.app_roles.admin]\ngroups = ["Portal administrators"]',
        )
    if source is GroupsFrom.GROUPS and entra.groups_claim is None and entra.registration is None:
        yield error(
            *key,
            value=source,
            sentence="Entra ID sends no groups unless it is told to.",
            instead='Add groups_claim = "ids" to [entra], or remove the line.',
        )
    if local_accounts:
        yield error(
            *key,
            value=source,
            sentence="Somebody with a password in Cognito can change their own attributes, and so give"
            " themselves any role.",
            instead="Write local_accounts = false in [cognito].",
        )


@RULES.reads("cognito.attribute_mapping", "cognito.groups_from", Access, "tenants")
def _roles_that_were_taken_away(
    mapping: Mapping[str, str],
    source: GroupsFrom | None,
    entra: Access,
    tenants: Mapping[str, TenantSettings],
) -> Iterator[Finding]:
    """See above: whoever can sign in has to have one, so that the attribute is written at every sign-in."""
    for key, claim in _authorizing(mapping, source):
        if claim not in {"roles", "groups"} or not _is_sent(entra, claim):
            continue
        if entra.registration is not None:
            yield warning(
                *key,
                value=claim,
                sentence=f"Entra ID leaves `{claim}` out for people who have none, and Cognito then keeps the"
                " last ones: somebody whose last one is taken away has it until they get another.",
                instead="Have the registration's owner require an assignment, and give everybody one.",
            )
        elif entra.home_accounts and not _everybody_has_one(entra, claim):
            everybody = (
                'a role for all others, such as:\n[entra.app_roles.user]\ngroups = ["App users"]'
                if claim == "roles"
                else "everybody by a group: no assigned_users, and no people among a role's."
            )
            yield error(
                *key,
                value=claim,
                sentence=f"Entra ID leaves `{claim}` out for people who have none, and Cognito then keeps the"
                " last ones: somebody whose last one is taken away would have it for ever.",
                instead="Let only those sign in who have one: assignment_required = true in [entra], and"
                f" {everybody}",
            )
        elif tenants:
            yield warning(
                *key,
                value=claim,
                sentence=f"Who has which of the `{claim}` in a customer's tenant, and whether everybody needs"
                " one, is decided there: an app that does not look at the tenant takes their administrators"
                " for yours, and somebody whose last one is taken away may keep it.",
                instead='Have apps read it together with "custom:entra_tid", and each customer\'s'
                " administrator require an assignment.",
            )


@RULES.reads("cognito.attribute_mapping", "cognito.groups_from", Access)
def _all_fit_into_an_attribute(
    mapping: Mapping[str, str], source: GroupsFrom | None, entra: Access
) -> Iterator[Finding]:
    """Developer guide, "Specifying identity provider attribute mappings": several values are one text."""
    sizes = {"roles": [len(quote_plus(role.value or key, safe="*")) for key, role in entra.app_roles.items()]}
    groups = assigned_groups(entra)
    if entra.groups_claim is GroupsClaim.IDS:
        sizes["groups"] = [GUID_LENGTH] * len(groups)
    elif entra.groups_claim is GroupsClaim.NAMES:
        sizes["groups"] = [len(quote_plus(name, safe="*")) for name in groups]
    for key, claim in _authorizing(mapping, source):
        needed = sum(size + 1 for size in sizes.get(claim, [])) + 1
        if needed > LONGEST_ATTRIBUTE:
            yield error(
                *key,
                value=claim,
                sentence=f"Somebody who has all {len(sizes[claim])} of the `{claim}` could not sign in:"
                f" together they need {needed} characters, and an attribute has {LONGEST_ATTRIBUTE}.",
                instead="Have fewer, or shorter ones.",
            )


@RULES.reads("clients.*.scopes", "cognito.attribute_mapping", "cognito.groups_from")
def _self_service_scope(
    scopes: list[str], mapping: Mapping[str, str], source: GroupsFrom | None
) -> Iterator[Finding]:
    """API reference, CreateUserPoolClient, WriteAttributes; developer guide, "Authorize endpoint"."""
    scope = "aws.cognito.signin.user.admin"
    if scope not in scopes:
        return
    key: Key = ("clients", "*", "scopes", scopes.index(scope))
    attributes = [name for name, claim in mapping.items() if claim in AUTHORIZATION_CLAIMS]
    if source is not None and source not in mapping.values():
        attributes.append(attribute_for_groups(source))
    if attributes:
        yield error(
            *key,
            value=scope,
            sentence="With this scope people can change their own attributes, among them"
            f" {', '.join(attributes)}: what they may do.",
            instead="Remove the scope, or the mapping.",
        )
    else:
        yield warning(
            *key,
            value=scope,
            sentence="With this scope people can change their own attributes, until Entra ID sets them again"
            " at the next sign-in.",
            instead="Remove it unless the app uses Cognito's self-service operations.",
        )


@RULES.reads("cognito.attribute_mapping", "cognito.local_accounts")
def _roles_of_local_accounts(mapping: Mapping[str, str], local_accounts: bool) -> Iterator[Finding]:  # noqa: FBT001
    """Developer guide, "Authentication with the user pools API": its tokens let people change attributes."""
    if not local_accounts:
        return
    for key, claim in _authorizing(mapping, None):
        yield error(
            *key,
            value=claim,
            sentence="Somebody with a password in Cognito can change their own attributes, and so give"
            " themselves what this one is for.",
            instead="Remove the line, or write local_accounts = false.",
        )


def _authorizing(mapping: Mapping[str, str], source: GroupsFrom | None) -> Iterator[tuple[Key, str]]:
    """Where a claim that says what a person may do becomes an attribute, and the claim."""
    if source is not None and source not in mapping.values():
        yield ("cognito", "groups_from"), source.value
    for attribute, claim in mapping.items():
        if claim in AUTHORIZATION_CLAIMS:
            yield ("cognito", "attribute_mapping", attribute), claim


def _is_sent(entra: Access, claim: str) -> bool:
    """Whether the claim can arrive at all; where it cannot, another rule says so."""
    asked_for = entra.app_roles if claim == "roles" else entra.groups_claim
    return entra.registration is not None or bool(asked_for)


def _everybody_has_one(entra: Access, claim: str) -> bool:
    """Whether nobody can sign in without one of the roles, or of the groups."""
    if not entra.assignment_required:
        return False
    if claim == "groups":
        people = [*entra.assigned_users, *(user for role in entra.app_roles.values() for user in role.users)]
        return not people
    return not (entra.assigned_users or entra.assigned_groups or entra.assigned_principals)
