"""The files of a branding: read as they are, or refused in words before anything starts."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from stacks.cognito import branding
from stacks.cognito.branding import LARGEST_PICTURE, Branding, Picture
from stacks.settings import Settings
from stacks.settings.errors import Message, SettingsError
from tests.stacks.settings.samples import BRANDED, LOGO, Changes, errors_with, settings_with

DESIGN = {"components": {"form": {"lightMode": {"backgroundColor": "ffffffff"}}}, "categories": {}}
SETTINGS_FILE = "cognito.branding.settings_file"
WITH_LOGO: dict[str, Any] = BRANDED | {"cognito.branding.assets": [LOGO]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the settings file's branding beside it."""
    (tmp_path / "branding").mkdir()
    (tmp_path / "branding" / "settings.json").write_text(json.dumps(DESIGN, indent=4), "utf-8")
    (tmp_path / "branding" / "logo.svg").write_text("<svg/>", "utf-8")
    return tmp_path


def error_of(folder: Path, settings: Settings) -> Message:
    with pytest.raises(SettingsError) as raised:
        branding.load(folder, settings)
    (error,) = raised.value.errors
    assert error.file == folder / "dev.toml"
    return error


@pytest.mark.parametrize("changes", [{}, {"cognito.managed_login_version": 2}])
def test_without_a_design_there_is_nothing_to_read(tmp_path: Path, changes: Changes) -> None:
    assert branding.load(tmp_path, settings_with(changes)) is None


def test_a_design_is_the_same_however_it_is_written(folder: Path) -> None:
    first = branding.load(folder, settings_with(BRANDED))
    assert first == Branding(settings=json.dumps(DESIGN, sort_keys=True))
    turned = dict(reversed(DESIGN.items()))
    (folder / "branding" / "settings.json").write_text(json.dumps(turned), "utf-8")
    assert branding.load(folder, settings_with(BRANDED)) == first


@pytest.mark.parametrize(
    ("file", "extension"),
    [
        ("a.ico", "ICO"),
        ("a.JPG", "JPEG"),
        ("a.jpeg", "JPEG"),
        ("a.b.png", "PNG"),
        ("a.svg", "SVG"),
        ("a.webp", "WEBP"),
    ],
)
def test_a_picture_is_in_the_words_of_the_api(folder: Path, file: str, extension: str) -> None:
    (folder / file).write_bytes(b"\x00picture")
    asset = {"category": "FORM_LOGO", "file": file, "color_mode": "DARK"}
    loaded = branding.load(folder, settings_with(BRANDED | {"cognito.branding.assets": [asset]}))
    assert loaded is not None
    assert loaded.pictures == (
        Picture(
            category="FORM_LOGO",
            color_mode="DARK",
            extension=extension,
            base64=base64.b64encode(b"\x00picture").decode(),
        ),
    )


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"3", b'"text"', b"null", b"\xff\xfe{", b"[" * 100_000, b'{"a": 1}}'],
    ids=lambda content: content[:10],
)
def test_a_design_that_is_no_json_object(folder: Path, content: bytes) -> None:
    (folder / "branding" / "settings.json").write_bytes(content)
    error = error_of(folder, settings_with(BRANDED))
    assert (str(error.key), error.value) == (SETTINGS_FILE, '"branding/settings.json"')
    assert "not a JSON object" in error.sentence
    assert "describe-managed-login-branding" in error.remedy


@pytest.mark.parametrize("text", ["${timestamp()}", "%{ if true }x%{ endif }"])
def test_a_design_that_terraform_would_evaluate(folder: Path, text: str) -> None:
    (folder / "branding" / "settings.json").write_text(json.dumps({"categories": {"form": text}}))
    error = error_of(folder, settings_with(BRANDED))
    assert (str(error.key), error.value) == (SETTINGS_FILE, '"branding/settings.json"')
    assert "as an expression" in error.sentence


def test_files_that_are_missing_are_all_named(folder: Path) -> None:
    (folder / "branding" / "settings.json").unlink()
    (folder / "branding" / "logo.svg").unlink()
    with pytest.raises(SettingsError) as raised:
        branding.load(folder, settings_with(WITH_LOGO))
    assert [str(error.key) for error in raised.value.errors] == [
        SETTINGS_FILE,
        "cognito.branding.assets[0].file",
    ]
    assert "No such file" in raised.value.errors[0].sentence
    assert "below the folder of this settings file" in raised.value.errors[0].remedy


def test_a_folder_is_no_file(folder: Path) -> None:
    error = error_of(folder, settings_with(BRANDED | {SETTINGS_FILE: "branding"}))
    assert "cannot be read" in error.sentence


@pytest.mark.parametrize(
    ("file", "key"),
    [("settings.json", SETTINGS_FILE), ("logo.svg", "cognito.branding.assets[0].file")],
)
def test_an_empty_file(folder: Path, file: str, key: str) -> None:
    (folder / "branding" / file).write_bytes(b"")
    error = error_of(folder, settings_with(WITH_LOGO))
    assert str(error.key) == key
    assert "empty" in error.sentence


def test_a_picture_that_is_larger_than_cognito_takes(folder: Path) -> None:
    logo = folder / "branding" / "logo.svg"
    logo.write_bytes(b"x" * LARGEST_PICTURE)
    assert branding.load(folder, settings_with(WITH_LOGO)) is not None
    logo.write_bytes(b"x" * (LARGEST_PICTURE + 1))
    error = error_of(folder, settings_with(WITH_LOGO))
    assert str(error.key) == "cognito.branding.assets[0].file"
    assert "1,000,001 bytes; Cognito takes 1,000,000" in error.sentence


@pytest.mark.parametrize(
    "file", ["/etc/hostname", "../secret.json", "branding/../../secret.json", "~/a.json"]
)
def test_a_file_outside_of_the_folder_is_refused_before_it_is_read(file: str) -> None:
    (error,) = errors_with(BRANDED | {SETTINGS_FILE: file})
    assert str(error.key) == SETTINGS_FILE
    assert "lies in it or below" in error.sentence
