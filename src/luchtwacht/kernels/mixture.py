"""The update itself: every hypothesis of a Bernoulli merged into one Gaussian a mode, and the bookkeeping of a look."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, kernel

NEGLIGIBLE = 1e-7
LEAST = 1e-12
"""existence probabilities stay this far from nothing and from certainty"""
ECHOES = 60.0
"""memory of the mean radar cross-section, in reports"""
SHARED = 0.1
"""association probability from which a Bernoulli lays claim to a plot"""
TOGETHER = 1.5
"""sum of existence probabilities above which two that share a plot are taken for two objects"""


@kernel
def absorb(
    state: Array,
    real: Array,
    whole: Array,
    looks: Array,
    n: int,
    modes: int,
    s: int,
    sensors: int,
    plots: Array,
    times: Array,
    names: Array,
    end_ns: int,
    period_ns: int,
    starts: Array,
    edges: Array,
    shares: Array,
    posts: Array,
    seen: Array,
    silent: Array,
    paired: Array,
    missed: Array,
) -> None:
    """Update `n` Bernoullis with the marginals of one look (TOMB/P: Williams 2015, section IV), in place.

    Args:
        times: (m,) ns, time of measurement of each plot.  Others as in `gate` and `marginals`.
    """
    out = np.empty(c.ROW)
    share = np.empty(modes)
    for i in range(n):
        r = real[i, c.EXISTENCE]
        p0 = missed[i]
        unseen = r * (1.0 - seen[i]) / (1.0 - r * seen[i])
        after = (1.0 - p0) + p0 * unseen
        low, high = starts[i], starts[i + 1]
        real[i, c.EXISTENCE] = min(max(after, LEAST), 1.0 - LEAST)
        if seen[i] > 0.0 and p0 > 0.5:
            looks[i, s] += period_ns * int((end_ns - looks[i, s]) / period_ns + 0.05)
        if low == high or after < LEAST:
            for m in range(modes):
                real[i, c.MODE0 + m] = silent[i, m]
            continue
        stay = p0 * unseen / after
        for m in range(modes):
            total = stay * silent[i, m]
            for e in range(low, high):
                total += paired[e] / after * shares[e, m]
            share[m] = total
            row = i * modes + m
            if total < NEGLIGIBLE:
                continue
            for k in range(6):
                out[k] = 0.0
            w = stay * silent[i, m] / total
            for k in range(c.ROW):
                out[k] = w * state[row, k]
            for e in range(low, high):
                w = paired[e] / after * shares[e, m] / total
                if w > NEGLIGIBLE:
                    for k in range(c.ROW):
                        out[k] += w * posts[e * modes + m, k]
            w = stay * silent[i, m] / total
            if w < 1.0 - NEGLIGIBLE:
                if w > NEGLIGIBLE:
                    spread(out, state, row, w)
                for e in range(low, high):
                    w = paired[e] / after * shares[e, m] / total
                    if w > NEGLIGIBLE and w < 1.0 - NEGLIGIBLE:
                        spread(out, posts, e * modes + m, w)
            for k in range(c.ROW):
                state[row, k] = out[k]
        total = 0.0
        for m in range(modes):
            share[m] = max(share[m], 1e-6)
            total += share[m]
        for m in range(modes):
            real[i, c.MODE0 + m] = share[m] / total
        if p0 <= 0.5:
            best = low
            for e in range(low, high):
                if paired[e] > paired[best]:
                    best = e
            note(real, whole, looks, i, s, sensors, plots, times, names, edges[best])


@kernel
def concentrate(
    state: Array,
    real: Array,
    whole: Array,
    n: int,
    modes: int,
    starts: Array,
    edges: Array,
    paired: Array,
    claims: Array,
) -> None:
    """Where two Bernoullis that cannot be told apart share one object, let the elder have it.

    Two that follow one object each get half of it for ever: merging takes them as independent and forgets that
    just one is right. Moving existence from one to the other keeps the number of objects expected at every place.

    Args:
        claims: (m,) scratch.
    """
    claims[:] = -1
    for i in range(n):
        for e in range(starts[i], starts[i + 1]):
            if paired[e] < SHARED:
                continue
            j = edges[e]
            other = claims[j]
            if other < 0:
                claims[j] = i
                continue
            if real[other, c.EXISTENCE] + real[i, c.EXISTENCE] > TOGETHER or not alike(state, real, other, i, modes):
                continue
            elder, younger = other, i
            if whole[i, c.NUMBER] > 0 and (whole[other, c.NUMBER] == 0 or whole[i, c.NUMBER] < whole[other, c.NUMBER]):
                elder, younger = i, other
            moved = min(real[younger, c.EXISTENCE], max(1.0 - 1e-3 - real[elder, c.EXISTENCE], 0.0))
            real[elder, c.EXISTENCE] += moved
            real[younger, c.EXISTENCE] = max(real[younger, c.EXISTENCE] - moved, LEAST)
            claims[j] = elder


@kernel
def alike(state: Array, real: Array, one: int, two: int, modes: int) -> bool:
    """Whether the likeliest modes of two Bernoullis are less than a standard deviation apart on the map."""
    a, b = one * modes, two * modes
    for m in range(1, modes):
        if real[one, c.MODE0 + m] > real[one, c.MODE0 + a - one * modes]:
            a = one * modes + m
        if real[two, c.MODE0 + m] > real[two, c.MODE0 + b - two * modes]:
            b = two * modes + m
    dx, dy = state[a, 0] - state[b, 0], state[a, 1] - state[b, 1]
    xx = state[a, c.A0] + state[b, c.A0]
    xy = state[a, c.A0 + 1] + state[b, c.A0 + 1]
    yy = state[a, c.A0 + 3] + state[b, c.A0 + 3]
    return bool(dx * dx * yy - 2.0 * dx * dy * xy + dy * dy * xx < xx * yy - xy * xy)


@kernel
def spread(out: Array, rows: Array, i: int, w: float) -> None:
    """Add `w` times the outer product of the mean of `rows[i]` about the mean in `out` to the covariance in `out`."""
    dx, dy, dz = rows[i, 0] - out[0], rows[i, 1] - out[1], rows[i, 2] - out[2]
    du, dv, dw = rows[i, 3] - out[3], rows[i, 4] - out[4], rows[i, 5] - out[5]
    out[6] += w * dx * dx
    out[7] += w * dx * dy
    out[8] += w * dx * dz
    out[9] += w * dy * dy
    out[10] += w * dy * dz
    out[11] += w * dz * dz
    out[12] += w * dx * du
    out[13] += w * dx * dv
    out[14] += w * dx * dw
    out[15] += w * dy * du
    out[16] += w * dy * dv
    out[17] += w * dy * dw
    out[18] += w * dz * du
    out[19] += w * dz * dv
    out[20] += w * dz * dw
    out[21] += w * du * du
    out[22] += w * du * dv
    out[23] += w * du * dw
    out[24] += w * dv * dv
    out[25] += w * dv * dw
    out[26] += w * dw * dw


@kernel
def note(
    real: Array,
    whole: Array,
    looks: Array,
    i: int,
    s: int,
    sensors: int,
    plots: Array,
    times: Array,
    names: Array,
    j: int,
) -> None:
    """Write down that Bernoulli `i` was reported by sensor `s` as plot `j`."""
    looks[i, s] = times[j]
    looks[i, sensors + s] = times[j]
    if names[j] >= 0:
        looks[i, 2 * sensors + s] = names[j]
    whole[i, c.UPDATED] = max(whole[i, c.UPDATED], times[j])
    whole[i, c.UPDATES] += 1
    if plots[j, c.UP_MEASURED] != 0.0 or not math.isnan(plots[j, c.ELEVATION]):
        whole[i, c.HEIGHT] = 1
    size = plots[j, c.RCS_DB]
    if not math.isnan(size):
        count = real[i, c.RCS_COUNT]
        before = real[i, c.RCS_SUM] / count if count > 0.0 else size
        keep = min((ECHOES - 1.0) / max(count, 1.0), 1.0)
        real[i, c.RCS_SUM] = keep * real[i, c.RCS_SUM] + size
        real[i, c.RCS_COUNT] = keep * count + 1.0
        after = real[i, c.RCS_SUM] / real[i, c.RCS_COUNT]
        real[i, c.RCS_SPREAD] = keep * real[i, c.RCS_SPREAD] + (size - before) * (size - after)


@kernel
def squeeze(state: Array, real: Array, whole: Array, looks: Array, modes: int, keep: Array) -> int:
    """Move the Bernoullis with `keep` (n,) to the front, in order. Returns how many there are."""
    to = 0
    for i in range(keep.shape[0]):
        if not keep[i]:
            continue
        if to != i:
            for m in range(modes):
                for k in range(c.ROW):
                    state[to * modes + m, k] = state[i * modes + m, k]
            for k in range(real.shape[1]):
                real[to, k] = real[i, k]
            for k in range(whole.shape[1]):
                whole[to, k] = whole[i, k]
            for k in range(looks.shape[1]):
                looks[to, k] = looks[i, k]
        to += 1
    return to
