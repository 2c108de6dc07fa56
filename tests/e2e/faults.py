"""Everything that somebody can break behind the stack's back, read from faults.toml, and docs/faults.md.

Run as a module (`python -m tests.e2e.faults`), it writes that document. test_faults.py proves every line.
"""

import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.entra.users import PEOPLE, Person
from tests.e2e import fault_injection
from tests.e2e.doors import documented
from tests.e2e.fault_injection import Broken

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing broken, as faults.toml explains it."""

    what: str
    do: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    sees: str = ""
    lacks: tuple[str, ...] = ()
    finds: str | None = None
    where: str = ""
    opens: str = ""
    person: str = "Ada"
    more: str = ""

    @property
    def name(self) -> str:
        """The test's id."""
        return re.sub(r"[^a-z0-9]+", "-", self.what.lower()).strip("-")

    @property
    def break_(self) -> Broken:
        """Does it, and undoes it; gives other outputs where the deployed objects cannot be broken so."""
        return partial(getattr(fault_injection, self.do), **self.arguments)

    @property
    def who(self) -> Person:
        """Who signs in."""
        return next(person for person in PEOPLE if person.given_name == self.person)


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FAULTS = tuple(Fault(**fault) for fault in _TABLE["fault"])


def document() -> str:
    """The content of docs/faults.md."""
    lines = [
        "<!-- Written by `python -m tests.e2e.faults`: change tests/e2e/faults.toml. -->",
        "# Faults",
        "",
        "Each of these is done, behind the stack's back, to a right deployment in the local clouds; then",
        "somebody tries to sign in, and `verify` is asked. tests/e2e/test_faults.py proves every line: what",
        "the person reads, and that `verify` names this cause and no other. Causes and remedies are in",
        "[troubleshooting.md](troubleshooting.md).",
        "",
        "| What was done | What the person sees | What `verify` says |",
        "|---|---|---|",
    ]
    lines += [f"| {fault.what} | {_seen(fault)} | {_found(fault)} |" for fault in FAULTS]
    lines += ["", *documented()]
    return "\n".join(lines) + "\n"


def _seen(fault: Fault) -> str:
    if fault.sees:
        return f"`{fault.sees}`"
    return f"signs in, without {', '.join(fault.lacks)}" if fault.lacks else "signs in, for now"


def _found(fault: Fault) -> str:
    ids = [f"`{id_}`" for id_ in (fault.finds, fault.opens) if id_]
    return ", ".join(ids) or "nothing: it is about one person"


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(), "utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")


if __name__ == "__main__":
    main()
