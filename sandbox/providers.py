"""Where Terraform gets the two provider plugins from: decided once a run, and reported in one line each.

The registry comes first, by the person's own Terraform configuration. If it is out of reach, a plugin is
taken from a mirror on this machine. The stand-in serves as azuread only if no real plugin can be had.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from sandbox.azuread_plugin import install as stand_in_plugin
from sandbox.errors import SandboxError
from stacks.tools import terraform

REGISTRY = "registry.terraform.io"
REGISTRY_SECONDS = 3

# Names a mirror to use instead of the registry, which is not asked then; the tests fill one for a whole run.
MIRROR_VARIABLE = "ENTRA_SANDBOX_MIRROR"

# Where images and packages put a mirror, in a folder of any name.
MIRROR_ROOTS = ("/opt", "/usr/share", "/usr/local/share")

# What environments/sandbox.toml asks for, in Python's notation for version ranges.
USABLE_VERSIONS = {"aws": SpecifierSet(">=5.100.0,<7"), "azuread": SpecifierSet(">=3.7.0,<4")}


class Origin(StrEnum):
    """Where a plugin comes from."""

    REGISTRY = "registry"
    MIRROR = "mirror"
    STAND_IN = "stand-in"


@dataclass(frozen=True)
class Plugin:
    """One provider plugin of a run; the registry decides its version, and has no mirror folder."""

    name: str
    origin: Origin
    version: str | None = None
    mirror: Path | None = None

    def __str__(self) -> str:
        match self.origin:
            case Origin.REGISTRY:
                return f"provider {self.name}: from the Terraform registry"
            case Origin.MIRROR:
                return f"provider {self.name}: {self.version}, from the mirror {self.mirror}"
            case Origin.STAND_IN:
                return f"provider {self.name}: the sandbox's stand-in for {self.version}"

    @property
    def executable(self) -> Path | None:
        """The plugin's program; None if it is still to be downloaded or unpacked."""
        if self.mirror is None:
            return None
        folder = (
            self.mirror / REGISTRY / "hashicorp" / self.name / str(self.version) / stand_in_plugin.target()
        )
        return next(folder.glob(f"terraform-provider-{self.name}_v*"), None)


def find_plugin(name: str) -> Plugin | None:
    """The newest plugin in this machine's mirrors that the sandbox's settings accept; None without one."""
    found = [
        (version, mirror)
        for mirror in mirrors()
        for version in _versions_in(mirror, name)
        if version in USABLE_VERSIONS[name]
    ]
    if not found:
        return None
    version, mirror = max(found, key=lambda pair: pair[0])
    return Plugin(name, Origin.MIRROR, str(version), mirror)


def choose(folder: Path, *, stand_in: bool = False) -> list[Plugin]:
    """Decide for each provider where its plugin comes from.

    Raises:
        SandboxError: no AWS provider can be had; the message lists the folders searched.
    """
    aws: Plugin | None
    azuread: Plugin | None
    if MIRROR_VARIABLE not in os.environ and registry_answers():
        aws, azuread = Plugin("aws", Origin.REGISTRY), Plugin("azuread", Origin.REGISTRY)
    else:
        aws, azuread = find_plugin("aws"), find_plugin("azuread")
    if aws is None:
        searched = "\n".join(f"  {mirror}" for mirror in _places())
        raise SandboxError(
            f"No AWS provider for Terraform ({USABLE_VERSIONS['aws']}): {REGISTRY} is out of reach, "
            f"and no mirror on this machine has one. Searched:\n{searched}\n"
            "Run `terraform providers mirror FOLDER` where there is a network, and copy it to one of these."
        )
    if stand_in or azuread is None:
        azuread = _stand_in(folder)
    return [aws, azuread]


def registry_answers() -> bool:
    """Whether `terraform init` would get an answer; the same first request that it makes."""
    try:
        return httpx.get(
            f"https://{REGISTRY}/.well-known/terraform.json", timeout=REGISTRY_SECONDS
        ).is_success
    except httpx.HTTPError:
        return False


def fill_mirror(folder: Path) -> Path:
    """Download or unpack the plugins once for all sandboxes of a run; the folder is kept as long.

    Raises:
        SandboxError: no AWS provider can be had, or Terraform could not install it.
    """
    plugins = [one for one in choose(folder) if one.origin is not Origin.STAND_IN and one.executable is None]
    if plugins:
        # The registry offers every version of azuread, and the bindings are made for this one.
        versions = {"aws": str(USABLE_VERSIONS["aws"]), "azuread": stand_in_plugin.VERSION}
        required = {
            one.name: {"source": f"hashicorp/{one.name}", "version": one.version or versions[one.name]}
            for one in plugins
        }
        (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
        done = subprocess.run(
            [terraform(), "init", "-input=false", "-no-color"],
            cwd=folder,
            env=os.environ | environment(plugins, folder),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SandboxError(f"The provider plugins could not be installed: {done.stderr}")
    # Terraform keeps what it has installed in the layout of an unpacked mirror.
    return folder / ".terraform" / "providers"


def environment(plugins: list[Plugin], folder: Path) -> dict[str, str]:
    """The variables that make Terraform use these plugins."""
    if all(plugin.origin is Origin.REGISTRY for plugin in plugins):
        return {}
    # In a file of its own: the person's own configuration stays as it is, and is not asked where the
    # registry it may name is out of reach anyway.
    file = folder / "terraform.rc"
    file.write_text(_cli_configuration(plugins))
    variables = {"TF_CLI_CONFIG_FILE": str(file)}
    if any(plugin.origin is Origin.STAND_IN for plugin in plugins):
        variables |= stand_in_plugin.environment()
    return variables


def mirrors() -> list[Path]:
    """The folders of this machine that are laid out as Terraform provider mirrors."""
    return [place for place in _places() if (place / REGISTRY / "hashicorp").is_dir()]


def _stand_in(folder: Path) -> Plugin:
    mirror = folder / "stand-in"
    stand_in_plugin.install(mirror)
    return Plugin("azuread", Origin.STAND_IN, stand_in_plugin.VERSION, mirror)


def _places() -> list[Path]:
    """The usual places of mirrors and caches, in the order of Terraform's documentation.

    Source: Terraform CLI configuration file, "Provider Installation" (explicit and implied local
    mirrors, plugin cache).
    """
    home = Path.home()
    data_home = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    data_dirs = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    places = [Path(mirror)] if (mirror := os.environ.get(MIRROR_VARIABLE)) else []
    places += _configured()
    if cache := os.environ.get("TF_PLUGIN_CACHE_DIR"):
        places.append(Path(cache))
    places += [home / ".terraform.d" / "plugins", home / ".terraform.d" / "plugin-cache"]
    if sys.platform == "darwin":
        places += [
            home / "Library" / "Application Support" / "io.terraform" / "plugins",
            Path("/Library/Application Support/io.terraform/plugins"),
        ]
    places.append(data_home / "terraform" / "plugins")
    places += [Path(folder) / "terraform" / "plugins" for folder in data_dirs if folder]
    for root in MIRROR_ROOTS:
        places += sorted(path.parent for path in Path(root).glob(f"*/{REGISTRY}"))
    return list(dict.fromkeys(places))


def _configured() -> Iterator[Path]:
    """Mirrors and cache named in the person's own Terraform CLI configuration."""
    named = os.environ.get("TF_CLI_CONFIG_FILE") or os.environ.get("TERRAFORM_CONFIG")
    file = Path(named) if named else Path.home() / ".terraformrc"
    if file.is_file():
        text = re.sub(r"(?m)^\s*(#|//).*$", "", file.read_text(errors="replace"))
        for value in re.findall(r'(?:\bpath|\bplugin_cache_dir)\s*=\s*"([^"]+)"', text):
            yield Path(os.path.expandvars(value)).expanduser()


def _versions_in(mirror: Path, name: str) -> Iterator[Version]:
    """The versions of a provider that a mirror holds for this machine, unpacked or as archives."""
    folder = mirror / REGISTRY / "hashicorp" / name
    target = stand_in_plugin.target()
    unpacked = (
        path.parent.parent.name
        for path in folder.glob(f"*/{target}/terraform-provider-{name}_v*")
        if not _is_script(path)
    )
    prefix, suffix = f"terraform-provider-{name}_", f"_{target}.zip"
    packed = (
        path.name.removeprefix(prefix).removesuffix(suffix) for path in folder.glob(f"{prefix}*{suffix}")
    )
    for text in {*unpacked, *packed}:
        try:
            yield Version(text)
        except InvalidVersion:
            continue


def _is_script(path: Path) -> bool:
    """Whether it is a stand-in that somebody left in a mirror: a real plugin is a program of its own."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _cli_configuration(plugins: list[Plugin]) -> str:
    blocks = []
    for plugin in plugins:
        include = f'    include = ["{REGISTRY}/hashicorp/{plugin.name}"]\n'
        if plugin.mirror is None:
            blocks.append(f"  direct {{\n{include}  }}\n")
        else:
            blocks.append(f'  filesystem_mirror {{\n    path    = "{plugin.mirror}"\n{include}  }}\n')
    return "provider_installation {\n" + "".join(blocks) + "}\n"
