"""Commands with another environment's credentials: they end before Terraform starts and any state is read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from operate import http_client, reviewed_plan
from operate.credentials import foreign
from operate.project import stack_folder
from operate.terraform import PLAN
from sandbox.aws import LocalAws
from stacks.settings import Settings
from stacks.settings.files import load
from tests.conftest import EXAMPLES
from tests.operate import samples

CHECKOUT = Path(__file__).parents[2]
OURS, OTHERS = "123456789012", "210987654321"  # the local AWS takes a key of 12 digits for the account
TENANT = load(EXAMPLES / "pipeline.toml").entra.tenant_id
OTHER_TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
APPLICATION = {"ARM_CLIENT_ID": "dev-deployer", "ARM_CLIENT_SECRET": "s3cret"}
COMMANDS = [
    *(["cdktf", command, "prod"] for command in ("diff", "plan", "deploy", "apply", "destroy", "output")),
    ["cdktf", "deploy", "prod-bootstrap"],
    ["cdktf", "deploy", "dev", "pr*"],
    ["cdktf", "deploy", "prod", "--skip-synth"],
    ["cdktf", "deploy", "prod", "--reviewed"],
    ["guard", "prod"],
    ["guard", "prod", "--save"],
    ["guard", "prod-bootstrap"],
    ["move_state", "prod"],
    ["move_state", "prod-bootstrap"],
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two environments of one folder, a reviewed plan, and a Terraform that leaves a trace."""
    (tmp_path / "environments").mkdir()
    example = (EXAMPLES / "pipeline.toml").read_text("utf-8")
    (tmp_path / "environments" / "prod.toml").write_text(example)
    dev = example.replace(OURS, OTHERS).replace('prefix = "', 'prefix = "dev-')
    (tmp_path / "environments" / "dev.toml").write_text(dev)
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')
    (tmp_path / "terraform").write_text(f'#!/bin/sh\n[ "$1" = version ] || touch {tmp_path}/started\n')
    (tmp_path / "terraform").chmod(0o700)
    stack_folder("prod", tmp_path).mkdir(parents=True)
    (reviewed_plan.make_folder("prod", tmp_path) / PLAN).touch()
    return tmp_path


def run(command: list[str], project: Path, aws: LocalAws, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", f"operate.{command[0]}", *command[1:]],
        cwd=project,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("ARM_", "AWS_"))},
            **aws.environment(),
            "AWS_SECRET_ACCESS_KEY": "x",
            "PYTHONPATH": str(CHECKOUT),
            "TERRAFORM_BINARY_NAME": str(project / "terraform"),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_starts_terraform_with_credentials_of_another_account(
    command: list[str], project: Path, aws: LocalAws
) -> None:
    status, said = run(command, project, aws, AWS_ACCESS_KEY_ID=OTHERS)
    assert status == 1
    assert said == (
        f"prod: the AWS credentials are of the account {OTHERS}, and aws.account_id is {OURS}. Sign in to"
        f" {OURS}, for instance by AWS_PROFILE, or correct the settings. No state was read.\n"
    )
    assert not (project / "started").exists()


@pytest.mark.parametrize("command", COMMANDS[-3:], ids=" ".join)
def test_with_credentials_of_the_account_it_goes_on(command: list[str], project: Path, aws: LocalAws) -> None:
    _, said = run(command, project, aws, AWS_ACCESS_KEY_ID=OURS)
    assert "No state was read" not in said


def test_a_variable_for_another_tenant_stops_it_before_terraform(project: Path, aws: LocalAws) -> None:
    status, said = run(
        ["cdktf", "diff", "prod"], project, aws, AWS_ACCESS_KEY_ID=OURS, ARM_TENANT_ID=OTHER_TENANT
    )
    assert status == 1
    assert said.startswith(f"prod: ARM_TENANT_ID is {OTHER_TENANT}, and entra.tenant_id is {TENANT}. Set ")
    assert not (project / "started").exists()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tenants whose Entra ID was asked for a token: it has no such application in any."""
    tenants: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tenants.append(request.url.path.split("/")[1])
        said = "AADSTS700016: Application with identifier 'x' was not found in the directory 'y'."
        return httpx.Response(400, json={"error": "unauthorized_client", "error_description": said})

    for name in ("ARM_TENANT_ID", "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH", *APPLICATION):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(http_client, "client", lambda: samples.http(answer))
    return tenants


def without_account(example: str, folder: Path) -> Settings:
    text = (EXAMPLES / f"{example}.toml").read_text("utf-8").replace(f'account_id = "{OURS}"', "")
    (folder / "prod.toml").write_text(text)
    return load(folder / "prod.toml")


@pytest.mark.parametrize("of_this", [{}, {"ARM_TENANT_ID": TENANT.upper()}, {"ARM_TENANT_ID": "contoso.com"}])
def test_an_application_of_another_tenant_is_named(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_this: dict[str, str]
) -> None:
    for name, value in {**APPLICATION, **of_this}.items():
        monkeypatch.setenv(name, value)
    assert foreign(without_account("pipeline", tmp_path)) == (
        f"prod: ARM_CLIENT_ID, dev-deployer, is not an application of the tenant {TENANT} (entra.tenant_id)."
        " Set the credentials of that tenant, or correct the settings. No state was read."
    )
    assert asked == [TENANT]


@pytest.mark.parametrize("variables", [{}, {"ARM_CLIENT_ID": "dev-deployer"}, {"ARM_USE_MSI": "true"}])
def test_other_ways_to_sign_in_are_left_to_terraform(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert foreign(without_account("pipeline", tmp_path)) == ""
    assert asked == []


def test_a_stack_that_makes_nothing_in_entra_id_needs_none_of_its_credentials(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**APPLICATION, "ARM_TENANT_ID": OTHER_TENANT}.items():
        monkeypatch.setenv(name, value)
    assert foreign(without_account("existing-registration", tmp_path)) == ""
    assert asked == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"error_description": "AADSTS7000215: Invalid client secret provided."}),
        httpx.ConnectError("no network"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_where_neither_cloud_says_whose_they_are_terraform_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: httpx.Response | httpx.ConnectError
) -> None:
    def give(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.Response):
            return answer
        raise answer

    for name, value in {**APPLICATION, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(http_client, "client", lambda: samples.http(give))
    (tmp_path / "prod.toml").write_text((EXAMPLES / "pipeline.toml").read_text("utf-8"))
    assert foreign(load(tmp_path / "prod.toml")) == ""
