"""`policy`: JSON that `aws iam create-policy` takes, and the permissions of Microsoft Graph."""

import json
from pathlib import Path

import pytest

from operate.policy import main
from tests.conftest import MINIMAL


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").write_text(MINIMAL)
    return tmp_path


def test_it_prints_nothing_but_a_policy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in ([], ["--read-only"]):
        assert main(["dev", "--project", str(project), *options]) == 0
        policy = json.loads(capsys.readouterr().out)
        assert policy["Version"] == "2012-10-17"
        assert {tuple(one) for one in policy["Statement"]} == {("Effect", "Action", "Resource")}
        actions = {action for one in policy["Statement"] for action in one["Action"]}
        assert ("cognito-idp:CreateUserPool" in actions) is (options == [])


def test_it_prints_the_permissions_as_a_registration_lists_them(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "--project", str(project), "--entra"]) == 0
    rights = json.loads(capsys.readouterr().out)
    assert rights["directoryRole"] == "Cloud Application Administrator"
    (resource,) = rights["requiredResourceAccess"]
    assert resource["resourceAppId"] == "00000003-0000-0000-c000-000000000000"
    assert len(resource["resourceAccess"]) == len(rights["permissions"]) == 3


def test_what_is_wrong_is_said_without_a_policy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prod", "--project", str(project)]) == 1
    (project / "environments" / "dev.toml").write_text("[aws]\nregion = 1\n")
    assert main(["dev", "--project", str(project)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "There is no environments/prod.toml" in shown.err
    assert "aws.region" in shown.err
