"""Telemetry logs of ground stations (`.tlog`): every packet with when it was received.

    microseconds since 1970 UTC (8, big-endian), packet of MAVLink 1 or 2, and so on

(ArduPilot and QGroundControl write it so.) There is no header and no length of its own: where a time or a packet is
damaged, the next place is sought at which a time of this age stands before a packet that holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.codecs.mavlink.frame import V1, V2, Cut, check, packet_size

LOG_STAMP = 8
"""octets of a time"""
_EARLIEST_US = 946_684_800_000_000
"""the year 2000"""
_LATEST_US = 4_102_444_800_000_000
"""the year 2100"""


@dataclass(frozen=True, slots=True)
class Logged:
    """One packet of a log."""

    time_ns: int
    """ns UTC"""
    cut: Cut
    """where its packet stands in what was cut"""


def cut_log(buffer: bytes) -> tuple[list[Logged], int, int]:
    """Packets with their times, where the first that is not whole begins, and octets of no packet."""
    made: list[Logged] = []
    at = lost = 0
    while at < len(buffer):
        if len(buffer) - at <= LOG_STAMP:
            return made, at, lost
        stamp_us = int.from_bytes(buffer[at : at + LOG_STAMP], "big")
        start = at + LOG_STAMP
        if not _EARLIEST_US <= stamp_us < _LATEST_US or buffer[start] not in (V1, V2):
            at, lost = at + 1, lost + 1
            continue
        size = packet_size(buffer, start)
        if size is None or len(buffer) - start < size:
            return made, at, lost
        cut = check(buffer, start, size)
        if cut is None:
            at, lost = at + 1, lost + 1
            continue
        made.append(Logged(stamp_us * 1_000, cut))
        at = cut.end
    return made, at, lost
