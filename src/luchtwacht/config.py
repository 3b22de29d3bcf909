"""Declarations: one TOML file becomes one frozen value, or an error that names the line.

`load(path, kind)` is strict: a key that the value does not have is refused with the nearest one that it has, a value of
another type with what was wanted, and both with file, line and key. The kinds are plain dataclasses; nothing here knows
which.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from luchtwacht.errors import BadConfiguration

T = TypeVar("T")

Key = str | int
"""A step into a document: the name of a key, or the number of an array's element."""
Places = dict[tuple[Key, ...], str]
"""Keys of a document, each with where it stands: `site.toml, line 12`."""


def load(path: Path, kind: type[T]) -> T:
    """The value that a TOML file declares.

    Args:
        path: the file.
        kind: a dataclass or `msgspec.Struct`.

    Raises:
        BadConfiguration: the file cannot be read, is not TOML, or does not declare a `kind`; names file, line and key.
    """
    return loads(read_text(path), kind, where=str(path))


def read_text(path: Path) -> str:
    """The text of a file. Raises `BadConfiguration` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadConfiguration("there is no such file", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise BadConfiguration(f"byte {error.start} is not UTF-8 text", where=str(path)) from error
    except OSError as error:
        raise BadConfiguration(f"cannot be read: {error.strerror}", where=str(path)) from error


def places(text: str, *, where: str) -> Places:
    """Where each key of a TOML text stands, for those who find something wrong with its value later."""
    return {key: f"{where}, line {line}" for key, line in _lines(text)}


def loads(text: str, kind: type[T], *, where: str) -> T:
    """The value that a TOML text declares; `where` names it in errors. Raises as `load` does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"not TOML: {error}", where=where) from error
    for key, known in _unknown_keys(document, kind, ()):
        near = difflib.get_close_matches(str(key[-1]), known, n=1)
        raise BadConfiguration(
            f"unknown key {_spell(key)}",
            where=_place(where, text, key),
            hint=f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}",
        )
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `")
        key = _parse(path.rstrip("`"))
        value = _reach(document, key)
        said = f", got {value!r}" if isinstance(value, str | int | float | bool) and "got" in what else ""
        raise BadConfiguration(
            f"{_spell(key)}: {what}{said}" if key else what,
            where=_place(where, text, key),
            hint=_allowed(kind, key),
        ) from error


# ---------------------------------------------------------------------- keys that nobody knows


def _unknown_keys(value: Any, kind: Any, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], list[str]]]:
    """Keys that `kind` does not have, each with the ones it has."""
    for option in _options(kind):
        origin, arguments = get_origin(option), get_args(option)
        if isinstance(value, dict) and _is_record(option):
            known = _record_fields(option, value)
            if known is None:
                continue
            for name, inner in value.items():
                if name not in known:
                    yield (*path, name), [each for each in known if not each.startswith("_")]
                else:
                    yield from _unknown_keys(inner, known[name], (*path, name))
            return
        if isinstance(value, list) and origin in (tuple, list):
            for number, inner in enumerate(value):
                same = origin is list or (len(arguments) == 2 and arguments[1] is Ellipsis)
                inner_kind = arguments[0] if same else arguments[number] if number < len(arguments) else Any
                yield from _unknown_keys(inner, inner_kind, (*path, number))
            return
        if isinstance(value, dict) and origin is dict:
            for name, inner in value.items():
                yield from _unknown_keys(inner, arguments[1], (*path, name))
            return


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, msgspec.Struct))


def _record_fields(kind: Any, value: dict[str, Any]) -> dict[str, Any] | None:
    """Name to type; none when `kind` is a tagged struct and `value` carries another tag."""
    hints = get_type_hints(kind)
    if is_dataclass(kind):
        return {each.name: hints[each.name] for each in fields(kind)}
    known = {each.encode_name: hints[each.name] for each in msgspec.structs.fields(kind)}
    config = kind.__struct_config__
    if config.tag_field is not None:
        if value.get(config.tag_field) != config.tag:
            return None
        known[config.tag_field] = str
    return known


# ---------------------------------------------------------------------- where, and what would do


def _parse(path: str) -> tuple[Key, ...]:
    """msgspec's `$.sensors[2].kind` as steps."""
    return tuple(
        int(number) if number else name or "?" for name, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path)
    )


def _spell(key: tuple[Key, ...]) -> str:
    """`sensors[2].kind`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in key).lstrip(".")


def _reach(document: Any, key: tuple[Key, ...]) -> Any:
    for step in key:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _place(where: str, text: str, key: tuple[Key, ...]) -> str:
    """`site.toml, line 12`: the line of the key, or of the table it should stand in."""
    lines = dict(_lines(text))
    if key not in lines and (inside := [each for each in lines if each[: len(key)] == key]):
        key = inside[0]  # an array of tables has no line of its own; its first table has
    while key and key not in lines:
        key = key[:-1]
    return f"{where}, line {lines[key]}" if key else where


_TABLE = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(r"\s*([A-Za-z0-9_\-\"'.]+?)\s*=")


def _lines(text: str) -> Iterator[tuple[tuple[Key, ...], int]]:
    """Each key and table header with its line, from 1. What stands inside an inline table has its key's line."""
    table: tuple[Key, ...] = ()
    counts: dict[tuple[Key, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            names = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            table = _resolve(names[:-1], counts)
            if header[1] == "[[":
                array = (*table, names[-1])
                counts[array] = counts.get(array, -1) + 1
                table = (*array, counts[array])
            else:
                table = _resolve(names, counts)
            yield table, number
        elif pair := _PAIR.match(line):
            yield (*table, *(part.strip("\"'") for part in pair[1].split("."))), number


def _resolve(names: tuple[str, ...], counts: dict[tuple[Key, ...], int]) -> tuple[Key, ...]:
    """Names of a header, with the latest element of each array of tables on the way."""
    key: tuple[Key, ...] = ()
    for name in names:
        key = (*key, name)
        if key in counts:
            key = (*key, counts[key])
    return key


def _allowed(kind: Any, key: tuple[Key, ...]) -> str:
    """What may stand at `key`, when that is a short list; or what must."""
    for option in _at(kind, key):
        if isinstance(option, type) and issubclass(option, Enum):
            return f"one of {', '.join(str(each.value) for each in option)}"
        if is_dataclass(option) and isinstance(option, type):
            needed = [
                each.name for each in fields(option) if each.default is MISSING and each.default_factory is MISSING
            ]
            return f"needs {', '.join(needed)}" if needed else ""
    return ""


def _at(kind: Any, key: tuple[Key, ...]) -> tuple[Any, ...]:
    """The types that may stand at `key`."""
    kinds: tuple[Any, ...] = _options(kind)
    for step in key:
        inner: list[Any] = []
        for option in kinds:
            origin, arguments = get_origin(option), get_args(option)
            if isinstance(step, int) and origin in (tuple, list):
                inner += _options(arguments[0])
            elif isinstance(step, str) and origin is dict:
                inner += _options(arguments[1])
            elif isinstance(step, str) and _is_record(option):
                inner += _options(get_type_hints(option).get(step, object))
        kinds = tuple(inner)
    return kinds
