"""The messages that Dstl publishes with its test harness for BSI Flex 335 v2.0: valid, invalid, and defaults."""

from __future__ import annotations

from functools import cache

import pytest
from tests.codecs.sapient.vectors import published, text_of

from luchtwacht.codecs.sapient import Edition, MessageKind, decode_message, encode_message, read_json, write_json
from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.json_text import _camel
from luchtwacht.codecs.sapient.message import to_envelope
from luchtwacht.codecs.sapient.schema import MESSAGES
from luchtwacht.errors import BadMessage, Refused

pytestmark = pytest.mark.recording

FAULTS = {
    "0001": "timestamp",
    "0002": "timestamp",
    "0003": "node_id",
    "0006": "destination_id",
    "0007": "content",
    "0015": "alert.location.y",
    "0028": "registration.icd_version",
    "0053": "geometric_error.performance_value[0].type",
    "0069": "Extension_subclass[0].Subclass_name",
    "0096": "registration.dependent_nodes[2]",
    "0104": "status_report.coverage[0].location_list.locations[0].x",
    "0113": "detection_report.report_id",
    "0123": "level",
    "0128": "detection_report.signal[0].amplitude",
    "0133": "detection_report.enu_velocity.north_rate",
    "0151": "sub_class_filter[0].parameter.value",
    "0170": "error.error_message",
    "0178": "task.command.follow.follow_object_id",
    "0194": "alert.associated_detection[0].node_id",
}
"""number of a vector: the field at fault"""


def test_every_valid_message_is_accepted_and_comes_back_from_bytes_and_json() -> None:
    paths = published("dstl_bsi_flex_335_v2_validator_True")
    assert len(paths) == 38
    kinds = set()
    for path in paths:
        message = read_json(text_of(path))
        kinds.add(message.kind)
        octets = to_envelope(message).SerializeToString(deterministic=True)
        assert decode_message(octets) == message, path.name
        assert read_json(write_json(message)) == message, path.name
    assert kinds == set(MessageKind)


def test_what_is_valid_is_written_but_for_tasks_that_move_a_vehicle() -> None:
    refused = []
    for path in published("dstl_bsi_flex_335_v2_validator_True"):
        message = read_json(text_of(path))
        try:
            assert decode_message(encode_message(message)) == message
        except Refused:
            refused.append(path.name)
    assert refused == [f"Task.FullMessage.{command}.json" for command in ("Follow", "MoveTo", "Patrol")]


def test_every_invalid_message_is_refused_and_the_field_named() -> None:
    paths = published("dstl_bsi_flex_335_v2_validator_False")
    assert len(paths) == 145
    for path in paths:
        with pytest.raises(BadMessage) as refused:
            read_json(text_of(path))
        expected = FAULTS.get(path.name[:4], "")
        assert expected in str(refused.value), path.name
        assert refused.value.where.split("[")[0].split(".")[-1] in _names(), path.name


@cache
def _names() -> set[str]:
    """Every name the schema has, and one that an older schema had, which some of the vectors still use."""
    fields = {field.name for message in MESSAGES for field in message.fields}
    choices = {choice for message in MESSAGES for choice in message.choose}
    return fields | choices | {"detectionLocation"}


def test_every_default_message_of_the_simulators_is_accepted() -> None:
    paths = published("dstl_v2_defaults")
    assert len(paths) == 43
    for path in paths:
        read_json(text_of(path))


def test_json_names_are_those_that_protobuf_makes() -> None:
    for message in MESSAGES:
        for field in message_class(message.name).DESCRIPTOR.fields:
            assert field.json_name == _camel(field.name)


def test_a_registration_of_v1_is_named_as_such() -> None:
    (path,) = (each for each in published("apex_v1") if "registration" in each.name)
    with pytest.raises(
        BadMessage, match=r"^registration.icd_version: is 'BSI Flex 335 v1.0'[^;]*; 'BSI Flex 335 v2.0' is expected$"
    ):
        read_json(text_of(path))


def test_messages_of_v1_are_read_when_their_source_is_declared_so() -> None:
    kinds = {read_json(text_of(path), Edition.V1).kind.value for path in published("apex_v1")}
    assert kinds == {"alert", "detection_report", "registration", "status_report", "task"}
