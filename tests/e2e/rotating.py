"""A deployed project whose secret is rotated, and what each side has of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.entra.directory import Application, Secret
from sandbox.local_clouds import APP_CLIENT, LocalClouds
from sandbox.project import STACK, Project
from tests.e2e.interruptions import Moments, cognito_calls_pass
from tests.e2e.load import Traffic

Json = dict[str, Any]
DISPLAY_NAME = f"{STACK} sign-in"
# Far below what even a busy machine does; above what a test would count that measured nothing.
FEWEST_A_SECOND = 0.5


@dataclass
class Rotating:
    """A deployed project whose calls pass by on their way to the clouds.

    Attributes:
        clouds: the local clouds.
        project: the project's folder and commands.
        settings: its settings, without the table `[entra.secret]`.
        moments: the calls that have passed by.
        values: the secrets that Cognito has had, the newest last.
        printed: every line that any command has printed so far.
    """

    clouds: LocalClouds
    project: Project
    settings: str
    moments: Moments
    values: list[str]
    printed: list[str]

    def set(self, **secret: object) -> None:
        """Write the table `[entra.secret]`."""
        lines = [f"{name} = {str(value).lower()}" for name, value in secret.items()]
        self.project.write_settings("\n".join([self.settings, "[entra.secret]", *lines, ""]))

    @property
    def outputs(self) -> Json:
        """The stack's outputs."""
        return dict(self.project.outputs())

    @property
    def application(self) -> Application:
        """The app registration as Entra ID has it."""
        (found,) = [
            one
            for one in self.clouds.entra.directory.applications.values()
            if one.display_name == DISPLAY_NAME
        ]
        return found

    def names(self) -> list[str]:
        """The names of the secrets that the registration has."""
        return sorted(str(secret.display_name) for secret in self.application.secrets)

    def foreign(self) -> list[Secret]:
        """The secrets of the registration that the stack does not know, by the output `client_secrets`."""
        known = {secret["key_id"] for secret in self.outputs["client_secrets"].values()}
        return [secret for secret in self.application.secrets if secret.key_id not in known]

    def in_cognito(self) -> str:
        """The secret that Cognito presents."""
        cognito = self.clouds.aws.cognito(self.clouds.region)
        (pool,) = cognito.list_user_pools(MaxResults=60)["UserPools"]
        provider = cognito.describe_identity_provider(UserPoolId=pool["Id"], ProviderName="entra")
        return provider["IdentityProvider"]["ProviderDetails"]["client_secret"]

    def accepts(self, secret: str) -> bool:
        """Whether Entra ID takes a secret of the registration at its token endpoint."""
        tenant, authority = self.clouds.entra.tenant_id, self.clouds.entra.authority
        answer = httpx.post(
            f"{authority}/{tenant}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.application.app_id,
                "client_secret": secret,
                "scope": f"{authority}/.default",
            },
        )
        assert answer.is_success or "AADSTS7000215" in answer.text, answer.text
        return answer.is_success

    @contextmanager
    def unnoticed(self, what: str) -> Iterator[None]:
        """Have people sign in for as long as something happens, and see that every sign-in succeeds."""
        traffic = Traffic(self.clouds.local_url(self.outputs["sign_in_urls"][APP_CLIENT]))
        with traffic:
            yield
        sys.stdout.write(f"\n{what}: {traffic}\n")
        assert traffic.failed == []
        assert len(traffic.arrived) > FEWEST_A_SECOND * traffic.seconds


@contextmanager
def deployed(clouds: LocalClouds, moments: Moments, more: str = "") -> Iterator[Rotating]:
    """The first deploy, with the first secret."""
    with cognito_calls_pass(moments, clouds.aws.url) as url:
        moments.folder = clouds.folder / "project"
        moments.folder.mkdir()
        variables = clouds.environment() | {"AWS_ENDPOINT_URL": url}
        printed: list[str] = []
        project = Project(moments.folder, variables, on_line=printed.append)
        one = Rotating(clouds, project, clouds.settings_text() + more, moments, [], printed)
        one.set(generation=1)
        project.deploy()
        one.values.append(one.in_cognito())
        moments.passed.clear()
        yield one
