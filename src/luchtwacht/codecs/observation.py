"""What a person saw or heard, as JSON: the body of `POST /api/v1/observations`, and the frame that is recorded of it.

Where it was is a place on the map (`latitude`, `longitude`, perhaps `height_m` above the ground and `radius_m`), or
seen from the post: `bearing_deg`, perhaps `elevation_deg` and an estimated `range_m`. With neither, it is only put on
record.
"""

from __future__ import annotations

from enum import StrEnum
from math import isfinite

import msgspec

from luchtwacht.errors import BadMessage

LONGEST_NOTE = 2_000


class Seen(StrEnum):
    """What was observed."""

    DRONE = "drone"
    AIRCRAFT = "aircraft"
    BIRD = "bird"
    OTHER = "other"
    FLASH = "flash"
    SMOKE = "smoke"
    SOUND = "sound"


FLYING = (Seen.DRONE, Seen.AIRCRAFT, Seen.BIRD, Seen.OTHER)
"""What is an object in the air; a flash, smoke or a sound is not."""


class Certainty(StrEnum):
    """How sure the observer is of what it was."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One observation."""

    sensor: str
    """`Sensor.id` of the observer's post"""
    by: str
    """who, by role: duty officer, patrol 3"""
    time_ns: int
    """ns UTC"""
    what: Seen
    certainty: Certainty = Certainty.PROBABLE
    count: int = 1
    latitude: float | None = None
    """degrees, WGS 84"""
    longitude: float | None = None
    height_m: float | None = None
    """above the ground, estimated"""
    radius_m: float | None = None
    """within which it was, by the observer's own estimate"""
    bearing_deg: float | None = None
    """clockwise from true north"""
    elevation_deg: float | None = None
    """above the horizon"""
    range_m: float | None = None
    """estimated"""
    note: str = ""


_decoder = msgspec.json.Decoder(Observation)
_POSSIBLE = {
    "latitude": (-90.0, 90.0),
    "longitude": (-180.0, 180.0),
    "height_m": (-500.0, 20_000.0),
    "radius_m": (1.0, 50_000.0),
    "bearing_deg": (-360.0, 360.0),
    "elevation_deg": (-90.0, 90.0),
    "range_m": (1.0, 50_000.0),
    "count": (1.0, 10_000.0),
}


def decode_observation(payload: bytes) -> Observation:
    """One observation.

    Raises:
        BadMessage: it is none, or says what cannot be.
    """
    try:
        said = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"no observation: {error}", where="json") from error
    for name, (least, most) in _POSSIBLE.items():
        value = getattr(said, name)
        if value is not None and not (isfinite(value) and least <= value <= most):
            raise BadMessage(f"{name} {value:g} is not between {least:g} and {most:g}", where=name)
    if not 0 <= said.time_ns < 1 << 63:
        raise BadMessage(f"{said.time_ns} ns is not between the years 1970 and 2262", where="time_ns")
    if not said.by.strip() or len(said.by) > 80:
        raise BadMessage("an observation says by whom, in at most 80 characters", where="by")
    if len(said.note) > LONGEST_NOTE:
        raise BadMessage(f"a note holds at most {LONGEST_NOTE} characters", where="note")
    if (said.latitude is None) != (said.longitude is None):
        raise BadMessage("latitude and longitude go together", where="latitude")
    if said.latitude is not None and said.bearing_deg is not None:
        raise BadMessage("a place or a bearing, not both", where="bearing_deg")
    if said.bearing_deg is None and (said.elevation_deg is not None or said.range_m is not None):
        raise BadMessage("an elevation or a range goes with a bearing", where="bearing_deg")
    return said


def encode_observation(said: Observation) -> bytes:
    """The frame of an observation."""
    return msgspec.json.encode(said)
