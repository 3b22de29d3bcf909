"""Probability of each category from what a track did and how large it looks."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, kernel

MOST_ODDS = 12.0
"""natural logarithm of the longest odds that anything here may give"""


@kernel
def closeness(value: float, variance: float, mean: float, spread: float) -> float:
    """Log-likelihood of a value known to within `variance` under a category's normal distribution."""
    total = spread * spread + variance
    return -0.5 * ((value - mean) ** 2 / total + math.log(total))


@kernel
def classify(
    real: Array, whole: Array, rows: Array, x: Array, P: Array, ground_up: float, table: Array, out: Array
) -> None:
    """Fill `out` (k, categories) for `rows`, whose state is `x` (k, 6) with covariance `P` (k, 6, 6).

    Args:
        ground_up: m, up coordinate of the ground.
        table: (categories, 8) mean and spread of speed (m/s), height above ground (m), radar cross-section (dBsm) and
            share of time in manoeuvre.
    """
    categories = table.shape[0]
    logs = np.empty(categories)
    for k in range(rows.shape[0]):
        i = rows[k]
        speed = math.sqrt(x[k, 3] ** 2 + x[k, 4] ** 2)
        wide = 0.5 * (P[k, 3, 3] + P[k, 4, 4])
        speed = math.sqrt(max(speed * speed - wide, 0.0))  # noise alone makes speed
        top = -1e300
        for q in range(categories):
            logs[q] = real[i, c.CLASS0 + q] + closeness(speed, 2.0 * wide, table[q, 0], table[q, 1])
            if whole[i, c.HEIGHT] != 0:
                logs[q] += closeness(x[k, 2] - ground_up, P[k, 2, 2], table[q, 2], table[q, 3])
            if real[i, c.RCS_COUNT] > 0.0:
                mean = real[i, c.RCS_SUM] / real[i, c.RCS_COUNT]
                logs[q] += closeness(mean, 16.0 / real[i, c.RCS_COUNT], table[q, 4], table[q, 5])
            if whole[i, c.UPDATES] >= 5:
                logs[q] += closeness(real[i, c.UNREST], 0.01, table[q, 6], table[q, 7])
            top = max(top, logs[q])
        total = 0.0
        for q in range(categories):
            logs[q] = math.exp(max(logs[q] - top, -MOST_ODDS))
            total += logs[q]
        for q in range(categories):
            out[k, q] = logs[q] / total
