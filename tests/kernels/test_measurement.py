"""Updates against dense matrices, numerical gradients and samples."""

from __future__ import annotations

from math import atan2, hypot

import numpy as np
import pytest
from tests.oracles import track_measurement as twin
from tests.oracles.track_motion import pack, unpack

from luchtwacht.geodesy import enu_to_polar
from luchtwacht.kernels import layout as c
from luchtwacht.kernels.conversion import FAR
from luchtwacht.kernels.measurement import condition, condition_on_number
from luchtwacht.model import Floats

PLACE = np.concatenate([[100.0, -50.0, 10.0], np.eye(3).ravel()])


def prior(rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    A = rng.normal(size=(6, 6)) * [30, 30, 20, 5, 5, 2]
    x, P = np.array([2000.0, 1500.0, 120.0, 10.0, -5.0, 1.0]), A.T @ A
    return pack(x, P)[None], x, P


def plot(**known: float) -> Floats:
    row = np.full((1, c.PLOT_COLUMNS), np.nan)
    row[0, c.DT] = 0.0
    row[0, c.UP_MEASURED] = 1.0
    for name, value in known.items():
        row[0, getattr(c, name)] = value
    return row


@pytest.mark.parametrize("dt", [0.0, -0.3])
def test_a_fix_updates_as_the_textbook_does(dt: float) -> None:
    rng = np.random.default_rng(5)
    row, x, P = prior(rng)
    B = rng.normal(size=(3, 3)) * 20
    R = B.T @ B + np.eye(3)
    plots = plot(X=2020.0, Y=1480.0, Z=150.0, DT=dt)
    plots[0, c.R0 : c.R0 + 6] = R[np.triu_indices(3)]
    post = np.empty((1, c.ROW))
    d2, loglik = condition(row, 0, post, 0, c.FIX, plots, 0, PLACE, np.empty(6))
    H = np.hstack([np.eye(3), dt * np.eye(3)])
    wanted = twin.update(x, P, plots[0, :3] - H @ x, H, R)
    mean, covariance = unpack(post[0])
    np.testing.assert_allclose(mean, wanted[0], rtol=1e-9)
    np.testing.assert_allclose(covariance, wanted[1], rtol=1e-7, atol=1e-6)
    assert (d2, loglik) == pytest.approx(wanted[2:], rel=1e-9)


def test_a_fix_without_height_leaves_the_height_and_its_likelihood_alone() -> None:
    row, x, P = prior(np.random.default_rng(6))
    plots = plot(X=2020.0, Y=1480.0, Z=0.0, UP_MEASURED=0.0)
    plots[0, c.R0 : c.R0 + 6] = [400.0, 50.0, 0.0, 300.0, 0.0, FAR]
    post = np.empty((1, c.ROW))
    _d2, loglik = condition(row, 0, post, 0, c.FIX, plots, 0, PLACE, np.empty(6))
    wanted = twin.update(x, P, plots[0, :2] - x[:2], np.eye(2, 6), np.array([[400.0, 50.0], [50.0, 300.0]]))
    mean, covariance = unpack(post[0])
    np.testing.assert_allclose(mean, wanted[0], rtol=1e-6)
    np.testing.assert_allclose(covariance, wanted[1], rtol=1e-4, atol=1e-2)
    assert loglik == pytest.approx(wanted[3], rel=1e-6)


def test_one_number_updates_as_the_textbook_does() -> None:
    rng = np.random.default_rng(7)
    row, x, P = prior(rng)
    h = rng.normal(size=6)
    d2, loglik = condition_on_number(row, 0, h, 3.0, 4.0)
    wanted = twin.update(x, P, np.array([3.0]), h[None], np.array([[4.0]]))
    mean, covariance = unpack(row[0])
    np.testing.assert_allclose(mean, wanted[0], rtol=1e-9)
    np.testing.assert_allclose(covariance, wanted[1], rtol=1e-7, atol=1e-7)
    assert (d2, loglik) == pytest.approx(wanted[2:], rel=1e-9)


@pytest.mark.parametrize("kind", [c.BEARING, c.DISTANCE])
def test_far_away_an_angle_or_a_range_is_a_linear_measurement(kind: int) -> None:
    row, x, P = prior(np.random.default_rng(8))
    P = P * 1e-4  # far against its spread: no curvature
    row[0] = pack(x, P)

    def measured(state: Floats) -> float:
        e, n, u = state[:3] - PLACE[:3]
        return atan2(e, n) if kind == c.BEARING else hypot(e, n, u)

    truth = measured(x)
    variance = 1e-8 if kind == c.BEARING else 1.0
    z = truth + 1.5 * variance**0.5
    plots = plot(AZIMUTH=z, AZIMUTH_VAR=variance) if kind == c.BEARING else plot(RANGE=z, RANGE_VAR=variance)
    post = np.empty((1, c.ROW))
    d2, loglik = condition(row, 0, post, 0, kind, plots, 0, PLACE, np.empty(6))
    wanted = twin.update(x, P, np.array([z - truth]), twin.gradient(measured, x), np.array([[variance]]))
    np.testing.assert_allclose(unpack(post[0])[0], wanted[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(unpack(post[0])[1], wanted[1], rtol=1e-3, atol=1e-5)
    assert (d2, loglik) == pytest.approx(wanted[2:], rel=1e-3)


def test_a_range_rate_is_used_with_its_geometry() -> None:
    row, x, P = prior(np.random.default_rng(9))
    P = P * 1e-3
    row[0] = pack(x, P)
    tight = np.full(6, 0.0)

    def rate(state: Floats) -> float:
        away = state[:3] - PLACE[:3]
        return float(away @ state[3:] / np.linalg.norm(away))

    plots = plot(X=x[0], Y=x[1], Z=x[2], RATE=rate(x) + 0.7, RATE_VAR=0.25)
    plots[0, c.R0 : c.R0 + 6] = [1e9, 0.0, 0.0, 1e9, 0.0, 1e9]
    post = np.empty((1, c.ROW))
    condition(row, 0, post, 0, c.FIX, plots, 0, PLACE, tight)
    wanted = twin.update(x, P, np.array([0.7]), twin.gradient(rate, x), np.array([[0.25]]))
    np.testing.assert_allclose(unpack(post[0])[0], wanted[0], rtol=1e-4, atol=1e-4)


def test_azimuth_wraps_at_north() -> None:
    x, P = np.array([95.0, 5000.0, 50.0, 0, 0, 0.0]), np.diag([100.0, 100.0, 100.0, 1, 1, 1])
    row, post = pack(x, P)[None], np.empty((1, c.ROW))
    for azimuth in (0.001, 0.001 + 2.0 * np.pi, 0.001 - 2.0 * np.pi):
        d2, _ = condition(row, 0, post, 0, c.BEARING, plot(AZIMUTH=azimuth, AZIMUTH_VAR=1e-4), 0, PLACE, np.empty(6))
        assert d2 < 1.0


@pytest.mark.parametrize("kind", [c.PLANE, c.BEARING, c.DIRECTION])
def test_a_near_and_curved_measurement_stays_honest(kind: int) -> None:
    """Truths drawn from the prior: the squared error over its claimed variance is 3 on average, not much more."""
    rng = np.random.default_rng(10)
    P = np.diag([60.0**2, 60.0**2, 40.0**2, 9, 9, 1])
    mean = np.array([400.0, 200.0, 90.0, 0, 0, 0])
    sigma = np.array([5.0, 0.02, 0.02])
    total, count = 0.0, 400
    for _ in range(count):
        truth = mean + np.sqrt(np.diag(P)) * rng.normal(size=6)
        z = enu_to_polar(truth[:3] - PLACE[:3]) + sigma * rng.normal(size=3)
        plots = plot(
            RANGE=z[0], RANGE_VAR=sigma[0] ** 2, AZIMUTH=z[1], AZIMUTH_VAR=sigma[1] ** 2, ELEVATION=z[2],
            ELEVATION_VAR=sigma[2] ** 2,
        )  # fmt: skip
        post = np.empty((1, c.ROW))
        condition(pack(mean, P)[None], 0, post, 0, kind, plots, 0, PLACE, np.empty(6))
        x, covariance = unpack(post[0])
        assert np.linalg.eigvalsh(covariance).min() > 0.0
        error = (truth - x)[:3]
        total += float(error @ np.linalg.solve(covariance[:3, :3], error))
    assert 2.2 < total / count < 3.6
