"""Protobuf classes made of the tables in `schema/`, when first used.

They live in a descriptor pool of their own: nothing here meets another package's classes of the same standard. Every
single field is declared with presence, so that absent and zero are told apart; on the wire that changes nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from luchtwacht.codecs.sapient.schema import ENUMS, MESSAGES
from luchtwacht.codecs.sapient.table import Field

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

PACKAGE = "sapient_msg.bsi_flex_335_v2_0"
_FILE = "luchtwacht/sapient.proto"
_TIMESTAMP = "google.protobuf.Timestamp"
_TEXT = ("string", "ulid", "uuid")


@cache
def message_class(name: str = "SapientMessage") -> Any:
    """The protobuf class of a message of the tables."""
    from google.protobuf.message_factory import GetMessageClass

    return GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


@cache
def _pool() -> Any:
    from google.protobuf import timestamp_pb2
    from google.protobuf.descriptor_pool import DescriptorPool

    pool = DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(_file().SerializeToString())
    return pool


def _file() -> FileDescriptorProto:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    file = FileDescriptorProto(
        name=_FILE, package=PACKAGE, syntax="proto3", dependency=["google/protobuf/timestamp.proto"]
    )
    made: dict[str, DescriptorProto] = {}
    for message in MESSAGES:
        outer, _, name = message.name.rpartition(".")
        inside = made[outer].nested_type if outer else file.message_type
        descriptor = made[message.name] = inside.add(name=name)
        for choice in dict.fromkeys(each.one_of for each in message.fields if each.one_of):
            descriptor.oneof_decl.add(name=choice)
        for each in message.fields:
            _add_field(descriptor, each)
    for enum in ENUMS:
        outer, _, name = enum.name.rpartition(".")
        values = (made[outer].enum_type if outer else file.enum_type).add(name=name)
        for number, value in enum.values.items():
            values.value.add(name=enum.prefix + value, number=number)
    return file


def _add_field(descriptor: DescriptorProto, field: Field) -> None:
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Kind

    added = descriptor.field.add(name=field.name, number=field.number)
    added.label = Kind.LABEL_REPEATED if field.repeated else Kind.LABEL_OPTIONAL
    _set_kind(added, field.kind)
    if field.one_of:
        added.oneof_index = [each.name for each in descriptor.oneof_decl].index(field.one_of)
    elif not field.repeated:
        added.proto3_optional = True
        added.oneof_index = len(descriptor.oneof_decl)
        descriptor.oneof_decl.add(name=f"_{field.name}")


def _set_kind(added: FieldDescriptorProto, kind: str) -> None:
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Kind

    if kind in _TEXT:
        added.type = Kind.TYPE_STRING
    elif kind == "Timestamp":
        added.type, added.type_name = Kind.TYPE_MESSAGE, f".{_TIMESTAMP}"
    elif kind in {each.name for each in ENUMS}:
        added.type, added.type_name = Kind.TYPE_ENUM, f".{PACKAGE}.{kind}"
    elif kind in {each.name for each in MESSAGES}:
        added.type, added.type_name = Kind.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        added.type = Kind.Type.Value(f"TYPE_{kind.upper()}")
