"""Where in AWS, where the state is, and with which providers: settings, rules and checks."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks import clouds
from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.facts import EntraCloud
from stacks.settings.types import (
    ACCOUNT_ID,
    REGION,
    Matches,
    Table,
    as_written,
    between,
    editor_pattern,
    refused,
    unique,
)

BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_KMS_KEY = r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})"
_VERSION = r" *(=|!=|>=|<=|>|<|~>)? *\d{1,9}(\.\d{1,9}){0,2}(-[0-9A-Za-z.-]+)? *"

STATE_KEY_BYTES = 1024
TAG_KEY_LENGTH = 128
TAG_VALUE_LENGTH = 256
TAG_CHARACTERS = r"[\w\s.:/=+@-]*"


def _region(value: str) -> str:
    """A region with Cognito user pools (AWS General Reference, "Amazon Cognito endpoints and quotas")."""
    partition = clouds.partition(value)
    if partition.name == "aws-cn":
        raise refused(
            "Amazon Cognito has no user pools in the AWS China regions.",
            "Choose a region outside aws-cn; people of Microsoft's China cloud can still sign in there, with"
            ' cloud = "china" in [entra].',
        )
    if partition.domain_label is None:
        raise refused(
            f"The region belongs to the partition {partition.name}, where the host of a user pool's prefix"
            " domain is not documented, so Microsoft could not be told where to send people back to.",
            "Choose a commercial or a us-gov region.",
        )
    if re.fullmatch(REGION + "[a-z]", value):
        raise refused("This is an availability zone.", f'Write its region, "{value[:-1]}".')
    return value


def _bucket(value: str) -> str:
    """The name of a bucket (Amazon S3 user guide, "General purpose bucket naming rules")."""
    wrong = (
        not re.fullmatch(BUCKET, value)
        or ".." in value
        or re.fullmatch(r"[\d.]+", value)
        or value.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        or value.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
    )
    if wrong:
        raise refused(
            "S3 has no bucket of this name: names have 3 to 63 lower-case letters, digits, hyphens and dots,"
            " and do not look like an IP address.",
            'Write the bucket\'s name alone, for instance "contoso-terraform-state".',
        )
    return value


def _state_key(value: str) -> str:
    """Where the state is in its bucket (Terraform, "Backend Type: s3")."""
    if not value or value.startswith("/") or value.endswith("/") or "//" in value:
        raise refused(
            "Terraform wants a path without a slash at its beginning or end, or two in a row.",
            'Write for instance "entra-cognito/prod.tfstate".',
        )
    if set("*?") & set(value):
        raise refused(
            "In the policy of who deploys, * and ? would let in every other state that they fit.",
            'Write for instance "entra-cognito/prod.tfstate".',
        )
    if len(value.encode()) > STATE_KEY_BYTES or not value.isprintable():
        raise refused(
            "S3 takes keys of at most 1024 bytes, and none that hides invisible characters.",
            'Write for instance "entra-cognito/prod.tfstate".',
        )
    return value


def _tag_key(value: str) -> str:
    """The key of a tag (AWS General Reference, "Tagging your AWS resources": naming limits)."""
    if value.lower().startswith("aws:"):
        raise refused("Tags that begin with `aws:` belong to AWS.", "Choose another key.")
    if not 1 <= len(value) <= TAG_KEY_LENGTH or not re.fullmatch(TAG_CHARACTERS, value):
        raise refused(
            "A tag's key has 1 to 128 letters, digits, spaces and the characters _ . : / = + - @",
            'Write for instance "cost-center".',
        )
    return value


def _tag_value(value: str) -> str:
    """The value of a tag (AWS General Reference, "Tagging your AWS resources": naming limits)."""
    if len(value) > TAG_VALUE_LENGTH or not re.fullmatch(TAG_CHARACTERS, value):
        raise refused(
            "A tag's value has at most 256 letters, digits, spaces and the characters _ . : / = + - @",
            "Leave out what is not among them.",
        )
    return value


IS_REGION = Matches(REGION, "This is not the name of an AWS region.", 'Write for instance "eu-central-1".')
# AWS Account Management reference, "View AWS account identifiers".
AccountId = Annotated[
    str,
    Matches(
        ACCOUNT_ID,
        "An AWS account id is 12 digits.",
        'Write them in quotes and without hyphens: account_id = "123456789012".',
    ),
]
# IAM API reference, CreateRole, PermissionsBoundary and Path.
BoundaryArn = Annotated[
    str,
    Matches(
        rf"arn:aws[a-z-]*:iam::({ACCOUNT_ID}|aws):policy/[\w+=,.@/-]{{1,256}}",
        "A permissions boundary is named by the ARN of a managed policy.",
        'Write for instance "arn:aws:iam::123456789012:policy/developer-boundary".',
    ),
]
RolePath = Annotated[
    str,
    Matches(
        r"/([\w+=,.@-]+/)*",
        "A path of IAM begins and ends with a slash.",
        'Write for instance "/identity/".',
    ),
]
# IAM API reference, Role, Arn.
RoleArn = Annotated[
    str,
    Matches(
        rf"arn:aws[a-z-]*:iam::{ACCOUNT_ID}:role/[\w+=,.@/-]{{1,576}}",
        "This is not the ARN of a role.",
        'Write for instance "arn:aws:iam::123456789012:role/groups-in-tokens".',
    ),
]
# Terraform, "Backend Type: s3", kms_key_id.
KmsKey = Annotated[
    str,
    Matches(
        rf"{_KMS_KEY}|arn:aws[a-z-]*:kms:{REGION}:{ACCOUNT_ID}:key/{_KMS_KEY}",
        "Terraform takes the id or the ARN of a KMS key, and no alias.",
        'Write for instance "arn:aws:kms:eu-central-1:123456789012:key/'
        '12345678-90ab-4cde-8f01-234567890abc".',
    ),
]
# Terraform language, "Version Constraints".
VersionConstraint = Annotated[
    str,
    Matches(
        rf"{_VERSION}(,{_VERSION})*",
        "This is not a version constraint as Terraform writes them.",
        'Write for instance ">= 5.100.0, < 7.0.0" or "~> 6.25".',
    ),
]
Tags = Annotated[
    dict[Annotated[str, AfterValidator(_tag_key)], Annotated[str, AfterValidator(_tag_value)]],
    between(0, 50, "tags", "AWS"),
]


class AwsSettings(Table):
    """Where in AWS everything is made."""

    region: Annotated[str, AfterValidator(_region), IS_REGION] = Field(examples=["eu-central-1"])
    """The AWS region of the user pool."""
    account_id: AccountId | None = Field(default=None, examples=["123456789012"])
    """The AWS account, so that a deploy with credentials of any other is refused; left out, it goes wherever
    the credentials lead."""
    permissions_boundary: BoundaryArn | None = Field(
        default=None, examples=["arn:aws:iam::123456789012:policy/developer-boundary"]
    )
    """The ARN of the policy that bounds every role that the stack makes, for accounts that demand one; left
    out, none does."""
    role_path: RolePath = Field(default="/", examples=["/identity/"])
    """The path of every role that the stack makes, for accounts that demand one. Another path is another
    role."""


class StateSettings(Table):
    """Where Terraform keeps its state, which holds the client secret: an S3 bucket."""

    bucket: Annotated[str, AfterValidator(_bucket), editor_pattern(BUCKET)] = Field(
        examples=["contoso-terraform-state"]
    )
    """The bucket's name."""
    key: Annotated[str, AfterValidator(_state_key), as_written] | None = Field(
        default=None, examples=["entra-cognito/prod.tfstate"]
    )
    """The path in the bucket; left out, "entra-cognito/<stack>.tfstate"."""
    region: Annotated[str, IS_REGION] | None = Field(default=None, examples=["eu-central-1"])
    """The bucket's region; left out, that of [aws]."""
    kms_key_id: KmsKey | None = Field(
        default=None,
        examples=["arn:aws:kms:eu-central-1:123456789012:key/12345678-90ab-4cde-8f01-234567890abc"],
    )
    """The id or ARN of the KMS key that encrypts the state; left out, the bucket's own encryption."""
    shared_with: Annotated[list[AccountId], unique] = Field(default=[], examples=[["123456789012"]])
    """Other AWS accounts that the bucket's policy may let in: with any further one, a deploy warns and
    `verify` has a finding."""


class TerraformSettings(Table):
    """Which versions of the Terraform providers to use."""

    aws_provider_version: VersionConstraint = Field(default="~> 6.25", examples=[">= 5.100.0, < 7.0.0"])
    """A version constraint for hashicorp/aws. Which version it is, the lock says: .terraform.lock.hcl in the
    stack's folder of cdktf.out."""
    azuread_provider_version: VersionConstraint = Field(default="~> 3.7", examples=[">= 3.7.0, < 4.0.0"])
    """A version constraint for hashicorp/azuread."""


@check
def _state_is_a_secret(s: Settings) -> Messages:
    """Terraform language, "Manage sensitive data": the state holds every value in clear."""
    if s.state is None and s.entra.authority is None:
        yield warning(
            at.state,
            "Without it the state is a file on this machine, which holds the client secret in clear and which"
            " nobody else can deploy with.",
            "Add [state] and name there an encrypted, versioned S3 bucket.",
        )


@check
def _region_and_cloud(s: Settings) -> Messages:
    """Microsoft learn, "National clouds"; AWS GovCloud (US) user guide, "What is AWS GovCloud (US)?"."""
    if s.entra.authority is not None:
        return
    cloud, govcloud = s.entra.cloud, is_govcloud(s.aws.region)
    if cloud is EntraCloud.CHINA and govcloud:
        yield error(
            at.entra.cloud,
            "GovCloud is for the United States, and Microsoft's China cloud is run in China, by another"
            " company: no rule of either allows for both.",
            "Choose a commercial AWS region for people of the China cloud.",
        )
    if cloud is EntraCloud.US_DEFENSE and not govcloud:
        yield error(
            at.entra.cloud,
            "The DoD cloud is for data that may not leave the government's own clouds, and this AWS region is"
            " a commercial one.",
            'Write a region such as "us-gov-west-1" in [aws], or cloud = "usgovernment" if the tenant is'
            " there.",
        )
    if cloud is EntraCloud.US_GOVERNMENT and not govcloud:
        yield warning(
            at.entra.cloud,
            "People of Microsoft's US Government cloud would be users in a commercial AWS region.",
            'If your rules forbid it, write a region such as "us-gov-west-1" in [aws].',
        )
    if govcloud and cloud in {None, EntraCloud.PUBLIC}:
        yield warning(
            at.entra.cloud,
            "People of Microsoft's public cloud would sign in to GovCloud.",
            'If the tenant is in the US Government cloud, write cloud = "usgovernment".',
        )


def is_govcloud(region: str) -> bool:
    """Whether a region is one of AWS GovCloud (US)."""
    return clouds.partition(region).name == "aws-us-gov"


def admits(constraint: str, version: tuple[int, int, int]) -> bool:
    """Whether a version constraint lets a version in (Terraform language, "Version Constraints")."""
    return all(_admits_part(part.strip(), version) for part in constraint.split(","))


def _admits_part(part: str, version: tuple[int, int, int]) -> bool:
    operator = (re.match(r"[=!<>~]*", part) or [""])[0]
    numbers = [int(number) for number in part[len(operator) :].partition("-")[0].strip().split(".")]
    bound = (*numbers, 0, 0)[:3]
    # "~> 5.100" fixes all but the last number written.
    fixed = max(len(numbers) - 1, 1)
    return {
        "": version == bound,
        "=": version == bound,
        "!=": version != bound,
        ">": version > bound,
        ">=": version >= bound,
        "<": version < bound,
        "<=": version <= bound,
        "~>": version >= bound and version[:fixed] == bound[:fixed],
    }[operator]
