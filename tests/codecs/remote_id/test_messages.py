from __future__ import annotations

import math
import struct
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.codecs.remote_id.messages import MAC, frames_of, locations, messages

from luchtwacht.codecs.remote_id import (
    HORIZONTAL_ACCURACY_M,
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
    decode,
    encode_beacon,
    encode_message,
    horizontal_accuracy_class,
    join_authentication,
    split_authentication,
    vertical_accuracy_class,
)
from luchtwacht.codecs.remote_id.wire import EPOCH_2019_NS, MESSAGE_SIZE
from luchtwacht.errors import BadMessage
from luchtwacht.model import Reason
from luchtwacht.units import SECOND_NS

AIRBORNE = Location(status=2, latitude_deg=52.0, longitude_deg=5.0)


def through_the_air(*sent: Message) -> list[Message]:
    decoded = decode(frames_of(encode_beacon(MAC, sent, rssi_dbm=-60, counter=7)))
    assert decoded.rejections == ()
    return [each.message for each in decoded.messages]


@given(st.lists(messages, min_size=1, max_size=9))
def test_any_pack_comes_back_as_it_was_sent(sent: list[Message]) -> None:
    assert through_the_air(*sent) == sent


@given(messages)
def test_every_message_has_25_octets(message: Message) -> None:
    assert len(encode_message(message)) == MESSAGE_SIZE


def test_location_octets_are_those_of_the_table() -> None:
    """F3411-22a table 5, worked by hand."""
    message = Location(
        status=2,
        latitude_deg=52.5,
        longitude_deg=-5.25,
        geodetic_altitude_m=143.5,
        pressure_altitude_m=100.0,
        height_m=50.0,
        height_type=1,
        direction_deg=270.0,
        speed_m_s=12.5,
        vertical_speed_m_s=-1.5,
        horizontal_accuracy=10,
        vertical_accuracy=4,
        pressure_accuracy=3,
        speed_accuracy=4,
        timestamp_s=1234.5,
        timestamp_accuracy_s=0.3,
    )
    expected = bytes([0x12, 0x26, 90, 50, 0xFD]) + struct.pack("<ii", 525_000_000, -52_500_000)
    expected += struct.pack("<HHH", 2200, 2287, 2100) + bytes([0x4A, 0x34]) + struct.pack("<H", 12345) + b"\x03\x00"
    assert encode_message(message) == expected


def test_unknown_values_are_the_special_numbers_of_the_standard() -> None:
    octets = encode_message(Location(status=0, latitude_deg=None, longitude_deg=None))
    assert octets[1] == 0b11, "east/west for 361 degrees and multiplier for 255 m/s"
    assert octets[2] + 180 == 361
    assert octets[3] * 0.75 + 63.75 == 255.0
    assert struct.unpack_from("<b", octets, 4)[0] * 0.5 == 63.0
    assert octets[5:19] == bytes(14)
    assert octets[21:23] == b"\xff\xff"


def test_unknown_values_become_nan_in_columns() -> None:
    found = decode(
        frames_of(
            encode_beacon(MAC, [Location(status=0, latitude_deg=None, longitude_deg=None)], rssi_dbm=-1, counter=0)
        )
    ).locations
    for name in ("latitude_deg", "longitude_deg", "geodetic_altitude_m", "pressure_altitude_m", "height_m"):
        assert np.isnan(getattr(found, name)).all(), name
    for name in ("direction_deg", "speed_m_s", "vertical_speed_m_s", "timestamp_s", "timestamp_accuracy_s"):
        assert np.isnan(getattr(found, name)).all(), name


def slow_location(octets: bytes) -> tuple[float | None, ...]:
    """The slow twin: one message, field by field."""
    (flags, direction, speed, climb, lat, lon, baro, geo, height, _, _, tenths) = struct.unpack_from(
        "<xBBBbiiHHHBBH", octets
    )
    degrees: float | None = direction + (180 if flags & 2 else 0)
    metres = speed * 0.25 if not flags & 1 else speed * 0.75 + 255 * 0.25
    altitude = [None if raw == 0 else raw / 2 - 1000 for raw in (baro, geo, height)]
    return (
        None if lat == lon == 0 else lat / 10_000_000,
        None if lat == lon == 0 else lon / 10_000_000,
        *altitude,
        None if degrees is not None and degrees >= 361 else degrees,
        None if metres == 255.0 else metres,
        None if climb == 126 else climb / 2,
        None if tenths == 0xFFFF else tenths / 10,
    )


@given(locations())
def test_columns_equal_the_slow_twin(message: Location) -> None:
    octets = encode_message(message)
    found = decode(frames_of(encode_beacon(MAC, [message], rssi_dbm=-1, counter=0))).locations
    row = (
        found.latitude_deg,
        found.longitude_deg,
        found.pressure_altitude_m,
        found.geodetic_altitude_m,
        found.height_m,
        found.direction_deg,
        found.speed_m_s,
        found.vertical_speed_m_s,
        found.timestamp_s,
    )
    for mine, twin in zip((float(each[0]) for each in row), slow_location(octets), strict=True):
        assert (math.isnan(mine) and twin is None) or mine == twin


@pytest.mark.parametrize("version", [0, 1])
def test_older_versions_do_not_say_what_was_reserved(version: int) -> None:
    newest = System(
        operator_location=1,
        operator_latitude_deg=52.0,
        operator_longitude_deg=5.0,
        operator_altitude_m=40.0,
        timestamp_ns=EPOCH_2019_NS + SECOND_NS,
    )
    octets = bytearray(encode_message(newest))
    octets[0] = 4 << 4 | version
    frame = bytearray(encode_beacon(MAC, [newest], rssi_dbm=-1, counter=0))
    at = frame.find(encode_message(newest))
    frame[at] = octets[0]
    found = decode(frames_of(reseal(frame))).systems
    assert found.timestamp_ns[0] == -1
    assert np.isnan(found.operator_altitude_m[0]) == (version < 1)


def reseal(frame: bytearray) -> bytes:
    """The frame with a check sequence that holds, after its octets were changed."""
    return bytes(frame[:-4]) + crc32(frame[10:-4]).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("offset", "value", "item"),
    [(2, b"\xb6", "direction"), (4, b"\x7f", "vertical_speed"), (21, b"\xa1\x8c", "timestamp")],
)
def test_values_that_no_aircraft_can_have_are_refused(offset: int, value: bytes, item: str) -> None:
    frame = bytearray(encode_beacon(MAC, [AIRBORNE], rssi_dbm=-1, counter=0))
    at = frame.find(encode_message(AIRBORNE)) + offset
    frame[at : at + len(value)] = value
    decoded = decode(frames_of(reseal(frame)))
    assert [(each.reason, each.item, each.record) for each in decoded.rejections] == [(Reason.IMPLAUSIBLE, item, 0)]
    assert len(decoded.locations) == 0


def test_a_latitude_off_the_globe_is_refused_and_the_rest_of_the_pack_kept() -> None:
    known = BasicId(id_type=1, ua_type=2, uas_id="XPRT0TEST0000001")
    frame = bytearray(encode_beacon(MAC, [AIRBORNE, known], rssi_dbm=-1, counter=0))
    at = frame.find(encode_message(AIRBORNE)) + 5
    frame[at : at + 4] = struct.pack("<i", -1_680_000_000)
    decoded = decode(frames_of(reseal(frame)))
    assert [each.item for each in decoded.rejections] == ["latitude"]
    assert [(each.record, each.message) for each in decoded.messages] == [(1, known)]


@pytest.mark.parametrize(
    ("message", "octet"),
    [
        (BasicId(id_type=1, ua_type=2, uas_id="SERIAL"), 3),
        (OperatorId(operator_id="NLDabcdefgh"), 4),
        (SelfId(description_type=0, description="hello"), 5),
    ],
)
def test_text_that_is_not_printable_is_damage(message: Message, octet: int) -> None:
    frame = bytearray(encode_beacon(MAC, [message], rssi_dbm=-1, counter=0))
    at = frame.find(encode_message(message))
    for wrong in (0xC3, 0x07, 0x00):
        frame[at + octet] = wrong
        decoded = decode(frames_of(reseal(frame)))
        assert [each.reason for each in decoded.rejections] == [Reason.MALFORMED], hex(wrong)


def test_an_unknown_version_and_type_are_named() -> None:
    frame = bytearray(encode_beacon(MAC, [AIRBORNE, AIRBORNE], rssi_dbm=-1, counter=0))
    at = frame.find(encode_message(AIRBORNE))
    frame[at], frame[at + MESSAGE_SIZE] = 0x13, 0x62
    refused = decode(frames_of(reseal(frame))).rejections
    assert [(each.reason, each.item) for each in refused] == [
        (Reason.UNSUPPORTED, "version"),
        (Reason.UNSUPPORTED, "message_type"),
    ]


@pytest.mark.parametrize(
    "message",
    [
        Location(status=16, latitude_deg=None, longitude_deg=None),
        Location(status=2, latitude_deg=91.0, longitude_deg=5.0),
        Location(status=2, latitude_deg=52.0, longitude_deg=None),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0, geodetic_altitude_m=-1000.0),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0, speed_m_s=-1.0),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0, speed_m_s=255.0),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0, vertical_speed_m_s=62.5),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0, timestamp_s=3600.1),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0, version=3),
        BasicId(id_type=1, ua_type=2, uas_id="X" * 21),
        BasicId(id_type=1, ua_type=2, uas_id="é"),
        BasicId(id_type=4, ua_type=2, uas_id="00"),
        OperatorId(operator_id="x", operator_id_type=256),
    ],
)
def test_what_does_not_fit_is_not_sent(message: Message) -> None:
    with pytest.raises(BadMessage):
        encode_message(message)


@given(st.integers(0, 15), st.binary(max_size=255))
def test_signatures_survive_their_pages_in_any_order(auth_type: int, data: bytes) -> None:
    whole = Authentication(auth_type=auth_type, timestamp_ns=EPOCH_2019_NS, data=data)
    pages = split_authentication(whole)
    assert len(pages) == 1 + max(0, -(-(len(data) - 17) // 23))
    assert join_authentication(pages[::-1]) == whole
    for missing in range(len(pages)):
        assert join_authentication([page for page in pages if page.page != missing]) is None


def test_accuracy_classes_never_promise_more_than_they_were_given() -> None:
    for bound in (0.5, 1.0, 1.1, 9.9, 10.0, 31.0, 185.2, 20_000.0):
        chosen = horizontal_accuracy_class(bound)
        assert chosen == 0 if bound > 18_520.0 else HORIZONTAL_ACCURACY_M[chosen] >= bound
    assert horizontal_accuracy_class(3.0) == 11
    assert vertical_accuracy_class(3.1) == 4
