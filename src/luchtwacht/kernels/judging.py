"""Every track through its life, and what is said of it."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, kernel
from luchtwacht.kernels.births import excess
from luchtwacht.kernels.gating import FAINTEST, SUREST, sight_cell

WELL_KNOWN = 0.9
"""existence probability from which a track's silence says something of the sensor"""
OFTEN = 15
"""and the reports it must have had: a burst of false plots makes tracks that soon fall silent"""
STRENGTHS = 20_000.0
"""echoes after which what was learnt of their strength is halved"""
MEMORY = 400.0
"""looks at a place after which what was learnt there is halved, so that it can change"""


@kernel
def judge(
    real: Array,
    whole: Array,
    n: int,
    moves: Array,
    now_ns: int,
    coasted_ns: int,
    ended_ns: int,
    convinced: float,
    least: float,
    faded: float,
    keep: Array,
    shown: Array,
    confirmed: Array,
) -> tuple[int, int]:
    """Move `n` Bernoullis through the table of `tracking/lifecycle.py`.

    Args:
        moves: (statuses, events) next status or -1.
        now_ns: time of the last look, the moment of a confirmation.
        coasted_ns, ended_ns: not updated since then: unsupported, lost.
        convinced, least, faded: existence that confirms, that ends, and the share of its first existence below which
            what was never confirmed is dropped.
        keep (n,), shown (n,), confirmed (n,): out: whether it stays; rows that have a number, and rows just confirmed.

    Returns:
        how many are shown, and how many were confirmed; -1 and the row when the table has no such move.
    """
    apart()
    rows, new = 0, 0
    for i in range(n):
        status = whole[i, c.STATUS]
        existence, updated = real[i, c.EXISTENCE], whole[i, c.UPDATED]
        limit = least
        if status == 0:
            limit = min(least, faded * real[i, c.BIRTH])
            if existence >= convinced:
                status = moves[status, 0]
                if status < 0:
                    return -1, i
                whole[i, c.CONFIRMED] = now_ns
                confirmed[new] = i
                new += 1
        if status == 1 and updated <= coasted_ns:
            status = moves[status, 1]
        elif status == 2 and updated > coasted_ns:
            status = moves[status, 2]
        if status < 0:
            return -1, i
        keep[i] = existence >= limit and updated >= ended_ns
        if not keep[i]:
            status = moves[status, 3]
            if status < 0:
                return -1, i
        whole[i, c.STATUS] = status
        if whole[i, c.NUMBER] > 0:
            shown[rows] = i
            rows += 1
    return rows, new


@kernel
def record(
    real: Array,
    whole: Array,
    before: int,
    n: int,
    starts: Array,
    edges: Array,
    paired: Array,
    times: Array,
    ids: Array,
    born: Array,
    backed: Array,
    shown: float,
    mentioned: float,
    following: int,
    tracks: Array,
    used_ns: Array,
    used: Array,
    probability: Array,
) -> tuple[int, int, bool]:
    """Number what is worth showing, and name the detections used for what has a number.

    Args:
        before, n: Bernoullis that were there before the look, and now.
        born, backed: of those that came, the plot, and the probability that it is of the object of an earlier one.
        shown, mentioned: existence from which a number is given, and probability from which a detection is named.
        following: the next number.
        tracks, used_ns, used, probability: (k,) out: track, time and id of a detection, and its probability. Those of a
            track follow one another in order of time.

    Returns:
        rows written, the next number, and whether they are in order of track.
    """
    apart()
    count, last, ordered = 0, 0, True
    for i in range(n):
        if i < before and starts[i] == starts[i + 1]:
            continue
        first = count
        if whole[i, c.NUMBER] == 0 and real[i, c.EXISTENCE] >= shown:
            whole[i, c.NUMBER] = following
            following += 1
            tracks[count], used_ns[count], used[count] = whole[i, c.NUMBER], whole[i, c.STARTED], whole[i, c.FIRST]
            probability[count] = 1.0
            count += 1
        if i < before and whole[i, c.NUMBER] != 0:
            for e in range(starts[i], starts[i + 1]):
                if paired[e] > mentioned:
                    j, at = edges[e], count
                    while at > first and (
                        used_ns[at - 1] > times[j] or (used_ns[at - 1] == times[j] and used[at - 1] > ids[j])
                    ):
                        used_ns[at], used[at], probability[at] = used_ns[at - 1], used[at - 1], probability[at - 1]
                        at -= 1
                    tracks[count] = whole[i, c.NUMBER]
                    used_ns[at], used[at], probability[at] = times[j], ids[j], paired[e]
                    count += 1
        if i >= before and whole[i, c.NUMBER] != 0 and backed[i - before] > mentioned:
            j = born[i - before]
            tracks[count], used_ns[count], used[count] = whole[i, c.NUMBER], times[j], ids[j]
            probability[count] = backed[i - before]
            count += 1
        if count > first:
            ordered = ordered and whole[i, c.NUMBER] > last
            last = whole[i, c.NUMBER]
    return count, following, ordered


@kernel
def describe(
    real: Array,
    whole: Array,
    looks: Array,
    rows: Array,
    sensors: int,
    told_ns: int,
    since_ns: int,
    survival: float,
    integers: Array,
    octets: Array,
    reals: Array,
) -> None:
    """What is said of `rows` (k,) beside their state.

    Args:
        told_ns: the time for which is told.  since_ns: contributions of sensors count from here on.
        survival: probability that an object is still there since the last look.
        integers: (8, k) out: number, time, start, confirmation, re-identification (none here), last update, updates,
            bits of the sensors.
        octets: (2, k) out: status and basis (measured).
        reals: (2, k) out: existence, mean radar cross-section or NaN.
    """
    apart()
    for k in range(rows.shape[0]):
        i = rows[k]
        integers[0, k] = whole[i, c.NUMBER]
        integers[1, k] = told_ns
        integers[2, k] = whole[i, c.STARTED]
        integers[3, k] = whole[i, c.CONFIRMED]
        integers[4, k] = -1
        integers[5, k] = whole[i, c.UPDATED]
        integers[6, k] = whole[i, c.UPDATES]
        integers[7, k] = 0
        for s in range(sensors):
            if looks[i, sensors + s] >= since_ns:
                integers[7, k] |= 1 << s
        octets[0, k], octets[1, k] = whole[i, c.STATUS], 0
        reals[0, k] = real[i, c.EXISTENCE] * survival
        count = real[i, c.RCS_COUNT]
        reals[1, k] = real[i, c.RCS_SUM] / count if count > 0.0 else np.nan


@kernel
def learn(
    kinds: Array,
    plots: Array,
    free: Array,
    sensor: Array,
    memory: float,
    doubt: float,
    around: Array,
    above: Array,
    rates: Array,
    learnt: Array,
) -> None:
    """Take in what a look showed of false plots; columns of `learnt` as in `layout`.

    Args:
        free: (m,) probability that no known object made the plot.
        sensor: (SENSOR_COLUMNS,) as declared.
        memory: looks after which what was learnt has faded to 1/e.
        doubt: least probability of being false that a plot without a known object is given.
        around, above, rates: sums by range and azimuth, by elevation, and by range rate, as for `intensities`.
    """
    apart()
    rings, sectors = around.shape
    reach, above_from, above_step = sensor[c.SENSOR_REACH], sensor[c.SENSOR_ABOVE_FROM], sensor[c.SENSOR_ABOVE_STEP]
    total = 0.0
    for j in range(kinds.shape[0]):
        if kinds[j] == c.NOTHING:
            continue
        false = free[j] * max(plots[j, c.CLUTTER] / (plots[j, c.CLUTTER] + plots[j, c.UNDETECTED]), doubt)
        total += false
        over = excess(plots[j, c.LEVEL_DB], sensor[c.SENSOR_THRESHOLD])
        if over >= 0.0:
            learnt[c.STRONG] += (1.0 - free[j]) * over
            learnt[c.STRONG_COUNT] += 1.0 - free[j]
            learnt[c.STRONG_FALSE] += false * over
            learnt[c.STRONG_FALSE_COUNT] += false
        r, azimuth = plots[j, c.RANGE], plots[j, c.AZIMUTH]
        if not math.isnan(r) and not math.isnan(azimuth):
            turn = azimuth / (2.0 * math.pi)
            sector = min(int((turn - math.floor(turn)) * sectors), sectors - 1)
            around[min(int(r / reach * rings), rings - 1), sector] += false
            learnt[c.AROUND] += false
        if not math.isnan(plots[j, c.ELEVATION]):
            layer = int((plots[j, c.ELEVATION] - above_from) / above_step)
            above[min(max(layer, 0), above.shape[0] - 1)] += false
            learnt[c.ABOVE] += false
        if not math.isnan(plots[j, c.RATE]):
            at = math.floor(plots[j, c.RATE] / 2.0) + rates.shape[0] // 2
            rates[min(max(at, 0), rates.shape[0] - 1)] += false
            learnt[c.RATES] += false
    fade = math.exp(-learnt[c.SHARE] / memory)
    learnt[c.FALSE] = learnt[c.FALSE] * fade + total
    learnt[c.LOOKS] = learnt[c.LOOKS] * fade + learnt[c.SHARE]
    if learnt[c.STRONG_COUNT] + learnt[c.STRONG_FALSE_COUNT] > STRENGTHS:
        for k in range(c.STRONG, c.STRONG_FALSE_COUNT + 1):
            learnt[k] *= 0.5
    learnt[c.UNSEEN] *= 1.0 - sensor[c.SENSOR_PD] * min(learnt[c.SHARE], 1.0)


@kernel
def remember(
    state: Array, real: Array, whole: Array, low: int, high: int, modes: int, s: int, place: Array, sensor: Array,
    sight: Array, seen: Array, missed: Array, learnt: Array,
) -> None:  # fmt: skip
    """Take in what a look of sensor `s` says of earlier ones, before Bernoullis `low` to `high` - 1 are updated.

    Where well-known tracks were looked at and reported goes to `sight`, as in `coverage`. What is not yet known to be
    an object was counted among the false plots as far as it was thought to be none; as it proves to be one, or none,
    so do its plots.
    """
    apart()
    for i in range(low, high):
        r = real[i, c.EXISTENCE]
        if whole[i, c.STATUS] == 0 and whole[i, c.BORN_OF] == s:
            after = 1.0 - missed[i] + missed[i] * r * (1.0 - seen[i]) / (1.0 - r * seen[i])
            learnt[c.FALSE] = max(learnt[c.FALSE] + whole[i, c.UPDATES] * (r - after), 1e-3)
        if seen[i] == 0.0 or whole[i, c.UPDATES] < OFTEN or r < WELL_KNOWN:
            continue
        dx, dy = state[i * modes, 0] - place[0], state[i * modes, 1] - place[1]
        row, column = sight_cell(dx, dy, sensor[c.SENSOR_REACH], sight.shape[0])
        pd = min(max(sight[row, column, 1] / sight[row, column, 0], FAINTEST), SUREST)
        sight[row, column, 0] += r * seen[i] / pd
        sight[row, column, 1] += 1.0 - missed[i]
        if sight[row, column, 0] > MEMORY:
            sight[row, column, 0] *= 0.5
            sight[row, column, 1] *= 0.5
