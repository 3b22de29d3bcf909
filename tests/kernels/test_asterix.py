"""After warming nothing is left to compile for ASTERIX."""

from __future__ import annotations

import pytest
from tests.codecs.asterix.blocks import columns, frames, invented

from luchtwacht.codecs.asterix import CATEGORIES, decode, encode
from luchtwacht.kernels import asterix


def compiled() -> dict[str, int]:
    return {name: len(each.signatures) for name, each in vars(asterix).items() if hasattr(each, "signatures")}


def test_nothing_is_left_to_compile_after_warming() -> None:
    assert len(list(asterix.warm())) == 3
    before = compiled()
    if not before:
        pytest.skip("kernels run as plain Python")
    for category in CATEGORIES:
        blocks = encode(category.number, invented(category, 6, 1), records_per_block=2, edition=category.edition)
        payloads = [*blocks, blocks[0][:-1], b"\x01\x00\x04\xff"]
        decoded = decode(frames(*payloads).take(slice(0, None)), editions={category.number: category.edition})
        records = decoded.categories[category.number]
        columns(records)
        columns(records.take(slice(0, None, 2)))
        columns(records.take(records.frame > 0))
    assert compiled() == before
