"""The Lambda function for `cognito:groups`, with its role, its logs and its package."""

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from stacks.cognito import groups_in_tokens
from tests.conftest import EXAMPLES, SynthesizeExample, TerraformJson
from tests.stacks.terraform_json import IDENTITY_PROVIDER, USER_POOL, element

FUNCTION = "aws_lambda_function.groups_in_tokens"
LOGS = "aws_cloudwatch_log_group.groups_in_tokens"
PACKAGE = "b3e55feec472dc3e307c0acca56626b1561c89f6c3ad10394152bd5d8f847fd7"
OF_THE_FUNCTION = {
    "aws_cloudwatch_log_group",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_lambda_function",
    "aws_lambda_permission",
}


def test_only_groups_from_brings_the_function(synthesize_example: SynthesizeExample) -> None:
    for example in sorted(path.stem for path in EXAMPLES.glob("*.toml")):
        document = synthesize_example(example)
        pool = document["resource"].get("aws_cognito_user_pool", {}).get("users", {})
        wanted = example == "roles"
        assert OF_THE_FUNCTION & set(document["resource"]) == (OF_THE_FUNCTION if wanted else set()), example
        assert ("lambda_config" in pool) is wanted, example


def test_the_function_may_write_its_own_logs_and_nothing_else(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles")
    policy = element("aws_iam_role_policy.groups_in_tokens", document)
    assert policy["role"] == "${aws_iam_role.groups_in_tokens.name}"
    assert json.loads(policy["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "${aws_cloudwatch_log_group.groups_in_tokens.arn}:*",
            }
        ],
    }
    role = element("aws_iam_role.groups_in_tokens", document)
    assert json.loads(role["assume_role_policy"])["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    assert not {"managed_policy_arns", "inline_policy"} & set(role)


def test_its_logs_are_kept_for_as_long_as_the_settings_say(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles")
    logs = element(LOGS, document)
    assert (logs["name"], logs["retention_in_days"]) == ("/aws/lambda/roles-groups-in-tokens", 30)
    function = element(FUNCTION, document)
    assert function["logging_config"]["log_group"] == "${aws_cloudwatch_log_group.groups_in_tokens.name}"
    shorter = synthesize_example("roles", {"#log_retention_days = 30": "log_retention_days = 7"})
    assert element(LOGS, shorter)["retention_in_days"] == 7


def test_the_pool_and_no_other_may_call_it_before_it_makes_tokens(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("roles")
    permission = element("aws_lambda_permission.groups_in_tokens", document)
    assert permission["principal"] == "cognito-idp.amazonaws.com"
    assert permission["action"] == "lambda:InvokeFunction"
    assert permission["source_arn"] == "${aws_cognito_user_pool.users.arn}"
    # Of version 1 of the event the access token keeps out.
    assert element(USER_POOL, document)["lambda_config"] == {
        "pre_token_generation_config": {
            "lambda_arn": "${aws_lambda_function.groups_in_tokens.arn}",
            "lambda_version": "V2_0",
        }
    }


def test_it_is_told_which_attribute_has_the_roles(synthesize_example: SynthesizeExample) -> None:
    def attribute(document: TerraformJson) -> str:
        variables = element(FUNCTION, document)["environment"]["variables"]
        return str(variables[groups_in_tokens.ATTRIBUTE])

    assert attribute(synthesize_example("roles")) == "custom:roles"
    by_itself = synthesize_example("roles", {'"custom:roles" = "roles"\n': ""})
    assert attribute(by_itself) == "custom:entra_roles"
    provider = element(IDENTITY_PROVIDER, by_itself)
    assert provider["attribute_mapping"]["custom:entra_roles"] == "roles"
    assert "entra_roles" in {entry["name"] for entry in element(USER_POOL, by_itself)["schema"]}


def test_the_deployment_package_is_the_same_wherever_it_is_made(
    synthesize_example: SynthesizeExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that differs by a time or a machine's name would be deployed anew by everybody."""
    functions = []
    packages = []
    for temporary in ("one", "another"):
        (tmp_path / temporary).mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / temporary))
        function = element(FUNCTION, synthesize_example("roles"))
        functions.append(function)
        packages.append((tmp_path / "cdktf.out" / "stacks" / "roles" / function["filename"]).read_bytes())
    assert functions[0] == functions[1]
    assert packages[0] == packages[1]
    # Another byte, or another folder, is an update of the function in every deployment.
    assert hashlib.sha256(packages[0]).hexdigest() == PACKAGE
    assert functions[0]["filename"].startswith("assets/cognito_pool_groups_in_tokens_code_28F1A8BB/")
    digest = base64.b64encode(hashlib.sha256(packages[0]).digest()).decode()
    assert functions[0]["source_code_hash"] == digest
    with zipfile.ZipFile(io.BytesIO(packages[0])) as package:
        (member,) = package.infolist()
        assert package.read(member) == Path(groups_in_tokens.__file__).read_bytes()
        # Readable for the account that Lambda runs it as.
        assert member.external_attr >> 16 & 0o777 == 0o644
    assert functions[0]["handler"] == f"{member.filename.removesuffix('.py')}.handler"


IAM = "arn:aws:iam::123456789012"


def test_an_account_may_demand_a_boundary_and_a_path_of_the_role(
    synthesize_example: SynthesizeExample,
) -> None:
    role = element("aws_iam_role.groups_in_tokens", synthesize_example("roles"))
    assert not {"permissions_boundary", "path"} & set(role)
    demanded = f'permissions_boundary = "{IAM}:policy/boundary"\nrole_path = "/identity/"'
    document = synthesize_example("roles", {"[aws]\n": f"[aws]\n{demanded}\n"})
    bounded = element("aws_iam_role.groups_in_tokens", document)
    assert bounded == role | {"permissions_boundary": f"{IAM}:policy/boundary", "path": "/identity/"}


def test_of_an_existing_role_nothing_is_made(synthesize_example: SynthesizeExample) -> None:
    role = f'groups_role_arn = "{IAM}:role/theirs"'
    document = synthesize_example("roles", {"[cognito]\n": f"[cognito]\n{role}\n"})
    assert element(FUNCTION, document)["role"] == f"{IAM}:role/theirs"
    assert "depends_on" not in element(FUNCTION, document)
    assert OF_THE_FUNCTION - set(document["resource"]) == {"aws_iam_role", "aws_iam_role_policy"}
