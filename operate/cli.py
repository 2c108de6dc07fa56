"""What all commands share: arguments, exit statuses, the console, and how an error or Ctrl-C ends them."""

import argparse
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from rich.console import Console

from operate.errors import OperateError
from stacks.private_files import OWNER_ALONE

DOMAIN_URL = "ENTRA_COGNITO_DOMAIN_URL"
WIDTH = 140  # of a log, which unlike a terminal has no width of its own

Parameters = ParamSpec("Parameters")


class ExitStatus(IntEnum):
    """What a command exits with; argparse, too, exits with 2 where the command line is wrong.

    Attributes:
        OK: sign-in works (`verify`); nothing irreversible, or all of it allowed (`guard`); everything that
            exists is in the state or in `<environment>.adopted.json` (`adopt`); every mapped claim arrived
            (`signin`); the text is known (`explain`).
        FAILED: the command cannot go on; people cannot sign in, or within days will not be able to
            (`verify`); refused (`guard`); the sign-in failed, or a claim is missing (`signin`).
        ATTENTION: sign-in works, but not for long, or not for everybody (`verify`); something exists that is
            in neither (`adopt`).
        OPEN: sign-in works, and somebody may come in whom the settings do not let in (`verify`).
        INTERRUPTED: by Ctrl-C.
    """

    OK = 0
    FAILED = 1
    ATTENTION = 2
    OPEN = 3
    INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """A parser with the arguments that all commands have."""
    made = argparse.ArgumentParser(prog=name, description=description)
    made.add_argument("environment", help="the stack's name: its file in environments/ without .toml")
    add_project(made)
    return made


def add_project(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the project's folder."""
    parser.add_argument(
        "--project", type=Path, default=Path(), metavar="FOLDER", help="the folder with cdktf.json"
    )


def add_domain_url(parser: argparse.ArgumentParser) -> None:
    """Add the argument of the commands that call the sign-in domain."""
    parser.add_argument(
        "--domain-url",
        type=lambda url: url.rstrip("/"),
        default=os.environ.get(DOMAIN_URL),
        metavar="URL",
        help=f"where the sign-in domain answers, if not at its own address ({DOMAIN_URL})",
    )


def command(main: Callable[Parameters, int]) -> Callable[Parameters, int]:
    """Print a command's errors without a traceback, end it quietly on Ctrl-C, keep its files private."""

    @wraps(main)
    def run(*arguments: Parameters.args, **options: Parameters.kwargs) -> int:
        umask = os.umask(OWNER_ALONE)
        try:
            return main(*arguments, **options)
        except OperateError as error:
            sys.stderr.write(f"{error}\n")
            return ExitStatus.FAILED
        except KeyboardInterrupt:
            sys.stderr.write("Interrupted.\n")
            return ExitStatus.INTERRUPTED
        finally:
            os.umask(umask)

    return run


def console() -> Console:
    """Standard output, as wide as the terminal or as a log may be."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=WIDTH)
