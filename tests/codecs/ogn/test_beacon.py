"""Lines of the Open Glider Network: back and forth, and against an independent parser on its own examples."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import ogn_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.codecs.ogn import AircraftBeacon, decode_ogn, encode_ogn
from luchtwacht.errors import BadMessage

EXAMPLES = Path(__file__).parents[3].parent / "shared" / "data" / "ogn"
LINE = (
    b"ICAA8CBA8>OGFLR,qAS,MontCAIO:/114949h4512.44N\\01059.12E^190/106/A=009522 !W33! id21A8CBA8 -039fpm +0.1rot 4.5dB "
    b"1e -8.7kHz gps1x2 +14.3dBm\r\n"
)

beacons = st.builds(
    AircraftBeacon,
    sender=st.just("FLRDDA5BA"),
    time_of_day_s=st.integers(0, 86_399),
    latitude_deg=st.integers(-5_399_999, 5_399_999).map(lambda thousandths: thousandths / 60_000.0),
    longitude_deg=st.integers(-10_799_999, 10_799_999).map(lambda thousandths: thousandths / 60_000.0),
    track_deg=st.integers(0, 359),
    ground_speed_kt=st.integers(0, 999),
    altitude_ft=st.integers(-9_999, 99_999),
    climb_ft_min=st.one_of(st.none(), st.integers(-999, 999)),
    address=st.just("DDA5BA"),
    address_type=st.integers(0, 3),
    aircraft_type=st.integers(0, 15),
    stealth=st.booleans(),
    no_track=st.booleans(),
    horizontal_accuracy_m=st.integers(0, 99),
    vertical_accuracy_m=st.integers(0, 99),
    callsign=st.sampled_from(["", "PHABC"]),
)


@given(beacon=beacons)
def test_what_is_encoded_decodes_to_the_same(beacon: AircraftBeacon) -> None:
    assert decode_ogn(encode_ogn(beacon)) == beacon


def test_a_line_says_what_its_format_says() -> None:
    said = decode_ogn(LINE)
    assert said is not None
    assert (said.address, said.address_type, said.aircraft_type) == ("A8CBA8", 1, 8)
    assert (said.latitude_deg, said.longitude_deg) == pytest.approx((45.0 + 12.443 / 60.0, 10.0 + 59.123 / 60.0))
    assert (said.track_deg, said.ground_speed_kt, said.altitude_ft, said.climb_ft_min) == (190, 106, 9522, -39)
    assert (said.horizontal_accuracy_m, said.vertical_accuracy_m) == (1, 2)
    assert not said.stealth
    assert not said.no_track


@pytest.mark.parametrize(
    ("line", "item"),
    [
        (b"hello", "line"),
        (b"\xff\xfe", "line"),
        (LINE.replace(b"4512.44N", b"9912.44N"), "position"),
        (LINE.replace(b"4512.44N", b"4572.44N"), "position"),
        (LINE.replace(b"114949h", b"294949h"), "time"),
        (LINE.replace(b"^190/", b"^490/"), "track"),
        (LINE.replace(b"/114949h", b"!"), "position"),
        (LINE + b"x" * 600, "line"),
    ],
)
def test_what_cannot_be_is_refused_with_the_item(line: bytes, item: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode_ogn(line)
    assert caught.value.where == item


@given(line=st.one_of(st.binary(max_size=200), st.binary(max_size=9).map(lambda some: LINE[:60] + some + LINE[60:])))
def test_no_line_does_more_than_be_refused(line: bytes) -> None:
    with suppress(BadMessage):
        decode_ogn(line)


@pytest.mark.recording
def test_the_examples_of_every_tracker_say_the_same_to_an_independent_parser() -> None:
    files = sorted(EXAMPLES.glob("*.txt"))
    if not files:
        pytest.skip(f"needs the recordings beside the project: {EXAMPLES} is missing")
    compared = receivers = 0
    for line in (line for file in files for line in file.read_text("utf-8").splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        ours = decode_ogn(line.encode())
        if ours is None:
            receivers += 1
            continue
        (parsed,) = ogn_parser.parse(line)
        theirs = (parsed.get("aprs_packet") or {}).get("position")
        if not theirs:
            continue  # a sender's name it does not take
        compared += 1
        close = 2e-4 if " !W" in line and "/A=" not in line else 1e-6  # it leaves out the added digits there
        assert ours.latitude_deg == pytest.approx(theirs["latitude"], abs=close)
        assert ours.longitude_deg == pytest.approx(theirs["longitude"], abs=close)
        assert ours.altitude_ft == theirs.get("altitude")
        assert (ours.ground_speed_kt or None) == (theirs.get("speed") or None)
        assert ours.climb_ft_min == theirs.get("climb_rate")
        if ours.address:
            assert int(ours.address, 16) == theirs["address"]
            assert (ours.stealth, ours.no_track) == (theirs["is_stealth"], theirs["is_notrack"])
            assert ours.aircraft_type == theirs["aircraft_type"]
    assert compared + receivers > 385
    assert compared > 280
