"""The tables of a settings file: what each setting means, its default, and the rules for it alone.

The descriptions are the reference: the schema that editors use and the documentation are made from them.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from stacks.settings import rules, rules_web
from stacks.settings.vocabulary import AccountTypes, AppType, EntraCloud, Permission, Tier


def _pattern(regex: str) -> WithJsonSchema:
    """For editors, which cannot ask the rule itself."""
    return WithJsonSchema({"type": "string", "pattern": f"^({regex})$"})


WholeNumber = Annotated[int, Field(strict=True)]
YesOrNo = Annotated[bool, Field(strict=True)]

StackName = Annotated[str, AfterValidator(rules.stack_name), _pattern(rules.STACK_NAME)]
ClientKey = Annotated[str, AfterValidator(rules.client_key), _pattern(rules.CLIENT_KEY)]
TenantId = Annotated[str, AfterValidator(rules.tenant_id), _pattern(rules.GUID)]
ObjectId = Annotated[str, AfterValidator(rules.object_id), _pattern(rules.GUID)]
CognitoName = Annotated[str, AfterValidator(rules.cognito_name)]
AppUrl = Annotated[str, AfterValidator(rules_web.app_url)]
Scope = Annotated[str, AfterValidator(rules_web.scope)]
IdpIdentifier = Annotated[str, AfterValidator(rules.idp_identifier)]
OptionalClaim = Annotated[str, AfterValidator(rules.optional_claim)]
MappedAttribute = Annotated[str, AfterValidator(rules.mapped_attribute)]
MappedClaim = Annotated[str, AfterValidator(rules.mapped_claim)]
VersionConstraint = Annotated[str, AfterValidator(rules.version_constraint)]


class Table(BaseModel):
    """One table of a settings file."""

    # Pydantic's own messages would quote what was written, which may be a secret in the wrong place.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AwsSettings(Table):
    """Where in AWS."""

    region: Annotated[str, AfterValidator(rules.region), _pattern(rules.REGION)] = Field(
        description="The AWS region of the user pool.", examples=["eu-central-1"]
    )
    account_id: Annotated[str, AfterValidator(rules.account_id), _pattern(rules.ACCOUNT_ID)] | None = Field(
        default=None,
        description="The AWS account: with it, a deploy with credentials of any other account is refused.",
        examples=["123456789012"],
    )


class SecretSettings(Table):
    """The client secret between Cognito and Entra ID. Entra ID makes it, and nobody needs to see it."""

    lifetime_days: Annotated[WholeNumber, Field(ge=1, le=730)] = Field(
        default=180,
        description="For how long the secret is valid, from the day it is made. Without an end date Entra ID"
        " grants two years, and then sign-in stops from one minute to the next.",
    )
    generation: Annotated[WholeNumber, Field(ge=1)] = Field(
        default=1,
        description="Raise it by one to rotate: the next deploy makes a new secret and gives it to Cognito;"
        " the one before stays valid until the next rotation. Never raise it by more at a time.",
    )
    keep_previous: YesOrNo = Field(
        default=True,
        description="Keep the secret before the one in use: Cognito takes up to a minute to change over, and"
        " a sign-in under way may still present it. Write false to be rid of one that has leaked.",
    )
    settle_seconds: Annotated[WholeNumber, Field(ge=0, le=600)] = Field(
        default=30,
        description="For how long a new secret rests, from the second generation on, before Cognito gets it:"
        " Entra ID shows a secret some seconds before all of its servers accept it.",
    )
    rotate_every_days: WholeNumber | None = Field(
        default=None,
        ge=7,
        le=700,
        description="Rotate with the first deploy after every so many days: the generation counts up by"
        " itself. Nothing happens without a deploy, so have one scheduled. Needs rotates_from.",
        examples=[90],
    )
    rotates_from: Annotated[date, Field(strict=True)] | None = Field(
        default=None,
        description="The day from which rotate_every_days counts, such as that of the first deploy.",
        examples=[date(2027, 1, 4)],
    )


class EntraSettings(Table):
    """The app registration in Microsoft Entra ID."""

    tenant_id: TenantId = Field(
        description="The tenant whose people sign in, by its GUID: Entra admin center > Overview > Tenant ID."
        " Domain names and `common` cannot work, since Cognito compares the issuer of each token exactly.",
        examples=["2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"],
    )
    cloud: EntraCloud | None = Field(
        default=None,
        description="Which of Microsoft's clouds the tenant is in; left out, the public one.",
        examples=["public"],
    )
    authority: Annotated[str, AfterValidator(rules_web.authority)] | None = Field(
        default=None,
        description="Instead of cloud: the origin of another service that answers as Entra ID, Microsoft"
        " Graph and the userinfo endpoint. Plain http is accepted for localhost and 127.0.0.1 only.",
        examples=["http://localhost:8400"],
    )
    display_name: Annotated[str, AfterValidator(rules.display_name)] | None = Field(
        default=None,
        description='The name people see when they sign in and consent; left out, "<stack> sign-in". No other'
        " registration in the tenant may have it.",
        examples=["Contoso sign-in"],
    )
    account_types: AccountTypes = Field(
        default=AccountTypes.ONE_TENANT,
        description="Whose accounts the registration accepts. Only people of tenant_id can sign in, whatever"
        " is chosen here.",
    )
    owners: Annotated[list[ObjectId], AfterValidator(rules.unique)] = Field(
        default=[],
        description="Object ids of further owners of the registration; whoever deploys is always one.",
        examples=[["0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"]],
    )
    permissions: Annotated[list[Permission], AfterValidator(rules.unique)] = Field(
        default=[Permission.OPENID, Permission.EMAIL, Permission.PROFILE],
        description="Delegated permissions of Microsoft Graph that the app asks for. Signing in needs openid,"
        " profile for the names and ids, email for the address, and nothing else.",
        examples=[["openid", "email", "profile"]],
    )
    optional_claims: Annotated[list[OptionalClaim], AfterValidator(rules.unique)] = Field(
        default=["email", "family_name", "given_name"],
        description="Claims that Entra ID adds to the ID token. A claim has to be here to be mapped to an"
        " attribute in Cognito, unless every token has it.",
        examples=[["email", "family_name", "given_name"]],
    )
    admin_consent: YesOrNo = Field(
        default=True,
        description="Grant the permissions for everybody in the tenant. That needs more rights than the"
        " registration; without them write false, and let an administrator open the stack's"
        " `admin_consent_url`.",
    )
    assignment_required: YesOrNo = Field(
        default=False,
        description="Let in only those who are assigned. Needs admin_consent, and somebody in"
        " assigned_principals.",
    )
    assigned_principals: Annotated[list[ObjectId], AfterValidator(rules.unique)] = Field(
        default=[],
        description="Object ids of the users and groups that are assigned, with default access. Groups need"
        " Entra ID P1 or P2, and their members' own groups do not count.",
        examples=[["1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"]],
    )
    prevent_destroy: YesOrNo = Field(
        default=True,
        description="Refuse every plan that deletes or replaces the registration: a new one has another"
        " client id, and gives every user another `sub`, so a new user in Cognito. Write false and deploy"
        " before taking the stack away.",
    )
    secret: SecretSettings = Field(
        default=SecretSettings(), description="The client secret between Cognito and Entra ID."
    )


class CognitoSettings(Table):
    """The user pool in Amazon Cognito."""

    domain_prefix: Annotated[str, AfterValidator(rules.domain_prefix), _pattern(rules.DOMAIN_PREFIX)] = Field(
        description="The first part of the sign-in domain, `<prefix>.auth.<region>.amazoncognito.com`: one"
        " that nobody else has in the region, without the words aws, amazon and cognito.",
        examples=["contoso-signin"],
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
    provider_name: Annotated[str, AfterValidator(rules.provider_name), _pattern(rules.PROVIDER_NAME)] = Field(
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


class ClientSettings(Table):
    """An app that signs people in."""

    type: AppType = Field(
        default=AppType.SERVER,
        description="server for an app that can keep a secret; single_page and mobile for those that cannot,"
        " and prove themselves by PKCE. Changing it makes a new client with a new id.",
        examples=["server"],
    )
    name: CognitoName | None = Field(
        default=None, description='The name in Cognito; left out, "<stack>-<key>".', examples=["Contoso web"]
    )
    callback_urls: Annotated[
        list[AppUrl],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(1, 100, "callback URLs", "Cognito")),
    ] = Field(
        description="Where people may be sent after signing in, letter for letter. Plain http on localhost"
        " only; mobile apps may have a scheme of their own.",
        examples=[["https://app.contoso.com/callback"]],
        json_schema_extra={"minItems": 1},
    )
    logout_urls: Annotated[
        list[AppUrl],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(0, 100, "logout URLs", "Cognito")),
    ] = Field(
        default=[],
        description="Where people may be sent after signing out, letter for letter.",
        examples=[["https://app.contoso.com/"]],
    )
    default_redirect_uri: str | None = Field(
        default=None,
        description="Which of the callback URLs is meant when the app names none.",
        examples=["https://app.contoso.com/callback"],
    )
    scopes: Annotated[
        list[Scope],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(1, 50, "scopes", "Cognito")),
        AfterValidator(rules_web.scopes),
    ] = Field(
        default=["openid", "profile", "email"],
        description="What the app may ask Cognito for.",
        examples=[["openid", "profile", "email"]],
    )
    access_token_minutes: Annotated[WholeNumber, Field(ge=5, le=1440)] = Field(
        default=60, description="For how long an access token is valid."
    )
    id_token_minutes: Annotated[WholeNumber, Field(ge=5, le=1440)] = Field(
        default=60, description="For how long an ID token is valid."
    )
    refresh_token_days: Annotated[WholeNumber, Field(ge=1, le=3650)] = Field(
        default=30,
        description="For how long a refresh token is valid: until then an app gets new tokens without asking"
        " Entra ID, even for somebody who has left.",
    )
    auth_session_minutes: Annotated[WholeNumber, Field(ge=3, le=15)] = Field(
        default=3, description="For how long one attempt to sign in may take."
    )


class StateSettings(Table):
    """Where Terraform keeps the state: an S3 bucket, which exists already. The state holds the secret."""

    bucket: Annotated[str, AfterValidator(rules.bucket), _pattern(rules.BUCKET)] = Field(
        description="The bucket's name.", examples=["contoso-terraform-state"]
    )
    key: Annotated[str, AfterValidator(rules.state_key)] | None = Field(
        default=None,
        description='The path in the bucket; left out, "entra-cognito/<stack>.tfstate".',
        examples=["entra-cognito/prod.tfstate"],
    )
    region: Annotated[str, AfterValidator(rules.bucket_region), _pattern(rules.REGION)] | None = Field(
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
