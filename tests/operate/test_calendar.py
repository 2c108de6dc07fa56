"""The end of the client secret in a calendar, read line by line as RFC 5545 writes it."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from operate import calendar_file
from operate.calendar_file import calendar_of, main
from operate.outputs import Outputs
from operate.problem import OperateError
from tests.operate.samples import APPLICATION, NOW, outputs

ENDS = datetime(2026, 8, 28, 7, 30, tzinfo=UTC)
NEXT = date(2026, 5, 30)

Entry = dict[str, list[str]]


def _outputs(**changes: object) -> Outputs:
    return outputs().model_copy(update={"client_secret_end_date": ENDS, **changes})


def _text(made: Outputs, *, now: datetime = NOW) -> str:
    """The file, with folded lines made whole (RFC 5545, section 3.1)."""
    text: bytes = calendar_of("dev", made, now=now).to_ical()
    return text.decode().replace("\r\n ", "")


def _entries(made: Outputs, *, now: datetime = NOW) -> list[Entry]:
    """Property (with its parameters) to values, for each entry; those of its alarms are among them."""
    entries = []
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", _text(made, now=now), re.DOTALL):
        entry: Entry = {}
        for line in block.splitlines():
            name, _, value = line.partition(":")
            entry.setdefault(name, []).append(re.sub(r"\\(.)", r"\1", value))
        entries.append(entry)
    return entries


def test_the_secret_ends_on_a_whole_day_that_leaves_people_free() -> None:
    (entry,) = _entries(_outputs())
    assert entry["DTSTART;VALUE=DATE"] == ["20260828"]
    assert entry["SUMMARY"] == ["dev: the secret between Cognito and Entra ID ends"]
    assert entry["TRANSP"] == ["TRANSPARENT"]
    description = entry["DESCRIPTION"][0]
    assert "07:30 UTC" in description
    assert "`pipenv run cdktf deploy dev`" in description


def test_the_day_is_that_of_utc() -> None:
    elsewhere = datetime.fromisoformat("2026-08-29T01:00:00+03:00")
    (entry,) = _entries(_outputs(client_secret_end_date=elsewhere))
    assert entry["DTSTART;VALUE=DATE"] == ["20260828"]


@pytest.mark.parametrize(("warn", "fail"), [(30, 7), (60, 1)])
def test_it_reminds_when_verify_warns_and_when_it_fails(warn: int, fail: int) -> None:
    expected = outputs(warn_days=warn, fail_days=fail).expected
    (entry,) = _entries(_outputs(expected=expected))
    assert entry["BEGIN"] == ["VALARM"] * 2
    assert entry["TRIGGER"] == [f"-P{warn}D", f"-P{fail}D"]
    assert entry["ACTION"] == ["DISPLAY"] * 2
    assert [text.rpartition(" in ")[2] for text in entry["DESCRIPTION"][1:]] == [
        f"{warn} days",
        f"{fail} days",
    ]


def test_a_scheduled_rotation_is_an_entry_of_its_own() -> None:
    ends, rotates = _entries(_outputs(next_rotation=NEXT))
    assert rotates["DTSTART;VALUE=DATE"] == ["20260530"]
    assert rotates["SUMMARY"] == ["dev: the secret between Cognito and Entra ID is rotated"]
    assert "BEGIN" not in rotates
    assert ends["UID"] != rotates["UID"]


def test_a_later_file_moves_the_entries_of_an_earlier_one() -> None:
    """RFC 5546, section 2.1.5: of two with one UID the higher SEQUENCE holds, then the later DTSTAMP."""
    before = _entries(_outputs(next_rotation=NEXT))
    later = timedelta(days=90)
    after = _entries(
        _outputs(client_secret_end_date=ENDS + later, next_rotation=NEXT + later), now=NOW + later
    )
    for old, new in zip(before, after, strict=True):
        assert old["UID"] == new["UID"]
        assert old["DTSTART;VALUE=DATE"] < new["DTSTART;VALUE=DATE"]
        assert int(old["SEQUENCE"][0]) < int(new["SEQUENCE"][0])
        assert old["DTSTAMP"] < new["DTSTAMP"]


def test_two_environments_do_not_share_an_entry() -> None:
    other = _outputs(entra_application_id=APPLICATION.replace("0a", "0b"))
    (one,), (another,) = _entries(_outputs()), _entries(other)
    assert one["UID"] != another["UID"]


def test_the_file_is_what_calendars_read() -> None:
    """RFC 5545, sections 3.1, 3.4 and 3.6."""
    text = calendar_of("dev", _outputs(next_rotation=NEXT), now=NOW).to_ical()
    lines = text.split(b"\r\n")
    assert lines[:2] == [b"BEGIN:VCALENDAR", b"VERSION:2.0"]
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)
    assert any(line.startswith(b"PRODID:") for line in lines)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:P1D" in lines
    assert Calendar.from_ical(text).to_ical() == text


def test_the_command_writes_the_file_and_says_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calendar_file, "read_outputs", lambda *_: _outputs(next_rotation=NEXT))
    monkeypatch.chdir(tmp_path)
    assert main(["dev"]) == 0
    assert (tmp_path / "dev.ics").read_text().count("BEGIN:VEVENT") == 2
    printed = capsys.readouterr().out
    assert printed.startswith("wrote dev.ics: 2026-08-28 dev: the secret")
    assert "2026-05-30" in printed
    assert main(["dev", "--output", "secret.ics"]) == 0
    assert (tmp_path / "secret.ics").is_file()


def test_without_a_deploy_there_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> Outputs:
        raise OperateError("dev is not deployed.")

    monkeypatch.setattr(calendar_file, "read_outputs", refuse)
    monkeypatch.chdir(tmp_path)
    assert main(["dev"]) == 1
    assert capsys.readouterr().err == "dev is not deployed.\n"
    assert list(tmp_path.iterdir()) == []
