"""Settings files: what is read, every error at once, what only one stack of a folder can have."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from stacks.settings import Settings
from stacks.settings.errors import Message, SettingsError
from stacks.settings.files import load, load_folder
from tests.stacks.settings.samples import (
    CUSTOMER,
    ENVIRONMENTS,
    FABRIKAM,
    LEAST,
    ORDERS,
    OTHER_CUSTOMER,
    OWN_DOMAIN,
    POOL,
    QUIET,
    REGISTRATION,
    REMOVED,
    TENANT,
    Changes,
    all_settings,
    as_toml,
    example_tables,
    settings_shown_in,
    with_changes,
)


def errors_of(file: Path, text: str) -> list[Message]:
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load(file)
    return raised.value.errors


def test_a_file_is_a_stack_of_its_name(tmp_path: Path) -> None:
    file = tmp_path / "dev.toml"
    file.write_text(as_toml(LEAST), "utf-8")
    settings = load(file)
    assert settings.name == "dev"
    assert settings.entra.tenant_id == TENANT


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "dev.toml"
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


def test_of_a_folder_what_is_asked_for_has_to_be_right(tmp_path: Path) -> None:
    (tmp_path / "prod.toml").write_text(as_toml(LEAST), "utf-8")
    (tmp_path / "dev.toml").write_text("[aws]\nregion = eu-central-1\n", "utf-8")
    assert [settings.name for settings in load_folder(tmp_path, only=["prod"])] == ["prod"]
    for only in (["dev"], ["prod", "dev"], []):
        with pytest.raises(SettingsError, match="line 2"):
            load_folder(tmp_path, only=only)
    with pytest.raises(SettingsError, match="no such file"):
        load_folder(tmp_path, only=["prod", "test"])


def test_what_another_file_takes_from_those_that_are_asked_for_is_refused(tmp_path: Path) -> None:
    """As a copy that still has the original's state, which a deploy of it would empty."""
    for name, prefix in (("a", "same"), ("b", "same"), ("c", "another")):
        (tmp_path / f"{name}.toml").write_text(
            as_toml(with_changes({"cognito.domain_prefix": prefix})), "utf-8"
        )
    for only in ("a", "b"):
        with pytest.raises(SettingsError, match=r"a\.toml has it already"):
            load_folder(tmp_path, only=[only])
    assert [settings.name for settings in load_folder(tmp_path, only=["c"])] == ["c"]


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


def test_the_example_shows_defaults_as_they_are() -> None:
    tables = example_tables()
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
    # The last is refused, with what to write instead.
    assert sorted(set(all_settings()) - shown - {"name", "cognito.local_accounts"}) == []


def test_every_file_names_the_schema_for_editors() -> None:
    for path in ENVIRONMENTS.glob("*.toml"):
        assert path.read_text("utf-8").startswith("#:schema ./settings.schema.json\n"), path


def test_all_errors_of_two_files_are_reported_at_once(tmp_path: Path) -> None:
    one, other = tmp_path / "dev.toml", tmp_path / "prod.toml"
    one.write_text(as_toml(with_changes({"aws.region": "Frankfurt", "entra.tenant_id": "common"})), "utf-8")
    other.write_text("[aws]\nregion = eu-central-1\n", "utf-8")
    with pytest.raises(SettingsError) as raised:
        load_folder(tmp_path)
    keys = [(error.file, str(error.key)) for error in raised.value.errors]
    assert keys == [(one, "aws.region"), (one, "entra.tenant_id"), (other, "")]
    message = str(raised.value)
    assert f"2 errors in {one}\n" in message
    assert f"1 error in {other}\n" in message
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
        "1 error in dev.toml\n"
        "\n"
        '  clients.web.callback_urls[0] = "http://contoso.com"\n'
        "    Cognito sends people to plain http only on this machine: localhost, 127.0.0.1 or [::1].\n"
        "    Write https://."
    )


def test_a_folder_without_files(tmp_path: Path) -> None:
    for folder, telling in ((tmp_path, "no settings files"), (tmp_path / "nowhere", "no such folder")):
        with pytest.raises(SettingsError, match=telling) as raised:
            load_folder(folder)
        assert "example.toml" in str(raised.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "dev.toml"
    with pytest.raises(SettingsError, match="no such file"):
        load(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path)
    file.write_bytes(b'[aws]\nregion = "\xff"\n')
    with pytest.raises(SettingsError, match="not UTF-8"):
        load(file)


def test_a_file_name_that_is_no_stack_name(tmp_path: Path) -> None:
    path = tmp_path / "Dev_1.toml"
    (error,) = errors_of(path, as_toml(LEAST))
    assert (error.file, str(error.key)) == (path, "")
    assert "file's name is the stack's name" in error.sentence


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
def test_a_mistake_in_the_toml_itself(tmp_path: Path, text: str, where: str, telling: str) -> None:
    (error,) = errors_of(tmp_path / "dev.toml", text)
    assert not str(error.key)
    assert where in error.sentence
    assert telling in error.sentence + error.remedy


# --- several files: what only one stack can have, in one cloud or in one shared user pool

# Two stacks that share nothing but the pool.
SHARED = POOL | {"cognito.provider_name": "dev-entra"}
SHARED_TOO = POOL | {"cognito.provider_name": "prod-entra"}


def errors_between(folder: Path, dev: Changes, prod: Changes) -> list[Message]:
    for name, changes in (("dev", dev), ("prod", prod)):
        apart = {} if "cognito.domain_prefix" in changes else {"cognito.domain_prefix": name}
        (folder / f"{name}.toml").write_text(as_toml(with_changes({**changes, **apart})), "utf-8")
    try:
        load_folder(folder)
    except SettingsError as error:
        return error.errors
    return []


SHARED_PREFIX = {"cognito.domain_prefix": "contoso-signin"}
NAMED = {"entra.display_name": "Contoso"}
STATE = {**QUIET, "state.key": "state"}
HOST = "cognito.custom_domain.host"
REFUSED: list[tuple[Changes, Changes, str, str]] = [
    (SHARED_PREFIX, SHARED_PREFIX, "cognito.domain_prefix", "each domain prefix once, and dev.toml has it"),
    (NAMED, NAMED, "entra.display_name", "one registration of this name"),
    (STATE, STATE, "state.key", "delete each other's resources"),
    (
        {**QUIET, "bootstrap": {}},
        {**QUIET, "state.key": "entra-cognito/dev-bootstrap.tfstate"},
        "state.key",
        "delete each other's resources",
    ),
    (OWN_DOMAIN, OWN_DOMAIN, HOST, "A host leads to one user pool"),
    (OWN_DOMAIN | {"aws.region": "eu-west-1"}, OWN_DOMAIN, HOST, "A host leads to one user pool"),
    (POOL, POOL, "cognito.provider_name", "an identity provider of this name to the same user pool"),
    (
        POOL | {"cognito.provider_name": "Contoso"},
        POOL | {"cognito.provider_name": "contoso"},
        "cognito.provider_name",
        "of this name",
    ),
    (
        SHARED | {"tenants.one": {"tenant_id": CUSTOMER, "provider_name": "Fabrikam"}},
        SHARED_TOO | {"tenants.fabrikam.tenant_id": OTHER_CUSTOMER},
        "tenants.fabrikam.provider_name",
        "of this name",
    ),
    (
        SHARED,
        SHARED_TOO | {"tenants.other": {"tenant_id": CUSTOMER, "provider_name": "DEV-Entra"}},
        "tenants.other.provider_name",
        "of this name",
    ),
    (
        SHARED | {"cognito.idp_identifiers": ["Fabrikam.com"]},
        SHARED_TOO | FABRIKAM,
        "tenants.fabrikam.email_domains",
        "leads to one identity provider",
    ),
    (
        SHARED | ORDERS,
        SHARED_TOO | {"resource_servers.o": {"identifier": "orders", "scopes": {"a": "b"}}},
        "resource_servers.o.identifier",
        "has each resource server once",
    ),
    (
        {**SHARED, "cognito.existing_domain": "login.contoso.com", "cognito.domain_prefix": "one"},
        {**SHARED_TOO, "cognito.existing_domain": "login.contoso.com", "cognito.domain_prefix": "two"},
        "cognito.domain_prefix",
        "one domain of each kind",
    ),
    (
        SHARED | OWN_DOMAIN,
        SHARED_TOO | OWN_DOMAIN | {HOST: "login.contoso.com"},
        "cognito.custom_domain",
        "one domain of each kind",
    ),
]


@pytest.mark.parametrize(("dev", "prod", "key", "telling"), REFUSED)
def test_what_only_one_stack_can_have(
    tmp_path: Path, dev: Changes, prod: Changes, key: str, telling: str
) -> None:
    (error,) = errors_between(tmp_path, dev, prod)
    assert (error.file.name, str(error.key)) == ("prod.toml", key)
    assert telling in error.sentence
    assert "dev.toml has it already" in error.sentence


def test_no_environment_has_the_name_of_the_second_stack_of_another(tmp_path: Path) -> None:
    dev = with_changes({**QUIET, "bootstrap": {}, "cognito.domain_prefix": "dev"})
    another = with_changes({"cognito.domain_prefix": "another"})
    for name, written in (("dev", dev), ("dev-bootstrap", another)):
        (tmp_path / f"{name}.toml").write_text(as_toml(written), "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_folder(tmp_path, only=["dev"])
    (error,) = refused.value.errors
    assert "dev-bootstrap.toml has it already" in error.sentence
    assert error.remedy == "Rename that file."


ANOTHER_POOL: dict[str, Any] = POOL | {"cognito.user_pool_id": "eu-central-1_another"}


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        ({}, {}),
        (SHARED, SHARED_TOO),
        (POOL, ANOTHER_POOL),
        # Each makes a pool of its own.
        (FABRIKAM | ORDERS, FABRIKAM | ORDERS),
        # Neither has a prefix.
        (
            OWN_DOMAIN | {"cognito.domain_prefix": REMOVED},
            OWN_DOMAIN | {"cognito.domain_prefix": REMOVED, HOST: "login.contoso.com"},
        ),
        (SHARED_PREFIX, SHARED_PREFIX | {"aws.region": "eu-west-1"}),
        # One registration for both, whose name is its owner's business.
        (REGISTRATION, REGISTRATION),
        ({"entra.display_name": "dev sign-in"}, REGISTRATION),
        (NAMED, NAMED | {"entra.tenant_id": CUSTOMER}),
    ],
)
def test_what_several_stacks_can_have(tmp_path: Path, dev: Changes, prod: Changes) -> None:
    assert errors_between(tmp_path, dev, prod) == []
