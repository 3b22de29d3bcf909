"""From weighed points to a map, and from a map to the areas that are told."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np
import shapely

from luchtwacht.model import Floats
from luchtwacht.tracking.land import Land
from luchtwacht.units import DEGREE

MOST_CELLS, CELLS_A_KERNEL = 320, 2.5
"""cells along either axis of the map, beyond which they grow; they also grow where the map is smooth anyhow, up to this
part of its kernel"""
KERNEL_CLASSES = 6
SHARPER = 0.7
"""classes of kernel width, each twice the last; and the share taken of the width that is best for one Gaussian, since
every kernel makes areas a little too large"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contour:
    """The smallest area that holds the take-off point with a given probability."""

    probability: float
    area: float
    """m^2"""
    polygons: tuple[tuple[Floats, ...], ...]
    """each a tuple of closed rings (k, 2), the outer one and then holes; east, north (m), site's frame"""
    polygons_degrees: tuple[tuple[Floats, ...], ...]
    """the same rings as longitude, latitude (degrees), in the order of RFC 7946"""


def probability_map(
    points: Floats, weight: Floats, effective: float, cell: float
) -> tuple[Floats, Floats, float, Floats]:
    """The weighed points as a density on a grid: kernels that are wider where points are few (Abramson 1982)."""
    from scipy.ndimage import (
        gaussian_filter,
    )  # not above: a watch that starts again shows its alerts before it needs this

    low, lower, upper, high = np.array(
        [quantiles(points[:, axis], weight, (0.002, 0.25, 0.75, 0.998)) for axis in (0, 1)]
    ).T
    core = (upper - lower) / 1.349
    kernel = max(float(hypot(*core)) / 2.0**0.5 * effective ** (-1.0 / 6.0) * SHARPER, 0.5 * cell)
    low, high = low - 4.0 * kernel - cell, high + 4.0 * kernel + cell
    size = max(cell, kernel / CELLS_A_KERNEL, float((high - low).max()) / MOST_CELLS)
    begin = np.floor(low / size) * size
    columns, rows = (int(np.ceil(each)) for each in (high - begin) / size)
    edges = [begin[0] + size * np.arange(columns + 1), begin[1] + size * np.arange(rows + 1)]
    pilot = gaussian_filter(_count(points, weight, edges), max(kernel / size, 0.5), mode="constant")
    column = np.clip(((points[:, 0] - begin[0]) / size).astype(np.int64), 0, columns - 1)
    row = np.clip(((points[:, 1] - begin[1]) / size).astype(np.int64), 0, rows - 1)
    there = np.maximum(pilot[row, column], 1e-12 * pilot.max())
    middle = np.exp(weight @ np.log(there))
    octave = np.clip(np.round(0.5 * np.log2(middle / there)), -1, KERNEL_CLASSES - 2)
    density = np.zeros((rows, columns))
    for each in np.unique(octave).tolist():
        some = octave == each
        spread = max(kernel * 2.0**each / size, 0.5)
        density += gaussian_filter(_count(points[some], weight[some], edges), spread, mode="constant")
    density = np.maximum(density, 0.0)
    density /= density.sum()
    density.flags.writeable = False
    return edges[0][:-1] + 0.5 * size, edges[1][:-1] + 0.5 * size, size, density


def _count(points: Floats, weight: Floats, edges: list[Floats]) -> Floats:
    """(rows, columns) weight in each cell."""
    return np.asarray(np.histogram2d(points[:, 1], points[:, 0], (edges[1], edges[0]), weights=weight)[0])


def contour_of(east: Floats, north: Floats, cell: float, density: Floats, share: float, land: Land) -> Contour:
    """The likeliest cells that together hold `share`, as polygons along their edges."""
    falling = np.sort(density, axis=None)[::-1]
    least = falling[min(int(np.searchsorted(np.cumsum(falling), share)), falling.size - 1)]
    chosen = density >= least
    padded = np.pad(chosen, ((0, 0), (1, 1))).astype(np.int8)
    row, begin = np.nonzero(np.diff(padded, axis=1) == 1)
    _, end = np.nonzero(np.diff(padded, axis=1) == -1)
    west, south = east[0] - 0.5 * cell, north[0] - 0.5 * cell
    runs = shapely.box(west + begin * cell, south + row * cell, west + end * cell, south + (row + 1) * cell)
    area = shapely.union_all(runs).simplify(0.0)
    shapes = [area] if area.geom_type == "Polygon" else list(getattr(area, "geoms", []))
    polygons = tuple(
        tuple(np.asarray(ring.coords, np.float64) for ring in (shape.exterior, *shape.interiors)) for shape in shapes
    )
    return Contour(
        probability=share, area=float(area.area), polygons=polygons,
        polygons_degrees=tuple(tuple(_degrees(ring, land) for ring in rings) for rings in polygons),
    )  # fmt: skip


def _degrees(ring: Floats, land: Land) -> Floats:
    """(k, 2) longitude and latitude in degrees of points on the ground."""
    geodetic = land.site.frame.from_enu(np.column_stack([ring, land.up(ring, land.level(ring))]))
    return np.asarray(geodetic[:, 1::-1] / DEGREE)


def middle(points: Floats, weight: Floats) -> Floats:
    """The point whose mean distance to all is least (Weiszfeld 1937)."""
    at = np.array([quantiles(points[:, axis], weight, (0.5,))[0] for axis in (0, 1)])
    for _ in range(60):
        pull = weight / np.maximum(np.hypot(*(points - at).T), 0.1)
        before, at = at, pull @ points / pull.sum()
        if np.abs(at - before).max() < 0.05:
            break
    return np.asarray(at)


def quantiles(values: Floats, weight: Floats, shares: tuple[float, ...]) -> list[float]:
    """Of weighed values."""
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(weight[order])
    return [float(values[order[min(int(np.searchsorted(up_to, share)), len(order) - 1)]]) for share in shares]
