"""A stack that is deployed to local clouds, by Terraform without the cdktf command, which takes longer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cdktf import App

from operate import hcl
from operate.outputs import Outputs, parse
from operate.state import Recorded
from operate.verify.findings import VerifyReport
from operate.verify.verification import verify
from sandbox.entra.directory import Application, ServicePrincipal
from sandbox.entra.server import LocalEntra
from sandbox.entra.users import PASSWORD, Person
from sandbox.local_clouds import LocalClouds
from sandbox.project import STACK, Outcome, Project
from sandbox.sign_in import SignInResult, sign_in
from sandbox.web.loopback import take_port
from stacks import adopted, clouds
from stacks.bootstrap import BootstrapStack
from stacks.cognito import branding
from stacks.entra import logo
from stacks.entra_cognito import EntraCognitoStack
from stacks.settings import Settings
from stacks.settings.files import load_folder
from stacks.tools import missing_tools

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

Json = dict[str, Any]

# What both clouds hold once the sandbox's stack is deployed.
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


@dataclass(frozen=True)
class Plan:
    """What Terraform would do, and what it says about it.

    Attributes:
        changes: Terraform address to action, of everything that would change.
        messages: its warnings and errors, on one line.
    """

    changes: dict[str, str]
    messages: str


@dataclass
class Deployment:
    """A project folder, and the local clouds that its stack is deployed to.

    Attributes:
        printed: every line that the cdktf command has printed so far.
    """

    clouds: LocalClouds
    project: Project
    printed: list[str] = field(default_factory=list, kw_only=True)

    @property
    def settings(self) -> str:
        """The settings file; the next command sees what is written to it."""
        return self.project.settings()

    @settings.setter
    def settings(self, text: str) -> None:
        self.project.write_settings(text)

    def edit(self, edits: Mapping[str, str]) -> None:
        """Replace words in the settings, each of which must be there."""
        self.settings = with_edits(self.settings, edits)

    def synthesize(self) -> None:
        """Write the Terraform JSON, and install plugins where that is still to be done."""
        folder = self.project.folder
        environments = folder / "environments"
        today = datetime.now(UTC).date()
        synthesize(environments, folder / "cdktf.out", load_folder(environments), today)
        for file in folder.glob("cdktf.out/stacks/*/cdk.tf.json"):
            # A plugin that stays up does not run in the stack's folder.
            document = json.loads(file.read_text().replace('"assets/', f'"{file.parent}/assets/'))
            # CDKTF puts a local state where its own process runs.
            if local := document["terraform"]["backend"].get("local"):
                local["path"] = str(folder / Path(local["path"]).name)
            file.write_text(json.dumps(document, indent=2))
        if not (self.project.stack_folder / ".terraform").is_dir():
            self.terraform("init")

    def terraform(self, *arguments: str) -> Outcome:
        """Run Terraform in the stack's folder."""
        with self.rights():
            return self.project.terraform(arguments[0], "-input=false", "-no-color", *arguments[1:])

    def rights(self) -> AbstractContextManager[None]:
        """What the deployer may do while Terraform runs: everything, here."""
        return nullcontext()

    def deploy(self) -> Outcome:
        """Synthesize and apply."""
        self.synthesize()
        return self.terraform("apply", "-auto-approve")

    def plan(self) -> Plan:
        """Synthesize and plan."""
        plan, status = self._planned()
        assert status == 0, plan.messages
        return plan

    def refusal(self) -> str:
        """Synthesize, and give the reasons for which Terraform refuses to plan."""
        plan, status = self._planned()
        assert status != 0
        return plan.messages

    def _planned(self) -> tuple[Plan, int]:
        self.synthesize()
        command = ["terraform", "plan", "-input=false", "-json"]
        with self.rights():
            outcome = self.project.run(command, self.project.stack_folder, show=False)
        lines = [json.loads(line) for line in outcome.text.splitlines() if line.startswith("{")]
        changes = [line["change"] for line in lines if line["type"] == "planned_change"]
        said = [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]
        plan = Plan(
            {
                change["resource"]["addr"]: change["action"]
                for change in changes
                if change["action"] != "read"
            },
            " ".join(" ".join(f"{one['summary']} {one['detail']}" for one in said).split()),
        )
        return plan, outcome.status

    def plan_of_hcl(self) -> str:
        """What `terraform plan` would change by the HCL of what is synthesized, on the same state."""
        folder = self.project.folder / "hcl"
        hcl.write(STACK, self.project.stack_folder, folder)
        for arguments in (["init"], ["plan", "-detailed-exitcode"]):
            command = ["terraform", arguments[0], "-input=false", "-no-color", *arguments[1:]]
            outcome = self.project.run(command, folder, show=False)
            if outcome.status != 0:
                return outcome.text
        return ""

    def destroy(self) -> None:
        """Synthesize and destroy."""
        self.synthesize()
        self.terraform("destroy", "-auto-approve")

    def output(self, name: str) -> Any:
        """An output of the stack."""
        return self.project.outputs()[name]

    def parsed_outputs(self) -> Outputs:
        """The outputs as `operate/` reads them."""
        return parse(STACK, self.project.terraform("output", "-json").text)

    def sign_in(self, url: str, person: Person) -> SignInResult:
        """Sign a person in, with a browser that has not been here before."""
        return sign_in(self.clouds.local_url(url), person.principal_name, PASSWORD)

    def graph(self) -> httpx.Client:
        """Microsoft Graph, as an administrator calls it."""
        return administrator(self.clouds.entra)

    @property
    def application(self) -> Application:
        """The app registration as Entra ID has it, and the only one."""
        (found,) = (one for one in self.clouds.entra.directory.applications.values() if not one.built_in)
        return found

    @property
    def service_principal(self) -> ServicePrincipal:
        """Its enterprise application."""
        found = self.clouds.entra.directory.service_principal_of(self.application.app_id)
        assert found is not None
        return found

    def accepts(self, secret: str) -> bool:
        """Whether Entra ID takes a secret of the registration at its token endpoint."""
        tenant, authority = self.clouds.entra.tenant_id, self.clouds.entra.authority
        form = {
            "grant_type": "client_credentials",
            "client_id": self.application.app_id,
            "client_secret": secret,
            "scope": f"{authority}/.default",
        }
        answer = httpx.post(f"{authority}/{tenant}/oauth2/v2.0/token", data=form)
        assert answer.is_success or "AADSTS7000215" in answer.text, answer.text
        return answer.is_success

    def report(self, outputs: Outputs | None = None) -> VerifyReport:
        """What `verify` finds, with the clouds in the environment."""
        return verify(STACK, outputs or self.parsed_outputs(), domain_url=self.clouds.aws.domain_url)

    @property
    def cognito(self) -> "CognitoIdentityProviderClient":
        """The Cognito API, as somebody with the AWS CLI calls it."""
        return self.clouds.aws.cognito(self.clouds.region)

    def identity_provider(self, name: str = "entra") -> Any:
        """An identity provider of the user pool, as the API describes it."""
        return self.cognito.describe_identity_provider(
            UserPoolId=self.output("user_pool_id"), ProviderName=name
        )["IdentityProvider"]


@contextmanager
def local_clouds(*, stand_in: bool = True, plugins_stay_up: bool = True) -> Iterator[LocalClouds]:
    """Both clouds, running; a test that needs them is skipped where tools are missing."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    with LocalClouds(stand_in=stand_in, plugins_stay_up=plugins_stay_up) as running:
        yield running


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago, for programs that must be told their port."""
    with take_port() as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def in_environment(running: LocalClouds) -> Iterator[None]:
    """The variables of the clouds in this process, where `operate/` looks for them."""
    with pytest.MonkeyPatch.context() as variables:
        for name, value in running.environment().items():
            variables.setenv(name, value)
        yield


def synthesize(environments: Path, output: Path, all_settings: Sequence[Settings], today: date) -> None:
    """Synthesize as main.py does, in this process, which has loaded CDKTF already."""
    app = App(outdir=str(output))
    for settings in all_settings:
        EntraCognitoStack(
            app,
            settings,
            today=today,
            adopted=adopted.load(environments, settings.name),
            branding=branding.load(environments, settings),
            logo=logo.load(environments, settings),
        )
        if settings.bootstrap is not None:
            BootstrapStack(app, settings)
    app.synth()


def environment(name: str) -> str:
    """The settings of an environment of these tests, with words for what differs between two local clouds."""
    return (Path(__file__).parent / "environments" / f"{name}.toml").read_text("utf-8")


def located(settings: str, clouds: LocalClouds) -> str:
    """Settings with what these clouds have for those words."""
    tenant_id, authority = clouds.entra.tenant_id, clouds.entra.authority
    return with_edits(settings, {"REGION": clouds.region, "TENANT": tenant_id, "AUTHORITY": authority})


def empty_bucket(running: LocalClouds, bucket: str) -> None:
    """What an administrator does before a teardown: every version goes."""
    s3: Any = running.aws.s3(running.region)
    versions = s3.list_object_versions(Bucket=bucket)
    for one in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])


def objects_in(recorded: Recorded) -> int:
    """How many objects that `holdings` counts are in the state: not secrets, nor what is in no cloud."""
    others = ("azuread_application_password", "terraform_data")
    return sum(not address.startswith(others) for address in recorded.resources)


def with_edits(text: str, edits: Mapping[str, str]) -> str:
    """A text with some words replaced, each of which must be there."""
    for written, instead in edits.items():
        assert written in text, written
        text = text.replace(written, instead, 1)
    return text


def administrator(entra: LocalEntra) -> httpx.Client:
    """Microsoft Graph with the deployer's rights; whatever it refuses is an error."""
    variables, authority = entra.environment(), entra.authority
    token = httpx.post(
        clouds.custom(authority).token_url(variables["ARM_TENANT_ID"]),
        data={
            "grant_type": "client_credentials",
            "client_id": variables["ARM_CLIENT_ID"],
            "client_secret": variables["ARM_CLIENT_SECRET"],
            "scope": f"{authority}/.default",
        },
    ).json()["access_token"]
    return httpx.Client(
        base_url=f"{authority}/v1.0",
        headers={"Authorization": f"Bearer {token}"},
        event_hooks={"response": [_succeeded]},
    )


def _succeeded(response: httpx.Response) -> None:
    response.read()
    assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
