"""The user pool: made by the stack, or an existing one that is read and never changed."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cognito_user_pool import (
    CognitoUserPool,
    CognitoUserPoolAdminCreateUserConfig,
    CognitoUserPoolLambdaConfig,
    CognitoUserPoolLambdaConfigPreTokenGenerationConfig,
    CognitoUserPoolSchema,
    CognitoUserPoolSchemaStringAttributeConstraints,
    CognitoUserPoolUsernameConfiguration,
)
from cdktf_cdktf_provider_aws.data_aws_cognito_user_pool import DataAwsCognitoUserPool
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted
from stacks.cognito.groups_trigger import GroupsTrigger
from stacks.postconditions import is_empty, joined, terraform_list
from stacks.settings import Settings
from stacks.settings.facts import LONGEST_ATTRIBUTE

# Mapped to make a user's name; it is no attribute of the pool.
USERNAME = "username"


def created_user_pool(scope: Construct, settings: Settings, adopted: Adopted) -> str:
    """Make a user pool, with the groups trigger if the settings ask for one; its id, as a reference."""
    cognito = settings.cognito
    ignored = adopted.ignored_changes(addresses.USER_POOL)
    trigger = None
    if settings.groups_attribute is not None:
        trigger = GroupsTrigger(scope, settings)
        ignored = [name for name in ignored if name != "lambda_config"]
    existing = {f"custom:{one.name}" for one in adopted.pool_attributes}
    pool = CognitoUserPool(
        scope,
        addresses.USER_POOL,
        name=settings.user_pool_name,
        user_pool_tier=cognito.tier.value,
        deletion_protection="ACTIVE" if cognito.deletion_protection else "INACTIVE",
        # Nobody signs up by themselves: people come from Entra ID, or an administrator makes them.
        admin_create_user_config=CognitoUserPoolAdminCreateUserConfig(allow_admin_create_user_only=True),
        username_configuration=CognitoUserPoolUsernameConfiguration(case_sensitive=False),
        # The second factor is Entra ID's business: a pool's own MFA does not act on federated users.
        mfa_configuration="OFF",
        schema=[
            *(CognitoUserPoolSchema(**one.model_dump()) for one in adopted.pool_attributes),
            *(
                _custom_attribute(name)
                for name in settings.full_attribute_mapping
                if name.startswith("custom:") and name not in existing
            ),
        ],
        lambda_config=None if trigger is None else _before_tokens(trigger.arn),
        lifecycle=TerraformResourceLifecycle(
            prevent_destroy=cognito.deletion_protection, ignore_changes=ignored or None
        ),
    )
    if trigger is not None:
        trigger.allow_invoke(pool.arn)
    return pool.id


def existing_user_pool(scope: Construct, user_pool_id: str, mapping: Mapping[str, str]) -> str:
    """Read a user pool of another team with every plan, and compare it with the attribute mapping; its id.

    What does not fit would fail a deploy half-way, or every sign-in after it; so it stops the plan.
    """
    mapped = terraform_list(sorted(set(mapping) - {USERNAME}))
    missing = f"setsubtract({mapped}, self.schema_attributes[*].name)"
    immutable = f"setintersection({mapped}, [for one in self.schema_attributes : one.name if !one.mutable])"
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
        scope,
        addresses.EXISTING_USER_POOL,
        user_pool_id=user_pool_id,
        lifecycle=TerraformResourceLifecycle(postcondition=conditions),
    )
    return pool.user_pool_id


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
            min_length="0", max_length=str(LONGEST_ATTRIBUTE)
        ),
    )
