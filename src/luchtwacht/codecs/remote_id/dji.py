"""DJI's own identification in Wi-Fi beacons, older than the standard. Never published: read from the air by others.

Layout as measured by F. van Tienen and J. Dumon (2017) and, for version 2, by Schiller et al., "Drone Security and the
Mysterious Case of DJI's DroneID", NDSS 2023, section IV. After the OUI 26:37:12:

    octets 0-2   0x58 0x62 0x13; octet 3 sub-command: 0x10 flight, 0x11 text that the operator typed
    flight       version (1), sequence (2), state (2), serial (16), longitude, latitude (4 each), altitude, height
                 (2 each), velocity north, east, up (2 each), then
      version 2  yaw (2), time (8), app latitude, app longitude, home longitude, home latitude (4 each)
      others     pitch, roll, yaw (2 each), home longitude, home latitude (4 each)
                 and product type (1), length of the UUID (1), UUID (20)
    text         serial (16), length and 10 octets of a drone's name, length and 100 octets of purpose

Angles are 1e-7 radian, velocities cm/s. What altitude and height are measured from was never established, so they are
kept in their raw unit and must not become a height above the ellipsoid.
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import nan, pi
from typing import Any

from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.wire import check_range, encode_text
from luchtwacht.model import Batch, Floats, Ints, Reason, Words, column

FLIGHT, PURPOSE = 0x10, 0x11
_PREFIX = b"\x58\x62\x13"
_START = struct.Struct("<BHH16siihhhhh")
_VERSION_2 = struct.Struct("<hQiiii")
_OLDER = struct.Struct("<hhhii")
_END = struct.Struct("<BB20s")
_RAW_TO_DEG = 1e-7 * 180.0 / pi


@dataclass(frozen=True, slots=True, kw_only=True)
class DjiFlight:
    """One flight record; places that are zero (not known) are `None`."""

    version: int
    sequence: int
    state: int
    """bits, by common reading: 0 serial, 1 not private, 2 home, 3 UUID, 4 motors on, 5 in the air, 6 GPS, 7 altitude, 8
    height, 9 horizontal and 10 vertical velocity valid"""
    serial: str
    latitude_deg: float | None
    longitude_deg: float | None
    altitude_raw: int
    height_raw: int
    velocity_north_m_s: float
    velocity_east_m_s: float
    velocity_up_m_s: float
    yaw_deg: float
    pilot_latitude_deg: float | None = None
    """of the operator's application; version 2 only"""
    pilot_longitude_deg: float | None = None
    home_latitude_deg: float | None = None
    home_longitude_deg: float | None = None
    product_type: int = 0
    uuid: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class DjiFlights(Batch):
    """Flight records, one a row; NaN is "not known". Fields and units as `DjiFlight`."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    version: Ints = column("i8")
    sequence: Ints = column("i8")
    state: Ints = column("i8")
    serial: Words = column("U16")
    latitude_deg: Floats = column("f8")
    longitude_deg: Floats = column("f8")
    altitude_raw: Ints = column("i8")
    height_raw: Ints = column("i8")
    velocity_north_m_s: Floats = column("f8")
    velocity_east_m_s: Floats = column("f8")
    velocity_up_m_s: Floats = column("f8")
    yaw_deg: Floats = column("f8")
    pilot_latitude_deg: Floats = column("f8")
    pilot_longitude_deg: Floats = column("f8")
    home_latitude_deg: Floats = column("f8")
    home_longitude_deg: Floats = column("f8")
    product_type: Ints = column("i8")
    uuid: Words = column("U20")

    def message(self, row: int, version: int) -> DjiFlight:
        """One row as a record; `version` is the record's own and the argument is not used."""
        columns: dict[str, Any] = {name: getattr(self, name)[row].item() for name in DjiFlight.__slots__}
        unknown: dict[str, Any] = {name: None for name, value in columns.items() if value != value}
        return DjiFlight(**(columns | unknown))

    @classmethod
    def of(cls, heard: Ints, flights: list[DjiFlight]) -> DjiFlights:
        """Columns of separate records."""
        columns = {
            name: [nan if (value := getattr(each, name)) is None else value for each in flights]
            for name in DjiFlight.__slots__
        }
        return cls.unknown(len(flights), heard=heard, **columns)


def decode_dji(record: bytes) -> DjiFlight | None:
    """The flight record in an element (after its OUI); none for the operator's text.

    Raises:
        Damaged: cut short, of an unknown kind, or with values that cannot be.
    """
    if record[:3] != _PREFIX or len(record) < 4:
        raise Damaged(Reason.UNSUPPORTED, "DJI", f"{record[:4].hex()} is not a known kind of DJI record")
    if record[3] == PURPOSE:
        return None
    if record[3] != FLIGHT:
        raise Damaged(Reason.UNSUPPORTED, "DJI", f"sub-command {record[3]:#04x} is not read")
    version = record[4] if len(record) > 4 else 0
    middle = _VERSION_2 if version == 2 else _OLDER
    if len(record) < 4 + _START.size + middle.size + _END.size:
        raise Damaged(Reason.TRUNCATED, "DJI", f"a flight record of {len(record)} octets")
    _, sequence, state, serial, longitude, latitude, altitude, height, north, east, up = _START.unpack_from(record, 4)
    pilot = (0, 0)
    if middle is _VERSION_2:
        yaw, _time, pilot_lat, pilot_lon, home_lon, home_lat = middle.unpack_from(record, 4 + _START.size)
        pilot = (pilot_lat, pilot_lon)
    else:
        _pitch, _roll, yaw, home_lon, home_lat = middle.unpack_from(record, 4 + _START.size)
    product_type, _length, uuid = _END.unpack_from(record, 4 + _START.size + middle.size)
    place, pilot_place, home = (_degrees(*each) for each in ((latitude, longitude), pilot, (home_lat, home_lon)))
    for lat, lon in (place, pilot_place, home):
        if lat is not None and lon is not None and (abs(lat) > 90.0 or abs(lon) > 180.0):
            raise Damaged(Reason.IMPLAUSIBLE, "latitude", f"{lat:.3f}, {lon:.3f} degrees is off the globe")
    return DjiFlight(
        version=version,
        sequence=sequence,
        state=state,
        serial=_text(serial, "serial"),
        latitude_deg=place[0],
        longitude_deg=place[1],
        altitude_raw=altitude,
        height_raw=height,
        velocity_north_m_s=north / 100.0,
        velocity_east_m_s=east / 100.0,
        velocity_up_m_s=up / 100.0,
        yaw_deg=yaw / 100.0,
        pilot_latitude_deg=pilot_place[0],
        pilot_longitude_deg=pilot_place[1],
        home_latitude_deg=home[0],
        home_longitude_deg=home[1],
        product_type=product_type,
        uuid=_text(uuid.lstrip(b"\0"), "uuid"),
    )


def encode_dji(flight: DjiFlight) -> bytes:
    """The record that follows the OUI.

    Raises:
        BadMessage: a field does not fit.
    """
    latitude, longitude = _raw(flight.latitude_deg, flight.longitude_deg)
    pilot = _raw(flight.pilot_latitude_deg, flight.pilot_longitude_deg)
    home_lat, home_lon = _raw(flight.home_latitude_deg, flight.home_longitude_deg)
    velocity = (
        check_range(round(each * 100), -32_768, 32_767, each, "velocity")
        for each in (flight.velocity_north_m_s, flight.velocity_east_m_s, flight.velocity_up_m_s)
    )
    yaw = check_range(round(flight.yaw_deg * 100), -32_768, 32_767, flight.yaw_deg, "yaw")
    start = _START.pack(
        flight.version,
        flight.sequence,
        flight.state,
        encode_text(flight.serial, 16, "serial"),
        longitude,
        latitude,
        flight.altitude_raw,
        flight.height_raw,
        *velocity,
    )
    if flight.version == 2:
        middle = _VERSION_2.pack(yaw, 0, *pilot, home_lon, home_lat)
    else:
        middle = _OLDER.pack(0, 0, yaw, home_lon, home_lat)
    uuid = encode_text(flight.uuid, 20, "uuid")
    return _PREFIX + bytes([FLIGHT]) + start + middle + _END.pack(flight.product_type, len(flight.uuid), uuid)


def _degrees(latitude: int, longitude: int) -> tuple[float | None, float | None]:
    return (None, None) if latitude == longitude == 0 else (latitude * _RAW_TO_DEG, longitude * _RAW_TO_DEG)


def _raw(latitude_deg: float | None, longitude_deg: float | None) -> tuple[int, int]:
    if latitude_deg is None or longitude_deg is None:
        return 0, 0
    return (
        check_range(round(latitude_deg / _RAW_TO_DEG), -15_707_964, 15_707_964, latitude_deg, "latitude"),
        check_range(round(longitude_deg / _RAW_TO_DEG), -31_415_927, 31_415_927, longitude_deg, "longitude"),
    )


def _text(octets: bytes, item: str) -> str:
    text = octets.rstrip(b"\0")
    if not all(0x20 <= octet < 0x7F for octet in text):
        raise Damaged(Reason.MALFORMED, item, f"{text.hex()} is not printable ASCII")
    return text.decode("ascii")
