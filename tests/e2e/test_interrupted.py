"""Commands that somebody interrupts: Terraform ends in order, and the next run goes on from there."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from operate import reviewed_plan
from operate.project import stack_folder
from operate.state import parse
from operate.terraform import PLAN
from sandbox.project import CHECKOUT, STACK
from tests.e2e.deployment import ONE_OF_EACH, Deployment, local_clouds, objects_in, with_edits
from tests.e2e.interruptions import slow_network
from tests.e2e.workflow import SHELL

BUCKET = "contoso-terraform"
KEY = f"entra-cognito/{STACK}.tfstate"
# There and back to a region on another continent.
SECONDS_AWAY = 0.1
SIGINT_SECONDS = 7.5
TEMPLATE = CHECKOUT / "operate" / "pipeline" / "templates" / "github.yml"

WITH_AN_API = {
    "[clients.web]\n": '[resource_servers.api.scopes]\nread = "Read"\n[clients.web]\n',
    "sandbox-signin": "dev-signin",
}
DEPLOY_REVIEWED = [sys.executable, "-m", "operate.cdktf", "deploy", STACK, "--reviewed"]


@dataclass
class Shared(Deployment):
    """A stack whose state is in a bucket, and a bucket that is far away."""

    def interrupted(
        self, command: list[str], line: str, number: signal.Signals, *, everybody: bool = False
    ) -> str:
        """Run a command, and interrupt it when it has printed a line that matches a pattern.

        Args:
            everybody: signal each process below it, too, the last one first.
        """
        process = subprocess.Popen(
            command,
            cwd=self.project.folder,
            env=self.project.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        below: list[psutil.Process] = []
        printed = []
        for text in process.stdout or ():
            printed.append(text)
            if re.search(line, text) and not below:
                below = psutil.Process(process.pid).children(recursive=True)
                for one in sorted(below, key=lambda one: one.pid, reverse=True) if everybody else ():
                    with suppress(psutil.NoSuchProcess):
                        one.send_signal(number)
                if number is signal.SIGINT:
                    os.killpg(process.pid, number)
                else:
                    process.send_signal(number)
        assert process.wait() != 0, "".join(printed)
        psutil.wait_procs(below, timeout=30)
        assert below, "".join(printed)
        return "".join(printed)

    def job(self) -> "subprocess.Popen[str]":
        """Start what the pipeline's job has for its last step, as its shell does."""
        for name in ("Pipfile", "Pipfile.lock", ".venv"):
            with suppress(FileExistsError):
                (self.project.folder / name).symlink_to(CHECKOUT / name)
        (line,) = [one for one in TEMPLATE.read_text().splitlines() if "run: exec" in one]
        script = self.project.folder / "step.sh"
        script.write_text(line.partition("run: ")[2].replace("@@{environment}", STACK))
        variables = self.project.environment
        path = f"{CHECKOUT / '.venv' / 'bin'}{os.pathsep}{variables['PATH']}"
        return subprocess.Popen(
            [*SHELL, str(script)],
            cwd=self.project.folder,
            env={**variables, "PATH": path, "PIPENV_IGNORE_VIRTUALENVS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def secrets(self) -> int:
        """How many client secrets the registration has."""
        registered = self.clouds.entra.directory.applications.values()
        return sum(len(one.secrets) for one in registered if one.display_name == f"{STACK} sign-in")

    def objects(self) -> dict[str, str]:
        """What the bucket holds, by its key."""
        bucket = self.clouds.aws.s3(self.clouds.region)
        keys = [stored["Key"] for stored in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return {key: bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}

    def in_order(self) -> bool:
        """Whether the state is written, has all there is, and is locked by nobody."""
        stored = self.objects()
        recorded = parse(stored.get(KEY, ""))
        return set(stored) == {KEY} and objects_in(recorded) == sum(self.clouds.holdings().values())


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    with local_clouds(plugins_stay_up=False) as clouds, slow_network(clouds.aws.url, SECONDS_AWAY) as url:
        clouds.aws.s3(clouds.region).create_bucket(Bucket=BUCKET)
        variables = {"AWS_ENDPOINT_URL": url, "PYTHONPATH": str(CHECKOUT)}
        deployment = Shared(clouds, clouds.project(variables=variables))
        deployment.settings += f'\n[state]\nbucket = "{BUCKET}"\n'
        # Another environment, whose file is wrong and whose folder a clone has: it is in nobody's way.
        (deployment.project.folder / "environments" / "broken.toml").write_text("[aws]\nregion =")
        lock = stack_folder("broken", deployment.project.folder) / ".terraform.lock.hcl"
        lock.parent.mkdir(parents=True)
        lock.touch()
        yield deployment
        assert lock.exists()


def test_a_person_who_interrupts_a_deploy_waits_for_its_end(shared: Shared) -> None:
    said = shared.interrupted(
        [sys.executable, "-m", "operate.cdktf", "deploy", STACK, "--auto-approve"],
        r"azuread_application\.sign_in\b.*: Creation complete",
        signal.SIGINT,
    )
    assert "Terraform has ended in order." in said
    assert f"aws s3api put-bucket-versioning --bucket {BUCKET}" in said.partition("azuread_application")[0]
    assert shared.clouds.holdings() == ONE_OF_EACH
    assert shared.in_order()


def _next_secret(shared: Shared) -> None:
    """Raise the generation of the client secret."""
    shared.settings = re.sub(
        r"generation = (\d+)", lambda found: f"generation = {int(found[1]) + 1}", shared.settings
    )


def _keeps_all_secrets(shared: Shared) -> bool:
    """Whether the state has each secret that was made, and is locked by nobody."""
    stored = shared.objects()
    return set(stored) == {KEY} and len(parse(stored[KEY]).secret_key_ids) == shared.secrets()


def _reviewed(shared: Shared, impact: str = "secret-made") -> Path:
    """Have the guard keep a plan that goes on with another client secret."""
    command = [sys.executable, "-m", "operate.guard", STACK, "--save"]
    outcome = shared.project.run(command, shared.project.folder)
    assert outcome.status == 0, outcome.text
    assert impact in outcome.text
    return reviewed_plan.folder(STACK, shared.project.folder) / PLAN


def test_a_plan_that_was_reviewed_is_deployed_and_an_interrupt_waits_for_its_end(shared: Shared) -> None:
    shared.settings += "\n[entra.secret]\ngeneration = 2\nsettle_seconds = 0\n"
    plan = _reviewed(shared)
    assert plan.is_file()
    assert plan.parent.stat().st_mode & 0o077 == 0
    said = shared.interrupted(DEPLOY_REVIEWED, ": Creation complete", signal.SIGINT)
    assert "Terraform has ended in order." in said
    stored = shared.objects()
    assert set(stored) == {KEY}
    assert len(parse(stored[KEY]).secret_key_ids) == 2
    assert not plan.parent.exists()


@pytest.mark.exhaustive
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_a_job_that_is_cancelled_leaves_no_lock_and_the_next_one_finishes(
    shared: Shared, send: Callable[[int, int], None]
) -> None:
    """GitHub documentation, "Workflow cancellation reference": SIGINT, SIGTERM after 7.5 s, a kill after 10.

    They reach the step's process; elsewhere its whole group.
    """
    _next_secret(shared)
    shared.edit({"settle_seconds = 0": "settle_seconds = 90"})
    _reviewed(shared)
    job = shared.job()
    for line in job.stdout or ():
        # The deploy waits now, for longer than the job has left.
        if re.search(r"terraform_data\.\S+: Creating", line):
            break
    send(job.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        job.wait(SIGINT_SECONDS)
    send(job.pid, signal.SIGTERM)
    said, _ = job.communicate(timeout=60)
    assert job.returncode == 1
    assert "Terraform has ended in order." in said
    assert _keeps_all_secrets(shared)

    shared.edit({"settle_seconds = 90": "settle_seconds = 0"})
    _reviewed(shared, "secret-rotated")
    job = shared.job()
    said, _ = job.communicate()
    assert job.returncode == 0, said
    assert _keeps_all_secrets(shared)
    assert shared.secrets() == 2


def test_a_reviewed_plan_for_another_state_is_refused_and_removed(shared: Shared) -> None:
    _next_secret(shared)
    plan = _reviewed(shared)
    state = json.loads(shared.objects()[KEY])
    changed = json.dumps({**state, "serial": state["serial"] + 1})
    shared.clouds.aws.s3(shared.clouds.region).put_object(Bucket=BUCKET, Key=KEY, Body=changed)
    outcome = shared.project.run(DEPLOY_REVIEWED, shared.project.folder)
    assert outcome.status == 1
    assert "Saved plan is stale" in outcome.text
    assert f"pipenv run guard {STACK} --save" in outcome.text
    assert shared.objects()[KEY] == changed
    assert not plan.parent.exists()


def test_a_plan_that_is_refused_is_not_kept(shared: Shared) -> None:
    shared.settings = shared.settings.replace("[clients.spa]", "[clients.another]")
    command = [sys.executable, "-m", "operate.guard", STACK, "--save"]
    outcome = shared.project.run(command, shared.project.folder)
    assert outcome.status == 1, outcome.text
    assert "--allow client-removed" in outcome.text
    assert not reviewed_plan.folder(STACK, shared.project.folder).exists()


@pytest.mark.exhaustive
def test_a_signal_to_every_process_leaves_no_lock(shared: Shared) -> None:
    """GitLab's runner ends a cancelled job so (gitlab-runner merge request 4446)."""
    shared.settings = shared.settings.replace("[clients.another]", "[clients.spa]")
    _reviewed(shared)
    shared.interrupted(DEPLOY_REVIEWED, ": Creating...", signal.SIGTERM, everybody=True)
    assert set(shared.objects()) == {KEY}
    # The next one goes on from there.
    for command in ([sys.executable, "-m", "operate.guard", STACK, "--save"], DEPLOY_REVIEWED):
        outcome = shared.project.run(command, shared.project.folder)
        assert outcome.status == 0, outcome.text
    stored = shared.objects()
    assert set(stored) == {KEY}
    assert len(parse(stored[KEY]).secret_key_ids) == 2  # the one in use, and the one before it


def test_a_teardown_that_is_cancelled_stops_in_order_and_goes_on_the_next_time(shared: Shared) -> None:
    command = [sys.executable, "-m", "operate.cdktf", "destroy", STACK, "--auto-approve"]
    said = shared.interrupted(command, ": Destruction complete", signal.SIGTERM)
    assert "Terraform has ended in order." in said
    assert shared.clouds.holdings()["applications"] == 1
    assert set(shared.objects()) == {KEY}
    outcome = shared.project.run(command, shared.project.folder)
    assert outcome.status == 0, outcome.text
    assert set(shared.clouds.holdings().values()) == {0}


@pytest.mark.exhaustive
def test_of_two_environments_one_that_fails_half_way_leaves_the_other_to_finish(shared: Shared) -> None:
    dev = with_edits(shared.settings, WITH_AN_API)
    (shared.project.folder / "environments" / "dev.toml").write_text(dev)
    # What is made in the middle of the deploy of dev; the other has none.
    shared.clouds.aws.allow_deployer(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "cognito-idp:CreateResourceServer", "Resource": "*"},
            ],
        }
    )
    command = [sys.executable, "-m", "operate.cdktf", "deploy", "dev", STACK, "--auto-approve"]
    outcome = shared.project.run(command, shared.project.folder)
    assert outcome.status == 1, outcome.text
    assert "AccessDenied" in outcome.text
    assert {key for key in shared.objects() if key.endswith(".tflock")} == set()
    shared.project.terraform("plan", "-input=false", "-detailed-exitcode")
