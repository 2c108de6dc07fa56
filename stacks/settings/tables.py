"""The tables about where and with what: AWS, the state, Terraform, the daily check.

The descriptions are the reference: the schema that editors use and docs/settings.md are made from them.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings import rules
from stacks.settings.values import Table, VersionConstraint, WholeNumber, pattern


class AwsSettings(Table):
    """Where in AWS everything is made."""

    region: Annotated[str, AfterValidator(rules.region), pattern(rules.REGION)] = Field(
        description="The AWS region of the user pool.", examples=["eu-central-1"]
    )
    account_id: Annotated[str, AfterValidator(rules.account_id), pattern(rules.ACCOUNT_ID)] | None = Field(
        default=None,
        description="The AWS account, so that a deploy with credentials of any other is refused; left out,"
        " it goes wherever the credentials lead.",
        examples=["123456789012"],
    )


class StateSettings(Table):
    """Where Terraform keeps its state, which holds the client secret: an S3 bucket that exists already."""

    bucket: Annotated[str, AfterValidator(rules.bucket), pattern(rules.BUCKET)] = Field(
        description="The bucket's name.", examples=["contoso-terraform-state"]
    )
    key: Annotated[str, AfterValidator(rules.state_key)] | None = Field(
        default=None,
        description='The path in the bucket; left out, "entra-cognito/<stack>.tfstate".',
        examples=["entra-cognito/prod.tfstate"],
    )
    region: Annotated[str, AfterValidator(rules.bucket_region), pattern(rules.REGION)] | None = Field(
        default=None, description="The bucket's region; left out, that of [aws].", examples=["eu-central-1"]
    )
    kms_key_id: Annotated[str, AfterValidator(rules.kms_key_id)] | None = Field(
        default=None,
        description="The id or ARN of the KMS key that encrypts the state; left out, the bucket's own"
        " encryption.",
        examples=["arn:aws:kms:eu-central-1:123456789012:key/12345678-90ab-4cde-8f01-234567890abc"],
    )


class TerraformSettings(Table):
    """Which versions of the Terraform providers to use."""

    aws_provider_version: VersionConstraint | None = Field(
        default=None,
        description="A version constraint for hashicorp/aws; left out, the version this project is tested"
        " with.",
        examples=[">= 5.100.0, < 7.0.0"],
    )
    azuread_provider_version: VersionConstraint | None = Field(
        default=None,
        description="A version constraint for hashicorp/azuread; left out, the version this project is tested"
        " with.",
        examples=[">= 3.7.0, < 4.0.0"],
    )


class VerifySettings(Table):
    """When `pipenv run verify` speaks up about the end of the client secret between Cognito and Entra ID."""

    warn_days: Annotated[WholeNumber, Field(ge=1, le=729)] = Field(
        default=30,
        description="With this many days left, or fewer, the check ends with exit status 2: it works, and"
        " will not for long.",
    )
    fail_days: Annotated[WholeNumber, Field(ge=0, le=728)] = Field(
        default=7,
        description="With this many days left, or fewer, it ends with exit status 1, as if sign-in were"
        " broken already.",
    )
