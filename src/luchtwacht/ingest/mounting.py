"""How a sensor that stands or works a little wrong measures, to first order: the equations of registration.

A sensor may add to its range, azimuth and elevation, stand elsewhere than declared, and have a wrong clock: the seven
numbers of `model.BIASES`, written θ. With p the true place of what it measured, v its velocity, h the polar coordinates
about the declared place and H = ∂h/∂p, it reports (Bar-Shalom, Li and Kirubarajan 2001, 12.2, with the place and time
added to it)

    z = h(p) + (range, azimuth, elevation) - H (east, north, up) - H v time + noise

A radar that reports positions made them of the same measurements, so they are looked at in its polar coordinates. Other
position reports know only the last four numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.geodesy import enu_to_polar, polar_to_enu
from luchtwacht.model import BIASES, Detections, Floats, Geometry, Sensor, SensorKind, Site
from luchtwacht.units import DEGREE

COUNT = len(BIASES)
RANGE, AZIMUTH, ELEVATION, EAST, NORTH, UP, TIME = range(COUNT)

_RADARS = (SensorKind.RADAR_3D, SensorKind.RADAR_2D)
_LOCATORS = (SensorKind.RF_LOCATOR, SensorKind.SPOTTER)
_KNOWN = {
    SensorKind.RADAR_3D: (RANGE, AZIMUTH, ELEVATION, EAST, NORTH, UP, TIME),
    SensorKind.RADAR_2D: (RANGE, AZIMUTH, EAST, NORTH, TIME),
    SensorKind.RF_DIRECTION_FINDER: (AZIMUTH, ELEVATION, EAST, NORTH, TIME),
    SensorKind.CAMERA: (AZIMUTH, ELEVATION, EAST, NORTH, UP, TIME),
    SensorKind.ACOUSTIC: (AZIMUTH, ELEVATION, EAST, NORTH, TIME),
    SensorKind.RF_LOCATOR: (EAST, NORTH, UP, TIME),
    SensorKind.SPOTTER: (EAST, NORTH, UP, TIME),
}
"""which of the seven a kind of sensor can have; receivers of claims measure nothing"""
DEFAULT_SIGMA = (30.0, 2.0 * DEGREE, 1.5 * DEGREE, 3.0, 3.0, 3.0, 0.3)
"""one standard deviation of each before anything is known: alignment by compass, a place by satellite navigation, a
clock set over the network"""
LIKELY_SPEED = 10.0
"""m/s on each axis, of what is not known yet, for what a doubtful clock does to a place"""
NEAR_M = 1.0
"""no direction is taken from nearer than this"""


@dataclass(frozen=True, slots=True)
class Mounting:
    """A sensor's declared place, and which biases it can have."""

    index: int
    place: Floats
    """(3,) m, site's frame"""
    axes: Floats
    """(3, 3) turns the sensor's east, north, up into the site's"""
    polar: bool
    """whether it measures in polar coordinates about its place, whatever it reports"""
    mean: Floats
    """(7,) declared bias"""
    sigma: Floats
    """(7,) of it; 0 for what this kind does not have"""

    @classmethod
    def of(cls, site: Site, index: int) -> Mounting:
        """Sensor `index` of the site."""
        sensor: Sensor = site.sensors[index]
        known = _KNOWN.get(sensor.kind, ())
        said = np.array(sensor.bias.sigma)
        sigma = np.where(np.isnan(said), DEFAULT_SIGMA, said)
        sigma[[each not in known for each in range(COUNT)]] = 0.0
        latitude, longitude, _ = sensor.place.geodetic
        return cls(
            index=index,
            place=site.frame.to_enu(sensor.place.geodetic),
            axes=site.frame.axes_at(latitude, longitude),
            polar=sensor.kind not in _LOCATORS,
            mean=np.array(sensor.bias.mean),
            sigma=sigma,
        )

    def coordinates(self, points: Floats) -> Floats:
        """(n, 3) of `points` (n, 3) in the site's frame: range, azimuth, elevation, or the points themselves."""
        return enu_to_polar(_local(points - self.place, self.axes)) if self.polar else np.array(points)

    def points(self, coordinates: Floats) -> Floats:
        """(n, 3) in the site's frame, of (n, 3) coordinates as `coordinates` gives them."""
        if not self.polar:
            return np.array(coordinates)
        return _site(polar_to_enu(coordinates), self.axes) + self.place

    def slopes(self, points: Floats) -> Floats:
        """(n, 3, 3) H: derivatives of the coordinates of `points` (n, 3) by the place in the site's frame."""
        n = len(points)
        if not self.polar:
            return np.tile(np.eye(3), (n, 1, 1))
        local = _local(points - self.place, self.axes)
        east, north, up = local.T
        ground2 = np.maximum(east**2 + north**2, NEAR_M**2)
        ground, range2 = np.sqrt(ground2), np.maximum(ground2 + up**2, NEAR_M**2)
        distance = np.sqrt(range2)
        zero = np.zeros(n)
        H = np.stack(
            [
                np.stack([east, north, up], axis=-1) / distance[:, None],
                np.stack([north / ground2, -east / ground2, zero], axis=-1),
                np.stack([-east * up / (range2 * ground), -north * up / (range2 * ground), ground / range2], axis=-1),
            ],
            axis=1,
        )
        return _site_rows(H, self.axes)

    def effects(self, H: Floats, velocities: Floats) -> Floats:
        """(n, 3, 7) G: how the coordinates move with θ, at slopes H (n, 3, 3) for objects with velocities (n, 3)."""
        G = np.zeros((len(H), 3, COUNT))
        if self.polar:
            G[:, range(3), range(3)] = 1.0
        G[:, :, EAST : UP + 1] = -H
        G[:, :, TIME] = -(H * velocities[:, None, :]).sum(axis=2)
        return G

    def measured(self, detections: Detections) -> tuple[Floats, Floats]:
        """What it measured and its noise in its own coordinates: (n, 3) and (n, 3, 3), NaN where it did not measure."""
        z, R = detections.z[:, :3].copy(), detections.R[:, :3, :3].copy()
        if not self.polar:
            z[detections.geometry != Geometry.POSITION] = np.nan
            return z, R
        placed = np.flatnonzero(detections.geometry == Geometry.POSITION)
        if len(placed):
            point = z[placed]
            flat = np.isnan(point[:, 2])
            point[flat, 2] = self.place[2]
            noise = np.nan_to_num(R[placed])
            H = self.slopes(point)
            z[placed], R[placed] = self.coordinates(point), congruent(H, noise)
            level = placed[flat]
            z[level, ELEVATION] = R[level, ELEVATION, :] = R[level, :, ELEVATION] = np.nan
        return z, R


def congruent(A: Floats, S: Floats) -> Floats:
    """(n, k, k) A S Aᵀ, with the sums written out so that a row does not depend on its batch."""
    AS = (A[:, :, :, None] * S[:, None, :, :]).sum(axis=2)
    return np.asarray((AS[:, :, None, :] * A[:, None, :, :]).sum(axis=3))


def _local(vectors: Floats, axes: Floats) -> Floats:
    """Site's axes to the sensor's."""
    return np.asarray(vectors[:, 0, None] * axes[0] + vectors[:, 1, None] * axes[1] + vectors[:, 2, None] * axes[2])


def _site(vectors: Floats, axes: Floats) -> Floats:
    """Sensor's axes to the site's."""
    return _local(vectors, axes.T)


def _site_rows(H: Floats, axes: Floats) -> Floats:
    """Derivatives by the sensor's axes to derivatives by the site's."""
    return np.asarray((H[:, :, None, :] * axes[None, None, :, :]).sum(axis=3))


def corrected(mounting: Mounting, detections: Detections, bias: Floats, P: Floats) -> Detections:
    """Detections of one sensor with its bias taken off, and the doubt about it added to their noise.

    The added variance is at most the measurement's own: until much is known a sensor counts half as much as
    it says, and not nothing, for most sensors stand right.

    Args:
        bias: (7,) θ.
        P: (7, 7) its covariance; the clock's part counts as a doubt of `LIKELY_SPEED` times it.
    """
    z, R = detections.z.copy(), detections.R.copy()
    for geometry in (Geometry.POLAR, Geometry.POSITION):
        rows = np.flatnonzero(detections.geometry == geometry)
        if len(rows):
            take = _correct_polar if geometry == Geometry.POLAR else _correct_places
            z[rows, :3], R[rows, :3, :3] = take(mounting, z[rows, :3], R[rows, :3, :3], bias, P)
    columns = detections.columns() | {"z": z, "R": R}
    return Detections(**columns)


def _correct_polar(mounting: Mounting, z: Floats, R: Floats, bias: Floats, P: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(z)
    z = z - bias[:3]
    far = known[:, RANGE] & known[:, AZIMUTH]
    full = np.where(known, z, 0.0)
    full[:, RANGE] = np.maximum(np.where(far, full[:, RANGE], np.inf), NEAR_M)
    near = np.where(far[:, None], full, [1e6, 0.0, 0.0])
    points = mounting.points(near)
    if bias[EAST : UP + 1].any():
        moved = mounting.coordinates(points + bias[EAST : UP + 1])
        z = np.where(known & far[:, None], moved, z)
    z[:, AZIMUTH] = np.mod(z[:, AZIMUTH], 2.0 * np.pi)
    H = np.where(far[:, None, None], mounting.slopes(points), 0.0)  # unknown distance: the place's doubt is left out
    return z, R + _capped(_doubt(H, P, mounting.polar), R)


def _correct_places(mounting: Mounting, z: Floats, R: Floats, bias: Floats, P: Floats) -> tuple[Floats, Floats]:
    flat = np.isnan(z[:, 2])
    points = np.where(np.isnan(z), mounting.place, z)
    back = np.tile(np.eye(3), (len(z), 1, 1))
    own = mounting.coordinates(points)
    if mounting.polar:
        own[:, :3] -= bias[:3]
        back = _inverse(mounting.slopes(points))
    moved = mounting.points(own) + bias[EAST : UP + 1]
    moved[flat, 2] = np.nan
    H = mounting.slopes(points)
    return moved, R + _capped(congruent(back, _doubt(H, P, mounting.polar)), R)


def _doubt(H: Floats, P: Floats, polar: bool) -> Floats:
    """(n, 3, 3) covariance that a doubtful θ gives to coordinates with slopes H."""
    G = np.zeros((len(H), 3, COUNT))
    if polar:
        G[:, range(3), range(3)] = 1.0
    G[:, :, EAST : UP + 1] = -H
    place = congruent(G, np.tile(P, (len(H), 1, 1)))
    clock = (H[:, :, None, :] * H[:, None, :, :]).sum(axis=3) * (LIKELY_SPEED**2 * P[TIME, TIME])
    return np.asarray(place + clock)


def _capped(added: Floats, R: Floats) -> Floats:
    """`added`, scaled so that no variance more than doubles; NaN where R is."""
    own = np.diagonal(R, axis1=1, axis2=2)
    more = np.diagonal(added, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.sqrt(np.where(more > own, own / more, 1.0))
    return np.asarray(added * share[:, :, None] * share[:, None, :])


def _inverse(A: Floats) -> Floats:
    """(n, 3, 3) inverses by cofactors."""
    a, b, c = A[:, 0], A[:, 1], A[:, 2]
    adjugate = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=-1)
    return np.asarray(adjugate / (a * adjugate[:, :, 0]).sum(axis=1)[:, None, None])
