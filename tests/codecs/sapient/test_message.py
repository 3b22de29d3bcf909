from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.sapient.vectors import FUSION, NODE, OTHER_ULID, TIME_NS, ULID, detection, made, registration, task

from luchtwacht.codecs.sapient import (
    EFFECTORS,
    Edition,
    MessageKind,
    compose,
    decode_message,
    encode_message,
    read_json,
    refusal_of_addressee,
    write_json,
)
from luchtwacht.errors import BadMessage, Refused

LOCATION = {
    "x": 4.9,
    "y": 52.3,
    "coordinate_system": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
    "datum": "LOCATION_DATUM_WGS84_E",
}
CONTENTS: dict[MessageKind, dict[str, Any]] = {
    MessageKind.REGISTRATION: registration(),
    MessageKind.REGISTRATION_ACK: {"acceptance": False, "ack_response_reason": ["an effector"]},
    MessageKind.STATUS_REPORT: {"report_id": ULID, "system": "SYSTEM_OK", "info": "INFO_NEW", "mode": "Default"},
    MessageKind.DETECTION_REPORT: detection(),
    MessageKind.TASK: task(request="Start"),
    MessageKind.TASK_ACK: {"task_id": ULID, "task_status": "TASK_STATUS_ACCEPTED"},
    MessageKind.ALERT: {"alert_id": ULID, "location": LOCATION, "confidence": 0.5},
    MessageKind.ALERT_ACK: {"alert_id": ULID, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"},
    MessageKind.ERROR: {"packet": b"\xff", "error_message": ["no protobuf"]},
}


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_comes_back_from_its_bytes_and_its_json(kind: MessageKind) -> None:
    message = made(kind, CONTENTS[kind], destination_id=FUSION)
    assert (message.time_ns, message.node_id, message.destination_id) == (TIME_NS, NODE, FUSION)
    octets = encode_message(message)
    assert decode_message(octets) == message
    assert encode_message(decode_message(octets)) == octets
    assert read_json(write_json(message)) == message


@pytest.mark.parametrize("kind", MessageKind)
def test_every_truncation_is_refused_or_a_smaller_message_and_never_another_error(kind: MessageKind) -> None:
    octets = encode_message(made(kind, CONTENTS[kind]))
    whole = decode_message(octets)
    for stop in range(len(octets)):
        with suppress(BadMessage):
            assert decode_message(octets[:stop]) != whole


@given(st.binary(max_size=120))
@settings(max_examples=200)
def test_noise_is_bad_input_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_message(noise)


@given(st.sampled_from(list(MessageKind)), st.data())
@settings(max_examples=200)
def test_a_damaged_octet_never_gives_another_error(kind: MessageKind, data: st.DataObject) -> None:
    octets = bytearray(encode_message(made(kind, CONTENTS[kind])))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(BadMessage, Refused):
        assert decode_message(bytes(octets)).kind in MessageKind


@pytest.mark.parametrize(
    ("changes", "field", "detail"),
    [
        ({"report_id": None}, "detection_report.report_id", "missing"),
        ({"report_id": ULID[:-1] + "U"}, "detection_report.report_id", "not a ULID"),
        ({"report_id": "8" + ULID[1:]}, "detection_report.report_id", "not a ULID"),
        ({"report_id": ULID + "\n"}, "detection_report.report_id", "not a ULID"),
        ({"object_id": NODE}, "detection_report.object_id", "not a ULID"),
        ({"range_bearing": None}, "detection_report.location_oneof", "range_bearing or location"),
        ({"detection_confidence": 1.5}, "detection_report.detection_confidence", "1.5, not within 0 to 1"),
        ({"detection_confidence": float("nan")}, "detection_report.detection_confidence", "nan"),
        ({"location": LOCATION | {"y": 90.5}}, "detection_report.location.y", "90.5 degrees"),
        ({"location": LOCATION | {"x": 3.2, "y": 0.9, "coordinate_system": 2}}, "detection_report.location.x", "183.3"),
        ({"location": LOCATION | {"x": float("inf")}}, "detection_report.location.x", "inf"),
        ({"location": LOCATION | {"x_error": -1.0}}, "detection_report.location.x_error", "-1"),
        ({"location": LOCATION | {"datum": 0}}, "detection_report.location.datum", "unspecified"),
        ({"location": LOCATION | {"datum": 9}}, "detection_report.location.datum", "is 9"),
        (
            {"classification": [{"type": "UAV", "sub_class": [{"type": "Rotor", "level": 1}, {"type": "Fixed"}]}]},
            "detection_report.classification[0].sub_class[1].level",
            "missing",
        ),
        (
            {"associated_detection": [{"node_id": ULID, "object_id": OTHER_ULID}]},
            "detection_report.associated_detection[0].node_id",
            "not a UUID",
        ),
        ({"track_info": [{"type": " ", "value": "1"}]}, "detection_report.track_info[0].type", "empty"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(changes: dict[str, Any], field: str, detail: str) -> None:
    with pytest.raises(BadMessage) as refused:
        made(MessageKind.DETECTION_REPORT, detection(**changes))
    assert refused.value.where == field
    assert detail in refused.value.what


def test_angles_are_judged_in_their_own_unit() -> None:
    radians = detection()["range_bearing"] | {
        "azimuth": 3.0,
        "elevation": 1.6,
        "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_M",
    }
    with pytest.raises(BadMessage, match=r"elevation: is 91\.\d+ degrees"):
        made(MessageKind.DETECTION_REPORT, detection(range_bearing=radians))


def test_every_fault_is_told_not_just_the_first() -> None:
    with pytest.raises(BadMessage, match=r"node_id.*report_id.*object_id") as refused:
        compose(MessageKind.DETECTION_REPORT, detection(report_id="x", object_id="y"), time_ns=0, node_id="radar")
    assert refused.value.where == "node_id"


def test_names_and_values_that_the_standard_has_not_are_refused() -> None:
    with pytest.raises(BadMessage, match="colours"):
        made(MessageKind.DETECTION_REPORT, detection(colours="red"))
    with pytest.raises(BadMessage):
        made(MessageKind.STATUS_REPORT, CONTENTS[MessageKind.STATUS_REPORT] | {"system": "SYSTEM_FINE"})
    with pytest.raises(BadMessage, match="is not in DetectionReport"):
        read_json(write_json(made(MessageKind.DETECTION_REPORT, detection())).replace("reportId", "reportid"))


@pytest.mark.parametrize("time_ns", [-1, 2**63])
def test_times_that_nanoseconds_do_not_hold_are_refused(time_ns: int) -> None:
    with pytest.raises(BadMessage, match="timestamp"):
        compose(MessageKind.DETECTION_REPORT, detection(), time_ns=time_ns, node_id=NODE)


@pytest.mark.parametrize("name", EFFECTORS.values())
def test_an_effector_is_refused_at_the_door_whatever_else_it_is(name: str) -> None:
    with pytest.raises(Refused, match=rf"node_definition\[1\].*{name}.*never acts on a drone"):
        made(MessageKind.REGISTRATION, registration("NODE_TYPE_RADAR", name))


def test_every_other_node_type_may_register() -> None:
    from luchtwacht.codecs.sapient.schema import ENUMS

    (node_types,) = (enum for enum in ENUMS if enum.name == "Registration.NodeType")
    assert {number for number, name in node_types.values.items() if f"NODE_TYPE_{name}" in EFFECTORS.values()} == set(
        range(13, 18)
    )
    for number, name in node_types.values.items():
        if number and number not in EFFECTORS:
            made(MessageKind.REGISTRATION, registration(f"NODE_TYPE_{name}"))


@pytest.mark.parametrize("request_", ["Fire", "Engage", "Jam 2.4 GHz", "start jamming", ""])
def test_a_request_that_is_not_for_a_sensor_is_refused(request_: str) -> None:
    with pytest.raises(Refused, match=r"task\.command\.request.*never acts on a drone"):
        made(MessageKind.TASK, task(request=request_))


@pytest.mark.parametrize("request_", ["Registration", "Reset", "Start", "Stop", "Status", "status"])
def test_requests_to_sensors_pass(request_: str) -> None:
    assert made(MessageKind.TASK, task(request=request_)).content.command.request == request_


def test_a_vehicle_is_never_sent_anywhere_and_such_a_task_can_be_read() -> None:
    message = made(MessageKind.TASK, task(request="Start"))
    message.content.command.follow.follow_object_id = OTHER_ULID
    with pytest.raises(Refused, match="move a vehicle"):
        encode_message(message)
    with pytest.raises(Refused, match="move a vehicle"):
        made(MessageKind.TASK, task(follow={"follow_object_id": OTHER_ULID}))


def test_nothing_is_sent_to_an_effector() -> None:
    refusal = refusal_of_addressee([2, 14])
    assert refusal is not None
    assert "NODE_TYPE_JAMMER" in str(refusal)
    assert refusal_of_addressee([2, 4, 18]) is None


def test_content_that_was_spoilt_after_it_was_checked_is_not_sent() -> None:
    message = made(MessageKind.DETECTION_REPORT, detection())
    message.content.report_id = "no id"
    with pytest.raises(BadMessage, match="report_id"):
        encode_message(message)


def test_v1_is_read_and_not_written() -> None:
    message = replace(made(MessageKind.DETECTION_REPORT, detection()), edition=Edition.V1)
    with pytest.raises(BadMessage, match=r"v1\.0 is read and not written"):
        encode_message(message)


@pytest.mark.parametrize(
    ("version", "told"), [("BSI Flex 335 v1.0", "can be read when"), ("BSI Flex 335 v9.0", "'BSI Flex 335 v2.0' is")]
)
def test_another_edition_is_named(version: str, told: str) -> None:
    octets = encode_message(made(MessageKind.REGISTRATION, registration()))
    changed = octets.replace(b"BSI Flex 335 v2.0", version.encode())
    with pytest.raises(BadMessage, match=told) as refused:
        decode_message(changed)
    assert refused.value.where == "registration.icd_version"
    assert version in refused.value.what


def test_an_effector_of_v1_is_refused_too() -> None:
    octets = encode_message(made(MessageKind.REGISTRATION, registration()))
    jammer = octets.replace(b"v2.0", b"v1.0").replace(b"\x0a\x02\x08\x02", b"\x0a\x02\x08\x0e")
    with pytest.raises(Refused, match="NODE_TYPE_JAMMER"):
        decode_message(jammer, Edition.V1)


def test_node_ids_are_lower_case_however_they_were_sent() -> None:
    message = compose(MessageKind.DETECTION_REPORT, detection(), time_ns=TIME_NS, node_id=NODE.upper())
    assert message.node_id == NODE


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ('"azimuth": 90.0', '"azimuth": "east"', "detection_report.range_bearing.azimuth"),
        ('"type": "Bird"', '"type": 3', "detection_report.classification[0].type"),
        ('"type": "Bird"', '"type": {"a": "Bird"}', "detection_report.classification[0].type"),
        ("RANGE_BEARING_DATUM_TRUE", "RANGE_BEARING_DATUM_FALSE", "detection_report.range_bearing.datum"),
        ('"detectionConfidence": 0.75', '"detectionConfidence": true', "detection_report.detection_confidence"),
        ("2026-05-28T", "yesterday", "timestamp"),
        (OTHER_ULID + '",', OTHER_ULID + '", "signal": 4,', "detection_report.signal"),
    ],
)
def test_values_of_the_wrong_kind_in_json_are_bad_input(right: str, wrong: str, field: str) -> None:
    text = write_json(made(MessageKind.DETECTION_REPORT, detection()))
    assert right in text
    with pytest.raises(BadMessage) as refused:
        read_json(text.replace(right, wrong))
    assert refused.value.where == field


@pytest.mark.parametrize(
    "text", ["", "null", "3", "[]", '{"task": 4}', '{"registration": {"icdVersion": {}}}', "[" * 5000]
)
@pytest.mark.parametrize("edition", Edition)
def test_json_that_is_no_message_is_bad_input(text: str, edition: Edition) -> None:
    with pytest.raises(BadMessage):
        read_json(text, edition)


def test_an_enumeration_that_may_be_absent_is_not_dropped_when_its_name_is_unknown() -> None:
    text = write_json(made(MessageKind.ALERT, CONTENTS[MessageKind.ALERT] | {"status": "ALERT_STATUS_ACTIVE"}))
    with pytest.raises(BadMessage, match="ALERT_STATUS_ASLEEP") as refused:
        read_json(text.replace("ALERT_STATUS_ACTIVE", "ALERT_STATUS_ASLEEP"))
    assert refused.value.where == "alert.status"


@pytest.mark.parametrize("depth", [120, 400, 900, 100_000])
def test_parts_within_parts_without_end_are_bad_input(depth: int) -> None:
    text = write_json(made(MessageKind.DETECTION_REPORT, detection(classification=[{"type": "UAV"}])))
    nested = '"type": "UAV"' + ', "subClass": [{"type": "x", "level": 1' * depth + "}]" * depth
    with pytest.raises(BadMessage):
        read_json(text.replace('"type": "UAV"', nested))


@pytest.mark.parametrize("depth", [1, 90])
def test_a_deep_taxonomy_comes_back(depth: int) -> None:
    classes: list[dict[str, Any]] = []
    for level in range(depth, 0, -1):
        classes = [{"type": f"level {level}", "level": level, "sub_class": classes}]
    message = made(MessageKind.DETECTION_REPORT, detection(classification=[{"type": "UAV", "sub_class": classes}]))
    assert decode_message(encode_message(message)) == message


def test_numbers_beyond_every_float_are_bad_input() -> None:
    with pytest.raises(BadMessage):
        made(MessageKind.DETECTION_REPORT, detection(detection_confidence=10**400))
    text = write_json(made(MessageKind.DETECTION_REPORT, detection()))
    for number in ("1" + "0" * 400, "1e400", "-Infinity", '"NaN"'):
        with pytest.raises(BadMessage):
            read_json(text.replace('"azimuth": 90.0', f'"azimuth": {number}'))
