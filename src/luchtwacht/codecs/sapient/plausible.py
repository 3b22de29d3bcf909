"""Limits that depend on more than one field: angles by their unit, places by their coordinate system.

    latitude ±90°, longitude ±180°       elevation ±90°
    azimuth, longitude                   -360° to 360°, for both habits (0 to 360, -180 to 180) are met
    UTM easting 0 to 1,000 km, northing ±10,000 km     not checked: senders put local grids there

Sources: BSI Flex 335 v2.0, Location and RangeBearing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import degrees
from typing import Any

from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.model import Reason

LAT_LNG_DEG_M, LAT_LNG_RAD_M, UTM_M = 1, 2, 5
"""LocationCoordinateSystem"""
DEGREES_M, RADIANS_M, DEGREES_KM, RADIANS_KM = 1, 2, 3, 4
"""RangeBearingCoordinateSystem"""
RADIANS = frozenset((RADIANS_M, RADIANS_KM))
KILOMETRES = frozenset((DEGREES_KM, RADIANS_KM))
_SLACK_DEG = 1e-9
"""for what radians lose"""


def _check_location(message: Any, path: str, found: list[Problem]) -> None:
    system = message.coordinate_system
    if system == LAT_LNG_DEG_M:
        _within(message.x, 180.0, f"{path}.x", found)
        _within(message.y, 90.0, f"{path}.y", found)
    elif system == LAT_LNG_RAD_M:
        _within(degrees(message.x), 180.0, f"{path}.x", found)
        _within(degrees(message.y), 90.0, f"{path}.y", found)


def _check_bearing(message: Any, path: str, found: list[Problem]) -> None:
    azimuth, elevation = message.azimuth, message.elevation
    if message.coordinate_system in RADIANS:
        azimuth, elevation = degrees(azimuth), degrees(elevation)
    _within(azimuth, 360.0, f"{path}.azimuth", found)
    _within(elevation, 90.0, f"{path}.elevation", found)


def _within(angle_deg: float, most: float, path: str, found: list[Problem]) -> None:
    if abs(angle_deg) > most + _SLACK_DEG:
        detail = f"is {angle_deg:g} degrees, not within {most:g} either way"
        found.append(Problem(path.lstrip("."), detail, Reason.IMPLAUSIBLE))


CROSS_CHECKS: Mapping[str, Callable[[Any, str, list[Problem]], None]] = {
    "Location": _check_location,
    "RangeBearing": _check_bearing,
    "RangeBearingCone": _check_bearing,
}
