"""When a line was received, as its recorder wrote: what a recording of several tables is merged by."""

from __future__ import annotations

from collections.abc import Callable

from luchtwacht.codecs.table.decoder import split_line, split_object
from luchtwacht.codecs.table.mapping import Layout, Mapping
from luchtwacht.codecs.table.numbers import BadText, parse_time
from luchtwacht.units import DAY_NS


def line_stamper(mapping: Mapping) -> Callable[[bytes], int | None]:
    """A function that gives the recorded time of receipt (ns UTC) of each line of one table, in order.

    None for the header, and for lines in which it cannot be read: they came when their neighbours came. A time more
    than a day from the one before is not believed until the next line bears it out: one damaged cell must not stretch a
    recording over years.
    """
    received = mapping.received
    if received is None:
        return lambda line: None
    header: list[str] | None = [received.column] if mapping.layout == Layout.JSON else None
    place = 0 if header else -1
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
            if mapping.layout == Layout.JSON:
                return weigh(parse_time(split_object(line, header)[0], received))
            cells = split_line(line, mapping.delimiter, first=begins)
            if begins:
                header = cells
                place = cells.index(received.column) if received.column in cells else -1
                return None
            return weigh(parse_time(cells[place], received)) if 0 <= place < len(cells) else None
        except BadText:
            return None

    return stamp
