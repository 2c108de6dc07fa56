"""`pipenv run compare`: what differs between two environments."""

from pathlib import Path

import pytest

from operate.compare import main


def compare(folder: Path, *files: str) -> int:
    (folder / "environments").mkdir()
    for name, text in zip(("dev", "prod"), files, strict=True):
        (folder / "environments" / f"{name}.toml").write_text(text)
    return main(["dev", "prod", "--project", str(folder)])


def test_what_differs_is_shown_and_what_is_a_default_in_one_is_not(
    tmp_path: Path, minimal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prod = minimal.replace("contoso-signin", "contoso-login") + (
        '[clients.spa]\ntype = "single_page"\ncallback_urls = ["https://spa.example.com"]\n'
        "[entra.secret]\nlifetime_days = 180\ngeneration = 3\n"
    )
    assert compare(tmp_path, minimal, prod) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["Setting", "dev", "prod"] in lines
    assert ["cognito.domain_prefix", "contoso-signin", "contoso-login"] in lines
    assert ["entra.secret.generation", "1", "3"] in lines
    assert ["clients.spa.callback_urls", "-", "https://spa.example.com"] in lines
    assert ["clients.spa.local_accounts", "-", "false"] in lines
    assert not any(line[0] in {"entra.secret.lifetime_days", "aws.region"} for line in lines if line)


def test_the_same_settings_are_said_to_be(
    tmp_path: Path, minimal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(tmp_path, minimal, minimal) == 0
    assert capsys.readouterr().out == "dev and prod have the same settings.\n"


def test_a_wrong_setting_is_said_as_ever(
    tmp_path: Path, minimal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(tmp_path, minimal, minimal.replace("eu-central-1", "nowhere")) == 1
    assert "prod.toml" in capsys.readouterr().err
