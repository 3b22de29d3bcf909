"""Detections: what sensors measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from luchtwacht.model.batch import Batch, Bools, Bytes, Floats, Ints, column


class Geometry(IntEnum):
    """What the four numbers of `Detections.z` are."""

    POLAR = 0
    """slant range (m), azimuth (rad, clockwise from true north), elevation (rad, above the sensor's horizon), range
    rate (m/s, positive away); in the north-up local frame of the sensor"""
    POSITION = 1
    """east, north, up (m) in the site's local frame, and a fourth that is always NaN"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Detections(Batch):
    """One measurement by one sensor a row. What was not measured is NaN: in `z`, and in its row and column of `R`.

    So a bearing is POLAR with only the azimuth, a 2-D radar plot is POLAR without elevation, an RF locator's fix is
    POSITION without up.
    """

    id: Ints = column("i8")
    """(n,) `report_ids(frame, record)`: names the byte it came from"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC at which it was measured"""
    received_ns: Ints = column("i8")
    """(n,) ns UTC at which its frame was received"""
    sensor: Ints = column("i8")
    """(n,) index into `Site.sensors`"""
    geometry: Bytes = column("i1")
    """(n,) `Geometry`"""
    z: Floats = column("f8", 4)
    """(n, 4) the measurement; see `Geometry` for units and frame"""
    R: Floats = column("f8", 4, 4)
    """(n, 4, 4) its covariance, in the units of `z`"""
    snr_db: Floats = column("f8")
    """(n,) dB, signal over noise, or relative amplitude; NaN where not given"""
    rcs_dbsm: Floats = column("f8")
    """(n,) dB over one square metre, radar cross-section; NaN where not given"""
    sensor_track: Ints = column("i8")
    """(n,) the sensor's own number for the track or emitter; -1 where it gives none"""
    filtered: Bools = column("?")
    """(n,) the sensor's tracker made this of many plots: successive errors are correlated"""
    category_probability: Floats = column("f8", 5)
    """(n, 5) the sensor's opinion over `Category`, as likelihood of its report given the category; NaN: no opinion"""
