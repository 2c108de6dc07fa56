"""The examples of environments/examples/, deployed to the local clouds as they are but for the addresses."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.app import SampleApp
from sandbox.entra.users import Person
from sandbox.local_clouds import LocalClouds
from sandbox.sign_in import SignInResult
from tests.e2e.deployment import Deployment

TENANT_LINE = 'tenant_id = "11111111-1111-4111-8111-111111111111"\n'
VERSIONS = """
[terraform]
aws_provider_version = ">= 5.100.0, < 7.0.0"
azuread_provider_version = ">= 3.7.0, < 4.0.0"
"""

EXAMPLES = Path(__file__).parents[2] / "environments" / "examples"
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
class Example(Deployment):
    """An example with the app to which its app client `web` sends people back."""

    app: SampleApp


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
) -> Iterator[Example]:
    """An example with an app and a folder of its own, not deployed yet."""
    own_name = folder or name
    with another_app(clouds) as app:
        addresses = {"https://app.contoso.example": app.url, **(edits or {})}
        example = Example(clouds, clouds.project(name=own_name), app)
        example.settings = localized((EXAMPLES / f"{name}.toml").read_text(), own_name, clouds, addresses)
        yield example


@contextmanager
def deployed(
    clouds: LocalClouds, name: str, edits: Mapping[str, str] | None = None, *, folder: str | None = None
) -> Iterator[Example]:
    """An example that is deployed and destroyed, with no more rights than the project asks for."""
    before = clouds.holdings()
    log = clouds.plugin_log("aws")
    begin = log.stat().st_size
    with prepared(clouds, name, edits, folder=folder) as example:
        try:
            example.deploy()
            assert example.plan_of_hcl() == ""
            yield example
        finally:
            example.destroy()
    assert clouds.holdings() == before
    made = calls_in(log, begin)
    assert made
    assert made <= ALLOWED, "docs/aws-deployer-policy.json has to allow every call"


def calls_in(log: Path, begin: int) -> set[str]:
    """The calls to AWS that its plugin has made since its log was that long, as a policy names them."""
    with log.open("rb") as file:
        file.seek(begin)
        sent = [json.loads(line) for line in file if b"HTTP Request Sent" in line]
    return {f"{SERVICES[call['rpc.service']]}:{call['rpc.method']}" for call in sent}


@contextmanager
def another_app(clouds: LocalClouds) -> Iterator[SampleApp]:
    """A second app, at an address of its own."""
    app = SampleApp(clouds.aws, clouds.region)
    app.start()
    try:
        yield app
    finally:
        app.stop()


def consent(example: Example, url: str, administrator: Person) -> SignInResult:
    """An administrator opens the address that they were sent, and accepts."""
    assert urlsplit(url).netloc == urlsplit(example.clouds.entra.authority).netloc
    return example.sign_in(url, administrator)
