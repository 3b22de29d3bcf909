"""Lines to reports. One frame is one line; the first line of a source names the columns.

A line that cannot be read becomes a rejection that names it and what is wrong, and the next line goes on.
"""

from __future__ import annotations

import csv
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

import numpy as np

from luchtwacht.codecs.table.mapping import (
    TIME_UNITS,
    UNITS,
    CategoryColumn,
    Mapping,
    Quantity,
    ReportMapping,
    TimeColumn,
)
from luchtwacht.model import Category, Floats, Frames, Ints, Reason, Rejection
from luchtwacht.units import datetime_to_ns, seconds_to_ns

REMEMBERED = 65_536
"""reports that are remembered to know a repetition by"""


@dataclass(frozen=True, slots=True)
class TableReports:
    """The reports of one kind, one row a report."""

    mapping: ReportMapping
    frame: Ints
    """(n,) row of the line in the frames"""
    time_ns: Ints
    """(n,) of measurement; of receipt where the table has none"""
    values: dict[str, Floats]
    """`ReportMapping` field to (n,) numbers in SI; NaN where empty"""
    category: Floats
    """(n, 5) likelihoods over `Category`; NaN without an opinion"""

    def __len__(self) -> int:
        return len(self.frame)

    def value(self, name: str) -> Floats:
        """(n,) numbers of a field; NaN when the table has no such column."""
        return self.values[name] if name in self.values else np.full(len(self), np.nan)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What some lines held."""

    reports: tuple[TableReports, ...]
    rejections: tuple[Rejection, ...]


class _BadCell(Exception):
    """A cell that is not what the mapping says."""

    def __init__(self, column: str, detail: str) -> None:
        self.column, self.detail = column, detail


class TableDecoder:
    """Decodes the lines of one source; remembers the header and what it has seen."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._places: dict[str, int] | None = None
        self._width = 0
        self._unusable = ""
        self._seen: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def receive(self, frames: Frames) -> Decoded:
        """The reports in these lines, by kind in order of the mapping, and what was refused."""
        rejections: list[Rejection] = []
        rows: list[tuple[int, list[str]]] = []
        for row, payload in enumerate(frames.payloads()):
            cells = self._cells(payload, row, frames, rejections)
            if cells is not None:
                rows.append((row, cells))
        reports = tuple(self._reports(kind, rows, frames, rejections) for kind in self._mapping.reports)
        return Decoded(reports, tuple(sorted(rejections, key=lambda each: each.frame)))

    # ------------------------------------------------------------------ lines

    def _cells(self, payload: bytes, row: int, frames: Frames, rejections: list[Rejection]) -> list[str] | None:
        """The cells of a data line; none for the header, an empty line, and what is refused."""

        def refuse(reason: Reason, item: str, detail: str) -> None:
            rejections.append(
                Rejection(
                    frame=int(frames.sequence[row]),
                    record=-1,
                    source=int(frames.source[row]),
                    reason=reason,
                    item=item,
                    detail=detail,
                )
            )

        try:
            text = payload.decode("utf-8-sig" if self._places is None else "utf-8").rstrip("\r\n")
            if "\0" in text:
                raise ValueError("a zero byte")
            cells = next(csv.reader([text], delimiter=self._mapping.delimiter, strict=True), [])
        except (UnicodeDecodeError, ValueError, csv.Error) as error:
            refuse(Reason.UNKNOWN_FORMAT, "", f"not a line of text: {error}; is this file a table at all?")
            if self._places is None:
                self._places, self._unusable = {}, "the line that should name the columns is no text"
            return None
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            return None
        if self._places is None:
            self._take_header(cells, refuse)
            return None
        if self._unusable:
            refuse(Reason.UNKNOWN_FORMAT, "", f"cannot be read: {self._unusable}")
            return None
        if len(cells) != self._width:
            reason = Reason.TRUNCATED if len(cells) < self._width else Reason.MALFORMED
            refuse(reason, "", f"{len(cells)} fields where the header names {self._width}")
            return None
        return cells

    def _take_header(self, cells: list[str], refuse: Callable[[Reason, str, str], None]) -> None:
        self._places = {name.strip(): place for place, name in enumerate(cells)}
        self._width = len(cells)
        missing = [name for name in self._mapping.columns() if name not in self._places]
        if missing:
            self._unusable = f"the table has no column {', '.join(repr(name) for name in missing)}"
            refuse(Reason.UNKNOWN_FORMAT, missing[0], f"{self._unusable}; check the mapping")

    # ------------------------------------------------------------------ reports

    def _reports(
        self, kind: ReportMapping, rows: list[tuple[int, list[str]]], frames: Frames, rejections: list[Rejection]
    ) -> TableReports:
        """The reports of one kind."""
        quantities = kind.quantities()
        taken: list[tuple[int, int, list[float], list[float]]] = []
        for row, cells in rows:
            if not self._holds(kind, cells):
                continue
            try:
                numbers = [self._number(cells, name, quantity) for name, quantity in quantities.items()]
                time_ns = self._time(cells, kind.time) if kind.time else self._time(cells, self._mapping.received)
                opinion = self._opinion(cells, kind.category)
            except _BadCell as bad:
                rejections.append(self._refusal(frames, row, Reason.MALFORMED, bad.column, bad.detail))
                continue
            if self._repeated(kind, cells):
                rejections.append(self._refusal(frames, row, Reason.DUPLICATE, kind.name, "the same report again"))
                continue
            taken.append((row, time_ns, numbers, opinion))
        table = np.array([numbers for _, _, numbers, _ in taken], dtype=np.float64).reshape(len(taken), len(quantities))
        return TableReports(
            mapping=kind,
            frame=np.array([row for row, *_ in taken], dtype=np.int64),
            time_ns=np.array([time_ns for _, time_ns, _, _ in taken], dtype=np.int64),
            values={name: table[:, place] for place, name in enumerate(quantities)},
            category=np.array([opinion for *_, opinion in taken], dtype=np.float64).reshape(len(taken), len(Category)),
        )

    def _refusal(self, frames: Frames, row: int, reason: Reason, item: str, detail: str) -> Rejection:
        return Rejection(
            frame=int(frames.sequence[row]),
            record=0,
            source=int(frames.source[row]),
            reason=reason,
            item=item,
            detail=detail,
        )

    def _cell(self, cells: list[str], column: str) -> str:
        assert self._places is not None
        return cells[self._places[column]].strip()

    def _holds(self, kind: ReportMapping, cells: list[str]) -> bool:
        return all(self._cell(cells, name) for name in kind.present) and all(
            self._cell(cells, name) in texts for name, texts in kind.equal.items()
        )

    def _repeated(self, kind: ReportMapping, cells: list[str]) -> bool:
        if not kind.distinct:
            return False
        key = (kind.name, *(self._cell(cells, name) for name in kind.distinct))
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _number(self, cells: list[str], name: str, quantity: Quantity) -> float:
        text = self._cell(cells, quantity.column)
        if not text or text in quantity.missing:
            return float("nan")
        try:
            value = float(text)
        except ValueError:
            raise _BadCell(quantity.column, f"{text!r} is no number for {name}") from None
        if not isfinite(value):
            raise _BadCell(quantity.column, f"{text!r} is no finite number for {name}")
        return (value + quantity.offset) * UNITS[quantity.unit]

    def _time(self, cells: list[str], column: TimeColumn) -> int:
        try:
            return parse_time(self._cell(cells, column.column), column)
        except ValueError as error:
            raise _BadCell(column.column, str(error)) from None

    def _opinion(self, cells: list[str], column: CategoryColumn | None) -> list[float]:
        unknown = [float("nan")] * len(Category)
        if column is None:
            return unknown
        likelihoods = column.values.get(self._cell(cells, column.column))
        if likelihoods is None:
            return unknown
        return [likelihoods.get(category.name.lower(), 1.0) for category in Category]


def parse_time(text: str, column: TimeColumn) -> int:
    """A time as a table writes it, in ns UTC.

    Raises:
        ValueError: it is none.
    """
    offset_ns = seconds_to_ns(column.offset_s)
    if column.unit == "iso8601":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is no time in ISO 8601") from None
        return datetime_to_ns(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) + offset_ns
    scale = TIME_UNITS[column.unit]
    try:
        whole, _, fraction = text.partition(".")
        return int(whole) * scale + (round(float(f"0.{fraction}") * scale) if fraction else 0) + offset_ns
    except ValueError:
        raise ValueError(f"{text!r} is no number of {column.unit}") from None


def line_stamper(mapping: Mapping) -> Callable[[bytes], int | None]:
    """A function that gives the recorded time of receipt (ns UTC) of each line of one table, in order.

    None for the header, and for lines in which it cannot be read: they came when their neighbours came.
    """
    place: int | None = None
    begun = False

    def stamp(line: bytes) -> int | None:
        nonlocal place, begun
        try:
            cells = next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")], delimiter=mapping.delimiter), [])
        except (UnicodeDecodeError, csv.Error):
            begun = True
            return None
        if not begun:
            begun = True
            names = [name.strip() for name in cells]
            place = names.index(mapping.received.column) if mapping.received.column in names else None
            return None
        if place is None or place >= len(cells):
            return None
        try:
            return parse_time(cells[place].strip(), mapping.received)
        except ValueError:
            return None

    return stamp
