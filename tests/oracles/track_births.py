"""Slow twins of `kernels.births` and of what `kernels.judging` learns: dense sums, SciPy's distributions."""

from __future__ import annotations

import numpy as np
from scipy.stats import expon, norm
from tests.oracles.track_measurement import update
from tests.oracles.track_motion import mix

from luchtwacht.model import Floats


def first(z: Floats, R: Floats, heights: Floats, speed: float, climb: float) -> tuple[Floats, Floats]:
    """Mean and covariance of an object first seen at `z` (3,), its height drawn from a mixture of Gaussians."""
    x, P = np.concatenate([z, np.zeros(3)]), np.zeros((6, 6))
    P[:3, :3], P[3:, 3:] = R, np.diag([speed**2, speed**2, climb**2])
    H = np.array([[0.0, 0, 1, 0, 0, 0]])
    parts = [update(x, P, np.array([height]) - H @ x, H, np.array([[sigma**2]])) for _, height, sigma in heights]
    weights = heights[:, 0] * np.exp([part[3] for part in parts])
    return mix(np.array([part[0] for part in parts]), np.array([part[1] for part in parts]), weights / weights.sum())


def new(z: float, variance: float, heights: Floats, on_the_map: float) -> float:
    """Density per cubic metre of first reports at height `z`."""
    sigma = np.sqrt(heights[:, 2] ** 2 + variance)
    return float(on_the_map * (heights[:, 0] * norm.pdf(z, heights[:, 1], sigma)).sum())


def strength(over: float, of_objects: float, of_noise: float, most: float) -> float:
    """Likelihood ratio of an echo `over` the threshold, given the mean excess of objects and of noise."""
    return float(np.clip(expon.pdf(over, scale=of_objects) / expon.pdf(over, scale=of_noise), 1.0 / most, most))
