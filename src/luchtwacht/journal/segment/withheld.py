"""What is not shown of a group: the Withheld record, and what is left when more is taken away.

For an entry that is not shown stands its hash, for a piece of an entry its commitment, so the group verifies as before.
The salts of what is shown then stand there one by one: with the chunk's key the hashes of the rest could be searched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import SALT_BYTES, Entry, commit, sealed_bytes
from luchtwacht.journal.segment.pieces import filler
from luchtwacht.journal.tree import hash_leaf

WITHHELD = 0x83
DELETED = 255
"""why something is not shown: it was deleted from the journal itself; a bundle's own reasons count from 0"""
_HEAD = struct.Struct("<III")
_ENTRY = struct.Struct("<IB32s")
_PIECE = struct.Struct("<IHB32s")

Hiding = Mapping[int, int | Mapping[int, int]]
"""by place in the chunk: why the entry is not to be shown, or, by number, why pieces of it are not"""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a Withheld record says."""

    messages: int
    """entries in the chunk, shown or not"""
    entries: dict[int, tuple[int, bytes]]
    """by place: why, and the entry hash"""
    pieces: dict[tuple[int, int], tuple[int, bytes]]
    """by place and number of the piece: why, and the commitment"""
    salts: bytes
    """of the entries shown, then of the pieces shown"""


def decode_withheld(content: bytes) -> Withheld:
    """The record's content.

    Raises:
        RecordError: it is not in order.
    """
    if len(content) < _HEAD.size:
        raise RecordError("it does not say what is withheld")
    messages, entries, pieces = _HEAD.unpack_from(content)
    pieces_at = _HEAD.size + entries * _ENTRY.size
    salts_at = pieces_at + pieces * _PIECE.size
    if salts_at > len(content) or not entries + pieces or (len(content) - salts_at) % SALT_BYTES:
        raise RecordError("it does not say well what is withheld")
    rows = list(_ENTRY.iter_unpack(content[_HEAD.size : pieces_at]))
    parts = list(_PIECE.iter_unpack(content[pieces_at:salts_at]))
    places, numbers = [place for place, _, _ in rows], [(place, number) for place, number, _, _ in parts]
    if places != sorted(set(places)) or numbers != sorted(set(numbers)) or (places and places[-1] >= messages):
        raise RecordError("what is withheld is out of order")
    return Withheld(
        messages,
        {place: (why, leaf) for place, why, leaf in rows},
        {(place, number): (why, leaf) for place, number, why, leaf in parts},
        content[salts_at:],
    )


@dataclass(slots=True)
class Slot:
    """One place of a chunk."""

    hash: bytes
    entry: Entry | None
    """none when it is not shown"""
    why: int = 0
    """for an entry that is not shown"""
    salt: bytes = b""
    piece_salts: list[bytes] = field(default_factory=list)
    """of each piece; empty for one that is not shown"""
    hidden: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """why, and the commitment, of each piece that is not shown"""

    def commitments(self) -> list[bytes]:
        """What stands for each piece in the sealed bytes."""
        if self.entry is None:
            return []
        return [
            self.hidden[number][1]
            if number in self.hidden
            else commit(self.piece_salts[number], self.entry.data[start : start + length])
            for number, (start, length, _) in enumerate(self.entry.pieces)
        ]

    def sealed(self) -> bytes:
        """The sealed bytes of an entry that is shown."""
        if self.entry is None:
            raise AssertionError("nothing is shown here")
        return sealed_bytes(self.entry, self.salt, self.commitments())

    def shown_pieces(self) -> dict[int, tuple[bytes, bytes]]:
        """Salt and content of each piece that is shown."""
        pieces = self.entry.pieces if self.entry else ()
        return {
            number: (self.piece_salts[number], self.entry.data[start : start + length])
            for number, (start, length, _) in enumerate(pieces)
            if self.entry and number not in self.hidden
        }

    def hide(self, why: int | Mapping[int, int]) -> None:
        """Take away the entry, or pieces of it; what is not there any more stays away for its own reason."""
        if self.entry is None:
            return
        if isinstance(why, int):
            self.entry, self.why = None, why
            return
        wanted = {number: each for number, each in why.items() if number not in self.hidden}
        for number, each in sorted(wanted.items()):
            start, length, _ = self.entry.pieces[number]
            content = self.entry.data[start : start + length]
            self.hidden[number] = each, commit(self.piece_salts[number], content)
            self.piece_salts[number] = b""
        if wanted:
            self.entry = _without(self.entry, set(wanted))


def _without(entry: Entry, numbers: set[int]) -> Entry:
    """An entry in whose data nothing stands for some of its pieces."""
    nothing = filler(entry.kind)
    data, pieces = bytearray(), []
    at = 0
    for number, (start, length, what) in enumerate(entry.pieces):
        data += entry.data[at:start]
        content = nothing if number in numbers else entry.data[start : start + length]
        pieces.append((len(data), len(content), what))
        data += content
        at = start + length
    whole = bytes(data + entry.data[at:])
    return Entry(entry.kind, entry.sequence, entry.time_ns, entry.source, whole, tuple(pieces))


def slots_of(entries: Sequence[Entry], salts: bytes, withheld: Withheld | None) -> list[Slot]:
    """The places of a chunk, with the hash of each, made from what is shown or taken from the record.

    Args:
        entries: those that are shown, in order.
        salts: of the entries shown, then of their pieces shown.
        withheld: what is not shown, if anything is not.

    Raises:
        RecordError: entries, salts and record do not fit one another.
    """
    away = withheld.entries if withheld else {}
    hidden = dict(withheld.pieces) if withheld else {}
    places = [place for place in range(len(entries) + len(away)) if place not in away]
    shown = sum(len(each.pieces) for each in entries) - len(hidden)
    if (withheld and withheld.messages != len(places) + len(away)) or len(salts) != SALT_BYTES * (len(places) + shown):
        raise RecordError("it does not say well what is withheld")
    rest = iter([salts[at : at + SALT_BYTES] for at in range(SALT_BYTES * len(places), len(salts), SALT_BYTES)])
    found = {place: Slot(leaf, None, why) for place, (why, leaf) in away.items()}
    for number, (place, entry) in enumerate(zip(places, entries, strict=True)):
        slot = Slot(b"", entry, salt=salts[number * SALT_BYTES : (number + 1) * SALT_BYTES])
        for piece, (start, length, _) in enumerate(entry.pieces):
            if (place, piece) in hidden:
                slot.hidden[piece] = hidden.pop((place, piece))
                slot.piece_salts.append(b"")
                if entry.data[start : start + length] != filler(entry.kind):
                    raise RecordError("something stands where a piece is withheld")
            else:
                slot.piece_salts.append(next(rest, b""))
        slot.hash = hash_leaf(slot.sealed())
        found[place] = slot
    if hidden:
        raise RecordError("it withholds pieces of entries that have none")
    return [found[place] for place in sorted(found)]


def encode_withheld(slots: Sequence[Slot]) -> bytes:
    """The record for a chunk of which something is not shown."""
    entries = [_ENTRY.pack(place, each.why, each.hash) for place, each in enumerate(slots) if each.entry is None]
    shown = [each for each in slots if each.entry is not None]
    pieces = [
        _PIECE.pack(place, number, *each.hidden[number])
        for place, each in enumerate(slots)
        if each.entry is not None
        for number in sorted(each.hidden)
    ]
    salts = [each.salt for each in shown] + [salt for each in shown for salt in each.piece_salts if salt]
    content = _HEAD.pack(len(slots), len(entries), len(pieces)) + b"".join((*entries, *pieces, *salts))
    return mcap.encode_private(WITHHELD, content)


def reasons(withheld: Iterable[Withheld]) -> dict[int, tuple[int, int]]:
    """How many entries, and pieces of others, are not shown, by why."""
    counted: dict[int, tuple[int, int]] = {}
    for each in withheld:
        for why, _ in each.entries.values():
            entries, pieces = counted.get(why, (0, 0))
            counted[why] = entries + 1, pieces
        for why, _ in each.pieces.values():
            entries, pieces = counted.get(why, (0, 0))
            counted[why] = entries, pieces + 1
    return counted
