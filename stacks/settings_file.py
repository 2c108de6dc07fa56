"""Settings files: one TOML file in `environments/` is one stack.

Run as a module, it writes the schema that TOML editors check and explain the files with.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from stacks.settings import Settings
from stacks.settings.environments import taken_twice
from stacks.settings.plain_words import problems_of
from stacks.settings.problems import Problem, SettingsError, problem

__all__ = ["SCHEMA_FILE", "Problem", "SettingsError", "json_schema", "load", "load_folder"]

SCHEMA_FILE = Path(__file__).parents[1] / "environments" / "settings.schema.json"

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


def load(path: Path) -> Settings:
    """Read one settings file.

    Raises:
        SettingsError: it cannot be used; names everything that is wrong with it.
    """
    given = _toml(path)
    found: list[Problem] = []
    if "name" in given:
        given = {key: value for key, value in given.items() if key != "name"}
        found.append(
            problem(
                path,
                "The stack has its name from the file.",
                "Remove the line, or rename the file.",
                key=("name",),
            )
        )
    try:
        settings = Settings.model_validate({**given, "name": path.stem})
    except ValidationError as error:
        raise SettingsError([*found, *problems_of(path, Settings, error)]) from None
    if found:
        raise SettingsError(found)
    return settings


def load_folder(folder: Path) -> list[Settings]:
    """Read every settings file of a folder, in the order of their names.

    Raises:
        SettingsError: there are none, or some cannot be used; names everything that is wrong with any.
    """
    paths = sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    if not paths:
        what = (
            "There are no settings files (*.toml) in this folder."
            if folder.is_dir()
            else "There is no such folder."
        )
        raise SettingsError(
            [problem(folder, what, "Copy environments/example.toml to environments/dev.toml, and change it.")]
        )
    loaded: dict[Path, Settings] = {}
    found: list[Problem] = []
    for path in paths:
        try:
            loaded[path] = load(path)
        except SettingsError as error:
            found += error.problems
    found += taken_twice(loaded)
    if found:
        raise SettingsError(found)
    return list(loaded.values())


def _toml(path: Path) -> dict[str, Any]:
    try:
        # Some editors begin a file with a byte order mark, which TOML does not know.
        text = path.read_text("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        found = problem(path, "There is no such file.", "Copy environments/example.toml, and change it.")
    except UnicodeDecodeError:
        found = problem(path, "The file is not UTF-8 text.", "Save it as UTF-8.")
    except OSError as error:
        found = problem(path, f"The file cannot be read: {error.strerror}.", "Check its permissions.")
    except tomllib.TOMLDecodeError as error:
        found = _syntax_problem(path, text, str(error))
    except (RecursionError, ValueError):
        found = problem(path, "There is a value in the file that TOML cannot have.", "Write a simpler one.")
    raise SettingsError([found])


def _syntax_problem(path: Path, text: str, message: str) -> Problem:
    lines = text.splitlines()
    at = re.search(r"\(at line (\d+), column (\d+)\)$", message)
    number = int(at[1]) if at else max(len(lines), 1)
    # Of the line itself only the key is shown: the rest may be a secret without its quotes.
    line = lines[number - 1] if number <= len(lines) else ""
    key = re.match(r"\s*([A-Za-z0-9_-]{1,40})\s*=", line)
    where = f"line {number}" + (f" ({key[1]})" if key else "")
    for begins, rule, like in _SYNTAX:
        if message.startswith(begins):
            return problem(
                path, f"The file is not valid TOML, {where}: {rule}", f"Write it like this: {like}"
            )
    reason = message.partition(" (at ")[0]
    return problem(path, f"The file is not valid TOML, {where}: {reason}.", "See https://toml.io.")


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


def main() -> None:
    """Write the schema."""
    SCHEMA_FILE.write_text(json.dumps(json_schema(), indent=2) + "\n", "utf-8")
    sys.stdout.write(f"wrote {SCHEMA_FILE}\n")


if __name__ == "__main__":
    main()
