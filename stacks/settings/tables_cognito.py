"""The tables about Amazon Cognito: the user pool, its domains, and how its pages look.

The descriptions are the reference: the schema that editors use and docs/settings.md are made from them.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings import rules, rules_aws
from stacks.settings.values import (
    BrandingFile,
    CognitoName,
    IdpIdentifier,
    MappedAttribute,
    MappedClaim,
    ProviderName,
    Table,
    UserPoolId,
    WholeNumber,
    YesOrNo,
    pattern,
)
from stacks.settings.vocabulary import BrandingCategory, ColorMode, GroupsFrom, Tier


class CustomDomainSettings(Table):
    """A sign-in domain of one's own, instead of domain_prefix or besides it.

    Its parent domain needs an A record, of any address.
    """

    host: Annotated[str, AfterValidator(rules_aws.own_host), pattern(rules_aws.HOST)] = Field(
        description="The host, below a domain of yours.", examples=["auth.contoso.com"]
    )
    certificate_arn: Annotated[str, AfterValidator(rules_aws.certificate_arn)] = Field(
        description="The certificate for it in AWS Certificate Manager: in us-east-1, wherever the pool is.",
        examples=["arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"],
    )
    hosted_zone_id: Annotated[str, AfterValidator(rules_aws.hosted_zone_id)] | None = Field(
        default=None,
        description="The Route 53 zone in which the stack makes the host's records; left out, make an alias"
        " to the output `custom_domain_target` wherever your DNS is.",
        examples=["Z0123456789ABCDEFGHIJ"],
    )


class BrandingAsset(Table):
    """A picture on the sign-in pages."""

    category: BrandingCategory = Field(description="Where it is shown.", examples=["FORM_LOGO"])
    file: BrandingFile = Field(
        description="The picture, from the folder of the settings file: ico, jpeg, png, svg or webp.",
        examples=["branding/logo.svg"],
    )
    color_mode: ColorMode = Field(
        default=ColorMode.DYNAMIC, description="Shown in light mode, in dark mode, or in both."
    )


class BrandingSettings(Table):
    """How the sign-in pages of version 2 look, the same for every app client."""

    settings_file: BrandingFile | None = Field(
        default=None,
        description="A JSON file with the design, as `aws cognito-idp describe-managed-login-branding` shows"
        " it under Settings, from the folder of the settings file; left out, Cognito's own.",
        examples=["branding/settings.json"],
    )
    assets: Annotated[list[BrandingAsset], AfterValidator(rules.between(0, 40, "pictures", "Cognito"))] = (
        Field(
            default=[],
            description="Pictures on the pages, each a table of its own. They go with a settings_file.",
            examples=[[{"category": "FORM_LOGO", "file": "branding/logo.svg"}]],
        )
    )


class CognitoSettings(Table):
    """The user pool in Amazon Cognito."""

    domain_prefix: (
        Annotated[str, AfterValidator(rules.domain_prefix), pattern(rules.DOMAIN_PREFIX)] | None
    ) = Field(
        default=None,
        description="The first part of the sign-in domain, `<prefix>.auth.<region>.amazoncognito.com`; left"
        " out, there has to be a custom_domain or existing_domain. Nobody else in the region may have it,"
        " and the words aws, amazon and cognito are Amazon's.",
        examples=["contoso-signin"],
    )
    custom_domain: CustomDomainSettings | None = Field(
        default=None,
        description="A sign-in domain of your own, instead of domain_prefix or besides it.",
    )
    user_pool_id: UserPoolId | None = Field(
        default=None,
        description="The id of a user pool that exists and belongs to somebody else; left out, the stack"
        " makes one. The stack adds to it and never changes it, and checks with every plan that the"
        " attribute mapping fits it.",
        examples=["eu-central-1_aB3dE5fG7"],
    )
    existing_domain: Annotated[str, AfterValidator(rules_aws.host)] | None = Field(
        default=None,
        description="The host of the sign-in domain that the pool of user_pool_id has already; left out, the"
        " stack makes its domain.",
        examples=["contoso-signin.auth.eu-central-1.amazoncognito.com"],
    )
    user_pool_name: CognitoName | None = Field(
        default=None,
        description="The user pool's name; left out, the stack's. Another name means another pool.",
        examples=["contoso"],
    )
    tier: Tier = Field(
        default=Tier.ESSENTIALS, description="The feature plan, which decides what Cognito costs and can do."
    )
    deletion_protection: YesOrNo = Field(
        default=True,
        description="Refuse to delete the user pool and everybody in it. Write false and deploy before taking"
        " the stack away.",
    )
    local_accounts: YesOrNo = Field(
        default=False, description="Let in users with a password in Cognito too, besides Microsoft's."
    )
    provider_name: ProviderName = Field(
        default="entra",
        description="What Cognito calls Entra ID; users are named `<provider>_<sub>`, so another name gives"
        " every user another name.",
        examples=["entra"],
    )
    idp_identifiers: Annotated[
        list[IdpIdentifier],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(0, 50, "identifiers", "Cognito")),
    ] = Field(
        default=[],
        description="Further names under which apps may ask for Entra ID, such as e-mail domains.",
        examples=[["contoso.com"]],
    )
    attribute_mapping: dict[MappedAttribute, MappedClaim] = Field(
        default={"email": "email", "family_name": "family_name", "given_name": "given_name"},
        description="Attributes in Cognito, and the claim each one takes at every sign-in. Custom attributes"
        " (`custom:name`) are made by the stack. It always adds username (`sub`), custom:entra_oid (`oid`)"
        " and custom:entra_tid (`tid`).",
        examples=[{"email": "email"}],
    )
    managed_login_version: Annotated[WholeNumber, Field(ge=1, le=2)] = Field(
        default=1,
        description="1 for the classic sign-in pages, 2 for those with a branding, which the LITE tier does"
        " not have.",
    )
    branding: BrandingSettings | None = Field(
        default=None,
        description="How the sign-in pages of version 2 look; left out, they look as Cognito designed them.",
    )
    groups_from: GroupsFrom | None = Field(
        default=None,
        description="What of people to put into the claim `cognito:groups` of Cognito's tokens, where AWS"
        " services and libraries look for it, their app roles or their groups; left out, nothing. The stack"
        " adds a Lambda function that does it whenever tokens are made; the LITE tier cannot.",
        examples=["roles"],
    )
    log_retention_days: Annotated[WholeNumber, AfterValidator(rules_aws.retention_days)] = Field(
        default=30,
        description="For how many days the logs of the function of groups_from are kept: one of the numbers"
        " that CloudWatch Logs knows, such as 1, 7, 30, 90 or 365.",
    )
