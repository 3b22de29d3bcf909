"""Tracks of another system (CAT062), as filtered detections with that system's own track number.

They are estimates over many plots, so their successive errors are alike: `filtered` says so, and tracking weighs them
less. A velocity is not a measurement and is not used. What nobody measured is left out: a track that is extrapolated,
one that lives on ADS-B alone (the aircraft says it) or on its flight plan, the last message of a track, and heights
that are told or assumed.

Latitude and longitude are WGS 84, and I062/130 is a height above its ellipsoid. Pressure altitude never becomes a
height; it only helps to find east and north of a place far away, where the site's vertical is not the aircraft's.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.ingest.asterix.covariances import or_declared, position, position_errors
from luchtwacht.ingest.asterix.reading import Reading
from luchtwacht.ingest.claimed import to_site
from luchtwacht.model import Bools, Floats, Geometry, Reason
from luchtwacht.units import DEGREE, FLIGHT_LEVEL, FOOT

_EARTH_M = 6_371_000.0
_NOT_MEASURED = (1, 4, 5, 6)
"""I062/080 SRC: heights from GNSS (the aircraft says it), from coverage, from a table of speeds, by default"""
_INDEPENDENT = ("PSR", "SSR", "MDS", "LOP", "MLT")
_DEPENDENT = ("ADS", "ES", "VDL", "UAT")
"""sub-items of I062/290"""


def read_cat062(reading: Reading) -> None:
    """Tracks with a WGS 84 position as detections; the last message of a track is a sign of life."""
    sensors, times = reading.measuring(), reading.times(reading["070"])
    ours = sensors >= 0
    ours &= ~reading.refuse_unreal(ours, "080", "SIM")
    ended = ours & (reading["080/TSE"] == 1)
    reading.alive(ended, sensors, times)
    coasted = ours & ~ended & (reading["080/CST"] == 1)
    reading.refuse(coasted, Reason.UNSUPPORTED, "080", "extrapolated: the system carries a track on without a plot")
    planned = ours & ~ended & ~coasted & (reading["080/FPLT"] == 1)
    reading.refuse(planned, Reason.UNSUPPORTED, "080", "carried on by the flight plan, without surveillance")
    told = ours & ~ended & ~coasted & ~planned & _only_told(reading)
    reading.refuse(told, Reason.UNSUPPORTED, "290", "from ADS-B alone: the aircraft says it, and nobody measured it")
    located = np.isfinite(reading["105/LAT"]) & np.isfinite(reading["105/LON"])
    measured = ours & ~(ended | coasted | planned | told)
    reading.refuse(measured & ~located, Reason.UNSUPPORTED, "105", "a track without a WGS 84 position")

    rows = np.flatnonzero(measured & located)
    latitude, longitude = reading["105/LAT"][rows], reading["105/LON"][rows]
    height = reading["130"][rows] * FOOT
    height[np.isin(reading["080/SRC"][rows], _NOT_MEASURED)] = np.nan
    pressure = np.where(np.isfinite(reading["136"]), reading["136"], reading["135/CTB"])[rows] * FLIGHT_LEVEL
    place, axes = to_site(reading.site.frame, latitude, longitude, height, pressure)
    declared = reading.declared(sensors[rows], lambda each: each.position_sigma_m)
    east, north, correlation = (each[rows] for each in _accuracies(reading))
    east, north = or_declared(east, declared), or_declared(north, declared)
    up = or_declared(reading["500/AGA"][rows] * FOOT, reading.declared(sensors[rows], lambda each: each.height_sigma_m))
    reading.detect(
        rows,
        sensors,
        times,
        geometry=int(Geometry.POSITION),
        z=position(place),
        R=position_errors(axes, east, north, correlation, np.where(np.isfinite(height), up, np.nan)),
        sensor_track=reading["040"][rows],
        filtered=True,
    )


def _accuracies(reading: Reading) -> tuple[Floats, Floats, Floats]:
    """(n,) standard deviations east and north (m) and their correlation by I062/500; NaN where it says nothing.

    Those of the Cartesian position stand for its WGS 84 twin: both are one estimate. Its covariance is given as a
    length, the root of its size with its sign.
    """
    across = _EARTH_M * np.cos(reading["105/LAT"] * DEGREE)
    east, north = reading["500/APC/X"], reading["500/APC/Y"]
    given = np.isfinite(east) & np.isfinite(north)
    length = reading["500/COV"]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(given, np.sign(length) * length**2 / (east * north), np.nan)
    return (
        np.where(given, east, reading["500/APW/LON"] * DEGREE * across),
        np.where(given, north, reading["500/APW/LAT"] * DEGREE * _EARTH_M),
        correlation,
    )


def _only_told(reading: Reading) -> Bools:
    """(n,) tracks that no radar and no multilateration supports, by I062/290 or else by I062/080."""
    by_age = {kind: np.isfinite(reading[f"290/{kind}"]) for kind in (*_INDEPENDENT, *_DEPENDENT)}
    measured = np.any([by_age[kind] for kind in _INDEPENDENT], axis=0)
    told = np.any([by_age[kind] for kind in _DEPENDENT], axis=0)
    no_radar = np.all([reading[f"080/{kind}"] == 1 for kind in ("PSR", "SSR", "MDS")], axis=0)
    by_status = no_radar & (reading["080/ADS"] == 0) & ~by_age["MLT"]
    return np.asarray((told & ~measured) | by_status)
