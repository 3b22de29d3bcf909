"""Truth as a value to hold estimates against: read from a GPS log, or looked up between its samples."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from typing import Any, TextIO, cast

import numpy as np
from numpy.typing import NDArray

from luchtwacht.errors import BadRecording
from luchtwacht.model import UAS_CATEGORIES, Category, Site, Truth
from luchtwacht.units import DEGREE, SECOND_NS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_GAP_NS = 5 * SECOND_NS
"""between two samples farther apart than this, nobody knows where the object was"""

TRUTH_COLUMNS = (
    "object", "time_ns", "category", "permitted", "latitude", "longitude", "height", "east", "north", "up",
)  # fmt: skip
"""of our own truth files: name, ns UTC, `Category` by name, 1, 0 or -1, degrees, degrees, m above the ellipsoid, and
the velocity in m/s, empty where not known"""

_LATITUDE, _LONGITUDE, _ALTITUDE, _TIME, _FLYING = "latitude", "longitude", "altitude(m)", "timestamp", "isflying"


@dataclass(frozen=True)
class Courses:
    """The truth by object, ready to be asked for any moment."""

    names: tuple[str, ...]
    """(m,) in order of appearance"""
    category: NDArray[np.int8]
    """(m,) `Category`"""
    permitted: NDArray[np.int8]
    """(m,) as `Truth.permitted`"""
    times: tuple[Ints, ...]
    """(m,) of (k,) ns UTC"""
    position: tuple[Floats, ...]
    """(m,) of (k, 3)"""
    velocity: tuple[Floats, ...]
    """(m,) of (k, 3)"""

    @property
    def is_drone(self) -> NDArray[np.bool_]:
        """(m,)"""
        return np.isin(self.category, [int(each) for each in UAS_CATEGORIES])

    def at(self, row: int, time_ns: Ints) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Position and velocity (k, 3) of one object at `time_ns` (k,), and whether it is known to exist then.

        Linear between samples; where the log gives no velocity, the slope between them.
        """
        times, position = self.times[row], self.position[row]
        after = np.clip(np.searchsorted(times, time_ns), 1, max(len(times) - 1, 1))
        if len(times) < 2:
            known = time_ns == times[0]
            return np.repeat(position, len(time_ns), axis=0), np.repeat(self.velocity[row], len(time_ns), axis=0), known
        step = times[after] - times[after - 1]
        share = ((time_ns - times[after - 1]) / np.maximum(step, 1))[:, None]
        here = position[after - 1] + share * (position[after] - position[after - 1])
        rate = self.velocity[row][after - 1] + share * (self.velocity[row][after] - self.velocity[row][after - 1])
        slope = (position[after] - position[after - 1]) / np.maximum(step / SECOND_NS, 1e-9)[:, None]
        known = (time_ns >= times[0]) & (time_ns <= times[-1]) & (step <= LONGEST_GAP_NS)
        return here, np.where(np.isfinite(rate), rate, slope), np.asarray(known)


def courses(truth: Truth) -> Courses:
    """Cut the truth into one course an object."""
    _, first = np.unique(truth.object, return_index=True)
    names = [str(truth.object[row]) for row in sorted(first.tolist())]
    parts = []
    for name in names:
        part = truth.take(truth.object == name)
        parts.append(part.take(np.argsort(part.time_ns, kind="stable")))
    return Courses(
        names=tuple(names),
        category=np.array([part.category[0] for part in parts], dtype=np.int8),
        permitted=np.array([part.permitted[0] for part in parts], dtype=np.int8),
        times=tuple(part.time_ns for part in parts),
        position=tuple(part.position for part in parts),
        velocity=tuple(part.velocity for part in parts),
    )


def read_gps_log(
    path: Path, site: Site, *, name: str = "drone", category: Category = Category.MULTIROTOR, permitted: int = -1
) -> Truth:
    """Read a drone's GPS log (CSV, also gzipped): the columns of the ICMCIS 2021 campaign.

    Needs `latitude` and `longitude` (degrees, WGS 84), `altitude(m)` and `timestamp` (ms since 1970 UTC). Only rows
    whose `isflying` is not 0 count, when that column is there. The altitude in these logs is **above the place of
    take-off**, so it is taken as height above the site's declared ground: right to a few metres, on flat land only.

    Raises:
        BadRecording: the file cannot be read, lacks a column, or holds no flight.
    """
    rows = np.array(list(_flying_rows(path)), dtype=np.float64).reshape(-1, 4)
    if not len(rows):
        raise BadRecording("no row in which the drone flies", where=str(path), hint="is this the right truth file?")
    time_ns = rows[:, 3].astype(np.int64) * 1_000_000
    _, kept = np.unique(time_ns, return_index=True)
    rows, time_ns = rows[kept], time_ns[kept]
    height = rows[:, 2] + site.ground_level(rows[:, 0], rows[:, 1])
    position = site.frame.to_enu(np.column_stack([rows[:, 0] * DEGREE, rows[:, 1] * DEGREE, height]))
    return Truth.unknown(
        len(rows),
        object=name,
        time_ns=time_ns,
        category=int(category),
        permitted=permitted,
        position=position,
        velocity=np.full((len(rows), 3), nan),
    )


def write_truth(path: Path, truth: Truth, site: Site) -> None:
    """Write a truth as CSV with the columns `TRUTH_COLUMNS`; positions to a millimetre."""
    geodetic = site.frame.from_enu(truth.position)
    with path.open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(TRUTH_COLUMNS)
        for row in range(len(truth)):
            latitude, longitude, height = geodetic[row].tolist()
            velocity = [f"{value:.3f}" if isfinite(value) else "" for value in truth.velocity[row].tolist()]
            table.writerow(
                [
                    truth.object[row],
                    truth.time_ns[row],
                    Category(truth.category[row]).name.lower(),
                    truth.permitted[row],
                    f"{latitude / DEGREE:.8f}",
                    f"{longitude / DEGREE:.8f}",
                    f"{height:.3f}",
                    *velocity,
                ]
            )


def read_truth(path: Path, site: Site) -> Truth:
    """Read a truth of our own (`write_truth`) or a drone's GPS log (`read_gps_log`); the heading says which.

    Raises:
        BadRecording: the file cannot be read as either.
    """
    with _opened(path) as lines:
        table = csv.DictReader(lines)
        if table.fieldnames is None or tuple(table.fieldnames) != TRUTH_COLUMNS:
            return read_gps_log(path, site)
        known = {category.name.lower(): int(category) for category in Category}
        columns: dict[str, list[Any]] = {name: [] for name in TRUTH_COLUMNS}
        for row in table:
            try:
                for name in TRUTH_COLUMNS:
                    columns[name].append(_value(name, row[name], known))
            except (KeyError, TypeError, ValueError) as error:
                raise BadRecording(
                    f"row {table.line_num} cannot be read: {error}", where=str(path), hint="see docs/guide/evaluate.md"
                ) from error
    geodetic = np.column_stack([np.array(columns[name]) for name in ("latitude", "longitude", "height")])
    geodetic = geodetic.reshape(-1, 3) * [DEGREE, DEGREE, 1.0]
    return Truth.unknown(
        len(geodetic),
        object=columns["object"],
        time_ns=columns["time_ns"],
        category=columns["category"],
        permitted=columns["permitted"],
        position=site.frame.to_enu(geodetic),
        velocity=np.column_stack([columns[name] for name in ("east", "north", "up")]).reshape(-1, 3),
    )


def _value(name: str, written: str, known: dict[str, int]) -> str | int | float:
    """One cell."""
    match name:
        case "object":
            return written
        case "time_ns" | "permitted":
            return int(written)
        case "category":
            return known[written]
        case _:
            return float(written) if written else nan


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """The file as text, also when it is gzipped; what goes wrong in reading becomes a `BadRecording`."""
    try:
        with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as lines:
            yield cast("TextIO", lines)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise BadRecording(f"cannot be read: {error}", where=str(path)) from error


def _flying_rows(path: Path) -> Iterator[tuple[float, float, float, float]]:
    """Latitude, longitude, altitude and time of each row in the air; rows with an empty or broken number are passed."""
    with _opened(path) as lines:
        table = csv.DictReader(lines)
        missing = [name for name in (_LATITUDE, _LONGITUDE, _ALTITUDE, _TIME) if name not in (table.fieldnames or [])]
        if missing:
            raise BadRecording(
                f"no column {', '.join(missing)}", where=str(path), hint="the format stands in docs/guide/evaluate.md"
            )
        for row in table:
            if _number(row.get(_FLYING, "1")) == 0.0:
                continue
            values = tuple(_number(row[name]) for name in (_LATITUDE, _LONGITUDE, _ALTITUDE, _TIME))
            if all(map(isfinite, values)):
                yield values[0], values[1], values[2], values[3]


def _number(written: str | None) -> float:
    """The number, or NaN."""
    try:
        return float(written or "nan")
    except ValueError:
        return nan
