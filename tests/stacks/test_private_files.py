"""Which files hold the client secret, and that nobody else may read them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks.private_files import close, open_to_others, prepare
from tests.conftest import EXAMPLES

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _everybody_may_read() -> Iterator[None]:
    umask = os.umask(0o022)
    yield
    os.umask(umask)


def _modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode)[-3:] for path in folder.iterdir()}


def test_what_others_may_read_is_named_until_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "cdktf.out").mkdir()
    for name in ("terraform.dev.tfstate", "terraform.dev.tfstate.backup", "terraform.prod.tfstate"):
        (tmp_path / name).write_text("secret")
    assert [path.name for path in open_to_others(tmp_path, "dev")] == [
        "cdktf.out",
        "terraform.dev.tfstate",
        "terraform.dev.tfstate.backup",
    ]
    close(tmp_path, "dev")
    assert open_to_others(tmp_path, "dev") == []
    assert _modes(tmp_path)["terraform.prod.tfstate"] == "644"


def test_what_is_prepared_is_private_and_what_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / "terraform.dev.tfstate").write_text("{}")
    prepare(tmp_path, "dev")
    close(tmp_path, "dev")
    assert _modes(tmp_path) == {
        "cdktf.out": "700",
        "terraform.dev.tfstate": "600",
        "terraform.dev.tfstate.backup": "600",
    }
    assert (tmp_path / "terraform.dev.tfstate").read_text() == "{}"


@pytest.mark.parametrize(("umask", "prepared"), [(0o022, True), (0o077, False)])
def test_the_bare_command_finds_private_files_and_the_wrapper_makes_them(
    tmp_path: Path, *, umask: int, prepared: bool
) -> None:
    environments = tmp_path / "environments"
    environments.mkdir()
    (environments / "sandbox.toml").write_text((CHECKOUT / "environments" / "sandbox.toml").read_text())
    # Its second stack comes before the bucket, and so has its state in a file.
    (environments / "prod.toml").write_text((EXAMPLES / "pipeline.toml").read_text())
    (tmp_path / "cdktf.out").mkdir()
    old = tmp_path / "terraform.sandbox.tfstate.1.backup"
    old.write_text("secret")
    os.umask(umask)
    subprocess.run([sys.executable, CHECKOUT / "main.py"], cwd=tmp_path, check=True, capture_output=True)
    assert open_to_others(tmp_path, "sandbox") == []
    assert open_to_others(tmp_path, "prod-bootstrap") == []
    states = {"terraform.sandbox.tfstate", "terraform.prod-bootstrap.tfstate"}
    assert {path.name for path in tmp_path.glob("*.tfstate")} == (states if prepared else set())
