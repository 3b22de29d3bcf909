"""Track numbers for those who have only so many of them."""

from __future__ import annotations


class TrackNumbers:
    """Gives each track a number that stays its own, and to no other track before a while after its end.

    The number that follows from the watch's own is taken where it is free, so that a watch that was started anew goes
    on with the numbers it gave before.

    Args:
        most: numbers are from 1 to this.
        guard_ns: how long a number rests after its track ended.
    """

    def __init__(self, most: int, guard_ns: int) -> None:
        self._most, self._guard_ns = most, guard_ns
        self._numbers: dict[int, int] = {}
        self._resting_ns: dict[int, int] = {}
        """number to when its track ended"""

    def number(self, track: int, now_ns: int) -> int | None:
        """The track's number; none when all are given away, or rest."""
        known = self._numbers.get(track)
        if known is not None:
            return known
        wanted = (track - 1) % self._most if track > 0 else self._most - 1 + (track + 1) % -self._most
        taken = set(self._numbers.values())
        for offset in range(self._most):
            number = (wanted + offset) % self._most + 1
            ended_ns = self._resting_ns.get(number)
            if number not in taken and (ended_ns is None or now_ns - ended_ns >= self._guard_ns):
                self._resting_ns.pop(number, None)
                self._numbers[track] = number
                return number
        return None

    def end(self, track: int, now_ns: int) -> None:
        """The track has ended; its number rests."""
        number = self._numbers.pop(track, None)
        if number is not None:
            self._resting_ns[number] = now_ns
