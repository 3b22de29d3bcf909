"""Is a message what the standard asks? The tables of `schema/` decide, field by field; each fault names its field.

    mandatory   there; text not empty, an enumeration not unspecified, a list with something in it
    choices     one alternative there
    ids         ULID (26 letters of Crockford's base 32, at most 128 bit) or UUID (RFC 9562, hyphens)
    enums       a value that the table has
    numbers     finite, and within the table's limits
    times       years 1970 to 2262, so that nanoseconds since 1970 fit

Fields that the tables do not know are passed over, as protobuf has it: a later edition may add some.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from luchtwacht.codecs.sapient.plausible import CROSS_CHECKS
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.schema import ENUMS, MESSAGES
from luchtwacht.codecs.sapient.table import LARGEST, SCALARS, Field, Message
from luchtwacht.model import Reason

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE | re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
LAST_SECOND = 2**63 // 10**9 - 1
"""of the nanoseconds since 1970 that an int64 holds"""

Check = Callable[[Any, str, list[Problem]], None]
"""value, its path, where faults go"""
_TABLES = {message.name: message for message in MESSAGES}
_VALUES = {enum.name: enum for enum in ENUMS}


def problems_of(message: Any, name: str = "SapientMessage", path: str = "") -> list[Problem]:
    """Every fault of a protobuf message of the table `name`, in order of its fields on the wire."""
    found: list[Problem] = []
    _check_message(name)(message, path, found)
    return found


@cache
def _check_message(name: str) -> Check:
    """The checks of one table as one function."""
    table = _TABLES[name]
    checks = {field.number: each for field in table.fields if (each := _check_field(field)) is not None}
    prefix = {field.number: f".{field.name}" for field in table.fields}
    repeated = frozenset(field.number for field in table.fields if field.repeated)
    required = sum(1 << field.number for field in table.fields if field.mandatory)
    choices = [sum(1 << each.number for each in table.fields if each.one_of == choice) for choice in table.choose]
    cross = CROSS_CHECKS.get(name)

    def check(message: Any, path: str, found: list[Problem]) -> None:
        seen = 0
        for descriptor, value in message.ListFields():
            number = descriptor.number
            seen |= 1 << number
            check_value = checks.get(number)
            if check_value is None:
                continue
            if number in repeated:
                for index, element in enumerate(value):
                    check_value(element, f"{path}{prefix[number]}[{index}]", found)
            else:
                check_value(value, path + prefix[number], found)
        if seen & required != required or not all(seen & choice for choice in choices):
            _report_missing(table, seen, path, found)
        if cross is not None:
            cross(message, path, found)

    return check


def _report_missing(table: Message, seen: int, path: str, found: list[Problem]) -> None:
    found.extend(
        Problem(f"{path}.{field.name}".lstrip("."), "is missing and mandatory")
        for field in table.fields
        if field.mandatory and not seen >> field.number & 1
    )
    for choice in table.choose:
        names = [(each.number, each.name) for each in table.fields if each.one_of == choice]
        if not any(seen >> number & 1 for number, _ in names):
            one = " or ".join(name for _, name in names)
            found.append(Problem(f"{path}.{choice}".lstrip("."), f"is missing and mandatory: {one}"))


def _check_field(field: Field) -> Check | None:
    """What a value of the field must be; None when anything will do."""
    kind = field.kind
    if kind in _TABLES:
        return _lazily(kind)
    if kind in _VALUES:
        return _check_enum(field)
    if kind == "ulid":
        return _check_text(ULID, "a ULID")
    if kind == "uuid":
        return _check_text(UUID, "a UUID")
    if kind == "Timestamp":
        return _check_timestamp
    if kind in ("double", "float", "int32"):
        return _check_number(field)
    if kind not in SCALARS:
        raise AssertionError(f"{field.name} is of no kind that the tables know: {kind}")
    return _check_filled if field.mandatory and kind != "bool" else None


def _lazily(name: str) -> Check:
    """A message may stand within itself (sub-classes), so its checks are made when first met."""

    def check(message: Any, path: str, found: list[Problem]) -> None:
        _check_message(name)(message, path, found)

    return check


def _check_enum(field: Field) -> Check:
    enum = _VALUES[field.kind]
    allowed = frozenset(number for number in enum.values if number or not field.mandatory)

    def check(value: int, path: str, found: list[Problem]) -> None:
        if value not in allowed:
            what = "is unspecified and mandatory" if value == 0 else f"is {value}, which {enum.name} has not"
            found.append(Problem(path.lstrip("."), what))

    return check


def _check_text(form: re.Pattern[str], what: str) -> Check:
    matches = form.fullmatch

    def check(value: str, path: str, found: list[Problem]) -> None:
        if matches(value) is None:
            found.append(Problem(path.lstrip("."), f"is {_shown(value)}, which is not {what}"))

    return check


def _check_number(field: Field) -> Check:
    least, most = max(field.least, -LARGEST), min(field.most, LARGEST)
    limits = f"{field.least:g} to {field.most:g}"

    def check(value: float, path: str, found: list[Problem]) -> None:
        if not least <= value <= most:
            found.append(Problem(path.lstrip("."), f"is {value:g}, not within {limits}", Reason.IMPLAUSIBLE))

    return check


def _check_filled(value: str | bytes, path: str, found: list[Problem]) -> None:
    if not value or (isinstance(value, str) and not value.strip()):
        found.append(Problem(path.lstrip("."), "is empty and mandatory"))


def _check_timestamp(value: Any, path: str, found: list[Problem]) -> None:
    if not (0 <= value.seconds <= LAST_SECOND and 0 <= value.nanos < 1_000_000_000):
        what = f"is {value.seconds} s and {value.nanos} ns since 1970, which is no time"
        found.append(Problem(path.lstrip("."), what, Reason.IMPLAUSIBLE))


def _shown(value: str) -> str:
    return repr(value if len(value) <= 48 else value[:45] + "...")
