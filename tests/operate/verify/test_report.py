"""How a report reads, for people and for machines, and the command around it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from operate.errors import OperateError
from operate.verify import __main__ as command
from operate.verify.findings import Checked, Finding, VerifyReport
from operate.verify.report import MAX_SHOWN, as_json, as_markdown, show
from tests.operate.samples import outputs

MISSING = Finding("redirect-uri", "https://x/oauth2/idpresponse", "it has none")
OPEN = Finding("pool-sign-up", "user pool")
REPORT = VerifyReport(
    "dev",
    (
        Checked("Issuer"),
        Checked("Redirect URIs", (MISSING,)),
        Checked("Secret", (Finding("secret-ends-soon", "registration"),), days_left=20),
        Checked("Cognito", not_checked="there are no AWS credentials here"),
        Checked("Consent", note="people are asked [y/n]"),
    ),
    1.234,
)


def shown(report: VerifyReport) -> str:
    out = Console(width=200, record=True, file=None, quiet=True)
    with out.capture() as text:
        out.quiet = False
        show(report, out)
    return text.get()


def test_the_table_has_a_line_for_cause_and_one_for_remedy() -> None:
    text = shown(REPORT)
    lines = [line.split() for line in text.splitlines()]
    assert [line[0] for line in lines if line and line[0] in {"ok", "FAIL", "WARN", "--"}] == [
        "ok",
        "FAIL",
        "WARN",
        "--",
        "ok",
    ]
    assert "redirect-uri (https://x/oauth2/idpresponse)" in text
    assert "Cause:  The registration lacks the redirect URI" in text
    assert "(it has none)." in text
    assert "`pipenv run cdktf deploy dev`" in text
    assert "not checked: there are no AWS credentials here" in text
    assert "people are asked [y/n]" in text
    assert "Not everything was checked. The secret is good for another 20 days. (1.2 s)" in text


def test_of_many_tenants_each_is_named_and_a_few_are_explained() -> None:
    many = tuple(Finding("tenant-consent", f"tenant t{number}") for number in range(300))
    text = " ".join(shown(VerifyReport("dev", (Checked("Consent", many),))).split())
    assert text.count("Remedy:") == MAX_SHOWN
    assert all(f"tenant t{number}" in text for number in range(300))
    assert len(json.loads(as_json(VerifyReport("dev", (Checked("Consent", many),))))["findings"]) == 300


def test_the_remedy_of_a_finding_goes_before_that_of_the_known_error() -> None:
    here = Finding("redirect-uri", "x", remedy="Ask its owner, then `pipenv run cdktf deploy {environment}`.")
    report = VerifyReport("dev", (Checked("a", (here,)),))
    assert "Remedy: Ask its owner, then `pipenv run cdktf deploy dev`." in shown(report)
    assert json.loads(as_json(report))["findings"][0]["remedy"].startswith("Ask its owner")


def test_what_was_not_checked_is_not_reported_as_right() -> None:
    text = shown(VerifyReport("dev", (Checked("a", not_checked="why"),)))
    assert "Nothing is wrong with what was checked. Not everything was checked." in text
    assert "Sign-in works" not in text


def test_the_json_has_the_same() -> None:
    document = json.loads(as_json(REPORT))
    assert document["status"] == 1
    assert document["secret_days_left"] == 20
    assert document["findings"][0] == {
        "check": "Redirect URIs",
        "id": "redirect-uri",
        "severity": "error",
        "where": "https://x/oauth2/idpresponse",
        "detail": "it has none",
        "cause": MISSING.known_error.cause,
        "remedy": MISSING.known_error.remedy.replace("{environment}", "dev"),
    }
    assert [check["ok"] for check in document["checks"]] == [True, False, False, False, True]
    assert document["checks"][3]["not_checked"] == "there are no AWS credentials here"


def test_an_issue_has_the_same_in_a_text_that_stays_from_day_to_day() -> None:
    text = as_markdown(REPORT)
    assert text.startswith("## Sign-in verify: `dev`\n")
    assert "**Sign-in is broken, or will be within days. Not everything was checked.**" in text
    assert "- `redirect-uri`, `https://x/oauth2/idpresponse`: The registration lacks" in text
    assert "it has none\n  - *Remedy:* " in text
    assert "`pipenv run cdktf deploy dev`" in text
    assert "- *Not checked:* Cognito: there are no AWS credentials here\n" in text
    earlier = (*REPORT.checks[:2], replace(REPORT.checks[2], days_left=21), *REPORT.checks[3:])
    assert as_markdown(replace(REPORT, checks=earlier, seconds=5.0)) == text


def test_what_a_cloud_answers_is_neither_html_nor_a_mention_in_an_issue() -> None:
    found = Finding("redirect-uri", "`@all` <b>", "it has <img src=x>\n# none @all ![a](b) of ada@x.com")
    text = as_markdown(VerifyReport("dev", (Checked("a", (found,)),)))
    assert "`'@all' <b>`" in text
    assert "<img" not in text
    assert "none @\u200ball ![a]\u200b(b) of ada@x.com" in text
    assert "\n#" not in text[1:]


def test_an_open_door_is_said_although_sign_in_works() -> None:
    report = VerifyReport("dev", (Checked("a", (OPEN,)),))
    text = shown(report)
    assert text.split()[0] == "OPEN"
    assert "Sign-in works, and somebody may come in whom the settings do not let in." in text
    document = json.loads(as_json(report))
    assert (document["status"], document["result"]) == (3, "OPEN")
    assert document["findings"][0]["severity"] == "door"
    assert document["checks"][0]["ok"] is False


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[VerifyReport]:
    """The command, with a report that is put into the list."""
    given: list[VerifyReport] = []
    monkeypatch.setattr(command, "read_outputs", lambda *_: outputs())
    monkeypatch.setattr(command, "verify", lambda *_, **__: given[0])
    return given


@pytest.mark.parametrize(
    ("checks", "arguments", "status"),
    [
        ((Checked("a"),), [], 0),
        ((Checked("a", (MISSING,)),), [], 1),
        ((Checked("a", (Finding("secret-ends-soon", "x"),)),), [], 2),
        ((Checked("a", (OPEN,)),), [], 3),
        ((Checked("a", (OPEN,)),), ["--strict"], 1),
        ((Checked("a", (OPEN,)),), ["--json"], 3),
        ((Checked("a", (OPEN,)),), ["--markdown"], 3),
        ((Checked("a", (OPEN,)),), ["--markdown", "--strict"], 1),
        ((Checked("a", (OPEN, Finding("secret-ends-soon", "x"))),), [], 3),
        ((Checked("a", (OPEN, MISSING)),), [], 1),
        ((Checked("a", not_checked="why"),), [], 0),
        ((Checked("a", not_checked="why"),), ["--strict"], 1),
        ((Checked("a"),), ["--strict"], 0),
    ],
)
def test_the_exit_status(
    reports: list[VerifyReport], checks: tuple[Checked, ...], arguments: list[str], status: int
) -> None:
    reports.append(VerifyReport("dev", checks))
    assert command.main(["dev", *arguments]) == status


def test_json_is_all_that_is_printed(reports: list[VerifyReport], capsys: pytest.CaptureFixture[str]) -> None:
    reports.append(REPORT)
    command.main(["dev", "--json"])
    assert json.loads(capsys.readouterr().out)["environment"] == "dev"


def test_markdown_is_all_that_is_printed_and_not_with_json(
    reports: list[VerifyReport], capsys: pytest.CaptureFixture[str]
) -> None:
    reports.append(REPORT)
    command.main(["dev", "--markdown"])
    assert capsys.readouterr().out == as_markdown(REPORT)
    with pytest.raises(SystemExit):
        command.main(["dev", "--markdown", "--json"])


def test_what_cannot_be_read_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise OperateError("dev is not deployed.")

    monkeypatch.setattr(command, "read_outputs", fail)
    assert command.main(["dev", "--project", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "dev is not deployed.\n"
    assert command.main(["dev", "--markdown", "--project", str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        "## Sign-in verify: `dev`\n\n**Nothing was checked: dev is not deployed.**\n"
    )


def test_ctrl_c_has_its_own_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "read_outputs", interrupt)
    assert command.main(["dev"]) == 130
