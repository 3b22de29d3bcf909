"""What is delicate in what is recorded: parts that may have to be withheld or deleted while the rest is shown.

The journal seals these parts apart (`journal/entry.py`), so the decision is made here once, when an entry is recorded,
and holds for its whole life. A new event belongs in `EVENTS` or in `NOTHING_DELICATE`; a test asks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from enum import IntEnum
from math import hypot

from luchtwacht.model.site import CLAIM_RECEIVERS, Format, Site

PieceOf = tuple[int, int, int]
"""(start, length, `Delicate`) of a part of encoded data"""


class Delicate(IntEnum):
    """What a delicate part is. The numbers are on record: never used again for something else."""

    SENSOR_PLACE = 1
    """where a sensor stands, or a measurement that with a track's position gives it away"""
    PILOT_POSITION = 2
    """where a pilot stood, or took off, as claimed"""
    OPERATOR_ID = 3
    """registration of who operates an aircraft"""
    ACTOR = 4
    """who in the watch's own organisation did something"""


NAMES = {each: each.name.lower().replace("_", "-") for each in Delicate}
"""as people write them: `sensor-place`"""
PERSONAL = frozenset({Delicate.PILOT_POSITION, Delicate.OPERATOR_ID})
"""Data about persons outside the watch"""

Path = tuple[str, ...]
"""Keys from the outermost map inwards; `*` for every element of a list"""

EVENTS: dict[str, tuple[tuple[Path, Delicate], ...]] = {
    "Detected": ((("detections", "z"), Delicate.SENSOR_PLACE),),
    "Claimed": (
        (("claims", "operator_id"), Delicate.OPERATOR_ID),
        (("claims", "pilot_position"), Delicate.PILOT_POSITION),
    ),
    "Identified": (
        (("identities", "operator_id"), Delicate.OPERATOR_ID),
        (("identities", "pilot_position"), Delicate.PILOT_POSITION),
    ),
    "AlertChanged": ((("alert", "steps", "*", "actor"), Delicate.ACTOR),),
    "Outgoing": ((("payload",), Delicate.SENSOR_PLACE),),
    "AuthorisationChanged": ((("authorisation", "operator_id"), Delicate.OPERATOR_ID),),
}
"""By name of the event"""
NOTHING_DELICATE = frozenset(
    {"Rejected", "Tracked", "Reidentified", "Found", "TakeOffFound", "ZoneChanged", "Notice", "SensorMeasured"}
)
"""Events whose text may still name what is delicate, `Rejected` above all: whoever withholds must search it"""
_COMMAND: tuple[tuple[Path, Delicate], ...] = (
    (("actor",), Delicate.ACTOR),
    (("order", "authorisation", "operator_id"), Delicate.OPERATOR_ID),
)
_SITE: tuple[tuple[Path, Delicate], ...] = (
    (("sensors", "*", "place"), Delicate.SENSOR_PLACE),
    (("authorisations", "*", "operator_id"), Delicate.OPERATOR_ID),
)
_MEASURING_FORMATS = (Format.ASTERIX, Format.TABLE)
"""formats that say nothing about persons, unless a receiver of claims speaks them"""
_SAME_PLACE_DEG = 0.01
"""about a kilometre: a site's origin as near as this to a sensor says where the sensor is"""


def event_pieces(data: bytes) -> tuple[PieceOf, ...]:
    """The delicate parts of an event's bytes, ascending."""
    first = next(_packed(data, 0), None)
    if first is None:
        return ()
    key, start, stop = first
    kind = data[_text_start(data, start) : stop].decode() if key == "event" else ""
    return _pieces(data, EVENTS.get(kind, ()), _packed)


def command_pieces(data: bytes) -> tuple[PieceOf, ...]:
    """The delicate parts of a command's bytes, ascending."""
    return _pieces(data, _COMMAND, _packed)


def site_pieces(data: bytes) -> tuple[PieceOf, ...]:
    """The delicate parts of a site's JSON, ascending."""
    wanted = _SITE
    plain = json.loads(data)
    origin = plain.get("origin")
    places = [each["place"] for each in plain.get("sensors", ()) if each.get("place")]
    if origin and any(_apart(origin, each) < _SAME_PLACE_DEG for each in places):
        wanted = ((("origin",), Delicate.SENSOR_PLACE), *wanted)
    return _pieces(data, wanted, _written)


def _apart(one: dict[str, float], other: dict[str, float]) -> float:
    return hypot(one["latitude"] - other["latitude"], one["longitude"] - other["longitude"])


def personal_sources(site: Site) -> frozenset[int]:
    """The indexes of sources whose bytes may say who flies, and where he stands."""
    receivers = {each.source for each in site.sensors if each.kind in CLAIM_RECEIVERS}
    return frozenset(
        number
        for number, source in enumerate(site.sources)
        if source.id in receivers or source.format not in _MEASURING_FORMATS
    )


Children = Callable[[bytes, int], Iterator[tuple[str, int, int]]]
"""Key (`*` in a list), start and stop of each value in the map or list at a place of encoded data"""


def _pieces(data: bytes, wanted: tuple[tuple[Path, Delicate], ...], children: Children) -> tuple[PieceOf, ...]:
    found = [(start, stop - start, int(what)) for path, what in wanted for start, stop in _at(data, 0, path, children)]
    return tuple(sorted(found))


def _at(data: bytes, at: int, path: Path, children: Children) -> Iterator[tuple[int, int]]:
    for key, start, stop in children(data, at):
        if key == path[0]:
            if len(path) == 1:
                yield start, stop
            else:
                yield from _at(data, start, path[1:], children)


# ------------------------------------------------------------------------------------------------------- MessagePack

_FIXED = {0xC0: 1, 0xC2: 1, 0xC3: 1, 0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9} | {
    0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9
}  # fmt: skip
_LENGTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
"""bin and str: bytes of length after the first"""


def _text_start(data: bytes, at: int) -> int:
    return at + 1 if data[at] < 0xC0 else at + 1 + _LENGTHS[data[at]]


def _container(data: bytes, at: int) -> tuple[bool, int, int] | None:
    """Whether it is a map, number of elements, and where the first is; none for anything else."""
    first = data[at]
    if 0x80 <= first <= 0x8F:
        return True, first & 0x0F, at + 1
    if 0x90 <= first <= 0x9F:
        return False, first & 0x0F, at + 1
    if first in (0xDC, 0xDD, 0xDE, 0xDF):
        width = 2 if first in (0xDC, 0xDE) else 4
        return first >= 0xDE, int.from_bytes(data[at + 1 : at + 1 + width], "big"), at + 1 + width
    return None


def _end(data: bytes, at: int) -> int:
    """One past the value that begins at `at`."""
    left = 1
    while left:
        first = data[at]
        left -= 1
        if first <= 0x7F or first >= 0xE0:
            at += 1
        elif 0xA0 <= first <= 0xBF:
            at += 1 + (first & 0x1F)
        elif first in _FIXED:
            at += _FIXED[first]
        elif first in _LENGTHS:
            width = _LENGTHS[first]
            at += 1 + width + int.from_bytes(data[at + 1 : at + 1 + width], "big")
        else:
            inside = _container(data, at)
            if inside is None:
                raise AssertionError(f"byte {at} of an encoded value begins with {first:#x}")
            is_map, count, at = inside
            left += 2 * count if is_map else count
    return at


def _packed(data: bytes, at: int) -> Iterator[tuple[str, int, int]]:
    inside = _container(data, at)
    if inside is None:
        return
    is_map, count, at = inside
    for _ in range(count):
        key = "*"
        if is_map:
            start, at = at, _end(data, at)
            key = data[_text_start(data, start) : at].decode()
        start, at = at, _end(data, at)
        yield key, start, at


# --------------------------------------------------------------------------------------------------------------- JSON

_json = json.JSONDecoder()


def _written(data: bytes, at: int) -> Iterator[tuple[str, int, int]]:
    text = data.decode("latin-1")  # one character a byte: JSON's own signs are ASCII
    opening = text[at]
    if opening not in "{[":
        return
    at += 1
    while text[at] not in "}]":
        key = "*"
        if opening == "{":
            key, at = _json.raw_decode(text, at)
            at += 1  # the colon: what msgspec writes has no spaces
        start = at
        _, at = _json.raw_decode(text, at)
        yield key, start, at
        at += text[at] == ","
