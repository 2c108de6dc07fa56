"""A project folder for the local clouds, and the cdktf command and Terraform in it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sandbox.errors import SandboxError
from sandbox.lifecycle import STOP_SECONDS
from stacks.tools import CDKTF, terraform, with_node

CHECKOUT = Path(__file__).parents[1]
STACK = "sandbox"

# What the cdktf command needs without a network: no telemetry, no lock file made by asking the registry.
CDKTF_ENVIRONMENT = {
    "CHECKPOINT_DISABLE": "1",
    "CDKTF_SKIP_PROVIDER_LOCK": "true",
    "DISABLE_VERSION_CHECK": "true",
    # Otherwise the command gives Terraform a plugin cache in the person's home, and links to the plugins of
    # this run, the stand-in included, would stay there.
    "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "true",
}

# And without a terminal: no spinner, no colours, no question that nobody answers.
UNATTENDED = {"CI": "true", "FORCE_COLOR": "0", "TF_INPUT": "0", "TF_IN_AUTOMATION": "1"}

# What a person has set for real clouds must not reach the local ones.
PERSONAL = (
    "AWS_",
    "ARM_",
    "AZURE_",
    "TF_VAR_",
    "TF_CLI_ARGS",
    "TF_WORKSPACE",
    "TF_LOG",
    "TF_PLUGIN_CACHE_DIR",
)

QUOTED_LINES = 25


@dataclass(frozen=True)
class Outcome:
    """A command's exit status, and what it printed on standard output and error together."""

    status: int
    text: str


class Project:
    """A folder with settings, state and synthesized output, in which `cdktf` runs this project's app.

    Its Terraform commands are about `stack`.
    """

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str],
        *,
        on_line: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.stack = STACK
        self.environment = with_node(clean_environment() | CDKTF_ENVIRONMENT | UNATTENDED | dict(variables))
        self._on_line = on_line
        # The interpreter by its path: the app runs with the packages that this process has.
        configuration = json.loads((CHECKOUT / "cdktf.json").read_text())
        configuration["app"] = f'"{sys.executable}" "{CHECKOUT / "main.py"}"'
        (folder / "cdktf.json").write_text(json.dumps(configuration, indent=2))
        (folder / "environments").mkdir()

    @property
    def stack_folder(self) -> Path:
        """Where cdktf puts the stack's Terraform JSON and saved plan."""
        return self.folder / "cdktf.out" / "stacks" / self.stack

    def write_settings(self, text: str) -> None:
        """Replace the settings of the sandbox's stack."""
        (self.folder / "environments" / f"{STACK}.toml").write_text(text)

    def settings(self) -> str:
        """The settings of the sandbox's stack."""
        return (self.folder / "environments" / f"{STACK}.toml").read_text()

    def cdktf(self, *arguments: str) -> Outcome:
        """Run the cdktf command.

        Raises:
            SandboxError: it failed; the message ends with the last lines that it printed.
        """
        return self._checked([str(CDKTF), *arguments], self.folder)

    def deploy(self) -> Outcome:
        """`cdktf deploy sandbox`, approved."""
        return self.cdktf("deploy", STACK, "--auto-approve")

    def destroy(self) -> Outcome:
        """`cdktf destroy sandbox`, approved."""
        return self.cdktf("destroy", STACK, "--auto-approve")

    def diff(self) -> dict[str, list[str]]:
        """`cdktf diff sandbox`."""
        self.cdktf("diff", STACK)
        shown = self.terraform("show", "-json", "plan")
        plan = json.loads(shown.text)
        changes = {
            change["address"]: change["change"]["actions"] for change in plan.get("resource_changes", [])
        } | {f"output.{name}": change["actions"] for name, change in plan.get("output_changes", {}).items()}
        return {
            address: actions for address, actions in changes.items() if actions not in (["no-op"], ["read"])
        }

    def terraform(self, *arguments: str) -> Outcome:
        """Run Terraform itself in the stack's folder.

        Raises:
            SandboxError: it failed.
        """
        return self._checked([terraform(), *arguments], self.stack_folder, show=False)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, name to value."""
        values = json.loads(self.terraform("output", "-json").text)
        return {name: output["value"] for name, output in values.items()}

    def run(self, command: list[str], folder: Path, *, show: bool = True) -> Outcome:
        """Run a command with the local clouds in its environment, whatever its exit status."""
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches this process, which then ends all that it started; the cdktf command alone would
            # leave Terraform behind.
            start_new_session=True,
        )
        lines = []
        try:
            for line in process.stdout or ():
                lines.append(line)
                if show:
                    self._on_line(line.rstrip("\n"))
            return Outcome(process.wait(), "".join(lines))
        except BaseException:
            _end_tree(process.pid)
            raise

    def _checked(self, command: list[str], folder: Path, *, show: bool = True) -> Outcome:
        outcome = self.run(command, folder, show=show)
        if outcome.status != 0:
            name = " ".join([Path(command[0]).name, *command[1:]])
            end = "\n".join(outcome.text.splitlines()[-QUOTED_LINES:])
            raise SandboxError(f"`{name}` failed with exit status {outcome.status}:\n{end}")
        return outcome


def clean_environment() -> dict[str, str]:
    """This process's environment without the variables for real clouds."""
    return {key: value for key, value in os.environ.items() if not key.startswith(PERSONAL)}


def personal_variables() -> list[str]:
    """The names of the variables that `clean_environment` leaves out."""
    return sorted(key for key in os.environ if key.startswith(PERSONAL))


def _end_tree(pid: int) -> None:
    """End a process and its descendants one by one: Terraform has a session that no group signal reaches."""
    try:
        root = psutil.Process(pid)
        processes = [*root.children(recursive=True), root]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        _signal(process.terminate)
    _, alive = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    for process in alive:
        _signal(process.kill)
    psutil.wait_procs(alive, timeout=5)


def _signal(send: Callable[[], None]) -> None:
    try:
        send()
    except psutil.NoSuchProcess:
        return
