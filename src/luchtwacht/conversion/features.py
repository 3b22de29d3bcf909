"""Places and ways on the globe, from tables: what GeoJSON and KML draw.

Rows that follow one another under the same name are one way; after a silence of `LONGEST_SILENCE_S` a name stands for
another object, as track numbers are used again. Rows without a name of their own are places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.conversion.table import Table, known
from luchtwacht.units import SECOND_NS

LONGEST_SILENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Spot:
    """One row on the globe."""

    table: str
    longitude: float
    latitude: float
    height: float | None
    """m above the ellipsoid"""
    time: str
    """ISO 8601 with Z; "" when the row does not say"""
    properties: dict[str, Any]
    """everything known of the row"""


@dataclass(slots=True)
class Way:
    """Rows of one object, in order."""

    table: str
    name: str
    points: list[tuple[float, float, float | None]] = field(default_factory=list)
    """longitude, latitude, height"""
    times: list[str] = field(default_factory=list)
    last_ns: int = -1


class Ways:
    """Ways as they grow.

    Args:
        rows_alone: every row is a place, whatever its name.
    """

    def __init__(self, *, rows_alone: bool = False) -> None:
        self._rows_alone = rows_alone
        self._open: dict[tuple[str, str], Way] = {}
        self.done: list[Way] = []

    def take(self, table: Table) -> Iterator[Spot]:
        """Add rows to their ways; those that have none are given back as places."""
        where = table.where
        if where is None:
            return
        latitude, longitude = table.columns[where.latitude], table.columns[where.longitude]
        assert not isinstance(latitude, Ragged)
        assert not isinstance(longitude, Ragged)
        rows = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
        if not len(rows):
            return
        heights = _column(table, where.height, rows)
        times_ns, times = _times(table, where.time, rows)
        series = _column(table, where.series, rows) if not self._rows_alone else [None] * len(rows)
        whole = _properties(table, rows) if any(name is None for name in series) else []
        pairs = zip(longitude[rows].tolist(), latitude[rows].tolist(), strict=True)
        for at, (east, north) in enumerate(pairs):
            name, height = series[at], heights[at]
            if name is None:
                yield Spot(table.name, east, north, height, times[at], whole[at])
            else:
                way = self._way(table.name, str(name), times_ns[at])
                way.points.append((east, north, height))
                way.times.append(times[at])

    def _way(self, table: str, name: str, time_ns: int) -> Way:
        way = self._open.get((table, name))
        if way is not None and time_ns - way.last_ns > LONGEST_SILENCE_S * SECOND_NS >= 0 <= way.last_ns:
            self.done.append(way)
            way = None
        if way is None:
            way = self._open[table, name] = Way(table, name)
        way.last_ns = max(way.last_ns, time_ns)
        return way

    def close(self) -> list[Way]:
        """Every way, in order of table and name, then of time."""
        ways = [*self.done, *self._open.values()]
        return sorted(ways, key=lambda way: (way.table, len(way.name), way.name, way.times[0]))


def _column(table: Table, name: str, rows: np.ndarray) -> list[Any]:
    """Values at `rows`; none where one is not known, or there is no such column."""
    if not name:
        return [None] * len(rows)
    values = table.columns[name]
    assert not isinstance(values, Ragged)
    chosen = values[rows]
    sure = known(chosen).tolist()
    return [value if ok else None for value, ok in zip(chosen.tolist(), sure, strict=True)]


def _times(table: Table, name: str, rows: np.ndarray) -> tuple[list[int], list[str]]:
    values = table.columns.get(name)
    if values is None or isinstance(values, Ragged):
        return [-1] * len(rows), [""] * len(rows)
    chosen = values[rows]
    sure = known(chosen)
    written = np.where(sure, np.char.add(np.datetime_as_string(chosen, unit="ms"), "Z"), "")
    return np.where(sure, chosen.view(np.int64), -1).tolist(), written.tolist()


def _properties(table: Table, rows: np.ndarray) -> list[dict[str, Any]]:
    """Everything known of each row but its place."""
    where = table.where
    assert where is not None
    made: list[dict[str, Any]] = [{} for _ in range(len(rows))]
    for name, values in table.columns.items():
        if name in (where.latitude, where.longitude, where.height):
            continue
        if isinstance(values, Ragged):
            for each, row in zip(made, rows.tolist(), strict=True):
                if len(values[row]):
                    each[name] = values[row].tolist()
            continue
        chosen = values[rows]
        plain = np.char.add(np.datetime_as_string(chosen, unit="ms"), "Z") if chosen.dtype.kind == "M" else chosen
        for each, value, ok in zip(made, plain.tolist(), known(chosen).tolist(), strict=True):
            if ok:
                each[name] = value
    return made
