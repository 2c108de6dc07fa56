"""The project's folder: synthesis and Terraform as the cdktf command runs them."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operate.errors import OperateError
from stacks.bootstrap_addresses import STACK
from stacks.tools import missing_tools, terraform

if TYPE_CHECKING:
    from stacks.settings import Settings

_FRAME = re.compile(r"^[│╷╵] ?")
# Settings errors are shown whole; of a crash the last lines are enough.
_TRACEBACK = "Traceback (most recent call last)"
_MOST_LINES = 12
# Terraform and the AWS plugin read 1,500 schemas at every start. To collect garbage less often saves a sixth
# of their processor time, for 170 MB.
COLLECT_LESS_OFTEN = {"GOGC": "400"}


def stack_folder(environment: str, project: Path) -> Path:
    """Where CDKTF puts a stack, and Terraform runs."""
    return project / "cdktf.out" / "stacks" / environment


def check_synthesized(stack: str, file: Path, project: Path) -> None:
    """Check that a second stack was synthesized: the folder of one that is no longer made stays.

    Raises:
        OperateError: it was not, since the settings file describes none.
    """
    manifest = project / "cdktf.out" / "manifest.json"
    if stack != file.stem and stack not in json.loads(manifest.read_text("utf-8"))["stacks"]:
        raise OperateError(f"There is no stack {stack}: environments/{file.name} has no [bootstrap].")


def check_environment(environment: str, project: Path) -> None:
    """Check that an environment has a settings file.

    Raises:
        OperateError: it has none; says which there are.
    """
    folder = project / "environments"
    if not (folder / f"{environment}.toml").is_file():
        known = ", ".join(file.stem for file in settings_files(project))
        raise OperateError(
            f"There is no environments/{environment}.toml in {project}."
            + (f" Environments here: {known}." if known else "")
        )


def settings_files(project: Path) -> list[Path]:
    """The settings file of each environment."""
    return sorted((project / "environments").glob("[!.]*.toml"))


def settings_of(environment: str, project: Path) -> "Settings":
    """The settings of an environment.

    Raises:
        OperateError: it has no settings file, or its settings are refused.
    """
    # Not at the top: reading settings takes half a second, which the cdktf command does not need.
    from stacks.settings.errors import SettingsError  # noqa: PLC0415
    from stacks.settings.files import load  # noqa: PLC0415

    check_environment(environment, project)
    try:
        return load(project / "environments" / f"{environment}.toml")
    except SettingsError as error:
        raise OperateError(str(error)) from None


def stacks_of(patterns: Collection[str], project: Path) -> dict[str, Path]:
    """The settings file of each stack that is named, also by a pattern; of an only environment if none is."""
    files = settings_files(project)
    named = {
        stack: file
        for file in files
        for stack in (file.stem, STACK.format(environment=file.stem))
        if any(fnmatchcase(stack, pattern) for pattern in patterns)
    }
    return named or {file.stem: file for file in files if len(files) == 1}


def file_of(stack: str, project: Path) -> Path:
    """The settings file of a stack, which is an environment's or its second one.

    Raises:
        OperateError: there is none; says which environments there are.
    """
    named = stacks_of([stack], project)
    if stack not in named:
        check_environment(stack, project)
    return named[stack]


def synthesize(project: Path, stacks: Mapping[str, Path]) -> None:
    """Run the app that cdktf.json names, for the environments of these stacks, or for all if there are none.

    Raises:
        OperateError: it refuses the settings; says all that it says.
    """
    if not (configuration := project / "cdktf.json").is_file():
        raise OperateError(f"There is no {configuration}: run this in the project's folder.")
    app = shlex.split(json.loads(configuration.read_text("utf-8"))["app"])
    # `python` is this one, which has the packages, whatever the PATH says.
    python = sys.executable if app[0] == "python" else app[0]
    environments = sorted({file.stem for file in stacks.values()})
    output_of([python, *app[1:], *environments], project, "Synthesis")


def init(environment: str, project: Path, *options: str) -> None:
    """Have Terraform fetch its plugins and open the state."""
    output_of(
        [terraform(), "init", "-input=false", "-no-color", *options],
        stack_folder(environment, project),
        f"`terraform init` of {environment}",
    )


def backend(folder: Path) -> dict[str, Any]:
    """Where a synthesized stack keeps its state: a kind of backend, and what is configured of it."""
    document = json.loads((folder / "cdk.tf.json").read_text("utf-8"))
    configured: dict[str, Any] = document["terraform"].get("backend", {})
    return configured


def output_of(command: list[str], folder: Path, name: str) -> str:
    """What a command prints.

    Args:
        name: what it is called in an error.

    Raises:
        OperateError: it fails, or is not installed.
    """
    done = run(command, folder)
    if done.returncode != 0:
        raise OperateError(f"{name} failed: {error_of(done)}")
    return done.stdout


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that asks for no input.

    Raises:
        OperateError: it is not installed.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=COLLECT_LESS_OFTEN | os.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        raise OperateError("\n".join(missing_tools()) or f"{command[0]} is not on the PATH.") from None
    try:
        output, errors = process.communicate()
    except KeyboardInterrupt:
        # It reaches Terraform, too, which `subprocess.run` would kill before it has unlocked the state.
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def error_of(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed command wrote to standard error, from Terraform's first error on and without its frames.

    Never its standard output: of `terraform show -json` that is the plan, with the client secret in it.
    """
    lines = [_FRAME.sub("", line) for line in done.stderr.strip().splitlines()]
    first = next((number for number, line in enumerate(lines) if line.startswith("Error: ")), 0)
    lines = lines[-_MOST_LINES:] if _TRACEBACK in done.stderr else lines[first:]
    return "\n".join(lines).strip().removeprefix("Error: ") or f"exit status {done.returncode}."
