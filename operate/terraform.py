#!/usr/bin/env -S python3 -I
"""Runs Terraform for the cdktf command, so that an interrupt does not kill it before it has saved its state.

When the cdktf command is interrupted, it passes the interrupt on, ends at once, and closes Terraform's
terminal, which kills Terraform (@cdktf/cli-core, src/lib/models/pty-process.ts). So Terraform runs in a
session of its own here, which neither the terminal's signals nor its end reach.

An interrupted Terraform starts nothing more, saves its state and releases the lock. But it also has the
providers cancel the calls under way (Terraform plugin protocol, `StopProvider`), and what such a call was
making may exist and be in no state. So an `apply` goes on to its end, and only SIGUSR1 interrupts it. Any
other command, `destroy` too, is interrupted at once: the next run sees what it was doing.

The cdktf command runs this file as `TERRAFORM_BINARY_NAME`, which operate/cdktf.py sets, with any Python that
the PATH has.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType

# Environment variables: the real Terraform; and a folder in which each run of this file has a file, named by
# its process id and locked for as long as Terraform runs.
BINARY = "ENTRA_COGNITO_TERRAFORM"
RUNNING = "ENTRA_COGNITO_TERRAFORM_RUNNING"
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_APPLY = signal.SIGUSR1
OWNER_ALONE = 0o077  # the umask: state and saved plans hold the client secret
CHUNK = 65536
POLL = 0.1  # seconds
REVIEWED = "reviewed"  # the folder in which `guard --save` keeps a plan
PLAN = "plan"  # the file in which `cdktf diff` saves it (@cdktf/cli-core, src/lib/models/terraform-cli.ts)


class Interruption:
    """The only interrupt that Terraform gets: after a second one it would end without saving its state."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._requested = False
        self._lock = threading.RLock()

    def begin(self, process: "subprocess.Popen[bytes]") -> None:
        """Set the process that is interrupted, at once if that was requested before it started."""
        with self._lock:
            self._process = process
            if self._requested:
                process.send_signal(signal.SIGINT)

    def request(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Interrupt Terraform, unless it was interrupted before."""
        with self._lock:
            if not self._requested and self._process is not None:
                self._process.send_signal(signal.SIGINT)
            self._requested = True


def relay(source: int, target: int) -> None:
    """Pass on what Terraform prints, and go on reading it when the target is closed.

    A program that writes to a pipe without a reader is killed (POSIX, write: SIGPIPE).
    """
    is_open = True
    while data := os.read(source, CHUNK):
        while is_open and data:
            try:
                data = data[os.write(target, data) :]
            except OSError:
                is_open = False


def main() -> int:
    """Run Terraform with the arguments of this process."""
    os.umask(OWNER_ALONE)
    interruption = Interruption()
    command = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    inherited = []
    if folder := os.environ.get(RUNNING):
        inherited.append(os.open(Path(folder) / str(os.getpid()), os.O_CREAT | os.O_RDONLY, 0o600))
        fcntl.flock(inherited[0], fcntl.LOCK_SH)
    # Until here the end of the command ends this process, too; from here on the lock says that it goes on.
    for number in ENDING_SIGNALS:
        signal.signal(number, _ignore if command == "apply" else interruption.request)
    signal.signal(STOP_APPLY, interruption.request)
    # Terraform writes to a terminal itself: without one it would print no prompts and no colours.
    out, err = (stream.fileno() for stream in (sys.stdout, sys.stderr))
    pipes = {stream: os.pipe() for stream in (out, err) if not os.isatty(stream)}
    process = subprocess.Popen(
        [os.environ.get(BINARY, "terraform"), *sys.argv[1:]],
        start_new_session=True,
        # The lock lasts as long as Terraform runs, even if this process is killed.
        pass_fds=inherited,
        stdout=pipes[out][1] if out in pipes else None,
        stderr=pipes[err][1] if err in pipes else None,
    )
    interruption.begin(process)
    relays = []
    for stream, (reading, writing) in pipes.items():
        os.close(writing)
        relays.append(threading.Thread(target=relay, args=(reading, stream)))
        relays[-1].start()
    while (status := process.poll()) is None:
        # Not for ever: only the main thread runs the handlers, and when another one has taken the signal, it
        # does so after its wait (Python documentation, signal, "Signals and threads").
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLL)
    for thread in relays:
        thread.join()
    if status == 0 and command in {"apply", "destroy"}:
        # A plan saved before is now applied or outdated, and it holds the client secret.
        changed = [argument[7:] for argument in sys.argv if argument.startswith("-chdir=")]
        Path(*changed, PLAN).unlink(missing_ok=True)
        shutil.rmtree(Path(*changed, REVIEWED), ignore_errors=True)
    return status if status >= 0 else 128 - status


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing. Terraform does not inherit a handler, as it would inherit SIG_IGN."""


if __name__ == "__main__":
    sys.exit(main())
