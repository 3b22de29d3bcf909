"""CAT129, which no decoder of somebody else's reads: octets laid out by hand after the table of its items, and whatever
is written read back by a second decoder that shares nothing with ours."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.asterix.blocks import frames, invented
from tests.oracles import cat129 as oracle

from luchtwacht.codecs.asterix import CATEGORIES, decode, encode

(CAT129,) = (each for each in CATEGORIES if each.number == 129)
PLAIN = {
    "I129/020": "manufacturer",
    "I129/030": "model",
    "I129/040": "serial",
    "I129/050": "country",
    "I129/070": "of_day_s",
    "I129/080/LAT": "latitude_deg",
    "I129/080/LON": "longitude_deg",
    "I129/090": "above_sea_m",
    "I129/100": "above_ground_m",
    "I129/110": "accuracy_m",
    "I129/120": "risk",
    "I129/185/VX": "east_m_s",
    "I129/185/VY": "north_m_s",
    "I129/220": "up_m_s",
}
"""our columns, and the words of the second decoder"""

BLOCK = bytes.fromhex(
    "81 003d"  # category 129, 61 octets
    "ff ff 80"  # field specification: FRN 1-14, 15
    "14 c1"  # 010 source 20/193
    "00 00"  # 015 destination
    "414243"  # 020 ABC
    "583120"  # 030 X1
    "313233343536373839202020"  # 040 serial 123456789
    "4e4c"  # 050 NL
    "384100"  # 070 28,802 s: 3,686,656 / 128
    "12500000 0174bc6a"  # 080 51.5 N: 0x12500000 * 180 / 2^30; east
    "fffff6"  # 090 -1.0 m above mean sea level
    "0004d2"  # 100 123.4 m above ground
    "000a"  # 110 10 m
    "02"  # 120 risk 2
    "03 abcd"  # SP
    "00064fff9c"  # 185 1.00 m/s east, -1.00 m/s north
    "0fff38"  # 220 -2.00 m/s
)


def test_every_item_is_read() -> None:
    decoded = decode(frames(BLOCK))
    assert decoded.rejections == ()
    records = decoded.categories[129]
    expected = {
        "I129/010/SAC": 20,
        "I129/010/SIC": 193,
        "I129/015/SAC": 0,
        "I129/020": "ABC",
        "I129/030": "X1",
        "I129/040": "123456789",
        "I129/050": "NL",
        "I129/070": 28_802.0,
        "I129/080/LAT": 0x12500000 * 180 / 2**30,
        "I129/080/LON": pytest.approx(4.095, abs=1e-6),
        "I129/090": pytest.approx(-1.0),
        "I129/100": pytest.approx(123.4),
        "I129/110": 10.0,
        "I129/120": 2,
        "I129/185/VX": pytest.approx(1.0),
        "I129/185/VY": pytest.approx(-1.0),
        "I129/220": pytest.approx(-2.0),
    }
    assert {name: records[name].tolist()[0] for name in expected} == expected
    assert records["I129/SP"][0].tobytes() == b"\xab\xcd"


def test_the_same_octets_are_written() -> None:
    records = decode(frames(BLOCK)).categories[129]
    assert encode(129, {name: records[name] for name in records.names}) == [BLOCK]


def test_a_latitude_off_the_globe_is_refused() -> None:
    block = BLOCK.replace(bytes.fromhex("12500000"), bytes.fromhex("20000001"))
    (rejection,) = decode(frames(block)).rejections
    assert rejection.item == "I129/080/LAT"


def said(made: dict[str, Any], row: int) -> oracle.Report:
    """What was to be written in one record, in the words of the second decoder."""
    found: oracle.Report = {}
    for name, word in PLAIN.items():
        value = made[name][row].tolist()
        if value not in ("", -1) and value == value:
            found[word] = value
    for item, word in (("010", "source"), ("015", "destination")):
        pair = (int(made[f"I129/{item}/SAC"][row]), int(made[f"I129/{item}/SIC"][row]))
        if pair != (-1, -1):
            found[word] = pair
    if len(made["I129/SP"][row]):
        found["special"] = made["I129/SP"][row].tobytes()
    return found


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_decoder_that_shares_nothing_reads_what_was_encoded(seed: int) -> None:
    made = invented(CAT129, 8, seed)
    for row, block in enumerate(encode(129, made)):
        (theirs,) = oracle.reports_of(block)
        ours = said(made, row)
        assert theirs.keys() == ours.keys()
        for word, value in theirs.items():
            # what is in steps is exact in a `Fraction`; ours is the float nearest to it, up to the last bit
            exact = not isinstance(value, Fraction)
            assert ours[word] == (value if exact else pytest.approx(float(value), rel=1e-12, abs=1e-12)), word


@settings(max_examples=40, deadline=None)
@given(
    latitude=st.floats(-90.0, 90.0),
    longitude=st.floats(-180.0, 179.999),
    height=st.floats(-800_000.0, 800_000.0),
    speed=st.floats(-5_242.0, 5_242.0),
    of_day=st.floats(0.0, 86_399.9),
)
def test_any_value_is_written_to_within_half_a_step(
    latitude: float, longitude: float, height: float, speed: float, of_day: float
) -> None:
    (block,) = encode(
        129,
        {
            "I129/010/SAC": [1],
            "I129/010/SIC": [8],
            "I129/050": ["NL"],
            "I129/070": [of_day],
            "I129/080/LAT": [latitude],
            "I129/080/LON": [longitude],
            "I129/090": [height],
            "I129/185/VX": [speed],
            "I129/185/VY": [-speed],
            "I129/220": [speed],
        },
    )
    (report,) = oracle.reports_of(block)
    wanted = {
        "latitude_deg": (latitude, Fraction(90, 2**30)),
        "longitude_deg": (longitude, Fraction(90, 2**30)),
        "above_sea_m": (height, Fraction(1, 20)),
        "east_m_s": (speed, Fraction(1, 200)),
        "north_m_s": (-speed, Fraction(1, 200)),
        "up_m_s": (speed, Fraction(1, 200)),
        "of_day_s": (of_day, Fraction(1, 256)),
    }
    for word, (value, half) in wanted.items():
        assert abs(report[word] - Fraction(value)) <= half + Fraction(1, 10**9), word


def test_the_second_decoder_reads_the_octets_laid_out_by_hand() -> None:
    (report,) = oracle.reports_of(BLOCK)
    assert report == {
        "source": (20, 193),
        "destination": (0, 0),
        "manufacturer": "ABC",
        "model": "X1",
        "serial": "123456789",
        "country": "NL",
        "of_day_s": 28_802,
        "latitude_deg": Fraction(0x12500000 * 180, 2**30),
        "longitude_deg": Fraction(0x0174BC6A * 180, 2**30),
        "above_sea_m": -1,
        "above_ground_m": Fraction(1_234, 10),
        "accuracy_m": 10,
        "risk": 2,
        "special": b"\xab\xcd",
        "east_m_s": 1,
        "north_m_s": -1,
        "up_m_s": -2,
    }


@pytest.mark.parametrize(
    "octets", [BLOCK[:-1], BLOCK + b"\x00", b"\x3e" + BLOCK[1:], BLOCK[:5] + b"\x81\x80" + BLOCK[7:]]
)
def test_the_second_decoder_refuses_what_is_no_block_of_its_own(octets: bytes) -> None:
    with pytest.raises(oracle.Unreadable):
        oracle.reports_of(octets)
