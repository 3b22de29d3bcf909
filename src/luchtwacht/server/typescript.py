"""The wire's types for the console: `python -m luchtwacht.server.typescript > web/src/wire.ts`.

Only what `wire` uses is known: dataclasses, lists, dictionaries, unions, literals and plain values. A test fails
when the committed file differs.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from luchtwacht.server import wire

HEADER = "// Made from src/luchtwacht/server/wire by `python -m luchtwacht.server.typescript`; do not edit.\n"
_PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null", Any: "unknown"}


def declarations() -> dict[str, Any]:
    """Name to dataclass or literal, in the order of the files of `wire`."""
    return {
        name: value
        for name, value in vars(wire).items()
        if not name.startswith("_")
        and (get_origin(value) is Literal or (is_dataclass(value) and value.__module__.startswith(wire.__name__)))
    }


def translate(hint: Any, names: dict[Any, str]) -> str:
    """A Python type in TypeScript's words."""
    if hint in names:
        return names[hint]
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f'"{each}"' for each in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(translate(each, names) for each in arguments)
    if origin is list:
        inner = translate(arguments[0], names)
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<{translate(arguments[0], names)}, {translate(arguments[1], names)}>"
    raise AssertionError(f"{hint} has no translation")


def lines() -> Iterator[str]:
    """The file, line by line."""
    declared = declarations()
    names = {value: name for name, value in declared.items()}
    yield HEADER
    for name, value in declared.items():
        if not is_dataclass(value):
            yield f"export type {name} = {translate(value, {})};\n"
            continue
        yield f"export interface {name} {{"
        hints = get_type_hints(value)
        for each in fields(value):
            given = name in ("Word", "SensorOrder", "Observation", "PlaybackOrder") and each.default is not MISSING
            yield f"  {each.name}{'?' if given else ''}: {translate(hints[each.name], names)};"
        yield "}\n"


def write() -> str:
    """The whole file."""
    return "\n".join(lines())


if __name__ == "__main__":
    print(write(), end="")
