"""The sign-in domain, of Cognito's own or a custom one: settings, rules and checks."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.clouds import PREFIX_DOMAINS
from stacks.settings.aws import is_govcloud
from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.types import ACCOUNT_ID, REGION, Matches, Table, editor_pattern, refused

DOMAIN_PREFIX = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
RESERVED_WORDS = ("aws", "amazon", "cognito")
HOST = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
HOST_LENGTH = 63


def _domain_prefix(value: str) -> str:
    """The prefix of a Cognito domain (developer guide, "Using the Amazon Cognito prefix domain")."""
    if "." in value:
        raise refused(
            "This is a whole host; only the part that is yours is set here, and the region's"
            " `.auth.<region>.amazoncognito.com` follows it.",
            f'Write for instance "{_prefix_like(value.removeprefix("https://").split(".")[0])}".',
        )
    if not re.fullmatch(DOMAIN_PREFIX, value):
        raise refused(
            "A domain prefix has 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last.",
            f'Write for instance "{_prefix_like(value)}".',
        )
    for word in value.split("-"):
        if word in RESERVED_WORDS:
            raise refused(
                f'Cognito answers "Domain cannot contain reserved word: {word}".',
                "Leave out " + ", ".join(f'"{reserved}"' for reserved in RESERVED_WORDS) + ".",
            )
    return value


def _prefix_like(value: str) -> str:
    """A legal prefix that resembles what was written."""
    words = re.sub(r"[^a-z0-9]+", "-", value.lower())[:63].strip("-").split("-")
    return "-".join(word for word in words if word not in RESERVED_WORDS) or "contoso-signin"


def _host(value: str) -> str:
    """A domain of one's own (developer guide, "Using your own domain for managed login")."""
    if "/" in value or ":" in value:
        raise refused(
            "Only the host is set here, without https:// and what follows it.",
            'Write for instance "auth.contoso.com".',
        )
    if value != value.lower():
        raise refused("A host is written in lower case here.", f'Write "{value.lower()}".')
    if not re.fullmatch(HOST, value):
        raise refused("This is not the name of a host.", 'Write for instance "auth.contoso.com".')
    return value


def _own_host(value: str) -> str:
    """The host of a custom domain that is to be made (same source): no longer than a DNS label."""
    if len(value) > HOST_LENGTH:
        raise refused(
            f"The host is {len(value)} characters long; Cognito takes {HOST_LENGTH}.", "Shorten it."
        )
    if value.endswith(PREFIX_DOMAINS):
        raise refused(
            "This host is Amazon's own.", "Write the first part of it as domain_prefix in [cognito] instead."
        )
    if value.count(".") == 1:
        raise refused(
            "Cognito needs a host below a domain that has an address itself.",
            f'Write for instance "auth.{value}".',
        )
    return value


def _in_us_east_1(arn: str) -> str:
    """The certificate of a custom domain (same source): CloudFront, which serves it, reads us-east-1 only."""
    region = arn.split(":")[3]
    if region != "us-east-1":
        raise refused(
            f"The certificate is in {region}; that of a Cognito domain has to be in us-east-1, wherever the"
            " user pool is.",
            "Request it in us-east-1, and write that one's ARN.",
        )
    return arn


DomainPrefix = Annotated[str, AfterValidator(_domain_prefix), editor_pattern(DOMAIN_PREFIX)]
Host = Annotated[str, AfterValidator(_host), editor_pattern(HOST)]
OwnHost = Annotated[Host, AfterValidator(_own_host)]
Certificate = Annotated[
    str,
    Matches(
        rf"arn:aws:acm:{REGION}:{ACCOUNT_ID}:certificate/[\w-]+",
        "This is not the ARN of a certificate in AWS Certificate Manager.",
        'Write for instance "arn:aws:acm:us-east-1:123456789012:certificate/'
        '12345678-90ab-4cde-8f01-234567890abc".',
    ),
    AfterValidator(_in_us_east_1),
]
# Route 53 API reference, GetHostedZone, Id.
HostedZone = Annotated[
    str,
    Matches(
        r"(/hostedzone/)?Z[0-9A-Z]{1,31}",
        "This is not the id of a hosted zone in Route 53.",
        'Write for instance "Z0123456789ABCDEFGHIJ".',
    ),
    AfterValidator(lambda value: value.removeprefix("/hostedzone/")),
]


class CustomDomainSettings(Table):
    """A sign-in domain of one's own, instead of domain_prefix or besides it.

    Its parent domain needs an A record, of any address.
    """

    host: OwnHost = Field(examples=["auth.contoso.com"])
    """The host, below a domain of yours."""
    certificate_arn: Certificate = Field(
        examples=["arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"]
    )
    """The certificate for it in AWS Certificate Manager: in us-east-1, wherever the pool is."""
    hosted_zone_id: HostedZone | None = Field(default=None, examples=["Z0123456789ABCDEFGHIJ"])
    """The Route 53 zone in which the stack makes the host's records; left out, make an alias to the output
    `custom_domain_target` wherever your DNS is."""


@check
def _no_reserved_word_inside(s: Settings) -> Messages:
    """The Cognito console refuses the words anywhere; the service, as observed, only as a word by itself."""
    prefix = s.cognito.domain_prefix or ""
    for word in RESERVED_WORDS:
        if word in prefix and word not in prefix.split("-"):
            yield warning(
                at.cognito.domain_prefix,
                f'Amazon documents that a prefix may not contain "{word}", and may refuse this one.',
                "Choose a prefix without it.",
            )


@check
def _some_domain(s: Settings) -> Messages:
    """Developer guide, "User pool sign-in with third party identity providers": it needs a domain."""
    pool_id, cognito = s.cognito.user_pool_id, s.cognito
    if not (cognito.domain_prefix or cognito.custom_domain or cognito.existing_domain):
        what = (
            "the host of the domain that the pool has, as existing_domain"
            if pool_id
            else 'for instance domain_prefix = "contoso-signin"'
        )
        yield error(
            at.cognito.domain_prefix,
            "There is no sign-in domain, and without one nobody can sign in with Microsoft.",
            f"Add to [cognito] {what}.",
        )


@check
def _one_domain_of_each_kind(s: Settings) -> Messages:
    """Developer guide, "Configuring a user pool domain": a pool has one prefix domain and one of its own."""
    existing, prefix, custom = s.cognito.existing_domain, s.cognito.domain_prefix, s.cognito.custom_domain
    if existing is None:
        return
    if existing.endswith(PREFIX_DOMAINS) and prefix is not None:
        yield error(
            at.cognito.domain_prefix,
            f"The pool has a prefix domain already, {existing}, and can have one.",
            "Remove the line.",
        )
    if not existing.endswith(PREFIX_DOMAINS) and custom is not None:
        yield error(
            at.cognito.custom_domain.host,
            f"The pool has a custom domain already, {existing}, and can have one.",
            "Remove [cognito.custom_domain].",
        )


@check
def _no_custom_domain_in_govcloud(s: Settings) -> Messages:
    """AWS GovCloud (US) user guide, "Amazon Cognito": what differs there."""
    if s.cognito.custom_domain is not None and is_govcloud(s.aws.region):
        yield error(
            at.cognito.custom_domain.host,
            "Cognito has no custom domains in the GovCloud regions.",
            "Remove [cognito.custom_domain], and write domain_prefix.",
        )
