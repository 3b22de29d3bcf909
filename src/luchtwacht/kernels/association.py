"""Which plot came from which Bernoulli: marginal probabilities by loopy belief propagation, component by component."""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels._jit import Array, kernel

TOLERANCE = 1e-3
"""relative change of a message: where many Bernoullis want few plots, messages are tiny and still far from settled"""
ROUNDS = 300


@kernel
def components(starts: Array, edges: Array, n: int, m: int) -> tuple[Array, Array, Array, Array]:
    """Bernoullis with pairs, grouped by connected component.

    Returns:
        the Bernoullis in order of component, where each component starts in that order (one more than components),
        where the pairs of each plot start (m + 1,), and the pairs in order of plot.
    """
    count = starts[n]
    by_plot = np.zeros(m + 1, np.int64)
    for e in range(count):
        by_plot[edges[e] + 1] += 1
    for j in range(m):
        by_plot[j + 1] += by_plot[j]
    pairs = np.empty(count, np.int64)
    owner = np.empty(count, np.int64)
    fill = by_plot[:-1].copy()
    for i in range(n):
        for e in range(starts[i], starts[i + 1]):
            owner[e] = i
            pairs[fill[edges[e]]] = e
            fill[edges[e]] += 1
    found = np.zeros(n, np.bool_)
    spent = np.zeros(m, np.bool_)
    members = np.empty(n, np.int64)
    borders = np.empty(n + 1, np.int64)
    total, groups = 0, 0
    for i in range(n):
        if found[i] or starts[i] == starts[i + 1]:
            continue
        borders[groups] = total
        groups += 1
        found[i] = True
        members[total] = i
        head = total
        total += 1
        while head < total:
            t = members[head]
            head += 1
            for e in range(starts[t], starts[t + 1]):
                j = edges[e]
                if spent[j]:
                    continue
                spent[j] = True
                for q in range(by_plot[j], by_plot[j + 1]):
                    other = owner[pairs[q]]
                    if not found[other]:
                        found[other] = True
                        members[total] = other
                        total += 1
    borders[groups] = total
    return members, borders[: groups + 1], by_plot, pairs


@kernel
def loops(starts: Array, edges: Array, by_plot: Array, members: Array, low: int, high: int) -> bool:
    """Whether the component of `members[low:high]` has a loop: as many pairs as Bernoullis and plots, or more."""
    pairs, plots = 0, 0.0
    for t in range(low, high):
        a, b = starts[members[t]], starts[members[t] + 1]
        pairs += b - a
        for e in range(a, b):
            plots += 1.0 / (by_plot[edges[e] + 1] - by_plot[edges[e]])
    return pairs > high - low + plots - 0.5


@kernel
def marginals(
    starts: Array,
    edges: Array,
    weights: Array,
    sharpness: float,
    n: int,
    m: int,
    paired: Array,
    missed: Array,
    free: Array,
) -> None:
    """Marginal association probabilities (Williams and Lau 2014, algorithm of figure 5), exact where there is no loop.

    Args:
        starts (n + 1,), edges, weights (pairs,): as `gate` gives them; a weight is relative to "neither".
        sharpness: power to which the weights are raised, in place, in components with a loop.
        paired (pairs,), missed (n,), free (m,): out: probability of each pair, of each Bernoulli having no plot, of
            each plot having no Bernoulli.
    """
    members, borders, by_plot, _ = components(starts, edges, n, m)
    count = starts[n]
    down = np.ones(count)
    up = np.empty(count)
    load = np.zeros(m)
    for i in range(n):
        missed[i] = 1.0
    for j in range(m):
        free[j] = 1.0
    for k in range(borders.shape[0] - 1):
        low, high = borders[k], borders[k + 1]
        if loops(starts, edges, by_plot, members, low, high):
            for t in range(low, high):
                for e in range(starts[members[t]], starts[members[t] + 1]):
                    weights[e] = weights[e] ** sharpness
        for _ in range(ROUNDS):
            for t in range(low, high):
                for e in range(starts[members[t]], starts[members[t] + 1]):
                    load[edges[e]] = 0.0
            for t in range(low, high):
                i = members[t]
                a, b = starts[i], starts[i + 1]
                before = 1.0
                for e in range(a, b):
                    up[e] = before
                    before += weights[e] * down[e]
                after = 0.0
                for e in range(b - 1, a - 1, -1):
                    up[e] = weights[e] / (up[e] + after)
                    after += weights[e] * down[e]
                    load[edges[e]] += up[e]
            change = 0.0
            for t in range(low, high):
                i = members[t]
                for e in range(starts[i], starts[i + 1]):
                    new = 1.0 / (1.0 + max(load[edges[e]] - up[e], 0.0))
                    change = max(change, abs(new - down[e]) / new)
                    down[e] = new
            if change < TOLERANCE:
                break
        for t in range(low, high):
            i = members[t]
            total = 1.0
            for e in range(starts[i], starts[i + 1]):
                total += weights[e] * down[e]
            missed[i] = 1.0 / total
            for e in range(starts[i], starts[i + 1]):
                paired[e] = weights[e] * down[e] / total
                free[edges[e]] = 1.0 / (1.0 + load[edges[e]])
