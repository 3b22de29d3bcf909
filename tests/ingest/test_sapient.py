"""SAPIENT nodes: what they see becomes detections or claims, and what they say is answered."""

from __future__ import annotations

from dataclasses import replace
from math import pi, radians
from typing import Any

import numpy as np
import pytest
from tests.codecs.sapient.vectors import OTHER_ULID, ULID, task
from tests.ingest.nodes import (
    CAMERA,
    PLACE,
    RADAR,
    RECEIVER,
    START_NS,
    STRANGER,
    frames_of,
    located,
    node_site,
    receive,
    registering,
    seen,
    sent,
    status,
    unchecked,
)

from luchtwacht.cli.splitting import split_sapient
from luchtwacht.codecs.sapient import Edition, MessageKind, SapientMessage, decode_message, node_id_of, write_json
from luchtwacht.errors import BadCommand, BadConfiguration
from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest import Ingest, Ingested, check_site
from luchtwacht.model import (
    Category,
    ClaimKind,
    Classification,
    Command,
    Format,
    Frames,
    Geometry,
    Notice,
    NoticeKind,
    Outgoing,
    Place,
    Reason,
    SensorState,
    SensorTask,
    Source,
    TaskSensor,
    Tracked,
    frame_of,
)
from luchtwacht.model.encoding import encode_event
from luchtwacht.model.state import decode_state, encode_state, kind_of
from luchtwacht.pipeline import Pipeline
from luchtwacht.units import DEGREE, SECOND_NS


def answers(taken: Ingested) -> list[SapientMessage]:
    """What was said to nodes, read back."""
    made = []
    for _, event in taken.said:
        if isinstance(event, Outgoing):
            assert int.from_bytes(event.payload[:4], "little") == len(event.payload) - 4
            made.append(decode_message(event.payload[4:]))
    return made


def notices(taken: Ingested) -> list[tuple[NoticeKind, str]]:
    return [(event.kind, event.subject) for _, event in taken.said if isinstance(event, Notice)]


# ---------------------------------------------------------------------- detections


def test_a_range_and_bearing_is_polar_from_where_the_sensor_was_declared() -> None:
    bearing = {"azimuth": 90.0, "elevation": 3.0, "range": 1.5, "coordinate_system": 3, "datum": 1}
    bearing |= {"azimuth_error": 0.5, "range_error": 0.02}
    taken = receive(registering(), seen(range_bearing=bearing))
    found = taken.detections
    assert (found.geometry[0], found.sensor[0], frame_of(found.id).tolist()) == (Geometry.POLAR, 0, [2])
    np.testing.assert_allclose(found.z[0], [1500.0, pi / 2, radians(3.0), np.nan])
    np.testing.assert_allclose(np.sqrt(np.diag(found.R[0]))[:3], [20.0, radians(0.5), radians(1.0)])
    assert found.time_ns[0] == START_NS
    assert not taken.rejections


@pytest.mark.parametrize(
    ("place", "height"),
    [
        ({}, 150.0),
        ({"x": radians(5.01), "y": radians(52.01), "coordinate_system": 2}, 150.0),
        ({"x": 637950.8748, "y": 5763907.0, "coordinate_system": 5, "utm_zone": "31U"}, 150.0),
        ({"datum": 2}, 194.0),
    ],
)
def test_coordinates_are_a_position_over_the_ellipsoid(place: dict[str, Any], height: float) -> None:
    found = receive(registering(), located(**place)).detections
    expected = LocalFrame(*PLACE.geodetic).to_enu([52.01 * DEGREE, 5.01 * DEGREE, height])
    assert found.geometry[0] == Geometry.POSITION
    if place.get("coordinate_system") == 5:
        back = LocalFrame(*PLACE.geodetic).from_enu(found.z[0, :3]) / DEGREE
        assert (52.0 < back[0] < 52.02, 5.0 < back[1] < 5.02) == (True, True)
    else:
        np.testing.assert_allclose(found.z[0, :3], expected, atol=1e-6)


def test_errors_are_standard_deviations_in_metres_or_what_the_registration_says_they_are() -> None:
    errors = {"x_error": 20.0, "y_error": 10.0, "z_error": 5.0}
    definition = {"geometric_error": {"type": "95% confidence", "units": "metres", "variation_type": "none"}}
    plain = receive(registering(), located(**errors)).detections
    wide = receive(registering(definition=definition), located(**errors)).detections
    np.testing.assert_allclose(np.sqrt(np.diag(plain.R[0]))[:3], [20.0, 10.0, 5.0], rtol=1e-3)
    np.testing.assert_allclose(np.sqrt(np.diag(wide.R[0]))[:3], np.array([20.0, 10.0, 5.0]) / 1.96, rtol=1e-3)
    degrees = {"geometric_error": {"type": "sd", "units": "degrees", "variation_type": "none"}}
    small = receive(registering(definition=degrees), located(x_error=1e-4, y_error=1e-4)).detections
    np.testing.assert_allclose(np.sqrt(np.diag(small.R[0]))[:2], [6.846, 11.12], rtol=1e-2)


def test_a_height_that_was_not_said_is_not_known() -> None:
    found = receive(registering(), located(z=None)).detections
    assert np.isnan(found.z[0, 2])
    assert np.isnan(found.R[0, 2]).all()


def test_a_bearing_from_another_north_needs_to_be_declared() -> None:
    bearing = {"azimuth": 90.0, "coordinate_system": 1, "datum": 2}
    (rejection,) = receive(registering(), seen(range_bearing=bearing)).rejections
    assert (rejection.reason, rejection.item) == (Reason.UNSUPPORTED, "detection_report.range_bearing.datum")
    assert "north_deg" in rejection.detail
    site = node_site()
    sensors = (replace(site.sensors[0], north_deg=2.5), *site.sensors[1:])
    found = receive(registering(), seen(range_bearing=bearing), sensors=sensors).detections
    np.testing.assert_allclose(found.z[0, 1], radians(92.5))


def test_a_node_that_moved_measures_from_where_it_says_it_is() -> None:
    elsewhere = {"x": 5.01, "y": 52.0, "z": 50.0, "coordinate_system": 1, "datum": 1}
    taken = receive(registering(), status(node_location=elsewhere), seen())
    east, north, _ = LocalFrame(*PLACE.geodetic).to_enu([52.0 * DEGREE, 5.01 * DEGREE, 50.0])
    assert taken.detections.geometry[0] == Geometry.POSITION
    np.testing.assert_allclose(taken.detections.z[0, :2], [east + 1000.0, north], atol=0.5)
    bearing = {"azimuth": 90.0, "coordinate_system": 1, "datum": 1}
    told = receive(registering(), status(node_location=elsewhere), seen(range_bearing=bearing))
    assert (len(told.detections), told.rejections[0].reason) == (0, Reason.UNSUPPORTED)


def test_a_node_a_few_metres_off_its_declaration_is_where_it_was_declared() -> None:
    beside = {"x": 5.0001, "y": 52.0, "z": 50.0, "coordinate_system": 1, "datum": 1}
    taken = receive(registering(), status(node_location=beside), seen())
    assert taken.detections.geometry[0] == Geometry.POLAR


def test_tracks_of_a_node_are_filtered_and_keep_a_number_of_their_own() -> None:
    taken = receive(registering(), seen(), seen(object_id=ULID), seen(), registering(CAMERA), seen(CAMERA))
    first, second, again, other = taken.detections.sensor_track.tolist()
    assert first == again
    assert len({first, second, other}) == 3
    assert min(first, second, other) >= 0
    assert taken.detections.filtered.tolist() == [True] * 4
    plots = receive(registering(tracking_type=1), seen())
    assert plots.detections.filtered.tolist() == [False]


def test_an_object_out_of_view_is_a_sign_of_life_and_no_detection() -> None:
    taken = receive(registering(), seen(state="lostInView"), seen(state="confirmed"))
    assert len(taken.detections) == 1
    assert [each.sensor for each in taken.reports] == [0, 0]


@pytest.mark.parametrize(
    ("classes", "likeliest"),
    [
        ([{"type": "Air Vehicle", "confidence": 0.9}], None),
        (
            [
                {
                    "type": "Air Vehicle",
                    "confidence": 0.9,
                    "sub_class": [{"type": "UAV Rotary Wing", "confidence": 0.8, "level": 1}],
                }
            ],
            Category.MULTIROTOR,
        ),
        ([{"type": "sapient_core:UAV fixed wing", "confidence": 0.7}], Category.FIXED_WING_DRONE),
        ([{"type": "Bird", "confidence": 0.9}, {"type": "UAV", "confidence": 0.1}], Category.BIRD),
        ([{"type": "Air Vehicle.Manned Fixed Wing"}], Category.CREWED_AIRCRAFT),
        ([{"type": "Human", "confidence": 1.0}], Category.OTHER),
    ],
)
def test_classes_are_likelihoods_over_categories(classes: list[dict[str, Any]], likeliest: Category | None) -> None:
    found = receive(registering(), seen(classification=classes)).detections.category_probability[0]
    assert found.max() == 1.0
    assert (found > 0.0).all()
    if likeliest is not None:
        assert found.argmax() == likeliest


def test_a_surer_class_says_more_and_an_unknown_one_nothing() -> None:
    def opinion(confidence: float) -> np.ndarray[Any, Any]:
        classes = [{"type": "Bird", "confidence": confidence}]
        return receive(registering(), seen(classification=classes)).detections.category_probability[0]

    assert opinion(0.9)[Category.MULTIROTOR] < opinion(0.4)[Category.MULTIROTOR] < 1.0
    strange = receive(registering(), seen(classification=[{"type": "Weather balloon", "confidence": 1.0}]))
    assert np.isnan(strange.detections.category_probability).all()


CONFUSION = {
    "multirotor": {"multirotor": 0.6, "fixed_wing_drone": 0.2, "bird": 0.1},
    "bird": {"bird": 0.7, "multirotor": 0.2},
}


def confused(classes: list[dict[str, Any]], taxonomy: str = "") -> np.ndarray[Any, Any]:
    """What a report says of categories by a sensor whose confusion is declared."""
    site = node_site()
    declared = replace(site.sensors[0], classification=Classification(confusion=CONFUSION))
    settings: dict[str, Any] = {"sensors": (declared, *site.sensors[1:])}
    if taxonomy:
        settings |= {"sources": (replace(site.sources[0], mapping="c.toml"),), "mappings": {"c.toml": taxonomy}}
    return receive(registering(), seen(classification=classes), **settings).detections.category_probability[0]


def test_a_class_counts_by_the_declared_confusion_of_its_sensor() -> None:
    likelihood = confused([{"type": "Bird", "confidence": 1.0}])
    np.testing.assert_allclose(likelihood, [0.1, 0.4, 0.7, 0.4, 0.4])
    np.testing.assert_allclose(confused([{"type": "UAV"}]), [0.8, 0.5, 0.2, 0.5, 0.5])
    half = confused([{"type": "Bird", "confidence": 0.5}])
    assert half.max() == pytest.approx(0.7)
    assert likelihood[Category.MULTIROTOR] < half[Category.MULTIROTOR] < 0.7


def test_a_word_of_the_sites_own_is_a_word_for_categories() -> None:
    own = '[names]\n"Blip 7" = ["bird"]\n'
    np.testing.assert_allclose(confused([{"type": "blip_7"}], own), confused([{"type": "Bird"}]))
    with pytest.raises(BadConfiguration, match="wyvern"):
        confused([{"type": "Blip"}], '[names]\nBlip = ["wyvern"]\n')


def test_a_rate_of_modulation_counts_where_the_site_says_which_info_holds_it() -> None:
    sources = (replace(node_site().sources[0], mapping="c.toml"),)
    turning = seen(object_info=[{"type": "Blade Rate", "value": "180"}, {"type": "other", "value": "6"}])

    def told(taxonomy: str) -> np.ndarray[Any, Any]:
        found = receive(registering(), turning, sources=sources, mappings={"c.toml": taxonomy}).detections
        return found.category_probability[0]

    assert told('modulation = "blade rate"\n').argmax() == Category.MULTIROTOR
    assert told('modulation = "other"\n').argmax() == Category.BIRD
    assert np.isnan(told('modulation = "none of them"\n')).all()


def test_a_site_says_itself_what_classes_mean() -> None:
    site = node_site()
    sources = (replace(site.sources[0], mapping="classes.toml"),)
    text = '[classes]\n"Blip 7" = { multirotor = 1.0, bird = 0.01 }\n'
    reports = seen(classification=[{"type": "blip_7", "confidence": 1.0}])
    found = receive(registering(), reports, sources=sources, mappings={"classes.toml": text}).detections
    np.testing.assert_allclose(found.category_probability[0], [1.0, 1.0, 0.01, 1.0, 1.0])
    with pytest.raises(BadConfiguration, match="wyvern"):
        Ingest(node_site(sources=sources), {"classes.toml": "[classes]\nBlip = { wyvern = 1.0 }\n"})


def test_strengths_are_taken_where_they_are_named() -> None:
    infos = [{"type": "SNR", "value": "12.5"}]
    found = receive(registering(), seen(track_info=infos, object_info=[{"type": "RCS", "value": "-20"}])).detections
    assert (found.snr_db[0], found.rcs_dbsm[0]) == (12.5, -20.0)
    square = {"detection_report": [{"category": 2, "type": "RCS", "units": "m2"}]}
    linear = receive(registering(definition=square), seen(object_info=[{"type": "RCS", "value": "0.01"}])).detections
    np.testing.assert_allclose(linear.rcs_dbsm[0], -20.0)


def test_what_a_receiver_hears_is_a_claim() -> None:
    velocity = {"east_rate": 3.0, "north_rate": 4.0}
    taken = receive(registering(RECEIVER), located(RECEIVER, id="1588E0000000000001", enu_velocity=velocity))
    (claim,) = taken.claims.aircraft_id.tolist()
    assert (claim, taken.claims.kind[0], len(taken.detections)) == ("uas:1588E0000000000001", ClaimKind.REMOTE_ID, 0)
    np.testing.assert_allclose(taken.claims.velocity[0, :2], [3.0, 4.0], atol=0.01)


def test_velocity_is_left_out_where_its_unit_was_never_said() -> None:
    velocity = {"east_rate": 3.0, "north_rate": 4.0}
    taken = receive(located(RECEIVER, id="1588E0000000000001", enu_velocity=velocity))
    assert np.isnan(taken.claims.velocity).all()


def test_a_wrong_clock_is_refused() -> None:
    (rejection,) = receive(registering(), seen(time_ns=START_NS - 60 * SECOND_NS)).rejections
    assert rejection.reason is Reason.CLOCK


# ---------------------------------------------------------------------- the talk


def test_a_registration_is_acknowledged_and_told_once() -> None:
    taken = receive(registering(), registering())
    assert [each.kind for each in answers(taken)] == [MessageKind.REGISTRATION_ACK] * 2
    assert all(each.content.acceptance and each.destination_id == RADAR for each in answers(taken))
    assert {each.node_id for each in answers(taken)} == {node_id_of("field")}
    assert notices(taken) == [(NoticeKind.NODE_REGISTERED, "radar_3d")]


def test_nobodys_node_is_turned_away_with_the_key_to_declare() -> None:
    taken = receive(registering(STRANGER), seen(STRANGER))
    ack, *_ = answers(taken)
    assert not ack.content.acceptance
    assert STRANGER in ack.content.ack_response_reason[0]
    assert notices(taken) == [(NoticeKind.NODE_REFUSED, STRANGER)]
    assert {each.reason for each in taken.rejections} == {Reason.UNDECLARED_SENSOR}
    assert len(taken.detections) == 0


@pytest.mark.parametrize("effector", [13, 14, 15, 16, 17])
def test_an_effector_is_refused_with_an_error_and_a_notice_and_nothing_of_it_is_used(effector: int) -> None:
    jammer = decode_message(registering()[4:]).content
    jammer.node_definition[0].node_type = effector
    taken = receive(registering(), unchecked(RADAR, registration=jammer), seen(), registering(), seen())
    first, ack, error, *_ = answers(taken)
    assert first.content.acceptance
    assert (ack.kind, ack.content.acceptance, error.kind) == (MessageKind.REGISTRATION_ACK, False, MessageKind.ERROR)
    assert "never acts on a drone" in error.content.error_message[0]
    assert (NoticeKind.NODE_REFUSED, RADAR) in notices(taken)
    assert frame_of(taken.detections.id).tolist() == [5]
    assert [each.reason for each in taken.rejections] == [Reason.UNSUPPORTED] * 2


def test_an_order_to_act_is_refused_with_an_error_and_a_notice() -> None:
    order = decode_message(sent(MessageKind.TASK, task(request="Start"))[4:]).content
    order.command.request = "Fire"
    taken = receive(registering(), unchecked(RADAR, task=order))
    assert [each.kind for each in answers(taken)] == [MessageKind.REGISTRATION_ACK, MessageKind.ERROR]
    assert (NoticeKind.NODE_REFUSED, RADAR) in notices(taken)


def test_a_node_that_has_not_registered_is_asked_to_and_its_detections_are_used() -> None:
    taken = receive(seen(), seen())
    (asked,) = answers(taken)
    assert (asked.kind, asked.content.command.request) == (MessageKind.TASK, "Registration")
    assert len(taken.detections) == 2


def test_a_sensors_alert_is_acknowledged_and_told() -> None:
    alert = {"alert_id": ULID, "alert_type": "ALERT_TYPE_WARNING", "status": 1, "description": "door is open"}
    taken = receive(registering(), sent(MessageKind.ALERT, alert))
    ack = answers(taken)[-1]
    assert (ack.kind, ack.content.alert_id) == (MessageKind.ALERT_ACK, ULID)
    (told,) = [each for _, each in taken.said if isinstance(each, Notice) and each.kind == NoticeKind.SENSOR_ALERT]
    assert told.detail == "warning, active: door is open"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, SensorState.OPERATIONAL),
        ({"system": "SYSTEM_WARNING"}, SensorState.DEGRADED),
        ({"system": "SYSTEM_ERROR"}, SensorState.DOWN),
        ({"system": "SYSTEM_GOODBYE"}, SensorState.DOWN),
        ({"status": [{"status_type": "STATUS_TYPE_NOT_DETECTING", "status_value": "dark"}]}, SensorState.DOWN),
    ],
)
def test_a_status_is_the_sensors_state_and_its_promise(said: dict[str, Any], state: SensorState) -> None:
    _, report = receive(registering(), status(**said)).reports
    assert (report.state, report.heartbeat_s) == (state, 5.0)


def test_a_message_at_fault_is_answered_with_what_is_wrong_but_not_a_hundred_times() -> None:
    bad = unchecked(RADAR, detection_report={"report_id": "none", "object_id": OTHER_ULID})
    taken = receive(registering(), *[bad] * 100)
    errors = [each for each in answers(taken) if each.kind is MessageKind.ERROR]
    assert len(errors) == 1
    assert "report_id" in errors[0].content.error_message[0]
    assert errors[0].content.packet == bad[4:]
    assert len(taken.rejections) == 100


def test_what_is_no_message_is_refused_and_xml_is_never_parsed() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&c;</a>'
    taken = receive(b"", b"\x05\x00\x00\x00abc", b"\xff\xff\xff\x7fabcdef", bomb, b"{nothing")
    assert [each.reason for each in taken.rejections] == [
        Reason.TRUNCATED,
        Reason.TRUNCATED,
        Reason.TRUNCATED,
        Reason.UNSUPPORTED,
        Reason.MALFORMED,
    ]
    assert "XML" in taken.rejections[3].detail
    assert taken.said == ()


def test_a_node_of_v1_is_read_by_its_own_edition() -> None:
    registration = decode_message(registering()[4:]).content
    registration.icd_version = str(Edition.V1)
    old = {"report_id": "r1", "object_id": "o1", "location": {"x": 5.0, "y": 52.0, "coordinate_system": 1}}
    taken = receive(unchecked(RADAR, registration=registration), unchecked(RADAR, detection_report=old))
    assert answers(taken)[0].content.acceptance
    assert len(taken.detections) == 1
    assert not taken.rejections


# ---------------------------------------------------------------------- tasks


def order(task: SensorTask, **given: Any) -> tuple[Command, TaskSensor]:
    wanted = TaskSensor(sensor=given.pop("sensor", "radar_3d"), task=task, **given)
    return Command(sequence=9, received_ns=START_NS + SECOND_NS, actor="desk 1", order=wanted), wanted


def test_a_task_goes_to_the_node_and_its_answer_is_told() -> None:
    ingest = Ingest(node_site(), {})
    ingest.receive(frames_of(registering(commands=(1, 5, 6))))
    place = Place(latitude=52.02, longitude=5.03, height=80.0)
    sent_to, told = ingest.order(*order(SensorTask.LOOK_AT, place=place))
    assert isinstance(sent_to, Outgoing)
    assert isinstance(told, Notice)
    asked = decode_message(sent_to.payload[4:])
    where = asked.content.command.look_at.location_list.locations[0]
    assert (where.x, where.y, asked.destination_id, told.kind) == (5.03, 52.02, RADAR, NoticeKind.TASK_SENT)
    for number, (answer, word) in enumerate([(1, "accepted"), (3, "completed")]):
        ack = sent(MessageKind.TASK_ACK, {"task_id": asked.content.task_id, "task_status": answer})
        ((_, notice),) = ingest.receive(frames_of(ack, first=10 + number)).said
        assert isinstance(notice, Notice)
        assert notice.kind == NoticeKind.TASK_ANSWERED
        assert notice.detail.startswith(f"{word}: look at 52.02")
    done = sent(MessageKind.TASK_ACK, {"task_id": asked.content.task_id, "task_status": 3})
    assert ingest.receive(frames_of(done, first=20)).said == ()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (order(SensorTask.START, sensor="camera"), "has not registered"),
        (order(SensorTask.START, sensor="nothing"), "no sensor"),
        (order(SensorTask.MODE, mode="Hovering"), "no mode"),
        (order(SensorTask.LOOK_AT), "needs a place"),
        (order(SensorTask.REPORT_RATE, level="loud"), "level"),
        (order(SensorTask.LOOK_AT, place=Place(latitude=152.0, longitude=5.0)), "152"),
    ],
)
def test_a_task_that_cannot_be_is_refused_with_the_reason(given: tuple[Command, TaskSensor], why: str) -> None:
    ingest = Ingest(node_site(), {})
    ingest.receive(frames_of(registering(commands=(1, 3, 5, 6))))
    with pytest.raises(BadCommand, match=why):
        ingest.order(*given)


# ---------------------------------------------------------------------- declaration, cuts, state


@pytest.mark.parametrize("key", ["", "radar-1", RADAR])
def test_the_key_of_a_node_is_a_uuid_of_its_own(key: str) -> None:
    site = node_site()
    with pytest.raises(BadConfiguration, match=r"UUID|same node"):
        check_site(replace(site, sensors=(*site.sensors[:2], replace(site.sensors[2], key=key))), "site.toml")


def everything() -> list[bytes]:
    bearing = {"azimuth": 90.0, "coordinate_system": 1, "datum": 1}
    old = decode_message(registering(CAMERA)[4:]).content
    old.icd_version = str(Edition.V1)
    return [
        seen(),
        registering(),
        seen(),
        status(mode="Staring"),
        seen(range_bearing=bearing),
        registering(STRANGER),
        seen(STRANGER),
        unchecked(CAMERA, registration=old),
        seen(CAMERA),
        b"\x01",
        unchecked(RADAR, detection_report={"report_id": "none"}),
        located(RECEIVER, id="A"),
        registering(RECEIVER),
        located(RECEIVER, id="B"),
        sent(MessageKind.ALERT, {"alert_id": ULID}),
        status(system="SYSTEM_WARNING"),
        registering(tracking_type=1),
        seen(),
    ]


def test_how_messages_were_cut_into_calls_changes_nothing() -> None:
    payloads = everything()
    whole = Ingest(node_site(), {}).receive(frames_of(*payloads))
    pieces = Ingest(node_site(), {})
    parts = [pieces.receive(frames_of(payload, first=number + 1)) for number, payload in enumerate(payloads)]
    joined = Ingested.join(parts)
    assert joined.detections == whole.detections
    assert joined.claims == whole.claims
    assert joined.said == whole.said
    assert joined.rejections == whole.rejections
    assert joined.reports == whole.reports


def test_going_on_from_a_state_says_the_same() -> None:
    payloads = everything()
    for cut in range(len(payloads)):
        first, second = Ingest(node_site(), {}), Ingest(node_site(), {})
        first.receive(frames_of(*payloads[:cut]))
        state = encode_state(first.state())
        second.restore(decode_state(kind_of(first), state))
        assert encode_state(second.state()) == state
        rest = frames_of(*payloads[cut:], first=cut + 1)
        one, two = first.receive(rest), second.receive(rest)
        assert (one.said, one.rejections, one.detections) == (two.said, two.rejections, two.detections)
        assert encode_state(first.state()) == encode_state(second.state())


def test_a_recorded_stream_and_recorded_json_say_the_same() -> None:
    """Files are cut as a connection is, and dated by what they carry."""
    source = Source(id="nodes", format=Format.SAPIENT)
    messages = [registering(), seen(time_ns=START_NS + SECOND_NS), located(time_ns=START_NS + 2 * SECOND_NS)]
    lines = [write_json(decode_message(each[4:])).replace("\n", "") for each in messages]
    stream = list(split_sapient(b"".join(messages), source))
    text = list(split_sapient("\n".join(lines).encode(), source))
    assert [time_ns for time_ns, _ in stream] == [START_NS, START_NS + SECOND_NS, START_NS + 2 * SECOND_NS]
    assert [time_ns for time_ns, _ in text] == [time_ns for time_ns, _ in stream]
    assert [payload for _, payload in stream] == messages
    one, two = (receive(*(payload for _, payload in each)) for each in (stream, text))
    assert len(one.detections) == 2
    assert one.detections == two.detections


def test_sapient_goes_on_from_a_snapshot_of_the_whole_pipeline() -> None:
    site = node_site()
    looks = [seen(time_ns=START_NS + number * SECOND_NS) for number in range(40)]
    payloads = [registering(), status(), *looks[:20], status(system="SYSTEM_WARNING"), *looks[20:]]

    def inputs(first: int, last: int) -> Frames:
        count = len(payloads)
        whole = Frames.of(
            payloads,
            sequence=np.arange(1, count + 1),
            source=np.zeros(count, dtype=np.int64),
            received_ns=START_NS + np.maximum(np.arange(count) - 2, 0) * SECOND_NS,
        )
        return whole.take(slice(first, last))

    original, resumed = Pipeline(site), Pipeline(site)
    original.step([inputs(0, 15)])
    resumed.restore(original.snapshot())
    one, two = (pipeline.step([inputs(15, len(payloads))]) for pipeline in (original, resumed))
    assert [encode_event(event) for event in one] == [encode_event(event) for event in two]
    assert any(isinstance(event, Tracked) for event in one)
    assert original.snapshot() == resumed.snapshot()


def test_what_no_answer_can_name_is_not_answered_and_stops_nothing() -> None:
    """v1 allows ids that are none; fuzzing found that an answer to them could not be made."""
    registration = decode_message(registering()[4:]).content
    registration.icd_version = str(Edition.V1)
    alert = unchecked(RADAR, alert={"alert_id": "door", "description": "open"})
    taken = receive(unchecked(RADAR, registration=registration), alert)
    assert [each.kind for each in answers(taken)] == [MessageKind.REGISTRATION_ACK]
    assert (NoticeKind.SENSOR_ALERT, "radar_3d") in notices(taken)
    crooked = RADAR.replace("7086", "70`6")
    answered = receive(unchecked(crooked, detection_report={"report_id": "none"}))
    assert len(answered.rejections) == 1
