"""System: where the operator is, and what the flight is. ASTM F3411-22a 5.4.5.9, table 8.

octet 0      message type 4, protocol version
octet 1      classification type (bits 4-2), operator location type (bits 1-0)
octets 2-5   operator latitude, signed 1e-7 degree; octets 6-9 longitude; both zero: unknown
octets 10-11 aircraft in the area; octet 12 radius of the area, 10 m
octets 13-14 area ceiling, 15-16 area floor: 0.5 m above -1000 m (WGS 84 ellipsoid); raw 0 unknown
octet 17     EU category (high nibble), EU class (low nibble)
octets 18-19 operator altitude, as the ceiling (from version 1 on; reserved and zero, thus unknown, before)
octets 20-23 seconds since 2019-01-01 UTC; 0 unknown (from version 2 on; reserved before)
octet 24     reserved
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.remote_id.wire import (
    EPOCH_2019_NS,
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
from luchtwacht.units import SECOND_NS

_WIRE = np.dtype(
    [
        ("header", "u1"),
        ("flags", "u1"),
        ("latitude", "<i4"),
        ("longitude", "<i4"),
        ("area_count", "<u2"),
        ("area_radius", "u1"),
        ("area_ceiling", "<u2"),
        ("area_floor", "<u2"),
        ("classification", "u1"),
        ("altitude", "<u2"),
        ("timestamp", "<u4"),
        ("reserved", "u1"),
    ]
)
_PACKER = struct.Struct("<BiiHBHHBHIB")


class OperatorLocation(IntEnum):
    """What place the operator's position is."""

    TAKE_OFF = 0
    LIVE = 1
    FIXED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One System message; `None` is "not known"."""

    operator_location: int
    """`OperatorLocation`; 3 is reserved"""
    operator_latitude_deg: float | None
    operator_longitude_deg: float | None
    operator_altitude_m: float | None = None
    """above the WGS 84 ellipsoid"""
    area_count: int = 1
    area_radius_m: int = 0
    """in tens of metres"""
    area_ceiling_m: float | None = None
    area_floor_m: float | None = None
    classification_type: int = 0
    """0 undeclared, 1 European Union"""
    eu_category: int = 0
    """0 undeclared, 1 open, 2 specific, 3 certified"""
    eu_class: int = 0
    """0 undeclared, 1 to 7 for class C0 to C6"""
    timestamp_ns: int | None = None
    """ns UTC, whole seconds"""
    version: int = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Systems(Batch):
    """System messages, one a row; NaN is "not known". Fields and units as `System`."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    operator_location: Bytes = column("i1")
    classification_type: Bytes = column("i1")
    operator_latitude_deg: Floats = column("f8")
    operator_longitude_deg: Floats = column("f8")
    operator_altitude_m: Floats = column("f8")
    area_count: Ints = column("i8")
    area_radius_m: Ints = column("i8")
    area_ceiling_m: Floats = column("f8")
    area_floor_m: Floats = column("f8")
    eu_category: Bytes = column("i1")
    eu_class: Bytes = column("i1")
    timestamp_ns: Ints = column("i8")
    """-1 where not known"""

    def message(self, row: int, version: int) -> System:
        """One row as a message."""
        timestamp_ns = int(self.timestamp_ns[row])
        return System(
            operator_location=int(self.operator_location[row]),
            classification_type=int(self.classification_type[row]),
            operator_latitude_deg=known(self.operator_latitude_deg[row]),
            operator_longitude_deg=known(self.operator_longitude_deg[row]),
            operator_altitude_m=known(self.operator_altitude_m[row]),
            area_count=int(self.area_count[row]),
            area_radius_m=int(self.area_radius_m[row]),
            area_ceiling_m=known(self.area_ceiling_m[row]),
            area_floor_m=known(self.area_floor_m[row]),
            eu_category=int(self.eu_category[row]),
            eu_class=int(self.eu_class[row]),
            timestamp_ns=None if timestamp_ns < 0 else timestamp_ns,
            version=version,
        )


def decode_systems(octets: Octets, heard: Ints) -> tuple[Systems, dict[str, NDArray[np.bool_]]]:
    """Columns, and per item the rows whose value cannot be."""
    raw = np.ascontiguousarray(octets).view(_WIRE).reshape(len(octets))
    version = raw["header"] & 0x0F
    latitude, longitude = decode_coordinates(raw["latitude"], raw["longitude"])
    seconds = np.where(version >= 2, raw["timestamp"], 0).astype(np.int64)
    made = Systems(
        heard=heard,
        operator_location=raw["flags"] & 0x03,
        classification_type=(raw["flags"] >> 2) & 0x07,
        operator_latitude_deg=latitude,
        operator_longitude_deg=longitude,
        operator_altitude_m=decode_altitudes(np.where(version >= 1, raw["altitude"], 0)),
        area_count=raw["area_count"],
        area_radius_m=raw["area_radius"].astype(np.int64) * 10,
        area_ceiling_m=decode_altitudes(raw["area_ceiling"]),
        area_floor_m=decode_altitudes(raw["area_floor"]),
        eu_category=raw["classification"] >> 4,
        eu_class=raw["classification"] & 0x0F,
        timestamp_ns=np.where(seconds == 0, -1, seconds * SECOND_NS + EPOCH_2019_NS),
    )
    return made, {"operator_latitude": off_the_globe(latitude, longitude)}


def encode_system(message: System) -> bytes:
    """25 octets; values are rounded to their field's resolution. What a version cannot say is left out.

    Raises:
        BadMessage: a field does not fit.
    """
    latitude, longitude = encode_coordinates(message.operator_latitude_deg, message.operator_longitude_deg)
    flags = check_range(message.operator_location, 0, 3, message.operator_location, "operator_location")
    flags |= check_range(message.classification_type, 0, 7, message.classification_type, "classification_type") << 2
    category = check_range(message.eu_category, 0, 15, message.eu_category, "eu_category")
    eu_class = check_range(message.eu_class, 0, 15, message.eu_class, "eu_class")
    altitude = encode_altitude(message.operator_altitude_m, "operator_altitude")
    seconds = 0
    if message.timestamp_ns is not None:
        seconds = (message.timestamp_ns - EPOCH_2019_NS) // SECOND_NS
        check_range(seconds, 1, 0xFFFF_FFFF, message.timestamp_ns, "timestamp")
    return header(MessageType.SYSTEM, message.version) + _PACKER.pack(
        flags,
        latitude,
        longitude,
        check_range(message.area_count, 0, 65_535, message.area_count, "area_count"),
        check_range(round(message.area_radius_m / 10), 0, 255, message.area_radius_m, "area_radius"),
        encode_altitude(message.area_ceiling_m, "area_ceiling"),
        encode_altitude(message.area_floor_m, "area_floor"),
        category << 4 | eu_class,
        altitude if message.version >= 1 else 0,
        seconds if message.version >= 2 else 0,
        0,
    )
