"""Slow twin of glimpses: one plot, what may be its object, and what was seen once before, written down and merged."""

from __future__ import annotations

import numpy as np
from tests.oracles.track_motion import mix

from luchtwacht.model import Floats


def born(
    free: float, false: float, fresh: float, again: Floats, parts: list[tuple[Floats, Floats]], most: float
) -> tuple[float, Floats, Floats]:
    """Existence, mean and covariance of the object of a plot (Williams 2015, theorem 2 and equation 27).

    Args:
        free: probability that nothing known made the plot; `false` and `fresh`: densities of false plots and of plots
            of objects never seen; `again`: (k,) those of objects of glimpses.
        parts: what the object is if never seen before, and if it is that of each glimpse.
        most: what one plot can give.
    """
    weights = np.concatenate([[fresh], again])
    total = weights.sum() + false
    existence = min(free * fresh / total, most) + free * again.sum() / total
    x, P = mix(np.array([x for x, _ in parts]), np.array([P for _, P in parts]), weights / weights.sum())
    return existence, x, P


def left(existence: float, seen: float, found: float) -> float:
    """Existence of a glimpse whose object is a plot's with probability `found`, and otherwise was not reported."""
    return (1.0 - found) * existence * (1.0 - seen) / (1.0 - existence * seen)
