"""Whether and when a track will enter a zone, if it flies on as it does.

The track's Gaussian is represented by a fixed set of straight flights: a low-discrepancy sequence in position and
velocity, the same every time, with the expected flight first. Velocity is widened for manoeuvres within the horizon.
Every flight is cut to the time it spends between a slab's heights and then tried against the edges near it. With 128
flights the probability of entry has an error of 0.02 (standard deviation) at a straight border; P(inside) is exact.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

FLIGHTS = 128
ACCELERATION_DENSITY = (0.1, 0.1, 0.01)
"""m2/s3, east, north, up: white-noise acceleration (Bar-Shalom, Li and Kirubarajan 2001, section 6.2.2) that stands for
small manoeuvres: after 30 s 30 m horizontally"""


def _sequence(count: int, dimensions: int) -> Floats:
    """Additive recurrence by powers of the generalised golden ratio (root of x^(d+1) = x + 1), as normal deviates."""
    from scipy.special import ndtri  # not above: a watch that starts again shows its alerts before it needs this

    ratio = 1.5
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    half = ndtri((0.5 + np.arange(1, count // 2 + 1)[:, None] * steps) % 1.0)
    both = np.concatenate([half, -half])
    root = np.linalg.cholesky(both.T @ both / len(both))
    both = both @ np.linalg.inv(root).T  # their covariance is then the identity, exactly
    return np.concatenate([np.zeros((1, dimensions)), both])


@cache
def _deviates() -> Floats:
    """(1 + FLIGHTS, 6), the first all zero; then pairs of opposites."""
    return _sequence(FLIGHTS, 6)


def flights(x: Floats, P: Floats, horizon_s: float) -> tuple[Floats, Floats]:
    """Beginnings and ends of the flights of each track.

    Args:
        x: (n, 6) state; the third is a height above the ellipsoid.
        P: (n, 6, 6) its covariance.
        horizon_s: s.

    Returns:
        start, stop: (n, 1 + FLIGHTS, 3) m; the first is the expected flight.
    """
    widened = P.copy()
    for axis, density in enumerate(ACCELERATION_DENSITY):
        widened[:, 3 + axis, 3 + axis] += density * horizon_s / 3.0
    values, vectors = np.linalg.eigh(widened)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    states = x[:, None, :] + _deviates() @ np.swapaxes(root, 1, 2)
    return states[..., :3], states[..., :3] + horizon_s * states[..., 3:]


def entries(
    start: Floats, stop: Floats, lower: Floats, upper: Floats, inside: Bools, edges: Floats, row: Ints
) -> tuple[Bools, Floats]:
    """Which flights enter which slab, and when the expected ones do.

    Args:
        start, stop: (n, f, 3) as from `flights`, one row a pair of track and slab.
        lower, upper: (n,) heights of the slab (m).
        inside: (n,) whether the expected position now is inside the slab's outline.
        edges: (k, 4) of the outlines, in order of `row`.
        row: (k,) the pair each edge belongs to.

    Returns:
        hit: (n, f) whether the flight is ever inside the slab.
        when: (n,) part of the horizon after which the expected flight is inside; NaN when it never is.
    """
    begin, end = _between(start[..., 2], stop[..., 2], lower[:, None], upper[:, None])
    across = stop[..., :2] - start[..., :2]
    p, q = start[..., :2] + begin[..., None] * across, start[..., :2] + end[..., None] * across
    usable = begin <= end
    box_low = np.minimum(start[..., :2], stop[..., :2]).min(axis=1)
    box_high = np.maximum(start[..., :2], stop[..., :2]).max(axis=1)
    near = np.flatnonzero(
        np.all(np.minimum(edges[:, :2], edges[:, 2:]) <= box_high[row], axis=1)
        & np.all(np.maximum(edges[:, :2], edges[:, 2:]) >= box_low[row], axis=1)
    )
    count, width = start.shape[:2]
    crossed, flipped = np.zeros((count, width), dtype=bool), np.zeros((count, width), dtype=bool)
    part = np.full(count, np.inf)
    if len(near):
        of = row[near]
        ax, ay, bx, by = (edges[near, column, None] for column in range(4))
        ex, ey = bx - ax, by - ay
        ox, oy = start[of, :1, 0], start[of, :1, 1]
        px, py, qx, qy = p[of, :, 0], p[of, :, 1], q[of, :, 0], q[of, :, 1]
        side_o = ex * (oy - ay) - ey * (ox - ax)
        side_p = ex * (py - ay) - ey * (px - ax)
        side_q = ex * (qy - ay) - ey * (qx - ax)
        met = ((side_p > 0) != (side_q > 0)) & _parts(px, py, qx, qy, ax, ay, bx, by)
        away = ((side_o > 0) != (side_p > 0)) & _parts(ox, oy, px, py, ax, ay, bx, by)
        begins = np.flatnonzero(np.diff(of, prepend=-1))
        crossed[of[begins]] = np.logical_or.reduceat(met, begins, axis=0)
        flipped[of[begins]] = np.logical_xor.reduceat(away, begins, axis=0)
        first = np.flatnonzero(met[:, 0])
        np.minimum.at(part, of[first], side_p[first, 0] / (side_p[first, 0] - side_q[first, 0]))
    starts_inside = inside[:, None] ^ flipped
    hit = usable & (starts_inside | crossed)
    part[starts_inside[:, 0]] = 0.0
    when = np.where(hit[:, 0], begin[:, 0] + part * (end[:, 0] - begin[:, 0]), np.nan)
    return hit, when


def _between(z0: Floats, z1: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Parts of the way from `z0` to `z1` at which it comes between the heights and leaves; first > last when never."""
    rise = z1 - z0
    level = np.abs(rise) < 1e-9
    safe = np.where(level, 1.0, rise)
    at_lower, at_upper = (lower - z0) / safe, (upper - z0) / safe
    first = np.clip(np.where(level, 0.0, np.minimum(at_lower, at_upper)), 0.0, 2.0)
    last = np.clip(np.where(level, 1.0, np.maximum(at_lower, at_upper)), -1.0, 1.0)
    outside = level & ((z0 < lower) | (z0 >= upper))
    return np.where(outside, 2.0, first), np.where(outside, -1.0, last)


def _parts(px: Floats, py: Floats, qx: Floats, qy: Floats, ax: Floats, ay: Floats, bx: Floats, by: Floats) -> Bools:
    """Whether the line through p and q has a and b on different sides."""
    dx, dy = qx - px, qy - py
    return np.asarray((dx * (ay - py) > dy * (ax - px)) != (dx * (by - py) > dy * (bx - px)))
