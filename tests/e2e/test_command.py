"""`python -m sandbox` as a person uses it: another terminal, a second run, an interruption."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sandbox.__main__ import RUN_FILE
from sandbox.project import CHECKOUT
from stacks.tools import missing_tools

SECONDS = 300


def _sandbox(*arguments: str, temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=CHECKOUT,
        env={
            **{name: value for name, value in os.environ.items() if name.lower() != "no_proxy"},
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:1"),
            "TMPDIR": str(temporary),
            "AWS_PROFILE": "production",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run(*arguments: str, temporary: Path) -> tuple[int, str]:
    process = _sandbox(*arguments, temporary=temporary)
    text, _ = process.communicate(timeout=SECONDS)
    return process.returncode, text


def _read_until(process: subprocess.Popen[str], words: str) -> str:
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if words in line:
            break
    return "".join(lines)


def _end(process: subprocess.Popen[str], sent: signal.Signals) -> tuple[str, list[psutil.Process]]:
    """End the sandbox, and say which of the processes that it had started are still there."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(sent)
    text, _ = process.communicate(timeout=SECONDS)
    _, alive = psutil.wait_procs(children, timeout=SECONDS)
    return text, alive


def _is_terraform(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "terraform" in process.name()
    return False


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The only temporary folder that the command can use, to see what it leaves there."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def running(temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """A sandbox that is up in this checkout."""
    if RUN_FILE.exists():
        pytest.skip(f"a sandbox of this checkout is up already ({RUN_FILE}), and it uses the fixed ports")
    process = _sandbox("up", temporary=temporary)
    printed = _read_until(process, "Ctrl-C")
    try:
        if "is taken by another program" in printed:
            pytest.skip(printed)
        if "Ctrl-C" not in printed:
            pytest.fail(f"the sandbox did not come up: {printed}")
        yield process
    finally:
        if process.poll() is None:
            _end(process, signal.SIGTERM)


def test_without_a_sandbox_env_says_how_to_start_one(temporary: Path) -> None:
    if RUN_FILE.exists():
        pytest.skip(f"a sandbox of this checkout is up ({RUN_FILE})")
    status, text = _run("env", temporary=temporary)
    assert status == 1
    assert "-m sandbox up" in text
    assert "Traceback" not in text


def test_another_terminal_gets_the_variables_without_those_for_real_clouds_and_no_second_sandbox(
    running: subprocess.Popen[str], temporary: Path
) -> None:
    assert running.poll() is None
    status, text = _run("env", temporary=temporary)
    assert status == 0
    listed = subprocess.run(
        ["sh", "-c", 'eval "$1"; command -v cdktf; env', "sh", text],
        env={"PATH": os.environ["PATH"], "AWS_PROFILE": "production"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert listed[0] == str(CHECKOUT / "node_modules" / ".bin" / "cdktf")
    names = {line.split("=")[0] for line in listed}
    assert {"AWS_ENDPOINT_URL", "ARM_METADATA_HOSTNAME", "SSL_CERT_FILE", "NO_PROXY"} <= names
    assert "AWS_PROFILE" not in names
    assert any(line.startswith("AWS_ENDPOINT_URL=http://127.0.0.1:") for line in listed)
    status, text = _run("up", temporary=temporary)
    assert status == 1
    assert "up already" in text
    assert running.poll() is None


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_ended_sandbox_leaves_no_process_and_no_file(
    running: subprocess.Popen[str], temporary: Path, sent: signal.Signals
) -> None:
    text, alive = _end(running, sent)
    assert alive == []
    assert list(temporary.iterdir()) == []
    assert not RUN_FILE.exists()
    assert "Traceback" not in text


def test_a_killed_sandbox_takes_its_aws_along(running: subprocess.Popen[str]) -> None:
    _, alive = _end(running, signal.SIGKILL)
    RUN_FILE.unlink()
    assert alive == []


def test_an_interrupted_demo_leaves_no_process_and_no_file(temporary: Path) -> None:
    demo = _sandbox("demo", temporary=temporary)
    _read_until(demo, "cdktf deploy")
    deadline = time.monotonic() + SECONDS
    while not any(map(_is_terraform, psutil.Process(demo.pid).children(recursive=True))):
        assert demo.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    text, alive = _end(demo, signal.SIGINT)
    assert alive == []
    assert list(temporary.iterdir()) == []
    assert "Traceback" not in text
    assert demo.returncode == 130
