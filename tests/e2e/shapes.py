"""The examples of environments/examples/, deployed to the local clouds as they are but for the addresses."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.app import SampleApp
from sandbox.entra.users import PASSWORD, Person
from sandbox.local_clouds import LocalClouds
from sandbox.project import Outcome, Project
from sandbox.sign_in import SignInResult, sign_in
from tests.conftest import EXAMPLES

TENANT_LINE = 'tenant_id = "11111111-1111-4111-8111-111111111111"\n'
VERSIONS = """
[terraform]
aws_provider_version = ">= 5.100.0, < 7.0.0"
azuread_provider_version = ">= 3.7.0, < 4.0.0"
"""

Json = dict[str, Any]

POLICY = Path(__file__).parents[2] / "docs" / "aws-deployer-policy.json"
ALLOWED = frozenset(
    action
    for statement in json.loads(POLICY.read_text())["Statement"]
    for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
)
# How the AWS provider's log names a service, and how a policy does.
SERVICES = {
    "ACM": "acm",
    "CloudWatch Logs": "logs",
    "Cognito Identity Provider": "cognito-idp",
    "IAM": "iam",
    "Lambda": "lambda",
    "Route 53": "route53",
    "SSM": "ssm",
    "STS": "sts",
    "Secrets Manager": "secretsmanager",
}


@dataclass
class Shape:
    """One example, deployed.

    Attributes:
        clouds: the local clouds.
        app: where its app client `web` lets people arrive.
        project: its folder.
        text: its settings as they are deployed.
        log: what the providers write of their calls.
    """

    clouds: LocalClouds
    app: SampleApp
    project: Project
    text: str
    log: Path

    def deploy(self, edits: Mapping[str, str] | None = None) -> Outcome:
        """Synthesize, and apply what follows; with the settings changed from now on."""
        self.edit(edits or {})
        self._synthesize()
        return self._terraform("apply", "-auto-approve")

    def edit(self, edits: Mapping[str, str]) -> None:
        """Change the settings; the next command sees it."""
        for written, instead in edits.items():
            assert written in self.text, written
            self.text = self.text.replace(written, instead, 1)

    def plan(self) -> dict[str, list[str]]:
        """What would change: Terraform address to its actions."""
        self._synthesize()
        file = self.project.folder / "shape.plan"
        self._terraform("plan", f"-out={file}")
        plan = json.loads(self.project.terraform("show", "-json", str(file)).text)
        changes = {
            change["address"]: change["change"]["actions"] for change in plan.get("resource_changes", [])
        }
        return {
            address: actions for address, actions in changes.items() if actions not in (["no-op"], ["read"])
        }

    def printed_plan(self) -> str:
        """What a plan prints, warnings included."""
        self._synthesize()
        return self._terraform("plan").text.replace("│", " ")

    def refusal(self) -> str:
        """What a plan says that is refused, on one line."""
        self._synthesize()
        outcome = self.project.run(
            ["terraform", "plan", "-input=false", "-no-color"], self.project.stack_folder
        )
        assert outcome.status != 0, outcome.text
        return " ".join(outcome.text.replace("│", " ").split())

    def destroy(self) -> None:
        """Take everything away again."""
        self._synthesize()
        self._terraform("destroy", "-auto-approve")

    def outputs(self) -> Json:
        """The outputs, name to value."""
        return dict(self.project.outputs())

    def sign_in(self, url: str, person: Person) -> SignInResult:
        """Sign a person in, with a browser that has not been here before."""
        return sign_in(self.clouds.local_url(url), person.principal_name, PASSWORD)

    def _synthesize(self) -> None:
        self.project.write_settings(self.text)
        app = json.loads((self.project.folder / "cdktf.json").read_text())["app"]
        done = subprocess.run(
            shlex.split(app), cwd=self.project.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        if not (self.project.stack_folder / ".terraform").is_dir():
            self.project.terraform("init", "-input=false")

    def _terraform(self, *arguments: str) -> Outcome:
        return self.project.terraform(arguments[0], "-input=false", "-no-color", *arguments[1:])


def localized(text: str, name: str, clouds: LocalClouds, edits: Mapping[str, str]) -> str:
    """An example's settings with the addresses of the local clouds, and nothing that outlives the test."""
    own = f'prevent_destroy = false\ndisplay_name = "{name}"\n'
    # A registration of somebody else's has neither.
    settings = "" if "[entra.registration]" in text else own
    for written, instead in {
        TENANT_LINE: f'{TENANT_LINE}authority = "{clouds.entra.authority}"\n{settings}',
        "[cognito]\n": "[cognito]\ndeletion_protection = false\n",
        **edits,
    }.items():
        assert written in text, written
        text = text.replace(written, instead)
    return text + VERSIONS


@contextmanager
def prepared(
    clouds: LocalClouds, name: str, edits: Mapping[str, str] | None = None, *, folder: str | None = None
) -> Iterator[Shape]:
    """An example with an app and a folder of its own, not deployed yet."""
    own_name = folder or name
    with another_app(clouds) as app:
        addresses = {"https://app.contoso.example": app.url, **(edits or {})}
        text = localized((EXAMPLES / f"{name}.toml").read_text(), own_name, clouds, addresses)
        log = clouds.folder / f"{own_name}.log"
        project = clouds.project(
            name=own_name, variables={"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": str(log)}
        )
        yield Shape(clouds, app, project, text, log)


def calls_in(log: Path) -> set[str]:
    """The calls to AWS that Terraform made, as a policy names them."""
    sent = [line for line in log.read_text(errors="replace").splitlines() if "HTTP Request Sent" in line]
    found = set()
    for line in sent:
        service = re.search(r'rpc\.service=(?:"([^"]+)"|(\S+))', line)
        method = re.search(r"rpc\.method=(\w+)", line)
        if service and method:
            found.add(f"{SERVICES[service[1] or service[2]]}:{method[1]}")
    return found


@contextmanager
def deployed(
    clouds: LocalClouds, name: str, edits: Mapping[str, str] | None = None, *, folder: str | None = None
) -> Iterator[Shape]:
    """The same, deployed and taken away again, with no more rights than the project asks for."""
    before = clouds.holdings()
    with prepared(clouds, name, edits, folder=folder) as shape:
        try:
            shape.deploy()
            yield shape
        finally:
            shape.destroy()
        made = calls_in(shape.log)
    assert clouds.holdings() == before
    assert made
    assert made <= ALLOWED, "docs/aws-deployer-policy.json has to allow every call"


@contextmanager
def another_app(clouds: LocalClouds) -> Iterator[SampleApp]:
    """A second app, at an address of its own."""
    app = SampleApp(clouds.aws, clouds.region)
    app.start()
    try:
        yield app
    finally:
        app.stop()


def consent(shape: Shape, url: str, administrator: Person) -> SignInResult:
    """An administrator opens the address that they were sent, and accepts."""
    assert urlsplit(url).netloc == urlsplit(shape.clouds.entra.authority).netloc
    return sign_in(url, administrator.principal_name, PASSWORD)
