"""Small skies for the tracker's tests: sensors round a made-up place, objects that fly straight, what is measured."""

from __future__ import annotations

import numpy as np

from luchtwacht.geodesy import enu_to_polar
from luchtwacht.model import Detections, Floats, Format, Geometry, Place, Sensor, SensorKind, Site, Source
from luchtwacht.tracking import Tracker

START_NS = 1_800_000_000_000_000_000
SECOND = 1_000_000_000
ORIGIN = Place(latitude=52.0, longitude=5.0)


def sensor(
    name: str, kind: SensorKind = SensorKind.RADAR_3D, at: tuple[float, float] = (0.0, 0.0), **declared: float
) -> Sensor:
    """A sensor `at` metres east and north of the site's origin, 10 m up."""
    site = Site(id="s", name="s", origin=ORIGIN, sources=(), sensors=())
    latitude, longitude, height = site.frame.from_enu([at[0], at[1], 10.0])
    place = Place(latitude=float(np.degrees(latitude)), longitude=float(np.degrees(longitude)), height=float(height))
    return Sensor(id=name, kind=kind, source="s", place=place, **declared)  # type: ignore[arg-type]


def site(*sensors: Sensor, **settings: object) -> Site:
    """A site with these sensors."""
    source = Source(id="s", format=Format.TABLE)
    return Site(id="s", name="s", origin=ORIGIN, sources=(source,), sensors=sensors, **settings)  # type: ignore[arg-type]


def polar(
    declared: Sensor,
    number: int,
    here: Site,
    time_ns: int,
    x: Floats,
    rng: np.random.Generator | None = None,
    measured: tuple[bool, bool, bool, bool] = (True, True, True, False),
    first_id: int = 1,
    **more: object,
) -> Detections:
    """What a sensor measures of objects with states `x` (n, 6); with noise when `rng` is given."""
    frame = here.frame
    latitude, longitude, _ = declared.place.geodetic
    origin, axes = frame.to_enu(declared.place.geodetic), frame.axes_at(latitude, longitude)
    x = np.atleast_2d(np.asarray(x, float))
    away = (x[:, :3] - origin) @ axes
    z = np.column_stack([enu_to_polar(away), np.zeros(len(x))])
    z[:, 3] = np.einsum("ij,ij->i", away, x[:, 3:] @ axes) / z[:, 0]
    sigma = np.array(
        [declared.range_sigma_m, declared.azimuth_sigma, declared.elevation_sigma, declared.doppler_sigma_m_s]
    )
    if rng is not None:
        z = z + rng.normal(size=z.shape) * sigma
    R = np.tile(np.diag(sigma**2), (len(x), 1, 1))
    hidden = ~np.array(measured)
    z[:, hidden] = np.nan
    R[:, hidden, :] = np.nan
    R[:, :, hidden] = np.nan
    return Detections.unknown(
        len(x), id=np.arange(first_id, first_id + len(x)), time_ns=time_ns, received_ns=time_ns, sensor=number,
        geometry=Geometry.POLAR, z=z, R=R, filtered=False, **more,
    )  # fmt: skip


def position(
    number: int,
    time_ns: int,
    points: Floats,
    sigma: float,
    up_sigma: float | None = None,
    first_id: int = 1,
    **more: object,
) -> Detections:
    """Reported positions `points` (n, 3); without height when `up_sigma` is none."""
    points = np.atleast_2d(np.asarray(points, float))
    z = np.column_stack([points, np.full(len(points), np.nan)])
    R = np.full((len(points), 4, 4), np.nan)
    R[:, :3, :3] = 0.0
    R[:, 0, 0] = R[:, 1, 1] = sigma**2
    if up_sigma is None:
        z[:, 2] = np.nan
        R[:, 2, :] = R[:, :, 2] = np.nan
    else:
        R[:, 2, 2] = up_sigma**2
    known: dict[str, object] = {"filtered": False}
    known.update(more)
    return Detections.unknown(
        len(points), id=np.arange(first_id, first_id + len(points)), time_ns=time_ns, received_ns=time_ns,
        sensor=number, geometry=Geometry.POSITION, z=z, R=R, **known,
    )  # fmt: skip


def straight(start: tuple[float, float, float], velocity: tuple[float, float, float], t: float) -> Floats:
    """(6,) state at `t` seconds of an object that flies straight."""
    return np.concatenate([np.asarray(start, float) + np.asarray(velocity) * t, np.asarray(velocity, float)])


def at(seconds: float) -> int:
    """ns UTC, this long after the start."""
    return START_NS + round(seconds * SECOND)


def tracker(here: Site) -> Tracker:
    """A fresh tracker."""
    return Tracker(here)
