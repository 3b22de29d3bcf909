"""The watch as a node of a higher system: what it says, what it takes, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.codecs.sapient.vectors import FUSION, ULID, task
from tests.outputs.pictures import NOW_NS, a_site, alert_changed, an_alert, an_output, identified, tracked

from luchtwacht.codecs.sapient import (
    MessageKind,
    SapientMessage,
    compose,
    decode_message,
    encode_message,
    frame_message,
)
from luchtwacht.ingest import Ingest
from luchtwacht.model import (
    AcknowledgeAlert,
    AlertStatus,
    Format,
    Frames,
    OutputKind,
    RejectAlert,
    Sensor,
    SensorKind,
    Source,
    TrackStatus,
)
from luchtwacht.outputs import SapientTranslator
from luchtwacht.outputs.sapient import MOST_ALERTS, STATUS_EVERY_NS
from luchtwacht.units import SECOND_NS


def from_above(kind: MessageKind, content: dict[str, Any]) -> bytes:
    return frame_message(encode_message(compose(kind, content, time_ns=NOW_NS, node_id=FUSION)))


def read(pieces: list[bytes]) -> list[SapientMessage]:
    return [decode_message(piece[4:]) for piece in pieces]


def kinds(pieces: list[bytes]) -> list[MessageKind]:
    return [message.kind for message in read(pieces)]


def registered(**changes: Any) -> SapientTranslator:
    made = SapientTranslator(a_site(), an_output(OutputKind.SAPIENT, **changes))
    made.opened()
    assert kinds(made.due(NOW_NS)) == [MessageKind.REGISTRATION]
    made.receive(from_above(MessageKind.REGISTRATION_ACK, {"acceptance": True}), NOW_NS)
    assert kinds(made.due(NOW_NS)) == [MessageKind.STATUS_REPORT]
    return made


def test_nothing_is_said_before_the_registration_is_acknowledged() -> None:
    made = SapientTranslator(a_site(), an_output(OutputKind.SAPIENT))
    made.take((tracked(3), alert_changed(an_alert())))
    (registration,) = read(made.due(NOW_NS))
    assert registration.content.node_definition[0].node_type == 20
    assert made.due(NOW_NS + SECOND_NS) == []
    assert "not acknowledged" in made.trouble
    refusal = {"acceptance": False, "ack_response_reason": ["who are you"]}
    made.receive(from_above(MessageKind.REGISTRATION_ACK, refusal), NOW_NS)
    assert "who are you" in made.trouble
    assert made.due(NOW_NS + 2 * SECOND_NS) == []


def test_a_track_is_reported_with_its_errors_velocity_classes_and_names() -> None:
    made = registered()
    made.take((tracked(3), identified((3, "uas:1588E0000000000001", ""))))
    (message,) = read(made.due(NOW_NS))
    said = message.content
    assert message.time_ns == NOW_NS
    np.testing.assert_allclose([said.location.x_error, said.location.y_error, said.location.z_error], [10.0, 8.0, 5.0])
    velocity = said.enu_velocity
    assert (velocity.east_rate, velocity.north_rate_error, said.id) == (3.5, 2.0, "uas:1588E0000000000001")
    assert said.detection_confidence == pytest.approx(0.99)
    air = said.classification[0]
    assert (air.type, air.confidence) == ("Air Vehicle", pytest.approx(0.93))
    assert (air.sub_class[0].type, air.sub_class[0].confidence) == ("UAV Rotary Wing", pytest.approx(0.8))
    assert {each.type: each.value for each in said.track_info}["east-north correlation"] == "-0.450"


def test_reports_are_bounded_in_rate_keep_their_object_and_say_its_end() -> None:
    made = registered(every_s=1.0)
    shown: list[list[tuple[str, str]]] = []
    for half in range(6):
        seconds = half * 0.5
        status = int(TrackStatus.TERMINATED if half == 3 else TrackStatus.CONFIRMED)
        made.take((tracked(*([3] if half <= 3 else []), seconds=seconds, status=status),))
        messages = read(made.due(NOW_NS + round(seconds * SECOND_NS)))
        shown.append([(each.content.object_id, each.content.state) for each in messages])
    (first,), nothing, (again,), (last,), *after = shown
    assert (nothing, after) == ([], [[], []])
    assert first == again
    assert last == (first[0], "lostInView")


def test_another_watch_reads_it_as_external_tracks_at_the_same_place() -> None:
    """What goes out comes in: registration, reports and covariance mean the same on both sides."""
    site = a_site()
    made = SapientTranslator(site, an_output(OutputKind.SAPIENT))
    pieces = made.due(NOW_NS)
    made.receive(from_above(MessageKind.REGISTRATION_ACK, {"acceptance": True}), NOW_NS)
    made.take((tracked(3),))
    pieces += made.due(NOW_NS)
    above = replace(
        site,
        sources=(Source(id="below", format=Format.SAPIENT),),
        sensors=(Sensor(id="below", kind=SensorKind.RADAR_3D, source="below", place=site.origin, key=made.node_id),),
    )
    count = len(pieces)
    frames = Frames.of(
        pieces, sequence=np.arange(1, count + 1), source=np.zeros(count, np.int64), received_ns=np.full(count, NOW_NS)
    )
    taken = Ingest(above, {}).receive(frames)
    assert not taken.rejections
    assert taken.detections.filtered.tolist() == [True]
    np.testing.assert_allclose(taken.detections.z[0, :3], [300.0, 150.0, 80.0], atol=1e-3)
    np.testing.assert_allclose(np.sqrt(np.diag(taken.detections.R[0]))[:3], [10.0, 8.0, 5.0], rtol=1e-3)
    assert taken.detections.category_probability[0].argmax() == 0


def test_an_alert_is_told_when_it_moves_and_again_on_every_connection() -> None:
    made, alert = registered(), an_alert()
    made.take((alert_changed(alert),))
    (first,) = read(made.due(NOW_NS))
    assert (first.kind, first.content.status, first.content.priority) == (MessageKind.ALERT, 1, 3)
    assert "zone intrusion in zone centre" in first.content.description
    assert made.due(NOW_NS) == []
    made.take((alert_changed(replace(alert, status=AlertStatus.ACKNOWLEDGED)),))
    (moved,) = read(made.due(NOW_NS))
    assert (moved.content.alert_id, moved.content.status) == (first.content.alert_id, 2)
    made.opened()
    made.due(NOW_NS)
    made.receive(from_above(MessageKind.REGISTRATION_ACK, {"acceptance": True}), NOW_NS)
    again = [each for each in read(made.due(NOW_NS)) if each.kind is MessageKind.ALERT]
    assert [each.content.alert_id for each in again] == [first.content.alert_id]


def test_an_acknowledgement_is_an_order_with_who_gave_it() -> None:
    made, alert = registered(), an_alert()
    made.take((alert_changed(alert),))
    alert_id = read(made.due(NOW_NS))[0].content.alert_id
    accepted = {"alert_id": alert_id, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"}
    (order,) = made.receive(from_above(MessageKind.ALERT_ACK, accepted), NOW_NS)
    assert isinstance(order, AcknowledgeAlert)
    assert (order.alert, FUSION in order.note) == (alert.id, True)
    rejected = {"alert_id": alert_id, "alert_ack_status": "ALERT_ACK_STATUS_REJECTED", "reason": ["a bird"]}
    (order,) = made.receive(from_above(MessageKind.ALERT_ACK, rejected), NOW_NS)
    assert isinstance(order, RejectAlert)
    assert order.note.startswith("a bird")
    unknown = {"alert_id": ULID, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"}
    assert made.receive(from_above(MessageKind.ALERT_ACK, unknown), NOW_NS) == []


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({"request": "Status"}, 3),
        ({"request": "Registration"}, 3),
        ({"request": "Start"}, 2),
        ({"mode_change": "Silent"}, 2),
        ({"look_at": {"location_list": {"locations": [{"x": 5.0, "y": 52.0, "coordinate_system": 1, "datum": 1}]}}}, 2),
    ],
)
def test_a_task_is_done_or_refused_with_a_reason(command: dict[str, Any], status: int) -> None:
    made = registered()
    content = {"task_id": ULID, "control": "CONTROL_START", "command": command}
    assert made.receive(from_above(MessageKind.TASK, content), NOW_NS) == []
    said = read(made.due(NOW_NS + SECOND_NS))
    if command == {"request": "Registration"}:
        assert said[0].kind is MessageKind.REGISTRATION
        return
    assert (said[0].kind, said[0].content.task_status) == (MessageKind.TASK_ACK, status)
    assert bool(said[0].content.reason) == (status == 2)
    if command == {"request": "Status"}:
        assert said[1].kind is MessageKind.STATUS_REPORT


def test_an_order_to_act_is_answered_with_an_error() -> None:
    made = registered()
    message = compose(MessageKind.TASK, task(request="Start"), time_ns=NOW_NS, node_id=FUSION)
    message.content.command.request = "Fire"
    from luchtwacht.codecs.sapient.message import to_envelope

    assert made.receive(frame_message(to_envelope(message).SerializeToString()), NOW_NS) == []
    (answer,) = read(made.due(NOW_NS + SECOND_NS))
    assert answer.kind is MessageKind.ERROR
    assert "never acts on a drone" in answer.content.error_message[0]


def test_it_says_how_it_is_and_goodbye() -> None:
    made = registered()
    assert made.due(NOW_NS + STATUS_EVERY_NS - 1) == []
    (status,) = read(made.due(NOW_NS + STATUS_EVERY_NS))
    assert (status.content.system, status.content.info) == (1, 2)
    (last,) = read(made.goodbye(NOW_NS))
    assert last.content.system == 5


def test_alerts_are_remembered_within_bounds() -> None:
    made, alert = registered(), an_alert()
    for number in range(MOST_ALERTS + 10):
        made.take((alert_changed(replace(alert, id=number + 1)),))
    assert made.left_out == 10


def test_an_independent_reader_takes_every_message() -> None:
    """By the classes that somebody else generated from the publisher's schema."""
    published = pytest.importorskip("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2")
    made = SapientTranslator(a_site(), an_output(OutputKind.SAPIENT))
    pieces = made.due(NOW_NS)
    made.receive(from_above(MessageKind.REGISTRATION_ACK, {"acceptance": True}), NOW_NS)
    made.take((tracked(3), alert_changed(an_alert())))
    pieces += made.due(NOW_NS)
    found = [published.SapientMessage.FromString(piece[4:]).WhichOneof("content") for piece in pieces]
    assert found == ["registration", "alert", "status_report", "detection_report"]
