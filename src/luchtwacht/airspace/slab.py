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
from luchtwacht.model.region import Levels, limits_of, region_of

_MOST_LEVELS = 256
"""of a zone, kept at once: the ground under a zone is asked for in whole metres"""


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


class Outlines:
    """The outlines of a zone's volumes, from which its slabs are cut wherever the ground lies.

    Args:
        zone: at least one volume.

    Raises:
        BadConfiguration: a volume cannot be.
    """

    def __init__(self, zone: Zone, site: Site) -> None:
        regions = [
            region_of(volume, site, where=f"zone {zone.id}, volume {number}")
            for number, volume in enumerate(zone.volumes, start=1)
        ]
        self._volumes = zone.volumes
        self._footprints = [region.footprint for region in regions]
        self._whole = shapely.union_all(self._footprints) if len(regions) > 1 else regions[0].footprint
        self._cut: dict[Levels, tuple[Slab, ...]] = {}

    @property
    def footprint(self) -> Polygon | MultiPolygon:
        """Everything the zone lies over."""
        return self._whole

    def slabs(self, levels: Levels) -> tuple[Slab, ...]:
        """The slabs where ground and sea lie at `levels`, from the lowest up; they do not overlap."""
        found = self._cut.get(levels)
        if found is None:
            if len(self._cut) >= _MOST_LEVELS:
                self._cut.clear()
            found = self._cut[levels] = self._slabs(levels)
        return found

    def _slabs(self, levels: Levels) -> tuple[Slab, ...]:
        limits = [limits_of(volume, levels) for volume in self._volumes]
        standing = [(*each, shape) for each, shape in zip(limits, self._footprints, strict=True) if each[0] < each[1]]
        slabs: list[Slab] = []
        for lower, upper in pairwise(sorted({limit for low, high, _ in standing for limit in (low, high)})):
            pieces = [shape for low, high, shape in standing if low <= lower and upper <= high]
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
