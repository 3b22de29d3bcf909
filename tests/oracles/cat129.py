"""CAT129 read bit by bit: slow, obvious, and sharing neither a table nor a line with `luchtwacht.codecs`.

Written from the published layout of edition 1.2 (EUROCONTROL, 12 June 2019) by hand, one statement an item, since no
decoder of somebody else's reads this category. Octets become a text of 0 and 1, from which bits are taken from the
left; arithmetic is exact (`Fraction`), so that nothing is rounded here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Report = dict[str, Any]
"""what one report says, in plain words; what it does not say is absent"""


class Unreadable(ValueError):
    """The octets are no block of CAT129."""


class _Bits:
    """Bits that are taken one after the other."""

    def __init__(self, octets: bytes) -> None:
        self.left = "".join(f"{octet:08b}" for octet in octets)

    def take(self, count: int) -> str:
        if count > len(self.left):
            raise Unreadable(f"{count} bits wanted, {len(self.left)} are left")
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def number(self, count: int) -> int:
        return int(self.take(count), 2)

    def two_complement(self, count: int) -> int:
        sign, *others = self.take(count)
        return int("".join(others), 2) - (2 ** (count - 1) if sign == "1" else 0)

    def characters(self, count: int) -> str:
        return "".join(chr(self.number(8)) for _ in range(count)).rstrip(" ")


def reports_of(block: bytes) -> list[Report]:
    """The reports of one block.

    Raises:
        Unreadable: another category, a length that is not the block's, or a report that does not end with it.
    """
    bits = _Bits(block)
    if bits.number(8) != 129:
        raise Unreadable(f"category {block[0]}")
    length = bits.number(16)
    if length != len(block):
        raise Unreadable(f"says {length} octets and has {len(block)}")
    made = []
    while bits.left:
        made.append(_report(bits))
    return made


def _report(bits: _Bits) -> Report:
    there = ""
    while True:
        there += bits.take(7)
        if bits.take(1) == "0":
            break
    if "1" in there[15:]:
        raise Unreadable(f"presence of an item that does not exist: {there}")
    there = there.ljust(15, "0")
    made: Report = {}
    if there[0] == "1":
        made["source"] = (bits.number(8), bits.number(8))
    if there[1] == "1":
        made["destination"] = (bits.number(8), bits.number(8))
    if there[2] == "1":
        made["manufacturer"] = bits.characters(3)
    if there[3] == "1":
        made["model"] = bits.characters(3)
    if there[4] == "1":
        made["serial"] = bits.characters(12)
    if there[5] == "1":
        made["country"] = bits.characters(2)
    if there[6] == "1":
        made["of_day_s"] = Fraction(bits.number(24), 128)
    if there[7] == "1":
        made["latitude_deg"] = Fraction(180 * bits.two_complement(32), 2**30)
        made["longitude_deg"] = Fraction(180 * bits.two_complement(32), 2**30)
    if there[8] == "1":
        made["above_sea_m"] = Fraction(bits.two_complement(24), 10)
    if there[9] == "1":
        made["above_ground_m"] = Fraction(bits.two_complement(24), 10)
    if there[10] == "1":
        made["accuracy_m"] = bits.number(16)
    if there[11] == "1":
        made["risk"] = bits.number(8)
    if there[12] == "1":
        counted = bits.number(8)
        made["special"] = bytes(bits.number(8) for _ in range(counted - 1))
    if there[13] == "1":
        made["east_m_s"] = Fraction(bits.two_complement(20), 100)
        made["north_m_s"] = Fraction(bits.two_complement(20), 100)
    if there[14] == "1":
        bits.take(4)
        made["up_m_s"] = Fraction(bits.two_complement(20), 100)
    return made
