"""Which plot can have come from which Bernoulli: candidates by a grid on the map, then the likelihood of each pair."""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel
from luchtwacht.kernels.measurement import condition, local, quadratic, weigh_fix
from luchtwacht.kernels.motion import normal_probability

TURN = 2.0 * math.pi
SIGMAS = 4.6
"""half width of the box in which candidates are looked for, in standard deviations"""
GATE = 21.0
"""squared statistical distance beyond which a pair is not considered: 99.99 % of three dimensions"""
MOST = 32
"""plots a Bernoulli is paired with: the likeliest ones, so that a burst of false plots cannot fill the memory"""
SAME_NAME, OTHER_NAME = 10.0, 0.2
"""likelihood ratios for a sensor's own track number that is, or is not, the one it gave this object before"""
EARLY = 0.1
"""factor on the detection probability when the sensor has hardly had the time to look again"""
MARGIN = 0.05
"""of a period: how much early a look may come and still be a look"""
FAINTEST, SUREST = 0.05, 0.99
"""bounds of a learnt detection probability"""
BOUNDLESS = 1e30
"""m^2, a variance that lets every Bernoulli near enough on the map be a candidate"""
FORETOLD = 1.0
"""rad^2, variance of a direction from which on no bearing is taken for its: any would do, and none would bear it out"""
BEYOND = 1.25
"""times the declared range, from where on nothing is heard"""
CELL_M = 100.0
"""m, least side of a cell of the map of plots"""


@inlined
def sight_cell(dx: float, dy: float, reach: float, cells: int) -> tuple[int, int]:
    """Row and column of a place in `sight`, which spans -`reach` to `reach` (m) both ways from the sensor."""
    scale = 0.5 * cells / reach
    row, column = int((dy + reach) * scale), int((dx + reach) * scale)
    return min(max(row, 0), cells - 1), min(max(column, 0), cells - 1)


@inlined
def coverage(x: float, y: float, z: float, place: Array, sensor: Array, sight: Array) -> float:
    """Probability that the sensor reports a moving object at this place, when it looks.

    Args:
        place: (12,) as for `convert`.  sensor: (SENSOR_COLUMNS,) as declared.
        sight: (cells, cells, 3) by square cell of the map round the sensor, out to SENSOR_REACH: how often an object
            was looked at there, and how often it was reported; the declared probability, worth some looks, is in them.
    """
    dx, dy, dz = x - place[0], y - place[1], z - place[2]
    r = math.sqrt(dx * dx + dy * dy + dz * dz)
    if r < sensor[c.SENSOR_RANGE_MIN] or r > sensor[c.SENSOR_RANGE_MAX]:
        return 0.0
    low, high = sensor[c.SENSOR_LOWEST], sensor[c.SENSOR_HIGHEST]
    if low > -1.0 or high < 1.0:
        up = place[5] * dx + place[8] * dy + place[11] * dz
        if up < r * low or up > r * high:
            return 0.0
    if sensor[c.SENSOR_SPAN] < 6.28:
        e = place[3] * dx + place[6] * dy + place[9] * dz
        n = place[4] * dx + place[7] * dy + place[10] * dz
        past = math.atan2(e, n) - sensor[c.SENSOR_AZIMUTH]
        past -= 2.0 * math.pi * math.floor(past / (2.0 * math.pi))
        if past > sensor[c.SENSOR_SPAN]:
            return 0.0
    row, column = sight_cell(dx, dy, sensor[c.SENSOR_REACH], sight.shape[0])
    return float(min(max(sight[row, column, 1] / sight[row, column, 0], FAINTEST), SUREST))


@inlined
def blindness(state: Array, i: int, place: Array, blind: float) -> float:
    """Probability that the object of row `i` moves so slowly along the line of sight that a Doppler radar is blind."""
    dx, dy, dz = state[i, 0] - place[0], state[i, 1] - place[1], state[i, 2] - place[2]
    r = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1.0)
    ux, uy, uz = dx / r, dy / r, dz / r
    rate = ux * state[i, 3] + uy * state[i, 4] + uz * state[i, 5]
    spread = math.sqrt(max(quadratic(state, i, c.C0, ux, uy, uz, ux, uy, uz), 0.01))
    return normal_probability((-blind - rate) / spread, (blind - rate) / spread)


@kernel
def map_plots(kinds: Array, plots: Array, least: float) -> tuple[Array, int, int, Array, Array]:
    """A grid of the plots that have a place on the map, with cells of `least` metres or more.

    Returns:
        corner and cell size (3,), number of cells along x and y, start of each cell's plots (cells + 1,), and all plots
        in order of their cell, those without a place last.
    """
    apart()
    m = kinds.shape[0]
    frame = np.zeros(3)
    order = np.empty(m, np.int64)
    low_x, high_x, low_y, high_y, placed = 1e30, -1e30, 1e30, -1e30, 0
    for j in range(m):
        if kinds[j] == c.FIX or kinds[j] == c.PLANE:
            placed += 1
            low_x, high_x = min(low_x, plots[j, 0]), max(high_x, plots[j, 0])
            low_y, high_y = min(low_y, plots[j, 1]), max(high_y, plots[j, 1])
    rest = placed
    for j in range(m):
        if kinds[j] != c.FIX and kinds[j] != c.PLANE:
            order[rest] = j
            rest += 1
    if placed == 0:
        return frame, 0, 0, np.zeros(1, np.int64), order
    cell = max(least, math.sqrt((high_x - low_x + 1.0) * (high_y - low_y + 1.0) / (2.0 * placed)))
    cell = max(cell, max(high_x - low_x, high_y - low_y) / 4096.0)
    frame[0], frame[1], frame[2] = low_x, low_y, cell
    nx, ny = int((high_x - low_x) / cell) + 1, int((high_y - low_y) / cell) + 1
    starts = np.zeros(nx * ny + 1, np.int64)
    where = np.empty(m, np.int64)
    for j in range(m):
        if kinds[j] == c.FIX or kinds[j] == c.PLANE:
            at = int((plots[j, 1] - low_y) / cell) * nx + int((plots[j, 0] - low_x) / cell)
            where[j] = at
            starts[at + 1] += 1
    for k in range(nx * ny):
        starts[k + 1] += starts[k]
    for j in range(m - 1, -1, -1):  # the ends of the cells run down to where they start
        if kinds[j] == c.FIX or kinds[j] == c.PLANE:
            starts[where[j] + 1] -= 1
            order[starts[where[j] + 1]] = j
    for k in range(nx * ny):
        starts[k] = starts[k + 1]
    starts[nx * ny] = placed
    return frame, nx, ny, starts, order


@kernel
def spots_of(kinds: Array, plots: Array) -> Array:
    """(m, 8) what candidates are chosen by, each plot in one line of the cache: its time after the look's, its place,
    and the variances xx xy yy of its place on the map and of up; of a plot that is no position these are boundless."""
    apart()
    spots = np.empty((kinds.shape[0], 8))
    for j in range(kinds.shape[0]):
        spots[j, 0] = plots[j, c.DT]
        for k in range(3):
            spots[j, 1 + k] = plots[j, k]
        spots[j, 4] = spots[j, 6] = spots[j, 7] = BOUNDLESS
        spots[j, 5] = 0.0
        if kinds[j] == c.FIX:
            spots[j, 4], spots[j, 5] = plots[j, c.R0], plots[j, c.R0 + 1]
            spots[j, 6], spots[j, 7] = plots[j, c.R0 + 3], plots[j, c.R0 + 5]
    return spots


@kernel
def bounds_of(kinds: Array, plots: Array) -> Array:
    """(5,) the largest of a look: variance along the map (m^2), of azimuth (rad^2), displacement by a height that was
    taken and not measured (m), time between a plot and the look (s); and 1 when a plot has no place on the map."""
    apart()
    out = np.zeros(5)
    for j in range(kinds.shape[0]):
        out[3] = max(out[3], abs(plots[j, c.DT]))
        kind = kinds[j]
        if kind == c.NOTHING:
            continue
        if kind != c.FIX and kind != c.PLANE:
            out[4] = 1.0
        ranged = not math.isnan(plots[j, c.RANGE])
        if ranged:
            out[0] = max(out[0], plots[j, c.RANGE_VAR])
        elif kind == c.FIX:
            out[0] = max(out[0], plots[j, c.R0], plots[j, c.R0 + 3])
        if kind == c.FIX and not math.isnan(plots[j, c.ELEVATION]):
            lift = plots[j, c.ELEVATION]  # not less than its sine
            out[1] = max(out[1], plots[j, c.AZIMUTH_VAR] + lift * lift * plots[j, c.ELEVATION_VAR])
        elif not math.isnan(plots[j, c.AZIMUTH]):
            out[1] = max(out[1], plots[j, c.AZIMUTH_VAR])
        if kind == c.PLANE:
            g2 = max(plots[j, c.RANGE] ** 2 - 600.0**2, 0.0)
            out[2] = max(out[2], plots[j, c.RANGE] - math.sqrt(g2))
    return out


@kernel
def ascending(keys: Array, count: int) -> Array:
    """(count,) order in which the first `count` of `keys` ascend; equal ones stay as they are (merge sort)."""
    order, other = np.arange(count), np.empty(count, np.int64)
    width = 1
    while width < count:
        for low in range(0, count, 2 * width):
            middle, high = min(low + width, count), min(low + 2 * width, count)
            a, b = low, middle
            for k in range(low, high):
                if a < middle and (b >= high or keys[order[a]] <= keys[order[b]]):
                    other[k] = order[a]
                    a += 1
                else:
                    other[k] = order[b]
                    b += 1
        order, other = other, order
        width *= 2
    return order


@kernel
def first_from(keys: Array, least: float) -> int:
    """Where in ascending `keys` the first is that is not below `least`; their number when all are."""
    low, high = 0, keys.shape[0]
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def sort_lines(kinds: Array, plots: Array, ranged: bool) -> tuple[Array, Array]:
    """The plots without a place, in order: those with a range and no azimuth when `ranged`, otherwise the bearings.

    Returns:
        range, or azimuth in [0, 2 pi), and the plots.
    """
    apart()
    m = kinds.shape[0]
    keys, chosen = np.empty(m), np.empty(m, np.int64)
    count = 0
    for j in range(m):
        if ranged and kinds[j] == c.DISTANCE:
            keys[count] = plots[j, c.RANGE]
        elif not ranged and (kinds[j] == c.BEARING or kinds[j] == c.DIRECTION):
            keys[count] = plots[j, c.AZIMUTH] - TURN * math.floor(plots[j, c.AZIMUTH] / TURN)
        else:
            continue
        chosen[count] = j
        count += 1
    order = ascending(keys, count)
    sorted_keys, plots_of_keys = np.empty(count), np.empty(count, np.int64)
    for k in range(count):
        sorted_keys[k], plots_of_keys[k] = keys[order[k]], chosen[order[k]]
    return sorted_keys, plots_of_keys


@inlined
def weigh_pair(
    state: Array,
    real: Array,
    first_row: int,
    modes: int,
    i: int,
    once: bool,
    kind: int,
    plots: Array,
    j: int,
    place: Array,
    shares: Array,
    edge: int,
    scratch: Array,
    h: Array,
) -> float:
    """Likelihood of plot `j` given Bernoulli `i`, or -1 outside the gate; the modes' shares of it go to `edge`.

    Args:
        once: the Bernoulli was seen once only, and is the same in every mode.
        scratch: (modes, ROW).  h: (6,).
    """
    last = modes - 1
    plain = kind == c.FIX and math.isnan(plots[j, c.RATE])
    nearest, total = 1e30, 0.0
    for m in range(last, -1, -1):
        if plain:
            d2, likelihood = weigh_fix(state, first_row + m, plots, j)
        else:
            d2, likelihood = condition(state, first_row + m, scratch, m, kind, plots, j, place, h)
            likelihood = math.exp(likelihood)
        if m == last:
            if not d2 < 2.0 * GATE:  # the other modes have smaller gates
                return -1.0
            if once:
                for k in range(modes):
                    shares[edge, k] = real[i, c.MODE0 + k]
                return likelihood if d2 < GATE else -1.0
        nearest = min(nearest, d2)
        shares[edge, m] = real[i, c.MODE0 + m] * likelihood
        total += shares[edge, m]
    if not (nearest < GATE and total > 0.0):
        return -1.0
    for m in range(modes):
        shares[edge, m] /= total
    return total


@kernel
def gate(
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
    spots: Array,
    names: Array,
    frame: Array,
    nx: int,
    ny: int,
    cells: Array,
    bounds: Array,
    azimuths: Array,
    bearings: Array,
    ranges: Array,
    distances: Array,
    place: Array,
    sensor: Array,
    sight: Array,
    end_ns: int,
    period_ns: int,
    count: int,
    starts: Array,
    edges: Array,
    weights: Array,
    shares: Array,
    seen: Array,
    silent: Array,
) -> int:
    """Pair Bernoullis `low` to `high` - 1 with the plots of one look of sensor `s`.

    Args:
        kinds, plots, names: (m,) in the order of `map_plots`; names are the sensor's own track numbers, -1 for none.
        spots: as `spots_of` gives them.
        frame, nx, ny, cells: the grid, as `map_plots` gives it.  bounds: as `bounds_of` gives it.
        azimuths, bearings, ranges, distances: as `sort_lines` gives them.
        end_ns, period_ns: time of the look's last plot, and how long the sensor needs to look again.
        count: pairs there are already; in `edges` there must be room for MOST + 1 more a Bernoulli.
        starts: (n + 1,) out: where the pairs of each Bernoulli start.
        edges, weights, shares: out: plot of each pair, its weight (existence x detection x likelihood over no detection
            x the plot's other explanations), share of each mode.
        seen: (n,) out: probability that the object, if there, was reported in this look at all; 0: no look was due.
        silent: (n, modes) out: mode probabilities should it not have been reported.

    Returns:
        number of pairs now.
    """
    apart()
    h, scratch = np.empty(6), np.empty((modes, c.ROW))
    per_cell = 1.0 / frame[2] if nx > 0 else 0.0
    near = np.empty(kinds.shape[0] + 1, np.int64)
    slack = 1.5 * GATE if bounds[3] == 0.0 else 1e30  # of the gate along the map, which holds for no moved plot
    reach, turn, swing, late = bounds[0], bounds[1], bounds[2], bounds[3]
    lines = bearings.shape[0] + distances.shape[0] > 0
    for i in range(low, high):
        starts[i] = count
        row = i * modes
        wide = row + modes - 1  # the mode with most noise, and so the widest gate
        once = whole[i, c.UPDATES] == 1
        wx, wy = state[wide, 0], state[wide, 1]
        x, y, z, vx, vy, vz = wx, wy, state[wide, 2], state[wide, 3], state[wide, 4], state[wide, 5]
        sx, sy, sz = state[wide, c.A0], state[wide, c.A0 + 3], state[wide, c.A0 + 5]
        sv = max(state[wide, c.C0], state[wide, c.C0 + 3])
        if not once:
            x, y, z, vx, vy, vz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for m in range(modes):
                w = real[i, c.MODE0 + m]
                x += w * state[row + m, 0]
                y += w * state[row + m, 1]
                z += w * state[row + m, 2]
                vx += w * state[row + m, 3]
                vy += w * state[row + m, 4]
                vz += w * state[row + m, 5]
            sx, sy, sz, sv = 0.0, 0.0, 0.0, 0.0
            for m in range(modes):
                sx = max(sx, state[row + m, c.A0] + (state[row + m, 0] - x) ** 2)
                sy = max(sy, state[row + m, c.A0 + 3] + (state[row + m, 1] - y) ** 2)
                sz = max(sz, state[row + m, c.A0 + 5] + (state[row + m, 2] - z) ** 2)
                sv = max(sv, state[row + m, c.C0], state[row + m, c.C0 + 3])
        axx, axy, ayy = state[wide, c.A0], state[wide, c.A0 + 1], state[wide, c.A0 + 3]
        if late > 0.0:
            sx += late * late * sv
            sy += late * late * sv
        pd = coverage(x, y, z, place, sensor, sight)
        elapsed = (end_ns - looks[i, s]) / period_ns
        due = elapsed >= 1.0 - MARGIN
        for m in range(modes):
            silent[i, m] = real[i, c.MODE0 + m]
        if sensor[c.SENSOR_BLIND] > 0.0 and pd > 0.0:
            total = 0.0
            for m in range(modes):
                reported = pd * (1.0 - blindness(state, row + m, place, sensor[c.SENSOR_BLIND]))
                total += real[i, c.MODE0 + m] * reported
                if due:
                    silent[i, m] *= 1.0 - reported
            if due:
                for m in range(modes):
                    silent[i, m] /= 1.0 - total
            pd = total
        seen[i] = pd if due else 0.0
        existence = real[i, c.EXISTENCE]
        hit = max(pd, 0.1)
        if elapsed < 0.5:
            hit *= EARLY
        prior = existence * hit / (1.0 - existence * seen[i])
        name = looks[i, 2 * sensors + s]
        found = 0
        if nx > 0:
            d2 = (x - place[0]) ** 2 + (y - place[1]) ** 2
            bound = reach + turn * d2
            wide_x = SIGMAS * math.sqrt(sx + bound) + swing + late * abs(vx)
            wide_y = SIGMAS * math.sqrt(sy + bound) + swing + late * abs(vy)
            x0 = max(math.floor((x - wide_x - frame[0]) * per_cell), 0)
            x1 = min(math.floor((x + wide_x - frame[0]) * per_cell), nx - 1)
            y0 = max(math.floor((y - wide_y - frame[1]) * per_cell), 0)
            y1 = min(math.floor((y + wide_y - frame[1]) * per_cell), ny - 1)
            if x0 > x1:
                y1 = y0 - 1
            for cy in range(y0, y1 + 1):
                for j in range(cells[cy * nx + x0], cells[cy * nx + x1 + 1]):
                    dt, px, py = spots[j, 0], spots[j, 1], spots[j, 2]
                    dx, dy, dz = px - x - dt * vx, py - y - dt * vy, spots[j, 3] - z - dt * vz
                    ex, ey = px - wx - dt * vx, py - wy - dt * vy
                    xx, xy, yy = axx + spots[j, 4], axy + spots[j, 5], ayy + spots[j, 6]
                    near[found] = j  # no branches: which plots are near is not to be foretold
                    found += (
                        (dx * dx <= GATE * (sx + spots[j, 4]))
                        & (dy * dy <= GATE * (sy + spots[j, 6]))
                        & (dz * dz <= GATE * (sz + spots[j, 7]))
                        & (ex * ex * yy - 2.0 * ex * ey * xy + ey * ey * xx <= slack * (xx * yy - xy * xy))
                    )
        if lines:
            east, north, up = local(state, row, place)
            g2 = max(east * east + north * north, 1.0)
            half = math.sqrt(GATE * (turn + 2.0 * max(sx, sy) / g2))
            start = math.atan2(east, north) - half
            start -= TURN * math.floor(start / TURN)
            begin = first_from(azimuths, start)
            across = north * north * axx - 2.0 * east * north * axy + east * east * ayy  # over g2 squared, a variance
            heard = across < FORETOLD * g2 * g2 and g2 < (BEYOND * sensor[c.SENSOR_RANGE_MAX]) ** 2
            for k in range(bearings.shape[0] if heard else 0):
                at = (begin + k) % bearings.shape[0]
                past = azimuths[at] - start
                if past < 0.0:
                    past += TURN
                if past > 2.0 * half and half < 0.5 * TURN:
                    break
                near[found] = bearings[at]
                found += 1
            half = math.sqrt(GATE * (reach + 2.0 * max(sx, sy, sz)))
            start = math.sqrt(g2 + up * up) - half
            for k in range(first_from(ranges, start), distances.shape[0]):
                if ranges[k] > start + 2.0 * half:
                    break
                near[found] = distances[k]
                found += 1
        for k in range(found):
            j = near[k]
            likelihood = weigh_pair(
                state, real, row, modes, i, once, kinds[j], plots, j, place, shares, count, scratch, h
            )
            if likelihood < 0.0:
                continue
            weight = prior * likelihood / (plots[j, c.CLUTTER] + plots[j, c.UNDETECTED])
            if name >= 0 and names[j] >= 0:
                weight *= SAME_NAME if name == names[j] else OTHER_NAME
            at = count
            if count - starts[i] >= MOST:
                at = starts[i]
                for e in range(starts[i] + 1, count):
                    if weights[e] < weights[at]:
                        at = e
                if weight <= weights[at]:
                    continue
                for m in range(modes):
                    shares[at, m] = shares[count, m]
            else:
                count += 1
            edges[at] = j
            weights[at] = min(weight, 1e12)
    starts[high] = count
    return count
