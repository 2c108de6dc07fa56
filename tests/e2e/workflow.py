"""Runs a workflow of GitHub Actions as the file has it: jobs, conditions, steps and commands, in order.

What GitHub does around the commands is done here: tokens, artifacts, outputs, a fresh checkout for each job.
The `gh` that the commands call is a stand-in with the comments and issues of one repository.
Sources: docs.github.com/actions, "Workflow syntax", "Evaluate expressions", "OpenID Connect reference".
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml  # type: ignore[import-untyped]

from sandbox.pipeline_issuer import PipelineIssuer
from sandbox.project import STACK
from tests.e2e.deployment import Deployment
from tests.e2e.pipeline_jobs import Job, check_out, empty_folder, machine_variables

SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
TOKENS = re.compile(r"\s*('[^']*'|&&|\|\||==|!=|!|\(|\)|[\w.-]+)")
OPERATORS = {"&&": " and ", "||": " or ", "!": " not ", "true": "True", "false": "False"}

GH = """#!{python}
import json, pathlib, subprocess, sys
file, arguments = pathlib.Path("{store}"), sys.argv[1:]
store = json.loads(file.read_text())
def value(name):
    return arguments[arguments.index(name) + 1]
def body():
    named = value("--body-file") if "--body-file" in arguments else value("-F").removeprefix("body=@")
    return pathlib.Path(named).read_text()
def chosen(items):
    subprocess.run(["jq", "-r", value("--jq")], input=json.dumps(items), text=True, check=True)
def number(list_):
    return max((one["number"] for one in store[list_]), default=0) + 1
def found(list_, wanted):
    return next(one for one in store[list_] if str(one["number"]) == wanted)
match arguments:
    case ["api", "--paginate", url, *_]:
        chosen([one | {{"id": one["number"]}} for one in store["comments"]])
    case ["api", "--silent", "-X", "PATCH", url, *_]:
        found("comments", url.rsplit("/")[-1])["body"] = body()
    case ["api", "--silent", url, *_]:
        mine = {{"number": number("comments"), "user": {{"login": "github-actions[bot]"}}, "body": body()}}
        store["comments"].append(mine)
    case ["issue", "list", *_]:
        chosen([one for one in store["issues"] if one["open"]])
    case ["issue", "close", which, *_]:
        found("issues", which)["open"] = False
    case ["issue", "edit", which, *_]:
        found("issues", which)["body"] = body()
    case ["issue", "create", *_]:
        author = {{"login": "app/github-actions"}}
        issue = {{"number": number("issues"), "title": value("--title"), "body": body(), "author": author}}
        store["issues"].append(issue | {{"open": True}})
    case _:
        sys.exit(f"This gh knows no {{arguments}}.")
file.write_text(json.dumps(store))
"""

# Like the pipeline's comment and issue, but by somebody who could change them later: they stay as they are.
FORGED = {
    "number": 1,
    "user": {"login": "mallory"},
    "author": {"login": "mallory"},
    "open": True,
    "title": f"Sign-in {STACK}: verify finds something",
    "body": f"## Sign-in guard: `{STACK}`\n",
}


@dataclass
class Workflow:
    """A repository with one workflow, at a GitHub of its own.

    Attributes:
        repository: the beginning of its subjects.
        folder: where its jobs run.
    """

    file: Path
    deployment: Deployment
    issuer: PipelineIssuer
    repository: str
    folder: Path

    def __post_init__(self) -> None:
        """Lay out the folder, with a gh on the PATH."""
        (self.folder / "bin").mkdir(parents=True)
        self._store.write_text(json.dumps({"comments": [FORGED], "issues": [FORGED]}))
        gh = self.folder / "bin" / "gh"
        gh.write_text(GH.format(python=sys.executable, store=self._store))
        gh.chmod(0o755)

    @property
    def _store(self) -> Path:
        return self.folder / "github.json"

    @property
    def comments(self) -> list[dict[str, Any]]:
        """The comments at the pull request."""
        return self._not_forged("comments")

    @property
    def issues(self) -> list[dict[str, Any]]:
        """The issues, open or closed."""
        return self._not_forged("issues")

    def _not_forged(self, kind: str) -> list[dict[str, Any]]:
        forged, *found = json.loads(self._store.read_text())[kind]
        assert forged == FORGED
        return list(found)

    def run(
        self, event: str, *, before: Mapping[str, Callable[[], None]] | None = None, **of_event: Any
    ) -> dict[str, Job]:
        """Run the jobs of an event.

        Args:
            before: what happens just before a job begins.
        """
        document = yaml.safe_load(self.file.read_text())
        assert event in document[True]  # YAML 1.1 takes `on` for a boolean.
        github = {
            "event_name": event,
            "event": of_event,
            "ref": "refs/pull/1/merge" if event == "pull_request" else "refs/heads/main",
            "repository": "contoso/signin",
            "token": "a token",
        }
        shutil.rmtree(self.folder / "artifacts", ignore_errors=True)
        jobs: dict[str, Job] = {}
        for name, job in document["jobs"].items():
            needs = [job["needs"]] if "needs" in job else []
            contexts = {"github": github, "needs": {one: vars(jobs[one]) for one in needs}}
            well = all(jobs[one].result == "success" for one in needs)
            if not self._condition(job.get("if", "success()"), contexts, well=well):
                jobs[name] = Job("skipped")
                continue
            if before and name in before:
                before[name]()
            jobs[name] = self._job(document, name, contexts)
        return jobs

    def _job(self, document: Any, name: str, contexts: dict[str, Any]) -> Job:
        job, github = document["jobs"][name], contexts["github"]
        work = empty_folder(self.folder / "work")
        temporary = empty_folder(self.folder / "temporary")
        variables = machine_variables(self.deployment, programs=self.folder / "bin")
        variables |= document.get("env", {}) | job.get("env", {})
        variables |= {"RUNNER_TEMP": str(temporary), "GITHUB_REPOSITORY": github["repository"]}
        # Without the permission there is no token.
        if job["permissions"].get("id-token") == "write":
            variables |= self.issuer.job(self._subject(job, github))
        contexts = contexts | {"steps": {}}
        done = Job("success")
        for number, step in enumerate(job["steps"]):
            if not self._condition(step.get("if", "success()"), contexts, well=done.result == "success"):
                continue
            if "uses" in step:
                self._action(
                    step["uses"].partition("@")[0],
                    self._filled(step.get("with", {}), contexts),
                    work,
                    variables,
                )
                continue
            files = {
                f"GITHUB_{one}": temporary / f"{number}-{one}"
                for one in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY")
            }
            for file in files.values():
                file.touch()
            script = temporary / f"{number}.sh"
            script.write_text(step["run"])
            assert "${{" not in step["run"]  # Commands made of what others write: an injection.
            ran = subprocess.run(
                [*SHELL, str(script)],
                cwd=work,
                env=variables
                | self._filled(step.get("env", {}), contexts)
                | {key: str(file) for key, file in files.items()},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            done.printed += f"$ {step['run']}\n{ran.stdout}"
            outputs, changed, paths = (
                files[f"GITHUB_{one}"].read_text() for one in ("OUTPUT", "ENV", "PATH")
            )
            contexts["steps"][step.get("id", str(number))] = {"outputs": _pairs(outputs)}
            variables |= _pairs(changed)
            for path in paths.splitlines():
                variables["PATH"] = f"{path}{os.pathsep}{variables['PATH']}"
            if ran.returncode != 0:
                done.result = "failure"
        done.outputs = self._filled(job.get("outputs", {}), contexts)
        return done

    def _subject(self, job: Any, github: Any) -> str:
        if "environment" in job:
            return f"{self.repository}:environment:{job['environment']}"
        if github["event_name"] == "pull_request":
            return f"{self.repository}:pull_request"
        return f"{self.repository}:ref:{github['ref']}"

    def _action(self, action: str, inputs: dict[str, str], work: Path, variables: dict[str, str]) -> None:
        match action:
            case "actions/checkout":
                check_out(self.deployment, work)
            case "aws-actions/configure-aws-credentials":
                sts = boto3.client(
                    "sts", region_name=inputs["aws-region"], endpoint_url=self.deployment.clouds.aws.url
                )
                subject = self.issuer.subject(variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
                given = sts.assume_role_with_web_identity(
                    RoleArn=inputs["role-to-assume"],
                    RoleSessionName="job",
                    WebIdentityToken=self.issuer.token(subject, inputs["audience"]),
                )["Credentials"]
                variables |= {
                    "AWS_REGION": inputs["aws-region"],
                    "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                    "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                    "AWS_SESSION_TOKEN": given["SessionToken"],
                }
            case "actions/upload-artifact":
                kept = self.folder / "artifacts" / inputs["name"]
                kept.mkdir(parents=True)
                shutil.copy(work / inputs["path"], kept)
            case "actions/download-artifact":
                shutil.copytree(self.folder / "artifacts" / inputs["name"], work, dirs_exist_ok=True)
            case "actions/setup-python" | "hashicorp/setup-terraform":
                pass
            case _:
                raise NotImplementedError(action)

    def _filled(self, texts: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
        return {
            key: re.sub(
                r"\$\{\{(.*?)\}\}", lambda found: str(_value(found[1].strip(), contexts) or ""), str(text)
            )
            for key, text in texts.items()
        }

    def _condition(self, text: str, contexts: Mapping[str, Any], *, well: bool) -> bool:
        text = text.strip().removeprefix("${{").removesuffix("}}")
        names = {"success()": str(well), "cancelled()": "False", "always()": "True"}
        has_status = any(name in text for name in names)
        for name, value in names.items():
            text = text.replace(name, value)
        python = "".join(
            f" {OPERATORS.get(one, one)} "
            if one in OPERATORS or one[0] in "'()=!" or one in ("True", "False")
            else repr(_value(one, contexts))
            for one in TOKENS.findall(text)
        )
        return bool(eval(python)) and (well or has_status)  # noqa: S307 - of this project's own files


def _pairs(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def _value(path: str, contexts: Mapping[str, Any]) -> Any:
    """The value at a path such as `needs.plan.result`; null, which is equal to "", where there is none."""
    found: Any = contexts
    for part in path.split("."):
        found = found.get(part, "") if isinstance(found, Mapping) else ""
    return found
