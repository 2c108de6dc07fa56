"""Runs a pipeline of Azure DevOps as the file has it: stages, jobs, conditions, steps and commands, in order.

What Azure does around the commands is done here: variables, outputs, artifacts, logging commands, a fresh
checkout for each job; what it answers to them is in azure_devops.py.
Sources: learn.microsoft.com/azure/devops/pipelines, "YAML schema", "Expressions", "Logging commands",
"Predefined variables"; microsoft/azure-pipelines-agent, TaskCommandExtension.cs.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.e2e.azure_devops import DEPLOY, AzureDevOps
from tests.e2e.deployment import Deployment
from tests.e2e.pipeline_jobs import Job, check_out, empty_folder, machine_variables

MACRO = r"\$\(([\w.]+)\)"
FUNCTIONS = re.compile(r"\b(and|or|not|in)\(")
COMMAND = re.compile(r"##vso\[([\w.]+)\s*([^\]]*)\](.*)")


class Variables(dict[str, str]):
    """Variables, of which any that is not set is empty."""

    def __missing__(self, _: str) -> str:
        return ""

    def filled(self, text: str) -> str:
        """A text with their values for its macros, such as $(Agent.TempDirectory)."""
        return re.sub(MACRO, lambda found: self.get(found[1], found[0]), text)


@dataclass
class Stage:
    """What came of a stage."""

    result: str
    jobs: dict[str, Job] = field(default_factory=dict)

    @property
    def outputs(self) -> Variables:
        """The outputs of its jobs, as other stages name them."""
        found = (
            (f"{name}.{key}", value) for name, job in self.jobs.items() for key, value in job.outputs.items()
        )
        return Variables(found)


@dataclass
class Shown:
    """What people see of a run.

    Attributes:
        approvals: the stages that name a service connection with a check: Azure asks before one begins.
    """

    approvals: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)


@dataclass
class Pipeline:
    """A pipeline in an organization.

    Attributes:
        folder: where its jobs run.
    """

    file: Path
    deployment: Deployment
    azure: AzureDevOps
    folder: Path

    def run(
        self, reason: str, *, before: Mapping[str, Callable[[], None]] | None = None, **of_run: str
    ) -> tuple[dict[str, Job], Shown]:
        """Run the stages.

        Args:
            reason: why, as in Build.Reason.
            before: what happens just before a job begins.
            of_run: further variables, with _ for each dot.
        """
        document = yaml.safe_load(self.file.read_text())
        system = Variables({key.replace("_", "."): value for key, value in of_run.items()})
        system |= {
            "Build.Reason": reason,
            "Build.SourceBranch": "refs/pull/1/merge" if reason == "PullRequest" else "refs/heads/main",
            "Build.Repository.ID": "signin",
            "System.CollectionUri": f"{self.azure.url}/contoso/",
            "System.TeamProjectId": "project",
            "System.OidcRequestUri": f"{self.azure.url}/oidctoken",
            "System.PullRequest.PullRequestId": "1" if reason == "PullRequest" else "",
            "System.StageAttempt": "1",
        }
        empty_folder(self.folder / "artifacts")
        shown = Shown()
        stages: dict[str, Stage] = {}
        for stage in document["stages"]:
            needs = {one: stages[one] for one in _listed(stage.get("dependsOn", []))}
            known = {
                "variables": system,
                "dependencies": SimpleNamespace(**needs),
                "stageDependencies": SimpleNamespace(
                    **{name: SimpleNamespace(**one.jobs) for name, one in needs.items()}
                ),
            }
            stages[stage["stage"]] = (
                self._stage(document, stage, known, before or {}, shown)
                if _holds(
                    stage.get("condition", "succeeded()"), known, [one.result for one in needs.values()]
                )
                else Stage("Skipped")
            )
        return {name: job for stage in stages.values() for name, job in stage.jobs.items()}, shown

    def _stage(
        self,
        document: Any,
        stage: Any,
        of_stage: Mapping[str, Any],
        before: Mapping[str, Callable[[], None]],
        shown: Shown,
    ) -> Stage:
        jobs: dict[str, Job] = {}
        if any(DEPLOY in connections(job) for job in stage["jobs"]):
            shown.approvals.append(stage["stage"])
        for job in stage["jobs"]:
            name = job.get("job") or job["deployment"]
            needs = {one: jobs[one] for one in _listed(job.get("dependsOn", []))}
            known = {**of_stage, "dependencies": SimpleNamespace(**needs)}
            if not _holds(job.get("condition", "succeeded()"), known, [one.result for one in needs.values()]):
                jobs[name] = Job("skipped", Variables())
                continue
            if name in before:
                before[name]()
            variables = Variables(known["variables"])
            for key, value in (document["variables"] | job.get("variables", {})).items():
                expression = re.fullmatch(r"\$\[(.*)\]", value)
                variables[key] = str(_value(expression[1], known)) if expression else value
            jobs[name] = Agent(self, variables, shown).work_off(job)
        return Stage("Failed" if any(one.result == "failure" for one in jobs.values()) else "Succeeded", jobs)


@dataclass
class Agent:
    """The machine of one job."""

    pipeline: Pipeline
    variables: Variables
    shown: Shown
    done: Job = field(default_factory=lambda: Job("success", Variables()))

    def work_off(self, job: Any) -> Job:
        """Run the steps."""
        self._work = empty_folder(self.pipeline.folder / "runner") / "s"
        self._work.mkdir()
        self._temporary = empty_folder(self.pipeline.folder / "temporary")
        self._machine = machine_variables(self.pipeline.deployment)
        self.variables |= {
            "Agent.TempDirectory": str(self._temporary),
            "Pipeline.Workspace": str(self._work.parent),
            "System.AccessToken": self.pipeline.azure.bearer,
        }
        for key, value in self.variables.items():
            self.variables[key] = self.variables.filled(value)
        self.pipeline.azure.connections = connections(job)
        for step in steps_of(job):
            condition = step.get("condition", "succeeded()")
            if _holds(condition, {"variables": self.variables}, [self.done.result]):
                self._step(step)
        return self.done

    def _step(self, step: Any) -> None:
        artifact = self.pipeline.folder / "artifacts" / self.variables.filled(step.get("artifact", ""))
        match step:
            case {"checkout": "self"}:
                check_out(self.pipeline.deployment, self._work)
            case {"publish": file}:
                artifact.mkdir()
                shutil.copy(self._work / file, artifact)
            case {"download": "current"}:
                shutil.copytree(artifact, self._work.parent / artifact.name)
            case {"checkout": "none"} | {"download": "none"} | {"task": "UsePythonVersion@0"}:
                pass
            case {"bash": script}:
                self._bash(script, step)
            case _:
                raise NotImplementedError(step)

    def _bash(self, script: str, step: Any) -> None:
        assert not re.search(MACRO, script)  # Commands made of what others write: an injection.
        file = self._temporary / "script.sh"
        file.write_text(script)
        # Each variable is there in capitals, but for the secret ones.
        seen = {key.upper().replace(".", "_"): value for key, value in self.variables.items()}
        del seen["SYSTEM_ACCESSTOKEN"]
        own = {key: self.variables.filled(value) for key, value in step.get("env", {}).items()}
        ran = subprocess.run(
            ["bash", str(file)],
            cwd=self._work,
            env=self._machine | seen | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.done.printed += f"$ {script}\n{ran.stdout}"
        for command in COMMAND.finditer(ran.stdout):
            self._log(command, step)
        if ran.returncode != 0:
            self.done.result = "failure"

    def _log(self, command: re.Match[str], step: Any) -> None:
        """What the agent does with a logging command, as far as the step may give it."""
        properties = dict(one.split("=", 1) for one in command[2].split(";") if one)
        target = step.get("target", {})
        settable = _listed(target.get("settableVariables", properties.get("variable", "PATH")))
        match command[1]:
            case "task.setvariable":
                assert properties["variable"] in settable
                assert properties["isOutput"] == "true"
                name = f"{step['name']}.{properties['variable']}"
                self.variables[name] = self.done.outputs[name] = command[3]
            case "task.prependpath":
                assert "PATH" in settable
                self._machine["PATH"] = f"{command[3]}{os.pathsep}{self._machine['PATH']}"
            case "task.uploadsummary":
                assert target.get("commands") != "restricted"
                self.shown.summaries.append(Path(command[3]).read_text())
            case _:
                raise NotImplementedError(command[0])


def steps_of(job: Any) -> list[Any]:
    """The steps of a job, or of a deployment."""
    return list(job.get("steps") or job["strategy"]["runOnce"]["deploy"]["steps"])


def connections(job: Any) -> set[str]:
    """The service connections that a job names; Azure reads them before any step runs."""
    named = (step.get("inputs", {}).get("azureSubscription") for step in steps_of(job))
    return set(filter(None, named))


def _listed(one: Any) -> list[str]:
    return [one] if isinstance(one, str) else list(one)


def _holds(condition: str, known: Mapping[str, Any], before: list[str]) -> bool:
    well = all(one in ("success", "Succeeded") for one in before)
    return bool(_value(condition, {**known, "succeeded": lambda: well}))


def _value(expression: str, known: Mapping[str, Any]) -> Any:
    names = {
        "and_": lambda *values: all(values),
        "or_": lambda *values: any(values),
        "not_": lambda one: not one,
        "eq": lambda one, other: str(one).lower() == str(other).lower(),
        "ne": lambda one, other: str(one).lower() != str(other).lower(),
        "canceled": lambda: False,
        "false": False,
    }
    python = " ".join(FUNCTIONS.sub(r"\1_(", expression).split())
    return eval(python, {}, {**names, **known})  # noqa: S307 - of this project's own files
