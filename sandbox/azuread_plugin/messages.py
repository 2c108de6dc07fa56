"""The protobuf messages of Terraform's plugin protocol 5, as far as the stand-in uses them: `messages.json`.

The field numbers are those of Terraform's docs/plugin-protocol/tfplugin5.proto; message names are never sent,
so nested messages have flat names here. Enumerations are plain integers and maps are lists of entries, which
is the same on the wire.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# Messages are built while the program runs, so their fields are not known to a type checker.
Message: TypeAlias = Any

# name -> "type field=number ..."; a type with a star is repeated, one in capitals is another message.
_FIELDS: dict[str, str] = json.loads(Path(__file__).with_suffix(".json").read_text())
_PACKAGE = "sandbox.tfplugin5"
_SCALARS = {
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
}


def _message_classes() -> dict[str, Message]:
    # Syntax proto2 sends a field that was set even if it is zero: element_key_int=0 must be sent.
    file = descriptor_pb2.FileDescriptorProto(name="tfplugin5.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field in filter(None, fields.split(",")):
            kind, _, assignment = field.strip().partition(" ")
            field_name, _, number = assignment.partition("=")
            descriptor = message.field.add(name=field_name, number=int(number))
            descriptor.label = descriptor.LABEL_REPEATED if kind.endswith("*") else descriptor.LABEL_OPTIONAL
            kind = kind.removesuffix("*")
            if kind in _SCALARS:
                descriptor.type = _SCALARS[kind]
            else:
                descriptor.type = descriptor.TYPE_MESSAGE
                descriptor.type_name = f".{_PACKAGE}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _FIELDS
    }


MESSAGES = _message_classes()
