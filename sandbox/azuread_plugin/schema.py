"""The provider's schema and its planning rules, read from data into one tree per resource.

`schema.json` is what `terraform providers schema -json` prints for the real provider, without its
descriptions; `plan_rules.json` holds what that print leaves out: defaults, what forces a replacement, and
what is refused.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sandbox.azuread_plugin.wire import UNKNOWN, Json, Value

_FOLDER = Path(__file__).parent


@dataclass
class Node:
    """One place in a resource's schema: an attribute, a block, or an element of one of them.

    Attributes:
        kind: string, number, bool, list, set, map or object.
        path: the dotted path of names, without indexes.
        fields: the fields of an object.
        element: what a list, set or map holds.
        block: whether it is a nested block, which is never null in a list or set.
        rules: what `plan_rules.json` says about this path, by rule.
    """

    kind: str
    path: str
    optional: bool = False
    required: bool = False
    computed: bool = False
    block: bool = False
    fields: "dict[str, Node]" = field(default_factory=dict)
    element: "Node | None" = None
    rules: dict[str, Value] = field(default_factory=dict)

    @property
    def default(self) -> Value:
        """The value that stands for an unset argument, or None."""
        return self.rules.get("defaults")

    @property
    def of_blocks(self) -> bool:
        """Whether it is a list or set of nested blocks."""
        return self.block and self.kind in ("list", "set")

    def items(self) -> "Node":
        """What a list, set or map holds."""
        if self.element is None:
            raise TypeError(f"{self.path} has no elements.")
        return self.element

    def walk(self) -> Iterator["Node"]:
        """Every attribute and block below this object."""
        for child in self.fields.values():
            yield child
            yield from child.walk()
            if child.element is not None:
                yield from child.element.walk()


@cache
def provider_schema() -> Json:
    """The recorded schema of the provider, its resources and its data sources."""
    loaded: Json = json.loads((_FOLDER / "schema.json").read_text())
    return loaded


@cache
def _rules() -> Json:
    loaded: Json = json.loads((_FOLDER / "plan_rules.json").read_text())
    return loaded


@cache
def resource_type(name: str) -> Node:
    """The tree of a resource type.

    Raises:
        KeyError: the stand-in has no such resource type.
    """
    return _tree(provider_schema()["resource_schemas"][name]["block"], _rules()["resources"][name])


@cache
def data_source_type(name: str) -> Node:
    """The tree of a data source type.

    Raises:
        KeyError: the stand-in has no such data source.
    """
    return _tree(
        provider_schema()["data_source_schemas"][name]["block"], _rules()["data_sources"].get(name, {})
    )


def _tree(block: Json, rules: Json) -> Node:
    root = _block_node(block, "")
    by_path = {node.path: node for node in root.walk()}
    for rule, value in rules.items():
        if rule == "exactly_one_of":
            for path in value:
                by_path[path].rules[rule] = value
        elif isinstance(value, dict):
            for path, detail in value.items():
                by_path[path].rules[rule] = detail
        else:
            for path in value:
                by_path[path].rules[rule] = True
    return root


def _block_node(block: Json, path: str) -> Node:
    fields = {}
    for name, attribute in block.get("attributes", {}).items():
        node = _type_node(attribute["type"], f"{path}.{name}".lstrip("."))
        node.optional, node.required, node.computed = (
            attribute.get(flag, False) for flag in ("optional", "required", "computed")
        )
        fields[name] = node
    for name, nested in block.get("block_types", {}).items():
        inner = f"{path}.{name}".lstrip(".")
        body = _block_node(nested["block"], inner)
        if nested["nesting_mode"] == "single":
            body.block = body.optional = True
            fields[name] = body
        else:
            fields[name] = Node(nested["nesting_mode"], inner, optional=True, block=True, element=body)
    return Node("object", path, fields=fields)


def _type_node(kind: Value, path: str) -> Node:
    if isinstance(kind, str):
        return Node(kind, path)
    outer, inner = kind
    if outer == "object":
        fields = {name: _type_node(inner[name], f"{path}.{name}") for name in inner}
        return Node("object", path, fields=fields)
    return Node(outer, path, element=_type_node(inner, path))


def empty(node: Node) -> Value:
    """The value of a place of which nothing is set.

    Returns:
        None; for an object its fields, each empty; for a list or set of blocks no block.
    """
    if node.kind == "object" and not node.block:
        return {name: empty(child) for name, child in node.fields.items()}
    return [] if node.of_blocks else None


def filled(node: Node, value: Value) -> Value:
    """Give everything nested in a value its zero value where it is unset, as the SDK writes its state."""
    if value is None or value is UNKNOWN:
        return value
    if node.kind in ("list", "set"):
        return [_zero_filled(node.items(), item) for item in value]
    return value


def _zero_filled(node: Node, value: Value) -> Value:
    if value is UNKNOWN:
        return value
    if node.kind == "object":
        given = value or {}
        return {name: _zero_filled(child, given.get(name)) for name, child in node.fields.items()}
    if value is None:
        return zero(node)
    return filled(node, value)


def zero(node: Node) -> Value:
    """The zero value of the SDK for a place."""
    zeros: dict[str, Value] = {"string": "", "number": 0, "bool": False, "list": [], "set": []}
    return zeros.get(node.kind, {})
