"""`cognito:groups` from Entra ID: a Lambda function that Cognito asks whenever it makes tokens."""

import base64
import hashlib
import io
import json
import tempfile
import zipfile
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

from stacks.addresses import pinned
from stacks.functions import groups_in_tokens

CODE = Path(groups_in_tokens.__file__)
NAME = CODE.stem
RUNTIME = "python3.13"

# Cognito gives up after 5 seconds (developer guide, "Customizing user pool workflows with Lambda triggers").
SECONDS = 5


class GroupsInTokens(Construct):
    """The function with its role and logs.

    Attributes:
        arn: the function's ARN, as a Terraform reference.
    """

    def __init__(self, scope: Construct, *, name: str, attribute: str, log_retention_days: int) -> None:
        """Declare the function."""
        super().__init__(scope, "groups_in_tokens")
        full_name = f"{name}-groups-in-tokens"
        logs = pinned(
            CloudwatchLogGroup(
                self, "logs", name=f"/aws/lambda/{full_name}", retention_in_days=log_retention_days
            ),
            NAME,
        )
        role = pinned(
            IamRole(self, "role", name=full_name, assume_role_policy=json.dumps(_LAMBDA_MAY_ASSUME)), NAME
        )
        may_log = pinned(
            # Its own log group's streams, and nothing else: the group exists already.
            IamRolePolicy(
                self, "policy", name="logs", role=role.name, policy=json.dumps(_may_write(logs.arn))
            ),
            NAME,
        )
        archive = _archive()
        # Kept for as long as this is: CDKTF copies the file when it synthesizes.
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, f"{NAME}.zip")
        file.write_bytes(archive)
        code = TerraformAsset(self, "code", path=str(file), type=AssetType.FILE)
        self._function = pinned(
            LambdaFunction(
                self,
                "function",
                function_name=full_name,
                description="Puts what Entra ID says of a person into cognito:groups.",
                role=role.arn,
                runtime=RUNTIME,
                architectures=["arm64"],
                handler=f"{NAME}.handler",
                filename=code.path,
                source_code_hash=base64.b64encode(hashlib.sha256(archive).digest()).decode(),
                memory_size=128,
                timeout=SECONDS,
                environment=LambdaFunctionEnvironment(variables={groups_in_tokens.ATTRIBUTE: attribute}),
                logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=logs.name),
                depends_on=[may_log],
            ),
            NAME,
        )
        self.arn = self._function.arn

    def let_call(self, user_pool_arn: str) -> None:
        """Let Cognito call the function, for one user pool."""
        pinned(
            LambdaPermission(
                self,
                "permission",
                statement_id="cognito",
                action="lambda:InvokeFunction",
                function_name=self._function.function_name,
                principal="cognito-idp.amazonaws.com",
                source_arn=user_pool_arn,
            ),
            NAME,
        )


def _archive() -> bytes:
    """The deployment package: the same bytes on every machine, or every machine would deploy it anew."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        member = zipfile.ZipInfo(CODE.name)
        member.external_attr = 0o644 << 16
        member.create_system = 3  # Unix, wherever it is made
        archive.writestr(member, CODE.read_bytes())
    return buffer.getvalue()


_LAMBDA_MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def _may_write(log_group_arn: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{log_group_arn}:*",
            }
        ],
    }
