"""Is a message surely what the standard asks? One expression a table, made of the same tables as `validation`.

Nearly every message is without fault, and then only that is asked; to name faults, `validation` walks through the
fields of a message one by one, which costs several times as much. What is said no to here may still be right
(`validation` has the last word); what is said yes to has no fault.

The expression of a table with a mandatory text, a number and a part reads

    m.type.strip() and 0.0 <= m.confidence <= 1.0 and (not m.HasField("location") or accepts_Location(m.location))
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from luchtwacht.codecs.sapient.forms import LAST_SECOND, ULID, UUID
from luchtwacht.codecs.sapient.plausible import CROSS_CHECKS
from luchtwacht.codecs.sapient.schema import ENUMS, MESSAGES
from luchtwacht.codecs.sapient.table import LARGEST, Field, Message

Accepts = Callable[[Any], bool]
_TABLES = frozenset(message.name for message in MESSAGES)
_VALUES = {enum.name: enum for enum in ENUMS}


@cache
def accepts(name: str) -> Accepts:
    """Whether a protobuf message of the table `name` has surely no fault."""
    made, function = _made(), _function(name)
    made[function] = _expression(next(table for table in MESSAGES if table.name == name), made)
    accept: Accepts = made[function]
    return accept


@cache
def _made() -> dict[str, Any]:
    """Every table's expression by its name. Few of them are ever met, so each is made when it is."""
    made: dict[str, Any] = {"ULID": ULID.fullmatch, "UUID": UUID.fullmatch, "timestamp": _is_time}
    for name, cross in CROSS_CHECKS.items():
        made[f"cross_{_function(name)}"] = cross
    for table in MESSAGES:
        made[_function(table.name)] = _when_met(table, made)
    return made


def _when_met(table: Message, made: dict[str, Any]) -> Accepts:
    """Makes the expression of a table, which takes this one's place."""

    def accept(message: Any) -> bool:
        made[_function(table.name)] = _expression(table, made)
        return bool(made[_function(table.name)](message))

    return accept


def _expression(table: Message, made: dict[str, Any]) -> Accepts:
    terms = [_field(field) for field in table.fields if not field.one_of]
    for choice in dict.fromkeys(field.one_of for field in table.fields if field.one_of):
        name = f"{choice}_of_{_function(table.name)}"
        made[name] = {None: _evaluated(str(choice not in table.choose), made)} | {
            field.name: _evaluated(_value(field, f"m.{field.name}"), made)
            for field in table.fields
            if field.one_of == choice
        }
        terms.append(f"{name}[m.WhichOneof({choice!r})](m)")
    if table.name in CROSS_CHECKS:
        terms.append(f"not cross_{_function(table.name)}(m)")
    return _evaluated(" and ".join(filter(None, terms)), made)


def _evaluated(terms: str, made: dict[str, Any]) -> Accepts:
    """An expression as a function. It is made of the names in our own tables, never of what was received."""
    function: Accepts = eval(f"lambda m: {terms or 'True'}", made)
    return function


def _function(name: str) -> str:
    return "accepts_" + re.sub(r"\W", "_", name)


def _field(field: Field) -> str:
    """What a field must be, as a term; "" when anything will do."""
    value = f"m.{field.name}"
    if field.repeated:
        one = _value(field, "v")
        each = f"all({one} for v in {value})" if one else ""
        if field.kind in _TABLES:
            each = f"all(map({_function(field.kind)}, {value}))"
        if field.mandatory:
            return f"{value} and {each}" if each else value
        return f"(not {value} or {each})" if each else ""
    there = f"m.HasField({field.name!r})"
    term = _value(field, value)
    if field.kind in _TABLES or field.kind == "Timestamp":
        return f"{there} and {term}" if field.mandatory else f"(not {there} or {term})"
    if field.kind in ("double", "float", "int32"):
        return f"{term} and ({value} or {there})" if field.mandatory else term
    if field.kind in ("ulid", "uuid"):
        return term if field.mandatory else f"({term} if {value} else not {there})"
    if field.kind in ("bool", "bytes"):
        return there if field.mandatory else ""
    return term


def _value(field: Field, value: str) -> str:
    """What one value must be."""
    if field.kind in _TABLES:
        return f"{_function(field.kind)}({value})"
    if field.kind in _VALUES:
        allowed = tuple(number for number in _VALUES[field.kind].values if number or not field.mandatory)
        return f"{value} in {allowed!r}"
    if field.kind in ("ulid", "uuid"):
        return f"{field.kind.upper()}({value})"
    if field.kind == "Timestamp":
        return f"timestamp({value})"
    if field.kind in ("double", "float", "int32"):
        return f"{max(field.least, -LARGEST)!r} <= {value} <= {min(field.most, LARGEST)!r}"
    return f"{value}.strip()" if field.mandatory and field.kind == "string" else ""


def _is_time(value: Any) -> bool:
    return bool(0 <= value.seconds <= LAST_SECOND and 0 <= value.nanos < 1_000_000_000)
