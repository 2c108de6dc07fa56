"""The settings reference, `docs/settings.md`: every table and every setting, as the models say it.

Run as a module, it writes the file.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from inspect import cleandoc
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stacks.settings import Settings
from stacks.settings.findings import dotted
from stacks.settings.plain_words import EXAMPLE_KEYS, toml
from stacks.settings.vocabulary import BUILT_IN_CLAIMS, OPTIONAL_CLAIMS, STANDARD_ATTRIBUTES

__all__ = ["REFERENCE_FILE", "main", "reference"]

REFERENCE_FILE = Path(__file__).parents[1] / "docs" / "settings.md"

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
            *map(_choice, dict.fromkeys(kind for field in fields for kind in _choices(field))),
            claims.rstrip("\n"),
            "",
        ]
    )


def _in_short(about: str) -> str:
    return _without_markup(about.partition(". ")[0].rstrip("."))


def _tables(model: type[BaseModel], at: str) -> Iterator[_Table]:
    """Every table of a file, each before those in it."""
    for name, field in model.model_fields.items():
        inner, kind = _model(field), get_origin(field.annotation)
        if not _is_table(field):
            continue
        full = f"{at}{name}" + (".*" if kind is dict and inner else "")
        yield _Table(
            name=full,
            header=f"[[{full}]]" if kind is list else f"[{full}]",
            about=_about(field, inner, several=kind in {dict, list}),
            left_out=_left_out(field),
            needed=field.is_required(),
            settings={}
            if inner is None
            else {key: one for key, one in inner.model_fields.items() if not _is_table(one)},
            entries=_entries(field) if inner is None else {},
        )
        if inner is not None:
            yield from _tables(inner, f"{full}.")


def _about(field: FieldInfo, inner: type[BaseModel] | None, *, several: bool) -> str:
    """What a table is; where there may be several, also what all of them are for."""
    what = field.description or ""
    if inner is None:
        return what
    return f"{_docstring(inner)} {what}" if several else _docstring(inner)


def _left_out(field: FieldInfo) -> str:
    """What happens without it, as its description says after "left out"."""
    found = _LEFT_OUT.search(field.description or "")
    return found[1] if found else ""


def _entries(field: FieldInfo) -> Mapping[str, str]:
    default: Mapping[str, str] = {} if field.is_required() else field.get_default()
    return default or (field.examples or [{}])[0]


def _section(table: _Table, tables: Mapping[str, _Table]) -> str:
    lines = [f'<a id="{table.anchor}"></a>', f"## `{table.header}`", "", _prose(table.about, tables), ""]
    without = f"Left out, {_prose(table.left_out, tables)}." if table.left_out else "It may be left out."
    lines += ["It has to be there." if table.needed else without, ""]
    if table.entries:
        entries = [f"{dotted([key])} = {toml(value)}" for key, value in table.entries.items()]
        return "\n".join([*lines, "```toml", table.in_a_file, *entries, "```", ""])
    rows = [_row(name, field, tables) for name, field in table.settings.items()]
    return "\n".join([*lines, "| Setting | Value | Left out | What it is |", "|---|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo, tables: Mapping[str, _Table]) -> str:
    about, left_out = field.description or "", _left_out(field)
    value = _plain(field.get_default())
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
    same = example is None or example == _plain(field.get_default())
    return "" if same else f" Such as `{name} = {toml(example)}`."


def _value(field: FieldInfo) -> str:
    """What may be written, in plain words."""
    kinds = list(_parts(field.annotation))
    several = list in [get_origin(kind) for kind in kinds]
    if choices := _choices(field):
        *words, last = [f"`{word.value}`" for word in choices[0]]
        what = f"{', '.join(words)} or {last}"
        what = f"[one of these](#{_anchor(choices[0])})" if len(words) >= _FEW else what
        return f"a list of {what}" if several else what
    if bool in kinds:
        return "`true` or `false`"
    if date in kinds:
        return "a date"
    if int in kinds:
        least, most = _bound(field, "ge"), _bound(field, "le")
        span = "" if least is None else f", {least} or more" if most is None else f", {least} to {most}"
        return f"a whole number{span}"
    return "a list of texts" if several else "text"


def _choice(kind: type[Enum]) -> str:
    title = _docstring(kind).partition(" (")[0].rstrip(".")
    return f'<a id="{_anchor(kind)}"></a>\n**{title}**: {_words(str(one.value) for one in kind)}\n'


def _anchor(kind: type[Enum]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def _prose(text: str, tables: Mapping[str, _Table]) -> str:
    """A text as Markdown: the names of tables are links, and nothing in it is taken for markup."""

    def link(found: re.Match[str]) -> str:
        table = tables.get(found[1])
        return f"[`[{found[1]}]`](#{table.anchor})" if table else f"`[{found[1]}]`"

    linked = _TABLE_NAME.sub(link, text)
    return "".join(part if part.startswith("`") else _without_markup(part) for part in _CODE.split(linked))


def _without_markup(text: str) -> str:
    return text.replace("<", "&lt;")


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _docstring(kind: type) -> str:
    return " ".join(cleandoc(kind.__doc__ or "").split())


def _plain(value: object) -> object:
    """A default without Python's own types."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def _is_table(field: FieldInfo) -> bool:
    return _model(field) is not None or get_origin(field.annotation) is dict


def _model(field: FieldInfo) -> type[BaseModel] | None:
    models = [
        kind for kind in _parts(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)
    ]
    return models[0] if models else None


def _choices(field: FieldInfo) -> list[type[Enum]]:
    return [kind for kind in _parts(field.annotation) if isinstance(kind, type) and issubclass(kind, Enum)]


def _bound(field: FieldInfo, name: str) -> int | None:
    bounds = (getattr(rule, name, None) for rule in field.metadata)
    return next((bound for bound in bounds if bound is not None), None)


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def main() -> None:
    """Write the reference."""
    REFERENCE_FILE.write_text(reference(), "utf-8")
    sys.stdout.write(f"wrote {REFERENCE_FILE}\n")


if __name__ == "__main__":
    main()
