"""A table on its way into another format: named columns of equal length, and which of them say where and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.errors import BadInput
from luchtwacht.model import Bools

Values = NDArray[Any] | Ragged
"""(n,) float64 with NaN, int64 with -1, text with "" where nothing is known; bool; datetime64[ns] in UTC with NaT;
bytes as objects; or ragged rows of any of them"""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The columns of a table that make its rows places on the globe."""

    latitude: str
    """degrees"""
    longitude: str
    """degrees"""
    height: str = ""
    """m above the WGS 84 ellipsoid; "" when the table has no such height"""
    time: str = "time"
    """UTC; rows without a time are points all the same"""
    series: str = ""
    """rows with the same value, in order, are the way of one object; "" when each row stands for itself"""


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of a kind. All tables of one `name` have the same columns."""

    name: str
    """`cat048`, `location`, `tracks`"""
    columns: dict[str, Values]
    units: dict[str, str]
    """by column, where it has one"""
    where: Whereabouts | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0


class NotConvertible(BadInput):
    """What is asked for cannot be made of this file; the hint says what can."""


def known(values: NDArray[Any]) -> Bools:
    """(n,) whether each value is known, by the rule of `Values`."""
    match values.dtype.kind:
        case "f":
            finite: Bools = np.isfinite(values)
            return finite
        case "i":
            signed: Bools = values != -1
            return signed
        case "U":
            text: Bools = values != ""
            return text
        case "O":
            there: Bools = values != None  # noqa: E711 - element by element
            return there
        case "M":
            said: Bools = ~np.isnat(values)
            return said
        case _:
            return np.ones(len(values), np.bool_)


def moments(time_ns: NDArray[Any]) -> NDArray[Any]:
    """(n,) ns UTC as datetime64[ns]; negative ones are not known."""
    times = np.asarray(time_ns, np.int64)
    return np.where(times >= 0, times, np.iinfo(np.int64).min).view("datetime64[ns]")
