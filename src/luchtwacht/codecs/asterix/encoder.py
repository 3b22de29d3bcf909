"""Records to bytes, by the same tables that read them.

Every item of every record becomes a run of octets (of length 0 where it is absent); runs are laid behind one another
for all records at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from luchtwacht.codecs.asterix.categories import plan_for
from luchtwacht.codecs.asterix.plan import Plan, condition_of, fields_of
from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.codecs.asterix.specification import Field, Item, Kind, Layout
from luchtwacht.errors import BadMessage
from luchtwacht.model import Bools, Ints

Octets = NDArray[np.uint8]
HEADER = 3
"""octets of a block's header"""
LONGEST_BLOCK = 65_535


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """A run of octets for each record."""

    sizes: Ints
    """(n,)"""
    octets: Octets
    """(sum of sizes,), run after run"""

    @property
    def present(self) -> Bools:
        """(n,)"""
        return self.sizes > 0

    def take(self, rows: Ints) -> Runs:
        """The runs of `rows`."""
        start = (np.cumsum(self.sizes) - self.sizes)[rows]
        return Runs(self.sizes[rows], self.octets[_spread(start, self.sizes[rows])])


def limits(category: int, name: str) -> tuple[float, float]:
    """Smallest and largest value of a quantity that fits its bits, in its own unit.

    Raises:
        BadMessage: the category or column does not exist.
    """
    plan = _plan(category, None)
    if name not in plan.columns:
        raise BadMessage(f"CAT{category:03d} has no {name}")
    return plan.columns[name].field.limits


def encode(
    category: int,
    columns: Mapping[str, ArrayLike | Ragged | Sequence[Any]],
    *,
    records_per_block: int = 1,
    edition: str | None = None,
) -> list[bytes]:
    """Blocks that hold one record for each row of `columns`.

    Args:
        category: 48.
        columns: by name, each of n rows, in the units `decode` gives: a number, NaN where the item is absent; a code,
            -1 where absent; text, "" where absent; `Ragged` or a row of sequences where there may be several. An item
            is written when one of its fields is present; its other fields are then 0. Angles and times of day are
            taken modulo a turn or a day; uncertainties and ages too large become the largest that can be written.
        records_per_block: the last block may hold fewer.
        edition: where it is not the first in `categories.CATEGORIES`.

    Raises:
        BadMessage: an unknown category or column, columns of unequal length, a value that does not fit, a record
            without any item, a block longer than 65,535 octets.
    """
    plan = _plan(category, edition)
    unknown = [name for name in columns if name not in plan.columns]
    if unknown:
        raise BadMessage(f"CAT{category:03d} has no {', '.join(unknown)}")
    ready = {name: _column(plan, name, values) for name, values in columns.items()}
    lengths = {len(values) for values in ready.values()}
    if len(lengths) > 1:
        raise BadMessage(f"columns of CAT{category:03d} differ in length: {sorted(lengths)}")
    length = lengths.pop() if lengths else 0
    if length == 0:
        return []
    records = _records(plan, ready, length)
    blocks = []
    for first in range(0, length, records_per_block):
        body = b"".join(records[first : first + records_per_block])
        if len(body) + HEADER > LONGEST_BLOCK:
            raise BadMessage(f"a block of {len(body) + HEADER} octets is longer than {LONGEST_BLOCK}")
        blocks.append(bytes([category]) + (len(body) + HEADER).to_bytes(2, "big") + body)
    return blocks


def _plan(category: int, edition: str | None) -> Plan:
    plan = plan_for(category, None if edition is None else {category: edition})
    if plan is None:
        raise BadMessage(f"ASTERIX category {category} is not written")
    return plan


def _column(plan: Plan, name: str, values: Any) -> Any:
    """The column as an array, or ragged."""
    column = plan.columns[name]
    if not column.ragged:
        ready = np.asarray(values)
        if ready.ndim != 1:
            raise BadMessage(f"{name} has shape {ready.shape}, wanted one value a record")
        return ready
    return values if isinstance(values, Ragged) else Ragged.of(values)


# -- records ---------------------------------------------------------------------------------------------------------


def _records(plan: Plan, columns: Mapping[str, Any], length: int) -> list[bytes]:
    """The octets of each record."""
    category = plan.category
    named = {name.split("/")[1] for name in columns}
    runs = {
        item.reference: _item(f"{category.key}/{item.reference}", item, columns, length)
        for item in (*category.items, *category.alternative)
        if item is not None and item.reference in named
    }
    if not category.alternative:
        return _ordered(plan, category.items, runs, length)
    assert category.selector is not None
    reference, mask = category.selector
    selecting = runs.get(reference, _nothing(length))
    if not selecting.present.all():
        raise BadMessage(f"CAT{category.number:03d} needs {category.key}/{reference} in every record")
    first = selecting.octets[np.cumsum(selecting.sizes) - selecting.sizes]
    records = [b""] * length
    for order, chosen in ((category.items, first & mask == 0), (category.alternative, first & mask != 0)):
        rows = np.flatnonzero(chosen)
        there = {item.reference for item in order if item is not None}
        for name, run in runs.items():
            if name not in there and run.present[rows].any():
                raise BadMessage(f"{category.key}/{name} has no place in a record of this kind")
        some = {name: run.take(rows) for name, run in runs.items()}
        for row, octets in zip(rows.tolist(), _ordered(plan, order, some, len(rows)), strict=True):
            records[row] = octets
    return records


def _ordered(plan: Plan, order: tuple[Item | None, ...], runs: Mapping[str, Runs], length: int) -> list[bytes]:
    """Field specification and items of each record."""
    row = [runs.get(item.reference) if item is not None else None for item in order]
    present = np.zeros((length, len(order)), dtype=np.bool_)
    for frn, run in enumerate(row):
        if run is not None:
            present[:, frn] = run.present
    if not present.any(axis=1).all():
        empty = int(np.flatnonzero(~present.any(axis=1))[0])
        raise BadMessage(f"record {empty} of CAT{plan.category.number:03d} holds no item")
    whole = _join([_presence(present), *[run for run in row if run is not None]])
    octets, stops = whole.octets.tobytes(), np.cumsum(whole.sizes).tolist()
    return [octets[start:stop] for start, stop in zip([0, *stops][:-1], stops, strict=True)]


def _presence(present: Bools) -> Runs:
    """Seven presence bits an octet, then FX."""
    length, items = present.shape
    octets = np.zeros((length, -(-items // 7)), dtype=np.uint8)
    for item in range(items):
        octets[:, item // 7] |= (present[:, item].astype(np.uint8)) << np.uint8(7 - item % 7)
    return _extended_runs(octets, np.where(octets > 0, np.arange(octets.shape[1]) + 1, 0).max(axis=1, initial=0))


def _extended_runs(octets: Octets, counts: Ints) -> Runs:
    """The first `counts` octets of each row, with FX set in all but the last."""
    place = np.arange(octets.shape[1])
    marked = octets | (place < (counts - 1)[:, None]).astype(np.uint8)
    return Runs(counts.astype(np.int64), marked[place < counts[:, None]])


def _spread(start: Ints, sizes: Ints) -> Ints:
    """The places of runs of `sizes` octets that begin at `start`, one after another."""
    skipped = np.cumsum(sizes) - sizes
    return np.repeat(start - skipped, sizes) + np.arange(int(sizes.sum()), dtype=np.int64)


def _join(parts: Iterable[Runs]) -> Runs:
    """For each record the runs of all parts, one behind the other."""
    parts = list(parts)
    sizes = reduce(np.add, [part.sizes for part in parts])
    at = np.cumsum(sizes) - sizes
    octets = np.empty(int(sizes.sum()), dtype=np.uint8)
    for part in parts:
        octets[_spread(at, part.sizes)] = part.octets
        at = at + part.sizes
    return Runs(sizes, octets)


def _nothing(length: int) -> Runs:
    return Runs(np.zeros(length, dtype=np.int64), np.empty(0, dtype=np.uint8))


# -- items -----------------------------------------------------------------------------------------------------------


def _item(prefix: str, item: Item, columns: Mapping[str, Any], length: int) -> Runs:
    """The octets of one item in each record."""
    match item.layout:
        case Layout.COMPOUND:
            return _compound(prefix, item, columns, length)
        case Layout.EXPLICIT:
            return _explicit(prefix, columns[prefix])
        case Layout.REPETITIVE | Layout.CHAIN:
            return _repeated(prefix, item, columns, length)
        case Layout.EXTENDED:
            octets, filled = _parts(prefix, item, columns, length)
            return _extended_runs(octets, np.where(filled, np.arange(filled.shape[1]) + 1, 0).max(axis=1))
        case _:
            octets, filled = _parts(prefix, item, columns, length)
            present = filled[:, 0]
            return Runs(present * np.int64(item.octets), octets[present].reshape(-1))


def _compound(prefix: str, item: Item, columns: Mapping[str, Any], length: int) -> Runs:
    """Presence bits and sub-items."""
    runs = []
    for sub in item.items:
        name = f"{prefix}/{sub.reference}" if sub is not None else ""
        named = any(each == name or each.startswith(f"{name}/") for each in columns)
        runs.append(_item(name, sub, columns, length) if sub is not None and named else _nothing(length))
    presence = _presence(np.stack([run.present for run in runs], axis=1))
    return _join([presence, *runs])


def _explicit(prefix: str, values: Ragged) -> Runs:
    """A length and the octets."""
    counts = values.counts
    if len(counts) and counts.max() > 254:
        raise BadMessage(f"{prefix} holds {int(counts.max())} octets, at most 254 fit")
    sizes = np.where(counts > 0, counts + 1, 0)
    head = Runs((counts > 0).astype(np.int64), sizes[counts > 0].astype(np.uint8))
    return _join([head, Runs(counts, values.values.astype(np.uint8))])


def _repeated(prefix: str, item: Item, columns: Mapping[str, Any], length: int) -> Runs:
    """A count, or FX after each element."""
    given = {name: each for name, each in columns.items() if name == prefix or name.startswith(f"{prefix}/")}
    offsets = next(iter(given.values())).offsets
    if any(not np.array_equal(each.offsets, offsets) for each in given.values()):
        raise BadMessage(f"the columns of {prefix} differ in how many values a record has")
    counts = np.diff(offsets)
    elements, _ = _parts(prefix, item, {name: each.values for name, each in given.items()}, int(offsets[-1]))
    if item.layout is Layout.CHAIN:
        last = np.zeros(len(elements), dtype=np.bool_)
        last[offsets[1:][counts > 0] - 1] = True
        elements[:, -1] |= ~last
        return Runs(counts * np.int64(item.octets), elements.reshape(-1))
    if length and counts.max() > 255:
        raise BadMessage(f"{prefix} has {int(counts.max())} values in a record, at most 255 fit")
    head = Runs((counts > 0).astype(np.int64), counts[counts > 0].astype(np.uint8))
    return _join([head, Runs(counts * np.int64(item.octets), elements.reshape(-1))])


def _parts(prefix: str, item: Item, columns: Mapping[str, Any], length: int) -> tuple[Octets, NDArray[np.bool_]]:
    """(length, octets) of an item and (length, parts) whether any field of the part is present."""
    count = len(item.parts)
    octets = np.zeros((length, item.octets * (count if item.layout is Layout.EXTENDED else 1)), dtype=np.uint8)
    filled = np.zeros((length, count), dtype=np.bool_)
    for part, bit, field in fields_of(item):
        name = f"{prefix}/{field.name}" if field.name else prefix
        if field.kind is Kind.SPARE or name not in columns:
            continue
        values = columns[name]
        present = _present(field, values)
        filled[:, part] |= present
        if field.kind in (Kind.TEXT, Kind.ICAO):
            _write_text(octets, bit, field, values)
        else:
            _write(octets, bit, field.bits, _raw(name, field, values, present))
        _set_selector(prefix, item, field, columns, octets, present)
    return octets, filled


def _set_selector(
    prefix: str, item: Item, field: Field, columns: Mapping[str, Any], octets: Octets, present: Bools
) -> None:
    """An alternative that is present says so itself, and must not contradict the selecting field."""
    if field.when is None:
        return
    name = f"{prefix}/{field.when[0]}"
    bit, bits, value = condition_of(item, field)
    if name not in columns:
        _write(octets, bit, bits, np.where(present, value, 0))
    elif (present & (np.asarray(columns[name]) != value)).any():
        raise BadMessage(f"{prefix}/{field.name} is there where {name} is not {value}")


# -- fields ----------------------------------------------------------------------------------------------------------


def _present(field: Field, values: NDArray[Any]) -> Bools:
    """NaN, -1 and "" say that a value is absent."""
    if field.kind in (Kind.TEXT, Kind.ICAO):
        return np.asarray(values != "", dtype=np.bool_)
    if field.kind is Kind.QUANTITY:
        return ~np.isnan(values.astype(np.float64))
    return np.asarray(values != -1, dtype=np.bool_)


def _raw(name: str, field: Field, values: NDArray[Any], present: Bools) -> Ints:
    """What stands in the bits, 0 where absent."""
    top = 1 << field.bits
    low, high = (-top // 2, top // 2 - 1) if field.signed else (0, top - 1)
    if field.kind is Kind.QUANTITY:
        scaled = np.where(present, values.astype(np.float64), 0.0)
        if field.wraps:
            scaled = np.mod(scaled, field.wraps)
        if not np.isfinite(scaled).all():
            raise BadMessage(f"{name} holds infinity")
        counts = np.rint(scaled / field.lsb)
        if field.wraps:
            turn = round(field.wraps / field.lsb)
            counts = np.where(counts >= turn, 0, counts)
            if field.signed:
                counts = np.where(2 * counts >= turn, counts - turn, counts)
        if field.saturates:
            counts = np.clip(counts, low, high)
    else:
        counts = np.where(present, values, 0)
    outside = (counts < low) | (counts > high)
    if outside.any():
        value = values[np.flatnonzero(outside)[0]]
        first, last = field.limits
        raise BadMessage(f"{name} {value} {field.unit}".rstrip() + f" does not fit: {first:g} to {last:g}")
    return np.asarray(counts, dtype=np.int64) & (top - 1)


def _write(octets: Octets, bit: int, bits: int, raw: Ints) -> None:
    """Lay `bits` bits of each row from bit `bit` on."""
    for octet in range(bit >> 3, ((bit + bits - 1) >> 3) + 1):
        shift = 8 * (octet + 1) - (bit + bits)
        part = raw << shift if shift >= 0 else raw >> -shift
        octets[:, octet] |= (part & 0xFF).astype(np.uint8)


def _write_text(octets: Octets, bit: int, field: Field, values: NDArray[Any]) -> None:
    """Characters, spaces after the last; what the alphabet lacks becomes 0."""
    size = 6 if field.kind is Kind.ICAO else 8
    characters = field.bits // size
    padded = np.strings.ljust(np.asarray(values, dtype=np.str_), characters)
    if padded.dtype.itemsize // 4 > characters and (np.strings.str_len(padded) > characters).any():
        longest = padded[int(np.argmax(np.strings.str_len(padded)))]
        raise BadMessage(f'text "{longest}" is longer than {characters} characters')
    points = np.ascontiguousarray(padded.astype(f"<U{characters}")).view(np.uint32).astype(np.int64)
    codes = points.reshape(len(values), characters)
    known = codes < 127
    if size == 6:
        known &= ((codes >= 65) & (codes <= 90)) | (codes == 32) | ((codes >= 48) & (codes <= 57))
        codes = np.where(codes >= 65, codes - 64, codes)
    codes = np.where(known, codes, 0)
    for place in range(characters):
        _write(octets, bit + place * size, size, codes[:, place])
