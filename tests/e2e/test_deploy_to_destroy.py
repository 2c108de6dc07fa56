"""One environment from first deploy to teardown by the cdktf command; each test continues the last."""

import json
import os
import re
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from sandbox.entra.users import ADA, NOOR, Person
from sandbox.errors import SandboxError
from sandbox.local_clouds import APP_CLIENT
from sandbox.project import CHECKOUT, STACK, Outcome
from sandbox.sign_in import SignInResult
from stacks.private_files import open_to_others
from tests.e2e.deployment import ONE_OF_EACH, Deployment, Json, local_clouds

IDENTITY_PROVIDER = "aws_cognito_identity_provider.entra"
APPLICATION = "azuread_application.sign_in"


@dataclass
class DeploymentByCommand(Deployment):
    """A stack that the cdktf command deploys; Terraform installs, locks and starts the plugins itself."""

    outputs: Json = field(default_factory=dict)

    def deploy(self) -> Outcome:
        """`cdktf deploy`."""
        outcome = self.project.deploy()
        self.outputs = self.project.outputs()
        return outcome

    def operate(self, module: str, *arguments: str) -> Outcome:
        """`pipenv run <module>`."""
        return self.project.run([sys.executable, "-m", f"operate.{module}", *arguments], self.project.folder)

    def output(self, name: str) -> Any:
        """An output, as the last deploy left it."""
        return self.outputs[name]


@pytest.fixture(scope="module")
def deployment(stand_in: bool) -> Iterator[DeploymentByCommand]:  # noqa: FBT001 - a fixture is named, not passed
    """The sandbox's stack, not deployed yet, of a person whose files everybody may read."""
    printed: list[str] = []
    this_process = psutil.Process()

    def on_line(line: str) -> None:
        printed.append(line)
        for process in this_process.children(recursive=True):
            with suppress(psutil.Error):
                printed.append(f"{process.cmdline()} {process.environ()}")

    umask = os.umask(0o022)
    try:
        with local_clouds(stand_in=stand_in, plugins_stay_up=False) as clouds:
            project = clouds.project(on_line=on_line, variables={"PYTHONPATH": str(CHECKOUT)})
            yield DeploymentByCommand(clouds, project, printed=printed)
    finally:
        os.umask(umask)


def _sign_in(deployment: DeploymentByCommand, person: Person) -> SignInResult:
    return deployment.sign_in(deployment.output("sign_in_urls")[APP_CLIENT], person)


def _secret(deployment: DeploymentByCommand) -> str:
    return str(deployment.identity_provider()["ProviderDetails"]["client_secret"])


def _registration(deployment: DeploymentByCommand) -> Json:
    with deployment.graph() as graph:
        registration: Json = graph.get(f"/applications/{deployment.application.id}").json()
    assert registration["appId"] == deployment.output("entra_application_id")
    return registration


def test_deploy_makes_both_sides_in_one_go(deployment: DeploymentByCommand) -> None:
    deployment.deploy()
    assert deployment.clouds.holdings() == ONE_OF_EACH


def test_cognito_holds_what_entra_issued(deployment: DeploymentByCommand) -> None:
    details = deployment.identity_provider()["ProviderDetails"]
    outputs = deployment.outputs
    assert details["client_id"] == outputs["entra_application_id"]
    assert details["oidc_issuer"] == outputs["entra_issuer"]
    assert details["attributes_request_method"] == "POST"
    assert _registration(deployment)["web"]["redirectUris"] == [outputs["redirect_uri"]]


def test_the_secret_ends_180_days_from_now_and_the_output_says_so(deployment: DeploymentByCommand) -> None:
    end_date = datetime.fromisoformat(deployment.output("client_secret_end_date"))
    assert abs(end_date - (datetime.now(UTC) + timedelta(days=180))) < timedelta(minutes=10)
    (credential,) = _registration(deployment)["passwordCredentials"]
    assert datetime.fromisoformat(credential["endDateTime"]) == end_date


def test_a_second_plan_has_nothing_to_do(deployment: DeploymentByCommand) -> None:
    assert deployment.project.diff() == {}


def test_a_person_signs_in_and_all_claims_arrive(deployment: DeploymentByCommand) -> None:
    result = _sign_in(deployment, ADA)
    assert result.status == 200, result.text
    expected = {"email": ADA.mail, "given_name": ADA.given_name, "family_name": ADA.surname}
    assert {claim: result.claims.get(claim) for claim in expected} == expected
    assert result.claims["custom:entra_oid"] == ADA.oid
    assert result.claims["custom:entra_tid"] == deployment.clouds.entra.environment()["ARM_TENANT_ID"]
    assert str(result.claims["cognito:username"]).startswith("entra_")


def test_the_same_person_is_the_same_user_the_next_time(deployment: DeploymentByCommand) -> None:
    first, second = _sign_in(deployment, ADA), _sign_in(deployment, ADA)
    assert first.claims["sub"] == second.claims["sub"]


def test_a_person_without_a_mailbox_signs_in_without_an_email_claim(deployment: DeploymentByCommand) -> None:
    result = _sign_in(deployment, NOOR)
    assert result.status == 200, result.text
    assert "email" not in result.claims
    assert result.claims["family_name"] == NOOR.surname


def test_an_unregistered_callback_url_is_refused(deployment: DeploymentByCommand) -> None:
    url = deployment.output("sign_in_urls")[APP_CLIENT]
    elsewhere = urllib.parse.quote("http://localhost:1/elsewhere", safe="")
    result = deployment.sign_in(re.sub(r"redirect_uri=[^&]+", f"redirect_uri={elsewhere}", url), ADA)
    assert result.status == 400
    assert result.claims == {}


def test_what_is_changed_by_hand_on_either_side_is_seen(deployment: DeploymentByCommand) -> None:
    registration = _registration(deployment)
    details = deployment.identity_provider()["ProviderDetails"]
    with deployment.graph() as graph:
        graph.patch(
            f"/applications/{registration['id']}",
            json={"web": {"redirectUris": ["https://elsewhere.example/oauth2/idpresponse"]}},
        ).raise_for_status()
    deployment.cognito.update_identity_provider(
        UserPoolId=deployment.output("user_pool_id"),
        ProviderName="entra",
        ProviderDetails={**details, "authorize_scopes": "openid"},
    )
    assert deployment.plan().changes == {APPLICATION: "update", IDENTITY_PROVIDER: "update"}


def test_an_unregistered_redirect_uri_ends_on_microsofts_error_page(
    deployment: DeploymentByCommand,
) -> None:
    result = _sign_in(deployment, ADA)
    assert "AADSTS50011" in result.text
    assert result.claims == {}


def test_a_new_secret_reaches_cognito_and_the_same_deploy_heals_what_was_changed_by_hand(
    deployment: DeploymentByCommand,
) -> None:
    before = _secret(deployment)
    deployment.settings += "\n[entra.secret]\ngeneration = 2\nsettle_seconds = 0\n"
    assert open_to_others(deployment.project.folder, STACK) == []
    _open_all_files(deployment)  # as versions before 1.0.0 left them
    outcome = deployment.operate("cdktf", "deploy", STACK, "--auto-approve")
    assert outcome.status == 0, outcome.text
    assert not (deployment.project.stack_folder / "plan").exists()
    deployment.outputs = deployment.project.outputs()
    after = _secret(deployment)
    assert after != before
    registration = _registration(deployment)
    assert {one["keyId"] for one in registration["passwordCredentials"]} == {
        secret["key_id"] for secret in deployment.output("client_secrets").values()
    }
    assert registration["web"]["redirectUris"] == [deployment.output("redirect_uri")]
    assert _sign_in(deployment, ADA).claims["email"] == ADA.mail
    for command in (("verify", STACK, "--json"), ("guard", STACK, "--json"), ("adopt", STACK)):
        assert deployment.operate(*command).status == 0, command
    _no_secret_is_seen(deployment, before, after)


def test_a_run_that_fails_says_no_secret(deployment: DeploymentByCommand) -> None:
    details = deployment.identity_provider()["ProviderDetails"]
    with pytest.MonkeyPatch.context() as changed:
        changed.setitem(deployment.project.environment, "ARM_CLIENT_SECRET", "nobody's")
        for command in (("cdktf", "diff", STACK), ("verify", STACK, "--json", "--strict"), ("adopt", STACK)):
            assert deployment.operate(*command).status != 0, command
    _no_secret_is_seen(deployment, details["client_secret"])


def test_a_changed_client_changes_nothing_else(deployment: DeploymentByCommand) -> None:
    deployment.edit({"[clients.web]": "[clients.web]\nid_token_minutes = 30"})
    assert deployment.plan().changes == {"aws_cognito_user_pool_client.web": "update"}


def test_wrong_settings_stop_every_command_before_it_does_anything(deployment: DeploymentByCommand) -> None:
    settings = deployment.settings
    deployment.edit({'region = "': 'region = "nowhere-'})
    with pytest.raises(SandboxError) as refused:
        deployment.project.diff()
    deployment.settings = settings
    assert "aws.region" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_destroy_leaves_nothing_on_either_side(deployment: DeploymentByCommand) -> None:
    secret = _secret(deployment)
    deployment.project.destroy()
    assert set(deployment.clouds.holdings().values()) == {0}
    _no_secret_is_seen(deployment, secret)


def _no_secret_is_seen(deployment: DeploymentByCommand, *secrets: str) -> None:
    """A secret is in the state, which is where Terraform keeps it, and nowhere a person or a log reads it."""
    printed = "\n".join(deployment.printed)  # with arguments and environments of the commands' processes
    assert "terraform" in printed
    assert open_to_others(deployment.project.folder, STACK) == []
    state = {"terraform.sandbox.tfstate", "terraform.sandbox.tfstate.backup", "plan"}
    for secret in secrets:
        assert secret not in printed
        assert secret not in json.dumps(deployment.outputs)
        holders = [
            file.name
            for file in deployment.project.folder.rglob("*")
            if file.is_file() and "providers" not in file.parts and secret.encode() in file.read_bytes()
        ]
        assert set(holders) <= state
        for log in deployment.clouds.folder.glob("*.log"):
            assert secret not in log.read_text(errors="replace")


def _open_all_files(deployment: DeploymentByCommand) -> None:
    folder = deployment.project.folder
    (folder / "cdktf.out").chmod(0o755)
    for file in (*folder.glob("*.tfstate*"), deployment.project.stack_folder / "plan"):
        file.chmod(0o644)
