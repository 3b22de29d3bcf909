"""What goes wrong in the field: each a clear counted error, and the good rows still come through."""

from __future__ import annotations

import gzip

import pytest
from tests.ingest.sites import HEADER, NOON_NS, frames, mappings, plots, site

from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Reason, Rejection

NOON_S = NOON_NS // 1_000_000_000
TRACK = f"{NOON_S},{NOON_S},52.001,5.0,1000,,7,,".encode()
SECOND = f"{NOON_S},{NOON_S},52.002,5.0,1000,,7,,".encode()


def table(*lines: bytes) -> Ingested:
    return Ingest(site(), mappings()).receive(frames(*lines, source=1))


def radar(*blocks: bytes) -> Ingested:
    return Ingest(site(), mappings()).receive(frames(*blocks, source=0))


CASES = {
    "a malformed CSV row": (lambda: table(HEADER.encode(), TRACK, TRACK.replace(b"52.001", b"5?"), SECOND), 1, 2),
    "a CSV row that was cut off": (lambda: table(HEADER.encode(), TRACK, TRACK[:12], SECOND), 1, 2),
    "a truncated ASTERIX block": (lambda: radar(plots(), plots()[:-5], plots()), 1, 2),
    "an unknown category": (lambda: radar(plots(), bytes([99, 0, 5, 0, 0]), plots()), 1, 2),
    "a sensor with a wrong clock": (lambda: radar(plots(), plots(I140=40_000.0), plots()), 1, 2),
    "a binary file given as CSV": (lambda: table(*gzip.compress(TRACK, mtime=0).split(b"\n"), TRACK), 2, 0),
    "the wrong table": (lambda: table(b"a,b,c", b"1,2,3"), 2, 0),
    "an empty datagram": (lambda: radar(plots(), b"", plots()), None, 2),
    "an empty line": (lambda: table(HEADER.encode(), TRACK, b"", SECOND), 1, 2),
}


@pytest.mark.parametrize("name", CASES)
def test_is_counted_by_frame_and_reason_while_the_good_rows_come_through(name: str) -> None:
    make, refused, good = CASES[name]
    taken = make()
    assert len(taken.detections) == good
    if refused is not None:
        assert sum(each.count for each in taken.rejections) == refused
    for each in taken.rejections:
        assert each.frame >= 1
        assert each.detail
        assert len(each.detail) < 300


def rejection(taken: Ingested) -> Rejection:
    (only,) = taken.rejections
    return only


def test_each_says_what_and_where() -> None:
    bad_cell = rejection(CASES["a malformed CSV row"][0]())
    assert (bad_cell.frame, bad_cell.reason, bad_cell.item) == (3, Reason.MALFORMED, "lat")
    assert "line 3" in bad_cell.detail
    assert "'5?'" in bad_cell.detail
    cut = rejection(CASES["a CSV row that was cut off"][0]())
    assert (cut.reason, "9" in cut.detail) == (Reason.TRUNCATED, True)
    block = rejection(CASES["a truncated ASTERIX block"][0]())
    assert (block.frame, block.reason) == (2, Reason.TRUNCATED)
    category = rejection(CASES["an unknown category"][0]())
    assert category.reason == Reason.UNSUPPORTED
    assert "99" in category.item + category.detail
    clock = rejection(CASES["a sensor with a wrong clock"][0]())
    assert clock.reason == Reason.CLOCK
    assert "3200.0 s behind" in clock.detail
    binary = CASES["a binary file given as CSV"][0]().rejections
    assert {each.reason for each in binary} == {Reason.UNKNOWN_FORMAT}
    assert "no line of text" in binary[0].detail


def test_an_empty_file_and_no_frames_at_all_are_nothing() -> None:
    taken = table()
    assert (len(taken.detections), taken.rejections, taken.reports) == (0, (), ())
