"""ASTERIX by somebody else's tables and code: libasterix, record by record, under our names of columns.

`fields_of` and `values_of` walk libasterix's specification classes and parsed records; where a name of ours differs on
purpose, `RENAMED` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import asterix.base as base
import asterix.generated as generated

from luchtwacht.codecs.asterix.specification import Category

Value = int | float | str


class Bits(NamedTuple):
    """What a field is, in terms that can be compared."""

    part: int
    bit: int
    bits: int
    lsb: float | None
    signed: bool
    text: str


def edition(category: Category) -> Any:
    """libasterix's class for an edition."""
    major, minor = (int(part) for part in category.edition.split("."))
    known = generated.manifest["CATS"][category.number]
    return next(each for each in known if each.cv_edition == (major, minor))


def orders(category: Category) -> list[Any]:
    """The orders of items: one, or several."""
    uap = edition(category).cv_uap
    return list(uap.cv_uaps.values()) if hasattr(uap, "cv_uaps") else [uap.cv_record]


def _is(class_: Any, name: str) -> bool:
    return any(each.__name__ == name for each in class_.__mro__)


# -- the tables ---------------------------------------------------------------------------------------------------


def fields_of(category: Category, record: Any) -> Iterator[tuple[str, Bits]]:
    """Name and bits of every field of one order of items."""
    for item in record.cv_items_list:
        if hasattr(item, "cv_non_spare"):
            yield from _named(f"I{category.number:03d}", item.cv_non_spare)


def _named(prefix: str, non_spare: Any) -> Iterator[tuple[str, Bits]]:
    yield from _variation(f"{prefix}/{non_spare.cv_name}", non_spare.cv_rule.cv_variation, 0, 0)


def _group(prefix: str, items: list[tuple[Any, int]], part: int, bit: int) -> Iterator[tuple[str, Bits]]:
    for item, size in items:
        if hasattr(item, "cv_non_spare"):
            inner = item.cv_non_spare
            yield from _variation(f"{prefix}/{inner.cv_name}", inner.cv_rule.cv_variation, part, bit)
        bit += size


def _variation(prefix: str, variation: Any, part: int, bit: int) -> Iterator[tuple[str, Bits]]:
    if _is(variation, "Element"):
        yield from _element(prefix, variation, part, bit)
    elif _is(variation, "Group"):
        yield from _group(prefix, variation.cv_items_list, part, bit)
    elif _is(variation, "Extended"):
        for index, items in enumerate(variation.cv_items_list):
            yield from _group(prefix, [each for each in items if each is not None], index, 8 * index)
    elif _is(variation, "Repetitive"):
        yield from _variation(prefix, variation.cv_variation, 0, 0)
    elif _is(variation, "Compound"):
        for inner in variation.cv_items_list:
            if inner is not None:
                yield from _named(prefix, inner)
    else:
        yield prefix, Bits(0, 0, 8, None, False, "raw")


def _element(prefix: str, element: Any, part: int, bit: int) -> Iterator[tuple[str, Bits]]:
    size = element.cv_bit_size
    if hasattr(element.cv_rule, "cv_content"):
        yield from _content(prefix, element.cv_rule.cv_content, part, bit, size)
        return
    for value, content in element.cv_rule.cv_cases:
        yield from _content(ALTERNATIVE.get((prefix, value[0]), prefix), content, part, bit, size)


def _content(prefix: str, content: Any, part: int, bit: int, size: int) -> Iterator[tuple[str, Bits]]:
    if _is(content, "ContentBds") and size == 64:
        for name, offset, bits in (("MBDATA", 0, 56), ("BDS1", 56, 4), ("BDS2", 60, 4)):
            yield f"{prefix}/{name}", Bits(part, bit + offset, bits, None, False, "")
    elif prefix in CATEGORIES_OF_UNCERTAINTY:
        yield prefix, Bits(part, bit, size, None, False, "")
    elif _is(content, "ContentQuantity"):
        signed = content.cv_signedness.__name__ == "Signed"
        yield prefix, Bits(part, bit, size, content.cv_lsb, signed, "")
    elif _is(content, "ContentString") and content.cv_string_type.__name__ != "StringOctal":
        yield prefix, Bits(part, bit, size, None, False, content.cv_string_type.__name__)
    else:
        yield prefix, Bits(part, bit, size, None, False, "")


ALTERNATIVE = {
    ("I062/380/IAS/IAS", 1): "I062/380/IAS/MACH",
    ("I021/150/AS", 0): "I021/150/IAS",
    ("I021/150/AS", 1): "I021/150/MACH",
}
"""Where libasterix has one field of two meanings, we have a column for each."""
CATEGORIES_OF_UNCERTAINTY = {"I021/090/PA"}
"""NUCp runs from 0 to 9 in these four bits; libasterix takes it for a signed number."""


# -- values -------------------------------------------------------------------------------------------------------


def records_of(category: Category, block: bytes) -> list[dict[str, Value | list[Value]]]:
    """Every record of a block as name to value, or to a list where there may be several.

    Raises:
        ValueError: libasterix does not accept the block.
    """
    bits = base.RawDatablock(base.Bits.from_bytes(block)).get_raw_records()
    found = []
    while len(bits):
        records = [each.parse(base.ParsingMode.StrictParsing, bits) for each in orders(category)]
        result = next(
            (each for each in records if not isinstance(each, ValueError) and _fits(category, each[0])), records[0]
        )
        if isinstance(result, ValueError):
            raise result
        record, bits = result
        found.append(values_of(category, record))
    return found


def _fits(category: Category, record: Any) -> bool:
    """Whether a record that could be read in this order says that this is its order."""
    if category.selector is None:
        return True
    item, mask = category.selector
    wanted = orders(category).index(type(record))
    chosen = record.items_regular.get(item)
    return chosen is not None and int(chosen.unparse().to_bytes()[0] & mask != 0) == wanted


def values_of(category: Category, record: Any) -> dict[str, Value | list[Value]]:
    """Name to value of everything in a record."""
    values: dict[str, Value | list[Value]] = {}
    items = list(record.items_regular.items())
    for group in record.items_rfs:
        items += [each for each in group or [] if each[0] not in dict(items)]
    for name, item in items:
        values.update(_values(f"I{category.number:03d}/{name}", item.arg.arg))
    return values


def _values(prefix: str, variation: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    kind = type(variation)
    if _is(kind, "Element"):
        values.update(_element_values(prefix, variation, {}))
    elif _is(kind, "Group"):
        values.update(_group_values(prefix, variation.arg))
    elif _is(kind, "Extended"):
        for part in variation.arg:
            values.update(_group_values(prefix, [each for each in part if each is not None]))
    elif _is(kind, "Repetitive"):
        for element in variation._get_list():
            for name, value in _values(prefix, element).items():
                values.setdefault(name, []).append(value)
    elif _is(kind, "Compound"):
        for name, item in variation.arg.items():
            values.update(_values(f"{prefix}/{name}", item.arg.arg))
    else:
        values[prefix] = list(variation.get_bytes())
    return values


def _group_values(prefix: str, items: list[Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for item in items:
        if hasattr(item, "cv_non_spare"):
            name, inner = f"{prefix}/{item.cv_non_spare.cv_name}", item.arg.arg.arg
            values.update(_element_values(name, inner, values) if _is(type(inner), "Element") else _values(name, inner))
    return values


def _element_values(prefix: str, element: Any, before: dict[str, Any]) -> dict[str, Any]:
    rule, bits = type(element).cv_rule, element.bs
    if hasattr(rule, "cv_content"):
        content = rule.cv_content
    else:
        selector = before["/".join([prefix.split("/", maxsplit=1)[0], *rule.cv_depends_on[0]])]
        content = rule._find_content([selector])
        prefix = ALTERNATIVE.get((prefix, selector), prefix)
    if _is(content, "ContentBds") and len(bits) == 64:
        raw = bits.to_uinteger()
        return {f"{prefix}/MBDATA": raw >> 8, f"{prefix}/BDS1": raw >> 4 & 15, f"{prefix}/BDS2": raw & 15}
    if prefix in CATEGORIES_OF_UNCERTAINTY:
        return {prefix: bits.to_uinteger()}
    if _is(content, "ContentQuantity"):
        return {prefix: content(bits)._as_quantity()}
    if _is(content, "ContentString") and content.cv_string_type.__name__ != "StringOctal":
        return {prefix: _text(content, bits)}
    return {prefix: bits.to_uinteger()}


def _text(content: Any, bits: Any) -> str:
    """Character by character, as libasterix drops what it does not know."""
    kind = content.cv_string_type
    raw, size = bits.to_uinteger(), kind.cv_bits_per_char
    count = len(bits) // size
    codes = [raw >> size * (count - 1 - place) & (1 << size) - 1 for place in range(count)]
    characters = [" " if code == 0 else kind.to_char(code) for code in codes]
    return "".join(each if " " <= each <= "~" else "�" for each in characters).rstrip()
