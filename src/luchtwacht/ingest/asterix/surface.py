"""Plots of surface movement sensors, and the state of these sensors (CAT010).

Range and azimuth (I010/040) are taken where they are given, else the position on the plane through the sensor
(I010/042), else latitude and longitude (I010/041). In a report with a track number all three are the sensor's own
estimate: they are called filtered. Identity (Mode S, call sign) is left alone: whoever says it, this sensor measured a
place. Heights (I010/090 pressure, I010/091 above the sensor's plane) are not used.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest.asterix.covariances import or_declared, position, position_errors
from luchtwacht.ingest.asterix.plots import polar_sigmas
from luchtwacht.ingest.asterix.reading import Reading, State
from luchtwacht.ingest.claimed import to_site
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import Bools, Floats, Geometry, Ints, Reason, SensorState
from luchtwacht.units import DEGREE

_TARGET, _STATUS = 1, (2, 3, 4)
"""I010/000"""
_ADS_B = 2
"""I010/020 TYP"""
_IMPAIRED = {"OVL": "overload", "TSV": "its time source is not valid", "TTF": "the test target failed"}
"""I010/550"""


def read_cat010(reading: Reading) -> None:
    """Target reports as detections; all other messages, and the last of a track, as signs of life."""
    sensors, times = reading.measuring(), reading.times(reading["140"])
    ours, kind = sensors >= 0, reading["000"]
    status = ours & np.isin(kind, _STATUS)
    reading.alive(status, sensors, times, said=lambda row: _state(reading, row))
    target = ours & (kind == _TARGET)
    reading.refuse(ours & ~status & ~target, Reason.UNSUPPORTED, "000", "a type of message that is not read")
    target &= ~reading.refuse_unreal(target, "020", "SIM", "TST", "RAB")
    ended = target & (reading["170/TRE"] == 1)
    reading.alive(ended, sensors, times)
    told = target & ~ended & (reading["020/TYP"] == _ADS_B)
    reading.refuse(told, Reason.UNSUPPORTED, "020", "from ADS-B: the aircraft says it, and nobody measured it")
    coasted = target & ~ended & ~told & (reading["170/CST"] > 0)
    reading.refuse(coasted, Reason.UNSUPPORTED, "170", "extrapolated: the sensor carries a track on without a plot")
    target &= ~(ended | told | coasted)

    polar = np.isfinite(reading["040/RHO"]) & np.isfinite(reading["040/TH"])
    plane = ~polar & np.isfinite(reading["042/X"]) & np.isfinite(reading["042/Y"])
    world = ~polar & ~plane & np.isfinite(reading["041/LAT"]) & np.isfinite(reading["041/LON"])
    reading.refuse(target & ~(polar | plane | world), Reason.UNSUPPORTED, "040", "a report without a position")
    _polar(reading, target & polar, sensors, times)
    _plane(reading, target & plane, sensors, times)
    _world(reading, target & world, sensors, times)


def _polar(reading: Reading, which: Bools, sensors: Ints, times: Ints) -> None:
    rows = np.flatnonzero(which)
    z = np.full((len(rows), 4), np.nan)
    z[:, 0] = reading["040/RHO"][rows]
    z[:, 1] = reading["040/TH"][rows] * DEGREE
    R = diagonal_covariance(z, polar_sigmas(reading, sensors[rows]))
    reading.detect(rows, sensors, times, geometry=int(Geometry.POLAR), z=z, R=R, **_tracked(reading, rows))


def _plane(reading: Reading, which: Bools, sensors: Ints, times: Ints) -> None:
    """The sensor's place is taken for the origin of the plane, and the ground for the height of what is on it."""
    for sensor in np.unique(sensors[which]).tolist():
        rows = np.flatnonzero(which & (sensors == sensor))
        there = LocalFrame(*reading.site.sensors[sensor].place.geodetic)
        flat = np.column_stack([reading["042/X"][rows], reading["042/Y"][rows], np.zeros(len(rows))])
        place = there.from_enu(flat) / DEGREE
        _position(reading, rows, sensors, times, place[:, 0], place[:, 1])


def _world(reading: Reading, which: Bools, sensors: Ints, times: Ints) -> None:
    rows = np.flatnonzero(which)
    _position(reading, rows, sensors, times, reading["041/LAT"][rows], reading["041/LON"][rows])


def _position(
    reading: Reading, rows: Ints, sensors: Ints, times: Ints, latitude_deg: Floats, longitude_deg: Floats
) -> None:
    """Positions on the ground with the standard deviations of I010/500, else as declared; no height was measured."""
    ground = reading.site.ground_level(latitude_deg, longitude_deg)
    nothing = np.full(len(rows), np.nan)
    place, axes = to_site(reading.site.frame, latitude_deg, longitude_deg, nothing, ground)
    declared = reading.declared(sensors[rows], lambda each: each.position_sigma_m)
    east = or_declared(reading["500/DEVX"][rows], declared)
    north = or_declared(reading["500/DEVY"][rows], declared)
    correlation = reading["500/COVXY"][rows] / (east * north)
    R = position_errors(axes, east, north, correlation, nothing)
    reading.detect(
        rows, sensors, times, geometry=int(Geometry.POSITION), z=position(place), R=R, **_tracked(reading, rows)
    )


def _tracked(reading: Reading, rows: Ints) -> dict[str, Ints | Bools]:
    number = reading["161/TRK"][rows]
    return {"sensor_track": number, "filtered": number >= 0}


def _state(reading: Reading, row: int) -> State | None:
    """What I010/550 says of the sensor."""
    nogo = int(reading["550/NOGO"][row])
    if nogo < 0:
        return None
    said = [word for flag, word in _IMPAIRED.items() if reading[f"550/{flag}"][row] == 1]
    if nogo >= 2:
        return SensorState.DOWN, ", ".join(["operational release is inhibited (NOGO)", *said])
    if nogo == 1:
        said.insert(0, "degraded")
    return (SensorState.DEGRADED if said else SensorState.OPERATIONAL), ", ".join(said)
