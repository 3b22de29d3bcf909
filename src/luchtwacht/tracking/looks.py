"""Looks: runs of detections in which no object is reported twice.

One radar scan is a look. When a scan is spread over steps each part is a look, and a track is only held to have been
missed when the sensor's period has passed since the last look at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from luchtwacht.kernels.looks import split
from luchtwacht.model import Detections, Ints
from luchtwacht.units import seconds_to_ns

LONGEST_NS = seconds_to_ns(0.5)
"""one prediction serves a look this long; plots are compensated for their own time by constant velocity"""


@dataclass(frozen=True, slots=True)
class Look:
    """Rows of `Detections`: one sensor, a short time."""

    sensor: int
    end_ns: int
    """time of the last detection"""
    rows: slice
    """in the detections as `cut` puts them in order"""


def spans(periods_ns: list[int]) -> Ints:
    """(sensors,) ns, the longest look of each: nearly a period."""
    return np.array([min(LONGEST_NS, period_ns * 9 // 10) for period_ns in periods_ns], np.int64)


def cut(detections: Detections, longest: Ints) -> tuple[Detections, list[Look]]:
    """The detections in order of sensor, time and id, and the looks in them in order of their end, then sensor.

    Args:
        longest: as `spans` gives it.
    """
    if len(detections) == 0:
        return detections, []
    borders = _split(detections, longest)
    if len(borders) == 0:
        detections = detections.take(np.lexsort((detections.id, detections.time_ns, detections.sensor)))
        borders = _split(detections, longest)
    looks = [
        Look(int(detections.sensor[first]), int(detections.time_ns[last - 1]), slice(first, last))
        for first, last in pairwise(borders.tolist())
    ]
    if len(looks) > 1:
        looks.sort(key=lambda look: (look.end_ns, look.sensor))
    return detections, looks


def _split(detections: Detections, longest: Ints) -> Ints:
    """Borders of the looks, or nothing when the detections are in another order."""
    return split(detections.time_ns, detections.id, detections.sensor, detections.sensor_track, longest)
