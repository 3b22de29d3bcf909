"""Damage, by a seed: what noise, cut cables, wrong editions and people do to bytes."""

from __future__ import annotations

import json
from random import Random
from typing import Any

_TELLING = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)
"""octets that lengths, signs and counts go wrong on"""
_TELLING_TEXT = (
    b"-1", b"1e999", b"nan", b"99999999999999999999", b'"', b"{", b"[", b"\\", b"\n", b",", b"\x00", b"\xff\xfe",
    b"null", b"true", b"\xf0\x9f\x9b\xb8", b"1970-01-01T00:00:00Z", b"' or", b"<!ENTITY", b"",
)  # fmt: skip
LONGEST = 1 << 16


def damage(seed: int, corpus: list[bytes]) -> bytes:
    """One of the corpus with one to six faults. The same seed gives the same octets."""
    chance = Random(seed)
    made = bytearray(chance.choice(corpus))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        chance.choice(_FAULTS)(chance, made, corpus)
    return bytes(made[:LONGEST])


def _place(chance: Random, made: bytearray) -> int:
    """Often near the beginning, where headers and lengths are."""
    if not made:
        return 0
    return chance.randrange(min(len(made), chance.choice((4, 32, len(made)))))


def _flip(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    if made:
        made[_place(chance, made)] ^= 1 << chance.randrange(8)


def _set(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    if made:
        made[_place(chance, made)] = chance.choice((*_TELLING, chance.randrange(256)))


def _cut(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    del made[_place(chance, made) :]


def _lose(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    at = _place(chance, made)
    del made[at : at + chance.randrange(1, 9)]


def _add(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    at = _place(chance, made)
    made[at:at] = chance.randbytes(chance.randrange(1, 9))


def _say(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    at = _place(chance, made)
    made[at : at + chance.randrange(5)] = chance.choice(_TELLING_TEXT)


def _repeat(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    at = _place(chance, made)
    made[at:at] = made[at : at + chance.randrange(1, 65)] * chance.choice((1, 2, 50))


def _splice(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    other = chance.choice(corpus)
    at = _place(chance, made)
    made[at:] = other[chance.randrange(len(other) + 1) :]


def _length(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    """A number of two octets a little or very wrong, in either order."""
    at = _place(chance, made)
    order = chance.choice(("big", "little"))
    number = int.from_bytes(made[at : at + 2], order) + chance.choice((-1, 1, -3, 3, 255, 65_535))  # type: ignore[arg-type]
    made[at : at + 2] = (number & 0xFFFF).to_bytes(2, order)  # type: ignore[arg-type]


def _retell(chance: Random, made: bytearray, corpus: list[bytes]) -> None:
    """A value somewhere in a JSON document becomes another, is told twice, or is left out."""
    try:
        whole = json.loads(made)
    except (ValueError, RecursionError):
        return
    at: Any = whole
    while isinstance(at, dict | list) and at:
        key = chance.choice(list(at) if isinstance(at, dict) else range(len(at)))
        if not isinstance(at[key], dict | list) or not at[key] or chance.random() < 0.2:
            if chance.random() < 0.2:
                del at[key]
            elif isinstance(at, list) and chance.random() < 0.5:
                at.append(at[key])
            else:
                at[key] = chance.choice(_TELLING_VALUES)
            break
        at = at[key]
    made[:] = json.dumps(whole, indent=chance.choice((None, None, 1))).encode()


_TELLING_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, -1e308, 2**63, 2**200, float("nan"), float("inf"), "", "x", "\ud800", "0", "9" * 400, [],
    {}, [[]], {"": ""}, "2026-13-45T99:99:99Z", "\u0000", -0.0, 90.0000001, 181,
)  # fmt: skip
_FAULTS = (_retell, _flip, _set, _cut, _lose, _add, _say, _repeat, _splice, _length)
