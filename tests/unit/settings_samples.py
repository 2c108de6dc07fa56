"""Settings to change one thing in, and their form as a file."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
from pydantic import ValidationError

from stacks.settings import Settings
from stacks.settings.plain_words import problems_of
from stacks.settings.problems import Problem

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
