"""Measured performance: how well each sensor does what was declared of it, and a notice when it does not.

- **Probability of detection**: an object is witnessed from one report of it to the next, by whichever sensor or by its
  own claims. Over that time a sensor that covers it should have seen it once a period. What nobody witnesses counts for
  nothing, so the end of a flight is no miss; an object that only this sensor sees is still missed between two hits.
  Twins (twins.py) are one object: that two sensors disagree where it is says nothing of how often they see it.
- **False reports**: what belongs to no confirmed track, a period.
- **Noise**: half the square of the difference of two successive innovations, against the track as it stood before the
  step (von Neumann 1941), less the track's own uncertainty, over the declared variance. So what stays is no noise: a
  track that another sensor's bias pulls aside. Of what flies alone and is no bird: in a flock a report may be its
  neighbour's, and birds turn faster than a track expects.
- **Latency** and **period**: from the times of the reports themselves, late ones included.

All memories fade over some tens of seconds, so that a change is named within a minute and the past is not held against
a sensor that was repaired. Objects near the edge of the coverage, near the ground, behind the land, slower than the
blind speed, and birds are left out: what is declared is not declared of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luchtwacht.geodesy import enu_to_polar
from luchtwacht.ingest.heard import Heard, HeardState, believed
from luchtwacht.ingest.mounting import AZIMUTH, Mounting, congruent
from luchtwacht.ingest.strays import Stray, Strays, Turned, free, seen_from
from luchtwacht.ingest.twins import RADARS, Twins, TwinsState
from luchtwacht.model import (
    Associations,
    Basis,
    Category,
    Claims,
    Detections,
    Fault,
    Floats,
    Identities,
    Ints,
    Sensor,
    SensorKind,
    Site,
    Tracks,
    TrackStatus,
)
from luchtwacht.model.sight import Horizon, ground_up, in_sight
from luchtwacht.model.state import copied
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

SECTORS = 24
MEMORY_S = 40.0
"""s, of the probability of detection and of false reports"""
BLIND_LOOKS = 12.0
"""looks into a sector without one hit that make it blind: at a probability of 0.6 they come by chance once in 60,000"""
SETTLED_PERIODS = 8.0
"""periods, fading, before which a sensor is not called weak"""
REPORTS = 40.0
"""reports that the noise is measured over"""
LATE_REPORTS = 15.0
"""reports that the latency is measured over"""
PERIODS = 200.0
GAP_BINS, GAP_STEP = 40, 0.1
"""of gaps between two hits, in declared periods"""
EDGE_M, EDGE_SHARE, EDGE_RAD = 50.0, 0.15, 2.0 * DEGREE
"""how far from the edge of its coverage an object must be; the share is of the greatest range"""
LOW_M = 20.0
BLIND_MARGIN_M_S = 2.0
SURE, LIKELY = 0.9, 0.5
"""association probabilities from which the noise is measured, and from which an object was seen"""
OLD_UPDATES = 8
"""reports after which a track says where the next will be"""
APART = 6.0
"""standard deviations of a report, in every coordinate, within which nothing else may be where noise is measured"""
SUCCESSIVE = 3.5
"""periods within which two innovations are successive"""
MOST_INNOVATIONS = 64
"""of a sensor that are measured in a step"""
STRAY = 3.5
"""standard deviations at which an innovation is cut off"""
TURN_M_S2 = 2.0
LAST_HEARD_NS = seconds_to_ns(5.0)
"""what was heard within this of the latest was among the last; what others saw within this is there"""
HEARD, HEARD_PERIODS = 3.0, 40.0
"""reports within so many periods, fading, from which it is no chance that a sensor hears something"""
BELIEVED_NS = seconds_to_ns(60.0)
"""claims once found consistent with a track witness an aircraft for so long after the track is gone"""


@dataclass(slots=True)
class Measured:
    """Running figures of one sensor."""

    hits: float = 0.0
    looks: float = 0.0
    sector_hits: Floats = field(default_factory=lambda: np.zeros(SECTORS))
    sector_looks: Floats = field(default_factory=lambda: np.zeros(SECTORS))
    sector_misses: Floats = field(default_factory=lambda: np.zeros(SECTORS))
    """looks since the last hit"""
    false: float = 0.0
    periods: float = 0.0
    spread: Floats = field(default_factory=lambda: np.zeros(3))
    variance: Floats = field(default_factory=lambda: np.zeros(3))
    reports: Floats = field(default_factory=lambda: np.zeros(3))
    late_ns: int = 0
    late_count: int = 0
    """latencies since the last step, and their number"""
    latency_sum: float = 0.0
    latency_count: float = 0.0
    gaps: Floats = field(default_factory=lambda: np.zeros(GAP_BINS))
    gap_sums: Floats = field(default_factory=lambda: np.zeros(GAP_BINS))
    faults: tuple[Fault, ...] = ()

    @property
    def probability_of_detection(self) -> float:
        return self.hits / self.looks if self.looks >= 5.0 else float("nan")

    @property
    def false_reports(self) -> float:
        """A period."""
        return self.false / self.periods if self.periods >= 3.0 else float("nan")

    def noise(self) -> Floats:
        """(3,) measured over declared standard deviation; NaN where too little was measured."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.sqrt(np.maximum(self.spread, 0.0) / self.variance)
        return np.where(self.reports >= 15.0, ratio, np.nan)

    @property
    def latency(self) -> float:
        """s"""
        return self.latency_sum / self.latency_count if self.latency_count >= 5.0 else float("nan")

    def period(self, declared_s: float) -> float:
        """s, between two looks at the same object: the commonest gap between two hits."""
        if self.gaps.sum() < 15.0:
            return float("nan")
        best = int(np.argmax(self.gaps))
        near = slice(max(best - 1, 0), best + 2)
        return float(self.gap_sums[near].sum() / self.gaps[near].sum()) * declared_s


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceState:
    """Everything measured, and the tracks as they were at the last step."""

    measured: list[Measured]
    time_ns: int | None
    tracks: Tracks
    witnessed_ns: NDArray[np.int64]
    hit_ns: NDArray[np.int64]
    heard_often: Floats
    up: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    heard: HeardState
    strays: list[Stray]
    twins: TwinsState
    innovations: dict[tuple[int, int], tuple[int, Floats]]
    believed: dict[str, int]
    claimed: dict[str, int]


class Performance:
    """How well the sensors of a site do."""

    def __init__(self, site: Site, mountings: tuple[Mounting, ...]) -> None:
        self._site, self._mountings = site, mountings
        self.measured = [Measured() for _ in site.sensors]
        self._time_ns: int | None = None
        self._tracks = Tracks.empty()
        self._witnessed_ns = np.zeros(0, np.int64)
        self._hit_ns = np.zeros((0, len(site.sensors)), np.int64)
        self._heard_often = np.zeros((0, len(site.sensors)))
        """(tracks, sensors) reports of late, until the latest"""
        self._up = np.zeros(len(site.sensors), np.bool_)
        self._inside = np.zeros((0, len(site.sensors)), np.bool_)
        self._heard = Heard()
        self._strays = Strays(site.sensors)
        self._twins = Twins(site.sensors, mountings)
        self._innovations: dict[tuple[int, int], tuple[int, Floats]] = {}
        """by track and sensor: time of measurement (ns UTC) and value of the latest"""
        self._horizons: dict[int, Horizon] = {}
        self._believed: dict[str, int] = {}
        self._claimed: dict[str, int] = {}

    def hear(self, detections: Detections) -> None:
        """Take note of how late reports are, by the sensors' own clocks; those too late to be used as well."""
        for sensor in np.unique(detections.sensor).tolist():
            mine = detections.sensor == sensor
            self.measured[sensor].late_ns += int((detections.received_ns[mine] - detections.time_ns[mine]).sum())
            self.measured[sensor].late_count += int(mine.sum())

    def step(
        self,
        time_ns: int,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        identities: Identities,
        claims: Claims,
        up: NDArray[np.bool_],
    ) -> None:
        """Take in one step of the watch.

        Args:
            detections: as the tracker got them.
            tracks: measured ones only.
            claims: released in this step.
            up: (sensors,) which are at work.
        """
        elapsed_s = 0.0 if self._time_ns is None else (time_ns - self._time_ns) / SECOND_NS
        self._begin_anew(up)
        rows, track = _rows_of(detections, tracks, associations)
        self._measure_noise(detections, tracks, associations, rows)
        self._count_false(detections, tracks, associations, rows, track, elapsed_s, up)
        self._heard.hear(time_ns, claims)
        named = self._heard.names(believed(identities))
        self._count_hits(time_ns, detections, tracks, associations, rows, track, named, elapsed_s, up)
        self._hold_strays(time_ns, detections, tracks, associations)
        for each in self.measured:
            _run_latency(each)
        self._time_ns = time_ns

    def _begin_anew(self, up: NDArray[np.bool_]) -> None:
        """What a sensor missed before it was known to be silent says nothing of what it sees when it is back."""
        for sensor in np.flatnonzero(up & ~self._up).tolist():
            of = self.measured[sensor]
            of.hits = of.looks = of.false = of.periods = 0.0
            of.sector_hits, of.sector_looks, of.sector_misses = np.zeros(SECTORS), np.zeros(SECTORS), np.zeros(SECTORS)
        self._up = up.copy()

    # ------------------------------------------------------------------ noise

    def _measure_noise(self, detections: Detections, tracks: Tracks, associations: Associations, rows: Ints) -> None:
        """Innovations against the tracks of the last step."""
        before = self._tracks
        if not len(before) or not len(associations):
            return
        old = np.minimum(np.searchsorted(before.track, associations.track), len(before) - 1)
        good = (rows >= 0) & (before.track[old] == associations.track) & (associations.probability >= SURE)
        good &= (before.status[old] == TrackStatus.CONFIRMED) & (before.updates[old] >= OLD_UPDATES)
        good &= ~detections.filtered[np.maximum(rows, 0)]
        good &= before.category_probability[old, Category.BIRD] < LIKELY
        for sensor in np.unique(detections.sensor[rows[good]]).tolist():
            chosen = np.flatnonzero(good)
            chosen = chosen[detections.sensor[rows[chosen]] == sensor]
            chosen = chosen[associations.track[chosen] % -(-len(chosen) // MOST_INNOVATIONS) == 0]
            mounting, taken = self._mountings[sensor], detections.take(rows[chosen])
            z, R = mounting.measured(taken)
            dt = ((taken.time_ns - before.time_ns[old[chosen]]) / SECOND_NS)[:, None]
            x, P = before.x[old[chosen]], before.P[old[chosen]]
            points = x[:, :3] + dt * x[:, 3:]
            cross = P[:, :3, 3:] + P[:, 3:, :3]
            spread = P[:, :3, :3] + dt[:, :, None] * cross + dt[:, :, None] ** 2 * P[:, 3:, 3:]
            spread = spread + np.eye(3) * (TURN_M_S2**2 / 4.0 * dt**4)[:, :, None]
            own = np.diagonal(congruent(mounting.slopes(points), spread), axis1=1, axis2=2)
            off = z - mounting.coordinates(points)
            if mounting.polar:
                off[:, 1] = np.mod(off[:, 1] + np.pi, 2.0 * np.pi) - np.pi
            noise = np.diagonal(R, axis1=1, axis2=2)
            usable = np.isfinite(off) & (own < 4.0 * noise)
            usable &= self._alone(mounting, detections, sensor, rows[chosen], old[chosen], noise)[:, None]
            last = self._before(sensor, associations.track[chosen].tolist(), taken.time_ns.tolist(), off)
            square = np.minimum((off - last) ** 2 / 2.0, STRAY**2 * (own + noise))
            self._run_noise(self.measured[sensor], np.where(usable & np.isfinite(last), square - own, np.nan), noise)
        living = set(tracks.track[tracks.status != TrackStatus.TERMINATED].tolist())
        self._innovations = {key: each for key, each in self._innovations.items() if key[0] in living}

    def _before(self, sensor: int, tracks: list[int], times_ns: list[int], off: Floats) -> Floats:
        """(n, 3) the innovations before these of the same sensor and tracks, NaN where there is none of late."""
        last = np.full_like(off, np.nan)
        reach_ns = seconds_to_ns(SUCCESSIVE * self._site.sensors[sensor].period_s)
        for row, (track, time_ns) in enumerate(zip(tracks, times_ns, strict=True)):
            before = self._innovations.get((track, sensor))
            if before is not None and 0 < time_ns - before[0] <= reach_ns:
                last[row] = before[1]
            self._innovations[track, sensor] = time_ns, off[row].copy()
        return last

    def _alone(
        self, mounting: Mounting, detections: Detections, sensor: int, rows: Ints, old: Ints, noise: Floats
    ) -> NDArray[np.bool_]:
        """(n,) whether neither another track nor another report is so near that it may be the one that was meant."""
        before = self._tracks
        reach = APART * np.sqrt(np.where(np.isfinite(noise), noise, np.inf))
        tracked = mounting.coordinates(before.x[:, :3])
        reported = mounting.measured(detections)[0]
        alone = np.ones(len(rows), np.bool_)
        for others, mine, theirs in (
            (tracked, old, np.arange(len(before))),
            (reported, rows, np.where(detections.sensor == sensor, np.arange(len(detections)), -1)),
        ):
            apart = np.abs(others[mine][:, None, :] - others)
            if mounting.polar:
                apart[:, :, AZIMUTH] = np.minimum(apart[:, :, AZIMUTH], 2.0 * np.pi - apart[:, :, AZIMUTH])
            near = np.all(~(apart > reach[:, None, :]), axis=2) & (theirs >= 0) & (theirs != mine[:, None])
            alone &= ~near.any(axis=1)
        return alone

    def _run_noise(self, of: Measured, squares: Floats, variances: Floats) -> None:
        for square, variance in zip(squares, variances, strict=True):
            known = np.isfinite(square)
            fade = np.where(known, np.exp(-1.0 / REPORTS), 1.0)
            of.spread = of.spread * fade + np.where(known, square, 0.0)
            of.variance = of.variance * fade + np.where(known, variance, 0.0)
            of.reports = of.reports * fade + known

    # ------------------------------------------------------------------ false reports

    def _count_false(
        self,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        rows: Ints,
        track: Ints,
        elapsed_s: float,
        up: NDArray[np.bool_],
    ) -> None:
        """What no track accounts for."""
        count = len(self.measured)
        free = np.bincount(detections.sensor, minlength=count).astype(np.float64)
        known = rows >= 0
        if len(tracks):
            status = tracks.status[track]
            known &= (status == TrackStatus.CONFIRMED) | (status == TrackStatus.COASTED)
        np.subtract.at(free, detections.sensor[rows[known]], associations.probability[known])
        fade = float(np.exp(-elapsed_s / MEMORY_S))
        for sensor, of in enumerate(self.measured):
            if up[sensor]:
                of.false = of.false * fade + max(float(free[sensor]), 0.0)
                of.periods = of.periods * fade + elapsed_s / self._site.sensors[sensor].period_s

    def _hold_strays(self, time_ns: int, detections: Detections, tracks: Tracks, associations: Associations) -> None:
        """Bearings that belong to nothing, against what other sensors track."""
        bearers = [each for each in np.unique(detections.sensor).tolist() if self._strays.watches(each)]
        if not bearers:
            return
        stray, confirmed = free(detections, associations), tracks.take(tracks.status == TrackStatus.CONFIRMED)
        for sensor in bearers:
            mine = detections.take(stray & (detections.sensor == sensor) & np.isfinite(detections.z[:, AZIMUTH]))
            others = confirmed.take(confirmed.sensors & ~(1 << sensor) != 0)
            when_ns = int(mine.time_ns.mean()) if len(mine) else time_ns
            azimuths, near = seen_from(self._mountings[sensor], self._site.sensors[sensor], others, when_ns)
            self._strays.add(sensor, time_ns, mine.z[:, AZIMUTH], azimuths[near], others.track[near].tolist())

    def expects(self, time_ns: int) -> NDArray[np.bool_]:
        """(sensors,) which should hear something now: a track that was among the last they heard, and not by chance, is
        still there, seen by another, and no land has come between."""
        own_ns = np.where(self._heard_often >= HEARD, self._hit_ns, 0)
        latest = own_ns.max(axis=0, initial=0)
        others = np.zeros_like(self._hit_ns)
        for sensor in range(len(self.measured)):
            others[:, sensor] = np.delete(self._hit_ns, sensor, axis=1).max(axis=1, initial=0)
        theirs = (own_ns > 0) & (own_ns > latest - LAST_HEARD_NS)
        there = theirs & (others > time_ns - LAST_HEARD_NS)
        if self._site.terrain is not None:
            for sensor in np.flatnonzero(there.any(axis=0)).tolist():
                rows = np.flatnonzero(there[:, sensor])
                eye, places = self._mountings[sensor].place, self._tracks.x[rows, :3] - [0.0, 0.0, LOW_M]
                there[rows, sensor] = in_sight(self._site, eye, places)
        return np.asarray(there.any(axis=0))

    def turned(self, sensor: int) -> Turned | None:
        """By how much a sensor seems to be turned whose bearings belong to nothing."""
        return self._strays.turned(sensor)

    # ------------------------------------------------------------------ detection

    def _count_hits(
        self,
        time_ns: int,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        rows: Ints,
        track: Ints,
        named: dict[int, str],
        elapsed_s: float,
        up: NDArray[np.bool_],
    ) -> None:
        """Who was seen by whom, and should have been."""
        count = len(self.measured)
        live = tracks.take(tracks.status != TrackStatus.TERMINATED)
        n = len(live)
        before = np.minimum(np.searchsorted(self._tracks.track, live.track), max(len(self._tracks) - 1, 0))
        known = np.zeros(n, np.bool_)
        if len(self._tracks):
            known = self._tracks.track[before] == live.track
        witnessed = np.where(known, self._witnessed_ns[before], 0) if len(self._tracks) else np.zeros(n, np.int64)
        hit, often = np.zeros((n, count), np.int64), np.zeros((n, count))
        was_inside = np.zeros((n, count), np.bool_)
        if len(self._tracks):
            hit[known], was_inside[known] = self._hit_ns[before[known]], self._inside[before[known]]
            often[known] = self._heard_often[before[known]]
        hits = np.zeros((n, count))
        latest = hit.copy()
        seen = np.flatnonzero((rows >= 0) & (associations.probability >= LIKELY))
        reports = track[seen], detections.sensor[rows[seen]], detections.time_ns[rows[seen]]
        one = self._twins.step(time_ns, live, tracks.track[reports[0]], *reports[1:])
        if len(seen) and n:
            place = np.minimum(np.searchsorted(live.track, tracks.track[track[seen]]), n - 1)
            right = live.track[place] == tracks.track[track[seen]]
            place, seen = place[right], seen[right]
            sensor, when = detections.sensor[rows[seen]], detections.time_ns[rows[seen]]
            np.add.at(hits, (place, sensor), 1.0)
            np.maximum.at(latest, (place, sensor), when)
        self._run_gaps(hit, latest, hits)
        memory_ns = HEARD_PERIODS * SECOND_NS * np.array([sensor.period_s for sensor in self._site.sensors])
        often = np.where(hits > 0.0, often * np.exp((hit - latest) / memory_ns) + hits, often)
        now = np.maximum(witnessed, latest.max(axis=1, initial=0))
        for name, row in self._claims_of(time_ns, live, named).items():
            said = self._heard.get(name)
            now[row] = max(int(now[row]), said.times[-1] if said else 0)
        younger, older = (
            np.searchsorted(live.track, np.array(each, np.int64)) for each in (list(one), [*one.values()])
        )
        now[younger] = now[older] = np.maximum(now[younger], now[older])
        gone_by = np.where(known & (witnessed > 0), (now - witnessed) / SECOND_NS, 0.0)
        inside = self._covered(live.x[:, :3], live.x[:, 3:])
        inside &= (live.status != TrackStatus.TENTATIVE)[:, None] & (live.basis == Basis.MEASURED)[:, None]
        inside &= (live.category_probability[:, Category.BIRD] < LIKELY)[:, None]
        both = inside & was_inside
        np.add.at(hits, older, hits[younger])
        hits[younger], both[younger] = 0.0, False
        self._run_hits(live.x[:, :3], hits, gone_by, both, elapsed_s, up)
        self._run_unseen(live, set(named.values()), up)
        self._tracks, self._witnessed_ns, self._hit_ns, self._inside = live, now, latest, inside
        self._heard_often = often

    def _claims_of(self, time_ns: int, live: Tracks, named: dict[int, str]) -> dict[str, int]:
        """Names of aircraft to the rows of the tracks that bear them."""
        rows = {int(track): row for row, track in enumerate(live.track.tolist())}
        borne = {name: rows[track] for track, name in sorted(named.items()) if track in rows}
        self._believed |= dict.fromkeys(borne, time_ns)
        self._believed = {name: since for name, since in self._believed.items() if time_ns - since <= BELIEVED_NS}
        return borne

    def _run_hits(
        self,
        points: Floats,
        hits: Floats,
        gone_by: Floats,
        both: NDArray[np.bool_],
        elapsed_s: float,
        up: NDArray[np.bool_],
    ) -> None:
        fade = float(np.exp(-elapsed_s / MEMORY_S))
        for sensor, of in enumerate(self.measured):
            of.hits, of.looks = of.hits * fade, of.looks * fade
            of.sector_hits, of.sector_looks = of.sector_hits * fade, of.sector_looks * fade
            rows = np.flatnonzero(both[:, sensor])
            if not len(rows) or not up[sensor]:
                continue
            looks = gone_by[rows] / self._site.sensors[sensor].period_s
            sector = self._sectors(sensor, points[rows])
            of.hits += float(hits[rows, sensor].sum())
            of.looks += float(looks.sum())
            np.add.at(of.sector_hits, sector, hits[rows, sensor])
            np.add.at(of.sector_looks, sector, looks)
            np.add.at(of.sector_misses, sector, looks)
            of.sector_misses[sector[hits[rows, sensor] > 0.0]] = 0.0

    def _run_unseen(self, live: Tracks, borne: set[str], up: NDArray[np.bool_]) -> None:
        """Aircraft that go on saying where they are, as they did while they were tracked, and are not tracked now."""
        claimed: dict[str, int] = {}
        for name in self._believed:
            said = self._heard.get(name)
            if said is None:
                continue
            when, point, velocity = said.times[-1], said.points[-1], said.velocities[-1]
            claimed[name] = when
            since = self._claimed.get(name)
            if name in borne or since is None or when <= since or np.isnan(point).any():
                continue
            if len(live) and np.hypot(*(live.x[:, :2] - point[:2]).T).min() < 4.0 * EDGE_M:
                continue
            inside = self._covered(point[None], np.nan_to_num(velocity)[None])[0]
            for sensor in np.flatnonzero(inside & up).tolist():
                looks = (when - since) / SECOND_NS / self._site.sensors[sensor].period_s
                of = self.measured[sensor]
                of.looks += looks
                sector = self._sectors(sensor, point[None])[0]
                of.sector_looks[sector] += looks
                of.sector_misses[sector] += looks
        self._claimed = claimed

    def _run_gaps(self, before: Ints, latest: Ints, hits: Floats) -> None:
        """Gaps between two hits of one object."""
        track, sensor = np.nonzero((hits == 1.0) & (before > 0))
        gap_s = (latest[track, sensor] - before[track, sensor]) / SECOND_NS
        for each in np.unique(sensor).tolist():
            of = self.measured[each]
            gaps = gap_s[sensor == each] / self._site.sensors[each].period_s
            gaps = gaps[(gaps > 0.0) & (gaps < GAP_BINS * GAP_STEP)]
            fade = float(np.exp(-len(gaps) / PERIODS))
            place = (gaps / GAP_STEP).astype(np.int64)
            of.gaps, of.gap_sums = of.gaps * fade, of.gap_sums * fade
            np.add.at(of.gaps, place, 1.0)
            np.add.at(of.gap_sums, place, gaps)

    def _sectors(self, sensor: int, points: Floats) -> Ints:
        mounting = self._mountings[sensor]
        azimuth = np.arctan2(points[:, 0] - mounting.place[0], points[:, 1] - mounting.place[1])
        return np.asarray((np.mod(azimuth, 2.0 * np.pi) / (2.0 * np.pi) * SECTORS).astype(np.int64) % SECTORS)

    def _covered(self, points: Floats, velocities: Floats) -> NDArray[np.bool_]:
        """(n, sensors) whether each object is well inside what each sensor declares to see, and no land hides it."""
        inside = np.zeros((len(points), len(self.measured)), np.bool_)
        radars = [
            index
            for index, sensor in enumerate(self._site.sensors)
            if sensor.kind in RADARS and isfinite(sensor.range_max_m)
        ]
        for index in radars:
            inside[:, index] = _well_inside(self._site.sensors[index], self._mountings[index], points, velocities)
        there = np.flatnonzero(inside.any(axis=1))
        if len(there):
            inside[there] &= (points[there, 2] - ground_up(self._site, points[there]) > LOW_M)[:, None]
        if self._site.terrain is not None:
            for index in radars:
                rows = np.flatnonzero(inside[:, index])
                if len(rows):  # what is only just above a ridge may be seen or not
                    inside[rows, index] = self._horizon(index).sees(points[rows] - [0.0, 0.0, LOW_M])
        return inside

    def _horizon(self, sensor: int) -> Horizon:
        """What the land hides from a radar; made when it is first asked for."""
        if sensor not in self._horizons:
            reach_m = self._site.sensors[sensor].range_max_m
            self._horizons[sensor] = Horizon(self._site, self._mountings[sensor].place, reach_m)
        return self._horizons[sensor]

    # ------------------------------------------------------------------ state

    def state(self) -> PerformanceState:
        """Everything measured so far."""
        return PerformanceState(
            measured=copied(self.measured),
            time_ns=self._time_ns,
            tracks=self._tracks,
            witnessed_ns=self._witnessed_ns.copy(),
            hit_ns=self._hit_ns.copy(),
            heard_often=self._heard_often.copy(),
            up=self._up.copy(),
            inside=self._inside.copy(),
            heard=self._heard.state(),
            strays=self._strays.state(),
            twins=self._twins.state(),
            innovations=dict(self._innovations),
            believed=dict(self._believed),
            claimed=dict(self._claimed),
        )

    def restore(self, state: PerformanceState) -> None:
        """Go on from what `state` gave."""
        self.measured, self._time_ns, self._tracks = copied(state.measured), state.time_ns, state.tracks
        self._witnessed_ns, self._hit_ns = state.witnessed_ns.copy(), state.hit_ns.copy()
        self._inside = state.inside.copy()
        self._heard_often, self._up = state.heard_often.copy(), state.up.copy()
        self._heard.restore(state.heard)
        self._strays.restore(state.strays)
        self._twins.restore(state.twins)
        self._innovations = dict(state.innovations)
        self._believed, self._claimed = dict(state.believed), dict(state.claimed)


def _rows_of(detections: Detections, tracks: Tracks, associations: Associations) -> tuple[Ints, Ints]:
    """Row of the detection (-1: not of this step) and of the track of each association."""
    if not len(detections) or not len(tracks) or not len(associations):
        return np.full(len(associations), -1, np.int64), np.zeros(len(associations), np.int64)
    order = np.argsort(detections.id, kind="stable")
    row = order[np.minimum(np.searchsorted(detections.id[order], associations.detection), len(order) - 1)]
    track = np.minimum(np.searchsorted(tracks.track, associations.track), len(tracks) - 1)
    good = (detections.id[row] == associations.detection) & (tracks.track[track] == associations.track)
    return np.where(good, row, -1), track


def _run_latency(of: Measured) -> None:
    if of.late_count:
        fade = float(np.exp(-of.late_count / LATE_REPORTS))
        of.latency_sum = of.latency_sum * fade + of.late_ns / SECOND_NS
        of.latency_count = of.latency_count * fade + of.late_count
        of.late_ns = of.late_count = 0


def _well_inside(sensor: Sensor, mounting: Mounting, points: Floats, velocities: Floats) -> NDArray[np.bool_]:
    """(n,) whether objects are inside a sensor's declared coverage, and not near its edge."""
    away = points - mounting.place
    local = (
        away[:, 0, None] * mounting.axes[0] + away[:, 1, None] * mounting.axes[1] + away[:, 2, None] * mounting.axes[2]
    )
    distance, azimuth, elevation = enu_to_polar(local).T
    inside = (distance >= sensor.range_min_m + EDGE_M) & (distance <= (1.0 - EDGE_SHARE) * sensor.range_max_m)
    if sensor.elevation_min_deg > -90.0:
        inside &= elevation >= sensor.elevation_min_deg * DEGREE + EDGE_RAD
    if sensor.elevation_max_deg < 90.0:
        inside &= elevation <= sensor.elevation_max_deg * DEGREE - EDGE_RAD
    width = (sensor.azimuth_to_deg - sensor.azimuth_from_deg) * DEGREE
    if width < 2.0 * np.pi - 1e-9:
        past = np.mod(azimuth - sensor.azimuth_from_deg * DEGREE, 2.0 * np.pi)
        inside &= (past >= EDGE_RAD) & (past <= np.mod(width, 2.0 * np.pi) - EDGE_RAD)
    if sensor.blind_speed_m_s > 0.0:
        radial = np.abs((away * velocities).sum(axis=1)) / np.maximum(distance, 1.0)
        inside &= radial >= sensor.blind_speed_m_s + BLIND_MARGIN_M_S
    return np.asarray(inside)


# ---------------------------------------------------------------------------------------------- judgement


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, and what a notice says of it."""

    fault: Fault
    code: str
    data: dict[str, Any]


def blind_sectors(sensor: Sensor, of: Measured) -> list[int]:
    """Sectors in which nothing is seen though much should be."""
    enough = max(BLIND_LOOKS, 8.0 / sensor.probability_of_detection)
    return [int(each) for each in np.flatnonzero(of.sector_misses >= enough)]


def judge(sensor: Sensor, of: Measured, turned: Turned | None = None) -> list[Finding]:
    """What is not as declared; a fault that is there must clearly end before it is gone.

    In clutter some of what is taken for an object's reports is not: that they scatter is not said on top of it.

    Args:
        turned: what explains reports that belong to nothing.
    """
    cluttered = None if turned else _cluttered(sensor, of)
    noisy = None if cluttered else _noisy(sensor, of)
    found = [_blind(sensor, of), _weak(sensor, of), cluttered, noisy, _slow(sensor, of)]
    return [each for each in found if each is not None]


def _blind(sensor: Sensor, of: Measured) -> Finding | None:
    sectors = blind_sectors(sensor, of)
    if not sectors:
        return None
    width = 360 // SECTORS
    runs: list[list[int]] = []
    for each in sectors:
        if runs and runs[-1][1] == each * width:
            runs[-1][1] = (each + 1) * width
        else:
            runs.append([each * width, (each + 1) * width])
    return Finding(
        Fault.BLIND,
        "blind",
        {
            "looks": round(float(of.sector_misses[sectors].sum())),
            "sectors": [{"from_deg": first, "to_deg": last} for first, last in runs],
            "declared": sensor.probability_of_detection,
        },
    )


def _weak(sensor: Sensor, of: Measured) -> Finding | None:
    """Seldom seen where it is not blind."""
    seeing = np.ones(SECTORS, np.bool_)
    seeing[blind_sectors(sensor, of)] = False
    looks, hits, before = (
        float(of.sector_looks[seeing].sum()),
        float(of.sector_hits[seeing].sum()),
        Fault.WEAK in of.faults,
    )
    if of.periods < SETTLED_PERIODS and not before:
        return None  # tracks have just begun: who was seen first was seen by all
    if looks < 15.0:
        return Finding(Fault.WEAK, "unseen", {}) if before else None
    p, share = sensor.probability_of_detection, hits / looks
    significant = hits - looks * p < -5.0 * sqrt(looks * max(p * (1.0 - p), 0.05))
    if share < (0.75 if before else 0.65) * p and (significant or before):
        return Finding(Fault.WEAK, "weak", {"share": share, "looks": round(looks), "declared": p})
    return None


def _cluttered(sensor: Sensor, of: Measured) -> Finding | None:
    if of.periods < 5.0:
        return None
    declared, rate = max(sensor.false_reports, 0.2), of.false / of.periods
    expected = declared * of.periods
    above = of.false > expected + 6.0 * sqrt(expected) + 6.0
    if rate > (2.5 if Fault.CLUTTERED in of.faults else 4.0) * declared and above:
        return Finding(Fault.CLUTTERED, "cluttered", {"rate": float(rate), "declared": sensor.false_reports})
    return None


_COORDINATES = {True: ("range", "azimuth", "elevation"), False: ("east", "north", "up")}


def _noisy(sensor: Sensor, of: Measured) -> Finding | None:
    limit = 1.5 if Fault.NOISY in of.faults else 1.8
    ratio = of.noise()
    worst = np.flatnonzero((ratio > limit) & (of.reports >= 25.0)).tolist()
    if not worst:
        return None
    polar = sensor.kind not in (SensorKind.RF_LOCATOR, SensorKind.SPOTTER)
    declared = (
        (sensor.range_sigma_m, sensor.azimuth_sigma_deg, sensor.elevation_sigma_deg)
        if polar
        else (sensor.position_sigma_m, sensor.position_sigma_m, sensor.height_sigma_m)
    )
    noise = [
        {
            "of": _COORDINATES[polar][each],
            "times": float(ratio[each]),
            "declared": declared[each],
            "unit": "degrees" if polar and each else "m",
        }
        for each in worst
    ]
    return Finding(Fault.NOISY, "noisy", {"noise": noise})


def _slow(sensor: Sensor, of: Measured) -> Finding | None:
    limit = sensor.latency_s + (0.5 if Fault.SLOW in of.faults else 1.0)
    if of.latency > limit:  # false while it is not known
        return Finding(Fault.SLOW, "slow", {"late_s": float(of.latency), "declared_s": sensor.latency_s})
    return None
