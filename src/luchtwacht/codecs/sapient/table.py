"""The words in which `schema/` writes the messages of the standard down, one a file.

A table is what the standard says of its fields, as data: number on the wire, name, kind, whether it must be there,
and within what it must lie. Both the classes that read and write bytes (`classes`) and the checks (`validation`) are
made of it, so what is read and what is asked cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from sys import float_info

LARGEST = float_info.max
"""no infinity and no NaN passes for a number"""
SCALARS = ("bool", "bytes", "double", "float", "int32", "string", "ulid", "uuid", "Timestamp")
"""kinds that are no message and no enumeration of the tables; `ulid` and `uuid` are text with that form"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    number: int
    """on the wire"""
    name: str
    kind: str
    """one of `SCALARS`, or the name of a `Message` or `Enum`"""
    mandatory: bool = False
    """must be there; text must not be empty, an enumeration not unspecified, a list not empty"""
    repeated: bool = False
    one_of: str = ""
    """the choice it is an alternative of"""
    least: float = -inf
    """smallest value, in the field's own unit; every number must be finite in any case"""
    most: float = inf


@dataclass(frozen=True, slots=True)
class Message:
    """A message, or a part of one. The name says within which it stands: `Registration.Duration`."""

    name: str
    fields: tuple[Field, ...]
    choose: tuple[str, ...] = ()
    """choices of which one alternative must be there"""


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumeration. 0 is always `UNSPECIFIED`."""

    name: str
    prefix: str
    """before each of its names in JSON"""
    values: Mapping[int, str]
