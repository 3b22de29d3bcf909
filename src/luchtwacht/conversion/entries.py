"""The record itself as a table: a twin of a journal's segments for tools that read columns.

It holds every entry with its bytes, so nothing is lost, and no seal, so it proves nothing: the journal does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from luchtwacht.conversion.table import Table, Values, moments
from luchtwacht.journal import Entry

ENTRIES_AT_ONCE = 20_000


def entries(recorded: Iterable[Entry]) -> Iterator[Table]:
    """`entries`: a row an entry, in order."""
    taken = iter(recorded)
    while batch := list(islice(taken, ENTRIES_AT_ONCE)):
        data = np.empty(len(batch), dtype=object)
        data[:] = [each.data for each in batch]
        columns: dict[str, Values] = {
            "sequence": np.array([each.sequence for each in batch], np.int64),
            "kind": np.array([str(each.kind) for each in batch]),
            "received": moments(np.array([each.time_ns for each in batch], np.int64)),
            "source": np.array([each.source for each in batch], np.int64),
            "data": data,
        }
        yield Table("entries", columns, {})
