"""Detection reports as columns: what ingest needs of them, many at once.

Angles and lengths are brought to radians and metres by the units that the report names; which north, which datum and
which coordinate system it means stays as sent. What a report may say several times stands beside the reports in batches
of its own: its classes with their sub-classes (`ReportClasses`), its signals (`ReportSignals`) and its free pairs of
name and value (`ReportInfos`). Behaviours and links to other detections stand in the message itself, as does free text
that is longer than its column and therefore cut.
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
_DEGREE = radians(1.0)
_KILOMETRE = 1_000.0
"""metre"""
_CHUNK = 2_048
"""reports that stand as tuples at a time: more would be looked through by the collector again and again"""


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
    """(n, 3) as sent: in metres, unless the unit of the registration's `geometric_error` is another"""
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


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportClasses(Batch):
    """One row per class or sub-class that a report names, in the order of the reports, a class before its own."""

    report: Ints = column("i8")
    """(n,) row in `DetectionReports`"""
    level: Bytes = column("i1")
    """(n,) 0 for a class, 1 for its sub-class and so on, by where it stands"""
    type: Words = column("U48")
    """(n,)"""
    confidence: Floats = column("f8")
    """(n,) probability; of a sub-class as sent, which may or may not count in that of its class"""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportSignals(Batch):
    """One row per signal that was received from what was detected."""

    report: Ints = column("i8")
    """(n,) row in `DetectionReports`"""
    amplitude: Floats = column("f8")
    """(n,) in the unit of the registration"""
    centre_frequency: Floats = column("f8")
    """(n,) likewise"""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportInfos(Batch):
    """One row per name and value of `track_info` and `object_info`."""

    report: Ints = column("i8")
    """(n,) row in `DetectionReports`"""
    type: Words = column("U48")
    """(n,) what it is"""
    value: Words = column("U48")
    """(n,) as text"""


class DetectionRows:
    """Detection reports that were found so far, a tuple each. Numbers are brought to their units all at once."""

    def __init__(self) -> None:
        self._full: list[DetectionReports] = []
        self._before = 0
        """reports in `_full`"""
        self._heads: list[tuple[Any, ...]] = []
        self._places: list[tuple[Any, ...]] = []
        self._velocities: list[tuple[float, ...]] = []
        self._classes: list[tuple[int, int, str, float]] = []
        self._signals: list[tuple[int, float, float]] = []
        self._infos: list[tuple[int, str, str]] = []

    def add(self, frame: int, time_ns: int, node_id: str, report: Any) -> None:
        """Take one checked protobuf DetectionReport, which has a place in units that are named."""
        if len(self._heads) == _CHUNK:
            self._full.append(self._chunk())
            self._before += _CHUNK
            self._heads, self._places, self._velocities = [], [], []
        row = self._before + len(self._heads)
        likeliest, most = "", -inf
        for each in report.classification:
            confidence = each.confidence or _zero_or_nan(each, "confidence")
            kind = each.type
            self._classes.append((row, 0, kind, confidence))
            if not likeliest or confidence > most:
                likeliest, most = kind, confidence if confidence == confidence else -inf
            if each.sub_class:
                self._add_sub_classes(row, 1, each.sub_class)
        self._heads.append(
            (
                frame,
                time_ns,
                node_id,
                report.report_id,
                report.object_id,
                report.detection_confidence or _zero_or_nan(report, "detection_confidence"),
                likeliest,
                nan if most == -inf else most,
                report.state,
                report.id,
            )
        )
        if report.WhichOneof("location_oneof") == "range_bearing":
            self._places.append(_from_range_bearing(report.range_bearing))
        else:
            self._places.append(_from_location(report.location))
        self._velocities.append(
            _from_velocity(report.enu_velocity) if report.HasField("enu_velocity") else _NO_VELOCITY
        )
        for signal in report.signal:
            self._signals.append((row, signal.amplitude, signal.centre_frequency))
        for info in report.track_info:
            self._infos.append((row, info.type, info.value))
        for info in report.object_info:
            self._infos.append((row, info.type, info.value))

    def _add_sub_classes(self, row: int, level: int, sub_classes: Any) -> None:
        for each in sub_classes:
            confidence = each.confidence or _zero_or_nan(each, "confidence")
            self._classes.append((row, min(level, 127), each.type, confidence))
            self._add_sub_classes(row, level + 1, each.sub_class)

    def columns(self) -> DetectionReports:
        """What was taken, as columns."""
        return DetectionReports.concatenate([*self._full, self._chunk()])

    def _chunk(self) -> DetectionReports:
        """What was taken since the last chunk."""
        count = len(self._heads)
        head = list(zip(*self._heads, strict=True)) or [()] * 10
        place = list(zip(*self._places, strict=True)) or [()] * 13
        numbers = np.array(place[2:8], dtype=np.float64).reshape(6, count).T
        is_range_bearing = np.array(place[10], dtype=np.bool_)
        is_bearing = is_range_bearing[:, None]
        scale = np.array(place[11:13], dtype=np.float64).reshape(2, count).T[:, [0, 0, 1]]
        velocity = np.array(self._velocities, dtype=np.float64).reshape(count, 6)
        scaled = numbers[:, :3] * scale
        return DetectionReports(
            frame=np.array(head[0], dtype=np.int64),
            time_ns=np.array(head[1], dtype=np.int64),
            node_id=np.array(head[2], dtype="U36"),
            report_id=np.array(head[3], dtype="U26"),
            object_id=np.array(head[4], dtype="U26"),
            confidence=np.array(head[5], dtype=np.float64),
            is_range_bearing=is_range_bearing,
            bearing_datum=np.array(place[9], dtype=np.int8),
            range_bearing=np.where(is_bearing, scaled, nan),
            range_bearing_error=np.where(is_bearing, numbers[:, 3:] * scale, nan),
            coordinate_system=np.array(place[0], dtype=np.int8),
            datum=np.array(place[1], dtype=np.int8),
            position=np.where(is_bearing, nan, scaled),
            position_error=np.where(is_bearing, nan, numbers[:, 3:]),
            utm_zone=np.array(place[8], dtype="U8"),
            velocity=velocity[:, :3],
            velocity_error=velocity[:, 3:],
            class_type=np.array(head[6], dtype="U48"),
            class_confidence=np.array(head[7], dtype=np.float64),
            state=np.array(head[8], dtype="U24"),
            object_name=np.array(head[9], dtype="U48"),
        )

    def classes(self) -> ReportClasses:
        """What the reports named as classes."""
        report, level, kind, confidence = list(zip(*self._classes, strict=True)) or [()] * 4
        return ReportClasses(
            report=np.array(report, dtype=np.int64),
            level=np.array(level, dtype=np.int8),
            type=np.array(kind, dtype="U48"),
            confidence=np.array(confidence, dtype=np.float64),
        )

    def signals(self) -> ReportSignals:
        """What the reports received."""
        report, amplitude, frequency = list(zip(*self._signals, strict=True)) or [()] * 3
        return ReportSignals(
            report=np.array(report, dtype=np.int64),
            amplitude=np.array(amplitude, dtype=np.float64),
            centre_frequency=np.array(frequency, dtype=np.float64),
        )

    def infos(self) -> ReportInfos:
        """What the reports said under names of their own."""
        report, kind, value = list(zip(*self._infos, strict=True)) or [()] * 3
        return ReportInfos(
            report=np.array(report, dtype=np.int64),
            type=np.array(kind, dtype="U48"),
            value=np.array(value, dtype="U48"),
        )


def _zero_or_nan(message: Any, name: str) -> float:
    """Of a number that reads as zero: 0 when that was said, NaN when nothing was."""
    return 0.0 if message.HasField(name) else nan


def _from_range_bearing(place: Any) -> tuple[Any, ...]:
    system = place.coordinate_system
    return (
        0,
        0,
        place.azimuth or _zero_or_nan(place, "azimuth"),
        place.elevation or _zero_or_nan(place, "elevation"),
        place.range or _zero_or_nan(place, "range"),
        place.azimuth_error or _zero_or_nan(place, "azimuth_error"),
        place.elevation_error or _zero_or_nan(place, "elevation_error"),
        place.range_error or _zero_or_nan(place, "range_error"),
        "",
        place.datum,
        True,
        1.0 if system in RADIANS else _DEGREE,
        _KILOMETRE if system in KILOMETRES else 1.0,
    )


def _from_location(place: Any) -> tuple[Any, ...]:
    system = place.coordinate_system
    return (
        system,
        place.datum,
        place.x or _zero_or_nan(place, "x"),
        place.y or _zero_or_nan(place, "y"),
        place.z or _zero_or_nan(place, "z"),
        place.x_error or _zero_or_nan(place, "x_error"),
        place.y_error or _zero_or_nan(place, "y_error"),
        place.z_error or _zero_or_nan(place, "z_error"),
        place.utm_zone,
        0,
        False,
        _DEGREE if system == LAT_LNG_DEG_M else 1.0,
        1.0,
    )


def _from_velocity(velocity: Any) -> tuple[float, ...]:
    return (
        velocity.east_rate or _zero_or_nan(velocity, "east_rate"),
        velocity.north_rate or _zero_or_nan(velocity, "north_rate"),
        velocity.up_rate or _zero_or_nan(velocity, "up_rate"),
        velocity.east_rate_error or _zero_or_nan(velocity, "east_rate_error"),
        velocity.north_rate_error or _zero_or_nan(velocity, "north_rate_error"),
        velocity.up_rate_error or _zero_or_nan(velocity, "up_rate_error"),
    )
