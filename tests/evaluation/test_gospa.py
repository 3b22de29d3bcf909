"""GOSPA against hand-made sums, a brute-force twin, and the axioms of a metric."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from luchtwacht.evaluation import gospa


def sets_of_points(most: int) -> st.SearchStrategy[np.ndarray]:
    coordinate = st.floats(-150, 150).map(lambda value: round(value, 2))
    return st.integers(0, most).flatmap(lambda count: arrays(np.float64, (count, 2), elements=coordinate))


def brute_force(x: np.ndarray, y: np.ndarray, c: float, p: float) -> float:
    """Every way to pair, by definition 1 of the paper."""
    if len(x) > len(y):
        x, y = y, x
    best = min(
        (
            sum(min(float(np.linalg.norm(x[i] - y[j])), c) ** p for i, j in enumerate(chosen))
            for chosen in permutations(range(len(y)), len(x))
        ),
        default=0.0,
    )
    return float((best + c**p / 2 * (len(y) - len(x))) ** (1 / p))


def test_one_pair_costs_its_distance() -> None:
    found = gospa([[0.0, 0.0, 0.0]], [[30.0, 40.0, 0.0]])
    assert found.distance == pytest.approx(50.0)
    assert (found.localisation, found.missed, found.false) == (pytest.approx(2500.0), 0.0, 0.0)


def test_missed_and_false_cost_half_the_cut_off_squared_each() -> None:
    found = gospa([[0.0, 0.0, 0.0], [1000.0, 0.0, 0.0]], [[3.0, 4.0, 0.0], [0.0, 5000.0, 0.0]], c=100.0)
    assert found.localisation == pytest.approx(25.0)
    assert found.missed == pytest.approx(5000.0)
    assert found.false == pytest.approx(5000.0)
    assert found.distance == pytest.approx(10025.0**0.5)
    assert found.truth.tolist() == [0]
    assert found.estimate.tolist() == [0]


def test_a_pair_farther_than_the_cut_off_is_one_missed_and_one_false() -> None:
    found = gospa([[0.0, 0.0]], [[100.5, 0.0]], c=100.0)
    assert found.distance == pytest.approx(100.0)
    assert (found.localisation, found.missed, found.false) == (0.0, 5000.0, 5000.0)


def test_nothing_against_nothing_is_zero() -> None:
    assert gospa(np.empty((0, 3)), np.empty((0, 3))).distance == 0.0


def test_nearest_is_not_always_best() -> None:
    # The first truth is nearest to the second estimate, but the second truth has no other.
    found = gospa([[0.0, 0.0], [20.0, 0.0]], [[-15.0, 0.0], [10.0, 0.0]], c=100.0)
    assert found.localisation == pytest.approx(15.0**2 + 10.0**2)


@settings(deadline=None, max_examples=60)
@given(sets_of_points(4), sets_of_points(4), st.sampled_from([1.0, 2.0]))
def test_it_is_the_minimum_over_all_ways_to_pair(x: np.ndarray, y: np.ndarray, p: float) -> None:
    found = gospa(x, y, c=100.0, p=p)
    assert found.distance == pytest.approx(brute_force(x, y, 100.0, p), abs=1e-6)
    assert found.distance**p == pytest.approx(found.localisation + found.missed + found.false, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(sets_of_points(4), sets_of_points(4), sets_of_points(4))
def test_it_is_a_metric(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> None:
    there = gospa(x, y).distance
    assert there == pytest.approx(gospa(y, x).distance, abs=1e-6)
    assert there >= 0.0
    assert gospa(x, x).distance == pytest.approx(0.0, abs=1e-6)
    assert there <= gospa(x, z).distance + gospa(z, y).distance + 1e-6


def test_a_thousand_in_a_row_are_paired_without_a_dense_matrix() -> None:
    rng = np.random.default_rng(1)
    truth = np.column_stack([np.arange(1000) * 500.0, np.zeros(1000), np.zeros(1000)])
    estimates = truth[rng.permutation(1000)[:900]] + rng.normal(0.0, 3.0, (900, 3))
    found = gospa(truth, estimates)
    assert len(found.truth) == 900
    assert found.missed == pytest.approx(100 * 5000.0)
    assert found.localisation == pytest.approx(900 * 27.0, rel=0.2)
