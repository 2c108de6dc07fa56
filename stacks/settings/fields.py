"""What the models say of a setting, and how TOML writes it: for the errors and the reference."""

import json
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import get_args, get_origin

from pydantic.fields import FieldInfo

from stacks.settings.errors import Key, at
from stacks.settings.types import Table, Within

# The words that people choose themselves, as they might have.
EXAMPLE_KEYS = {"clients": "web", "tenants": "fabrikam", "resource_servers": "orders", "app_roles": "admin"}


def table_in(field: FieldInfo) -> type[Table] | None:
    """The table that a setting is, or of which it holds several."""
    return next((part for part in _parts(field) if isinstance(part, type) and issubclass(part, Table)), None)


def is_keyed(field: FieldInfo) -> bool:
    """Whether there may be several values, each by a key that the person chooses."""
    return get_origin(field.annotation) is dict


def is_list(field: FieldInfo) -> bool:
    """Whether there may be several values, one after the other."""
    return list in map(get_origin, _parts(field))


def choices(field: FieldInfo) -> type[Enum] | None:
    """The enum whose values a setting may have."""
    return next((part for part in _parts(field) if isinstance(part, type) and issubclass(part, Enum)), None)


def bounds(field: FieldInfo) -> Within | None:
    """Between which numbers a value has to be."""
    return next((part for part in _parts(field) if isinstance(part, Within)), None)


def is_of(field: FieldInfo, kind: type) -> bool:
    """Whether the value, or each of several, is of a kind."""
    return kind in _parts(field)


def about(field: FieldInfo) -> str:
    """What a setting is, on one line."""
    return " ".join((field.description or "").split())


def example(field: FieldInfo) -> object:
    """A value that a person might write."""
    return field.examples[0] if field.examples else field.get_default()


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{at[key]} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def header(key: Key) -> str:
    """A table as TOML begins it, and one of a list of tables."""
    words = Key(tuple(part for part in key.parts if isinstance(part, str)))
    return f"[[{words}]]" if isinstance(key.parts[-1], int) else f"[{words}]"


def all_settings(table: type[Table], key: Key = at) -> Iterator[tuple[Key, FieldInfo]]:
    """Every setting in a table and in those inside of it."""
    for name, field in table.model_fields.items():
        yield key[name], field
        if inner := table_in(field):
            one = key[name][EXAMPLE_KEYS[name]] if is_keyed(field) else key[name]
            yield from all_settings(inner, one[0] if is_list(field) else one)


def _parts(field: FieldInfo) -> Iterator[object]:
    """Everything that the type of a setting is made of."""
    yield from field.metadata
    yield from _inside(field.annotation)


def _inside(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _inside(part)
