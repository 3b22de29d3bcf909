"""Objects: a track and, after a loss, its continuations.

A person must not be called twice because a drone was lost behind a building. What is measured again the tracker
recognises by how it moves, and the track goes on under its number. What the tracker does not know is left to this
module: when a track with an alert ends (or coasts) and a new one is confirmed with the same claimed id, or one of the
two rests on claims alone and is near the place that the other would have reached, the new track is taken for the same
object. A new track continues at most one object, and one track at a time continues an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from luchtwacht.model import Identities, Tracks, TrackStatus
from luchtwacht.model.identity import ClaimVerdict
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS

REMEMBER_S = 60.0
"""an object not seen for longer than this is gone"""
REUNITE_S = 30.0
"""and is not recognised by its place any more after this"""
MANOEUVRE_M_S2 = 1.0
"""acceleration an unseen object may have kept up: 50 m after 10 s"""
GREATEST_REACH_M = 300.0
"""no further from the predicted place than this, however uncertain it is"""
SIGMAS = 3.0


@dataclass(slots=True)
class Watched:
    """An object as it was last seen."""

    number: int
    """from 1, in order of first sight"""
    tracks: list[int]
    seen_ns: int
    x: NDArray[np.float64]
    P: NDArray[np.float64]
    aircraft_id: str = ""
    gone: bool = False
    """no track is confirmed any more"""
    coasted: bool = False
    wanted: bool = field(default=False)
    """something hangs on it, so it must be recognised again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityState:
    """Which tracks are one object."""

    objects: list[Watched]
    of_track: dict[int, int]
    next: int


class Continuity:
    """Which tracks are one object."""

    def __init__(self) -> None:
        self._objects: dict[int, Watched] = {}
        self._of_track: dict[int, int] = {}
        self._next = 1

    def state(self) -> ContinuityState:
        """Every object that may still be seen."""
        return ContinuityState(
            objects=copied(list(self._objects.values())), of_track=dict(self._of_track), next=self._next
        )

    def restore(self, state: ContinuityState) -> None:
        """Go on from what `state` gave."""
        self._objects = {each.number: each for each in copied(state.objects)}
        self._of_track, self._next = dict(state.of_track), state.next

    @property
    def numbers(self) -> set[int]:
        """Objects that may still be seen."""
        return set(self._objects)

    def object_of(self, track: int) -> Watched:
        """The object that a live track is."""
        return self._objects[self._of_track[track]]

    def step(self, time_ns: int, live: Tracks, identities: Identities) -> list[tuple[Watched, int]]:
        """Take over the live tracks, and say which objects were continued by which new track.

        Args:
            live: confirmed and coasted tracks.
        """
        named = _believed_ids(identities)
        self._forget(time_ns, set(live.track.tolist()))
        new = []
        for row, track in enumerate(live.track.tolist()):
            number = self._of_track.get(track)
            if number is None:
                new.append(row)
            else:
                self._see(self._objects[number], live, row, named.get(track, ""))
        continued = []
        for row, watched in self._match(time_ns, live, new, named):
            track = int(live.track[row])
            if watched is None:
                watched = Watched(self._next, [], time_ns, live.x[row], live.P[row])
                self._objects[self._next] = watched
                self._next += 1
            else:
                continued.append((watched, track))
            watched.tracks.append(track)
            self._of_track[track] = watched.number
            self._see(watched, live, row, named.get(track, ""))
        return continued

    def _see(self, watched: Watched, live: Tracks, row: int, aircraft_id: str) -> None:
        if int(live.track[row]) != watched.tracks[-1]:
            return  # the older track of an object that was already continued
        watched.seen_ns = int(live.time_ns[row])
        watched.x, watched.P = live.x[row], live.P[row]
        watched.aircraft_id = aircraft_id or watched.aircraft_id
        watched.gone, watched.coasted = False, int(live.status[row]) == TrackStatus.COASTED

    def _forget(self, time_ns: int, live: set[int]) -> None:
        """Let go of objects that are gone and on which nothing hangs, or that have been gone too long."""
        for number, watched in list(self._objects.items()):
            if live.intersection(watched.tracks):
                continue
            watched.gone = True
            if not watched.wanted or time_ns - watched.seen_ns > REMEMBER_S * SECOND_NS:
                for track in watched.tracks:
                    self._of_track.pop(track, None)
                del self._objects[number]

    def _match(
        self, time_ns: int, live: Tracks, new: list[int], named: dict[int, str]
    ) -> list[tuple[int, Watched | None]]:
        """For each new row the object it continues, or none; nearest first, each object once."""
        waiting = [each for each in self._objects.values() if each.wanted and (each.gone or each.coasted)]
        candidates = []
        for row in new:
            for watched in waiting:
                score = _nearness(time_ns, watched, live, row, named.get(int(live.track[row]), ""))
                if score is not None:
                    candidates.append((score, int(live.track[row]), watched.number, row))
        chosen: dict[int, Watched] = {}
        for _, _, number, row in sorted(candidates):
            if row not in chosen and all(each.number != number for each in chosen.values()):
                chosen[row] = self._objects[number]
        return [(row, chosen.get(row)) for row in new]


def _nearness(time_ns: int, watched: Watched, live: Tracks, row: int, aircraft_id: str) -> float | None:
    """0 for the same claimed id; else, where one of the two rests on claims, the normalised distance from the predicted
    place; none when they cannot be one.
    """
    if aircraft_id and watched.aircraft_id:
        return 0.0 if aircraft_id == watched.aircraft_id else None
    elapsed = (time_ns - watched.seen_ns) / SECOND_NS
    if (live.track[row] > 0 and watched.tracks[-1] > 0) or elapsed > REUNITE_S:
        return None
    predicted = watched.x[:2] + elapsed * watched.x[3:5]
    spread = watched.P[:2, :2] + elapsed**2 * watched.P[3:5, 3:5] + live.P[row, :2, :2]
    sigma = float(np.sqrt(np.trace(spread) / 2.0)) + 0.5 * MANOEUVRE_M_S2 * elapsed**2
    away = float(np.hypot(*(live.x[row, :2] - predicted)))
    return away / sigma if away <= min(SIGMAS * sigma, GREATEST_REACH_M) else None


def _believed_ids(identities: Identities) -> dict[int, str]:
    """Claimed id by track, where nothing contradicts the claim and it fits better than not."""
    fits = (identities.claim_verdict != ClaimVerdict.CONTRADICTED) & (identities.probability >= 0.5)
    return {
        int(identities.track[row]): str(identities.aircraft_id[row])
        for row in np.flatnonzero(fits).tolist()
        if identities.aircraft_id[row]
    }
