"""What was encoded, read by libasterix: every item of every category, also of those no recording is known of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.codecs.asterix.blocks import invented
from tests.oracles import asterix as oracle

from luchtwacht.codecs.asterix import CATEGORIES, Ragged, encode
from luchtwacht.codecs.asterix.specification import Category


def row(made: dict[str, Any], index: int) -> dict[str, Any]:
    """What is present in one record, as Python values."""
    found: dict[str, Any] = {}
    for name, values in made.items():
        value = values[index].tolist()
        absent = value in ([], -1, "") if not isinstance(value, float) else np.isnan(value)
        if isinstance(values, Ragged) and values.values.dtype.kind == "f":
            value = [each for each in value if not np.isnan(each)]
        if not absent:
            found[name] = value
    return found


@pytest.mark.parametrize(
    "category",
    [each for each in CATEGORIES if each.number != 129],
    ids=lambda each: f"{each.number:03d} {each.edition}",
)
def test_libasterix_reads_what_was_encoded(category: Category) -> None:
    made = invented(category, 60, 17)
    blocks = encode(category.number, made, edition=category.edition)
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        (theirs,) = oracle.records_of(category, block)
        ours = row(made, index)
        assert theirs.keys() == ours.keys()
        for name, value in theirs.items():
            exact = isinstance(value, str) or (isinstance(value, list) and isinstance(value[0], str))
            assert value == (ours[name] if exact else pytest.approx(ours[name], rel=1e-12, abs=1e-12)), name
        seen |= set(theirs)
    assert seen == set(made)
