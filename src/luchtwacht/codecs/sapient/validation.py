"""Is a message what the standard asks? The tables of `schema/` decide, field by field; each fault names its field.

    mandatory   there; text not empty, an enumeration not unspecified, a list with something in it
    choices     one alternative there
    ids         ULID (26 letters of Crockford's base 32, at most 128 bit) or UUID (RFC 9562, hyphens)
    enums       a value that the table has
    numbers     finite, and within the table's limits
    times       years 1970 to 2262, so that nanoseconds since 1970 fit

Most messages are without fault; whether this one surely is is asked first (`acceptance`).

Fields that the tables do not know are passed over, as protobuf has it: a later edition may add some.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from luchtwacht.codecs.sapient.acceptance import accepts
from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.codecs.sapient.forms import LAST_SECOND, ULID, UUID
from luchtwacht.codecs.sapient.plausible import CROSS_CHECKS
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.schema import ENUMS, MESSAGES
from luchtwacht.codecs.sapient.table import LARGEST, SCALARS, Field, Message
from luchtwacht.model import Reason

Check = Callable[[Any], Sequence[Problem]]
"""A value's faults, paths beginning at the value; empty for nearly every value, so that nothing is built for those."""
_TABLES = {message.name: message for message in MESSAGES}
_VALUES = {enum.name: enum for enum in ENUMS}


def problems_of(message: Any, name: str = "SapientMessage") -> list[Problem]:
    """Every fault of a protobuf message of the table `name`, in order of its fields on the wire."""
    return [] if accepts(name)(message) else list(_check_message(name)(message))


@cache
def _check_message(name: str) -> Check:
    """The checks of one table as one function."""
    table = _TABLES[name]
    by_name = message_class(name).DESCRIPTOR.fields_by_name
    plan = {by_name[field.name]: (1 << field.number, _check_field(field), field.name) for field in table.fields}
    # what must be there, as bits: every mandatory field, and one bit of each choice
    mandatory = sum(1 << field.number for field in table.fields if field.mandatory)
    choices = [sum(1 << each.number for each in table.fields if each.one_of == choice) for choice in table.choose]
    cross = CROSS_CHECKS.get(name)

    def check(message: Any) -> Sequence[Problem]:
        seen = 0
        found: list[Problem] | None = None
        for descriptor, value in message.ListFields():
            bit, check_value, field = plan[descriptor]
            seen |= bit
            if check_value is not None and (faults := check_value(value)):
                found = (found or []) + _within(field, faults)
        if seen & mandatory != mandatory or 0 in [seen & choice for choice in choices]:
            found = (found or []) + _missing(table, seen)
        if cross is not None and (faults := cross(message)):
            found = [*(found or ()), *faults]
        return found or ()

    return check


def _within(name: str, faults: Sequence[Problem]) -> list[Problem]:
    """Faults of a part as faults of the whole."""
    return [replace(fault, field=name + _joined(fault.field)) for fault in faults]


def _joined(path: str) -> str:
    """A path as it follows a name: an index stands directly behind it."""
    return path if not path or path[0] == "[" else f".{path}"


def _missing(table: Message, seen: int) -> list[Problem]:
    found = [
        Problem(field.name, "is missing and mandatory")
        for field in table.fields
        if field.mandatory and not seen >> field.number & 1
    ]
    for choice in table.choose:
        alternatives = [each for each in table.fields if each.one_of == choice]
        if not any(seen >> each.number & 1 for each in alternatives):
            one = " or ".join(each.name for each in alternatives)
            found.append(Problem(choice, f"is missing and mandatory: {one}"))
    return found


def _check_field(field: Field) -> Check | None:
    """What the field must be; None when anything will do."""
    check_value = _check_value(field)
    return check_value if check_value is None or not field.repeated else _each(check_value)


def _each(check_value: Check) -> Check:
    """The check of a list, by the check of what is in it."""

    def check(values: Any) -> Sequence[Problem]:
        found: list[Problem] | None = None
        for index, value in enumerate(values):
            if faults := check_value(value):
                found = (found or []) + _within(f"[{index}]", faults)
        return found or ()

    return check


def _check_value(field: Field) -> Check | None:
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
    return lambda message: _check_message(name)(message)


def _check_enum(field: Field) -> Check:
    enum = _VALUES[field.kind]
    allowed = frozenset(number for number in enum.values if number or not field.mandatory)

    def check(value: int) -> Sequence[Problem]:
        if value in allowed:
            return ()
        return (
            Problem("", "is unspecified and mandatory" if value == 0 else f"is {value}, which {enum.name} has not"),
        )

    return check


def _check_text(form: re.Pattern[str], what: str) -> Check:
    matches = form.fullmatch

    def check(value: str) -> Sequence[Problem]:
        return () if matches(value) is not None else (Problem("", f"is {_shown(value)}, which is not {what}"),)

    return check


def _check_number(field: Field) -> Check:
    least, most = max(field.least, -LARGEST), min(field.most, LARGEST)

    def check(value: float) -> Sequence[Problem]:
        if least <= value <= most:
            return ()
        return (Problem("", f"is {value:g}, not within {field.least:g} to {field.most:g}", Reason.IMPLAUSIBLE),)

    return check


def _check_filled(value: Any) -> Sequence[Problem]:
    filled = value.strip() if isinstance(value, str) else value
    return () if filled else (Problem("", "is empty and mandatory"),)


def _check_timestamp(value: Any) -> Sequence[Problem]:
    if 0 <= value.seconds <= LAST_SECOND and 0 <= value.nanos < 1_000_000_000:
        return ()
    what = f"is {value.seconds} s and {value.nanos} ns since 1970, which is no time"
    return (Problem("", what, Reason.IMPLAUSIBLE),)


def _shown(value: str) -> str:
    return repr(value if len(value) <= 48 else value[:45] + "...")
