"""`python -m operate.compare <environment> <environment>`: what differs between two, defaults included.

Exit status 0: both are compared. 1: the settings of one are refused.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table
from rich.text import Text

from operate import cli
from operate.cli import ExitStatus
from operate.project import settings_of

ABSENT = "-"


def flat(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Each setting by its whole key, such as `cognito.domain_prefix`; those that are left out have none."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        yield key, ", ".join(map(str, value))
    elif value not in (None, {}):
        yield key, str(value).lower() if isinstance(value, bool) else str(value)


def effective(environment: str, project: Path) -> dict[str, str]:
    """All settings of an environment, with the defaults of what its file leaves out.

    Raises:
        OperateError: there is no such environment, or its settings are refused.
    """
    settings = settings_of(environment, project)
    return dict(flat(settings.model_dump(mode="json", exclude={"name"})))


def differences(one: dict[str, str], other: dict[str, str]) -> list[tuple[str, str, str]]:
    """Key, and the value in each, of every setting that is not the same."""
    return [
        (key, one.get(key, ABSENT), other.get(key, ABSENT))
        for key in dict.fromkeys([*one, *other])
        if one.get(key) != other.get(key)
    ]


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="compare", description="What differs between two environments?")
    parser.add_argument("environments", nargs=2, metavar="environment")
    cli.add_project(parser)
    chosen = parser.parse_args(arguments)
    first, second = chosen.environments
    project = chosen.project.resolve()
    table = Table("Setting", first, second, box=None, pad_edge=False)
    for row in differences(effective(first, project), effective(second, project)):
        table.add_row(*map(Text, row))
    cli.console().print(table if table.row_count else Text(f"{first} and {second} have the same settings."))
    return ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
