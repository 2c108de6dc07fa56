"""Runs the workflows of an Atlantis server as its file has them: the steps of a plan, and of an apply.

Sources: runatlantis.io/docs, "Custom workflows"; runatlantis/atlantis, run_step_runner.go, working_dir.go.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from sandbox.pipeline_issuer import PipelineIssuer
from tests.e2e.deployment import Deployment
from tests.e2e.pipeline_jobs import check_out, empty_folder, machine_variables

SUBJECT = "system:serviceaccount:atlantis:atlantis"


@dataclass
class Atlantis:
    """A server for one repository.

    Attributes:
        project: the repository, with both files that the command writes.
        folder: where it keeps the clones.
        audience: the `aud` of its token for AWS.
    """

    project: Path
    deployment: Deployment
    issuer: PipelineIssuer
    folder: Path
    audience: str

    def plan(self, name: str) -> tuple[bool, str]:
        """Plan a project: whether that went well, and what is in the comment."""
        check_out(self.deployment, empty_folder(self._clone(name)))
        return self._run(name, "plan")

    def apply(self, name: str) -> tuple[bool, str]:
        """Apply what was planned, in the same clone."""
        return self._run(name, "apply")

    def plan_file(self, name: str) -> Path:
        """What Atlantis deletes when the pull request gets another commit (plan_command_runner.go)."""
        workspace = self._of_project(name)["workspace"]
        return self._clone(name) / f"{name}-{workspace}.tfplan"

    def _of_project(self, name: str) -> Any:
        projects = yaml.safe_load((self.project / "atlantis.yaml").read_text())["projects"]
        return next(one for one in projects if one["name"] == name)

    def _clone(self, name: str) -> Path:
        return self.folder / str(self._of_project(name)["workspace"])

    def _run(self, name: str, stage: str) -> tuple[bool, str]:
        server = yaml.safe_load((self.project / "atlantis-server.yaml").read_text())
        workflow = server["workflows"][self._of_project(name)["workflow"]]
        variables = machine_variables(self.deployment) | {
            "ARM_USE_OIDC": "true",
            "ARM_USE_CLI": "false",
            "ARM_OIDC_TOKEN_FILE_PATH": self._token("entra", "api://AzureADTokenExchange"),
            "AWS_WEB_IDENTITY_TOKEN_FILE": self._token("aws", self.audience),
            "PLANFILE": str(self.plan_file(name)),
            "PROJECT_NAME": name,
            "WORKSPACE": self._of_project(name)["workspace"],
        }
        shown = ""
        for step in workflow[stage]["steps"]:
            if "env" in step:
                variables[step["env"]["name"]] = step["env"]["value"]
                continue
            run = step["run"] if isinstance(step["run"], dict) else {"command": step["run"]}
            ran = subprocess.run(
                ["sh", "-c", run["command"]],
                cwd=self._clone(name),
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if ran.returncode != 0:
                return False, ran.stdout
            shown += "" if run.get("output") == "hide" else ran.stdout
        return True, shown

    def _token(self, name: str, audience: str) -> str:
        """A projected token of the server's service account."""
        file = self.folder / name
        self.folder.mkdir(exist_ok=True)
        file.write_text(self.issuer.token(SUBJECT, audience))
        return str(file)
