"""Real recordings: counts as their manifest gives them, every value as libasterix and aviconv-asterix have it, and the
same bytes again from the encoder."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from aviconv_asterix import iter_records
from tests.codecs.asterix.blocks import RECORDINGS, blocks_of, columns, frames, same
from tests.oracles import asterix as oracle

from luchtwacht.codecs.asterix import CATEGORIES, Decoded, Ragged, Records, decode, encode
from luchtwacht.codecs.asterix.framing import Framing, detect_framing, packets
from luchtwacht.model import Reason

pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no recordings in {RECORDINGS}"),
]
BY_NUMBER = {category.number: category for category in reversed(CATEGORIES)}
KNOT = 3600.0
BARCELONA, SURFACE, TRACKS = "cat048_lebl_20230502_60min.ast", "cat010_lebl_smr_20201002.ast", "cat062_30min.ff"


@cache
def payloads(name: str) -> list[bytes]:
    return [packet.payload for packet in packets((RECORDINGS / name).read_bytes())]


def counts(decoded: Decoded) -> dict[int, int]:
    return {number: len(records) for number, records in decoded.categories.items()}


@pytest.mark.parametrize(
    ("name", "framing", "frame_count", "expected"),
    [
        (BARCELONA, Framing.BARE, 44_085, {48: 44_085}),
        (SURFACE, Framing.BARE, 52_659, {10: 52_659}),
        (TRACKS, Framing.FINAL, 34_957, {62: 34_957}),
        ("cat048_nats_tcas.ff", Framing.FINAL, 1, {48: 2}),
        ("croatiacontrol_cat_034_048.pcap", Framing.PCAP, 100, {34: 34, 48: 128}),
        ("croatiacontrol_cat_062_065.pcap", Framing.PCAP, 1, {62: 2, 65: 1}),
        ("croatiacontrol_cat062cat065.raw", Framing.BARE, 2, {62: 2, 65: 1}),
        ("croatiacontrol_cat034.raw", Framing.BARE, 1, {34: 1}),
        ("croatiacontrol_cat048.raw", Framing.BARE, 1, {48: 1}),
        ("croatiacontrol_cat21_re.ast", Framing.BARE, 2, {21: 2}),
        ("croatiacontrol_parsegps.gps", Framing.GPS, 15, {34: 3, 48: 15}),
        ("asterix4py_cat062.ast", Framing.BARE, 1, {62: 7}),
        ("ifsnop_068test_rrd3.gps", Framing.GPS, 1_718, {1: 1_534, 2: 66, 34: 5, 48: 770}),
        ("ifsnop_midnight_cross.gps", Framing.GPS, 5, {10: 5}),
        ("ifsnop_cat10.ast", Framing.BARE, 111, {10: 110}),
        ("goasterix_sample.ast", Framing.BARE, 7, {1: 5, 2: 1, 34: 1, 48: 11}),
    ],
)
def test_everything_in_a_recording_is_counted(
    name: str, framing: Framing, frame_count: int, expected: dict[int, int]
) -> None:
    assert detect_framing((RECORDINGS / name).read_bytes()) is framing
    found = payloads(name)
    assert len(found) == frame_count
    decoded = decode(frames(*found))
    assert counts(decoded) == expected
    assert {each.reason for each in decoded.rejections} <= {Reason.UNSUPPORTED, Reason.TRUNCATED}


def test_an_old_edition_is_refused_and_not_believed() -> None:
    decoded = decode(frames(*payloads("croatiacontrol_asterix.pcap")))
    assert counts(decoded) == {}
    reasons = Counter(each.reason for each in decoded.rejections)
    assert reasons == {Reason.TRUNCATED: 52, Reason.IMPLAUSIBLE: 48}


def test_barcelona_spans_its_hour() -> None:
    records = decode(frames(*payloads(BARCELONA))).categories[48]
    assert set(zip(records["I048/010/SAC"].tolist(), records["I048/010/SIC"].tolist(), strict=True)) == {(20, 129)}
    time = records.time_of_day
    assert (time.min(), time.max()) == (pytest.approx(28_801, abs=1), pytest.approx(32_400, abs=1))
    assert len(set(records["I048/220"].tolist()) - {-1}) == 177
    assert len(set(records["I048/240"].tolist()) - {""}) == 181


def test_a_datagram_may_hold_two_categories() -> None:
    decoded = decode(frames(*payloads("croatiacontrol_cat_034_048.pcap")))
    both = set(decoded.categories[34].frame.tolist()) & set(decoded.categories[48].frame.tolist())
    assert len(both) == 20
    places: dict[int, list[int]] = {}
    for records in decoded.categories.values():
        for frame, record in zip(records.frame.tolist(), records.record.tolist(), strict=True):
            places.setdefault(frame, []).append(record)
    assert all(sorted(each) == list(range(len(each))) for each in places.values())


def test_midnight_is_crossed() -> None:
    records = decode(frames(*payloads("ifsnop_midnight_cross.gps"))).categories[10]
    time = records.time_of_day
    assert time[0] > 86_399
    assert time[-1] < 2
    assert (time < 86_400).all()


@pytest.mark.parametrize("name", [BARCELONA, SURFACE])
def test_what_was_read_is_written_octet_for_octet(name: str) -> None:
    (records,) = decode(frames(*payloads(name))).categories.values()
    assert encode(records.category, columns(records)) == payloads(name)


def test_what_was_read_is_written_but_for_blank_text() -> None:
    """Texts of nothing but spaces are absent for us, and a character outside its alphabet has no code."""
    records = decode(frames(*payloads(TRACKS))).categories[62]
    again = decode(frames(*encode(62, columns(records)))).categories[62]
    for name in records.names:
        values = records[name]
        if isinstance(values, np.ndarray) and values.dtype.kind == "U":
            values = np.strings.rstrip(np.strings.replace(values, "\N{REPLACEMENT CHARACTER}", " "))
        assert same(values, again[name]), name


# -- libasterix --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step"),
    [
        (BARCELONA, 500),
        (SURFACE, 500),
        (TRACKS, 400),
        ("asterix4py_cat062.ast", 1),
        ("cat048_nats_tcas.ff", 1),
        ("croatiacontrol_cat034.raw", 1),
        ("croatiacontrol_cat_034_048.pcap", 1),
        ("croatiacontrol_cat_062_065.pcap", 1),
        ("croatiacontrol_cat21_re.ast", 1),
        ("croatiacontrol_parsegps.gps", 1),
        ("goasterix_sample.ast", 1),
        ("ifsnop_066test_filter.gps", 1),
        ("ifsnop_068test_rrd3.gps", 10),
        ("ifsnop_midnight_cross.gps", 1),
    ],
)
def test_every_value_is_as_libasterix_has_it(name: str, step: int) -> None:
    chosen = payloads(name)[::step]
    decoded = decode(frames(*chosen))
    values = {number: plain(records) for number, records in decoded.categories.items()}
    row = dict.fromkeys(values, 0)
    for block in (block for payload in chosen for block in blocks_of(payload)):
        if block[0] not in BY_NUMBER:
            continue
        for theirs in oracle.records_of(BY_NUMBER[block[0]], block):
            ours = {
                column: each[row[block[0]]]
                for column, each in values[block[0]].items()
                if not absent(each[row[block[0]]])
            }
            assert ours == {column: value for column, value in theirs.items() if not absent(value)}
            row[block[0]] += 1
    assert row == counts(decoded)


def plain(records: Records) -> dict[str, list[Any]]:
    """Columns as lists of Python values."""
    made: dict[str, list[Any]] = {}
    for name in records.names:
        values = records[name]
        made[name] = [row.tolist() for row in values] if isinstance(values, Ragged) else values.tolist()
    return made


def absent(value: Any) -> bool:
    return bool(value in ("", [], -1) if not isinstance(value, float) else np.isnan(value))


# -- aviconv-asterix ---------------------------------------------------------------------------------------------------

OCTAL = "0o4"
THEIRS: dict[int, dict[str, tuple[str, float | str]]] = {
    48: {
        "time_of_day_s": ("I048/140", 1.0),
        "rho_nm": ("I048/040/RHO", 1.0),
        "theta_deg": ("I048/040/THETA", 1.0),
        "mode3a": ("I048/070/MODE3A", OCTAL),
        "flight_level": ("I048/090/FL", 1.0),
        "aircraft_address": ("I048/220", "06X"),
        "callsign": ("I048/240", "text"),
        "track_number": ("I048/161/TRN", 1.0),
        "ground_speed_kt": ("I048/200/GSP", KNOT),
        "heading_deg": ("I048/200/HDG", 1.0),
    },
    10: {
        "time_of_day_s": ("I010/140", 1.0),
        "lat": ("I010/041/LAT", 1.0),
        "lon": ("I010/041/LON", 1.0),
        "rho_m": ("I010/040/RHO", 1.0),
        "theta_deg": ("I010/040/TH", 1.0),
        "x_m": ("I010/042/X", 1.0),
        "y_m": ("I010/042/Y", 1.0),
        "mode3a": ("I010/060/MODE3A", OCTAL),
        "target_address": ("I010/220", "06X"),
        "callsign": ("I010/245/CHR", "text"),
        "track_number": ("I010/161/TRK", 1.0),
        "ground_speed_kt": ("I010/200/GSP", KNOT),
        "track_angle_deg": ("I010/200/TRA", 1.0),
    },
    62: {
        "service_id": ("I062/015", 1.0),
        "time_of_track_s": ("I062/070", 1.0),
        "lat": ("I062/105/LAT", 1.0),
        "lon": ("I062/105/LON", 1.0),
        "vx_ms": ("I062/185/VX", 1.0),
        "vy_ms": ("I062/185/VY", 1.0),
        "measured_flight_level": ("I062/136", 1.0),
        "callsign": ("I062/245/CHR", "text"),
        "target_address": ("I062/380/ADR", "06X"),
        "target_identification": ("I062/380/ID", "text"),
        "magnetic_heading_deg": ("I062/380/MHG", 1.0),
        "indicated_airspeed_kt": ("I062/380/IAS/IAS", KNOT),
    },
}


@pytest.mark.parametrize(("name", "step"), [(BARCELONA, 10), (SURFACE, 10), (TRACKS, 10)])
def test_every_value_is_as_aviconv_has_it(name: str, step: int) -> None:
    chosen = payloads(name)[::step]
    (records,) = decode(frames(*chosen)).categories.values()
    theirs = list(iter_records(b"".join(chosen)))
    assert len(theirs) == len(records)
    for field, (column, as_) in THEIRS[records.category].items():
        expected = [getattr(each, field) for each in theirs]
        values = records[column].tolist()
        if as_ == "text":
            assert values == [(each or "") for each in expected], field
        elif isinstance(as_, str):
            shown = [None if value < 0 else f"{value:04o}" if as_ == OCTAL else f"{value:{as_}}" for value in values]
            assert shown == expected, field
        else:
            scaled = [None if absent(value) else value * as_ for value in values]
            assert [each is None for each in scaled] == [each is None for each in expected], field
            assert [each for each in scaled if each is not None] == pytest.approx(
                [each for each in expected if each is not None], rel=1e-12
            ), field


def test_times_of_a_capture_are_in_order() -> None:
    found = list(packets((RECORDINGS / "croatiacontrol_cat_034_048.pcap").read_bytes()))
    times = [packet.received_ns or 0 for packet in found]
    assert times[0] // 1_000_000_000 == 1_462_433_756
    assert all(earlier <= later for earlier, later in pairwise(times))
