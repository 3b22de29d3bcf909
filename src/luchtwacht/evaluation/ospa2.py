"""OSPA(2): a distance between two sets of tracks, which feels exchanged and broken tracks that GOSPA cannot.

M. Beard, B. T. Vo, B.-N. Vo, "A solution for large-scale multi-object tracking", IEEE Trans. Signal Processing 68,
2020, section IV: the base distance between two tracks is their mean cut-off distance over the times when at least one
of them exists (c where only one does); OSPA with it, over all tracks of the window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from luchtwacht.evaluation.assignment import Floats


def ospa2(truth: ArrayLike, tracks: ArrayLike, *, c: float = 100.0, p: float = 2.0) -> float:
    """OSPA(2) in metres between `truth` (n, times, d) and `tracks` (m, times, d); NaN where one does not exist.

    Tracks and truths that never exist in the window do not count. Dense: for windows of some hundreds of tracks.
    """
    x, y = _existing(truth), _existing(tracks)
    most = max(len(x), len(y))
    if not most:
        return 0.0
    if not len(x) or not len(y):
        return c
    base = np.stack([_mean_distance(path, y, c) for path in x])
    pairs = linear_sum_assignment(base**p)
    total = float(np.sum(base[pairs] ** p)) + c**p * (most - min(len(x), len(y)))
    return float((total / most) ** (1.0 / p))


def _existing(paths: ArrayLike) -> Floats:
    """Without those that never exist."""
    values = np.asarray(paths, dtype=np.float64)
    if values.ndim != 3:
        raise AssertionError(f"tracks have shape {values.shape}, wanted (n, times, d)")
    ever = np.any(np.all(np.isfinite(values), axis=2), axis=1)
    return np.asarray(values[ever])


def _mean_distance(path: Floats, others: Floats, c: float) -> Floats:
    """(m,) base distance of one path (times, d) to each of `others` (m, times, d)."""
    here = np.isfinite(path).all(axis=1)
    there = np.isfinite(others).all(axis=2)
    apart = np.linalg.norm(others - path, axis=2)
    cut = np.where(here & there, np.minimum(apart, c), c)
    either = here | there
    return np.asarray(np.where(either, cut, 0.0).sum(axis=1) / np.maximum(either.sum(axis=1), 1))
