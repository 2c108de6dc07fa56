"""What is written from the tables: the JSON Schema for editors, and the reference, docs/settings.md.

Run as a module, it writes both.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from inspect import cleandoc
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from stacks.settings import Settings
from stacks.settings.errors import at
from stacks.settings.facts import BUILT_IN_CLAIMS, OPTIONAL_CLAIMS, STANDARD_ATTRIBUTES
from stacks.settings.fields import (
    EXAMPLE_KEYS,
    bounds,
    choices,
    is_keyed,
    is_list,
    is_of,
    plain,
    table_in,
    toml,
)
from stacks.settings.types import Table

PROJECT = Path(__file__).parents[2]
SCHEMA_FILE = PROJECT / "environments" / "settings.schema.json"
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
    simplified: dict[str, Any] = _simplified(schema)
    return {"$schema": _DraftSeven.schema_dialect, "title": "Settings of one stack", **simplified}


def _simplified(node: Any) -> Any:  # noqa: ANN401 - JSON
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


_BEGINNING = """\
<!-- Made by `make documents` from the tables in stacks/settings: change the descriptions there. -->

# Settings

One TOML file in `environments/` is one stack, named after the file. Four settings have to be there: the
region, the tenant, a sign-in domain, and where an app takes people back. Begin with a copy of
[environments/example.toml](../environments/example.toml); for each shape of the job there is a file in
[environments/examples](../environments/examples).

Whatever is wrong is said at once, before anything is made: where, why, and what to write instead. Editors
that know JSON Schema check the file while it is written, if its first line is
`#:schema ./settings.schema.json`.

A `*` in a heading stands for a word of yours, such as `web` in `[clients.web]`. It becomes part of
Terraform addresses: another word makes another thing.
"""

_CLAIMS = """\
<a id="attributes-and-claims"></a>
## Attributes and claims

Cognito's standard attributes: {attributes}. Any other is a custom one: `custom:` and a name of 1 to 20
letters, digits, underscores, dots and hyphens.

Claims that are there without being asked for, where they have a value: {built_in}.

Claims that Entra ID adds where `optional_claims` asks for them: {optional}.
"""

_LEFT_OUT = re.compile(r"(?:; left out|\. Left out), (.+?)\.(?= |$)")
_CODE = re.compile(r"(`[^`]*`)")
_TABLE_NAME = re.compile(r"\[([a-z_]+(?:\.[a-z_*]+)*)\]")
# Beyond that, a choice is shown in a place of its own.
_FEW = 5
# As a cell of a table has it.
_PIPE = r"\|"


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One table of a settings file.

    Attributes:
        name: its name, such as `clients.*`.
        header: how it begins in the file.
        about: what it is.
        needed: whether it has to be there.
        left_out: what happens without it, if there is anything to say.
        settings: what can be set in it, without the tables inside of it.
        entries: an example of a table whose every key is a word of somebody's own; empty for others.
    """

    name: str
    header: str
    about: str
    needed: bool
    left_out: str
    settings: Mapping[str, FieldInfo]
    entries: Mapping[str, str]

    @property
    def anchor(self) -> str:
        return self.name.replace(".*", "").replace(".", "-")

    @property
    def in_a_file(self) -> str:
        """Its header with words that somebody might have chosen."""
        header = self.header
        for name, word in EXAMPLE_KEYS.items():
            header = header.replace(f"{name}.*", f"{name}.{word}")
        return header


def reference() -> str:
    """The text of the reference."""
    tables = {table.name: table for table in _tables(Settings, "")}
    fields = [field for table in tables.values() for field in table.settings.values()]
    contents = [f"- [`{one.header}`](#{one.anchor}): {_in_short(one.about)}" for one in tables.values()]
    claims = _CLAIMS.format(
        attributes=_words(STANDARD_ATTRIBUTES),
        built_in=_words(sorted(BUILT_IN_CLAIMS)),
        optional=_words(OPTIONAL_CLAIMS),
    )
    return "\n".join(
        [
            _BEGINNING,
            *contents,
            "- [Words to choose from](#words)",
            "- [Attributes and claims](#attributes-and-claims)",
            "",
            *(_section(table, tables) for table in tables.values()),
            '<a id="words"></a>\n## Words to choose from\n',
            *map(_choice, dict.fromkeys(kind for field in fields if (kind := choices(field)))),
            claims.rstrip("\n"),
            "",
        ]
    )


def _in_short(about: str) -> str:
    return _without_markup(about.partition(". ")[0].rstrip("."))


def _tables(model: type[Table], parent: str) -> Iterator[_Table]:
    """Every table of a file, each before those in it."""
    for name, field in model.model_fields.items():
        if not _is_table(field):
            continue
        inner = table_in(field)
        full = f"{parent}{name}" + (".*" if is_keyed(field) and inner else "")
        yield _Table(
            name=full,
            header=f"[[{full}]]" if is_list(field) else f"[{full}]",
            about=_about(field),
            left_out=_left_out(field),
            needed=field.is_required(),
            settings={}
            if inner is None
            else {key: one for key, one in inner.model_fields.items() if not _is_table(one)},
            entries=_entries(field) if inner is None else {},
        )
        if inner is not None:
            yield from _tables(inner, f"{full}.")


def _about(field: FieldInfo) -> str:
    """What a table is; where there may be several, also what all of them are for."""
    inner, what = table_in(field), field.description or ""
    if inner is None:
        return what
    return f"{_docstring(inner)} {what}" if is_keyed(field) or is_list(field) else _docstring(inner)


def _is_table(field: FieldInfo) -> bool:
    return table_in(field) is not None or is_keyed(field)


def _left_out(field: FieldInfo) -> str:
    """What happens without it, as its description says after "left out"."""
    described = _LEFT_OUT.search(field.description or "")
    return described[1] if described else ""


def _entries(field: FieldInfo) -> Mapping[str, str]:
    default: Mapping[str, str] = {} if field.is_required() else field.get_default()
    return default or (field.examples or [{}])[0]


def _section(table: _Table, tables: Mapping[str, _Table]) -> str:
    lines = [f'<a id="{table.anchor}"></a>', f"## `{table.header}`", "", _prose(table.about, tables), ""]
    without = f"Left out, {_prose(table.left_out, tables)}." if table.left_out else "It may be left out."
    lines += ["It has to be there." if table.needed else without, ""]
    if table.entries:
        entries = [f"{at[key]} = {toml(value)}" for key, value in table.entries.items()]
        return "\n".join([*lines, "```toml", table.in_a_file, *entries, "```", ""])
    rows = [_row(name, field, tables) for name, field in table.settings.items()]
    return "\n".join([*lines, "| Setting | Value | Left out | What it is |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo, tables: Mapping[str, _Table]) -> str:
    about, left_out = field.description or "", _left_out(field)
    value = plain(field.get_default())
    if field.is_required():
        default = "**has to be there**"
    elif left_out:
        about, default = _LEFT_OUT.sub(".", about), _prose(left_out, tables)
    else:
        default = f"`{toml(value)}`" if value not in ([], {}) else "none"
    cells = [f"`{name}`", _value(field), default, _prose(about, tables) + _example(name, field)]
    return f"| {' | '.join(cell.replace('|', _PIPE) for cell in cells)} |"


def _example(name: str, field: FieldInfo) -> str:
    example = field.examples[0] if field.examples else None
    same = example is None or example == plain(field.get_default())
    return "" if same else f" Such as `{name} = {toml(example)}`."


def _value(field: FieldInfo) -> str:
    """What may be written."""
    several = is_list(field)
    if (kind := choices(field)) is not None:
        *words, last = [f"`{word.value}`" for word in kind]
        what = f"{', '.join(words)} or {last}"
        what = f"[one of these](#{_anchor(kind)})" if len(words) >= _FEW else what
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
    return f'<a id="{_anchor(kind)}"></a>\n**{title}**: {_words(str(one.value) for one in kind)}\n'


def _anchor(kind: type[Enum]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def _prose(text: str, tables: Mapping[str, _Table]) -> str:
    """A text as Markdown: the names of tables are links, and nothing in it is taken for markup."""

    def link(name: re.Match[str]) -> str:
        table = tables.get(name[1])
        return f"[`[{name[1]}]`](#{table.anchor})" if table else f"`[{name[1]}]`"

    linked = _TABLE_NAME.sub(link, text)
    return "".join(part if part.startswith("`") else _without_markup(part) for part in _CODE.split(linked))


def _without_markup(text: str) -> str:
    return text.replace("<", "&lt;")


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _docstring(kind: type) -> str:
    return " ".join(cleandoc(kind.__doc__ or "").split())


def main() -> None:
    """Write the JSON Schema and the reference."""
    SCHEMA_FILE.write_text(json.dumps(json_schema(), indent=2) + "\n", "utf-8")
    REFERENCE_FILE.write_text(reference(), "utf-8")
    sys.stdout.write(f"wrote {SCHEMA_FILE}\nwrote {REFERENCE_FILE}\n")


if __name__ == "__main__":
    main()
