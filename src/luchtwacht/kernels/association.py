"""Which plot came from which Bernoulli: marginal probabilities by loopy belief propagation, component by component."""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels._jit import Array, apart, kernel

TOLERANCE = 1e-3
"""relative change of a message: where many Bernoullis want few plots, messages are tiny and still far from settled"""
ROUNDS = 300


@kernel
def settle(
    starts: Array, edges: Array, weights: Array, n: int, m: int, paired: Array, missed: Array, free: Array
) -> tuple[Array, Array]:
    """Fill in what can be said at once: of Bernoullis that alone want their plots, and of plots wanted by Bernoullis
    that want nothing else. Arguments as for `marginals`.

    Returns:
        (n,) whether a Bernoulli is done, and (m,) how many pairs each plot has.
    """
    apart()
    claims, single, load = np.zeros(m, np.int64), np.zeros(m, np.int64), np.zeros(m)
    for i in range(n):
        a, b = starts[i], starts[i + 1]
        for e in range(a, b):
            claims[edges[e]] += 1
        if b == a + 1:
            single[edges[a]] += 1
            load[edges[a]] += weights[a]
    done = np.empty(n, np.bool_)
    for j in range(m):
        free[j] = 1.0
    for i in range(n):
        a, b = starts[i], starts[i + 1]
        missed[i] = 1.0
        done[i] = True
        if a == b:
            continue
        j = edges[a]
        if b == a + 1 and single[j] == claims[j]:
            free[j] = 1.0 / (1.0 + load[j])
            paired[a] = weights[a] * free[j]
            missed[i] = (1.0 + (load[j] - weights[a])) * free[j] if claims[j] > 1 else free[j]
            continue
        total = 1.0
        for e in range(a, b):
            done[i] = done[i] and claims[edges[e]] == 1
            total += weights[e]
        if done[i]:
            missed[i] = 1.0 / total
            for e in range(a, b):
                paired[e] = weights[e] * missed[i]
                free[edges[e]] = (total - weights[e]) * missed[i]
    return done, claims


@kernel
def components(starts: Array, edges: Array, n: int, m: int, found: Array, claims: Array) -> tuple[Array, Array]:
    """Bernoullis grouped by connected component.

    Args:
        found: (n,) those to leave out; all are True afterwards.  claims: (m,) how many pairs each plot has.

    Returns:
        the Bernoullis in order of component, and where each component starts in that order (one more than components).
    """
    apart()
    left = 0
    for i in range(n):
        left += not found[i]
    members, borders = np.empty(left, np.int64), np.empty(left + 1, np.int64)
    total, groups = 0, 0
    if left > 0:
        by_plot = np.empty(m + 1, np.int64)
        by_plot[0] = 0
        for j in range(m):
            by_plot[j + 1] = by_plot[j] + claims[j]
        owner = np.empty(starts[n], np.int64)
        fill = by_plot[:-1].copy()
        for i in range(n):
            for e in range(starts[i], starts[i + 1]):
                owner[fill[edges[e]]] = i
                fill[edges[e]] += 1
        spent = np.zeros(m, np.bool_)
        for i in range(n):
            if found[i]:
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
                        if not found[owner[q]]:
                            found[owner[q]] = True
                            members[total] = owner[q]
                            total += 1
    borders[groups] = total
    return members, borders[: groups + 1]


@kernel
def marginals(
    starts: Array,
    edges: Array,
    weights: Array,
    n: int,
    m: int,
    paired: Array,
    missed: Array,
    free: Array,
) -> None:
    """Marginal association probabilities (Williams and Lau 2014, algorithm of figure 5), exact where there is no loop.

    Args:
        starts (n + 1,), edges, weights (pairs,): as `gate` gives them; a weight is relative to "neither".
        paired (pairs,), missed (n,), free (m,): out: probability of each pair, of each Bernoulli having no plot, of
            each plot having no Bernoulli.
    """
    apart()
    done, claims = settle(starts, edges, weights, n, m, paired, missed, free)
    members, borders = components(starts, edges, n, m, done, claims)
    if members.shape[0] == 0:
        return
    count = starts[n]
    down = np.ones(count)
    up = np.empty(count)
    load = np.zeros(m)
    for k in range(borders.shape[0] - 1):
        low, high = borders[k], borders[k + 1]
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
