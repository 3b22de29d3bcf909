"""Columns of text to numbers in SI and to times in nanoseconds: whole columns first, cell by cell where one is bad."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite, nan

import numpy as np

from luchtwacht.codecs.table.mapping import TIME_UNITS, UNITS, Quantity, TimeColumn
from luchtwacht.model import Floats, Ints
from luchtwacht.units import datetime_to_ns, seconds_to_ns

_LATEST_NS = 2**62
"""the year 2116: beyond it the sum of two times does not fit"""


class BadText(ValueError):
    """Text that is not what it should be; the message says how."""


def numbers(texts: list[str], quantity: Quantity) -> tuple[Floats, list[tuple[int, str]]]:
    """(n,) numbers in SI, NaN where nothing was measured, and the places and texts that are no finite number."""
    wrong: list[tuple[int, str]] = []
    try:
        values = np.array([float(text) if text else nan for text in texts], dtype=np.float64)
        doubtful = bool(quantity.missing) or not all(
            isfinite(each) or not text for each, text in zip(values, texts, strict=True)
        )
    except ValueError:
        doubtful = True
    if doubtful:
        values = np.full(len(texts), nan)
        for place, text in enumerate(texts):
            if not text or text in quantity.missing:
                continue
            try:
                value = float(text)
            except ValueError:
                value = nan
            if isfinite(value):
                values[place] = value
            else:
                wrong.append((place, text))
    values = values + quantity.offset
    if quantity.at_least is not None:
        values = np.maximum(values, quantity.at_least)
    return np.asarray(values * UNITS[quantity.unit]), wrong


def times(texts: list[str], column: TimeColumn) -> tuple[Ints, list[tuple[int, str]]]:
    """(n,) ns UTC, 0 where there is none, and the places that hold no time with what is wrong there."""
    made = np.zeros(len(texts), dtype=np.int64)
    wrong: list[tuple[int, str]] = []
    for place, text in enumerate(texts):
        try:
            made[place] = parse_time(text, column)
        except BadText as error:
            wrong.append((place, str(error)))
    return made, wrong


def parse_time(text: str, column: TimeColumn) -> int:
    """A time as a table writes it, in ns UTC, exact to its last digit (ISO 8601: to the microsecond).

    Raises:
        BadText: it is none.
    """
    time_ns = _iso8601(text) if column.unit == "iso8601" else _since_1970(text, column.unit)
    time_ns += seconds_to_ns(column.offset_s)
    if not 0 <= time_ns < _LATEST_NS:
        raise BadText(f"{text[:40]!r} is no time between 1970 and 2116; is its unit {column.unit}?")
    return time_ns


def _iso8601(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return datetime_to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadText(f"{text[:40]!r} is no time in ISO 8601") from None


def _since_1970(text: str, unit: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text) * TIME_UNITS[unit]
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise BadText(f"{text[:40]!r} is no number of {unit}")
    return round(value * TIME_UNITS[unit])
