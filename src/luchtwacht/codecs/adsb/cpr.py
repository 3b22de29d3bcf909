"""Compact position reporting: 17 bits of latitude and longitude that need a second message or a place nearby.

ICAO Doc 9871 (2012) C.2.6, RTCA DO-260B A.1.7. The globe is cut into 60 (even messages) or 59 (odd) zones of latitude
and fewer of longitude towards the poles; surface positions into four times as many, so that a quarter remains unknown.
"""

from __future__ import annotations

from math import acos, cos, floor, pi

_NZ = 15.0
_STEPS = 1 << 17


def _zones(latitude_deg: float) -> int:
    """NL: how many zones of longitude there are at this latitude (C.2.6.2 d)."""
    absolute = abs(latitude_deg)
    if absolute < 1e-9:
        return 59
    if absolute > 87.0:
        return 1
    if absolute == 87.0:
        return 2
    ratio = (1.0 - cos(pi / (2.0 * _NZ))) / cos(pi / 180.0 * absolute) ** 2
    return floor(2.0 * pi / acos(1.0 - ratio))


def _wrapped(value: float, whole: float) -> float:
    return value - whole * floor(value / whole)


def global_position(even: tuple[int, int], odd: tuple[int, int], *, newest_odd: bool) -> tuple[float, float] | None:
    """An airborne position from an even and an odd message (C.2.6.7).

    Args:
        even, odd: the 17 bits of latitude and of longitude of each.
        newest_odd: which of them the position is that of.

    Returns:
        Latitude and longitude in degrees; none when the two lie on both sides of a border between zones, or cannot be.
    """
    lat_even, lat_odd = even[0] / _STEPS, odd[0] / _STEPS
    index = floor(59.0 * lat_even - 60.0 * lat_odd + 0.5)
    latitudes = []
    for zones, fraction in ((60, lat_even), (59, lat_odd)):
        latitude = 360.0 / zones * (_wrapped(index, zones) + fraction)
        latitudes.append(latitude - 360.0 if latitude >= 270.0 else latitude)
    if any(abs(each) > 90.0 for each in latitudes) or _zones(latitudes[0]) != _zones(latitudes[1]):
        return None
    latitude = latitudes[1] if newest_odd else latitudes[0]
    bands = _zones(latitude)
    zones = max(bands - newest_odd, 1)
    index = floor(even[1] / _STEPS * (bands - 1) - odd[1] / _STEPS * bands + 0.5)
    longitude = 360.0 / zones * (_wrapped(index, zones) + (odd if newest_odd else even)[1] / _STEPS)
    return latitude, _wrapped(longitude + 180.0, 360.0) - 180.0


def local_position(
    bits: tuple[int, int], *, odd: bool, near: tuple[float, float], surface: bool
) -> tuple[float, float] | None:
    """The position nearest to a place (C.2.6.8, C.2.6.9): right within 180 NM of it, on the surface within 45 NM.

    Args:
        bits: 17 of latitude and of longitude.
        near: latitude and longitude in degrees.
    """
    whole = 90.0 if surface else 360.0
    height = whole / (59 if odd else 60)
    fraction = bits[0] / _STEPS
    latitude = height * (
        floor(near[0] / height) + floor(0.5 + _wrapped(near[0], height) / height - fraction) + fraction
    )
    if abs(latitude) > 90.0:
        return None
    width = whole / max(_zones(latitude) - odd, 1)
    fraction = bits[1] / _STEPS
    longitude = width * (floor(near[1] / width) + floor(0.5 + _wrapped(near[1], width) / width - fraction) + fraction)
    return latitude, _wrapped(longitude + 180.0, 360.0) - 180.0


def position_bits(latitude_deg: float, longitude_deg: float, *, odd: bool, surface: bool = False) -> tuple[int, int]:
    """The 17 bits of latitude and of longitude of a position (C.2.6.5): the inverse of the two above."""
    whole = 90.0 if surface else 360.0
    height = whole / (59 if odd else 60)
    lat = floor(_STEPS * _wrapped(latitude_deg, height) / height + 0.5)
    rounded = height * (lat / _STEPS + floor(latitude_deg / height))
    width = whole / max(_zones(rounded) - odd, 1)
    lon = floor(_STEPS * _wrapped(longitude_deg, width) / width + 0.5)
    return lat % _STEPS, lon % _STEPS
