"""The JSON Schema and the reference: every setting is in them, and the committed files are current."""

import json
import re
from enum import Enum
from pathlib import Path

import pytest

from stacks.settings import facts, schema
from stacks.settings.fields import about
from tests.stacks.settings.samples import all_settings

TEXT = schema.reference()
SECTIONS = dict(re.findall(r"^## `\[{1,2}(.+?)\]{1,2}`$\n(.*?)(?=^<a id|\Z)", TEXT, re.MULTILINE | re.DOTALL))


def row_of(table: str, setting: str) -> str:
    (row,) = re.findall(rf"^\| `{setting}` \|.*$", SECTIONS[table], re.MULTILINE)
    return str(row)


def test_the_written_files_are_current() -> None:
    anew = "write it anew: make documents"
    assert schema.REFERENCE_FILE.read_text("utf-8") == TEXT, anew
    assert json.loads(schema.SCHEMA_FILE.read_text("utf-8")) == schema.json_schema(), anew


def test_the_module_writes_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REFERENCE_FILE", tmp_path / "settings.md")
    monkeypatch.setattr(schema, "SCHEMA_FILE", tmp_path / "schema.json")
    schema.main()
    assert (tmp_path / "settings.md").read_text("utf-8") == TEXT
    assert json.loads((tmp_path / "schema.json").read_text("utf-8")) == schema.json_schema()


def test_every_setting_is_in_the_section_of_its_table() -> None:
    tables = {name.replace(".*", ""): text for name, text in SECTIONS.items()}
    missing = [
        key
        for key in all_settings()
        if key != "name"
        and key not in tables
        and f"| `{key.rpartition('.')[2]}` |" not in tables[key.rpartition(".")[0]]
    ]
    assert missing == []


def test_every_link_leads_somewhere_and_every_place_is_there_once() -> None:
    places = re.findall(r'<a id="(.+?)"></a>', TEXT)
    assert len(places) == len(set(places))
    assert set(re.findall(r"\]\(#(.+?)\)", TEXT)) <= set(places)


def test_every_word_to_choose_from_is_there() -> None:
    kinds: list[type[Enum]] = [
        kind
        for kind in vars(facts).values()
        if isinstance(kind, type) and issubclass(kind, Enum) and kind.__module__ == facts.__name__
    ]
    assert len(kinds) == 9
    words = TEXT.partition("## Words to choose from")[2]
    assert [one for kind in kinds for one in kind if f"`{one}`" not in words] == []


@pytest.mark.parametrize(
    ("table", "setting", "cells"),
    [
        ("aws", "region", ["text", "**has to be there**"]),
        ("entra", "home_accounts", ["`true` or `false`", "`true`"]),
        ("entra", "cloud", ["`public`, `usgovernment`, `dod` or `china`", "the public one"]),
        (
            "entra",
            "owners",
            ["a list of texts", "whoever deploys first, and whomever else Entra ID has as an owner"],
        ),
        ("entra.secret", "lifetime_days", ["a whole number, 1 to 730", "`180`"]),
        ("entra.secret", "generation", ["a whole number, 1 or more", "`1`"]),
        ("entra.secret", "rotates_from", ["a date", "there is no such schedule"]),
        ("clients.*", "refresh_token_days", ["a whole number, 1 to 3650"]),
        ("clients.*", "name", ["text", '"&lt;stack>-&lt;key>"']),
        ("cognito", "tier", ["`LITE`, `ESSENTIALS` or `PLUS`", '`"ESSENTIALS"`']),
        ("cognito.branding.assets", "category", ["[one of these](#branding-category)"]),
    ],
)
def test_a_setting_says_what_may_be_written_and_what_is_so_without(
    table: str, setting: str, cells: list[str]
) -> None:
    assert [cell.strip() for cell in row_of(table, setting).split("|")][2 : 2 + len(cells)] == cells


def test_what_is_so_without_a_setting_is_said_once() -> None:
    assert "left out" not in " ".join(SECTIONS.values()).replace("It may be left out.", "")


def test_a_table_of_words_of_ones_own_shows_some() -> None:
    assert '[resource_servers.orders.scopes]\nread = "Read orders"' in SECTIONS["resource_servers.*.scopes"]
    assert 'given_name = "given_name"' in SECTIONS["cognito.attribute_mapping"]


def test_a_setting_that_may_be_left_out_says_what_is_so_then() -> None:
    silent = [
        key
        for key, field in all_settings().items()
        if field.get_default() is None and not field.is_required()
        if "left out, " not in about(field).lower()
    ]
    assert sorted(silent) == ["cognito.custom_domain", "entra.registration"]


def test_the_schema_knows_what_toml_can_say() -> None:
    written = schema.json_schema()
    assert "null" not in json.dumps(written)
    assert "name" not in written["properties"]
    assert written["required"] == ["aws", "entra", "cognito", "clients"]
    tenant = written["definitions"]["EntraSettings"]["properties"]["tenant_id"]
    assert tenant["pattern"]
    assert "Tenant ID" in tenant["description"]
