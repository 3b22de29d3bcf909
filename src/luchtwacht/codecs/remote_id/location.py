"""Location/Vector: where the aircraft says it is. ASTM F3411-22a 5.4.5.6, table 5.

octet 0      message type 1, protocol version
octet 1      status (bits 7-4), height type (bit 2), direction east/west (bit 1), speed multiplier (bit 0)
octet 2      track direction, degrees 0-179, plus 180 when east/west is set; 181 unknown
octet 3      ground speed, 0.25 m/s, or 0.75 m/s above 63.75 m/s when the multiplier is set; 255 m/s unknown
octet 4      vertical speed, signed 0.5 m/s, positive up; 63 m/s unknown
octets 5-8   latitude, signed 1e-7 degree; octets 9-12 longitude; both zero: unknown
octets 13-14 pressure altitude; 15-16 geodetic altitude (WGS 84 ellipsoid); 17-18 height over take-off or ground:
             0.5 m above -1000 m; raw 0 unknown
octet 19     vertical accuracy (high nibble), horizontal accuracy (low nibble)
octet 20     pressure altitude accuracy (high nibble), speed accuracy (low nibble)
octets 21-22 tenths of seconds after the full hour, UTC; 0xFFFF unknown
octet 23     timestamp accuracy (low nibble), 0.1 s; 0 unknown
octet 24     reserved
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.remote_id.wire import (
    MessageType,
    Octets,
    check_range,
    decode_altitudes,
    decode_coordinates,
    encode_altitude,
    encode_coordinates,
    header,
    known,
    off_the_globe,
)
from luchtwacht.model import Batch, Bytes, Floats, Ints, column
from luchtwacht.units import NAUTICAL_MILE

_WIRE = np.dtype(
    [
        ("header", "u1"),
        ("flags", "u1"),
        ("direction", "u1"),
        ("speed", "u1"),
        ("vertical_speed", "i1"),
        ("latitude", "<i4"),
        ("longitude", "<i4"),
        ("pressure_altitude", "<u2"),
        ("geodetic_altitude", "<u2"),
        ("height", "<u2"),
        ("accuracy", "u1"),
        ("accuracy_2", "u1"),
        ("timestamp", "<u2"),
        ("timestamp_accuracy", "u1"),
        ("reserved", "u1"),
    ]
)
_PACKER = struct.Struct("<BBBbiiHHHBBHBB")

_UNKNOWN_DIRECTION = 181
_UNKNOWN_VERTICAL = 126
_UNKNOWN_TIME = 0xFFFF
_LAST_TENTH = 36_000

HORIZONTAL_ACCURACY_M = (
    nan,
    *(miles * NAUTICAL_MILE for miles in (10.0, 4.0, 2.0, 1.0, 0.5, 0.3, 0.1, 0.05)),
    30.0,
    10.0,
    3.0,
    1.0,
    nan,
    nan,
    nan,
)
"""95 % bound by class (F3411-22a table 5: as NACp of DO-260B); NaN: unknown or reserved"""
VERTICAL_ACCURACY_M = (nan, 150.0, 45.0, 25.0, 10.0, 3.0, 1.0, *[nan] * 9)
"""95 % bound by class, for geodetic and for pressure altitude"""
SPEED_ACCURACY_M_S = (nan, 10.0, 3.0, 1.0, 0.3, *[nan] * 11)
"""95 % bound by class"""


class Status(IntEnum):
    """Operational status."""

    UNDECLARED = 0
    GROUND = 1
    AIRBORNE = 2
    EMERGENCY = 3
    REMOTE_ID_FAILURE = 4


class HeightType(IntEnum):
    """What `height` is measured from."""

    TAKE_OFF = 0
    GROUND = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One Location/Vector message; `None` is "not known"."""

    status: int
    """`Status`; 5 to 15 are reserved"""
    latitude_deg: float | None
    longitude_deg: float | None
    geodetic_altitude_m: float | None = None
    """above the WGS 84 ellipsoid"""
    pressure_altitude_m: float | None = None
    """in the standard atmosphere (1013.25 hPa)"""
    height_m: float | None = None
    """above the place that `height_type` says"""
    height_type: int = HeightType.TAKE_OFF
    direction_deg: float | None = None
    """track over ground, clockwise from true north, [0, 360)"""
    speed_m_s: float | None = None
    """over ground"""
    vertical_speed_m_s: float | None = None
    """positive up"""
    horizontal_accuracy: int = 0
    """class, an index into `HORIZONTAL_ACCURACY_M`"""
    vertical_accuracy: int = 0
    """class, an index into `VERTICAL_ACCURACY_M`"""
    pressure_accuracy: int = 0
    """class, an index into `VERTICAL_ACCURACY_M`"""
    speed_accuracy: int = 0
    """class, an index into `SPEED_ACCURACY_M_S`"""
    timestamp_s: float | None = None
    """seconds after the full hour UTC, in tenths"""
    timestamp_accuracy_s: float | None = None
    version: int = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Locations(Batch):
    """Location/Vector messages, one a row; NaN is "not known". Fields and units as `Location`."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    status: Bytes = column("i1")
    height_type: Bytes = column("i1")
    direction_deg: Floats = column("f8")
    speed_m_s: Floats = column("f8")
    vertical_speed_m_s: Floats = column("f8")
    latitude_deg: Floats = column("f8")
    longitude_deg: Floats = column("f8")
    pressure_altitude_m: Floats = column("f8")
    geodetic_altitude_m: Floats = column("f8")
    height_m: Floats = column("f8")
    horizontal_accuracy: Bytes = column("i1")
    vertical_accuracy: Bytes = column("i1")
    pressure_accuracy: Bytes = column("i1")
    speed_accuracy: Bytes = column("i1")
    timestamp_s: Floats = column("f8")
    timestamp_accuracy_s: Floats = column("f8")

    def message(self, row: int, version: int) -> Location:
        """One row as a message."""
        return Location(
            status=int(self.status[row]),
            height_type=int(self.height_type[row]),
            direction_deg=known(self.direction_deg[row]),
            speed_m_s=known(self.speed_m_s[row]),
            vertical_speed_m_s=known(self.vertical_speed_m_s[row]),
            latitude_deg=known(self.latitude_deg[row]),
            longitude_deg=known(self.longitude_deg[row]),
            pressure_altitude_m=known(self.pressure_altitude_m[row]),
            geodetic_altitude_m=known(self.geodetic_altitude_m[row]),
            height_m=known(self.height_m[row]),
            horizontal_accuracy=int(self.horizontal_accuracy[row]),
            vertical_accuracy=int(self.vertical_accuracy[row]),
            pressure_accuracy=int(self.pressure_accuracy[row]),
            speed_accuracy=int(self.speed_accuracy[row]),
            timestamp_s=known(self.timestamp_s[row]),
            timestamp_accuracy_s=known(self.timestamp_accuracy_s[row]),
            version=version,
        )


def decode_locations(octets: Octets, heard: Ints) -> tuple[Locations, dict[str, NDArray[np.bool_]]]:
    """Columns, and per item the rows whose value cannot be: what a damaged packet looks like where no radio said so."""
    raw = np.ascontiguousarray(octets).view(_WIRE).reshape(len(octets))
    direction, speed, climb = (raw[name].astype(np.int64) for name in ("direction", "speed", "vertical_speed"))
    westward, fast = (raw["flags"] >> 1) & 1, raw["flags"] & 1
    latitude, longitude = decode_coordinates(raw["latitude"], raw["longitude"])
    timestamp = raw["timestamp"]
    quick = np.where(fast == 1, speed * 0.75 + 63.75, speed * 0.25)
    made = Locations(
        heard=heard,
        status=raw["flags"] >> 4,
        height_type=(raw["flags"] >> 2) & 1,
        direction_deg=np.where(direction >= _UNKNOWN_DIRECTION, np.nan, np.mod(direction + 180.0 * westward, 360.0)),
        speed_m_s=np.where((speed == 255) & (fast == 1), np.nan, quick),
        vertical_speed_m_s=np.where(climb == _UNKNOWN_VERTICAL, np.nan, climb * 0.5),
        latitude_deg=latitude,
        longitude_deg=longitude,
        pressure_altitude_m=decode_altitudes(raw["pressure_altitude"]),
        geodetic_altitude_m=decode_altitudes(raw["geodetic_altitude"]),
        height_m=decode_altitudes(raw["height"]),
        horizontal_accuracy=raw["accuracy"] & 0x0F,
        vertical_accuracy=raw["accuracy"] >> 4,
        pressure_accuracy=raw["accuracy_2"] >> 4,
        speed_accuracy=raw["accuracy_2"] & 0x0F,
        timestamp_s=np.where(timestamp == _UNKNOWN_TIME, np.nan, timestamp / 10.0),
        timestamp_accuracy_s=np.where(
            raw["timestamp_accuracy"] & 0x0F == 0, np.nan, (raw["timestamp_accuracy"] & 0x0F) / 10.0
        ),
    )
    impossible = {
        "latitude": off_the_globe(latitude, longitude),
        "direction": direction > _UNKNOWN_DIRECTION,
        "vertical_speed": (climb > _UNKNOWN_VERTICAL) | (climb < -_UNKNOWN_VERTICAL),
        "timestamp": (timestamp > _LAST_TENTH) & (timestamp != _UNKNOWN_TIME),
    }
    return made, impossible


def encode_location(message: Location) -> bytes:
    """25 octets; values are rounded to their field's resolution.

    Raises:
        BadMessage: a field does not fit.
    """
    flags = check_range(message.status, 0, 15, message.status, "status") << 4
    flags |= check_range(message.height_type, 0, 1, message.height_type, "height_type") << 2
    direction, westward = _encode_direction(message.direction_deg)
    speed, fast = _encode_speed(message.speed_m_s)
    latitude, longitude = encode_coordinates(message.latitude_deg, message.longitude_deg)
    classes = (
        message.vertical_accuracy,
        message.horizontal_accuracy,
        message.pressure_accuracy,
        message.speed_accuracy,
    )
    vertical, horizontal, pressure, quick = (check_range(each, 0, 15, each, "accuracy") for each in classes)
    return header(MessageType.LOCATION, message.version) + _PACKER.pack(
        flags | westward << 1 | fast,
        direction,
        speed,
        _encode_vertical_speed(message.vertical_speed_m_s),
        latitude,
        longitude,
        encode_altitude(message.pressure_altitude_m, "pressure_altitude"),
        encode_altitude(message.geodetic_altitude_m, "geodetic_altitude"),
        encode_altitude(message.height_m, "height"),
        vertical << 4 | horizontal,
        pressure << 4 | quick,
        _encode_tenths(message.timestamp_s, _LAST_TENTH, _UNKNOWN_TIME, "timestamp"),
        _encode_tenths(message.timestamp_accuracy_s, 15, 0, "timestamp_accuracy"),
        0,
    )


def horizontal_accuracy_class(bound_m: float) -> int:
    """The best class whose 95 % bound covers `bound_m`; 0 (unknown) when none does."""
    return _best_class(HORIZONTAL_ACCURACY_M, bound_m)


def vertical_accuracy_class(bound_m: float) -> int:
    """The best class whose 95 % bound covers `bound_m`; 0 (unknown) when none does."""
    return _best_class(VERTICAL_ACCURACY_M, bound_m)


def speed_accuracy_class(bound_m_s: float) -> int:
    """The best class whose 95 % bound covers `bound_m_s`; 0 (unknown) when none does."""
    return _best_class(SPEED_ACCURACY_M_S, bound_m_s)


def _best_class(bounds: tuple[float, ...], bound: float) -> int:
    best, smallest = 0, inf
    for index, each in enumerate(bounds):
        if bound <= each < smallest:
            best, smallest = index, each
    return best


def _encode_direction(degrees: float | None) -> tuple[int, int]:
    if degrees is None:
        return _UNKNOWN_DIRECTION, 1
    whole = check_range(round(degrees), 0, 360, degrees, "direction") % 360
    return whole % 180, whole // 180


def _encode_speed(metres_per_second: float | None) -> tuple[int, int]:
    if metres_per_second is None:
        return 255, 1
    slow = round(metres_per_second / 0.25)
    if slow <= 255:
        return check_range(slow, 0, 255, metres_per_second, "speed"), 0
    return check_range(round((metres_per_second - 63.75) / 0.75), 0, 254, metres_per_second, "speed"), 1


def _encode_vertical_speed(metres_per_second: float | None) -> int:
    if metres_per_second is None:
        return _UNKNOWN_VERTICAL
    return check_range(round(metres_per_second / 0.5), -124, 124, metres_per_second, "vertical_speed")


def _encode_tenths(seconds: float | None, highest: int, unknown: int, item: str) -> int:
    return unknown if seconds is None else check_range(round(seconds * 10), 0, highest, seconds, item)
