from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.remote_id.messages import MAC, dji_flights, frames_of, messages

from luchtwacht.codecs.remote_id import (
    BasicId,
    Carrier,
    DjiFlight,
    LinkType,
    Location,
    Message,
    OperatorId,
    System,
    decode,
    encode_beacon,
    encode_bluetooth,
    encode_dji_beacon,
    encode_nan,
    format_mac,
    parse_mac,
)
from luchtwacht.codecs.remote_id.bluetooth import ACCESS_ADDRESS, crc24
from luchtwacht.errors import BadMessage
from luchtwacht.model import Reason

PACK: tuple[Message, ...] = (
    BasicId(id_type=1, ua_type=2, uas_id="XPRT0TEST0000001"),
    Location(status=2, latitude_deg=52.0, longitude_deg=5.0, timestamp_s=1.0),
    System(operator_location=1, operator_latitude_deg=52.0, operator_longitude_deg=5.0),
    OperatorId(operator_id="NLDabcdefghijklm"),
)
Encode = Callable[..., bytes]
CARRIERS = [
    pytest.param(encode_beacon, LinkType.RADIOTAP, PACK, Carrier.WIFI_BEACON, id="beacon"),
    pytest.param(encode_nan, LinkType.RADIOTAP, PACK, Carrier.WIFI_NAN, id="nan"),
    pytest.param(encode_bluetooth, LinkType.NORDIC_BLE, PACK, Carrier.BLUETOOTH_EXTENDED, id="bluetooth-5"),
    pytest.param(encode_bluetooth, LinkType.NORDIC_BLE, PACK[1:2], Carrier.BLUETOOTH_LEGACY, id="bluetooth-4"),
]


@pytest.mark.parametrize(("encode", "link", "sent", "carrier"), CARRIERS)
def test_every_carrier_tells_who_how_loud_and_what(
    encode: Encode, link: LinkType, sent: tuple[Message, ...], carrier: Carrier
) -> None:
    decoded = decode(frames_of(encode(MAC, sent, rssi_dbm=-71, counter=300)), link)
    assert decoded.rejections == ()
    assert [each.message for each in decoded.messages] == list(sent)
    assert [each.record for each in decoded.messages] == list(range(len(sent)))
    assert {(each.mac, each.rssi_dbm, each.carrier) for each in decoded.messages} == {(MAC, -71.0, carrier)}
    assert decoded.heard.counter.tolist() == [300 % 256] * len(sent)


@given(st.lists(messages, min_size=2, max_size=9), st.integers(-127, 20))
def test_nan_and_bluetooth_bring_any_pack_as_it_was_sent(sent: list[Message], rssi_dbm: int) -> None:
    by_nan = decode(frames_of(encode_nan(MAC, sent, rssi_dbm=rssi_dbm, counter=1)))
    by_bluetooth = decode(frames_of(encode_bluetooth(MAC, sent, rssi_dbm=-1, counter=1)), LinkType.NORDIC_BLE)
    assert [each.message for each in by_nan.messages] == [each.message for each in by_bluetooth.messages] == sent


@pytest.mark.parametrize(("encode", "link", "sent", "carrier"), CARRIERS)
def test_every_truncation_is_refused_or_holds_no_remote_id(
    encode: Encode, link: LinkType, sent: tuple[Message, ...], carrier: Carrier
) -> None:
    whole = encode(MAC, sent, rssi_dbm=-71, counter=1)
    for size in range(len(whole)):
        decoded = decode(frames_of(whole[:size]), link)
        assert len(decoded.heard) == 0, size
        assert len(decoded.rejections) + decoded.other == 1, size


@pytest.mark.parametrize(("encode", "link", "sent", "carrier"), CARRIERS)
def test_every_single_corrupted_octet_after_the_radio_s_header_is_noticed(
    encode: Encode, link: LinkType, sent: tuple[Message, ...], carrier: Carrier
) -> None:
    whole = encode(MAC, sent, rssi_dbm=-71, counter=1)
    first = 10 if link is LinkType.RADIOTAP else 17 + 4 + (carrier is Carrier.BLUETOOTH_EXTENDED)
    for at in range(first, len(whole)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[at] ^= flip
            assert len(decode(frames_of(bytes(damaged)), link).heard) == 0, (at, flip)


@settings(max_examples=300)
@given(
    st.sampled_from([case.values for case in CARRIERS]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4),
)
def test_corruption_without_a_check_sequence_never_raises_and_never_leaves_the_globe(
    case: tuple[Encode, LinkType, tuple[Message, ...], Carrier], changes: list[tuple[int, int]]
) -> None:
    encode, link, sent, _ = case
    frame = bytearray(encode(MAC, sent, rssi_dbm=-71, counter=1))
    if link is LinkType.RADIOTAP:
        frame[8] = 0  # the radio keeps the check sequence to itself
    for at, value in changes:
        frame[at % len(frame)] = value
    decoded = decode(frames_of(bytes(frame)), link)
    assert len(decoded.messages) == len(decoded.heard)
    assert not (np.abs(decoded.locations.latitude_deg) > 90.0).any()
    assert not (np.abs(decoded.locations.longitude_deg) > 180.0).any()
    assert not (decoded.locations.timestamp_s > 3600.0).any()


@settings(max_examples=300)
@given(st.sampled_from(LinkType), st.lists(st.binary(max_size=120), max_size=4))
def test_noise_never_raises(link: LinkType, noise: list[bytes]) -> None:
    decoded = decode(frames_of(*noise), link)
    assert len(decoded.rejections) + decoded.other >= len(noise) - len(decoded.heard)


@settings(max_examples=300)
@given(
    st.sampled_from([b"\xfa\x0b\xbc\x0d", b"\x26\x37\x12\x58\x62\x13\x10", b"\x88\x69\x19\x9d\x92\x09"]),
    st.sampled_from([b"\x80\x00", b"\xd0\x00", b"\x50\x80"]),
    st.binary(max_size=60),
    st.binary(max_size=120),
)
def test_noise_that_looks_like_remote_id_never_raises(mark: bytes, control: bytes, before: bytes, after: bytes) -> None:
    frame = control + bytes(34) + b"\xdd\x60" + mark + before + mark + after
    decode(frames_of(frame), LinkType.IEEE802_11)
    decode(frames_of(bytes(8) + frame), LinkType.RADIOTAP)


def test_trailing_octets_after_a_pack_are_padding() -> None:
    frame = encode_beacon(MAC, PACK, rssi_dbm=-71, counter=1)
    bare = bytearray(frame[10:-4])
    at = bare.find(b"\xfa\x0b\xbc\x0d") - 1
    bare[at] += 5
    decoded = decode(frames_of(bytes(bare) + bytes(5)), LinkType.IEEE802_11)
    assert [each.message for each in decoded.messages] == list(PACK)
    assert decoded.rejections == ()


def test_a_pack_that_its_element_cuts_short_gives_its_whole_messages() -> None:
    bare = bytearray(encode_beacon(MAC, PACK, rssi_dbm=-71, counter=1)[10:-4])
    bare[bare.find(b"\xfa\x0b\xbc\x0d") - 1] -= 3
    decoded = decode(frames_of(bytes(bare)), LinkType.IEEE802_11)
    assert [each.message for each in decoded.messages] == list(PACK[:-1])
    assert [(each.reason, each.record, each.count) for each in decoded.rejections] == [(Reason.TRUNCATED, 3, 1)]


@pytest.mark.parametrize("count", [0, 10, 255])
def test_a_pack_must_hold_one_to_nine_messages(count: int) -> None:
    bare = bytearray(encode_beacon(MAC, PACK, rssi_dbm=-71, counter=1)[10:-4])
    bare[bare.find(b"\xf2\x19") + 2] = count
    decoded = decode(frames_of(bytes(bare)), LinkType.IEEE802_11)
    assert len(decoded.heard) == 0
    assert [(each.reason, each.item) for each in decoded.rejections] == [(Reason.MALFORMED, "message_pack")]


@pytest.mark.parametrize("count", [0, 10])
def test_a_pack_of_none_or_ten_is_not_sent(count: int) -> None:
    with pytest.raises(BadMessage):
        encode_beacon(MAC, PACK[:1] * count, rssi_dbm=-71, counter=1)


def test_other_wi_fi_traffic_is_counted_and_no_fault() -> None:
    beacon = bytes(8) + b"\x80\x00" + bytes(34) + b"\x00\x04cafe"
    header = b"\x00\x00\x08\x00\x00\x00\x00\x00"
    decoded = decode(frames_of(header + beacon[8:], header + b"\x48\x01" + bytes(22)))
    assert (decoded.other, decoded.rejections) == (2, ())


def test_radiotap_fields_are_found_whatever_stands_before_them() -> None:
    bare = encode_beacon(MAC, PACK, rssi_dbm=-71, counter=1)[10:-4]
    header = struct.pack("<BBHII4xQBBHHb", 0, 0, 31, 0x8000_002F, 0, 9, 0, 2, 2437, 0xA0, -43)
    decoded = decode(frames_of(header + bare))
    assert decoded.heard.rssi_dbm.tolist() == [-43.0] * len(PACK)
    bad_fcs = bytearray(header)
    bad_fcs[24] = 0x40
    assert [each.item for each in decode(frames_of(bytes(bad_fcs) + bare)).rejections] == ["FCS"]


def test_bluetooth_crc_is_that_of_the_standard() -> None:
    """Bluetooth Core vol. 6 part B 3.1.1, bit by bit: shift register with taps 0, 1, 3, 4, 6, 9, 10, start 0x555555."""
    for pdu in (b"\x42\x06\x01\x02\x03\x04\x05\x06", b"", bytes(range(40))):
        register = 0x555555
        for octet in pdu:
            for bit in range(8):
                feedback = register >> 23 & 1 ^ octet >> bit & 1
                register = (register << 1 & 0xFFFFFF) ^ (0x00065B if feedback else 0)
        on_air = [register >> (23 - each) & 1 for each in range(24)]
        expected = bytes(sum(on_air[8 * n + bit] << bit for bit in range(8)) for n in range(3))
        assert crc24(pdu) == expected


def test_the_radio_s_word_on_the_crc_is_obeyed() -> None:
    frame = bytearray(encode_bluetooth(MAC, PACK, rssi_dbm=-71, counter=1))
    frame[8] &= 0xFE
    refused = decode(frames_of(bytes(frame)), LinkType.NORDIC_BLE).rejections
    assert [(each.reason, each.item) for each in refused] == [(Reason.MALFORMED, "CRC")]


def test_bluetooth_is_read_with_and_without_its_other_headers() -> None:
    air = encode_bluetooth(MAC, PACK[:1], rssi_dbm=-71, counter=1)[17:]
    assert air[:4] == ACCESS_ADDRESS
    bare = decode(frames_of(air), LinkType.BLUETOOTH_LE)
    header = bytes([37, 256 - 55, 0, 0]) + ACCESS_ADDRESS + (0x0002 | 0x0400 | 0x0800).to_bytes(2, "little")
    headed = decode(frames_of(header + air), LinkType.BLUETOOTH_LE_WITH_PHDR)
    assert [each.message for each in bare.messages] == [each.message for each in headed.messages] == [PACK[0]]
    assert headed.heard.rssi_dbm.tolist() == [-55.0]
    assert np.isnan(bare.heard.rssi_dbm).all()
    header = header[:8] + (0x0400).to_bytes(2, "little")
    refused = decode(frames_of(header + air), LinkType.BLUETOOTH_LE_WITH_PHDR).rejections
    assert [each.item for each in refused] == ["CRC"]


@given(dji_flights())
def test_dji_records_come_back_as_they_were_sent(sent: DjiFlight) -> None:
    decoded = decode(frames_of(encode_dji_beacon(MAC, sent, rssi_dbm=-50, counter=1)))
    assert decoded.rejections == ()
    (heard,) = decoded.messages
    found = heard.message
    assert isinstance(found, DjiFlight)
    assert heard.carrier is Carrier.DJI_BEACON
    assert (found.serial, found.uuid, found.state, found.sequence) == (
        sent.serial,
        sent.uuid,
        sent.state,
        sent.sequence,
    )
    assert found.latitude_deg == pytest.approx(sent.latitude_deg, abs=1e-5)
    assert found.longitude_deg == pytest.approx(sent.longitude_deg, abs=1e-5)
    assert found.velocity_up_m_s == sent.velocity_up_m_s
    assert (found.altitude_raw, found.height_raw) == (sent.altitude_raw, sent.height_raw)


@given(st.integers(0, 2**48 - 1))
def test_addresses_are_written_and_read(address: int) -> None:
    assert parse_mac(format_mac(address)) == address


@given(st.permutations(range(6)), st.sets(st.integers(1, 5)))
def test_how_frames_are_cut_into_calls_changes_nothing(order: list[int], cuts: set[int]) -> None:
    kinds = [
        encode_beacon(MAC, PACK, rssi_dbm=-71, counter=1),
        encode_nan(MAC, PACK[:2], rssi_dbm=-71, counter=2),
        encode_beacon(MAC, PACK, rssi_dbm=-71, counter=3)[:-20],
        b"noise",
        bytes(8) + b"\x80\x00" + bytes(40),
        encode_beacon(MAC, PACK[1:], rssi_dbm=-70, counter=4),
    ]
    frames = frames_of(*(kinds[each] for each in order))
    whole = decode(frames)
    borders = [0, *sorted(cuts), 6]
    parts = [decode(frames.take(slice(a, b))) for a, b in pairwise(borders)]
    assert [m.message for m in whole.messages] == [m.message for part in parts for m in part.messages]
    assert whole.rejections == tuple(each for part in parts for each in part.rejections)
    assert whole.other == sum(part.other for part in parts)
