"""Heights of the sea and of the ground over the land round a site, as grids in latitude and longitude.

A grid is part of the site, so that the record holds it and a replay needs no file. Where a grid does not reach, the
site's own figures hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

VOID = -32_768
"""stands for a height that is not known"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightGrid:
    """Heights at the crossings of a regular net, rows from north to south, each from west to east."""

    name: str
    """file it was read from"""
    north: float
    """degrees, of the first row"""
    west: float
    """degrees, of the first column"""
    step_latitude: float
    """degrees between rows"""
    step_longitude: float
    """degrees between columns"""
    columns: int
    unit_m: float
    """m, of one in `heights`"""
    heights: bytes
    """int16, little-endian, row by row; `VOID` where it is not known"""

    @property
    def table(self) -> NDArray[np.int16]:
        """(rows, columns) in `unit_m`."""
        return np.frombuffer(self.heights, dtype="<i2").reshape(-1, self.columns)

    def at(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
        """Heights (m) of (...) places, bilinear between four crossings; NaN outside and beside a void."""
        table = self.table
        row = (self.north - np.asarray(latitude_deg, np.float64)) / self.step_latitude
        column = (np.asarray(longitude_deg, np.float64) - self.west) / self.step_longitude
        last_row, last_column = table.shape[0] - 1, table.shape[1] - 1
        inside = (row >= 0.0) & (row <= last_row) & (column >= 0.0) & (column <= last_column)
        row, column = np.where(inside, row, 0.0), np.where(inside, column, 0.0)
        i = np.minimum(row.astype(np.int64), max(last_row - 1, 0))
        j = np.minimum(column.astype(np.int64), max(last_column - 1, 0))
        south, east = np.minimum(i + 1, last_row), np.minimum(j + 1, last_column)
        down, right = row - i, column - j
        corners = np.stack([table[i, j], table[i, east], table[south, j], table[south, east]]).astype(np.float64)
        shares = np.stack([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right])
        void = ((corners == VOID) & (shares > 0.0)).any(axis=0)
        found = (np.where(corners == VOID, 0.0, corners) * shares).sum(axis=0) * self.unit_m
        return np.where(inside & ~void, found, np.nan)


def grid_of(name: str, north: float, west: float, steps: tuple[float, float], heights: Floats) -> HeightGrid:
    """A grid of (rows, columns) heights (m) with NaN where one is not known, in the finest unit that holds them.

    Args:
        steps: degrees between rows, and between columns.
    """
    highest = float(np.nanmax(np.abs(heights), initial=1.0))
    unit = max(0.01, float(np.ceil(highest / 32_000 * 100.0) / 100.0))
    counts = np.where(np.isnan(heights), VOID, np.rint(np.nan_to_num(heights) / unit)).astype("<i2")
    return HeightGrid(
        name=name,
        north=north,
        west=west,
        step_latitude=steps[0],
        step_longitude=steps[1],
        columns=heights.shape[1],
        unit_m=unit,
        heights=counts.tobytes(),
    )
