"""The merge of hypotheses against its twin, and the bookkeeping of a look."""

from __future__ import annotations

import numpy as np
import pytest
from tests.kernels.test_motion import random_rows
from tests.oracles import track_mixture as twin
from tests.oracles.track_measurement import update
from tests.oracles.track_motion import pack, unpack

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.mixture import absorb, squeeze
from luchtwacht.model import Floats, Ints

SENSORS, MODES = 1, 2


PLACE = np.concatenate([np.zeros(3), np.eye(3).ravel()])


def fixes(rng: np.random.Generator, state: Floats, count: int) -> Floats:
    """Positions near the first row of `state`."""
    plots = np.full((count, c.PLOT_COLUMNS), np.nan)
    plots[:, c.UP_MEASURED], plots[:, c.DT] = 1.0, 0.0
    for j in range(count):
        B = rng.normal(size=(3, 3)) * 30.0
        plots[j, :3] = state[0, :3] + rng.normal(size=3) * 60.0
        plots[j, c.R0 : c.R0 + 6] = (B.T @ B + 25.0 * np.eye(3))[np.triu_indices(3)]
    return plots


@pytest.mark.parametrize(
    ("paired", "late"),
    [((0.2, 0.45, 0.1), 0.0), ((0.7,), 0.0), ((0.6, 0.25), -0.3), ((0.5, 0.3), (-0.3, 0.1)), ((1.0,), 0.0)],
)
def test_a_merge_of_hypotheses_equals_its_twin(paired: tuple[float, ...], late: float | tuple[float, ...]) -> None:
    rng, pairs, known = np.random.default_rng(1), len(paired), np.array(paired)
    state = random_rows(rng, MODES)
    real, whole = np.zeros((1, c.REALS)), np.zeros((1, c.WHOLES), np.int64)
    real[0, c.EXISTENCE], real[0, c.SILENCE], whole[0, c.UPDATES] = 0.8, 1.0, 5
    real[0, c.MODE0 : c.MODE0 + MODES] = silent = np.array([0.3, 0.7])
    shares, plots = rng.dirichlet([1, 1], pairs), fixes(rng, state, pairs)
    plots[:, c.DT] = late
    looks = np.zeros((1, 3 * SENSORS), np.int64)
    rows = [unpack(row) for row in state]
    before = np.array([x for x, _ in rows]), np.array([P for _, P in rows])
    posteriors = []
    for plot in plots:
        R = np.zeros((3, 3))
        R[np.triu_indices(3)] = plot[c.R0 : c.R0 + 6]
        R = R + np.triu(R, 1).T
        H = np.hstack([np.eye(3), plot[c.DT] * np.eye(3)])
        after = [update(x, P, plot[:3] - H @ x, H, R) for x, P in rows]
        posteriors.append((np.array([each[0] for each in after]), np.array([each[1] for each in after])))
    absorb(
        state, real, whole, looks, 0, 1, MODES, 0, SENSORS, np.zeros(pairs, np.int8), plots, np.array([5, 6, 7]),
        np.array([-1, 44, -1]), PLACE, 10, 1, np.array([0, pairs]), np.arange(pairs), shares, np.array([0.9]),
        silent[None], known, np.array([1.0 - known.sum()]), np.zeros(1, np.bool_),
    )  # fmt: skip
    existence, modes, means, covariances = twin.absorb(0.8, 0.9, before, silent, posteriors, shares, known)
    assert real[0, c.EXISTENCE] == pytest.approx(existence)
    np.testing.assert_allclose(real[0, c.MODE0 : c.MODE0 + MODES], modes, rtol=1e-9)
    for m in range(MODES):
        np.testing.assert_allclose(state[m], pack(means[m], covariances[m]), rtol=1e-8, atol=1e-6)
    best = int(known.argmax())
    assert whole[0, c.UPDATED] == 5 + best
    assert looks[0].tolist() == [5 + best, 5 + best, 44 if best == 1 else 0]


def absorb_nothing(real: Floats, looks: Ints, end_ns: int, paired: float = 0.0) -> Ints:
    """One look of a sensor with a period of 100 that held one plot, or none."""
    rng = np.random.default_rng(2)
    state, whole = random_rows(rng, MODES), np.zeros((1, c.WHOLES), np.int64)
    before, count = state.copy(), int(paired > 0.0)
    absorb(
        state, real, whole, looks, 0, 1, MODES, 0, SENSORS, np.zeros(count, np.int8), fixes(rng, state, count),
        np.full(count, end_ns), np.full(count, -1), PLACE, end_ns, 100, np.array([0, count]), np.zeros(count, np.int64),
        np.full((count, MODES), 0.5), np.array([0.9]), np.array([[0.6, 0.4]]), np.full(count, paired),
        np.array([1.0 - paired]), np.zeros(1, np.bool_),
    )  # fmt: skip
    assert (state == before).all() == (count == 0)
    return whole


def test_silence_lowers_existence_and_time_moves_on_by_whole_periods() -> None:
    real, looks = np.zeros((1, c.REALS)), np.array([[100, 100, -1]])
    real[0, c.EXISTENCE], real[0, c.MODE0], real[0, c.SILENCE] = 0.9, 1.0, 1.0
    absorb_nothing(real, looks, 318)
    assert real[0, c.EXISTENCE] == pytest.approx(0.09 / 0.19)
    assert real[0, c.MODE0 : c.MODE0 + MODES].tolist() == [0.6, 0.4]
    assert looks[0, 0] == 300


def test_support_that_is_split_over_looks_adds_up() -> None:
    """Two reports, each its own with probability 0.4, are support: 1 - 0.6 x 0.6 is above a half."""
    real, looks = np.zeros((1, c.REALS)), np.array([[100, 100, -1]])
    real[0, c.EXISTENCE], real[0, c.MODE0 : c.MODE0 + MODES], real[0, c.SILENCE] = 0.96, 0.5, 1.0
    whole = absorb_nothing(real, looks, 200, 0.4)
    assert whole[0, c.UPDATED] == 0
    assert real[0, c.SILENCE] == pytest.approx(0.6)
    whole = absorb_nothing(real, looks, 300, 0.4)
    assert whole[0, c.UPDATED] == 300
    assert whole[0, c.UPDATES] == 1
    assert real[0, c.SILENCE] == 1.0


def test_what_is_kept_keeps_its_order() -> None:
    rng, n = np.random.default_rng(3), 6
    state, real = rng.normal(size=(n * MODES, c.ROW)), rng.normal(size=(n, c.REALS))
    whole, looks = rng.integers(0, 99, (n, c.WHOLES)), rng.integers(0, 99, (n, 3))
    keep = np.array([True, False, True, True, False, True])
    order = [0, 2, 3, 5]
    wanted = state.reshape(n, -1)[order], real[order].copy(), whole[order].copy(), looks[order].copy()
    assert squeeze(state, real, whole, looks, MODES, keep) == 4
    for got, want in zip((state.reshape(n, -1), real, whole, looks), wanted, strict=True):
        assert (got[:4] == want).all()
