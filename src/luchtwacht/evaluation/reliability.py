"""Do probabilities hold what they promise? Of everything that was given 0.8, eight in ten should be so.

Reliability tables and the Brier score in its parts (A. H. Murphy, "A new vector partition of the probability score",
Journal of Applied Meteorology 12, 1973; what bins leave over: Stephenson et al., Weather and Forecasting 23, 2008;
expected calibration error as in Naeini et al., AAAI 2015). Rows of one track follow one another, so the printed
intervals are those of independent rows and too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from luchtwacht.evaluation.assignment import Floats
from luchtwacht.model import Bools

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""narrow at the ends, where decisions are made"""
_FIGURES = ("brier", "miscalibration", "resolution", "uncertainty", "within", "calibration_error")


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
    """mean squared distance of probability and outcome: 0 is best, 0.25 is a coin; NaN without rows, as are the rest.
    It is `miscalibration` - `resolution` + `uncertainty` + `within`"""
    miscalibration: float
    """Murphy's reliability: mean square of said less was, bin by bin; 0 is best"""
    resolution: float
    """mean square of was less the share of all that was so: how far the bins tell one from the other; more is better"""
    uncertainty: float
    """p (1 - p) of the share p of all that was so: the Brier score of always saying p"""
    within: float
    """what the spread inside the bins adds"""
    calibration_error: float
    """expected calibration error: mean distance of said and was, weighed by rows"""
    bins: tuple[Bin, ...]


def reliability(of: str, said: Floats, was: Bools) -> Reliability:
    """The table of probabilities `said` (n,) against outcomes `was` (n,)."""
    place = np.clip(np.searchsorted(EDGES, said, side="right") - 1, 0, len(EDGES) - 2)
    bins = tuple(_bin(EDGES[k], EDGES[k + 1], said[place == k], was[place == k]) for k in range(len(EDGES) - 1))
    if not len(said):
        nothing = dict.fromkeys(_FIGURES, float("nan"))
        return Reliability(of=of, rows=0, bins=bins, **nothing)
    filled = [each for each in bins if each.count]
    share = np.array([each.count for each in filled]) / len(said)
    off = np.array([each.said - each.was for each in filled])
    base = float(was.mean())
    brier = float(np.mean((said - was) ** 2))
    miscalibration = float(share @ off**2)
    resolution = float(share @ (np.array([each.was for each in filled]) - base) ** 2)
    uncertainty = base * (1.0 - base)
    return Reliability(
        of=of,
        rows=len(said),
        brier=brier,
        miscalibration=miscalibration,
        resolution=resolution,
        uncertainty=uncertainty,
        within=brier - (miscalibration - resolution + uncertainty),
        calibration_error=float(share @ np.abs(off)),
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
