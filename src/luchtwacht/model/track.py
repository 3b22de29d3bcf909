"""Tracks: the estimate of one object over time, and which detections made it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from luchtwacht.model.batch import Batch, Bytes, Floats, Ints, column


class TrackStatus(IntEnum):
    """Where a track stands in its life (ASTERIX I062/080: CNF, CST, TSE). Moves: `tracking/lifecycle.py`."""

    TENTATIVE = 0
    CONFIRMED = 1
    COASTED = 2
    TERMINATED = 3


class Basis(IntEnum):
    """What a track rests on."""

    MEASURED = 0
    """detections by sensors"""
    CLAIMED = 1
    """nothing but what an aircraft says of itself; its track number is negative"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tracks(Batch):
    """The state of each track at one time, one row a track, in order of `track`."""

    track: Ints = column("i8")
    """(n,) number of the track, from 1 and never used again; negative where `basis` is CLAIMED"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC for which the state holds"""
    started_ns: Ints = column("i8")
    """(n,) ns UTC of the first detection"""
    confirmed_ns: Ints = column("i8")
    """(n,) ns UTC at which it was confirmed; -1 before"""
    reidentified_ns: Ints = column("i8")
    """(n,) ns UTC of the conclusion in which it was last recognised after it had been lost; -1 never"""
    updated_ns: Ints = column("i8")
    """(n,) ns UTC of the last detection used"""
    status: Bytes = column("i1")
    """(n,) `TrackStatus`"""
    basis: Bytes = column("i1")
    """(n,) `Basis`"""
    x: Floats = column("f8", 6)
    """(n, 6) east, north, up (m) and their rates (m/s), site's frame"""
    P: Floats = column("f8", 6, 6)
    """(n, 6, 6) covariance of `x`; a height never measured shows as a variance of kilometres squared"""
    existence: Floats = column("f8")
    """(n,) probability that there is an object at all"""
    updates: Ints = column("i8")
    """(n,) number of detections used so far"""
    sensors: Ints = column("i8")
    """(n,) bit i is set when sensor i of `Site.sensors` contributed in the last `tracking.support_s` seconds"""
    rcs_dbsm: Floats = column("f8")
    """(n,) dB over one square metre, mean of the reports so far; NaN where never given"""
    category_probability: Floats = column("f8", 5)
    """(n, 5) over `Category`, from motion, radar cross-section and sensors' opinions, before any claim is believed"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Associations(Batch):
    """Which detections were used for which track, one row a pair: the provenance of every update.

    A later row for a pair replaces an earlier one: after reports that came late, what was said of others is corrected.
    """

    track: Ints = column("i8")
    """(n,) `Tracks.track`"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC, the detection's time of measurement"""
    detection: Ints = column("i8")
    """(n,) `Detections.id`, or `Claims.id` for a track that is CLAIMED"""
    probability: Floats = column("f8")
    """(n,) that the detection came from this track; 0 where that was said before and holds no more"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A step of the tracker that nothing late can change any more: the same whatever the order of receipt."""

    time_ns: int
    """ns UTC"""
    tracks: Tracks
    """that live, by numbers that depend on the reports alone and are not those that people know"""
    associations: Associations
    """by the same numbers"""
