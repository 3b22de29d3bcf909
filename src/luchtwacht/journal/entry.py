"""Entries: what the journal keeps, and the bytes by which each is sealed.

An entry is sealed as these bytes (little-endian), specified in `docs/formats/journal.md`:

    u8 domain (1: an entry) | u8 kind | u64 sequence | i64 time_ns | i32 source | 16 bytes salt | data

The salt makes the hash of an entry that is withheld say nothing about its content, however few contents are possible.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from hashlib import sha256, shake_128
from typing import Any

import msgspec

from luchtwacht.errors import RecordError

SALT_BYTES = 16
_SEALED = struct.Struct("<BBBQqi16s")
"""RFC 6962's leaf prefix 0x00, then the head of an entry's sealed bytes"""
_ENTRY = 1


class EntryKind(StrEnum):
    """What an entry holds. The first three of an open run are its configuration; then inputs and what followed."""

    SITE = "site"
    """the site's configuration in force from here on: `encode_site`"""
    MAPPING = "mapping"
    """a table mapping in force from here on: `encode_mapping`"""
    FRAME = "frame"
    """bytes as received"""
    COMMAND = "command"
    """an order by a person: `encode_command`"""
    TICK = "tick"
    """time passed: `encode_tick`"""
    EVENT = "event"
    """what the pipeline said: `encode_event`"""
    NOTE = "note"
    """what the journal says of itself: `encode_note`"""


KINDS = tuple(EntryKind)
KIND_CODE = {kind: code for code, kind in enumerate(KINDS, start=1)}
INPUTS = frozenset({EntryKind.FRAME, EntryKind.COMMAND, EntryKind.TICK})
"""The kinds that come from outside and have a sequence of their own"""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One record of the journal."""

    kind: EntryKind
    sequence: int
    """of the input; for anything else, of the last input before it"""
    time_ns: int
    """ns UTC: when an input was received; for an event, of the input after which it followed"""
    source: int
    """index into `Site.sources` for a frame; -1 for anything else"""
    data: bytes


def salts(key: bytes, count: int) -> bytes:
    """The salts of a chunk's `count` entries, one after another: SHAKE-128 of the chunk's secret key."""
    return shake_128(key).digest(SALT_BYTES * count)


def sealed_bytes(entry: Entry, salt: bytes) -> bytes:
    """The bytes by which an entry is sealed: the content of its leaf."""
    return (
        _SEALED.pack(0, _ENTRY, KIND_CODE[entry.kind], entry.sequence, entry.time_ns, entry.source, salt)[1:]
        + entry.data
    )


def entry_of(sealed: bytes) -> tuple[Entry, bytes]:
    """The entry and the salt that `sealed_bytes` was given.

    Raises:
        RecordError: these are not the sealed bytes of an entry.
    """
    if len(sealed) < _SEALED.size - 1 or sealed[0] != _ENTRY or not 1 <= sealed[1] <= len(KINDS):
        raise RecordError("these bytes are not an entry's")
    _, _, kind, sequence, time_ns, source, salt = _SEALED.unpack(b"\0" + sealed[: _SEALED.size - 1])
    return Entry(KINDS[kind - 1], sequence, time_ns, source, sealed[_SEALED.size - 1 :]), salt


def entry_hashes(entries: list[Entry], key: bytes) -> list[bytes]:
    """The RFC 6962 leaf hash of each entry of a chunk whose salts come from `key`."""
    salt = salts(key, len(entries))
    pack, codes = _SEALED.pack, KIND_CODE
    return [
        sha256(
            pack(0, _ENTRY, codes[each.kind], each.sequence, each.time_ns, each.source, salt[at : at + SALT_BYTES])
            + each.data
        ).digest()
        for at, each in zip(range(0, len(salt), SALT_BYTES), entries, strict=True)
    ]


_json = msgspec.json.Encoder(order="deterministic")


def encode_mapping(name: str, text: str) -> bytes:
    """A table mapping, as the journal keeps it: a JSON object with `name` and `text`."""
    return _json.encode({"name": name, "text": text})


def decode_mapping(data: bytes) -> tuple[str, str]:
    """Name and text of a table mapping; `msgspec.ValidationError` for other bytes."""
    plain = msgspec.json.decode(data, type=dict[str, str])
    if plain.keys() != {"name", "text"}:
        raise msgspec.ValidationError("not a mapping")
    return plain["name"], plain["text"]


def encode_note(subject: str, **facts: Any) -> bytes:
    """What the journal says of itself: a JSON object with `subject` and facts."""
    return _json.encode({"subject": subject, **facts})


def decode_note(data: bytes) -> dict[str, Any]:
    """The note's JSON object; `msgspec.ValidationError` for other bytes."""
    return msgspec.json.decode(data, type=dict[str, Any])
