"""Slow twin of `kernels.association`: every joint hypothesis, one by one."""

from __future__ import annotations

import numpy as np

from luchtwacht.model import Floats


def marginals(weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Exact marginals of an (n, m) matrix of weights, 0 where a pair cannot be.

    Returns:
        probability of each pair (n, m), of each row having no plot (n,), of each plot having no row (m,).
    """
    n, m = weights.shape
    paired, total = np.zeros((n, m)), 0.0
    chosen: list[int] = []

    def visit(i: int, weight: float) -> None:
        nonlocal total
        if i == n:
            total += weight
            for row, column in enumerate(chosen):
                if column >= 0:
                    paired[row, column] += weight
            return
        for j in range(-1, m):
            if j < 0 or (weights[i, j] > 0.0 and j not in chosen):
                chosen.append(j)
                visit(i + 1, weight * (1.0 if j < 0 else weights[i, j]))
                chosen.pop()

    visit(0, 1.0)
    paired /= total
    return paired, 1.0 - paired.sum(1), 1.0 - paired.sum(0)
