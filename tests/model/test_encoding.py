"""Values to bytes and back."""

import math
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from luchtwacht.model import (
    AcknowledgeAlert,
    Alert,
    AlertChanged,
    AlertKind,
    AlertStatus,
    AlertStep,
    Area,
    Associations,
    Authorisation,
    AuthorisationState,
    Cause,
    Chances,
    Circle,
    Claimed,
    Claims,
    Command,
    Detected,
    Detections,
    Event,
    Extent,
    Findings,
    FindTakeOff,
    Format,
    Found,
    Identified,
    Identities,
    Notice,
    NoticeKind,
    Place,
    PutAuthorisation,
    PutZone,
    Reason,
    Reidentified,
    Rejected,
    Rejection,
    Restriction,
    Sensor,
    SensorKind,
    Severity,
    Site,
    Source,
    TakeOff,
    TakeOffFound,
    Tick,
    Tracked,
    Tracks,
    Volume,
    Zone,
    ZoneChanged,
)
from luchtwacht.model.encoding import (
    decode_command,
    decode_event,
    decode_site,
    decode_tick,
    encode_command,
    encode_event,
    encode_site,
    encode_tick,
)

ZONE = Zone(
    id="Z1",
    name="Circle of a test",
    restriction=Restriction.PROHIBITED,
    volumes=(Volume(circle=Circle(latitude=52.0, longitude=5.0, radius=500.0), upper=120.0),),
    message={"nl": "verboden", "en": "forbidden"},
)
AUTHORISATION = Authorisation(
    id="A1",
    state=AuthorisationState.GRANTED,
    zones=("Z1",),
    start=datetime(2026, 5, 3, tzinfo=UTC),
    end=datetime(2026, 5, 4, tzinfo=UTC),
)
TAKE_OFF = TakeOff(
    track=3, revision=2, extent=Extent.HIDDEN,
    half=Area(probability=0.5, size=100.0, polygons=((((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0)),),)),
    most=None, point=(4.0, 5.0), expected_error=3.5, launch_ns=7, launch_from_ns=6, launch_until_ns=8, bearing=None,
    bearing_sigma=0.5, in_view=0.25, first_ns=9, first_seen=(1.0, 2.0, 3.0), used_until_ns=11, detections=(5, 6),
    sensors=(0,), searching=(0, 2), wind=(1.0, -2.0), detail="a test",
)  # fmt: skip
ALERT = Alert(
    id=1,
    kind=AlertKind.ZONE_INTRUSION,
    status=AlertStatus.RAISED,
    severity=Severity.CRITICAL,
    track=3,
    tracks=(3, 7),
    zone="Z1",
    aircraft_id="",
    started_ns=1,
    confirmed_ns=2,
    raised_ns=3,
    changed_ns=3,
    active=True,
    cause=Cause(
        finding_time_ns=3,
        probability_inside=0.98,
        probability_entry=1.0,
        probability_uas=0.9,
        probability_permitted=0.0,
        distance=-20.0,
        time_to_entry=0.0,
        position=(1.0, 2.0, 60.0),
        height_sigma=9.0,
        detections=(65_536, 65_537),
    ),
    steps=(AlertStep(time_ns=3, status=AlertStatus.RAISED, actor=""),),
)
EVENTS: list[Event] = [
    Rejected(
        time_ns=1,
        rejections=(Rejection(frame=1, record=-1, source=0, reason=Reason.CLOCK, item="I048/140", detail="late"),),
    ),
    Detected(time_ns=2, detections=Detections.unknown(2, id=[1, 2], z=np.ones((2, 4)))),
    Claimed(time_ns=2, claims=Claims.unknown(1, aircraft_id="uas:TEST", callsign="é")),
    Tracked(time_ns=2, tracks=Tracks.unknown(1, track=4), associations=Associations.empty()),
    Reidentified(time_ns=2, track=4, former=9, lost_ns=1, probability=0.97, away=12.5),
    Identified(time_ns=2, identities=Identities.unknown(1, track=4)),
    Found(time_ns=2, findings=Findings.unknown(1, track=4, zone="Z1")),
    AlertChanged(time_ns=3, alert=ALERT),
    TakeOffFound(time_ns=3, takeoff=TAKE_OFF, chances=Chances.unknown(2, probability=0.5)),
    ZoneChanged(time_ns=3, id="Z1", zone=ZONE),
    ZoneChanged(time_ns=3, id="Z1", zone=None),
    Notice(time_ns=4, kind=NoticeKind.SENSOR_SILENT, subject="radar", detail="nothing for 10 s"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_its_encoding(event: Event) -> None:
    data = encode_event(event)
    assert decode_event(data) == event
    assert encode_event(decode_event(data)) == data


@pytest.mark.parametrize("data", [b"", b"\xc0", b"\x80", msgspec.msgpack.encode({"event": "Nothing"})])
def test_other_bytes_are_no_event(data: bytes) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        decode_event(data)


@pytest.mark.parametrize(
    "order",
    [
        AcknowledgeAlert(alert=3, note="seen"),
        PutZone(zone=ZONE),
        PutAuthorisation(authorisation=AUTHORISATION),
        FindTakeOff(track=3),
    ],
)
def test_a_command_survives_its_encoding(order: object) -> None:
    command = Command(sequence=5, received_ns=6, actor="desk 1", order=order)  # type: ignore[arg-type]
    assert decode_command(encode_command(command)) == command


def test_a_tick_survives_its_encoding() -> None:
    assert decode_tick(encode_tick(Tick(sequence=5, received_ns=6))) == Tick(sequence=5, received_ns=6)


def test_a_site_survives_its_encoding() -> None:
    site = Site(
        id="test",
        name="Test",
        origin=Place(latitude=52.0, longitude=5.0),
        sources=(),
        sensors=(),
        zones=(ZONE,),
        authorisations=(AUTHORISATION,),
    )
    assert decode_site(encode_site(site)) == site


def test_a_sensor_without_bounds_survives_json() -> None:
    """JSON has no infinity."""
    origin = Place(latitude=52.0, longitude=5.0)
    site = Site(
        id="open",
        name="",
        origin=origin,
        sources=(Source(id="air", format=Format.REMOTE_ID),),
        sensors=(Sensor(id="receiver", kind=SensorKind.REMOTE_ID_RECEIVER, source="air", place=origin),),
    )
    assert site.sensors[0].range_max_m == math.inf
    assert decode_site(encode_site(site)) == site
    with pytest.raises(msgspec.ValidationError):
        decode_site(encode_site(site).replace(b'"latitude":52.0', b'"latitude":null'))
