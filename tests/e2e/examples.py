"""The examples of environments/examples/, deployed to the local clouds as they are but for the addresses."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.app import SampleApp
from sandbox.aws import ANYTHING
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.users import Person
from sandbox.local_clouds import LocalClouds
from sandbox.project import STACK
from sandbox.sign_in import SignInResult
from stacks.rights import aws_policy, graph_permissions
from stacks.settings import Settings
from stacks.settings.files import load
from tests.e2e.deployment import Deployment, Json

TENANT_LINE = 'tenant_id = "11111111-1111-4111-8111-111111111111"\n'
VERSIONS = """
[terraform]
aws_provider_version = ">= 5.100.0, < 7.0.0"
azuread_provider_version = ">= 3.7.0, < 4.0.0"
"""

EXAMPLES = Path(__file__).parents[2] / "environments" / "examples"
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


# Rights that a deploy and a destroy do not use, and when a deployer does.
LATER = {
    # A change in the settings: the AWS provider's Update of each resource.
    "cognito-idp:AddCustomAttributes": "an attribute more in the mapping",
    "cognito-idp:SetUserPoolMfaConfig": "MFA of the pool's own that somebody has switched on",
    "cognito-idp:UpdateIdentityProvider": "a rotation",
    "cognito-idp:UpdateManagedLoginBranding": "another design",
    "cognito-idp:UpdateResourceServer": "another scope",
    "cognito-idp:UpdateUserPool": "deletion_protection, groups_from",
    "cognito-idp:UpdateUserPoolClient": "another callback URL",
    "cognito-idp:UpdateUserPoolDomain": "another certificate, managed_login_version",
    "iam:PutRolePermissionsBoundary": "permissions_boundary in an environment that has none yet",
    "iam:UpdateAssumeRolePolicy": "another version of this project",
    "lambda:UpdateFunctionCode": "another version of this project",
    "lambda:UpdateFunctionConfiguration": "another attribute",
    "lambda:GetFunctionConfiguration": "waiting for an update of the function",
    **{
        f"{service}:{action}": "other tags"
        for service, action in (
            *(("cognito-idp", action) for action in ("TagResource", "UntagResource")),
            *(("lambda", action) for action in ("TagResource", "UntagResource")),
            *(("logs", action) for action in ("TagResource", "UntagResource")),
            *(("iam", action) for action in ("TagRole", "UntagRole")),
        )
    },
    "acm:DescribeCertificate": "before a deploy, by the command",
    # No call of its own: AWS asks for it within another one.
    "iam:PassRole": "CreateFunction and UpdateFunctionConfiguration",
    "cloudfront:UpdateDistribution": "CreateUserPoolDomain and UpdateUserPoolDomain",
}
# Terraform makes these calls, and the AWS provider's log does not have them.
OF_TERRAFORM = "s3:", "kms:"


@dataclass
class Example(Deployment):
    """An example with the app to which its app client `web` sends people back.

    Terraform runs with the rights that `policy` prints for it, which the local clouds enforce.
    """

    app: SampleApp

    def loaded(self) -> Settings:
        """The settings as they are now."""
        return load(self.project.folder / "environments" / f"{STACK}.toml")

    @contextmanager
    def rights(self) -> Iterator[None]:
        """Those of the settings as they are, and of those before: a change takes away what they had made."""
        clouds, settings = self.clouds, self.loaded()
        before, self._before = getattr(self, "_before", settings), settings
        policies = [aws_policy(one, "deploy")["Statement"] for one in (before, settings)]
        permissions = {
            one["permission"] for each in (before, settings) for one in graph_permissions(each, "deploy")
        }
        clouds.aws.allow_deployer(
            {"Version": "2012-10-17", "Statement": [one for policy in policies for one in policy]}
        )
        clouds.entra.allow_deployer(permissions)
        try:
            yield
        finally:
            clouds.aws.allow_deployer(ANYTHING)
            clouds.entra.allow_deployer(GRAPH_ROLES)


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
    """An example that is deployed and destroyed, with no more rights than it needs and no fewer."""
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
        allowed = actions_of(aws_policy(example.loaded(), "deploy"))
    assert clouds.holdings() == before
    unused = allowed - calls_in(log, begin) - set(LATER)
    assert {action for action in unused if not action.startswith(OF_TERRAFORM)} == set()


def actions_of(policy: Json) -> set[str]:
    """The actions that a policy allows."""
    return {action for statement in policy["Statement"] for action in statement["Action"]}


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
