"""Looks against their twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import track_looks as twin

from luchtwacht.kernels.looks import split

row = st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(-1, 4))


@settings(deadline=None, max_examples=100)
@given(st.lists(row, min_size=1, max_size=40))
def test_looks_equal_their_twin(rows: list[tuple[int, int, int]]) -> None:
    sensors, times, names = (np.array(each, np.int64) for each in zip(*sorted(rows), strict=True))
    spans = np.array([0, 5, 12], np.int64)
    got = split(times, np.arange(len(rows)), sensors, names, spans).tolist()
    assert got == twin.split(times.tolist(), sensors.tolist(), names.tolist(), spans.tolist())


def test_what_is_not_in_order_is_not_cut() -> None:
    times, zeros, spans = np.array([5, 4]), np.zeros(2, np.int64), np.array([10])
    assert len(split(times, np.arange(2), zeros, zeros - 1, spans)) == 0
    assert len(split(zeros, np.array([2, 1]), zeros, zeros - 1, spans)) == 0
    assert split(zeros, np.array([1, 2]), zeros, zeros - 1, spans).tolist() == [0, 2]


def test_names_may_be_as_large_as_they_come() -> None:
    names = np.array([2**62 + 1, 2**48 + 3, 2**62 + 1, 7, 2**48 + 3])
    times, zeros = np.arange(5), np.zeros(5, np.int64)
    assert split(times, times, zeros, names, np.array([100])).tolist() == [0, 2, 5]
