"""Batches: equal-length, read-only columns, one row per report.

A batch is declared as a frozen dataclass whose fields are made by `column`. Shape and type are part of the declaration,
so that making, joining, cutting, comparing and writing a batch are the same few lines for every one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
"""shape (n,), int64"""
Bytes = NDArray[np.int8]
"""shape (n,), int8; the value of an IntEnum"""
Bools = NDArray[np.bool_]
"""shape (n,), bool"""
Floats = NDArray[np.float64]
"""float64; NaN stands for "not measured" or "not known" """
Words = NDArray[np.str_]
"""shape (n,), fixed-width text; "" stands for "not known" """


def column(kind: type[np.generic] | str, *trailing: int) -> Any:
    """A dataclass field that holds `n` rows of `kind`, each of shape `trailing`."""
    return field(metadata={"dtype": np.dtype(kind), "trailing": trailing})


_LAYOUTS: dict[type, tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]] = {}
_NOTHING: dict[type, Any] = {}


def layout(kind: type) -> tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]:
    """Name, type and trailing shape of each column of a batch, in the order of declaration."""
    known = _LAYOUTS.get(kind)
    if known is None:
        known = tuple((each.name, each.metadata["dtype"], each.metadata["trailing"]) for each in fields(kind))
        _LAYOUTS[kind] = known
    return known


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Base of every batch. Columns are copied on the way in unless they already have their type, then frozen."""

    def __post_init__(self) -> None:
        length = -1
        for name, dtype, trailing in layout(type(self)):
            values = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            if values.ndim == 0 or values.shape[1:] != trailing or (length >= 0 and len(values) != length):
                raise AssertionError(
                    f"{type(self).__name__}.{name} has shape {values.shape}, "
                    f"wanted ({'n' if length < 0 else length}, {', '.join(map(str, trailing))})"
                )
            length = len(values)
            if values.flags.writeable:
                values = values.view()
                values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __setstate__(self, columns: dict[str, NDArray[Any]]) -> None:
        """Out of a pickle or a copy columns come writeable, and for a compiled kernel that is a type of its own: frozen
        here, a batch is the same wherever it came from."""
        for values in columns.values():
            values.flags.writeable = False
        self.__dict__.update(columns)

    def __len__(self) -> int:
        return len(getattr(self, layout(type(self))[0][0]))

    def __eq__(self, other: object) -> bool:
        """Same type and the same bits in every column (so NaN equals NaN)."""
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name).tobytes() == getattr(other, name).tobytes() for name, _, _ in layout(type(self)))

    __hash__ = None  # type: ignore[assignment]

    def take(self, rows: ArrayLike | slice) -> Self:
        """The rows at `rows` (indices, a mask or a slice), in that order."""
        chosen = rows if isinstance(rows, slice) else np.asarray(rows)
        if isinstance(chosen, np.ndarray) and chosen.size == 0:
            chosen = chosen.astype(np.intp)
        columns = {name: getattr(self, name)[chosen] for name, _, _ in layout(type(self))}
        if (isinstance(chosen, slice) and chosen.step is None) or (isinstance(chosen, np.ndarray) and chosen.ndim == 1):
            return self.made(**columns)  # rows of what was checked, as they were
        return type(self)(**columns)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Name to column, in the order of declaration."""
        return {name: getattr(self, name) for name, _, _ in layout(type(self))}

    @classmethod
    def made(cls, **columns: NDArray[Any]) -> Self:
        """A batch of all its columns, just made for it and each right already: nothing is checked or copied."""
        for values in columns.values():
            values.flags.writeable = False
        batch = object.__new__(cls)
        batch.__dict__.update(columns)
        return batch

    @classmethod
    def empty(cls) -> Self:
        """No rows: one batch for all who ask, since nobody can change it."""
        if cls not in _NOTHING:
            _NOTHING[cls] = cls(
                **{name: np.empty((0, *trailing), dtype=dtype) for name, dtype, trailing in layout(cls)}
            )
        nothing: Self = _NOTHING[cls]
        return nothing

    @classmethod
    def unknown(cls, length: int, **known: Any) -> Self:
        """`length` rows in which every column not named in `known` says "not known": NaN, "", -1 or False.

        A value in `known` may be a column or one value for all rows.
        """
        made: dict[str, NDArray[Any]] = {}
        for name, dtype, trailing in layout(cls):
            missing: Any = {"f": np.nan, "U": "", "i": -1, "b": False}[dtype.kind]
            made[name] = np.full((length, *trailing), missing, dtype=dtype)
            if name in known:
                made[name][:] = np.asarray(known.pop(name))
        if known:
            raise AssertionError(f"{cls.__name__} has no column {sorted(known)}")
        return cls(**made)

    @classmethod
    def concatenate(cls, batches: Sequence[Self]) -> Self:
        """The rows of all `batches`, in order."""
        filled = [batch for batch in batches if len(batch)]
        if len(filled) == 1:
            return filled[0]
        if not filled:
            return cls.empty()
        return cls(**{name: np.concatenate([getattr(batch, name) for batch in filled]) for name, _, _ in layout(cls)})
