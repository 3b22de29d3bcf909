"""Who no longer measures, or says, what he did: looked for in what was held against something of late.

If a sensor's bias, or the place a party says, changes by δ in one of its coordinates k, the residuals r of all that it
is held against change by g δ, g being their derivatives by it. The efficient score against that (Rao 1948) is

    S = Σ gᵀ V⁻¹ r,    var S = Σ gᵀ V⁻¹ g + cᵀ P c,    c = Σ Gᵀ V⁻¹ g

with P the covariance of the biases and offsets that r was made with, G their derivatives. A clock that leaps shows in
nothing but this: what flies towards a sensor and what flies from it are off against each other.

A change of one shows in everything that the one is held against. So who is far the most surely changed is named, what
he was held against is left out, and the rest is looked at anew. Between two sensors alone, and alike, nobody can say
which; both are named. Between a sensor and a party the sensor is, because a party whose claims leap is not paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from luchtwacht.ingest.linear import information_of, times
from luchtwacht.ingest.mounting import COUNT
from luchtwacht.model import Floats

MEMORY_S = 10.0
"""s, over which a change is looked for"""
CHANGED = 5.5
"""standard deviations that are a change"""
SWING = 3.0
"""and of what a party's place may swing"""
CLIP = 5.0
"""standard deviations of a residual that count, of more"""
ENOUGH = 4.0
"""pairs of late without which nothing is said"""
ALIKE = 0.8
"""share of the surest one's standard deviations from which another is as likely to have changed"""
PLACE = 3
"""coordinates of a party's offset that may leap: its place"""


@dataclass(slots=True)
class Recent:
    """Sums over the latest pairs of two, in both ones' unknowns."""

    N: Floats
    """(k, k) Σ Gᵀ V⁻¹ G"""
    right: Floats
    """(k,) Σ Gᵀ V⁻¹ (r + G x), with x the unknowns that r was made with"""
    pairs: float

    @classmethod
    def none(cls, count: int) -> Recent:
        """Of `count` unknowns."""
        return cls(np.zeros((count, count)), np.zeros(count), 0.0)

    def add(self, G: Floats, V: Floats, x: Floats, normal: Floats, expected: Floats) -> None:
        """Take in pairs.

        Args:
            G: (n, 3, k) derivatives.
            V: (n, 3, 3) noise.
            x: (k,) the unknowns that the residuals were made with.
            normal, expected: (n, 3) residuals over their expected standard deviations, and these; NaN and anything
                where not measured.
        """
        known = np.isfinite(normal)
        r = np.where(known, np.clip(np.nan_to_num(normal), -CLIP, CLIP) * expected, 0.0)
        GW = (G[:, :, :, None] * information_of(V, known)[:, :, None, :]).sum(axis=1)
        N = (GW[:, :, :, None] * G[:, None, :, :]).sum(axis=2).sum(axis=0)
        self.N += N
        self.right += (GW * r[:, None, :]).sum(axis=2).sum(axis=0) + (N * x).sum(axis=1)
        self.pairs += len(normal)

    def score(self, x: Floats) -> Floats:
        """(k,) Σ Gᵀ V⁻¹ r, with the unknowns x."""
        return np.asarray(self.right - (self.N * x).sum(axis=1))

    def fade(self, elapsed_s: float) -> None:
        """Count everything by so much less."""
        share = float(np.exp(-elapsed_s / MEMORY_S))
        self.N *= share
        self.right *= share
        self.pairs *= share


@dataclass(frozen=True, slots=True)
class End:
    """Two that were held against each other."""

    sensor: int
    other: int | str
    """another sensor, or a party"""
    recent: Recent
    """the sensor's unknowns before the other's"""


@dataclass(frozen=True, slots=True)
class Offset:
    """The offset of a party, and how well it is known."""

    mean: Floats
    """(4,)"""
    P: Floats
    """(4, 4) were all biases known"""
    follows: Floats
    """(4, all biases) how much it errs with these"""
    wander: Floats
    """(3,) m, one standard deviation of what its place swings"""


@dataclass(frozen=True, slots=True)
class Known:
    """All biases, as they were known before the latest pairs."""

    theta: Floats
    """(all biases,)"""
    P: Floats
    offsets: dict[str, Offset]
    """by party"""

    def at(self, end: End) -> Floats:
        """(k,) the unknowns of two."""
        own = self.theta[end.sensor * COUNT : (end.sensor + 1) * COUNT]
        if isinstance(end.other, str):
            return np.concatenate([own, self.offsets[end.other].mean])
        return np.concatenate([own, self.theta[end.other * COUNT : (end.other + 1) * COUNT]])

    def forget(self, rows: slice, mean: Floats, sigma: Floats) -> None:
        """Know no more of these biases than this."""
        self.theta[rows] = mean
        self.P[rows, :] = self.P[:, rows] = 0.0
        self.P[rows, rows] = np.diag(sigma**2)
        for offset in self.offsets.values():
            offset.follows[:, rows] = 0.0


def blamed(ends: Sequence[End], known: Known) -> tuple[list[int], list[str]]:
    """Sensors and parties that changed.

    Args:
        ends: everything that was held against something of late.
        known: of every sensor, and of every party that is an end.
    """
    sensors: list[int] = []
    parties: list[str] = []
    left = list(ends)
    while left:
        nodes = sorted({end.sensor for end in left} | {end.other for end in left if isinstance(end.other, int)})
        names = sorted({end.other for end in left if isinstance(end.other, str)})
        both: list[int | str] = [*nodes, *names]
        sure = {node: _sureness(node, left, known) for node in both}
        most = max(sure.values())
        if most <= 1.0:
            break
        alike = [node for node in sure if sure[node] >= max(ALIKE * most, 1.0)]
        alike = [node for node in alike if isinstance(node, int)] or alike
        sensors += [node for node in alike if isinstance(node, int)]
        parties += [node for node in alike if isinstance(node, str)]
        left = [end for end in left if end.sensor not in alike and end.other not in alike]
    return sorted(sensors), sorted(parties)


def _sureness(node: int | str, ends: Sequence[End], known: Known) -> float:
    """How far the recent residuals of one are off in the worst of its coordinates; 1 is more than chance."""
    of = PLACE if isinstance(node, str) else COUNT
    score, noise, pairs = np.zeros(of), np.zeros(of), 0.0
    c = np.zeros((len(known.P), of))
    by_offset: dict[str, Floats] = {}
    for end in ends:
        if node not in (end.sensor, end.other):
            continue
        own = slice(0, of) if node == end.sensor else slice(COUNT, COUNT + of)
        columns = end.recent.N[:, own]
        score += end.recent.score(known.at(end))[own]
        noise += np.diagonal(end.recent.N)[own]
        pairs += end.recent.pairs
        c[end.sensor * COUNT : (end.sensor + 1) * COUNT] += columns[:COUNT]
        if isinstance(end.other, int):
            c[end.other * COUNT : (end.other + 1) * COUNT] += columns[COUNT:]
        else:
            by_offset[end.other] = by_offset.get(end.other, 0.0) + columns[COUNT:]
    swing = np.zeros(of)
    for name, effect in by_offset.items():
        offset = known.offsets[name]
        c += times(offset.follows.T, effect)
        noise += (times(offset.P, effect) * effect).sum(axis=0)
        swing += ((offset.wander[:, None] * effect[:PLACE]) ** 2).sum(axis=0)
    noise += (times(known.P, c) * c).sum(axis=0)
    chance = np.sqrt(CHANGED**2 * noise + SWING**2 * swing)
    there = (chance > 0.0) & (pairs > ENOUGH)
    return float(np.max(np.where(there, np.abs(score) / np.where(there, chance, 1.0), 0.0)))
