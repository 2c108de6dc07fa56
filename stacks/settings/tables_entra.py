"""The tables about Microsoft Entra ID: the registration, its secret, its roles, and customers' tenants.

The descriptions are the reference: the schema that editors use and docs/settings.md are made from them.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings import rules, rules_aws, rules_people, rules_web
from stacks.settings.values import (
    ApplicationId,
    EmailDomain,
    GroupName,
    ObjectId,
    OptionalClaim,
    ProviderName,
    RoleKey,
    RoleValue,
    Table,
    TenantId,
    UserName,
    WholeNumber,
    YesOrNo,
)
from stacks.settings.vocabulary import AccountTypes, EntraCloud, GroupsClaim, Permission


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
    keep_previous: YesOrNo | None = Field(
        default=None,
        description="Keep the secret before the one in use: Cognito takes up to a minute to change over, and"
        " a sign-in under way may still present it. Write false to be rid of one that has leaked. Left out,"
        " true, but for a registration that lets in personal accounts, which can have two secrets at most.",
        examples=[True],
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
        description="Rotate with the first deploy after every so many days, the generation counting up by"
        " itself; left out, rotate by raising generation. Nothing happens without a deploy, so have one"
        " scheduled. Needs rotates_from.",
        examples=[90],
    )
    rotates_from: Annotated[date, Field(strict=True)] | None = Field(
        default=None,
        description="The day from which rotate_every_days counts, such as that of the first deploy; left out,"
        " there is no such schedule.",
        examples=[date(2027, 1, 4)],
    )


class AppRoleSettings(Table):
    """A role that people have in the apps: an app role of the registration, and who is assigned to it."""

    value: RoleValue | None = Field(
        default=None, description="What the claim `roles` says; left out, the key.", examples=["Orders.Write"]
    )
    display_name: Annotated[str, AfterValidator(rules_people.role_name)] | None = Field(
        default=None,
        description="What administrators read when they assign the role; left out, the value.",
        examples=["Administrators"],
    )
    description: Annotated[str, AfterValidator(rules_people.role_description)] | None = Field(
        default=None,
        description="What they read below it; left out, the name.",
        examples=["May change everything."],
    )
    users: Annotated[list[UserName], AfterValidator(rules.unique)] = Field(
        default=[],
        description="User principal names of the people who have the role.",
        examples=[["ada@contoso.com"]],
    )
    groups: Annotated[list[GroupName], AfterValidator(rules.unique_in_any_case)] = Field(
        default=[],
        description="Display names of the security groups whose members have the role.",
        examples=[["Portal administrators"]],
    )
    principals: Annotated[list[ObjectId], AfterValidator(rules.unique)] = Field(
        default=[],
        description="Object ids of further users and groups that have the role.",
        examples=[["1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"]],
    )


class RegistrationSettings(Table):
    """An app registration that belongs to somebody else, and where its client secret is kept.

    With it the stack makes nothing in Entra ID, and needs no rights there. The secret itself is never written
    here: it is read with every plan, so a deploy after its owner has rotated it hands over the new one.
    """

    client_id: ApplicationId = Field(
        description="The registration's application (client) id.",
        examples=["3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f"],
    )
    secrets_manager_secret: Annotated[str, AfterValidator(rules_aws.stored_secret)] | None = Field(
        default=None,
        description="Name or ARN of the secret in AWS Secrets Manager that holds the client secret; left"
        " out, it is in ssm_parameter.",
        examples=["entra/contoso-signin"],
    )
    json_key: Annotated[str, AfterValidator(rules_aws.json_key)] | None = Field(
        default=None,
        description="The key of the client secret, where that secret is a JSON object; left out, it is the"
        " whole value.",
        examples=["client_secret"],
    )
    ssm_parameter: Annotated[str, AfterValidator(rules_aws.parameter)] | None = Field(
        default=None,
        description="Name of the SecureString in AWS Systems Manager that holds the client secret; left out,"
        " it is in secrets_manager_secret.",
        examples=["/entra/contoso-signin/client-secret"],
    )


class EntraSettings(Table):
    """The app registration in Microsoft Entra ID."""

    tenant_id: TenantId = Field(
        description="The tenant in which the application is registered and, unless home_accounts is false,"
        " whose people sign in, by its GUID: Entra admin center > Overview > Tenant ID. Domain names and"
        " `common` cannot work, since Cognito compares the issuer of each token exactly.",
        examples=["2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"],
    )
    cloud: EntraCloud | None = Field(
        default=None,
        description="Which of Microsoft's clouds the tenant is in; left out, the public one.",
        examples=["public"],
    )
    authority: Annotated[str, AfterValidator(rules_web.authority)] | None = Field(
        default=None,
        description="Instead of cloud, the origin of another service that answers as Entra ID, Microsoft"
        " Graph and the userinfo endpoint; left out, Microsoft's own. Plain http is accepted for localhost"
        " and 127.0.0.1 only.",
        examples=["http://localhost:8400"],
    )
    display_name: Annotated[str, AfterValidator(rules.display_name)] | None = Field(
        default=None,
        description='The name people see when they sign in and consent; left out, "<stack> sign-in". No other'
        " registration in the tenant may have it.",
        examples=["Contoso sign-in"],
    )
    home_accounts: YesOrNo = Field(
        default=True,
        description="Let in the people of tenant_id. Write false to let in only those of [tenants.*].",
    )
    account_types: AccountTypes | None = Field(
        default=None,
        description="Whose accounts the registration accepts; left out, what home_accounts and [tenants.*]"
        " need and nothing wider. Cognito lets in only the people of tenant_id and of [tenants.*], whatever"
        " is chosen here.",
        examples=["AzureADMyOrg"],
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
    consent_redirect_uri: Annotated[str, AfterValidator(rules_web.registered_uri)] | None = Field(
        default=None,
        description="Where an administrator's browser goes after `admin_consent_url`, such as a page that"
        " says thank you; left out, to Cognito, whose error page has nothing to do with the consent.",
        examples=["https://app.contoso.com/welcome"],
    )
    assignment_required: YesOrNo = Field(
        default=False,
        description="Let in only those who are assigned, here or to a role. Needs admin_consent.",
    )
    assigned_users: Annotated[list[UserName], AfterValidator(rules.unique)] = Field(
        default=[],
        description="User principal names of the people who are assigned, with default access.",
        examples=[["ada@contoso.com"]],
    )
    assigned_groups: Annotated[list[GroupName], AfterValidator(rules.unique_in_any_case)] = Field(
        default=[],
        description="Display names of the security groups that are assigned, with default access. Groups need"
        " Entra ID P1 or P2, and their members' own groups do not count.",
        examples=[["App users"]],
    )
    assigned_principals: Annotated[list[ObjectId], AfterValidator(rules.unique)] = Field(
        default=[],
        description="Object ids of further users and groups that are assigned, with default access.",
        examples=[["1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"]],
    )
    app_roles: dict[RoleKey, AppRoleSettings] = Field(
        default={},
        description="What people may do in the apps, as the claim `roles` says it, by a key for each role."
        ' Map it in [cognito.attribute_mapping], such as "custom:roles" = "roles", or set groups_from in'
        " [cognito].",
    )
    groups_claim: GroupsClaim | None = Field(
        default=None,
        description="How the claim `groups` names the groups that are assigned to the application, by object"
        " id or by name; left out, Entra ID sends no groups. Roles are the better way: they are this"
        " project's own words.",
        examples=["ids"],
    )
    registration: RegistrationSettings | None = Field(
        default=None,
        description="An app registration that exists and belongs to somebody else. With it the stack makes"
        " nothing in Entra ID, and needs no rights there.",
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


class TenantSettings(Table):
    """A customer's tenant, whose people may sign in: one identity provider in Cognito."""

    tenant_id: TenantId = Field(
        description="The customer's tenant, by its GUID; for personal Microsoft accounts"
        " 9188040d-6c67-4c5b-b112-36a304b66dad.",
        examples=["8d7e6f5a-4b3c-4d2e-9f1a-0b9c8d7e6f5a"],
    )
    email_domains: Annotated[
        list[EmailDomain],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(0, 50, "domains", "Cognito")),
    ] = Field(
        default=[],
        description="The e-mail domains of the customer: by one of them an app, or Cognito's sign-in page,"
        " finds the way to the right tenant.",
        examples=[["fabrikam.com"]],
    )
    provider_name: ProviderName | None = Field(
        default=None,
        description="What Cognito calls the tenant; left out, the key. Users are named after it, so another"
        " name gives each of them another name.",
        examples=["Fabrikam"],
    )
