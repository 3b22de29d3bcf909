"""Bearings that belong to nothing, held against everything that other sensors track.

A direction finder that was turned, or mounted wrongly, by more than its noise hears things where nothing is: none of
its bearings is any track's, and all of them seem false. But they keep the same distance from the tracks that they are
of, and no distance from any other. So each is held against every track near it, and where the differences heap up far
beyond chance, and far higher than anywhere else, the sensor is turned by as much.

What stands beside a track for long heaps up as well: a pilot with a remote control by a drone that hovers. So the
tracks of a heap must have moved, or be several, in several directions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from luchtwacht.ingest.mounting import AZIMUTH, RANGE, Mounting
from luchtwacht.model import Associations, Bools, Detections, Floats, Sensor, SensorKind, Tracks
from luchtwacht.model.state import copied
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

BEARERS = (SensorKind.RF_DIRECTION_FINDER, SensorKind.ACOUSTIC, SensorKind.CAMERA)
"""sensors that say a direction and no distance; the plots of others make tracks of their own, wherever they are"""
MOST_RAD = 30.0 * DEGREE
"""turned by more than this, a sensor is not recognised"""
MEMORY_NS = seconds_to_ns(40.0)
MOST_PAIRS = 512
HALF_WIDTH = 2.0
"""of a heap, in standard deviations of a bearing"""
CHANCE, LEAST = 6.0, 8.0
"""standard deviations by which a heap must be above chance, and pairs that it must be above these"""
SHARE = 0.5
"""of the bearings that belong to nothing, a heap must explain at least so many"""
ALONE = 0.6
"""share of it that the next highest heap may have"""
EASE = 0.6
"""of all these, once a sensor was found to be turned"""
ASIDE = 2.0
"""standard deviations of a bearing: nearer to nothing than this a heap is no turn but tracks that are a little off"""
SPREAD = 2.0
"""standard deviations of a bearing over which the directions of a heap's tracks must spread"""


@dataclass(frozen=True, slots=True)
class Turned:
    """By how much a sensor is turned."""

    azimuth: float
    """rad, what it adds to the truth"""
    sigma: float
    """rad, of its mean"""
    half_width: float
    """rad, within which differences belong to it"""
    tracks: int
    """how many have a fair share in it"""

    def includes(self, off: Floats) -> Floats:
        """(...) whether these differences are of it."""
        return np.asarray(np.abs(off - self.azimuth) <= self.half_width)


@dataclass(slots=True)
class Stray:
    """Differences of one sensor's bearings, of late."""

    bearings_ns: list[int] = field(default_factory=list)
    """ns UTC of every bearing that belonged to nothing"""
    pairs_ns: list[int] = field(default_factory=list)
    off: list[float] = field(default_factory=list)
    """rad, of such a bearing to a track"""
    azimuth: list[float] = field(default_factory=list)
    """rad, of that track"""
    track: list[int] = field(default_factory=list)
    turned: Turned | None = None
    """what they say, as of the latest step"""


class Strays:
    """The stray bearings of every sensor of a site."""

    def __init__(self, sensors: tuple[Sensor, ...]) -> None:
        self._sigma = [sensor.azimuth_sigma if sensor.kind in BEARERS else np.nan for sensor in sensors]
        self._of = [Stray() for _ in sensors]

    def state(self) -> list[Stray]:
        """What is remembered, by sensor."""
        return copied(self._of)

    def restore(self, state: list[Stray]) -> None:
        """Go on from what `state` gave."""
        self._of = copied(state)

    def watches(self, sensor: int) -> bool:
        """Whether a sensor is one of those that this is about."""
        return bool(np.isfinite(self._sigma[sensor]))

    def add(self, sensor: int, time_ns: int, bearings: Floats, azimuths: Floats, tracks: list[int]) -> Floats:
        """Take in one step of one sensor.

        Args:
            bearings: (k,) rad, that belong to nothing.
            azimuths: (m,) rad, of what other sensors track and this one may hear; of these tracks.

        Returns:
            (k, m) differences, NaN where they are too large to be looked at.
        """
        of = self._of[sensor]
        off = np.mod(bearings[:, None] - azimuths + np.pi, 2.0 * np.pi) - np.pi
        off = np.where(np.abs(off) <= MOST_RAD, off, np.nan)
        row, column = np.nonzero(np.isfinite(off))
        of.bearings_ns += [time_ns] * len(bearings)
        of.pairs_ns += [time_ns] * len(row)
        of.off += off[row, column].tolist()
        of.azimuth += azimuths[column].tolist()
        of.track += [tracks[each] for each in column.tolist()]
        gone = sum(each <= time_ns - MEMORY_NS for each in of.pairs_ns)
        first = max(gone, len(of.off) - MOST_PAIRS)
        for kept in (of.pairs_ns, of.off, of.azimuth, of.track):
            del kept[:first]
        begun_ns = max(time_ns - MEMORY_NS, of.pairs_ns[0] - 1 if len(of.off) == MOST_PAIRS else 0)
        of.bearings_ns = [each for each in of.bearings_ns if each > begun_ns]
        of.turned = self._heap(of, self._sigma[sensor])
        return off

    def turned(self, sensor: int) -> Turned | None:
        """By how much a sensor seems to be turned; none: no sign of it."""
        return self._of[sensor].turned

    def _heap(self, of: Stray, sigma: float) -> Turned | None:
        """Where differences heap up; what was found before must clearly end before it is gone."""
        if len(of.off) <= LEAST:
            return None
        ease = EASE if of.turned else 1.0
        off = np.sort(of.off)
        half = HALF_WIDTH * sigma
        inside = np.searchsorted(off, off + 2.0 * half, side="right") - np.arange(len(off))
        first = int(np.argmax(inside))
        count = int(inside[first])
        middle = float(np.median(off[first : first + count]))
        chosen = np.abs(np.array(of.off) - middle) <= half
        count = int(chosen.sum())
        apart = (off + 2.0 * half < middle - half) | (off > middle + half)
        next_highest = int(inside[apart].max(initial=0))
        by_chance = (len(off) - count) * 2.0 * half / (2.0 * MOST_RAD - 2.0 * half)
        above = count - by_chance
        if above < ease * (CHANCE * np.sqrt(by_chance) + LEAST) or above < ease * SHARE * len(of.bearings_ns):
            return None
        if ease * next_highest > ALONE * count:
            return None
        mean = float(np.array(of.off)[chosen].mean())
        azimuth = np.array(of.azimuth)[chosen]
        direction = np.array([np.cos(azimuth).mean(), np.sin(azimuth).mean()])
        spread = np.sqrt(max(-2.0 * np.log(max(float(np.hypot(*direction)), 1e-9)), 0.0))
        if abs(mean) < ASIDE * sigma or spread < SPREAD * sigma:
            return None
        shares = np.unique(np.array(of.track)[chosen], return_counts=True)[1]
        return Turned(mean, float(sigma / np.sqrt(above)), half, int((shares >= 0.2 * count).sum()))


def free(detections: Detections, associations: Associations) -> Bools:
    """(n,) which detections are, more likely than not, no track's."""
    order = np.argsort(detections.id, kind="stable")
    belongs = np.zeros(len(detections))
    if len(order) and len(associations):
        row = order[np.minimum(np.searchsorted(detections.id[order], associations.detection), len(order) - 1)]
        known = detections.id[row] == associations.detection
        np.add.at(belongs, row[known], associations.probability[known])
    return np.asarray(belongs < 0.5)


def seen_from(mounting: Mounting, sensor: Sensor, tracks: Tracks, time_ns: int) -> tuple[Floats, Bools]:
    """(n,) azimuths (rad) of tracks from a sensor at `time_ns`, and whether they are near enough to be heard."""
    points = tracks.x[:, :3] + ((time_ns - tracks.time_ns) / SECOND_NS)[:, None] * tracks.x[:, 3:]
    own = mounting.coordinates(points)
    return own[:, AZIMUTH], np.asarray(own[:, RANGE] <= sensor.range_max_m)
