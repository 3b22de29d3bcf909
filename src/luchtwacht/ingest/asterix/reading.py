"""One category's records as they came to one source, and what is made of them.

The functions of this package each read one category: they ask a `Reading` who sent its records and when they were
measured, and give it detections, claims, signs of life and refusals back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from luchtwacht.codecs.asterix import Records
from luchtwacht.ingest.clock import unwrap_time_of_day
from luchtwacht.model import (
    CLAIM_RECEIVERS,
    Bools,
    Claims,
    Detections,
    Floats,
    Frames,
    Ints,
    Reason,
    Rejection,
    Sensor,
    SensorState,
    Site,
    report_ids,
)
from luchtwacht.units import DAY_NS, SECOND_NS

State = tuple[SensorState, str]
"""a state, and in words why"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """That a sensor lives, and perhaps how it is."""

    frame: int
    """`Frames.sequence`"""
    record: int
    sensor: int
    time_ns: int
    received_ns: int
    period_s: float | None
    said: State | None
    """none: the message says nothing of the state, so the last one stands"""


@dataclass(slots=True, eq=False)
class Reading:
    """Records of one category, and what has been made of them so far."""

    records: Records
    frames: Frames
    site: Site
    source: int
    """index into `Site.sources`"""
    sensors: dict[tuple[int, int], int]
    """index into `Site.sensors` by SAC and SIC, of this source"""
    detections: list[Detections] = field(default_factory=list)
    claims: list[Claims] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """A column by the last parts of its name: `040/RHO`."""
        return self.records[f"I{self.records.category:03d}/{name}"]

    def all_rows(self) -> Bools:
        """(n,) true."""
        return np.ones(len(self.records), dtype=np.bool_)

    # ------------------------------------------------------------------ who, when, how well

    def measuring(self, item: str = "010") -> Ints:
        """(n,) who sent each record, of the sensors that measure; see `senders`."""
        return self._of_kind(item, claims=False)

    def receiving(self, item: str = "010") -> Ints:
        """(n,) who sent each record, of the sensors that hear what aircraft say; see `senders`."""
        return self._of_kind(item, claims=True)

    def senders(self, item: str = "010") -> Ints:
        """(n,) index into `Site.sensors` of each record's sender, -1 where nobody is declared, which is counted."""
        sac, sic = self[f"{item}/SAC"], self[f"{item}/SIC"]
        pairs = list(zip(sac.tolist(), sic.tolist(), strict=True))
        found = np.array([self.sensors.get(pair, -1) for pair in pairs], dtype=np.int64)
        known = ", ".join(f"{a}/{b}" for a, b in self.sensors)
        for pair in sorted({pairs[row] for row in np.flatnonzero(found < 0).tolist()}):
            self.refuse(
                (sac == pair[0]) & (sic == pair[1]),
                Reason.UNDECLARED_SENSOR,
                item,
                f"no sensor of the site has SAC/SIC {pair[0]}/{pair[1]}; declared are {known or 'none'}"
                if min(pair) >= 0
                else "the record does not say who sent it",
            )
        return found

    def _of_kind(self, item: str, *, claims: bool) -> Ints:
        """The senders, without those whose kind cannot have sent such a category."""
        found = self.senders(item)
        for sensor in np.unique(found[found >= 0]).tolist():
            declared = self.site.sensors[sensor]
            if (declared.kind in CLAIM_RECEIVERS) == claims:
                continue
            mine = found == sensor
            wants = f"what aircraft say: declare it a {' or '.join(CLAIM_RECEIVERS)}" if claims else "measurements"
            self.refuse(
                mine,
                Reason.UNDECLARED_SENSOR,
                item,
                f"sensor {declared.id} is a {declared.kind}, but CAT{self.records.category:03d} holds {wants}",
            )
            found = np.where(mine, -1, found)
        return found

    def declared(self, sensors: Ints, what: Callable[[Sensor], float]) -> Floats:
        """(m,) a declaration of each of `sensors`."""
        return np.array([what(sensor) for sensor in self.site.sensors], dtype=np.float64)[sensors]

    def received_ns(self) -> Ints:
        """(n,) ns UTC at which each record came."""
        return np.asarray(self.frames.received_ns[self.records.frame])

    def times(self, time_of_day_s: Floats) -> Ints:
        """(n,) ns UTC of measurement: the time of day nearest to the receipt, or the receipt where there is none."""
        return self._times(time_of_day_s, unwrap_time_of_day)

    def truncated_times(self, time_s: Floats, period_s: int) -> Ints:
        """The same for times of day that start again every `period_s`: nearest to the receipt.

        A clock that is wrong by more than half a period seems right, or wrong by less than it is.
        """
        return self._times(time_s, lambda times, received: unwrap_truncated(times, received, period_s * SECOND_NS))

    def _times(self, time_s: Floats, unwrap: Callable[[Ints, Ints], Ints]) -> Ints:
        received_ns = self.received_ns()
        if self.site.sources[self.source].use_receive_time:
            return received_ns
        known = np.isfinite(time_s)
        of_day = np.rint(np.where(known, time_s, 0.0) * SECOND_NS).astype(np.int64)
        return np.asarray(np.where(known, unwrap(of_day, received_ns), received_ns))

    # ------------------------------------------------------------------ what is made of them

    def detect(self, rows: Ints, sensors: Ints, times_ns: Ints, **columns: Any) -> None:
        """Detections of `rows`.

        Args:
            rows: (m,) rows of the records.
            sensors, times_ns: (n,) of all records.
            columns: of `Detections`, each (m, ...).
        """
        self.detections.append(Detections.unknown(len(rows), **self._named(rows, sensors, times_ns), **columns))

    def claim(self, rows: Ints, sensors: Ints, times_ns: Ints, **columns: Any) -> None:
        """Claims of `rows`; arguments as for `detect`."""
        self.claims.append(Claims.unknown(len(rows), **self._named(rows, sensors, times_ns), **columns))

    def _named(self, rows: Ints, sensors: Ints, times_ns: Ints) -> dict[str, Ints]:
        frame = self.records.frame[rows]
        return {
            "id": report_ids(self.frames.sequence[frame], self.records.record[rows]),
            "time_ns": times_ns[rows],
            "received_ns": self.frames.received_ns[frame],
            "sensor": sensors[rows],
        }

    def alive(
        self,
        rows: Bools,
        sensors: Ints,
        times_ns: Ints,
        *,
        period_s: Floats | None = None,
        said: Callable[[int], State | None] = lambda row: None,
    ) -> None:
        """A sign of life for each of `rows`, (n,) like the other columns; `said` tells a row's state, if it has one."""
        received_ns = self.received_ns()
        for row in np.flatnonzero(rows).tolist():
            period = np.nan if period_s is None else float(period_s[row])
            self.signs.append(
                Sign(
                    frame=int(self.frames.sequence[self.records.frame[row]]),
                    record=int(self.records.record[row]),
                    sensor=int(sensors[row]),
                    time_ns=int(times_ns[row]),
                    received_ns=int(received_ns[row]),
                    period_s=period if np.isfinite(period) and period > 0.0 else None,
                    said=said(row),
                )
            )

    def refuse(self, rows: Bools, reason: Reason, item: str, detail: str) -> None:
        """One rejection for each frame that holds any of `rows`; `item` is `010`, or "" for the whole category."""
        category = f"{self.records.category:03d}"
        chosen = np.flatnonzero(rows)
        inside, first, counts = np.unique(self.records.frame[chosen], return_index=True, return_counts=True)
        self.rejections += [
            Rejection(
                frame=int(self.frames.sequence[frame]),
                record=int(self.records.record[chosen[place]]),
                source=self.source,
                reason=reason,
                item=f"I{category}/{item}" if item else f"CAT{category}",
                detail=detail,
                count=int(count),
            )
            for frame, place, count in zip(inside, first, counts, strict=True)
        ]

    def refuse_unreal(self, rows: Bools, item: str, *marks: str) -> Bools:
        """(n,) which of `rows` their sender marks as simulated, as a test target or as its own field monitor; they are
        refused."""
        unreal = rows & np.any([self[f"{item}/{mark}"] == 1 for mark in marks], axis=0)
        self.refuse(unreal, Reason.SIMULATED, item, "marked as simulated, test target or field monitor")
        return np.asarray(unreal)


def unwrap_truncated(time_ns: Ints, received_ns: Ints, period_ns: int) -> Ints:
    """Times of day (ns) modulo a period as ns UTC, nearest to the receipt.

    A day need not hold a whole number of periods: they are counted from midnight, so the last one is cut short.
    """
    midnight = received_ns // DAY_NS * DAY_NS
    candidates = []
    for start in (midnight - DAY_NS, midnight, midnight + DAY_NS):
        turn = (received_ns - start - time_ns + period_ns // 2) // period_ns
        last = (DAY_NS - 1 - time_ns) // period_ns
        candidates.append(start + time_ns + np.clip(turn, 0, last) * period_ns)
    stacked = np.stack(candidates)
    best = np.argmin(np.abs(stacked - received_ns), axis=0)
    return np.asarray(np.take_along_axis(stacked, best[None], axis=0)[0])
