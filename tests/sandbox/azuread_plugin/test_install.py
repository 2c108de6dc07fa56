"""The plugin's executable in the filesystem mirror."""

import os
import subprocess
from pathlib import Path

from sandbox.azuread_plugin import install as installation


def test_the_plugin_is_the_same_on_every_machine(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path)
    text = plugin.read_text()
    assert text == installation.WRAPPER
    assert os.access(plugin, os.X_OK)
    assert str(Path.cwd()) not in text
    assert plugin.relative_to(tmp_path).parts[:4] == (
        "registry.terraform.io",
        "hashicorp",
        "azuread",
        "3.7.0",
    )


def test_outside_the_sandbox_the_plugin_says_so(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path)
    ran = subprocess.run(
        [plugin], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "runs only inside the sandbox" in ran.stderr


def test_the_plugin_started_by_hand_says_what_it_is(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path)
    ran = subprocess.run(
        [plugin],
        env={"PATH": os.environ["PATH"], **installation.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "a plugin that Terraform starts" in ran.stderr
