"""A local AWS and a local Entra ID, started and stopped together, with their files in one folder."""

import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sandbox import WITHOUT_PROXY, providers
from sandbox.app import SampleApp
from sandbox.aws import LocalAws
from sandbox.entra.server import LocalEntra
from sandbox.errors import SandboxError
from sandbox.lifecycle import Startable
from sandbox.plugin_process import PluginProcess, reattach_environment
from sandbox.project import CHECKOUT, STACK, Project, clean_environment
from sandbox.providers import Origin

SETTINGS_FILE = CHECKOUT / "environments" / f"{STACK}.toml"
APP_CLIENT = "web"


class LocalClouds(Startable):
    """Both clouds, a sample app at the callback URL of the client `web`, and the provider plugins.

    Attributes:
        folder: a private folder that is removed with the clouds.
        region: the AWS region of the sandbox's settings.
    """

    def __init__(
        self, *, fixed_ports: bool = False, stand_in: bool = False, plugins_stay_up: bool = False
    ) -> None:
        """Take folder and ports; nothing runs yet.

        Args:
            fixed_ports: use the ports of the sandbox's settings, and not whatever is free.
            stand_in: use the stand-in for azuread even if there is a real plugin.
            plugins_stay_up: start the plugins once, where they allow it, and not for every run of Terraform.

        Raises:
            SandboxError: a fixed port is taken, or a plugin cannot be had.
        """
        try:
            settings = tomllib.loads(SETTINGS_FILE.read_text())
            tenant_id, self._authority = settings["entra"]["tenant_id"], settings["entra"]["authority"]
            self.region: str = settings["aws"]["region"]
            self._callback_url: str = settings["clients"][APP_CLIENT]["callback_urls"][0]
        except (ValueError, KeyError) as error:
            raise SandboxError(f"{SETTINGS_FILE} lacks what the local clouds need: {error}") from None
        named = (urlsplit(url).port or 0 for url in (self._authority, self._callback_url))
        ports = tuple(named) if fixed_ports else (0, 0)
        self._running = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="entra-cognito-sandbox-"))
        self._running.callback(shutil.rmtree, self.folder, ignore_errors=True)
        with self._undone_on_error():
            self.plugins = providers.choose(self.folder, stand_in=stand_in)
            self._plugins_stay_up = plugins_stay_up
            self._plugin_processes: list[PluginProcess] = []
            self.aws = LocalAws(self.folder)
            self.app = SampleApp(self.aws, self.region, port=ports[1])
            self.entra = LocalEntra(
                tenant_id=tenant_id,
                cognito_url=self.aws.domain_url,
                cognito_hosts=lambda: self.aws.domain_hosts(self.region),
                port=ports[0],
                folder=self.folder,
            )

    def start(self) -> None:
        """Start everything, and return when all of it answers.

        Raises:
            SandboxError: something did not start; what had started is stopped again.
        """
        with self._undone_on_error():
            for part in (self.aws, self.app, self.entra):
                self._running.callback(part.stop)
                part.start()
            if self._plugins_stay_up:
                for process in self._plugins_to_start():
                    self._plugin_processes.append(self._running.enter_context(process))

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        self._running.close()

    def environment(self) -> dict[str, str]:
        """The variables by which Terraform, its providers and the AWS CLI reach these clouds only."""
        variables = (
            WITHOUT_PROXY
            | self.aws.environment()
            | self.entra.environment()
            | providers.environment(self.plugins, self.folder)
        )
        return (
            variables | reattach_environment(self._plugin_processes) if self._plugin_processes else variables
        )

    def project(
        self,
        *,
        on_line: Callable[[str], None] = lambda _: None,
        name: str = "project",
        variables: Mapping[str, str] | None = None,
    ) -> Project:
        """A project folder from which the sandbox's stack is deployed to these clouds."""
        folder = self.folder / name
        folder.mkdir()
        project = Project(folder, self.environment() | dict(variables or {}), on_line=on_line)
        project.write_settings(self.settings_text())
        return project

    def settings_text(self) -> str:
        """`environments/sandbox.toml` with the addresses of this run."""
        text = SETTINGS_FILE.read_text()
        for written, here in (
            (self._authority, self.entra.authority),
            (_origin(self._callback_url), self.app.url),
        ):
            text = text.replace(written, here)
        return text

    def plugin_log(self, name: str) -> Path:
        """The log of a plugin that stays up, with every call it makes, in lines of JSON."""
        return self.folder / f"{name}-plugin.log"

    def local_url(self, url: str) -> str:
        """The address on this machine that stands for a URL of a user pool's domain; others are unchanged."""
        parts = urlsplit(url)
        if parts.hostname not in self.aws.domain_hosts(self.region):
            return url
        return url.replace(f"https://{parts.netloc}", self.aws.domain_url, 1)

    def holdings(self) -> dict[str, int]:
        """How many objects of each kind there are in both clouds."""
        return self.entra.holdings() | self.aws.holdings(self.region)

    def _plugins_to_start(self) -> Iterator[PluginProcess]:
        """All but the real azuread plugin, which cannot serve several runs of Terraform."""
        # A plugin reads the addresses of the clouds from its own environment, not from Terraform's.
        variables = clean_environment() | self.environment() | {"TF_LOG_PROVIDER": "DEBUG"}
        for plugin in self.plugins:
            if plugin.executable is not None and (plugin.name, plugin.origin) != ("azuread", Origin.MIRROR):
                yield PluginProcess(plugin.executable, variables, self.plugin_log(plugin.name))

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
