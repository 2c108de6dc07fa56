"""Pydantic's errors, translated into those that a person reads."""

import re
from difflib import get_close_matches

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stacks.settings import Settings
from stacks.settings.errors import (
    SECRET_KEY,
    Key,
    Message,
    at,
    did_you_mean,
    error,
    is_secret,
    without_secrets,
)
from stacks.settings.fields import (
    EXAMPLE_KEYS,
    about,
    all_settings,
    choices,
    example,
    header,
    is_keyed,
    is_list,
    table_in,
    toml,
)
from stacks.settings.types import RULE, Table

_TABLE_EXPECTED = {"model_type", "dict_type"}
_OTHER_TYPE_EXPECTED = {
    "string_type": "Text is expected here, in quotes.",
    "int_type": "A whole number is expected here, without quotes.",
    "bool_type": "Either true or false is expected here, without quotes.",
    "list_type": "A list is expected here, in square brackets.",
    "date_type": "A date is expected here, without a time and without quotes.",
}


def translated(wrong: ErrorDetails) -> Message:
    """One of pydantic's errors as a message."""
    path, kind, value, context = wrong["loc"], wrong["type"], wrong["input"], wrong.get("ctx", {})
    # Pydantic marks what is wrong with a key so; but somebody may have written such a key, too.
    if about_key := kind == RULE and path[-2:] == (value, "[key]"):
        path = path[:-1]
    if "index" in context:
        path, value = (*path, context["index"]), value[context["index"]]
    key = Key(path)
    if key == at.name:  # the name of the file itself
        return error(at, context["sentence"], context["remedy"])
    # The value of a missing setting would be its whole table; that of an unknown one may be anything.
    if kind == "missing":
        return error(key, *_missing(key))
    if kind == "extra_forbidden":
        return error(key, *_unknown(key))
    field, _ = _setting_at(key)
    sentence, remedy = (
        (context["sentence"], context["remedy"]) if kind == RULE else _unfit(key, kind, value, field)
    )
    if about_key:
        return error(key, sentence, remedy)
    # What a rule proposes may be made from what was written.
    secret = isinstance(value, str) and (is_secret(key, value) or without_secrets(value) != value)
    if not remedy or (secret and kind == RULE and _repeats(remedy, value)):
        remedy = _example(key, field)
    return error(key, sentence, remedy, value=value)


def _repeats(text: str, value: str) -> bool:
    """Whether a text gives away a part of a value, in whatever case and punctuation."""
    piece = 6
    text, value = (re.sub(r"[^a-z0-9]", "", one.lower()) for one in (text, value))
    return any(value[start : start + piece] in text for start in range(max(1, len(value) - piece + 1)))


def _missing(key: Key) -> tuple[str, str]:
    field, table = _setting_at(key)
    if table is not None:
        return f"This table is missing. {about(field)}", "Add:\n" + _table_example(key, field)
    return (
        f"This setting is missing. {about(field)}",
        f"Add to {header(key.parent)}:\n" + _line(key.parts[-1], example(field)),
    )


def _unknown(key: Key) -> tuple[str, str]:
    name, parent = str(key.parts[-1]), key.parent
    table = _setting_at(parent)[1] if parent.parts else Settings
    known = [one for one in table.model_fields if parent.parts or one != "name"] if table else []
    sentence = "There is no such setting."
    if close := get_close_matches(name.lower(), known, n=1, cutoff=0.7):
        return sentence, f'Did you mean "{close[0]}"?'
    if home := next(
        (one for one, _ in all_settings(Settings) if one.parts[-1] == name and one != at.name), None
    ):
        return sentence, (
            f"It belongs to {header(home.parent)}."
            if home.parent.parts
            else f"It is a table of its own: {header(home)}."
        )
    if SECRET_KEY.search(name):
        why = "No secret belongs in this file: the stack has Entra ID make one and hands it to Cognito."
        return f"{sentence} {why}", "Remove the line, and replace that secret if it is in use anywhere."
    where = header(parent) if parent.parts else "the file"
    return sentence, f"Remove it; {where} may have {', '.join(known)}."


def _unfit(key: Key, kind: str, value: object, field: FieldInfo) -> tuple[str, str]:
    if kind in _TABLE_EXPECTED:
        return "A table is expected here.", "Write:\n" + _table_example(key, field)
    words = choices(field)
    if kind == "enum" and words is not None:
        return "There is no such value.", did_you_mean(str(value), [str(word.value) for word in words])
    return _OTHER_TYPE_EXPECTED.get(kind, "This does not fit here."), ""


def _example(key: Key, field: FieldInfo) -> str:
    name: str | int = [part for part in key.parts if isinstance(part, str)][-1]
    value = example(field)
    if isinstance(value, dict) and value:
        name, value = next(iter(value.items()))
    return "Write for instance:\n" + _line(name, value)


def _table_example(key: Key, field: FieldInfo) -> str:
    """The header of a table, and its required settings."""
    table, entries = table_in(field), example(field)
    if table is not None:
        entries = {name: example(one) for name, one in table.model_fields.items() if one.is_required()}
    lines = [_line(name, value) for name, value in entries.items()] if isinstance(entries, dict) else []
    if is_keyed(field) and key.parts[-1] in EXAMPLE_KEYS:
        key = key[EXAMPLE_KEYS[str(key.parts[-1])]]
    return "\n".join([f"  {header(key)}", *lines])


def _line(name: str | int, value: object) -> str:
    return f"  {at[name]} = {toml(value)}"


def _setting_at(key: Key) -> tuple[FieldInfo, type[Table] | None]:
    """The setting that a key stands for or is inside of, and the kind of table it is."""
    name, *inside = key.parts
    field = Settings.model_fields[str(name)]
    while True:
        if inside and (is_keyed(field) or is_list(field)):
            inside.pop(0)  # the word that the person chose, such as `web`, or the place in a list
        table = table_in(field)
        if not inside or table is None:
            return field, None if inside else table
        field = table.model_fields[str(inside.pop(0))]
