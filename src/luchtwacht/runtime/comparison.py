"""What two accounts of the same time have in common: alerts, tracks and findings that appear, vanish, or shift in time.

Numbers mean nothing between two accounts, so things are recognised by what they are. Tracks are the same object when,
for most of the shorter one's life, each is the other's nearest and near. A finding is a track's first time inside a
zone. Alerts are the same event when they are about the same zone (or claimed id) at about the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

import numpy as np

from luchtwacht.model import Alert, AlertChanged, AlertKind, Event, Found, Ints, Tracked, Tracks, TrackStatus
from luchtwacht.units import SECOND_NS

NEAR_M = 100.0
"""two tracks of one object are no further apart than this"""
MOST_OF_LIFE = 0.5
INSIDE = 0.5
"""probability inside from which a track is in a zone"""
SAME_EVENT_S = 120.0
"""two alerts about the same zone are one event when raised no further apart than this"""
LEAST_SHIFT_S = 1.0
"""shifts in time below this are not told"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An alert, a track or a finding, as far as it is compared."""

    id: str
    """its number in its account; for a finding track and zone"""
    what: str
    """for people"""
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same thing in both accounts."""

    recorded: Thing
    otherwise: Thing

    @property
    def shift_s(self) -> float:
        """How much later it begins in the second account."""
        return (self.otherwise.first_ns - self.recorded.first_ns) / SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One kind of thing in two accounts."""

    same: tuple[Pair, ...]
    vanished: tuple[Thing, ...]
    """only in the first"""
    appeared: tuple[Thing, ...]
    """only in the second"""

    @property
    def shifted(self) -> tuple[Pair, ...]:
        """Those in both that begin at another time."""
        return tuple(pair for pair in self.same if abs(pair.shift_s) >= LEAST_SHIFT_S)


@dataclass(slots=True)
class Account:
    """What was said in a span of time, gathered for comparison. Is told events in order."""

    alerts: dict[int, Alert] = field(default_factory=dict)
    _steps: list[tuple[int, Ints, np.ndarray]] = field(default_factory=list)
    """time, numbers and places (k, 2) of confirmed tracks"""
    _lives: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """track: first and last time, and in how many steps"""
    _inside: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        """Take in what was said."""
        for event in events:
            match event:
                case AlertChanged():
                    self.alerts[event.alert.id] = event.alert
                case Tracked():
                    self._track(event.time_ns, event.tracks)
                case Found():
                    found = event.findings
                    for row in np.flatnonzero(found.probability_inside >= INSIDE).tolist():
                        key = int(found.track[row]), str(found.zone[row])
                        first, _ = self._inside.get(key, (event.time_ns, 0))
                        self._inside[key] = first, event.time_ns
                case _:
                    pass

    def _track(self, time_ns: int, tracks: Tracks) -> None:
        rows = np.flatnonzero((tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED))
        if not len(rows):
            return
        self._steps.append((time_ns, tracks.track[rows], tracks.x[rows, :2]))
        for track in tracks.track[rows].tolist():
            first, _, count = self._lives.get(track, (time_ns, 0, 0))
            self._lives[track] = first, time_ns, count + 1

    def tracks(self) -> dict[int, Thing]:
        """Every track that was ever confirmed."""
        return {
            track: Thing(id=str(track), what=f"track {track}", first_ns=first, last_ns=last)
            for track, (first, last, _) in sorted(self._lives.items())
        }

    def findings(self) -> dict[tuple[int, str], Thing]:
        """Every track in every zone it was in."""
        return {
            (track, zone): Thing(id=f"{track}/{zone}", what=f"track {track} in {zone}", first_ns=first, last_ns=last)
            for (track, zone), (first, last) in sorted(self._inside.items())
        }

    def events(self, since_ns: int) -> dict[int, Thing]:
        """Every alert raised since a time."""
        return {
            id: Thing(id=str(id), what=_name(alert), first_ns=alert.raised_ns, last_ns=alert.changed_ns)
            for id, alert in sorted(self.alerts.items())
            if alert.raised_ns >= since_ns
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two accounts of the same time."""

    alerts: Compared
    tracks: Compared
    findings: Compared


def compare(recorded: Account, otherwise: Account, since_ns: int = 0) -> Comparison:
    """Hold a second account against the first; alerts raised before `since_ns` are in neither."""
    of_track = _same_tracks(recorded, otherwise)
    tracks, others = recorded.tracks(), otherwise.tracks()
    findings, found = recorded.findings(), otherwise.findings()
    same_findings = {
        (track, zone): (of_track[track], zone) for track, zone in findings if (of_track.get(track), zone) in found
    }
    alerts, raised = recorded.events(since_ns), otherwise.events(since_ns)
    return Comparison(
        alerts=_compared(alerts, raised, _same_alerts(recorded, otherwise, alerts, raised)),
        tracks=_compared(tracks, others, of_track),
        findings=_compared(findings, found, same_findings),
    )


def _compared(first: dict, second: dict, same: dict) -> Compared:  # type: ignore[type-arg]
    taken = set(same.values())
    return Compared(
        same=tuple(Pair(recorded=first[key], otherwise=second[same[key]]) for key in first if key in same),
        vanished=tuple(thing for key, thing in first.items() if key not in same),
        appeared=tuple(thing for key, thing in second.items() if key not in taken),
    )


def _same_tracks(one: Account, two: Account) -> dict[int, int]:
    """Which track of the second account each of the first is: one to one, the longest together first."""
    together: dict[tuple[int, int], int] = {}
    other = {time_ns: (tracks, places) for time_ns, tracks, places in two._steps}
    for time_ns, tracks, places in one._steps:
        if time_ns not in other:
            continue
        their_tracks, their_places = other[time_ns]
        away = np.hypot(*(places[:, None, :] - their_places[None, :, :]).transpose(2, 0, 1))
        nearest, back = away.argmin(1), away.argmin(0)
        for row, column in enumerate(nearest.tolist()):
            if back[column] == row and away[row, column] <= NEAR_M:
                pair = int(tracks[row]), int(their_tracks[column])
                together[pair] = together.get(pair, 0) + 1
    made: dict[int, int] = {}
    taken: set[int] = set()
    for (track, their), count in sorted(together.items(), key=lambda each: (-each[1], each[0])):
        shorter = min(one._lives[track][2], two._lives[their][2])
        if track not in made and their not in taken and count > MOST_OF_LIFE * shorter:
            made[track] = their
            taken.add(their)
    return made


def _same_alerts(one: Account, two: Account, first: dict[int, Thing], second: dict[int, Thing]) -> dict[int, int]:
    """Which alert of the second account each of the first is: one to one, the nearest in time first."""
    apart = sorted((_apart(one.alerts[a], two.alerts[b]), a, b) for a in first for b in second)
    made: dict[int, int] = {}
    taken: set[int] = set()
    for seconds, a, b in apart:
        if seconds <= SAME_EVENT_S and a not in made and b not in taken:
            made[a] = b
            taken.add(b)
    return made


def _apart(a: Alert, b: Alert) -> float:
    """s between two alerts that may be one event; infinite when they cannot be."""
    claims = [each.kind is AlertKind.CONTRADICTED_CLAIM for each in (a, b)]
    about = [each.aircraft_id if claim else each.zone for each, claim in zip((a, b), claims, strict=True)]
    if claims[0] != claims[1] or about[0] != about[1]:
        return inf
    return abs(a.raised_ns - b.raised_ns) / SECOND_NS


def _name(alert: Alert) -> str:
    about = alert.aircraft_id if alert.kind is AlertKind.CONTRADICTED_CLAIM else alert.zone
    return f"{alert.kind.value.replace('_', ' ')} {about}".strip()
