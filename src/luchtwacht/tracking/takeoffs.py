"""The stage that says from where tracks took off.

For every track the detections of its first seconds are kept. For a track that somebody is alerted about, or asks for,
they are smoothed and traced back to the ground (`tracking.origin`): once as soon as there is enough, and once more when
the first seconds are complete. What has not changed in meaning is not said again.

Tracing costs a tenth to a third of a second, a thousand times what a conclusion costs. So it is never done for every
track, never in the conclusion that raises the alert, and at most once in `SPACING_NS`; whoever waits, waits in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import hypot, pi
from typing import TypeVar

import numpy as np

from luchtwacht.errors import BadCommand, BadInput
from luchtwacht.model import (
    Alert,
    Area,
    Associations,
    Basis,
    Bools,
    Chances,
    Detected,
    Detections,
    Event,
    Extent,
    Ints,
    Site,
    TakeOff,
    TakeOffFound,
    Tracked,
    Tracks,
    TrackStatus,
)
from luchtwacht.tracking.areas import Contour
from luchtwacht.tracking.departures import Departure
from luchtwacht.tracking.origin import NoDeparture, Origin, origin
from luchtwacht.tracking.silence import SEARCHING
from luchtwacht.tracking.smoothing import LEAST_PROBABILITY, Smoothed, smooth
from luchtwacht.units import SECOND_NS, seconds_to_ns

E = TypeVar("E", bound=Event)

WINDOW_NS = 20 * SECOND_NS
"""detections this long after the first are kept: what comes later says little about the beginning"""
MOST_KEPT, MOST_TENTATIVE = 32, 8
"""detections kept of one track, and of one that is not confirmed"""
MOST_ROWS = 65_536
"""detections kept of all tracks together; beyond, each may keep fewer (but four)"""
NEVER_NS = 2**62
FEWEST = 3
"""detections from which a take-off is looked for"""
RECENT_NS, MOST_RECENT = 12 * SECOND_NS, 131_072
"""unused detections are remembered so long, and so many: a track names its first only when it gets its number"""
KEPT_AFTER_NS = 120 * SECOND_NS
"""what was kept of a confirmed track outlives it by this: somebody may ask, or it may be found again"""
SPACING_NS = SECOND_NS
TOGETHER = 64
"""small batches that are joined at once"""
IN_VIEW, LONG_AGO = 0.5, 0.1
"""probability of a take-off in view from which it is one; probability of having left long ago from which the area is
open"""
MOVED, GREW = 0.3, 1.3
"""a new answer is worth saying when its point moved by this share of the expected error, or an area or an interval
changed by this factor"""
MAP_SHARE = 0.99
MOST_MAP_CELLS = 64
"""along an axis of the map that is told; areas are drawn from the fine one"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffsState:
    """Everything that is held between two steps."""

    number: Ints
    """(k,) tracks in ascending order"""
    count: Ints
    """(k,) detections kept of each"""
    first_ns: Ints
    """(k,) ns UTC of the first detection"""
    until_ns: Ints
    """(k,) ns UTC at which it is forgotten; -1 while it lives"""
    confirmed: Bools
    """(k,)"""
    owner: Ints
    """(n,) whose each kept detection is"""
    kept: Detections
    recent: tuple[Detections, ...]
    waiting: tuple[int, ...]
    """tracks whose take-off is to be found, in order"""
    filling: tuple[int, ...]
    """tracks to look at again when their first seconds are complete"""
    said: tuple[TakeOff, ...]
    """the latest of each track"""
    last_ns: int
    """ns UTC at which one was last found; -1 before"""
    before_ns: int
    """ns UTC of the last step; -1 before"""
    watched_ns: Ints
    """(sensors,) ns UTC since when each sensor has been watching; far ahead while it is not"""


class TakeOffs:
    """Where tracks of one site took off."""

    def __init__(self, site: Site, *, kept_after_ns: int = KEPT_AFTER_NS, most_rows: int = MOST_ROWS) -> None:
        """Args:
        site: sensors, ground and wind.
        kept_after_ns, most_rows: in a reading of what is over, more may be kept than in a live watch.
        """
        self._site, self._kept_after_ns, self._most_rows = site, kept_after_ns, most_rows
        self._departure = Departure(longest_s=site.takeoff.longest_s)
        self._searching = tuple(i for i, sensor in enumerate(site.sensors) if sensor.kind in SEARCHING)
        self._number = self._count = self._first_ns = self._until_ns = np.empty(0, np.int64)
        self._confirmed = np.empty(0, np.bool_)
        self._kept: list[tuple[Ints, Detections]] = []
        self._recent: list[Detections] = []
        self._waiting: dict[int, None] = {}
        self._filling: dict[int, None] = {}
        self._said: dict[int, TakeOff] = {}
        self._last_ns = self._before_ns = -1
        self._watched_ns = np.full(len(site.sensors), NEVER_NS)

    def state(self) -> TakeOffsState:
        """Everything that is held between two steps."""
        self._join()
        owner, kept = self._kept[0] if self._kept else (np.empty(0, np.int64), Detections.empty())
        return TakeOffsState(
            number=self._number.copy(),
            count=self._count.copy(),
            first_ns=self._first_ns.copy(),
            until_ns=self._until_ns.copy(),
            confirmed=self._confirmed.copy(),
            owner=owner.copy(),
            kept=kept,
            recent=tuple(self._recent),
            waiting=tuple(self._waiting),
            filling=tuple(self._filling),
            said=tuple(self._said.values()),
            last_ns=self._last_ns,
            before_ns=self._before_ns,
            watched_ns=self._watched_ns.copy(),
        )

    def restore(self, state: TakeOffsState) -> None:
        """Go on from what `state` gave, of this stage or of another for the same site."""
        self._number, self._count = state.number.copy(), state.count.copy()
        self._first_ns, self._until_ns = state.first_ns.copy(), state.until_ns.copy()
        self._confirmed = state.confirmed.copy()
        self._kept = [(state.owner.copy(), state.kept)] if len(state.kept) else []
        self._recent = list(state.recent)
        self._waiting, self._filling = dict.fromkeys(state.waiting), dict.fromkeys(state.filling)
        self._said = {each.track: each for each in state.said}
        self._last_ns, self._before_ns = state.last_ns, state.before_ns
        self._watched_ns = state.watched_ns.copy()

    def standing(self, time_ns: int) -> tuple[TakeOffFound, ...]:
        """The take-offs that were said of tracks still remembered, without their maps, as at `time_ns`."""
        return tuple(
            TakeOffFound(time_ns=time_ns, takeoff=each, chances=Chances.empty()) for each in self._said.values()
        )

    @property
    def waits(self) -> bool:
        """Whether a take-off is still to be found, or found again: time must go on for it, also in an empty sky."""
        return bool(self._waiting or self._filling)

    def ask(self, track: int) -> None:
        """Somebody wants to know.

        Raises:
            BadCommand: nothing is remembered of such a track.
        """
        if self._row(track) < 0:
            raise BadCommand(
                f"nothing is remembered of the beginning of track {track}",
                hint="it rests on claims alone, or ended long ago: then ask `luchtwacht origin` of the journal",
            )
        self._waiting[track] = None

    def step(
        self,
        time_ns: int,
        detections: Detections,
        tracks: Tracks,
        associations: Associations,
        alerts: Iterable[Alert] = (),
        up: Bools | None = None,
    ) -> TakeOffFound | None:
        """Keep what tells of beginnings, and say at most one take-off.

        Args:
            time_ns: ns UTC, later than at the last step.
            detections: those that the tracker was given for this step.
            tracks, associations: what it made of them; claimed tracks among them are passed over.
            alerts: those that changed in this step. Their tracks are looked at from the next step on.
            up: (sensors,) whether each is heard of now; each that reported once is, when left out.
        """
        self._watch(time_ns, detections, up)
        found = self._find(time_ns)
        self._remember(time_ns, detections)
        self._follow(time_ns, tracks)
        self._keep(associations)
        self._complete(time_ns)
        self._before_ns = time_ns
        for alert in alerts:
            first = next((track for track in alert.tracks if track > 0), None)
            if alert.active and first is not None and first not in self._said and self._row(first) >= 0:
                self._waiting[first] = None
        return found

    def _row(self, track: int) -> int:
        """Where a track stands in the columns; -1 when nothing is kept of it."""
        row = int(np.searchsorted(self._number, track))
        return row if row < len(self._number) and self._number[row] == track else -1

    # ------------------------------------------------------------------ what is kept

    def _watch(self, time_ns: int, detections: Detections, up: Bools | None) -> None:
        """Since when each sensor has been watching. What one did not see while it was down says nothing."""
        if up is None:
            up = self._watched_ns < NEVER_NS
            up[np.unique(detections.sensor)] = True
        self._watched_ns = np.where(up, np.minimum(self._watched_ns, time_ns), NEVER_NS)

    def _remember(self, time_ns: int, detections: Detections) -> None:
        """Detections that may yet turn out to be somebody's first."""
        if len(detections):
            self._recent.append(detections)
        while self._recent and (
            int(self._recent[0].time_ns[-1]) < time_ns - RECENT_NS or sum(map(len, self._recent)) > MOST_RECENT
        ):
            del self._recent[0]

    def _follow(self, time_ns: int, tracks: Tracks) -> None:
        """Take in new tracks; let go of those that ended: unconfirmed ones at once."""
        rows = np.flatnonzero(tracks.basis == Basis.MEASURED)
        number, ended = tracks.track[rows], tracks.status[rows] == TrackStatus.TERMINATED
        confirmed = tracks.confirmed_ns[rows] >= 0
        gone = ~np.isin(self._number, number[~ended], assume_unique=True)
        until_ns = np.where(
            gone & (self._until_ns < 0), time_ns + self._kept_after_ns, np.where(gone, self._until_ns, -1)
        )
        stay = ~gone | (self._confirmed & (until_ns > time_ns))
        fresh = ~ended & ~np.isin(number, self._number, assume_unique=True)
        if fresh.any() or not stay.all():
            columns = (
                (self._number, number), (self._count, np.zeros(len(rows), np.int64)),
                (self._first_ns, tracks.started_ns[rows]), (until_ns, np.full(len(rows), -1)),
                (self._confirmed, confirmed),
            )  # fmt: skip
            joined = [np.concatenate([old[stay], new[fresh]]) for old, new in columns]
            order = np.argsort(joined[0], kind="stable")
            for track in self._number[~stay].tolist():
                for memory in (self._waiting, self._filling, self._said):
                    memory.pop(track, None)
            self._number, self._count, self._first_ns, until_ns, self._confirmed = (each[order] for each in joined)
        self._until_ns = until_ns
        at = np.searchsorted(self._number, number[confirmed & ~ended])
        self._confirmed[at] = True

    def _keep(self, associations: Associations) -> None:
        """Keep the named detections of tracks that have not yet enough."""
        if not len(associations) or not len(self._number):
            return
        most = int(np.clip(self._most_rows // len(self._number), 4, MOST_KEPT))
        row = np.minimum(np.searchsorted(self._number, associations.track), len(self._number) - 1)
        known = self._number[row] == associations.track
        again = known & (associations.time_ns < self._before_ns) & (self._count[row] > 0)
        if again.any():
            self._correct(associations.take(again))
        room = np.where(self._confirmed, most, min(most, MOST_TENTATIVE))[row] - self._count[row]
        wanted = known & ~again & (associations.probability >= LEAST_PROBABILITY)
        wanted &= (room > 0) & (associations.time_ns <= self._first_ns[row] + WINDOW_NS)
        chosen = np.flatnonzero(wanted)
        chosen = chosen[np.lexsort((associations.time_ns[chosen], row[chosen]))]
        place = np.arange(len(chosen)) - np.searchsorted(row[chosen], row[chosen])
        chosen = chosen[place < room[chosen]]
        rows, owner = self._look_up(associations.detection[chosen], associations.time_ns[chosen], row[chosen])
        if not len(rows):
            return
        np.add.at(self._count, owner, 1)
        self._kept.append((self._number[owner], rows))
        if len(self._kept) > TOGETHER:
            self._join()

    def _correct(self, associations: Associations) -> None:
        """After late reports a pair may be said again: what is hardly of its track any more is let go."""
        gone = associations.take(associations.probability < LEAST_PROBABILITY)
        pairs = set(zip(gone.track.tolist(), gone.detection.tolist(), strict=True))
        self._join()
        if not pairs or not self._kept:
            return
        owner, kept = self._kept[0]
        stay = np.array([pair not in pairs for pair in zip(owner.tolist(), kept.id.tolist(), strict=True)])
        np.subtract.at(self._count, np.searchsorted(self._number, owner[~stay]), 1)
        self._kept = [(owner[stay], kept.take(stay))] if stay.any() else []

    def _look_up(self, ids: Ints, times_ns: Ints, owner: Ints) -> tuple[Detections, Ints]:
        """The detections of these ids among those remembered, each with its owner; others are passed over."""
        found, whose = [], []
        for batch in reversed(self._recent):
            if not len(ids):
                break
            inside = (times_ns >= batch.time_ns[0]) & (times_ns <= batch.time_ns[-1])
            if not inside.any():
                continue
            order = np.argsort(batch.id, kind="stable")
            at = np.minimum(np.searchsorted(batch.id, ids, sorter=order), len(batch) - 1)
            here = inside & (batch.id[order[at]] == ids)
            found.append(batch.take(order[at[here]]))
            whose.append(owner[here])
            ids, times_ns, owner = ids[~here], times_ns[~here], owner[~here]
        if not found:
            return Detections.empty(), np.empty(0, np.int64)
        return Detections.concatenate(found), np.concatenate(whose)

    def _join(self) -> None:
        """One batch of all that is kept of tracks that are not forgotten."""
        if not self._kept:
            return
        owner = np.concatenate([owner for owner, _ in self._kept])
        kept = Detections.concatenate([rows for _, rows in self._kept])
        known = np.isin(owner, self._number)
        self._kept = [(owner[known], kept.take(known))] if known.any() else []

    @property
    def watched_ns(self) -> Ints:
        """(sensors,) ns UTC since when each sensor has been watching, as `find` takes it."""
        return self._watched_ns.copy()

    @property
    def confirmed(self) -> tuple[int, ...]:
        """Confirmed tracks of whose beginning something is kept, in order of number."""
        return tuple(self._number[self._confirmed & (self._count > 0)].tolist())

    def beginning(self, track: int) -> Detections:
        """What is kept of one track, in order of time."""
        rows = Detections.concatenate([rows.take(owner == track) for owner, rows in self._kept])
        rows = rows.take(np.unique(rows.id, return_index=True)[1])  # what came late made others be named again
        return rows.take(np.lexsort((rows.id, rows.time_ns)))

    # ------------------------------------------------------------------ what is found

    def _complete(self, time_ns: int) -> None:
        """Those that were found early and have filled up since wait to be found again."""
        for track in list(self._filling):
            row = self._row(track)
            if self._count[row] >= MOST_KEPT or time_ns > self._first_ns[row] + WINDOW_NS or self._until_ns[row] >= 0:
                del self._filling[track]
                self._waiting[track] = None

    def _find(self, time_ns: int) -> TakeOffFound | None:
        """The take-off of the track that has waited longest and has enough."""
        if self._last_ns >= 0 and time_ns < self._last_ns + SPACING_NS:
            return None
        for track in list(self._waiting):
            row = self._row(track)
            whole = time_ns > self._first_ns[row] + WINDOW_NS or self._until_ns[row] >= 0
            if self._count[row] < FEWEST and not whole:
                continue
            del self._waiting[track]
            rows, before = self.beginning(track), self._said.get(track)
            if before is not None and before.detections == tuple(rows.id.tolist()):
                continue
            self._last_ns = time_ns
            takeoff, chances = find(track, rows, self._site, self._departure, self._searching, self._watched_ns)
            if not whole and len(rows) < MOST_KEPT:
                self._filling[track] = None
            if before is not None and not differs(before, takeoff):
                return None
            self._said[track] = takeoff if before is None else replace(takeoff, revision=before.revision + 1)
            return TakeOffFound(time_ns=time_ns, takeoff=self._said[track], chances=chances)
        return None


def follow(stage: TakeOffs, events: Iterable[E]) -> Iterator[E]:
    """Feed what was said of detections and tracks to `stage`, in order of time, and pass every event on."""
    held: deque[Detections] = deque(maxlen=64)
    for event in events:
        match event:
            case Detected():
                held.append(event.detections)
            case Tracked():
                stage.step(event.time_ns, Detections.concatenate(list(held)), event.tracks, event.associations)
                held.clear()
        yield event


def find(
    track: int,
    detections: Detections,
    site: Site,
    departure: Departure | None = None,
    searching: tuple[int, ...] | None = None,
    watched_ns: Ints | None = None,
) -> tuple[TakeOff, Chances]:
    """The take-off of one track, from the detections of its first seconds. Never raises: it says what it cannot say.

    Args:
        track: its number.
        detections: of its beginning, in order of time; used as they are.
        site: sensors, ground and wind.
        departure: how drones leave; as the site's settings say when left out.
        searching: indexes of sensors whose silence counts; every radar when left out.
        watched_ns: (sensors,) ns UTC since when each has been watching; always when left out.
    """
    departure = departure or Departure(longest_s=site.takeoff.longest_s)
    if searching is None:
        searching = tuple(i for i, sensor in enumerate(site.sensors) if sensor.kind in SEARCHING)
    first_ns = int(detections.time_ns[0]) if len(detections) else -1
    if watched_ns is not None:
        searching = tuple(each for each in searching if watched_ns[each] < first_ns)
    takeoff = TakeOff(
        track=track, revision=1, extent=Extent.UNPLACED, half=None, most=None, point=None, expected_error=None,
        launch_ns=-1, launch_from_ns=-1, launch_until_ns=-1, bearing=None, bearing_sigma=None, in_view=None,
        first_ns=first_ns, first_seen=None,
        used_until_ns=int(detections.time_ns[-1]) if len(detections) else -1, detections=tuple(detections.id.tolist()),
        sensors=tuple(np.unique(detections.sensor).tolist()), searching=searching, wind=site.takeoff.wind,
    )  # fmt: skip
    try:
        smoothed = smooth(detections, site)
        takeoff = replace(takeoff, first_seen=tuple(np.round(smoothed.x[0, :3], 1).tolist()))
        found = origin(smoothed, site, departure=departure, wind=site.takeoff.wind, watched_from_ns=watched_ns)
    except NoDeparture as error:
        bearing, sigma = _backwards(smoothed)
        takeoff = replace(takeoff, extent=Extent.BEYOND, bearing=bearing, bearing_sigma=sigma, detail=error.what)
        return takeoff, Chances.empty()
    except BadInput as error:
        return replace(takeoff, detail=error.what), Chances.empty()
    takeoff = replace(
        takeoff, extent=extent_of(found), half=_area(found.half), most=_area(found.most),
        point=(round(found.point[0], 1), round(found.point[1], 1)), expected_error=round(found.expected_error, 1),
        launch_ns=_tenths(found.launch_ns), launch_from_ns=_tenths(found.launch_from_ns),
        launch_until_ns=_tenths(found.launch_until_ns), bearing=round(found.bearing, 3),
        bearing_sigma=round(found.bearing_sigma, 3), in_view=round(found.in_view, 3),
    )  # fmt: skip
    return takeoff, _chances(found)


def extent_of(found: Origin) -> Extent:
    """How far the evidence closes an area."""
    if found.long_ago >= LONG_AGO:
        return Extent.OPEN
    return Extent.IN_VIEW if found.in_view >= IN_VIEW else Extent.HIDDEN


def differs(before: TakeOff, after: TakeOff) -> bool:
    """Whether the new answer means something else to a reader."""
    if before.extent is not after.extent:
        return True
    if before.point is None or after.point is None or before.most is None or after.most is None:
        return before.detail != after.detail
    moved = hypot(after.point[0] - before.point[0], after.point[1] - before.point[1])
    spans = [each.launch_until_ns - each.launch_from_ns for each in (before, after)]
    return (
        moved > MOVED * max(after.expected_error or 0.0, 1.0)
        or _apart(before.most.size, after.most.size)
        or _apart(max(spans[0], SECOND_NS), max(spans[1], SECOND_NS))
        or not before.launch_from_ns <= after.launch_ns <= before.launch_until_ns
    )


def _apart(one: float, other: float) -> bool:
    return max(one, other) > GREW * min(one, other)


def _tenths(time_ns: int) -> int:
    """To a tenth of a second: more would be pretence."""
    tenth = seconds_to_ns(0.1)
    return round(time_ns / tenth) * tenth


def _area(contour: Contour) -> Area:
    return Area(
        probability=contour.probability,
        size=round(contour.area, 1),
        polygons=tuple(
            tuple(tuple((east, north) for east, north in np.round(ring, 1).tolist()) for ring in rings)
            for rings in contour.polygons
        ),
    )


def _backwards(smoothed: Smoothed) -> tuple[float | None, float | None]:
    """Bearing against its first course, and how sure that is (rad); none of what stands still."""
    east, north = smoothed.x[0, 3:5].tolist()
    speed = hypot(east, north)
    if speed < 0.5:
        return None, None
    across = np.array([north, -east]) / speed
    sigma = float(np.sqrt(across @ smoothed.P[0, 3:5, 3:5] @ across)) / speed
    return round(float(np.arctan2(-east, -north) % (2.0 * pi)), 3), round(min(sigma, pi), 3)


def _chances(found: Origin) -> Chances:
    """The map in cells coarse enough to be told."""
    times = max(1, -(-max(found.probability.shape) // MOST_MAP_CELLS))
    rows, columns = (-(-size // times) for size in found.probability.shape)
    whole = np.zeros((rows * times, columns * times))
    whole[: found.probability.shape[0], : found.probability.shape[1]] = found.probability
    cells = whole.reshape(rows, times, columns, times).sum((1, 3))
    falling = np.sort(cells, axis=None)[::-1]
    least = falling[min(int(np.searchsorted(np.cumsum(falling), MAP_SHARE)), falling.size - 1)]
    row, column = np.nonzero(cells >= max(least, 1e-6))
    size = found.cell * times
    south, west = found.north[0] - 0.5 * found.cell, found.east[0] - 0.5 * found.cell
    return Chances(
        east=np.round(west + size * (column + 0.5), 2), north=np.round(south + size * (row + 0.5), 2),
        size=np.full(len(row), round(size, 4)), probability=np.round(cells[row, column], 6), row=row, column=column,
    )  # fmt: skip
