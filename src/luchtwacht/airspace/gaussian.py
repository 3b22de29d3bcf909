"""Probabilities of a Gaussian over polygons and height intervals.

A polygon is a sum of signed triangles between the mean and each edge. After whitening, the standard normal's content
of such a triangle is, with h the distance to the edge's line and s1, s2 the edge's ends along it from the foot of the
perpendicular,

    angle / 2 pi - [T(h, s2 / h) - T(h, s1 / h)]

where T is Owen's function (Owen, Ann. Math. Statist. 27:1075, 1956, doi 10.1214/aoms/1177728074; the sum over edges:
DiDonato and Hageman, SIAM J. Sci. Stat. Comput. 3:434, 1982). It is exact, for any polygon, with holes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_NEGLIGIBLE_H = 8.0
"""beyond this many standard deviations Owen's T is below 1e-15"""


def over_polygons(mean: Floats, covariance: Floats, edges: Floats, row: Ints) -> Floats:
    """Probability that each Gaussian lies in its polygon.

    Args:
        mean: (n, 2).
        covariance: (n, 2, 2), positive definite.
        edges: (k, 4) x1, y1, x2, y2; outer rings anticlockwise, holes clockwise; no edge of length zero.
        row: (k,) the Gaussian to whose polygon each edge belongs.

    Returns:
        (n,) in [0, 1].
    """
    from scipy.special import owens_t  # not above: a watch that starts again shows its alerts before it needs this

    l11 = np.sqrt(covariance[:, 0, 0])
    l21 = covariance[:, 0, 1] / l11
    l22 = np.sqrt(np.maximum(covariance[:, 1, 1] - l21**2, 1e-12 * covariance[:, 1, 1]))
    ax = (edges[:, 0] - mean[row, 0]) / l11[row]
    ay = (edges[:, 1] - mean[row, 1] - l21[row] * ax) / l22[row]
    bx = (edges[:, 2] - mean[row, 0]) / l11[row]
    by = (edges[:, 3] - mean[row, 1] - l21[row] * bx) / l22[row]
    dx, dy = bx - ax, by - ay
    length = np.hypot(dx, dy)
    cross = ax * by - ay * bx
    content = np.arctan2(cross, ax * bx + ay * by) / (2.0 * np.pi)
    height = np.abs(cross) / length
    near = np.flatnonzero((height < _NEGLIGIBLE_H) & (height > 0.0))
    h = height[near]
    first = (ax[near] * dx[near] + ay[near] * dy[near]) / length[near]
    second = first + length[near]
    content[near] -= np.sign(cross[near]) * (owens_t(h, second / h) - owens_t(h, first / h))
    content[height == 0.0] = 0.0
    return np.clip(np.bincount(row, weights=content, minlength=len(mean)), 0.0, 1.0)


def over_interval(mean: Floats, sigma: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats, Floats]:
    """Probability of each interval, and mean and variance of the Gaussian inside it; all arguments (n,).

    Where the probability vanishes, mean and variance are those of the whole Gaussian.
    """
    from scipy.special import ndtr  # not above: a watch that starts again shows its alerts before it needs this

    low, high = (lower - mean) / sigma, (upper - mean) / sigma
    flip = low > 0.0  # both ends above the mean: use the mirror image, where differences of tails keep their digits
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    content = ndtr(high) - ndtr(low)
    usable = content > 1e-12
    safe = np.where(usable, content, 1.0)
    at_low, at_high = _density(low), _density(high)
    shift = np.where(usable, (at_low - at_high) / safe, 0.0)
    spread = np.where(
        usable, (np.where(at_low > 0, low, 0.0) * at_low - np.where(at_high > 0, high, 0.0) * at_high) / safe, 0.0
    )
    variance = sigma**2 * np.clip(1.0 + spread - shift**2, 0.0, 1.0)
    return content, mean + sigma * np.where(flip, -shift, shift), variance


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * np.minimum(z * z, 1e4)) / np.sqrt(2.0 * np.pi))
