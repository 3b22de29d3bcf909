"""`aircraft.json` of readsb and tar1090: what a Mode S receiver knows of each aircraft, about once a second.

Fields as readsb's README-json.md names them (section numbers there refer to DO-260B): one JSON object with `now`
(seconds since 1970 UTC at which it was written) and `aircraft`; a key that is missing is not known. Altitudes are feet,
speeds knots, rates feet per minute, angles degrees; `alt_geom` is above the WGS 84 ellipsoid, `alt_baro` is pressure
altitude or the word `ground`. An address that starts with `~` is no ICAO address. `seen_pos` is the age of the position
in seconds.
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

import msgspec
import numpy as np

from luchtwacht.errors import BadMessage
from luchtwacht.model import Batch, Bools, Floats, Frames, Ints, Reason, Rejection, Words, column
from luchtwacht.units import seconds_to_ns

GROUND: Literal["ground"] = "ground"
_ADDRESS = re.compile("~?[0-9A-Fa-f]{6}")
_AT = re.compile(r" - at `\$\.?(?P<item>[^`]*)`$")


class AircraftState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One aircraft in the document; `None` is "not known"."""

    address: str = msgspec.field(name="hex")
    """six hexadecimal digits; with `~` in front it is no ICAO address"""
    origin: str = msgspec.field(name="type", default="")
    """the best source: `adsb_icao`, `mlat`, `tisb_icao`, `mode_s`, ..."""
    flight: str = ""
    """callsign, padded with spaces by readsb"""
    squawk: str = ""
    category: str = ""
    """emitter category, A0 to D7"""
    emergency: str = ""
    latitude_deg: float | None = msgspec.field(name="lat", default=None)
    longitude_deg: float | None = msgspec.field(name="lon", default=None)
    position_age_s: float | None = msgspec.field(name="seen_pos", default=None)
    """before `now`"""
    age_s: float | None = msgspec.field(name="seen", default=None)
    """of the last message of any kind, before `now`"""
    geometric_altitude_ft: float | None = msgspec.field(name="alt_geom", default=None)
    """above the WGS 84 ellipsoid"""
    pressure_altitude_ft: float | Literal["ground"] | None = msgspec.field(name="alt_baro", default=None)
    ground_speed_kt: float | None = msgspec.field(name="gs", default=None)
    track_deg: float | None = msgspec.field(name="track", default=None)
    """over ground, clockwise from true north"""
    geometric_rate_ft_min: float | None = msgspec.field(name="geom_rate", default=None)
    pressure_rate_ft_min: float | None = msgspec.field(name="baro_rate", default=None)
    nac_p: int | None = None
    """navigation accuracy category for position"""
    gva: int | None = None
    """geometric vertical accuracy"""
    mlat: list[str] = []
    """fields that come from multilateration"""
    tisb: list[str] = []
    """fields that come from TIS-B"""
    rssi_dbfs: float | None = msgspec.field(name="rssi", default=None)


class _Document(msgspec.Struct, frozen=True):
    now: float
    aircraft: list[AircraftState]


class _RawDocument(msgspec.Struct, frozen=True):
    now: float
    aircraft: list[msgspec.Raw]


_document = msgspec.json.Decoder(_Document)
_raw_document = msgspec.json.Decoder(_RawDocument)
_aircraft = msgspec.json.Decoder(AircraftState)
_encoder = msgspec.json.Encoder()
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""what msgspec raises for bytes that are not what was asked for"""


@dataclass(frozen=True, kw_only=True, eq=False)
class AircraftStates(Batch):
    """States in order of frame and document, one a row; NaN, "" and -1 are "not known". Units as `AircraftState`."""

    frame: Ints = column("i8")
    """(n,) row in the `Frames` that were decoded"""
    record: Ints = column("i8")
    """(n,) place in the document's `aircraft`, from 0"""
    now_ns: Ints = column("i8")
    """(n,) ns UTC at which the document was written, by the receiver's clock"""
    address: Words = column("U6")
    """(n,) upper case, without `~`"""
    icao: Bools = column("?")
    """(n,) whether the address is an ICAO address"""
    origin: Words = column("U16")
    flight: Words = column("U8")
    """(n,) without padding"""
    squawk: Words = column("U4")
    category: Words = column("U2")
    emergency: Words = column("U16")
    on_ground: Bools = column("?")
    latitude_deg: Floats = column("f8")
    longitude_deg: Floats = column("f8")
    position_age_s: Floats = column("f8")
    """(n,) zero where a position came without its age"""
    geometric_altitude_ft: Floats = column("f8")
    pressure_altitude_ft: Floats = column("f8")
    ground_speed_kt: Floats = column("f8")
    track_deg: Floats = column("f8")
    geometric_rate_ft_min: Floats = column("f8")
    pressure_rate_ft_min: Floats = column("f8")
    nac_p: Ints = column("i8")
    gva: Ints = column("i8")
    multilaterated: Bools = column("?")
    """(n,) the position was measured by a network of receivers, not stated by the aircraft"""
    relayed: Bools = column("?")
    """(n,) the position came from a ground station (TIS-B)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What frames held."""

    states: AircraftStates
    rejections: tuple[Rejection, ...]
    """in order of frame and record"""


def decode_readsb(frames: Frames) -> Decoded:
    """Every aircraft in every document, one whole document a frame; what they hold never raises.

    A document that is no `aircraft.json` is refused whole; an aircraft with a value that is of the wrong type or cannot
    be is refused alone.
    """
    rejections: list[Rejection] = []
    states: list[AircraftState] = []
    places: list[tuple[int, int, int]] = []
    for row, payload in enumerate(frames.payloads()):

        def reject(record: int, reason: Reason, item: str, detail: str, row: int = row) -> None:
            rejections.append(
                Rejection(
                    frame=int(frames.sequence[row]),
                    record=record,
                    source=int(frames.source[row]),
                    reason=reason,
                    item=item,
                    detail=detail,
                )
            )

        try:
            now_s, aircraft, broken = _parse(payload)
        except _UNREADABLE as error:
            cut = "truncated" in str(error) or f"(byte {len(payload)})" in str(error)  # within a number
            reason = Reason.TRUNCATED if cut else Reason.UNKNOWN_FORMAT
            reject(-1, reason, "aircraft.json", f"not an aircraft.json: {error}")
            continue
        if not 0.0 <= now_s < 9e9:
            reject(-1, Reason.IMPLAUSIBLE, "now", f"{now_s} is no time in seconds since 1970")
            continue
        now_ns = seconds_to_ns(now_s)
        for record, state in enumerate(aircraft):
            if state is None:
                item, detail = broken[record]
                reject(record, Reason.MALFORMED, item, detail)
                continue
            fault = _fault(state)
            if fault is not None:
                reject(record, *fault)
                continue
            states.append(state)
            places.append((row, record, now_ns))
    return Decoded(states=_columns(states, places), rejections=tuple(rejections))


def _parse(payload: bytes) -> tuple[float, Sequence[AircraftState | None], dict[int, tuple[str, str]]]:
    """Time, aircraft (none where one is broken), and by place the item and the fault of the broken ones."""
    try:
        document = _document.decode(payload)
        return document.now, document.aircraft, {}
    except (msgspec.ValidationError, UnicodeDecodeError):
        raw = _raw_document.decode(payload)
    aircraft: list[AircraftState | None] = []
    broken = {}
    for record, each in enumerate(raw.aircraft):
        try:
            aircraft.append(_aircraft.decode(each))
        except _UNREADABLE as error:
            at = _AT.search(str(error))
            broken[record] = (at["item"] if at else "", str(error))
            aircraft.append(None)
    return raw.now, aircraft, broken


def _fault(state: AircraftState) -> tuple[Reason, str, str] | None:
    """What is wrong with a state whose types are right."""
    if _ADDRESS.fullmatch(state.address) is None:
        return Reason.MALFORMED, "hex", f"{state.address[:40]!r} is not an address of six hexadecimal digits"
    for item, value, lowest, highest in (
        ("lat", state.latitude_deg, -90.0, 90.0),
        ("lon", state.longitude_deg, -180.0, 180.0),
        ("seen_pos", state.position_age_s, 0.0, 1e6),
        ("alt_geom", state.geometric_altitude_ft, -5_000.0, 200_000.0),
        ("alt_baro", state.pressure_altitude_ft, -5_000.0, 200_000.0),
        ("gs", state.ground_speed_kt, 0.0, 10_000.0),
        ("track", state.track_deg, -360.0, 720.0),
        ("geom_rate", state.geometric_rate_ft_min, -100_000.0, 100_000.0),
        ("baro_rate", state.pressure_rate_ft_min, -100_000.0, 100_000.0),
    ):
        if value is not None and not isinstance(value, str) and not lowest <= value <= highest:
            return Reason.IMPLAUSIBLE, item, f"{value} is outside {lowest:g} to {highest:g}"
    return None


def _columns(states: list[AircraftState], places: list[tuple[int, int, int]]) -> AircraftStates:
    place = np.asarray(places, dtype=np.int64).reshape(len(places), 3)

    def floats(values: list[float | None]) -> Floats:
        return np.array([nan if value is None else value for value in values], dtype=np.float64)

    def ints(values: list[int | None]) -> Ints:
        return np.array([-1 if value is None else min(max(value, -1), 255) for value in values], dtype=np.int64)

    def words(values: list[str], width: int) -> Words:
        return np.array(values, dtype=f"U{width}")

    altitudes = [each.pressure_altitude_ft for each in states]
    return AircraftStates(
        frame=place[:, 0],
        record=place[:, 1],
        now_ns=place[:, 2],
        address=words([each.address[-6:].upper() for each in states], 6),
        icao=np.array([each.address[0] != "~" for each in states], dtype=np.bool_),
        origin=words([each.origin for each in states], 16),
        flight=words([each.flight.strip() for each in states], 8),
        squawk=words([each.squawk for each in states], 4),
        category=words([each.category.upper() for each in states], 2),
        emergency=words([each.emergency for each in states], 16),
        on_ground=np.array([each == GROUND for each in altitudes], dtype=np.bool_),
        latitude_deg=floats([each.latitude_deg for each in states]),
        longitude_deg=floats([each.longitude_deg for each in states]),
        position_age_s=floats([each.position_age_s or 0.0 for each in states]),
        geometric_altitude_ft=floats([each.geometric_altitude_ft for each in states]),
        pressure_altitude_ft=floats([None if isinstance(each, str) else each for each in altitudes]),
        ground_speed_kt=floats([each.ground_speed_kt for each in states]),
        track_deg=floats([each.track_deg for each in states]),
        geometric_rate_ft_min=floats([each.geometric_rate_ft_min for each in states]),
        pressure_rate_ft_min=floats([each.pressure_rate_ft_min for each in states]),
        nac_p=ints([each.nac_p for each in states]),
        gva=ints([each.gva for each in states]),
        multilaterated=np.array([each.origin == "mlat" or "lat" in each.mlat for each in states], dtype=np.bool_),
        relayed=np.array([each.origin.startswith("tisb") or "lat" in each.tisb for each in states], dtype=np.bool_),
    )


def encode_readsb(now_s: float, aircraft: Sequence[AircraftState]) -> bytes:
    """One document.

    Args:
        now_s: seconds since 1970 UTC.
        aircraft: in the order in which they are to stand.

    Raises:
        BadMessage: a value that could not be read back.
    """
    for each in aircraft:
        fault = _fault(each)
        if fault is not None:
            raise BadMessage(fault[2], where=fault[1])
    return _encoder.encode(_Document(now=now_s, aircraft=list(aircraft)))
