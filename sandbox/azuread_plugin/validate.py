"""What a configuration may say: the real provider's checks before it plans, driven by `rules.json`."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from sandbox.azuread_plugin.errors import ProviderError
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import Json, Path, Value, wholly_known

_Errors: TypeAlias = Iterator[ProviderError]

_CLAIM_VALUE = re.compile(r"[A-Za-z0-9:!#$%&'()*+,./;<=>?@\[\]^_{|}~`-]*")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_REDIRECT_SCHEMES = ("http", "https", "ms-appx-web", "brk-multihub")
_MAX_CLAIM_VALUE, _MAX_REDIRECT_URI = 249, 256
_URN_PARTS = 3


def validate(type_name: str, root: Node, config: Json) -> list[ProviderError]:
    """Check a configuration as far as it is known."""
    return [*_missing_argument(root, config), *_validate_fields(type_name, root, config, (), "")]


def _missing_argument(root: Node, config: Json) -> _Errors:
    names = root.rules.get("exactly_one_of", [])
    if all(config[name] is None for name in names):
        for name in names:
            detail = f'"{name}": one of `{",".join(names)}` must be specified'
            yield ProviderError("Invalid combination of arguments", detail, (name,))


def _validate_fields(type_name: str, node: Node, value: Json, path: Path, key: str) -> _Errors:
    for name, child in node.fields.items():
        inner = value.get(name)
        if name != "timeouts" and inner is not None and (inner or not child.of_blocks):
            inner_key = f"{key}.{name}".lstrip(".")
            yield from _validate_field(type_name, child, inner, (*path, name), inner_key)


def _validate_field(type_name: str, node: Node, value: Value, path: Path, key: str) -> _Errors:
    if node.computed and not node.optional:
        yield ProviderError(
            "Value for unconfigurable attribute",
            f'Can\'t configure a value for "{key}": its value will be decided automatically based on the'
            " result of applying this configuration.",
            path,
        )
    elif "not_served" in node.rules:
        yield ProviderError(
            f"The sandbox's stand-in does not serve {type_name}.{node.path}",
            "It serves what this project's stack sets. Use the real azuread provider for anything else.",
            path,
        )
    elif not wholly_known(value):
        return
    elif node.kind in ("list", "set"):
        yield from _validate_items(type_name, node, value, path, key)
    elif node.kind != "map":
        yield from (ProviderError(message, path=path) for message in _value_errors(node, value, key))


def _validate_items(type_name: str, node: Node, items: list[Value], path: Path, key: str) -> _Errors:
    most, least = node.rules.get("max_items"), node.rules.get("min_items", 0)
    if most is not None and len(items) > most:
        detail = f"Attribute {key} supports {most} item maximum, but config has {len(items)} declared."
        yield ProviderError("Too many list items", detail, path)
        return
    if len(items) < least:
        detail = f"Attribute {key} requires {least} item minimum, but config has only {len(items)} declared."
        yield ProviderError("Not enough list items", detail, path)
        return
    for index, item in enumerate(items):
        # An element of a set has no address in the protocol: the path ends at the set.
        at = (*path, index) if node.kind == "list" else path
        inner_key = f"{key}.{index}"
        if node.items().kind == "object":
            for error in _validate_fields(type_name, node.items(), item, at, inner_key):
                yield error if node.kind == "list" else ProviderError(error.summary, error.detail, path)
        else:
            yield from (ProviderError(message, path=at) for message in _value_errors(node, item, inner_key))


def _value_errors(node: Node, value: Value, key: str) -> Iterator[str]:
    if "not_empty" in node.rules and value == "":
        yield f'expected "{key}" to not be an empty string, got {value}'
    if "uuid" in node.rules and not _is_uuid(value):
        yield f'expected "{key}" to be a valid UUID, got {value}'
    allowed = node.rules.get("one_of")
    if allowed is not None and value not in allowed:
        if node.kind == "number":
            yield f"Value must be one of: {', '.join(map(str, allowed))}"
        else:
            listed = " ".join(f'"{item}"' for item in allowed)
            yield f"expected {key} to be one of [{listed}], got {value}"
    if "check" in node.rules:
        yield from _CHECKS[node.rules["check"]](value, key)


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _check_claim_value(value: str, _key: str) -> Iterator[str]:
    if len(value) > _MAX_CLAIM_VALUE:
        yield "Value must be between 0-249 characters in length"
    if value.startswith("."):
        yield "Value must not begin with a period"
    if not _CLAIM_VALUE.fullmatch(value):
        yield "Value must be alphanumeric with these allowed characters: !#$%&'()*+,-./:;<=>?@[]^+_`{|}~"


def _check_rfc3339(value: str, key: str) -> Iterator[str]:
    parts = _RFC3339.fullmatch(value)
    try:
        valid = parts is not None and bool(datetime.fromisoformat(parts[1] + parts[2]))
    except ValueError:
        valid = False
    if not valid:
        yield f'expected "{key}" to be a valid RFC3339 date, got "{value}"'


def _check_redirect_uri(value: str, key: str) -> Iterator[str]:
    if value.startswith("urn:") and len(value.split(":")) >= _URN_PARTS:
        return
    try:
        uri = urlsplit(value)
    except ValueError:
        yield f'URI is in an invalid format for "{key}"'
        return
    if not value:
        yield f'URI must not be empty for "{key}"'
    elif not uri.netloc:
        yield f'URI has no host for "{key}"'
    elif not uri.path:
        yield f'URI must have a trailing slash when there is no path segment for "{key}"'
    elif uri.scheme not in _REDIRECT_SCHEMES:
        yield f'unexpected URI scheme for "{key}", expected one of: {", ".join(_REDIRECT_SCHEMES)}'
    if len(value) > _MAX_REDIRECT_URI:
        yield f'URI must be 256 characters or less for "{key}"'


_CHECKS: dict[str, Callable[[str, str], Iterator[str]]] = {
    "claim_value": _check_claim_value,
    "redirect_uri": _check_redirect_uri,
    "rfc3339": _check_rfc3339,
}
