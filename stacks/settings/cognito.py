"""The user pool and its attribute mapping: settings, rules and checks (its domains: domains.py)."""

import re
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings import facts
from stacks.settings.aws import RoleArn, admits
from stacks.settings.branding import BrandingSettings
from stacks.settings.checks import Settings, check
from stacks.settings.claims import only_on_demand
from stacks.settings.domains import CustomDomainSettings, DomainPrefix, Host
from stacks.settings.errors import Messages, at, did_you_mean, error, warning
from stacks.settings.tenants import ProviderName
from stacks.settings.types import (
    Claim,
    CognitoName,
    Matches,
    Table,
    Within,
    YesOrNo,
    between,
    refused,
    unique,
)

# CloudWatch Logs API reference, PutRetentionPolicy, retentionInDays; without a last day is no choice here.
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
# The last version of the AWS provider before it could make the branding of sign-in pages.
BEFORE_BRANDING = (5, 100, 0)
# Cognito developer guide, "Quotas in Amazon Cognito": custom attributes per user pool.
MOST_CUSTOM_ATTRIBUTES = 50


def _retention_days(value: int) -> int:
    if value not in RETENTION_DAYS:
        near = min(RETENTION_DAYS, key=lambda days: abs(days - value))
        raise refused("CloudWatch keeps logs for certain numbers of days only.", f"Write {near}.")
    return value


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
    elif value not in facts.STANDARD_ATTRIBUTES:
        close = get_close_matches(value, facts.STANDARD_ATTRIBUTES, n=1, cutoff=0.8)
        raise refused(
            "This is neither one of Cognito's standard attributes nor a custom one.",
            f'Did you mean "{close[0]}"?' if close else f'Write "custom:{value[:20]}" to make one.',
        )
    return value


MappedAttribute = Annotated[str, AfterValidator(_mapped_attribute)]
RetentionDays = Annotated[int, Field(strict=True), AfterValidator(_retention_days)]
# Cognito API reference, UserPoolIdType.
UserPoolId = Annotated[
    str,
    Matches(
        r"[a-z]{2}(-[a-z]+)+-\d_[0-9a-zA-Z]{1,38}",
        "This is not the id of a user pool.",
        'Write for instance "eu-central-1_aB3dE5fG7": Cognito console > User pools > User pool ID.',
    ),
]
# Cognito API reference, CreateIdentityProvider, IdpIdentifiers.
IdpIdentifier = Annotated[
    str,
    Matches(
        r"[\w\s+=.@-]{1,40}",
        "An identifier has 1 to 40 letters (a to z), digits, spaces and the characters _ + = . @ -",
        'Write for instance an e-mail domain, "contoso.com".',
    ),
]


class CognitoSettings(Table):
    """The user pool in Amazon Cognito."""

    domain_prefix: DomainPrefix | None = Field(default=None, examples=["contoso-signin"])
    """The first part of the sign-in domain, `<prefix>.auth.<region>.amazoncognito.com`; left out, there has
    to be a custom_domain or existing_domain. Nobody else in the region may have it, and the words aws, amazon
    and cognito are Amazon's."""
    custom_domain: CustomDomainSettings | None = None
    """A sign-in domain of your own, instead of domain_prefix or besides it."""
    user_pool_id: UserPoolId | None = Field(default=None, examples=["eu-central-1_aB3dE5fG7"])
    """The id of a user pool that exists and belongs to somebody else; left out, the stack makes one. The
    stack adds to it and never changes it, and checks with every plan that the attribute mapping fits it."""
    existing_domain: Host | None = Field(
        default=None, examples=["contoso-signin.auth.eu-central-1.amazoncognito.com"]
    )
    """The host of the sign-in domain that the pool of user_pool_id has already; left out, the stack makes its
    domain."""
    user_pool_name: CognitoName | None = Field(default=None, examples=["contoso"])
    """The user pool's name; left out, the stack's. Another name means another pool."""
    tier: facts.Tier = facts.Tier.ESSENTIALS
    """The feature plan, which decides what Cognito costs and can do."""
    deletion_protection: YesOrNo = True
    """Refuse to delete the user pool and everybody in it. Write false and deploy before taking the stack
    away."""
    local_accounts: YesOrNo = False
    """true is refused, because it would let people write the ids of others: users with a password in Cognito
    have an app client of their own, with local_accounts = true there."""
    provider_name: ProviderName = Field(default="entra", examples=["entra"])
    """What Cognito calls Entra ID; users are named `<provider>_<sub>`, so another name gives every user
    another name."""
    idp_identifiers: Annotated[list[IdpIdentifier], unique, between(0, 50, "identifiers", "Cognito")] = Field(
        default=[], examples=[["contoso.com"]]
    )
    """Further names under which apps may ask for Entra ID, such as e-mail domains."""
    attribute_mapping: dict[MappedAttribute, Claim] = Field(
        default={"email": "email", "family_name": "family_name", "given_name": "given_name"},
        examples=[{"email": "email"}],
    )
    """Attributes in Cognito, and the claim each one takes at every sign-in. Custom attributes (`custom:name`)
    are made by the stack. It always adds username (`sub`), custom:entra_oid (`oid`) and custom:entra_tid
    (`tid`)."""
    managed_login_version: Annotated[int, Within(1, 2)] = 1
    """1 for the classic sign-in pages, 2 for those with a branding, which the LITE tier does not have."""
    branding: BrandingSettings | None = None
    """How the sign-in pages of version 2 look; left out, they look as Cognito designed them."""
    groups_from: facts.GroupsFrom | None = Field(default=None, examples=["roles"])
    """What of people to put into the claim `cognito:groups` of Cognito's tokens, where AWS services and
    libraries look for it, their app roles or their groups; left out, nothing. The stack adds a Lambda
    function that does it whenever tokens are made; the LITE tier cannot."""
    groups_role_arn: RoleArn | None = Field(
        default=None, examples=["arn:aws:iam::123456789012:role/groups-in-tokens"]
    )
    """The ARN of an existing role for the function of groups_from, which may write its logs; left out, the
    stack makes one."""
    log_retention_days: RetentionDays = 30
    """For how many days the logs of the function of groups_from are kept: one of the numbers that CloudWatch
    Logs knows, such as 1, 7, 30, 90 or 365."""


@check
def _managed_login_tier(s: Settings) -> Messages:
    """Developer guide, "User pool feature plans": managed login comes with Essentials."""
    if s.cognito.tier is facts.Tier.LITE and s.cognito.managed_login_version != 1:
        yield error(
            at.cognito.managed_login_version,
            "The LITE tier has the first version of the sign-in pages only.",
            'Write managed_login_version = 1, or tier = "ESSENTIALS".',
        )


@check
def _managed_login_provider(s: Settings) -> Messages:
    """The pages of version 2 need a branding, which the AWS provider can make from 6.0 on."""
    constraint = s.terraform.aws_provider_version
    if s.cognito.managed_login_version != 1 and admits(constraint, BEFORE_BRANDING):
        yield warning(
            at.terraform.aws_provider_version,
            "The sign-in pages of version 2 need a branding, which the AWS provider makes from 6.0.0 on, and"
            " this constraint lets older ones in.",
            'Write ">= 6.0.0, < 7.0.0", or managed_login_version = 1.',
        )


@check
def _own_mapping_untouched(s: Settings) -> Messages:
    """Developer guide, "Specifying identity provider attribute mappings": `username` is mapped to `sub`."""
    because = {
        "username": "The name of a federated user in Cognito comes from `sub` and nothing else.",
        "custom:entra_oid": "The stack keeps the person's object id here, for telling people apart.",
        "custom:entra_tid": "The stack keeps the person's tenant here, for telling people apart.",
    }
    stated, source, for_groups = s.cognito.attribute_mapping, s.cognito.groups_from, s.groups_attribute
    of_groups = {for_groups: source.value} if for_groups and source else {}
    for attribute, own in {**facts.OWN_ATTRIBUTE_MAPPING, **of_groups}.items():
        if stated.get(attribute, own) != own:
            yield error(
                at.cognito.attribute_mapping[attribute],
                because.get(attribute, "The stack keeps here what groups_from is about."),
                "Remove the line: the stack adds it.",
            )


@check
def _number_of_custom_attributes(s: Settings) -> Messages:
    count = len([name for name in s.full_attribute_mapping if name.startswith("custom:")])
    if count > MOST_CUSTOM_ATTRIBUTES:
        yield error(
            at.cognito.attribute_mapping,
            f"These are {count} custom attributes with those of the stack's own; a user pool takes"
            f" {MOST_CUSTOM_ATTRIBUTES}.",
            "Remove some.",
        )


@check
def _mapped_claims_are_sent(s: Settings) -> Messages:
    """Microsoft learn, "Optional claims reference" and "ID token claims reference"."""
    entra = s.entra
    asked_for = {*map(facts.in_token, entra.optional_claims), *entra.policy_claims}
    roles, groups = entra.app_roles, entra.groups_claim
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
        elif claim in facts.OPTIONAL_CLAIMS and claim not in asked_for:
            yield error(
                key,
                "Entra ID sends this claim only where the registration asks for it.",
                f'Add "{claim}" to optional_claims in [entra], or remove the line.',
            )
        elif claim not in {"email_verified", *facts.BUILT_IN_CLAIMS, *asked_for}:
            unknown = (
                "Microsoft's references know no such claim; where it is absent, the attribute stays empty."
            )
            known = sorted({*facts.BUILT_IN_CLAIMS, *facts.OPTIONAL_CLAIMS})
            yield warning(key, *(only_on_demand(claim) or (unknown, did_you_mean(claim, known))))


@check
def _unverified(s: Settings) -> Messages:
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
