"""The second stack of an environment: the bucket of its state, and whom both clouds trust."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.settings.files import load
from tests.conftest import EXAMPLES, TODAY, Synthesize, TerraformJson
from tests.e2e import deployment as e2e
from tests.stacks.terraform_json import addresses, element

JOBS = "deploy", "plan"
BUCKET = {
    "aws_s3_bucket.state",
    "aws_s3_bucket_lifecycle_configuration.state",
    "aws_s3_bucket_policy.state",
    "aws_s3_bucket_public_access_block.state",
    "aws_s3_bucket_server_side_encryption_configuration.state",
    "aws_s3_bucket_versioning.state",
}
IN_AWS = {
    "aws_iam_openid_connect_provider.pipeline",
    *(f"aws_iam_{kind}.pipeline_{job}" for kind in ("role", "role_policy") for job in JOBS),
}
IN_ENTRA = {
    "data.azuread_client_config.deployer",
    "data.azuread_service_principal.microsoft_graph",
    *(
        f"azuread_{kind}.pipeline_{job}"
        for kind in ("application", "service_principal")
        for job in ("deploy", "plan")
    ),
}
HOST = "token.actions.githubusercontent.com"
SecondStack = Callable[..., TerraformJson]


@pytest.fixture
def second_stack(tmp_path: Path) -> SecondStack:
    """Give the Terraform JSON of the example's second stack, with something in its settings replaced."""

    def second_stack(edits: dict[str, str] | None = None) -> TerraformJson:
        file = tmp_path / "pipeline.toml"
        file.write_text(e2e.with_edits((EXAMPLES / "pipeline.toml").read_text(), edits or {}))
        e2e.synthesize(tmp_path, tmp_path / "cdktf.out", [load(file)], TODAY)
        path = tmp_path / "cdktf.out" / "stacks" / "pipeline-bootstrap" / "cdk.tf.json"
        document: TerraformJson = json.loads(path.read_text())
        return document

    return second_stack


def statements(address: str, document: TerraformJson, key: str = "policy") -> list[dict[str, Any]]:
    return list(json.loads(element(address, document)[key])["Statement"])


def test_it_has_these_addresses(second_stack: SecondStack) -> None:
    made = addresses(second_stack())
    assert made >= BUCKET | IN_AWS | IN_ENTRA
    credentials = {one for one in made if "federated" in one}
    assert {one.rpartition("_")[0].rpartition(".")[2][:16] for one in credentials} == {
        "pipeline_deploy_",
        "pipeline_plan_su",
    }
    assert len(credentials) == 3
    permissions = made - BUCKET - IN_AWS - IN_ENTRA - credentials
    assert permissions == {
        "azuread_app_role_assignment.pipeline_deploy_application_read_all",
        "azuread_app_role_assignment.pipeline_deploy_application_readwrite_ownedby",
        "azuread_app_role_assignment.pipeline_deploy_delegatedpermissiongrant_readwrite_all",
        "azuread_app_role_assignment.pipeline_plan_directory_read_all",
    }


def test_only_bootstrap_brings_it(synthesize: Synthesize, tmp_path: Path) -> None:
    synthesize()
    assert [path.name for path in (tmp_path / "cdktf.out" / "stacks").iterdir()] == ["dev"]


def test_the_bucket_denies_what_is_not_over_tls_and_nothing_else(second_stack: SecondStack) -> None:
    document = second_stack()
    (only,) = statements("aws_s3_bucket_policy.state", document)
    assert only["Effect"] == "Deny"
    assert only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    private = element("aws_s3_bucket_public_access_block.state", document)
    assert {value for name, value in private.items() if name.startswith(("block", "ignore", "restrict"))} == {
        True
    }
    assert element("aws_s3_bucket.state", document)["lifecycle"] == {"prevent_destroy": True}


def test_a_role_takes_its_subjects_letter_for_letter(second_stack: SecondStack) -> None:
    document = second_stack()
    for job, subjects in (
        ("deploy", [":environment:prod"]),
        ("plan", [":pull_request", ":ref:refs/heads/main"]),
    ):
        (trust,) = statements(f"aws_iam_role.pipeline_{job}", document, "assume_role_policy")
        assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert trust["Condition"] == {
            "StringEquals": {
                f"{HOST}:aud": "sts.amazonaws.com",
                f"{HOST}:sub": [f"repo:contoso@123456/signin@456789{end}" for end in subjects],
            }
        }
    rights = {
        job: {
            action
            for one in statements(f"aws_iam_role_policy.pipeline_{job}", document)
            for action in one["Action"]
        }
        for job in ("deploy", "plan")
    }
    assert "cognito-idp:UpdateUserPool" in rights["deploy"] - rights["plan"]


def test_an_account_that_demands_a_boundary_has_it_on_these_roles_too(second_stack: SecondStack) -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    document = second_stack(
        {"[aws]\n": f'[aws]\npermissions_boundary = "{boundary}"\nrole_path = "/identity/"\n'}
    )
    for job in JOBS:
        role = element(f"aws_iam_role.pipeline_{job}", document)
        assert (role["permissions_boundary"], role["path"]) == (boundary, "/identity/")


def test_what_exists_is_used(second_stack: SecondStack) -> None:
    document = second_stack(
        {"#existing_bucket": "existing_bucket", "#existing_oidc_provider": "existing_oidc_provider"}
    )
    made = addresses(document)
    assert not made & BUCKET
    assert "data.aws_iam_openid_connect_provider.pipeline" in made
    assert "aws_iam_openid_connect_provider.pipeline" not in made
    (trust,) = statements("aws_iam_role.pipeline_deploy", document, "assume_role_policy")
    assert trust["Principal"] == {"Federated": "${data.aws_iam_openid_connect_provider.pipeline.arn}"}


def test_a_key_of_its_own_encrypts_the_bucket(second_stack: SecondStack) -> None:
    document = second_stack({"#encryption_key": "encryption_key"})
    (rule,) = element("aws_s3_bucket_server_side_encryption_configuration.state", document)["rule"]
    assert rule["apply_server_side_encryption_by_default"] == {
        "kms_master_key_id": "${aws_kms_key.state.arn}",
        "sse_algorithm": "aws:kms",
    }
    key = element("aws_kms_key.state", document)
    assert key["enable_key_rotation"] is True
    assert "policy" not in key
    assert document["output"]["state_kms_key_id"]["value"] == "${aws_kms_key.state.arn}"


def test_its_own_state_is_a_file_until_it_is_to_be_in_the_bucket(second_stack: SecondStack) -> None:
    assert list(second_stack()["terraform"]["backend"]) == ["local"]
    kept = second_stack({"#keep_own_state_in_bucket": "keep_own_state_in_bucket"})["terraform"]["backend"]
    assert kept["s3"]["key"] == "entra-cognito/pipeline-bootstrap.tfstate"
    assert kept["s3"]["use_lockfile"] is True


def test_of_a_registration_of_another_team_nothing_is_made_in_entra_id(second_stack: SecondStack) -> None:
    theirs = (
        '[entra.registration]\nclient_id = "3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f"\n'
        'secrets_manager_secret = "entra/signin"\n\n[cognito]\n'
    )
    document = second_stack({"[cognito]\n": theirs})
    assert not [one for one in addresses(document) if "azuread" in one]
    assert "azuread" not in document["provider"]
