"""What all Remote ID messages share: 25 octets, a header of type and version, and a few ways to write a number.

ASTM F3411-22a 5.4.5 and ASD-STAN prEN 4709-002 5: header octet = message type (high nibble), protocol version (low
nibble); integers are little-endian; "unknown" is a special value of each field and becomes NaN in columns and `None` in
messages.
"""

from __future__ import annotations

from enum import IntEnum
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luchtwacht.errors import BadMessage

Octets = NDArray[np.uint8]
"""(n, 25) one message a row"""
Floats = NDArray[np.float64]

MESSAGE_SIZE = 25
"""octets of every message but the pack"""
NEWEST_VERSION = 2
"""protocol version of F3411-22a; 0 is F3411-19, 1 is ASD-STAN prEN 4709-002"""
TEXT_SIZE = 20
"""octets of a UAS or operator id"""
UNKNOWN_ALTITUDE_M = -1000.0
"""raw 0: the altitude is not known"""
EPOCH_2019_NS = 1_546_300_800_000_000_000
"""2019-01-01T00:00:00Z, from which System and Authentication messages count seconds"""


class MessageType(IntEnum):
    """F3411-22a table 3."""

    BASIC_ID = 0
    LOCATION = 1
    AUTH = 2
    SELF_ID = 3
    SYSTEM = 4
    OPERATOR_ID = 5
    PACK = 15


def header(kind: MessageType, version: int) -> bytes:
    """The first octet of a message.

    Raises:
        BadMessage: there is no such protocol version.
    """
    if not 0 <= version <= NEWEST_VERSION:
        raise BadMessage(f"protocol version {version} is not one of 0 to {NEWEST_VERSION}", where="version")
    return bytes([kind << 4 | version])


def decode_altitudes(raw: NDArray[Any]) -> Floats:
    """Half metres above -1000 m; raw 0 is unknown. Shape kept, metres."""
    return np.where(raw == 0, np.nan, raw * 0.5 + UNKNOWN_ALTITUDE_M)


def encode_altitude(metres: float | None, item: str) -> int:
    """The inverse of `decode_altitudes` for one value; none gives raw 0.

    Raises:
        BadMessage: outside -999.5 m to 31,767.5 m.
    """
    if metres is None:
        return 0
    return check_range(round((metres - UNKNOWN_ALTITUDE_M) / 0.5), 1, 65_535, metres, item)


def decode_coordinates(latitude: NDArray[Any], longitude: NDArray[Any]) -> tuple[Floats, Floats]:
    """1e-7 degrees; both zero is unknown. Degrees."""
    unknown = (latitude == 0) & (longitude == 0)
    return np.where(unknown, np.nan, latitude / 1e7), np.where(unknown, np.nan, longitude / 1e7)


def encode_coordinates(latitude_deg: float | None, longitude_deg: float | None) -> tuple[int, int]:
    """The inverse of `decode_coordinates` for one place; none gives zero and zero.

    Raises:
        BadMessage: off the globe, or only one of the two is known.
    """
    if latitude_deg is None and longitude_deg is None:
        return 0, 0
    if latitude_deg is None or longitude_deg is None:
        raise BadMessage("a latitude without a longitude, or the reverse", where="latitude")
    return (
        check_range(round(latitude_deg * 1e7), -900_000_000, 900_000_000, latitude_deg, "latitude"),
        check_range(round(longitude_deg * 1e7), -1_800_000_000, 1_800_000_000, longitude_deg, "longitude"),
    )


def off_the_globe(latitude_deg: Floats, longitude_deg: Floats) -> NDArray[np.bool_]:
    """Where a decoded position cannot be; unknown positions can."""
    return (np.abs(latitude_deg) > 90.0) | (np.abs(longitude_deg) > 180.0)


def decode_texts(octets: Octets) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """(n, k) ASCII padded with NUL to text without the padding, and which rows are printable ASCII with nothing after
    the padding. Rows that are not are "".
    """
    padding = octets == 0
    printable = (octets >= 0x20) & (octets < 0x7F)
    sound = (printable | padding).all(axis=1) & ~(padding[:, :-1] & ~padding[:, 1:]).any(axis=1)
    width = octets.shape[1]
    kept = np.ascontiguousarray(np.where(sound[:, None], octets, 0)).view(f"S{width}")[:, 0]
    return kept.astype(f"U{width}"), sound


def encode_text(text: str, size: int, item: str) -> bytes:
    """ASCII padded with NUL to `size` octets.

    Raises:
        BadMessage: longer than `size`, or not printable ASCII.
    """
    if not text.isascii() or not (text.isprintable()) or len(text) > size:
        raise BadMessage(f"{text!r} is not at most {size} printable ASCII characters", where=item)
    return text.encode("ascii").ljust(size, b"\0")


def known(value: float) -> float | None:
    """A column's NaN as a message's `None`."""
    return None if isnan(value) else float(value)


def as_column(value: float | None) -> float:
    """A message's `None` as a column's NaN."""
    return nan if value is None else value


def check_range(raw: int, lowest: int, highest: int, value: object, item: str) -> int:
    """`raw`, when its field can hold it.

    Raises:
        BadMessage: it cannot.
    """
    if not lowest <= raw <= highest:
        raise BadMessage(f"{value} does not fit its field", where=item)
    return raw
