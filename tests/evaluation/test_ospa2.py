"""OSPA(2): hand-made windows and the metric's axioms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from luchtwacht.evaluation import ospa2

TIMES = 4


def some_tracks() -> st.SearchStrategy[np.ndarray]:
    value = st.floats(-150, 150).map(lambda number: round(number, 1))
    lives = st.integers(0, 3).flatmap(
        lambda count: st.tuples(
            arrays(np.float64, (count, TIMES, 2), elements=value),
            arrays(np.bool_, (count, TIMES), elements=st.booleans()),
        )
    )
    return lives.map(lambda pair: np.where(pair[1][:, :, None], pair[0], np.nan))


def test_a_track_beside_its_truth_costs_its_mean_distance() -> None:
    truth = np.zeros((1, TIMES, 2))
    tracks = np.array([[[3.0, 4.0], [3.0, 4.0], [0.0, 15.0], [0.0, 15.0]]])
    assert ospa2(truth, tracks) == pytest.approx(10.0)


def test_a_track_that_covers_half_the_time_costs_half_the_cut_off() -> None:
    truth = np.zeros((1, TIMES, 2))
    tracks = np.full((1, TIMES, 2), np.nan)
    tracks[0, 2:] = 0.0
    assert ospa2(truth, tracks, c=100.0) == pytest.approx(50.0)


def test_exchanged_identities_cost_what_gospa_cannot_see() -> None:
    truth = np.zeros((2, TIMES, 2))
    truth[1, :, 0] = 60.0
    exchanged = truth.copy()
    exchanged[:, 2:] = truth[::-1, 2:]
    assert ospa2(truth, truth) == 0.0
    assert ospa2(truth, exchanged) == pytest.approx(30.0)


def test_a_missing_track_costs_the_cut_off_shared_over_all() -> None:
    assert ospa2(np.zeros((2, TIMES, 2)), np.zeros((1, TIMES, 2)), c=100.0) == pytest.approx((100.0**2 / 2) ** 0.5)


def test_what_never_exists_does_not_count() -> None:
    ghost = np.full((3, TIMES, 2), np.nan)
    assert ospa2(ghost, np.empty((0, TIMES, 2))) == 0.0


@settings(deadline=None, max_examples=50)
@given(some_tracks(), some_tracks())
def test_it_is_symmetric_and_bounded_by_the_cut_off(x: np.ndarray, y: np.ndarray) -> None:
    assert ospa2(x, y) == pytest.approx(ospa2(y, x))
    assert 0.0 <= ospa2(x, y) <= 100.0 + 1e-9
    assert ospa2(x, x) == 0.0
