"""Messages of DroneScout receivers (BlueMark), as they publish them over MQTT: JSON with a C structure in base64.

    {"protocol": 1.0, "data": {"sensor ID", "RSSI", "channel", "timestamp" (ms UTC), "MAC address", "type", "UASdata"}}
    {"protocol": 1.0, "data": {"sensor ID", "timestamp", "firmware version", "model", "status"}}

`UASdata` is `ODID_UAS_Data` of opendroneid-core-c (`libopendroneid/opendroneid.h`, 2.0) as gcc lays it out on 64 bits,
little-endian: 2 Basic ID of 32 octets (UA type, id type, 21 of text), Location at 64, 16 pages of authentication of 40
at 136, Self ID at 776, System at 808, Operator ID at 864, and from 892 an octet each that says which are valid: 2
Basic ID, Location, 16 pages, Self ID, System, Operator ID. Its numbers are those of F3411 already taken apart; here
they are put together again as the 25 octets in which they were sent, so that one decoder reads them all.

What is handed on is `frame`: transmitter (6), signal in dBm plus 128 (1), carrier (1), a message pack.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from math import isfinite

import msgspec

from luchtwacht.codecs.remote_id.basic_id import BasicId, encode_basic_id
from luchtwacht.codecs.remote_id.link import Advert, Carrier, parse_mac
from luchtwacht.codecs.remote_id.location import Location, encode_location
from luchtwacht.codecs.remote_id.message_pack import encode_pack
from luchtwacht.codecs.remote_id.operator_id import OperatorId, encode_operator_id
from luchtwacht.codecs.remote_id.system import System, encode_system
from luchtwacht.errors import BadMessage

_STRUCTURE_SIZE = 914
"""octets up to the last that says what is valid"""
_BASIC_ID = struct.Struct("<II20s")
_BASIC_ID_SIZE = 32
_LOCATION = struct.Struct("<IfffddffIfIIIIIf")
_LOCATION_AT, _SYSTEM_AT, _OPERATOR_AT, _VALID_AT = 64, 808, 864, 892
_SYSTEM = struct.Struct("<IIddHHffIIfI")
_OPERATOR = struct.Struct("<I20s")
_LOCATION_VALID, _SYSTEM_VALID, _OPERATOR_VALID = 2, 20, 21
_CARRIERS = {
    "ble legacy": Carrier.BLUETOOTH_LEGACY,
    "ble long range": Carrier.BLUETOOTH_EXTENDED,
    "wifi nan": Carrier.WIFI_NAN,
    "wifi beacon": Carrier.WIFI_BEACON,
}
_HEAD = 8
_UNKNOWN_DIRECTION, _UNKNOWN_SPEED, _UNKNOWN_CLIMB, _UNKNOWN_HEIGHT = 361.0, 255.0, 63.0, -1000.0


class _Data(msgspec.Struct, frozen=True):
    sensor: str = msgspec.field(name="sensor ID", default="")
    timestamp_ms: int = msgspec.field(name="timestamp", default=0)
    rssi_dbm: int | None = msgspec.field(name="RSSI", default=None)
    mac: str = msgspec.field(name="MAC address", default="")
    carrier: str = msgspec.field(name="type", default="")
    structure: str | None = msgspec.field(name="UASdata", default=None)
    status: str | None = None


class _Document(msgspec.Struct, frozen=True):
    data: _Data


_document = msgspec.json.Decoder(_Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a DroneScout receiver sent."""

    sensor: str
    """what it calls itself"""
    timestamp_ms: int
    """ms UTC, by its clock"""
    frame: bytes = b""
    """what it heard, as this module's docstring says; empty for a status, and where nothing in it was valid"""
    status: str | None = None
    """what it says of itself"""


def decode_dronescout(payload: bytes) -> Heard:
    """One message.

    Raises:
        BadMessage: it is none, or its structure is not what we know.
    """
    try:
        data = _document.decode(payload).data
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"not a message of DroneScout: {error}", where="json") from error
    if not 0 <= data.timestamp_ms * 1_000_000 < 1 << 63:
        raise BadMessage(f"{data.timestamp_ms} ms is not between the years 1970 and 2262", where="timestamp")
    if data.structure is None:
        if data.status is None:
            raise BadMessage("neither UASdata nor a status", where="data")
        return Heard(sensor=data.sensor, timestamp_ms=data.timestamp_ms, status=data.status)
    try:
        structure = base64.b64decode(data.structure, validate=True)
        address = parse_mac(data.mac)
    except (binascii.Error, ValueError) as error:
        raise BadMessage(str(error), where="UASdata or MAC address") from error
    if len(structure) < _STRUCTURE_SIZE:
        raise BadMessage(f"{len(structure)} octets, fewer than {_STRUCTURE_SIZE}", where="UASdata")
    messages = _messages(structure)
    frame = b""
    if messages:
        rssi = 0 if data.rssi_dbm is None else min(max(data.rssi_dbm + 128, 1), 255)
        carrier = _CARRIERS.get(data.carrier.lower(), Carrier.WIFI_BEACON)
        frame = address.to_bytes(6, "big") + bytes([rssi, carrier]) + encode_pack(messages)
    return Heard(sensor=data.sensor, timestamp_ms=data.timestamp_ms, frame=frame)


def locate_in_assembled(frame: bytes) -> list[Advert]:
    """The transmission in a `frame`."""
    if len(frame) <= _HEAD or frame[7] not in _CARRIERS.values():
        return []
    rssi = float(frame[6] - 128) if frame[6] else float("nan")
    return [Advert(Carrier(frame[7]), int.from_bytes(frame[:6], "big"), rssi, -1, _HEAD, len(frame))]


def _messages(structure: bytes) -> list[bytes]:
    valid = structure[_VALID_AT:_STRUCTURE_SIZE]
    messages = [_basic_id(structure, number * _BASIC_ID_SIZE) for number in range(2) if valid[number]]
    if valid[_LOCATION_VALID]:
        messages.append(_location(structure))
    if valid[_SYSTEM_VALID]:
        messages.append(_system(structure))
    if valid[_OPERATOR_VALID]:
        _, operator = _OPERATOR.unpack_from(structure, _OPERATOR_AT)
        messages.append(encode_operator_id(OperatorId(operator_id=_text(operator))))
    return messages


def _text(octets: bytes) -> str:
    try:
        return octets.partition(b"\0")[0].decode("ascii")
    except UnicodeDecodeError as error:
        raise BadMessage(f"{octets!r} is not text", where="UASdata") from error


def _basic_id(structure: bytes, at: int) -> bytes:
    ua_type, id_type, octets = _BASIC_ID.unpack_from(structure, at)
    uas_id = _text(octets) if id_type in (0, 1, 2) else octets.hex()
    return encode_basic_id(BasicId(id_type=id_type, ua_type=ua_type, uas_id=uas_id))


def _location(structure: bytes) -> bytes:
    numbers = _LOCATION.unpack_from(structure, _LOCATION_AT)
    status, direction, speed, climb, latitude, longitude, pressure, geodetic, height_type, height = numbers[:10]
    horizontal, vertical, barometer, velocity, _, timestamp = numbers[10:]
    known = latitude != 0.0 or longitude != 0.0
    return encode_location(
        Location(
            status=status,
            latitude_deg=_sound(latitude) if known else None,
            longitude_deg=_sound(longitude) if known else None,
            geodetic_altitude_m=_unless(geodetic, _UNKNOWN_HEIGHT),
            pressure_altitude_m=_unless(pressure, _UNKNOWN_HEIGHT),
            height_m=_unless(height, _UNKNOWN_HEIGHT),
            height_type=height_type,
            direction_deg=None if direction >= _UNKNOWN_DIRECTION else _sound(direction) % 360.0,
            speed_m_s=_unless(speed, _UNKNOWN_SPEED),
            vertical_speed_m_s=_unless(climb, _UNKNOWN_CLIMB),
            horizontal_accuracy=horizontal,
            vertical_accuracy=vertical,
            pressure_accuracy=barometer,
            speed_accuracy=velocity,
            timestamp_s=round(timestamp, 1) if 0.0 <= timestamp <= 3600.0 else None,
        )
    )


def _system(structure: bytes) -> bytes:
    place, classification, latitude, longitude, *_, height, _ = _SYSTEM.unpack_from(structure, _SYSTEM_AT)
    known = latitude != 0.0 or longitude != 0.0
    return encode_system(
        System(
            operator_location=place,
            classification_type=classification,
            operator_latitude_deg=_sound(latitude) if known else None,
            operator_longitude_deg=_sound(longitude) if known else None,
            operator_altitude_m=_unless(height, _UNKNOWN_HEIGHT),
        )
    )


def _sound(value: float) -> float:
    if not isfinite(value):
        raise BadMessage(f"{value} is no number", where="UASdata")
    return value


def _unless(value: float, unknown: float) -> float | None:
    return None if value == unknown else _sound(value)
