"""Runs a pipeline of GitLab CI/CD as the file has it: rules, needs, artifacts and commands, in order.

What GitLab and its runner do around the commands is done here: tokens, artifacts, a fresh checkout for each
job, and the approval of a job that waits for one.
Sources: docs.gitlab.com/ci, "CI/CD YAML syntax reference", "OpenID Connect (OIDC) Authentication Using ID
Tokens"; gitlabhq/gitlabhq, lib/gitlab/ci/jwt_v2.rb.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from sandbox.pipeline_issuer import PipelineIssuer
from tests.e2e.deployment import Deployment
from tests.e2e.pipeline_jobs import Job, check_out, empty_folder, machine_variables

PROJECT = "contoso/signin"
TOKENS = re.compile(r'\s*("[^"]*"|\$\w+|&&|\|\||==|!=|\(|\))')
OPERATORS = {"&&": "and", "||": "or"}
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_DEFAULT_BRANCH": "main",
    "CI_PROJECT_PATH": PROJECT,
    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": PROJECT,
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}
PUSH = {
    "CI_PIPELINE_SOURCE": "push",
    "CI_DEFAULT_BRANCH": "main",
    "CI_PROJECT_PATH": PROJECT,
    "CI_COMMIT_BRANCH": "main",
}


def scheduled(description: str) -> dict[str, str]:
    """The variables of a pipeline that a schedule starts."""
    return PUSH | {"CI_PIPELINE_SOURCE": "schedule", "CI_PIPELINE_SCHEDULE_DESCRIPTION": description}


@dataclass
class Pipeline:
    """A pipeline, whose jobs run as far as nobody has to approve one.

    Attributes:
        variables: that GitLab defines before it decides which jobs there are.
        jobs: what came of each; `manual` is one that waits for an approval.
        exposed: the artifacts that the merge request shows, by their names there.
    """

    file: Path
    deployment: Deployment
    issuer: PipelineIssuer
    variables: dict[str, str]
    jobs: dict[str, Job] = field(default_factory=dict)
    exposed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Run the jobs."""
        self._artifacts = empty_folder(self.deployment.clouds.folder / "gitlab" / "artifacts")
        self._started = started(self.file, self.variables)
        self._run_what_can()

    def approve(self, name: str) -> None:
        """Start a job that waits, as somebody who may."""
        assert self.jobs.pop(name).result == "manual"
        self._started[name]["when"] = "on_success"
        self._run_what_can()

    @property
    def printed(self) -> str:
        """All that the jobs printed."""
        return "\n".join(f"{name}: {job.printed}" for name, job in self.jobs.items())

    def _run_what_can(self) -> None:
        for name, job in self._started.items():
            needs = [one if isinstance(one, dict) else {"job": one} for one in job.get("needs", [])]
            there = [one["job"] for one in needs if one["job"] in self._started or not one.get("optional")]
            if name in self.jobs or not all(
                one in self.jobs and self.jobs[one].result == "success" for one in there
            ):
                continue
            if job["when"] == "manual":
                self.jobs[name] = Job("manual")
            else:
                self.jobs[name] = self._run(
                    name, job, [one["job"] for one in needs if one.get("artifacts", True)]
                )

    def _run(self, name: str, job: dict[str, Any], artifacts: list[str]) -> Job:
        work = empty_folder(self.deployment.clouds.folder / "gitlab" / "work")
        check_out(self.deployment, work)
        for one in artifacts:
            shutil.copytree(self._artifacts / one, work, dirs_exist_ok=True)
        tokens = {
            variable: self.issuer.token(self._subject(job), token["aud"])
            for variable, token in job["id_tokens"].items()
        }
        variables = {variable: str(value) for variable, value in job["variables"].items()}
        # Runner, shells/bash.go: one shell for all lines, which get nothing to read.
        script = "\n".join([*job["before_script"], *job["script"]])
        ran = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=work,
            env=machine_variables(self.deployment) | self.variables | variables | tokens,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        kept = job.get("artifacts", {})
        to = empty_folder(self._artifacts / name)
        if ran.returncode == 0 or kept.get("when") == "always":
            for path in kept.get("paths", []):
                shutil.copy(work / path, to)
                if "expose_as" in kept:
                    self.exposed[kept["expose_as"]] = (to / path).read_text()
        return Job("success" if ran.returncode == 0 else "failure", printed=f"{script}\n{ran.stdout}")

    def _subject(self, job: dict[str, Any]) -> str:
        """The `sub`, of the components that docs/pipelines.md sets; what a job has not is left out."""
        claims = {
            "project_path": self.variables.get(
                "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", self.variables["CI_PROJECT_PATH"]
            ),
            "ref_type": "branch",
            "ref_protected": str(self.variables.get("CI_COMMIT_BRANCH") == "main").lower(),
        }
        if "environment" in job:
            claims |= {
                "environment_protected": "true",
                "deployment_tier": job["environment"]["deployment_tier"],
            }
        return ":".join(f"{name}:{value}" for name, value in claims.items())


def started(file: Path, variables: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The jobs that a pipeline has, by the variables that GitLab knows before any of them runs."""
    document = yaml.safe_load(file.read_text())
    found = {}
    for name, written in document.items():
        if not name.startswith("."):
            job = merged(document[written["extends"]], written)
            for rule in job["rules"]:
                if _true(rule["if"], variables):
                    found[name] = job | {"when": rule.get("when", "on_success")}
                    break
    return found


def _true(condition: str, variables: dict[str, str]) -> bool:
    python = " ".join(
        repr(variables.get(one[1:])) if one.startswith("$") else OPERATORS.get(one, one)
        for one in TOKENS.findall(condition)
    )
    return bool(eval(python))  # noqa: S307 - of this project's own file


def merged(base: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    """A job and what it extends: tables are joined, all else is replaced."""
    return base | {
        key: merged(base[key], value) if isinstance(value, dict) and key in base else value
        for key, value in job.items()
    }
