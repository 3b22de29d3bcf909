"""Small tables of one name put together, so that writers get few large ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.conversion.table import Table, Values

ROWS_AT_ONCE = 50_000


def joined(tables: Iterable[Table]) -> Iterator[Table]:
    """The same rows, each name's in order, in tables of `ROWS_AT_ONCE` rows or a little more."""
    held: dict[str, list[Table]] = {}
    rows: dict[str, int] = {}
    for table in tables:
        if not len(table):
            continue
        held.setdefault(table.name, []).append(table)
        rows[table.name] = rows.get(table.name, 0) + len(table)
        if rows[table.name] >= ROWS_AT_ONCE:
            rows[table.name] = 0
            yield _join(held.pop(table.name))
    for parts in held.values():
        yield _join(parts)


def _join(parts: list[Table]) -> Table:
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    columns = {name: _concatenate([part.columns[name] for part in parts]) for name in first.columns}
    return Table(first.name, columns, first.units, first.where)


def _concatenate(values: list[Values]) -> Values:
    plain = [each for each in values if not isinstance(each, Ragged)]
    if len(plain) == len(values):
        return np.concatenate(plain)
    ragged = [each for each in values if isinstance(each, Ragged)]
    counts = np.concatenate([each.counts for each in ragged])
    return Ragged(np.concatenate([[0], np.cumsum(counts)]), np.concatenate([each.values for each in ragged]))
