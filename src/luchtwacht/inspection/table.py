"""Delimited text: its columns, and what a mapping could make of them. Nothing is mapped here; all is guessed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

import numpy as np

from luchtwacht.inspection.report import Column, Inspection
from luchtwacht.inspection.tally import Heard, Places, Refusals, Stamp

LOOKED_AT = 2_000
"""lines by which the columns are judged"""
_DELIMITERS = (",", ";", "\t", "|")
_EPOCH = (631_152_000.0, 4_102_444_800.0)
"""1990 to 2100 in s"""
_TIME_UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?$")
_GUESSES = (
    ("latitude", r"(^|[^a-z])lat(itude)?([^a-z]|$)", (-90.0, 90.0), "deg"),
    ("longitude", r"(^|[^a-z])lon(g|gitude)?([^a-z]|$)", (-180.0, 180.0), "deg"),
    ("azimuth", r"azimuth|bearing|(^|[^a-z])(az|doa)([^a-z]|$)", (-360.0, 360.0), "deg"),
    ("elevation", r"elevation", (-90.0, 90.0), "deg"),
    ("range_rate", r"range.?rate|radial.?(speed|velocity)|doppler", (-1e3, 1e3), "m/s"),
    ("range", r"(^|[^a-z])(range|distance|rho)([^a-z]|$)", (0.0, 1e6), "m"),
    ("height", r"alt(itude)?([^a-z]|$)|height", (-1e3, 1e5), "m"),
    ("rcs", r"(^|[^a-z])rcs([^a-z]|$)", (-100.0, 100.0), "dB"),
    ("snr", r"(^|[^a-z])snr([^a-z]|$)", (-1e3, 1e3), "dB"),
)
"""key of a mapping, how its column is often called, what its numbers can be, and the usual unit"""


def find_delimiter(lines: list[bytes]) -> str:
    """What separates the cells of these lines; "" when they are no table.

    A table has at least two lines, two columns, and the same number of cells in nearly every line.
    """
    texts = [line.decode("utf-8", "replace").removeprefix("\ufeff") for line in lines if line.strip()]
    if len(texts) < 2 or any("\ufffd" in text or "\0" in text for text in texts):
        return ""
    best = ("", 1)
    for delimiter in _DELIMITERS:
        widths = [len(_split(text, delimiter)) for text in texts]
        if widths[0] <= best[1]:
            continue
        if sum(width == widths[0] for width in widths) >= 0.95 * len(widths):
            best = (delimiter, widths[0])
    return best[0]


def inspect_table(
    lines: Iterable[bytes],
    delimiter: str,
    made: Inspection,
    progress: Callable[[int], None] = lambda octets: None,
) -> Places:
    """Write into `made` what a table's columns look like, and return where things may have been."""
    taken = iter(lines)
    sample = [line for line in islice(taken, LOOKED_AT) if line.strip()]
    rows = [_cells(line, delimiter) for line in sample]
    header = rows[0] if not any(_number(cell) is not None for cell in rows[0]) else []
    width = len(rows[0])
    names = header or [f"column {place + 1}" for place in range(width)]
    data = rows[1:] if header else rows
    made.columns = [
        _column(name, [row[place] for row in data if place < len(row) and row[place]])
        for place, name in enumerate(names)
    ]
    made.format, made.framing, made.delimiter = "table", "lines", delimiter
    places, heard, refusals = Places(), Heard(), Refusals()
    when = _first(made.columns, "time")
    where = (_first(made.columns, "latitude"), _first(made.columns, "longitude"))
    octets, number, count = 0, 0, 0
    while sample:
        times: list[float] = []
        points: list[tuple[float, float]] = []
        for line in sample:
            number += 1
            octets += len(line) + 1
            row = _cells(line, delimiter)
            if row == header:
                continue
            count += 1
            if len(row) != width:
                refusals.add("malformed", "", 1, f"{len(row)} cells where the first line has {width}", f"line {number}")
                continue
            if when is not None and (time_s := _time(row[when], made.columns[when].unit)) is not None:
                times.append(time_s)
            if None not in where:
                point = tuple(_number(row[place]) for place in where if place is not None)
                if None not in point and abs(point[0] or 0.0) <= 90.0 and abs(point[1] or 0.0) <= 180.0:
                    points.append((point[0] or 0.0, point[1] or 0.0))
        heard.add(np.array(times, dtype=np.float64))
        if points:
            places.add_geographic("positions", *np.array(points).T)
        progress(octets)
        sample = [line for line in islice(taken, LOOKED_AT) if line.strip()]
    made.payloads, made.counts = count, {"rows": count}
    made.area, made.rejected = places.area, refusals.listed()
    if heard.count:
        stamp = Stamp("utc")
        made.time_reference, made.span_s = "utc", round(heard.span_s, 3)
        made.first_time, made.last_time = stamp.write(heard.first_s), stamp.write(heard.last_s)
    if not header:
        made.doubts.append("The first line holds numbers, not names: a mapping needs a line of names first.")
    made.mapping = _mapping(made, when) if header else ""
    made.summary = f"Delimited text: {count:,} rows of {width} columns. It means nothing yet: a mapping must say what"
    return places


def _cells(line: bytes, delimiter: str) -> list[str]:
    text = line.decode("utf-8", "replace").removeprefix("\ufeff")
    return [cell.strip() for cell in _split(text, delimiter)]


def _split(text: str, delimiter: str) -> list[str]:
    """Cells as RFC 4180 quotes them; where the quotes make no sense, between the delimiters."""
    try:
        return next(csv.reader([text.replace("\r", " ")], delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


def _first(columns: list[Column], looks_like: str) -> int | None:
    return next((place for place, each in enumerate(columns) if each.looks_like == looks_like), None)


def _column(name: str, cells: list[str]) -> Column:
    numbers = [number for cell in cells[:LOOKED_AT] if (number := _number(cell)) is not None]
    made = Column(name=name, kind="text", filled=len(cells), example=cells[0] if cells else "", looks_like="")
    made.varies = len(set(cells)) > 1
    if not cells:
        made.kind = "empty"
    elif all(_ISO.match(cell) for cell in cells):
        made.kind, made.looks_like, made.unit = "time", "time", "iso8601"
    elif len(numbers) == len(cells):
        made.kind = "number"
        for unit, scale in _TIME_UNITS.items():
            if all(_EPOCH[0] <= number / scale <= _EPOCH[1] for number in numbers):
                made.kind, made.looks_like, made.unit = "time", "time", unit
        if made.kind == "number":
            for key, called, (low, high), unit in _GUESSES:
                spaced = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
                if re.search(called, spaced) and low <= min(numbers) and max(numbers) <= high:
                    made.looks_like, made.unit = key, unit
                    break
    return made


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _time(cell: str, unit: str) -> float | None:
    """s since 1970; a time without a zone is UTC, as in a mapping."""
    if unit != "iso8601":
        number = _number(cell)
        return None if number is None else number / _TIME_UNITS[unit]
    try:
        moment = datetime.fromisoformat(cell.replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else datetime.fromisoformat(f"{moment.isoformat()}+00:00").timestamp()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def _mapping(made: Inspection, when: int | None) -> str:
    """A mapping to begin with, from the first column that looks like each thing."""
    found: dict[str, Column] = {}
    for column in made.columns:
        found.setdefault(column.looks_like, column)
    lines = [f"delimiter = {_quoted(made.delimiter)}"] if made.delimiter != "," else []
    if when is not None:
        lines.append(
            f"received = {{ column = {_quoted(made.columns[when].name)}, unit = {_quoted(made.columns[when].unit)} }}"
        )
    else:
        lines.append('received = { column = "?", unit = "s" }   # no column looks like a time')
    measured = "azimuth" in found or "range" in found
    position = "latitude" in found and "longitude" in found
    if position and measured:  # a place that never changes is the sensor's own
        position = found["latitude"].varies or found["longitude"].varies
    kind = "position" if position else "polar" if measured else "status"
    lines += ["", "[[reports]]", 'name = "report"', 'sensor = "?"   # a sensor of the site file', f'kind = "{kind}"']
    wanted = ["time"] + (["latitude", "longitude", "height"] if position else [])
    wanted += ["range", "azimuth", "elevation", "range_rate"] if kind == "polar" else []
    wanted += ["snr", "rcs"]
    for key in wanted:
        if key in found:
            lines.append(f"{key} = {{ column = {_quoted(found[key].name)}, unit = {_quoted(found[key].unit)} }}")
    if position and "height" in found:
        lines.append('height_datum = "AMSL"   # or WGS84, AGL, SENSOR: ask the maker')
    return "\n".join(lines) + "\n"
