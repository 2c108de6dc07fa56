"""What `pipenv run pipeline` writes for Azure DevOps and for Atlantis."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from operate.pipeline import __main__ as pipeline
from tests.e2e.azure_devops import AZURE_DEVOPS, SUBJECT
from tests.e2e.azure_pipelines import connections, steps_of
from tests.test_workflows import OUTPUT, stopped_by_another_terraform

SETTINGS = """
[state]
bucket = "contoso-terraform-state"

[bootstrap.pipeline]
issuer = "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0"
aws_audience = "{audience}"
deploy_subjects = ["{subject}/deploying", "system:serviceaccount:atlantis:atlantis"]
plan_subjects = ["{subject}/planning", "system:serviceaccount:atlantis:atlantis"]
"""
# runatlantis/atlantis, server/core/config/raw: project.go, repo_cfg.go, global_cfg.go and step.go.
PROJECT = {
    "name",
    "branch",
    "dir",
    "workspace",
    "workflow",
    "autoplan",
    "apply_requirements",
    "plan_requirements",
}
SERVER_REPO = {
    "id",
    "branch",
    "apply_requirements",
    "allowed_overrides",
    "allow_custom_workflows",
    "workflow",
}


@pytest.fixture
def project(tmp_path: Path, minimal: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the environments dev and prod, whose second stacks are deployed."""
    monkeypatch.setattr(pipeline, "printed_outputs", lambda *_: json.dumps(OUTPUT))
    (tmp_path / "environments").mkdir()
    for name in ("dev", "prod"):
        settings = minimal + SETTINGS.format(audience=AZURE_DEVOPS, subject=SUBJECT)
        (tmp_path / "environments" / f"{name}.toml").write_text(settings)
    return tmp_path


def written(project: Path, *arguments: str) -> Path:
    """Run the command."""
    assert pipeline.main([*arguments, "--project", str(project)]) == 0
    return project


@pytest.fixture
def azure(project: Path) -> Any:
    """The pipeline of Azure DevOps; Azure takes each scalar for text."""
    file = (
        written(project, "azure-devops", "prod", "--branch", "trunk")
        / ".azure-pipelines"
        / "sign-in-prod.yml"
    )
    return yaml.load(file.read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - it makes text only


def jobs_of(azure: Any) -> dict[str, Any]:
    """Each job, with its steps in one place."""
    found = {}
    for stage in azure["stages"]:
        for job in stage["jobs"]:
            found[job.get("job") or job["deployment"]] = job | {"steps": steps_of(job)}
    return found


def test_the_schema_of_azure_pipelines_finds_nothing(azure: Any, tmp_path: Path) -> None:
    file = tmp_path / "pipeline.json"
    file.write_text(json.dumps(azure))
    check = str(Path(sys.executable).with_name("check-jsonschema"))
    arguments = ["--regex-variant", "nonunicode", "--builtin-schema", "vendor.azure-pipelines", str(file)]
    done = subprocess.run([check, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:]


def test_each_job_signs_in_by_the_connection_that_it_needs(azure: Any) -> None:
    jobs = jobs_of(azure)
    assert {name: found for name, job in jobs.items() if (found := connections(job))} == {
        "plan": {"planning"},
        "deploy": {"deploying"},
        "verify": {"planning"},
    }
    for name, role in (("plan", "plan"), ("deploy", "deploy"), ("verify", "plan")):
        assert jobs[name]["variables"]["AWS_ROLE_ARN"] == f"arn:aws:iam::123456789012:role/prod-{role}"
    assert [name for name, job in jobs.items() if "environment" in job] == ["deploy"]
    assert "refs/heads/trunk" in azure["stages"][1]["condition"]


def test_azures_own_token_is_nowhere_where_code_of_the_repository_runs(azure: Any) -> None:
    for name, job in jobs_of(azure).items():
        runs = [step for step in job["steps"] if "bash" in step]
        for step in runs:
            if "SYSTEM_ACCESSTOKEN" in step.get("env", {}):
                assert not re.search("make|pipenv", step["bash"])
        checks_out = {"checkout": "self"} in job["steps"]
        assert checks_out == (name in ("plan", "deploy", "verify"))
        # What a command prints is no command to the agent, beyond the outputs that it has.
        for step in runs:
            if "pipenv" in step["bash"]:
                assert step["target"]["commands"] == "restricted"
                assert step["target"]["settableVariables"]


def test_no_deploy_is_cancelled_for_another_and_a_cancelled_one_ends_in_order(azure: Any) -> None:
    assert azure["lockBehavior"] == "sequential"
    deploy = jobs_of(azure)["deploy"]
    assert deploy["steps"][-1]["bash"] == "exec pipenv run cdktf deploy prod --reviewed"
    # microsoft/azure-pipelines-agent, ProcessInvoker.cs: after both, it kills.
    going_on, stopping = (
        int(deploy["variables"][f"PROCESS_{signal}_TIMEOUT"]) for signal in ("SIGINT", "SIGTERM")
    )
    assert stopping >= 60_000
    assert going_on + stopping < int(deploy["cancelTimeoutInMinutes"]) * 60_000
    (planned,) = [step for step in jobs_of(azure)["plan"]["steps"] if step.get("name") == "guard"]
    assert planned["env"]["TF_CLI_ARGS_plan"] == "-lock=false"


def test_a_terraform_that_is_another_than_the_pinned_one_stops_the_job(azure: Any, tmp_path: Path) -> None:
    (step,) = [step for step in jobs_of(azure)["plan"]["steps"] if step.get("displayName") == "Set up"]
    assert "prependpath" in step["bash"]
    assert "prependpath" not in stopped_by_another_terraform(step["bash"], azure["variables"], tmp_path)


def test_another_audience_than_azures_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "environments" / "prod.toml"
    file.write_text(file.read_text().replace(AZURE_DEVOPS, "api://AzureADTokenExchange"))
    assert pipeline.main(["azure-devops", "prod", "--project", str(project)]) == 1
    assert f'write aws_audience = "{AZURE_DEVOPS}"' in capsys.readouterr().err
    assert not (project / ".azure-pipelines").exists()


def test_a_branch_cannot_write_more_than_its_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        pipeline.main(["azure-devops", "prod", "--branch", "main'), true, eq('", "--project", str(project)])
    assert "of letters, digits" in capsys.readouterr().err


def test_atlantis_takes_both_files_and_all_environments(project: Path) -> None:
    written(project, "atlantis", "dev", "prod", "--allow", "client-removed", "--branch", "trunk")
    repository = yaml.safe_load((project / "atlantis.yaml").read_text())
    server = yaml.safe_load((project / "atlantis-server.yaml").read_text())
    assert repository.keys() == {"version", "projects"}
    assert server.keys() == {"repos", "workflows"}
    assert [(one["name"], one["workspace"]) for one in repository["projects"]] == [
        ("dev", "dev"),
        ("prod", "prod"),
    ]
    for one in repository["projects"]:
        assert one.keys() <= PROJECT
        assert one["autoplan"].keys() <= {"when_modified", "enabled"}
        assert one["workflow"] in server["workflows"]
    for name, workflow in server["workflows"].items():
        assert re.fullmatch("sign-in-(dev|prod)", name)
        for stage, job in (("plan", "plan"), ("apply", "deploy")):
            assert workflow[stage].keys() == {"steps"}
            variables = {}
            for step in workflow[stage]["steps"]:
                match step:
                    case {"env": {"name": variable, "value": str(value), **rest}} if not rest:
                        variables[variable] = value
                    case {"run": str()} | {"run": {"command": str(), "output": "hide"}}:
                        pass
                    case _:
                        pytest.fail(f"Atlantis takes no {step}")
            assert variables["AWS_ROLE_ARN"] == f"arn:aws:iam::123456789012:role/prod-{job}"
    assert str(server).count("--allow client-removed") == 4


def test_a_pull_request_has_no_say_in_what_atlantis_runs_and_when_it_applies(project: Path) -> None:
    written(project, "atlantis", "dev", "prod", "--branch", "release/1.0")
    (repository,) = yaml.safe_load((project / "atlantis-server.yaml").read_text())["repos"]
    assert repository.keys() <= SERVER_REPO
    assert repository["allowed_overrides"] == ["workflow"]
    assert repository["allow_custom_workflows"] is False
    assert repository["apply_requirements"] == ["approved", "mergeable", "undiverged"]
    assert re.fullmatch(repository["branch"].strip("/"), "release/1.0")
    assert not re.fullmatch(repository["branch"].strip("/"), "release/1x0")
