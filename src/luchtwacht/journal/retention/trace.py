"""The trace of a deletion: a note that says exactly which entries and pieces of a segment are gone.

    {"subject":"deletion","by":...,"reason":...,"policy":{...},"segments":[
        {"segment":3,"entries":120,"pieces":4,"digest":"hex","complete":true,"kinds":["frames_days"]}]}

A row counts everything that is gone from the segment once it is carried out, whatever earlier notes said already.
When all is done a second note says so: `{"subject":"deleted","segments":[3]}`.
`digest` is SHA-256 over `u64 first leaf | u32 place | u16 piece` of each, in order, with piece 65535 for a whole entry.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from luchtwacht.journal.entry import decode_note
from luchtwacht.journal.files import Files
from luchtwacht.journal.retention.holds import notes

SUBJECT, DONE = "deletion", "deleted"
_ROW = struct.Struct("<QIH")
_WHOLE = 0xFFFF


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """A note's row about one segment."""

    segment: int
    entries: int
    pieces: int
    digest: str
    complete: bool
    """whether nothing is left there that the kinds of policy in force could ever delete"""
    kinds: tuple[str, ...]


@dataclass(slots=True)
class Trace:
    """What is gone from one segment."""

    entries: int = 0
    pieces: int = 0
    complete: bool = False
    _digest: Any = field(default_factory=sha256)

    def add(self, first_leaf: int, entries: Iterable[int], pieces: Iterable[tuple[int, int]]) -> None:
        """What is gone from the next group: places, and (place, number) of pieces of entries that are there."""
        rows = sorted([*((place, _WHOLE) for place in entries), *pieces])
        for place, piece in rows:
            self._digest.update(_ROW.pack(first_leaf, place, piece))
            self.entries, self.pieces = self.entries + (piece == _WHOLE), self.pieces + (piece != _WHOLE)

    @property
    def digest(self) -> str:
        """Hexadecimal."""
        return str(self._digest.hexdigest())

    def explained_by(self, noted: Iterable[Deletion]) -> bool:
        """Whether one of the notes about the segment says just this."""
        mine = self.entries, self.pieces, self.digest
        return any((each.entries, each.pieces, each.digest) == mine for each in noted)


def rows_of(note: bytes) -> list[Deletion]:
    """The rows of a deletion's note; none for any other note.

    Raises:
        msgspec.ValidationError: it is not written as it must be.
    """
    plain = decode_note(note)
    return msgspec.convert(plain.get("segments"), list[Deletion]) if plain.get("subject") == SUBJECT else []


def carried_out(folder: Path, files: Files) -> dict[int, Deletion]:
    """By segment, the last deletion that the journal says was carried out to its end.

    Raises:
        RecordError: there is no journal, or it is damaged.
    """
    said: dict[int, Deletion] = {}
    done: dict[int, Deletion] = {}
    for entry in notes(folder, files):
        said |= {each.segment: each for each in rows_of(entry.data)}
        plain = decode_note(entry.data)
        if plain.get("subject") == DONE:
            done |= {number: said[number] for number in plain["segments"] if number in said}
    return done
