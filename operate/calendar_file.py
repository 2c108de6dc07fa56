"""`python -m operate.calendar_file <environment>`: when the client secret ends, for a calendar (RFC 5545).

The file says nothing secret, so a team can import it, or subscribe to wherever a pipeline publishes it. Each
entry keeps its UID however often the secret is rotated: importing a later file moves the entry.
"""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from icalendar import Alarm, Calendar, Event
from icalendar.enums import TRANSP

from operate.findings import Status
from operate.outputs import Outputs, read_outputs
from operate.problem import OperateError

PRODUCT = "-//entra-cognito//operate.calendar_file//EN"
# How often a program that subscribes should look again (RFC 7986, section 5.7).
REFRESH = timedelta(days=1)


def calendar_of(environment: str, outputs: Outputs, *, now: datetime) -> Calendar:
    """The calendar of one environment.

    Args:
        environment: the stack's name.
        outputs: the stack's outputs.
        now: the time at which it is made.

    Raises:
        OperateError: the secret is somebody else's, and so is its end.
    """
    if outputs.client_secret_end_date is None:
        raise OperateError(
            f"{environment} uses an app registration of somebody else ({outputs.entra_application_id}): until"
            " when its client secret is good is for the owner to know and to announce, and no output of this"
            f" stack has it. `pipenv run verify {environment}` says so where Microsoft Graph may be read."
        )
    ends = outputs.client_secret_end_date.astimezone(UTC)
    entries = [
        _entry(
            outputs,
            "secret-end",
            ends.date(),
            now,
            summary=f"{environment}: the secret between Cognito and Entra ID ends",
            description=f"It ends at {ends:%H:%M} UTC, and from then on nobody can sign in. Rotate before:"
            f" raise generation under [entra.secret] in environments/{environment}.toml by one, then"
            f" `pipenv run cdktf deploy {environment}`. docs/rotation.md has all of it.",
            warn_days=sorted({outputs.expected.warn_days, outputs.expected.fail_days}, reverse=True),
        )
    ]
    if outputs.next_rotation is not None:
        entries.append(
            _entry(
                outputs,
                "next-rotation",
                outputs.next_rotation,
                now,
                summary=f"{environment}: the secret between Cognito and Entra ID is rotated",
                description="By the first deploy from this day on, which should be a scheduled one:"
                f" `pipenv run cdktf deploy {environment}`. Nobody notices it.",
            )
        )
    calendar = Calendar.new(
        name=f"Microsoft sign-in: {environment}",
        uid=_uid(outputs, "calendar"),
        prodid=PRODUCT,
        subcomponents=entries,
    )
    # The parameter is not optional, and the library's own argument for this leaves it out.
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    return calendar


def _entry(
    outputs: Outputs,
    what: str,
    day: date,
    now: datetime,
    *,
    summary: str,
    description: str,
    warn_days: list[int] | None = None,
) -> Event:
    """An entry for a whole day, which leaves people free."""
    return Event.new(
        uid=_uid(outputs, what),
        start=day,
        stamp=now,
        # Of two versions of an entry the one with the higher number holds (RFC 5545, section 3.8.7.4).
        sequence=int(now.timestamp()) // 60,
        summary=summary,
        description=description,
        transparency=TRANSP.TRANSPARENT,
        subcomponents=[_alarm(days, summary) for days in warn_days or ()],
    )


def _alarm(days: int, summary: str) -> Alarm:
    alarm = Alarm.new(description=f"{summary} in {days} days")
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", timedelta(days=-days))
    return alarm


def _uid(outputs: Outputs, what: str) -> UUID:
    """The same for every file of a registration (RFC 7986, section 5.3: a UUID)."""
    return uuid5(UUID(outputs.entra_application_id), what)


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; by default that of this process.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="calendar_file", description="Write when the client secret ends, for a calendar."
    )
    parser.add_argument("environment", help="the stack's name: its file in environments/ without .toml")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="the file to write (default: <environment>.ics)"
    )
    parser.add_argument(
        "--project", type=Path, default=Path(), metavar="FOLDER", help="the folder with cdktf.json"
    )
    chosen = parser.parse_args(arguments)
    file = chosen.output or Path(f"{chosen.environment}.ics")
    try:
        outputs = read_outputs(chosen.environment, chosen.project.resolve())
        calendar = calendar_of(chosen.environment, outputs, now=datetime.now(UTC))
    except OperateError as error:
        sys.stderr.write(f"{error}\n")
        return Status.BROKEN
    file.write_bytes(calendar.to_ical())
    sys.stdout.write(f"wrote {file}: {', '.join(_line(event) for event in calendar.events)}\n")
    return Status.FINE


def _line(event: Event) -> str:
    return f"{event.start} {event.get('SUMMARY')}"


if __name__ == "__main__":
    sys.exit(main())
