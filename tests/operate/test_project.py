"""Commands that fail: what of their output people are shown."""

import sys
from pathlib import Path

import pytest

from operate.errors import OperateError
from operate.project import output_of


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
