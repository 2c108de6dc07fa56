"""`cognito:groups` from Entra ID: a Lambda function that Cognito calls whenever it makes tokens."""

import json
import tempfile
from pathlib import Path

from cdktf import AssetType, ITerraformDependable, TerraformAsset
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
from stacks.cognito.groups_code import CODE, archive, code_hash
from stacks.settings import Settings

RUNTIME = "python3.13"

# Cognito gives up after 5 seconds (developer guide, "Customizing user pool workflows with Lambda triggers").
TIMEOUT_SECONDS = 5


class GroupsTrigger(Construct):
    """The function with its role and logs.

    Attributes:
        arn: the function's ARN, as a Terraform reference.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "groups_trigger")
        logs = CloudwatchLogGroup(
            self,
            addresses.GROUPS_FUNCTION_LOGS,
            name=settings.groups_log_group,
            retention_in_days=settings.cognito.log_retention_days,
        )
        role_arn, before_use = settings.cognito.groups_role_arn, None
        if role_arn is None:
            role_arn, before_use = self._role(settings, logs)
        # Kept for as long as this object is: CDKTF copies the file when it synthesizes.
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, f"{CODE.stem}.zip")
        file.write_bytes(archive())
        code = TerraformAsset(self, addresses.GROUPS_FUNCTION_FOLDER, path=str(file), type=AssetType.FILE)
        self._function = LambdaFunction(
            self,
            addresses.GROUPS_FUNCTION,
            function_name=settings.groups_function,
            description="Puts what Entra ID says of a person into cognito:groups.",
            role=role_arn,
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=f"{CODE.stem}.handler",
            filename=code.path,
            source_code_hash=code_hash(),
            memory_size=128,
            timeout=TIMEOUT_SECONDS,
            environment=LambdaFunctionEnvironment(variables=settings.groups_environment),
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=logs.name),
            depends_on=before_use,
        )
        self.arn = self._function.arn

    def _role(self, settings: Settings, logs: CloudwatchLogGroup) -> tuple[str, list[ITerraformDependable]]:
        """The ARN of the function's role, and what has to exist before the role is used."""
        role = IamRole(
            self,
            addresses.GROUPS_FUNCTION_ROLE,
            name=settings.groups_function,
            path=settings.aws.role_path if settings.aws.role_path != "/" else None,
            permissions_boundary=settings.aws.permissions_boundary,
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
        return role.arn, [may_log]

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
