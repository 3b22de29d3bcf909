"""What happens in one look and at the end of a step, each as one call: the kernels of this folder, in their order."""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, kernel
from luchtwacht.kernels.association import marginals
from luchtwacht.kernels.births import RECENTLY, bear, hear, in_sight, intensities
from luchtwacht.kernels.classes import classify, observe
from luchtwacht.kernels.conversion import convert
from luchtwacht.kernels.gating import CELL_M, MOST, ascending, bounds_of, gate, map_plots, sort_lines, spots_of
from luchtwacht.kernels.glimpses import heirs, let_go, recall
from luchtwacht.kernels.judging import describe, judge, learn, record, remember
from luchtwacht.kernels.mixture import absorb, squeeze
from luchtwacht.kernels.motion import predict, report
from luchtwacht.kernels.opinions import believe, learn_memory, trust, weigh
from luchtwacht.kernels.regrouping import regroup

BLOCK = 256
"""Bernoullis that are predicted and gated, and later updated and described, before the next: they fit in the cache"""


@kernel
def pair(
    state: Array, real: Array, whole: Array, looks: Array, n: int, modes: int, s: int, sensors: int, change: Array,
    noise: Array, survival: float, moved: bool, kinds: Array, plots: Array, spots: Array, names: Array, frame: Array,
    nx: int, ny: int, cells: Array, bounds: Array, azimuths: Array, bearings: Array, ranges: Array, distances: Array,
    place: Array, sensor: Array, sight: Array, end_ns: int, period_ns: int,
) -> tuple[Array, Array, Array, Array, Array, Array]:  # fmt: skip
    """Predict, when time has `moved`, and gate, block by block. Arguments, and what is returned, as in those two.

    Returns:
        starts, edges, weights, shares, seen, silent.
    """
    apart()
    starts = np.zeros(n + 1, np.int64)
    seen, silent = np.empty(n), np.empty((n, modes))
    room = 2 * n + min(n, BLOCK) * (MOST + 1) + 1
    edges, weights, shares = np.empty(room, np.int64), np.empty(room), np.empty((room, modes))
    count = 0
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        if moved:
            predict(state, real, whole, low, high, modes, change, noise, survival)
        if count + (high - low) * (MOST + 1) >= edges.shape[0]:
            room = 2 * edges.shape[0] + BLOCK * (MOST + 1)
            wider, heavier, longer = np.empty(room, np.int64), np.empty(room), np.empty((room, modes))
            for e in range(count):
                wider[e], heavier[e] = edges[e], weights[e]
                for k in range(modes):
                    longer[e, k] = shares[e, k]
            edges, weights, shares = wider, heavier, longer
        count = gate(
            state, real, whole, looks, low, high, modes, s, sensors, kinds, plots, spots, names, frame, nx, ny, cells,
            bounds, azimuths, bearings, ranges, distances, place, sensor, sight, end_ns, period_ns, count, starts,
            edges, weights, shares, seen, silent,
        )  # fmt: skip
    return starts, edges, weights, shares, seen, silent


@kernel
def take(
    z: Array,
    R: Array,
    geometry: Array,
    times: Array,
    ids: Array,
    names: Array,
    level: Array,
    rcs: Array,
    filtered: Array,
    opinions: Array,
    begin: int,
    end: int,
    state: Array,
    real: Array,
    whole: Array,
    looks: Array,
    n: int,
    old_state: Array,
    old_real: Array,
    old_whole: Array,
    old_looks: Array,
    old: int,
    new_state: Array,
    new_real: Array,
    new_whole: Array,
    new_looks: Array,
    modes: int,
    s: int,
    sensors: int,
    place: Array,
    sensor: Array,
    heights: Array,
    around: Array,
    above: Array,
    rates: Array,
    learnt: Array,
    sight: Array,
    change: Array,
    noise: Array,
    survival: float,
    now_ns: int,
    moved: bool,
    end_ns: int,
    elapsed_s: float,
    period_ns: int,
    rules: Array,
    mode_prior: Array,
    class_prior: Array,
    traits: Array,
    raw: Array,
    kinds: Array,
    plots: Array,
    following: int,
) -> tuple[int, int, int, float, bool, Array, Array, Array, Array, Array, Array, Array, bool]:
    """Update everything with one look of sensor `s`: rows `begin` to `end` - 1 of the detections.

    Args:
        z to opinions: columns of `model.Detections`.
        state, real, whole, looks: `n` Bernoullis, with room for as many more as the look has plots.
        old_state to old_looks: `old` glimpses.  new_state to new_looks: room for as many, and as many more as the look
            has plots, where they go.
        place to sight: the sensor, as declared and learnt; see `tracking/scene.py`.
        change, noise, survival: as `predict` takes them, when time has `moved`; now_ns: the time to which it moves.
        end_ns, elapsed_s, period_ns: the look's end, seconds since the last one of this sensor (below 0: the first),
            and the sensor's period.
        rules: (RULES,) as `layout` names them.  mode_prior, class_prior, traits: as `bear` and `observe` take them.
        raw, plots: (>= m, PLOT_COLUMNS) and kinds: (>= m,) scratch; out: the plots in order of their place on the map.
        following: the next track's number.

    Returns:
        how many Bernoullis and glimpses there are, the next number, the longest range; whether something has no place
        on the map; and per plot the probability that no known object made it, its time and its id; then associations:
        track, time and id of a detection, its probability, and whether they are in order of track. When the longest
        range is beyond SENSOR_REACH nothing was done: stretch the maps and come again.
    """
    m = end - begin
    raw, kinds, plots = raw[:m], kinds[:m], plots[:m]
    kind = np.empty(m, np.int8)
    farthest = convert(
        z, R, geometry, times, begin, now_ns, level, rcs, filtered, rules[c.RULE_INFLATE], place, rules[c.RULE_HEIGHT],
        kind, raw,
    )  # fmt: skip
    frame, nx, ny, cells, origin = map_plots(kind, raw, CELL_M)
    when, named, called = np.empty(m, np.int64), np.empty(m, np.int64), np.empty(m, np.int64)
    free = np.empty(m)
    if farthest > sensor[c.SENSOR_REACH]:
        return n, old, following, farthest, False, free, when, named, when, when, when, free, True
    told = False
    for j in range(m):
        at = origin[j]
        kinds[j] = kind[at]
        for k in range(c.PLOT_COLUMNS):
            plots[j, k] = raw[at, k]
        origin[j] = at + begin
        when[j], named[j], called[j] = times[at + begin], ids[at + begin], names[at + begin]
        told = told or opinions[at + begin, 0] >= 0.0
    leaving = in_sight(real, looks, n, s, sensors, end_ns - RECENTLY * period_ns)
    leaving += in_sight(old_real, old_looks, old, s, sensors, end_ns - RECENTLY * period_ns)
    hear(
        learnt, sensor, elapsed_s, m, rules[c.RULE_MEMORY_S], rules[c.RULE_LEAST_STARTS],
        leaving / rules[c.RULE_LIFETIME_S],
    )  # fmt: skip
    intensities(kinds, plots, place, sensor, heights, rules[c.RULE_SPEED], around, above, rates, learnt, sight)
    bounds, spots = bounds_of(kinds, plots), spots_of(kinds, plots)
    lone = bounds[4] > 0.0
    azimuths, bearings = np.empty(0), np.empty(0, np.int64)
    ranges, distances = np.empty(0), np.empty(0, np.int64)
    if lone:
        azimuths, bearings = sort_lines(kinds, plots, False)
        ranges, distances = sort_lines(kinds, plots, True)
    last_mode = modes - 1
    starts, edges, weights, _, seen, _ = pair(
        old_state, old_real, old_whole, old_looks, old, 1, s, sensors, change[last_mode:], noise[last_mode:], survival,
        moved, kinds, plots, spots, called, frame, nx, ny, cells, bounds, azimuths, bearings, ranges, distances, place,
        sensor, sight, end_ns, period_ns,
    )  # fmt: skip
    again, last = np.empty(m), np.empty(m, np.int64)
    owners, before = recall(starts, edges, weights, old, plots, again, last)
    old_starts, old_edges, old_weights, old_seen = starts, edges, weights, seen
    starts, edges, weights, shares, seen, silent = pair(
        state, real, whole, looks, n, modes, s, sensors, change, noise, survival, moved, kinds, plots, spots, called,
        frame, nx, ny, cells, bounds, azimuths, bearings, ranges, distances, place, sensor, sight, end_ns, period_ns,
    )  # fmt: skip
    count = starts[n]
    paired, missed = np.empty(count), np.empty(n)
    marginals(starts, edges, weights, n, m, paired, missed, free)
    for low in range(0, n, BLOCK):
        remember(
            state, real, whole, low, min(low + BLOCK, n), modes, s, place, sensor, sight, seen, missed, learnt,
        )  # fmt: skip
    stands, pairs = np.empty((2, c.MEMORIES)), np.ones(c.MEMORIES + 1)
    pairs[c.MEMORIES], declared = 0.0, sensor[c.SENSOR_MEMORY_S] >= 0.0
    if told:
        trust(learnt, sensor[c.SENSOR_MEMORY_S], elapsed_s, stands)
    merged = np.empty(n, np.bool_)
    regroup(state, real, modes, n, m, kinds, plots, place, starts, edges, shares, seen, silent, paired, missed, merged)
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        absorb(
            state, real, whole, looks, low, high, modes, s, sensors, kinds, plots, when, called, place, end_ns,
            period_ns, starts, edges, shares, seen, silent, paired, missed, merged,
        )  # fmt: skip
        observe(state, real, whole, low, high, modes, now_ns, missed, traits, class_prior)
        if told:
            weigh(
                real, looks, s, sensors, starts, edges, paired, low, high, opinions, origin, when,
                rules[c.RULE_OPINION_USED], rules[c.RULE_OPINION_FLOOR], stands, declared, pairs,
            )  # fmt: skip
    doubt = rules[c.RULE_FIRST_DOUBT] if elapsed_s < 0.0 else 0.0
    learn(kinds, plots, free, sensor, rules[c.RULE_MEMORY_LOOKS], doubt, around, above, rates, learnt)
    born, backed = np.empty(m, np.int64), np.empty(m)
    shown = 0.0 if told else rules[c.RULE_SHOWN]  # who says what it sees is remembered with what it says
    goes_on = heirs(plots, free, old, owners, old_weights, before, last)
    after, glimpses = bear(
        state, real, whole, looks, n, modes, s, sensors, kinds, plots, when, named, called, place, free, heights,
        rules[c.RULE_SPEED], rules[c.RULE_CLIMB], rules[c.RULE_FIRST_LEAST], rules[c.RULE_FIRST_MOST], mode_prior,
        class_prior, born, shown, old_state, old_real, old_whole, old_looks, owners,
        old_weights, before, last, again, goes_on, new_state, new_real, new_whole, new_looks, backed,
    )  # fmt: skip
    since_ns = end_ns - int(rules[c.RULE_ENDED_S] * 1e9)
    glimpses = let_go(
        old_state, old_real, old_whole, old_looks, old, s, end_ns, period_ns, since_ns, rules[c.RULE_FADED], old_starts,
        old_edges, old_weights, old_seen, free, plots, learnt, new_state, new_real, new_whole, new_looks, glimpses,
    )  # fmt: skip
    if told:
        learn_memory(learnt, pairs)
        for i in range(n, after):
            j, floor = born[i - n], rules[c.RULE_OPINION_FLOOR]
            believe(real, looks, i, s, sensors, opinions, origin[j], when[j], floor, stands, declared, pairs)
    most = count + 2 * after
    tracks, used_ns, used = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    probability = np.empty(most)
    wrote, following, ordered = record(
        real, whole, n, after, starts, edges, paired, when, named, born, backed, rules[c.RULE_SHOWN],
        rules[c.RULE_MENTIONED], following, tracks, used_ns, used, probability,
    )  # fmt: skip
    return (
        after, glimpses, following, farthest, lone, free, when, named, tracks[:wrote].copy(), used_ns[:wrote].copy(),
        used[:wrote].copy(), probability[:wrote].copy(), ordered,
    )  # fmt: skip


@kernel
def conclude(
    state: Array,
    real: Array,
    whole: Array,
    looks: Array,
    n: int,
    modes: int,
    sensors: int,
    moves: Array,
    now_ns: int,
    coasted_ns: int,
    ended_ns: int,
    since_ns: int,
    convinced: float,
    least: float,
    faded: float,
    ended_only: bool,
    told_ns: int,
    noise: Array,
    survival: float,
    unknown: float,
    net: Array,
    lie: Array,
    traits: Array,
) -> tuple[int, int, Array, Array, Array, Array, Array, Array, Array, Array]:
    """Move every track through its life, say how they stand, and forget those that ended.

    Args:
        moves to faded: as `judge` takes them.  ended_only: tell of those that ended, and of no other.
        told_ns: the time for which is told.  noise, survival: as `predict` takes them, from the last look to then.
        unknown, since_ns, net, lie, traits: as `report`, `describe` and `classify` take them.

    Returns:
        how many Bernoullis there are, the time since which one of them was not updated; by sensor and start those just
        confirmed (k, 2), and where on the map they were then (k, 2); and in order of number, as `describe`, `report`
        and `classify` give them, integers, octets, reals, x, P and categories. When the table has no such move the
        first is -1 and the second the track's number.
    """
    keep, shown, confirmed = np.empty(n, np.bool_), np.empty(n, np.int64), np.empty(n, np.int64)
    count, new = judge(
        real, whole, n, moves, now_ns, coasted_ns, ended_ns, convinced, least, faded, keep, shown, confirmed
    )
    if count < 0:
        nothing, none = np.empty((0, 6)), np.empty((0, 6, 6))
        ints, few = np.empty((8, 0), np.int64), np.empty((2, 0), np.int8)
        two, places = np.empty((0, 2), np.int64), np.empty((0, 2))
        return -1, whole[new, c.NUMBER], two, places, ints, few, np.empty((2, 0)), nothing, none, nothing
    fresh, began = np.empty((new, 2), np.int64), np.zeros((new, 2))
    for k in range(new):
        i = confirmed[k]
        fresh[k, 0], fresh[k, 1] = whole[i, c.BORN_OF], whole[i, c.STARTED]
        since_s = (now_ns - whole[i, c.STARTED]) * 1e-9
        for m in range(modes):
            row, w = i * modes + m, real[i, c.MODE0 + m]
            for q in range(2):
                began[k, q] += w * (state[row, q] - since_s * state[row, c.V0 + q])
    told, order = 0, True
    keys = np.empty(count)
    for k in range(count):
        if ended_only and keep[shown[k]]:
            continue
        shown[told] = shown[k]
        keys[told] = whole[shown[k], c.NUMBER]
        order = order and (told == 0 or keys[told] > keys[told - 1])
        told += 1
    rows = shown[:told]
    if not order:
        rows = rows[ascending(keys, told)]
    x, P = np.empty((told, 6)), np.empty((told, 6, 6))
    report(state, real, whole, rows, modes, noise, unknown, x, P)
    integers, octets, reals = np.empty((8, told), np.int64), np.empty((2, told), np.int8), np.empty((2, told))
    describe(real, whole, looks, rows, sensors, told_ns, since_ns, survival, integers, octets, reals)
    shares = np.empty((told, traits.shape[0]))
    classify(real, whole, rows, x, P, net, lie, traits, shares)
    left = squeeze(state, real, whole, looks, modes, keep)
    oldest = now_ns
    for i in range(left):
        oldest = min(oldest, whole[i, c.UPDATED])
    return left, oldest, fresh, began, integers, octets, reals, x, P, shares
