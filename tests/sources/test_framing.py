"""However a stream is cut by the network, its payloads are the same, and no byte is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.adsb import BeastFrame, encode_beast, split_beast
from luchtwacht.codecs.mavlink import Heartbeat, encode_mavlink, encode_packet, split_mavlink
from luchtwacht.model import Format
from luchtwacht.sources.framing import LONGEST_LINE, STREAMS, BlockFramer, LineFramer, split_datagram

BLOCKS = st.lists(
    st.binary(max_size=30).map(lambda body: b"\x30" + (len(body) + 3).to_bytes(2, "big") + body), max_size=8
)
LINES = st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b" ").replace(b"\r", b" ")), max_size=8)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[first:last] for first, last in pairwise(borders)]


@given(BLOCKS, st.lists(st.integers(0, 10_000), max_size=12))
def test_blocks_come_out_whole_wherever_the_stream_is_cut(blocks: list[bytes], places: list[int]) -> None:
    framer = BlockFramer()
    out = [block for part in cut(b"".join(blocks), places) for block in framer.take(part)]
    assert out == blocks
    assert framer.rest() == b""


@given(LINES, st.lists(st.integers(0, 10_000), max_size=12), st.sampled_from([b"\n", b"\r\n"]))
def test_lines_come_out_whole_wherever_the_stream_is_cut(lines: list[bytes], places: list[int], end: bytes) -> None:
    framer = LineFramer()
    out = [line for part in cut(b"".join(line + end for line in lines), places) for line in framer.take(part)]
    assert out == lines
    assert framer.rest() == b""


@pytest.mark.parametrize("format", STREAMS)
@given(data=st.binary(max_size=60), places=st.lists(st.integers(0, 60), max_size=6))
def test_no_byte_is_lost(format: Format, data: bytes, places: list[int]) -> None:
    framer = STREAMS[format]()
    out = [payload for part in cut(data, places) for payload in framer.take(part)]
    out.append(framer.rest())
    if format in (Format.ASTERIX, Format.SAPIENT, Format.BEAST, Format.MAVLINK):
        assert b"".join(out) == data
        return
    plain = bytes.maketrans(b"", b"")
    assert b"".join(out).translate(plain, b"\r\n") == data.translate(plain, b"\r\n")  # all but the ends of lines
    assert sum(map(len, out)) <= len(data)


def test_what_is_left_at_the_end_is_handed_over_once() -> None:
    framer = BlockFramer()
    assert framer.take(b"\x30\x00\x05ab\x30\x00\x09cut") == [b"\x30\x00\x05ab"]
    assert framer.rest() == b"\x30\x00\x09cut"
    assert framer.rest() == b""
    assert framer.take(b"\x30\x00\x04x") == [b"\x30\x00\x04x"]


def test_a_length_that_cannot_be_ends_the_framing_and_nothing_is_held_back() -> None:
    framer = BlockFramer()
    assert framer.take(b"\x30\x00\x04x\x00\x00\x00junk") == [b"\x30\x00\x04x", b"\x00\x00\x00junk"]
    assert framer.take(b"\x30\x00\x04y") == [b"\x30\x00\x04y"]


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    framer = LineFramer()
    out = [line for _ in range(3) for line in framer.take(b"x" * (LONGEST_LINE // 2 + 1))]
    assert len(out) == 1


def test_a_datagram_of_a_table_may_hold_several_lines() -> None:
    assert split_datagram(b"1,2\r\n3,4\n", Format.TABLE) == [b"1,2", b"3,4"]
    assert split_datagram(b"", Format.TABLE) == [b""]
    assert split_datagram(b"a\nb", Format.ASTERIX) == [b"a\nb"]


def beast_stream() -> bytes:
    """Frames of all sizes with escaped octets in them, noise before and between."""
    frames = [b"\x1a" * 2, bytes(range(7)), b"\x1a" * 14, bytes(14)]
    return b"no" + b"ise".join(encode_beast(BeastFrame(0x1A1A1A1A1A1A, 26, octets)) for octets in frames)


def mavlink_stream() -> bytes:
    packet = encode_packet(encode_mavlink(Heartbeat(kind=2, base_mode=1, status=4)))
    return b"no" + packet + b"ise" + bytes([0xFE, 2, 0, 1, 1, 250, 7, 7, 0, 0]) + packet


@given(cuts=st.lists(st.integers(0, 120), max_size=6), which=st.sampled_from(["beast", "mavlink"]))
def test_frames_stay_whole_and_no_octet_is_lost_however_a_stream_is_cut(cuts: list[int], which: str) -> None:
    whole = beast_stream() if which == "beast" else mavlink_stream()
    framer = STREAMS[Format.BEAST if which == "beast" else Format.MAVLINK]()
    borders = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    payloads: list[bytes] = []
    for first, last in pairwise(borders):
        payloads += framer.take(whole[first:last])
    assert framer.waiting == 0
    assert b"".join(payloads) == whole
    if which == "beast":
        assert sum(len(split_beast(payload)[0]) for payload in payloads) == 4
    else:
        assert sum(len(split_mavlink(payload)[0]) for payload in payloads) == 2
