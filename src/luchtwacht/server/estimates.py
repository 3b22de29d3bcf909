"""Tracks, identities, findings, alerts, plots and bearings as they go over the wire: degrees and named datums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from luchtwacht import model
from luchtwacht.geodesy import LocalFrame, polar_to_enu
from luchtwacht.server import wire
from luchtwacht.server.declarations import PLACE_DIGITS, number, to_ms
from luchtwacht.units import DEGREE

UNKNOWN_HEIGHT_SIGMA = 500.0
"""m; a height less certain than this was not measured (see `Tracks.P`) and is not shown"""
STANDING_STILL = 0.5
"""m/s; below this a course says nothing"""

CATEGORIES = get_args(wire.Category)
STATUSES = get_args(wire.Status)
VERDICTS = get_args(wire.Verdict)
CLAIM_KINDS = get_args(wire.ClaimKind)
TRACK_COLUMNS = tuple(each.name for each in fields(wire.Tracks))
STANDING_COLUMN = TRACK_COLUMNS.index("standing")
CATEGORY_COLUMN = TRACK_COLUMNS.index("category")
PROBABILITY_COLUMN = TRACK_COLUMNS.index("category_probability")
Row = tuple[Any, ...]
"""one track, in the order of `TRACK_COLUMNS`"""


@dataclass(frozen=True, slots=True)
class Datum:
    """What turns the site's frame into places and heights people use."""

    site: model.Site

    def places(self, enu: NDArray[np.float64]) -> NDArray[np.float64]:
        """East, north, up (m), shape (n, 3), to latitude, longitude (degrees) and height above sea level (m).

        A height that is not known (NaN) is taken as the ground for the place and stays NaN.
        """
        known = np.where(np.isnan(enu[..., 2:]), 0.0, enu[..., 2:])
        geodetic = self.site.frame.from_enu(np.concatenate([enu[..., :2], known], axis=-1))
        latitude, longitude = geodetic[..., 0] / DEGREE, geodetic[..., 1] / DEGREE
        sea = self.site.sea_level(np.nan_to_num(latitude), np.nan_to_num(longitude))
        height = np.where(np.isnan(enu[..., 2]), np.nan, geodetic[..., 2] - sea)
        return np.stack([latitude, longitude, height], axis=-1)

    def above_ground(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) m above the ground under each of (n, 3) `places`."""
        return places[..., 2] - self.ground_amsl(places)

    def ground_amsl(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) m, the ground above mean sea level under each of (n, 2 or more) places."""
        latitude, longitude = np.nan_to_num(places[..., 0]), np.nan_to_num(places[..., 1])
        return self.site.ground_level(latitude, longitude) - self.site.sea_level(latitude, longitude)

    def undulation(self, latitude_deg: float, longitude_deg: float) -> float:
        """m, mean sea level above the ellipsoid at a place."""
        return float(self.site.sea_level(latitude_deg, longitude_deg))


def ellipses(P: NDArray[np.float64]) -> NDArray[np.float64]:
    """One-sigma ellipses of covariances (n, 2, 2) in east, north: major, minor (m), bearing of the major axis (deg)."""
    a, b, c = P[:, 0, 0], P[:, 0, 1], P[:, 1, 1]
    mean, spread = (a + c) / 2.0, np.hypot((a - c) / 2.0, b)
    major, minor = np.sqrt(np.maximum(mean + spread, 0.0)), np.sqrt(np.maximum(mean - spread, 0.0))
    bearing = np.mod(90.0 - np.degrees(0.5 * np.arctan2(2.0 * b, a - c)), 180.0)
    return np.stack([major, minor, bearing], axis=-1)


def track_rows(tracks: model.Tracks, datum: Datum) -> tuple[list[Row], list[float]]:
    """One row a track, in order, with standing `open`; and each track's height above sea level (NaN when unknown)."""
    if not len(tracks):
        return [], []
    places = datum.places(tracks.x[:, :3])
    height_sigma = np.sqrt(np.maximum(tracks.P[:, 2, 2], 0.0))
    unknown = ~(height_sigma < UNKNOWN_HEIGHT_SIGMA)
    height = np.where(unknown, np.nan, places[:, 2])
    east, north, climb = tracks.x[:, 3], tracks.x[:, 4], np.where(unknown, np.nan, tracks.x[:, 5])
    speed = np.hypot(east, north)
    course = np.where(speed < STANDING_STILL, np.nan, np.mod(np.degrees(np.arctan2(east, north)), 360.0))
    ellipse = ellipses(tracks.P[:, :2, :2])
    best = np.argmax(np.nan_to_num(tracks.category_probability, nan=-1.0), axis=1)
    columns: tuple[Iterable[Any], ...] = (
        tracks.track.tolist(),
        (tracks.time_ns // 1_000_000).tolist(),
        (tracks.started_ns // 1_000_000).tolist(),
        (tracks.updated_ns // 1_000_000).tolist(),
        [STATUSES[each] for each in tracks.status.tolist()],
        (tracks.basis == model.Basis.CLAIMED).tolist(),
        ["open"] * len(tracks),
        np.round(places[:, 0], PLACE_DIGITS).tolist(),
        np.round(places[:, 1], PLACE_DIGITS).tolist(),
        _numbers(height, 1),
        _numbers(height - datum.ground_amsl(places), 1),
        _numbers(np.where(unknown, np.nan, height_sigma), 1),
        np.round(speed, 1).tolist(),
        _numbers(course, 1),
        _numbers(climb, 1),
        *np.round(ellipse.T, 1).tolist(),
        np.round(tracks.existence, 3).tolist(),
        tracks.updates.tolist(),
        [_bits(each) for each in tracks.sensors.tolist()],
        _numbers(tracks.rcs_dbsm, 1),
        [CATEGORIES[each] for each in best.tolist()],
        np.round(np.nan_to_num(tracks.category_probability), 3).tolist(),
    )
    return list(zip(*columns, strict=True)), height.tolist()


def _numbers(values: NDArray[np.float64], digits: int) -> list[float | None]:
    return [None if value != value else value for value in np.round(values, digits).tolist()]


def _bits(mask: int) -> list[int]:
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]


def to_columns(rows: Sequence[Row]) -> wire.Tracks:
    """Rows as the columns that go over the wire."""
    if not rows:
        return wire.Tracks()
    return wire.Tracks(**dict(zip(TRACK_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))


def encode_identities(identities: model.Identities, datum: Datum) -> list[wire.Identity]:
    pilots = datum.places(identities.pilot_position)
    return [
        wire.Identity(
            track=int(identities.track[i]),
            aircraft_id=str(identities.aircraft_id[i]),
            probability=number(identities.probability[i], 2),
            runner_up=str(identities.runner_up[i]),
            runner_up_probability=number(identities.runner_up_probability[i], 2),
            claim_kind=CLAIM_KINDS[kind] if (kind := int(identities.claim_kind[i])) >= 0 else None,
            claim_verdict=VERDICTS[int(identities.claim_verdict[i])],
            callsign=str(identities.callsign[i]),
            operator_id=str(identities.operator_id[i]),
            pilot=_point(pilots[i]),
            authorisation=str(identities.authorisation[i]),
            authorisation_probability=number(identities.authorisation_probability[i], 2) or 0.0,
            authorisation_runner_up=str(identities.authorisation_runner_up[i]),
            authorisation_runner_up_probability=number(identities.authorisation_runner_up_probability[i], 2) or 0.0,
        )
        for i in range(len(identities))
    ]


def _point(place: NDArray[np.float64]) -> wire.Point | None:
    if np.isnan(place[:2]).any():
        return None
    return wire.Point(latitude=round(float(place[0]), PLACE_DIGITS), longitude=round(float(place[1]), PLACE_DIGITS))


def encode_findings(findings: model.Findings) -> dict[int, list[wire.Finding]]:
    """By track, in the order of the batch."""
    made: dict[int, list[wire.Finding]] = {}
    for i in range(len(findings)):
        made.setdefault(int(findings.track[i]), []).append(
            wire.Finding(
                zone=str(findings.zone[i]),
                probability_inside=number(findings.probability_inside[i], 3) or 0.0,
                probability_entry=number(findings.probability_entry[i], 3) or 0.0,
                time_to_entry_s=number(findings.time_to_entry[i], 1),
                distance_m=number(findings.distance[i], 0) or 0.0,
                probability_uas=number(findings.probability_uas[i], 3) or 0.0,
                probability_permitted=number(findings.probability_permitted[i], 3) or 0.0,
                authorisation=str(findings.authorisation[i]),
            )
        )
    return made


def encode_alert(alert: model.Alert, datum: Datum) -> wire.Alert:
    cause = alert.cause
    place = datum.places(np.array([cause.position], dtype=np.float64))
    latitude, longitude, height = place[0].tolist()
    known = cause.height_sigma < UNKNOWN_HEIGHT_SIGMA
    return wire.Alert(
        id=alert.id,
        kind=alert.kind.value,
        status=alert.status.value,
        severity=alert.severity.value,
        active=alert.active,
        track=alert.track,
        tracks=list(alert.tracks),
        zone=alert.zone,
        aircraft_id=alert.aircraft_id,
        started_ms=to_ms(alert.started_ns),
        confirmed_ms=to_ms(alert.confirmed_ns),
        raised_ms=to_ms(alert.raised_ns),
        changed_ms=to_ms(alert.changed_ns),
        cause=wire.Cause(
            finding_time_ms=to_ms(cause.finding_time_ns),
            probability_inside=number(cause.probability_inside, 3),
            probability_entry=number(cause.probability_entry, 3),
            probability_uas=number(cause.probability_uas, 3),
            probability_permitted=number(cause.probability_permitted, 3),
            distance_m=number(cause.distance, 0),
            time_to_entry_s=number(cause.time_to_entry, 1),
            latitude=round(latitude, PLACE_DIGITS),
            longitude=round(longitude, PLACE_DIGITS),
            height_amsl_m=number(height, 1) if known else None,
            height_agl_m=number(float(datum.above_ground(place)[0]), 1) if known else None,
            height_sigma_m=number(cause.height_sigma, 1) if known else None,
            detections=list(cause.detections),
        ),
        steps=[
            wire.Step(time_ms=to_ms(step.time_ns), status=step.status.value, actor=step.actor, note=step.note)
            for step in alert.steps
        ],
    )


def encode_detections(
    detections: model.Detections, sensors: Sequence[model.Sensor], datum: Datum
) -> tuple[wire.Plots, wire.Bearings]:
    """Measured places, and measured directions of what gave no distance.

    A place without elevation is drawn as if at the sensor's horizon: on a map that errs by less than a per cent for a
    low flyer.
    """
    polar = detections.geometry == model.Geometry.POLAR
    ranged = ~np.isnan(detections.z[:, 0])
    plots, bearings = wire.Plots(), wire.Bearings()
    for index in np.unique(detections.sensor).tolist():
        mine = detections.sensor == index
        frame = LocalFrame(*sensors[index].place.geodetic)
        z = detections.z[mine & polar & ranged]
        enu = polar_to_enu(np.concatenate([z[:, :2], np.nan_to_num(z[:, 2:3])], axis=-1))
        _add_plots(plots, index, detections.time_ns[mine & polar & ranged], frame.from_enu(enu) / DEGREE)
        placed = mine & ~polar
        _add_plots(plots, index, detections.time_ns[placed], datum.places(detections.z[placed, :3]))
        only = mine & polar & ~ranged & ~np.isnan(detections.z[:, 1])
        bearings.sensor.extend([index] * int(only.sum()))
        bearings.time_ms.extend((detections.time_ns[only] // 1_000_000).tolist())
        bearings.azimuth_deg.extend(np.round(np.degrees(detections.z[only, 1]), 2).tolist())
        bearings.sigma_deg.extend(np.round(np.degrees(np.sqrt(detections.R[only, 1, 1])), 2).tolist())
    return plots, bearings


def _add_plots(plots: wire.Plots, sensor: int, time_ns: model.Ints, degrees: NDArray[np.float64]) -> None:
    plots.sensor.extend([sensor] * len(time_ns))
    plots.time_ms.extend((time_ns // 1_000_000).tolist())
    plots.latitude.extend(np.round(degrees[:, 0], PLACE_DIGITS).tolist())
    plots.longitude.extend(np.round(degrees[:, 1], PLACE_DIGITS).tolist())


def measured(geometry: int, z: Sequence[float]) -> dict[str, float | None]:
    """What one detection measured, by name with unit."""
    if geometry == model.Geometry.POLAR:
        named = {
            "range_m": number(z[0], 1),
            "azimuth_deg": number(z[1] / DEGREE, 3),
            "elevation_deg": number(z[2] / DEGREE, 3),
            "range_rate_m_s": number(z[3], 2),
        }
    else:
        named = {"east_m": number(z[0], 1), "north_m": number(z[1], 1), "up_m": number(z[2], 1)}
    return {name: value for name, value in named.items() if value is not None}
