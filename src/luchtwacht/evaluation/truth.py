"""Truth as a value to hold estimates against: read from a GPS log, or looked up between its samples."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from luchtwacht.errors import BadRecording
from luchtwacht.model import UAS_CATEGORIES, Category, Site, Truth
from luchtwacht.units import DEGREE, SECOND_NS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_GAP_NS = 5 * SECOND_NS
"""between two samples farther apart than this, nobody knows where the object was"""

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
    height = rows[:, 2] + site.ground_height_m + site.geoid_undulation_m
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


def _flying_rows(path: Path) -> Iterator[tuple[float, float, float, float]]:
    """Latitude, longitude, altitude and time of each row in the air; rows with an empty or broken number are passed."""
    try:
        with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as lines:
            table = csv.DictReader(lines)
            missing = [
                name for name in (_LATITUDE, _LONGITUDE, _ALTITUDE, _TIME) if name not in (table.fieldnames or [])
            ]
            if missing:
                raise BadRecording(
                    f"no column {', '.join(missing)}",
                    where=str(path),
                    hint="the format is described in docs/guide/evaluate.md",
                )
            for row in table:
                if _number(row.get(_FLYING, "1")) == 0.0:
                    continue
                values = tuple(_number(row[name]) for name in (_LATITUDE, _LONGITUDE, _ALTITUDE, _TIME))
                if all(map(isfinite, values)):
                    yield values[0], values[1], values[2], values[3]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadRecording(f"cannot be read: {error}", where=str(path)) from error


def _number(written: str | None) -> float:
    """The number, or NaN."""
    try:
        return float(written or "nan")
    except ValueError:
        return nan
