"""Probability of each category from what a track did over time and how large it looks.

Motion is described by running means over `WINDOW_S`. At every look that description has a likelihood in each category,
and the logarithms are averaged over `MEMORY_S`: what is said now differs little from what was said a second ago.
"""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel
from luchtwacht.kernels.lanes import LANES, exp, log

MOST_ODDS = 12.0
"""natural logarithm of the longest odds that anything here may give"""
LEAST_SHARE = math.exp(-MOST_ODDS)
WINDOW_S = 8.0
"""memory of the running means that describe the motion"""
MEMORY_S = 40.0
"""memory of the mean log-likelihood of these descriptions"""
CORRELATION_S = 60.0
"""time after which how something flies says something new: what is remembered counts as one observation and one more
for each such time it spans, not as one a report"""
SETTLED_S = 5.0
"""time after which a description counts as the first whole observation"""
LONGEST_STEP_S = 2.0
"""no look weighs more than so many seconds, however long nothing was seen"""
STILL_M_S = 1.5
"""slower than this over ground, over `WINDOW_S` and beyond what noise alone would make, is standing still"""
STILL_NOISE_M_S = 3.0
"""as long as the velocity is known this well"""
JUMP_M_S2 = 12.0
"""a change of velocity that takes more than this, and more than three standard deviations, is another object"""
KEPT = 0.3
"""weight that what was learnt keeps after a jump"""
FREEDOM = 6.0  # `tail` is written for this number
"""degrees of freedom of the t-distributions: tails so thick that one odd number decides nothing"""
SCATTER_DB2 = 31.0
"""dB^2, variance of the logarithm of an exponentially distributed echo (Swerling 1 and 2): (10 / ln 10)^2 pi^2 / 6"""
SCATTER_COUNT = 10.0
"""reports' worth of trust in it, beside the scatter of the sample"""
RCS_PER_LOOK = 0.7
"""independent echoes in a report: the aspect changes slowly"""
ENDLESS_S = 1e9
"""a time that leaves nothing of any mean"""
THERE = 0.05
"""existence probability from which motion is worth following"""

SPEED0, SPEED0_SD, STANDS, SPEED, SPEED_SD, HEIGHT, HEIGHT_SD, CLIMB, CLIMB_SD = 0, 1, 2, 3, 4, 5, 6, 7, 8
WAVER, WAVER_SD, RCS, RCS_SD, STILL_S = 9, 10, 11, 12, 13
TRAITS = 14
"""columns of the table of traits, as `tracking/classification.py` explains them"""
GROUND_PRIOR, GROUND_OPINIONS, GROUND_MOTION, GROUND_STILL, GROUND_HEIGHT, GROUND_RCS = range(6)
GROUNDS = 6
"""rows of what speaks for a category, as `grounds` gives them"""
FACT_SPEED, FACT_WAVER, FACT_CLIMB, FACT_SPAN, FACT_STILL, FACT_HEIGHT, FACT_RCS, FACT_COUNT = range(8)
FACTS = 8
"""what they rest on: m/s, share, m/s; seconds of motion remembered, longest spell of standing still (s), m above the
ground, dB, reports it is the mean of"""


@inlined
def tail(x: float, mean: float, variance: float) -> float:
    """Density of Student's t at `x`, but for a constant, to the power -2: products of these need but one logarithm."""
    far = 1.0 + (x - mean) * (x - mean) / (variance * FREEDOM)
    cube = far * far * far
    return variance * cube * cube * far


@inlined
def motion_likelihood(
    speed: float, noise: float, waver: float, waver_noise: float, climb: float, climb_noise: float, row: Array, q: int
) -> float:
    """Logarithm of the likelihood of a described motion in the category with traits `row[q]`.

    Args:
        speed, climb: m/s.  waver: see `observe`.  noise, waver_noise, climb_noise: their variances.
    """
    stands = tail(speed, row[q, SPEED0], row[q, SPEED0_SD] ** 2 + noise)
    flies = tail(speed, row[q, SPEED], row[q, SPEED_SD] ** 2 + noise)
    either = row[q, STANDS] / math.sqrt(stands) + (1.0 - row[q, STANDS]) / math.sqrt(flies)
    rest = tail(climb, row[q, CLIMB], row[q, CLIMB_SD] ** 2 + climb_noise)
    rest *= tail(waver, row[q, WAVER], row[q, WAVER_SD] ** 2 + waver_noise)
    return log(max(either * either / rest, 1e-300)) * 0.5


@kernel
def observe(
    state: Array,
    real: Array,
    whole: Array,
    low: int,
    high: int,
    modes: int,
    now_ns: int,
    missed: Array,
    table: Array,
    prior: Array,
) -> None:
    """Let the motion of those of Bernoullis `low` to `high` - 1 that a look reported count, after their update.

    Args:
        now_ns: the time to which `state` refers.
        missed: (n,) probability that the look held no report of it; those above one half are left alone.
        table: (categories, TRAITS).  prior: (categories,) logarithms, what is thought of an object not yet known.

    The description: mean velocity, mean square speed and mean climb, and from these the waver, the share (0 to 1) of
    the speed that does not lie along one straight: sqrt(E|v|^2 - |E v|^2) over speed + 1 m/s.
    """
    apart()
    told, w = np.empty(LANES, np.int64), np.zeros((_FELT, LANES))
    count = 0
    for i in range(low, high):
        if not (missed[i] > 0.5 or real[i, c.EXISTENCE] < THERE or whole[i, c.UPDATES] < 3):
            feel(state, real, whole, i, modes, now_ns, prior, w, count)
            told[count] = i
            count += 1
        if count == LANES or (i == high - 1 and count > 0):
            follow(w, table)
            for k in range(count):
                for q in range(_FOLLOWED):
                    real[told[k], c.MEAN_U + q] = w[q, k]
            count = 0


_FOLLOWED = c.MOTION0 - c.MEAN_U + 5
"""columns of `real` that `observe` follows, from MEAN_U on: the first rows of its scratch"""
(
    _U, _V, _W, _SQUARE, _UNSURE, _CLIMB_UNSURE, _PASSED, _FADES, _YOUNG, _KEEPS, _SPEED, _WAVER, _DOUBT, _WEIGHT,
    _FELT,
) = range(_FOLLOWED, _FOLLOWED + 15)  # fmt: skip
"""and the rest of them"""


@inlined
def feel(
    state: Array, real: Array, whole: Array, i: int, modes: int, now_ns: int, prior: Array, w: Array, k: int
) -> None:
    """How Bernoulli `i` moves now, and what is remembered of it, into column `k` of `w`."""
    x, y, z, xx, yy, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for m in range(modes):
        p, row = real[i, c.MODE0 + m], i * modes + m
        x += p * state[row, c.V0]
        y += p * state[row, c.V0 + 1]
        z += p * state[row, c.V0 + 2]
    for m in range(modes):
        p, row = real[i, c.MODE0 + m], i * modes + m
        xx += p * (state[row, c.C0] + (state[row, c.V0] - x) ** 2)
        yy += p * (state[row, c.C0 + 3] + (state[row, c.V0 + 1] - y) ** 2)
        zz += p * (state[row, c.C0 + 5] + (state[row, c.V0 + 2] - z) ** 2)
    first = whole[i, c.FELT] == 0
    passed = 0.0 if first else max((now_ns - whole[i, c.FELT]) * 1e-9, 0.0)
    window = ENDLESS_S if first else passed
    whole[i, c.FELT] = now_ns
    change = (x - real[i, c.LAST_U]) ** 2 + (y - real[i, c.LAST_V]) ** 2
    if not first and change > (JUMP_M_S2 * max(passed, 0.2)) ** 2 and change > 9.0 * (xx + yy):
        forget(real, i, prior)
        passed = window = WINDOW_S  # and the window begins anew
    for q in range(_FOLLOWED):
        w[q, k] = real[i, c.MEAN_U + q]
    w[_U, k], w[_V, k], w[_W, k] = x, y, z
    w[_SQUARE, k] = x * x + y * y - xx - yy  # noise alone makes speed
    w[_UNSURE, k], w[_CLIMB_UNSURE, k], w[_PASSED, k] = 0.5 * (xx + yy), zz, passed
    w[_FADES, k], w[_YOUNG, k] = -window / WINDOW_S, -real[i, c.SPAN] / WINDOW_S
    w[_KEEPS, k] = -passed / MEMORY_S


@inlined
def follow(w: Array, table: Array) -> None:
    """Let what `feel` gave, one Bernoulli a column of `w`, count in the means and sums; `table` as in `observe`."""
    mean_u, mean_v, mean_w, mean_square, noise = 0, 1, 2, c.SQUARE - c.MEAN_U, c.NOISE - c.MEAN_U
    still, stillest, span = c.STILL - c.MEAN_U, c.STILLEST - c.MEAN_U, c.SPAN - c.MEAN_U
    for row in range(_FADES, _KEEPS + 1):
        for k in range(LANES):
            w[row, k] = exp(w[row, k])
    for k in range(LANES):
        gain = 1.0 - w[_FADES, k]
        w[mean_u, k] += gain * (w[_U, k] - w[mean_u, k])
        w[mean_v, k] += gain * (w[_V, k] - w[mean_v, k])
        w[mean_w, k] += gain * (w[_W, k] - w[mean_w, k])
        w[mean_square, k] += gain * (w[_SQUARE, k] - w[mean_square, k])
        w[noise, k] += gain * (w[_UNSURE, k] - w[noise, k])
        w[c.LAST_U - c.MEAN_U, k], w[c.LAST_V - c.MEAN_U, k] = w[_U, k], w[_V, k]
        square, along = max(w[mean_square, k], 0.0), w[mean_u, k] ** 2 + w[mean_v, k] ** 2
        speed = math.sqrt(square)
        w[_SPEED, k] = speed
        w[_WAVER, k] = math.sqrt(max(square + w[noise, k] - along, 0.0)) / (speed + 1.0)
        w[_DOUBT, k] = 1.5 * w[noise, k] / (square + 1.0) + w[_YOUNG, k]  # about half the noise is in the mean too
        weight = min(max(w[_PASSED, k], 0.1), LONGEST_STEP_S)
        stands = (max(square, along) < STILL_M_S**2) & (w[noise, k] < STILL_NOISE_M_S**2)
        moves = 0.0 if square > 2.0 * STILL_M_S**2 else w[still, k]
        w[still, k] = w[still, k] + weight if stands else moves
        w[stillest, k] = max(w[stillest, k], w[still, k])
        w[span, k] = w[_KEEPS, k] * w[span, k] + weight
        w[_WEIGHT, k] = weight
    for q in range(table.shape[0]):
        at = c.MOTION0 - c.MEAN_U + q
        for k in range(LANES):
            w[at, k] = w[_KEEPS, k] * w[at, k] + w[_WEIGHT, k] * motion_likelihood(
                w[_SPEED, k], w[noise, k], w[_WAVER, k], w[_DOUBT, k], w[mean_w, k], w[_CLIMB_UNSURE, k], table, q
            )


@kernel
def forget(real: Array, i: int, prior: Array) -> None:
    """Bernoulli `i` evidently follows another object now: let what was learnt before weigh less."""
    real[i, c.SPAN] *= KEPT
    for q in range(prior.shape[0]):
        real[i, c.MOTION0 + q] *= KEPT
        real[i, c.CLASS0 + q] = prior[q] + KEPT * (real[i, c.CLASS0 + q] - prior[q])
    real[i, c.RCS_SUM] *= KEPT
    real[i, c.RCS_COUNT] *= KEPT
    real[i, c.RCS_SPREAD] *= KEPT
    real[i, c.STILL] = 0.0
    real[i, c.STILLEST] *= KEPT


@inlined
def ground_at(net: Array, lie: Array, east: float, north: float) -> float:
    """Up coordinate (m) of the ground at a place, bilinear in `net`; beyond it, as at its nearest edge.

    Args:
        net: (rows, columns) up coordinates, rows from south to north, each from west to east; one cell for flat land.
        lie: (3,) m, east and north of its first crossing, and from one crossing to the next.
    """
    last_row, last_column = net.shape[0] - 1, net.shape[1] - 1
    if last_row < 1 or last_column < 1:
        return float(net[0, 0])
    row = min(max((north - lie[1]) / lie[2], 0.0), float(last_row))
    column = min(max((east - lie[0]) / lie[2], 0.0), float(last_column))
    i, j = min(int(row), last_row - 1), min(int(column), last_column - 1)
    up, right = row - i, column - j
    south = (1.0 - right) * net[i, j] + right * net[i, j + 1]
    north_of = (1.0 - right) * net[i + 1, j] + right * net[i + 1, j + 1]
    return float((1.0 - up) * south + up * north_of)


@inlined
def slope(net: Array, lie: Array, x: Array, P: Array, axis: int) -> float:
    """Rise of the ground along `axis` (0 east, 1 north) over what the place `x` with covariance `P` may be.

    A central difference over one standard deviation, as a tangent at the one point would take a bump for a hillside.
    """
    step = max(math.sqrt(max(P[axis, axis], 0.0)), lie[2])
    east, north = (step, 0.0) if axis == 0 else (0.0, step)
    above = ground_at(net, lie, x[0] + east, x[1] + north)
    return float((above - ground_at(net, lie, x[0] - east, x[1] - north)) / (2.0 * step))


@inlined
def sized(total: float, count: float, spread: float) -> tuple[float, float]:
    """Mean of the logarithms of cross-sections (dB), 0 of none, and its variance, from a Bernoulli's RCS_ columns."""
    scatter = (SCATTER_COUNT * SCATTER_DB2 + spread) / (SCATTER_COUNT + count)
    return total / count if count > 0.0 else 0.0, scatter / max(RCS_PER_LOOK * count, 1.0)


@inlined
def above(x: Array, P: Array, net: Array, lie: Array) -> tuple[float, float]:
    """Height (m) of a state `x` with covariance `P` above the ground under it, and its variance."""
    height, variance = x[2] - ground_at(net, lie, x[0], x[1]), P[2, 2]
    if net.size > 1:
        a, b = slope(net, lie, x, P, 0), slope(net, lie, x, P, 1)
        variance += a * a * P[0, 0] + 2.0 * a * b * P[0, 1] + b * b * P[1, 1]
        variance = max(variance - 2.0 * (a * P[0, 2] + b * P[1, 2]), 0.0)
    return height, variance


@inlined
def observations(span: float) -> float:
    """How many observations of the motion what is remembered of `span` seconds is worth."""
    return min(span / SETTLED_S, 1.0) + span / CORRELATION_S


@kernel
def grounds(
    real: Array, whole: Array, i: int, x: Array, P: Array, net: Array, lie: Array, table: Array, prior: Array,
    parts: Array, facts: Array,
) -> None:  # fmt: skip
    """What `classify` adds up for Bernoulli `i`, whose state is `x` (6,) with covariance `P` (6, 6), part by part.

    Args:
        net, lie, table: as `classify` takes them.  prior: (categories,) logarithms, as in `observe`.
        parts: (GROUNDS, categories) to fill: logarithms, each row but for a number that all categories share. A row
            of what is not known is 0.
        facts: (FACTS,) to fill: what they rest on; NaN where not known.
    """
    span, count = real[i, c.SPAN], real[i, c.RCS_COUNT]
    parts[:], facts[:] = 0.0, np.nan
    facts[FACT_SPAN], facts[FACT_STILL], facts[FACT_COUNT] = span, real[i, c.STILLEST], count
    if span > 0.0:
        noise, square = real[i, c.NOISE], max(real[i, c.SQUARE], 0.0)
        along = real[i, c.MEAN_U] ** 2 + real[i, c.MEAN_V] ** 2
        facts[FACT_SPEED], facts[FACT_CLIMB] = math.sqrt(square), real[i, c.MEAN_W]
        facts[FACT_WAVER] = min(math.sqrt(max(square + noise - along, 0.0)) / (math.sqrt(square) + 1.0), 1.0)
    size, doubt = 0.0, 0.0
    if count > 0.0:
        size, doubt = sized(real[i, c.RCS_SUM], count, real[i, c.RCS_SPREAD])
        facts[FACT_RCS] = size
    height, variance = above(x, P, net, lie)
    if whole[i, c.HEIGHT] != 0:
        facts[FACT_HEIGHT] = height
    for q in range(table.shape[0]):
        parts[GROUND_PRIOR, q] = prior[q]
        parts[GROUND_OPINIONS, q] = real[i, c.CLASS0 + q] - prior[q]
        parts[GROUND_STILL, q] = -real[i, c.STILLEST] / table[q, STILL_S]
        if span > 0.0:
            parts[GROUND_MOTION, q] = observations(span) * real[i, c.MOTION0 + q] / span
        if whole[i, c.HEIGHT] != 0:
            parts[GROUND_HEIGHT, q] = -0.5 * math.log(
                tail(height, table[q, HEIGHT], table[q, HEIGHT_SD] ** 2 + variance)
            )
        if count > 0.0:
            parts[GROUND_RCS, q] = -0.5 * math.log(tail(size, table[q, RCS], table[q, RCS_SD] ** 2 + doubt))


@kernel
def classify(
    real: Array, whole: Array, rows: Array, x: Array, P: Array, net: Array, lie: Array, table: Array, out: Array
) -> None:
    """Fill `out` (k, categories) for `rows`, whose state is `x` (k, 6) with covariance `P` (k, 6, 6).

    Args:
        net, lie: the ground, as `ground_at` takes it.
        table: (categories, TRAITS).
    """
    apart()
    categories = table.shape[0]
    w = np.zeros((_SAID + 3 * categories, LANES))
    for low in range(0, rows.shape[0], LANES):
        here = min(LANES, rows.shape[0] - low)
        for k in range(here):
            i = rows[low + k]
            w[_HEIGHT, k], w[_HEIGHT_UNSURE, k] = above(x[low + k], P[low + k], net, lie)
            w[_LEVELLED, k], w[_STILLEST, k], w[_SPAN, k] = whole[i, c.HEIGHT], real[i, c.STILLEST], real[i, c.SPAN]
            w[_SIZE, k], w[_COUNT, k], w[_SCATTER, k] = real[i, c.RCS_SUM], real[i, c.RCS_COUNT], real[i, c.RCS_SPREAD]
            for q in range(categories):
                w[_SAID + q, k], w[_SAID + categories + q, k] = real[i, c.CLASS0 + q], real[i, c.MOTION0 + q]
        add_up(w, table)
        for k in range(here):
            for q in range(categories):
                out[low + k, q] = w[_SAID + q, k] / w[_ALL, k]


_HEIGHT, _HEIGHT_UNSURE, _LEVELLED, _SIZE, _COUNT, _SCATTER, _STILLEST, _SPAN, _TOP, _BEST, _ALL, _SAID = range(12)
"""rows of the scratch of `classify`; from the last on, by category: what was said, motion, and what speaks against"""


@inlined
def add_up(w: Array, table: Array) -> None:
    """How likely each category is, in place of what was said, for what stands in each column of `w`, and of all."""
    categories = table.shape[0]
    for k in range(LANES):
        count, span = w[_COUNT, k], w[_SPAN, k]
        w[_SIZE, k], w[_SCATTER, k] = sized(w[_SIZE, k], count, w[_SCATTER, k])
        w[_SPAN, k] = observations(span) / span if span > 0.0 else 0.0
        w[_TOP, k], w[_BEST, k], w[_ALL, k] = -1e30, 0.0, 0.0
    for q in range(categories):
        said, against = _SAID + q, _SAID + 2 * categories + q
        for k in range(LANES):
            total = w[said, k] - w[_STILLEST, k] / table[q, STILL_S] + w[_SPAN, k] * w[said + categories, k]
            height = tail(w[_HEIGHT, k], table[q, HEIGHT], table[q, HEIGHT_SD] ** 2 + w[_HEIGHT_UNSURE, k])
            size = tail(w[_SIZE, k], table[q, RCS], table[q, RCS_SD] ** 2 + w[_SCATTER, k])
            w[against, k] = (height if w[_LEVELLED, k] != 0.0 else 1.0) * (size if w[_COUNT, k] > 0.0 else 1.0)
            w[said, k], w[_TOP, k] = total, max(w[_TOP, k], total)
    for q in range(categories):
        said, against = _SAID + q, _SAID + 2 * categories + q
        for k in range(LANES):
            w[said, k] = exp(w[said, k] - w[_TOP, k]) / math.sqrt(w[against, k])
            w[_BEST, k] = max(w[_BEST, k], w[said, k])
    for q in range(categories):
        for k in range(LANES):
            w[_SAID + q, k] = max(w[_SAID + q, k], LEAST_SHARE * w[_BEST, k])
            w[_ALL, k] += w[_SAID + q, k]
