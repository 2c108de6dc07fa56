"""Terraform values and schemas on the wire: msgpack to Python and back, schema JSON to messages.

Source of the rules: Terraform's docs/plugin-protocol/object-wire-format.md. Sets and lists are Python lists,
objects and maps are dictionaries, null is None, and a value that is known after apply is `UNKNOWN`.
"""

import json
from enum import Enum
from typing import Any, Final, TypeAlias

import msgpack  # type: ignore[import-untyped]

from sandbox.azuread_plugin.messages import MESSAGES, Message

# A Terraform value of any type; its shape is known from the schema at run time only.
Value: TypeAlias = Any
Json: TypeAlias = dict[str, Any]
# Names of attributes and indexes of lists.
Path: TypeAlias = tuple[str | int, ...]


class Unknown(Enum):
    """The one value that stands for "known after apply"."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

_UNKNOWN_EXTENSION, _REFINED_UNKNOWN_EXTENSION = 0, 12
_NESTING_MODES = {"single": 1, "list": 2, "set": 3}
_FLAGS = ("required", "optional", "computed", "sensitive", "deprecated")


def decode(data: bytes) -> Value:
    """Read a value as Terraform sends it.

    Raises:
        ValueError: the bytes hold an extension that the protocol does not define.
    """
    return msgpack.unpackb(data, ext_hook=_from_extension, strict_map_key=False)


def encode(value: Value) -> bytes:
    """Write a value as Terraform reads it, in msgpack."""
    packed: bytes = msgpack.packb(value, default=_to_extension)
    return packed


def dynamic(value: Value) -> Message:
    """Wrap a value for a response."""
    return MESSAGES["DynamicValue"](msgpack=encode(value))


def attribute_path(path: Path) -> Message:
    """The message of a path."""
    step = MESSAGES["AttributePathStep"]
    return MESSAGES["AttributePath"](
        steps=[
            step(attribute_name=part) if isinstance(part, str) else step(element_key_int=part)
            for part in path
        ]
    )


def schema_message(schema: Json) -> Message:
    """Turn a schema, as `terraform providers schema -json` prints it, into its message."""
    return MESSAGES["Schema"](version=schema["version"], block=_block_message(schema["block"]))


def wholly_known(value: Value) -> bool:
    """Whether nothing in a value is known only after apply."""
    if isinstance(value, dict):
        return all(map(wholly_known, value.values()))
    if isinstance(value, list):
        return all(map(wholly_known, value))
    return value is not UNKNOWN


def without_unknowns(value: Value) -> Value:
    """A value in which what is known after apply is unset, as the SDK shows it to a resource."""
    if isinstance(value, dict):
        return {key: without_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_unknowns(item) for item in value]
    return None if value is UNKNOWN else value


def _from_extension(code: int, _data: bytes) -> Unknown:
    # The refinements of an unknown value (its prefix, say) are only hints: they may be dropped.
    if code in (_UNKNOWN_EXTENSION, _REFINED_UNKNOWN_EXTENSION):
        return UNKNOWN
    raise ValueError(f"Terraform sent the msgpack extension {code}, which the protocol does not know.")


def _to_extension(value: object) -> msgpack.ExtType:
    if value is UNKNOWN:
        return msgpack.ExtType(_UNKNOWN_EXTENSION, b"\x00")
    raise TypeError(f"{type(value).__name__} is not a Terraform value.")


def _block_message(block: Json) -> Message:
    return MESSAGES["Block"](
        attributes=[
            MESSAGES["Attribute"](
                name=name,
                type=json.dumps(attribute["type"]).encode(),
                **{flag: True for flag in _FLAGS if attribute.get(flag)},
            )
            for name, attribute in block.get("attributes", {}).items()
        ],
        block_types=[
            MESSAGES["NestedBlock"](
                type_name=name,
                block=_block_message(nested["block"]),
                nesting=_NESTING_MODES[nested["nesting_mode"]],
                min_items=nested.get("min_items", 0),
                max_items=nested.get("max_items", 0),
            )
            for name, nested in block.get("block_types", {}).items()
        ],
        deprecated=block.get("deprecated", False),
    )
