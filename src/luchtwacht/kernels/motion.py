"""Interacting multiple models: mixing and prediction of every Gaussian, written out block by block."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, kernel


@kernel
def shift(state: Array, i: int, gain: float, keep: float) -> None:
    """Row `i` of `state` through p' = p + gain v, v' = keep v, without noise."""
    for a in range(3):
        state[i, c.P0 + a] += gain * state[i, c.V0 + a]
    at = 0
    for a in range(3):
        for b in range(a, 3):
            state[i, c.A0 + at] += gain * (
                state[i, c.B0 + 3 * a + b] + state[i, c.B0 + 3 * b + a] + gain * state[i, c.C0 + at]
            )
            at += 1
    state[i, c.B0] = keep * (state[i, c.B0] + gain * state[i, c.C0])
    state[i, c.B0 + 1] = keep * (state[i, c.B0 + 1] + gain * state[i, c.C0 + 1])
    state[i, c.B0 + 2] = keep * (state[i, c.B0 + 2] + gain * state[i, c.C0 + 2])
    state[i, c.B0 + 3] = keep * (state[i, c.B0 + 3] + gain * state[i, c.C0 + 1])
    state[i, c.B0 + 4] = keep * (state[i, c.B0 + 4] + gain * state[i, c.C0 + 3])
    state[i, c.B0 + 5] = keep * (state[i, c.B0 + 5] + gain * state[i, c.C0 + 4])
    state[i, c.B0 + 6] = keep * (state[i, c.B0 + 6] + gain * state[i, c.C0 + 2])
    state[i, c.B0 + 7] = keep * (state[i, c.B0 + 7] + gain * state[i, c.C0 + 4])
    state[i, c.B0 + 8] = keep * (state[i, c.B0 + 8] + gain * state[i, c.C0 + 5])
    if keep != 1.0:
        for a in range(3):
            state[i, c.V0 + a] *= keep
        for k in range(6):
            state[i, c.C0 + k] *= keep * keep


@kernel
def add_noise(state: Array, i: int, noise: Array, m: int) -> None:
    """Add motion noise of mode `m` to row `i`: `noise` (modes, 8) as `predict` takes it."""
    state[i, c.A0] += noise[m, 2]
    state[i, c.A0 + 3] += noise[m, 2]
    state[i, c.A0 + 5] += noise[m, 5]
    state[i, c.B0] += noise[m, 3]
    state[i, c.B0 + 4] += noise[m, 3]
    state[i, c.B0 + 8] += noise[m, 6]
    state[i, c.C0] += noise[m, 4]
    state[i, c.C0 + 3] += noise[m, 4]
    state[i, c.C0 + 5] += noise[m, 7]


@kernel
def merge(state: Array, first: int, modes: int, weights: Array, out: Array, o: int) -> None:
    """Moment-match rows first .. first + modes - 1 with `weights` (modes,) into row `o` of `out`."""
    for k in range(c.ROW):
        total = 0.0
        for m in range(modes):
            total += weights[m] * state[first + m, k]
        out[o, k] = total
    for m in range(modes):
        w = weights[m]
        if w == 0.0:
            continue
        dx = state[first + m, 0] - out[o, 0]
        dy = state[first + m, 1] - out[o, 1]
        dz = state[first + m, 2] - out[o, 2]
        du = state[first + m, 3] - out[o, 3]
        dv = state[first + m, 4] - out[o, 4]
        dw = state[first + m, 5] - out[o, 5]
        out[o, 6] += w * dx * dx
        out[o, 7] += w * dx * dy
        out[o, 8] += w * dx * dz
        out[o, 9] += w * dy * dy
        out[o, 10] += w * dy * dz
        out[o, 11] += w * dz * dz
        out[o, 12] += w * dx * du
        out[o, 13] += w * dx * dv
        out[o, 14] += w * dx * dw
        out[o, 15] += w * dy * du
        out[o, 16] += w * dy * dv
        out[o, 17] += w * dy * dw
        out[o, 18] += w * dz * du
        out[o, 19] += w * dz * dv
        out[o, 20] += w * dz * dw
        out[o, 21] += w * du * du
        out[o, 22] += w * du * dv
        out[o, 23] += w * du * dw
        out[o, 24] += w * dv * dv
        out[o, 25] += w * dv * dw
        out[o, 26] += w * dw * dw


@kernel
def predict(
    state: Array, real: Array, whole: Array, n: int, modes: int, change: Array, noise: Array, survival: float
) -> None:
    """Mix the modes (Blom and Bar-Shalom 1988) and move every Gaussian forward, in place.

    Args:
        state, real, whole: see `layout`; the first `n` Bernoullis are moved. What was seen once only is the same in
            every mode, and its unknown velocity outweighs any noise: it is moved once, with the last mode's noise.
        change: (modes, modes) probability of going from the row's mode to the column's in this time.
        noise: (modes, 8) gain and keep of `shift`, then the noise added to A, B and C: horizontal, then vertical.
        survival: probability that an object is still there after this time.
    """
    mixed = np.empty((modes, c.ROW))
    weights = np.empty(modes)
    after = np.empty(modes)
    for i in range(n):
        real[i, c.EXISTENCE] *= survival
        first = i * modes
        for m in range(modes):
            total = 0.0
            for k in range(modes):
                total += real[i, c.MODE0 + k] * change[k, m]
            after[m] = max(total, 1e-12)
        if whole[i, c.UPDATES] == 1:
            last = first + modes - 1
            shift(state, last, noise[modes - 1, 0], noise[modes - 1, 1])
            add_noise(state, last, noise, modes - 1)
            for m in range(modes):
                real[i, c.MODE0 + m] = after[m]
                for k in range(c.ROW):
                    state[first + m, k] = state[last, k]
            continue
        for m in range(modes):
            for k in range(modes):
                weights[k] = real[i, c.MODE0 + k] * change[k, m] / after[m]
            merge(state, first, modes, weights, mixed, m)
        for m in range(modes):
            real[i, c.MODE0 + m] = after[m]
            for k in range(c.ROW):
                state[first + m, k] = mixed[m, k]
            shift(state, first + m, noise[m, 0], noise[m, 1])
            add_noise(state, first + m, noise, m)


@kernel
def report(
    state: Array,
    real: Array,
    whole: Array,
    rows: Array,
    modes: int,
    noise: Array,
    unknown: float,
    x: Array,
    P: Array,
) -> None:
    """The one Gaussian that stands for each of `rows`, moved by `noise`, into `x` (k, 6) and `P` (k, 6, 6).

    Nothing in `state` changes, so that asking does not alter what will be concluded. A height that was never measured
    is reported with the variance `unknown` (m^2) and without correlations.
    """
    scratch = np.empty((modes, c.ROW))
    out = np.empty((1, c.ROW))
    weights = np.empty(modes)
    moved = noise[0, 0] != 0.0
    for k in range(rows.shape[0]):
        i = rows[k]
        first = i * modes
        for m in range(modes):
            weights[m] = real[i, c.MODE0 + m]
        if moved:
            for m in range(modes):
                for q in range(c.ROW):
                    scratch[m, q] = state[first + m, q]
                shift(scratch, m, noise[m, 0], noise[m, 1])
                add_noise(scratch, m, noise, m)
            merge(scratch, 0, modes, weights, out, 0)
        else:
            merge(state, first, modes, weights, out, 0)
        for a in range(6):
            x[k, a] = out[0, a]
        at = 0
        for a in range(3):
            for b in range(a, 3):
                P[k, a, b] = out[0, c.A0 + at]
                P[k, b, a] = out[0, c.A0 + at]
                P[k, 3 + a, 3 + b] = out[0, c.C0 + at]
                P[k, 3 + b, 3 + a] = out[0, c.C0 + at]
                at += 1
            for b in range(3):
                P[k, a, 3 + b] = out[0, c.B0 + 3 * a + b]
                P[k, 3 + b, a] = out[0, c.B0 + 3 * a + b]
        if whole[i, c.HEIGHT] == 0:
            for a in range(6):
                P[k, 2, a] = 0.0
                P[k, a, 2] = 0.0
            P[k, 2, 2] = unknown


@kernel
def normal_probability(low: float, high: float) -> float:
    """Probability that a standard normal number lies between `low` and `high`."""
    return 0.5 * (math.erf(high / math.sqrt(2.0)) - math.erf(low / math.sqrt(2.0)))
