"""Probability of each category from what a track did over time and how large it looks.

Motion is described by running means over `WINDOW_S`. At every look that description has a likelihood in each category,
and the logarithms are averaged over `MEMORY_S`: what is said now differs little from what was said a second ago.
"""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel

MOST_ODDS = 12.0
"""natural logarithm of the longest odds that anything here may give"""
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
    return math.log(max(either * either / rest, 1e-300)) * 0.5


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
    for i in range(low, high):
        if missed[i] > 0.5 or real[i, c.EXISTENCE] < THERE or whole[i, c.UPDATES] < 3:
            continue
        u, v, w, uu, vv, ww = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for m in range(modes):
            p, row = real[i, c.MODE0 + m], i * modes + m
            u += p * state[row, c.V0]
            v += p * state[row, c.V0 + 1]
            w += p * state[row, c.V0 + 2]
        for m in range(modes):
            p, row = real[i, c.MODE0 + m], i * modes + m
            uu += p * (state[row, c.C0] + (state[row, c.V0] - u) ** 2)
            vv += p * (state[row, c.C0 + 3] + (state[row, c.V0 + 1] - v) ** 2)
            ww += p * (state[row, c.C0 + 5] + (state[row, c.V0 + 2] - w) ** 2)
        first = whole[i, c.FELT] == 0
        passed = 0.0 if first else max((now_ns - whole[i, c.FELT]) * 1e-9, 0.0)
        whole[i, c.FELT] = now_ns
        square = u * u + v * v - uu - vv  # noise alone makes speed
        if first:
            real[i, c.MEAN_U], real[i, c.MEAN_V], real[i, c.MEAN_W] = u, v, w
            real[i, c.SQUARE], real[i, c.NOISE] = square, 0.5 * (uu + vv)
        else:
            change = math.sqrt((u - real[i, c.LAST_U]) ** 2 + (v - real[i, c.LAST_V]) ** 2)
            if change > JUMP_M_S2 * max(passed, 0.2) and change > 3.0 * math.sqrt(uu + vv):
                forget(real, i, prior)
                passed = WINDOW_S  # and the window begins anew
            gain = 1.0 - math.exp(-passed / WINDOW_S)
            real[i, c.MEAN_U] += gain * (u - real[i, c.MEAN_U])
            real[i, c.MEAN_V] += gain * (v - real[i, c.MEAN_V])
            real[i, c.MEAN_W] += gain * (w - real[i, c.MEAN_W])
            real[i, c.SQUARE] += gain * (square - real[i, c.SQUARE])
            real[i, c.NOISE] += gain * (0.5 * (uu + vv) - real[i, c.NOISE])
        real[i, c.LAST_U], real[i, c.LAST_V] = u, v
        noise = real[i, c.NOISE]
        square = max(real[i, c.SQUARE], 0.0)
        speed = math.sqrt(square)
        along = real[i, c.MEAN_U] ** 2 + real[i, c.MEAN_V] ** 2
        waver = math.sqrt(max(square + noise - along, 0.0)) / (speed + 1.0)  # about half the noise is in the mean too
        doubt = 1.5 * noise / (square + 1.0) + math.exp(-real[i, c.SPAN] / WINDOW_S)
        weight = min(max(passed, 0.1), LONGEST_STEP_S)
        if max(square, along) < STILL_M_S**2 and noise < STILL_NOISE_M_S**2:
            real[i, c.STILL] += weight
            real[i, c.STILLEST] = max(real[i, c.STILLEST], real[i, c.STILL])
        elif square > 2.0 * STILL_M_S**2:
            real[i, c.STILL] = 0.0
        keep = math.exp(-passed / MEMORY_S)
        real[i, c.SPAN] = keep * real[i, c.SPAN] + weight
        for q in range(table.shape[0]):
            told = motion_likelihood(speed, noise, waver, doubt, real[i, c.MEAN_W], ww, table, q)
            real[i, c.MOTION0 + q] = keep * real[i, c.MOTION0 + q] + weight * told


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
def sized(real: Array, i: int) -> tuple[float, float]:
    """Mean of the logarithms of Bernoulli `i`'s cross-sections (dB), and its variance; where RCS_COUNT is above 0."""
    count = real[i, c.RCS_COUNT]
    scatter = (SCATTER_COUNT * SCATTER_DB2 + real[i, c.RCS_SPREAD]) / (SCATTER_COUNT + count)
    return real[i, c.RCS_SUM] / count, scatter / max(RCS_PER_LOOK * count, 1.0)


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
        size, doubt = sized(real, i)
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
    logs = np.empty(categories)
    for k in range(rows.shape[0]):
        i = rows[k]
        top = -1e30
        size, doubt, count = 0.0, 0.0, real[i, c.RCS_COUNT]
        if count > 0.0:
            size, doubt = sized(real, i)
        height, variance = above(x[k], P[k], net, lie)
        span = real[i, c.SPAN]
        independent = observations(span)
        for q in range(categories):
            total = real[i, c.CLASS0 + q] - real[i, c.STILLEST] / table[q, STILL_S]
            if span > 0.0:
                total += independent * real[i, c.MOTION0 + q] / span
            rest = 1.0
            if whole[i, c.HEIGHT] != 0:
                rest *= tail(height, table[q, HEIGHT], table[q, HEIGHT_SD] ** 2 + variance)
            if count > 0.0:
                rest *= tail(size, table[q, RCS], table[q, RCS_SD] ** 2 + doubt)
            if rest != 1.0:
                total -= 0.5 * math.log(rest)
            logs[q] = total
            top = max(top, total)
        total = 0.0
        for q in range(categories):
            logs[q] = math.exp(max(logs[q] - top, -MOST_ODDS))
            total += logs[q]
        for q in range(categories):
            out[k, q] = logs[q] / total
