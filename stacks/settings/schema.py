"""What is written from the tables: the JSON Schema for editors, and the reference, docs/settings.md.

Run as a module, it writes both.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from stacks.settings import Settings
from stacks.settings.errors import at
from stacks.settings.facts import BUILT_IN_CLAIMS, OPTIONAL_CLAIMS, POLICY_CLAIMS, STANDARD_ATTRIBUTES
from stacks.settings.fields import (
    EXAMPLE_KEYS,
    about,
    bounds,
    choices,
    example,
    is_keyed,
    is_list,
    is_of,
    table_in,
    toml,
)
from stacks.settings.types import Table

PROJECT = Path(__file__).parents[2]
SCHEMA_FILE = PROJECT / "environments" / "settings.schema.json"
# The reference, but for what is made from the tables.
_TEMPLATE = Path(__file__).with_name("reference.template.md")
REFERENCE_FILE = PROJECT / "docs" / "settings.md"


class _DraftSeven(GenerateJsonSchema):
    """TOML editors know JSON Schema as of draft 7: what stands beside a reference is lost there."""

    schema_dialect = "http://json-schema.org/draft-07/schema#"


def json_schema() -> dict[str, Any]:
    """The schema of a settings file, for editors."""
    schema = Settings.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_DraftSeven)
    schema["definitions"] = schema.pop("$defs")
    del schema["properties"]["name"]
    schema["required"].remove("name")
    for table in (schema, *schema["definitions"].values()):
        for setting in table.get("properties", {}).values():
            if "description" in setting:
                setting["description"] = " ".join(setting["description"].split())
    simplified: dict[str, Any] = _simplified(schema)
    return {"$schema": _DraftSeven.schema_dialect, "title": "Settings of one stack", **simplified}


def _simplified(node: Any) -> Any:
    """A schema without what TOML cannot say (null) and pydantic's made-up titles."""
    if isinstance(node, list):
        return [_simplified(item) for item in node]
    if not isinstance(node, dict):
        return node
    if options := node.get("anyOf"):
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        node = {**rest, **next(option for option in options if option != {"type": "null"})}
    if isinstance(node.get("default"), dict):
        node = {
            **node,
            "default": {key: value for key, value in node["default"].items() if value is not None},
        }
    if "default" in node and node["default"] is None:
        del node["default"]
    if "patternProperties" in node:
        node = {**node, "additionalProperties": False}
    if "$ref" in node and len(node) > 1:
        node = {**node, "allOf": [{"$ref": node["$ref"]}]}
        del node["$ref"]
    return {
        key: _simplified(value) for key, value in node.items() if key != "title" or not isinstance(value, str)
    }


_LEFT_OUT = re.compile(r"(?:; left out|\. Left out), (.+?)\.(?= |$)")
_CODE = re.compile(r"(`[^`]*`)")
_TABLE_NAME = re.compile(r"\[([a-z_]+(?:\.[a-z_*]+)*)\]")
# Beyond that, a choice is shown in a place of its own.
_FEW = 5
# As a cell of a table has it.
_PIPE = r"\|"


def reference() -> str:
    """The text of the reference."""
    models = filter(None, map(table_in, _TABLES.values()))
    fields = [field for model in models for field in model.model_fields.values()]
    return _TEMPLATE.read_text("utf-8").format(
        index="\n".join(f"- [`{_header(name)}`](#{_anchor(name)}): {_in_short(name)}" for name in _TABLES),
        sections="\n".join(map(_section, _TABLES)),
        words="\n".join(map(_choice, dict.fromkeys(kind for field in fields if (kind := choices(field))))),
        attributes=_words(STANDARD_ATTRIBUTES),
        built_in=_words(sorted(BUILT_IN_CLAIMS)),
        optional="\n".join(f"- `{claim}`: {form}" for claim, form in OPTIONAL_CLAIMS.items()),
        policy=_words(sorted(POLICY_CLAIMS)),
    )


def _tables(model: type[Table], parent: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every table of a file by its name, such as `clients.*`, each before those in it."""
    for name, field in model.model_fields.items():
        inner = table_in(field)
        if inner is None and not is_keyed(field):
            continue
        full = f"{parent}{name}" + (".*" if is_keyed(field) and inner else "")
        yield full, field
        if inner is not None:
            yield from _tables(inner, f"{full}.")


_TABLES = dict(_tables(Settings))


def _header(name: str) -> str:
    """How a table begins in the file."""
    return f"[[{name}]]" if is_list(_TABLES[name]) else f"[{name}]"


def _anchor(name: str) -> str:
    return name.replace(".*", "").replace(".", "-")


def _about(name: str) -> str:
    """What a table is; where there may be several, also what all of them are for."""
    field = _TABLES[name]
    inner, what = table_in(field), about(field)
    if inner is None:
        return what
    return f"{_docstring(inner)} {what}" if is_keyed(field) or is_list(field) else _docstring(inner)


def _in_short(name: str) -> str:
    return _without_markup(_about(name).partition(". ")[0].rstrip("."))


def _left_out(field: FieldInfo) -> str:
    """What happens without a setting, as its description says after "left out"."""
    described = _LEFT_OUT.search(about(field))
    return described[1] if described else ""


def _section(name: str) -> str:
    field = _TABLES[name]
    inner, left_out = table_in(field), _left_out(field)
    without = f"Left out, {_prose(left_out)}." if left_out else "It may be left out."
    lines = [
        f'<a id="{_anchor(name)}"></a>',
        f"## `{_header(name)}`",
        "",
        _prose(_about(name)),
        "",
        "It has to be there." if field.is_required() else without,
        "",
    ]
    if inner is None:
        header = name
        for table, word in EXAMPLE_KEYS.items():
            header = header.replace(f"{table}.*", f"{table}.{word}")
        entries: dict[str, str] = {} if field.is_required() else field.get_default()
        entries = entries or (field.examples or [{}])[0]
        toml_lines = [f"{at[key]} = {toml(value)}" for key, value in entries.items()]
        lines += ["```toml", f"[{header}]", *toml_lines, "```", ""]
    else:
        rows = [_row(key, one) for key, one in inner.model_fields.items() if one not in _TABLES.values()]
        lines += ["| Setting | Value | Left out | What it is |", "|---|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _row(name: str, field: FieldInfo) -> str:
    what, left_out = about(field), _left_out(field)
    value = field.get_default()
    if field.is_required():
        default = "**has to be there**"
    elif left_out:
        what, default = _LEFT_OUT.sub(".", what), _prose(left_out)
    else:
        default = f"`{toml(value)}`" if value not in ([], {}) else "none"
    cells = [f"`{name}`", _value(field), default, _prose(what) + _such_as(name, field)]
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"


def _such_as(name: str, field: FieldInfo) -> str:
    shown = example(field)
    return "" if shown == field.get_default() else f" Such as `{name} = {toml(shown)}`."


def _value(field: FieldInfo) -> str:
    """What may be written."""
    several = is_list(field)
    if (kind := choices(field)) is not None:
        *words, last = [f"`{word.value}`" for word in kind]
        what = f"{', '.join(words)} or {last}"
        what = f"[one of these](#{_anchor_of_words(kind)})" if len(words) >= _FEW else what
        return f"a list of {what}" if several else what
    if is_of(field, bool):
        return "`true` or `false`"
    if is_of(field, date):
        return "a date"
    if is_of(field, int):
        span = bounds(field)
        if span is None:
            return "a whole number"
        return f"a whole number, {span.least} " + ("or more" if span.most is None else f"to {span.most}")
    return "a list of texts" if several else "text"


def _choice(kind: type[Enum]) -> str:
    title = _docstring(kind).partition(" (")[0].rstrip(".")
    return f'<a id="{_anchor_of_words(kind)}"></a>\n**{title}**: {_words(str(one.value) for one in kind)}\n'


def _anchor_of_words(kind: type[Enum]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def _prose(text: str) -> str:
    """A text as Markdown: the names of tables are links, and nothing in it is taken for markup."""

    def link(name: re.Match[str]) -> str:
        return f"[`[{name[1]}]`](#{_anchor(name[1])})" if name[1] in _TABLES else f"`[{name[1]}]`"

    linked = _TABLE_NAME.sub(link, text)
    return "".join(part if part.startswith("`") else _without_markup(part) for part in _CODE.split(linked))


def _without_markup(text: str) -> str:
    return text.replace("<", "&lt;")


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _docstring(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def main() -> None:
    """Write the JSON Schema and the reference."""
    SCHEMA_FILE.write_text(json.dumps(json_schema(), indent=2) + "\n", "utf-8")
    REFERENCE_FILE.write_text(reference(), "utf-8")
    sys.stdout.write(f"wrote {SCHEMA_FILE}\nwrote {REFERENCE_FILE}\n")


if __name__ == "__main__":
    main()
