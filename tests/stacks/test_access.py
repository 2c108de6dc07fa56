"""Who may sign in, with which roles and groups, and the function for `cognito:groups`."""

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from stacks.cognito import groups_in_tokens
from tests.conftest import EXAMPLES, SynthesizeExample, TerraformJson

USERS = "group_app_users_364cd886"
ADMINS = "group_admins_fa956b80"
GRACE = "user_grace_fabrikam_example_ext_contoso_examp_66332cbe"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
ADMIN = "d5c39e73-7d69-57da-a62e-94fe5346eb86"
OF_THE_FUNCTION = {
    "aws_cloudwatch_log_group",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_lambda_function",
    "aws_lambda_permission",
}


def _registration(document: TerraformJson) -> TerraformJson:
    registration: TerraformJson = document["resource"]["azuread_application"]["sign_in"]
    return registration


def _assignments(document: TerraformJson) -> dict[str, tuple[str, str]]:
    """Address to role and principal."""
    found = document["resource"]["azuread_app_role_assignment"]
    return {key: (one["app_role_id"], one["principal_object_id"]) for key, one in found.items()}


def _only(document: TerraformJson, kind: str) -> TerraformJson:
    (found,) = document["resource"][kind].values()
    only: TerraformJson = found
    return only


# Assignments


def test_people_and_groups_are_looked_up_by_name_and_assigned(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("assigned")
    group = document["data"]["azuread_group"][USERS]
    # A distribution list may have the same name, and cannot be assigned.
    assert (group["display_name"], group["security_enabled"]) == ("App Users", True)
    user = document["data"]["azuread_user"][GRACE]
    assert user["user_principal_name"] == "grace_fabrikam.example#ext#@contoso.example"
    assert _assignments(document) == {
        f"sign_in_{USERS}": (DEFAULT_ACCESS, f"${{data.azuread_group.{USERS}.object_id}}"),
        f"sign_in_{GRACE}": (DEFAULT_ACCESS, f"${{data.azuread_user.{GRACE}.object_id}}"),
    }
    principal = document["resource"]["azuread_service_principal"]["sign_in"]
    assert principal["app_role_assignment_required"] is True


def test_names_that_differ_in_signs_alone_have_different_addresses(
    synthesize_example: SynthesizeExample,
) -> None:
    named = {'["App Users"]': '["App Users", "App-Users", "App Users!"]'}
    groups = synthesize_example("assigned", named)["data"]["azuread_group"]
    assert [group["display_name"] for group in groups.values()] == ["App Users", "App-Users", "App Users!"]


def test_an_assignment_more_moves_no_other(synthesize_example: SynthesizeExample) -> None:
    before = _assignments(synthesize_example("assigned"))
    after = _assignments(synthesize_example("assigned", {'["App Users"]': '["Admins", "App Users"]'}))
    assert after == before | {
        f"sign_in_{ADMINS}": (DEFAULT_ACCESS, f"${{data.azuread_group.{ADMINS}.object_id}}")
    }


# Roles


def test_a_roles_id_follows_from_its_key_for_ever(synthesize_example: SynthesizeExample) -> None:
    """Another id is another role to Entra ID, and everybody's assignment to it is gone."""
    changed = {'value = "Portal.Admin"': 'value = "Portal.Owner"', '"Administrators"': '"Owners"'}
    for document in (synthesize_example("roles"), synthesize_example("roles", changed)):
        ids = [role["id"] for role in _registration(document)["app_role"]]
        assert ids[0] == ADMIN
        assert len(set(ids)) == 2


def test_roles_are_for_people_and_say_what_the_settings_say(synthesize_example: SynthesizeExample) -> None:
    roles = _registration(synthesize_example("roles"))["app_role"]
    assert [{key: value for key, value in role.items() if key != "id"} for role in roles] == [
        {
            "value": "Portal.Admin",
            "display_name": "Administrators",
            "description": "May change everything.",
            "allowed_member_types": ["User"],
        },
        {
            "value": "user",
            "display_name": "user",
            "description": "user",
            "allowed_member_types": ["User"],
        },
    ]


def test_a_role_is_given_to_those_whom_the_settings_name(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles")
    user = next(role["id"] for role in _registration(document)["app_role"] if role["value"] == "user")
    assert _assignments(document) == {
        f"role_admin_{ADMINS}": (ADMIN, f"${{data.azuread_group.{ADMINS}.object_id}}"),
        f"role_user_{USERS}": (user, f"${{data.azuread_group.{USERS}.object_id}}"),
        f"role_user_{GRACE}": (user, f"${{data.azuread_user.{GRACE}.object_id}}"),
    }


def test_a_group_with_two_roles_is_looked_up_once(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles", {'groups = ["App Users"]': 'groups = ["App Users", "Admins"]'})
    assert set(document["data"]["azuread_group"]) == {ADMINS, USERS}
    assert {f"role_admin_{ADMINS}", f"role_user_{ADMINS}"} < set(_assignments(document))


# Groups


def test_groups_are_those_that_are_assigned_and_go_by_their_names(
    synthesize_example: SynthesizeExample,
) -> None:
    registration = _registration(synthesize_example("groups"))
    # Of all that a person is in, Entra ID would send none beyond 200.
    assert registration["group_membership_claims"] == ["ApplicationGroup"]
    claims = registration["optional_claims"]["id_token"]
    assert claims[-1] == {"name": "groups", "additional_properties": ["cloud_displayname"]}


def test_groups_by_their_ids_need_no_claim_beside_that(synthesize_example: SynthesizeExample) -> None:
    registration = _registration(
        synthesize_example("groups", {'groups_claim = "names"': 'groups_claim = "ids"'})
    )
    assert registration["group_membership_claims"] == ["ApplicationGroup"]
    assert "groups" not in {claim["name"] for claim in registration["optional_claims"]["id_token"]}


# The function for the claim of groups


def test_only_groups_from_brings_the_function(synthesize_example: SynthesizeExample) -> None:
    for example in sorted(path.stem for path in EXAMPLES.glob("*.toml")):
        document = synthesize_example(example)
        pool = document["resource"].get("aws_cognito_user_pool", {}).get("users", {})
        wanted = example == "roles"
        assert OF_THE_FUNCTION & set(document["resource"]) == (OF_THE_FUNCTION if wanted else set()), example
        assert ("lambda_config" in pool) is wanted, example


def test_the_function_may_write_its_own_logs_and_nothing_else(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles")
    policy = _only(document, "aws_iam_role_policy")
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
    role = _only(document, "aws_iam_role")
    assert json.loads(role["assume_role_policy"])["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    assert not {"managed_policy_arns", "inline_policy"} & set(role)


def test_its_logs_are_kept_for_as_long_as_the_settings_say(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles")
    logs = _only(document, "aws_cloudwatch_log_group")
    assert (logs["name"], logs["retention_in_days"]) == ("/aws/lambda/roles-groups-in-tokens", 30)
    function = _only(document, "aws_lambda_function")
    assert function["logging_config"]["log_group"] == "${aws_cloudwatch_log_group.groups_in_tokens.name}"
    shorter = synthesize_example("roles", {"#log_retention_days = 30": "log_retention_days = 7"})
    assert _only(shorter, "aws_cloudwatch_log_group")["retention_in_days"] == 7


def test_the_pool_and_no_other_may_call_it_before_it_makes_tokens(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("roles")
    permission = _only(document, "aws_lambda_permission")
    assert permission["principal"] == "cognito-idp.amazonaws.com"
    assert permission["action"] == "lambda:InvokeFunction"
    assert permission["source_arn"] == "${aws_cognito_user_pool.users.arn}"
    # Of version 1 of the event the access token keeps out.
    assert document["resource"]["aws_cognito_user_pool"]["users"]["lambda_config"] == {
        "pre_token_generation_config": {
            "lambda_arn": "${aws_lambda_function.groups_in_tokens.arn}",
            "lambda_version": "V2_0",
        }
    }


def test_it_is_told_which_attribute_has_the_roles(synthesize_example: SynthesizeExample) -> None:
    def attribute(document: TerraformJson) -> str:
        variables = _only(document, "aws_lambda_function")["environment"]["variables"]
        return str(variables[groups_in_tokens.ATTRIBUTE])

    assert attribute(synthesize_example("roles")) == "custom:roles"
    by_itself = synthesize_example("roles", {'"custom:roles" = "roles"\n': ""})
    assert attribute(by_itself) == "custom:entra_roles"
    provider = by_itself["resource"]["aws_cognito_identity_provider"]["entra"]
    assert provider["attribute_mapping"]["custom:entra_roles"] == "roles"
    assert "entra_roles" in {
        entry["name"] for entry in by_itself["resource"]["aws_cognito_user_pool"]["users"]["schema"]
    }


def test_the_deployment_package_is_the_same_wherever_it_is_made(
    synthesize_example: SynthesizeExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that differs by a time or a machine's name would be deployed anew by everybody."""
    functions = []
    packages = []
    for temporary in ("one", "another"):
        (tmp_path / temporary).mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / temporary))
        function = _only(synthesize_example("roles"), "aws_lambda_function")
        functions.append(function)
        packages.append((tmp_path / "cdktf.out" / "stacks" / "roles" / function["filename"]).read_bytes())
    assert functions[0] == functions[1]
    assert packages[0] == packages[1]
    digest = base64.b64encode(hashlib.sha256(packages[0]).digest()).decode()
    assert functions[0]["source_code_hash"] == digest
    with zipfile.ZipFile(io.BytesIO(packages[0])) as package:
        (member,) = package.infolist()
        assert package.read(member) == Path(groups_in_tokens.__file__).read_bytes()
        # Readable for the account that Lambda runs it as.
        assert member.external_attr >> 16 & 0o777 == 0o644
    assert functions[0]["handler"] == f"{member.filename.removesuffix('.py')}.handler"
