"""Deploys that are interrupted, and deploys that are killed: run again, they end where one run would have.

Everything lives in one local AWS and one local Entra ID, so that whatever an earlier test left behind would
be in the way of a later one. The calls that make an object pass by `tests.e2e.interruptions`, and a deploy
is killed right before one, when everything that exists is on record, or right after, when the last is not.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from operate.state import Recorded, parse, read_state
from sandbox.errors import SandboxError
from sandbox.project import CDKTF, CHECKOUT, STACK, Outcome
from stacks.settings.files import load
from tests.e2e.deployment import Deployment
from tests.e2e.interruptions import WatchedCalls, slow_network, watched_project

BUCKET = "contoso-terraform"
KEY = f"entra-cognito/{STACK}.tfstate"
# There and back to a region on another continent.
SECONDS_AWAY = 0.1

# One call at a time, so that a moment is the same one in every run.
ONE_BY_ONE = "-parallelism=1"

ONE_OF_EACH = {
    "applications": 1,
    "service principals": 1,
    "grants": 1,
    "assignments": 0,
    "user pools": 1,
    "domains": 1,
    "identity providers": 1,
    "app clients": 2,
    "resource servers": 0,
    "functions": 0,
    "log groups": 0,
    "roles": 0,
}


@dataclass
class Deploys(Deployment):
    """A stack whose deploys do not end well, with its state in a file."""

    calls: WatchedCalls

    def killed(self, moment: str, *, only: str, by_cdktf: bool = False) -> None:
        """Deploy one resource, and be killed with Terraform and the plugins, all at once and outright."""
        command, folder = ["terraform", "apply", "-auto-approve", "-no-color"], self.project.stack_folder
        if by_cdktf:
            command, folder = [str(CDKTF), "deploy", STACK, "--auto-approve"], self.project.folder
        else:
            self.synthesize()
        targeted = ["env", f"TF_CLI_ARGS_apply={ONE_BY_ONE} -target={only}", *command]
        with self.calls.kill_at(moment):
            assert self.project.run(targeted, folder, show=False).status != 0

    def recorded(self) -> Recorded:
        """The state, as it is on disk."""
        folder = self.project.folder
        return read_state(load(folder / "environments" / f"{STACK}.toml"), folder)

    def all_on_record(self) -> bool:
        """Whether there is neither more nor less than what the state has."""
        return _objects(self.recorded()) == sum(self.clouds.holdings().values())

    def adopt(self) -> Outcome:
        """`pipenv run adopt sandbox`."""
        command = [sys.executable, "-m", "operate.adopt", STACK, "--project", str(self.project.folder)]
        return self.project.run(command, CHECKOUT, show=False)

    def verify(self) -> Outcome:
        """`pipenv run verify sandbox`."""
        command = [sys.executable, "-m", "operate.verify", STACK, "--project", str(self.project.folder)]
        return self.project.run(command, CHECKOUT, show=False)

    def repair(self, address: str) -> None:
        """Run the command that `pipenv run adopt` prints for an object."""
        (line,) = [line for line in self.adopt().text.splitlines() if f"import '{address}'" in line]
        outcome = self.project.run(shlex.split(line), self.project.folder, show=False)
        assert outcome.status == 0, outcome.text


def _objects(recorded: Recorded) -> int:
    """Of the objects on record those that `holdings` counts: a secret is a part of its registration."""
    return sum(not address.startswith("azuread_application_password") for address in recorded.resources)


@pytest.fixture(scope="module")
def deploys() -> Iterator[Deploys]:
    with watched_project(variables={"TF_CLI_ARGS_apply": ONE_BY_ONE}) as (clouds, project, calls):
        yield Deploys(clouds, project, calls)


# Killed


def test_a_registration_that_nobody_recorded_is_not_made_twice(deploys: Deploys) -> None:
    address = "azuread_application.sign_in"
    deploys.killed("after POST applications", only=address, by_cdktf=True)
    assert deploys.recorded().resources == {}
    with pytest.raises(SandboxError, match="`prevent_duplicate_names` was specified"):
        deploys.deploy()
    assert deploys.clouds.holdings()["applications"] == 1
    assert deploys.adopt().status == 2
    checked = deploys.verify()
    assert checked.status == 1
    assert f"{address} exists and is on no record: terraform" in checked.text
    deploys.repair(address)
    assert deploys.recorded().resources[address].startswith("/applications/")


@pytest.mark.exhaustive
def test_a_user_pool_that_nobody_recorded_is_found_by_its_name(deploys: Deploys) -> None:
    address = "aws_cognito_user_pool.users"
    if address in deploys.recorded().resources:
        # Terraform had begun with it before it came to the registration that it could not make twice.
        deploys.terraform("destroy", "-auto-approve", f"-target={address}")
    deploys.killed("after CreateUserPool", only=address)
    assert address not in deploys.recorded().resources
    deploys.repair(address)
    assert deploys.clouds.holdings()["user pools"] == 1
    assert deploys.all_on_record()


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("moment", "address"),
    [
        ("before POST servicePrincipals", "azuread_service_principal.sign_in"),
        (
            "before POST oauth2PermissionGrants",
            "azuread_service_principal_delegated_permission_grant.microsoft_graph",
        ),
        ("before addPassword", "azuread_application_password.sign_in_1"),
        ("before CreateIdentityProvider", "aws_cognito_identity_provider.entra"),
        ("before CreateUserPoolDomain", "aws_cognito_user_pool_domain.prefix"),
        ("before CreateUserPoolClient", "aws_cognito_user_pool_client.web"),
    ],
)
def test_between_two_objects_a_killed_deploy_loses_nothing(
    deploys: Deploys, moment: str, address: str
) -> None:
    deploys.killed(moment, only=address)
    assert deploys.all_on_record()


def test_run_again_it_ends_with_one_of_each(deploys: Deploys) -> None:
    deploys.deploy()
    assert deploys.clouds.holdings() == ONE_OF_EACH
    assert deploys.all_on_record()
    outcome = deploys.adopt()
    assert outcome.status == 0
    assert "Of the same name" not in outcome.text


def test_a_second_pool_or_registration_of_the_name_is_pointed_out(deploys: Deploys) -> None:
    second = deploys.cognito.create_user_pool(PoolName=STACK)["UserPool"]["Id"]
    said = deploys.adopt().text
    deploys.cognito.delete_user_pool(UserPoolId=second)
    assert f"aws cognito-idp delete-user-pool --user-pool-id {second}" in said
    deploys.destroy()
    assert set(deploys.clouds.holdings().values()) == {0}


# Interrupted


@dataclass
class Shared(Deployment):
    """A stack whose state is in a bucket, and a bucket that is far away."""

    def interrupted(self, command: list[str], line: str, number: signal.Signals) -> str:
        """Run a command, and interrupt it when it has printed a line that matches a pattern."""
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
                if number is signal.SIGINT:
                    os.killpg(process.pid, number)
                else:
                    process.send_signal(number)
        assert process.wait() != 0, "".join(printed)
        psutil.wait_procs(below, timeout=30)
        assert below, "".join(printed)
        return "".join(printed)

    def objects(self) -> dict[str, str]:
        """What the bucket holds, by its key."""
        bucket = self.clouds.aws.s3(self.clouds.region)
        keys = [stored["Key"] for stored in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return {key: bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}

    def in_order(self) -> bool:
        """Whether the state is written, has all there is, and is locked by nobody."""
        stored = self.objects()
        recorded = parse(stored.get(KEY, ""))
        return set(stored) == {KEY} and _objects(recorded) == sum(self.clouds.holdings().values())


@pytest.fixture(scope="module")
def shared(deploys: Deploys) -> Iterator[Shared]:
    clouds = deploys.clouds
    clouds.aws.s3(clouds.region).create_bucket(Bucket=BUCKET)
    with slow_network(clouds.aws.url, SECONDS_AWAY) as url:
        variables = {"AWS_ENDPOINT_URL": url, "PYTHONPATH": str(CHECKOUT)}
        deployment = Shared(clouds, clouds.project(name="shared", variables=variables))
        deployment.settings += f'\n[state]\nbucket = "{BUCKET}"\n'
        yield deployment


def test_a_person_who_interrupts_a_deploy_waits_for_its_end(shared: Shared) -> None:
    said = shared.interrupted(
        [sys.executable, "-m", "operate.cdktf", "deploy", STACK, "--auto-approve"],
        r"azuread_application\.sign_in\b.*: Creation complete",
        signal.SIGINT,
    )
    assert "Terraform has ended in order." in said
    assert shared.clouds.holdings() == ONE_OF_EACH
    assert shared.in_order()


def test_a_teardown_that_is_cancelled_stops_in_order_and_goes_on_the_next_time(shared: Shared) -> None:
    command = [sys.executable, "-m", "operate.cdktf", "destroy", STACK, "--auto-approve"]
    said = shared.interrupted(command, ": Destruction complete", signal.SIGTERM)
    assert "Terraform has ended in order." in said
    assert shared.clouds.holdings()["applications"] == 1
    assert set(shared.objects()) == {KEY}
    outcome = shared.project.run(command, shared.project.folder)
    assert outcome.status == 0, outcome.text
    assert set(shared.clouds.holdings().values()) == {0}
