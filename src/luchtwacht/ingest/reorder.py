"""The reorder buffer: holds reports back until the watermark has passed, and gives them out in order of time.

The watermark is the latest time of receipt less the time by which reports may come out of order. What was measured
before the last release goes out with the next one, as long as the tracker can go back to it
(`TrackingSettings.rollback_s`); what is later still is recorded and counted, and used by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from luchtwacht.model import Claims, Detections, Ints, Reason, Rejection, Site, frame_of, record_of
from luchtwacht.units import SECOND_NS, seconds_to_ns

Reports = TypeVar("Reports", Detections, Claims)

_NEVER = -(2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderState:
    """What is held back, and up to when everything was given out."""

    latest_ns: int
    released_ns: int
    detections: Detections
    claims: Claims


class ReorderBuffer:
    """Holds detections and claims until they can be given out in order.

    Args:
        site: says how much reports may come out of order.
    """

    def __init__(self, site: Site) -> None:
        self._reorder_ns = seconds_to_ns(site.reorder_s)
        self._rollback_ns = seconds_to_ns(site.tracking.rollback_s)
        sources = [source.id for source in site.sources]
        self._source_of_sensor = [sources.index(sensor.source) for sensor in site.sensors]
        self._latest_ns = _NEVER
        self._released_ns = _NEVER
        self._detections: list[Detections] = []
        self._claims: list[Claims] = []

    def state(self) -> ReorderState:
        """What is held, in the order in which it will be given out, however it came in."""
        return ReorderState(
            latest_ns=self._latest_ns,
            released_ns=self._released_ns,
            detections=_sorted(Detections.concatenate(self._detections)),
            claims=_sorted(Claims.concatenate(self._claims)),
        )

    def restore(self, state: ReorderState) -> None:
        """Go on from what `state` gave."""
        self._latest_ns, self._released_ns = state.latest_ns, state.released_ns
        self._detections = [state.detections] if len(state.detections) else []
        self._claims = [state.claims] if len(state.claims) else []

    def watermark(self, received_ns: int) -> int:
        """The watermark after something was received at `received_ns`. It never goes back."""
        self._latest_ns = max(self._latest_ns, received_ns)
        return self._latest_ns - self._reorder_ns

    def watermarks(self, received_ns: Ints) -> Ints:
        """The watermark after each of (n,) times of receipt, in order; shape (n,)."""
        if not len(received_ns):
            return received_ns
        latest = np.maximum.accumulate(np.maximum(received_ns, self._latest_ns))
        self._latest_ns = int(latest[-1])
        return np.asarray(latest - self._reorder_ns)

    def put(self, detections: Detections, claims: Claims) -> tuple[Rejection, ...]:
        """Take in reports; those that came too late are given back as rejections, one a frame."""
        return (*self._take_in(self._detections, detections), *self._take_in(self._claims, claims))

    def release(self, until_ns: int) -> tuple[Detections, Claims]:
        """Everything measured before `until_ns`, in order of time, then of id; what came late, too."""
        self._released_ns = max(self._released_ns, until_ns)
        detections, self._detections = _split(Detections, self._detections, until_ns)
        claims, self._claims = _split(Claims, self._claims, until_ns)
        return detections, claims

    def __bool__(self) -> bool:
        """Whether anything is held."""
        return bool(self._detections or self._claims)

    def _take_in(self, held: list[Reports], batch: Reports) -> list[Rejection]:
        """Hold what is in time; the rejections of what is not."""
        in_time = batch.time_ns >= self._released_ns - self._rollback_ns
        if in_time.all():
            if len(batch):
                held.append(batch)
            return []
        if in_time.any():
            held.append(batch.take(in_time))
        return self._late(batch.take(~in_time))

    def _late(self, batch: Detections | Claims) -> list[Rejection]:
        made = []
        frames = frame_of(batch.id)
        for frame in np.unique(frames).tolist():
            rows = np.flatnonzero(frames == frame)
            behind_s = (self._released_ns - int(batch.time_ns[rows].min())) / SECOND_NS
            made.append(
                Rejection(
                    frame=frame,
                    record=int(record_of(batch.id[rows[0]])),
                    source=self._source_of_sensor[int(batch.sensor[rows[0]])],
                    reason=Reason.LATE,
                    item="time",
                    detail=f"measured up to {behind_s:.2f} s before the watermark; raise reorder_s or "
                    "tracking.rollback_s if this is usual",
                    count=len(rows),
                )
            )
        return made


def _split(kind: type[Reports], held: list[Reports], until_ns: int) -> tuple[Reports, list[Reports]]:
    """What is before `until_ns`, sorted, and what stays."""
    if not held:
        return kind.empty(), []
    batch = kind.concatenate(held)
    due = batch.time_ns < until_ns
    out = batch.take(due)
    stays = batch.take(~due)
    return _sorted(out), [stays] if len(stays) else []


def _sorted(batch: Reports) -> Reports:
    """In order of time, then of id."""
    return batch.take(np.lexsort((batch.id, batch.time_ns)))
