"""Playback: the pace of a played feed, and going back in it.

Event time is the feed's own; playback only decides when, by the clock, the watch is let on to the next moment. Going
back means running the recorded inputs again from the start, as fast as they go, up to the wanted time: the same
pipeline on the same inputs says the same, so nothing needs to be kept for it but the journal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from luchtwacht.clock import Clock

FASTEST = 1_000.0
"""times real time; from here on the watch does not wait at all"""
WAKE_S = 0.1
"""how long the watch waits at most before it looks whether something changed"""


@dataclass(frozen=True, slots=True)
class PlaybackState:
    """Where a played feed stands. Times are event time."""

    first_ns: int
    last_ns: int
    position_ns: int
    speed: float
    paused: bool
    ended: bool


class Playback:
    """Lets the watch on, moment by moment, at a chosen speed. Safe to use from several threads."""

    def __init__(
        self,
        clock: Clock,
        *,
        first_ns: int,
        last_ns: int,
        speed: float = 1.0,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._clock = clock
        self._first_ns, self._last_ns = first_ns, last_ns
        self._speed, self._paused, self._ended = speed, False, False
        self._position_ns = first_ns
        self._anchor_event_ns, self._anchor_clock_ns = first_ns, clock.now_ns()
        self._anchor_limit_ns = first_ns
        """the moment that is waited for; the first until the watch asks for one, however long it prepares"""
        self._wanted_ns: int | None = None
        self._changed = threading.Condition()
        self._on_change = on_change

    @property
    def state(self) -> PlaybackState:
        with self._changed:
            return PlaybackState(self._first_ns, self._last_ns, self._now_ns(), self._speed, self._paused, self._ended)

    def _now_ns(self) -> int:
        """The event time that the clock has reached, never beyond the moment that is waited for."""
        if self._paused or self._ended or self._speed >= FASTEST:
            return self._position_ns
        return max(
            self._position_ns,
            min(
                self._anchor_event_ns + int((self._clock.now_ns() - self._anchor_clock_ns) * self._speed),
                self._anchor_limit_ns,
            ),
        )

    def play(self) -> None:
        """Go on."""
        self._set(paused=False)

    def pause(self) -> None:
        """Stand still."""
        self._set(paused=True)

    def set_speed(self, speed: float) -> None:
        """So many times real time.

        Raises:
            ValueError: not a positive number.
        """
        if not speed > 0:
            raise ValueError(f"speed {speed} is not a positive number")
        self._set(speed=speed)

    def seek(self, time_ns: int) -> None:
        """Go to an event time, forwards or backwards, within what the feed holds."""
        with self._changed:
            self._wanted_ns = min(max(time_ns, self._first_ns), self._last_ns)
            self._ended = False
            self._changed.notify_all()

    def _set(self, *, speed: float | None = None, paused: bool | None = None) -> None:
        with self._changed:
            self._position_ns = now_ns = self._now_ns()
            self._speed = self._speed if speed is None else speed
            self._paused = self._paused if paused is None else paused
            self._anchor(now_ns)
            self._changed.notify_all()
        if self._on_change:
            self._on_change()

    def _anchor(self, event_ns: int) -> None:
        self._anchor_event_ns, self._anchor_clock_ns = event_ns, self._clock.now_ns()

    def take_seek(self) -> int | None:
        """For the watch: the event time somebody wants to go to, once."""
        with self._changed:
            wanted, self._wanted_ns = self._wanted_ns, None
            return wanted

    def moved_to(self, event_ns: int) -> None:
        """For the watch: it stands at `event_ns` now, and waits from here."""
        with self._changed:
            self._position_ns = event_ns
            self._anchor(event_ns)

    def passed(self, event_ns: int) -> None:
        """For the watch: it has dealt with everything up to `event_ns`."""
        with self._changed:
            self._position_ns = event_ns

    def end(self) -> None:
        """For the watch: the feed has nothing more, unless somebody wants to go to another time."""
        with self._changed:
            self._ended = self._wanted_ns is None

    def due(self, event_ns: int) -> bool:
        """For the watch: whether `event_ns` has been reached; waits at most `WAKE_S` for it."""
        with self._changed:
            self._anchor_limit_ns = event_ns
            if self._wanted_ns is not None:
                return False
            if not self._paused:
                if self._speed >= FASTEST:
                    return True
                elapsed_ns = (self._clock.now_ns() - self._anchor_clock_ns) * self._speed
                missing_s = (event_ns - self._anchor_event_ns - elapsed_ns) / self._speed / 1e9
                if missing_s <= 0:
                    return True
                self._changed.wait(min(missing_s, WAKE_S))
            else:
                self._changed.wait(WAKE_S)
            return False
