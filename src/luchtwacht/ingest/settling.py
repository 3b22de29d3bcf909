"""Holds what was measured and claimed until nothing late can join it any more, and gives it out step by step.

What the tracker and the correlator say at once, they may say otherwise when something late comes. Whatever must not
depend on the order of receipt is fed from here, in order of event time, `TrackingSettings.rollback_s` later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from luchtwacht.model import Associations, Claims, Detections, Ints, Settled, Site, Tracks
from luchtwacht.units import seconds_to_ns

Reports = TypeVar("Reports", Detections, Claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step of the watch as it stands for good."""

    time_ns: int
    """ns UTC of its end"""
    detections: Detections
    """measured in it, in order of time, then of id"""
    claims: Claims
    """likewise"""
    tracks: Tracks
    associations: Associations
    """both as in `Settled`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlingState:
    """What waits."""

    detections: Detections
    claims: Claims


class Settling:
    """Detections and claims, from their release until they are settled."""

    def __init__(self, site: Site) -> None:
        self._step_ns = seconds_to_ns(site.step_s)
        self._window_ns = seconds_to_ns(site.tracking.rollback_s)
        self._detections: list[Detections] = []
        self._claims: list[Claims] = []

    def state(self) -> SettlingState:
        """What waits, in order of time."""
        return SettlingState(
            detections=_sorted(Detections.concatenate(self._detections)),
            claims=_sorted(Claims.concatenate(self._claims)),
        )

    def restore(self, state: SettlingState) -> None:
        """Go on from what `state` gave."""
        self._detections, self._claims = [], []
        self.put(state.detections, state.claims)

    def put(self, detections: Detections, claims: Claims) -> None:
        """Hold what was released."""
        self._detections += [detections] if len(detections) else []
        self._claims += [claims] if len(claims) else []

    def settle(self, time_ns: int, steps: Sequence[Settled]) -> list[Moment]:
        """Every step that is settled once `time_ns` was concluded on, and in which there is anything at all.

        Steps without anything are left out because which of them the tracker took depends on the order of receipt.

        Args:
            steps: of the tracker, settled since the last call.
        """
        limit_ns = (time_ns - self._window_ns) // self._step_ns * self._step_ns
        detections, claims = Detections.concatenate(self._detections), Claims.concatenate(self._claims)
        due, said = detections.time_ns < limit_ns, claims.time_ns < limit_ns
        if not (due.any() or said.any() or steps):
            return []
        self._detections, self._claims = [detections.take(~due)], [claims.take(~said)]
        detections, claims = _sorted(detections.take(due)), _sorted(claims.take(said))
        measured_in, said_in = self._ends(detections.time_ns), self._ends(claims.time_ns)
        tracked = {step.time_ns: step for step in steps if len(step.tracks)}
        moments = []
        for end_ns in sorted({*measured_in.tolist(), *said_in.tolist(), *tracked}):
            step = tracked.get(end_ns)
            moments.append(
                Moment(
                    time_ns=end_ns,
                    detections=detections.take(measured_in == end_ns),
                    claims=claims.take(said_in == end_ns),
                    tracks=step.tracks if step else Tracks.empty(),
                    associations=step.associations if step else Associations.empty(),
                )
            )
        return moments

    def _ends(self, time_ns: Ints) -> Ints:
        """(n,) when the step in which something was measured ends."""
        return np.asarray((time_ns // self._step_ns + 1) * self._step_ns)


def _sorted(batch: Reports) -> Reports:
    return batch.take(np.lexsort((batch.id, batch.time_ns)))
