"""Reports of drone radars and other independent non-cooperative sensors, with the errors they state (CAT015).

Of what a report holds one measurement is made, never two: range and azimuth (with elevation and Doppler) where both are
there, unless only the position (I015/600) has a height; else the position; else whatever angles there are. The range of
a multi-static sensor is a path over two legs (I015/625 note 3), which no `Geometry` says, so it is left out, and so is
its Doppler. Heights (I015/601) are above the ellipsoid.

Classes (I015/300) are numbered by an agreement between maker and user that the message does not hold (note 2 of the
item), so no opinion is read from them.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.ingest.asterix.covariances import correlate, or_declared, position, position_errors
from luchtwacht.ingest.asterix.plots import polar_sigmas
from luchtwacht.ingest.asterix.reading import Reading
from luchtwacht.ingest.claimed import to_site
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import Bools, Floats, Geometry, Ints, Reason
from luchtwacht.units import DEGREE

_TRACKS, _TRACK_ENDED = (2, 4), 5
"""I015/000 MT"""
_ACTUAL = 0
"""I015/020 TTAX"""
_MONO_STATIC = 0
"""I015/020 MOMU; 1 is multi-static, and 2 and 3 mean what an agreement says or nothing"""


def read_cat015(reading: Reading) -> None:
    """Plots and tracks as detections; the end of a track is a sign of life."""
    sensors, times = reading.measuring(), reading.times(reading["145"])
    ours = sensors >= 0
    unreal = ours & (reading["020/TTAX"] > _ACTUAL)
    reading.refuse(unreal, Reason.SIMULATED, "020", "a reference, synthetic, simulated or replayed target")
    ended = ours & ~unreal & (reading["000/MT"] == _TRACK_ENDED)
    reading.alive(ended, sensors, times)

    z = _polar(reading)
    angles, ranged = np.isfinite(z[:, 1:3]).any(axis=1), np.isfinite(z[:, :2]).all(axis=1)
    located = np.isfinite(reading["600/P84/LATITUDE"]) & np.isfinite(reading["600/P84/LONGITUDE"])
    located &= reading["170/CSTP"] != 1
    higher = located & np.isfinite(_height(reading)) & ~np.isfinite(z[:, 2])
    polar = (ranged & ~higher) | (angles & ~located)
    impossible = ours & ~unreal & ~ended & polar & (z[:, 0] < 0.0)
    reading.refuse(impossible, Reason.IMPLAUSIBLE, "625", "a mono-static range below 0")
    measured = ours & ~unreal & ~ended & ~impossible
    reading.refuse(
        measured & ~polar & ~located,
        Reason.UNSUPPORTED,
        "600",
        "a report without a position or an angle that was measured and not extrapolated",
    )
    _detect_polar(reading, measured & polar, sensors, times, z)
    _detect_positions(reading, measured & ~polar & located, sensors, times)


def _polar(reading: Reading) -> Floats:
    """(n, 4) range, azimuth, elevation, range rate of every record: Doppler where it is given, else the range's own
    rate. Both are positive away."""
    z = np.column_stack([reading["625/R"], reading["627/AZ"] * DEGREE, reading["628/EL"] * DEGREE, _doppler(reading)])
    other = reading["020/MOMU"] > _MONO_STATIC
    z[other, 0] = z[other, 3] = np.nan
    return z


def _doppler(reading: Reading) -> Floats:
    return np.asarray(np.where(np.isfinite(reading["626/DV"]), reading["626/DV"], reading["625/RR"]))


def _height(reading: Reading) -> Floats:
    """(n,) m above the ellipsoid; NaN where it was extrapolated."""
    return np.where(reading["170/CSTH"] == 1, np.nan, reading["601/GH"])


def _detect_polar(reading: Reading, which: Bools, sensors: Ints, times: Ints, polar: Floats) -> None:
    rows = np.flatnonzero(which)
    z = polar[rows]
    by_doppler = np.isfinite(reading["626/DV"][rows])
    sigmas = polar_sigmas(
        reading,
        sensors[rows],
        range=reading["625/SDR"][rows],
        azimuth=reading["627/SDASZ"][rows] * DEGREE,
        elevation=reading["628/SDEL"][rows] * DEGREE,
        doppler=np.where(by_doppler, reading["626/SDDV"][rows], reading["625/SDRR/SDRR"][rows]),
    )
    R = diagonal_covariance(z, sigmas)
    correlate(R, 0, 3, np.where(by_doppler, reading["626/CODVR"][rows], reading["625/SDRR/CORRR"][rows]))
    reading.detect(rows, sensors, times, geometry=int(Geometry.POLAR), z=z, R=R, **_said(reading, rows))


def _detect_positions(reading: Reading, which: Bools, sensors: Ints, times: Ints) -> None:
    """Correlations of height with latitude and longitude (I015/601) are not used."""
    rows = np.flatnonzero(which)
    height = _height(reading)[rows]
    place, axes = to_site(
        reading.site.frame, reading["600/P84/LATITUDE"][rows], reading["600/P84/LONGITUDE"][rows], height
    )
    declared = reading.declared(sensors[rows], lambda each: each.position_sigma_m)
    up = or_declared(reading["601/SDGH"][rows], reading.declared(sensors[rows], lambda each: each.height_sigma_m))
    R = position_errors(
        axes,
        or_declared(reading["600/HPP/SDHPX"][rows], declared),
        or_declared(reading["600/HPP/SDHPY"][rows], declared),
        reading["600/HPP/COSDHPXY"][rows],
        np.where(np.isfinite(height), up, np.nan),
    )
    reading.detect(
        rows, sensors, times, geometry=int(Geometry.POSITION), z=position(place), R=R, **_said(reading, rows)
    )


def _said(reading: Reading, rows: Ints) -> dict[str, Floats | Ints | Bools]:
    """What a report says besides: the echo's signal to noise, the track's number, whether a tracker made it."""
    return {
        "snr_db": reading["630/RPS"][rows],
        "sensor_track": reading["161"][rows],
        "filtered": np.isin(reading["000/MT"][rows], _TRACKS),
    }
