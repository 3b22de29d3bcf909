"""MAVLink against the reference implementation, back and forth, in pieces and damaged."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common

from luchtwacht.codecs.mavlink import (
    BasicId,
    GlobalPosition,
    GpsRaw,
    Heartbeat,
    Location,
    Message,
    OperatorId,
    SystemInfo,
    SystemTime,
    decode_mavlink,
    encode_mavlink,
    encode_packet,
    split_mavlink,
)
from luchtwacht.errors import BadMessage

NOBODY = bytes(20)


def sent_by_the_reference() -> bytes:
    file = io.BytesIO()
    link = common.MAVLink(file, srcSystem=7, srcComponent=1)
    link.heartbeat_send(2, 3, 0x81, 0, 4)
    link.system_time_send(1_700_000_000_000_000, 5_000)
    link.gps_raw_int_send(1, 3, 3, 4, 5, 6, 7, 8, 3, 9, alt_ellipsoid=1, h_acc=1_500, v_acc=2_500)
    link.global_position_int_send(6_000, 521_234_567, 51_234_567, 45_000, 1_000, 100, -200, -30, 9_000)
    link.attitude_send(1, 0, 0, 0, 0, 0, 0)
    link.open_drone_id_basic_id_send(0, 0, NOBODY, 1, 2, b"1588E04FAKE000000001")
    link.open_drone_id_location_send(
        0, 0, NOBODY, 2, 9_000, 500, -100, 521_234_567, 51_234_567, 30.0, 75.0, 0, -1_000, 10, 4, 0, 0, 1_800.5, 0
    )
    link.open_drone_id_system_send(0, 0, NOBODY, 0, 0, 521_230_000, 51_230_000, 1, 0, -1_000, -1_000, 0, 0, 50.0, 0)
    link.open_drone_id_operator_id_send(0, 0, NOBODY, 0, b"NLDabc12345678901")
    return file.getvalue()


MESSAGES: list[Message] = [
    Heartbeat(kind=2, base_mode=0x81, status=4),
    SystemTime(unix_us=1_700_000_000_000_000, boot_ms=5_000),
    GpsRaw(fix=3, horizontal_accuracy_m=1.5, vertical_accuracy_m=2.5),
    GlobalPosition(
        boot_ms=6_000,
        latitude_deg=52.1234567,
        longitude_deg=5.1234567,
        height_amsl_m=45.0,
        north_m_s=1.0,
        east_m_s=-2.0,
        down_m_s=-0.3,
    ),
    BasicId(about=NOBODY, id_type=1, ua_type=2, uas_id=b"1588E04FAKE000000001"),
    Location(
        about=NOBODY,
        latitude_deg=52.1234567,
        longitude_deg=5.1234567,
        pressure_altitude_m=30.0,
        height_m=75.0,
        after_hour_s=1_800.5,
        direction_deg=90.0,
        speed_m_s=5.0,
        climb_m_s=-1.0,
        status=2,
        horizontal_accuracy=10,
        vertical_accuracy=4,
    ),
    SystemInfo(about=NOBODY, operator_latitude_deg=52.123, operator_longitude_deg=5.123, operator_height_m=50.0),
    OperatorId(about=NOBODY, operator_id="NLDabc12345678901"),
]


def test_what_the_reference_sends_is_read_and_what_we_send_the_reference_reads() -> None:
    packets, rest, lost, damaged = split_mavlink(sent_by_the_reference())
    assert [decode_mavlink(packet) for packet in packets] == MESSAGES
    assert {packet.system for packet in packets} == {7}
    assert (rest, lost, damaged) == (b"", 0, 0)
    ours = b"".join(encode_packet(encode_mavlink(message, system=7)) for message in MESSAGES)
    theirs = common.MAVLink(None).parse_buffer(ours)
    assert len(theirs) == len(MESSAGES)
    assert [each.get_srcSystem() for each in theirs] == [7] * len(MESSAGES)
    assert (theirs[3].lat, theirs[3].vy, theirs[2].h_acc) == (521_234_567, -200, 1_500)


@given(cut=st.integers(0, len(sent_by_the_reference())))
def test_a_stream_may_be_cut_anywhere(cut: int) -> None:
    whole = sent_by_the_reference()
    first, rest, _, _ = split_mavlink(whole[:cut])
    second, left, lost, damaged = split_mavlink(rest + whole[cut:])
    assert first + second == split_mavlink(whole)[0]
    assert (left, lost, damaged) == (b"", 0, 0)


@given(at=st.integers(0, len(sent_by_the_reference()) - 1), value=st.integers(1, 255))
def test_damage_costs_at_most_what_it_touches(at: int, value: int) -> None:
    whole = bytearray(sent_by_the_reference())
    whole[at] ^= value
    packets, _, _, _ = split_mavlink(bytes(whole) + sent_by_the_reference())
    good = split_mavlink(sent_by_the_reference())[0]
    assert all(packet in good for packet in packets)
    assert packets[-4:] == good[-4:]


@given(octets=st.binary(max_size=300))
def test_no_octets_do_more_than_be_counted(octets: bytes) -> None:
    packets, rest, lost, damaged = split_mavlink(octets)
    assert len(rest) + lost + damaged <= len(octets)
    for packet in packets:
        decode_mavlink(packet)


def test_a_place_off_the_globe_is_refused() -> None:
    file = io.BytesIO()
    common.MAVLink(file).global_position_int_send(0, 910_000_000, 0, 0, 0, 0, 0, 0, 0)
    ((packet,), _, _, _) = split_mavlink(file.getvalue())
    with pytest.raises(BadMessage, match="no place on earth"):
        decode_mavlink(packet)
