"""Columns whose rows hold any number of values: repetitive items, and the octets of explicit ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luchtwacht.model import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Row i holds `values[offsets[i]:offsets[i + 1]]`. A row without values is an absent item."""

    offsets: Ints
    """(n + 1,) int64"""
    values: NDArray[Any]
    """(offsets[n],)"""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[Any]:
        if row < 0:
            row += len(self)
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[row] for row in range(len(self)))

    @property
    def counts(self) -> Ints:
        """(n,) number of values in each row."""
        return np.diff(self.offsets)

    @property
    def rows(self) -> Ints:
        """(offsets[n],) the row each value belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.counts)

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any] | NDArray[Any] | bytes], dtype: Any = None) -> Ragged:
        """From separate rows; octets may be given as bytes."""
        arrays = [
            np.frombuffer(row, dtype=np.uint8) if isinstance(row, bytes) else np.asarray(row, dtype=dtype)
            for row in rows
        ]
        offsets = np.zeros(len(arrays) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in arrays], out=offsets[1:])
        filled = [row for row in arrays if len(row)]
        values = np.concatenate(filled) if filled else np.empty(0, dtype=dtype or np.int64)
        return cls(offsets, values)
