"""Columns to blocks: the same tables the other way round. Plain Python; a simulator's load, not a recorder's."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np

from luchtwacht.codecs.asterix.categories import CATEGORIES
from luchtwacht.codecs.asterix.records import Ragged
from luchtwacht.codecs.asterix.specification import Category, Field, Item, Kind, Layout
from luchtwacht.errors import BadMessage

Row = dict[str, Any]
"""Name of the column to the value of one record, or to its list of values."""


def encode(
    category: int,
    columns: Mapping[str, Any],
    *,
    records_per_block: int = 1,
    categories: Mapping[int, Category] = CATEGORIES,
) -> list[bytes]:
    """Blocks that hold the records in `columns`.

    Args:
        columns: name to (n,) values as `Records` gives them, or to a `Ragged`; NaN, -1 and "" leave a field out. An
            item is there when any of its fields is, its other fields are then 0.

    Raises:
        BadMessage: a value does not fit its field.
        KeyError: the category has no such column.
    """
    specification = categories[category]
    known = _column_names(specification)
    for name in columns:
        if name not in known:
            raise KeyError(f"{specification.key} has no column {name}")
    listed = {name: _listed(values) for name, values in columns.items()}
    count = max((len(values) for values in listed.values()), default=0)
    rows = [{name: values[number] for name, values in listed.items()} for number in range(count)]
    bodies = [_record(specification, row) for row in rows]
    blocks = []
    for first in range(0, count, records_per_block):
        body = b"".join(bodies[first : first + records_per_block])
        blocks.append(bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body)
    return blocks


def _listed(values: Any) -> list[Any]:
    if isinstance(values, Ragged):
        return [values.of(record).tolist() for record in range(len(values))]
    listed: list[Any] = np.asarray(values).tolist()
    return listed


def _column_names(category: Category) -> set[str]:
    names: set[str] = set()

    def visit(item: Item, name: str) -> None:
        for fields in item.parts:
            names.update(f"{name}/{field.name}" if field.name else name for field in fields if field.kind != Kind.SPARE)
        for inner in item.items:
            if inner is not None:
                visit(inner, f"{name}/{inner.reference}")

    for item in category.items:
        if item is not None:
            visit(item, f"{category.key}/{item.reference}")
    return names


def _record(category: Category, row: Row) -> bytes:
    parts = [None if item is None else _item(item, f"{category.key}/{item.reference}", row) for item in category.items]
    return _presence(parts) + b"".join(part for part in parts if part is not None)


def _presence(parts: list[bytes | None]) -> bytes:
    """A field specification: seven bits an octet, the eighth says whether another follows."""
    last = max((number for number, part in enumerate(parts) if part is not None), default=0)
    octets = bytearray(last // 7 + 1)
    for number, part in enumerate(parts):
        if part is not None:
            octets[number // 7] |= 128 >> number % 7
    for number in range(len(octets) - 1):
        octets[number] |= 1
    return bytes(octets)


def _item(item: Item, name: str, row: Row) -> bytes | None:
    """The item's octets; none when the row has nothing of it."""
    match item.layout:
        case Layout.COMPOUND:
            parts = [None if each is None else _item(each, f"{name}/{each.reference}", row) for each in item.items]
            inner = b"".join(part for part in parts if part is not None)
            return _presence(parts) + inner if any(part is not None for part in parts) else None
        case Layout.FIXED:
            return _part(item.parts[0], name, row)
        case Layout.EXTENDED:
            return _extended(item, name, row)
        case Layout.REPETITIVE | Layout.CHAIN | Layout.EXPLICIT:
            return _groups(item, name, row)
    raise AssertionError(f"{name} has a layout that is not written")


def _extended(item: Item, name: str, row: Row) -> bytes | None:
    parts = [_part(fields, name, row, spare_bits=1) for fields in item.parts]
    last = max((number for number, part in enumerate(parts) if part is not None), default=-1)
    if last < 0:
        return None
    octets = bytearray()
    for number, part in enumerate(parts[: last + 1]):
        octets += part if part is not None else bytes(item.octets)
        octets[-1] |= number < last
    return bytes(octets)


def _groups(item: Item, name: str, row: Row) -> bytes | None:
    fields = item.parts[0]
    names = [f"{name}/{field.name}" if field.name else name for field in fields]
    counts = {len(row[each]) for each in names if row.get(each)}
    if not counts:
        return None
    if len(counts) > 1:
        raise BadMessage(f"the fields of {name} have {sorted(counts)} values", where=name)
    (count,) = counts
    chained = item.layout == Layout.CHAIN
    groups = []
    for number in range(count):
        inner = {each: row[each][number] for each in names if row.get(each)}
        group = bytearray(_part(fields, name, inner, spare_bits=int(chained)) or bytes(item.octets))
        if chained:
            group[-1] |= number < count - 1
        groups.append(bytes(group))
    body = b"".join(groups)
    if chained:
        return body
    head = count if item.layout == Layout.REPETITIVE else len(body) + 1
    if head > 255:
        raise BadMessage(f"{count} groups do not fit", where=name, hint="at most 255 octets")
    return bytes([head]) + body


def _part(fields: tuple[Field, ...], name: str, row: Row, *, spare_bits: int = 0) -> bytes | None:
    """The octets of some fields; none when the row has nothing of them."""
    number = bits = start = 0
    there = False
    for field in fields:
        if field.first_of:
            start, bits = bits, bits + field.bits
        column = f"{name}/{field.name}" if field.name else name
        value = row.get(column)
        if field.kind == Kind.SPARE or _absent(field, value):
            continue
        if field.when is not None and row.get(f"{name}/{field.when[0]}", 0) != field.when[1]:
            continue
        there = True
        number |= _number(field, value, column) << (_MOST - start - field.bits)
    bits += spare_bits
    return (number >> (_MOST - bits)).to_bytes(bits // 8, "big") if there else None


_MOST = 4096
"""bits of a part at most"""


def _absent(field: Field, value: Any) -> bool:
    """Whether a value says that its field is not there."""
    if value is None or value == "" or (isinstance(value, float) and isnan(value)):
        return True
    return field.kind == Kind.CODE and int(value) == -1


def _number(field: Field, value: Any, name: str) -> int:
    """The value as the field's bits."""
    match field.kind:
        case Kind.TEXT:
            text = str(value).encode("ascii", "replace").ljust(field.bits // 8)
            if len(text) > field.bits // 8:
                raise BadMessage(f"{value!r} is longer than {field.bits // 8} characters", where=name)
            return int.from_bytes(text, "big")
        case Kind.ICAO:
            return _icao_number(str(value), field.bits // 6, name)
        case Kind.QUANTITY:
            return _scaled(field, float(value), name)
        case _:
            code = int(value)
            if not 0 <= code < 1 << field.bits:
                raise BadMessage(f"{value} does not fit in {field.bits} bits", where=name)
            return code


def _scaled(field: Field, value: float, name: str) -> int:
    if field.wraps:
        value = value % field.wraps if not field.signed else (value + field.wraps / 2) % field.wraps - field.wraps / 2
    top = 1 << (field.bits - field.signed)
    bottom = -top if field.signed else 0
    number = round(value / field.lsb)
    if field.wraps and number == top:
        number = bottom
    if not bottom <= number < top:
        if not field.saturates:
            low, high = field.limits
            raise BadMessage(f"{value:g} {field.unit} does not fit: {low:g} to {high:g}", where=name)
        number = min(max(number, bottom), top - 1)
    return number & ((1 << field.bits) - 1)


def _icao_number(text: str, characters: int, name: str) -> int:
    number = 0
    if len(text) > characters:
        raise BadMessage(f"{text!r} is longer than {characters} characters", where=name)
    for letter in text.ljust(characters):
        code = ord(letter)
        if not (letter == " " or "0" <= letter <= "9" or "A" <= letter <= "Z"):
            raise BadMessage(f"{letter!r} of {text!r} is no character of ICAO Annex 10", where=name)
        number = number << 6 | (code & 63)
    return number
