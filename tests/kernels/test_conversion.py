"""Polar plots as positions: no bias, and the covariance that samples have."""

from __future__ import annotations

import numpy as np
import pytest

from luchtwacht.geodesy import polar_to_enu
from luchtwacht.kernels import layout as c
from luchtwacht.kernels.conversion import FAR, convert
from luchtwacht.model import Floats, Geometry

PLACE = np.concatenate([[10.0, 20.0, 5.0], np.eye(3).ravel()])


def converted(z: Floats, R: Floats, geometry: int = Geometry.POLAR, filtered: bool = False) -> tuple[Floats, Floats]:
    z, R = np.atleast_2d(z), np.atleast_3d(R).reshape(-1, 4, 4)
    m = len(z)
    kinds, plots = np.empty(m, np.int8), np.empty((m, c.PLOT_COLUMNS))
    convert(
        z, R, np.full(m, geometry, np.int8), np.zeros(m, np.int64), 0, 0, np.full(m, np.nan), np.full(m, np.nan),
        np.full(m, filtered), 4.0, PLACE, 100.0, kinds, plots,
    )  # fmt: skip
    return kinds, plots


@pytest.mark.parametrize("degrees", [0.5, 3.0, 12.0])
def test_the_position_has_no_bias_and_the_covariance_of_samples(degrees: float) -> None:
    rng = np.random.default_rng(1)
    truth = np.array([3000.0, 0.7, 0.2])
    sigma = np.array([10.0, np.radians(degrees), np.radians(degrees)])
    z = np.full((40_000, 4), np.nan)
    z[:, :3] = truth + sigma * rng.normal(size=(len(z), 3))
    R = np.full((len(z), 4, 4), np.nan)
    R[:] = np.diag([*sigma**2, np.nan])
    _, plots = converted(z, R)
    at = polar_to_enu(truth) + PLACE[:3]
    errors = plots[:, :3] - at
    sample = np.cov(errors.T)
    assert (np.abs(errors.mean(0)) < 4.0 * np.sqrt(np.diag(sample) / len(z))).all()
    _, exact = converted(np.array([*truth, np.nan]), R[0])
    claimed = np.zeros((3, 3))
    claimed[np.triu_indices(3)] = exact[0, c.R0 : c.R0 + 6]
    claimed = claimed + np.triu(claimed, 1).T
    scale = np.sqrt(np.outer(np.diag(sample), np.diag(sample)))
    np.testing.assert_allclose(claimed / scale, sample / scale, atol=0.03)


def test_every_subset_of_numbers_has_its_kind() -> None:
    full = np.array([1000.0, 0.5, 0.1, 3.0])
    cases = {
        (True, True, True, True): c.FIX,
        (True, True, True, False): c.FIX,
        (True, True, False, True): c.PLANE,
        (False, True, False, False): c.BEARING,
        (False, True, True, False): c.DIRECTION,
        (True, False, False, True): c.DISTANCE,
        (False, False, True, False): c.NOTHING,
        (False, False, False, False): c.NOTHING,
    }
    for measured, kind in cases.items():
        hidden = ~np.array(measured)
        z, R = full.copy(), np.diag([100.0, 1e-4, 1e-4, 1.0])
        z[hidden] = np.nan
        R[hidden, :] = R[:, hidden] = np.nan
        assert converted(z, R)[0][0] == kind


def test_a_position_without_up_is_a_fix_of_unknown_height() -> None:
    z, R = np.array([5.0, 6.0, np.nan, np.nan]), np.full((4, 4), np.nan)
    R[:2, :2] = [[9.0, 1.0], [1.0, 4.0]]
    kinds, plots = converted(z, R, Geometry.POSITION)
    assert kinds[0] == c.FIX
    assert plots[0, c.UP_MEASURED] == 0.0
    assert plots[0, c.R0 + 5] == FAR
    assert plots[0, c.R0 : c.R0 + 2].tolist() == [9.0, 1.0]


def test_what_a_sensor_filtered_itself_counts_for_less() -> None:
    z, R = np.array([1000.0, 0.5, 0.1, np.nan]), np.diag([100.0, 1e-4, 1e-4, np.nan])
    plain, filtered = converted(z, R)[1], converted(z, R, filtered=True)[1]
    assert filtered[0, c.R0] == pytest.approx(4.0 * plain[0, c.R0], rel=1e-2)


@pytest.mark.parametrize("wrong", [np.inf, -np.inf])
def test_infinite_numbers_and_missing_variances_are_refused(wrong: float) -> None:
    R = np.diag([100.0, 1e-4, 1e-4, 1.0])
    assert converted(np.array([1000.0, wrong, 0.1, 3.0]), R)[0][0] == c.NOTHING
    R[0, 0] = np.nan
    assert converted(np.array([1000.0, 0.5, 0.1, 3.0]), R)[0][0] == c.NOTHING
