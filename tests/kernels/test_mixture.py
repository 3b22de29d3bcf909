"""The merge of hypotheses against its twin; twins that share one object."""

from __future__ import annotations

import numpy as np
import pytest
from tests.kernels.test_motion import random_rows
from tests.oracles import track_mixture as twin
from tests.oracles.track_motion import pack, unpack

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.mixture import absorb, concentrate, squeeze

SENSORS, MODES = 1, 2


def test_a_merge_of_hypotheses_equals_its_twin() -> None:
    rng, pairs = np.random.default_rng(1), 3
    state, posts = random_rows(rng, MODES), random_rows(rng, MODES * pairs)
    real, whole = np.zeros((1, c.REALS)), np.zeros((1, c.WHOLES), np.int64)
    real[0, c.EXISTENCE] = 0.8
    real[0, c.MODE0 : c.MODE0 + MODES] = silent = np.array([0.3, 0.7])
    shares, paired = rng.dirichlet([1, 1], pairs), np.array([0.2, 0.45, 0.1])
    plots = np.full((pairs, c.PLOT_COLUMNS), np.nan)
    plots[:, c.UP_MEASURED] = 1.0
    looks = np.zeros((1, 3 * SENSORS), np.int64)
    rows = [unpack(row) for row in state]
    before = np.array([x for x, _ in rows]), np.array([P for _, P in rows])
    after = [[unpack(posts[e * MODES + m]) for m in range(MODES)] for e in range(pairs)]
    posteriors = [(np.array([x for x, _ in each]), np.array([P for _, P in each])) for each in after]
    absorb(
        state, real, whole, looks, 1, MODES, 0, SENSORS, plots, np.array([5, 6, 7]), np.array([-1, 44, -1]), 10, 1,
        np.array([0, pairs]), np.arange(pairs), shares, posts, np.array([0.9]), silent[None], paired,
        np.array([1.0 - paired.sum()]),
    )  # fmt: skip
    existence, modes, means, covariances = twin.absorb(0.8, 0.9, before, silent, posteriors, shares, paired)
    assert real[0, c.EXISTENCE] == pytest.approx(existence)
    np.testing.assert_allclose(real[0, c.MODE0 : c.MODE0 + MODES], modes, rtol=1e-9)
    for m in range(MODES):
        np.testing.assert_allclose(state[m], pack(means[m], covariances[m]), rtol=1e-8, atol=1e-7)
    assert whole[0, c.UPDATED] == 6
    assert looks[0].tolist() == [6, 6, 44]


def test_silence_lowers_existence_and_time_moves_on_by_whole_periods() -> None:
    state, real = random_rows(np.random.default_rng(2), MODES), np.zeros((1, c.REALS))
    real[0, c.EXISTENCE], real[0, c.MODE0] = 0.9, 1.0
    before, looks = state.copy(), np.array([[100, 100, -1]])
    absorb(
        state, real, np.zeros((1, c.WHOLES), np.int64), looks, 1, MODES, 0, SENSORS, np.empty((0, c.PLOT_COLUMNS)),
        np.empty(0, np.int64), np.empty(0, np.int64), 318, 100, np.zeros(2, np.int64), np.empty(0, np.int64),
        np.empty((0, MODES)), np.empty((0, c.ROW)), np.array([0.9]), np.array([[0.6, 0.4]]), np.empty(0), np.ones(1),
    )  # fmt: skip
    assert real[0, c.EXISTENCE] == pytest.approx(0.09 / 0.19)
    assert real[0, c.MODE0 : c.MODE0 + MODES].tolist() == [0.6, 0.4]
    assert (state == before).all()
    assert looks[0, 0] == 300


def shared(apart: float, one: float, two: float) -> tuple[float, float]:
    """Existence of two Bernoullis that claim one plot, `apart` metres from one another, after `concentrate`."""
    state = np.array([pack(np.array([k * apart, 0, 0, 0, 0, 0.0]), np.eye(6) * 100.0) for k in (0, 0, 1, 1)])
    real, whole = np.zeros((2, c.REALS)), np.zeros((2, c.WHOLES), np.int64)
    real[:, c.EXISTENCE], real[:, c.MODE0], whole[:, c.NUMBER] = [one, two], 1.0, [9, 4]
    concentrate(
        state, real, whole, 2, MODES, np.array([0, 1, 2]), np.zeros(2, np.int64), np.full(2, 0.5), np.empty(1, np.int64)
    )
    return float(real[0, c.EXISTENCE]), float(real[1, c.EXISTENCE])


def test_twins_on_one_object_become_one_and_the_sum_stays() -> None:
    younger, elder = shared(2.0, 0.6, 0.7)
    assert elder == pytest.approx(0.999)
    assert younger + elder == pytest.approx(1.3)
    younger, elder = shared(2.0, 0.3, 0.4)
    assert 0.0 < younger < 1e-9
    assert elder == pytest.approx(0.7)


def test_two_objects_stay_two() -> None:
    assert shared(2.0, 0.9, 0.9) == (0.9, 0.9)
    assert shared(40.0, 0.6, 0.7) == (0.6, 0.7)


def test_what_is_kept_keeps_its_order() -> None:
    rng, n = np.random.default_rng(3), 6
    state, real = rng.normal(size=(n * MODES, c.ROW)), rng.normal(size=(n, c.REALS))
    whole, looks = rng.integers(0, 99, (n, c.WHOLES)), rng.integers(0, 99, (n, 3))
    keep = np.array([True, False, True, True, False, True])
    wanted = state.reshape(n, -1)[keep], real[keep].copy(), whole[keep].copy(), looks[keep].copy()
    assert squeeze(state, real, whole, looks, MODES, keep) == 4
    for got, want in zip((state.reshape(n, -1), real, whole, looks), wanted, strict=True):
        assert (got[:4] == want).all()
