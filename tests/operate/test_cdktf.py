"""Interrupts of the cdktf command and Terraform, with scripts of a few lines in place of both."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from operate.terraform import BINARY

CHECKOUT = Path(__file__).parents[2]
SECONDS = 20

# As the cdktf command does: start Terraform, and when interrupted end at once, whatever becomes of it.
CDKTF = """#!{python}
import os, signal, subprocess, sys
process = subprocess.Popen([os.environ["TERRAFORM_BINARY_NAME"], *sys.argv[1:]], start_new_session=True)
def end(*_):
    os.killpg(process.pid, signal.SIGHUP)
    os._exit(1)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, end)
sys.exit(process.wait())
"""

# Runs for a moment, and writes down whether it was interrupted or came to its end.
TERRAFORM = """#!{python}
import pathlib, signal, sys, time
events = pathlib.Path("{events}")
def note(line):
    with events.open("a") as file:
        file.write(line + "\\n")
def interrupted(*_):
    note("interrupted")
    sys.exit(1)
if sys.argv[1] == "version":
    sys.exit(1)
signal.signal(signal.SIGINT, interrupted)
note("began")
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    print("working", flush=True)
    time.sleep(0.05)
note("ended")
sys.exit(0)
"""

RUN = """
import sys
from pathlib import Path
from operate import cdktf
from stacks import tools
tools.CDKTF, cdktf.GRACE = Path({command!r}), {grace}
sys.exit(cdktf.main())
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return tmp_path / "events"


@pytest.fixture
def start(tmp_path: Path, events: Path) -> Start:
    """Start `pipenv run cdktf <command>` on the scripts, and return when their Terraform runs."""
    for name, text in (("cdktf", CDKTF), ("terraform", TERRAFORM)):
        (tmp_path / name).write_text(text.format(python=sys.executable, events=events))
        (tmp_path / name).chmod(0o755)

    def start(command: str, grace: float = 60.0, seconds: float = 1.5) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                RUN.format(command=str(tmp_path / "cdktf"), grace=grace),
                command,
                str(seconds),
            ],
            cwd=CHECKOUT,
            env={**os.environ, "TERRAFORM_BINARY_NAME": str(tmp_path / "terraform")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        deadline = time.monotonic() + SECONDS
        while not events.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    return start


def _wait_for(text: str, process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"it never said {text!r}")


def test_undisturbed_the_command_is_as_always(start: Start, events: Path) -> None:
    process = start("apply")
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert set(said.split()) == {"working"}
    assert events.read_text().split() == ["began", "ended"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_deploy_goes_on_to_its_end_and_the_command_waits(
    start: Start, events: Path, number: signal.Signals
) -> None:
    process = start("apply")
    process.send_signal(number)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "Terraform has ended in order." in said
    assert events.read_text().split() == ["began", "ended"]


def test_interrupted_again_it_stops_and_is_interrupted_once(start: Start, events: Path) -> None:
    process = start("apply", seconds=SECONDS)
    process.send_signal(signal.SIGINT)
    _wait_for("Interrupting again stops it", process)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert events.read_text().split() == ["began", "interrupted"]


def test_shortly_before_a_pipeline_is_killed_it_stops(start: Start, events: Path) -> None:
    process = start("apply", grace=0.3, seconds=SECONDS)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    assert events.read_text().split() == ["began", "interrupted"]


def test_anything_but_a_deploy_stops_at_once(start: Start, events: Path) -> None:
    process = start("destroy", seconds=SECONDS)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert events.read_text().split() == ["began", "interrupted"]


def test_a_command_that_dies_does_not_take_terraform_along(start: Start, events: Path) -> None:
    """As when one of several stacks fails, and the command crashes over it."""
    process = start("apply")
    (command,) = psutil.Process(process.pid).children()
    command.kill()
    process.communicate(timeout=SECONDS)
    assert events.read_text().split() == ["began", "ended"]


@pytest.mark.parametrize(
    ("arguments", "status", "is_kept"),
    [
        (["apply", "plan"], 0, False),
        (["destroy"], 0, False),
        (["apply"], 1, True),
        (["plan", "-out=plan"], 0, True),
    ],
)
def test_a_saved_plan_goes_once_it_is_applied_or_outdated(
    tmp_path: Path, arguments: list[str], status: int, *, is_kept: bool
) -> None:
    terraform, stack = tmp_path / "terraform", tmp_path / "stack"
    terraform.write_text(f"#!/bin/sh\nexit {status}\n")
    terraform.chmod(0o755)
    stack.mkdir()
    (stack / "plan").write_text("secret")
    ran = subprocess.run(
        [CHECKOUT / "operate" / "terraform.py", f"-chdir={stack}", *arguments],
        env={**os.environ, BINARY: str(terraform)},
        check=False,
    )
    assert ran.returncode == status
    assert (stack / "plan").exists() is is_kept
