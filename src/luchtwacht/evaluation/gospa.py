"""GOSPA: how far a set of estimates is from a set of truths, and in which way.

A. S. Rahmathullah, Á. F. García-Fernández, L. Svensson, "Generalized optimal sub-pattern assignment metric", FUSION
2017, definition 1 and proposition 1 with α = 2:

    d = ( min over pairings γ of  Σ_(i,j)∈γ d(x_i, y_j)^p  +  c^p/2 · (|X| + |Y| - 2|γ|) )^(1/p)

so that the p-th power splits into localisation, missed and false.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from luchtwacht.evaluation.assignment import Floats, Ints, best_pairs, near_pairs


@dataclass(frozen=True, slots=True)
class Gospa:
    """GOSPA and its parts. The parts are p-th powers, and add up to `distance ** p`."""

    distance: float
    """m"""
    localisation: float
    """m^p, of the pairs"""
    missed: float
    """m^p, of truths without an estimate"""
    false: float
    """m^p, of estimates without a truth"""
    truth: Ints
    """(k,) rows of the truths that were paired"""
    estimate: Ints
    """(k,) rows of their estimates"""


def gospa(truth: ArrayLike, estimates: ArrayLike, *, c: float = 100.0, p: float = 2.0) -> Gospa:
    """GOSPA (α = 2) between positions `truth` (n, d) and `estimates` (m, d), in metres.

    Args:
        c: cut-off (m): one missed with one false costs as much as a pair this far apart.
        p: order, 1 or more.
    """
    x, y = _as_rows(truth), _as_rows(estimates)
    i, j, distance = near_pairs(x, y, c)
    made = best_pairs(i, j, distance**p, c**p)
    localisation = float(np.sum(distance[made] ** p))
    missed = c**p / 2.0 * (len(x) - len(made))
    false = c**p / 2.0 * (len(y) - len(made))
    return Gospa(
        distance=(localisation + missed + false) ** (1.0 / p),
        localisation=localisation,
        missed=missed,
        false=false,
        truth=i[made],
        estimate=j[made],
    )


def _as_rows(values: ArrayLike) -> Floats:
    """(n, d), also when there is nothing at all."""
    rows = np.asarray(values, dtype=np.float64)
    return rows if rows.ndim == 2 else rows.reshape(0, 3)
