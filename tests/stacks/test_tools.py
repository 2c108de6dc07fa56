"""Which Node and Terraform are used, and what is said where one is missing."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from stacks import tools

ROOT = Path(__file__).parents[2]


def script(file: Path, text: str) -> Path:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What /etc/os-release says."""
    release: dict[str, str] = {}
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    return release


def test_node_is_that_of_the_python_packages_whatever_the_path_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JSII_NODE")
    monkeypatch.setenv("PATH", str(script(tmp_path / "node", "echo v1.0.0").parent))
    shown = subprocess.run([tools.choose_node(), "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("v24.")


def test_a_node_that_somebody_names_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = script(tmp_path / "node", "echo v1.0.0")
    monkeypatch.setenv("JSII_NODE", str(own))
    assert tools.choose_node() == str(own)


def test_a_named_node_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSII_NODE", str(tmp_path / "node"))
    assert [problem for problem in tools.missing_tools() if "JSII_NODE" in problem] == [
        f"JSII_NODE is {tmp_path / 'node'}, which is no program: unset it, and run `make setup`."
    ]


@pytest.mark.parametrize(
    ("release", "command"),
    [
        pytest.param({"ID": "debian"}, "apt install terraform", id="Debian"),
        pytest.param({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "apt install terraform", id="Mint"),
        pytest.param({"ID": "fedora"}, "hashicorp.com/fedora/hashicorp.repo", id="Fedora"),
        pytest.param({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "hashicorp.com/RHEL/", id="Rocky"),
        pytest.param({"ID": "nixos"}, "https://developer.hashicorp.com/terraform/install", id="any other"),
    ],
)
def test_where_terraform_is_missing_this_systems_commands_are_shown(
    system: dict[str, str], monkeypatch: pytest.MonkeyPatch, release: dict[str, str], command: str
) -> None:
    system.update(release)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "no-such-terraform")
    (problem,) = tools.missing_terraform()
    assert "no-such-terraform is not on the PATH: Terraform 1.10.0 or later is needed." in problem
    assert command in problem


def test_on_macos_homebrew_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert tools.how_to_install() == "  brew install hashicorp/tap/terraform"


@pytest.mark.parametrize(
    ("version", "problems"),
    [("1.9.8", 1), ("1.10.0", 0), ("1.15.0-beta2", 0), ("2.0.0", 0)],
)
@pytest.mark.usefixtures("system")
def test_a_terraform_that_is_too_old_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, problems: int
) -> None:
    old = script(tmp_path / "tofu", f"""echo '{{"terraform_version": "{version}"}}'""")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(old))
    found = tools.missing_terraform()
    assert len(found) == problems
    assert all(f"tofu has version {version}" in problem for problem in found)


@pytest.mark.parametrize("command", ["cdktf", "guard", "verify"])
def test_every_command_runs_the_chosen_terraform(tmp_path: Path, command: str) -> None:
    """And where there is none, ends with how to get it."""
    folder = tmp_path / "cdktf.out" / "stacks" / "dev" / ".terraform"
    folder.mkdir(parents=True)
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").touch()
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')
    arguments = ["synth"] if command == "cdktf" else ["dev", "--project", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", f"operate.{command}", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TERRAFORM_BINARY_NAME": "no-such-terraform"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no-such-terraform is not on the PATH: Terraform 1.10.0 or later is needed." in done.stderr
    assert "Traceback" not in done.stderr
