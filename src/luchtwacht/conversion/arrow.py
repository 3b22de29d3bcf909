"""Parquet and CSV: a file a table, `recording.cat048.parquet`, written as the rows come.

Arrow does the writing (ADR 0119). In Parquet an unknown value is null, a moment is UTC in nanoseconds, what a record
may hold several times is a list, and a column's unit stands in its metadata. In CSV the unit stands in the header,
moments are ISO 8601 with Z, octets are base64, and several values are joined with semicolons.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.conversion.table import Table, Values, known

if TYPE_CHECKING:
    import pyarrow as pa


class _Sink(Protocol):
    """What Arrow's writers of Parquet and CSV have in common."""

    def write_table(self, table: pa.Table) -> None: ...
    def close(self) -> None: ...


class TableFiles:
    """Files of tables, opened when the first row of each comes.

    Args:
        path: gives the file of a table.
        delimited: CSV; Parquet otherwise.
    """

    def __init__(self, path: TablePath, *, delimited: bool) -> None:
        self._path, self._delimited = path, delimited
        self._open: dict[str, _Sink] = {}
        self._paths: dict[str, Path] = {}
        self.rows: dict[Path, int] = {}
        """by file that was written"""

    def write(self, table: Table) -> None:
        """Rows of one table."""
        import pyarrow as pa

        texts = self._delimited
        arrays, fields = [], []
        for name, values in table.columns.items():
            array = _text_array(values) if texts else _array(values)
            unit = table.units.get(name, "")
            title = f"{name} [{unit}]" if texts and unit else name
            metadata = {"unit": unit} if unit and not texts else None
            arrays.append(array)
            fields.append(pa.field(title, array.type, metadata=metadata))
        made = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        if table.name not in self._open:
            path = self._paths[table.name] = self._path(table.name)
            self._open[table.name] = self._sink(path, made.schema)
            self.rows[path] = 0
        self._open[table.name].write_table(made)
        self.rows[self._paths[table.name]] += len(table)

    def _sink(self, path: Path, schema: pa.Schema) -> _Sink:
        sink: _Sink
        if self._delimited:
            from pyarrow.csv import CSVWriter, WriteOptions

            sink = CSVWriter(path, schema, write_options=WriteOptions(quoting_style="needed"))
        else:
            from pyarrow.parquet import ParquetWriter

            sink = ParquetWriter(path, schema, compression="zstd")
        return sink

    def close(self) -> None:
        """Finish every file."""
        for each in self._open.values():
            each.close()


class TablePath(Protocol):
    """Where a table goes."""

    def __call__(self, table: str) -> Path: ...


def _array(values: Values) -> pa.Array:
    import pyarrow as pa

    if isinstance(values, Ragged):
        return pa.ListArray.from_arrays(pa.array(values.offsets, pa.int32()), _array(values.values))
    if values.dtype.kind == "M":
        return pa.array(values, pa.timestamp("ns", tz="UTC"), mask=~known(values))
    if values.dtype.kind == "U":
        return pa.array(values.tolist(), pa.string(), mask=~known(values))
    if values.dtype.kind == "O":
        return pa.array(values.tolist(), pa.binary())
    return pa.array(values, mask=~known(values))


def _text_array(values: Values) -> pa.Array:
    """As `_array`, with moments and several values as text."""
    import pyarrow as pa

    if isinstance(values, Ragged):
        texts = [";".join(map(str, row.tolist())) for row in values]
        return pa.array([text or None for text in texts], pa.string())
    if values.dtype.kind == "O":
        return pa.array([base64.b64encode(each).decode() for each in values.tolist()], pa.string())
    if values.dtype.kind == "M":
        written: NDArray[Any] = np.char.add(np.datetime_as_string(values, unit="ns"), "Z")
        return pa.array(written.tolist(), pa.string(), mask=~known(values))
    return _array(values)
