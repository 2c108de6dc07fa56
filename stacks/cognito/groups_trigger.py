"""`cognito:groups` from Entra ID: a Lambda function that Cognito calls whenever it makes tokens."""

import json
import tempfile
from pathlib import Path

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from constructs import Construct

from stacks import addresses
from stacks.cognito import groups_in_tokens
from stacks.cognito.groups_code import CODE, archive, code_hash, function_name

RUNTIME = "python3.13"

# Cognito gives up after 5 seconds (developer guide, "Customizing user pool workflows with Lambda triggers").
TIMEOUT_SECONDS = 5


class GroupsTrigger(Construct):
    """The function with its role and logs.

    Attributes:
        arn: the function's ARN, as a Terraform reference.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        stack_name: str,
        attribute: str,
        home_provider: str,
        log_retention_days: int,
    ) -> None:
        """Declare them.

        Args:
            home_provider: the identity provider whose roles or groups keep their names.
        """
        super().__init__(scope, "groups_trigger")
        full_name = function_name(stack_name)
        logs = CloudwatchLogGroup(
            self,
            addresses.GROUPS_FUNCTION_LOGS,
            name=f"/aws/lambda/{full_name}",
            retention_in_days=log_retention_days,
        )
        role = IamRole(
            self,
            addresses.GROUPS_FUNCTION_ROLE,
            name=full_name,
            assume_role_policy=_policy(
                Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole"
            ),
        )
        may_log = IamRolePolicy(
            self,
            addresses.GROUPS_FUNCTION_POLICY,
            name="logs",
            role=role.name,
            # Its own log group's streams, and nothing else: the group exists already.
            policy=_policy(Action=["logs:CreateLogStream", "logs:PutLogEvents"], Resource=f"{logs.arn}:*"),
        )
        # Kept for as long as this object is: CDKTF copies the file when it synthesizes.
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, f"{CODE.stem}.zip")
        file.write_bytes(archive())
        code = TerraformAsset(self, addresses.GROUPS_FUNCTION_FOLDER, path=str(file), type=AssetType.FILE)
        self._function = LambdaFunction(
            self,
            addresses.GROUPS_FUNCTION,
            function_name=full_name,
            description="Puts what Entra ID says of a person into cognito:groups.",
            role=role.arn,
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=f"{CODE.stem}.handler",
            filename=code.path,
            source_code_hash=code_hash(),
            memory_size=128,
            timeout=TIMEOUT_SECONDS,
            environment=LambdaFunctionEnvironment(
                variables={
                    groups_in_tokens.ATTRIBUTE: attribute,
                    groups_in_tokens.HOME_PROVIDER: home_provider,
                }
            ),
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=logs.name),
            depends_on=[may_log],
        )
        self.arn = self._function.arn

    def allow_invoke(self, user_pool_arn: str) -> None:
        """Let Cognito call the function, for one user pool."""
        LambdaPermission(
            self,
            addresses.GROUPS_FUNCTION_PERMISSION,
            statement_id="cognito",
            action="lambda:InvokeFunction",
            function_name=self._function.function_name,
            principal="cognito-idp.amazonaws.com",
            source_arn=user_pool_arn,
        )


def _policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
