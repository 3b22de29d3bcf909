"""Encoder and decoder are each other's inverse, over every category and every item."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.asterix.blocks import columns, frames, invented, same

from luchtwacht.codecs.asterix import CATEGORIES, Ragged, decode, encode, limits
from luchtwacht.codecs.asterix.specification import Category
from luchtwacht.errors import BadConfiguration, BadMessage


def name_of(category: Category) -> str:
    return f"{category.number:03d} {category.edition}"


@pytest.mark.parametrize("category", CATEGORIES, ids=name_of)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), per_block=st.integers(1, 5))
def test_what_was_encoded_comes_back(category: Category, seed: int, per_block: int) -> None:
    made = invented(category, 12, seed)
    blocks = encode(category.number, made, records_per_block=per_block, edition=category.edition)
    decoded = decode(frames(*blocks), editions={category.number: category.edition})
    assert decoded.rejections == ()
    records = decoded.categories[category.number]
    assert records.frame.tolist() == [row // per_block for row in range(12)]
    assert records.record.tolist() == [row % per_block for row in range(12)]
    found = columns(records)
    assert {name: made[name] for name in made if not same(made[name], found[name])} == {}
    again = encode(category.number, found, records_per_block=per_block, edition=category.edition)
    assert again == blocks


@pytest.mark.parametrize("category", CATEGORIES, ids=name_of)
def test_blocks_of_one_frame_read_as_blocks_of_many(category: Category) -> None:
    blocks = encode(category.number, invented(category, 9, 5), records_per_block=3, edition=category.edition)
    editions = {category.number: category.edition}
    apart = decode(frames(*blocks), editions=editions).categories[category.number]
    joined = decode(frames(b"".join(blocks)), editions=editions).categories[category.number]
    assert joined.record.tolist() == list(range(9))
    assert joined.frame.tolist() == [0] * 9
    assert all(same(apart[name], joined[name]) for name in apart.names)


def plot(**more: Any) -> dict[str, Any]:
    return {"I048/010/SAC": [20], "I048/010/SIC": [129], **more}


def test_an_angle_of_a_whole_turn_is_none() -> None:
    near = 360.0 - 1e-9
    made = plot(**{"I048/040/RHO": [1.0], "I048/040/THETA": [near], "I048/140": [86_399.999]})
    records = decode(frames(*encode(48, made))).categories[48]
    assert records["I048/040/THETA"].tolist() == [0.0]
    assert records["I048/140"].tolist() == [0.0]


def test_bearings_and_longitudes_wrap() -> None:
    made = {"I205/070": [-1.0, 360.0], "I205/050/LAT": [51.5, 51.5], "I205/050/LON": [181.0, -180.0]}
    records = decode(frames(*encode(205, made))).categories[205]
    assert records["I205/070"].tolist() == [359.0, 0.0]
    assert records["I205/050/LON"] == pytest.approx([-179.0, -180.0], abs=1e-5)


def test_a_value_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(BadMessage, match=r"I048/040/RHO 256\.0 NM does not fit: 0 to 255\.996"):
        encode(48, plot(**{"I048/040/RHO": [256.0], "I048/040/THETA": [0.0]}))
    assert limits(48, "I048/040/RHO") == (0.0, 65_535 / 256)
    with pytest.raises(BadMessage, match="I048/010/SAC 256"):
        encode(48, {"I048/010/SAC": [256], "I048/010/SIC": [0]})
    with pytest.raises(BadMessage, match="infinity"):
        encode(48, plot(**{"I048/120/CAL/CAL": [np.inf]}))


def test_an_uncertainty_too_large_becomes_the_largest() -> None:
    records = decode(frames(*encode(205, {"I205/110": [1e6]}))).categories[205]
    assert records["I205/110"].tolist() == [25_500.0]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"I048/041": [1]}, "no I048/041"),
        ({"I048/010/SAC": [1], "I048/010/SIC": [1, 2]}, "differ in length"),
        ({"I048/010/SAC": [-1]}, "holds no item"),
        (plot(**{"I048/240": ["TOOLONGNAME"]}), "longer than 8"),
        (plot(**{"I048/SP": [bytes(255)]}), "at most 254"),
        (plot(**{"I048/030": [list(range(3))], "I048/140": [[1.0]]}), "shape"),
        (plot(**{"I048/250/MBDATA": [[1, 2]], "I048/250/BDS1": [[1]]}), "differ in how many"),
    ],
)
def test_what_cannot_be_written_is_refused(made: dict[str, Any], why: str) -> None:
    with pytest.raises(BadMessage, match=why):
        encode(48, made)


def test_an_unknown_category_or_edition_is_refused() -> None:
    with pytest.raises(BadMessage, match="category 99"):
        encode(99, {})
    with pytest.raises(BadConfiguration, match=r"category 48 edition 9\.9"):
        decode(frames(), editions={48: "9.9"})


def test_nothing_is_encoded_from_nothing() -> None:
    assert encode(48, {}) == []
    assert encode(48, {"I048/140": []}) == []


def test_a_block_too_long_is_refused() -> None:
    with pytest.raises(BadMessage, match="longer than 65535"):
        encode(48, {"I048/SP": [bytes(254)] * 300}, records_per_block=300)


def test_raw_octets_come_back_as_they_were() -> None:
    records = decode(frames(*encode(48, plot(**{"I048/RE": [b"\x80\x01\xff"]})))).categories[48]
    raw = records["I048/RE"]
    assert isinstance(raw, Ragged)
    assert raw[0].tobytes() == b"\x80\x01\xff"
    assert len(records["I048/SP"][0]) == 0


def test_the_time_of_a_record_is_that_of_the_best_item_it_has() -> None:
    nan = np.nan
    made = {"I021/010/SAC": [1] * 3, "I021/010/SIC": [1] * 3, "I021/071": [1.0, nan, nan], "I021/077": [3.0, 4.0, nan]}
    assert decode(frames(*encode(21, made))).categories[21].time_of_day == pytest.approx([1.0, 4.0, nan], nan_ok=True)
    made = {"I001/020/TYP": [0], "I001/141": [1.0]}
    assert np.isnan(decode(frames(*encode(1, made))).categories[1].time_of_day).all()
