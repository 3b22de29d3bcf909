"""Bytes that do not follow the standard: nothing raises, nothing good is lost, everything refused is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.asterix.blocks import columns, frames, invented, same

from luchtwacht.codecs.asterix import CATEGORIES, Decoded, decode, encode
from luchtwacht.codecs.asterix.cat048 import CAT048
from luchtwacht.codecs.asterix.specification import Category
from luchtwacht.model import Reason

GOOD = encode(48, {"I048/010/SAC": [20], "I048/010/SIC": [129], "I048/140": [30_000.0]})[0]


def name_of(category: Category) -> str:
    return f"{category.number:03d} {category.edition}"


def read_all(decoded: Decoded) -> int:
    """Gather every column; how many records there are."""
    return sum(len(records) for records in decoded.categories.values() if columns(records))


def units(decoded: Decoded) -> int:
    return sum(len(records) for records in decoded.categories.values()) + len(decoded.rejections)


def only(decoded: Decoded) -> tuple[Reason, str]:
    (rejection,) = decoded.rejections
    assert rejection.detail
    return rejection.reason, rejection.item


@pytest.mark.parametrize("category", CATEGORIES, ids=name_of)
def test_every_truncation_is_one_rejection_and_the_next_frame_goes_on(category: Category) -> None:
    block = b"".join(encode(category.number, invented(category, 3, 11), records_per_block=3, edition=category.edition))
    payloads = []
    for length in range(1, len(block)):
        payloads += [block[:length], GOOD]
    decoded = decode(frames(*payloads), editions={category.number: category.edition})
    read_all(decoded)
    assert len(decoded.rejections) == len(block) - 1
    assert {each.reason for each in decoded.rejections} == {Reason.TRUNCATED}
    assert {each.record for each in decoded.rejections} == {-1}
    assert [each.frame for each in decoded.rejections] == list(range(101, 101 + 2 * (len(block) - 1), 2))
    assert {each.source for each in decoded.rejections} == {3}
    assert len(decoded.categories[48]) == len(block) - 1


def test_the_thirteen_octets_that_end_another_decoders_process_are_a_record_like_any_other() -> None:
    """A flight plan's runway whose octets are no characters: asterix_decoder 0.7 ends by signal 11 at it."""
    block = bytes.fromhex("3e000d8101024610014032d006")
    decoded = decode(frames(block, GOOD))
    records = decoded.categories[62]
    assert (read_all(decoded), decoded.rejections) == (2, ())
    assert (records["I062/010/SAC"].tolist(), records["I062/010/SIC"].tolist()) == ([70], [16])
    assert records["I062/390/RDS/NU1"].tolist() == ["2"]
    for length in range(1, len(block)):
        assert only(decode(frames(block[:length])))[0] is Reason.TRUNCATED


@pytest.mark.parametrize("category", CATEGORIES, ids=name_of)
def test_a_record_cut_inside_its_block_keeps_those_before_it(category: Category) -> None:
    first, second = encode(category.number, invented(category, 2, 3), edition=category.edition)
    editions = {category.number: category.edition}
    payloads = []
    for length in range(1, len(second) - 3):
        body = first[3:] + second[3 : 3 + length]
        payloads.append(bytes([category.number]) + (len(body) + 3).to_bytes(2, "big") + body + GOOD)
    decoded = decode(frames(*payloads), editions=editions)
    whole = decode(frames(*[first] * len(payloads)), editions=editions).categories[category.number]
    assert [(each.frame, each.record) for each in decoded.rejections] == [
        (101 + row, 1) for row in range(len(payloads))
    ]
    good = decoded.categories[48]
    assert good.record.tolist().count(2) == len(payloads)
    kept = decoded.categories[category.number]
    kept = kept.take(kept.record == 0)
    assert all(same(whole[name], kept[name]) for name in whole.names)


@pytest.mark.parametrize("category", CATEGORIES, ids=name_of)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_damaged_octets_never_raise_and_never_hide_other_frames(category: Category, seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = encode(category.number, invented(category, 6, seed), records_per_block=2, edition=category.edition)
    payloads = []
    for block in blocks * 20:
        damaged = np.frombuffer(block, dtype=np.uint8).copy()
        for _ in range(rng.integers(1, 4)):
            damaged[rng.integers(0, len(damaged))] = rng.integers(0, 256)
        payloads += [damaged.tobytes(), GOOD]
    decoded = decode(frames(*payloads), editions={category.number: category.edition})
    read_all(decoded)
    good = decoded.categories[48]
    assert set(range(1, len(payloads), 2)) <= set(good.frame.tolist())
    assert all(each.detail and each.frame % 2 == 1 for each in decoded.rejections)


@settings(max_examples=200, deadline=None)
@given(payload=st.binary(max_size=120))
def test_any_octets_are_read_or_named(payload: bytes) -> None:
    decoded = decode(frames(payload, GOOD))
    read_all(decoded)
    assert decoded.categories[48].frame.tolist()[-1] == 1
    assert units(decoded) >= 2


def test_a_category_that_is_not_read_is_named() -> None:
    decoded = decode(frames(GOOD + b"\x63\x00\x05\x80\x01" + GOOD))
    assert only(decoded) == (Reason.UNSUPPORTED, "CAT099")
    assert decoded.rejections[0].record == 1
    assert decoded.categories[48].record.tolist() == [0, 2]


def test_a_flood_of_blocks_that_are_not_read_is_one_rejection_a_frame_and_category() -> None:
    decoded = decode(frames(b"\x63\x00\x03\x64\x00\x03" * 10_000 + GOOD, b"\x63\x00\x03"))
    assert [(each.frame, each.record, each.item, each.count) for each in decoded.rejections] == [
        (101, 0, "CAT099", 10_000),
        (101, 1, "CAT100", 10_000),
        (102, 0, "CAT099", 1),
    ]
    assert decoded.categories[48].record.tolist() == [20_000]


@pytest.mark.parametrize(
    ("payload", "reason", "item"),
    [
        (b"", Reason.TRUNCATED, ""),
        (b"\x30", Reason.TRUNCATED, ""),
        (b"\x30\x00\x02", Reason.MALFORMED, ""),
        (b"\x30\x00\x08\x80\x01", Reason.TRUNCATED, ""),
        (b"\x30\x00\x05\x00\x00", Reason.MALFORMED, "I048"),
        (b"\x30\x00\x05\x80\x01", Reason.TRUNCATED, "I048/010"),
        (b"\x30\x00\x05\xff\xff", Reason.TRUNCATED, "I048"),
        (b"\x30\x00\x09\x01\x01\x01\x01\x80\x00", Reason.MALFORMED, "I048"),
        (b"\x30\x00\x08\x01\x01\x01\x04\x00", Reason.MALFORMED, "I048/SP"),
        (b"\x22\x00\x05\x04\x20", Reason.MALFORMED, "I034/050"),
    ],
)
def test_each_fault_has_its_reason_and_item(payload: bytes, reason: Reason, item: str) -> None:
    decoded = decode(frames(payload))
    assert only(decoded) == (reason, item)
    assert decoded.categories == {}


def test_a_time_past_midnight_refuses_the_rest_of_its_block() -> None:
    late = (86_400 * 128).to_bytes(3, "big")
    body = b"\x40\x3a\x98\x00" + b"\x40" + late + b"\x40\x3a\x98\x00"
    block = b"\x30" + (len(body) + 3).to_bytes(2, "big") + body
    decoded = decode(frames(block + GOOD))
    assert only(decoded) == (Reason.IMPLAUSIBLE, "I048/140")
    assert decoded.rejections[0].count == 2
    assert decoded.rejections[0].record == 1
    assert decoded.categories[48].record.tolist() == [0, 2]
    assert "86400 s cannot be" in decoded.rejections[0].detail


def test_a_place_off_the_globe_is_refused() -> None:
    body = b"\x02" + (2**24).to_bytes(4, "big") + bytes(4)
    pole = decode(frames(b"\xcd" + (len(body) + 3).to_bytes(2, "big") + body))
    assert pole.categories[205]["I205/050/LAT"].tolist() == [90.0]
    body = b"\x02" + (2**24 + 1).to_bytes(4, "big") + bytes(4)
    decoded = decode(frames(b"\xcd" + (len(body) + 3).to_bytes(2, "big") + body))
    assert only(decoded) == (Reason.IMPLAUSIBLE, "I205/050/LAT")


def test_octets_beyond_the_known_ones_of_an_extended_item_are_passed_over() -> None:
    body = b"\x20" + b"\x21" + b"\x01" * 7 + b"\x00"
    decoded = decode(frames(b"\x30" + (len(body) + 3).to_bytes(2, "big") + body))
    assert decoded.rejections == ()
    assert decoded.categories[48]["I048/020/TYP"].tolist() == [1]


def test_columns_are_read_only_and_unknown_names_are_answered() -> None:
    records = decode(frames(GOOD)).categories[48]
    with pytest.raises(ValueError, match="read-only"):
        records["I048/140"][0] = 1.0
    with pytest.raises(KeyError, match="I048/040/RHO"):
        records["I048/040/RH"]
    assert "I048/140" in records
    assert "I048/141" not in records
    assert records.has("I048/140").tolist() == [True]
    assert records.has("I048/040").tolist() == [False]
    with pytest.raises(KeyError, match="no item"):
        records.has("I048/041")


def test_the_same_bytes_give_the_same_records() -> None:
    payload = b"".join(encode(48, invented(CAT048, 7, 1), records_per_block=2)) + b"\x63\x00\x03\x30"
    first, second = decode(frames(payload)), decode(frames(payload))
    assert len(first.rejections) == 2
    assert first.rejections == second.rejections
    assert all(same(first.categories[48][name], second.categories[48][name]) for name in first.categories[48].names)


RANDOM = b"\x01\x02" + b"\x03" + b"\x04\x00\x00\x80" + b"\x01\x14\xc1" + b"\x04\x00\x01\x00"


def cat002(body: bytes) -> bytes:
    return b"\x02" + (len(body) + 3).to_bytes(2, "big") + body


def test_items_in_random_order_are_read_and_the_first_counts() -> None:
    records = decode(frames(cat002(RANDOM + b"\x80\x14\xc2"))).categories[2]
    assert records["I002/030"].tolist()[0] == 1.0
    assert records["I002/010/SAC"].tolist() == [20, 20]
    assert records["I002/010/SIC"].tolist() == [193, 194]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (RANDOM[:-1], Reason.TRUNCATED),
        (RANDOM[:2], Reason.TRUNCATED),
        (RANDOM[:3], Reason.TRUNCATED),
        (b"\x01\x02\x01\x00", Reason.MALFORMED),
        (b"\x01\x02\x01\x0e", Reason.MALFORMED),
        (b"\x01\x02\x01\xff", Reason.MALFORMED),
        (b"\x01\x02\x01\x0c", Reason.MALFORMED),
    ],
)
def test_a_broken_random_order_is_refused(body: bytes, reason: Reason) -> None:
    assert only(decode(frames(cat002(body))))[0] is reason


def test_a_plot_or_track_that_does_not_say_which_is_refused() -> None:
    assert only(decode(frames(b"\x01\x00\x08\x20\x01\x02\x03\x04"))) == (Reason.MALFORMED, "I001/040")
