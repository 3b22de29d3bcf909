"""The messages that are read, in the order of their fields on the wire (mavlink.io common.xml; sizes before
extensions).

Angles of positions are 1e-7 degrees, heights millimetres, speeds centimetres a second, as the standard names them; here
they are degrees, metres and metres a second. What the standard gives as "unknown" is none.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from luchtwacht.codecs.mavlink.frame import Packet
from luchtwacht.errors import BadMessage

NOBODY = bytes(20)
"""`id_or_mac` of an aircraft that speaks of itself"""
_UNKNOWN_16 = 0xFFFF
_UNKNOWN_HEIGHT_M = -1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """HEARTBEAT (0)."""

    kind: int
    """MAV_TYPE"""
    base_mode: int
    """MAV_MODE_FLAG: 0x20 hardware in the loop (a simulator), 0x02 test"""
    status: int
    """MAV_STATE: 5 critical, 6 emergency"""

    @property
    def simulated(self) -> bool:
        return bool(self.base_mode & 0x22)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTime:
    """SYSTEM_TIME (2)."""

    unix_us: int
    """0 while it is not known"""
    boot_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsRaw:
    """GPS_RAW_INT (24): only its accuracies are read."""

    fix: int
    horizontal_accuracy_m: float | None
    vertical_accuracy_m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalPosition:
    """GLOBAL_POSITION_INT (33)."""

    boot_ms: int
    latitude_deg: float
    longitude_deg: float
    height_amsl_m: float
    north_m_s: float
    east_m_s: float
    down_m_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicId:
    """OPEN_DRONE_ID_BASIC_ID (12900)."""

    about: bytes
    """20 octets; `NOBODY` when it speaks of itself"""
    id_type: int
    ua_type: int
    uas_id: bytes
    """20 octets"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """OPEN_DRONE_ID_LOCATION (12901)."""

    about: bytes
    latitude_deg: float | None
    longitude_deg: float | None
    pressure_altitude_m: float | None
    height_m: float | None
    """above the ellipsoid"""
    after_hour_s: float | None
    direction_deg: float | None
    speed_m_s: float | None
    climb_m_s: float | None
    status: int
    horizontal_accuracy: int
    vertical_accuracy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """OPEN_DRONE_ID_SYSTEM (12904)."""

    about: bytes
    operator_latitude_deg: float | None
    operator_longitude_deg: float | None
    operator_height_m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorId:
    """OPEN_DRONE_ID_OPERATOR_ID (12905)."""

    about: bytes
    operator_id: str


Message = Heartbeat | SystemTime | GpsRaw | GlobalPosition | BasicId | Location | SystemInfo | OperatorId

_HEARTBEAT = struct.Struct("<IBBBBB")
_SYSTEM_TIME = struct.Struct("<QI")
_GPS_RAW = struct.Struct("<QiiiHHHHBBiII")
_GLOBAL_POSITION = struct.Struct("<IiiiihhhH")
_BASIC_ID = struct.Struct("<BB20sBB20s")
_LOCATION = struct.Struct("<iiffffHHhBB20sBBBBBBB")
_SYSTEM = struct.Struct("<iifffIHHBB20sBBBB")
_OPERATOR_ID = struct.Struct("<BB20sB20s")


def decode_mavlink(packet: Packet) -> Message | None:
    """What a packet says; none for messages that are not read.

    Raises:
        BadMessage: a value that cannot be.
    """
    decoder = _DECODERS.get(packet.message)
    if decoder is None:
        return None
    shape, make = decoder
    return make(*shape.unpack(packet.payload[: shape.size].ljust(shape.size, b"\0")))


def _heartbeat(mode: int, kind: int, autopilot: int, base_mode: int, status: int, version: int) -> Heartbeat:
    return Heartbeat(kind=kind, base_mode=base_mode, status=status)


def _system_time(unix_us: int, boot_ms: int) -> SystemTime:
    return SystemTime(unix_us=unix_us, boot_ms=boot_ms)


def _gps_raw(*fields: int) -> GpsRaw:
    fix, horizontal, vertical = fields[8], fields[11], fields[12]
    return GpsRaw(
        fix=fix,
        horizontal_accuracy_m=horizontal / 1000.0 if horizontal else None,
        vertical_accuracy_m=vertical / 1000.0 if vertical else None,
    )


def _global_position(
    boot_ms: int, lat: int, lon: int, alt: int, relative: int, north: int, east: int, down: int, heading: int
) -> GlobalPosition:
    _check_place(lat, lon)
    return GlobalPosition(
        boot_ms=boot_ms,
        latitude_deg=lat / 1e7,
        longitude_deg=lon / 1e7,
        height_amsl_m=alt / 1000.0,
        north_m_s=north / 100.0,
        east_m_s=east / 100.0,
        down_m_s=down / 100.0,
    )


def _basic_id(system: int, component: int, about: bytes, id_type: int, ua_type: int, uas_id: bytes) -> BasicId:
    return BasicId(about=about, id_type=id_type, ua_type=ua_type, uas_id=uas_id)


def _location(
    lat: int, lon: int, pressure: float, geodetic: float, height: float, timestamp: float, direction: int, speed: int,
    climb: int, system: int, component: int, about: bytes, status: int, reference: int, horizontal: int, vertical: int,
    barometer: int, velocity: int, time: int,
) -> Location:  # fmt: skip
    _check_place(lat, lon)
    known = bool(lat or lon)
    return Location(
        about=about,
        latitude_deg=lat / 1e7 if known else None,
        longitude_deg=lon / 1e7 if known else None,
        pressure_altitude_m=_height(pressure),
        height_m=_height(geodetic),
        after_hour_s=timestamp if 0.0 <= timestamp <= 3600.0 else None,
        direction_deg=direction / 100.0 if direction < 36_000 else None,
        speed_m_s=speed / 100.0 if speed != 25_500 else None,
        climb_m_s=climb / 100.0 if climb != 6_300 else None,
        status=status,
        horizontal_accuracy=horizontal,
        vertical_accuracy=vertical,
    )


def _system(
    lat: int, lon: int, ceiling: float, floor: float, height: float, timestamp: int, count: int, radius: int,
    system: int, component: int, about: bytes, place: int, classification: int, category: int, group: int,
) -> SystemInfo:  # fmt: skip
    _check_place(lat, lon)
    known = bool(lat or lon)
    return SystemInfo(
        about=about,
        operator_latitude_deg=lat / 1e7 if known else None,
        operator_longitude_deg=lon / 1e7 if known else None,
        operator_height_m=_height(height),
    )


def _operator_id(system: int, component: int, about: bytes, kind: int, operator_id: bytes) -> OperatorId:
    return OperatorId(about=about, operator_id=operator_id.partition(b"\0")[0].decode("ascii", "replace").strip())


def _check_place(lat: int, lon: int) -> None:
    if abs(lat) > 900_000_000 or abs(lon) > 1_800_000_000:
        raise BadMessage(f"{lat / 1e7:g}, {lon / 1e7:g} is no place on earth", where="lat")


def _height(value: float) -> float | None:
    if not isfinite(value) or value <= _UNKNOWN_HEIGHT_M or value > 100_000.0:
        return None
    return value


_DECODERS: dict[int, tuple[struct.Struct, Callable[..., Message]]] = {
    0: (_HEARTBEAT, _heartbeat),
    2: (_SYSTEM_TIME, _system_time),
    24: (_GPS_RAW, _gps_raw),
    33: (_GLOBAL_POSITION, _global_position),
    12900: (_BASIC_ID, _basic_id),
    12901: (_LOCATION, _location),
    12904: (_SYSTEM, _system),
    12905: (_OPERATOR_ID, _operator_id),
}


def encode_mavlink(message: Message, *, system: int = 1, component: int = 1) -> Packet:
    """The packet of a message."""
    match message:
        case Heartbeat():
            return Packet(
                system, component, 0, _HEARTBEAT.pack(0, message.kind, 3, message.base_mode, message.status, 3)
            )
        case SystemTime():
            return Packet(system, component, 2, _SYSTEM_TIME.pack(message.unix_us, message.boot_ms))
        case GpsRaw():
            accuracies = (message.horizontal_accuracy_m or 0.0, message.vertical_accuracy_m or 0.0)
            millimetres = [round(each * 1000.0) for each in accuracies]
            return Packet(system, component, 24, _GPS_RAW.pack(0, 0, 0, 0, 0, 0, 0, 0, message.fix, 0, 0, *millimetres))
        case GlobalPosition():
            place = round(message.latitude_deg * 1e7), round(message.longitude_deg * 1e7)
            height = round(message.height_amsl_m * 1000.0)
            speeds = [round(each * 100.0) for each in (message.north_m_s, message.east_m_s, message.down_m_s)]
            payload = _GLOBAL_POSITION.pack(message.boot_ms, *place, height, 0, *speeds, _UNKNOWN_16)
            return Packet(system, component, 33, payload)
        case BasicId():
            payload = _BASIC_ID.pack(0, 0, message.about, message.id_type, message.ua_type, message.uas_id)
            return Packet(system, component, 12900, payload)
        case Location():
            return Packet(system, component, 12901, _encode_location(message))
        case SystemInfo():
            place = _tenmillionths(message.operator_latitude_deg), _tenmillionths(message.operator_longitude_deg)
            height_m = _UNKNOWN_HEIGHT_M if message.operator_height_m is None else message.operator_height_m
            payload = _SYSTEM.pack(*place, -1000.0, -1000.0, height_m, 0, 0, 0, 0, 0, message.about, 0, 0, 0, 0)
            return Packet(system, component, 12904, payload)
        case OperatorId():
            payload = _OPERATOR_ID.pack(0, 0, message.about, 0, message.operator_id.encode("ascii"))
            return Packet(system, component, 12905, payload)


def _encode_location(message: Location) -> bytes:
    def or_unknown(value: float | None, scale: float, unknown: int) -> int:
        return unknown if value is None else round(value * scale)

    return _LOCATION.pack(
        _tenmillionths(message.latitude_deg),
        _tenmillionths(message.longitude_deg),
        _UNKNOWN_HEIGHT_M if message.pressure_altitude_m is None else message.pressure_altitude_m,
        _UNKNOWN_HEIGHT_M if message.height_m is None else message.height_m,
        _UNKNOWN_HEIGHT_M,
        float(_UNKNOWN_16) if message.after_hour_s is None else message.after_hour_s,
        or_unknown(message.direction_deg, 100.0, 36_100),
        or_unknown(message.speed_m_s, 100.0, 25_500),
        or_unknown(message.climb_m_s, 100.0, 6_300),
        0,
        0,
        message.about,
        message.status,
        0,
        message.horizontal_accuracy,
        message.vertical_accuracy,
        0,
        0,
        0,
    )


def _tenmillionths(value: float | None) -> int:
    return 0 if value is None else round(value * 1e7)
