"""Pydantic's errors, in words for the person who wrote the settings file."""

import json
import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from textwrap import indent
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stacks.settings import rules
from stacks.settings.findings import Key, dotted
from stacks.settings.problems import Problem, problem, without_secrets

_SECRET_KEY = re.compile(r"secret|passw|token|credential|private_?key|api_?key", re.IGNORECASE)

# The words that people choose themselves, as they might have.
EXAMPLE_KEYS = {"clients": "web", "tenants": "fabrikam", "resource_servers": "orders", "app_roles": "admin"}

_TABLE_EXPECTED = {"model_type", "dict_type"}
_OUT_OF_BOUNDS = {"greater_than_equal", "less_than_equal"}
_OTHER_TYPE_EXPECTED = {
    "string_type": "Text is expected here, in quotes.",
    "int_type": "A whole number is expected here, without quotes.",
    "bool_type": "Either true or false is expected here, without quotes.",
    "list_type": "A list is expected here, in square brackets.",
    "date_type": "A date is expected here, without a time and without quotes.",
}


def problems_of(file: Path, root: type[BaseModel], error: ValidationError) -> list[Problem]:
    """The problems of one file, in the order of its tables."""
    order = list(root.model_fields)
    details = sorted(
        error.errors(include_url=False),
        key=lambda one: order.index(str(one["loc"][0])) if one["loc"][0] in order else len(order),
    )
    return [_problem(file, root, one) for one in details]


def _problem(file: Path, root: type[BaseModel], details: ErrorDetails) -> Problem:
    path, kind, value = details["loc"], details["type"], details["input"]
    context = details.get("ctx", {})
    # Pydantic marks what is wrong with a key so; but somebody may have written such a key, too.
    if about_key := kind == rules.RULE and path[-2:] == (value, "[key]"):
        path = path[:-1]
    if "at" in context:
        path, value = (*path, context["at"]), value[context["at"]]

    if path == ("name",):
        return problem(file, context["sentence"], context["instead"])  # the name of the file itself

    field, _ = _resolve(root, path)
    if kind == rules.RULE:
        rule, instead = context["sentence"], context["instead"]
    elif kind == "missing":
        rule, instead = _missing(root, path)
    elif kind == "extra_forbidden":
        rule, instead = _unknown(root, path)
    else:
        rule, instead = _unfit(path, kind, value, field)

    # The value of a missing setting would be its whole table; that of an unknown one may be anything.
    if kind in {"missing", "extra_forbidden"} or about_key:
        return problem(file, rule, instead, key=path)
    hidden = _is_secret(path, value, field)
    # What a rule proposes may be made from what was written.
    secret = isinstance(value, str) and (hidden or without_secrets(value) != value)
    if secret and kind == rules.RULE and _repeats(instead, str(value)):
        instead = _example(path, field)
    return problem(file, rule, instead, key=path, value=value, hidden=hidden)


def _is_secret(path: Key, value: object, field: FieldInfo | None) -> bool:
    # A number or a date under a key of ours, such as access_token_minutes, is none.
    if field is not None and isinstance(value, (int, float, date)):
        return False
    return any(_SECRET_KEY.search(part) for part in path if isinstance(part, str))


def _repeats(text: str, value: str) -> bool:
    """Whether a text gives away a part of a value, in whatever case and punctuation."""
    piece = 6
    text, value = (re.sub(r"[^a-z0-9]", "", one.lower()) for one in (text, value))
    return any(value[start : start + piece] in text for start in range(max(1, len(value) - piece + 1)))


def _missing(root: type[BaseModel], path: Key) -> tuple[str, str]:
    field, table = _resolve(root, path)
    about = field.description if field is not None else None
    if table is not None:
        return f"This table is missing. {about}", "Add:\n" + _indented(_table_example(path, field, table))
    return (
        f"This setting is missing. {about}",
        f"Add to {_header(path[:-1])}:\n" + _indented(_line(str(path[-1]), field)),
    )


def _unknown(root: type[BaseModel], path: Key) -> tuple[str, str]:
    key, parent = str(path[-1]), path[:-1]
    _, table = _resolve(root, parent) if parent else (None, root)
    known = [name for name in table.model_fields if parent or name != "name"] if table else []
    rule = "There is no such setting."
    if close := get_close_matches(key.lower(), known, n=1, cutoff=0.7):
        return rule, f'Did you mean "{close[0]}"?'
    if homes := [home for home, name in _all_settings(root, ()) if name == key]:
        return rule, f"It belongs to {_header(homes[0])}."
    if _SECRET_KEY.search(key):
        why = "No secret belongs in this file: the stack has Entra ID make one and hands it to Cognito."
        return f"{rule} {why}", "Remove the line, and replace that secret if it is in use anywhere."
    where = _header(parent) if parent else "the file"
    return rule, f"Remove it; {where} may have {', '.join(known)}."


def _unfit(path: Key, kind: str, value: object, field: FieldInfo | None) -> tuple[str, str]:
    if kind in _TABLE_EXPECTED:
        table = _table(field) if field is not None else None
        return "A table is expected here.", "Write:\n" + _indented(_table_example(path, field, table))
    if kind == "enum" and field is not None:
        return "There is no such value.", rules.did_you_mean(str(value), _values(field.annotation))
    if kind in _OUT_OF_BOUNDS and field is not None:
        least, most = _bound(field, "ge"), _bound(field, "le")
        span = f"at least {least}" if most is None else f"from {least} to {most}"
        return f"The number has to be {span}.", _example(path, field)
    return _OTHER_TYPE_EXPECTED.get(kind, "This does not fit here."), _example(path, field)


def _example(path: Key, field: FieldInfo | None) -> str:
    name = [part for part in path if isinstance(part, str)][-1]
    sample = _sample(field)
    if isinstance(sample, dict) and sample:
        name, sample = next(iter(sample.items()))
    return "Write for instance:\n" + _indented(f"{dotted([name])} = {toml(sample)}")


def _line(name: str, field: FieldInfo | None) -> str:
    return f"{dotted([name])} = {toml(_sample(field))}"


def _sample(field: FieldInfo | None) -> object:
    if field is None:
        return "..."
    return field.examples[0] if field.examples else field.get_default()


def _table_example(path: Key, field: FieldInfo | None, table: type[BaseModel] | None) -> str:
    """The header of a table, and its required settings."""
    if field is not None and _is_keyed(field) and path[-1] in EXAMPLE_KEYS:
        path = (*path, EXAMPLE_KEYS[str(path[-1])])
    if table is not None:
        lines = [_line(name, inner) for name, inner in table.model_fields.items() if inner.is_required()]
    else:
        sample = _sample(field)
        entries = sample.items() if isinstance(sample, dict) else ()
        lines = [f"{dotted([name])} = {toml(value)}" for name, value in entries]
    return "\n".join([_header(path), *lines])


def _header(path: Key) -> str:
    """A table as TOML begins it, and one of a list of tables."""
    words = [part for part in path if isinstance(part, str)]
    return f"[[{dotted(words)}]]" if isinstance(path[-1], int) else f"[{dotted(words)}]"


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{dotted([key])} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _indented(lines: str) -> str:
    return indent(lines, "  ")


def _bound(field: FieldInfo, name: str) -> int | None:
    return next((getattr(rule, name) for rule in field.metadata if hasattr(rule, name)), None)


def _resolve(root: type[BaseModel], path: Key) -> tuple[FieldInfo | None, type[BaseModel] | None]:
    """The setting that a key stands for or is inside of, and the kind of table it is."""
    steps = list(path)
    field: FieldInfo | None = None
    table: type[BaseModel] | None = root
    while steps and table is not None:
        field = table.model_fields.get(str(steps.pop(0)))
        if field is None:
            return None, None
        table = _table(field)
        if steps and (_is_keyed(field) or isinstance(steps[0], int)):
            steps.pop(0)  # the word that the person chose, such as `web`, or the place in a list
    return field, None if steps else table


def _all_settings(table: type[BaseModel], at: Key) -> Iterator[tuple[Key, str]]:
    for name, field in table.model_fields.items():
        yield at, name
        if inner := _table(field):
            word, listed = EXAMPLE_KEYS.get(name), get_origin(field.annotation) is list
            inside: Key = (0,) if listed else () if word is None else (word,)
            yield from _all_settings(inner, (*at, name, *inside))


def _is_keyed(field: FieldInfo) -> bool:
    """Whether there may be several, each by a key that the person chooses."""
    return get_origin(field.annotation) is dict


def _table(field: FieldInfo) -> type[BaseModel] | None:
    return next(
        (part for part in _parts(field.annotation) if isinstance(part, type) and issubclass(part, BaseModel)),
        None,
    )


def _values(annotation: object) -> list[str]:
    kinds = [part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, Enum)]
    return [str(one.value) for kind in kinds for one in kind]


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)
