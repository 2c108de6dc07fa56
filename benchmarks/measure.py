"""What a run of a Python program takes, with every process that it starts."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from stacks.tools import choose_node

ROOT = Path(__file__).resolve().parents[1]

SAMPLING_SECONDS = 0.02


@dataclass(frozen=True)
class Cost:
    """What one run took: wall time; processor time and peak memory of all its processes together."""

    seconds: float
    processor_seconds: float
    megabytes: float


def run(program: Sequence[str], folder: Path) -> Cost:
    """Run a Python program in a folder, without what was synthesized there before, and measure it.

    Raises:
        SystemExit: it failed.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        # As on a machine of one's own, with the same Node for all of them.
        "PYTHONDONTWRITEBYTECODE": "",
        "JSII_NODE": choose_node(),
    }
    shutil.rmtree(folder / "cdktf.out", ignore_errors=True)
    peak = 0
    ended = threading.Event()

    def sample(process: psutil.Process) -> None:
        nonlocal peak
        while not ended.wait(SAMPLING_SECONDS):
            try:
                family = [process, *process.children(recursive=True)]
                peak = max(peak, sum(member.memory_info().rss for member in family))
            except psutil.NoSuchProcess:
                continue  # one ended while being counted

    start, processor_start = time.perf_counter(), processor_seconds_of_children()
    app = subprocess.Popen([sys.executable, *program], cwd=folder, env=environment)
    sampler = threading.Thread(target=sample, args=(psutil.Process(app.pid),))
    sampler.start()
    status = app.wait()
    seconds = time.perf_counter() - start
    ended.set()
    sampler.join()
    if status != 0:
        raise SystemExit(f"The app ended with status {status}, so there is nothing to compare.")
    return Cost(seconds, processor_seconds_of_children() - processor_start, peak / 1e6)


def processor_seconds_of_children() -> float:
    """Tell the processor time of all processes this one has started and seen end, and of theirs."""
    times = os.times()
    return times.children_user + times.children_system
