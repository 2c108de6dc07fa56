"""Starting and ending: what servers, clouds and child processes have in common."""

import signal
import subprocess
from abc import ABC, abstractmethod
from typing import Any, Self

STOP_SECONDS = 10


class Startable(ABC):
    """Something that runs from `start` to `stop`, or as long as a `with` statement."""

    @abstractmethod
    def start(self) -> None:
        """Start, and return when it answers."""

    @abstractmethod
    def stop(self) -> None:
        """End it and wait until it is gone; nothing happens if it does not run."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def end(process: subprocess.Popen[Any], ask: signal.Signals) -> None:
    """End a child process by a signal, or by force if that takes too long, and close its streams."""
    process.send_signal(ask)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in filter(None, (process.stdin, process.stdout)):
        stream.close()
