"""Reports whose own time is too far from the time they were received: refused, so that a wrong clock spoils nothing."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from luchtwacht.model import Claims, Detections, Ints, Reason, Rejection, Source, frame_of, record_of
from luchtwacht.units import DAY_NS, SECOND_NS, seconds_to_ns

Reports = TypeVar("Reports", Detections, Claims)


def split_by_clock(reports: Reports, declared: Source, source: int) -> tuple[Reports, list[Rejection]]:
    """The reports whose clock can be believed, and a rejection a frame for the others."""
    ahead_ns = reports.time_ns - reports.received_ns
    wrong = np.abs(ahead_ns) > seconds_to_ns(declared.clock_tolerance_s)
    if not wrong.any():
        return reports, []
    frames = frame_of(reports.id)
    refused = []
    for frame in np.unique(frames[wrong]).tolist():
        rows = np.flatnonzero(wrong & (frames == frame))
        off_s = int(ahead_ns[rows[0]]) / SECOND_NS
        refused.append(
            Rejection(
                frame=frame,
                record=int(record_of(reports.id[rows[0]])),
                source=source,
                reason=Reason.CLOCK,
                item="time",
                detail=f"its clock is {abs(off_s):.1f} s {'ahead of' if off_s > 0 else 'behind'} the time of receipt, "
                f"more than the {declared.clock_tolerance_s:g} s that are declared; set the sensor's clock, "
                "or declare use_receive_time",
                count=len(rows),
            )
        )
    return reports.take(~wrong), refused


def unwrap_time_of_day(time_of_day_ns: Ints, received_ns: Ints) -> Ints:
    """Times of day (ns since midnight UTC) as ns UTC: on the day that brings each nearest to its receipt."""
    midnight = received_ns // DAY_NS * DAY_NS
    candidates = np.stack([midnight - DAY_NS, midnight, midnight + DAY_NS]) + time_of_day_ns
    best = np.argmin(np.abs(candidates - received_ns), axis=0)
    return np.asarray(np.take_along_axis(candidates, best[None], axis=0)[0])
