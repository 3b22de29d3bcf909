"""Probability of each category from what a track did and how large it looks."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, kernel

MOST_ODDS = 12.0
"""natural logarithm of the longest odds that anything here may give"""


@kernel
def classify(
    real: Array, whole: Array, rows: Array, x: Array, P: Array, ground_up: float, table: Array, out: Array
) -> None:
    """Fill `out` (k, categories) for `rows`, whose state is `x` (k, 6) with covariance `P` (k, 6, 6).

    Args:
        ground_up: m, up coordinate of the ground.
        table: (categories, 8) mean and spread of speed (m/s), height above ground (m), radar cross-section (dBsm) and
            share of time in manoeuvre, each taken for normal and widened by how well it is known.
    """
    categories = table.shape[0]
    logs = np.empty(categories)
    for k in range(rows.shape[0]):
        i = rows[k]
        speed = math.sqrt(x[k, 3] ** 2 + x[k, 4] ** 2)
        wide = 0.5 * (P[k, 3, 3] + P[k, 4, 4])
        speed = math.sqrt(max(speed * speed - wide, 0.0))  # noise alone makes speed
        top = -1e300
        size, doubt = 0.0, 1.0
        if real[i, c.RCS_COUNT] > 0.0:
            size, doubt = real[i, c.RCS_SUM] / real[i, c.RCS_COUNT], 16.0 / real[i, c.RCS_COUNT]
        for q in range(categories):
            total = table[q, 1] ** 2 + 2.0 * wide
            far = (speed - table[q, 0]) ** 2 / total
            scale = total
            if whole[i, c.HEIGHT] != 0:
                total = table[q, 3] ** 2 + P[k, 2, 2]
                far += (x[k, 2] - ground_up - table[q, 2]) ** 2 / total
                scale *= total
            if real[i, c.RCS_COUNT] > 0.0:
                total = table[q, 5] ** 2 + doubt
                far += (size - table[q, 4]) ** 2 / total
                scale *= total
            if whole[i, c.UPDATES] >= 5:
                total = table[q, 7] ** 2 + 0.01
                far += (real[i, c.UNREST] - table[q, 6]) ** 2 / total
                scale *= total
            logs[q] = real[i, c.CLASS0 + q] - 0.5 * (far + math.log(scale))
            top = max(top, logs[q])
        total = 0.0
        for q in range(categories):
            logs[q] = math.exp(max(logs[q] - top, -MOST_ODDS))
            total += logs[q]
        for q in range(categories):
            out[k, q] = logs[q] / total
