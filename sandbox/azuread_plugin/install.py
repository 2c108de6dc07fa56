"""Lays the stand-in out where Terraform looks for providers: in a filesystem mirror.

Source of the layout: Terraform's documentation of `filesystem_mirror`, unpacked layout.
"""

import platform
import sys
from pathlib import Path

SOURCE = "registry.terraform.io/hashicorp/azuread"
VERSION = "3.7.0"
PYTHON_VARIABLE = "ENTRA_SANDBOX_PYTHON"
HOME_VARIABLE = "ENTRA_SANDBOX_HOME"

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "aarch64": "arm64"}

# The same on every machine: Terraform's lock file holds its hash.
WRAPPER = f"""\
#!/bin/sh
# A stand-in for the azuread provider; it works with the sandbox's local Entra ID only.
if [ -z "${{{PYTHON_VARIABLE}:-}}" ] || [ -z "${{{HOME_VARIABLE}:-}}" ]; then
  echo "the stand-in for the azuread provider runs only inside the sandbox, which sets {PYTHON_VARIABLE}" \\
    "and {HOME_VARIABLE}" >&2
  exit 1
fi
PYTHONPATH="${HOME_VARIABLE}" exec "${PYTHON_VARIABLE}" -P -m sandbox.azuread_plugin "$@"
"""


def install(mirror: Path) -> Path:
    """Write the plugin into a filesystem mirror."""
    plugin = mirror / SOURCE / VERSION / target() / f"terraform-provider-azuread_v{VERSION}"
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.write_text(WRAPPER)
    plugin.chmod(0o755)
    return plugin


def target() -> str:
    """This machine as Terraform names it, `<os>_<architecture>`.

    Raises:
        KeyError: Terraform has no name for this machine.
    """
    return f"{platform.system().lower()}_{_MACHINES[platform.machine().lower()]}"


def environment() -> dict[str, str]:
    """The variables by which the plugin finds its interpreter and its code."""
    return {PYTHON_VARIABLE: sys.executable, HOME_VARIABLE: str(Path(__file__).resolve().parents[2])}
