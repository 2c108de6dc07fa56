"""The attribute mapping, from claims of Microsoft to attributes in Cognito: rules and checks."""

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from stacks.settings.checks import Checks
from stacks.settings.errors import Messages, at, did_you_mean, error, warning
from stacks.settings.facts import (
    BUILT_IN_CLAIMS,
    OPTIONAL_CLAIMS,
    OWN_ATTRIBUTE_MAPPING,
    STANDARD_ATTRIBUTES,
    attribute_for_groups,
)
from stacks.settings.types import refused

if TYPE_CHECKING:
    from stacks.settings import Settings

# Cognito developer guide, "Quotas in Amazon Cognito": custom attributes per user pool.
MOST_CUSTOM_ATTRIBUTES = 50

check = Checks()


def _mapped_attribute(value: str) -> str:
    """A user pool attribute to write (developer guide, "Working with user attributes")."""
    if value == "sub":
        raise refused(
            "Cognito makes `sub` itself, another one for each user.",
            'Remove the line: Microsoft\'s ids are kept as "custom:entra_oid" and "custom:entra_tid".',
        )
    if value.startswith("custom:"):
        if not re.fullmatch(r"custom:[\w.-]{1,20}", value, re.ASCII):
            raise refused(
                "The name of a custom attribute has 1 to 20 letters (a to z), digits, underscores, dots and"
                " hyphens after `custom:`.",
                'Write for instance "custom:department".',
            )
    elif value not in STANDARD_ATTRIBUTES:
        close = get_close_matches(value, STANDARD_ATTRIBUTES, n=1, cutoff=0.8)
        raise refused(
            "This is neither one of Cognito's standard attributes nor a custom one.",
            f'Did you mean "{close[0]}"?' if close else f'Write "custom:{value[:20]}" to make one.',
        )
    return value


MappedAttribute = Annotated[str, AfterValidator(_mapped_attribute)]


@check
def _own_mapping_untouched(s: "Settings") -> Messages:
    """Developer guide, "Specifying identity provider attribute mappings": `username` is mapped to `sub`."""
    because = {
        "username": "The name of a federated user in Cognito comes from `sub` and nothing else.",
        "custom:entra_oid": "The stack keeps the person's object id here, for telling people apart.",
        "custom:entra_tid": "The stack keeps the person's tenant here, for telling people apart.",
    }
    for attribute, own in _mapped_by_the_stack(s).items():
        if s.cognito.attribute_mapping.get(attribute, own) != own:
            yield error(
                at.cognito.attribute_mapping[attribute],
                because.get(attribute, "The stack keeps here what groups_from is about."),
                "Remove the line: the stack adds it.",
            )


@check
def _number_of_custom_attributes(s: "Settings") -> Messages:
    names = {**s.cognito.attribute_mapping, **_mapped_by_the_stack(s)}
    count = len([name for name in names if name.startswith("custom:")])
    if count > MOST_CUSTOM_ATTRIBUTES:
        yield error(
            at.cognito.attribute_mapping,
            f"These are {count} custom attributes with those of the stack's own; a user pool takes"
            f" {MOST_CUSTOM_ATTRIBUTES}.",
            "Remove some.",
        )


def _mapped_by_the_stack(s: "Settings") -> dict[str, str]:
    source = s.cognito.groups_from
    if source is None or source in s.cognito.attribute_mapping.values():
        return OWN_ATTRIBUTE_MAPPING
    return {**OWN_ATTRIBUTE_MAPPING, attribute_for_groups(source): source.value}


@check
def _mapped_claims_are_sent(s: "Settings") -> Messages:
    """Microsoft learn, "Optional claims reference" and "ID token claims reference"."""
    entra = s.entra
    asked_for, roles, groups = entra.optional_claims, entra.app_roles, entra.groups_claim
    own_registration = entra.registration is None
    for attribute, claim in s.cognito.attribute_mapping.items():
        key = at.cognito.attribute_mapping[attribute]
        if claim == "groups":
            if groups is None and own_registration:
                yield error(
                    key,
                    "Entra ID sends no groups unless it is told to.",
                    'Add groups_claim = "ids" to [entra], or remove the line.',
                )
        elif claim == "roles":
            if not roles and own_registration:
                yield error(
                    key,
                    "The registration has no app roles, so the attribute would stay empty.",
                    "Add for instance [entra.app_roles.admin], or remove the line.",
                )
        elif claim in OPTIONAL_CLAIMS and claim not in asked_for:
            yield error(
                key,
                "Entra ID sends this claim only where the registration asks for it.",
                f'Add "{claim}" to optional_claims in [entra], or remove the line.',
            )
        elif claim not in {"email_verified", *BUILT_IN_CLAIMS, *asked_for}:
            yield warning(
                key,
                "Microsoft's references know no such claim; where it is absent, the attribute stays empty.",
                did_you_mean(claim, sorted({*BUILT_IN_CLAIMS, *OPTIONAL_CLAIMS})),
            )


@check
def _unverified(s: "Settings") -> Messages:
    """Microsoft learn, "Migrate away from using email claims for authorization"; "UserInfo endpoint"."""
    for attribute, claim in s.cognito.attribute_mapping.items():
        key = at.cognito.attribute_mapping[attribute]
        if attribute in {"email_verified", "phone_number_verified"} or claim == "email_verified":
            yield warning(
                key,
                "Entra ID does not say whether an address or number is verified, so it stays unverified in"
                " Cognito.",
                'Remove the line, and tell people apart by "custom:entra_oid".',
            )
        elif attribute == "email" and claim in {"preferred_username", "upn"}:
            yield warning(
                key,
                "This is the name a person signs in with: it looks like an e-mail address, may be no mailbox,"
                " and changes.",
                'Write email = "email".',
            )
