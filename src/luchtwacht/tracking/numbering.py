"""The numbers that people know tracks by.

The tracker counts for itself, and counts again when it goes back in time: what was its fifth track may be its sixth the
second time. People must not notice. So each of its own numbers has a *known* number beside it; a known number is given
out once, and stays with its object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.model import Associations, Bools, Floats, Ints

CHANGED = 0.1
"""a probability of association is said again when it moved by this much, or across a half"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingState:
    """Everything that `Numbering` holds."""

    next_number: int
    own: Ints
    known: Ints


class Numbering:
    """The tracker's own numbers, in order, and the known number of each."""

    def __init__(self) -> None:
        self._next = 1
        self._own: Ints = np.empty(0, np.int64)
        self._known: Ints = np.empty(0, np.int64)

    def state(self) -> NumberingState:
        return NumberingState(next_number=self._next, own=self._own, known=self._known)

    def restore(self, state: NumberingState) -> None:
        self._next, self._own, self._known = state.next_number, state.own, state.known

    def __len__(self) -> int:
        return len(self._own)

    def known(self, own: Ints) -> Ints:
        """The known numbers of (k,) own ones; 0 where none was given yet."""
        if not len(self._own):
            return np.zeros(len(own), np.int64)
        at = np.minimum(np.searchsorted(self._own, own), len(self._own) - 1)
        return np.where(self._own[at] == own, self._known[at], 0)

    def give(self, own: Ints) -> Ints:
        """The same, with a number never used before where there was none, in order of the own numbers."""
        known = self.known(own)
        new = np.unique(own[known == 0])
        if not len(new):
            return known
        self.put(new, np.arange(self._next, self._next + len(new)))
        return self.known(own)

    def put(self, own: Ints, known: Ints) -> None:
        """Let own numbers that have none yet be known by `known`."""
        if not len(own):
            return
        own, known = np.concatenate([self._own, own]), np.concatenate([self._known, known])
        order = np.argsort(own, kind="stable")
        self._own, self._known = own[order], known[order]
        self._next = max(self._next, int(known.max()) + 1)

    def go_back(self, first: int) -> tuple[Ints, Ints]:
        """Forget what own numbers from `first` on are known by, as the tracker will give them again; say what it was.

        Returns:
            own and known numbers, (k,) each.
        """
        at = int(np.searchsorted(self._own, first))
        gone = self._own[at:], self._known[at:]
        self._own, self._known = self._own[:at], self._known[:at]
        return gone

    def keep(self, wanted: Bools) -> None:
        """Forget the others; `wanted` is (len(self),) as `own` is."""
        self._own, self._known = self._own[wanted], self._known[wanted]

    @property
    def own(self) -> Ints:
        """In order."""
        return self._own


def recognise(before: Associations, after: Associations) -> list[tuple[int, int]]:
    """Which tracks are the same object in two accounts of the same time: those that used the same detections.

    Args:
        before, after: what each account used; their `track` columns need have nothing in common.

    Returns:
        track before and track after, one to one: the pairs that share most first.
    """
    shared: dict[tuple[int, int], float] = {}
    users: dict[int, list[tuple[int, float]]] = {}
    for track, detection, probability in zip(
        before.track.tolist(), before.detection.tolist(), before.probability.tolist(), strict=True
    ):
        users.setdefault(detection, []).append((track, probability))
    for track, detection, probability in zip(
        after.track.tolist(), after.detection.tolist(), after.probability.tolist(), strict=True
    ):
        for other, weight in users.get(detection, ()):
            shared[other, track] = shared.get((other, track), 0.0) + min(weight, probability)
    made: list[tuple[int, int]] = []
    taken_before: set[int] = set()
    taken_after: set[int] = set()
    for _, old, new in sorted((-weight, old, new) for (old, new), weight in shared.items()):
        if old not in taken_before and new not in taken_after:
            made.append((old, new))
            taken_before.add(old)
            taken_after.add(new)
    return made


def corrections(said: Associations, now: Associations) -> tuple[Associations, Floats]:
    """What must be said where something else was said before.

    A pair that was said and no longer holds is said with probability 0. One whose probability hardly changed is not
    said again. Where `now` names a pair twice, as two tracks that are one object may share a detection, the likelier
    counts.

    Args:
        said: names each pair of track and detection once.

    Returns:
        the rows to say, in order of track, time and detection; and (len(now),) the probabilities that then stand said,
        0 for rows that do not count.
    """
    order = np.lexsort((-now.probability, now.detection, now.track))
    track, detection = now.track[order], now.detection[order]
    counts = np.ones(len(now), np.bool_)
    counts[order[1:]] = (track[1:] != track[:-1]) | (detection[1:] != detection[:-1])
    one = np.flatnonzero(counts)
    both = Associations.concatenate([said, now.take(one)])
    order = np.lexsort((np.arange(len(both)) >= len(said), both.detection, both.track))
    track, detection = both.track[order], both.detection[order]
    pair = np.flatnonzero((track[1:] == track[:-1]) & (detection[1:] == detection[:-1]))
    old, new = order[pair], one[order[pair + 1] - len(said)]
    before, after = said.probability[old], now.probability[new]
    stands = (np.abs(before - after) < CHANGED) & ((before >= 0.5) == (after >= 0.5))
    probability, say, gone = np.where(counts, now.probability, 0.0), counts.copy(), np.ones(len(said), np.bool_)
    probability[new[stands]], say[new[stands]], gone[old] = before[stands], False, False
    withdrawn = said.take(gone)
    withdrawn = replace(withdrawn, probability=np.zeros(len(withdrawn)))
    return in_order(Associations.concatenate([now.take(say), withdrawn])), probability


def in_order(associations: Associations) -> Associations:
    """By track, then time, then detection."""
    return associations.take(np.lexsort((associations.detection, associations.time_ns, associations.track)))
