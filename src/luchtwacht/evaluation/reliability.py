"""Do probabilities hold what they promise? Of everything that was given 0.8, eight in ten should be so.

Reliability tables and the decomposition by calibration error (A. H. Murphy, "A new vector partition of the probability
score", Journal of Applied Meteorology 12, 1973; expected calibration error as in Naeini et al., AAAI 2015). Rows of one
track follow one another, so the printed intervals are those of independent rows and too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from luchtwacht.evaluation.assignment import Floats
from luchtwacht.model import Bools

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""narrow at the ends, where decisions are made"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """What was given a probability between two edges."""

    low: float
    high: float
    count: int
    said: float
    """mean probability; NaN without rows, as are the next three"""
    was: float
    """share that was so"""
    was_low: float
    was_high: float
    """95 % of `was`, if the rows were independent (Clopper and Pearson 1934)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A table, and what it comes down to."""

    of: str
    """what the probability is of"""
    rows: int
    brier: float
    """mean squared distance of probability and outcome: 0 is best, 0.25 is a coin; NaN without rows"""
    calibration_error: float
    """mean distance of said and was, weighed by rows"""
    bins: tuple[Bin, ...]


def reliability(of: str, said: Floats, was: Bools) -> Reliability:
    """The table of probabilities `said` (n,) against outcomes `was` (n,)."""
    place = np.clip(np.searchsorted(EDGES, said, side="right") - 1, 0, len(EDGES) - 2)
    bins = tuple(_bin(EDGES[k], EDGES[k + 1], said[place == k], was[place == k]) for k in range(len(EDGES) - 1))
    filled = [each for each in bins if each.count]
    return Reliability(
        of=of,
        rows=len(said),
        brier=float(np.mean((said - was) ** 2)) if len(said) else float("nan"),
        calibration_error=sum(each.count * abs(each.said - each.was) for each in filled) / len(said)
        if len(said)
        else float("nan"),
        bins=bins,
    )


def _bin(low: float, high: float, said: Floats, was: Bools) -> Bin:
    n, k = len(said), int(was.sum())
    unknown = float("nan")
    return Bin(
        low=low,
        high=high,
        count=n,
        said=float(said.mean()) if n else unknown,
        was=k / n if n else unknown,
        was_low=(float(beta.ppf(0.025, k, n - k + 1)) if k else 0.0) if n else unknown,
        was_high=(float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0) if n else unknown,
    )
