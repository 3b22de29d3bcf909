"""The life of a track, as a table.

    tentative ──convinced──► confirmed ──unsupported──► coasted
        │                        │  ◄───supported──────    │
        └────────lost────────────┴──────────lost───────────┘──► terminated
                                 ▲                         │         │
                                 └──────recognised─────────┴─────────┘  (re-identified)

A track that was lost, or coasts, goes on when its object is recognised in a new one (`tracking/stitching.py`). From
then on it is re-identified, as `Tracks.reidentified_ns` says; until then it is terminated like any other.

Hysteresis lies in the settings: a track is convinced above `confirm_existence`, lost below the far lower
`terminate_existence`, and between them it stays what it is.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from luchtwacht.kernels._jit import Array
from luchtwacht.model import TrackStatus


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
    RECOGNISED = 4
    """a new track turned out to be the same object, within `TrackingSettings.stitch_s`"""


MOVES: dict[tuple[TrackStatus, TrackEvent], TrackStatus] = {
    (TrackStatus.TENTATIVE, TrackEvent.CONVINCED): TrackStatus.CONFIRMED,
    (TrackStatus.TENTATIVE, TrackEvent.LOST): TrackStatus.TERMINATED,
    (TrackStatus.CONFIRMED, TrackEvent.UNSUPPORTED): TrackStatus.COASTED,
    (TrackStatus.CONFIRMED, TrackEvent.LOST): TrackStatus.TERMINATED,
    (TrackStatus.COASTED, TrackEvent.SUPPORTED): TrackStatus.CONFIRMED,
    (TrackStatus.COASTED, TrackEvent.LOST): TrackStatus.TERMINATED,
    (TrackStatus.COASTED, TrackEvent.RECOGNISED): TrackStatus.CONFIRMED,
    (TrackStatus.TERMINATED, TrackEvent.RECOGNISED): TrackStatus.CONFIRMED,
}
"""Every move there is; anything else is our own mistake."""


def table() -> Array:
    """(statuses, events) `MOVES` as an array: the next `TrackStatus`, or -1 where there is no such move."""
    moves = np.full((len(TrackStatus), len(TrackEvent)), -1, np.int64)
    for (status, event), following in MOVES.items():
        moves[status, event] = following
    return moves
