"""Roles and groups that become attributes of a user, and what people keep of them. Checks.

Two facts are behind most of them. Entra ID leaves out a claim that would be empty, and Cognito then keeps
what the attribute held before (developer guide, "Specifying identity provider attribute mappings": a claim
that is gone changes nothing). So somebody whose last role was taken away, and who can still sign in, keeps
it. And an attribute has 2,048 characters, beyond which the sign-in fails.
"""

from collections.abc import Iterator
from urllib.parse import quote_plus

from stacks.settings import facts
from stacks.settings.access import assigned_groups
from stacks.settings.checks import Settings, check
from stacks.settings.errors import Key, Messages, at, error, warning

GUID_LENGTH = 36


@check
def _groups_in_tokens(s: Settings) -> Messages:
    """Developer guide, "Pre token generation Lambda trigger": event version 2 comes with Essentials."""
    source, entra = s.cognito.groups_from, s.entra
    if source is None:
        if s.cognito.groups_role_arn is not None and s.cognito.user_pool_id is None:
            yield error(
                at.cognito.groups_role_arn,
                "Without groups_from there is no function that could have this role.",
                'Add groups_from = "roles", or remove the line.',
            )
        return
    if s.cognito.tier is facts.Tier.LITE:
        yield error(
            at.cognito.groups_from,
            "The function that does it can change access tokens from the ESSENTIALS tier on.",
            'Write tier = "ESSENTIALS", or remove the line.',
        )
    if source is facts.GroupsFrom.ROLES and not entra.app_roles and entra.registration is None:
        yield error(
            at.cognito.groups_from,
            "The registration has no app roles.",
            'Add for instance:\n[entra.app_roles.admin]\ngroups = ["Portal administrators"]',
        )
    if source is facts.GroupsFrom.GROUPS and entra.groups_claim is None and entra.registration is None:
        yield error(
            at.cognito.groups_from,
            "Entra ID sends no groups unless it is told to.",
            'Add groups_claim = "ids" to [entra], or remove the line.',
        )


@check
def _roles_that_were_taken_away(s: Settings) -> Messages:
    """See above: whoever can sign in has to have one, so that the attribute is written at every sign-in."""
    for key, claim in _authorizing(s):
        if claim not in {"roles", "groups"} or not _is_sent(s, claim):
            continue
        kept = (
            f"Entra ID leaves `{claim}` out for people who have none, and Cognito then keeps the last ones:"
            " somebody whose last one is taken away"
        )
        if s.entra.registration is not None:
            yield warning(
                key,
                f"{kept} has it until they get another.",
                "Have the registration's owner require an assignment, and give everybody one.",
            )
        elif s.entra.home_accounts and not _everybody_has_one(s, claim):
            everybody = (
                'a role for all others, such as:\n[entra.app_roles.user]\ngroups = ["App users"]'
                if claim == "roles"
                else "everybody by a group: no assigned_users, and no people among a role's."
            )
            yield error(
                key,
                f"{kept} would have it for ever.",
                "Let only those sign in who have one: assignment_required = true in [entra], and"
                f" {everybody}",
            )
        elif s.tenants:
            yield warning(
                key,
                f"Who has which of the `{claim}` in a customer's tenant, and whether everybody needs one, is"
                " decided there: an app that does not look at the tenant takes their administrators for"
                " yours, and somebody whose last one is taken away may keep it.",
                'Have apps read the attribute together with "custom:entra_tid" (in cognito:groups it is'
                ' "fabrikam:admin"), and each customer\'s administrator require an assignment.',
            )


@check
def _roles_named_like_those_of_customers(s: Settings) -> Messages:
    """In `cognito:groups` a customer's roles have its provider's name and a colon before them."""
    if s.cognito.groups_from is None:
        return
    for role_key, role in s.entra.app_roles.items():
        value = role.value or role_key
        for key, tenant in s.tenants.items():
            if value.startswith(f"{tenant.provider_name or key}:"):
                yield error(
                    at.entra.app_roles[role_key].value,
                    f"In cognito:groups this is how the roles that [tenants.{key}] assigns begin: its"
                    " administrators could give this one to their people.",
                    "Write another value.",
                    value=value,
                )


@check
def _all_fit_into_an_attribute(s: Settings) -> Messages:
    """Developer guide, "Specifying identity provider attribute mappings": several values are one text."""
    groups = assigned_groups(s)
    by_name = s.entra.groups_claim is facts.GroupsClaim.NAMES
    sizes = {
        "roles": [_size(role.value or key) for key, role in s.entra.app_roles.items()],
        "groups": [_size(name) if by_name else GUID_LENGTH for name in groups if s.entra.groups_claim],
    }
    for key, claim in _authorizing(s):
        needed = sum(size + 1 for size in sizes.get(claim, [])) + 1
        if needed > facts.LONGEST_ATTRIBUTE:
            yield error(
                key,
                f"Somebody who has all {len(sizes[claim])} of the `{claim}` could not sign in: together they"
                f" need {needed} characters, and an attribute has {facts.LONGEST_ATTRIBUTE}.",
                "Have fewer, or shorter ones.",
            )


def _authorizing(s: Settings) -> Iterator[tuple[Key, str]]:
    """Where a claim that says what a person may do becomes an attribute, and the claim."""
    mapping, source = s.cognito.attribute_mapping, s.cognito.groups_from
    if source is not None and source not in mapping.values():
        yield at.cognito.groups_from, source.value
    for attribute, claim in mapping.items():
        if claim in facts.AUTHORIZATION_CLAIMS:
            yield at.cognito.attribute_mapping[attribute], claim


def _is_sent(s: Settings, claim: str) -> bool:
    """Whether Entra ID can send the claim at all; where it cannot, another check says so."""
    asked_for = s.entra.app_roles if claim == "roles" else s.entra.groups_claim
    return s.entra.registration is not None or bool(asked_for)


def _everybody_has_one(s: Settings, claim: str) -> bool:
    """Whether nobody can sign in without one of the roles, or of the groups."""
    entra = s.entra
    if not entra.assignment_required:
        return False
    if claim == "groups":
        return not (entra.assigned_users or any(role.users for role in entra.app_roles.values()))
    return not (entra.assigned_users or entra.assigned_groups or entra.assigned_principals)


def _size(value: str) -> int:
    """How long a value is among several in one attribute."""
    return len(quote_plus(value, safe="*"))
