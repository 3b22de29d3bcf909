"""One object that has become two tracks, because two sensors no longer agree where it is.

When a sensor is knocked by more than its noise, its reports leave the tracks that they were of and make tracks of their
own beside them: the same course, some way off. What is to be learnt from that is lost as long as they are taken for
two objects: neither sensor seems to see what the other sees, and nothing can be held against anything.

Two tracks are twins when all this holds:

- the one is reported by sensors that do not report the other, and the other way round, for so long that two objects,
  each seen with the declared probabilities by both, would not look so once in `CHANCE`;
- they fly alike, and are no further apart than the mountings allow that differ;
- each is the other's nearest such;
- their sensors have at least `FEWEST` such pairs, and no fewer than there are tracks that both of them report: one
  sensor that is off parts everything that it sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.ingest.mounting import AZIMUTH, Mounting, congruent
from luchtwacht.model import Bools, Category, Floats, Ints, Sensor, SensorKind, Tracks, TrackStatus
from luchtwacht.units import SECOND_NS

RADARS = (SensorKind.RADAR_3D, SensorKind.RADAR_2D)
LATELY = 3.5
"""periods within which a sensor must have reported a track to be one of those that do"""
CHANCE = 1e-7
LEAST_LOOKS = 3.0
"""for so many, whatever was declared"""
FEWEST = 2
APART = 3.0
"""standard deviations of two mountings, and of two tracks, by which twins may be apart"""
ALIKE_M_S = 2.0
"""m/s of each axis by which their speeds may differ beside what is not known of them"""
BIRD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinsState:
    """What is known of the tracks of the latest step."""

    time_ns: int | None
    track: Ints
    reported_ns: Ints
    """(tracks, sensors) ns UTC, 0 for never"""
    looks: dict[tuple[int, int], float]


class Twins:
    """Finds twins, step by step."""

    def __init__(self, sensors: tuple[Sensor, ...], mountings: tuple[Mounting, ...]) -> None:
        self._mountings = mountings
        self._radars = [k for k, sensor in enumerate(sensors) if sensor.kind in RADARS]
        self._period_ns = np.array([sensor.period_s * SECOND_NS for sensor in sensors])
        missing = [1.0 - min(max(sensor.probability_of_detection, 0.05), 0.99) for sensor in sensors]
        self._missing = np.log(missing)
        """of a look at what is there"""
        self._sigma = np.array([mounting.sigma[:3] for mounting in mountings]).reshape(-1, 3)
        self._time_ns: int | None = None
        self._track: Ints = np.zeros(0, np.int64)
        self._reported_ns: Ints = np.zeros((0, len(sensors)), np.int64)
        self._looks: dict[tuple[int, int], float] = {}

    def state(self) -> TwinsState:
        """What is known."""
        return TwinsState(
            time_ns=self._time_ns,
            track=self._track.copy(),
            reported_ns=self._reported_ns.copy(),
            looks=dict(self._looks),
        )

    def step(self, time_ns: int, tracks: Tracks, track: Ints, sensor: Ints, when_ns: Ints) -> dict[int, int]:
        """Tracks that are another one's twin, each with that one, which is the older.

        Args:
            tracks: of this step.
            track, sensor, when_ns: (n,) numbers of tracks that were surely reported, by whom and when.
        """
        if len(self._radars) < 2:
            return {}
        elapsed_s = 0.0 if self._time_ns is None else (time_ns - self._time_ns) / SECOND_NS
        self._time_ns = time_ns
        tracks = tracks.take(np.flatnonzero(tracks.status != TrackStatus.TERMINATED))
        self._report(tracks.track, track, sensor, when_ns)
        lately = self._reported_ns > time_ns - LATELY * self._period_ns
        looks: dict[tuple[int, int], float] = {}
        one: dict[int, int] = {}
        for n, i in enumerate(self._radars):
            for j in self._radars[n + 1 :]:
                pairs = self._pairs(tracks, lately, i, j)
                period_s = float(max(self._period_ns[i], self._period_ns[j])) / SECOND_NS
                looks |= {pair: self._looks.get(pair, 0.0) + elapsed_s / period_s for pair in pairs}
                least = max(np.log(CHANCE) / (self._missing[i] + self._missing[j]), LEAST_LOOKS)
                sure = [pair for pair in pairs if looks[pair] >= least]
                if len(sure) >= max(FEWEST, int((lately[:, i] & lately[:, j]).sum())):
                    one |= {max(pair): min(pair) for pair in sure if min(pair) not in one}
        self._looks = looks
        return one

    def restore(self, state: TwinsState) -> None:
        """Go on from what `state` gave."""
        self._time_ns, self._track = state.time_ns, state.track.copy()
        self._reported_ns, self._looks = state.reported_ns.copy(), dict(state.looks)

    def _report(self, living: Ints, track: Ints, sensor: Ints, when_ns: Ints) -> None:
        """Note who reported which of the tracks that live."""
        reported_ns = np.zeros((len(living), self._reported_ns.shape[1]), np.int64)
        if len(self._track) and len(living):
            before = np.minimum(np.searchsorted(self._track, living), len(self._track) - 1)
            known = self._track[before] == living
            reported_ns[known] = self._reported_ns[before[known]]
        if len(living) and len(track):
            row = np.minimum(np.searchsorted(living, track), len(living) - 1)
            there = living[row] == track
            np.maximum.at(reported_ns, (row[there], sensor[there]), when_ns[there])
        self._track, self._reported_ns = living.copy(), reported_ns

    def _pairs(self, tracks: Tracks, lately: Bools, i: int, j: int) -> list[tuple[int, int]]:
        """Tracks of one radar and of another that may be one, each the nearest of the other, by number."""
        able = (tracks.status == TrackStatus.CONFIRMED) & (tracks.category_probability[:, Category.BIRD] < BIRD)
        one = np.flatnonzero(able & lately[:, i] & ~lately[:, j])
        other = np.flatnonzero(able & lately[:, j] & ~lately[:, i])
        a, b = _near(tracks.x[one, :2], tracks.x[other, :2], self._reach(tracks, i, j))
        a, b = one[a], other[b]
        apart_m = np.linalg.norm(tracks.x[a, :3] - tracks.x[b, :3], axis=1)
        good = ~(lately[a] & lately[b]).any(axis=1) & _alike(tracks, a, b)
        good &= self._explained(tracks, a, b, i) | self._explained(tracks, a, b, j)
        a, b, apart_m = a[good], b[good], apart_m[good]
        order = np.lexsort((tracks.track[b], tracks.track[a], apart_m))
        first: dict[int, int] = {}
        for k in order.tolist():
            first.setdefault(int(a[k]), k)
            first.setdefault(-1 - int(b[k]), k)
        return [
            (int(tracks.track[a[k]]), int(tracks.track[b[k]]))
            for k in order.tolist()
            if first[int(a[k])] == k == first[-1 - int(b[k])]
        ]

    def _reach(self, tracks: Tracks, i: int, j: int) -> float:
        """m, further apart than this on the map are no two tracks that one of these radars parts."""
        away = [0.0]
        for radar in (i, j):
            far = np.linalg.norm(tracks.x[:, :2] - self._mountings[radar].place[:2], axis=1)
            away.append(float(self._sigma[radar, 0] + self._sigma[radar, AZIMUTH] * far.max(initial=0.0)))
        return APART * max(away)

    def _explained(self, tracks: Tracks, a: Ints, b: Ints, radar: int) -> Bools:
        """(n,) whether two tracks are no further apart than a radar may be off."""
        mounting, sigma = self._mountings[radar], self._sigma[radar]
        points = tracks.x[b, :3]
        off = mounting.coordinates(tracks.x[a, :3]) - mounting.coordinates(points)
        off[:, AZIMUTH] = np.mod(off[:, AZIMUTH] + np.pi, 2.0 * np.pi) - np.pi
        spread = congruent(mounting.slopes(points), tracks.P[a, :3, :3] + tracks.P[b, :3, :3])
        allowed = APART * np.sqrt(sigma**2 + np.diagonal(spread, axis1=1, axis2=2))
        return np.asarray(np.all(np.abs(off) <= allowed, axis=1))


def _alike(tracks: Tracks, a: Ints, b: Ints) -> Bools:
    """(n,) whether two tracks fly alike."""
    spread = np.diagonal(tracks.P[a, 3:, 3:] + tracks.P[b, 3:, 3:], axis1=1, axis2=2)
    allowed = ALIKE_M_S + APART * np.sqrt(spread)
    return np.asarray(np.all(np.abs(tracks.x[a, 3:] - tracks.x[b, 3:]) <= allowed, axis=1))


def _near(one: Floats, other: Floats, reach_m: float) -> tuple[Ints, Ints]:
    """Rows of two sets of places on the map, (n, 2) and (m, 2), that are in the same or in neighbouring squares of
    `reach_m`."""
    if not len(one) or not len(other):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    square = np.floor(np.concatenate([one, other]) / reach_m).astype(np.int64)
    square -= square.min(axis=0) - 1
    width = int(square[:, 1].max()) + 2
    key = square[:, 0] * width + square[:, 1]
    mine, order = key[: len(one)], np.argsort(key[len(one) :], kind="stable")
    theirs = key[len(one) :][order]
    rows: list[Ints] = []
    found: list[Ints] = []
    for step in (-width, 0, width):  # three squares in a column are next to each other
        begin, end = np.searchsorted(theirs, mine + step - 1), np.searchsorted(theirs, mine + step + 1, side="right")
        count = end - begin
        rows.append(np.repeat(np.arange(len(one)), count))
        inside = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        found.append(order[np.repeat(begin, count) + inside])
    return np.concatenate(rows), np.concatenate(found)
