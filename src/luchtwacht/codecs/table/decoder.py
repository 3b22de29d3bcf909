"""Lines to reports. One frame is one line; the first line of a source names the columns.

A line that cannot be read becomes a rejection that names it and what is wrong, and the next line goes on. Cells are cut
line by line, and turned into numbers column by column.
"""

from __future__ import annotations

import csv
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any

import msgspec
import numpy as np

from luchtwacht.codecs.table.mapping import CategoryColumn, Layout, Mapping, Quantity, ReportKind, ReportMapping
from luchtwacht.codecs.table.numbers import BadText, numbers, times
from luchtwacht.model import Category, Floats, Frames, Ints, Reason, Rejection

REMEMBERED = 65_536
"""reports of each kind that are remembered to know a repetition by"""

Refuse = Callable[[int, Reason, str, str], None]
"""Takes the row of a line, why it was refused, the column concerned, and a sentence."""

_ASCII_CONTROL = bytes(each for each in range(32) if each not in b"\t\r\n")


@dataclass(frozen=True, slots=True)
class TableReports:
    """The reports of one kind, one row a report."""

    mapping: ReportMapping
    frame: Ints
    """(n,) row of the line in the frames"""
    time_ns: Ints
    """(n,) ns UTC of measurement; of receipt as the frame says where the mapping names no time"""
    values: dict[str, Floats]
    """`ReportMapping` field to (n,) numbers in SI; NaN where empty"""
    category: Floats
    """(n, 5) likelihoods over `Category`; NaN without an opinion"""
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`ReportMapping` field to (n,) texts, with their prefix; empty where nothing is said"""
    state: tuple[str, ...] = ()
    """(n,) texts of the state column; empty when the mapping names none"""

    def __len__(self) -> int:
        return len(self.frame)

    def value(self, name: str) -> Floats:
        """(n,) numbers of a field; NaN when the table has no such column."""
        return self.values[name] if name in self.values else np.full(len(self), np.nan)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What some lines held: the reports by kind in order of the mapping, and what was refused in order of lines."""

    reports: tuple[TableReports, ...]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """What is remembered of the lines so far."""

    header: tuple[str, ...] | None
    """none before the first line"""
    unusable: str
    """why nothing can be read under this header; "" when it can"""
    lines: int
    seen: dict[str, tuple[tuple[str, ...], ...]]
    """by report, what tells its rows apart, oldest first"""


class TableDecoder:
    """Decodes the lines of one source; remembers the header, how many lines there were, and what it has seen.

    The reports of a line do not depend on which lines came in the same call.
    """

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._header = list(mapping.columns()) if mapping.layout == Layout.JSON else None
        self._places = {name: place for place, name in enumerate(self._header or ())}
        self._unusable = ""
        self._lines = 0
        self._seen: dict[str, OrderedDict[tuple[str, ...], None]] = {
            each.name: OrderedDict() for each in mapping.reports
        }

    def state(self) -> TableState:
        """What is remembered."""
        return TableState(
            header=None if self._header is None else tuple(self._header),
            unusable=self._unusable,
            lines=self._lines,
            seen={name: tuple(each) for name, each in self._seen.items()},
        )

    def restore(self, state: TableState) -> None:
        """Go on from what `state` gave, under the same mapping."""
        self._header = None if state.header is None else list(state.header)
        self._places = {name: place for place, name in enumerate(self._header or ())}
        self._unusable, self._lines = state.unusable, state.lines
        for name, keys in state.seen.items():
            self._seen[name] = OrderedDict.fromkeys(keys)

    def receive(self, frames: Frames) -> Decoded:
        """What these lines of one source hold."""
        first, rejections = self._lines + 1, []

        def refuse(row: int, reason: Reason, item: str, detail: str, record: int = -1) -> None:
            rejections.append(
                Rejection(
                    frame=int(frames.sequence[row]),
                    record=record,
                    source=int(frames.source[row]),
                    reason=reason,
                    item=item,
                    detail=f"line {first + row}: {detail}",
                )
            )

        rows: list[int] = []
        table: list[list[str]] = []
        for row, payload in enumerate(frames.payloads()):
            self._lines += 1
            cells = self._cells(payload, partial(refuse, row))
            if cells is not None:
                rows.append(row)
                table.append(cells)
        understood = [False] * len(rows)
        reports = []
        for record, kind in enumerate(self._mapping.reports):
            chosen = [place for place, cells in enumerate(table) if self._holds(kind, cells)]
            for place in chosen:
                understood[place] = True
            reports.append(
                self._reports(
                    kind,
                    [rows[place] for place in chosen],
                    [table[place] for place in chosen],
                    frames,
                    partial(refuse, record=record),
                )
            )
        for place, row in enumerate(rows):
            if not understood[place]:
                refuse(row, Reason.UNSUPPORTED, "", "holds none of the reports that the mapping knows")
        rejections.sort(key=lambda each: (each.frame, each.record))
        return Decoded(tuple(reports), tuple(rejections))

    # ------------------------------------------------------------------ lines

    def _cells(self, payload: bytes, refuse: Callable[[Reason, str, str], None]) -> list[str] | None:
        """The cells of a line of data; none for the header and for what is refused."""
        if self._mapping.layout == Layout.JSON:
            try:
                return split_object(payload, self._header or [])
            except BadText as error:
                refuse(Reason.UNKNOWN_FORMAT if payload else Reason.TRUNCATED, "", str(error))
                return None
        try:
            cells = split_line(payload, self._mapping.delimiter, first=self._header is None)
        except BadText as error:
            refuse(Reason.UNKNOWN_FORMAT, "", f"no line of text: {error}; is this a table at all?")
            if self._header is None:
                self._header, self._unusable = [], "the first line, which should name the columns, is no text"
            return None
        if not any(cells):
            refuse(Reason.TRUNCATED, "", "is empty")
            return None
        if self._header is None:
            self._take_header(cells, refuse)
            return None
        if cells == self._header:
            return None  # the sender began again
        if self._unusable:
            refuse(Reason.UNKNOWN_FORMAT, "", f"cannot be read: {self._unusable}")
            return None
        if len(cells) != len(self._header):
            few = len(cells) < len(self._header)
            detail = f"{len(cells)} fields where the header names {len(self._header)}"
            refuse(Reason.TRUNCATED if few else Reason.MALFORMED, "", detail)
            return None
        return cells

    def _take_header(self, cells: list[str], refuse: Callable[[Reason, str, str], None]) -> None:
        self._header = cells
        self._places = {name: place for place, name in enumerate(cells)}
        missing = [name for name in self._mapping.columns() if name not in self._places]
        if missing:
            self._unusable = f"the table has no column {', '.join(map(repr, missing))}"
            refuse(Reason.UNKNOWN_FORMAT, missing[0], f"{self._unusable}; does the mapping fit this table?")

    # ------------------------------------------------------------------ reports

    def _reports(
        self,
        kind: ReportMapping,
        rows: list[int],
        table: list[list[str]],
        frames: Frames,
        refuse: Refuse,
    ) -> TableReports:
        """The reports of one kind in the lines that hold one."""
        if kind.kind == ReportKind.IGNORED:
            rows, table = [], []
        good = np.ones(len(rows), dtype=np.bool_)

        def bad(place: int, column: str, detail: str) -> None:
            if good[place]:
                refuse(rows[place], Reason.MALFORMED, column, detail)
            good[place] = False

        values = {name: self._numbers(table, name, quantity, bad) for name, quantity in kind.quantities().items()}
        if kind.time is None:
            time_ns = frames.received_ns[rows] if rows else np.empty(0, dtype=np.int64)
        else:
            column = kind.time.column
            time_ns, wrong = times(self._column(table, column), kind.time)
            for place, detail in wrong:
                bad(place, column, detail)
        for name, marks in kind.simulated.items():
            for place, text in enumerate(self._column(table, name)):
                if good[place] and text in marks:
                    good[place] = False
                    refuse(rows[place], Reason.SIMULATED, name, f"{name} {text[:40]!r} marks a simulated target")
        for place in self._repeated(kind, table, good):
            good[place] = False
            refuse(rows[place], Reason.DUPLICATE, kind.name, "the same report again")
        kept = np.flatnonzero(good)
        return TableReports(
            mapping=kind,
            frame=np.array(rows, dtype=np.int64)[kept],
            time_ns=time_ns[kept],
            values={name: column[kept] for name, column in values.items()},
            category=self._opinions(table, kind.category)[kept],
            texts={
                name: tuple(_prefixed(self._cell(table[place], text.column), text.prefix) for place in kept)
                for name, text in kind.texts().items()
            },
            state=tuple(self._cell(table[place], kind.state.column) for place in kept) if kind.state else (),
        )

    def _cell(self, cells: list[str], column: str) -> str:
        return cells[self._places[column]]

    def _column(self, table: list[list[str]], column: str) -> list[str]:
        place = self._places.get(column, 0)
        return [cells[place] for cells in table]

    def _holds(self, kind: ReportMapping, cells: list[str]) -> bool:
        return all(self._cell(cells, name) for name in kind.present) and all(
            self._cell(cells, name) in texts for name, texts in kind.equal.items()
        )

    def _repeated(self, kind: ReportMapping, table: list[list[str]], good: np.ndarray) -> list[int]:
        """Places of the good reports that were seen before."""
        if not kind.distinct:
            return []
        seen, again = self._seen[kind.name], []
        columns = [self._column(table, name) for name in kind.distinct]
        for place, key in enumerate(zip(*columns, strict=True)):
            if not good[place]:
                continue
            if key in seen:
                seen.move_to_end(key)
                again.append(place)
                continue
            seen[key] = None
            if len(seen) > REMEMBERED:
                seen.popitem(last=False)
        return again

    def _numbers(
        self, table: list[list[str]], name: str, quantity: Quantity, bad: Callable[[int, str, str], None]
    ) -> Floats:
        """(n,) numbers in SI; NaN where empty, and where `bad` was told."""
        values, wrong = numbers(self._column(table, quantity.column), quantity)
        for place, text in wrong:
            finite = "finite " if _is_number(text) else ""
            bad(place, quantity.column, f"{text[:40]!r} is no {finite}number for {name}")
        return values

    def _opinions(self, table: list[list[str]], column: CategoryColumn | None) -> Floats:
        """(n, 5) likelihoods; NaN where the sensor says nothing that the mapping knows."""
        made = np.full((len(table), len(Category)), np.nan)
        if column is not None:
            known = {
                text: [likelihoods.get(category.name.lower(), 1.0) for category in Category]
                for text, likelihoods in column.values.items()
            }
            for place, text in enumerate(self._column(table, column.column)):
                if text in known:
                    made[place] = known[text]
        return made


def _prefixed(text: str, prefix: str) -> str:
    return prefix + text if text else ""


def _is_number(text: str) -> bool:
    try:
        return not isfinite(float(text))
    except ValueError:
        return False


_object = msgspec.json.Decoder(dict[str, Any], float_hook=str)
"""numbers stay the text they are, so that times are read to their last digit"""


def split_object(line: bytes, columns: list[str]) -> list[str]:
    """The values of a JSON object at these columns, as texts; empty where there is none.

    Raises:
        BadText: it is no object, or a column holds several values.
    """
    try:
        found = _object.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadText(f"no line with a JSON object: {error}") from None
    return [_value(found, column) for column in columns]


def _value(found: Any, column: str) -> str:
    for step in column.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return ""
    match found:
        case None:
            return ""
        case bool():
            return "true" if found else "false"
        case str() | int():
            return str(found).strip()
        case _:
            raise BadText(f"{column} holds several values")


def split_line(line: bytes, delimiter: str, *, first: bool = False) -> list[str]:
    """The cells of one line, without the spaces round them. RFC 4180, where a quoted cell ends on its line.

    Args:
        first: the line may begin with a byte order mark.

    Raises:
        BadText: these bytes are no line of UTF-8 text, or a quotation does not end.
    """
    if line.translate(None, _ASCII_CONTROL) != line:
        raise BadText("holds control characters")
    try:
        text = line.decode("utf-8-sig" if first else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadText(f"byte {error.start} is not UTF-8") from None
    if '"' not in text:
        return [cell.strip() for cell in text.split(delimiter)]
    try:
        read = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadText(str(error)) from None
    return [cell.strip() for cell in read[0]] if read else [""]
