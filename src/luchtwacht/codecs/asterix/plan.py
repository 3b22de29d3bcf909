"""A category's table made ready: rows of numbers for the kernels, and where each column's bits stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from luchtwacht.codecs.asterix.specification import Category, Field, Item, Kind, Layout
from luchtwacht.model import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where one column's bits stand."""

    name: str
    field: Field
    slot: int
    """row of `offsets` with the item"""
    item: Item
    """the item or sub-item that holds the field"""
    row: int
    """layout row of the compound item around it, -1 when there is none"""
    child: int
    """place among that item's sub-items, -1 when there is none"""
    part: int
    """octet of an extended item"""
    bit: int
    """from the item's (or element's) first bit"""
    when: tuple[int, int, int]
    """bit, length and value of the field that must say so; length 0 when none must"""

    @property
    def ragged(self) -> bool:
        """Whether a row holds any number of values."""
        return self.item.layout in (Layout.REPETITIVE, Layout.CHAIN, Layout.EXPLICIT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """One edition of one category, ready for the kernels."""

    category: Category
    columns: dict[str, Column]
    """in order of the table"""
    layout: Ints
    """(r, 5) int64, see `kernels.asterix`"""
    frns: int
    slots: tuple[str, ...]
    """item of each row of `offsets`"""
    selector: int
    """layout row of the item that selects the order of items, -1 when there is one order"""
    mask: int
    gates: tuple[Column, ...]
    """columns whose value can be impossible"""

    def item_at(self, row: int) -> str:
        """Name of the item of a layout row: `I048/130`."""
        slot = int(self.layout[row, 4]) if 0 <= row < len(self.layout) else -1
        return f"{self.category.key}/{self.slots[slot]}" if slot >= 0 else self.category.key


def fields_of(item: Item) -> Iterator[tuple[int, int, Field]]:
    """Part, first bit and field, in order; alternatives stand on the same bits."""
    for part, fields in enumerate(item.parts):
        bit = 8 * part if item.layout is Layout.EXTENDED else 0
        first = bit
        for field in fields:
            if field.first_of:
                first, bit = bit, bit + field.bits
            yield part, first, field


def condition_of(item: Item, field: Field) -> tuple[int, int, int]:
    """Bit, length and value of the field on which `field` depends."""
    if field.when is None:
        return 0, 0, 0
    name, value = field.when
    for _, bit, other in fields_of(item):
        if other.name == name:
            return bit, other.bits, value
    raise AssertionError(f"{item.reference}/{field.name} depends on {name}, which is not there")


def _check(item: Item) -> None:
    """Our own tables must fill whole octets."""
    fx = item.layout in (Layout.EXTENDED, Layout.CHAIN)
    for part in item.parts:
        bits = sum(field.bits for field in part if field.first_of) + fx
        if bits % 8 or (item.layout is Layout.EXTENDED and bits != 8):
            raise AssertionError(f"{item.reference} has a part of {bits} bits")
        for field in part:
            if field.kind in (Kind.CODE, Kind.QUANTITY) and not 0 < field.bits <= 56:
                raise AssertionError(f"{item.reference}/{field.name} has {field.bits} bits")


def _columns(prefix: str, item: Item, *, slot: int, row: int, child: int) -> Iterator[Column]:
    """The columns of one item that is not compound."""
    _check(item)
    for part, bit, field in fields_of(item):
        if field.kind is not Kind.SPARE:
            yield Column(
                name=f"{prefix}/{field.name}" if field.name else prefix,
                field=field,
                slot=slot,
                item=item,
                row=row,
                child=child,
                part=part,
                bit=bit,
                when=condition_of(item, field),
            )


@cache
def plan_of(category: Category) -> Plan:
    """Make a category's table ready."""
    frns = max(len(category.items), len(category.alternative))
    orders = [category.items, category.alternative] if category.alternative else [category.items]
    slots: list[str] = []
    rows: list[tuple[int, int, int, int, int]] = []
    children: list[tuple[int, int, int, int, int]] = []
    first_child = frns * len(orders)
    columns: dict[str, Column] = {}
    for order in orders:
        for item in (*order, *[None] * (frns - len(order))):
            if item is None:
                rows.append((-1, 0, 0, 0, -1))
                continue
            if item.reference not in slots:
                slots.append(item.reference)
            slot, prefix = slots.index(item.reference), f"{category.key}/{item.reference}"
            first = first_child + len(children)
            for child, sub in enumerate(item.items):
                children.append((-1, 0, 0, 0, -1) if sub is None else (sub.layout, sub.octets, 0, 0, slot))
                if sub is not None:
                    for column in _columns(f"{prefix}/{sub.reference}", sub, slot=slot, row=len(rows), child=child):
                        columns.setdefault(column.name, column)
            if item.layout not in (Layout.COMPOUND, Layout.RANDOM):
                for column in _columns(prefix, item, slot=slot, row=-1, child=-1):
                    columns.setdefault(column.name, column)
            rows.append((item.layout, item.octets, first, len(item.items), slot))
    selector, mask = -1, 0
    if category.selector is not None:
        selector = next(
            row for row, item in enumerate(category.items) if item and item.reference == category.selector[0]
        )
        mask = category.selector[1]
    return Plan(
        category=category,
        columns=columns,
        layout=np.array(rows + children, dtype=np.int64),
        frns=frns,
        slots=tuple(slots),
        selector=selector,
        mask=mask,
        gates=tuple(each for each in columns.values() if each.field.plausible and each.row < 0 and not each.ragged),
    )
