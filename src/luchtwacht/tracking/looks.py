"""Looks: runs of detections in which no object is reported twice.

One radar scan is a look. When a scan is spread over steps each part is a look, and a track is only held to have been
missed when the sensor's period has passed since the last look at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from luchtwacht.model import Detections, Ints
from luchtwacht.units import seconds_to_ns

LONGEST_NS = seconds_to_ns(0.5)
"""one prediction serves a look this long; plots are compensated for their own time by constant velocity"""


@dataclass(frozen=True, slots=True)
class Look:
    """Part of `Detections`: one sensor, a short time."""

    sensor: int
    end_ns: int
    """time of the last detection"""
    rows: Ints
    """(m,) into the detections, in order of (time_ns, id)"""


def cut(detections: Detections, periods_ns: Sequence[int]) -> list[Look]:
    """The looks in `detections`, in order of their end, then sensor. Depends on no order but (time_ns, id)."""
    times, sensors = detections.time_ns, detections.sensor
    if len(detections) == 0:
        return []
    rows = np.lexsort((detections.id, times))
    if int(sensors.min()) == int(sensors.max()):
        looks = list(_cut_one(detections, rows, int(sensors[0]), periods_ns))
    else:
        looks = []
        for sensor in np.unique(sensors):
            looks += _cut_one(detections, rows[sensors[rows] == sensor], int(sensor), periods_ns)
    return sorted(looks, key=lambda look: (look.end_ns, look.sensor))


def _cut_one(detections: Detections, rows: Ints, sensor: int, periods_ns: Sequence[int]) -> Iterator[Look]:
    """The looks of one sensor: at most LONGEST_NS and nearly a period long, no track number of its own twice."""
    times, names = detections.time_ns[rows], detections.sensor_track[rows]
    span = min(LONGEST_NS, periods_ns[sensor] * 9 // 10)
    first = 0
    while first < len(rows):
        last = int(np.searchsorted(times, times[first] + span, side="right"))
        last = first + _until_repeated(names[first:last])
        yield Look(sensor, int(times[last - 1]), rows[first:last])
        first = last


def _until_repeated(names: Ints) -> int:
    """How many of `names` come before one that was there already; -1 is no name."""
    known = names[names >= 0]
    if len(known) == len(np.unique(known)):
        return len(names)
    seen: set[int] = set()
    for place, name in enumerate(names.tolist()):
        if name >= 0 and name in seen:
            return place
        seen.add(name)
    return len(names)
