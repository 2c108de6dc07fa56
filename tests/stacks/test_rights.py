"""The rights that an environment needs: what a policy allows, where, and for whom."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.rights import TABLE, Json, aws_policy, graph_permissions, uses
from stacks.settings import Settings
from stacks.settings.files import load, settings_of
from tests.conftest import EXAMPLES
from tests.stacks.settings.samples import (
    EXISTING,
    OF_ONES_OWN,
    POOL,
    READ_FROM_A_PARAMETER,
    settings_with,
)

ACCOUNT = "123456789012"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/developer-boundary"
TRIGGER: dict[str, Any] = {
    "entra.app_roles.user": {"groups": ["Staff"]},
    "entra.assignment_required": True,
    "cognito.groups_from": "roles",
}
# AWS authorizes these on no resource (Service Authorization Reference).
ON_NOTHING = {
    "cloudfront:UpdateDistribution",  # on a distribution of Cognito's
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "cognito-idp:ListUserPools",
    "logs:DescribeLogGroups",
}
# Of a managed policy, without white space (IAM user guide, "IAM and AWS STS quotas").
MOST_CHARACTERS = 6144
READS = ("Describe", "Get", "List")
# Terraform locks the state, and AWS makes a key with which the lock is encrypted.
OF_THE_LOCK = {"kms:Decrypt", "s3:DeleteObject", "s3:PutObject"}


def allowed(policy: Json) -> dict[str, set[str]]:
    """Where each action of a policy is allowed."""
    where: dict[str, set[str]] = {}
    for statement in policy["Statement"]:
        for action in statement["Action"]:
            where.setdefault(action, set()).update(statement["Resource"])
    return where


@pytest.fixture(params=sorted(path.stem for path in EXAMPLES.glob("*.toml")))
def example(request: pytest.FixtureRequest) -> Settings:
    return load(EXAMPLES / f"{request.param}.toml")


def test_every_policy_fits_into_one(example: Settings) -> None:
    for purpose in ("deploy", "read"):
        policy = aws_policy(example, purpose)
        assert len(json.dumps(policy, separators=(",", ":"))) < MOST_CHARACTERS


def test_only_what_has_no_resource_is_allowed_everywhere(example: Settings) -> None:
    for purpose in ("deploy", "read"):
        for action, where in allowed(aws_policy(example, purpose)).items():
            assert ("*" in where) is (action in ON_NOTHING), action


def test_who_reads_changes_nothing_but_the_lock(example: Settings) -> None:
    where = allowed(aws_policy(example, "read"))
    writes = {action for action in where if not action.partition(":")[2].startswith(READS)}
    assert writes <= OF_THE_LOCK
    assert [one["permission"] for one in graph_permissions(example, "read")] == ["Directory.Read.All"]


def test_every_row_of_the_table_is_for_some_environment() -> None:
    shapes = (OF_ONES_OWN, EXISTING, READ_FROM_A_PARAMETER)
    used = set().union(
        *(uses(load(path)) for path in EXAMPLES.glob("*.toml")),
        *(uses(settings_of(shape, Path("dev.toml"))) for shape in shapes),
        uses(state(kms_key_id=KEY)),
        uses(settings_with(TRIGGER | {"aws.permissions_boundary": BOUNDARY, "tags": {"a": "b"}})),
    )
    assert {one["when"] for one in [*TABLE["aws"], *TABLE["entra"]]} - used == set()


def state(**more: str) -> Settings:
    return settings_with({"aws.account_id": ACCOUNT, "state": {"bucket": "contoso-state", **more}})


def test_the_state_is_read_and_written_locked_and_never_deleted() -> None:
    bucket, key = "arn:aws:s3:::contoso-state", "entra-cognito/dev.tfstate"
    where = allowed(aws_policy(state(), "deploy"))
    kinds = ("s3:List", "s3:GetObject", "s3:Put", "s3:Delete", "kms:")
    assert {action: names for action, names in where.items() if action.startswith(kinds)} == {
        "s3:ListBucket": {bucket},
        "s3:GetObject": {f"{bucket}/{key}", f"{bucket}/{key}.tflock"},
        "s3:PutObject": {f"{bucket}/{key}", f"{bucket}/{key}.tflock"},
        "s3:DeleteObject": {f"{bucket}/{key}.tflock"},
    }
    read = allowed(aws_policy(state(), "read"))
    assert read["s3:PutObject"] == {f"{bucket}/{key}.tflock"}


@pytest.mark.parametrize(
    "key",
    [KEY, f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/mrk-{'0' * 32}"],
)
def test_the_key_of_the_state_encrypts_and_decrypts(key: str) -> None:
    where = allowed(aws_policy(state(kms_key_id=key, region="eu-central-1"), "read"))
    arn = key if key.startswith("arn:") else f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/{key}"
    assert where["kms:Decrypt"] == where["kms:GenerateDataKey"] == {arn}


def test_of_an_existing_pool_nothing_but_what_is_added_to_it_is_changed() -> None:
    pool = POOL["cognito.user_pool_id"]
    where = allowed(aws_policy(settings_with(POOL | {"aws.account_id": ACCOUNT}), "deploy"))
    assert where["cognito-idp:CreateIdentityProvider"] == {
        f"arn:aws:cognito-idp:eu-central-1:{ACCOUNT}:userpool/{pool}"
    }
    assert {one for one in where if one.endswith("UserPool")} == {"cognito-idp:DescribeUserPool"}


def trigger(changes: dict[str, Any]) -> Json:
    return aws_policy(settings_with(TRIGGER | {"aws.account_id": ACCOUNT} | changes), "deploy")


def test_a_role_can_be_made_only_with_the_boundary() -> None:
    policy = trigger({"aws.permissions_boundary": BOUNDARY, "aws.role_path": "/identity/"})
    (making,) = (one for one in policy["Statement"] if "iam:CreateRole" in one["Action"])
    assert making["Resource"] == [f"{ROLE}/identity/dev-groups-in-tokens"]
    assert making["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}
    assert set(making["Action"]) >= {"iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"}
    assert "iam:DeleteRolePermissionsBoundary" not in allowed(policy)
    (passing,) = (one for one in policy["Statement"] if "iam:PassRole" in one["Action"])
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


def test_an_existing_role_is_only_passed_on() -> None:
    where = allowed(trigger({"cognito.groups_role_arn": f"{ROLE}/theirs/groups"}))
    assert {action: names for action, names in where.items() if action.startswith("iam:")} == {
        "iam:PassRole": {f"{ROLE}/theirs/groups"}
    }


def permissions(changes: dict[str, Any]) -> set[str]:
    return {one["permission"] for one in graph_permissions(settings_with(changes), "deploy")}


def test_entra_id_is_asked_for_no_permission_that_the_settings_do_not_use() -> None:
    consent = {"Application.Read.All", "DelegatedPermissionGrant.ReadWrite.All"}
    own = {"Application.ReadWrite.OwnedBy"}
    assert permissions({}) == own | consent
    assert permissions({"entra.admin_consent": False}) == own
    assigned = own | {"Application.Read.All", "AppRoleAssignment.ReadWrite.All"}
    without = {"entra.admin_consent": False}
    by_id = {"entra.assigned_principals": ["1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"]}
    assert permissions(without | by_id) == assigned | {"User.Read.All", "Group.Read.All"}
    by_name = {"entra.assigned_users": ["ada@contoso.com"]}
    assert permissions(without | by_name) == assigned | {"User.Read.All"}
    role = {"entra.app_roles.admin": {"groups": ["Admins"]}}
    assert permissions(without | role) == assigned | {"Group.Read.All"}
