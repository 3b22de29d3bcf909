"""Interacting multiple models: mixing and prediction of every Gaussian, written out block by block."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel


@inlined
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


@inlined
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
def merge(parts: Array, count: int, weights: Array, out: Array, o: int) -> None:
    """Moment-match the first `count` rows of `parts` with `weights` into row `o` of `out`, none of those."""
    for k in range(c.ROW):
        out[o, k] = weights[0] * parts[0, k]
    for m in range(1, count):
        w = weights[m]
        for k in range(c.ROW):
            out[o, k] += w * parts[m, k]
    for m in range(count):
        w = weights[m]
        if w == 0.0:
            continue
        dx, dy, dz = parts[m, 0] - out[o, 0], parts[m, 1] - out[o, 1], parts[m, 2] - out[o, 2]
        du, dv, dw = parts[m, 3] - out[o, 3], parts[m, 4] - out[o, 4], parts[m, 5] - out[o, 5]
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


@inlined
def outer(state: Array, one: int, two: int, out: Array, o: int) -> None:
    """The 21 numbers of (x - y)(x - y)' for the means of two rows, in the order of a row, into row `o` of `out`."""
    dx, dy, dz = state[one, 0] - state[two, 0], state[one, 1] - state[two, 1], state[one, 2] - state[two, 2]
    du, dv, dw = state[one, 3] - state[two, 3], state[one, 4] - state[two, 4], state[one, 5] - state[two, 5]
    out[o, 6] = dx * dx
    out[o, 7] = dx * dy
    out[o, 8] = dx * dz
    out[o, 9] = dy * dy
    out[o, 10] = dy * dz
    out[o, 11] = dz * dz
    out[o, 12] = dx * du
    out[o, 13] = dx * dv
    out[o, 14] = dx * dw
    out[o, 15] = dy * du
    out[o, 16] = dy * dv
    out[o, 17] = dy * dw
    out[o, 18] = dz * du
    out[o, 19] = dz * dv
    out[o, 20] = dz * dw
    out[o, 21] = du * du
    out[o, 22] = du * dv
    out[o, 23] = du * dw
    out[o, 24] = dv * dv
    out[o, 25] = dv * dw
    out[o, 26] = dw * dw


@kernel
def predict(
    state: Array,
    real: Array,
    whole: Array,
    low: int,
    high: int,
    modes: int,
    change: Array,
    noise: Array,
    survival: float,
) -> None:
    """Mix the modes (Blom and Bar-Shalom 1988) and move every Gaussian forward, in place.

    The covariance of a mixture is written as the mean covariance plus, for every two parts, the product of their
    weights times the outer product of the difference of their means; those products serve all modes.

    Args:
        state, real, whole: see `layout`; Bernoullis `low` to `high` - 1 are moved. What was seen once only is the same
            in every mode, and its unknown velocity outweighs any noise: it is moved once, with the last mode's noise.
        change: (modes, modes) probability of going from the row's mode to the column's in this time.
        noise: (modes, 8) gain and keep of `shift`, then the noise added to A, B and C: horizontal, then vertical.
        survival: probability that an object is still there after this time.
    """
    apart()
    mixed = np.empty((modes, c.ROW))
    between = np.empty((max(modes * (modes - 1) // 2, 1), c.ROW))
    weights = np.empty(modes)
    after = np.empty(modes)
    for i in range(low, high):
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
            for m in range(modes - 1):
                for k in range(c.ROW):
                    state[first + m, k] = state[last, k]
            continue
        pair = 0
        for a in range(modes):
            for b in range(a + 1, modes):
                outer(state, first + a, first + b, between, pair)
                pair += 1
        for m in range(modes):
            for k in range(modes):
                weights[k] = real[i, c.MODE0 + k] * change[k, m] / after[m]
            for q in range(c.ROW):
                mixed[m, q] = weights[0] * state[first, q]
            for k in range(1, modes):
                for q in range(c.ROW):
                    mixed[m, q] += weights[k] * state[first + k, q]
            pair = 0
            for a in range(modes):
                for b in range(a + 1, modes):
                    w = weights[a] * weights[b]
                    for q in range(6, c.ROW):
                        mixed[m, q] += w * between[pair, q]
                    pair += 1
        for m in range(modes):
            real[i, c.MODE0 + m] = after[m]
            shift(mixed, m, noise[m, 0], noise[m, 1])
            add_noise(mixed, m, noise, m)
            for k in range(c.ROW):
                state[first + m, k] = mixed[m, k]


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
    apart()
    scratch = np.empty((modes + 1, c.ROW))  # the modes, and what they make together
    weights = np.empty(modes)
    moved = noise[0, 0] != 0.0
    for k in range(rows.shape[0]):
        i = rows[k]
        first = i * modes
        for m in range(modes):
            weights[m] = real[i, c.MODE0 + m]
            for q in range(c.ROW):
                scratch[m, q] = state[first + m, q]
            if moved:
                shift(scratch, m, noise[m, 0], noise[m, 1])
                add_noise(scratch, m, noise, m)
        merge(scratch, modes, weights, scratch, modes)
        for a in range(6):
            x[k, a] = scratch[modes, a]
        at = 0
        for a in range(3):
            for b in range(a, 3):
                P[k, a, b] = P[k, b, a] = scratch[modes, c.A0 + at]
                P[k, 3 + a, 3 + b] = P[k, 3 + b, 3 + a] = scratch[modes, c.C0 + at]
                at += 1
            for b in range(3):
                P[k, a, 3 + b] = P[k, 3 + b, a] = scratch[modes, c.B0 + 3 * a + b]
        if whole[i, c.HEIGHT] == 0:
            for a in range(6):
                P[k, 2, a] = 0.0
                P[k, a, 2] = 0.0
            P[k, 2, 2] = unknown


@kernel
def normal_probability(low: float, high: float) -> float:
    """Probability that a standard normal number lies between `low` and `high`."""
    return 0.5 * (math.erf(high / math.sqrt(2.0)) - math.erf(low / math.sqrt(2.0)))
