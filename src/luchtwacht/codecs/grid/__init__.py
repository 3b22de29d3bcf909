"""Grids of heights as files of them are made: the geoid's and the ground's.

| file | begins with | written by |
|---|---|---|
| Esri ASCII grid (`.asc`) | `ncols` | GDAL's AAIGrid, national surveys |
| GTX | eight big-endian numbers | PROJ's vertical datum grids, such as `egm96_15.gtx` and `egm08_25.gtx` |
| GeographicLib PGM | `P5` and a comment with `Offset` and `Scale` | GeographicLib's geoids, such as `egm2008-5.pgm` |
| SRTM (`.hgt`) | nothing: its place is its name, `N52E005.hgt` | NASA's radar topography |

All are in degrees of WGS 84. `cut` keeps what lies round a site, no finer than is of use there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from math import cos, isfinite

import numpy as np

from luchtwacht.errors import BadConfiguration
from luchtwacht.geodesy import Floats
from luchtwacht.model.ground import HeightGrid, grid_of
from luchtwacht.units import DEGREE

MOST_CELLS = 512 * 512
"""of a grid that becomes part of a site: over 60 km a cell of 120 m"""
_METRES_PER_DEGREE = 111_195.0
_LONGEST_SIDE = 1 << 20
"""rows or columns of any file of these kinds"""
_GTX_VOID = -88.8888
_SRTM_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_SRTM_VOID = -32_768


@dataclass(frozen=True, slots=True)
class Raster:
    """Heights at the crossings of a net, rows from north to south."""

    north: float
    west: float
    steps: tuple[float, float]
    """degrees between rows, and between columns"""
    heights: Floats
    """(rows, columns) m; NaN where not known"""


def read_grid(data: bytes, name: str) -> Raster:
    """A file of one of the kinds above.

    Raises:
        BadConfiguration: it is none of them, cut off, or says a place that is none.
    """
    if data[:5].lower() == b"ncols":
        made = _ascii(data, name)
    elif data[:2] == b"P5":
        made = _pgm(data, name)
    elif _SRTM_NAME.match(name) and len(data) in (2 * 1201**2, 2 * 3601**2):
        made = _srtm(data, name)
    elif len(data) > 40:
        made = _gtx(data, name)
    else:
        raise _unknown(name)
    rows, columns = made.heights.shape
    south = made.north - (rows - 1) * made.steps[0]
    if rows < 2 or columns < 2 or not (-90.1 <= south < made.north <= 90.1 and -360.1 <= made.west <= 360.1):
        raise BadConfiguration(
            f"its {rows:,} rows and {columns:,} columns from {made.north:g} N, {made.west:g} E are no place on earth",
            where=name,
            hint="the grid must be in degrees of WGS 84, not in metres of a projection",
        )
    return made


def _unknown(name: str) -> BadConfiguration:
    return BadConfiguration(
        "is no grid of heights",
        where=name,
        hint="an Esri ASCII grid (gdal_translate -of AAIGrid), GTX, GeographicLib PGM or SRTM file is read",
    )


def _ascii(data: bytes, name: str) -> Raster:
    head: dict[str, float] = {}
    try:
        lines = data.decode("ascii").splitlines()
        for line in islice(lines, 6):
            key, *value = line.split()
            if not key[0].isalpha():
                break
            head[key.lower()] = float(value[0])
        values = np.array(" ".join(lines[len(head) :]).split(), dtype=np.float64)
        rows, columns, step = int(head["nrows"]), int(head["ncols"]), head["cellsize"]
        heights = values.reshape(rows, columns)
        half = 0.0 if "xllcenter" in head else step / 2.0
        west = head.get("xllcenter", head.get("xllcorner", np.nan)) + half
        south = head.get("yllcenter", head.get("yllcorner", np.nan)) + half
    except (UnicodeDecodeError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise BadConfiguration(f"is no whole Esri ASCII grid: {error}", where=name) from error
    if not (isfinite(west) and isfinite(south) and step > 0.0):
        raise BadConfiguration("is an Esri ASCII grid that does not say where it lies", where=name)
    void = head.get("nodata_value", -9999.0)
    return Raster(south + (rows - 1) * step, west, (step, step), np.where(heights == void, np.nan, heights))


def _gtx(data: bytes, name: str) -> Raster:
    south, west, step_latitude, step_longitude = np.frombuffer(data[:32], ">f8").tolist()
    rows, columns = np.frombuffer(data[32:40], ">i4").tolist()
    if not (0 < rows < _LONGEST_SIDE and 0 < columns < _LONGEST_SIDE and len(data) == 40 + 4 * rows * columns):
        raise _unknown(name)
    heights = np.frombuffer(data, ">f4", offset=40).reshape(rows, columns)[::-1].astype(np.float64)
    heights = np.where(np.abs(heights - _GTX_VOID) < 1e-3, np.nan, heights)
    return Raster(south + (rows - 1) * step_latitude, west, (step_latitude, step_longitude), heights)


def _pgm(data: bytes, name: str) -> Raster:
    comments: dict[str, float] = {}
    at = 2
    numbers: list[int] = []
    try:
        while len(numbers) < 3:
            end = data.index(b"\n", at)
            line = data[at:end].strip()
            at = end + 1
            if line.startswith(b"#"):
                key, _, value = line[1:].strip().partition(b" ")
                if key in (b"Offset", b"Scale"):
                    comments[key.decode()] = float(value)
            else:
                numbers += [int(each) for each in line.split()]
        columns, rows, most = numbers
        if not (1 < rows < _LONGEST_SIDE and 1 < columns < _LONGEST_SIDE):
            raise ValueError(f"{columns} columns and {rows} rows")
        heights = np.frombuffer(data, ">u2", count=rows * columns, offset=at).reshape(rows, columns)
        scale, offset = comments["Scale"], comments["Offset"]
    except (ValueError, KeyError) as error:
        raise BadConfiguration(f"is no geoid of GeographicLib: {error}", where=name) from error
    if most != 65_535:
        raise BadConfiguration("is a picture, and no geoid of GeographicLib", where=name)
    return Raster(90.0, 0.0, (180.0 / (rows - 1), 360.0 / columns), offset + scale * heights.astype(np.float64))


def _srtm(data: bytes, name: str) -> Raster:
    found = _SRTM_NAME.match(name)
    assert found is not None
    side = 1201 if len(data) == 2 * 1201**2 else 3601
    south = float(found[2]) * (1.0 if found[1].upper() == "N" else -1.0)
    west = float(found[4]) * (1.0 if found[3].upper() == "E" else -1.0)
    heights = np.frombuffer(data, ">i2").reshape(side, side).astype(np.float64)
    step = 1.0 / (side - 1)
    return Raster(south + 1.0, west, (step, step), np.where(heights == _SRTM_VOID, np.nan, heights))


def cut(raster: Raster, name: str, latitude: float, longitude: float, within_km: float) -> HeightGrid:
    """What of a raster lies round a place (degrees): crossings within so many km north, south, east and west.

    Where that would be more than `MOST_CELLS`, each crossing kept is the mean of those round it.

    Raises:
        BadConfiguration: the raster does not reach the place.
    """
    rows, columns = raster.heights.shape
    far = within_km * 1e3 / _METRES_PER_DEGREE
    wide = far / max(cos(latitude * DEGREE), 0.01)
    turns = round((longitude - raster.west - (columns - 1) * raster.steps[1] / 2.0) / 360.0)
    west = raster.west + 360.0 * turns
    row, column = (raster.north - latitude) / raster.steps[0], (longitude - west) / raster.steps[1]
    if not (0.0 <= row <= rows - 1 and 0.0 <= column <= columns - 1):
        raise BadConfiguration(
            f"does not reach the site, at {latitude:g} N, {longitude:g} E",
            where=name,
            hint=f"it covers {raster.north - (rows - 1) * raster.steps[0]:g} to {raster.north:g} N, "
            f"{raster.west:g} to {raster.west + (columns - 1) * raster.steps[1]:g} E",
        )
    top, bottom = _span(row, far / raster.steps[0], rows)
    left, right = _span(column, wide / raster.steps[1], columns)
    part = raster.heights[top:bottom, left:right]
    factor = max(int(np.ceil(np.sqrt(part.size / MOST_CELLS))), 1)
    north, first = raster.north - top * raster.steps[0], west + left * raster.steps[1]
    if factor > 1:
        part = _thinned(part, factor)
        north -= (factor - 1) / 2.0 * raster.steps[0]
        first += (factor - 1) / 2.0 * raster.steps[1]
    return grid_of(name, north, first, (raster.steps[0] * factor, raster.steps[1] * factor), part)


def _span(middle: float, far: float, count: int) -> tuple[int, int]:
    """First and past-last index within `far` of `middle`, at least two."""
    first = max(int(np.floor(middle - far)), 0)
    last = min(int(np.ceil(middle + far)) + 1, count)
    return min(first, count - 2), max(last, first + 2)


def _thinned(heights: Floats, factor: int) -> Floats:
    """Means of squares; a square without a known height has none."""
    rows, columns = (size // factor * factor for size in heights.shape)
    squares = heights[:rows, :columns].reshape(rows // factor, factor, columns // factor, factor)
    known = np.isfinite(squares)
    count = known.sum(axis=(1, 3))
    total = np.where(known, squares, 0.0).sum(axis=(1, 3))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
