"""Terraform values and schemas on the wire: msgpack to Python and back, schema JSON to messages.

Source of the rules: Terraform's docs/plugin-protocol/object-wire-format.md. Sets and lists are Python lists,
objects and maps are dictionaries, null is None, and a value not known yet is `UNKNOWN`.
"""

import json
from enum import Enum
from typing import Any, Final, TypeAlias

import msgpack  # type: ignore[import-untyped]

from sandbox.azuread_plugin.messages import MESSAGES, Message

# A Terraform value of any type; its shape is known from the schema at run time only.
Value: TypeAlias = Any
Json: TypeAlias = dict[str, Any]


class Unknown(Enum):
    """The one value that stands for "known after apply"."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

UNKNOWN_EXTENSION = 0
REFINED_UNKNOWN_EXTENSION = 12

_NESTING_MODES = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}


def _from_extension(code: int, _data: bytes) -> Unknown:
    # The refinements of an unknown value (its prefix, say) are only hints: they may be dropped.
    if code in (UNKNOWN_EXTENSION, REFINED_UNKNOWN_EXTENSION):
        return UNKNOWN
    raise ValueError(f"Terraform sent the msgpack extension {code}, which the protocol does not know.")


def _to_extension(value: object) -> msgpack.ExtType:
    if value is UNKNOWN:
        return msgpack.ExtType(UNKNOWN_EXTENSION, b"\x00")
    raise TypeError(f"{type(value).__name__} is not a Terraform value.")


def decode(data: bytes) -> Value:
    """Read a value as Terraform sends it.

    Args:
        data: the msgpack bytes.

    Raises:
        ValueError: the bytes hold an extension that the protocol does not define.
    """
    return msgpack.unpackb(data, ext_hook=_from_extension, strict_map_key=False)


def encode(value: Value) -> bytes:
    """Write a value as Terraform reads it.

    Args:
        value: None, UNKNOWN, a string, number, bool, list or dictionary, nested at will.

    Returns:
        the msgpack bytes.
    """
    packed: bytes = msgpack.packb(value, default=_to_extension)
    return packed


def dynamic(value: Value) -> Message:
    """Wrap a value for a response."""
    return MESSAGES["DynamicValue"](msgpack=encode(value))


def attribute_path(path: tuple[str | int, ...]) -> Message:
    """Turn a path of attribute names and list indexes into its message."""
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


def _block_message(block: Json) -> Message:
    flags = ("required", "optional", "computed", "sensitive", "deprecated")
    return MESSAGES["Block"](
        attributes=[
            MESSAGES["Attribute"](
                name=name,
                type=json.dumps(attribute["type"]).encode(),
                **{flag: True for flag in flags if attribute.get(flag)},
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
