"""When a line was received, as its recorder wrote: what a recording of several tables is merged by."""

from __future__ import annotations

from collections.abc import Callable

from luchtwacht.codecs.table.decoder import split_line
from luchtwacht.codecs.table.mapping import Mapping
from luchtwacht.codecs.table.numbers import BadText, parse_time


def line_stamper(mapping: Mapping) -> Callable[[bytes], int | None]:
    """A function that gives the recorded time of receipt (ns UTC) of each line of one table, in order.

    None for the header, and for lines in which it cannot be read: they came when their neighbours came.
    """
    header: list[str] | None = None
    place = -1

    def stamp(line: bytes) -> int | None:
        nonlocal header, place
        begins, header = header is None, header or []
        try:
            cells = split_line(line, mapping.delimiter, first=begins)
            if begins:
                header = cells
                place = cells.index(mapping.received.column) if mapping.received.column in cells else -1
                return None
            return parse_time(cells[place], mapping.received) if 0 <= place < len(cells) else None
        except BadText:
            return None

    return stamp
