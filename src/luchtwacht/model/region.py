"""A declared volume in a site's own frame: an outline in east and north, and two ellipsoidal heights.

Heights stay above the ellipsoid and are not turned into the frame's up, because 20 km from the origin the two differ by
31 m. A limit over the ground or the sea is at another height wherever those are: `Levels` says where one asks.
Not exported by `luchtwacht.model`: it imports Shapely, which few need.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import acos, ceil, inf, isfinite, pi, sin, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from luchtwacht.errors import BadConfiguration
from luchtwacht.model.site import Site
from luchtwacht.model.zone import Circle, HeightReference, Volume
from luchtwacht.units import DEGREE

Floats = NDArray[np.float64]
LONGEST_EDGE_M = 5_000.0
"""An edge is straight in longitude and latitude (RFC 7946, 3.1.1); chords this short stay within 1 m of it up to 60
degrees of latitude."""
CIRCLE_SAGITTA_M = 0.2
"""how far a circle's polygon may be from the circle"""


@dataclass(frozen=True, slots=True)
class Region:
    """A volume in a site's frame."""

    footprint: Polygon | MultiPolygon
    """east, north (m), site's frame; valid in Shapely's sense"""
    lower: float
    """m above the ellipsoid; -inf where the volume begins at the ground or below it, so that a height estimated below
    ground counts as on it"""
    upper: float
    """m above the ellipsoid; inf when unlimited"""


@dataclass(frozen=True, slots=True)
class Levels:
    """The two surfaces that heights are counted from, at one place."""

    ground: float
    """m above the ellipsoid"""
    sea: float
    """m above the ellipsoid"""

    @classmethod
    def of(cls, site: Site) -> Levels:
        """At the site's origin."""
        return cls(site.ground_height_m + site.geoid_undulation_m, site.geoid_undulation_m)

    def above_ellipsoid(self, height: float, reference: HeightReference) -> float:
        """m above the ellipsoid of a height over `reference`."""
        match reference:
            case HeightReference.AGL:
                return height + self.ground
            case HeightReference.AMSL:
                return height + self.sea
            case HeightReference.WGS84:
                return height


def region_of(volume: Volume, site: Site, where: str = "") -> Region:
    """`volume` in the frame of `site`, its heights as at the site's origin.

    Args:
        where: what to name in errors, such as `zone x, volume 1`.

    Raises:
        BadConfiguration: neither or both of circle and polygon, an impossible place or size, or an upper height that
            is not above the lower one.
    """
    footprint = footprint_of(volume, site, where)
    lower, upper = limits_of(volume, Levels.of(site))
    if upper <= lower and (volume.lower_reference == volume.upper_reference or site.terrain is None):
        raise BadConfiguration(
            f"upper height {volume.upper:g} m {volume.upper_reference} is not above the lower one, "
            f"{volume.lower:g} m {volume.lower_reference}",
            where=where,
        )
    return Region(footprint, lower, upper)


def footprint_of(volume: Volume, site: Site, where: str = "") -> Polygon | MultiPolygon:
    """The outline of `volume`; raises as `region_of`, but for heights only where one is no number."""
    if (volume.circle is None) == (volume.polygon is None):
        raise BadConfiguration("a volume needs just one of circle and polygon", where=where)
    for height in (volume.lower, 0.0 if volume.upper is None else volume.upper):
        if not isfinite(height):
            raise BadConfiguration(f"height {height} is no number of metres", where=where)
    ground = Levels.of(site).ground
    if volume.circle is not None:
        return _circle(volume.circle, site, ground, where)
    return _polygon(volume.polygon or (), site, ground, where)


def limits_of(volume: Volume, levels: Levels) -> tuple[float, float]:
    """Lower and upper limit (m above the ellipsoid) where the ground and the sea lie at `levels`.

    The lower is -inf where the volume begins at the ground or below it, the upper inf when it is unlimited. Where a
    volume over the sea lies wholly in a mountain, the upper is not above the lower.
    """
    lower = levels.above_ellipsoid(volume.lower, volume.lower_reference)
    upper = inf if volume.upper is None else levels.above_ellipsoid(volume.upper, volume.upper_reference)
    return (-inf if lower <= levels.ground else lower), upper


def limits_over(volume: Volume, ground: Floats, sea: Floats) -> tuple[Floats, Floats]:
    """As `limits_of`, at (n,) places with their ground and sea (m above the ellipsoid)."""

    def above(height: float, reference: HeightReference) -> Floats:
        surface = {HeightReference.AGL: ground, HeightReference.AMSL: sea, HeightReference.WGS84: np.zeros_like(sea)}
        return surface[reference] + height

    lower = above(volume.lower, volume.lower_reference)
    upper = np.full_like(sea, inf) if volume.upper is None else above(volume.upper, volume.upper_reference)
    return np.where(lower <= ground, -inf, lower), upper


def _check_place(longitude: float, latitude: float, where: str) -> None:
    if not (-180.0 <= longitude <= 180.0 and -90.0 <= latitude <= 90.0):
        raise BadConfiguration(
            f"longitude {longitude:g}, latitude {latitude:g} is no place on earth",
            where=where,
            hint="positions are longitude first, in degrees",
        )


def _circle(circle: Circle, site: Site, ground: float, where: str) -> Polygon:
    """A polygon of the same area as the circle."""
    _check_place(circle.longitude, circle.latitude, where)
    if not (0.0 < circle.radius < inf):
        raise BadConfiguration(f"radius {circle.radius:g} m is not positive", where=where)
    frame = site.frame
    corners = 4 * ceil(pi / acos(max(1.0 - CIRCLE_SAGITTA_M / circle.radius, 0.9)) / 4.0)
    corners = min(max(corners, 32), 512)
    radius = circle.radius * sqrt(2.0 * pi / corners / sin(2.0 * pi / corners))
    azimuth = np.arange(corners) * (2.0 * pi / corners)
    here = np.stack([radius * np.sin(azimuth), radius * np.cos(azimuth), np.zeros(corners)], axis=-1)
    latitude, longitude = circle.latitude * DEGREE, circle.longitude * DEGREE
    enu = frame.to_enu([latitude, longitude, ground]) + here @ frame.axes_at(latitude, longitude).T
    return Polygon(enu[:, :2])


def _polygon(
    rings: tuple[tuple[tuple[float, float], ...], ...], site: Site, ground: float, where: str
) -> Polygon | MultiPolygon:
    """Rings of longitude and latitude; a ring that crosses itself is mended by the even-odd rule and its like."""
    if not rings:
        raise BadConfiguration("a polygon without rings", where=where)
    for ring in rings:
        for longitude, latitude in ring:
            _check_place(longitude, latitude, where)
        if len(set(ring)) < 3:
            raise BadConfiguration("a ring needs at least three different corners", where=where)
    if Polygon(rings[0]).area == 0.0:
        raise BadConfiguration("the polygon encloses nothing: its corners lie on a line", where=where)
    projected = [_project(ring, site, ground) for ring in rings]
    shape = Polygon(projected[0], projected[1:])
    if not shape.is_valid:
        shape = _surfaces(shapely.make_valid(shape))
    if shape.is_empty or shape.area <= 0.0:
        raise BadConfiguration("the polygon encloses nothing", where=where)
    return shape


def _project(ring: tuple[tuple[float, float], ...], site: Site, ground: float) -> NDArray[np.float64]:
    """Corners and points between them, (n, 2) east and north (m)."""
    corners = np.asarray(ring, dtype=np.float64) * DEGREE
    if ring[0] != ring[-1]:
        corners = np.concatenate([corners, corners[:1]])
    points = []
    for (lon1, lat1), (lon2, lat2) in pairwise(corners):
        length = 6_371_000.0 * np.hypot((lon2 - lon1) * np.cos(lat1), lat2 - lat1)
        parts = np.arange(max(1, ceil(length / LONGEST_EDGE_M))) / max(1, ceil(length / LONGEST_EDGE_M))
        points.append(np.stack([lat1 + parts * (lat2 - lat1), lon1 + parts * (lon2 - lon1)], axis=-1))
    geodetic = np.concatenate(points)
    heights = np.full((len(geodetic), 1), ground)
    return site.frame.to_enu(np.concatenate([geodetic, heights], axis=-1))[:, :2]


def _surfaces(shape: shapely.Geometry) -> Polygon | MultiPolygon:
    """The parts of `shape` that have an area."""
    parts = [part for part in shapely.get_parts(shape, return_index=False) if part.area > 0.0]
    flat: list[Polygon] = []
    for part in parts:
        flat += list(part.geoms) if isinstance(part, MultiPolygon) else [part]
    return MultiPolygon(flat) if len(flat) != 1 else flat[0]
