"""From weighed points to a map, and from a map to the areas that are told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from luchtwacht.model import Floats
from luchtwacht.tracking.land import Land
from luchtwacht.units import DEGREE

MOST_CELLS, CELLS_A_KERNEL = 320, 2.5
"""cells along either axis of the map, beyond which they grow; they also grow where the map is smooth anyhow, up to this
part of its kernel"""
KERNEL_CLASSES = 9
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
    """The weighed points as a density on a grid: kernels that are wider where points are few (Abramson 1982).

    The kernels lie as the points do, narrow across where those lie in a line: a radar measures range ten times better
    than what lies across, and a round kernel would undo that.

    Args:
        points: (n, 2) east, north (m).
        weight: (n,) that sums to 1.
        effective: number of equally weighed points that would say as much.
        cell: m, least size of a cell.

    Returns:
        middles of the cells' columns and rows (m), their size, and the probability of each (rows, columns).
    """
    axes, core = _spread(points, weight)
    width = np.maximum(core * effective ** (-1.0 / 6.0) * SHARPER, 0.5 * cell)
    kernel = (axes * width**2) @ axes.T
    low, high = np.array([quantiles(points[:, axis], weight, (0.002, 0.998)) for axis in (0, 1)]).T
    margin = 4.0 * np.sqrt(np.diagonal(kernel)) + cell
    low, high = low - margin, high + margin
    size = max(cell, float(width.min()) / CELLS_A_KERNEL, float((high - low).max()) / MOST_CELLS)
    width, narrow = np.maximum(width / size, 0.5), 0.5  # in cells; narrower across a slope would fall between them
    kernel = (axes * width**2) @ axes.T
    begin = np.floor(low / size) * size
    columns, rows = (int(np.ceil(each)) for each in (high - begin) / size)
    edges = [begin[0] + size * np.arange(columns + 1), begin[1] + size * np.arange(rows + 1)]
    pilot = _blurred([_count(points, weight, edges)], [kernel])
    column = np.clip(((points[:, 0] - begin[0]) / size).astype(np.int64), 0, columns - 1)
    row = np.clip(((points[:, 1] - begin[1]) / size).astype(np.int64), 0, rows - 1)
    density = pilot
    for _ in range(2):  # the first sees every lone point as a peak of its own
        there = np.maximum(density[row, column], 1e-12 * density.max())
        middle = np.exp(weight @ np.log(there))
        octave = np.clip(np.round(0.5 * np.log2(middle / there)), -1, KERNEL_CLASSES - 2)
        classes = np.unique(octave).tolist()
        counts = [_count(points[octave == each], weight[octave == each], edges) for each in classes]
        density = _blurred(counts, [(axes * np.maximum(width * 2.0**each, narrow) ** 2) @ axes.T for each in classes])
    density /= density.sum()
    density.flags.writeable = False
    return edges[0][:-1] + 0.5 * size, edges[1][:-1] + 0.5 * size, size, density


def _spread(points: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Axes (2, 2), by columns, along which the inner half of the points lies, and how far along each: the standard
    deviation (2,) of a Gaussian with the same quartiles."""
    middle = np.array([quantiles(points[:, axis], weight, (0.5,))[0] for axis in (0, 1)])
    off = points - middle
    away = np.hypot(*off.T)
    inner = np.where(away <= quantiles(away, weight, (0.5,))[0], weight, 0.0)
    _, axes = np.linalg.eigh((off * inner[:, None]).T @ off)
    quarters = np.array([quantiles(off @ axes[:, axis], weight, (0.25, 0.75)) for axis in (0, 1)])
    return np.asarray(axes), (quarters[:, 1] - quarters[:, 0]) / 1.349


def _blurred(counts: list[Floats], kernels: list[Floats]) -> Floats:
    """The sum of `counts` (rows, columns), each spread by a Gaussian of covariance (2, 2), east and north in cells.

    What falls beyond the map is lost. Kernels are laid out in space: one narrower than a cell, given by its
    frequencies, would ring across the whole map (ADR 0156).
    """
    from scipy.fft import irfft2, next_fast_len, rfft2  # not above: a watch that starts again shows its alerts first

    rows, columns = counts[0].shape
    widest = 3.0 * np.sqrt(np.max([np.diagonal(kernel) for kernel in kernels], axis=0))
    high = next_fast_len(rows + min(int(widest[1]) + 1, rows), real=True)
    wide = next_fast_len(columns + min(int(widest[0]) + 1, columns), real=True)
    v, u = np.fft.fftfreq(high, 1.0 / high)[:, None], np.fft.fftfreq(wide, 1.0 / wide)
    total = np.zeros((high, wide // 2 + 1), np.complex128)
    for count, kernel in zip(counts, kernels, strict=True):
        (a, b), (_, d) = np.linalg.inv(kernel)
        spread = np.exp(-0.5 * (a * u**2 + 2.0 * b * u * v + d * v**2))
        total += rfft2(count, (high, wide)) * rfft2(spread / spread.sum())
    return np.maximum(irfft2(total, (high, wide))[:rows, :columns], 0.0)


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
        polygons_degrees=_degrees(polygons, land),
    )  # fmt: skip


def _degrees(polygons: tuple[tuple[Floats, ...], ...], land: Land) -> tuple[tuple[Floats, ...], ...]:
    """The same rings as longitude and latitude in degrees, of points on the ground."""
    rings = [ring for rings in polygons for ring in rings]
    places = np.concatenate(rings)
    geodetic = land.site.frame.from_enu(np.column_stack([places, land.up(places, land.level(places))]))
    there = iter(np.split(geodetic[:, 1::-1] / DEGREE, np.cumsum([len(ring) for ring in rings[:-1]])))
    return tuple(tuple(next(there) for _ in rings) for rings in polygons)


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
