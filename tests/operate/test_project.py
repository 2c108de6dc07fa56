"""The project's folder: which environments are synthesized, and what people are shown of what fails."""

import json
import sys
from pathlib import Path

import pytest

from operate.errors import OperateError
from operate.project import check_synthesized, output_of, stack_folder, stacks_of, synthesize
from tests.conftest import EXAMPLES

CHECKOUT = Path(__file__).parents[2]


def test_an_environment_is_synthesized_whatever_is_wrong_with_another(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text(json.dumps({"app": f"python {CHECKOUT}/main.py"}))
    environments = tmp_path / "environments"
    environments.mkdir()
    good = (EXAMPLES / "pipeline.toml").read_text("utf-8")
    (environments / "prod.toml").write_text(good)
    (environments / "broken.toml").write_text("[aws]\nregion = eu-central-1\n")
    unbranded = good.replace("contoso-pipeline", "unbranded") + '\n[entra.branding]\nlogo = "none.png"\n'
    (environments / "unbranded.toml").write_text(unbranded)
    of_broken = stack_folder("broken", tmp_path) / ".terraform.lock.hcl"
    of_broken.parent.mkdir(parents=True)
    of_broken.touch()

    synthesize(tmp_path, stacks_of(["prod-bootstrap"], tmp_path))
    check_synthesized("prod-bootstrap", environments / "prod.toml", tmp_path)
    with pytest.raises(OperateError, match=r"There is no stack broken-bootstrap"):
        check_synthesized("broken-bootstrap", environments / "broken.toml", tmp_path)
    assert stack_folder("prod", tmp_path).is_dir()
    assert not (stack_folder("broken", tmp_path) / "cdk.tf.json").exists()
    assert of_broken.exists()

    for asked, wrong in ((["broken"], "line 2"), (["prod", "unbranded"], "none.png"), ([], "broken.toml")):
        with pytest.raises(OperateError, match=wrong):
            synthesize(tmp_path, stacks_of(asked, tmp_path))


def error_of(program: str, folder: Path) -> str:
    with pytest.raises(OperateError) as raised:
        output_of([sys.executable, "-c", program], folder, "`terraform show`")
    return str(raised.value)


def test_what_a_killed_command_had_printed_is_not_shown(tmp_path: Path) -> None:
    program = """
import os, signal, sys
print('{"client_secret": "Q8~secret"', flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert error_of(program, tmp_path) == "`terraform show` failed: exit status -9."


def test_terraforms_error_is_shown_without_its_frame(tmp_path: Path) -> None:
    program = """
import sys
sys.exit("Initializing...\\n\\n╷\\n│ Error: No network\\n│ \\n│ Try again.\\n╵")
"""
    assert error_of(program, tmp_path) == "`terraform show` failed: No network\n\nTry again."


def test_of_a_crash_the_last_lines_are_shown(tmp_path: Path) -> None:
    program = "def f(n): 1 / 0 if n == 0 else f(n - 1) or 0\nf(200)"
    shown = error_of(program, tmp_path)
    assert shown.endswith("ZeroDivisionError: division by zero")
    assert len(shown.splitlines()) <= 12
