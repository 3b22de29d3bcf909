"""CAT129, which no other decoder reads: octets laid out by hand after the table of its items."""

from __future__ import annotations

import pytest
from tests.codecs.asterix.blocks import frames

from luchtwacht.codecs.asterix import decode, encode

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
