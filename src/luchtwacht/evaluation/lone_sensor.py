"""Each sensor for itself: how often it saw a drone that was there, how well, how late, and what else it reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.evaluation.assignment import Floats, Ints
from luchtwacht.evaluation.matching import Picture
from luchtwacht.geodesy import enu_to_polar
from luchtwacht.model import CLAIM_RECEIVERS, Detections, Geometry, Sensor
from luchtwacht.units import DEGREE, SECOND_NS

_WITHIN_SIGMA = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorFigures:
    """One sensor over the time the drones flew. NaN where there is nothing to say it from."""

    sensor: str
    reports: int
    """while a drone flew"""
    near: int
    """of which near a drone: each coordinate it measured within the gate, or within three declared sigmas"""
    seen_share: float
    """of the flight, cut in the sensor's periods, with a report near the drone"""
    range_bias_m: float
    range_sigma_m: float
    azimuth_bias_deg: float
    azimuth_sigma_deg: float
    elevation_bias_deg: float
    elevation_sigma_deg: float
    position_median_m: float
    """horizontal error of a single report, for sensors that measure a position"""
    position_95_m: float
    latency_median_s: float
    """from measurement to receipt, by the clocks as they were"""
    latency_95_s: float


def figures_by_sensor(picture: Picture) -> tuple[SensorFigures, ...]:
    """One row a sensor that measures, in the site's order."""
    return tuple(
        _figures(picture, index, sensor)
        for index, sensor in enumerate(picture.site.sensors)
        if sensor.kind not in CLAIM_RECEIVERS
    )


@dataclass(frozen=True)
class Held:
    """The reports of one sensor, held beside the drones."""

    reports: Detections
    during: NDArray[np.bool_]
    """(n,) whether a drone flew then"""
    near: NDArray[np.bool_]
    """(n,) near a drone; see `SensorFigures.near`"""
    whose: Ints
    """(n,) the drone, an index into `Courses.names`; -1 where not near any"""
    error: Floats
    """(n, 3) range (m), azimuth, elevation (rad) less those of the nearest drone; NaN where not near"""
    apart: Floats
    """(n,) m, horizontal distance to it, as far as the sensor measures it; NaN where not near"""
    seen: int
    """of the sensor's periods while a drone flew, how many have a report near it"""
    periods: int


def hold_beside(picture: Picture, index: int) -> Held:
    """The reports of sensor `index` beside whichever drone is nearest in the sensor's own measures."""
    known, sensor = picture.courses, picture.site.sensors[index]
    reports = picture.detections.take(picture.detections.sensor == index)
    count = len(reports)
    latitude, longitude, _ = sensor.place.geodetic
    place = picture.site.frame.to_enu(sensor.place.geodetic)
    axes = picture.site.frame.axes_at(latitude, longitude)
    near, during = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    error, apart, least = np.full((count, 3), np.nan), np.full(count, np.nan), np.full(count, np.inf)
    whose = np.full(count, -1, np.int64)
    seen = periods = 0
    period_ns = max(round(sensor.period_s * SECOND_NS), 1)
    for row in np.flatnonzero(known.is_drone).tolist():
        position, _, there = known.at(row, reports.time_ns)
        polar = enu_to_polar((position - place) @ axes)
        off, misfit, hit = _compare(reports, polar, position, sensor, picture.gate_m)
        hit &= there
        during |= there
        near |= hit
        better = hit & (misfit < least)
        error[better], apart[better], least[better] = off[better], misfit[better], misfit[better]
        whose[better] = row
        first = int(known.times[row][0])
        alive = known.at(row, np.arange(first, known.times[row][-1] + 1, period_ns))[2]
        seen += int(np.isin(np.flatnonzero(alive), (reports.time_ns[hit] - first) // period_ns).sum())
        periods += int(alive.sum())
    return Held(reports, during, near, whose, error, apart, seen, periods)


def reported_within(picture: Picture, seconds: float) -> NDArray[np.bool_]:
    """(n,) of `Picture.moments`: whether a sensor that measures places reported it near, so short before."""
    found = np.zeros(len(picture.moments.time_ns), np.bool_)
    since_ns = round(seconds * SECOND_NS)
    for index, sensor in enumerate(picture.site.sensors):
        if sensor.kind in CLAIM_RECEIVERS:
            continue
        held = hold_beside(picture, index)
        placed = np.isfinite(held.reports.z[:, :2]).all(1)
        for row in np.unique(held.whose[placed & (held.whose >= 0)]).tolist():
            times = np.sort(held.reports.time_ns[placed & (held.whose == row)])
            mine = picture.moments.object == row
            now = picture.moments.time_ns[mine]
            found[mine] |= np.searchsorted(times, now - since_ns) < np.searchsorted(times, now, side="right")
    return found


def _figures(picture: Picture, index: int, sensor: Sensor) -> SensorFigures:
    """One sensor."""
    held = hold_beside(picture, index)
    has_place = held.near & np.isfinite(held.reports.z[:, 0]) & np.isfinite(held.reports.z[:, 1])
    delay = (held.reports.received_ns - held.reports.time_ns)[held.during] / SECOND_NS
    distance, azimuth, elevation = held.error.T
    return SensorFigures(
        sensor=sensor.id,
        reports=int(held.during.sum()),
        near=int(held.near.sum()),
        seen_share=held.seen / held.periods if held.periods else float("nan"),
        range_bias_m=_quantile(distance, 0.5),
        range_sigma_m=_spread(distance),
        azimuth_bias_deg=_quantile(azimuth, 0.5) / DEGREE,
        azimuth_sigma_deg=_spread(azimuth) / DEGREE,
        elevation_bias_deg=_quantile(elevation, 0.5) / DEGREE,
        elevation_sigma_deg=_spread(elevation) / DEGREE,
        position_median_m=_quantile(held.apart[has_place], 0.5),
        position_95_m=_quantile(held.apart[has_place], 0.95),
        latency_median_s=_quantile(delay, 0.5),
        latency_95_s=_quantile(delay, 0.95),
    )


def _compare(
    reports: Detections, polar: Floats, position: Floats, sensor: Sensor, gate_m: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Errors in range, azimuth, elevation (n, 3), horizontal misfit (m), and whether each may be this object.

    Args:
        polar: (n, 3) the object in the sensor's frame at the time of each report.
        position: (n, 3) the object in the site's frame.
    """
    z, is_position = reports.z, reports.geometry == Geometry.POSITION
    error = z[:, :3] - polar
    error[:, 1] = np.mod(error[:, 1] + np.pi, 2 * np.pi) - np.pi
    ground = polar[:, 0] * np.cos(polar[:, 2])
    across, along = np.abs(error[:, 1]) * ground, np.abs(np.nan_to_num(error[:, 0]))
    hit = across <= np.maximum(gate_m, _WITHIN_SIGMA * sensor.azimuth_sigma * ground)
    hit &= along <= max(gate_m, _WITHIN_SIGMA * sensor.range_sigma_m)
    misfit = np.hypot(along, across)
    flat = np.hypot(z[:, 0] - position[:, 0], z[:, 1] - position[:, 1])
    close = flat <= max(gate_m, _WITHIN_SIGMA * sensor.position_sigma_m)
    error[is_position] = np.nan
    return error, np.where(is_position, flat, misfit), np.where(is_position, close, hit)


def _quantile(values: Floats, share: float) -> float:
    """Of what is known; NaN of nothing."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if len(known) else float("nan")


def _spread(values: Floats) -> float:
    """Standard deviation from the median absolute deviation: one stray pairing does not spoil it."""
    known = values[np.isfinite(values)]
    return float(1.4826 * np.median(np.abs(known - np.median(known)))) if len(known) else float("nan")
