"""A provider plugin that is started once and serves many runs of Terraform.

The plugin's own `-debug` flag offers it: the plugin prints what Terraform needs to reattach to it, in the
variable TF_REATTACH_PROVIDERS (Terraform's documentation, "Debugging Providers"). A plugin sees the variables
of its own process, never those of Terraform: one process belongs to one local cloud.
"""

import json
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.lifecycle import Startable, end

REATTACH_VARIABLE = "TF_REATTACH_PROVIDERS"

_ANNOUNCEMENT = re.compile(rf"\s*{REATTACH_VARIABLE}='(.*)'\s*")


class PluginProcess(Startable):
    """A running provider plugin.

    Attributes:
        reattach: the plugin's entry for TF_REATTACH_PROVIDERS; empty while it does not run.
    """

    def __init__(self, plugin: Path, environment: Mapping[str, str], log: Path) -> None:
        """Describe the plugin, all variables of its process, and the file that gets its standard error."""
        self.reattach: dict[str, object] = {}
        self._command = [str(plugin), "-debug"]
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the plugin, and return when Terraform can reattach to it.

        Raises:
            SandboxError: it ended instead.
        """
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # Ctrl-C is for the process that stops the plugin.
                start_new_session=True,
            )
        for line in self._process.stdout or ():
            if announced := _ANNOUNCEMENT.fullmatch(line):
                self.reattach = json.loads(announced[1])
                return
        said = self._log.read_text(errors="replace").strip()
        raise SandboxError(f"{self._command[0]} ended with status {self._process.wait()}: {said}")

    def stop(self) -> None:
        """End the plugin."""
        self.reattach = {}
        if self._process is not None:
            end(self._process, signal.SIGINT)
            self._process = None


def reattach_environment(plugins: Sequence[PluginProcess]) -> dict[str, str]:
    """The variable that makes Terraform use these plugins; it neither installs nor locks them."""
    entries = {source: entry for plugin in plugins for source, entry in plugin.reattach.items()}
    return {REATTACH_VARIABLE: json.dumps(entries)}
