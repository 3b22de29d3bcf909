"""What the watch makes of messages, as tables: reports of a site's sensors, and everything a pipeline says.

Positions are WGS 84, degrees and metres above the ellipsoid; times UTC; angles degrees. Standard deviations stand
beside what they belong to, so that no number is without its uncertainty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from luchtwacht.conversion.table import Table, Values, Whereabouts, moments
from luchtwacht.geodesy import Floats, polar_to_enu, turned
from luchtwacht.model import (
    AlertChanged,
    Basis,
    Category,
    Claimed,
    ClaimKind,
    Claims,
    ClaimVerdict,
    Detected,
    Detections,
    Event,
    Findings,
    Found,
    Geometry,
    Identified,
    Identities,
    Ints,
    Notice,
    Rejected,
    Site,
    TakeOffFound,
    Tracked,
    Tracks,
    TrackStatus,
    frame_of,
    record_of,
)
from luchtwacht.units import DEGREE

_PLACE = Whereabouts("latitude_deg", "longitude_deg", "height_m")


def _names(kind: type[IntEnum], values: Ints) -> NDArray[np.str_]:
    """Names in lower case; "" for a value that says nothing."""
    table = np.array([each.name.lower() for each in kind] + [""])
    return table[np.where(values < 0, len(table) - 1, values)]


def _of_sensors(site: Site, sensor: Ints) -> NDArray[np.str_]:
    return np.array([each.id for each in site.sensors], dtype=np.str_)[sensor]


def _place(site: Site, enu: Floats) -> dict[str, Values]:
    """Latitude, longitude and height of (n, 3) positions; where up is not known it is left open."""
    level = np.where(np.isnan(enu[:, 2]), 0.0, enu[:, 2])
    geodetic = site.frame.from_enu(np.column_stack([enu[:, :2], level]))
    return {
        "latitude_deg": geodetic[:, 0] / DEGREE,
        "longitude_deg": geodetic[:, 1] / DEGREE,
        "height_m": np.where(np.isnan(enu[:, 2]), np.nan, geodetic[:, 2]),
    }


def _sigmas(covariance: Floats) -> dict[str, Values]:
    """Of (n, 3, 3): the larger half-axis across, and up."""
    east, north, both = covariance[:, 0, 0], covariance[:, 1, 1], covariance[:, 0, 1]
    largest = (east + north) / 2.0 + np.sqrt((east - north) ** 2 / 4.0 + both**2)
    return {"sigma_across_m": np.sqrt(largest), "sigma_up_m": np.sqrt(covariance[:, 2, 2])}


def _categories(probability: Floats) -> dict[str, Values]:
    return {f"p_{each.name.lower()}": probability[:, each] for each in Category}


def detections(site: Site, batch: Detections) -> Table:
    """`detections`: a row a report. A polar report without elevation is placed as if it were level with its sensor,
    and has no height; a bearing alone has no place.
    """
    polar = batch.geometry == Geometry.POLAR
    z = np.where(polar[:, None], batch.z, np.nan)
    enu = np.where(polar[:, None], np.nan, batch.z[:, :3])
    for index, sensor in enumerate(site.sensors):
        rows = np.flatnonzero(polar & (batch.sensor == index) & np.isfinite(batch.z[:, 0] + batch.z[:, 1]))
        if len(rows):
            seen = batch.z[rows, :3].copy()
            unknown = np.isnan(seen[:, 2])
            seen[unknown, 2] = 0.0
            latitude, longitude, _ = sensor.place.geodetic
            here = site.frame.to_enu(sensor.place.geodetic)
            enu[rows] = turned(polar_to_enu(seen), site.frame.axes_at(latitude, longitude)) + here
            enu[rows[unknown], 2] = np.nan
    spread = np.sqrt(np.diagonal(batch.R, axis1=1, axis2=2))
    of = {True: np.where(polar[:, None], spread, np.nan), False: np.where(polar[:, None], np.nan, spread)}
    columns: dict[str, Values] = {
        "time": moments(batch.time_ns),
        "received": moments(batch.received_ns),
        "frame": frame_of(batch.id),
        "record": record_of(batch.id),
        "sensor": _of_sensors(site, batch.sensor),
        **_place(site, enu),
        "range_m": z[:, 0],
        "azimuth_deg": z[:, 1] / DEGREE,
        "elevation_deg": z[:, 2] / DEGREE,
        "range_rate_m_s": z[:, 3],
        "sigma_range_m": of[True][:, 0],
        "sigma_azimuth_deg": of[True][:, 1] / DEGREE,
        "sigma_elevation_deg": of[True][:, 2] / DEGREE,
        "sigma_range_rate_m_s": of[True][:, 3],
        "sigma_east_m": of[False][:, 0],
        "sigma_north_m": of[False][:, 1],
        "sigma_up_m": of[False][:, 2],
        "snr_db": batch.snr_db,
        "rcs_dbsm": batch.rcs_dbsm,
        "sensor_track": batch.sensor_track,
        "filtered": batch.filtered,
    }
    likelihood: dict[str, Values] = {
        f"likelihood_{each.name.lower()}": batch.category_probability[:, each] for each in Category
    }
    return Table("detections", columns | likelihood, {}, _PLACE)


def claims(site: Site, batch: Claims) -> Table:
    """`claims`: a row a state that an aircraft says it is in."""
    columns: dict[str, Values] = {
        "time": moments(batch.time_ns),
        "received": moments(batch.received_ns),
        "frame": frame_of(batch.id),
        "record": record_of(batch.id),
        "receiver": _of_sensors(site, batch.sensor),
        "kind": _names(ClaimKind, batch.kind.astype(np.int64)),
        "aircraft_id": batch.aircraft_id,
        "transmitter": batch.transmitter,
        "callsign": batch.callsign,
        "operator_id": batch.operator_id,
        **_place(site, batch.position),
        **_sigmas(batch.position_covariance),
        "east_m_s": batch.velocity[:, 0],
        "north_m_s": batch.velocity[:, 1],
        "up_m_s": batch.velocity[:, 2],
        "pressure_altitude_m": batch.pressure_altitude,
        **{f"pilot_{name}": values for name, values in _place(site, batch.pilot_position).items()},
        "category": _names(Category, batch.category.astype(np.int64)),
        "emergency": batch.emergency.astype(np.int64),
    }
    where = Whereabouts("latitude_deg", "longitude_deg", "height_m", series="aircraft_id")
    return Table("claims", columns, {}, where)


def tracks(site: Site, batch: Tracks) -> Table:
    """`tracks`: a row a track at a time; the numbers of sensors that supported it are joined with spaces."""
    names = [each.id for each in site.sensors]
    support = [" ".join(name for bit, name in enumerate(names) if mask >> bit & 1) for mask in batch.sensors.tolist()]
    columns: dict[str, Values] = {
        "time": moments(batch.time_ns),
        "track": batch.track,
        "status": _names(TrackStatus, batch.status.astype(np.int64)),
        "basis": _names(Basis, batch.basis.astype(np.int64)),
        **_place(site, batch.x[:, :3]),
        **_sigmas(batch.P[:, :3, :3]),
        "east_m_s": batch.x[:, 3],
        "north_m_s": batch.x[:, 4],
        "up_m_s": batch.x[:, 5],
        "existence": batch.existence,
        "started": moments(batch.started_ns),
        "confirmed": moments(batch.confirmed_ns),
        "updated": moments(batch.updated_ns),
        "updates": batch.updates,
        "sensors": np.array(support, dtype=np.str_),
        "rcs_dbsm": batch.rcs_dbsm,
        **_categories(batch.category_probability),
    }
    return Table("tracks", columns, {}, Whereabouts("latitude_deg", "longitude_deg", "height_m", series="track"))


def identities(batch: Identities) -> Table:
    """`identities`: a row a confirmed track at a time."""
    columns: dict[str, Values] = {
        "time": moments(batch.time_ns),
        "track": batch.track,
        "aircraft_id": batch.aircraft_id,
        "probability": batch.probability,
        "runner_up": batch.runner_up,
        "runner_up_probability": batch.runner_up_probability,
        "claim_kind": _names(ClaimKind, batch.claim_kind.astype(np.int64)),
        "claim_verdict": _names(ClaimVerdict, batch.claim_verdict.astype(np.int64)),
        "callsign": batch.callsign,
        "operator_id": batch.operator_id,
        "authorisation": batch.authorisation,
        "authorisation_probability": batch.authorisation_probability,
        **_categories(batch.category_probability),
    }
    return Table("identities", columns, {})


def findings(batch: Findings) -> Table:
    """`findings`: a row a track and zone at a time."""
    columns: dict[str, Values] = {
        "time": moments(batch.time_ns),
        "track": batch.track,
        "zone": batch.zone,
        "probability_inside": batch.probability_inside,
        "probability_entry": batch.probability_entry,
        "time_to_entry_s": batch.time_to_entry,
        "distance_m": batch.distance,
        "probability_uas": batch.probability_uas,
        "probability_permitted": batch.probability_permitted,
        "authorisation": batch.authorisation,
    }
    return Table("findings", columns, {})


def _alert(site: Site, event: AlertChanged) -> Table:
    alert = event.alert
    step = alert.steps[-1] if alert.steps else None
    columns: dict[str, Values] = {
        "time": moments(np.array([event.time_ns])),
        "alert": np.array([alert.id]),
        "kind": np.array([str(alert.kind)]),
        "status": np.array([str(alert.status)]),
        "severity": np.array([str(alert.severity)]),
        "active": np.array([alert.active]),
        "track": np.array([alert.track]),
        "zone": np.array([alert.zone]),
        "aircraft_id": np.array([alert.aircraft_id]),
        "raised": moments(np.array([alert.raised_ns])),
        "by": np.array([step.actor if step else ""]),
        "note": np.array([step.note if step else ""]),
        "probability_inside": np.array([alert.cause.probability_inside]),
        "probability_entry": np.array([alert.cause.probability_entry]),
        "probability_uas": np.array([alert.cause.probability_uas]),
        "probability_permitted": np.array([alert.cause.probability_permitted]),
        **_place(site, np.array([alert.cause.position])),
    }
    return Table("alerts", columns, {}, _PLACE)


def _takeoff(site: Site, event: TakeOffFound) -> Table:
    """`takeoffs`: the point nearest to the take-off on average; nothing is there when only a direction is known."""
    found = event.takeoff
    point = found.point or (np.nan, np.nan)
    unknown = np.datetime64("NaT", "ns")
    launched = [found.launch_ns, found.launch_from_ns, found.launch_until_ns]
    launch = [np.array([unknown]) if each < 0 else moments(np.array([each])) for each in launched]
    columns: dict[str, Values] = {
        "time": moments(np.array([event.time_ns])),
        "track": np.array([found.track]),
        "revision": np.array([found.revision]),
        "extent": np.array([str(found.extent)]),
        "launched": launch[0],
        "launched_from": launch[1],
        "launched_until": launch[2],
        **_place(site, np.array([[*point, np.nan]])),
        "expected_error_m": np.array([_known(found.expected_error)]),
        "area_half_m2": np.array([found.half.size if found.half else np.nan]),
        "area_most_m2": np.array([found.most.size if found.most else np.nan]),
        "bearing_deg": np.array([_known(found.bearing) / DEGREE]),
        "in_view": np.array([_known(found.in_view)]),
        "first_seen": moments(np.array([found.first_ns])),
        "detections": np.array([len(found.detections)]),
    }
    return Table("takeoffs", columns, {}, _PLACE)


def _known(value: float | None) -> float:
    return np.nan if value is None else value


def _notice(event: Notice) -> Table:
    columns: dict[str, Values] = {
        "time": moments(np.array([event.time_ns])),
        "kind": np.array([str(event.kind)]),
        "subject": np.array([event.subject]),
        "detail": np.array([event.detail]),
    }
    return Table("notices", columns, {})


def _rejections(site: Site, event: Rejected) -> Table:
    each = event.rejections
    columns: dict[str, Values] = {
        "received": moments(np.full(len(each), event.time_ns)),
        "frame": np.array([one.frame for one in each]),
        "record": np.array([one.record for one in each]),
        "source": np.array([site.sources[one.source].id for one in each]),
        "reason": np.array([str(one.reason) for one in each]),
        "item": np.array([one.item for one in each]),
        "count": np.array([one.count for one in each]),
        "detail": np.array([one.detail for one in each]),
    }
    return Table("rejections", columns, {})


def told(site: Site, events: Iterable[Event]) -> Iterator[Table]:
    """Everything that is a row of something; zones and authorisations are no rows."""
    for event in events:
        match event:
            case Detected():
                yield detections(site, event.detections)
            case Claimed():
                yield claims(site, event.claims)
            case Tracked():
                yield tracks(site, event.tracks)
            case Identified():
                yield identities(event.identities)
            case Found():
                yield findings(event.findings)
            case AlertChanged():
                yield _alert(site, event)
            case TakeOffFound():
                yield _takeoff(site, event)
            case Notice():
                yield _notice(event)
            case Rejected():
                yield _rejections(site, event)
            case _:
                pass
