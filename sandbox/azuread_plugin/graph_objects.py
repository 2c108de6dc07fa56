"""Objects between Microsoft Graph's form and the provider's, by the names in `rules.json`.

An attribute is called as in Graph, in camel case, unless its rule `graph` gives a property; null means that
Graph has none. Graph leaves out what is null, the provider shows zero values.
"""

from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import Json, Value

_TAGS = {
    "custom_single_sign_on": "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
    "enterprise": "WindowsAzureActiveDirectoryIntegratedApp",
    "gallery": "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
    "hide": "HideApp",
}


def from_graph(root: Node, document: Json) -> Json:
    """The attributes of an object; those that Graph has no property for are missing."""
    return {
        name: _read(child, _at(document, prop))
        for name, child in root.fields.items()
        if (prop := _property(child))
    }


def to_graph(root: Node, values: Json, *, in_set: bool = False) -> Json:
    """The properties to send for what can be configured; an empty text is null, except in a set of blocks."""
    document: Json = {}
    for name, child in root.fields.items():
        prop = _property(child)
        if prop and (child.optional or child.required):
            outer, _, inner = prop.rpartition(".")
            holder = document.setdefault(outer, {}) if outer else document
            holder[inner] = _write(child, values.get(name), in_set=in_set)
    return document


def ids_by_value(roles_or_scopes: list[Json]) -> dict[str, str]:
    """The IDs of app roles or permissions by their value."""
    return {item["value"]: item["id"] for item in roles_or_scopes if item["value"]}


def feature_tags(tags: list[str]) -> list[Json]:
    """The `feature_tags` block that tags amount to."""
    present = {tag.lower() for tag in tags}
    return [{feature: tag.lower() in present for feature, tag in _TAGS.items()}]


def tags_of(features: list[Json] | None) -> list[str]:
    """The tags that a `feature_tags` block stands for."""
    return [tag for feature, tag in _TAGS.items() if features and features[0][feature]]


def _property(node: Node) -> str | None:
    if node.path in ("id", "timeouts"):
        return None
    words = node.name.replace("onpremises", "on_premises").split("_")
    camel_case = words[0] + "".join(word.capitalize() for word in words[1:])
    named: str | None = node.rules.get("graph", camel_case)
    return named


def _at(document: Json, path: str) -> Value:
    value: Value = document
    for part in path.split("."):
        value = value.get(part) if value else None
    return value


def _read(node: Node, value: Value) -> Value:
    if node.kind == "object":
        return from_graph(node, value)
    if node.kind in ("list", "set"):
        items = [value] if isinstance(value, dict) else value or []
        return [_read(node.items(), item) for item in items]
    if value is None:
        return node.default if node.kind == "number" else node.zero
    return value


def _write(node: Node, value: Value, *, in_set: bool) -> Value:
    if node.single:
        return to_graph(node.items(), value[0] if value else {})
    if node.of_blocks:
        return [to_graph(node.items(), item, in_set=node.kind == "set") for item in value or []]
    if node.kind == "string":
        return value if in_set else value or None
    if value is None:
        return node.zero if node.default is None else node.default
    return value
