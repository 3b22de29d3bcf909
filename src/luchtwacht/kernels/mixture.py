"""The update itself: every hypothesis of a Bernoulli merged into one Gaussian a mode, and the bookkeeping of a look."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel
from luchtwacht.kernels.measurement import condition, invert_spread, lean
from luchtwacht.kernels.motion import merge

NEGLIGIBLE = 1e-4
"""hypotheses less likely than this are left out of a merge"""
LEAST, MOST = 1e-12, 1.0 - 2.0**-23
"""existence probabilities stay this far from nothing and from certainty"""
ECHOES = 60.0
"""memory of the mean radar cross-section, in reports"""


@kernel
def absorb(
    state: Array,
    real: Array,
    whole: Array,
    looks: Array,
    low: int,
    high: int,
    modes: int,
    s: int,
    sensors: int,
    kinds: Array,
    plots: Array,
    times: Array,
    names: Array,
    place: Array,
    end_ns: int,
    period_ns: int,
    starts: Array,
    edges: Array,
    shares: Array,
    seen: Array,
    silent: Array,
    paired: Array,
    missed: Array,
    merged: Array,
) -> None:
    """Update Bernoullis `low` to `high` - 1, in place, with the marginals of one look (TOMB/P: Williams 2015, IV).

    Args:
        times: (m,) ns, time of measurement of each plot.  Others as in `gate` and `marginals`.
        merged: (n,) whether `regroup` has updated a Bernoulli: what is left is to write it down.
    """
    apart()
    most = 1
    for i in range(low, high):
        most = max(most, starts[i + 1] - starts[i])
    parts, weights, h = np.empty((most + 1, c.ROW)), np.empty(most + 1), np.empty(6)
    share = np.empty(modes)
    for i in range(low, high):
        first, end = starts[i], starts[i + 1]
        if first == end and seen[i] == 0.0:
            continue
        r, p0 = real[i, c.EXISTENCE], missed[i]
        if seen[i] > 0.0 and p0 > 0.5:
            looks[i, s] += period_ns * int((end_ns - looks[i, s]) / period_ns + 0.05)
        if not merged[i]:
            unseen = r * (1.0 - seen[i]) / (1.0 - r * seen[i])
            after = (1.0 - p0) + p0 * unseen
            real[i, c.EXISTENCE] = min(max(after, LEAST), MOST)
            if first == end or after < LEAST:
                for m in range(modes):
                    real[i, c.MODE0 + m] = silent[i, m]
                continue
            stay = p0 * unseen / after
            total = 0.0
            for m in range(modes):
                share[m] = stay * silent[i, m]
                for e in range(first, end):
                    share[m] += paired[e] / after * shares[e, m]
                if share[m] >= NEGLIGIBLE:
                    merge_pairs(
                        state, i * modes + m, m, kinds, plots, place, edges, shares, paired, first, end,
                        stay * silent[i, m] / share[m], 1.0 / (after * share[m]), parts, weights, h,
                    )  # fmt: skip
                share[m] = max(share[m], 1e-6)
                total += share[m]
            for m in range(modes):
                real[i, c.MODE0 + m] = share[m] / total
        silence = real[i, c.SILENCE] * p0
        if silence > 0.5:
            real[i, c.SILENCE] = silence
        else:
            real[i, c.SILENCE] = 1.0
            best = first
            for e in range(first, end):
                if paired[e] > paired[best]:
                    best = e
            note(real, whole, looks, i, s, sensors, plots, times, names, edges[best])


@inlined
def merge_pairs(
    state: Array,
    row: int,
    mode: int,
    kinds: Array,
    plots: Array,
    place: Array,
    edges: Array,
    shares: Array,
    paired: Array,
    first: int,
    end: int,
    stays: float,
    scale: float,
    parts: Array,
    weights: Array,
    h: Array,
) -> None:
    """Row `row` of `state` becomes the mixture of itself and of itself conditioned on each of its plots.

    Args:
        first, end: its pairs.  stays: weight of itself; `scale` makes weights of `paired` times `shares`.
        parts, weights: scratch for one row more than there are pairs.
    """
    dt, alike, total = plots[edges[first], c.DT], True, stays if stays >= NEGLIGIBLE else 0.0
    for e in range(first, end):
        w = paired[e] * shares[e, mode] * scale
        if w >= NEGLIGIBLE:
            j = edges[e]
            total += w
            alike = alike and kinds[j] == c.FIX and plots[j, c.DT] == dt and math.isnan(plots[j, c.RATE])
    if alike:
        merge_fixes(state, row, mode, plots, edges, shares, paired, first, end, scale, total)
        return
    count, total = 0, 0.0
    if stays >= NEGLIGIBLE:
        for k in range(c.ROW):
            parts[0, k] = state[row, k]
        weights[0] = total = stays
        count = 1
    for e in range(first, end):
        w = paired[e] * shares[e, mode] * scale
        if w >= NEGLIGIBLE:
            condition(state, row, parts, count, kinds[edges[e]], plots, edges[e], place, h)
            weights[count] = w
            total += w
            count += 1
    if count == 1:
        for k in range(c.ROW):
            state[row, k] = parts[0, k]
        return
    for k in range(count):
        weights[k] /= total
    merge(parts, count, weights, state, row)


@inlined
def merge_fixes(
    state: Array,
    row: int,
    mode: int,
    plots: Array,
    edges: Array,
    shares: Array,
    paired: Array,
    first: int,
    end: int,
    scale: float,
    total: float,
) -> None:
    """What `merge_pairs` does when all plots are positions of one time.

    Each plot k of weight w moves the mean by G' u, with u = S^-1 y, and takes G' S^-1 G from the covariance; all share
    G. So the mixture moves by G' v, v = sum w u, and loses G' M G, M = sum w (S^-1 - u u') + v v'.
    """
    vx, vy, vz = 0.0, 0.0, 0.0
    mxx, mxy, mxz, myy, myz, mzz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for e in range(first, end):
        w = paired[e] * shares[e, mode] * scale
        if w < NEGLIGIBLE:
            continue
        w /= total
        ixx, ixy, ixz, iyy, iyz, izz, _, _, yx, yy, yz = invert_spread(state, row, plots, edges[e])
        ux, uy, uz = ixx * yx + ixy * yy + ixz * yz, ixy * yx + iyy * yy + iyz * yz, ixz * yx + iyz * yy + izz * yz
        vx += w * ux
        vy += w * uy
        vz += w * uz
        mxx += w * (ixx - ux * ux)
        mxy += w * (ixy - ux * uy)
        mxz += w * (ixz - ux * uz)
        myy += w * (iyy - uy * uy)
        myz += w * (iyz - uy * uz)
        mzz += w * (izz - uz * uz)
    lean(
        state, row, plots[edges[first], c.DT], vx, vy, vz, mxx + vx * vx, mxy + vx * vy, mxz + vx * vz, myy + vy * vy,
        myz + vy * vz, mzz + vz * vz,
    )  # fmt: skip


@inlined
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
    """Move the Bernoullis with `keep` (n,) to the front, in order. Returns how many there are.

    In order, because sums over rows must not depend on when in between something was dropped.
    """
    apart()
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
