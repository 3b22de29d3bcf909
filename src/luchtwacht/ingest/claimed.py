"""What claims have in common, whichever way they came: who heard them, and what they say in the site's frame.

Positions and their errors are claimed in the local axes of the place where the aircraft says it is. For an airliner
300 km away these are tilted by almost three degrees against the site's, so they are turned, not taken for the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.geodesy import Floats, LocalFrame, to_ecef
from luchtwacht.model import Sensor, Site
from luchtwacht.units import DEGREE

RADIUS_95 = 2.4477468306808166
"""radius that holds 95 % of a circular normal distribution, in sigmas of one axis: sqrt(-2 ln 0.05)"""
INTERVAL_95 = 1.959963984540054
"""half width that holds 95 % of a normal distribution, in sigmas"""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The sensor of the site that heard it."""

    index: int
    """index into `Site.sensors`"""
    sensor: Sensor


def receiver_of(site: Site, source: int, key: str = "") -> Receiver | None:
    """The sensor that receives through this source; of several, the one whose `Sensor.key` is `key`; else none.

    Args:
        source: index into `Site.sources`.
        key: what the receiver calls itself in its messages; "" where the format has no such name.
    """
    found = [
        Receiver(index, sensor) for index, sensor in enumerate(site.sensors) if sensor.source == site.sources[source].id
    ]
    if len(found) > 1:
        found = [each for each in found if each.sensor.key == key]
    return found[0] if len(found) == 1 else None


def to_site(
    frame: LocalFrame,
    latitude_deg: Floats,
    longitude_deg: Floats,
    height_m: Floats,
    stand_in_height_m: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Claimed places in the site's frame.

    Args:
        latitude_deg, longitude_deg: (n,) degrees.
        height_m: (n,) above the WGS 84 ellipsoid; NaN where no usable height was claimed.
        stand_in_height_m: (n,) about the height, where `height_m` is NaN: only to find east and north of a place far
            away, where the site's vertical is not the aircraft's. The origin's height is taken where that is NaN too.

    Returns:
        (n, 3) east, north, up (m), up NaN where `height_m` is; (n, 3, 3) rotations from the local axes at each place to
        the site's.
    """
    assumed = height_m if stand_in_height_m is None else np.where(np.isnan(height_m), stand_in_height_m, height_m)
    assumed = np.where(np.isnan(assumed), frame.height, assumed)
    latitude, longitude = latitude_deg * DEGREE, longitude_deg * DEGREE
    origin = to_ecef([frame.latitude, frame.longitude, frame.height])
    away = to_ecef(np.stack([latitude, longitude, assumed], axis=-1)) - origin
    position = _turn(frame.rotation, away)
    position[np.isnan(height_m), 2] = np.nan
    sine_lat, cosine_lat = np.sin(latitude), np.cos(latitude)
    sine_lon, cosine_lon = np.sin(longitude), np.cos(longitude)
    east = np.stack([-sine_lon, cosine_lon, np.zeros_like(latitude)], axis=-1)
    north = np.stack([-sine_lat * cosine_lon, -sine_lat * sine_lon, cosine_lat], axis=-1)
    up = np.stack([cosine_lat * cosine_lon, cosine_lat * sine_lon, sine_lat], axis=-1)
    axes = np.stack([_turn(frame.rotation, each) for each in (east, north, up)], axis=-1)
    return position, axes


def velocity_in_site(axes: Floats, east: Floats, north: Floats, up: Floats) -> Floats:
    """(n, 3) velocities claimed in local axes, m/s, in the site's frame. An unknown component stays unknown; it is
    taken for zero only to turn the others.
    """
    turned = _turn(axes, np.nan_to_num(np.stack([east, north, up], axis=-1)))
    turned[np.isnan(east) | np.isnan(north), :2] = np.nan
    turned[np.isnan(up), 2] = np.nan
    return turned


def position_covariance(axes: Floats, horizontal_sigma: Floats, vertical_sigma: Floats, up: Floats) -> Floats:
    """(n, 3, 3) covariances, m2, in the site's frame, of places known to `horizontal_sigma` on each horizontal axis and
    `vertical_sigma` on the vertical. Where `up` is NaN so is the vertical variance, and nothing correlates with it.
    """
    flat = np.isnan(up)
    sigmas = np.stack([horizontal_sigma, horizontal_sigma, np.where(flat, 0.0, vertical_sigma)], axis=-1)
    root = axes * sigmas[:, None, :]
    covariance = np.stack([_turn(root, root[:, row, :]) for row in range(3)], axis=-1)
    covariance[flat, 2, :] = 0.0
    covariance[flat, :, 2] = 0.0
    covariance[flat, 2, 2] = np.nan
    return covariance


def _turn(rotation: Floats, vectors: Floats) -> Floats:
    """(3, 3) or (n, 3, 3) times (n, 3). Written out: a matrix product rounds differently for one row than for many,
    and a live run must give the same bits as a replay.
    """
    columns = (rotation[..., :, each] * vectors[:, each, None] for each in range(3))
    first, second, third = columns
    return np.asarray(first + second + third)
