"""Our tables against libasterix's: every field of every category at the same bits, with the same scale and name."""

from __future__ import annotations

import pytest
from tests.oracles import asterix as oracle

from luchtwacht.codecs.asterix import CATEGORIES
from luchtwacht.codecs.asterix.plan import plan_of
from luchtwacht.codecs.asterix.specification import Category, Kind

THERE = [each for each in CATEGORIES if each.number != 129]
TEXT = {Kind.TEXT: "StringAscii", Kind.ICAO: "StringICAO", Kind.RAW: "raw"}


def name_of(category: Category) -> str:
    return f"{category.number:03d} {category.edition}"


@pytest.mark.parametrize("category", THERE, ids=name_of)
def test_every_field_stands_at_the_same_bits(category: Category) -> None:
    ours = {
        name: oracle.Bits(
            column.part,
            column.bit,
            column.field.bits,
            column.field.lsb if column.field.kind is Kind.QUANTITY else None,
            column.field.signed,
            TEXT.get(column.field.kind, ""),
        )
        for name, column in plan_of(category).columns.items()
    }
    theirs = {name: bits for order in oracle.orders(category) for name, bits in oracle.fields_of(category, order)}
    assert {name: bits for name, bits in ours.items() if name not in theirs} == {}
    assert {name: bits for name, bits in theirs.items() if name not in ours} == {}
    for name, bits in theirs.items():
        mine = ours[name]
        assert mine._replace(lsb=None) == bits._replace(lsb=None), name
        assert mine.lsb == (None if bits.lsb is None else pytest.approx(bits.lsb, rel=1e-15)), name


@pytest.mark.parametrize("category", THERE, ids=name_of)
def test_items_come_in_the_same_order(category: Category) -> None:
    for ours, theirs in zip([category.items, category.alternative], oracle.orders(category), strict=False):
        names = []
        for item in theirs.cv_items_list:
            kind = next(
                each.__name__ for each in item.__mro__ if each.__name__ in ("UapItemRFS", "UapItemSpare", "UapItem")
            )
            names.append(
                item.cv_non_spare.cv_name if hasattr(item, "cv_non_spare") else {"UapItemRFS": "RFS"}.get(kind)
            )
        while names and names[-1] is None:
            names.pop()
        assert [item.reference if item else None for item in ours] == names


@pytest.mark.parametrize("category", CATEGORIES, ids=name_of)
def test_columns_are_named_once_and_say_their_unit(category: Category) -> None:
    plan = plan_of(category)
    assert len(set(plan.columns)) == len(plan.columns)
    for column in plan.columns.values():
        assert column.field.kind is not Kind.QUANTITY or column.field.unit
