"""The best one-to-one pairing of a few near pairs, where leaving both ends alone has its price.

Pairs beyond a limit are never worth making, so the problem falls apart into the connected components of near pairs,
each solved exactly: thousands of objects cost what their neighbourhoods cost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def near_pairs(first: Floats, second: Floats, limit: float) -> tuple[Ints, Ints, Floats]:
    """Rows of `first` (n, d), rows of `second` (m, d), and distances (m), of every pair nearer than `limit`."""
    if not len(first) or not len(second):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    found = cKDTree(first).sparse_distance_matrix(cKDTree(second), limit, output_type="ndarray")
    order = np.lexsort((found["j"], found["i"]))
    return found["i"][order].astype(np.int64), found["j"][order].astype(np.int64), found["v"][order]


def best_pairs(i: Ints, j: Ints, cost: Floats, alone: float) -> Ints:
    """Which of the candidate pairs (i, j) to make, as rows, in order of `i`.

    Minimises the sum over made pairs of `cost - alone`: a pair is made only where that helps. Every `i` and every `j`
    is used at most once.
    """
    rows = np.flatnonzero(cost < alone)
    if not len(rows):
        return rows.astype(np.int64)
    left, left_at = np.unique(i[rows], return_inverse=True)
    right, right_at = np.unique(j[rows], return_inverse=True)
    size = len(left) + len(right)
    links = coo_matrix((np.ones(len(rows)), (left_at, len(left) + right_at)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    order = np.argsort(label[left_at], kind="stable")
    borders = np.flatnonzero(np.diff(label[left_at][order])) + 1
    made = [_solve(part, i, j, cost, alone) for part in np.split(rows[order], borders)]
    chosen = np.concatenate(made)
    return np.asarray(chosen[np.argsort(i[chosen], kind="stable")], dtype=np.int64)


def _solve(rows: Ints, i: Ints, j: Ints, cost: Floats, alone: float) -> Ints:
    """One component."""
    if len(rows) == 1:
        return rows
    left, left_at = np.unique(i[rows], return_inverse=True)
    right, right_at = np.unique(j[rows], return_inverse=True)
    gain = np.zeros((len(left), len(right)))
    which = np.full(gain.shape, -1, dtype=np.int64)
    gain[left_at, right_at] = cost[rows] - alone
    which[left_at, right_at] = rows
    at_left, at_right = linear_sum_assignment(gain)
    picked = which[at_left, at_right]
    return np.asarray(picked[(picked >= 0) & (gain[at_left, at_right] < 0)], dtype=np.int64)
