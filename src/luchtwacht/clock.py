"""Time is passed in: the one place where Luchtwacht reads a clock.

The core takes event time from its inputs and imports nothing of this. Only sources, the runtime and the server hold a
`Clock`; tests hold a `ManualClock` and turn it by hand.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in nanoseconds since 1970-01-01 UTC."""

    def now_ns(self) -> int: ...


class SystemClock:
    """The machine's UTC time at the start, carried on by its monotonic clock.

    A step of the machine's wall clock (an operator, a wrong NTP server) therefore never makes the watch's time run
    backwards or jump; `wall_offset_ns` says how far the two have drifted apart, so that it can be shown and recorded.
    """

    def __init__(self) -> None:
        self._wall_ns = time.time_ns()
        self._monotonic_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        return self._wall_ns + time.monotonic_ns() - self._monotonic_ns

    def wall_offset_ns(self) -> int:
        """The machine's wall clock minus this clock, in nanoseconds."""
        return time.time_ns() - self.now_ns()


class ManualClock:
    """Stands still until it is turned."""

    def __init__(self, now_ns: int = 0) -> None:
        self._now_ns = now_ns

    def now_ns(self) -> int:
        return self._now_ns

    def turn_to(self, now_ns: int) -> None:
        """Set the time, forwards or backwards."""
        self._now_ns = now_ns
