"""The user pool: made by the stack, or found and never changed."""

from collections.abc import Iterable, Mapping

from cdktf import Postcondition, TerraformResourceLifecycle
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

from stacks.addresses import pinned
from stacks.adopted import POOL, Adopted, PoolAttribute
from stacks.cognito.groups_trigger import GroupsInTokens
from stacks.settings import Settings

# Cognito's own limit for a custom string attribute that holds a claim
# (developer guide, "Specifying identity provider attribute mappings").
CLAIM_MAX_LENGTH = 2048

# Makes the name of a user, and is none of the attributes that a pool has.
USERNAME = "username"


class OwnPool(Construct):
    """A user pool of the stack.

    Attributes:
        id: the pool's id, as a Terraform reference.
    """

    def __init__(self, scope: Construct, settings: Settings, adopted: Adopted) -> None:
        """Declare the pool, and the function that puts groups into its tokens if there is to be one."""
        super().__init__(scope, "pool")
        self._settings = settings
        self._adopted = adopted
        attribute = settings.groups_attribute
        trigger = None
        if attribute is not None:
            days = settings.cognito.log_retention_days
            trigger = GroupsInTokens(self, name=settings.name, attribute=attribute, log_retention_days=days)
        pool = self._pool(trigger)
        if trigger is not None:
            trigger.let_call(pool.arn)
        self.id = pool.id

    def _pool(self, trigger: GroupsInTokens | None) -> CognitoUserPool:
        cognito = self._settings.cognito
        return pinned(
            CognitoUserPool(
                self,
                "user_pool",
                name=self._settings.user_pool_name,
                user_pool_tier=cognito.tier.value,
                deletion_protection="ACTIVE" if cognito.deletion_protection else "INACTIVE",
                # Nobody signs up by themselves: people come from Entra ID, or an administrator makes them.
                admin_create_user_config=CognitoUserPoolAdminCreateUserConfig(
                    allow_admin_create_user_only=True
                ),
                username_configuration=CognitoUserPoolUsernameConfiguration(case_sensitive=False),
                # The second factor is Entra ID's business: a pool's own MFA does not act on federated users.
                mfa_configuration="OFF",
                schema=self._attributes(),
                lambda_config=None if trigger is None else _before_tokens(trigger.arn),
                lifecycle=TerraformResourceLifecycle(
                    prevent_destroy=cognito.deletion_protection,
                    ignore_changes=self._left_alone(trigger) or None,
                ),
            ),
            "users",
        )

    def _attributes(self) -> list[CognitoUserPoolSchema]:
        existing = self._adopted.pool_attributes
        there = {f"custom:{attribute.name}" for attribute in existing}
        return [_existing_attribute(attribute) for attribute in existing] + [
            _custom_attribute(name)
            for name in self._settings.full_attribute_mapping
            if name.startswith("custom:") and name not in there
        ]

    def _left_alone(self, trigger: GroupsInTokens | None) -> list[str]:
        """What of an adopted pool no setting speaks of."""
        found = self._adopted.left_alone(POOL)
        return found if trigger is None else [name for name in found if name != "lambda_config"]


class ExistingPool(Construct):
    """Somebody else's user pool: read with every plan, and held against the attribute mapping.

    What does not fit would fail a deploy half-way, or every sign-in after it; so it stops the plan.

    Attributes:
        id: the pool's id.
    """

    def __init__(self, scope: Construct, user_pool_id: str, mapping: Mapping[str, str]) -> None:
        """Declare what is read and what has to be so."""
        super().__init__(scope, "existing_pool")
        mapped = sorted(set(mapping) - {USERNAME})
        pool = pinned(
            DataAwsCognitoUserPool(
                self,
                "user_pool",
                user_pool_id=user_pool_id,
                lifecycle=TerraformResourceLifecycle(
                    postcondition=[
                        _nothing_among(
                            f"setsubtract({_names(mapped)}, self.schema_attributes[*].name)",
                            f"The user pool {user_pool_id} lacks attributes of the mapping: {{}}."
                            " Have its owner add them, such as `aws cognito-idp add-custom-attributes"
                            f" --user-pool-id {user_pool_id} --custom-attributes"
                            " Name=entra_oid,AttributeDataType=String,Mutable=true` for custom:entra_oid;"
                            " or remove the lines from [cognito.attribute_mapping].",
                        ),
                        _nothing_among(
                            f"setintersection({_names(mapped)}, [for one in self.schema_attributes : one.name"
                            " if !one.mutable])",
                            f"The user pool {user_pool_id} never changes these attributes: {{}}. Cognito"
                            " writes what is mapped at every sign-in, so each one but the first would fail."
                            " Remove them from [cognito.attribute_mapping], or map another attribute.",
                        ),
                        _nothing_among(
                            "setsubtract([for one in self.schema_attributes : one.name"
                            f' if one.required && one.name != "sub"], {_names(mapped)})',
                            f"The user pool {user_pool_id} requires attributes that are not mapped: {{}}."
                            " Nobody could sign in. Add each to [cognito.attribute_mapping], with a claim"
                            " that everybody has.",
                        ),
                    ]
                ),
            ),
            "users",
        )
        self.id = pool.user_pool_id


def _names(names: Iterable[str]) -> str:
    """Names as Terraform writes a list of text; none of them has a character that it would read otherwise."""
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _nothing_among(names: str, message: str) -> Postcondition:
    """A condition that an expression for a set of names gives none."""
    listed = f'${{join(", ", {names})}}'
    return Postcondition(condition=f"${{length({names}) == 0}}", error_message=message.format(listed))


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
