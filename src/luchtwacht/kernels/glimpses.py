"""What was seen once and is hardly likely: recycled into the intensity of what has not been detected (Williams 2012).

In clutter nearly every plot may be the first of a new object, and hardly any is. Such a possibility is no Bernoulli but
a component of the Poisson intensity, a glimpse: one Gaussian with a weight. A later plot that a glimpse explains is of
an object not detected before, likelier by so much, and the Bernoulli that it makes begins with both. (J. L. Williams,
Hybrid Poisson and multi-Bernoulli filters, FUSION 2012; III of Marginal multi-Bernoulli filters, 2015, doi
10.1109/TAES.2015.130550.) For a weight so small, a Bernoulli's and a Poisson component's updates hardly differ.

Glimpses stand in the same arrays as Bernoullis (`layout`), with one mode.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel


@kernel
def recall(
    starts: Array, edges: Array, weights: Array, count: int, plots: Array, again: Array, last: Array
) -> tuple[Array, Array]:
    """Count what `count` glimpses explain of a look's plots as objects not detected before.

    Args:
        starts, edges, weights: their pairs with the plots, as `gate` gives them: a weight is relative to the plot's
            other explanations, CLUTTER and UNDETECTED, of which the latter grows here.
        again: (m,) out: how much of UNDETECTED of each plot comes of glimpses.
        last: (m,) out: the last pair of each plot, -1 for none; those before it stand in what is returned.

    Returns:
        (pairs,) the glimpse of each, and the pair before of the same plot, -1 for none; `weights` are densities
        afterwards, as UNDETECTED is.
    """
    apart()
    owners, before = np.empty(starts[count], np.int64), np.empty(starts[count], np.int64)
    for j in range(again.shape[0]):
        again[j], last[j] = 0.0, -1
    for i in range(count):
        for e in range(starts[i], starts[i + 1]):
            j = edges[e]
            weights[e] *= plots[j, c.CLUTTER] + plots[j, c.UNDETECTED]
            again[j] += weights[e]
            owners[e], before[e], last[j] = i, last[j], e
    for j in range(again.shape[0]):
        plots[j, c.UNDETECTED] += again[j]
    return owners, before


@kernel
def heirs(plots: Array, free: Array, count: int, owners: Array, weights: Array, before: Array, last: Array) -> Array:
    """(count,) the plot in which each glimpse goes on, -1 for none: of those it explains the likeliest.

    Args:
        free: (m,) probability that nothing known made the plot.  owners to last: as `recall` gives them.
    """
    apart()
    chosen, likeliest = np.empty(count, np.int64), np.zeros(count)
    for i in range(count):
        chosen[i] = -1
    for j in range(free.shape[0]):
        e = last[j]
        while e >= 0:
            likely = free[j] * weights[e] / (plots[j, c.UNDETECTED] + plots[j, c.CLUTTER])
            if likely > likeliest[owners[e]]:
                chosen[owners[e]], likeliest[owners[e]] = j, likely
            e = before[e]
    return chosen


@inlined
def repeat(
    state: Array, real: Array, whole: Array, looks: Array, i: int, to_state: Array, to_real: Array, to_whole: Array,
    to_looks: Array, to: int,
) -> None:  # fmt: skip
    """Row `to` of the second table becomes row `i` of the first; one mode each."""
    for k in range(c.ROW):
        to_state[to, k] = state[i, k]
    for k in range(c.GLIMPSE_REALS):
        to_real[to, k] = real[i, k]
    for k in range(c.WHOLES):
        to_whole[to, k] = whole[i, k]
    for k in range(looks.shape[1]):
        to_looks[to, k] = looks[i, k]


@kernel
def let_go(
    state: Array,
    real: Array,
    whole: Array,
    looks: Array,
    count: int,
    s: int,
    end_ns: int,
    period_ns: int,
    since_ns: int,
    faded: float,
    starts: Array,
    edges: Array,
    weights: Array,
    seen: Array,
    free: Array,
    plots: Array,
    learnt: Array,
    to_state: Array,
    to_real: Array,
    to_whole: Array,
    to_looks: Array,
    to: int,
) -> int:
    """What is left of `count` glimpses after a look of sensor `s`, appended to another table that holds `to`.

    Args:
        end_ns, period_ns, seen: as in `gate`.  since_ns, faded: those not seen since then, and those that are less
            likely than this share of what they began with, are let go.
        starts, edges, weights: their pairs, with densities.  free: (m,) probability that nothing known made the plot.
        learnt: the sensor's running sums. A glimpse was counted among the false plots as far as it was thought to be
            one; as it proves to be an object, or none, so does its plot.

    Returns:
        how many there are.
    """
    apart()
    for i in range(count):
        r, found = real[i, c.EXISTENCE], 0.0
        for e in range(starts[i], starts[i + 1]):
            j = edges[e]
            found += free[j] * weights[e] / (plots[j, c.CLUTTER] + plots[j, c.UNDETECTED])
        found = min(found, 1.0)
        left = (1.0 - found) * r * (1.0 - seen[i]) / (1.0 - r * seen[i])
        if whole[i, c.BORN_OF] == s:
            learnt[c.FALSE] = max(learnt[c.FALSE] + r - found - left, 1e-3)
        if left < faded * real[i, c.BIRTH] or whole[i, c.UPDATED] < since_ns:
            continue
        repeat(state, real, whole, looks, i, to_state, to_real, to_whole, to_looks, to)
        to_real[to, c.EXISTENCE] = left
        if seen[i] > 0.0:
            to_looks[to, s] += period_ns * int((end_ns - looks[i, s]) / period_ns + 0.05)
        to += 1
    return to
