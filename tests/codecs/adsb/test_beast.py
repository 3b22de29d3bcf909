from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.adsb import BeastFrame, encode_beast, split_beast
from luchtwacht.codecs.adsb.beast import of_the_day, seconds_of
from luchtwacht.errors import BadMessage

beast_frames = st.builds(
    BeastFrame,
    ticks=st.integers(0, 2**48 - 1) | st.just(0x1A1A1A1A1A1A),
    signal=st.integers(0, 255) | st.just(0x1A),
    octets=st.sampled_from([2, 7, 14]).flatmap(
        lambda size: st.binary(min_size=size, max_size=size) | st.just(b"\x1a" * size)
    ),
)


@given(st.lists(beast_frames, max_size=6), st.sets(st.integers(0, 300)))
def test_a_stream_comes_back_however_it_is_cut(sent: list[BeastFrame], cuts: set[int]) -> None:
    stream = b"".join(map(encode_beast, sent))
    borders = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    found: list[BeastFrame] = []
    rest, lost = b"", 0
    for start, stop in pairwise(borders):
        frames, rest, skipped = split_beast(rest + stream[start:stop])
        found += frames
        lost += skipped
    assert (found, rest, lost) == (sent, b"", 0)


@given(beast_frames, st.binary(max_size=30).filter(lambda noise: b"\x1a" not in noise))
def test_noise_before_a_frame_is_counted(frame: BeastFrame, noise: bytes) -> None:
    assert split_beast(noise + encode_beast(frame)) == ([frame], b"", len(noise))


@given(beast_frames, beast_frames, st.integers(3, 8))
def test_a_frame_that_is_cut_off_does_not_swallow_the_next(cut: BeastFrame, whole: BeastFrame, size: int) -> None:
    part = encode_beast(cut)[:size]
    if part.count(b"\x1a") % 2 == 0:
        return  # ends within an escaped octet: then the next start cannot be told from data
    frames, rest, lost = split_beast(part + encode_beast(whole))
    assert (frames, rest, lost) == ([whole], b"", len(part))


@given(st.binary(max_size=200))
def test_noise_never_raises_and_the_rest_stays_short(noise: bytes) -> None:
    frames, rest, lost = split_beast(noise)
    assert len(rest) <= 2 + 2 * 21
    assert lost + len(rest) <= len(noise)
    assert bool(frames) <= bool(noise)


def test_octets_of_a_frame_worked_by_hand() -> None:
    stream = bytes.fromhex("1a32000000001a1a01405d484c611a1a2b3c")
    assert split_beast(stream) == ([BeastFrame(0x1A01, 0x40, bytes.fromhex("5d484c611a2b3c"))], b"", 0)


def test_what_no_type_carries_is_not_sent() -> None:
    with pytest.raises(BadMessage):
        encode_beast(BeastFrame(0, 0, b"abc"))
    with pytest.raises(BadMessage):
        encode_beast(BeastFrame(2**48, 0, b"ab"))


def test_a_counter_and_a_time_of_day_are_told_apart_by_their_figures() -> None:
    counted = [12_000_000 * second // 2 for second in range(1, 400)]
    of_day = [(36_000 + second // 2) << 30 | second % 2 * 500_000_000 for second in range(400)]
    assert not of_the_day(counted)
    assert of_the_day(of_day)
    assert of_the_day([0, 0xFF00_4D4C_4154, *of_day])  # which say no time
    assert not of_the_day(of_day[:99])
    assert seconds_of(of_day[1], gps=True) == 36_000.5
    assert seconds_of(12_000_000) == 1.0
    assert seconds_of(0xFF00_4D4C_4154) is seconds_of(0) is None
