"""The words in which an ASTERIX category is written down: fields, items, categories.

A category is a table of items in the order of their field reference numbers (FRN). Each item has one of six layouts
(EUROCONTROL-SPEC-0149, part 1, "ASTERIX", edition 3.1, section 4.3), and the same table drives decoder and encoder:

    fixed       so many octets, cut into fields
    extended    octets of seven bits; the last bit of each (FX) says whether one more follows
    repetitive  one octet with a count, then that many equal groups of octets
    chain       equal groups that end in FX, until it is 0
    compound    a field specification of its own, then the sub-items it names
    explicit    one octet with the length (itself included), then anything; kept raw

The name of a column is category, item, sub-item and field: `I048/040/RHO`, `I048/120/CAL/D`, `I048/140`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

DAY_S = 86_400.0
"""s"""


class Kind(StrEnum):
    """What a field holds, and with it the type of its column."""

    SPARE = "spare"
    """no column; written as zero"""
    CODE = "code"
    """int64, -1 when absent: numbers, codes, flags, addresses; at most 56 bits"""
    QUANTITY = "quantity"
    """float64 in `unit`, NaN when absent"""
    TEXT = "text"
    """text of 8 bits a character, "" when absent"""
    ICAO = "icao"
    """text of 6 bits a character (ICAO Annex 10 volume IV, table 3-9), "" when absent"""
    RAW = "raw"
    """octets of an explicit item"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A run of bits in an item."""

    name: str
    """last part of the column's name; "" when the item is this field alone"""
    bits: int
    kind: Kind
    meaning: str = ""
    lsb: float = 1.0
    """value of the least significant bit, in `unit`"""
    unit: str = ""
    signed: bool = False
    """two's complement"""
    wraps: float = 0.0
    """a whole turn, in `unit`: the encoder takes any value modulo this; 0 for things that do not turn"""
    saturates: bool = False
    """whether the largest value means "this or more", so that the encoder may clip; otherwise it refuses"""
    plausible: tuple[float, float] | None = None
    """a record whose value lies outside is refused as impossible"""
    when: tuple[str, int] | None = None
    """the field is there only when another field of the item (its name) has this value; alternatives share bits"""
    first_of: bool = True
    """false for the second and later alternative on the same bits"""

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value that can be written, in `unit`."""
        top = 1 << (self.bits - 1 if self.signed else self.bits)
        return (-top * self.lsb if self.signed else 0.0), (top - 1) * self.lsb


class Layout(IntEnum):
    """How an item's length is found. The numbers are known to `kernels/asterix.py`."""

    FIXED = 0
    EXTENDED = 1
    REPETITIVE = 2
    CHAIN = 3
    COMPOUND = 4
    EXPLICIT = 5
    RANDOM = 6
    """random field sequencing (CAT001, CAT002): a count, then pairs of FRN and item"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A data item, or a sub-item of a compound one."""

    reference: str
    """`040`; for a sub-item its name, `RDS`"""
    meaning: str
    layout: Layout
    parts: tuple[tuple[Field, ...], ...] = ()
    """extended: fields of each octet, seven bits each; fixed, repetitive and chain: one part"""
    items: tuple[Item | None, ...] = ()
    """compound: sub-items in order of their presence bits; none where a bit is spare"""

    @property
    def octets(self) -> int:
        """Length of one part; 0 where it says nothing (compound, explicit)."""
        if not self.parts:
            return 0
        bits = sum(field.bits for field in self.parts[0] if field.first_of)
        return (bits + (self.layout in (Layout.EXTENDED, Layout.CHAIN))) // 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Category:
    """One edition of one category. Equal only to itself: to compare or hash whole tables would cost more than to read
    a datagram."""

    number: int
    edition: str
    subject: str
    items: tuple[Item | None, ...]
    """in order of FRN; none where an FRN is spare"""
    times: tuple[str, ...] = ()
    """items with the time of day the record holds for, the best first"""
    alternative: tuple[Item | None, ...] = ()
    """a second order of items, used by the records whose `selector` says so"""
    selector: tuple[str, int] | None = None
    """item and mask: where the item's first octet has this bit, `alternative` holds from the next FRN on"""

    @property
    def key(self) -> str:
        """`I048`"""
        return f"I{self.number:03d}"


# -- fields ----------------------------------------------------------------------------------------------------------


def spare(bits: int) -> Field:
    """Bits without meaning."""
    return Field(name="", bits=bits, kind=Kind.SPARE)


def code(name: str, bits: int, meaning: str = "") -> Field:
    """A number, code or flag."""
    return Field(name=name, bits=bits, kind=Kind.CODE, meaning=meaning)


def flags(*names: str) -> tuple[Field, ...]:
    """One bit each."""
    return tuple(code(name, 1) for name in names)


def quantity(
    name: str, bits: int, lsb: float, unit: str, meaning: str = "", *, signed: bool = False, saturates: bool = False
) -> Field:
    """A scaled value."""
    return Field(
        name=name,
        bits=bits,
        kind=Kind.QUANTITY,
        meaning=meaning,
        lsb=lsb,
        unit=unit,
        signed=signed,
        saturates=saturates,
    )


def signed(name: str, bits: int, lsb: float, unit: str, meaning: str = "", *, saturates: bool = False) -> Field:
    """A scaled value in two's complement."""
    return quantity(name, bits, lsb, unit, meaning, signed=True, saturates=saturates)


def angle(name: str, bits: int, meaning: str = "") -> Field:
    """A whole turn over all values, clockwise from north unless `meaning` says otherwise."""
    return replace(quantity(name, bits, 360.0 / 2**bits, "deg", meaning), wraps=360.0)


def time_of_day(name: str = "", meaning: str = "since midnight UTC") -> Field:
    """Three octets of 1/128 s since midnight UTC."""
    return replace(quantity(name, 24, 1 / 128, "s", meaning), wraps=DAY_S, plausible=(0.0, DAY_S - 1 / 128))


def latitude(name: str, bits: int, lsb: float) -> Field:
    """Degrees north, WGS 84."""
    return replace(signed(name, bits, lsb, "deg", "north, WGS 84"), plausible=(-90.0, 90.0))


def longitude(name: str, bits: int, lsb: float) -> Field:
    """Degrees east, WGS 84."""
    return replace(signed(name, bits, lsb, "deg", "east, WGS 84"), plausible=(-180.0, 180.0), wraps=360.0)


def text(name: str, characters: int, meaning: str = "") -> Field:
    """Eight bits a character, ASCII, padded with spaces on the right."""
    return Field(name=name, bits=8 * characters, kind=Kind.TEXT, meaning=meaning)


def icao(name: str, characters: int = 8, meaning: str = "") -> Field:
    """Six bits a character, padded with spaces on the right."""
    return Field(name=name, bits=6 * characters, kind=Kind.ICAO, meaning=meaning)


def either(selector: str, *alternatives: Field) -> tuple[Field, ...]:
    """The same bits read one way when field `selector` is 0, another when it is 1, and so on."""
    return tuple(
        replace(field, when=(selector, value), first_of=value == 0) for value, field in enumerate(alternatives)
    )


# -- items -----------------------------------------------------------------------------------------------------------

Fields = Field | tuple[Field, ...]


def _flat(fields: tuple[Fields, ...]) -> tuple[Field, ...]:
    """Fields and groups of fields, in one row."""
    return tuple(field for each in fields for field in (each if isinstance(each, tuple) else (each,)))


def fixed(reference: str, meaning: str, *fields: Fields) -> Item:
    """So many octets."""
    return Item(reference=reference, meaning=meaning, layout=Layout.FIXED, parts=(_flat(fields),))


def extended(reference: str, meaning: str, *parts: tuple[Fields, ...]) -> Item:
    """Octets of seven bits and FX. Octets beyond the last one known here are passed over."""
    return Item(reference=reference, meaning=meaning, layout=Layout.EXTENDED, parts=tuple(map(_flat, parts)))


def repetitive(reference: str, meaning: str, *fields: Fields) -> Item:
    """A count in one octet, then as many groups."""
    return Item(reference=reference, meaning=meaning, layout=Layout.REPETITIVE, parts=(_flat(fields),))


def chain(reference: str, meaning: str, *fields: Fields) -> Item:
    """Groups that end in FX."""
    return Item(reference=reference, meaning=meaning, layout=Layout.CHAIN, parts=(_flat(fields),))


def compound(reference: str, meaning: str, *items: Item | None) -> Item:
    """Sub-items behind presence bits."""
    return Item(reference=reference, meaning=meaning, layout=Layout.COMPOUND, items=items)


def explicit(reference: str, meaning: str) -> Item:
    """A length in one octet (itself included), then anything."""
    raw = Field(name="", bits=8, kind=Kind.RAW)
    return Item(reference=reference, meaning=meaning, layout=Layout.EXPLICIT, parts=((raw,),))


def random_sequence() -> Item:
    """Random field sequencing: a count, then pairs of FRN and item."""
    return Item(reference="RFS", meaning="random field sequencing", layout=Layout.RANDOM)


SPECIAL_PURPOSE = explicit("SP", "special purpose field")
RESERVED_EXPANSION = explicit("RE", "reserved expansion field")
SOURCE_IDENTIFIER = fixed("010", "identity of the source", code("SAC", 8, "area"), code("SIC", 8, "system"))
