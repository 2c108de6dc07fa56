"""`pipenv run cdktf ...`: the cdktf command, which when interrupted waits for Terraform to end in order.

The command works as always, but it runs Terraform by operate/terraform.py, and this process does not end
before Terraform does: a pipeline that ends with it does not kill Terraform.

`cdktf deploy dev --reviewed` is this project's own: it applies the plan that `guard dev --save` kept, by
Terraform itself.

An interrupted deploy goes on to its end. It is stopped when somebody interrupts again, or some seconds after
SIGTERM, which comes shortly before a kill (GitHub Actions kills 10 seconds after the first signal, and so
does `docker stop`).

It synthesizes the environments that the arguments name, and no others, so that one with wrong settings is in
nobody else's way; meanwhile it looks up what would be wrong with going on (operate/preflight.py).
"""

import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from types import FrameType

from operate import cli, reviewed_plan
from operate.errors import OperateError
from operate.project import COLLECT_LESS_OFTEN, check_synthesized, file_of, stack_folder, stacks_of
from operate.terraform import BINARY, ENDING_SIGNALS, PLAN, POLL, RUNNING, STOP_APPLY
from stacks import tools

TERRAFORM = Path(__file__).with_name("terraform.py")

REVIEWED = "--reviewed"
# What is looked up first, by command (operate/preflight.py).
ACTIONS = dict.fromkeys(("diff", "plan", "destroy", "output"), "plan")
ACTIONS |= dict.fromkeys(("deploy", "apply"), "deploy")
ONE_STACK = {"diff", "plan"}  # of several, the cdktf command plans the first alone and does not say so
NAME = re.compile(r"\w[\w.-]*")  # of a stack, and no pattern
OWN_SYNTHESIS = {"--skip-synth", "--app", "-a", "--output", "-o", "--help", "-h"}
GRACE = 6.0  # seconds between SIGTERM and stopping Terraform

WAITING = """
Terraform goes on until its state has everything: please wait.
Interrupting again stops it. It saves its state; an object that is being created may be missing in it.
"""
STOPPING = """
Terraform stops: please wait until it has saved its state and released the lock.
"""
ENDED = """
Terraform has ended in order.
"""
AGAIN = """Run the same command again: it goes on where this one stopped.
"""
USED_UP = """
A reviewed plan can be applied once, and only to the state that it was made for. See what is left to do:
pipenv run guard {} --save
"""


class Command:
    """The cdktf command, or Terraform alone, as a child of this process with the signals that it gets."""

    def __init__(self, command: list[str], running: Path, folder: Path | None = None) -> None:
        """Start it; Terraform alone if a folder is given to run it in."""
        self._is_terraform = folder is not None
        self._running = running
        self._stop_at: float | None = None
        self._stopped = False
        variables = {tools.TERRAFORM: str(TERRAFORM), RUNNING: str(running)}
        if tools.terraform() != str(TERRAFORM):
            variables[BINARY] = tools.terraform()
        environment = tools.with_node(COLLECT_LESS_OFTEN | os.environ) | variables
        self._signals = 0
        for number in ENDING_SIGNALS:
            signal.signal(number, self._on_signal)
        self._process = subprocess.Popen(command, env=environment, cwd=folder)
        if self._signals:
            # One that came before there was a process to pass it on to.
            self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for the command, then for Terraform."""
        told = False
        # The status first: no Terraform begins after the command's end.
        while (status := self._process.poll()) is None or list(self._terraforms()):
            if status is not None or (self._is_terraform and self._signals):
                if not told:
                    sys.stderr.write(WAITING)
                told = True
                self._stop_when_due()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(POLL)
            if status is not None:
                time.sleep(POLL)
        status = status if status >= 0 else 128 - status
        if not self._signals and not told:
            return status
        sys.stderr.write(ENDED if self._is_terraform else ENDED + AGAIN)
        # The interrupted command may exit with 0.
        return status or 1

    def _stop_when_due(self) -> None:
        if self._stop_at is not None and time.monotonic() > self._stop_at and not self._stopped:
            self._stopped = True
            sys.stderr.write(STOPPING)
            for process_id in self._terraforms():
                with suppress(ProcessLookupError):
                    os.kill(process_id, STOP_APPLY)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if hasattr(self, "_process"):
            self._process.send_signal(number)
        if self._signals > 1:
            self._stop_at = time.monotonic()
        elif number != signal.SIGINT:
            self._stop_at = time.monotonic() + GRACE

    def _terraforms(self) -> Iterator[int]:
        """The process ids of the Terraforms that run, by their locked files."""
        for file in self._running.iterdir():
            with file.open("rb") as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield int(file.name)


@cli.command
def main() -> int:
    """Run the cdktf command with the arguments of this process."""
    arguments = sys.argv[1:]
    # The cdktf command ignores what it does not know: such a deploy would not be the reviewed one.
    options = [argument for argument in arguments if argument.startswith("-") and argument != REVIEWED]
    for wrong in get_close_matches(REVIEWED, options, cutoff=0.75):
        sys.stderr.write(f"There is no option {wrong}: {REVIEWED} is meant?\n")
        return 2
    # What made a reviewed plan can also apply it.
    if REVIEWED not in arguments and (missing := tools.missing_tools()):
        sys.stderr.write("\n".join(missing) + "\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="entra-cognito-terraform-") as running:
        if REVIEWED in arguments:
            return _apply_reviewed(arguments, Path(running))
        return Command([str(tools.CDKTF), *arguments, *_prepare(arguments)], Path(running)).wait()


def _prepare(arguments: list[str]) -> list[str]:
    """Look whether the command may go on, and synthesize, unless it says how itself; what to add to it.

    The command's own synthesis deletes the folder of each stack that it does not make
    (@cdktf/cli-core, src/lib/synth-stack.ts).
    """
    if not arguments or arguments[0] not in ACTIONS:
        return []
    # Not at the top: it takes half a second to load.
    from operate import preflight  # noqa: PLC0415

    action, stacks = ACTIONS[arguments[0]], stacks_of(arguments[1:], Path())
    if OWN_SYNTHESIS.intersection(argument.partition("=")[0] for argument in arguments):
        preflight.check(action, stacks, Path())
        return []
    names = {name: file_of(name, Path.cwd()) for name in takewhile(NAME.fullmatch, arguments[1:])}
    if arguments[0] in ONE_STACK and len(names) > 1:
        raise OperateError(f"`cdktf {arguments[0]}` takes one environment: run it for each.")
    preflight.synthesize_and_check(action, stacks, Path())
    for name, file in names.items():
        check_synthesized(name, file, Path())
    return ["--skip-synth"]


def _apply_reviewed(arguments: list[str], running: Path) -> int:
    match [argument for argument in arguments if argument != REVIEWED]:
        case ["deploy", environment]:
            pass
        case _:
            sys.stderr.write(f"Write it as: pipenv run cdktf deploy ENVIRONMENT {REVIEWED}\n")
            return 2
    if problem := reviewed_plan.problem(environment, Path()):
        sys.stderr.write(f"{problem} Review what is to be deployed: pipenv run guard {environment} --save\n")
        return 1
    from operate import preflight  # noqa: PLC0415 - as in _prepare

    preflight.check("reviewed", stacks_of([environment], Path()), Path())
    plan = reviewed_plan.folder(environment, Path()).resolve() / PLAN
    command = [str(TERRAFORM), "apply", "-input=false", str(plan)]
    status = 1
    try:
        status = Command(command, running, stack_folder(environment, Path())).wait()
    finally:
        # Terraform refuses a plan for another state, so one that was applied in part is of no use.
        reviewed_plan.remove(environment, Path())
    if status:
        sys.stderr.write(USED_UP.format(environment))
    return status


if __name__ == "__main__":
    sys.exit(main())
