"""Detection reports as columns: what ingest needs of them, many at once.

Angles and lengths are brought to radians and metres by the units that the report names; which north, which datum and
which coordinate system it means stays as sent. Classes below the first level, behaviours, signals and links to other
detections stand in the message itself, as does free text that is longer than its column and therefore cut.
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, radians
from typing import Any

import numpy as np

from luchtwacht.codecs.sapient.plausible import KILOMETRES, LAT_LNG_DEG_M, RADIANS
from luchtwacht.model import Batch, Bools, Bytes, Floats, Ints, Words, column

_NO_VELOCITY = (nan,) * 6
_KILOMETRE = 1_000.0
"""metre"""


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionReports(Batch):
    """One row per DetectionReport, in order of arrival. NaN and "" stand for "not said"."""

    frame: Ints = column("i8")
    """(n,) row in the `Frames` that were decoded"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC, from the envelope"""
    node_id: Words = column("U36")
    """(n,) UUID of the node, in lower case"""
    report_id: Words = column("U26")
    """(n,) ULID"""
    object_id: Words = column("U26")
    """(n,) ULID: the node's name for the object; what it promises is the registration's `tracking_type`"""
    confidence: Floats = column("f8")
    """(n,) probability that there is something"""
    is_range_bearing: Bools = column("?")
    """(n,) the place is a range and bearing, not coordinates"""
    bearing_datum: Bytes = column("i1")
    """(n,) RangeBearingDatum: 1 true, 2 magnetic, 3 grid, 4 platform; 0 not said, or coordinates"""
    range_bearing: Floats = column("f8", 3)
    """(n, 3) azimuth from that north, clockwise, and elevation (rad), slant range (m)"""
    range_bearing_error: Floats = column("f8", 3)
    """(n, 3) as sent, in the same units; the registration's `geometric_error` says what kind of error it is"""
    coordinate_system: Bytes = column("i1")
    """(n,) LocationCoordinateSystem: 1 and 2 latitude and longitude, 5 UTM; 0 where it is a range and bearing"""
    datum: Bytes = column("i1")
    """(n,) LocationDatum: 1 WGS 84 ellipsoid, 2 geoid"""
    position: Floats = column("f8", 3)
    """(n, 3) longitude and latitude (rad) or easting and northing (m), then height (m) over that datum"""
    position_error: Floats = column("f8", 3)
    """(n, 3) as sent, in the same units"""
    utm_zone: Words = column("U8")
    """(n,) where it is not the one of the registration"""
    velocity: Floats = column("f8", 3)
    """(n, 3) east, north, up, in the speed unit of the registration"""
    velocity_error: Floats = column("f8", 3)
    """(n, 3)"""
    class_type: Words = column("U48")
    """(n,) likeliest class of the first level; the first where none has a confidence"""
    class_confidence: Floats = column("f8")
    """(n,) its probability"""
    state: Words = column("U24")
    """(n,) special case, such as an object that was lost"""
    object_name: Words = column("U48")
    """(n,) `id`: what the object calls itself, a tail number"""


class DetectionRows:
    """Detection reports that were found so far, a tuple each."""

    def __init__(self) -> None:
        self._heads: list[tuple[int, int, str, str, str, float, str, float, str, str]] = []
        self._places: list[tuple[Any, ...]] = []
        self._velocities: list[tuple[float, ...]] = []

    def add(self, frame: int, time_ns: int, node_id: str, report: Any) -> None:
        """Take one checked protobuf DetectionReport, which has a place in units that are named."""
        class_type, class_confidence = _likeliest(report.classification)
        confidence = report.detection_confidence if report.HasField("detection_confidence") else nan
        self._heads.append(
            (
                frame,
                time_ns,
                node_id,
                report.report_id,
                report.object_id,
                confidence,
                class_type,
                class_confidence,
                report.state,
                report.id,
            )
        )
        if report.HasField("range_bearing"):
            self._places.append(_from_range_bearing(report.range_bearing))
        else:
            self._places.append(_from_location(report.location))
        self._velocities.append(
            _from_velocity(report.enu_velocity) if report.HasField("enu_velocity") else _NO_VELOCITY
        )

    def columns(self) -> DetectionReports:
        """What was taken, as columns."""
        count = len(self._heads)
        head = list(zip(*self._heads, strict=True)) or [()] * 10
        place = list(zip(*self._places, strict=True)) or [()] * 11
        numbers = np.array(place[2:8], dtype=np.float64).reshape(6, count).T
        velocity = np.array(self._velocities, dtype=np.float64).reshape(count, 6)
        is_range_bearing = np.array(place[10], dtype=np.bool_)
        is_bearing = is_range_bearing[:, None]
        return DetectionReports(
            frame=np.array(head[0], dtype=np.int64),
            time_ns=np.array(head[1], dtype=np.int64),
            node_id=np.array(head[2], dtype="U36"),
            report_id=np.array(head[3], dtype="U26"),
            object_id=np.array(head[4], dtype="U26"),
            confidence=np.array(head[5], dtype=np.float64),
            is_range_bearing=is_range_bearing,
            bearing_datum=np.array(place[9], dtype=np.int8),
            range_bearing=np.where(is_bearing, numbers[:, :3], nan),
            range_bearing_error=np.where(is_bearing, numbers[:, 3:], nan),
            coordinate_system=np.array(place[0], dtype=np.int8),
            datum=np.array(place[1], dtype=np.int8),
            position=np.where(is_bearing, nan, numbers[:, :3]),
            position_error=np.where(is_bearing, nan, numbers[:, 3:]),
            utm_zone=np.array(place[8], dtype="U8"),
            velocity=velocity[:, :3],
            velocity_error=velocity[:, 3:],
            class_type=np.array(head[6], dtype="U48"),
            class_confidence=np.array(head[7], dtype=np.float64),
            state=np.array(head[8], dtype="U24"),
            object_name=np.array(head[9], dtype="U48"),
        )


def _likeliest(classes: Any) -> tuple[str, float]:
    best, most, said = "", -inf, nan
    for each in classes:
        confidence = each.confidence if each.HasField("confidence") else nan
        rank = confidence if confidence == confidence else -1.0
        if rank > most:
            best, most, said = each.type, rank, confidence
    return best, said


def _said(message: Any, name: str, factor: float) -> float:
    value: float = getattr(message, name)
    if value == 0.0 and not message.HasField(name):
        return nan
    return value * factor


def _from_range_bearing(place: Any) -> tuple[Any, ...]:
    angle = 1.0 if place.coordinate_system in RADIANS else radians(1.0)
    length = _KILOMETRE if place.coordinate_system in KILOMETRES else 1.0
    return (
        0,
        0,
        _said(place, "azimuth", angle),
        _said(place, "elevation", angle),
        _said(place, "range", length),
        _said(place, "azimuth_error", angle),
        _said(place, "elevation_error", angle),
        _said(place, "range_error", length),
        "",
        place.datum,
        True,
    )


def _from_location(place: Any) -> tuple[Any, ...]:
    flat = radians(1.0) if place.coordinate_system == LAT_LNG_DEG_M else 1.0
    return (
        place.coordinate_system,
        place.datum,
        _said(place, "x", flat),
        _said(place, "y", flat),
        _said(place, "z", 1.0),
        _said(place, "x_error", flat),
        _said(place, "y_error", flat),
        _said(place, "z_error", 1.0),
        place.utm_zone,
        0,
        False,
    )


def _from_velocity(velocity: Any) -> tuple[float, ...]:
    return (
        _said(velocity, "east_rate", 1.0),
        _said(velocity, "north_rate", 1.0),
        _said(velocity, "up_rate", 1.0),
        _said(velocity, "east_rate_error", 1.0),
        _said(velocity, "north_rate_error", 1.0),
        _said(velocity, "up_rate_error", 1.0),
    )
