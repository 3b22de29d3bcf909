"""Prediction, mixing and reporting against dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import track_motion as twin

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.motion import merge, predict, report, shift
from luchtwacht.model import Floats
from luchtwacht.tracking.motion import MODES, steps


def random_rows(rng: np.random.Generator, count: int) -> Floats:
    """(count, 27) Gaussians with full covariances."""
    rows = []
    for _ in range(count):
        A = rng.normal(size=(6, 6)) * [30, 30, 20, 5, 5, 2]
        rows.append(twin.pack(rng.normal(size=6) * [1e3, 1e3, 100, 10, 10, 2], A.T @ A))
    return np.array(rows)


@pytest.mark.parametrize("seconds", [0.0, 0.1, 1.0, 4.0])
def test_prediction_equals_its_twin(seconds: float) -> None:
    rng, modes = np.random.default_rng(1), len(MODES)
    change, noise, survival = steps(round(seconds * 1e9))
    state = random_rows(rng, 3 * modes)
    real = np.zeros((3, c.REALS))
    real[:, c.EXISTENCE] = 0.5
    real[:, c.MODE0 : c.MODE0 + modes] = rng.dirichlet(np.ones(modes), 3)
    before, weights = state.copy(), real[:, c.MODE0 : c.MODE0 + modes].copy()
    predict(state, real, np.zeros((3, c.WHOLES), np.int64), 0, 3, modes, change, noise, survival)
    for i in range(3):
        pairs = [twin.unpack(row) for row in before[i * modes : (i + 1) * modes]]
        x, P, after = twin.predict(
            np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs]), weights[i], change, noise
        )
        for m in range(modes):
            mean, covariance = twin.unpack(state[i * modes + m])
            np.testing.assert_allclose(mean, x[m], rtol=1e-10, atol=1e-9)
            np.testing.assert_allclose(covariance, P[m], rtol=1e-9, atol=1e-7)
        np.testing.assert_allclose(real[i, c.MODE0 : c.MODE0 + modes], after, rtol=1e-10)
        assert real[i, c.EXISTENCE] == 0.5 * survival


def test_two_half_steps_equal_one_step_of_noise() -> None:
    for row_half, row_full in zip(steps(500_000_000)[1], steps(1_000_000_000)[1], strict=True):
        F, Q = twin.transition(row_half)
        whole_F, whole_Q = twin.transition(row_full)
        np.testing.assert_allclose(F @ F, whole_F)
        np.testing.assert_allclose(F @ Q @ F.T + Q, whole_Q)
    half, full = steps(500_000_000), steps(1_000_000_000)
    np.testing.assert_allclose(half[0] @ half[0], full[0])
    assert half[2] ** 2 == pytest.approx(full[2])


def test_a_shift_there_and_back_changes_nothing() -> None:
    state = random_rows(np.random.default_rng(2), 1)
    before = state.copy()
    shift(state, 0, 0.7, 1.0)
    shift(state, 0, -0.7, 1.0)
    np.testing.assert_allclose(state, before, rtol=1e-9, atol=1e-7)


def test_merging_equals_its_twin() -> None:
    rng = np.random.default_rng(3)
    state, out = random_rows(rng, 4), np.empty((1, c.ROW))
    weights = rng.dirichlet(np.ones(4))
    merge(state, 4, weights, out, 0)
    pairs = [twin.unpack(row) for row in state]
    x, P = twin.mix(np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]), weights)
    np.testing.assert_allclose(out[0], twin.pack(x, P), rtol=1e-9, atol=1e-7)


def test_a_report_moves_nothing_and_is_symmetric() -> None:
    rng, modes = np.random.default_rng(4), len(MODES)
    state, real = random_rows(rng, 2 * modes), np.zeros((2, c.REALS))
    real[:, c.MODE0 : c.MODE0 + modes] = 1.0 / modes
    before = state.copy()
    x, P = np.empty((2, 6)), np.empty((2, 6, 6))
    whole = np.zeros((2, c.WHOLES), np.int64)
    whole[1, c.HEIGHT] = 1
    report(state, real, whole, np.array([1, 0]), modes, steps(400_000_000)[1], 1e6, x, P)
    assert (state == before).all()
    assert (np.swapaxes(P, 1, 2) == P).all()
    assert np.linalg.eigvalsh(P).min() > 0.0
    assert P[0, 2, 2] < 1e5
    assert P[1, 2].tolist() == [0.0, 0.0, 1e6, 0.0, 0.0, 0.0]
