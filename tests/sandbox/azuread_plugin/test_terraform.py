"""The stand-in in the hands of Terraform, started by it or kept running for it."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.azuread_plugin import install as installation
from sandbox.entra.server import LocalEntra
from sandbox.errors import SandboxError
from sandbox.plugin_process import PluginProcess, reattach_environment

CONFIGURATION = Path(__file__).with_name("portal.tf").read_text()


def make_keep_and_destroy(folder: Path, environment: dict[str, str], name: str = "Portal") -> None:
    """Use the stand-in for all that Terraform does with it."""
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION.replace('"Portal"', f'"{name}"'))

    def terraform(*arguments: str) -> str:
        ran = subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    terraform("init")
    terraform("apply", "-auto-approve")
    terraform("plan", "-detailed-exitcode")
    resources = json.loads(terraform("show", "-json"))["values"]["root_module"]["resources"]
    assert any(resource["values"].get("value") for resource in resources)
    terraform("destroy", "-auto-approve")


needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")


@needs_terraform
def test_terraform_makes_keeps_and_destroys_with_it(
    entra: LocalEntra, environment: dict[str, str], tmp_path: Path
) -> None:
    installation.install(tmp_path / "mirror")
    rc = tmp_path / "terraform.rc"
    rc.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path / "mirror"}"\n  }}\n}}\n'
    )
    before = entra.holdings()
    sockets = tmp_path / "t"
    sockets.mkdir()
    variables = environment | {"TF_CLI_CONFIG_FILE": str(rc), "TMPDIR": str(sockets)}
    make_keep_and_destroy(tmp_path / "project", variables)
    assert entra.holdings() == before
    assert not list(sockets.glob("azuread-*"))


@needs_terraform
def test_one_plugin_serves_several_terraforms_at_once(
    entra: LocalEntra, environment: dict[str, str], tmp_path: Path
) -> None:
    executable = installation.install(tmp_path / "mirror")
    before = entra.holdings()
    with PluginProcess(executable, environment, tmp_path / "plugin.log") as plugin:
        variables = environment | reattach_environment([plugin])
        with ThreadPoolExecutor(3) as pool:
            runs = [
                pool.submit(make_keep_and_destroy, tmp_path / name, variables, name)
                for name in ("One", "Two", "Three")
            ]
        for run in runs:
            run.result()
    assert entra.holdings() == before


def test_a_plugin_that_ends_at_once_says_why(tmp_path: Path) -> None:
    executable = tmp_path / "plugin"
    executable.write_text("#!/bin/sh\necho no such flag: $1 >&2\nexit 3\n")
    executable.chmod(0o755)
    with pytest.raises(SandboxError, match="ended with status 3: no such flag: -debug"):
        PluginProcess(executable, {}, tmp_path / "plugin.log").start()


def test_a_plugin_that_is_stopped_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    sockets = tmp_path / "t"
    sockets.mkdir()
    executable = installation.install(tmp_path / "mirror")
    plugin = PluginProcess(executable, environment | {"TMPDIR": str(sockets)}, tmp_path / "plugin.log")
    with plugin:
        assert len(list(sockets.iterdir())) == 1
    assert not list(sockets.iterdir())
    assert plugin.reattach == {}
