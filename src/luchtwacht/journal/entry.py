"""Entries: what the journal keeps, and the bytes by which each is sealed.

An entry is sealed as these bytes (little-endian), specified in `docs/formats/journal.md`:

    u8 domain (1: an entry) | u8 kind | u64 sequence | i64 time_ns | i32 source | 16 bytes salt | data

The salt makes the hash of an entry that is withheld say nothing about its content, however few contents are possible.

Where parts of the data may have to be withheld alone (a sensor's place, a pilot's position), those pieces are sealed
apart, each with a salt of its own, and the rest of the data stands without them:

    u8 domain (2) | as above, up to the salt | u16 pieces | pieces x (u32 at | u8 what | 32 bytes commitment) | rest

`at` is where in the rest the piece was taken out. A commitment is SHA-256(0x02 || 16 bytes salt || piece).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256, shake_128
from typing import Any

import msgspec

from luchtwacht.errors import RecordError

SALT_BYTES = 16
_SEALED = struct.Struct("<BBBQqi16s")
"""RFC 6962's leaf prefix 0x00, then the head of an entry's sealed bytes"""
_ENTRY, _ENTRY_IN_PIECES = 1, 2
_PIECE = struct.Struct("<IB32s")
_COMMITMENT = b"\x02"

Piece = tuple[int, int, int]
"""(start in the data, length, what it is: `model.delicate.Delicate`)"""


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
    SNAPSHOT = "snapshot"
    """state of the pipeline after the inputs before it: `Pipeline.snapshot`; follows from them, and may be missing"""


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
    pieces: tuple[Piece, ...] = ()
    """parts of the data that are sealed apart, ascending"""


def salts(key: bytes, count: int) -> bytes:
    """The salts of a chunk, one after another: SHAKE-128 of its secret key.

    Args:
        key: of the chunk.
        count: entries, and then, in the same order, their pieces.
    """
    return shake_128(key).digest(SALT_BYTES * count)


def commit(salt: bytes, content: bytes) -> bytes:
    """What stands for a piece in the sealed bytes of its entry."""
    return sha256(_COMMITMENT + salt + content).digest()


def rest_of(entry: Entry) -> bytes:
    """An entry's data without its pieces."""
    parts, at = [], 0
    for start, length, _ in entry.pieces:
        parts.append(entry.data[at:start])
        at = start + length
    return b"".join((*parts, entry.data[at:]))


def sealed_bytes(entry: Entry, salt: bytes, commitments: Sequence[bytes] = ()) -> bytes:
    """The bytes by which an entry is sealed: the content of its leaf.

    Args:
        entry: what is sealed.
        salt: its own.
        commitments: one for each of its pieces.
    """
    domain = _ENTRY_IN_PIECES if entry.pieces else _ENTRY
    head = _SEALED.pack(0, domain, KIND_CODE[entry.kind], entry.sequence, entry.time_ns, entry.source, salt)[1:]
    if not entry.pieces:
        return head + entry.data
    rows, out = [], 0
    for (start, length, what), commitment in zip(entry.pieces, commitments, strict=True):
        rows.append(_PIECE.pack(start - out, what, commitment))
        out += length
    return head + len(rows).to_bytes(2, "little") + b"".join(rows) + rest_of(entry)


def entry_of(sealed: bytes, contents: Mapping[int, tuple[bytes, bytes]] | None = None) -> tuple[Entry, bytes]:
    """The entry and the salt that `sealed_bytes` was given.

    Args:
        sealed: the bytes.
        contents: salt and content of each piece that is shown, by its number. A piece that is not shown has length 0
            in the entry.

    Raises:
        RecordError: these are not the sealed bytes of an entry, or a piece is not the one that was sealed.
    """
    head = _SEALED.size - 1
    if len(sealed) < head or sealed[0] not in (_ENTRY, _ENTRY_IN_PIECES) or not 1 <= sealed[1] <= len(KINDS):
        raise RecordError("these bytes are not an entry's")
    _, domain, kind, sequence, time_ns, source, salt = _SEALED.unpack(b"\0" + sealed[:head])
    if domain == _ENTRY:
        return Entry(KINDS[kind - 1], sequence, time_ns, source, sealed[head:]), salt
    rows_at = head + 2
    rest_at = rows_at + int.from_bytes(sealed[head:rows_at], "little") * _PIECE.size
    rest = sealed[rest_at:]
    parts: list[bytes] = []
    pieces: list[Piece] = []
    done = size = 0
    for number, (at, what, commitment) in enumerate(_PIECE.iter_unpack(sealed[rows_at:rest_at])):
        piece_salt, content = (contents or {}).get(number, (b"", b""))
        if piece_salt and commit(piece_salt, content) != commitment:
            raise RecordError("a piece is not the one that was sealed")
        if not done <= at <= len(rest):
            raise RecordError("the pieces of an entry are out of order")
        parts += [rest[done:at], content]
        pieces.append((size + at - done, len(content), what))
        size, done = size + at - done + len(content), at
    return Entry(KINDS[kind - 1], sequence, time_ns, source, b"".join((*parts, rest[done:])), tuple(pieces)), salt


def entry_hashes(entries: Sequence[Entry], key: bytes) -> list[bytes]:
    """The RFC 6962 leaf hash of each entry of a chunk whose salts come from `key`."""
    salt = salts(key, len(entries) + sum(len(each.pieces) for each in entries))
    pack, codes = _SEALED.pack, KIND_CODE
    hashes = []
    piece_at = SALT_BYTES * len(entries)
    for at, each in zip(range(0, len(salt), SALT_BYTES), entries, strict=False):
        own = salt[at : at + SALT_BYTES]
        if each.pieces:
            commitments = []
            for start, length, _ in each.pieces:
                commitments.append(commit(salt[piece_at : piece_at + SALT_BYTES], each.data[start : start + length]))
                piece_at += SALT_BYTES
            hashes.append(sha256(b"\0" + sealed_bytes(each, own, commitments)).digest())
        else:
            head = pack(0, _ENTRY, codes[each.kind], each.sequence, each.time_ns, each.source, own)
            hashes.append(sha256(head + each.data).digest())
    return hashes


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
