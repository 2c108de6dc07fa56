"""`python -m operate.hcl <environment> <folder>`: the environment as plain Terraform, for life without CDKTF.

Writes what synthesis makes, with the same addresses and the same state, as HCL that people read. Terraform's
JSON and HCL say the same ("JSON Configuration Syntax" in the Terraform language), but JSON writes blocks and
maps alike, and references as strings.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operate import cli
from operate.errors import OperateError
from operate.project import file_of, output_of, stack_folder, synthesize
from stacks.tools import terraform

# Arguments whose value is a map; any other object is a nested block.
MAPS = frozenset(
    {"attribute_mapping", "for_each", "provider_details", "tags", "triggers_replace", "variables"}
)
# Arguments that JSON writes as strings and HCL as references.
REFERENCES = frozenset({"depends_on", "ignore_changes", "replace_triggered_by", "to", "provider"})
# How many labels a block has; in the order in which a reader wants them.
LABELS = {
    "terraform": 0,
    "provider": 1,
    "import": 0,
    "locals": 0,
    "data": 2,
    "resource": 2,
    "check": 1,
    "output": 1,
}
INNER_LABELS = {"backend": 1, "provisioner": 1, "data": 2}

SHORT = 80  # characters of a list that stays on its line
IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*")
# What counts in a template, by what is open there: nothing, the brace of an interpolation, or a string in it,
# which may hold interpolations again. `$${` and `%%{` are none (Terraform language, "Strings and Templates").
_NO_INTERPOLATION = ("$$", "%%")
_TOKENS = {
    "": re.compile(r"\$\$\{|%%\{|[$%]\{"),
    "{": re.compile(r'[{}"]'),
    '"': re.compile(r'\\.|\$\{|"', re.DOTALL),
}
HEADER = """\
# The environment {environment} as plain Terraform, written by `pipenv run hcl {environment}`. It has the
# state and the addresses of `cdktf deploy {environment}`: after `terraform init`, `terraform plan` finds
# nothing to do.

"""


def document(terraform_json: dict[str, Any]) -> str:
    """The Terraform language for a stack's JSON, not formatted yet.

    Raises:
        OperateError: the JSON has a block that no stack of this project makes.
    """
    unknown = sorted(terraform_json.keys() - LABELS.keys() - {"//"})
    if unknown:
        raise OperateError(
            f"operate/hcl.py does not know the Terraform block {unknown[0]}: add it to LABELS."
        )
    lines: list[str] = []
    for keyword, labels in LABELS.items():
        for names, body in _labelled(terraform_json.get(keyword, {}), labels):
            lines += [*_block(_header(keyword, names), body), ""]
    return "\n".join(lines)


def _labelled(value: Any, labels: int) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Every block below a keyword, with its labels."""
    if isinstance(value, list):
        for one in value:
            yield from _labelled(one, labels)
    elif labels == 0:
        if value:
            yield [], value
    else:
        for name, inner in value.items():
            for names, body in _labelled(inner, labels - 1):
                yield [name, *names], body


def _block(header: str, body: dict[str, Any]) -> list[str]:
    """A block with its arguments first, and then the blocks in it."""
    arguments: list[str] = []
    blocks: list[str] = []
    for name, value in body.items():
        if name == "//":
            continue
        if name in INNER_LABELS:
            for names, inner in _labelled(value, INNER_LABELS[name]):
                blocks += _block(_header(name, names), inner)
        elif name == "required_providers":
            blocks += [f"{name} {{", *(f"{key} = {_value(one)}" for key, one in value.items()), "}"]
        elif name in REFERENCES:
            arguments.append(f"{name} = " + (f"[{', '.join(value)}]" if isinstance(value, list) else value))
        elif _is_block(name, value) and not header.startswith("output "):
            for inner in value if isinstance(value, list) else [value]:
                blocks += _block(name, inner)
        else:
            arguments.append(f"{name} = {_value(value)}")
    return [f"{header} {{", *arguments, *blocks, "}"]


def _header(keyword: str, labels: list[str]) -> str:
    return " ".join([keyword, *(json.dumps(label) for label in labels)])


def _is_block(name: str, value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) and name not in MAPS


def _value(value: Any) -> str:
    """An expression."""
    if isinstance(value, str):
        return _template(value)
    if isinstance(value, list):
        values = [_value(one) for one in value]
        line = ", ".join(values)
        if len(line) <= SHORT and "\n" not in line:
            return f"[{line}]"
        return "[" + "".join(f"\n{one}," for one in values) + "\n]"
    if isinstance(value, dict):
        pairs = [f"\n{_key(name)} = {_value(one)}" for name, one in value.items()]
        return "{" + "".join(pairs) + ("\n}" if pairs else "}")
    return json.dumps(value)


def _key(name: str) -> str:
    return name if IDENTIFIER.fullmatch(name) else json.dumps(name)


def _template(text: str) -> str:
    """A string, in which JSON has interpolations that HCL writes without JSON's escapes."""
    parts = list(_parts(text))
    if len(parts) == 1 and parts[0][0] and not text.startswith("%{"):
        return text[2:-1].strip()
    return '"' + "".join(part if is_code else _quoted(part) for is_code, part in parts) + '"'


def _quoted(literal: str) -> str:
    return json.dumps(literal, ensure_ascii=False)[1:-1]


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Split a template into interpolations (True) and what stands between them."""
    opened, begun, position = "", 0, 0
    while found := _TOKENS[opened[-1:]].search(text, position):
        mark, position = found[0], found.end()
        if mark.endswith("{") and mark[:2] not in _NO_INTERPOLATION:
            if not opened:
                if begun < found.start():
                    yield False, text[begun : found.start()]
                begun = found.start()
            opened += "{"
        elif mark == '"' and opened.endswith("{"):
            opened += '"'
        elif mark in {'"', "}"}:
            opened = opened[:-1]
            if not opened:
                yield True, text[begun:position]
                begun = position
    if begun < len(text):
        yield False, text[begun:]


def write(environment: str, stack: Path, folder: Path) -> Path:
    """Write the synthesized stack of an environment into a folder.

    Raises:
        OperateError: the folder has another main.tf, or Terraform cannot read what was written.
    """
    file = folder / "main.tf"
    header = HEADER.format(environment=environment)
    if file.exists() and not file.read_text("utf-8").startswith(header):
        raise OperateError(f"{file} exists and is not the file of this environment. Name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(header + document(json.loads((stack / "cdk.tf.json").read_text("utf-8"))), "utf-8")
    if (stack / "assets").is_dir():
        shutil.copytree(stack / "assets", folder / "assets", dirs_exist_ok=True)
    if (lock := stack / ".terraform.lock.hcl").is_file():
        shutil.copy(lock, folder)
    output_of([terraform(), "fmt", "main.tf"], folder, "`terraform fmt`")
    return file


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = cli.parser("hcl", "Write an environment as plain Terraform, with the same state and addresses.")
    parser.add_argument("folder", type=Path, help="where to write main.tf")
    chosen = parser.parse_args(arguments)
    project = chosen.project.resolve()
    synthesize(project, {chosen.environment: file_of(chosen.environment, project)})
    file = write(chosen.environment, stack_folder(chosen.environment, project), chosen.folder)
    sys.stdout.write(f"Written: {file}\nNext: terraform init && terraform plan, in that folder\n")
    return cli.ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
