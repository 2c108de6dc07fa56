#!/usr/bin/env -S python3 -I
"""Stands between the cdktf command and Terraform, so that an interruption lets Terraform end in order.

The cdktf command passes an interrupt on, ends at once, and closes Terraform's terminal, which kills it in the
middle (@cdktf/cli-core, src/lib/models/pty-process.ts). So here Terraform has a session of its own, which
neither the terminal nor its end can reach.

Terraform's own way to take an interrupt is to start nothing more, save its state and release the lock; but it
also has the providers give up the calls that are under way (Terraform plugin protocol, `StopProvider`), and
what such a call was about to make may exist and be on no record. So an `apply` is let go on to its end, and
is interrupted on demand only: by SIGUSR1. Anything else, `destroy` too, is interrupted when it is asked for:
what it was doing shows at the next run.

The cdktf command runs this in Terraform's place by `TERRAFORM_BINARY_NAME`, with whatever Python there is;
operate/cdktf.py sets that.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

# Which Terraform is meant, and a folder with a file for each that runs: locked as long, named by process id.
BINARY = "ENTRA_COGNITO_TERRAFORM"
RUNNING = "ENTRA_COGNITO_TERRAFORM_RUNNING"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AT_ONCE = signal.SIGUSR1
CHUNK = 65536


class Interruption:
    """The one interrupt that Terraform gets: a second would make it give up its state."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False
        self._lock = threading.RLock()

    def begin(self, process: "subprocess.Popen[bytes]") -> None:
        """Tell which process it is for; what was asked before reaches it now."""
        with self._lock:
            self._process = process
            if self._asked:
                process.send_signal(signal.SIGINT)

    def ask(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Interrupt Terraform, the first time."""
        with self._lock:
            if not self._asked and self._process is not None:
                self._process.send_signal(signal.SIGINT)
            self._asked = True


def relay(source: int, target: int) -> None:
    """Pass on what Terraform prints, and read on when nobody listens any more.

    A program that writes to a pipe without a reader is killed (POSIX, write: SIGPIPE).
    """
    listening = True
    while data := os.read(source, CHUNK):
        while listening and data:
            try:
                data = data[os.write(target, data) :]
            except OSError:
                listening = False


def main() -> int:
    """Run Terraform with the arguments of this process."""
    interruption = Interruption()
    command = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    for ending in ENDINGS:
        signal.signal(ending, _go_on if command == "apply" else interruption.ask)
    signal.signal(AT_ONCE, interruption.ask)
    kept = []
    if folder := os.environ.get(RUNNING):
        kept.append(os.open(Path(folder) / str(os.getpid()), os.O_CREAT | os.O_RDONLY, 0o600))
        fcntl.flock(kept[0], fcntl.LOCK_SH)
    # A terminal is Terraform's to write to: without one it would print no prompts and no colours.
    out, err = (stream.fileno() for stream in (sys.stdout, sys.stderr))
    pipes = {stream: os.pipe() for stream in (out, err) if not os.isatty(stream)}
    process = subprocess.Popen(
        [os.environ.get(BINARY, "terraform"), *sys.argv[1:]],
        start_new_session=True,
        # Locked as long as Terraform runs, even where this process is killed outright.
        pass_fds=kept,
        stdout=pipes[out][1] if out in pipes else None,
        stderr=pipes[err][1] if err in pipes else None,
    )
    interruption.begin(process)
    relays = []
    for stream, (reading, writing) in pipes.items():
        os.close(writing)
        relays.append(threading.Thread(target=relay, args=(reading, stream)))
        relays[-1].start()
    # Before the relays: while the main thread waits for a lock, Python handles no signals.
    status = process.wait()
    for thread in relays:
        thread.join()
    return status if status >= 0 else 128 - status


def _go_on(_signal: int, _frame: FrameType | None) -> None:
    """Take a signal, and do nothing: unlike an ignored one, Terraform does not inherit that."""


if __name__ == "__main__":
    sys.exit(main())
