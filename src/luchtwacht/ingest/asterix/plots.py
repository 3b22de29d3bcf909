"""Plots of primary and secondary radars: slant range and azimuth of each echo (CAT001, CAT048)."""

from __future__ import annotations

from math import sqrt

import numpy as np

from luchtwacht.ingest.asterix.covariances import or_declared
from luchtwacht.ingest.asterix.reading import Reading
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import Bools, Floats, Geometry, Ints, Reason
from luchtwacht.units import DEGREE, FOOT, NAUTICAL_MILE

_NO_DETECTION = 0
"""I048/020 TYP, I001/020 SSR/PSR"""
_TRUNCATION_S = 512
"""I001/141"""
_RANGE_STEP_M = NAUTICAL_MILE / 128.0
"""I001/040"""
_DOPPLER_STEP_M_S = NAUTICAL_MILE / 256.0
"""I001/120: 7.2 m/s, more than most radars' own error"""
_EARTH_M = 6_371_000.0


def read_cat048(reading: Reading) -> None:
    """Slant range, azimuth, height of a 3-D radar as elevation, Doppler it does not doubt, amplitude."""
    sensors = reading.measuring()
    rho, theta = reading["040/RHO"] * NAUTICAL_MILE, reading["040/THETA"] * DEGREE
    unreal = reading.refuse_unreal(sensors >= 0, "020", "SIM", "TST", "RAB")
    placed = np.isfinite(rho) & np.isfinite(theta) & (reading["020/TYP"] != _NO_DETECTION)
    rows = _detected(reading, (sensors >= 0) & ~unreal, placed)
    doppler = np.where(reading["120/CAL/D"] == 1, np.nan, reading["120/CAL/CAL"])
    elevation = _elevation(reading, sensors[rows], reading["110/3DH"][rows] * FOOT, rho[rows])
    z = np.column_stack([rho[rows], theta[rows], elevation, doppler[rows]])
    _plot(reading, rows, sensors, reading.times(reading["140"]), z, reading["130/PAM"][rows], reading["161/TRN"][rows])


def read_cat001(reading: Reading) -> None:
    """Slant range, azimuth, Doppler, power. Positions of tracks count where they are the plot's own (I001/040).

    The steps of range and Doppler are coarse, so rounding is added to the declared errors.
    """
    sensors = reading.measuring()
    rho, theta = reading["040/RHO"] * NAUTICAL_MILE, reading["040/THETA"] * DEGREE
    unreal = reading.refuse_unreal(sensors >= 0, "020", "SIM", "TST", "RAB")
    placed = np.isfinite(rho) & np.isfinite(theta) & (reading["020/SSRPSR"] != _NO_DETECTION)
    rows = _detected(reading, (sensors >= 0) & ~unreal, placed)
    z = np.column_stack([rho[rows], theta[rows], np.full(len(rows), np.nan), reading["120"][rows] * NAUTICAL_MILE])
    times = reading.truncated_times(reading["141"], _TRUNCATION_S)
    rounding = np.array([_RANGE_STEP_M, 0.0, 0.0, _DOPPLER_STEP_M_S]) / sqrt(12.0)
    _plot(reading, rows, sensors, times, z, reading["131"][rows], reading["161"][rows], rounding)


def _detected(reading: Reading, ours: Bools, placed: Bools) -> Ints:
    """The rows with a plot; the others of ours are counted."""
    reading.refuse(
        ours & ~placed,
        Reason.UNSUPPORTED,
        "020",
        "no detection in this turn of the antenna: the radar carries a track on without a plot",
    )
    return np.flatnonzero(ours & placed)


def _plot(
    reading: Reading,
    rows: Ints,
    sensors: Ints,
    times: Ints,
    z: Floats,
    amplitude: Floats,
    number: Ints,
    rounding: Floats | None = None,
) -> None:
    """Detections of `rows`, with the declared errors and standard deviations (4,) of rounding beside them."""
    mine = sensors[rows]
    sigmas = polar_sigmas(reading, mine)
    if rounding is not None:
        sigmas = np.sqrt(sigmas**2 + rounding**2)
    reading.detect(
        rows,
        sensors,
        times,
        geometry=int(Geometry.POLAR),
        z=z,
        R=diagonal_covariance(z, sigmas),
        snr_db=amplitude,
        rcs_dbsm=_cross_section(reading, mine, amplitude, z[:, 0]),
        sensor_track=number,
        filtered=False,
    )


def polar_sigmas(reading: Reading, sensors: Ints, **given: Floats) -> Floats:
    """(m, 4) standard deviations of range, azimuth, elevation and range rate: as given, else as declared."""
    unknown = np.full(len(sensors), np.nan)
    return np.column_stack(
        [
            or_declared(given.get("range", unknown), reading.declared(sensors, lambda each: each.range_sigma_m)),
            or_declared(given.get("azimuth", unknown), reading.declared(sensors, lambda each: each.azimuth_sigma)),
            or_declared(given.get("elevation", unknown), reading.declared(sensors, lambda each: each.elevation_sigma)),
            or_declared(given.get("doppler", unknown), reading.declared(sensors, lambda each: each.doppler_sigma_m_s)),
        ]
    )


def _elevation(reading: Reading, sensors: Ints, height_amsl: Floats, slant: Floats) -> Floats:
    """Elevation (rad) above the radar's horizon of a height above mean sea level (I048/110), over the curved earth.

    For a slant range r and a height h above the radar, on a sphere of radius a: sin e = (h - d) / r, where the earth
    falls away by d = (r^2 - h^2) / (2 a) to first order. NaN where no height was measured, or where it cannot be at
    that range.
    """
    sea_level = reading.site.sea_level
    rise = height_amsl - reading.declared(
        sensors, lambda each: each.place.height - float(sea_level(each.place.latitude, each.place.longitude))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        sine = (rise - np.maximum(slant**2 - rise**2, 0.0) / (2.0 * _EARTH_M)) / slant
        return np.where(np.abs(sine) < 1.0, np.arcsin(np.clip(sine, -1.0, 1.0)), np.nan)


def _cross_section(reading: Reading, sensors: Ints, amplitude_db: Floats, slant: Floats) -> Floats:
    """dBsm from amplitude and range by the radar equation, where the sensor's constant is declared."""
    offset = reading.declared(sensors, lambda each: np.nan if each.rcs_offset_db is None else each.rcs_offset_db)
    return np.asarray(amplitude_db + 40.0 * np.log10(np.maximum(slant, 1.0)) + offset)
