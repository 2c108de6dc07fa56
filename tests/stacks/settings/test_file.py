"""Settings files: what is read, every problem at once, no secret repeated, and nothing that crashes."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel
from stacks.settings_file import Problem, SettingsError, load, load_folder

from stacks import settings_file
from stacks.settings import Settings
from tests.stacks.settings.samples import (
    LEAST,
    QUIET,
    TENANT,
    Changes,
    all_settings,
    as_toml,
    settings_shown_in,
    unhurried,
    with_changes,
)
from tests.stacks.settings.shapes.samples import EXISTING, OF_ONES_OWN, READ_FROM_A_PARAMETER

PROJECT = Path(__file__).parents[3]
ENVIRONMENTS = PROJECT / "environments"
# As Entra ID makes them, and as people do.
ENTRA_SECRET = "aBc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456_-ab"
PASSWORD = "correct-horse-battery"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dev.toml"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "dev.toml"


def problems_of(file: Path, text: str) -> list[Problem]:
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load(file)
    return raised.value.problems


def message_of(file: Path, tables: dict[str, Any]) -> str:
    """What the person reads: the error, or the warnings."""
    file.write_text(as_toml(tables), "utf-8")
    try:
        return "\n".join(load(file).warnings)
    except SettingsError as error:
        return str(error)


# --- what is read


def test_a_file_is_a_stack_of_its_name(file: Path) -> None:
    file.write_text(as_toml(LEAST), "utf-8")
    settings = load(file)
    assert settings.name == "dev"
    assert settings.entra.tenant_id == TENANT


def test_a_byte_order_mark_is_no_mistake(file: Path) -> None:
    file.write_text(as_toml(LEAST), "utf-8-sig")
    assert load(file).name == "dev"


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("prod", "dev", "test"):
        (tmp_path / f"{name}.toml").write_text(
            as_toml(with_changes({"cognito.domain_prefix": name})), "utf-8"
        )
    (tmp_path / "notes.txt").write_text("not settings", "utf-8")
    (tmp_path / ".hidden.toml").write_text("not settings", "utf-8")
    assert [settings.name for settings in load_folder(tmp_path)] == ["dev", "prod", "test"]


def test_the_files_of_this_project() -> None:
    settings = {one.name: one for one in load_folder(ENVIRONMENTS)}
    assert settings["example"].entra.prevent_destroy
    assert settings["example"].cognito.deletion_protection
    assert settings["sandbox"].warnings == []
    assert settings["sandbox"].cloud.login_origin == "http://localhost:28080"
    assert {key: client.type for key, client in settings["sandbox"].clients.items()} == {
        "web": "server",
        "spa": "single_page",
    }


# --- the example and the schema


def uncommented(text: str) -> dict[str, Any]:
    """The example with every setting in force; only cloud and authority exclude each other."""
    lines = [
        line[1:] if (line.startswith("#") and line[1:2].isalpha()) or line.startswith("#[") else line
        for line in text.splitlines()
    ]
    return tomllib.loads("\n".join(line for line in lines if not line.startswith("authority")))


def test_the_example_shows_defaults_as_they_are() -> None:
    tables = uncommented((ENVIRONMENTS / "example.toml").read_text("utf-8"))
    Settings.model_validate({**tables, "name": "example"})
    shown: dict[str, object] = {
        f"{table}.{name}": value
        for table, settings in tables.items()
        for name, value in [*settings.items(), *settings.get("secret", {}).items()]
    }
    defaults = {
        key.replace("entra.secret.", "entra."): field.default
        for key, field in all_settings().items()
        if not field.is_required() and field.default is not None and not isinstance(field.default, BaseModel)
    }
    assert {"entra.generation", "cognito.tier", "verify.warn_days"} <= defaults.keys() & shown.keys()
    assert {key: shown[key] for key in defaults.keys() & shown.keys()} == {
        key: defaults[key] for key in defaults.keys() & shown.keys()
    }


def test_the_examples_show_every_setting() -> None:
    files = [ENVIRONMENTS / "example.toml", *sorted((ENVIRONMENTS / "examples").glob("*.toml"))]
    shown = {key for file in files for key in settings_shown_in(file.read_text("utf-8"))}
    assert sorted(shown - set(all_settings())) == []
    assert sorted(set(all_settings()) - shown - {"name"}) == []


def test_the_schema_is_current() -> None:
    written = json.loads((ENVIRONMENTS / "settings.schema.json").read_text("utf-8"))
    assert written == settings_file.json_schema(), "write it anew: python -m stacks.settings_file"


def test_the_schema_knows_what_toml_can_say() -> None:
    schema = settings_file.json_schema()
    assert "null" not in json.dumps(schema)
    assert "name" not in schema["properties"]
    assert schema["required"] == ["aws", "entra", "cognito", "clients"]
    tenant = schema["definitions"]["EntraSettings"]["properties"]["tenant_id"]
    assert tenant["pattern"]
    assert "Tenant ID" in tenant["description"]


def test_every_file_names_the_schema_for_editors() -> None:
    for path in ENVIRONMENTS.glob("*.toml"):
        assert path.read_text("utf-8").startswith("#:schema ./settings.schema.json\n"), path


def test_the_module_writes_the_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_file, "SCHEMA_FILE", tmp_path / "schema.json")
    settings_file.main()
    assert json.loads((tmp_path / "schema.json").read_text("utf-8")) == settings_file.json_schema()


# --- every problem at once


def test_all_problems_of_two_files_are_reported_at_once(tmp_path: Path) -> None:
    one, other = tmp_path / "dev.toml", tmp_path / "prod.toml"
    one.write_text(as_toml(with_changes({"aws.region": "Frankfurt", "entra.tenant_id": "common"})), "utf-8")
    other.write_text("[aws]\nregion = eu-central-1\n", "utf-8")
    with pytest.raises(SettingsError) as raised:
        load_folder(tmp_path)
    found = [(problem.file, problem.key) for problem in raised.value.problems]
    assert found == [(one, "aws.region"), (one, "entra.tenant_id"), (other, "")]
    message = str(raised.value)
    assert f"2 problems in {one}\n" in message
    assert f"1 problem in {other}\n" in message
    assert 'aws.region = "Frankfurt"' in message
    assert "line 2 (region)" in message


def test_a_message_as_a_person_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dev.toml").write_text(
        as_toml(with_changes({"clients.web.callback_urls": ["http://contoso.com"]})), "utf-8"
    )
    with pytest.raises(SettingsError) as raised:
        load(Path("dev.toml"))
    assert str(raised.value) == (
        "1 problem in dev.toml\n"
        "\n"
        '  clients.web.callback_urls[0] = "http://contoso.com"\n'
        "    Cognito sends people to plain http only on this machine: localhost, 127.0.0.1 or [::1].\n"
        "    Write https://."
    )


# --- files and folders


def test_a_folder_without_files(tmp_path: Path) -> None:
    for folder, telling in ((tmp_path, "no settings files"), (tmp_path / "nowhere", "no such folder")):
        with pytest.raises(SettingsError, match=telling) as raised:
            load_folder(folder)
        assert "example.toml" in str(raised.value)


def test_a_file_that_cannot_be_read(tmp_path: Path, file: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path)
    file.write_bytes(b'[aws]\nregion = "\xff"\n')
    with pytest.raises(SettingsError, match="not UTF-8"):
        load(file)


def test_a_file_name_that_is_no_stack_name(tmp_path: Path) -> None:
    path = tmp_path / "Dev_1.toml"
    (problem,) = problems_of(path, as_toml(LEAST))
    assert (problem.file, problem.key) == (path, "")
    assert "file's name is the stack's name" in problem.rule


@pytest.mark.parametrize(
    ("text", "where", "telling"),
    [
        ("[aws]\nregion = eu-central-1\n", "line 2 (region)", "quotes"),
        ('[aws]\nregion = "eu-central-1\n', "line 2 (region)", "quote is missing"),
        ('[aws\nregion = "x"\n', "line 1", "TOML"),
        ("[aws]\nregion\n", "line 2", "followed by ="),
        ('[aws]\nregion = "a"\nregion = "b"\n', "line 3 (region)", "twice"),
        ("[aws]\n[aws]\n", "line 2", "twice"),
        ('a = ["x" "y"]\n', "line 1 (a)", "list"),
        ('a = "\\d"\n', "line 1 (a)", "backslash"),
        ('a = "x" y\n', "line 1 (a)", "Something follows"),
        ("!\n", "line 1", "[table]"),
        ("a = {b = 1", "line 1 (a)", "TOML"),
        ("a = 2020-99-99", "line 1 (a)", "TOML"),
        ("a = " + "[" * 10_000, "", "TOML"),
        ("a = " + "9" * 5_000, "", "TOML"),
    ],
)
def test_a_mistake_in_the_toml_itself(file: Path, text: str, where: str, telling: str) -> None:
    (problem,) = problems_of(file, text)
    assert problem.key == ""
    assert where in problem.rule
    assert telling in problem.rule + problem.instead


# --- keys and types


@pytest.mark.parametrize(
    ("changes", "key", "telling"),
    [
        ({"aws.regoin": "x"}, "aws.regoin", 'Did you mean "region"?'),
        ({"entra.tenantid": "x"}, "entra.tenantid", 'Did you mean "tenant_id"?'),
        ({"clientes": {}}, "clientes", 'Did you mean "clients"?'),
        ({"region": "x"}, "region", "It belongs to [aws]."),
        ({"entra.lifetime_days": 3}, "entra.lifetime_days", "It belongs to [entra.secret]."),
        ({"entra.email_domains": []}, "entra.email_domains", "It belongs to [tenants.fabrikam]."),
        ({"cognito.category": "x"}, "cognito.category", "It belongs to [[cognito.branding.assets]]."),
        ({"cognito.callback_urls": []}, "cognito.callback_urls", "It belongs to [clients.web]."),
        ({"clients.web.zzz": 1}, "clients.web.zzz", "[clients.web] may have type, client_id, tenants, name,"),
        ({"name": "prod"}, "name", "rename the file"),
        ({"[key]": 1}, '"[key]"', "There is no such setting."),
        ({"tags": {"[key]": "x"}}, 'tags."[key]"', "digits"),
        ({"clients": {"[key]": 1}}, 'clients."[key]"', "A table is expected here."),
        ({"entra.client_secret": "x"}, "entra.client_secret", "No secret belongs in this file"),
        ({"aws.region": 1}, "aws.region", "Text is expected here, in quotes."),
        ({"aws": 1}, "aws", "A table is expected here."),
        ({"clients": []}, "clients", "[clients.web]"),
        ({"clients.web": 1}, "clients.web", "[clients.web]"),
        ({"tags": "a=b"}, "tags", "[tags]"),
        ({"tags": {"a": 1}}, "tags.a", 'cost-center = "identity"'),
        ({"cognito.attribute_mapping": []}, "cognito.attribute_mapping", "[cognito.attribute_mapping]"),
        ({"entra.owners": "ada"}, "entra.owners", "A list is expected here"),
        ({"entra.owners": [{"id": "ada"}]}, "entra.owners[0]", "Text is expected here"),
        ({"entra.admin_consent": "yes"}, "entra.admin_consent", "true or false"),
        ({"entra.admin_consent": 1}, "entra.admin_consent", "true or false"),
        ({"entra.secret": 180}, "entra.secret", "[entra.secret]"),
        ({"entra.secret.lifetime_days": "180"}, "entra.secret.lifetime_days", "without quotes"),
        ({"entra.secret.lifetime_days": 180.0}, "entra.secret.lifetime_days", "whole number"),
        ({"entra.secret.lifetime_days": True}, "entra.secret.lifetime_days", "whole number"),
    ],
)
def test_a_key_or_type_that_does_not_fit(file: Path, changes: Changes, key: str, telling: str) -> None:
    problems = {problem.key: problem for problem in problems_of(file, as_toml(with_changes(changes)))}
    assert key in problems
    assert telling in f"{problems[key].rule} {problems[key].instead}"


def test_the_value_is_shown_as_toml_writes_it(file: Path) -> None:
    changes = {"aws.account_id": 12, "entra.admin_consent": "\x1b[31m", "entra.owners": ["x" * 500]}
    message = message_of(file, with_changes(changes))
    assert "aws.account_id = 12\n" in message
    assert "\x1b" not in message
    assert "\\u001b[31m" in message
    assert "x" * 121 not in message
    file.write_text("[aws]\nregion = 0x" + "f" * 6000, "utf-8")
    with pytest.raises(SettingsError, match="a very large number"):
        load(file)


# --- no secret is repeated


def places(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


EVERYTHING = uncommented((ENVIRONMENTS / "example.toml").read_text("utf-8"))


def replaced(node: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    items = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    changed = [(key, replaced(inner, rest, value) if key == first else inner) for key, inner in items]
    return dict(changed) if isinstance(node, dict) else [inner for _, inner in changed]


# Between them they have every setting.
ALL_SHAPES = (EVERYTHING, OF_ONES_OWN, EXISTING, READ_FROM_A_PARAMETER)


def test_the_samples_have_every_setting_and_nothing_wrong() -> None:
    shown = set()
    for tables in ALL_SHAPES:
        Settings.model_validate({**tables, "name": "dev"})
        for place in places(tables):
            words = [part for part in place if isinstance(part, str)]
            keyed = {"clients", "tenants", "resource_servers", "app_roles"}
            shown.add(
                ".".join(
                    word for word, before in zip(words, ["", *words], strict=False) if before not in keyed
                )
            )
    assert set(all_settings()) - shown - {"name"} == {"entra.authority"}


@pytest.mark.parametrize(
    ("tables", "place"),
    [
        pytest.param(tables, place, id=str(place))
        for tables in ALL_SHAPES
        for place in places(tables)
        if place
    ],
)
def test_a_secret_in_place_of_any_setting_is_not_repeated(
    scratch: Path, tables: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    texts = [ENTRA_SECRET, f"https://ada:{ENTRA_SECRET}@contoso.com/#", f"a {ENTRA_SECRET} b"]
    mail = [f"ada@{ENTRA_SECRET}", f"{ENTRA_SECRET}@contoso.com"]
    for value in (*texts, *mail, [ENTRA_SECRET], {"a": ENTRA_SECRET}, {ENTRA_SECRET: "a"}):
        message = message_of(scratch, replaced(tables, place, value)).lower()
        assert ENTRA_SECRET[5:25].lower() not in message


@pytest.mark.parametrize(
    "table", ["", "aws.", "entra.", "entra.secret.", "cognito.", "clients.web.", "tags.", "state."]
)
@pytest.mark.parametrize("key", ["client_secret", "password", "access_token", "whatever"])
def test_the_value_of_an_unknown_key_is_not_repeated(file: Path, table: str, key: str) -> None:
    value = PASSWORD + "!"  # which no tag may be, either
    for pasted in (value, [value], {"value": value}):
        message = message_of(file, with_changes({**QUIET, f"{table}{key}": pasted}))
        assert f"{table}{key}" in message
        if (table, key) != ("tags.", "whatever"):
            assert PASSWORD not in message


@pytest.mark.parametrize(
    "key", ["entra.secret", "entra.secret.generation", "clients.web.access_token_minutes"]
)
def test_text_in_place_of_a_setting_that_is_named_like_a_secret_is_not_repeated(file: Path, key: str) -> None:
    message = message_of(file, with_changes({key: PASSWORD}))
    assert f"{key} = (hidden)" in message
    assert PASSWORD not in message


def test_a_number_of_ours_is_shown(file: Path) -> None:
    assert "clients.web.access_token_minutes = 2\n" in message_of(
        file, with_changes({"clients.web.access_token_minutes": 2})
    )


@pytest.mark.parametrize(
    "secret",
    [
        ENTRA_SECRET,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_credential_is_not_repeated(file: Path, secret: str) -> None:
    message = message_of(file, with_changes({"aws.region": secret, "entra.tenant_id": f"x {secret} y"}))
    assert "(hidden)" in message
    assert secret not in message


def test_a_secret_without_its_quotes_is_not_repeated(file: Path) -> None:
    for text in (
        f"[entra]\nclient_secret = {PASSWORD}\n",
        f"[entra]\n{PASSWORD} {ENTRA_SECRET}\n",
        f'a = "{PASSWORD}\n',
    ):
        (problem,) = problems_of(file, text)
        assert PASSWORD not in str(problem)
        assert ENTRA_SECRET not in str(problem)


# --- whatever chance writes

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES: st.SearchStrategy[object] = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
SHAPES = st.sampled_from(ALL_SHAPES)
PLACES = st.sampled_from(
    sorted({place for tables in ALL_SHAPES for place in places(tables) if place}, key=str)
)


def comes_to_an_end(file: Path) -> None:
    try:
        settings = load(file)
    except SettingsError as error:
        message = str(error)
    else:
        message = "\n".join(["", *settings.warnings])
    assert message.replace("\n", "").isprintable()


@unhurried
@given(shape=SHAPES, changes=st.lists(st.tuples(PLACES, VALUES), min_size=1, max_size=4))
def test_settings_with_anything_in_them_are_settings_or_a_settings_error(
    scratch: Path, shape: dict[str, Any], changes: list[tuple[tuple[str | int, ...], object]]
) -> None:
    tables: Any = shape
    for place, value in changes:
        if place in places(tables):
            tables = replaced(tables, place, value)
    scratch.write_text(as_toml(tables), "utf-8")
    comes_to_an_end(scratch)


@unhurried
@given(tables=st.dictionaries(st.sampled_from([*Settings.model_fields, "other"]) | TEXT, VALUES, max_size=5))
def test_any_toml_is_settings_or_a_settings_error(scratch: Path, tables: dict[str, object]) -> None:
    scratch.write_text(as_toml(tables), "utf-8")
    assert tomllib.loads(scratch.read_text("utf-8")) == tables
    comes_to_an_end(scratch)


@unhurried
@given(content=st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
@example(content=b"a = 1979-05-27T07:32:00Z\n[aws]\nregion = 07:32:00\n[tags]\na = nan")
@example(content=b"[aws]\nregion = 0x" + b"f" * 6000)
@example(
    content=b"[terraform]\naws_provider_version = '"
    + b"9" * 6000
    + b"'\n[cognito]\nmanaged_login_version = 2"
)
def test_any_bytes_are_settings_or_a_settings_error(scratch: Path, content: bytes) -> None:
    scratch.write_bytes(content)
    comes_to_an_end(scratch)
