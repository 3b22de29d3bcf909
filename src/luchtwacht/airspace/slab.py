"""A zone cut into slabs of height, in each of which it has one outline.

A zone is the union of its volumes, which may lie over, under and inside one another. Between two neighbouring height
limits the union is one flat shape, so the probability of the zone is a sum over slabs, without counting twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from luchtwacht.model import Site, Zone
from luchtwacht.model.region import region_of


@dataclass(frozen=True, slots=True)
class Slab:
    """A flat piece of a zone, between two heights."""

    lower: float
    """m above the ellipsoid; -inf at the ground"""
    upper: float
    """m above the ellipsoid; inf when unlimited"""
    outline: Polygon | MultiPolygon
    """east, north (m), site's frame"""
    edges: NDArray[np.float64]
    """(k, 4) x1, y1, x2, y2 (m); outer rings anticlockwise, holes clockwise"""


def slabs_of(zone: Zone, site: Site) -> tuple[Slab, ...]:
    """The slabs of `zone`, from the lowest up; they do not overlap.

    Raises:
        BadConfiguration: a volume cannot be, or there is none.
    """
    regions = [
        region_of(volume, site, where=f"zone {zone.id}, volume {number}")
        for number, volume in enumerate(zone.volumes, start=1)
    ]
    slabs: list[Slab] = []
    for lower, upper in pairwise(sorted({limit for region in regions for limit in (region.lower, region.upper)})):
        pieces = [region.footprint for region in regions if region.lower <= lower and upper <= region.upper]
        if not pieces:
            continue
        outline = pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)
        slabs.append(Slab(lower, upper, outline, _edges(outline)))
    return tuple(slabs)


def _edges(outline: Polygon | MultiPolygon) -> NDArray[np.float64]:
    """Every edge of every ring, in the direction that keeps the inside on the left."""
    found = []
    for part in shapely.get_parts(shapely.orient_polygons(outline)):
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring)
            edges = np.concatenate([corners[:-1], corners[1:]], axis=1)
            found.append(edges[np.any(edges[:, :2] != edges[:, 2:], axis=1)])
    return np.concatenate(found)
