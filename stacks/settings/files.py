"""Settings files: one TOML file in `environments/` is one stack."""

import re
import tomllib
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stacks.settings import Settings
from stacks.settings.checks import usable
from stacks.settings.errors import Key, Message, Messages, SettingsError, at, error
from stacks.settings.pydantic_errors import translated
from stacks.settings.tenants import HOME

# What Python's TOML reader says, and what usually led to it.
_SYNTAX = (
    ("Invalid value", "Something is missing or is not a value: text needs quotes.", 'key = "text"'),
    ("Unterminated string", "A quote is missing at the end.", 'key = "text"'),
    (
        "Illegal character",
        "A quote is missing, or there is a character that has to be escaped.",
        'key = "text"',
    ),
    ("Expected newline", "Something follows after the value: text needs quotes.", 'key = "text"'),
    ("Expected '='", "A key is followed by = and a value.", 'key = "text"'),
    ("Invalid statement", "A line is a [table], or a key with = and a value.", 'key = "text"'),
    ("Cannot overwrite", "This key or table stands in the file twice.", "each key once"),
    ("Cannot declare", "This table stands in the file twice.", "each [table] once"),
    ("Unclosed array", "A list is not closed, or lacks a comma.", 'key = ["one", "two"]'),
    (
        "Unescaped '\\'",
        "A backslash has to be doubled, or the text to stand in single quotes.",
        "key = 'C:\\text'",
    ),
)


def load(file: Path) -> Settings:
    """Read one settings file.

    Raises:
        SettingsError: it cannot be used; names everything that is wrong with it.
    """
    return settings_of(_toml(file), file)


def settings_of(written: Mapping[str, object], file: Path) -> Settings:
    """The settings that a file's tables make.

    Raises:
        SettingsError: they cannot be used; names everything that is wrong with them.
    """
    errors: list[Message] = []
    if "name" in written:
        errors.append(
            error(at.name, "The stack has its name from the file.", "Remove the line, or rename the file.")
        )
    written = {**written, "name": file.stem}
    try:
        settings = Settings.model_validate(written)
        wrong: list[Message] = []
    except ValidationError as refusal:
        settings = usable(Settings, written)
        wrong = [translated(one) for one in refusal.errors(include_url=False)]
    wrong += [message for message in settings.messages if not message.is_warning]
    errors += sorted(wrong, key=_table)
    if errors:
        raise SettingsError([replace(one, file=file) for one in errors])
    return settings


def _table(message: Message) -> int:
    """Errors are in the order of the file's tables; those about the whole file come first."""
    tables = list(Settings.model_fields)
    if not message.key.parts:
        return -1
    name = message.key.parts[0]
    return tables.index(name) if name in tables else len(tables)


def load_folder(folder: Path, *, only: Collection[str] = ()) -> list[Settings]:
    """Read every settings file of a folder, in the order of their names.

    Args:
        only: the names of those that are asked for. Of any other it counts only what it takes from these.

    Raises:
        SettingsError: there are none, or some cannot be used; names everything that is wrong with any.
    """
    named = {folder / f"{name}.toml" for name in only}
    files = sorted({*named, *(file for file in folder.glob("*.toml") if not file.name.startswith("."))})
    if not files:
        missing = (
            "There are no settings files (*.toml) in this folder."
            if folder.is_dir()
            else "There is no such folder."
        )
        remedy = "Copy environments/example.toml to environments/dev.toml, and change it."
        raise SettingsError([error(at, missing, remedy, file=folder)])
    loaded: dict[Path, Settings] = {}
    errors: list[Message] = []
    for file in files:
        try:
            loaded[file] = load(file)
        except SettingsError as refused:
            errors += refused.errors if not named or file in named else []
    errors += _taken_twice(loaded, named or set(files))
    if errors:
        raise SettingsError(errors)
    return [settings for file, settings in loaded.items() if not named or file in named]


def _toml(file: Path) -> dict[str, Any]:
    try:
        # Some editors begin a file with a byte order mark, which TOML does not know.
        text = file.read_text("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        reason = "There is no such file.", "Copy environments/example.toml, and change it."
    except UnicodeDecodeError:
        reason = "The file is not UTF-8 text.", "Save it as UTF-8."
    except OSError as failure:
        reason = f"The file cannot be read: {failure.strerror}.", "Check its permissions."
    except tomllib.TOMLDecodeError as failure:
        reason = _syntax(text, str(failure))
    except (RecursionError, ValueError):
        reason = "There is a value in the file that TOML cannot have.", "Write a simpler one."
    raise SettingsError([error(at, *reason, file=file)])


def _syntax(text: str, message: str) -> tuple[str, str]:
    """What is wrong with the TOML itself, and how to write it."""
    lines = text.splitlines()
    position = re.search(r"\(at line (\d+), column (\d+)\)$", message)
    number = int(position[1]) if position else max(len(lines), 1)
    # Of the line itself only the key is shown: the rest may be a secret without its quotes.
    line = lines[number - 1] if number <= len(lines) else ""
    key = re.match(r"\s*([A-Za-z0-9_-]{1,40})\s*=", line)
    where = f"The file is not valid TOML, line {number}" + (f" ({key[1]})" if key else "")
    for begins, rule, like in _SYNTAX:
        if message.startswith(begins):
            return f"{where}: {rule}", f"Write it like this: {like}"
    return f"{where}: {message.partition(' (at ')[0]}.", "See https://toml.io."


# What only one stack can have: why, and what to do. The second one would fail in the middle of its deploy, or
# worse.
_ONE_STACK_ONLY = {
    "stack": ("A name is one stack's, the second one of an environment included", "Rename that file."),
    "prefix": ("A region has each domain prefix once", "Choose another prefix for one of them."),
    "host": (
        "A host leads to one user pool",
        "Choose another host for one of them, or write existing_domain where the pool has it already.",
    ),
    "registration": (
        "A tenant can have one registration of this name from this project",
        "Choose another name for one of them.",
    ),
    "state": (
        "Two stacks with one state would delete each other's resources",
        "Remove the line, or choose another key for one of them.",
    ),
    "domain of the pool": (
        "A user pool has one domain of each kind",
        "Keep it in one of them, and write its host as existing_domain in the others.",
    ),
    "provider": (
        "Both add an identity provider of this name to the same user pool",
        "Choose another provider_name for the newer one: the names of users begin with it.",
    ),
    "identifier": (
        "An e-mail domain or other identifier leads to one identity provider of a user pool",
        "Leave it with the one that owns it.",
    ),
    "resource server": (
        "A user pool has each resource server once",
        "Keep it in one of them; apps of the others can ask for its scopes all the same.",
    ),
}


def _taken_twice(loaded: Mapping[Path, Settings], asked_for: Collection[Path]) -> Messages:
    for kind, (because, remedy) in _ONE_STACK_ONLY.items():
        first: dict[Hashable, Path] = {}
        for file, settings in loaded.items():
            for what, key, taken in _taken(settings):
                if what != kind or first.setdefault(taken, file) == file:
                    continue
                if {file, first[taken]}.intersection(asked_for):
                    sentence = f"{because}, and {first[taken].name} has it already."
                    yield error(key, sentence, remedy, file=file)


def _taken(s: Settings) -> Iterator[tuple[str, Key, Hashable]]:
    """What a stack takes for itself: of which kind it is, the setting that says so, and what it is."""
    prefix, custom, pool = s.cognito.domain_prefix, s.cognito.custom_domain, s.cognito.user_pool_id
    yield from _stacks(s)
    if prefix is not None:
        yield "prefix", at.cognito.domain_prefix, (s.aws.region, prefix)
    if custom is not None:
        yield "host", at.cognito.custom_domain.host, custom.host
    if s.entra.registration is None:
        yield "registration", at.entra.display_name, (s.cloud, s.entra.tenant_id, s.display_name)
    if pool is None:
        return
    if prefix is not None:
        yield "domain of the pool", at.cognito.domain_prefix, (pool, "prefix")
    if custom is not None:
        yield "domain of the pool", at.cognito.custom_domain, (pool, "custom")
    for key, provider in s.identity_providers.items():
        table = at.cognito if key == HOME else at.tenants[key]
        yield "provider", table.provider_name, (pool, provider.name.lower())
        identifiers = table.idp_identifiers if key == HOME else table.email_domains
        yield from (("identifier", identifiers, (pool, one.lower())) for one in provider.identifiers)
    for key, server in s.resource_servers.items():
        yield "resource server", at.resource_servers[key].identifier, (pool, server.identifier or key)


def _stacks(s: Settings) -> Iterator[tuple[str, Key, Hashable]]:
    """Name and state of an environment's stack, and of its second one."""
    yield "stack", at, s.name
    if s.bootstrap is not None:
        yield "stack", at.bootstrap, s.bootstrap_name
    if s.state is not None:
        yield "state", at.state.key, (s.state.bucket, s.state_key)
        if s.bootstrap is not None:
            yield "state", at.bootstrap, (s.state.bucket, s.bootstrap_state_key)
