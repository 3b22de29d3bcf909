"""State: what a stage holds between two inputs, as a value, and that value as bytes.

Every stage that remembers anything has

    state() -> S            a value that shares nothing with the stage
    restore(state: S)       for a stage just made for the same site: go on as the one went on that gave it; takes
                            nothing over that it will change

where S is written in the annotation of `state` and made of: numbers, text, bytes, enumerations, dates, tuples, lists,
deques, sets, dictionaries, numpy arrays, batches, and dataclasses and named tuples of these. What follows from the
site (places, tables, indexes) and what is only scratch is no state.

`encode_state` gives the same bytes for the same value on every machine: MessagePack, fields in order of declaration,
dictionaries as pairs in the order they hold, sets sorted, arrays with their type, shape and little-endian bytes.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np

from luchtwacht.model.alert import Alert
from luchtwacht.model.zone import Authorisation, Zone

T = TypeVar("T")

_VALUES = (Alert, Zone, Authorisation, datetime, date, time, timedelta)
"""kinds that msgspec encodes and decodes as they are"""
_encoder = msgspec.msgpack.Encoder(order=None)


def copied(value: T) -> T:
    """The same value, sharing nothing that can change."""
    return deepcopy(value)


def changes(declared: Mapping[str, T], held: Mapping[str, T]) -> dict[str, T | None]:
    """In what `held` differs from `declared`, by name in order; none: it is gone."""
    names = sorted({*declared, *held})
    return {name: held.get(name) for name in names if held.get(name) != declared.get(name)}


def encode_state(state: Any) -> bytes:
    """A state as bytes; equal states give equal bytes."""
    return _encoder.encode(_to_plain(state))


def decode_state(kind: Any, data: bytes) -> Any:
    """The state of type `kind` that `encode_state` was given.

    Raises:
        msgspec.ValidationError: these are not the bytes of such a state.
    """
    try:
        return _from_plain(kind, msgspec.msgpack.decode(data))
    except msgspec.ValidationError:
        raise
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise msgspec.ValidationError(f"not a state of type {kind}: {error}") from error


def kind_of(stage: Any) -> Any:
    """The type of a stage's state, as its `state` is annotated."""
    return get_type_hints(type(stage).state)["return"]


def _to_plain(value: Any) -> Any:
    """What MessagePack can hold."""
    if value is None or isinstance(value, bool | bytes) or type(value) in (int, float, str):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return [little.dtype.str, list(value.shape), little.tobytes()]
    if isinstance(value, _VALUES):
        return value
    if is_dataclass(value):
        kind: Any = type(value)
        return [_to_plain(getattr(value, name)) for name, _ in _fields_of(kind)]
    if isinstance(value, dict):
        return [[_to_plain(key), _to_plain(each)] for key, each in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(_to_plain(each) for each in value)
    if isinstance(value, list | tuple | deque):
        return [_to_plain(each) for each in value]
    raise AssertionError(f"a state holds a {type(value).__name__}, which has no encoding")


def _from_plain(kind: Any, plain: Any) -> Any:
    return _reader(kind)(plain)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a plain value becomes a `kind`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        inner = _reader(next(each for each in arguments if each is not type(None)))
        return lambda plain: None if plain is None else inner(plain)
    if origin is np.ndarray or kind is np.ndarray:
        return _read_array
    if isinstance(kind, type) and is_dataclass(kind) and kind not in _VALUES:
        return _record_reader(kind)
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        readers = [_reader(each) for each in get_type_hints(kind).values()]
        return lambda plain: kind(*(read(each) for read, each in zip(readers, plain, strict=True)))
    if origin is dict:
        key, each = (_reader(argument) for argument in arguments)
        return lambda plain: {key(name): each(value) for name, value in plain}
    if origin is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):
        places = [_reader(argument) for argument in arguments]
        return lambda plain: tuple(read(value) for read, value in zip(places, plain, strict=True))
    if origin in (list, set, frozenset, tuple, deque):
        one = _reader(arguments[0])
        return lambda plain: origin(one(value) for value in plain)
    return lambda plain: msgspec.convert(plain, kind)


def _record_reader(kind: type) -> Callable[[Any], Any]:
    names = [name for name, _ in _fields_of(kind)]
    readers = [_reader(hint) for _, hint in _fields_of(kind)]

    def read(plain: Any) -> Any:
        return kind(**{name: read(value) for name, read, value in zip(names, readers, plain, strict=True)})

    return read


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Name and type of each field of a dataclass, in order of declaration."""
    hints = get_type_hints(kind)
    return tuple((each.name, hints[each.name]) for each in fields(kind))


def _read_array(plain: Any) -> Any:
    name, shape, data = plain
    dtype = np.dtype(name)
    array = np.frombuffer(data, dtype=dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)
    array.flags.writeable = False
    return array
