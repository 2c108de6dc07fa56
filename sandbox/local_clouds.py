"""Both clouds on this machine, started together and ended together, with all they need in one folder."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from sandbox import providers
from sandbox.app import SampleApp
from sandbox.aws import LocalAws
from sandbox.entra import LocalEntra
from sandbox.errors import SandboxError
from sandbox.project import CHECKOUT, STACK, Project
from stacks.settings.files import load

SETTINGS_FILE = CHECKOUT / "environments" / f"{STACK}.toml"
APP_CLIENT = "web"


class LocalClouds:
    """A local AWS, a local Entra ID, a sample app, and the way to the provider plugins.

    Attributes:
        aws: the local AWS.
        entra: the local Entra ID.
        app: the sample app, at the callback URL of the client `web`.
        plugins: where Terraform gets each provider from.
        folder: a private folder that lives as long as the clouds.
        region: the AWS region of the sandbox's settings.
    """

    def __init__(
        self,
        *,
        fixed_ports: bool = False,
        stand_in: bool = False,
    ) -> None:
        """Take folder and ports; nothing runs yet.

        Raises:
            SandboxError: a fixed port is taken, or a plugin cannot be had.
        """
        self._settings = load(SETTINGS_FILE)
        self._authority = self._settings.entra.authority
        if self._authority is None:
            raise SandboxError(
                f"{SETTINGS_FILE} has no entra.authority: the local Entra ID needs an address."
            )
        self.region = self._settings.aws.region
        self._callback_url = self._settings.clients[APP_CLIENT].callback_urls[0]
        self._running = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="entra-cognito-sandbox-"))
        self._running.callback(shutil.rmtree, self.folder, ignore_errors=True)
        with self._undone_on_error():
            self.plugins = providers.choose(self.folder, stand_in=stand_in)
            self.aws = LocalAws(self.folder)
            self.app = SampleApp(self.aws, self.region, port=_port(self._callback_url) if fixed_ports else 0)
            self.entra = LocalEntra(
                tenant_id=self._settings.entra.tenant_id,
                cognito_url=self.aws.domain_url,
                cognito_hosts=lambda: self.aws.domain_hosts(self.region),
                port=_port(self._authority) if fixed_ports else 0,
                folder=self.folder,
            )

    def start(self) -> None:
        """Start everything, and return when all of it answers.

        Raises:
            SandboxError: something did not start; what had started has ended again.
        """
        with self._undone_on_error():
            for part in (self.aws, self.app, self.entra):
                self._running.callback(part.stop)
                part.start()

    def stop(self) -> None:
        """End everything and remove the folder."""
        self._running.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """The variables by which Terraform, its providers and the AWS CLI reach these clouds only."""
        return (
            self.aws.environment()
            | self.entra.environment()
            | providers.environment(self.plugins, self.folder)
        )

    def project(
        self,
        *,
        on_line: Callable[[str], None] = lambda _: None,
        name: str = "project",
        variables: Mapping[str, str] | None = None,
    ) -> Project:
        """A folder in which the cdktf command deploys the sandbox's stack to these clouds."""
        folder = self.folder / name
        folder.mkdir()
        project = Project(folder, self.environment() | dict(variables or {}), on_line=on_line)
        project.write_settings(self.settings_text())
        return project

    def settings_text(self) -> str:
        """`environments/sandbox.toml` with the addresses of this run."""
        text = SETTINGS_FILE.read_text()
        for written, here in (
            (str(self._authority), self.entra.authority),
            (_origin(self._callback_url), self.app.url),
        ):
            text = text.replace(written, here)
        return text

    def local_url(self, url: str) -> str:
        """Where on this machine a URL of a user pool's domain is answered; other URLs stay as they are."""
        parts = urlsplit(url)
        if parts.hostname not in self.aws.domain_hosts(self.region):
            return url
        return url.replace(f"https://{parts.netloc}", self.aws.domain_url, 1)

    def holdings(self) -> dict[str, int]:
        """How many objects of each kind the two clouds hold."""
        return self.entra.holdings() | self.aws.holdings(self.region)

    def _undone_on_error(self) -> ExitStack:
        """Ends what was begun if the block fails, and leaves it alone if it does not."""
        stack = ExitStack()

        def undo(kind: type[BaseException] | None, *_: object) -> None:
            if kind is not None:
                self.stop()

        stack.push(undo)
        return stack


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _port(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise SandboxError(f"{url} in {SETTINGS_FILE} names no port.")
    return port
