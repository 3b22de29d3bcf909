"""Feeds: where a watch's bytes come from, as a series of moments.

A `Moment` is a time and what arrived up to it. A played feed (a recording, a simulation) hands out one moment a step of
event time, always the same ones; a live feed hands out what came in since the last, by the clock. The watch treats both
alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Protocol

import numpy as np

from luchtwacht.clock import Clock
from luchtwacht.model import Frames, Tick
from luchtwacht.pipeline import Input

MOST_AT_ONCE = 4096
"""arrivals in one live moment"""
MOST_WAITING = 200_000
"""payloads that may wait for a live watch that is busy; ten seconds of twenty thousand a second"""
MOST_OCTETS_WAITING = 256 * 1024 * 1024
"""and bytes in them"""
MOST_PLAYED_AT_ONCE = 65_536
"""arrivals in one played moment, and"""
MOST_OCTETS_PLAYED_AT_ONCE = 32 * 1024 * 1024
"""bytes in them: more of one step come as several moments, of which the last alone ticks"""
FULL = 0.5
"""of either, from which sources are told to wait; what they read in one go still fits"""

Arrival = tuple[int, int, bytes]
"""Time of receipt (ns UTC), index into `Site.sources`, payload."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What arrived after the moment before and not after `time_ns`, in order of receipt."""

    time_ns: int
    arrivals: tuple[Arrival, ...]
    tick: bool
    """whether the watch should be told that time has passed"""


class Feed(Protocol):
    """Something that hands out moments."""

    def moments(self) -> Iterator[Moment]:
        """Moments in order of time. Between two of them the watch may wait, obey commands or stop."""
        ...

    def close(self) -> None:
        """Take nothing more; what was received is still handed out. May be called from any thread."""
        ...

    @property
    def dropped(self) -> int:
        """Payloads that were received and could not be handed out."""
        ...


class PlayedFeed:
    """Arrivals known beforehand, cut into moments on a grid of event time.

    Args:
        open_arrivals: gives the arrivals from the first on, in order of receipt; called anew for every run.
        step_ns: distance of the moments.
        settle_ns: how long time goes on after the last arrival, so that everything is concluded.
        skip: arrivals that were taken in an earlier run and must not be handed out again.
    """

    def __init__(
        self, open_arrivals: Callable[[], Iterable[Arrival]], *, step_ns: int, settle_ns: int, skip: int = 0
    ) -> None:
        self._open, self._step_ns, self._settle_ns, self._skip = open_arrivals, step_ns, settle_ns, skip

    def moments(self) -> Iterator[Moment]:
        waiting: list[Arrival] = []
        border: int | None = None
        skipped = octets = 0
        for arrival in self._open():
            due = -(-arrival[0] // self._step_ns) * self._step_ns  # the first grid time not before it
            if border is None:
                border = due
            while border < due:
                yield from self._moment(border, waiting, skipped)
                waiting, octets, border = [], 0, border + self._step_ns
            if skipped < self._skip:
                skipped += 1
                continue
            waiting.append(arrival)
            octets += len(arrival[2])
            if len(waiting) == MOST_PLAYED_AT_ONCE or octets >= MOST_OCTETS_PLAYED_AT_ONCE:
                yield Moment(arrival[0], tuple(waiting), tick=False)
                waiting, octets = [], 0
        if border is None:
            return
        for time_ns in range(border, border + self._settle_ns + 1, self._step_ns):
            yield from self._moment(time_ns, waiting, skipped)
            waiting = []

    def close(self) -> None:
        """Nothing is waited for, so nothing needs to be ended."""

    @property
    def dropped(self) -> int:
        """Nothing ever: a played feed waits for the watch."""
        return 0

    def _moment(self, time_ns: int, arrivals: list[Arrival], skipped: int) -> Iterator[Moment]:
        """The moment, unless everything up to it was taken in an earlier run."""
        if skipped >= self._skip or arrivals:
            yield Moment(time_ns, tuple(arrivals), tick=True)


class LiveFeed:
    """Arrivals as they come, handed over by sources on other threads.

    Args:
        clock: what time it is.
        step_ns: time is said to have passed this often, even when nothing comes in.
    """

    WAIT_S = 0.02

    def __init__(self, clock: Clock, *, step_ns: int) -> None:
        self._clock, self._step_ns = clock, step_ns
        self._closed = False
        self._arrivals: Queue[Arrival] = Queue(MOST_WAITING)
        self._received = self._received_octets = 0
        self._taken = self._taken_octets = 0
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Payloads that came while too many waited, and were let go."""
        return self._dropped

    @property
    def full(self) -> bool:
        """Whether sources should wait before they read on."""
        many = self._arrivals.qsize() > FULL * MOST_WAITING
        return many or self._received_octets - self._taken_octets > FULL * MOST_OCTETS_WAITING

    @property
    def received(self) -> int:
        """Payloads accepted so far."""
        return self._received

    @property
    def taken(self) -> int:
        """Payloads of moments that the watch has done with: it has come back for the next."""
        return self._taken

    def receive(self, source: int, payload: bytes) -> None:
        """Hand over one payload, received now; called from the event loop's thread only. Never waits.

        When too many wait already, the newest is let go, and counted.
        """
        if self._closed:
            return
        if self._received_octets - self._taken_octets + len(payload) > MOST_OCTETS_WAITING:
            self._dropped += 1
            return
        try:
            self._arrivals.put_nowait((self._clock.now_ns(), source, payload))
        except Full:
            self._dropped += 1
        else:
            self._received += 1
            self._received_octets += len(payload)

    def moments(self) -> Iterator[Moment]:
        ticked = 0
        while not self._closed or not self._arrivals.empty():
            arrivals = self._waiting()
            more_wait = len(arrivals) == MOST_AT_ONCE
            now_ns = arrivals[-1][0] if more_wait else max([self._clock.now_ns(), *(each[0] for each in arrivals)])
            step = now_ns // self._step_ns
            if arrivals or step > ticked:
                yield Moment(now_ns, arrivals, tick=step > ticked)
            self._taken += len(arrivals)
            self._taken_octets += sum(len(payload) for _, _, payload in arrivals)
            ticked = step

    def close(self) -> None:
        """Take nothing more; what waits is still handed out."""
        self._closed = True

    def _waiting(self) -> tuple[Arrival, ...]:
        """What has come in, waiting a little for the first."""
        taken: list[Arrival] = []
        try:
            taken.append(self._arrivals.get(timeout=self.WAIT_S))
            while len(taken) < MOST_AT_ONCE:
                taken.append(self._arrivals.get_nowait())
        except Empty:
            pass
        return tuple(sorted(taken, key=lambda arrival: arrival[0]))


def to_frames(arrivals: Iterable[Arrival], first_sequence: int) -> Frames:
    """Arrivals as frames, numbered from `first_sequence`."""
    listed = list(arrivals)
    return Frames.of(
        [payload for _, _, payload in listed],
        sequence=np.arange(first_sequence, first_sequence + len(listed)),
        source=[source for _, source, _ in listed],
        received_ns=[received_ns for received_ns, _, _ in listed],
    )


def to_inputs(moment: Moment, first_sequence: int) -> list[Input]:
    """What a moment holds, numbered from `first_sequence`: its frames, then its tick."""
    inputs: list[Input] = []
    if moment.arrivals:
        inputs.append(to_frames(moment.arrivals, first_sequence))
    if moment.tick:
        inputs.append(Tick(sequence=first_sequence + len(moment.arrivals), received_ns=moment.time_ns))
    return inputs
