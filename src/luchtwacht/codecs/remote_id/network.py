"""Network Remote ID: answers of a service provider, as JSON. ASTM F3411-22a annex A4 (OpenAPI), paths `/uss/flights`
and `/uss/flights/{id}/details`; version 19 as well, where a time is plain text and ids stand beside the operator's.

Everything the standard requires must be there and possible; what is not is refused with the name of the field, as in
`current_state.track`. Numbers that stand for "unknown" (track 361, speed 255, vertical speed 63, altitude -1000) are
none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from uuid import UUID

import msgspec

from luchtwacht.errors import BadMessage
from luchtwacht.units import datetime_to_ns

AIRCRAFT_TYPES = (
    "NotDeclared", "Aeroplane", "Helicopter", "Gyroplane", "HybridLift", "Ornithopter", "Glider", "Kite", "FreeBalloon",
    "CaptiveBalloon", "Airship", "FreeFallOrParachute", "Rocket", "TetheredPoweredAircraft", "GroundObstacle", "Other",
)  # fmt: skip
"""in the order of the broadcast's UA types"""
_OLD_AIRCRAFT_TYPES = {"VTOL": "HybridLift"}
STATUSES = ("Undeclared", "Ground", "Airborne", "Emergency", "RemoteIDSystemFailure")
HORIZONTAL_ACCURACIES = (
    "HAUnknown", "HA10NM", "HA4NM", "HA2NM", "HA1NM", "HA05NM", "HA03NM", "HA01NM", "HA005NM", "HA30m", "HA10m", "HA3m",
    "HA1m",
)  # fmt: skip
"""in the order of the broadcast's classes"""
VERTICAL_ACCURACIES = ("VAUnknown", "VA150m", "VA45m", "VA25m", "VA10m", "VA3m", "VA1m")
_SPEED_ACCURACIES = ("SAUnknown", "SA10mpsPlus", "SA10mps", "SA3mps", "SA1mps", "SA03mps")
_HEIGHT_REFERENCES = ("TakeoffLocation", "GroundLevel")
_MORE = {"HA10NMPlus": "HAUnknown", "VA150mPlus": "VAUnknown"}
_SERIAL = re.compile(r"([0-9A-HJ-NP-Z]{4})([1-9A-F])([0-9A-HJ-NP-Z]+)")
"""ANSI/CTA-2063-A: manufacturer code, length of the rest, the rest; no I and no O"""
_REGISTRATION = re.compile(r"[A-Z0-9]{1,6}\.[A-Z0-9.-]+")
"""nationality mark, a dot, and the registration (F3411-22a RegistrationID)"""
UNKNOWN_TRACK, UNKNOWN_SPEED, UNKNOWN_CLIMB, UNKNOWN_HEIGHT = 361.0, 255.0, 63.0, -1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkState:
    """RIDAircraftState; `None` is "not known"."""

    time_ns: int
    """ns UTC"""
    status: int
    """index into `STATUSES`"""
    latitude_deg: float
    longitude_deg: float
    height_m: float | None
    """above the WGS 84 ellipsoid"""
    pressure_altitude_m: float | None
    horizontal_accuracy: int
    """index into `HORIZONTAL_ACCURACIES`"""
    vertical_accuracy: int
    track_deg: float | None
    speed_m_s: float | None
    climb_m_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFlight:
    """RIDFlight."""

    id: str
    aircraft_type: int
    """index into `AIRCRAFT_TYPES`"""
    simulated: bool
    state: NetworkState | None
    """none when the provider gives no current one"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDetails:
    """RIDFlightDetails."""

    id: str
    """of the flight"""
    serial_number: str = ""
    registration: str = ""
    session: str = ""
    """UTM id, else specific session id"""
    operator_id: str = ""
    operator_latitude_deg: float | None = None
    operator_longitude_deg: float | None = None
    operator_height_m: float | None = None
    """above the WGS 84 ellipsoid"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a flight, or an answer, cannot be used."""

    record: int
    """place in `flights`, from 0; -1 for the whole"""
    item: str
    detail: str
    possible: bool
    """well-formed, and only impossible"""


Answer = list[NetworkFlight | Fault] | NetworkDetails | Fault


def decode_network(payload: bytes) -> Answer:
    """An answer with flights, each good or with its fault; or one with details; or why it is neither."""
    try:
        document = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Fault(record=-1, item="json", detail=f"not JSON: {error}", possible=False)
    try:
        if not isinstance(document, dict):
            raise _Wrong("json", "not an object")
        if isinstance(document.get("details"), dict):
            return _details(_Reader(document["details"], "details"))
        flights = document.get("flights")
        if not isinstance(flights, list):
            raise _Wrong("flights", "neither flights nor details")
    except _Wrong as wrong:
        return wrong.fault(-1)
    made: list[NetworkFlight | Fault] = []
    for record, flight in enumerate(flights):
        try:
            made.append(_flight(_Reader(flight, "")))
        except _Wrong as wrong:
            made.append(wrong.fault(record))
    return made


class _Wrong(BadMessage):
    """A field that cannot be used."""

    def __init__(self, item: str, detail: str, *, possible: bool = False) -> None:
        self.possible = possible
        super().__init__(detail, where=item)

    def fault(self, record: int) -> Fault:
        return Fault(record=record, item=self.where, detail=self.what, possible=self.possible)


class _Reader:
    """Takes fields out of an object, each by its name, and knows where it is."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise _Wrong(where or "flight", f"{str(value)[:40]!r} is no object")
        self._value, self._where = value, where

    def at(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def object(self, name: str) -> _Reader:
        self._need(name)
        return _Reader(self._value[name], self.at(name))

    def text(self, name: str) -> str:
        self._need(name)
        value = self._value[name]
        if not isinstance(value, str) or len(value) > 200:
            raise _Wrong(self.at(name), f"{str(value)[:40]!r} is no text")
        return value

    def number(self, name: str, least: float, most: float, *, unknown: float | None = None) -> float | None:
        self._need(name)
        value = self._value[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise _Wrong(self.at(name), f"{str(value)[:40]!r} is no number")
        if unknown is not None and value == unknown:
            return None
        if not least <= value <= most:
            raise _Wrong(self.at(name), f"{value:g} is not between {least:g} and {most:g}", possible=True)
        return float(value)

    def one_of(self, name: str, names: tuple[str, ...], *, default: str | None = None) -> int:
        if default is not None and not self.has(name):
            return names.index(default)
        value = self.text(name)
        value = _MORE.get(value, _OLD_AIRCRAFT_TYPES.get(value, value))
        if value not in names:
            raise _Wrong(self.at(name), f"{value[:40]!r} is not one of {', '.join(names)}")
        return names.index(value)

    def time_ns(self, name: str) -> int:
        self._need(name)
        value = self._value[name]
        text = value.get("value") if isinstance(value, dict) else value
        try:
            moment = datetime.fromisoformat(text)  # type: ignore[arg-type]
            time_ns = datetime_to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (TypeError, ValueError, OverflowError):
            raise _Wrong(self.at(name), f"{str(text)[:40]!r} is no time in RFC 3339") from None
        if not 0 <= time_ns < 1 << 63:
            raise _Wrong(self.at(name), f"{str(text)[:40]} is not between the years 1970 and 2262", possible=True)
        return time_ns

    def flag(self, name: str) -> bool:
        value = self._value.get(name, False)
        if not isinstance(value, bool):
            raise _Wrong(self.at(name), f"{str(value)[:40]!r} is neither true nor false")
        return value

    def _need(self, name: str) -> None:
        if not self.has(name):
            raise _Wrong(self.at(name), "is required and is not there")


def _flight(flight: _Reader) -> NetworkFlight:
    return NetworkFlight(
        id=flight.text("id"),
        aircraft_type=flight.one_of("aircraft_type", AIRCRAFT_TYPES),
        simulated=flight.flag("simulated"),
        state=_state(flight.object("current_state")) if flight.has("current_state") else None,
    )


def _state(state: _Reader) -> NetworkState:
    position = state.object("position")
    time_ns = state.time_ns("timestamp")
    state.number("timestamp_accuracy", 0.0, 3600.0)
    state.one_of("speed_accuracy", _SPEED_ACCURACIES)
    for holder in (state, position):  # version 19 has the height beside the position, version 22a in it
        if holder.has("height"):
            height = holder.object("height")
            height.number("distance", -10_000.0, 100_000.0, unknown=UNKNOWN_HEIGHT)
            height.one_of("reference", _HEIGHT_REFERENCES)
    latitude, longitude = position.number("lat", -90.0, 90.0), position.number("lng", -180.0, 180.0)
    assert latitude is not None
    assert longitude is not None
    pressure_altitude_m = None
    if position.has("pressure_altitude"):
        pressure_altitude_m = position.number("pressure_altitude", -1_000.0, 60_000.0, unknown=UNKNOWN_HEIGHT)
    return NetworkState(
        time_ns=time_ns,
        status=state.one_of("operational_status", STATUSES, default="Undeclared"),
        latitude_deg=latitude,
        longitude_deg=longitude,
        height_m=position.number("alt", -1_000.0, 60_000.0, unknown=UNKNOWN_HEIGHT),
        pressure_altitude_m=pressure_altitude_m,
        horizontal_accuracy=position.one_of("accuracy_h", HORIZONTAL_ACCURACIES),
        vertical_accuracy=position.one_of("accuracy_v", VERTICAL_ACCURACIES),
        track_deg=state.number("track", -360.0, 360.0, unknown=UNKNOWN_TRACK),
        speed_m_s=state.number("speed", 0.0, 254.25, unknown=UNKNOWN_SPEED),
        climb_m_s=state.number("vertical_speed", -62.0, 62.0, unknown=UNKNOWN_CLIMB),
    )


def _details(details: _Reader) -> NetworkDetails:
    ids = details.object("uas_id") if details.has("uas_id") else details
    serial = ids.text("serial_number") if ids.has("serial_number") else ""
    if serial:
        check_serial(serial, ids.at("serial_number"))
    registration = ""
    for name in ("registration_id", "registration_number"):
        if ids.has(name):
            registration = ids.text(name)
            if not _REGISTRATION.fullmatch(registration):
                raise _Wrong(ids.at(name), f"{registration[:40]!r} is no nationality mark, dot and registration")
    session = _session(ids)
    if not (serial or registration or session):
        raise _Wrong(ids.at("serial_number"), "an aircraft needs a serial number, registration, UTM id or session id")
    place = _operator(details)
    return NetworkDetails(
        id=details.text("id"),
        serial_number=serial,
        registration=registration,
        session=session,
        operator_id=details.text("operator_id") if details.has("operator_id") else "",
        operator_latitude_deg=place[0],
        operator_longitude_deg=place[1],
        operator_height_m=place[2],
    )


def check_serial(serial: str, where: str) -> None:
    """Hold a serial number against ANSI/CTA-2063-A. Raises `BadMessage`."""
    found = _SERIAL.fullmatch(serial)
    if found is None or len(found[3]) != int(found[2], 16):
        raise _Wrong(where, f"{serial[:40]!r} is no serial number of ANSI/CTA-2063-A")


def _session(ids: _Reader) -> str:
    if ids.has("utm_id"):
        text = ids.text("utm_id")
        try:
            return UUID(text).hex.upper()
        except ValueError:
            raise _Wrong(ids.at("utm_id"), f"{text[:40]!r} is no UUID") from None
    return ids.text("specific_session_id") if ids.has("specific_session_id") else ""


def _operator(details: _Reader) -> tuple[float | None, float | None, float | None]:
    if not details.has("operator_location"):
        return None, None, None
    place = details.object("operator_location")
    height = None
    if place.has("altitude"):
        altitude = place.object("altitude")
        height = altitude.number("value", -1_000.0, 60_000.0, unknown=UNKNOWN_HEIGHT) if altitude.has("value") else None
    if place.has("position"):  # version 22a
        place = place.object("position")
    return place.number("lat", -90.0, 90.0), place.number("lng", -180.0, 180.0), height
