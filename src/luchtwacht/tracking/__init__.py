"""Tracking: detections in, tracks out. See `tracker.py` for how, `lifecycle.py` for a track's life."""

from luchtwacht.tracking.lifecycle import MOVES, TrackEvent
from luchtwacht.tracking.rollback import RollbackState, RollbackTracker
from luchtwacht.tracking.state import TrackerState
from luchtwacht.tracking.takeoffs import TakeOffs, TakeOffsState
from luchtwacht.tracking.tracker import Tracker

__all__ = [
    "MOVES",
    "RollbackState",
    "RollbackTracker",
    "TakeOffs",
    "TakeOffsState",
    "TrackEvent",
    "Tracker",
    "TrackerState",
]
