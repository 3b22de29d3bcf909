"""The tables against the classes that the publisher's own schema generates."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from luchtwacht.codecs.sapient.classes import PACKAGE, message_class
from luchtwacht.codecs.sapient.schema import ENUMS, MESSAGES
from luchtwacht.codecs.sapient.table import Enum, Field, Message
from luchtwacht.codecs.sapient.validation import _check_message

FILES = (
    "alert",
    "alert_ack",
    "associated_detection",
    "associated_file",
    "detection_report",
    "error",
    "follow",
    "location",
    "range_bearing",
    "registration",
    "registration_ack",
    "sapient_message",
    "status_report",
    "task",
    "task_ack",
    "velocity",
)
STRICTER = {
    ("FollowObject", "follow_object_id"),
    ("Registration", "dependent_nodes"),
    ("Registration.TaskDefinition", "concurrent_tasks"),
}
"""where the published vectors ask more than the published schema"""


def published() -> dict[str, Any]:
    """Descriptors of the publisher's messages, by name without the package."""
    pytest.importorskip("sapient_msg")
    found: dict[str, Any] = {}

    def gather(descriptor: Any) -> None:
        found[descriptor.full_name.removeprefix(f"{PACKAGE}.")] = descriptor
        for inner in descriptor.nested_types:
            gather(inner)

    for file in FILES:
        module = import_module(f"sapient_msg.bsi_flex_335_v2_0.{file}_pb2")
        for descriptor in module.DESCRIPTOR.message_types_by_name.values():
            gather(descriptor)
    return found


def test_the_tables_have_the_messages_that_were_published_and_no_others() -> None:
    assert {message.name for message in MESSAGES} == set(published())


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_fields_are_the_same_on_the_wire(message: Message) -> None:
    theirs, ours = published()[message.name], message_class(message.name).DESCRIPTOR
    assert [described(field) for field in ours.fields] == [described(field) for field in theirs.fields]


def described(field: Any) -> tuple[Any, ...]:
    named = field.message_type or field.enum_type
    choice = field.containing_oneof.name if field.containing_oneof else ""
    return (
        field.number,
        field.name,
        field.json_name,
        field.type,
        field.is_repeated,
        choice.lstrip("_") if not choice.startswith("_") else "",
        named.full_name if named else "",
    )


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_what_the_published_schema_asks_is_asked(message: Message) -> None:
    options = published()
    from sapient_msg import proto_options_pb2

    for field in message.fields:
        theirs = options[message.name].fields_by_name[field.name]
        asked = theirs.GetOptions().Extensions[proto_options_pb2.field_options]
        if (message.name, field.name) in STRICTER:
            continue
        assert field.mandatory == asked.is_mandatory, field.name
        assert (field.kind == "ulid") == asked.is_ulid, field.name
        assert (field.kind == "uuid") == asked.is_uuid, field.name
    for choice in options[message.name].oneofs:
        if choice.GetOptions().Extensions[proto_options_pb2.oneof_options].is_mandatory:
            assert choice.name in message.choose


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.name)
def test_enumerations_have_the_published_values(enum: Enum) -> None:
    outer, _, name = enum.name.rpartition(".")
    messages = published()
    if outer:
        theirs = messages[outer].enum_types_by_name[name]
    else:
        (theirs,) = (
            file.enum_types_by_name[name]
            for file in {id(each.file): each.file for each in messages.values()}.values()
            if name in file.enum_types_by_name
        )
    assert {value.number: value.name for value in theirs.values} == {
        number: enum.prefix + value for number, value in enum.values.items()
    }


def test_every_table_can_be_made_a_check_and_every_choice_has_alternatives() -> None:
    for message in MESSAGES:
        _check_message(message.name)
        assert set(message.choose) <= {field.one_of for field in message.fields}
        assert len({field.number for field in message.fields}) == len(message.fields)


def test_a_kind_that_no_table_knows_is_a_fault_of_ours() -> None:
    from luchtwacht.codecs.sapient.validation import _check_field

    with pytest.raises(AssertionError, match="nonsense"):
        _check_field(Field(1, "x", "nonsense"))


def test_protobuf_is_not_imported_before_the_first_message() -> None:
    script = "import sys, luchtwacht.codecs.sapient; sys.exit(any(name.startswith('google') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
