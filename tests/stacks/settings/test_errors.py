"""What a person reads: keys and types that do not fit, and no secret repeated, whatever is written."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stacks.settings import Settings
from stacks.settings.errors import SettingsError
from stacks.settings.files import load
from tests.stacks.settings.samples import (
    EXISTING,
    OF_ONES_OWN,
    QUIET,
    READ_FROM_A_PARAMETER,
    all_settings,
    as_toml,
    case,
    example_tables,
    refused,
    unhurried,
    with_changes,
)

# As Entra ID makes them, and as people do.
ENTRA_SECRET = "aBc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456_-ab"
PASSWORD = "correct-horse-battery"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dev.toml"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "dev.toml"


def message_of(file: Path, tables: dict[str, Any]) -> str:
    """What the person reads: the error, or the warnings."""
    file.write_text(as_toml(tables), "utf-8")
    try:
        return "\n".join(load(file).warnings)
    except SettingsError as error:
        return str(error)


test_a_key_or_type_that_does_not_fit = refused(
    case("aws.regoin", "x", 'Did you mean "region"?'),
    case("entra.tenantid", "x", 'Did you mean "tenant_id"?'),
    case("clientes", {}, 'Did you mean "clients"?'),
    case("region", "x", "It belongs to [aws]."),
    case("aws.clients", {}, "It is a table of its own: [clients]."),
    case("aws.aws", 3, "It is a table of its own: [aws]."),
    case("aws.name", "x", "It belongs to [clients.web]."),
    case("entra.lifetime_days", 3, "It belongs to [entra.secret]."),
    case("entra.email_domains", [], "It belongs to [tenants.fabrikam]."),
    case("cognito.category", "x", "It belongs to [[cognito.branding.assets]]."),
    case("cognito.callback_urls", [], "It belongs to [clients.web]."),
    case("clients.web.zzz", 1, "[clients.web] may have type, client_id, tenants, local_accounts,"),
    case("name", "prod", "rename the file"),
    ({"[key]": 1}, '"[key]"', "There is no such setting."),
    case("tags", {"[key]": "x"}, "digits", at='."[key]"'),
    case("clients", {"[key]": 1}, "A table is expected here.", at='."[key]"'),
    case("entra.client_secret", "x", "No secret belongs in this file"),
    case("aws.region", 1, "Text is expected here, in quotes."),
    case("aws", 1, "A table is expected here."),
    case("clients", [], "[clients.web]"),
    case("clients.web", 1, "[clients.web]"),
    case("tags", "a=b", "[tags]"),
    case("tags", {"a": 1}, 'cost-center = "identity"', at=".a"),
    case("cognito.attribute_mapping", [], "[cognito.attribute_mapping]"),
    case("entra.owners", "ada", "A list is expected here"),
    case("entra.owners", [{"id": "ada"}], "Text is expected here", at="[0]"),
    case("entra.admin_consent", "yes", "true or false"),
    case("entra.admin_consent", 1, "true or false"),
    case("entra.secret", 180, "[entra.secret]"),
    case("entra.secret.lifetime_days", "180", "without quotes"),
    case("entra.secret.lifetime_days", 180.0, "whole number"),
    ({"entra.secret.lifetime_days": True}, "entra.secret.lifetime_days", "whole number"),
)


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


def replaced(node: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    items = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
    changed = [(key, replaced(inner, rest, value) if key == first else inner) for key, inner in items]
    return dict(changed) if isinstance(node, dict) else [inner for _, inner in changed]


# Between them they have every setting.
ALL_SHAPES = (example_tables(), OF_ONES_OWN, EXISTING, READ_FROM_A_PARAMETER)


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
    assert set(all_settings()) - shown - {"name"} == {"entra.authority", "cognito.local_accounts"}


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


@pytest.mark.parametrize(
    "text",
    [
        f"[entra]\nclient_secret = {PASSWORD}\n",
        f"[entra]\n{PASSWORD} {ENTRA_SECRET}\n",
        f'a = "{PASSWORD}\n',
    ],
)
def test_a_secret_without_its_quotes_is_not_repeated(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert PASSWORD not in str(raised.value)
    assert ENTRA_SECRET not in str(raised.value)


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
