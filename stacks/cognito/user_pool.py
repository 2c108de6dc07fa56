"""The user pool: made by the stack, or an existing one that is read and never changed."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cognito_user_pool import (
    CognitoUserPool,
    CognitoUserPoolAdminCreateUserConfig,
    CognitoUserPoolLambdaConfig,
    CognitoUserPoolLambdaConfigPreTokenGenerationConfig,
    CognitoUserPoolSchema,
    CognitoUserPoolSchemaNumberAttributeConstraints,
    CognitoUserPoolSchemaStringAttributeConstraints,
    CognitoUserPoolUsernameConfiguration,
)
from cdktf_cdktf_provider_aws.data_aws_cognito_user_pool import DataAwsCognitoUserPool
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted, PoolAttribute
from stacks.cognito.groups_trigger import GroupsTrigger
from stacks.postconditions import is_empty, joined, terraform_list
from stacks.settings import Settings

# Cognito's own limit for a custom string attribute that holds a claim
# (developer guide, "Specifying identity provider attribute mappings").
CLAIM_MAX_LENGTH = 2048

# Mapped to make a user's name; it is no attribute of the pool.
USERNAME = "username"


class CreatedUserPool(Construct):
    """A user pool that the stack makes, with the groups trigger if the settings ask for one.

    Attributes:
        id: the pool's id, as a Terraform reference.
    """

    def __init__(self, scope: Construct, settings: Settings, adopted: Adopted) -> None:
        super().__init__(scope, "user_pool")
        self._settings = settings
        self._adopted = adopted
        trigger = None
        if settings.groups_attribute is not None:
            trigger = GroupsTrigger(self, settings)
        pool = self._pool(trigger)
        if trigger is not None:
            trigger.allow_invoke(pool.arn)
        self.id = pool.id

    def _pool(self, trigger: GroupsTrigger | None) -> CognitoUserPool:
        cognito = self._settings.cognito
        ignored = self._adopted.ignored_changes(addresses.USER_POOL)
        if trigger is not None and ignored:
            ignored.remove("lambda_config")
        return CognitoUserPool(
            self,
            addresses.USER_POOL,
            name=self._settings.user_pool_name,
            user_pool_tier=cognito.tier.value,
            deletion_protection="ACTIVE" if cognito.deletion_protection else "INACTIVE",
            # Nobody signs up by themselves: people come from Entra ID, or an administrator makes them.
            admin_create_user_config=CognitoUserPoolAdminCreateUserConfig(allow_admin_create_user_only=True),
            username_configuration=CognitoUserPoolUsernameConfiguration(case_sensitive=False),
            # The second factor is Entra ID's business: a pool's own MFA does not act on federated users.
            mfa_configuration="OFF",
            schema=self._attributes(),
            lambda_config=None if trigger is None else _before_tokens(trigger.arn),
            lifecycle=TerraformResourceLifecycle(
                prevent_destroy=cognito.deletion_protection, ignore_changes=ignored or None
            ),
        )

    def _attributes(self) -> list[CognitoUserPoolSchema]:
        existing = self._adopted.pool_attributes
        names = {f"custom:{attribute.name}" for attribute in existing}
        return [_existing_attribute(attribute) for attribute in existing] + [
            _custom_attribute(name)
            for name in self._settings.full_attribute_mapping
            if name.startswith("custom:") and name not in names
        ]


class ExistingUserPool(Construct):
    """A user pool of another team, read with every plan and compared with the attribute mapping.

    What does not fit would fail a deploy half-way, or every sign-in after it; so it stops the plan.

    Attributes:
        id: the pool's id.
    """

    def __init__(self, scope: Construct, user_pool_id: str, mapping: Mapping[str, str]) -> None:
        super().__init__(scope, "existing_user_pool")
        mapped = terraform_list(sorted(set(mapping) - {USERNAME}))
        missing = f"setsubtract({mapped}, self.schema_attributes[*].name)"
        immutable = (
            f"setintersection({mapped}, [for one in self.schema_attributes : one.name if !one.mutable])"
        )
        required = (
            "setsubtract([for one in self.schema_attributes : one.name"
            f' if one.required && one.name != "sub"], {mapped})'
        )
        conditions = [
            is_empty(
                missing,
                f"The user pool {user_pool_id} lacks attributes of the mapping: {joined(missing)}."
                " Have its owner add them, such as `aws cognito-idp add-custom-attributes"
                f" --user-pool-id {user_pool_id} --custom-attributes"
                " Name=entra_oid,AttributeDataType=String,Mutable=true` for custom:entra_oid;"
                " or remove the lines from [cognito.attribute_mapping].",
            ),
            is_empty(
                immutable,
                f"The user pool {user_pool_id} never changes these attributes: {joined(immutable)}. Cognito"
                " writes what is mapped at every sign-in, so each one but the first would fail."
                " Remove them from [cognito.attribute_mapping], or map another attribute.",
            ),
            is_empty(
                required,
                f"The user pool {user_pool_id} requires attributes that are not mapped: {joined(required)}."
                " Nobody could sign in. Add each to [cognito.attribute_mapping], with a claim"
                " that everybody has.",
            ),
        ]
        pool = DataAwsCognitoUserPool(
            self,
            addresses.EXISTING_USER_POOL,
            user_pool_id=user_pool_id,
            lifecycle=TerraformResourceLifecycle(postcondition=conditions),
        )
        self.id = pool.user_pool_id


def _before_tokens(function_arn: str) -> CognitoUserPoolLambdaConfig:
    # Version 2 of the event reaches access tokens, too.
    return CognitoUserPoolLambdaConfig(
        pre_token_generation_config=CognitoUserPoolLambdaConfigPreTokenGenerationConfig(
            lambda_arn=function_arn, lambda_version="V2_0"
        )
    )


def _custom_attribute(name: str) -> CognitoUserPoolSchema:
    return CognitoUserPoolSchema(
        name=name.removeprefix("custom:"),
        attribute_data_type="String",
        # Cognito writes mapped attributes at every sign-in: an immutable one fails the second time.
        mutable=True,
        required=False,
        developer_only_attribute=False,
        string_attribute_constraints=CognitoUserPoolSchemaStringAttributeConstraints(
            min_length="0", max_length=str(CLAIM_MAX_LENGTH)
        ),
    )


def _existing_attribute(attribute: PoolAttribute) -> CognitoUserPoolSchema:
    text, number = attribute.string_attribute_constraints, attribute.number_attribute_constraints
    return CognitoUserPoolSchema(
        name=attribute.name,
        attribute_data_type=attribute.attribute_data_type,
        mutable=attribute.mutable,
        required=attribute.required,
        developer_only_attribute=attribute.developer_only_attribute,
        string_attribute_constraints=(
            None if text is None else CognitoUserPoolSchemaStringAttributeConstraints(**text)
        ),
        number_attribute_constraints=(
            None if number is None else CognitoUserPoolSchemaNumberAttributeConstraints(**number)
        ),
    )
