"""What is counted while a file goes by: when each sender was heard, what was refused, where things were.

Memory depends on how long a recording lasts and how much differs in it, not on how many records it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from luchtwacht.inspection.report import Area, Gap, Rejected, Sensor
from luchtwacht.model import Floats, Ints, Rejection

MOST_GAPS = 5
SHORTEST_GAP_S = 5
_USUAL = 5
"""a silence is longer than expected when it is this many times what 95 of 100 intervals keep within"""
_FEWEST_INTERVALS = 10
_TIMED = 0.5
"""share of the reports that must say when they were made, for rates and gaps to mean something"""
_MOST_POINTS = 50_000
_DAY_S = 86_400
_FURTHEST_S = 60_000_000_000
"""nineteen centuries: what is further, and only damage says, has no date"""

_BEYOND_S = 1e12
"""thirty thousand years: what only damage says is no time at all"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """How seconds are written."""

    reference: str
    """as `Inspection.time_reference`"""

    def write(self, seconds: float) -> str:
        """`HH:MM:SS.mmm` of a time of day; otherwise ISO 8601."""
        whole = round(seconds * 1000)
        if self.reference == "time_of_day":
            of_day = whole % (_DAY_S * 1000)
            return f"{of_day // 3_600_000:02}:{of_day // 60_000 % 60:02}:{of_day // 1000 % 60:02}.{of_day % 1000:03}"
        if abs(seconds) > _FURTHEST_S:
            return f"{seconds:.0f} s after 1970"
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=whole)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{whole % 1000:03}" + "Z" * (self.reference == "utc")


class Heard:
    """When one sender (or a whole file) was heard, in buckets of a second."""

    def __init__(self) -> None:
        self.seconds: dict[int, int] = {}
        self.first_s = np.inf
        self.last_s = -np.inf
        self.count = 0

    def add(self, times_s: Floats) -> None:
        """Times in s, in any order; NaN and what is beyond `_BEYOND_S` is passed over."""
        times_s = times_s[np.abs(times_s) <= _BEYOND_S]
        if not len(times_s):
            return
        self.first_s, self.last_s = min(self.first_s, times_s.min()), max(self.last_s, times_s.max())
        self.count += len(times_s)
        for second, count in zip(*np.unique(np.floor(times_s).astype(np.int64), return_counts=True), strict=True):
            self.seconds[int(second)] = self.seconds.get(int(second), 0) + int(count)

    @property
    def span_s(self) -> float:
        return float(self.last_s - self.first_s) if self.count else 0.0

    def gaps(self) -> list[tuple[int, int]]:
        """Silences that are longer than expected: last second before, first second after; the longest first."""
        heard = np.array(sorted(self.seconds), dtype=np.int64)
        between = np.diff(heard)
        if len(between) < _FEWEST_INTERVALS:
            return []
        expected = max(_USUAL * float(np.quantile(between, 0.95)), SHORTEST_GAP_S)
        found = np.flatnonzero(between > expected)
        return [(int(heard[at]), int(heard[at + 1])) for at in found[np.argsort(-between[found], kind="stable")]]

    def describe(self, sensor: Sensor, stamp: Stamp) -> None:
        """Write times, rates and gaps into `sensor`."""
        if not self.count:
            return
        sensor.first_time, sensor.last_time = stamp.write(self.first_s), stamp.write(self.last_s)
        if self.count < _TIMED * sum(sensor.counts.values()):
            return
        if self.span_s > 0:
            sensor.rate_per_s = round(self.count / self.span_s, 3)
        sensor.busiest_per_s = max(self.seconds.values())
        gaps = self.gaps()
        sensor.gap_count = len(gaps)
        sensor.gaps = [
            Gap(after=stamp.write(before), before=stamp.write(after), seconds=float(after - before))
            for before, after in gaps[:MOST_GAPS]
        ]


class Days:
    """Times of day made to run on over midnight, over any number of batches."""

    def __init__(self) -> None:
        self._before: float | None = None

    def unwrap(self, of_day_s: Floats) -> Floats:
        """(n,) s since the midnight before the first; NaN stays. Each is taken to be near the one before."""
        made = of_day_s.copy()
        known = np.flatnonzero(np.isfinite(of_day_s))
        if not len(known):
            return made
        times = of_day_s[known]
        if self._before is None:
            self._before = float(times[0])
        row = np.concatenate([[self._before], times])
        days = -np.cumsum(np.round(np.diff(row) / _DAY_S))
        made[known] = times + days * _DAY_S
        self._before = float(made[known[-1]])
        return made


class Refusals:
    """Rejections by reason and item, with the first of each."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], Rejected] = {}

    def add(self, reason: str, item: str, count: int, example: str, place: str) -> None:
        known = self._by.get((reason, item))
        if known is None:
            self._by[reason, item] = Rejected(reason=reason, item=item, count=count, example=example, place=place)
        else:
            known.count += count

    def take(self, rejections: Iterable[Rejection], unit: str, records: str = "record") -> None:
        """Those of a decoder, whose `frame` is the number of the `unit` (packet, line) from 1."""
        for each in rejections:
            place = f"{unit} {each.frame}" + (f", {records} {each.record + 1}" if each.record >= 0 else "")
            self.add(str(each.reason), each.item, each.count, each.detail, place)

    @property
    def count(self) -> int:
        return sum(each.count for each in self._by.values())

    def listed(self) -> list[Rejected]:
        """The most frequent first."""
        return sorted(self._by.values(), key=lambda each: -each.count)


@dataclass(slots=True)
class Points:
    """Positions of one series, thinned evenly when they are many."""

    name: str
    geographic: bool
    """degrees of latitude and longitude; otherwise metres east and north of the sensor"""
    kept: list[Floats] = field(default_factory=list)
    step: int = 1
    seen: int = 0

    def add(self, pairs: Floats) -> None:
        """(n, 2)"""
        first = -self.seen % self.step
        self.seen += len(pairs)
        self.kept.append(pairs[first :: self.step].copy())  # a view would keep all of them
        while sum(map(len, self.kept)) > _MOST_POINTS:
            self.kept = [np.concatenate(self.kept)[::2].copy()]
            self.step *= 2

    @property
    def pairs(self) -> Floats:
        """(n, 2)"""
        return np.concatenate(self.kept) if self.kept else np.empty((0, 2))


class Places:
    """Where things were: bounds of all, and points to draw."""

    def __init__(self) -> None:
        self._low = np.full(2, np.inf)
        self._high = np.full(2, -np.inf)
        self.series: dict[str, Points] = {}

    def add_geographic(self, name: str, latitude_deg: Floats, longitude_deg: Floats) -> None:
        """Degrees; rows with NaN are passed over."""
        pairs = np.column_stack([latitude_deg, longitude_deg])
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        if len(pairs):
            self._low, self._high = np.minimum(self._low, pairs.min(axis=0)), np.maximum(self._high, pairs.max(axis=0))
            self.series.setdefault(name, Points(name, True)).add(pairs)

    def add_local(self, name: str, east_m: Floats, north_m: Floats) -> None:
        """Metres from the sensor; rows with NaN are passed over."""
        pairs = np.column_stack([east_m, north_m])
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        if len(pairs):
            self.series.setdefault(name, Points(name, False)).add(pairs)

    @property
    def area(self) -> Area | None:
        if not np.isfinite(self._low).all():
            return None
        (south, west), (north, east) = self._low.tolist(), self._high.tolist()
        return Area(south=round(south, 7), west=round(west, 7), north=round(north, 7), east=round(east, 7))


def count_by(names: Sequence[str], values: Ints) -> dict[str, int]:
    """How often each value occurs, by its name."""
    found, counts = np.unique(values, return_counts=True)
    return {names[value]: int(count) for value, count in zip(found.tolist(), counts.tolist(), strict=True)}


def add_counts(into: dict[str, int], counts: dict[str, int]) -> None:
    """Add up."""
    for name, count in counts.items():
        into[name] = into.get(name, 0) + count
