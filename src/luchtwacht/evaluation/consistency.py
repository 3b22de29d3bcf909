"""Is the tracker as sure as it should be: normalised estimation error squared.

Y. Bar-Shalom, X. R. Li, T. Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, section 5.4.2:
ε = (x - x̂)ᵀ P⁻¹ (x - x̂) is χ² with as many degrees of freedom as x has when the filter is consistent; averaged over
N independent samples and divided by the dimension it is 1, with a χ² interval that narrows as N grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from luchtwacht.evaluation.assignment import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Nees:
    """Average normalised estimation error squared, over the dimension: 1 is right, more is overconfident."""

    dimensions: int
    samples: int
    average: float
    """NaN without samples"""
    low: float
    high: float
    """the average lies between these 19 times in 20 if the samples were independent; samples of one track are not"""


def squares(error: Floats, covariance: Floats) -> Floats:
    """(n,) squared errors (n, d) normalised by covariances (n, d, d)."""
    return np.asarray(np.einsum("ni,ni->n", error, np.linalg.solve(covariance, error[:, :, None])[:, :, 0]))


def nees(error: Floats, covariance: Floats) -> Nees:
    """ANEES of errors (n, d) under covariances (n, d, d)."""
    samples, dimensions = error.shape
    if not samples:
        return Nees(dimensions=dimensions, samples=0, average=float("nan"), low=float("nan"), high=float("nan"))
    each = squares(error, covariance)
    degrees = samples * dimensions
    low, high = chi2.ppf([0.025, 0.975], degrees) / degrees
    return Nees(
        dimensions=dimensions,
        samples=samples,
        average=float(each.mean() / dimensions),
        low=float(low),
        high=float(high),
    )
