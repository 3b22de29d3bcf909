"""Close Bernoullis regrouped: which hypotheses make up which Bernoulli is chosen so that merging loses least.

After a look every Bernoulli is a mixture: it had this plot, that one, or none. Merging each mixture by itself is right
for objects far apart. Of two that stand close, both mixtures hold "this plot" and "that plot", merge into the same
broad Gaussian, and both tracks end between the objects (coalescence). But which Bernoulli is which object matters less
than where objects are: the hypotheses may be dealt out anew, as long as every Bernoulli holds one object's worth and
every hypothesis is dealt out whole. Williams (2015, arXiv 1403.5022) deals them so that the merged Bernoullis come as
near as possible to the mixture of all (Kullback-Leibler), by turns: merge, then solve a problem of transport whose
costs are the cross entropies of hypotheses and merged Bernoullis. The plan of transport is blurred a little (Cuturi
2013, arXiv 1306.0895), which makes it a matter of scaling rows and columns by turns; see ADR 0130.
"""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel
from luchtwacht.kernels.measurement import condition
from luchtwacht.kernels.mixture import LEAST, MOST
from luchtwacht.kernels.motion import merge

CLAIMS = 0.01
"""association probability from which a Bernoulli lays claim to a plot"""
NEAR = 4.0
"""squared statistical distance along the map within which Bernoullis that claim one plot may exchange hypotheses"""
FAINT = 1e-4
"""hypotheses less likely than this are left out"""
DEALT = 1e-3
"""and those less likely than this stay where they are"""
BLUR = 0.5
"""nats by which costs may differ and hypotheses still be shared out between two Bernoullis"""
MARGIN = 4.0
"""nats by which every hypothesis must be better where it is for a group to be left alone"""
ROUNDS = 3
"""of merging and dealing"""
SCALINGS, BALANCED = 60, 1e-3
"""most scalings of a plan, and the relative error of what a Bernoulli holds at which it is good enough"""


@kernel
def likeliest(real: Array, i: int, modes: int) -> int:
    """The likeliest mode of Bernoulli `i`."""
    best = 0
    for m in range(1, modes):
        if real[i, c.MODE0 + m] > real[i, c.MODE0 + best]:
            best = m
    return best


@inlined
def close(state: Array, real: Array, one: int, two: int, modes: int) -> bool:
    """Whether the likeliest modes of two Bernoullis are within NEAR of one another on the map."""
    a, b = one * modes + likeliest(real, one, modes), two * modes + likeliest(real, two, modes)
    dx, dy = state[a, 0] - state[b, 0], state[a, 1] - state[b, 1]
    xx, xy, yy = (
        state[a, c.A0] + state[b, c.A0],
        state[a, c.A0 + 1] + state[b, c.A0 + 1],
        state[a, c.A0 + 3] + state[b, c.A0 + 3],
    )
    return bool(dx * dx * yy - 2.0 * dx * dy * xy + dy * dy * xx < NEAR * (xx * yy - xy * xy))


@inlined
def root(parent: Array, i: int) -> int:
    """The one that stands for the set of `i`."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def rivals(
    state: Array, real: Array, modes: int, starts: Array, edges: Array, paired: Array, n: int, m: int
) -> tuple[Array, Array, Array, Array]:
    """Close Bernoullis that claim one plot, and the groups that they form.

    Returns:
        the members of all groups, where each group starts in them (one more than groups), where the rivals of each
        member start (one more than members), and the rivals by their place in the group, each member its own first.
    """
    apart()
    held = np.zeros(m + 1, np.int64)
    for e in range(starts[n]):
        if paired[e] >= CLAIMS:
            held[edges[e] + 1] += 1
    pairs = 0
    for j in range(m):
        pairs += held[j + 1] * (held[j + 1] - 1) // 2
        held[j + 1] += held[j]
    none = np.empty(0, np.int64)
    if pairs == 0:
        return none, np.zeros(1, np.int64), np.zeros(1, np.int64), none
    claimants, fill = np.empty(held[m], np.int64), held[:-1].copy()
    for i in range(n):
        for e in range(starts[i], starts[i + 1]):
            if paired[e] >= CLAIMS:
                claimants[fill[edges[e]]] = i
                fill[edges[e]] += 1
    one, two, found = np.empty(pairs, np.int64), np.empty(pairs, np.int64), 0
    for j in range(m):
        for a in range(held[j], held[j + 1]):
            for b in range(a + 1, held[j + 1]):
                i, k = claimants[a], claimants[b]
                if close(state, real, i, k, modes):
                    one[found], two[found] = i, k
                    found += 1
    if found == 0:
        return none, np.zeros(1, np.int64), np.zeros(1, np.int64), none
    parent, many = np.arange(n), np.zeros(n, np.int64)
    for pair in range(found):
        i, k = one[pair], two[pair]
        many[i] += 1
        many[k] += 1
        low, high = root(parent, i), root(parent, k)
        parent[max(low, high)] = min(low, high)
    group, groups, total = np.full(n, -1, np.int64), 0, 0
    for i in range(n):
        if many[i] == 0:
            continue
        head = root(parent, i)  # the least of its group, so met first
        if group[head] < 0:
            group[head] = groups
            groups += 1
        group[i] = group[head]
        total += 1
    borders = np.zeros(groups + 1, np.int64)
    for i in range(n):
        if group[i] >= 0:
            borders[group[i] + 1] += 1
    for k in range(groups):
        borders[k + 1] += borders[k]
    members, place, filled = np.empty(total, np.int64), np.empty(n, np.int64), borders[:-1].copy()
    begin, end = np.zeros(total + 1, np.int64), np.empty(total, np.int64)
    for i in range(n):
        if group[i] >= 0:
            place[i] = filled[group[i]]
            members[place[i]] = i
            begin[place[i] + 1] = 1 + many[i]
            filled[group[i]] += 1
    for t in range(total):
        begin[t + 1] += begin[t]
    near = np.empty(begin[total], np.int64)
    for t in range(total):
        near[begin[t]] = t - borders[group[members[t]]]
        end[t] = begin[t] + 1
    for pair in range(found):
        meet(near, begin, end, place[one[pair]], place[two[pair]] - borders[group[two[pair]]])
        meet(near, begin, end, place[two[pair]], place[one[pair]] - borders[group[one[pair]]])
    at = 0
    for t in range(total):  # close the gaps that rivals for several plots have left
        first = begin[t]
        begin[t] = at
        for k in range(first, end[t]):
            near[at] = near[k]
            at += 1
    begin[total] = at
    return members, borders, begin, near[:at]


@inlined
def meet(near: Array, begin: Array, end: Array, t: int, other: int) -> None:
    """Let `other` be among the rivals of member `t`, once."""
    for k in range(begin[t], end[t]):
        if near[k] == other:
            return
    near[end[t]] = other
    end[t] += 1


@kernel
def invert(rows: Array, o: int, out: Array, scratch: Array) -> float:
    """The inverse of the covariance in row `o` of `rows` into row `o` of `out`, and the logarithm of its determinant.

    What stands off the diagonal is doubled, so that a product of two such rows, number by number, adds up to a trace.

    Args:
        scratch: (2, 6, 6).
    """
    apart()
    L, M = scratch[0], scratch[1]
    at = 0
    for a in range(3):
        for b in range(a, 3):
            L[b, a], L[3 + b, 3 + a] = rows[o, c.A0 + at], rows[o, c.C0 + at]
            at += 1
        for b in range(3):
            L[3 + b, a] = rows[o, c.B0 + 3 * a + b]
    logdet = 0.0
    for a in range(6):  # Cholesky, by rows
        for b in range(a + 1):
            s = L[a, b]
            for k in range(b):
                s -= L[a, k] * L[b, k]
            if a == b:
                s = max(s, 1e-9)
                logdet += math.log(s)
                L[a, a] = math.sqrt(s)
            else:
                L[a, b] = s / L[b, b]
    for a in range(6):  # the inverse of the triangle
        M[a, a] = 1.0 / L[a, a]
        for b in range(a):
            s = 0.0
            for k in range(b, a):
                s -= L[a, k] * M[k, b]
            M[a, b] = s / L[a, a]
    at = 0
    for a in range(3):
        for b in range(a, 3):
            twice = 1.0 if a == b else 2.0
            p, v = 0.0, 0.0
            for k in range(b, 6):
                p += M[k, a] * M[k, b]
            for k in range(3 + b, 6):
                v += M[k, 3 + a] * M[k, 3 + b]
            out[o, c.A0 + at], out[o, c.C0 + at] = twice * p, twice * v
            at += 1
        for b in range(3):
            s = 0.0
            for k in range(3 + b, 6):
                s += M[k, a] * M[k, 3 + b]
            out[o, c.B0 + 3 * a + b] = 2.0 * s
    return logdet


@inlined
def misfit(rows: Array, h: int, centres: Array, inverses: Array, k: int) -> float:
    """Mean squared statistical distance from centre `k` of what row `h` describes."""
    dx, dy, dz = rows[h, 0] - centres[k, 0], rows[h, 1] - centres[k, 1], rows[h, 2] - centres[k, 2]
    du, dv, dw = rows[h, 3] - centres[k, 3], rows[h, 4] - centres[k, 4], rows[h, 5] - centres[k, 5]
    s = inverses[k, 6] * (rows[h, 6] + dx * dx)
    s += inverses[k, 7] * (rows[h, 7] + dx * dy)
    s += inverses[k, 8] * (rows[h, 8] + dx * dz)
    s += inverses[k, 9] * (rows[h, 9] + dy * dy)
    s += inverses[k, 10] * (rows[h, 10] + dy * dz)
    s += inverses[k, 11] * (rows[h, 11] + dz * dz)
    s += inverses[k, 12] * (rows[h, 12] + dx * du)
    s += inverses[k, 13] * (rows[h, 13] + dx * dv)
    s += inverses[k, 14] * (rows[h, 14] + dx * dw)
    s += inverses[k, 15] * (rows[h, 15] + dy * du)
    s += inverses[k, 16] * (rows[h, 16] + dy * dv)
    s += inverses[k, 17] * (rows[h, 17] + dy * dw)
    s += inverses[k, 18] * (rows[h, 18] + dz * du)
    s += inverses[k, 19] * (rows[h, 19] + dz * dv)
    s += inverses[k, 20] * (rows[h, 20] + dz * dw)
    s += inverses[k, 21] * (rows[h, 21] + du * du)
    s += inverses[k, 22] * (rows[h, 22] + du * dv)
    s += inverses[k, 23] * (rows[h, 23] + du * dw)
    s += inverses[k, 24] * (rows[h, 24] + dv * dv)
    s += inverses[k, 25] * (rows[h, 25] + dv * dw)
    s += inverses[k, 26] * (rows[h, 26] + dw * dw)
    return float(s)


@kernel
def centre(
    rows: Array, there: Array, of: Array, begin: Array, near: Array, first: Array, plan: Array, count: int, size: int,
    centres: Array, sums: Array,
) -> None:  # fmt: skip
    """What each Bernoulli of a group merges to, all modes together, under a plan.

    Args:
        rows (count, ROW), there (count,): hypotheses, and existence under each.  of: (count,) whose each is.
        begin, near: rivals of each member.  first, plan: (count,), flat: where the shares of a hypothesis begin, and
            how much of it each rival of its Bernoulli gets.
        centres: (size, ROW) out.  sums: (size, 2) out: probability of all it holds, and of it being there.
    """
    apart()
    for k in range(size):
        sums[k, 0] = sums[k, 1] = 0.0
        for z in range(c.ROW):
            centres[k, z] = 0.0
    for h in range(count):
        for q in range(begin[of[h]], begin[of[h] + 1]):
            share, k = plan[first[h] + q - begin[of[h]]], near[q]
            if share == 0.0:
                continue
            w = share * there[h]
            sums[k, 0] += share
            sums[k, 1] += w
            for z in range(c.ROW):
                centres[k, z] += w * rows[h, z]
    for k in range(size):
        for z in range(c.ROW):
            centres[k, z] /= sums[k, 1]
    for h in range(count):
        for q in range(begin[of[h]], begin[of[h] + 1]):
            share, k = plan[first[h] + q - begin[of[h]]], near[q]
            w = share * there[h] / sums[k, 1]
            if w < FAINT:
                continue
            dx, dy, dz = rows[h, 0] - centres[k, 0], rows[h, 1] - centres[k, 1], rows[h, 2] - centres[k, 2]
            du, dv, dw = rows[h, 3] - centres[k, 3], rows[h, 4] - centres[k, 4], rows[h, 5] - centres[k, 5]
            centres[k, 6] += w * dx * dx
            centres[k, 7] += w * dx * dy
            centres[k, 8] += w * dx * dz
            centres[k, 9] += w * dy * dy
            centres[k, 10] += w * dy * dz
            centres[k, 11] += w * dz * dz
            centres[k, 12] += w * dx * du
            centres[k, 13] += w * dx * dv
            centres[k, 14] += w * dx * dw
            centres[k, 15] += w * dy * du
            centres[k, 16] += w * dy * dv
            centres[k, 17] += w * dy * dw
            centres[k, 18] += w * dz * du
            centres[k, 19] += w * dz * dv
            centres[k, 20] += w * dz * dw
            centres[k, 21] += w * du * du
            centres[k, 22] += w * du * dv
            centres[k, 23] += w * du * dw
            centres[k, 24] += w * dv * dv
            centres[k, 25] += w * dv * dw
            centres[k, 26] += w * dw * dw


@kernel
def deal(
    probability: Array, of: Array, begin: Array, near: Array, first: Array, costs: Array, held: Array, count: int,
    size: int, plan: Array, row: Array, column: Array, sums: Array,
) -> None:  # fmt: skip
    """The blurred plan of transport: every hypothesis dealt out whole, every Bernoulli given what it `held`.

    Args:
        probability: (count,) of the hypotheses.  costs: flat, as `plan` is.  Others as for `centre`.
        plan: out.  row (count,), column (size,), sums (size,): scratch.
    """
    apart()
    for h in range(count):
        low, high = first[h], first[h + 1]
        least = 1e300
        for q in range(low, high):
            least = min(least, costs[q])
        for q in range(low, high):
            stays = probability[h] < DEALT and q > low
            plan[q] = 0.0 if stays else math.exp(max((least - costs[q]) / BLUR, -200.0))
    for k in range(size):
        column[k] = 1.0
    for _ in range(SCALINGS):
        for k in range(size):
            sums[k] = 0.0
        for h in range(count):
            low, at = first[h], begin[of[h]]
            total = 0.0
            for q in range(first[h + 1] - low):
                total += plan[low + q] * column[near[at + q]]
            row[h] = probability[h] / total
            for q in range(first[h + 1] - low):
                sums[near[at + q]] += row[h] * plan[low + q]
        worst = 0.0
        for k in range(size):
            new = held[k] / sums[k]
            worst = max(worst, abs(new - column[k]) / column[k])
            column[k] = new
        if worst < BALANCED:
            break
    for h in range(count):
        low, at = first[h], begin[of[h]]
        total = 0.0
        for q in range(first[h + 1] - low):
            plan[low + q] *= column[near[at + q]]
            total += plan[low + q]
        for q in range(low, first[h + 1]):
            plan[q] *= probability[h] / total


@kernel
def regroup(
    state: Array, real: Array, modes: int, n: int, m: int, kinds: Array, plots: Array, place: Array, starts: Array,
    edges: Array, shares: Array, seen: Array, silent: Array, paired: Array, missed: Array, merged: Array,
) -> None:  # fmt: skip
    """Update close Bernoullis together, in place, with the marginals of one look.

    Args:
        starts to missed: as in `mixture.absorb`; `paired` and `missed` become those of what each Bernoulli holds now.
        merged: (n,) out: whether a Bernoulli was updated here.
    """
    apart()
    for i in range(n):
        merged[i] = False
    members, borders, begin, near = rivals(state, real, modes, starts, edges, paired, n, m)
    groups = borders.shape[0] - 1
    if groups == 0:
        return
    most, room, widest = 0, 0, 0
    for g in range(groups):
        count, wide = 0, 0
        for t in range(borders[g], borders[g + 1]):
            pairs = 1 + starts[members[t] + 1] - starts[members[t]]
            count += pairs
            wide += pairs * (begin[t + 1] - begin[t])
        most, room, widest = max(most, count), max(room, wide), max(widest, borders[g + 1] - borders[g])
    probability, there, row = np.empty(most), np.empty(most), np.empty(most)
    of, pair, first = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most + 1, np.int64)
    portions, rows, each = np.empty((most, modes)), np.empty((most, c.ROW)), np.empty((most * modes, c.ROW))
    parts, weights = np.empty((most, c.ROW)), np.empty(most)
    costs, plan = np.empty(room), np.empty(room)
    centres, inverses = np.empty((widest, c.ROW)), np.empty((widest, c.ROW))
    sums, held, column, scale = np.empty((widest, 2)), np.empty(widest), np.empty(widest), np.empty(widest)
    scratch, h6 = np.empty((2, 6, 6)), np.empty(6)
    for g in range(groups):
        low, size = borders[g], borders[g + 1] - borders[g]
        ours = begin[low : borders[g + 1] + 1]
        count, flat = 0, 0
        for t in range(size):
            i = members[low + t]
            existence = real[i, c.EXISTENCE]
            held[t] = 0.0
            for e in range(starts[i] - 1, starts[i + 1]):  # the first stands for "no plot"
                none = e < starts[i]
                likely = missed[i] if none else paired[e]
                if likely < FAINT:
                    continue
                probability[count], of[count], pair[count], first[count] = likely, t, -1 if none else edges[e], flat
                there[count] = existence * (1.0 - seen[i]) / (1.0 - existence * seen[i]) if none else 1.0
                held[t] += likely
                for k in range(modes):
                    at = count * modes + k
                    portions[count, k] = silent[i, k] if none else shares[e, k]
                    if none:
                        for z in range(c.ROW):
                            each[at, z] = state[i * modes + k, z]
                    else:
                        condition(state, i * modes + k, each, at, kinds[edges[e]], plots, edges[e], place, h6)
                merge(each[count * modes : (count + 1) * modes], modes, portions[count], rows, count)
                for q in range(ours[t], ours[t + 1]):
                    plan[flat] = likely if q == ours[t] else 0.0
                    flat += 1
                count += 1
        first[count] = flat
        for turn in range(ROUNDS):
            centre(rows, there, of, ours, near, first, plan, count, size, centres, sums)
            for k in range(size):
                scale[k] = invert(centres, k, inverses, scratch)
                sums[k, 0] = min(max(sums[k, 1] / sums[k, 0], 1e-9), 1.0 - 1e-9)  # existence
            worth = False
            for h in range(count):
                for q in range(first[h], first[h + 1]):
                    k = near[ours[of[h]] + q - first[h]]
                    costs[q] = there[h] * (
                        0.5 * (misfit(rows, h, centres, inverses, k) + scale[k]) - math.log(sums[k, 0])
                    ) - (1.0 - there[h]) * math.log(1.0 - sums[k, 0])
                    worth = worth or (probability[h] >= DEALT and costs[q] < costs[first[h]] + MARGIN and q > first[h])
            if turn == 0 and not worth:
                break
            deal(probability, of, ours, near, first, costs, held, count, size, plan, row, column, scale)
        if not worth:
            continue
        for t in range(size):
            merged[members[low + t]] = True
        hold(
            state, real, members[low : borders[g + 1]], modes, starts, edges, paired, missed, there, of, pair, portions,
            each, ours, near, first, plan, count, parts, weights,
        )  # fmt: skip


@kernel
def hold(
    state: Array, real: Array, members: Array, modes: int, starts: Array, edges: Array, paired: Array, missed: Array,
    there: Array, of: Array, pair: Array, portions: Array, each: Array, begin: Array, near: Array, first: Array,
    plan: Array, count: int, parts: Array, weights: Array,
) -> None:  # fmt: skip
    """The `members` of a group become what they hold under the plan; others as in `regroup`."""
    apart()
    size = members.shape[0]
    begins = np.zeros(size + 1, np.int64)
    for h in range(count):
        for q in range(first[h], first[h + 1]):
            if plan[q] > 0.0:
                begins[near[begin[of[h]] + q - first[h]] + 1] += 1
    for t in range(size):
        begins[t + 1] += begins[t]
    what, much, fill = np.empty(begins[size], np.int64), np.empty(begins[size]), begins[:-1].copy()
    for h in range(count):
        for q in range(first[h], first[h + 1]):
            if plan[q] > 0.0:
                t = near[begin[of[h]] + q - first[h]]
                what[fill[t]], much[fill[t]] = h, plan[q]
                fill[t] += 1
    for t in range(size):
        i = members[t]
        low, high = begins[t], begins[t + 1]
        for e in range(starts[i], starts[i + 1]):
            paired[e] = 0.0
        missed[i], being = 0.0, 0.0
        for s in range(low, high):
            h = what[s]
            being += much[s] * there[h]
            if pair[h] < 0:
                missed[i] += much[s]
                continue
            for e in range(starts[i], starts[i + 1]):
                if edges[e] == pair[h]:
                    paired[e] += much[s]
        missed[i] = min(missed[i], 1.0)
        real[i, c.EXISTENCE] = min(max(being, LEAST), MOST)
        total = 0.0
        for m in range(modes):
            share, found, kept = 0.0, 0, 0.0
            for s in range(low, high):
                h = what[s]
                w = much[s] * there[h] * portions[h, m] / being
                share += w
                if w >= FAINT:
                    for z in range(c.ROW):
                        parts[found, z] = each[h * modes + m, z]
                    weights[found] = w
                    kept += w
                    found += 1
            if found > 0:
                for s in range(found):
                    weights[s] /= kept
                merge(parts, found, weights, state, i * modes + m)
            real[i, c.MODE0 + m] = max(share, 1e-6)
            total += real[i, c.MODE0 + m]
        for m in range(modes):
            real[i, c.MODE0 + m] /= total
