"""Commands that somebody interrupts: Terraform ends in order, and the next run goes on from there."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from operate import reviewed_plan
from operate.project import stack_folder
from operate.state import Recorded, parse
from operate.terraform import PLAN
from sandbox.project import CHECKOUT, STACK
from tests.e2e.deployment import ONE_OF_EACH, Deployment, local_clouds, objects_in, with_edits
from tests.e2e.interruptions import kill_everything_in, slow_network
from tests.e2e.workflow import SHELL

BUCKET = "contoso-terraform"
KEY = f"entra-cognito/{STACK}.tfstate"
# There and back to a region on another continent.
SECONDS_AWAY = 0.1
SECONDS_OF_A_TEARDOWN = 5.0
SIGINT_SECONDS = 7.5
SECONDS = 180
TEMPLATE = CHECKOUT / "operate" / "pipeline" / "templates" / "github.yml"

WITH_AN_API = {
    "[clients.web]\n": '[resource_servers.api.scopes]\nread = "Read"\n[clients.web]\n',
    "sandbox-signin": "dev-signin",
}
DEPLOY = [sys.executable, "-m", "operate.cdktf", "deploy", STACK, "--auto-approve"]
REVIEW = [sys.executable, "-m", "operate.guard", STACK, "--save"]
DEPLOY_REVIEWED = [sys.executable, "-m", "operate.cdktf", "deploy", STACK, "--reviewed"]


@dataclass
class Shared(Deployment):
    """A stack whose state is in a bucket, and a bucket that is far away."""

    without_secret: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the settings as they are for those that every test begins with."""
        self.without_secret = self.settings

    def set(self, *, generation: int = 1, settle_seconds: int = 0) -> None:
        """Write the settings anew, with another client secret."""
        secret = f"[entra.secret]\ngeneration = {generation}\nsettle_seconds = {settle_seconds}\n"
        self.settings = f"{self.without_secret}\n{secret}"

    @property
    def generation(self) -> int:
        """The newest client secret of the state."""
        addresses = " ".join(self.recorded.resources)
        return max(map(int, re.findall(r"password\.sign_in_(\d+)", addresses)))

    @contextmanager
    def started(self, command: list[str], **variables: str) -> Iterator["subprocess.Popen[str]"]:
        """A command, as the first process of its group; with the block, all that it started has ended."""
        with subprocess.Popen(
            command,
            cwd=self.project.folder,
            env=self.project.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                kill_everything_in(self.project.folder)

    def interrupted(
        self, command: list[str], line: str, number: signal.Signals, *, everybody: bool = False
    ) -> str:
        """Run a command, and interrupt it when it has printed a line that matches a pattern.

        Args:
            everybody: signal each process below it, too, the last one first.
        """
        below: list[psutil.Process] = []
        printed = []
        with self.started(command) as process:
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
            psutil.wait_procs(below, timeout=SECONDS)
        assert below, "".join(printed)
        return "".join(printed)

    def job(self) -> AbstractContextManager["subprocess.Popen[str]"]:
        """Start what the pipeline's job has for its last step, as its shell does."""
        for name in ("Pipfile", "Pipfile.lock", ".venv"):
            with suppress(FileExistsError):
                (self.project.folder / name).symlink_to(CHECKOUT / name)
        (line,) = [one for one in TEMPLATE.read_text().splitlines() if "run: exec" in one]
        script = self.project.folder / "step.sh"
        script.write_text(line.partition("run: ")[2].replace("@@{environment}", STACK))
        path = f"{CHECKOUT / '.venv' / 'bin'}{os.pathsep}{self.project.environment['PATH']}"
        return self.started([*SHELL, str(script)], PATH=path, PIPENV_IGNORE_VIRTUALENVS="1")

    def reviewed(self, impact: str = "secret-made") -> Path:
        """Have the guard keep a plan that goes on with another client secret."""
        outcome = self.project.run(REVIEW, self.project.folder)
        assert outcome.status == 0, outcome.text
        assert impact in outcome.text
        return reviewed_plan.folder(STACK, self.project.folder) / PLAN

    def secrets(self) -> int:
        """How many client secrets the registration has."""
        registered = self.clouds.entra.directory.applications.values()
        return sum(len(one.secrets) for one in registered if one.display_name == f"{STACK} sign-in")

    def objects(self) -> dict[str, str]:
        """What the bucket holds, by its key."""
        bucket = self.clouds.aws.s3(self.clouds.region)
        keys = [stored["Key"] for stored in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return {key: bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}

    @property
    def recorded(self) -> Recorded:
        """What the state has."""
        return parse(self.objects().get(KEY, ""))

    def in_order(self) -> bool:
        """Whether the state is written, has all there is, and is locked by nobody."""
        held = sum(self.clouds.holdings().values())
        return set(self.objects()) == {KEY} and objects_in(self.recorded) == held

    def keeps_all_secrets(self) -> bool:
        """Whether the state has each secret that was made, and is locked by nobody."""
        return set(self.objects()) == {KEY} and len(self.recorded.secret_key_ids) == self.secrets()


@contextmanager
def _nothing_deployed() -> Iterator[Shared]:
    with (
        local_clouds(plugins_stay_up=False) as clouds,
        # So that a teardown has not ended before its first lines are read.
        slow_network(clouds.aws.url, SECONDS_AWAY, DeleteUserPoolClient=SECONDS_OF_A_TEARDOWN) as url,
    ):
        clouds.aws.s3(clouds.region).create_bucket(Bucket=BUCKET)
        project = clouds.project(variables={"AWS_ENDPOINT_URL": url, "PYTHONPATH": str(CHECKOUT)})
        project.write_settings(f'{project.settings()}\n[state]\nbucket = "{BUCKET}"\n')
        # Another environment, whose file is wrong and whose folder a clone has: it is in nobody's way.
        (project.folder / "environments" / "broken.toml").write_text("[aws]\nregion =")
        lock = stack_folder("broken", project.folder) / ".terraform.lock.hcl"
        lock.parent.mkdir(parents=True)
        lock.touch()
        yield Shared(clouds, project)
        assert lock.exists()


class Kept(ExitStack):
    """What a test leaves for the next one."""

    shared: Shared | None = None

    def begin(self) -> Shared:
        """Other clouds, with nothing in them."""
        self.close()
        self.shared = self.enter_context(_nothing_deployed())
        return self.shared


@pytest.fixture(scope="module")
def _kept() -> Iterator[Kept]:
    with Kept() as kept:
        yield kept


@pytest.fixture
def kept(_kept: Kept, request: pytest.FixtureRequest) -> Iterator[Kept]:
    failed = request.session.testsfailed
    yield _kept
    if request.session.testsfailed > failed:
        _kept.shared = None


@pytest.fixture
def shared(kept: Kept) -> Shared:
    """Nothing is deployed."""
    found = kept.shared
    if found is None or any(found.clouds.holdings().values()):
        found = kept.begin()
    found.settings = found.without_secret
    return found


@pytest.fixture
def deployed(kept: Kept) -> Shared:
    """The stack is deployed, with any generation of its secret."""
    found = kept.shared
    if found is None or not found.in_order():
        found = kept.begin()
    if not any(found.clouds.holdings().values()):
        found.set()
        outcome = found.project.run(DEPLOY, found.project.folder)
        assert outcome.status == 0, outcome.text
    found.set(generation=found.generation)
    return found


def test_a_person_who_interrupts_a_deploy_waits_for_its_end(shared: Shared) -> None:
    said = shared.interrupted(DEPLOY, r"azuread_application\.sign_in\b.*: Creation complete", signal.SIGINT)
    assert "Terraform has ended in order." in said
    assert f"aws s3api put-bucket-versioning --bucket {BUCKET}" in said.partition("azuread_application")[0]
    assert shared.clouds.holdings() == ONE_OF_EACH
    assert shared.in_order()


def test_a_plan_that_was_reviewed_is_deployed_and_an_interrupt_waits_for_its_end(deployed: Shared) -> None:
    deployed.set(generation=deployed.generation + 1)
    plan = deployed.reviewed()
    assert plan.is_file()
    assert plan.parent.stat().st_mode & 0o077 == 0
    said = deployed.interrupted(DEPLOY_REVIEWED, ": Creation complete", signal.SIGINT)
    assert "Terraform has ended in order." in said
    assert deployed.keeps_all_secrets()
    assert deployed.secrets() == 2
    assert not plan.parent.exists()


@pytest.mark.exhaustive
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_a_job_that_is_cancelled_leaves_no_lock_and_the_next_one_finishes(
    deployed: Shared, send: Callable[[int, int], None]
) -> None:
    """GitHub documentation, "Workflow cancellation reference": SIGINT, SIGTERM after 7.5 s, a kill after 10.

    They reach the step's process; elsewhere its whole group.
    """
    generation = deployed.generation + 1
    deployed.set(generation=generation, settle_seconds=90)
    deployed.reviewed()
    with deployed.job() as job:
        for line in job.stdout or ():
            # The deploy waits now, for longer than the job has left.
            if re.search(r"terraform_data\.\S+: Creating", line):
                break
        send(job.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            job.wait(SIGINT_SECONDS)
        send(job.pid, signal.SIGTERM)
        said, _ = job.communicate(timeout=SECONDS)
    assert job.returncode == 1
    assert "Terraform has ended in order." in said
    assert deployed.keeps_all_secrets()

    deployed.set(generation=generation)
    deployed.reviewed("secret-rotated")
    with deployed.job() as job:
        said, _ = job.communicate(timeout=SECONDS)
    assert job.returncode == 0, said
    assert deployed.keeps_all_secrets()
    assert deployed.secrets() == 2


def test_a_reviewed_plan_for_another_state_is_refused_and_removed(deployed: Shared) -> None:
    deployed.set(generation=deployed.generation + 1)
    plan = deployed.reviewed()
    state = json.loads(deployed.objects()[KEY])
    changed = json.dumps({**state, "serial": state["serial"] + 1})
    deployed.clouds.aws.s3(deployed.clouds.region).put_object(Bucket=BUCKET, Key=KEY, Body=changed)
    outcome = deployed.project.run(DEPLOY_REVIEWED, deployed.project.folder)
    assert outcome.status == 1
    assert "Saved plan is stale" in outcome.text
    assert f"pipenv run guard {STACK} --save" in outcome.text
    assert deployed.objects()[KEY] == changed
    assert not plan.parent.exists()


def test_a_review_that_is_interrupted_leaves_no_lock(deployed: Shared) -> None:
    with deployed.started(REVIEW) as review:
        while set(deployed.objects()) == {KEY}:
            assert review.poll() is None
        os.killpg(review.pid, signal.SIGINT)
        said, _ = review.communicate(timeout=SECONDS)
    assert (review.returncode, said) == (130, "Interrupted.\n")
    assert set(deployed.objects()) == {KEY}


def test_a_plan_that_is_refused_is_not_kept(deployed: Shared) -> None:
    deployed.edit({"[clients.spa]": "[clients.another]"})
    outcome = deployed.project.run(REVIEW, deployed.project.folder)
    assert outcome.status == 1, outcome.text
    assert "--allow client-removed" in outcome.text
    assert not reviewed_plan.folder(STACK, deployed.project.folder).exists()


@pytest.mark.exhaustive
def test_a_signal_to_every_process_leaves_no_lock(deployed: Shared) -> None:
    """GitLab's runner ends a cancelled job so (gitlab-runner merge request 4446)."""
    deployed.set(generation=deployed.generation + 1)
    deployed.reviewed()
    deployed.interrupted(DEPLOY_REVIEWED, ": Creating...", signal.SIGTERM, everybody=True)
    assert set(deployed.objects()) == {KEY}
    # The next one goes on from there.
    for command in (REVIEW, DEPLOY_REVIEWED):
        outcome = deployed.project.run(command, deployed.project.folder)
        assert outcome.status == 0, outcome.text
    assert set(deployed.objects()) == {KEY}
    kept = deployed.recorded.secret_key_ids
    assert len(kept) == 2  # the one in use, and the one before it
    # As an administrator does with one that was made when nobody was left to write it down.
    secrets = deployed.application.secrets
    secrets[:] = [one for one in secrets if one.key_id in kept]


def test_a_teardown_that_is_cancelled_stops_in_order_and_goes_on_the_next_time(deployed: Shared) -> None:
    command = [sys.executable, "-m", "operate.cdktf", "destroy", STACK, "--auto-approve"]
    said = deployed.interrupted(command, ": Destruction complete", signal.SIGTERM)
    assert "Terraform has ended in order." in said
    assert deployed.clouds.holdings()["applications"] == 1
    assert set(deployed.objects()) == {KEY}
    outcome = deployed.project.run(command, deployed.project.folder)
    assert outcome.status == 0, outcome.text
    assert set(deployed.clouds.holdings().values()) == {0}


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
