"""Settings to change one thing in, and their form as a file."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin

import hypothesis
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from stacks.settings.plain_words import problems_of
from stacks.settings.problems import Problem

from stacks.settings import Settings

TENANT = "2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
SOMEBODY = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
SOMEBODY_ELSE = "1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"
FILE = Path("dev.toml")

LEAST: dict[str, Any] = {
    "aws": {"region": "eu-central-1"},
    "entra": {"tenant_id": TENANT},
    "cognito": {"domain_prefix": "contoso-signin"},
    "clients": {"web": {"type": "server", "callback_urls": ["https://app.contoso.com/callback"]}},
}
# No warnings: the state is not on this machine.
QUIET = {"state.bucket": "contoso-terraform-state"}

# Without a time limit for each example: how long one takes says more about the machine.
unhurried = hypothesis.settings(deadline=None, max_examples=50)

Changes = Mapping[str, Any]
REMOVED = object()


def with_changes(changes: Changes) -> dict[str, Any]:
    """The least settings, with values set (or removed) at dotted keys."""
    tables = deepcopy(LEAST)
    for dotted_key, value in changes.items():
        *path, last = dotted_key.split(".")
        table = tables
        for part in path:
            table = table.setdefault(part, {})
        if value is REMOVED:
            del table[last]
        else:
            table[last] = value
    return tables


def settings_with(changes: Changes | None = None) -> Settings:
    return Settings.model_validate({"name": "dev", **with_changes(changes or {})})


def problems_with(changes: Changes, name: str = "dev") -> list[Problem]:
    try:
        Settings.model_validate({"name": name, **with_changes(changes)})
    except ValidationError as error:
        return problems_of(FILE, Settings, error)
    return []


def all_settings(annotation: Any = Settings, at: str = "") -> dict[str, FieldInfo]:
    """Every setting there is, without the words that people choose: `clients.callback_urls`."""
    found = {f"{at}{name}": field for name, field in getattr(annotation, "model_fields", {}).items()}
    inner = [all_settings(field.annotation, f"{key}.") for key, field in found.items()]
    inner += [all_settings(part, at) for part in get_args(annotation)]
    return {key: field for one in [found, *inner] for key, field in one.items()}


def settings_shown_in(text: str) -> set[str]:
    """The settings that a file shows, in force or, without a space after the #, commented out."""
    known = all_settings()
    shown: set[str] = set()
    at = ""
    for line in text.splitlines():
        if header := re.fullmatch(r"#?\[{1,2}([^\]]+)\]{1,2}", line):
            at = ""
            for word in header[1].split("."):
                at = f"{at}.{word}".lstrip(".") if f"{at}.{word}".lstrip(".") in known else at
            shown.add(at)
        elif setting := re.match(r"#?([A-Za-z0-9_-]+) = ", line):
            key = f"{at}.{setting[1]}".lstrip(".")
            # Under a table of words that people choose, such as [tags], any word is one.
            chosen = get_origin(getattr(known.get(at), "annotation", None)) is dict
            shown.add(at if chosen and key not in known else key)
    return shown


def as_toml(tables: Mapping[str, object]) -> str:
    """The settings as the text of a file; what TOML cannot say is left out."""
    return "".join(f"{_string(key)} = {_value(value)}\n" for key, value in tables.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_string(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
