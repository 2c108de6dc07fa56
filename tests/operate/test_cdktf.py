"""Interrupts of the cdktf command and Terraform, with scripts of a few lines in place of both."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from operate import reviewed_plan
from operate.project import stack_folder
from operate.terraform import BINARY, PLAN, STOP_APPLY

CHECKOUT = Path(__file__).parents[2]
SECONDS = 60

# As the cdktf command does: start Terraform, and when interrupted end at once, whatever becomes of it.
CDKTF = """#!{python}
import os, signal, subprocess, sys
numbers = (signal.SIGINT, signal.SIGTERM)
def let(how):
    signal.pthread_sigmask(how, numbers)
let(signal.SIG_BLOCK)
process = subprocess.Popen(
    [os.environ["TERRAFORM_BINARY_NAME"], *sys.argv[1:]],
    start_new_session=True,
    preexec_fn=lambda: let(signal.SIG_UNBLOCK),
)
def end(*_):
    os.killpg(process.pid, signal.SIGHUP)
    os._exit(1)
for number in numbers:
    signal.signal(number, end)
let(signal.SIG_UNBLOCK)
sys.exit(process.wait())
"""

# Runs for a moment, and writes down whether it was interrupted or came to its end.
TERRAFORM = """#!{python}
import os, pathlib, signal, sys, time
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
pathlib.Path("{events}").with_name("arguments").write_text(" ".join(sys.argv[1:]))
end = time.monotonic() + float(os.environ["SECONDS"])
while time.monotonic() < end:
    print("working", flush=True)
    time.sleep(0.05)
note("ended")
sys.exit(0)
"""

RUN = """
import os, signal, subprocess, sys
from pathlib import Path
from operate import cdktf
from stacks import tools
tools.CDKTF, cdktf.GRACE = Path({command!r}), {grace}
class Popen(subprocess.Popen):
    def __init__(self, command, **options):
        super().__init__(command, **options)
        if {early!r} and command[0] == {command!r}:
            os.kill(os.getpid(), signal.SIGTERM)
subprocess.Popen = Popen
sys.exit(cdktf.main())
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return tmp_path / "events"


@pytest.fixture
def launch(tmp_path: Path, events: Path) -> Start:
    """Start `pipenv run cdktf <command>` on the scripts."""
    for name, text in (("cdktf", CDKTF), ("terraform", TERRAFORM)):
        (tmp_path / name).write_text(text.format(python=sys.executable, events=events))
        (tmp_path / name).chmod(0o755)
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')

    def launch(
        *arguments: str, grace: float = 60.0, seconds: float = 1.5, early: bool = False
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                RUN.format(command=str(tmp_path / "cdktf"), grace=grace, early=early),
                *arguments,
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(CHECKOUT),
                "TERRAFORM_BINARY_NAME": str(tmp_path / "terraform"),
                "SECONDS": str(seconds),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return launch


@pytest.fixture
def start(launch: Start, events: Path) -> Start:
    """Start it, and return when its Terraform runs."""

    def start(*arguments: str, **options: float) -> "subprocess.Popen[str]":
        process = launch(*arguments, **options)
        deadline = time.monotonic() + SECONDS
        while not (events.exists() and events.read_text()):
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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sends a signal to a thread by its id")
def test_it_stops_whichever_of_its_threads_the_system_gives_the_signal_to(start: Start, events: Path) -> None:
    """While the first thread has a signal pending, Linux gives the next one to another (signal(7))."""
    process = start("apply", seconds=SECONDS)
    (command,) = psutil.Process(process.pid).children()
    (wrapper,) = command.children()
    # Terraform begins before the threads that pass on what it prints.
    while len(wrapper.threads()) == 1:
        assert process.poll() is None
    for thread in wrapper.threads()[1:]:
        os.kill(thread.id, STOP_APPLY)
    process.communicate(timeout=SECONDS)
    assert events.read_text().split() == ["began", "interrupted"]


def test_a_signal_that_comes_while_it_starts_is_not_lost(launch: Start) -> None:
    process = launch("apply", early=True)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode > 0
    assert "Terraform has ended in order." in said


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


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan that `guard dev --save` has kept."""
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").write_text("reviewed = true")
    stack_folder("dev", tmp_path).mkdir(parents=True)
    plan = reviewed_plan.make_folder("dev", tmp_path) / PLAN
    plan.touch()
    return plan


def run(launch: Start, *arguments: str) -> tuple[int | None, str]:
    process = launch(*arguments)
    said, _ = process.communicate(timeout=SECONDS)
    return process.returncode, said


def synthesized(project: Path, *environments: str) -> None:
    """The settings files of environments, and what synthesis writes down of them."""
    for folder in "environments", "cdktf.out":
        (project / folder).mkdir()
    for environment in environments:
        (project / "environments" / f"{environment}.toml").touch()
    (project / "cdktf.out" / "manifest.json").write_text(json.dumps({"stacks": dict.fromkeys(environments)}))


def test_a_reviewed_plan_is_applied_by_terraform_alone_and_removed(
    launch: Start, events: Path, plan: Path
) -> None:
    assert plan.parent.stat().st_mode & 0o777 == 0o700
    status, said = run(launch, "deploy", "dev", "--reviewed")
    assert (status, set(said.split())) == (0, {"working"})
    assert events.with_name("arguments").read_text() == f"apply -input=false {plan}"
    assert not plan.parent.exists()


def test_a_reviewed_deploy_that_is_interrupted_goes_on_to_its_end(
    start: Start, events: Path, plan: Path
) -> None:
    process = start("deploy", "dev", "--reviewed")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "Terraform goes on until its state has everything" in said
    assert "Terraform has ended in order." in said
    assert "pipenv run guard dev --save" in said
    assert events.read_text().splitlines()[-1] == "ended"
    assert not plan.parent.exists()


def test_a_reviewed_deploy_that_is_interrupted_again_stops(start: Start, events: Path, plan: Path) -> None:
    process = start("deploy", "dev", "--reviewed", seconds=SECONDS)
    process.send_signal(signal.SIGINT)
    _wait_for("Interrupting again stops it", process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert events.read_text().splitlines()[-1] == "interrupted"
    assert not plan.parent.exists()


def test_after_a_change_of_the_settings_the_reviewed_plan_is_refused(
    launch: Start, events: Path, plan: Path, tmp_path: Path
) -> None:
    (tmp_path / "environments" / "dev.toml").write_text("reviewed = false")
    status, said = run(launch, "deploy", "dev", "--reviewed")
    assert status == 1
    assert "The reviewed plan is outdated: environments/dev.toml has changed since." in said
    assert "pipenv run guard dev --save" in said
    assert not events.exists()
    assert not plan.parent.exists()


def test_without_a_reviewed_plan_nothing_is_deployed(launch: Start, events: Path) -> None:
    assert run(launch, "deploy", "dev", "--reviewed") == (
        1,
        "No reviewed plan of dev is here. Review what is to be deployed: pipenv run guard dev --save\n",
    )
    assert not events.exists()


@pytest.mark.parametrize("command", [["deploy", "--reviewed"], ["deploy", "dev", "prod", "--reviewed"]])
def test_one_environment_is_deployed_as_reviewed(launch: Start, events: Path, command: list[str]) -> None:
    status, said = run(launch, *command)
    assert status == 2
    assert "pipenv run cdktf deploy ENVIRONMENT --reviewed" in said
    assert not events.exists()


@pytest.mark.parametrize(
    ("command", "status", "why"),
    [
        (["deploy", "dev", "--reviewd"], 2, "There is no option --reviewd: --reviewed is meant?"),
        (["deploy", "dev", "--reviewed=true"], 2, "There is no option --reviewed=true: --reviewed is meant?"),
        (["diff", "prod"], 1, "There is no environments/prod.toml in {}. Environments here: dev, review."),
        (["deploy", "dev", "prod", "--auto-approve"], 1, "There is no environments/prod.toml in {}"),
        (["diff", "dev", "review"], 1, "`cdktf diff` takes one environment: run it for each."),
        (
            ["deploy", "dev-bootstrap"],
            1,
            "There is no stack dev-bootstrap: environments/dev.toml has no [bootstrap].",
        ),
    ],
)
def test_what_the_cdktf_command_would_pass_over_is_refused_before_terraform_begins(
    launch: Start, events: Path, tmp_path: Path, command: list[str], *, status: int, why: str
) -> None:
    synthesized(tmp_path, "dev", "review")
    ended, said = run(launch, *command)
    assert ended == status
    assert said.startswith(why.format(tmp_path))
    assert not events.exists()


@pytest.mark.parametrize("command", [["deploy", "review"], ["deploy", "de*"], ["destroy", "dev", "review"]])
def test_names_and_patterns_of_environments_are_left_to_the_cdktf_command(
    launch: Start, events: Path, tmp_path: Path, command: list[str]
) -> None:
    synthesized(tmp_path, "dev", "review")
    assert run(launch, *command)[0] == 0
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
    (stack / "reviewed").mkdir(parents=True)
    (stack / "plan").write_text("secret")
    ran = subprocess.run(
        [CHECKOUT / "operate" / "terraform.py", f"-chdir={stack}", *arguments],
        env={**os.environ, BINARY: str(terraform)},
        check=False,
    )
    assert ran.returncode == status
    assert (stack / "plan").exists() is is_kept
    assert (stack / "reviewed").exists() is is_kept
