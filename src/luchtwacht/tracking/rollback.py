"""The tracker, able to go back: what is measured late is used as if it had come in time.

After every step a snapshot of the tracker is kept for as long as reports may be late. A late report takes the tracker
back to the snapshot before it and forward again with everything measured since, association and births included. So
from the next conclusion on the tracks are those of reports in order, to the bit; only their numbers may differ, as a
number that people have seen stays with its object. What was said before is not taken back: what follows corrects it.

    snapshot ──step──► snapshot ──step──► snapshot ──step──► now
        ▲                 measured           measured           measured
        └───────────────────── late ──┘
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.model import Associations, Detections, Grounds, Ints, Reidentified, Settled, Site, Tracks, TrackStatus
from luchtwacht.tracking.numbering import Numbering, NumberingState, corrections, in_order, recognise
from luchtwacht.tracking.state import TrackerState
from luchtwacht.tracking.stitching import Stitching, StitchingState, dropped_from, merge, roots
from luchtwacht.tracking.tracker import Tracker
from luchtwacht.units import SECOND_NS, seconds_to_ns

SNAPSHOT_BYTES = 2**28
"""when the snapshots of the window take more than this, every other one is let go: going back then starts earlier"""
LEAST_NUMBERS = 256
"""numbers are looked through for those no longer needed when there are twice this many, and twice what lives"""

MOST_SETTLED = 20_000
"""with more tracks than this nothing is kept of a step to be learnt from: ten steps would take 100 MB"""

_BEFORE = -(2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything after a step from which the next follows."""

    tracker: TrackerState
    stitching: StitchingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step that was taken, and may be taken again."""

    time_ns: int
    detections: Detections
    """what was measured in it, in any order"""
    used: Associations
    """with the tracker's own numbers"""
    said: Associations
    """with the numbers that people know"""
    settles: Settled | None
    """what it will be when nothing late can change it any more; none where nobody asks"""
    snapshot: Snapshot | None
    """after the step; none where it was let go"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackState:
    """Everything that `RollbackTracker` holds: where the window begins, and what was measured and said in it."""

    time_ns: int
    """ns UTC of the last step"""
    start_ns: int
    """ns UTC of the step after which `start` holds"""
    start: Snapshot
    steps: tuple[tuple[int, Detections, Associations], ...]
    """time, detections and what was said, of each step since"""
    numbering: NumberingState
    shown: Tracks
    """live tracks as they were last said"""


class RollbackTracker:
    """A `Tracker` for one site, for detections in any order within `TrackingSettings.rollback_s`."""

    def __init__(self, site: Site) -> None:
        self._tracker = Tracker(site)
        self._stitching = Stitching(site)
        self._step_ns = seconds_to_ns(site.step_s)
        self._window_ns = seconds_to_ns(site.tracking.rollback_s)
        self._asked = site.learns_biases
        self._settled: list[Settled] = []
        self._numbering = Numbering()
        self._time_ns = _BEFORE
        self._shown = Tracks.empty()
        self._steps: deque[Step] = deque([_first(_BEFORE, self._snapshot())])

    def __bool__(self) -> bool:
        """Whether anything may be in the air."""
        return bool(self._tracker)

    def step(self, time_ns: int, detections: Detections) -> tuple[Tracks, Associations, tuple[Reidentified, ...]]:
        """Take in what was measured before `time_ns`, late or not; say what is in the air at `time_ns`.

        Args:
            time_ns: ns UTC, later than at the last step, a multiple of `Site.step_s`.
            detections: measured before `time_ns`; those measured before the last step no more than
                `TrackingSettings.rollback_s` before it. Order does not matter.

        Returns:
            As `Tracker.step`. After late detections the associations hold what must be said anew of earlier detections:
            a pair again with another probability, 0 where it no longer holds. The same when a lost track goes on: then
            what was said under the former number is said under the one it has again, and the object is named last.
        """
        if time_ns % self._step_ns or time_ns <= self._time_ns:
            raise AssertionError(f"step to {time_ns} ns after {self._time_ns} ns, in steps of {self._step_ns} ns")
        late = detections.time_ns < self._time_ns
        if late.any():
            tracks, said = self._go_back(time_ns, int(detections.time_ns[late].min()), detections)
            associations = self._say_anew(said)
        else:
            tracks = self._advance(time_ns, detections)
            self._numbering.give(tracks.track)
            if any(each.found_ns == time_ns for each in self._stitching.continuations.values()):
                associations = self._say_anew(Associations.concatenate([step.said for step in self._steps]))
            else:
                associations = self._known(self._steps[-1].used)
                self._steps[-1] = replace(self._steps[-1], said=associations)
        last_ns, self._time_ns = self._time_ns - self._window_ns, time_ns
        first_ns = time_ns - self._window_ns
        self._settled += [step.settles for step in self._steps if step.settles and last_ns < step.time_ns <= first_ns]
        self._forget(time_ns)
        before = self._shown
        tracks = self._show(time_ns, tracks)
        return tracks, associations, self._recognised(time_ns, before)

    def settled(self) -> tuple[Settled, ...]:
        """Steps that nothing late can change any more, each handed over once and in order; for sites that learn biases.

        To be asked after every step: what was not asked for is no part of the state.
        """
        settled, self._settled = tuple(self._settled), []
        return settled

    def grounds(self, number: int) -> Grounds | None:
        """What the category of a track rests on, by the number that people know; none when it does not live."""
        said = self._shown.take(self._shown.track == number)
        own = self._tracker.numbers()
        own = own[own > 0]
        mine = own[self._numbering.known(self._roots(own)) == number] if len(said) else own[:0]
        # of two that are one object the later one was said, as in `_show`
        return self._tracker.grounds(int(mine.max()), said) if len(mine) else None

    def state(self) -> RollbackState:
        """Everything that is held between two steps."""
        first, *later = self._steps
        if first.snapshot is None:
            raise AssertionError("the first snapshot was let go")
        return RollbackState(
            time_ns=self._time_ns,
            start_ns=first.time_ns,
            start=first.snapshot,
            steps=tuple((step.time_ns, step.detections, step.said) for step in later),
            numbering=self._numbering.state(),
            shown=self._shown,
        )

    def restore(self, state: RollbackState) -> None:
        """Go on from what `state` gave, of this tracker or of another for the same site; the window is run again."""
        self._go_on_from(state.start)
        self._steps = deque([_first(state.start_ns, state.start)])
        for time_ns, detections, said in state.steps:
            self._advance(time_ns, detections)
            self._steps[-1] = replace(self._steps[-1], said=said)
        self._numbering.restore(state.numbering)
        self._time_ns, self._shown = state.time_ns, state.shown

    def _snapshot(self) -> Snapshot:
        return Snapshot(tracker=self._tracker.state(), stitching=self._stitching.state())

    def _go_on_from(self, snapshot: Snapshot) -> None:
        self._tracker.restore(snapshot.tracker)
        self._stitching.restore(snapshot.stitching)

    def _advance(self, time_ns: int, detections: Detections) -> Tracks:
        """One step of the tracker, and a snapshot; with its own numbers."""
        tracks, used = self._tracker.step(time_ns, detections)
        dropped = self._stitching.step(time_ns, tracks)
        if dropped:
            self._tracker.drop(dropped)
            tracks = dropped_from(tracks, dropped)
        self._steps.append(
            Step(
                time_ns=time_ns,
                detections=detections,
                used=used,
                said=Associations.empty(),
                settles=self._settles(time_ns, tracks, used) if self._asked else None,
                snapshot=self._snapshot(),
            )
        )
        return tracks

    def _settles(self, time_ns: int, tracks: Tracks, used: Associations) -> Settled | None:
        """A step as it stands now: each object by the number of its first track."""
        living = tracks.status != TrackStatus.TERMINATED
        if not 0 < np.count_nonzero(living) <= MOST_SETTLED:
            return None
        tracks = tracks if living.all() else tracks.take(living)
        if self._stitching.continuations:
            tracks = replace(tracks, track=self._roots(tracks.track))
            tracks = tracks.take(np.argsort(tracks.track, kind="stable"))
            used = in_order(replace(used, track=self._roots(used.track)))
        return Settled(time_ns=time_ns, tracks=tracks, associations=used)

    def _go_back(self, time_ns: int, late_ns: int, detections: Detections) -> tuple[Tracks, Associations]:
        """Back to the last snapshot before `late_ns`, and forward to `time_ns` with `detections` as well.

        Returns:
            the tracks, and what had been said in the window.
        """
        said = Associations.concatenate([step.said for step in self._steps])
        undone: list[Step] = []
        while (start := self._steps[-1]).snapshot is None or start.time_ns > late_ns:
            undone.append(self._steps.pop())
            if not self._steps:
                raise AssertionError(f"a detection of {late_ns} ns lies before the window")
        undone.reverse()
        self._go_on_from(start.snapshot)
        first = start.snapshot.tracker.next_number
        forgotten = dict(zip(*(each.tolist() for each in self._numbering.go_back(first)), strict=True))
        measured = Detections.concatenate([*(each.detections for each in undone), detections])
        tracks = self._run(start.time_ns, time_ns, measured)
        redone = [each for each in self._steps if each.time_ns > start.time_ns]
        same = recognise(_since(first, undone), _since(first, redone))
        known = [(new, forgotten[old]) for old, new in same if old in forgotten]
        self._numbering.put(*np.array(known, np.int64).reshape(-1, 2).T)
        self._numbering.give(self._roots(tracks.track[tracks.status != TrackStatus.TERMINATED]))
        return tracks, said

    def _run(self, from_ns: int, until_ns: int, measured: Detections) -> Tracks:
        """Every step after `from_ns` until `until_ns` in which something can follow, and the last."""
        measured = measured.take(np.lexsort((measured.id, measured.time_ns)))
        step_ns, row = self._step_ns, 0
        time_ns = max(from_ns, int(measured.time_ns[0]) // step_ns * step_ns)
        while time_ns < until_ns:
            time_ns += step_ns
            if not self._tracker and row < len(measured):
                time_ns = max(time_ns, (int(measured.time_ns[row]) // step_ns + 1) * step_ns)
            elif not self._tracker:
                time_ns = until_ns
            last = int(np.searchsorted(measured.time_ns, time_ns))
            tracks = self._advance(time_ns, measured.take(slice(row, last)))
            row = last
        return tracks

    def _say_anew(self, said: Associations) -> Associations:
        """What must be said when `said` was said in the window; the steps then hold what stands."""
        known = [self._known(step.used) for step in self._steps]
        anew, probability = corrections(said, Associations.concatenate(known))
        borders = np.cumsum([0, *(len(each) for each in known)]).tolist()
        for k, (first, last) in enumerate(pairwise(borders)):
            held = replace(known[k], probability=probability[first:last])
            self._steps[k] = replace(self._steps[k], said=held.take(held.probability > 0.0))
        return anew

    def _roots(self, own: Ints) -> Ints:
        return roots(own, self._stitching.continuations)

    def _known(self, used: Associations) -> Associations:
        """With the numbers that people know, in order; without what nobody was told of."""
        known = self._numbering.known(self._roots(used.track))
        if np.array_equal(known, used.track):
            return used
        used = replace(used, track=known)
        return in_order(used.take(known > 0))

    def _show(self, time_ns: int, tracks: Tracks) -> Tracks:
        """The tracks by the numbers that people know; those that they saw and that are gone end."""
        own, known = tracks.track, self._numbering.known(self._roots(tracks.track))
        if not np.array_equal(own, known):
            tracks = replace(merge(tracks, self._stitching.continuations, own), track=known)
            order = np.lexsort((-own, known))
            again = np.concatenate([[False], known[order][1:] == known[order][:-1]])  # it ended, and goes on in another
            tracks = tracks.take(order[~again & (known[order] > 0)])
        gone = self._shown.take(~np.isin(self._shown.track, tracks.track))
        if len(gone):
            tracks = Tracks.concatenate([tracks, _ended(gone, time_ns)])
            tracks = tracks.take(np.argsort(tracks.track, kind="stable"))
        living = tracks.status != TrackStatus.TERMINATED
        self._shown = tracks if living.all() else tracks.take(living)
        return tracks

    def _recognised(self, time_ns: int, before: Tracks) -> tuple[Reidentified, ...]:
        """Objects that go on and were not said to before."""
        if not self._stitching.continuations:
            return ()
        said = dict(zip(before.track.tolist(), before.reidentified_ns.tolist(), strict=True))
        now = dict(zip(self._shown.track.tolist(), self._shown.reidentified_ns.tolist(), strict=True))
        found = []
        for own, each in sorted(self._stitching.continuations.items()):
            root, former = self._numbering.known(np.array([each.root, own], np.int64)).tolist()
            if now.get(root) != each.found_ns or said.get(root) == each.found_ns:
                continue
            found.append(
                Reidentified(
                    time_ns=time_ns,
                    track=root,
                    former=former if former > 0 else -1,
                    lost_ns=each.lost_ns,
                    probability=each.probability,
                    away=each.away,
                )
            )
        return tuple(found)

    def _forget(self, time_ns: int) -> None:
        """Let go of what nobody will go back to."""
        limit_ns, steps = time_ns - self._window_ns, self._steps
        reach = [k for k, step in enumerate(steps) if step.time_ns <= limit_ns and step.snapshot is not None]
        for _ in range(reach[-1] if reach else 0):
            steps.popleft()
        if (oldest := steps[0].snapshot) is not None:
            steps[0] = _first(steps[0].time_ns, oldest)  # nobody goes back before it
        held = [k for k, step in enumerate(steps) if step.snapshot is not None]
        while len(held) > 2 and sum(_size(steps[k]) for k in held) > SNAPSHOT_BYTES:
            _, at = min((steps[held[i + 1]].time_ns - steps[held[i - 1]].time_ns, i) for i in range(1, len(held) - 1))
            steps[held[at]] = replace(steps[held[at]], snapshot=None)
            del held[at]
        first = steps[0].snapshot
        if first is not None and len(self._numbering) > 2 * (len(first.tracker.possible.whole) + LEAST_NUMBERS):
            own, stitching = self._numbering.own, first.stitching
            objects = [number for each in stitching.continuations for number in (each.track, each.root)]
            needed = [*objects, *stitching.lost.track.tolist(), *first.tracker.possible.whole[:, c.NUMBER].tolist()]
            self._numbering.keep((own >= first.tracker.next_number) | np.isin(own, needed))


def _first(time_ns: int, snapshot: Snapshot) -> Step:
    nothing = Associations.empty()
    return Step(
        time_ns=time_ns, detections=Detections.empty(), used=nothing, said=nothing, settles=None, snapshot=snapshot
    )


def _size(step: Step) -> int:
    return step.snapshot.tracker.nbytes if step.snapshot is not None else 0


def _since(first: int, steps: list[Step]) -> Associations:
    """What was used in these steps for tracks from the tracker's own number `first` on."""
    used = Associations.concatenate([step.used for step in steps])
    return used.take(used.track >= first)


def _ended(tracks: Tracks, time_ns: int) -> Tracks:
    """The tracks as they would stand at `time_ns`, ended."""
    elapsed = (time_ns - tracks.time_ns) / SECOND_NS
    onward = np.tile(np.eye(6), (len(tracks), 1, 1))
    onward[:, [0, 1, 2], [3, 4, 5]] = elapsed[:, None]
    return replace(
        tracks,
        time_ns=np.full(len(tracks), time_ns, np.int64),
        status=np.full(len(tracks), TrackStatus.TERMINATED, np.int8),
        x=np.array([F @ x for F, x in zip(onward, tracks.x, strict=True)]),
        P=np.array([F @ P @ F.T for F, P in zip(onward, tracks.P, strict=True)]),
    )
