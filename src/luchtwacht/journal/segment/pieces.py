"""The Pieces record of a group: which parts of its entries are sealed apart.

It follows from nothing else: what is delicate was decided when the entry was recorded, and stays so.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import EntryKind, Piece

PIECES = 0x84
_ROW = struct.Struct("<IIIB")
_JSON = frozenset({EntryKind.SITE, EntryKind.MAPPING, EntryKind.NOTE})


def filler(kind: EntryKind) -> bytes:
    """What stands in the data for a piece that is not shown: nothing, in the entry's own encoding."""
    return b"null" if kind in _JSON else b"\xc0"


def encode_pieces(pieces: Mapping[int, Sequence[Piece]]) -> bytes:
    """The record for the pieces of the entries at these places; nothing when there are none."""
    rows = [_ROW.pack(place, *piece) for place, each in pieces.items() for piece in each]
    return mcap.encode_private(PIECES, b"".join(rows)) if rows else b""


def decode_pieces(content: bytes) -> dict[int, tuple[Piece, ...]]:
    """The pieces by the place of their entry, ascending.

    Raises:
        RecordError: they are out of order.
    """
    if len(content) % _ROW.size:
        raise RecordError("its list of pieces ends in the middle of one")
    found: dict[int, list[Piece]] = {}
    before, end = -1, 0
    for place, start, length, what in _ROW.iter_unpack(content):
        if place < before or (place == before and start < end):
            raise RecordError("its pieces are out of order")
        before, end = place, start + length
        found.setdefault(place, []).append((start, length, what))
    return {place: tuple(each) for place, each in found.items()}
