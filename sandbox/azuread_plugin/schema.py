"""The provider's schema and its rules, read from data into one tree per resource.

`schema.json` is what `terraform providers schema -json` prints for the real provider, without its
descriptions. `rules.json` holds, by path, what that print leaves out: defaults, what forces a replacement,
what is refused, the property's name in Microsoft Graph, and what this stand-in does not serve.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sandbox.azuread_plugin.wire import Json, Value

_FOLDER = Path(__file__).parent


@dataclass
class Node:
    """One place in a resource's schema: an attribute, a block, or an element of one of them.

    Attributes:
        kind: string, number, bool, list, set, map or object.
        path: the dotted path of names, without indexes.
        rules: what `rules.json` says about this path.
    """

    kind: str
    path: str
    optional: bool = False
    required: bool = False
    computed: bool = False
    block: bool = False
    single: bool = False
    fields: "dict[str, Node]" = field(default_factory=dict)
    element: "Node | None" = None
    rules: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def default(self) -> Value:
        """The value that stands for an unset argument, or None."""
        return self.rules.get("default")

    @property
    def collection(self) -> bool:
        """Whether it is a list, set or map."""
        return self.kind in ("list", "set", "map")

    @property
    def of_blocks(self) -> bool:
        """Whether it is a list or set of nested blocks."""
        return self.block and self.collection

    @property
    def zero(self) -> Value:
        """The zero value that the SDK gives it."""
        zeros: Json = {"string": "", "number": 0, "bool": False, "list": [], "set": []}
        return zeros.get(self.kind, {})

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
def resource_type(name: str) -> Node:
    """The tree of a resource type.

    Raises:
        KeyError: the stand-in has no such resource type.
    """
    return _tree(provider_schema()["resource_schemas"][name], _rules()["resources"][name])


@cache
def data_source_type(name: str) -> Node:
    """The tree of a data source type.

    Raises:
        KeyError: the stand-in has no such data source.
    """
    return _tree(provider_schema()["data_source_schemas"][name], _rules()["data_sources"][name])


def empty(node: Node) -> Value:
    """The value of a place of which nothing is set: null, or no block."""
    if node.kind == "object" and not node.block:
        return {name: empty(child) for name, child in node.fields.items()}
    return [] if node.of_blocks else None


@cache
def _rules() -> Json:
    loaded: Json = json.loads((_FOLDER / "rules.json").read_text())
    return loaded


def _tree(schema: Json, rules: Json) -> Node:
    root = _block_node(schema["block"], "")
    by_path = {"": root} | {node.path: node for node in root.walk()}
    for path, of_path in rules.items():
        by_path[path].rules = of_path
    return root


def _block_node(block: Json, path: str) -> Node:
    root = Node("object", path)
    for name, attribute in block.get("attributes", {}).items():
        node = _type_node(attribute["type"], f"{path}.{name}".lstrip("."))
        node.optional, node.required, node.computed = (
            attribute.get(flag, False) for flag in ("optional", "required", "computed")
        )
        root.fields[name] = node
    for name, nested in block.get("block_types", {}).items():
        inner = f"{path}.{name}".lstrip(".")
        body = _block_node(nested["block"], inner)
        if nested["nesting_mode"] == "single":
            body.block = body.optional = True
            root.fields[name] = body
        else:
            single = nested.get("max_items") == 1
            node = Node(nested["nesting_mode"], inner, optional=True, block=True, single=single, element=body)
            root.fields[name] = node
    return root


def _type_node(kind: Value, path: str) -> Node:
    if isinstance(kind, str):
        return Node(kind, path)
    outer, inner = kind
    if outer == "object":
        fields = {name: _type_node(inner[name], f"{path}.{name}") for name in inner}
        return Node("object", path, fields=fields)
    return Node(outer, path, element=_type_node(inner, path))
