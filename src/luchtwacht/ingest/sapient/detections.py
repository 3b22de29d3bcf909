"""Detection reports of one node in one mode, as detections or, of a receiver of what aircraft say, as claims.

A range and bearing is what the node measured from where it stands: POLAR in the frame of the declared sensor. A node
that says it stands elsewhere (a vehicle) measured from there: what has a range becomes a POSITION, a mere bearing
cannot be told. Coordinates become a POSITION; their height keeps its datum until it is above the ellipsoid.

What is not a measurement is not used: velocities (of a tracker), predictions, objects out of view. Confidences that
there is anything at all are left to tracking, which has its own view of a sensor's false reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from math import isfinite

import numpy as np

from luchtwacht.codecs.sapient import Decoded, DetectionReports
from luchtwacht.geodesy import LocalFrame, from_utm, polar_to_enu
from luchtwacht.ingest.asterix.covariances import or_declared, position, position_errors
from luchtwacht.ingest.claimed import position_covariance, to_site, velocity_in_site
from luchtwacht.ingest.sapient.node import Node
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import (
    Bools,
    ClaimKind,
    Claims,
    Detections,
    Floats,
    Frames,
    Geometry,
    Ints,
    Reason,
    Rejection,
    SensorKind,
    Site,
    report_ids,
)
from luchtwacht.units import DEGREE

MOVED_M = 30.0
"""a node that says it is farther than this from where it was declared has moved, and is not merely surveyed badly"""
_TRUE_NORTH, _ON_GEOID, _UTM = 1, 2, 5
"""RangeBearingDatum, LocationDatum, LocationCoordinateSystem"""
_EARTH_M = 6_371_000.0
_ZONE = re.compile(r"\s*(\d{1,2})\s*([C-HJ-NP-X])\s*", re.IGNORECASE)
"""number and latitude band, `31U`; bands from N on are northern"""
_ICAO = re.compile(r"[0-9A-F]{6}", re.IGNORECASE)
_RCS = ("rcs", "radar cross section", "radarcrosssection")
_SNR = ("snr", "signal to noise ratio", "signal-to-noise ratio")
_GONE = ("lost", "terminat", "ended", "predict", "coast", "dropp")
"""a state that begins like one of these was not measured"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Reports of one node, with what belongs to them."""

    reports: DetectionReports
    node: Node
    sensor: int
    """index into `Site.sensors`"""
    opinion: Floats
    """(n, 5) over `Category`, or NaN"""
    snr_db: Floats
    """(n,)"""
    rcs_dbsm: Floats
    """(n,)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was made of them."""

    detections: Detections
    claims: Claims
    rejections: tuple[Rejection, ...]


def strengths(decoded: Decoded, rows: Ints, node: Node) -> tuple[Floats, Floats]:
    """(n,) signal over noise (dB) and radar cross-section (dB over one square metre) of the reports in `rows`, as they
    say them by name; the amplitude of a signal stands for the first where that is not said."""
    place = {row: each for each, row in enumerate(rows.tolist())}
    snr, rcs = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for row, amplitude in zip(decoded.signals.report.tolist(), decoded.signals.amplitude.tolist(), strict=True):
        if row in place and np.isnan(snr[place[row]]):
            snr[place[row]] = amplitude
    units = dict(node.working.units)
    infos = decoded.infos
    for row, name, value in zip(infos.report.tolist(), infos.type.tolist(), infos.value.tolist(), strict=True):
        said, number = name.lower(), _number(value)
        if row not in place or number is None:
            continue
        if said in _SNR:
            snr[place[row]] = number
        elif said in _RCS:
            unit = units.get(said, "dbsm")
            linear = "db" not in unit
            rcs[place[row]] = (10.0 * np.log10(number) if number > 0.0 else np.nan) if linear else number
    return snr, rcs


def rates(decoded: Decoded, rows: Ints, name: str) -> Floats:
    """(n,) the number (Hz) that the reports in `rows` give under this name (lower case) of info; NaN where none."""
    place, made = {row: each for each, row in enumerate(rows.tolist())}, np.full(len(rows), np.nan)
    infos = decoded.infos
    for row, said, value in zip(infos.report.tolist(), infos.type.tolist(), infos.value.tolist(), strict=True):
        number = _number(value) if said.lower() == name and row in place else None
        if number is not None:
            made[place[row]] = number
    return made


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def gone(reports: DetectionReports) -> Bools:
    """(n,) whether a report says that its object was not seen: a sign of life of the node, and no measurement."""
    return np.array([state.lower().startswith(_GONE) for state in reports.state.tolist()], dtype=np.bool_)


def take(heard: Heard, frames: Frames, site: Site, source: int) -> Taken:
    """Detections or claims, and a rejection for each report of which neither can be made."""
    reports = heard.reports
    wrong: dict[int, tuple[Reason, str, str]] = {}
    speaks = site.sensors[heard.sensor].kind in (SensorKind.REMOTE_ID_RECEIVER, SensorKind.ADS_B_RECEIVER)
    polar = reports.is_range_bearing
    _refuse(wrong, polar & speaks, Reason.UNSUPPORTED, "range_bearing", "no place that an aircraft could have claimed")
    azimuth = _azimuth(heard, site, wrong)
    moved = _moved(heard, site)
    alone = polar & ~np.isfinite(reports.range_bearing[:, 2])
    if moved is not None:
        detail = f"a bearing from {moved:.0f} m beside where the sensor was declared; declare where it stands"
        _refuse(wrong, alone, Reason.UNSUPPORTED, "range_bearing", detail)
    latitude, longitude = _coordinates(heard, wrong)
    usable = np.ones(len(reports), dtype=np.bool_)
    usable[list(wrong)] = False
    located = np.flatnonzero(usable & ~polar)
    made: list[Detections] = []
    claims = Claims.empty()
    if speaks:
        claims = _claims(heard, frames, site, located, latitude, longitude)
    else:
        made.append(_positions(heard, frames, site, located, latitude, longitude))
        rows = np.flatnonzero(usable & polar)
        made.append((_polar if moved is None else _from_elsewhere)(heard, frames, site, rows, azimuth))
    return Taken(
        detections=Detections.concatenate(made),
        claims=claims,
        rejections=tuple(
            Rejection(
                frame=int(frames.sequence[reports.frame[row]]),
                record=0,
                source=source,
                reason=reason,
                item=f"detection_report.{item}",
                detail=detail,
            )
            for row, (reason, item, detail) in sorted(wrong.items())
        ),
    )


def _refuse(wrong: dict[int, tuple[Reason, str, str]], which: Bools, reason: Reason, item: str, detail: str) -> None:
    for row in np.flatnonzero(which).tolist():
        wrong.setdefault(row, (reason, item, detail))


# -- range and bearing -----------------------------------------------------------------------------------------------


def _azimuth(heard: Heard, site: Site, wrong: dict[int, tuple[Reason, str, str]]) -> Floats:
    """(n,) from true north (rad). Another north is only known where the sensor declares it."""
    north_deg, other = site.sensors[heard.sensor].north_deg, heard.reports.bearing_datum != _TRUE_NORTH
    bearing = heard.reports.range_bearing
    _refuse(
        wrong,
        heard.reports.is_range_bearing & ~np.isfinite(bearing[:, 0]),
        Reason.UNSUPPORTED,
        "range_bearing.azimuth",
        "a report without an azimuth",
    )
    if north_deg is None:
        detail = "azimuths from another north than true; declare north_deg of the sensor"
        _refuse(wrong, heard.reports.is_range_bearing & other, Reason.UNSUPPORTED, "range_bearing.datum", detail)
    return np.asarray(np.mod(bearing[:, 0] + np.where(other, (north_deg or 0.0) * DEGREE, 0.0), 2.0 * np.pi))


def _moved(heard: Heard, site: Site) -> float | None:
    """m between where the node says it is and where it was declared; none when that is the same place."""
    if heard.node.place is None:
        return None
    away = LocalFrame(*site.sensors[heard.sensor].place.geodetic).to_enu(np.array(heard.node.place))
    apart = float(np.hypot(away[0], away[1]))
    return apart if apart > MOVED_M else None


def _measured(heard: Heard, site: Site, rows: Ints, azimuth: Floats) -> tuple[Floats, Floats]:
    """(m, 4) `z` of POLARs and (m, 4) standard deviations."""
    sensor, bearing = site.sensors[heard.sensor], heard.reports.range_bearing[rows]
    error = heard.reports.range_bearing_error[rows] / heard.node.working.sigmas
    z = np.column_stack([bearing[:, 2], azimuth[rows], bearing[:, 1], np.full(len(rows), np.nan)])
    each = np.ones(len(rows))
    sigmas = np.column_stack(
        [
            or_declared(error[:, 2], sensor.range_sigma_m * each),
            or_declared(error[:, 0], sensor.azimuth_sigma * each),
            or_declared(error[:, 1], sensor.elevation_sigma * each),
            each,
        ]
    )
    return z, sigmas


def _polar(heard: Heard, frames: Frames, site: Site, rows: Ints, azimuth: Floats) -> Detections:
    z, sigmas = _measured(heard, site, rows, azimuth)
    return _detections(heard, frames, site, rows, Geometry.POLAR, z, diagonal_covariance(z, sigmas))


def _from_elsewhere(heard: Heard, frames: Frames, site: Site, rows: Ints, azimuth: Floats) -> Detections:
    """As seen from where the node says it is. Without an elevation the object is taken to be on its horizon, to find
    east and north, and its height stays unknown."""
    assert heard.node.place is not None
    z, sigmas = _measured(heard, site, rows, azimuth)
    flat = ~np.isfinite(z[:, 2])
    elevation = np.where(flat, 0.0, z[:, 2])
    there = LocalFrame(*heard.node.place)
    geodetic = there.from_enu(polar_to_enu(np.column_stack([z[:, 0], z[:, 1], elevation])))
    place = site.frame.to_enu(geodetic)
    place[flat, 2] = np.nan
    across = z[:, 0] * sigmas[:, 1]
    along = np.hypot(sigmas[:, 0] * np.cos(elevation), z[:, 0] * np.sin(elevation) * sigmas[:, 2])
    up = np.hypot(sigmas[:, 0] * np.sin(elevation), z[:, 0] * np.cos(elevation) * sigmas[:, 2])
    sine, cosine = np.sin(z[:, 1]), np.cos(z[:, 1])
    east = np.sqrt((along * sine) ** 2 + (across * cosine) ** 2)
    north = np.sqrt((along * cosine) ** 2 + (across * sine) ** 2)
    correlation = (along**2 - across**2) * sine * cosine / (east * north)
    axes = np.repeat(site.frame.axes_at(there.latitude, there.longitude)[None], len(rows), axis=0)
    R = position_errors(axes, east, north, correlation, np.where(flat, np.nan, up))
    return _detections(heard, frames, site, rows, Geometry.POSITION, position(place), R)


# -- coordinates -----------------------------------------------------------------------------------------------------


def _coordinates(heard: Heard, wrong: dict[int, tuple[Reason, str, str]]) -> tuple[Floats, Floats]:
    """(n,) latitude and longitude (rad); NaN where there are none."""
    reports = heard.reports
    latitude, longitude = reports.position[:, 1].copy(), reports.position[:, 0].copy()
    utm = reports.coordinate_system == _UTM
    if not utm.any():
        return latitude, longitude
    zones = np.where(reports.utm_zone == "", heard.node.working.zone, reports.utm_zone)
    for name in np.unique(zones[utm]).tolist():
        rows, zone = utm & (zones == name), _ZONE.fullmatch(name)
        if zone is None or not 1 <= int(zone[1]) <= 60:
            detail = f"UTM zone {name!r} is none; it is written as 31U" if name else "UTM coordinates without a zone"
            _refuse(wrong, rows, Reason.UNSUPPORTED, "location.utm_zone", detail)
            continue
        inside = rows & (np.abs(reports.position[:, 0] - 5e5) < 1e6) & (np.abs(reports.position[:, 1]) <= 1e7)
        _refuse(wrong, rows & ~inside, Reason.IMPLAUSIBLE, "location", f"coordinates that UTM zone {name} has not")
        latitude[inside], longitude[inside] = from_utm(
            reports.position[inside, 0], reports.position[inside, 1], int(zone[1]), south=zone[2].upper() < "N"
        )
    return latitude, longitude


def _height(heard: Heard, site: Site, rows: Ints, latitude: Floats, longitude: Floats) -> Floats:
    """(m,) above the ellipsoid; NaN where none was said.

    Args:
        latitude, longitude: (n,) rad, of all reports.
    """
    on_geoid = heard.reports.datum[rows] == _ON_GEOID
    sea = site.sea_level(latitude[rows] / DEGREE, longitude[rows] / DEGREE)
    return np.asarray(heard.reports.position[rows, 2] + np.where(on_geoid, sea, 0.0))


def _errors(heard: Heard, rows: Ints, latitude: Floats) -> Floats:
    """(m, 3) m east, north, up as standard deviations; NaN where none was said."""
    working, error = heard.node.working, heard.reports.position_error[rows] / heard.node.working.sigmas
    if working.error_unit == "m":
        return error
    arc = _EARTH_M * (DEGREE if working.error_unit == "deg" else 1.0)
    on_sphere = heard.reports.coordinate_system[rows] != _UTM
    scale = np.where(on_sphere, arc, 1.0)
    return np.column_stack(
        [error[:, 0] * np.where(on_sphere, scale * np.cos(latitude), 1.0), error[:, 1] * scale, error[:, 2]]
    )


def _positions(heard: Heard, frames: Frames, site: Site, rows: Ints, latitude: Floats, longitude: Floats) -> Detections:
    sensor, height = site.sensors[heard.sensor], _height(heard, site, rows, latitude, longitude)
    place, axes = to_site(site.frame, latitude[rows] / DEGREE, longitude[rows] / DEGREE, height)
    error, each = _errors(heard, rows, latitude[rows]), np.ones(len(rows))
    east, north = (or_declared(error[:, axis], sensor.position_sigma_m * each) for axis in (0, 1))
    up = np.where(np.isfinite(height), or_declared(error[:, 2], sensor.height_sigma_m * each), np.nan)
    R = position_errors(axes, east, north, np.full(len(rows), np.nan), up)
    return _detections(heard, frames, site, rows, Geometry.POSITION, position(place), R)


# -- what is made ----------------------------------------------------------------------------------------------------


def _times(heard: Heard, frames: Frames, site: Site, rows: Ints) -> tuple[Ints, Ints]:
    """(m,) when it was measured and when it was received."""
    received_ns = frames.received_ns[heard.reports.frame[rows]]
    own = next(each for each in site.sources if each.id == site.sensors[heard.sensor].source)
    return (received_ns if own.use_receive_time else heard.reports.time_ns[rows]), received_ns


def _detections(
    heard: Heard, frames: Frames, site: Site, rows: Ints, geometry: Geometry, z: Floats, R: Floats
) -> Detections:
    time_ns, received_ns = _times(heard, frames, site, rows)
    return Detections.unknown(
        len(rows),
        id=report_ids(frames.sequence[heard.reports.frame[rows]], np.zeros(len(rows), dtype=np.int64)),
        time_ns=time_ns,
        received_ns=received_ns,
        sensor=heard.sensor,
        geometry=int(geometry),
        z=z,
        R=R,
        snr_db=heard.snr_db[rows],
        rcs_dbsm=heard.rcs_dbsm[rows],
        sensor_track=_numbers(heard, rows),
        filtered=heard.node.working.filtered,
        category_probability=heard.opinion[rows],
    )


def _numbers(heard: Heard, rows: Ints) -> Ints:
    """(m,) the node's names for its objects as numbers: the same for the same name, another for another node's."""
    return np.array(
        [
            int.from_bytes(blake2b(f"{heard.node.node_id}/{name}".encode(), digest_size=8).digest(), "big") >> 1
            for name in heard.reports.object_id[rows].tolist()
        ],
        dtype=np.int64,
    )


def _claims(heard: Heard, frames: Frames, site: Site, rows: Ints, latitude: Floats, longitude: Floats) -> Claims:
    """What aircraft say of themselves, as this node heard it; one without a name goes by the node's name for it."""
    sensor, reports = site.sensors[heard.sensor], heard.reports.take(rows)
    height = _height(heard, site, rows, latitude, longitude)
    place, axes = to_site(site.frame, latitude[rows] / DEGREE, longitude[rows] / DEGREE, height)
    error, each = _errors(heard, rows, latitude[rows]), np.ones(len(rows))
    across = np.hypot(*(or_declared(error[:, axis], sensor.position_sigma_m * each) for axis in (0, 1))) / np.sqrt(2.0)
    up = or_declared(error[:, 2], sensor.height_sigma_m * each)
    ads_b = sensor.kind == SensorKind.ADS_B_RECEIVER
    names = [
        _name(name, ads_b) or f"session:{object_id}"
        for name, object_id in zip(reports.object_name.tolist(), reports.object_id.tolist(), strict=True)
    ]
    time_ns, received_ns = _times(heard, frames, site, rows)
    along, upward = (each or np.nan for each in heard.node.working.speeds_m_s)
    velocity = reports.velocity * np.array([along, along, upward])
    return Claims.unknown(
        len(rows),
        id=report_ids(frames.sequence[reports.frame], np.zeros(len(rows), dtype=np.int64)),
        time_ns=time_ns,
        received_ns=received_ns,
        sensor=heard.sensor,
        kind=int(ClaimKind.ADS_B if ads_b else ClaimKind.REMOTE_ID),
        aircraft_id=np.array(names, dtype="U40"),
        position=place,
        position_covariance=position_covariance(axes, across, up, place[:, 2]),
        velocity=velocity_in_site(axes, velocity[:, 0], velocity[:, 1], velocity[:, 2]),
    )


def _name(said: str, ads_b: bool) -> str:
    name = said.strip()
    if not name:
        return ""
    return f"icao:{name.upper()}" if ads_b and _ICAO.fullmatch(name) else f"uas:{name}"
