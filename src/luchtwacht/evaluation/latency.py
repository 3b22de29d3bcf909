"""How long a report takes to become a conclusion.

Two clocks tell it. By **event time**: from the moment a report was measured to the moment of the conclusion that first
used it; that holds the wait for the grid (`Site.step_s`). By **receive time**: from the arrival of its frame to the
arrival that lets that conclusion be drawn, which is `Site.reorder_s` after its moment. What the computer takes on top
is not in it: that is measured by `bench/`, and in a live watch by its status.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.evaluation.assignment import Floats
from luchtwacht.evaluation.matching import Picture
from luchtwacht.units import SECOND_NS, seconds_to_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Of one kind, in seconds; NaN without reports."""

    median_s: float
    p95_s: float
    worst_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyFigures:
    """From report to conclusion, over every report that was used while a drone flew."""

    reports: int
    event: Delay
    """from measurement to the moment of the conclusion"""
    receive: Delay
    """from receipt to when the conclusion could be drawn; the sensor's own delay is not in it"""
    sensor: Delay
    """from measurement to receipt, by the clocks as they were"""


def latency(picture: Picture) -> LatencyFigures:
    """Figures over the time a drone flew."""
    rows, concluded_ns = picture.detections, picture.concluded_ns
    if len(picture.times):
        during = (concluded_ns >= picture.times[0]) & (concluded_ns <= picture.times[-1])
    else:
        during = np.zeros(len(rows), np.bool_)
    drawn_ns = concluded_ns + seconds_to_ns(picture.site.reorder_s)
    return LatencyFigures(
        reports=int(during.sum()),
        event=_delay((concluded_ns - rows.time_ns)[during] / SECOND_NS),
        receive=_delay((drawn_ns - rows.received_ns)[during] / SECOND_NS),
        sensor=_delay((rows.received_ns - rows.time_ns)[during] / SECOND_NS),
    )


def _delay(seconds: Floats) -> Delay:
    if not len(seconds):
        return Delay(median_s=float("nan"), p95_s=float("nan"), worst_s=float("nan"))
    median, most = np.quantile(seconds, [0.5, 0.95]).tolist()
    return Delay(median_s=median, p95_s=most, worst_s=float(seconds.max()))
