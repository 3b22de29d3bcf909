"""The life of a track, as a table.

    tentative ──convinced──► confirmed ──unsupported──► coasted
        │                        │  ◄───supported──────    │
        └────────lost────────────┴──────────lost───────────┘──► terminated

Hysteresis lies in the settings: a track is convinced above `confirm_existence`, lost below the far lower
`terminate_existence`, and between them it stays what it is.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from luchtwacht.model import Bools, Bytes, TrackStatus


class TrackEvent(IntEnum):
    """What can happen to a track."""

    CONVINCED = 0
    """its existence probability rose above `TrackingSettings.confirm_existence`"""
    UNSUPPORTED = 1
    """no detection for `TrackingSettings.coast_s`"""
    SUPPORTED = 2
    """a detection again"""
    LOST = 3
    """its existence probability fell below the limit, or no detection for `TrackingSettings.terminate_s`"""


MOVES: dict[tuple[TrackStatus, TrackEvent], TrackStatus] = {
    (TrackStatus.TENTATIVE, TrackEvent.CONVINCED): TrackStatus.CONFIRMED,
    (TrackStatus.TENTATIVE, TrackEvent.LOST): TrackStatus.TERMINATED,
    (TrackStatus.CONFIRMED, TrackEvent.UNSUPPORTED): TrackStatus.COASTED,
    (TrackStatus.CONFIRMED, TrackEvent.LOST): TrackStatus.TERMINATED,
    (TrackStatus.COASTED, TrackEvent.SUPPORTED): TrackStatus.CONFIRMED,
    (TrackStatus.COASTED, TrackEvent.LOST): TrackStatus.TERMINATED,
}
"""Every move there is; anything else is our own mistake."""

_TABLE = np.full((len(TrackStatus), len(TrackEvent)), -1, np.int8)
for (_status, _event), _next in MOVES.items():
    _TABLE[_status, _event] = _next


def move(status: Bytes, happens: Bools, event: TrackEvent) -> Bytes:
    """The status of each track after `event` happened to those where `happens`.

    Args:
        status: (n,) `TrackStatus`.  happens: (n,).

    Raises:
        AssertionError: the table has no such move.
    """
    after = np.where(happens, _TABLE[status, event], status).astype(np.int8)
    if (after < 0).any():
        found = TrackStatus(int(status[np.argmin(after)]))
        raise AssertionError(f"a track that is {found.name} cannot be {event.name}")
    return after
