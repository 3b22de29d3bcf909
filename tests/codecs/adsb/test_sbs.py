from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.adsb import SbsMessage, decode_sbs, encode_sbs, split_lines
from luchtwacht.errors import BadMessage
from luchtwacht.units import SECOND_NS

LINE = b"MSG,3,1,1,484C61,1,2025/06/01,12:00:00.250,2025/06/01,12:00:00.300,,2100,,,52.3,4.7,,,0,-1,0,0"

sbs_messages = st.builds(
    SbsMessage,
    transmission_type=st.integers(1, 8),
    address=st.from_regex(r"[0-9A-F]{6}", fullmatch=True),
    generated_ns=st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds * 1_000_000),
    callsign=st.text("ABC123", max_size=8),
    altitude_ft=st.none() | st.floats(-1_000, 60_000),
    ground_speed_kt=st.none() | st.floats(0, 900),
    track_deg=st.none() | st.floats(0, 360),
    latitude_deg=st.none() | st.floats(-90, 90),
    longitude_deg=st.none() | st.floats(-180, 180),
    vertical_rate_ft_min=st.none() | st.floats(-9_000, 9_000),
    squawk=st.sampled_from(["", "7000"]),
    alert=st.none() | st.booleans(),
    emergency=st.none() | st.booleans(),
    identification=st.none() | st.booleans(),
    on_ground=st.none() | st.booleans(),
)


def test_a_line_as_receivers_write_it() -> None:
    assert decode_sbs(LINE) == SbsMessage(
        transmission_type=3,
        address="484C61",
        generated_ns=1_748_779_200 * SECOND_NS + 250_000_000,
        altitude_ft=2100.0,
        latitude_deg=52.3,
        longitude_deg=4.7,
        alert=False,
        emergency=True,
        identification=False,
        on_ground=False,
    )


@given(sbs_messages)
def test_what_is_encoded_comes_back(message: SbsMessage) -> None:
    (line,), rest = split_lines(encode_sbs(message))
    assert rest == b""
    assert decode_sbs(line) == message


@given(st.lists(sbs_messages, max_size=4), st.integers(1, 50))
def test_lines_come_whole_however_the_stream_is_cut(sent: list[SbsMessage], step: int) -> None:
    stream, rest, lines = b"".join(map(encode_sbs, sent)), b"", []
    for at in range(0, len(stream), step):
        found, rest = split_lines(rest + stream[at : at + step])
        lines += found
    assert rest == b""
    assert [decode_sbs(line) for line in lines] == sent


def test_a_stream_without_line_ends_does_not_grow_for_ever() -> None:
    lines, rest = split_lines(b"x" * 2_000)
    assert (len(lines), rest) == (1, b"")


@pytest.mark.parametrize("line", [b"", b"STA,,1,1,484C61,1,,,,,RM", b"AIR,,1,1,484C61,1,,,,"])
def test_other_lines_are_no_messages(line: bytes) -> None:
    assert decode_sbs(line) is None


@pytest.mark.parametrize(
    "line",
    [
        LINE[:-2],
        LINE.replace(b"484C61", b"484C6G"),
        LINE.replace(b"52.3", b"92.3"),
        LINE.replace(b"2100", b"nan"),
        LINE.replace(b"MSG,3", b"MSG,9"),
        LINE.replace(b"2025/06/01", b"2025/06/31"),
        b"\xff" + LINE,
        b"GET / HTTP/1.1",
    ],
)
def test_a_bad_line_is_named(line: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_sbs(line)


@given(st.binary(max_size=80), st.integers(0, len(LINE)))
def test_noise_is_a_bad_message_at_worst(noise: bytes, at: int) -> None:
    with suppress(BadMessage):
        decode_sbs(LINE[:at] + noise + LINE[at:])
    with suppress(BadMessage):
        decode_sbs(noise)
