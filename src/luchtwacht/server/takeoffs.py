"""Take-offs and answers about reach as they go over the wire."""

from __future__ import annotations

from math import hypot, isfinite

import numpy as np

from luchtwacht import model
from luchtwacht.server import wire
from luchtwacht.server.declarations import PLACE_DIGITS, number, to_ms
from luchtwacht.server.estimates import Datum
from luchtwacht.tracking.reach import Reach
from luchtwacht.units import DEGREE


def encode_takeoff(takeoff: model.TakeOff, datum: Datum) -> wire.TakeOff:
    launched = takeoff.launch_ns >= 0
    seen = takeoff.first_seen
    east, north = takeoff.wind
    return wire.TakeOff(
        track=takeoff.track,
        revision=takeoff.revision,
        extent=takeoff.extent.value,
        half=_area(takeoff.half, datum),
        most=_area(takeoff.most, datum),
        point=_point(takeoff.point, datum),
        expected_error_m=takeoff.expected_error,
        launch_ms=to_ms(takeoff.launch_ns) if launched else None,
        launch_from_ms=to_ms(takeoff.launch_from_ns) if launched else None,
        launch_until_ms=to_ms(takeoff.launch_until_ns) if launched else None,
        bearing_deg=None if takeoff.bearing is None else number(takeoff.bearing / DEGREE, 1),
        bearing_sigma_deg=None if takeoff.bearing_sigma is None else number(takeoff.bearing_sigma / DEGREE, 1),
        in_view=takeoff.in_view,
        first_ms=to_ms(takeoff.first_ns),
        first_seen=_point(seen, datum),
        first_height_agl_m=None if seen is None else _height(seen, datum),
        used_until_ms=to_ms(takeoff.used_until_ns),
        detections=len(takeoff.detections),
        sensors=list(takeoff.sensors),
        searching=list(takeoff.searching),
        wind_speed_m_s=round(hypot(east, north), 1),
        wind_from_deg=round(float(np.degrees(np.arctan2(-east, -north))) % 360.0, 1) if east or north else 0.0,
        detail=takeoff.detail,
    )


def encode_chances(chances: model.Chances, datum: Datum) -> wire.Chances:
    if not len(chances):
        return wire.Chances()
    places = _places(np.column_stack([chances.east, chances.north]), datum)
    return wire.Chances(
        latitude=places[:, 0].tolist(),
        longitude=places[:, 1].tolist(),
        probability=chances.probability.tolist(),
        size_m=float(chances.size[0]),
    )


def encode_reach(found: Reach) -> wire.Reach:
    return wire.Reach(
        possible=found.possible,
        return_possible=found.return_possible,
        distance_m=round(found.distance, 1),
        course_deg=round(found.course / DEGREE, 1),
        airspeed_m_s=found.speed,
        wind_along_m_s=round(found.along, 2),
        wind_across_m_s=round(found.across, 2),
        ground_speed_m_s=round(found.ground_speed, 2),
        flight_s=_finite(found.flight_s),
        aloft_s=round(found.aloft_s, 1),
        return_s=_finite(found.return_s),
        endurance_s=found.endurance_s,
        margin_s=_finite(found.margin_s),
        needed_ground_speed_m_s=_finite(found.needed_ground_speed),
        needed_airspeed_m_s=_finite(found.needed_airspeed),
        reasons=list(found.reasons),
    )


def _finite(value: float) -> float | None:
    return round(value, 2) if isfinite(value) else None


def _places(ground: model.Floats, datum: Datum) -> model.Floats:
    """Latitude and longitude (degrees) of points (n, 2) on the ground."""
    enu = np.column_stack([ground, np.full(len(ground), np.nan)])
    return np.asarray(np.round(datum.places(enu)[:, :2], PLACE_DIGITS))


def _point(place: tuple[float, ...] | None, datum: Datum) -> wire.Point | None:
    if place is None:
        return None
    latitude, longitude = _places(np.array([place[:2]]), datum)[0].tolist()
    return wire.Point(latitude=latitude, longitude=longitude)


def _height(place: tuple[float, float, float], datum: Datum) -> float | None:
    """m above the ground under it."""
    return number(float(datum.above_ground(datum.places(np.array([place])))[0]), 1)


def _area(area: model.Area | None, datum: Datum) -> wire.TakeOffArea | None:
    if area is None:
        return None
    return wire.TakeOffArea(
        probability=area.probability,
        size_m2=area.size,
        polygons=[[_places(np.array(ring), datum)[:, ::-1].tolist() for ring in polygon] for polygon in area.polygons],
    )
