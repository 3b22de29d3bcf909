"""Shared by the tests of ASTERIX: frames from bytes, where the recordings are, and invented records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from luchtwacht.codecs.asterix import Ragged, Records
from luchtwacht.codecs.asterix.plan import Column, plan_of
from luchtwacht.codecs.asterix.specification import Category, Kind
from luchtwacht.model import Frames

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "data" / "asterix"


def frames(*payloads: bytes) -> Frames:
    """Frames numbered from 101, of source 3."""
    count = len(payloads)
    return Frames.of(
        list(payloads),
        sequence=np.arange(101, 101 + count),
        source=np.full(count, 3),
        received_ns=np.zeros(count, dtype=np.int64),
    )


def blocks_of(octets: bytes) -> list[bytes]:
    """The blocks of a bare recording."""
    found, at = [], 0
    while at < len(octets):
        length = int.from_bytes(octets[at + 1 : at + 3], "big")
        found.append(octets[at : at + length])
        at += length
    return found


def columns(records: Records) -> dict[str, Any]:
    """All columns."""
    return {name: records[name] for name in records.names}


def same(left: Any, right: Any) -> bool:
    """Equal columns, NaN equal to NaN."""
    if isinstance(left, Ragged) or isinstance(right, Ragged):
        return bool(np.array_equal(left.offsets, right.offsets)) and same(left.values, right.values)
    left, right = np.asarray(left), np.asarray(right)
    return left.dtype.kind == right.dtype.kind and bool(np.array_equal(left, right, equal_nan=left.dtype.kind == "f"))


def invented(category: Category, count: int, seed: int) -> dict[str, Any]:
    """Columns of `count` records in which any item may be present, with any value it may have."""
    rng = np.random.default_rng(seed)
    plan = plan_of(category)
    groups: dict[tuple[str, str, bool], list[Column]] = {}
    for column in plan.columns.values():
        reference = "" if column.child < 0 else column.item.reference
        groups.setdefault((plan.slots[column.slot], reference, column.ragged), []).append(column)
    made: dict[str, Any] = {}
    for (reference, _, ragged), members in groups.items():
        allowed = _allowed(category, reference, made, count)
        present = (rng.random(count) < 0.5) & allowed
        if reference in ("010", category.selector[0] if category.selector else "010"):
            present[:] = True
        sizes = rng.integers(1, 4, count) * present if ragged else present.astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        parts = rng.integers(1, len(members[0].item.parts) + 1, int(offsets[-1]))
        choices = rng.integers(0, 2, int(offsets[-1]))
        for column in members:
            values = _values(rng, column, parts, choices)
            if ragged:
                made[column.name] = Ragged(offsets, values)
            else:
                missing: Any = {"f": np.nan, "i": -1, "U": ""}[values.dtype.kind]
                whole = np.full(count, missing, dtype=values.dtype)
                whole[present] = values
                made[column.name] = whole
    return made


def _allowed(category: Category, reference: str, made: dict[str, Any], count: int) -> Any:
    """Where the item has a place, in a category with two orders of items."""
    if not category.alternative:
        return np.ones(count, dtype=np.bool_)
    assert category.selector is not None
    selecting = made.get(f"{category.key}/{category.selector[0]}/TYP")
    if selecting is None:
        return np.ones(count, dtype=np.bool_)
    has = [
        any(item and item.reference == reference for item in order) for order in (category.items, category.alternative)
    ]
    return np.where(selecting == 1, has[1], has[0])


def _values(rng: np.random.Generator, column: Column, parts: Any, choices: Any) -> Any:
    """A value for each element, absent where the element ends before it or another alternative was chosen."""
    field, count = column.field, len(parts)
    if field.kind is Kind.RAW:
        return rng.integers(0, 256, count).astype(np.uint8)
    there = column.part < parts
    if field.when is not None:
        there &= choices == field.when[1]
    if any(other.when and other.when[0] == field.name for other in column.item.parts[0]):
        return choices.astype(np.int64)
    if field.kind in (Kind.TEXT, Kind.ICAO):
        letters = np.array(list("ABCXYZ0189"))
        characters = field.bits // (6 if field.kind is Kind.ICAO else 8)
        return np.array(
            ["".join(rng.choice(letters, rng.integers(1, characters + 1))) for _ in range(count)],
            dtype=f"<U{characters}",
        )
    top = 1 << field.bits
    low, high = (-top // 2, top // 2) if field.signed else (0, top)
    if field.plausible is not None:
        low = max(low, int(np.ceil(field.plausible[0] / field.lsb)))
        high = min(high, int(field.plausible[1] / field.lsb) + 1)
    if field.wraps:
        turn = round(field.wraps / field.lsb)
        high = min(high, turn if low >= 0 else turn // 2)
    raw = rng.integers(low, high, count)
    if field.kind is Kind.CODE:
        return np.where(there, raw, -1)
    return np.where(there, raw * field.lsb, np.nan)
