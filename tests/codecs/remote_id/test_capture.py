from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.remote_id import LinkType, read_capture
from luchtwacht.errors import BadRecording
from luchtwacht.units import SECOND_NS

PACKETS = [
    (1_700_000_000 * SECOND_NS + 123_456_000, b"one"),
    (1_700_000_001 * SECOND_NS, b""),
    (5 * SECOND_NS, b"three"),
]


def pcap(order: str = "<", nanoseconds: bool = False, link: int = 127) -> bytes:
    magic, unit = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1_000)
    made = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65_535, link)
    for time_ns, octets in PACKETS:
        seconds, rest = divmod(time_ns, SECOND_NS)
        made += struct.pack(f"{order}IIII", seconds, rest // unit, len(octets), len(octets)) + octets
    return made


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(f"{order}II", kind, 12 + len(body)) + body + struct.pack(f"{order}I", 12 + len(body))


def interface(order: str, link: int, resolution: int | None, offset_s: int | None = None) -> bytes:
    options = b""
    if resolution is not None:
        options += struct.pack(f"{order}HHB3x", 9, 1, resolution)
    if offset_s is not None:
        options += struct.pack(f"{order}HHq", 14, 8, offset_s)
    return block(order, 1, struct.pack(f"{order}HHI", link, 0, 0) + options + bytes(4))


def pcapng(order: str = "<", resolution: int | None = 9, offset_s: int | None = None, link: int = 127) -> bytes:
    ticks = 1_000_000 if resolution is None else 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    made = block(order, 0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1))
    made += interface(order, link, resolution, offset_s)
    made += block(order, 5, bytes(12))  # interface statistics: passed over
    for time_ns, octets in PACKETS:
        count = (time_ns - (offset_s or 0) * SECOND_NS) * ticks // SECOND_NS
        head = struct.pack(f"{order}IIIII", 0, count >> 32, count & 0xFFFFFFFF, len(octets), len(octets))
        made += block(order, 6, head + octets)
    return made


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_pcap_in_both_octet_orders_and_both_units(order: str, nanoseconds: bool) -> None:
    capture = read_capture(pcap(order, nanoseconds))
    assert (capture.link, list(capture), capture.whole) == (LinkType.RADIOTAP, PACKETS, True)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("resolution", "offset_s"), [(None, None), (9, None), (6, 0), (0x80 | 30, None), (9, -3_600)])
def test_pcapng_in_both_octet_orders_and_any_resolution(
    order: str, resolution: int | None, offset_s: int | None
) -> None:
    capture = read_capture(pcapng(order, resolution, offset_s))
    assert [octets for _, octets in capture] == [octets for _, octets in PACKETS]
    for (found_ns, _), (sent_ns, _) in zip(capture, PACKETS, strict=True):
        assert abs(found_ns - sent_ns) <= 1
    assert capture.whole


@pytest.mark.parametrize("made", [pcap(), pcapng()])
def test_every_truncation_gives_the_packets_before_it(made: bytes) -> None:
    for size in range(len(made)):
        try:
            capture = read_capture(made[:size])
        except BadRecording:
            assert size < 60
            continue
        assert list(capture) == PACKETS[: len(capture)]
        assert capture.whole == (read_capture(made[:size]).whole)
    assert list(read_capture(made + b"xy")) == PACKETS
    assert not read_capture(made + b"xy").whole


@given(st.binary(max_size=200), st.sampled_from([b"", pcap()[:24], pcapng()[:60]]))
def test_noise_is_a_bad_recording_at_worst(noise: bytes, before: bytes) -> None:
    with suppress(BadRecording):
        read_capture(before + noise)


def test_a_capture_of_something_else_is_named() -> None:
    with pytest.raises(BadRecording, match="link type 1 "):
        read_capture(pcap(link=1))
    with pytest.raises(BadRecording, match="link type 1 "):
        read_capture(pcapng(link=1))
    with pytest.raises(BadRecording, match="neither"):
        read_capture(b"not a capture at all, really")


def test_other_interfaces_of_a_pcapng_are_left_out() -> None:
    made = pcapng() + interface("<", 1, None)
    made += block("<", 6, struct.pack("<IIIII", 1, 0, 5, 3, 3) + b"eth")
    assert list(read_capture(made)) == PACKETS
