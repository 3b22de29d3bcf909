"""The categories that are read and written: a file each, and a line here. The first edition of a category is used
unless a source asks for another."""

from __future__ import annotations

from collections.abc import Mapping

from luchtwacht.codecs.asterix.cat001 import CAT001
from luchtwacht.codecs.asterix.cat002 import CAT002
from luchtwacht.codecs.asterix.cat010 import CAT010
from luchtwacht.codecs.asterix.cat015 import CAT015
from luchtwacht.codecs.asterix.cat016 import CAT016
from luchtwacht.codecs.asterix.cat021 import CAT021, CAT021_0_23, CAT021_0_26
from luchtwacht.codecs.asterix.cat034 import CAT034
from luchtwacht.codecs.asterix.cat048 import CAT048
from luchtwacht.codecs.asterix.cat062 import CAT062, CAT062_1_18
from luchtwacht.codecs.asterix.cat063 import CAT063
from luchtwacht.codecs.asterix.cat065 import CAT065
from luchtwacht.codecs.asterix.cat129 import CAT129
from luchtwacht.codecs.asterix.cat205 import CAT205
from luchtwacht.codecs.asterix.plan import Plan, plan_of
from luchtwacht.codecs.asterix.specification import Category
from luchtwacht.errors import BadConfiguration

CATEGORIES: tuple[Category, ...] = (
    CAT001,
    CAT002,
    CAT010,
    CAT015,
    CAT016,
    CAT021,
    CAT021_0_26,
    CAT021_0_23,
    CAT034,
    CAT048,
    CAT062,
    CAT062_1_18,
    CAT063,
    CAT065,
    CAT129,
    CAT205,
)


def plan_for(number: int, editions: Mapping[int, str] | None = None) -> Plan | None:
    """The table of category `number` in the edition asked for; none when the category is not read.

    Raises:
        BadConfiguration: an edition is asked for that is not there.
    """
    known = [each for each in CATEGORIES if each.number == number]
    wanted = (editions or {}).get(number)
    if wanted is None:
        return plan_of(known[0]) if known else None
    for each in known:
        if each.edition == wanted:
            return plan_of(each)
    there = ", ".join(each.edition for each in known) or "none"
    raise BadConfiguration(
        f"ASTERIX category {number} edition {wanted} is not read", hint=f"editions of this category: {there}"
    )
