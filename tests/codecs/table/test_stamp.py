"""The recorded time of receipt of each line, without reading the rest of it."""

from __future__ import annotations

from tests.codecs.table.tables import HEADER, MAPPING, SECOND_NS, TRACK

from luchtwacht.codecs.table import line_stamper, parse_mapping


def test_lines_are_stamped_and_what_cannot_be_read_is_not() -> None:
    stamp = line_stamper(parse_mapping(MAPPING, "radar.toml"))
    assert stamp(HEADER) is None
    assert stamp(TRACK) == 100_000_000_000
    assert stamp(b"\xff\xff") is None
    assert stamp(b"soon,,,,,,") is None
    assert stamp(TRACK.replace(b"100", b"200.25")) == 200_250_000_000


def test_a_table_without_the_column_has_no_times() -> None:
    stamp = line_stamper(parse_mapping(MAPPING, "radar.toml"))
    assert [stamp(b"time,b"), stamp(b"100,2"), stamp(b"")] == [None, None, None]


def test_one_damaged_time_does_not_stretch_a_recording_and_a_long_pause_is_believed() -> None:
    stamp = line_stamper(parse_mapping(MAPPING, "radar.toml"))
    stamp(HEADER)
    later = 10 * 86_400
    told = [
        stamp(TRACK.replace(b"100", b"%d" % time)) for time in (100, 4_000_000_000, 101, later, later + 1, later + 2)
    ]
    assert told == [100 * SECOND_NS, None, 101 * SECOND_NS, None, (later + 1) * SECOND_NS, (later + 2) * SECOND_NS]
