"""Records of one category as columns, gathered from the bytes when they are first asked for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.asterix.plan import Column, Plan
from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.codecs.asterix.specification import Kind
from luchtwacht.kernels.asterix import (
    find_elements,
    gather_characters,
    gather_codes,
    gather_quantities,
    index_compound,
)
from luchtwacht.model import Bools, Floats, Ints

Values = NDArray[Any] | Ragged
"""a column: (n,) float64, int64 or text; or, for what may occur several times in a record, ragged"""


class Records:
    """The records of one category, one row each, in order of frame and place.

    `records["I048/040/RHO"]` is a read-only column of n rows in the standard's own unit: float64 with NaN where the
    item is absent, int64 with -1, or text with "". What a record may hold several times is a `Ragged`. Names are listed
    in `records.names` and, with units, in `docs/formats/asterix.md`.
    """

    def __init__(
        self, plan: Plan, buffer: NDArray[np.uint8], starts: Ints, stops: Ints, offsets: NDArray[np.uint16]
    ) -> None:
        """Args:
        plan: the category.
        buffer: (b,) uint8, all octets.
        starts: (n,) first octet of each record.
        stops: (n,) one past its last.
        offsets: (slots, n) uint16, where each item stands in its record, 0 where it is absent.
        """
        self._plan, self._buffer, self._starts, self._stops, self._offsets = plan, buffer, starts, stops, offsets
        self._gathered: dict[str, Values] = {}
        self._sub_offsets: dict[int, NDArray[np.uint16]] = {}
        self.frame: Ints = np.zeros(len(starts), dtype=np.int64)
        """(n,) row in the frames that were decoded"""
        self.record: Ints = np.zeros(len(starts), dtype=np.int64)
        """(n,) place in the frame, from 0, counted over all its blocks"""

    @property
    def category(self) -> int:
        """48"""
        return self._plan.category.number

    @property
    def edition(self) -> str:
        """1.32"""
        return self._plan.category.edition

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, present or not, in order of the standard's field reference numbers."""
        return tuple(self._plan.columns)

    def __len__(self) -> int:
        return len(self._starts)

    def __contains__(self, name: object) -> bool:
        return name in self._plan.columns

    def __getitem__(self, name: str) -> Any:
        """The column: `Values`. Typed as Any, as a name does not tell the type checker which."""
        if name not in self._gathered:
            if name not in self._plan.columns:
                close = get_close_matches(name, self._plan.columns, n=3)
                raise KeyError(f"CAT{self.category:03d} edition {self.edition} has no {name}; close: {close}")
            self._gathered[name] = self._gather(self._plan.columns[name])
        return self._gathered[name]

    def unit(self, name: str) -> str:
        """Unit of a column; "" where it has none."""
        return self._plan.columns[name].field.unit

    def has(self, item: str) -> Bools:
        """(n,) whether the item (`I048/040`, not one of its fields) is in each record."""
        key = f"{self._plan.category.key}/"
        reference = item.removeprefix(key)
        if reference not in self._plan.slots:
            raise KeyError(f"CAT{self.category:03d} edition {self.edition} has no item {item}")
        there: Bools = self._offsets[self._plan.slots.index(reference)] > 0
        return there

    @property
    def time_of_day(self) -> Floats:
        """(n,) s since midnight UTC for which each record holds, by the best item it has; NaN where it does not say."""
        times = np.full(len(self), np.nan)
        for item in self._plan.category.times:
            times = np.where(np.isnan(times), self[f"{self._plan.category.key}/{item}"], times)
        return times

    def octets(self, row: int) -> bytes:
        """The bytes of one record, without its block's header."""
        return self._buffer[self._starts[row] : self._stops[row]].tobytes()

    def take(self, rows: Ints | Bools | slice) -> Records:
        """The records at `rows`; nothing is gathered anew."""
        taken = Records(
            self._plan,
            self._buffer,
            np.ascontiguousarray(self._starts[rows]),
            np.ascontiguousarray(self._stops[rows]),
            np.ascontiguousarray(self._offsets[:, rows]),
        )
        taken.frame, taken.record = self.frame[rows], self.record[rows]
        return taken

    def _places(self, column: Column) -> Ints:
        """(n,) first octet of the item (or sub-item) that holds the column, -1 where it is absent."""
        offset = self._offsets[column.slot]
        places: Ints = np.where(offset > 0, self._starts + offset, -1)
        if column.child < 0:
            return places
        if column.row not in self._sub_offsets:
            children = int(self._plan.layout[column.row, 3])
            subs = np.zeros((children, len(self)), dtype=np.uint16)
            index_compound(self._buffer, places, self._stops, self._plan.layout, column.row, subs)
            self._sub_offsets[column.row] = subs
        offset = self._sub_offsets[column.row][column.child]
        return np.where(offset > 0, places + offset, -1)

    def _gather(self, column: Column) -> Values:
        """Read the column's bits out of every record."""
        places = self._places(column)
        if not column.ragged:
            return self._read(column, places)
        offsets, elements = find_elements(self._buffer, places, int(column.item.layout), column.item.octets)
        values = self._buffer[elements] if column.field.kind is Kind.RAW else self._read(column, elements)
        for each in (offsets, values):
            each.flags.writeable = False
        return Ragged(offsets, values)

    def _read(self, column: Column, places: Ints) -> NDArray[Any]:
        """The column's bits at each of `places`."""
        field = column.field
        values: NDArray[Any]
        if field.kind is Kind.QUANTITY:
            values = gather_quantities(
                self._buffer, places, column.part, column.bit, field.bits, *column.when, field.signed, field.lsb
            )
        elif field.kind is Kind.CODE:
            values = gather_codes(self._buffer, places, column.part, column.bit, field.bits, *column.when)
        else:
            size = 6 if field.kind is Kind.ICAO else 8
            characters = gather_characters(self._buffer, places, column.bit, field.bits // size, size)
            values = characters.view(f"<U{field.bits // size}")[:, 0]
        values.flags.writeable = False
        return values
