"""Which track follows which object, over the whole run: near at every moment, and not changed without reason.

Á. F. García-Fernández, A. S. Rahmathullah, L. Svensson, "A metric on the space of finite sets of trajectories for
evaluation of multi-target tracking algorithms", IEEE Trans. Signal Processing 68, 2020, weigh distance against changes
of partner: of all assignments over all times that one counts which costs least when a pair costs its squared distance,
whoever is left alone half the squared cut-off, and a change of partner γ² (definition 2, p = 2; section IV for the
linear programme).
Each time weighs as much as it stands for (the same, "A time-weighted metric for sets of trajectories to assess
multi-object tracking algorithms", FUSION 2021). So

    minimise  Σ_t Δt Σ_(o,k) W_ok(t) (d_ok(t)² - c²)  +  γ²/2 Σ_(o,k) Σ_t |W_ok(t) - W_ok(t')|

over 0 ≤ W ≤ 1 with at most one k an o and one o a k at any time. The solution is nearly always of noughts and ones;
where it is not, the best one-to-one pairing of the moment under the weights W is taken.

What is ours: only pairs within the cut-off have a W (those among the six nearest of either), and t' is the time
before t at which the *same* pair had one. So a partner who was lost and comes back is no change, and what is far apart
costs neither time nor memory. Long or crowded runs are solved part by part, each with some of what follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from luchtwacht.evaluation.assignment import Floats, Ints, best_pairs

Bools = NDArray[np.bool_]
_NEAREST = 6
"""of an object's tracks and of a track's objects; pairs that are never among these in a part are not weighed"""
_PART, _AHEAD = 120, 40
"""times that are solved together, and times after them that are solved with them and then again with the next"""
_ROWS, _ROWS_AHEAD = 8_000, 4_000
"""the same in pairs, of those who are all near one another: a linear programme of many more takes very long"""


def follow(moment: Ints, one: Ints, other: Ints, distance: Floats, *, c: float, gamma: float, step: float) -> Bools:
    """Which of the near pairs (n,) are made: (n,), one to one at every moment.

    Args:
        moment: number of the time of each pair, ascending.
        one: who, of the first kind (objects).
        other: who, of the second (tracks).
        distance: between them (m); less than `c`.
        c: cut-off (m).
        gamma: what a change of partner costs (m, for one second).
        step: how long each time stands for (s).
    """
    pairs = _Pairs(
        moment=moment,
        one=one,
        other=other,
        gain=step * (distance**2 - c**2),
        before=_before(one, other),
        change=gamma**2 / 2.0,
    )
    made = np.zeros(len(moment), np.bool_)
    rank = np.minimum(_rank(moment, one, distance), _rank(moment, other, distance))
    first = 0
    while first < len(moment):
        begin = int(moment[first])
        last, ahead = np.searchsorted(moment, [begin + _PART, begin + _PART + _AHEAD]).tolist()
        part = first + _close(one[first:ahead], other[first:ahead], rank[first:ahead])
        for rows in _apart(one[part], other[part]):
            _solve(pairs, part[rows], last, made)
        first = last
    return made


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every near pair, in order of time."""

    moment: Ints
    one: Ints
    other: Ints
    gain: Floats
    """what making it costs; negative"""
    before: Ints
    """the row before of the same two; -1 for the first"""
    change: float
    """what making or dropping one costs that was near before"""


def _solve(pairs: _Pairs, rows: Ints, last: int, made: Bools) -> None:
    """Fill in those of `rows` that are before `last`; those after it are looked at only."""
    if len(np.unique(pairs.one[rows])) == len(np.unique(pairs.other[rows])) == 1:
        made[rows[rows < last]] = True
        return
    moment, first, wanted = pairs.moment[rows], 0, int(np.searchsorted(rows, last))
    while first < wanted:
        end = min(_end(moment, first + _ROWS), wanted)
        part = rows[first : _end(moment, end + _ROWS_AHEAD)]
        weight = _weights(pairs, part, made)[: end - first]
        part = part[: end - first]
        made[part] = _rounded(pairs.moment[part], pairs.one[part], pairs.other[part], weight)
        first = end


def _rank(moment: Ints, who: Ints, distance: Floats) -> Ints:
    """(n,) how many pairs of the same one are nearer at the same moment."""
    order = np.lexsort((distance, who, moment))
    new = (np.diff(moment[order], prepend=-1) != 0) | (np.diff(who[order], prepend=-1) != 0)
    rank = np.empty(len(who), np.int64)
    rank[order] = np.arange(len(who)) - np.maximum.accumulate(np.where(new, np.arange(len(who)), 0))
    return rank


def _close(one: Ints, other: Ints, rank: Ints) -> Ints:
    """Rows of those pairs that are among the nearest at any time."""
    pair = np.unique(np.stack([one, other]), axis=1, return_inverse=True)[1].ravel()
    best = np.full(int(pair.max(initial=-1)) + 1, _NEAREST, np.int64)
    np.minimum.at(best, pair, rank)
    return np.flatnonzero(best[pair] < _NEAREST)


def _apart(one: Ints, other: Ints) -> list[Ints]:
    """Rows of those who have nothing to do with one another at any time, each in order."""
    if not len(one):
        return []
    ones, left = np.unique(one, return_inverse=True)
    others, right = np.unique(other, return_inverse=True)
    size = len(ones) + len(others)
    links = coo_matrix((np.ones(len(one)), (left, len(ones) + right)), shape=(size, size))
    label = connected_components(links, directed=False)[1][left]
    order = np.argsort(label, kind="stable")
    return list(np.split(order, np.flatnonzero(np.diff(label[order])) + 1))


def _end(moment: Ints, row: int) -> int:
    """The end of the moment in which this row is."""
    return len(moment) if row >= len(moment) else int(np.searchsorted(moment, moment[row], side="right"))


def _before(one: Ints, other: Ints) -> Ints:
    """The row before at which the same two were near; -1 for the first."""
    order = np.lexsort((np.arange(len(one)), other, one))
    again = (np.diff(one[order]) == 0) & (np.diff(other[order]) == 0)
    before = np.full(len(one), -1, np.int64)
    before[order[1:][again]] = order[:-1][again]
    return before


def _weights(pairs: _Pairs, rows: Ints, made: Bools) -> Floats:
    """W (n,) of some of the pairs: the linear programme. What was made of earlier rows stands."""
    n, moment, before = len(rows), pairs.moment[rows], pairs.before[rows]
    settled = (before >= 0) & (before < rows[0])
    kept = np.where(made[before], -pairs.change, pairs.change)
    cost = pairs.gain[rows] + np.where(settled, kept, 0.0)
    later = np.flatnonzero(before >= rows[0])
    m, row = len(later), np.arange(len(later))
    whose = [np.stack([moment, each[rows]]) for each in (pairs.one, pairs.other)]
    ends = [np.unique(each, axis=1, return_inverse=True)[1].ravel() for each in whose]
    most = [int(end.max()) + 1 for end in ends]
    places = np.concatenate([ends[0], most[0] + ends[1]])
    alone = coo_matrix((np.ones(2 * n), (places, np.tile(np.arange(n), 2))), shape=(sum(most), n + 2 * m))
    signs = np.concatenate([np.ones(m), -np.ones(m), -np.ones(m), np.ones(m)])
    columns = np.concatenate([later, np.searchsorted(rows, before[later]), n + row, n + m + row])
    changes = coo_matrix((signs, (np.tile(row, 4), columns)), shape=(m, n + 2 * m))
    found = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrices
        np.concatenate([cost, np.full(2 * m, pairs.change)]),
        A_ub=alone.tocsr(),
        b_ub=np.ones(sum(most)),
        A_eq=changes.tocsr() if m else None,
        b_eq=np.zeros(m) if m else None,
        bounds=(0.0, 1.0),
        method="highs",
    )
    if found.x is None:
        raise AssertionError(f"the pairing of {n} near pairs has no solution: {found.message}")
    return np.asarray(found.x[:n])


def _rounded(moment: Ints, one: Ints, other: Ints, weight: Floats) -> Bools:
    """One to one at every moment: as the weights say where they are 0 or 1, else the best of the moment."""
    made = weight > 0.5
    unsure = np.unique(moment[(weight > 0.001) & (weight < 0.999)])
    for time in unsure.tolist():
        rows = np.flatnonzero(moment == time)
        made[rows] = False
        made[rows[best_pairs(one[rows], other[rows], 1.0 - weight[rows], 1.0)]] = True
    return made
