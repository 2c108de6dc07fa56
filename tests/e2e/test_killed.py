"""Deploys that are killed outright: run again, they end where one run would have.

All tests share the clouds, so whatever an earlier test leaves behind is in the way of a later one. Right
before a call that makes an object, all that exists is in the state; right after it, that object is not.
"""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from operate.state import Recorded, read_state
from sandbox.errors import SandboxError
from sandbox.project import CHECKOUT, STACK, Outcome
from stacks.settings.files import load
from stacks.tools import CDKTF
from tests.e2e.deployment import ONE_OF_EACH, Deployment, objects_in
from tests.e2e.interruptions import WatchedCalls, watched_project

# One call at a time, so that a moment is the same one in every run.
ONE_BY_ONE = "-parallelism=1"


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
        return objects_in(self.recorded()) == sum(self.clouds.holdings().values())

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


@pytest.fixture(scope="module")
def deploys() -> Iterator[Deploys]:
    with watched_project(variables={"TF_CLI_ARGS_apply": ONE_BY_ONE}) as (clouds, project, calls):
        yield Deploys(clouds, project, calls)


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
    assert f"{address} exists and is missing in the state: terraform" in checked.text
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
