"""Tables are read line by line; whatever a line is, the next one is read."""

from __future__ import annotations

import gzip
from math import isnan, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.table.tables import HEADER, SECOND_NS, STATUS, TRACK, decode, decoder, lines

from luchtwacht.codecs.table.decoder import split_line
from luchtwacht.codecs.table.numbers import BadText
from luchtwacht.model import Category, Reason


def test_a_line_becomes_a_report_in_si() -> None:
    tracks, states, _ = decode(HEADER, TRACK, STATUS).reports
    assert tracks.frame.tolist() == [1]
    assert tracks.time_ns.tolist() == [99_500_000_000]
    assert tracks.value("latitude").tolist() == [radians(52.0)]
    assert tracks.value("number").tolist() == [7.0]
    assert isnan(tracks.value("height")[0])
    assert tracks.category[0, Category.BIRD] == 0.1
    assert tracks.category[0, Category.OTHER] == 1.0
    assert states.time_ns.tolist() == [102 * SECOND_NS]  # of receipt: the mapping names no other
    assert states.state == ("ok",)


def test_one_line_may_hold_several_reports() -> None:
    tracks, states, _ = decode(HEADER, TRACK + b"ok").reports
    assert len(tracks) == len(states) == 1


def test_a_repeated_report_counts_once_and_is_counted() -> None:
    again = TRACK.replace(b"100,", b"101,", 1)  # received later, and the same
    decoded = decode(HEADER, TRACK, again, TRACK.replace(b"52.0", b"52.1"), again)
    assert decoded.reports[0].frame.tolist() == [1, 3]
    assert [(each.frame, each.reason) for each in decoded.rejections] == [(3, Reason.DUPLICATE), (5, Reason.DUPLICATE)]


@pytest.mark.parametrize(
    ("line", "reason", "item"),
    [
        (b"100,1970-01-01T00:01:39Z,52.0", Reason.TRUNCATED, ""),
        (TRACK + b",,", Reason.MALFORMED, ""),
        (TRACK.replace(b"52.0", b"5z.0"), Reason.MALFORMED, "lat"),
        (TRACK.replace(b"52.0", b"nan"), Reason.MALFORMED, "lat"),
        (TRACK.replace(b"1970-01-01T00:01:39.5Z", b"noon"), Reason.MALFORMED, "when"),
        (b"\x00\xff\xfe\x80", Reason.UNKNOWN_FORMAT, ""),
        (b"100,\xe9t\xe9,,,,,", Reason.UNKNOWN_FORMAT, ""),
        (b'100,"open,52.0,5.0,7,DRONE,', Reason.UNKNOWN_FORMAT, ""),
        (b"", Reason.TRUNCATED, ""),
        (b"100,,,,,ELSE,", Reason.UNSUPPORTED, ""),
    ],
)
def test_a_bad_line_is_refused_by_name_and_the_next_is_read(line: bytes, reason: Reason, item: str) -> None:
    decoded = decode(HEADER, line, TRACK)
    assert decoded.reports[0].frame.tolist() == [2]
    (rejection,) = decoded.rejections
    assert (rejection.frame, rejection.reason, rejection.item) == (2, reason, item)
    assert rejection.detail.startswith("line 2: ")


def test_a_line_that_is_declared_to_say_nothing_is_no_fault() -> None:
    decoded = decode(HEADER, b"100,,,,,PAD,")
    assert decoded.rejections == ()
    assert [len(each) for each in decoded.reports] == [0, 0, 0]


def test_a_bad_cell_is_told_once_a_report() -> None:
    decoded = decode(HEADER, TRACK.replace(b"52.0", b"x").replace(b"5.0,7", b"y,7"))
    assert [each.item for each in decoded.rejections] == ["lat"]


def test_a_bad_repetition_does_not_hide_the_good_report() -> None:
    decoded = decode(HEADER, TRACK.replace(b",7,", b",x,"), TRACK)
    assert decoded.reports[0].frame.tolist() == [2]


def test_a_table_of_other_columns_is_refused_line_by_line_with_the_column_it_lacks() -> None:
    decoded = decode(b"t,when,latitude,lon,no,class,state", TRACK, TRACK)
    assert [each.reason for each in decoded.rejections] == [Reason.UNKNOWN_FORMAT] * 3
    assert all("'lat'" in each.detail for each in decoded.rejections)


def test_a_binary_file_is_refused_line_by_line() -> None:
    binary = gzip.compress(HEADER + b"\n" + TRACK, mtime=0).split(b"\n")
    decoded = decode(*binary, TRACK)
    assert len(decoded.rejections) == len(binary) + 1
    assert {each.reason for each in decoded.rejections} <= {Reason.UNKNOWN_FORMAT, Reason.TRUNCATED}


def test_an_empty_file_holds_nothing() -> None:
    decoded = decode()
    assert decoded.rejections == ()
    assert [len(each) for each in decoded.reports] == [0, 0, 0]


def test_a_header_may_come_again_and_may_have_a_byte_order_mark() -> None:
    decoded = decode(b"\xef\xbb\xbf" + HEADER + b"\r", TRACK, HEADER, STATUS + b"\r")
    assert decoded.rejections == ()
    assert [len(each) for each in decoded.reports] == [1, 1, 0]


def test_quoted_cells_may_hold_the_delimiter() -> None:
    assert split_line(b'1,"a, ""b""",3', ",") == ["1", 'a, "b"', "3"]
    with pytest.raises(BadText):
        split_line(b'1,"a', ",")


SAMPLES = (HEADER, TRACK, STATUS, TRACK.replace(b"52.0", b"52.1"), b"", b"\xff", b"100,,,,,PAD,", b"1,2", TRACK + b"x")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(SAMPLES), max_size=12), st.data())
def test_how_the_lines_are_cut_into_calls_does_not_matter(payloads: list[bytes], data: st.DataObject) -> None:
    payloads = [HEADER, *payloads]
    at = data.draw(st.integers(0, len(payloads)))
    whole = decode(*payloads)
    one = decoder()
    parts = [one.receive(lines(*payloads[:at])), one.receive(lines(*payloads[at:], first=at + 1))]
    assert whole.rejections == parts[0].rejections + parts[1].rejections
    for kind, reports in enumerate(whole.reports):
        first, second = parts[0].reports[kind], parts[1].reports[kind]
        assert reports.frame.tolist() == [*first.frame, *(second.frame + at)]
        assert reports.time_ns.tolist() == [*first.time_ns, *second.time_ns]
        assert reports.state == first.state + second.state


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_raise_and_none_are_lost(payloads: list[bytes]) -> None:
    decoded = decode(HEADER, *payloads, TRACK)
    told = {each.frame for each in decoded.rejections}
    silent = [line for row, line in enumerate(payloads) if row + 2 not in told]
    assert decoded.reports[0].frame[-1] == len(payloads) + 1
    read = sum(len(each) for each in decoded.reports) - 1
    assert len(silent) <= read + sum(b"PAD" in line or line.strip() == HEADER for line in silent)
