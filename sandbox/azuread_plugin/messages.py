"""The protobuf messages of Terraform's plugin protocol 5, as far as the stand-in uses them.

The field numbers are those of Terraform's docs/plugin-protocol/tfplugin5.proto; message names are never sent,
so nested messages have flat names here. Enumerations are plain integers and maps are lists of entries, which
is the same on the wire.
"""

from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# Messages are built while the program runs, so their fields are not known to a type checker.
Message: TypeAlias = Any

# name -> "type field=number ..."; a type with a star is repeated, one in capitals is another message.
_FIELDS = {
    "DynamicValue": "bytes msgpack=1, bytes json=2",
    "AttributePathStep": "string attribute_name=1, string element_key_string=2, int64 element_key_int=3",
    "AttributePath": "AttributePathStep* steps=1",
    "Diagnostic": "int64 severity=1, string summary=2, string detail=3, AttributePath attribute=4",
    "RawState": "bytes json=1",
    "Attribute": "string name=1, bytes type=2, bool required=4, bool optional=5, bool computed=6,"
    " bool sensitive=7, bool deprecated=9",
    "NestedBlock": "string type_name=1, Block block=2, int64 nesting=3, int64 min_items=4, int64 max_items=5",
    "Block": "int64 version=1, Attribute* attributes=2, NestedBlock* block_types=3, bool deprecated=6",
    "Schema": "int64 version=1, Block block=2",
    "SchemaEntry": "string key=1, Schema value=2",
    "Empty": "",
    "StopRequest": "",
    "StopResponse": "string error=1",
    "GetProviderSchemaRequest": "",
    "GetProviderSchemaResponse": "Schema provider=1, SchemaEntry* resource_schemas=2,"
    " SchemaEntry* data_source_schemas=3, Diagnostic* diagnostics=4",
    "PrepareProviderConfigRequest": "DynamicValue config=1",
    "PrepareProviderConfigResponse": "DynamicValue prepared_config=1, Diagnostic* diagnostics=2",
    "ConfigureRequest": "string terraform_version=1, DynamicValue config=2",
    "ConfigureResponse": "Diagnostic* diagnostics=1",
    "ValidateConfigRequest": "string type_name=1, DynamicValue config=2",
    "ValidateConfigResponse": "Diagnostic* diagnostics=1",
    "UpgradeResourceStateRequest": "string type_name=1, int64 version=2, RawState raw_state=3",
    "UpgradeResourceStateResponse": "DynamicValue upgraded_state=1, Diagnostic* diagnostics=2",
    "ReadResourceRequest": "string type_name=1, DynamicValue current_state=2, bytes private=3",
    "ReadResourceResponse": "DynamicValue new_state=1, Diagnostic* diagnostics=2, bytes private=3",
    "PlanResourceChangeRequest": "string type_name=1, DynamicValue prior_state=2,"
    " DynamicValue proposed_new_state=3, DynamicValue config=4, bytes prior_private=5",
    "PlanResourceChangeResponse": "DynamicValue planned_state=1, AttributePath* requires_replace=2,"
    " bytes planned_private=3, Diagnostic* diagnostics=4, bool legacy_type_system=5",
    "ApplyResourceChangeRequest": "string type_name=1, DynamicValue prior_state=2,"
    " DynamicValue planned_state=3, DynamicValue config=4, bytes planned_private=5",
    "ApplyResourceChangeResponse": "DynamicValue new_state=1, bytes private=2, Diagnostic* diagnostics=3,"
    " bool legacy_type_system=4",
    "ImportResourceStateRequest": "string type_name=1, string id=2",
    "ImportedResource": "string type_name=1, DynamicValue state=2, bytes private=3",
    "ImportResourceStateResponse": "ImportedResource* imported_resources=1, Diagnostic* diagnostics=2",
    "ReadDataSourceRequest": "string type_name=1, DynamicValue config=2",
    "ReadDataSourceResponse": "DynamicValue state=1, Diagnostic* diagnostics=2",
}
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
