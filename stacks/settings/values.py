"""The kinds of values that settings have, each with its rule, and what all tables have in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from stacks.settings import rules, rules_aws, rules_people, rules_web


def pattern(regex: str) -> WithJsonSchema:
    """For editors, which cannot ask the rule itself."""
    return WithJsonSchema({"type": "string", "pattern": f"^({regex})$"})


WholeNumber = Annotated[int, Field(strict=True)]
YesOrNo = Annotated[bool, Field(strict=True)]

StackName = Annotated[str, AfterValidator(rules.stack_name), pattern(rules.STACK_NAME)]
ClientKey = Annotated[str, AfterValidator(rules.client_key), pattern(rules.CLIENT_KEY)]
TenantId = Annotated[str, AfterValidator(rules.tenant_id), pattern(rules.GUID)]
ObjectId = Annotated[str, AfterValidator(rules.object_id), pattern(rules.GUID)]
CognitoName = Annotated[str, AfterValidator(rules.cognito_name)]
AppUrl = Annotated[str, AfterValidator(rules_web.app_url)]
Scope = Annotated[str, AfterValidator(rules_web.scope)]
IdpIdentifier = Annotated[str, AfterValidator(rules.idp_identifier)]
OptionalClaim = Annotated[str, AfterValidator(rules.optional_claim)]
MappedAttribute = Annotated[str, AfterValidator(rules.mapped_attribute)]
MappedClaim = Annotated[str, AfterValidator(rules.mapped_claim)]
TenantKey = Annotated[str, AfterValidator(rules_people.tenant_key), pattern(rules_people.TENANT_KEY)]
TenantWord = Annotated[str, AfterValidator(rules_people.tenant_word), pattern(rules_people.TENANT_KEY)]
EmailDomain = Annotated[str, AfterValidator(rules_people.email_domain)]
ApplicationId = Annotated[str, AfterValidator(rules_people.application_id), pattern(rules.GUID)]
UserName = Annotated[str, AfterValidator(rules_people.user_name)]
GroupName = Annotated[str, AfterValidator(rules_people.group_name)]
RoleKey = Annotated[str, AfterValidator(rules_people.role_key), pattern(rules_people.ROLE_KEY)]
RoleValue = Annotated[str, AfterValidator(rules_people.role_value)]
ProviderName = Annotated[str, AfterValidator(rules.provider_name), pattern(rules.PROVIDER_NAME)]
UserPoolId = Annotated[str, AfterValidator(rules_aws.user_pool_id), pattern(rules_aws.USER_POOL_ID)]
AppClientId = Annotated[str, AfterValidator(rules_aws.app_client_id)]
ResourceServerKey = Annotated[
    str, AfterValidator(rules_aws.resource_server_key), pattern(rules_aws.RESOURCE_SERVER_KEY)
]
ScopeName = Annotated[str, AfterValidator(rules_aws.scope_name)]
ScopeDescription = Annotated[str, AfterValidator(rules_aws.scope_description)]
BrandingFile = Annotated[str, AfterValidator(rules_aws.branding_file)]
VersionConstraint = Annotated[str, AfterValidator(rules.version_constraint)]


class Table(BaseModel):
    """One table of a settings file."""

    # Pydantic's own messages would quote what was written, which may be a secret in the wrong place.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
