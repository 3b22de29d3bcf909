"""When a line was received, as its recorder wrote: what a recording of several tables is merged by."""

from __future__ import annotations

from collections.abc import Callable

from luchtwacht.codecs.table.decoder import split_line
from luchtwacht.codecs.table.mapping import Mapping
from luchtwacht.codecs.table.numbers import BadText, parse_time
from luchtwacht.units import DAY_NS


def line_stamper(mapping: Mapping) -> Callable[[bytes], int | None]:
    """A function that gives the recorded time of receipt (ns UTC) of each line of one table, in order.

    None for the header, and for lines in which it cannot be read: they came when their neighbours came. A time more
    than a day from the one before is not believed until the next line bears it out: one damaged cell must not stretch a
    recording over years.
    """
    header: list[str] | None = None
    place = -1
    believed: int | None = None
    doubted: int | None = None

    def weigh(time_ns: int) -> int | None:
        nonlocal believed, doubted
        if (
            all(known is None or abs(time_ns - known) > DAY_NS for known in (believed, doubted))
            and believed is not None
        ):
            doubted = time_ns
            return None
        believed, doubted = time_ns, None
        return time_ns

    def stamp(line: bytes) -> int | None:
        nonlocal header, place
        begins, header = header is None, header or []
        try:
            cells = split_line(line, mapping.delimiter, first=begins)
            if begins:
                header = cells
                place = cells.index(mapping.received.column) if mapping.received.column in cells else -1
                return None
            return weigh(parse_time(cells[place], mapping.received)) if 0 <= place < len(cells) else None
        except BadText:
            return None

    return stamp
