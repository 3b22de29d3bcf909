"""Limits that depend on more than one field: angles by their unit, places by their coordinate system.

    latitude ±90°, longitude ±180°       elevation ±90°
    azimuth, longitude                   -360° to 360°, for both habits (0 to 360, -180 to 180) are met
    UTM easting 0 to 1,000 km, northing ±10,000 km     not checked: senders put local grids there

Sources: BSI Flex 335 v2.0, Location and RangeBearing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import degrees, isfinite
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
_TURN, _HALF_TURN, _QUARTER_TURN = 360.0 + _SLACK_DEG, 180.0 + _SLACK_DEG, 90.0 + _SLACK_DEG


def _check_location(message: Any) -> Sequence[Problem]:
    system = message.coordinate_system
    if system == LAT_LNG_DEG_M:
        x, y = message.x, message.y
    elif system == LAT_LNG_RAD_M:
        x, y = degrees(message.x), degrees(message.y)
    else:
        return ()
    if abs(x) <= _HALF_TURN and abs(y) <= _QUARTER_TURN:
        return ()
    return [*_judge("x", x, _HALF_TURN), *_judge("y", y, _QUARTER_TURN)]


def _check_bearing(message: Any) -> Sequence[Problem]:
    azimuth, elevation = message.azimuth, message.elevation
    if message.coordinate_system in RADIANS:
        azimuth, elevation = degrees(azimuth), degrees(elevation)
    if abs(azimuth) <= _TURN and abs(elevation) <= _QUARTER_TURN:
        return ()
    return [*_judge("azimuth", azimuth, _TURN), *_judge("elevation", elevation, _QUARTER_TURN)]


def _judge(name: str, angle_deg: float, most: float) -> Sequence[Problem]:
    if abs(angle_deg) <= most or not isfinite(angle_deg):  # what is not finite has been told already
        return ()
    return (Problem(name, f"is {angle_deg:g} degrees, not within {most:g} either way", Reason.IMPLAUSIBLE),)


CROSS_CHECKS: Mapping[str, Callable[[Any], Sequence[Problem]]] = {
    "Location": _check_location,
    "RangeBearing": _check_bearing,
    "RangeBearingCone": _check_bearing,
}
