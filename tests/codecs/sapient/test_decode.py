from __future__ import annotations

from math import isnan, pi, radians
from typing import Any

import numpy as np
import pytest
from tests.codecs.sapient.vectors import NODE, OTHER_ULID, TIME_NS, ULID, detection, made, registration, task

from luchtwacht.codecs.sapient import Deframer, Edition, MessageKind, decode, encode_message, frame_message
from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.message import to_envelope
from luchtwacht.model import Frames, Reason


def frames_of(*payloads: bytes) -> Frames:
    rows = len(payloads)
    return Frames.of(
        list(payloads), sequence=list(range(100, 100 + rows)), source=[7] * rows, received_ns=[TIME_NS] * rows
    )


def report(**changes: Any) -> bytes:
    return encode_message(made(MessageKind.DETECTION_REPORT, detection(**changes)))


def place(**changes: Any) -> dict[str, Any]:
    fields = {"x": 4.9, "y": 52.3, "z": 120.0, "coordinate_system": 1, "datum": 2}
    fields.update(changes)
    return fields


def test_a_range_and_bearing_becomes_radians_and_metres() -> None:
    found = decode(frames_of(report())).detections
    assert (found.frame.tolist(), found.time_ns.tolist()) == ([0], [TIME_NS])
    assert (found.node_id[0], found.report_id[0], found.object_id[0]) == (NODE, ULID, OTHER_ULID)
    np.testing.assert_allclose(found.range_bearing, [[pi / 2, radians(4.5), 1500.0]])
    np.testing.assert_array_equal(found.range_bearing_error, [[np.nan, np.nan, 10.0]])
    assert (found.is_range_bearing[0], found.bearing_datum[0], found.coordinate_system[0]) == (True, 1, 0)
    assert np.isnan(found.position).all()
    assert found.confidence[0] == 0.75
    assert (found.class_type[0], found.class_confidence[0]) == ("UAV", 0.5)
    np.testing.assert_array_equal(found.velocity, [[3.0, -4.0, np.nan]])


def test_kilometres_and_radians_become_the_same() -> None:
    bearing = detection()["range_bearing"] | {"azimuth": pi / 2, "elevation": radians(4.5), "range": 1.5}
    bearing |= {"range_error": 0.01, "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM"}
    found = decode(frames_of(report(), report(range_bearing=bearing))).detections
    np.testing.assert_allclose(found.range_bearing[0], found.range_bearing[1])
    np.testing.assert_allclose(found.range_bearing_error[0], found.range_bearing_error[1])


def test_a_bearing_without_range_has_none_and_zero_is_not_absent() -> None:
    bearing = {"azimuth": 0.0, "coordinate_system": 1, "datum": 1}
    found = decode(frames_of(report(range_bearing=bearing))).detections
    np.testing.assert_array_equal(found.range_bearing, [[0.0, np.nan, np.nan]])


@pytest.mark.parametrize(("system", "factor"), [(1, radians(1.0)), (2, 1.0), (5, 1.0)])
def test_places_are_radians_or_metres(system: int, factor: float) -> None:
    given = place(x=0.5, y=1.25, x_error=0.25, coordinate_system=system, utm_zone="31U")
    found = decode(frames_of(report(location=given, range_bearing=None))).detections
    np.testing.assert_allclose(found.position, [[0.5 * factor, 1.25 * factor, 120.0]])
    np.testing.assert_array_equal(found.position_error, [[0.25, np.nan, np.nan]])
    assert (found.coordinate_system[0], found.datum[0], found.utm_zone[0]) == (system, 2, "31U")
    assert not found.is_range_bearing[0]
    assert np.isnan(found.range_bearing).all()


def test_without_confidences_the_first_class_stands_and_without_classes_none() -> None:
    classes = [{"type": "Bird"}, {"type": "UAV"}]
    found = decode(frames_of(report(classification=classes), report(classification=None))).detections
    assert found.class_type.tolist() == ["Bird", ""]
    assert all(isnan(value) for value in found.class_confidence)


def test_one_bad_message_does_not_stop_the_others() -> None:
    bad = to_envelope(made(MessageKind.DETECTION_REPORT, detection()))
    bad.detection_report.report_id = "no id"
    bad.node_id = "radar"
    status = made(
        MessageKind.STATUS_REPORT,
        {"report_id": ULID, "system": "SYSTEM_OK", "info": "INFO_NEW", "mode": "Default"},
    )
    found = decode(frames_of(b"\xff", report(), bad.SerializeToString(), encode_message(status), b"", report()))
    assert found.detections.frame.tolist() == [1, 5]
    assert [(row, message.kind) for row, message in found.messages] == [(3, MessageKind.STATUS_REPORT)]
    told = [(each.frame, each.source, each.reason, each.item) for each in found.rejections]
    assert told == [
        (100, 7, Reason.UNKNOWN_FORMAT, ""),
        (102, 7, Reason.MALFORMED, "node_id"),
        (104, 7, Reason.MALFORMED, "timestamp"),
    ]
    assert "detection_report.report_id is 'no id'" in found.rejections[1].detail


def test_effectors_and_orders_to_act_are_rejected_and_the_reason_said() -> None:
    jammer = to_envelope(made(MessageKind.REGISTRATION, registration()))
    jammer.registration.node_definition[0].node_type = 14
    jammer.registration.ClearField("capabilities")
    order = to_envelope(made(MessageKind.TASK, task(request="Start")))
    order.task.command.request = "Fire"
    found = decode(frames_of(jammer.SerializeToString(), order.SerializeToString()))
    assert found.messages == ()
    assert [each.item for each in found.rejections] == [
        "registration.node_definition[0].node_type",
        "task.command.request",
    ]
    assert all("never acts on a drone" in each.detail for each in found.rejections)
    assert all(each.reason is Reason.UNSUPPORTED for each in found.rejections)


def test_faults_beyond_the_fourth_are_counted_not_told() -> None:
    envelope = message_class()()
    envelope.registration.SetInParent()
    (rejection,) = decode(frames_of(envelope.SerializeToString())).rejections
    assert rejection.detail.endswith("; and 4 more")
    assert rejection.detail.count(";") == 4


def v1(**location: Any) -> Any:
    envelope = message_class()(node_id="1", detection_report={"report_id": "r", "object_id": "o"})
    envelope.timestamp.seconds = 1_700_000_000
    if location:
        envelope.detection_report.location.x, envelope.detection_report.location.y = 4.9, 52.3
        for name, value in location.items():
            setattr(envelope.detection_report.location, name, value)
    return envelope


def test_detections_of_v1_become_rows_where_their_units_are_said() -> None:
    frames = frames_of(
        v1(coordinate_system=1).SerializeToString(),
        v1(coordinate_system=0).SerializeToString(),
        v1().SerializeToString(),
        v1(coordinate_system=1, y=99.0).SerializeToString(),
    )
    found = decode(frames, Edition.V1)
    assert (found.detections.frame.tolist(), found.detections.node_id.tolist()) == ([0], ["1"])
    assert [(each.item, each.reason) for each in found.rejections] == [
        ("detection_report.location.coordinate_system", Reason.MALFORMED),
        ("detection_report.location_oneof", Reason.MALFORMED),
        ("detection_report.location.y", Reason.IMPLAUSIBLE),
    ]
    assert len(decode(frames).rejections) == 4


def test_names_of_v1_that_do_not_fit_their_column_are_rejected_not_cut() -> None:
    envelope = v1(coordinate_system=1)
    envelope.detection_report.object_id = "o" * 27
    (rejection,) = decode(frames_of(envelope.SerializeToString()), Edition.V1).rejections
    assert rejection.item == "detection_report.object_id"


def test_no_frames_are_no_rows() -> None:
    found = decode(frames_of())
    assert (len(found.detections), found.messages, found.rejections) == (0, (), ())
    assert found.detections.velocity.shape == (0, 3)


def test_rows_do_not_depend_on_how_frames_were_batched() -> None:
    payloads = [report(), report(location=place(), range_bearing=None), report(enu_velocity=None)]
    together = decode(frames_of(*payloads)).detections
    for row, payload in enumerate(payloads):
        alone = decode(frames_of(payload)).detections
        assert together.take([row]).range_bearing.tobytes() == alone.range_bearing.tobytes()
        assert together.take([row]).position.tobytes() == alone.position.tobytes()
        assert together.take([row]).velocity.tobytes() == alone.velocity.tobytes()


def test_from_the_stream_to_the_row() -> None:
    stream = frame_message(report()) + frame_message(report(state="lost"))
    messages = Deframer().receive(stream).messages
    assert decode(frames_of(*messages)).detections.state.tolist() == ["", "lost"]


def test_a_node_is_the_same_in_rows_and_messages_however_its_id_was_written() -> None:
    shouted = report().replace(NODE.encode(), NODE.upper().encode())
    assert decode(frames_of(shouted)).detections.node_id.tolist() == [NODE]


def test_classes_stand_with_their_own_below_them_and_infos_and_signals_beside() -> None:
    within = {"type": "UAV Rotary Wing", "confidence": 0.5, "level": 1, "sub_class": [{"type": "Small", "level": 2}]}
    classes = [{"type": "Air Vehicle", "confidence": 0.75, "sub_class": [within]}, {"type": "Animal"}]
    told = report(
        classification=classes,
        signal=[{"amplitude": -40.0, "centre_frequency": 2.4e9}],
        track_info=[{"type": "snr", "value": "12.5"}],
        object_info=[{"type": "rcs", "value": "-20"}],
    )
    found = decode(frames_of(report(classification=None), told))
    assert found.classes.report.tolist() == [1, 1, 1, 1]
    assert found.classes.level.tolist() == [0, 1, 2, 0]
    assert found.classes.type.tolist() == ["Air Vehicle", "UAV Rotary Wing", "Small", "Animal"]
    np.testing.assert_array_equal(found.classes.confidence, [0.75, 0.5, np.nan, np.nan])
    assert (found.signals.report.tolist(), found.signals.centre_frequency.tolist()) == ([1], [np.float32(2.4e9)])
    assert list(zip(found.infos.type, found.infos.value, strict=True)) == [("snr", "12.5"), ("rcs", "-20")]


def test_a_node_is_read_by_the_edition_that_it_registered_with() -> None:
    old = to_envelope(made(MessageKind.REGISTRATION, registration()))
    old.registration.icd_version = str(Edition.V1)
    old.node_id = NODE
    of_v1 = v1(coordinate_system=1)
    of_v1.node_id = NODE
    spoken = {NODE: Edition.V2}
    frames = frames_of(of_v1.SerializeToString(), old.SerializeToString(), of_v1.SerializeToString())
    found = decode(frames, spoken=spoken)
    assert found.detections.frame.tolist() == [2]
    assert spoken == {NODE: Edition.V1}
    assert [row for row, _ in found.faulty] == [0]


def test_who_is_refused_is_told_with_the_refusal() -> None:
    jammer = to_envelope(made(MessageKind.REGISTRATION, registration()))
    jammer.registration.node_definition[0].node_type = 14
    (refusal,) = decode(frames_of(jammer.SerializeToString())).refused
    assert (refusal.row, refusal.node_id, refusal.kind) == (0, NODE, MessageKind.REGISTRATION)
    assert "jammer" in refusal.why.lower()


def test_many_reports_stand_in_order_with_their_own_classes() -> None:
    payload = report()
    found = decode(frames_of(*[payload] * 4_500))
    assert found.detections.frame.tolist() == list(range(4_500))
    assert found.classes.report.tolist() == [row for row in range(4_500) for _ in range(2)]
