"""New Bernoullis out of plots, and the two other explanations of a plot: false, or an object not seen before."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel
from luchtwacht.kernels.gating import sight_cell
from luchtwacht.kernels.measurement import condition, condition_on_rate
from luchtwacht.kernels.mixture import MOST, NEGLIGIBLE, note
from luchtwacht.kernels.motion import merge, shift

MOST_EXCESS = 30.0
"""times the threshold beyond which an echo counts as no stronger"""
MOST_TOLD = 10.0
"""and the likelihood ratio beyond which its strength says no more: not all false plots are noise"""
EVENLY = 1_000.0
"""objects that are taken to have begun all over the sensor's coverage before any was seen to: many, as what was
confirmed and is none, or a bird, is counted as well"""
CLAIMED = 0.03
"""a plot that is less likely than this without a known object makes no new one"""


@inlined
def normal(x: float, variance: float) -> float:
    """Density of a normal number of this variance at `x`."""
    return math.exp(-0.5 * x * x / variance) / math.sqrt(2.0 * math.pi * variance)


@inlined
def excess(level_db: float, threshold: float) -> float:
    """By how much, in noise powers, an echo exceeds the threshold; below 0 where either is not known."""
    if math.isnan(level_db) or math.isnan(threshold):
        return -1.0
    return float(min(max(10.0 ** (0.1 * level_db) - threshold, 0.0), MOST_EXCESS * threshold))


@inlined
def told_by_strength(over: float, learnt: Array) -> float:
    """Likelihood of an echo that exceeds the threshold by `over` from an object, over that from a false plot.

    Both are exponential beyond the threshold: noise by itself, and a Swerling 1 object (Lerro and Bar-Shalom 1993, doi
    10.1109/7.210097). How far they reach on average is learnt, so that false plots as strong as objects say nothing.
    """
    true = learnt[c.STRONG] / learnt[c.STRONG_COUNT]
    false = learnt[c.STRONG_FALSE] / learnt[c.STRONG_FALSE_COUNT]
    ratio = false / true * math.exp(min(over * (1.0 / false - 1.0 / true), 50.0))
    return float(min(max(ratio, 1.0 / MOST_TOLD), MOST_TOLD))


@kernel
def intensities(
    kinds: Array,
    plots: Array,
    place: Array,
    sensor: Array,
    heights: Array,
    speed: float,
    around: Array,
    above: Array,
    rates: Array,
    learnt: Array,
    sight: Array,
) -> None:
    """Fill CLUTTER and UNDETECTED of every plot: density of false plots, and of first plots of new objects.

    Args:
        sensor: (SENSOR_COLUMNS,) as declared.
        heights: (k, 3) weight, mean (m, site's up) and standard deviation of the heights at which objects appear.
        speed: m/s, standard deviation of each horizontal component of their velocity.
        around: (ranges, azimuths) false plots in each cell of the clutter map, which ends at SENSOR_REACH.
        above: (elevations,) the same by elevation.
        rates: (k,) the same by range rate, in steps of 2 m/s centred on zero.
        learnt: (LEARNT,) the sensor's running sums.
        sight: (cells, cells, 3) the map of which the last number is how many objects began in each cell.
    """
    apart()
    rings, sectors = around.shape
    reach, above_from, above_step = sensor[c.SENSOR_REACH], sensor[c.SENSOR_ABOVE_FROM], sensor[c.SENSOR_ABOVE_STEP]
    undetected = sensor[c.SENSOR_PD] * learnt[c.UNSEEN] / (0.5 * sensor[c.SENSOR_SPAN] * reach * reach)
    false_plots = learnt[c.FALSE] / learnt[c.LOOKS] / learnt[c.AROUND]
    cell = (reach / rings) * (2.0 * math.pi / sectors)
    held = sensor[c.SENSOR_SPAN] / 8.0 * sight.shape[0] * sight.shape[0]  # cells of the map that the sensor looks at
    for j in range(kinds.shape[0]):
        kind = kinds[j]
        if kind == c.NOTHING:
            continue
        r, azimuth = plots[j, c.RANGE], plots[j, c.AZIMUTH]
        if kind == c.FIX and math.isnan(r):
            dx, dy = plots[j, 0] - place[0], plots[j, 1] - place[1]
            r = max(math.sqrt(dx * dx + dy * dy), 50.0)
            azimuth = math.atan2(dx, dy)
        turn = 0.0 if math.isnan(azimuth) else azimuth / (2.0 * math.pi)
        sector = min(int((turn - math.floor(turn)) * sectors), sectors - 1)
        ring = 0 if math.isnan(r) else min(int(r / reach * rings), rings - 1)
        share = 0.0
        if kind == c.FIX or kind == c.PLANE:
            share = around[ring, sector] / cell / max(r, 1.0)
        elif kind == c.DISTANCE:
            for k in range(sectors):
                share += around[ring, k]
            share /= reach / rings
        else:
            for k in range(rings):
                share += around[k, sector]
            share /= 2.0 * math.pi / sectors
        new = 0.0
        if kind == c.FIX or kind == c.PLANE:
            row, column = sight_cell(plots[j, 0] - place[0], plots[j, 1] - place[1], reach, sight.shape[0])
            new = undetected * (EVENLY + sight[row, column, 2] * held) / (EVENLY + learnt[c.BEGUN])
        if not math.isnan(plots[j, c.ELEVATION]):
            step = int((plots[j, c.ELEVATION] - above_from) / above_step)
            per = above[min(max(step, 0), above.shape[0] - 1)] / learnt[c.ABOVE] / above_step
            share *= per if kind != c.FIX else per / max(r * math.cos(plots[j, c.ELEVATION]), 1.0)
        elif kind == c.FIX and plots[j, c.UP_MEASURED] != 0.0:
            share /= 500.0
        if kind == c.FIX and plots[j, c.UP_MEASURED] != 0.0:
            total = 0.0
            for k in range(heights.shape[0]):
                variance = heights[k, 2] ** 2 + plots[j, c.R0 + 5]
                total += heights[k, 0] * normal(plots[j, 2] - heights[k, 1], variance)
            new *= total
        if not math.isnan(plots[j, c.RATE]):
            half = rates.shape[0] // 2
            at = math.floor(plots[j, c.RATE] / 2.0) + half
            share *= rates[min(max(at, 0), rates.shape[0] - 1)] / learnt[c.RATES] / 2.0
            new *= normal(plots[j, c.RATE], speed * speed + plots[j, c.RATE_VAR])
        over = excess(plots[j, c.LEVEL_DB], sensor[c.SENSOR_THRESHOLD])
        if over >= 0.0:  # of objects known and unknown alike, so that it may stand here for both
            share /= told_by_strength(over, learnt)
        plots[j, c.CLUTTER] = max(share * false_plots, 1e-30)
        plots[j, c.UNDETECTED] = new


@inlined
def start_at_fix(
    plots: Array, j: int, place: Array, heights: Array, speed: float, climb: float, out: Array, o: int, h: Array
) -> None:
    """What `start` does for a position, in closed form.

    Each part k of `heights` moves the point by a d / s, where a is the covariance of the position with up, s the
    variance of up and of the part together, and d how far the part is above the point; the covariance shrinks by
    a a' / s.
    """
    for q in range(c.ROW):
        out[o, q] = 0.0
    ax, ay, az = plots[j, c.R0 + 2], plots[j, c.R0 + 4], plots[j, c.R0 + 5]
    total, shift_by, shrink, square = 0.0, 0.0, 0.0, 0.0
    nearest = 1e30
    for k in range(heights.shape[0]):
        nearest = min(nearest, (heights[k, 1] - plots[j, 2]) ** 2 / (az + heights[k, 2] ** 2))
    for k in range(heights.shape[0]):
        s = az + heights[k, 2] ** 2
        d = heights[k, 1] - plots[j, 2]
        w = heights[k, 0] * math.exp(-0.5 * (d * d / s - nearest)) / math.sqrt(s)
        total += w
        shift_by += w * d / s
        shrink += w / s
        square += w * d * d / (s * s)
    shift_by /= total
    spread = square / total - shift_by * shift_by - shrink / total
    out[o, 0] = plots[j, 0] + ax * shift_by
    out[o, 1] = plots[j, 1] + ay * shift_by
    out[o, 2] = plots[j, 2] + az * shift_by
    out[o, c.A0] = plots[j, c.R0] + ax * ax * spread
    out[o, c.A0 + 1] = plots[j, c.R0 + 1] + ax * ay * spread
    out[o, c.A0 + 2] = ax + ax * az * spread
    out[o, c.A0 + 3] = plots[j, c.R0 + 3] + ay * ay * spread
    out[o, c.A0 + 4] = ay + ay * az * spread
    out[o, c.A0 + 5] = az + az * az * spread
    out[o, c.C0] = out[o, c.C0 + 3] = speed * speed
    out[o, c.C0 + 5] = climb * climb
    if not math.isnan(plots[j, c.RATE]):  # of all heights together: they lie in nearly one direction
        condition_on_rate(out, o, plots, j, place, h)


@kernel
def start(
    rows: Array,
    kind: int,
    plots: Array,
    j: int,
    place: Array,
    heights: Array,
    speed: float,
    climb: float,
    out: Array,
    o: int,
    h: Array,
) -> None:
    """The Gaussian of an object first seen as plot `j`, into row `o` of `out`; `rows` (3 k, ROW), `h` (6,): scratch.

    Heights never seen are drawn from `heights`; where one was measured, the two are weighed against each other.
    """
    apart()
    if kind == c.FIX:
        start_at_fix(plots, j, place, heights, speed, climb, out, o, h)
        return
    parts, rated = heights.shape[0], not math.isnan(plots[j, c.RATE])
    weights = np.empty(3 * parts)
    top = -1e30
    for k in range(3 * parts):  # range and azimuth: three points a part for the height (unscented transform)
        for q in range(c.ROW):
            rows[k, q] = 0.0
        rows[k, c.C0] = rows[k, c.C0 + 3] = speed * speed
        rows[k, c.C0 + 5] = climb * climb
        part, point = k // 3, k % 3 - 1
        up = heights[part, 1] + math.sqrt(3.0) * point * heights[part, 2] - place[2]
        r = plots[j, c.RANGE]
        g = math.sqrt(max(r * r - up * up, 0.04 * r * r))
        st, ct = math.sin(plots[j, c.AZIMUTH]), math.cos(plots[j, c.AZIMUTH])
        along, across = plots[j, c.RANGE_VAR], g * g * plots[j, c.AZIMUTH_VAR]
        e, n = g * st, g * ct
        for q in range(3):
            rows[k, q] = place[q] + place[3 + 3 * q] * e + place[4 + 3 * q] * n + place[5 + 3 * q] * up
        at = 0
        for a in range(3):
            for b in range(a, 3):
                ra = place[3 + 3 * a] * st + place[4 + 3 * a] * ct
                rb = place[3 + 3 * b] * st + place[4 + 3 * b] * ct
                sa = place[3 + 3 * a] * ct - place[4 + 3 * a] * st
                sb = place[3 + 3 * b] * ct - place[4 + 3 * b] * st
                rows[k, c.A0 + at] = along * ra * rb + across * sa * sb
                at += 1
        rows[k, c.A0 + 5] += 1.0
        weights[k] = math.log(heights[part, 0] * (2.0 / 3.0 if point == 0 else 1.0 / 6.0))
        if rated:
            _, loglik = condition_on_rate(rows, k, plots, j, place, h)
            weights[k] += loglik
        top = max(top, weights[k])
    total = 0.0
    for k in range(3 * parts):
        weights[k] = math.exp(weights[k] - top)
        total += weights[k]
    for k in range(3 * parts):
        weights[k] /= total
    merge(rows, 3 * parts, weights, out, o)


@kernel
def bear(
    state: Array,
    real: Array,
    whole: Array,
    looks: Array,
    n: int,
    modes: int,
    s: int,
    sensors: int,
    kinds: Array,
    plots: Array,
    times: Array,
    ids: Array,
    names: Array,
    place: Array,
    free: Array,
    heights: Array,
    speed: float,
    climb: float,
    least: float,
    most: float,
    mode_prior: Array,
    class_prior: Array,
    born: Array,
    shown: float,
    old_state: Array,
    old_real: Array,
    old_whole: Array,
    old_looks: Array,
    owners: Array,
    weights: Array,
    before: Array,
    last: Array,
    again: Array,
    heirs: Array,
    new_state: Array,
    new_real: Array,
    new_whole: Array,
    new_looks: Array,
    backed: Array,
) -> tuple[int, int]:
    """Append a Bernoulli, or a glimpse, for every plot that may be of an object not detected before.

    A plot that no glimpse explains makes a glimpse, unless it is worth showing by itself or has a name to be known by.

    Args:
        free: (m,) probability that no known Bernoulli made the plot.
        least, most: existence below which nothing is made, and above which one plot alone does not lift it.
        mode_prior (modes,), class_prior (5,): what is thought of an object nothing is known about; class as logarithms.
        born: (m,) out: the plot of each new Bernoulli, in order.
        shown: existence from which it is a Bernoulli at once; 0: always.
        old_state to old_looks: the glimpses there were.  owners, weights, before, last, again: which explain which
            plot, as `recall` gives them.  heirs: as the kernel of that name gives it.
        new_state to new_looks: out: the new glimpses, from the first row on.
        backed: (m,) out: by new Bernoulli, the probability that its plot goes on where a glimpse began; 0 where the
            plot is its first.

    Returns:
        how many Bernoullis and how many new glimpses there are now.
    """
    apart()
    first, glimpses = n, 0
    rows, h, one = np.empty((3 * heights.shape[0], c.ROW)), np.empty(6), np.empty((1, c.ROW))
    parts, shares = np.empty((weights.shape[0] + 1, c.ROW)), np.empty(weights.shape[0] + 1)
    for j in range(kinds.shape[0]):
        if kinds[j] != c.FIX and kinds[j] != c.PLANE:
            continue
        new, false = plots[j, c.UNDETECTED], plots[j, c.CLUTTER]
        found = free[j] * again[j] / (new + false)
        existence = min(min(free[j] * (new - again[j]) / (new + false), most) + found, MOST)
        if not existence > least or free[j] < CLAIMED:
            continue
        if kinds[j] == c.FIX:
            start_at_fix(plots, j, place, heights, speed, climb, parts, 0, h)
        else:
            start(rows, kinds[j], plots, j, place, heights, speed, climb, parts, 0, h)
        if plots[j, c.DT] != 0.0:
            shift(parts, 0, -plots[j, c.DT], 1.0)
        count, e, best = 1, last[j], -1
        total = shares[0] = 1.0 - again[j] / new
        while e >= 0:
            if weights[e] > NEGLIGIBLE * new:
                condition(old_state, owners[e], parts, count, kinds[j], plots, j, place, h)
                shares[count] = weights[e] / new
                total += shares[count]
                count += 1
                if best < 0 or weights[e] > weights[best]:
                    best = e
            e = before[e]
        if count > 1:
            for k in range(count):
                shares[k] /= total
            merge(parts, count, shares, one, 0)
        twice = found > 0.5 * existence and best >= 0 and heirs[owners[best]] == j
        if not (twice or existence >= shown or names[j] >= 0):
            for k in range(c.ROW):
                new_state[glimpses, k] = one[0, k] if count > 1 else parts[0, k]
            begin(new_real, new_whole, new_looks, glimpses, s, sensors, existence, times[j], ids[j])
            new_real[glimpses, c.MODE0] = 1.0
            note_birth(new_real, new_whole, new_looks, glimpses, s, sensors, plots, times, names, j)
            glimpses += 1
            continue
        born[n - first], backed[n - first] = j, found if twice else 0.0
        for m in range(modes):
            at = n * modes + m
            for k in range(c.ROW):
                state[at, k] = one[0, k] if count > 1 else parts[0, k]
        begin(real, whole, looks, n, s, sensors, existence, times[j], ids[j])
        real[n, c.SILENCE] = 1.0
        for m in range(modes):
            real[n, c.MODE0 + m] = mode_prior[m]
        for q in range(class_prior.shape[0]):
            real[n, c.CLASS0 + q] = class_prior[q]
        if twice:
            i = owners[best]
            for q in range(c.WHOLES):
                whole[n, q] = old_whole[i, q]
            for q in range(3 * sensors):
                looks[n, q] = old_looks[i, q]
            real[n, c.RCS_SUM], real[n, c.RCS_COUNT] = old_real[i, c.RCS_SUM], old_real[i, c.RCS_COUNT]
            note(real, whole, looks, n, s, sensors, plots, times, names, j)
        else:
            note_birth(real, whole, looks, n, s, sensors, plots, times, names, j)
        n += 1
    return n, glimpses


@inlined
def begin(
    real: Array, whole: Array, looks: Array, i: int, s: int, sensors: int, existence: float, time_ns: int, id: int
) -> None:
    """Row `i` is an object that sensor `s` may have seen at `time_ns` for the first time, in detection `id`."""
    for q in range(real.shape[1]):
        real[i, q] = 0.0
    real[i, c.EXISTENCE] = real[i, c.BIRTH] = existence
    for q in range(c.WHOLES):
        whole[i, q] = 0
    whole[i, c.STARTED] = time_ns
    whole[i, c.CONFIRMED] = -1
    whole[i, c.FIRST] = id
    whole[i, c.BORN_OF] = s
    for q in range(looks.shape[1]):
        looks[i, q] = 0
    for q in range(sensors):
        looks[i, q] = time_ns
        looks[i, sensors + q] = -1
        looks[i, 2 * sensors + q] = -1


@inlined
def note_birth(
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
    """Write down that Bernoulli `i` was first reported by sensor `s` as plot `j`."""
    looks[i, sensors + s] = times[j]
    looks[i, 2 * sensors + s] = names[j]
    whole[i, c.UPDATED] = times[j]
    whole[i, c.UPDATES] = 1
    whole[i, c.HEIGHT] = 1 if plots[j, c.UP_MEASURED] != 0.0 else 0
    if not math.isnan(plots[j, c.RCS_DB]):
        real[i, c.RCS_SUM] = plots[j, c.RCS_DB]
        real[i, c.RCS_COUNT] = 1.0


RECENTLY = 3
"""looks within which a sensor reported what it is taken to see"""


@kernel
def in_sight(real: Array, looks: Array, n: int, s: int, sensors: int, since_ns: int) -> float:
    """How many objects sensor `s` has reported since `since_ns`, as their existence adds up."""
    total = 0.0
    for i in range(n):
        if looks[i, sensors + s] >= since_ns:
            total += real[i, c.EXISTENCE]
    return total


@kernel
def hear(
    learnt: Array, sensor: Array, elapsed_s: float, count: int, memory_s: float, least_starts: float, leaving: float
) -> None:
    """Let time pass for what is known of a sensor's surroundings: a look of `count` plots, `elapsed_s` after the last.

    Args:
        elapsed_s: below 0 for the first look; all but the expected false plots are then objects never seen before.
        memory_s, least_starts: as in `tracking/scene.py`.
        leaving: objects a second that go out of sight. As many are taken to appear, when fewer have been seen to: a
            new object is counted once it is confirmed, and nothing would be confirmed soon where nothing is expected.
    """
    if elapsed_s < 0.0:
        learnt[c.UNSEEN] = max(count - learnt[c.FALSE] / learnt[c.LOOKS], 1.0)
        learnt[c.SHARE] = 1.0
        return
    learnt[c.SHARE] = min(max(elapsed_s / sensor[c.SENSOR_PERIOD_S], 0.02), 10.0)
    learnt[c.UNSEEN] += max(learnt[c.STARTS] / learnt[c.WATCHED], leaving) * elapsed_s
    fade = math.exp(-elapsed_s / memory_s)
    learnt[c.STARTS] = least_starts + (learnt[c.STARTS] - least_starts) * fade
    learnt[c.WATCHED] = learnt[c.WATCHED] * fade + elapsed_s
