"""`pipenv run cdktf ...`: the cdktf command, and when it is interrupted, Terraform's orderly end.

Everything that the command can do, it does as always. Only its Terraform runs behind operate/terraform.py,
and this process ends no sooner than Terraform: a pipeline that ends with it does not take Terraform along.

A deploy that is interrupted is let go on to its end. It is stopped where that cannot be waited for: when
somebody interrupts again, or some seconds after a request to terminate, which is what comes shortly before
being killed (GitHub Actions kills 10 seconds after the first signal, and so does `docker stop`).
"""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType

from operate.terraform import AT_ONCE, BINARY, ENDINGS, RUNNING

CDKTF = Path(__file__).parents[1] / "node_modules" / ".bin" / "cdktf"
TERRAFORM = Path(__file__).with_name("terraform.py")

PATIENCE = 6.0  # seconds between a request to terminate and the end of waiting
PAUSE = 0.1

WAITING = """
The cdktf command has ended. Terraform goes on until what it does is on record: please wait.
Interrupting again stops it. It saves its state then, but what it is making just now may be on no record.
"""
STOPPING = """
Terraform stops: please wait until it has saved its state and released the lock.
"""
ENDED = """
Terraform has ended in order. Run the same command again: it goes on where this one stopped.
"""


class Command:
    """The cdktf command as a child of this process, with the signals that this process gets."""

    def __init__(self, arguments: list[str], running: Path) -> None:
        """Start it."""
        self._running = running
        self._stop_at: float | None = None
        self._stopped = False
        named = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
        behind = {"TERRAFORM_BINARY_NAME": str(TERRAFORM), RUNNING: str(running)}
        if named != str(TERRAFORM):
            behind[BINARY] = named
        self._process = subprocess.Popen([str(CDKTF), *arguments], env={**os.environ, **behind})
        self._signals = 0
        for ending in ENDINGS:
            signal.signal(ending, self._on_signal)

    def wait(self) -> int:
        """Wait for the command, then for Terraform."""
        status = self._process.wait()
        status = status if status >= 0 else 128 - status
        alive = list(self._terraforms())
        if not self._signals and not alive:
            return status
        if alive:
            sys.stderr.write(WAITING)
        while alive:
            if self._stop_at is not None and time.monotonic() > self._stop_at and not self._stopped:
                self._stopped = True
                sys.stderr.write(STOPPING)
                for process_id in alive:
                    with suppress(ProcessLookupError):
                        os.kill(process_id, AT_ONCE)
            time.sleep(PAUSE)
            alive = list(self._terraforms())
        sys.stderr.write(ENDED)
        # The command's own status may be that of success: it takes being interrupted for being done.
        return status or 1

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if self._process.poll() is None:
            self._process.send_signal(number)
        if self._signals > 1:
            self._stop_at = time.monotonic()
        elif number != signal.SIGINT:
            self._stop_at = time.monotonic() + PATIENCE

    def _terraforms(self) -> Iterator[int]:
        """The process ids of those that run."""
        for file in self._running.iterdir():
            with file.open("rb") as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield int(file.name)


def main() -> int:
    """Run the cdktf command with the arguments of this process."""
    if not CDKTF.exists():
        sys.stderr.write("The cdktf command is not installed: run `make setup` (it needs npm).\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="entra-cognito-terraform-") as running:
        return Command(sys.argv[1:], Path(running)).wait()


if __name__ == "__main__":
    sys.exit(main())
