"""What the sensors' own opinions say of a track, when a sensor repeats itself.

A sensor that took a bird for a drone a moment ago does so again: its opinions on one object are no independent draws.
They are taken for a chain (DAR(1): Jacobs and Lewis, J. R. Statist. Soc. B 40 (1978) 94-105): after dt seconds what it
said before still stands with probability rho = exp(-dt / memory), and otherwise it judges anew. So

    p(says o | said o before, category)   = rho + (1 - rho) p(o | category)
    p(says o | said another, category)    =       (1 - rho) p(o | category)

and an opinion that changes counts in full, one that is repeated the less the longer the sensor's memory is. The memory
is declared, or learnt: every pair of successive opinions on one track has a likelihood under each of `MEMORIES_S`.

Ratios, of which the largest is 1, do not say how often a fresh judgement is the same again, and are guesses as a rule.
Of a sensor whose memory is not declared each counts to the power `GUESS`, and nothing is learnt from it.

What a sensor said last of a Bernoulli and when stands in 31 bits of `looks`: time in steps of `TICK_S` above, and below
five bits, one for each category that the opinion is for.
"""

from __future__ import annotations

import math

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array, apart, inlined, kernel

TICK_BITS = 26
"""a step of the time in which what was said is kept: 2^26 ns"""
TICK_S = 2**TICK_BITS * 1e-9
SAID_BITS, LABEL_BITS = 31, 5
TICKS = 2 ** (SAID_BITS - LABEL_BITS)
"""steps after which that time begins anew: 52 days"""
HALF = 0.5
"""an opinion is for those categories that are at least so likely as the likeliest"""
CERTAIN = 0.999
"""a likelihood from which an opinion is taken to hold ratios and no probabilities of saying so"""
GUESS = 0.3
"""power to which likelihoods are raised that are no more than ratios, of a sensor whose memory nobody knows"""
MEMORIES_S = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0)
MEMORY_PRIOR = (0.30, 0.15, 0.15, 0.20, 0.10, 0.10)
"""what a sensor's memory may be, and how likely that is before anything was learnt: half of what it says after a second
is repetition"""
FORGET_S = 600.0
"""memory of what was learnt of a sensor's memory"""
NEGLIGIBLE = 1e-4
"""a memory so much less likely than the likeliest is left out"""
PAIRS = 64
"""successive opinions of which a look learns at most: it knows soon enough"""
LEARNS_FROM = 0.9
"""existence probability from which a track's opinions are learnt from"""
MOST_SAID = 24.0
"""natural logarithm of the longest odds that opinions may add up to, so that they can be outweighed again"""


@kernel
def weigh(
    real: Array, looks: Array, s: int, sensors: int, starts: Array, edges: Array, paired: Array, low: int, high: int,
    opinions: Array, origin: Array, times: Array, used: float, floor: float, stands: Array, declared: bool,
    pairs: Array,
) -> None:  # fmt: skip
    """Let the opinions of sensor `s` in one look count for Bernoullis `low` to `high` - 1 its plots were used for.

    Args:
        opinions: (rows, categories) as in `model.Detections`.  origin, times: (m,) the row of each plot, and ns.
        used: association probability from which a detection's opinion counts.
        floor: share of every category in any opinion.
        stands, declared, pairs: as `believe` takes them.
    """
    apart()
    for i in range(low, high):
        for e in range(starts[i], starts[i + 1]):
            if paired[e] > used:
                j = edges[e]
                believe(real, looks, i, s, sensors, opinions, origin[j], times[j], floor, stands, declared, pairs)


@kernel
def trust(learnt: Array, memory_s: float, elapsed_s: float, stands: Array) -> None:
    """How a sensor's memory is judged at the begin of a look.

    Args:
        learnt: the sensor's running sums, of which MEMORY0 and what follows are logarithms of likelihoods; they fade.
        memory_s: as declared; NaN: learnt.  elapsed_s: since the look before.
        stands: (2, MEMORIES) to fill: memories (s), and how probable each is.
    """
    apart()
    count = c.MEMORIES
    if memory_s >= 0.0:
        for k in range(count):
            stands[0, k], stands[1, k] = memory_s, 1.0 if k == 0 else 0.0
        return
    keep = math.exp(-max(elapsed_s, 0.0) / FORGET_S)
    top = -1e30
    for k in range(count):
        learnt[c.MEMORY0 + k] *= keep
        stands[0, k] = MEMORIES_S[k]
        stands[1, k] = learnt[c.MEMORY0 + k] + math.log(MEMORY_PRIOR[k])
        top = max(top, stands[1, k])
    total = 0.0
    for k in range(count):
        stands[1, k] = math.exp(stands[1, k] - top)
        if stands[1, k] < NEGLIGIBLE:
            stands[1, k] = 0.0
        total += stands[1, k]
    for k in range(count):
        stands[1, k] /= total


@kernel
def learn_memory(learnt: Array, pairs: Array) -> None:
    """Add up what a look told of its sensor's memory.

    Args:
        pairs: (MEMORIES + 1,) products of likelihoods, and how many they are of.
    """
    apart()
    if pairs[c.MEMORIES] > 0.0:
        for k in range(c.MEMORIES):
            learnt[c.MEMORY0 + k] += math.log(max(pairs[k], 1e-300))


@inlined
def repeats(memory_s: float, dt: float) -> float:
    """Probability that what was said `dt` seconds ago still stands."""
    return math.exp(-dt / memory_s) if memory_s > 0.0 else 0.0


@kernel
def believe(
    real: Array, looks: Array, i: int, s: int, sensors: int, opinions: Array, row: int, time_ns: int, floor: float,
    stands: Array, declared: bool, pairs: Array,
) -> None:  # fmt: skip
    """Add one opinion to what is thought of Bernoulli `i`; one that is not whole, or holds nothing, says nothing.

    Args:
        stands: as `trust` fills it.  declared: whether the memory is.
        pairs: as `learn_memory` takes it; this opinion and the one before count in it.
    """
    apart()
    categories = opinions.shape[1]
    most = 0.0
    for q in range(categories):
        if not (opinions[row, q] >= 0.0 and opinions[row, q] < 1e300):
            return
        most = max(most, opinions[row, q])
    if most <= 0.0:
        return
    label, total, against = 0, 0.0, 0.0
    for q in range(categories):
        total += opinions[row, q]
        if opinions[row, q] >= HALF * most:
            label |= 1 << q
        else:
            against += opinions[row, q]
    guess, scale = most >= CERTAIN and not declared, 1.0
    if guess:
        scale = total
    elif most >= CERTAIN:
        scale = most + against
    at, shift = 3 * sensors + s // 2, SAID_BITS * (s % 2)
    said = (looks[i, at] >> shift) & (2**SAID_BITS - 1)
    now = (time_ns >> TICK_BITS) % TICKS
    looks[i, at] = (looks[i, at] & ~((2**SAID_BITS - 1) << shift)) | (((now << LABEL_BITS) | label) << shift)
    same = (said & (2**LABEL_BITS - 1)) == label
    rest, stay, power = 1.0, 0.0, 1.0
    if guess:
        power = GUESS
    elif same or (said != 0 and real[i, c.EXISTENCE] > LEARNS_FROM):
        ticks = (now - (said >> LABEL_BITS)) % TICKS
        dt = ticks * TICK_S if 2 * ticks < TICKS else 0.0
        if same:
            for k in range(c.MEMORIES):
                if stands[1, k] > 0.0:
                    stay += stands[1, k] * repeats(stands[0, k], dt)
            rest = 1.0 - stay
        if ticks != 0 and most < CERTAIN and real[i, c.EXISTENCE] > LEARNS_FROM and pairs[c.MEMORIES] < PAIRS:
            chance = expected(real, i, opinions, row, scale) if same else 1.0
            for k in range(c.MEMORIES):
                old = repeats(MEMORIES_S[k], dt)
                pairs[k] *= (old if same else 0.0) + (1.0 - old) * chance
            pairs[c.MEMORIES] += 1.0
    top = -1e30
    for q in range(categories):
        share = floor + (1.0 - categories * floor) * opinions[row, q] / scale
        real[i, c.CLASS0 + q] += power * math.log(stay + rest * share)
        top = max(top, real[i, c.CLASS0 + q])
    for q in range(categories):
        real[i, c.CLASS0 + q] = max(real[i, c.CLASS0 + q] - top, -MOST_SAID)


@inlined
def expected(real: Array, i: int, opinions: Array, row: int, scale: float) -> float:
    """Probability that a sensor that judges Bernoulli `i` anew says this, whatever it may be."""
    categories = opinions.shape[1]
    top, total, chance = -1e30, 0.0, 0.0
    for q in range(categories):
        top = max(top, real[i, c.CLASS0 + q])
    for q in range(categories):
        weight = math.exp(real[i, c.CLASS0 + q] - top)
        total += weight
        chance += weight * opinions[row, q] / scale
    return chance / total


def columns(sensors: int) -> int:
    """How many columns `looks` has."""
    return 3 * sensors + (sensors + 1) // 2


assert len(MEMORIES_S) == len(MEMORY_PRIOR) == c.MEMORIES
assert np.isclose(sum(MEMORY_PRIOR), 1.0)
