"""What a configuration may say: the real provider's checks before it plans, driven by the schema's data."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sandbox.azuread_plugin.plan import wholly_known
from sandbox.azuread_plugin.problems import Problem
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import UNKNOWN, Json, Value

Path = tuple[str | int, ...]

_APPLICATION_ID = re.compile(r"/applications/[^/]+")
_CLAIM_VALUE = re.compile(r"[A-Za-z0-9:!#$%&'()*+,./;<=>?@\[\]^_{|}~`-]*")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_REDIRECT_SCHEMES = ("http", "https", "ms-appx-web", "brk-multihub")
_MAX_CLAIM_VALUE, _MAX_LOGOUT_URL, _MAX_REDIRECT_URI = 249, 255, 256
_URN_PARTS = 3


def validate(root: Node, config: Json) -> list[Problem]:
    """Check a configuration as far as it is known."""
    return list(_validate_fields(root, config, config, (), ""))


def _validate_fields(node: Node, value: Json, config: Json, path: Path, key: str) -> Iterator[Problem]:
    for name, child in node.fields.items():
        if name != "timeouts":
            inner_key = f"{key}.{name}".lstrip(".")
            yield from _validate_field(child, value.get(name), config, (*path, name), inner_key)


def _validate_field(node: Node, value: Value, config: Json, path: Path, key: str) -> Iterator[Problem]:
    wrong = _wrong_combination(node, config, key)
    if wrong:
        yield Problem("Invalid combination of arguments", wrong, path)
        return
    if value is None or (node.of_blocks and not value):
        return
    if node.computed and not node.optional:
        yield Problem(
            "Value for unconfigurable attribute",
            f'Can\'t configure a value for "{key}": its value will be decided automatically based on the'
            " result of applying this configuration.",
            path,
        )
        return
    if "unsupported" in node.rules:
        yield Problem(
            "Not in the sandbox's azuread provider",
            f'The stand-in of the azuread provider does not implement "{key}", the real provider does.',
            path,
        )
        return
    if wholly_known(value):
        yield from _validate_known(node, value, config, path, key)


def _validate_known(node: Node, value: Value, config: Json, path: Path, key: str) -> Iterator[Problem]:
    for other in node.rules.get("conflicts_with", ()):
        if config.get(other) and config[other] is not UNKNOWN:
            yield Problem("Conflicting configuration arguments", f'"{key}": conflicts with {other}', path)
            return
    if node.kind in ("list", "set"):
        yield from _validate_items(node, value, config, path, key)
    elif node.kind != "map":
        yield from (Problem(message, path=path) for message in _wrong_value(node, value, key))
    if "deprecated" in node.rules:
        yield Problem("Argument is deprecated", node.rules["deprecated"], path, warning=True)


def _wrong_combination(node: Node, config: Json, key: str) -> str:
    names = sorted(node.rules.get("exactly_one_of", ()))
    given = [name for name in names if config.get(name) is not None and config[name] is not UNKNOWN]
    if names and not given and not any(config.get(name) is UNKNOWN for name in names):
        return f'"{key}": one of `{",".join(names)}` must be specified'
    if len(given) > 1:
        return (
            f'"{key}": only one of `{",".join(names)}` can be specified,'
            f" but `{','.join(given)}` were specified."
        )
    return ""


def _validate_items(node: Node, items: list[Value], config: Json, path: Path, key: str) -> Iterator[Problem]:
    most, least = node.rules.get("max_items"), node.rules.get("min_items")
    if most is not None and len(items) > most:
        detail = f"Attribute {key} supports {most} item maximum, but config has {len(items)} declared."
        yield Problem("Too many list items", detail, path)
        return
    if least is not None and len(items) < least:
        detail = f"Attribute {key} requires {least} item minimum, but config has only {len(items)} declared."
        yield Problem("Not enough list items", detail, path)
        return
    for index, item in enumerate(items):
        # An element of a set has no address in the protocol: the path ends at the set.
        at = (*path, index) if node.kind == "list" else path
        inner_key = f"{key}.{index}"
        if node.items().kind == "object":
            for problem in _validate_fields(node.items(), item, config, at, inner_key):
                ends = problem.path if node.kind == "list" else path
                yield Problem(problem.summary, problem.detail, ends, problem.warning)
        else:
            yield from (Problem(message, path=at) for message in _wrong_value(node, item, inner_key))


def _wrong_value(node: Node, value: Value, key: str) -> Iterator[str]:
    if "not_empty" in node.rules and value == "":
        yield f'expected "{key}" to not be an empty string, got {value}'
    if "uuid" in node.rules and not _is_uuid(value):
        yield f'expected "{key}" to be a valid UUID, got {value}'
    if "max_length" in node.rules and len(value) > node.rules["max_length"]:
        yield f"expected length of {key} to be in the range (0 - {node.rules['max_length']}), got {value}"
    allowed = node.rules.get("one_of")
    if allowed is not None and value not in allowed:
        if node.kind == "number":
            yield f"Value must be one of: {', '.join(map(str, allowed))}"
        else:
            listed = " ".join(f'"{item}"' for item in allowed)
            yield f"expected {key} to be one of [{listed}], got {value}"
    if "checks" in node.rules:
        yield from _CHECKS[node.rules["checks"]](value, key)


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _check_application_id(value: str, key: str) -> Iterable[str]:
    if not _APPLICATION_ID.fullmatch(value):
        yield (
            f'"{key}" must be the ID of an application, "/applications/" and its object ID'
            f" (azuread_application.NAME.id), got {value}"
        )


def _check_claim_value(value: str, _key: str) -> Iterable[str]:
    if len(value) > _MAX_CLAIM_VALUE:
        yield "Value must be between 0-249 characters in length"
    if value.startswith("."):
        yield "Value must not begin with a period"
    if not _CLAIM_VALUE.fullmatch(value):
        yield "Value must be alphanumeric with these allowed characters: !#$%&'()*+,-./:;<=>?@[]^+_`{|}~"


def _check_rfc3339(value: str, key: str) -> Iterable[str]:
    found = _RFC3339.fullmatch(value)
    try:
        good = found is not None and bool(datetime.fromisoformat(found[1] + found[2]))
    except ValueError:
        good = False
    if not good:
        yield f'expected "{key}" to be a valid RFC3339 date, got "{value}"'


def _check_http_url(value: str, key: str) -> Iterable[str]:
    return _uri_trouble(value, key, ("http", "https"))


def _check_logout_url(value: str, key: str) -> Iterable[str]:
    yield from _uri_trouble(value, key, ("http", "https"))
    if len(value) > _MAX_LOGOUT_URL:
        yield f'URL must be 255 characters or less for "{key}"'


def _check_redirect_uri(value: str, key: str) -> Iterable[str]:
    yield from _uri_trouble(value, key, _REDIRECT_SCHEMES, path_needed=True)
    if len(value) > _MAX_REDIRECT_URI:
        yield f'URI must be 256 characters or less for "{key}"'


def _check_redirect_uri_or_urn(value: str, key: str) -> Iterable[str]:
    return () if _is_urn(value) else _check_redirect_uri(value, key)


def _check_redirect_uri_any_scheme(value: str, key: str) -> Iterable[str]:
    if _is_urn(value):
        return
    yield from _uri_trouble(value, key, ())
    if len(value) > _MAX_REDIRECT_URI:
        yield f'URI must be 256 characters or less for "{key}"'


def _is_urn(value: str) -> bool:
    return value.startswith("urn:") and len(value.split(":")) >= _URN_PARTS


def _uri_trouble(
    value: str, key: str, schemes: tuple[str, ...], *, path_needed: bool = False
) -> Iterator[str]:
    if not value:
        yield f'URI must not be empty for "{key}"'
        return
    try:
        parts = urlsplit(value)
    except ValueError:
        yield f'URI is in an invalid format for "{key}"'
        return
    if not parts.netloc:
        yield f'URI has no host for "{key}"'
    elif schemes and path_needed and not parts.path:
        yield f'URI must have a trailing slash when there is no path segment for "{key}"'
    elif schemes and parts.scheme not in schemes:
        yield f'unexpected URI scheme for "{key}", expected one of: {", ".join(schemes)}'


_CHECKS: dict[str, Callable[[str, str], Iterable[str]]] = {
    "application_id": _check_application_id,
    "claim_value": _check_claim_value,
    "http_url": _check_http_url,
    "logout_url": _check_logout_url,
    "redirect_uri": _check_redirect_uri,
    "redirect_uri_any_scheme": _check_redirect_uri_any_scheme,
    "redirect_uri_or_urn": _check_redirect_uri_or_urn,
    "rfc3339": _check_rfc3339,
}
