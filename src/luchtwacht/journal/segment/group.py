"""What follows a seal: a group's records, the entries in them, and whether they are what was sealed.

Chunks are taken apart as columns, not as one object an entry: checking a long record is mostly this.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

import numpy as np
import numpy.typing as npt

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import INPUTS, KIND_CODE, SALT_BYTES, Entry, EntryKind, Piece, salts
from luchtwacht.journal.segment.channels import FRAME_CHANNEL, KIND_OF, later_channel
from luchtwacht.journal.segment.pieces import PIECES, decode_pieces
from luchtwacht.journal.segment.seal import SALT_KEY_BYTES, Descriptor, Seal
from luchtwacht.journal.segment.withheld import WITHHELD, Slot, Withheld, decode_withheld, slots_of
from luchtwacht.journal.tree import root_of


@dataclass(frozen=True, slots=True)
class Body:
    """The records of a group after its seal."""

    withheld: bytes
    """content of the Withheld record; empty when there is none"""
    pieces: bytes
    """content of the Pieces record; empty when there is none"""
    channels: dict[int, bytes]
    """records of the channels that it declares"""
    before: int
    """bytes before the chunk record"""
    chunk: bytes
    """the chunk record"""
    indexes: bytes
    """the message index records"""
    begins: dict[int, int]
    """channel to where its record begins in `indexes`"""
    counts: dict[int, int]
    """channel to number of messages"""


def split_body(body: bytes) -> Body:
    """The records of a group.

    Raises:
        RecordError: they are not those of a group, in the order they must have.
    """
    withheld = pieces = chunk = b""
    channels: dict[int, bytes] = {}
    begins: dict[int, int] = {}
    counts: dict[int, int] = {}
    before = after = at = 0
    unpack, head, end = mcap.RECORD_HEAD.unpack_from, mcap.RECORD_HEAD.size, len(body)
    while at < end:
        if at + head + 2 > end:
            raise RecordError("a group ends in the middle of a record")
        opcode, size = unpack(body, at)
        stop = at + head + size
        id = body[at + head] | body[at + head + 1] << 8
        if stop > end:
            raise RecordError("a group ends in the middle of a record")
        if opcode == mcap.MESSAGE_INDEX and chunk and id not in begins:
            begins[id], counts[id] = at - after, (size - 6) // 16
        elif opcode == mcap.CHUNK and not chunk:
            before, after, chunk = at, stop, body[at:stop]
        elif opcode == mcap.CHANNEL and not chunk and id not in channels:
            channels[id] = body[at:stop]
        elif opcode == WITHHELD and at == 0:
            withheld = body[head:stop]
        elif opcode == PIECES and not pieces and not channels and not chunk:
            pieces = body[at + head : stop]
        else:
            raise RecordError("a group holds a record that does not belong there")
        at = stop
    if not chunk:
        raise RecordError("a group holds no chunk")
    return Body(withheld, pieces, channels, before, chunk, body[after:], begins, counts)


_CODES = np.zeros(1 << 16, dtype=np.uint8)
"""kind of the entries on a channel; 0 where no channel is"""
_CODES[FRAME_CHANNEL:] = KIND_CODE[EntryKind.FRAME]
for _channel, _kind in KIND_OF.items():
    _CODES[_channel] = KIND_CODE[_kind]
_KINDS = {code: kind for kind, code in KIND_CODE.items()}
_IS_INPUT = np.zeros(256, dtype=bool)
_IS_INPUT[[KIND_CODE[each] for each in INPUTS]] = True
_NOTE = KIND_CODE[EntryKind.NOTE]

_PREFIX = np.dtype(
    [
        ("zero", "u1"),
        ("domain", "u1"),
        ("kind", "u1"),
        ("sequence", "<u8"),
        ("time_ns", "<i8"),
        ("source", "<i4"),
        ("salt", f"V{SALT_BYTES}"),
    ]
)
"""what an entry's hash is taken of, up to its data: see `entry.py`"""
_PREFIX_BYTES = _PREFIX.itemsize
_NOTHING = sha256()


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The entries that a chunk shows, as columns."""

    messages: mcap.Messages
    code: npt.NDArray[np.uint8]
    """kind"""
    sequence: mcap.Column
    """of the entry, whole"""
    source: mcap.Column

    def __len__(self) -> int:
        return len(self.code)

    def data(self, row: int) -> bytes:
        """What an entry holds."""
        return self.messages.records[self.messages.start[row] + mcap.MESSAGE_HEAD_BYTES : self.messages.stop[row]]

    def inputs(self) -> mcap.Column:
        """The sequence numbers of those that are inputs."""
        return self.sequence[_IS_INPUT[self.code]]

    def notes(self) -> list[int]:
        """The rows that are notes."""
        return np.flatnonzero(self.code == _NOTE).tolist()

    def entries(self, pieces: dict[int, tuple[Piece, ...]] | None = None, rows: Collection[int] = ()) -> list[Entry]:
        """As objects: all, or some of them.

        Args:
            pieces: of the entries, by row.
            rows: which; all when empty.
        """
        kinds, found = _KINDS, pieces or {}
        columns = (self.code, self.sequence, self.messages.time_ns, self.source)
        if rows:
            columns = tuple(each[list(rows)] for each in columns)  # type: ignore[assignment]
        listed = zip(rows or range(len(self)), *(each.tolist() for each in columns), strict=True)
        return [
            Entry(kinds[code], sequence, time_ns, source, self.data(row), found.get(row, ()))
            for row, code, sequence, time_ns, source in listed
        ]

    def hashes(self, salt: bytes) -> list[bytes]:
        """The entry hashes, as far as entries have no pieces; `salt` is those of all rows."""
        prefix = np.zeros(len(self), dtype=_PREFIX)
        prefix["domain"], prefix["kind"], prefix["sequence"] = 1, self.code, self.sequence
        prefix["time_ns"], prefix["source"] = self.messages.time_ns, self.source
        prefix["salt"] = np.frombuffer(salt[: SALT_BYTES * len(self)], dtype=prefix.dtype["salt"])
        heads, records, head = prefix.tobytes(), self.messages.records, mcap.MESSAGE_HEAD_BYTES
        places = zip(range(0, len(heads), _PREFIX_BYTES), self.messages.start, self.messages.stop, strict=True)
        begin, found = _NOTHING.copy, []  # a copy costs less than a new one
        for at, start, stop in places:
            entry = begin()
            entry.update(heads[at : at + _PREFIX_BYTES] + records[start + head : stop])
            found.append(entry.digest())
        return found


def decode_rows(base: int, chunk: bytes) -> Rows:
    """The entries in a chunk record.

    Args:
        base: near to the sequence of every entry.
        chunk: the record.

    Raises:
        RecordError: it is not the chunk of a journal.
    """
    messages = mcap.decode_messages(mcap.decode_chunk(chunk[mcap.RECORD_HEAD.size :]))
    code = _CODES[messages.channel]
    if not code.all():
        raise RecordError(f"channel {messages.channel[int((code == 0).argmax())]} means nothing in a journal")
    # of all numbers with these 32 bits the one nearest to `base`
    shift = 0x80000000 - (base & 0xFFFFFFFF)
    sequence = (base - 0x80000000) + ((messages.sequence + shift) & 0xFFFFFFFF)
    source = np.where(messages.channel >= FRAME_CHANNEL, messages.channel - FRAME_CHANNEL, -1)
    return Rows(messages, code, sequence, source)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A group taken apart, not checked against its seal."""

    body: Body
    rows: Rows
    withheld: Withheld | None
    pieces: dict[int, tuple[Piece, ...]]
    """by row, not by place in the chunk"""

    def entries(self) -> list[Entry]:
        """What is shown."""
        return self.rows.entries(self.pieces)

    def places(self) -> list[int]:
        """The places in the chunk of what is shown."""
        away = self.withheld.entries if self.withheld else {}
        return [place for place in range(len(self.rows) + len(away)) if place not in away]

    def _salts(self, key: bytes) -> bytes:
        if self.withheld:
            return self.withheld.salts
        return salts(key, len(self.rows) + sum(map(len, self.pieces.values())))

    def slots(self, key: bytes) -> list[Slot]:
        """Every place of the chunk, one by one; RecordError when they do not fit one another."""
        return slots_of(self.entries(), self._salts(key), self.withheld)

    def hashes(self, key: bytes) -> list[bytes]:
        """The entry hash of every place; RecordError when they do not fit one another."""
        if self.withheld:
            return [each.hash for each in self.slots(key)]
        salt = self._salts(key)
        found = self.rows.hashes(salt)
        if self.pieces:
            chosen = self.rows.entries(self.pieces, list(self.pieces))
            own = [salt[row * SALT_BYTES : (row + 1) * SALT_BYTES] for row in self.pieces]
            apart = slots_of(chosen, b"".join((*own, salt[SALT_BYTES * len(self.rows) :])), None)
            for row, slot in zip(self.pieces, apart, strict=True):
                found[row] = slot.hash
        return found


def decode_group(described: Descriptor, body: bytes) -> Decoded:
    """Take a group apart.

    Raises:
        RecordError: the chunk is damaged or does not hold what its descriptor says.
    """
    try:
        split = split_body(body)
        rows = decode_rows(described.last_input, split.chunk)
        withheld = decode_withheld(split.withheld) if split.withheld else None
    except struct.error as error:
        raise RecordError(f"a group cannot be read: {error}") from error
    missing = len(withheld.entries) if withheld else 0
    if len(rows) + missing != described.messages:
        raise RecordError(f"a chunk holds {len(rows)} entries and should hold {described.messages - missing}")
    pieces = decode_pieces(split.pieces) if split.pieces else {}
    if pieces:
        away = withheld.entries if withheld else {}
        shown = [place for place in range(described.messages) if place not in away]
        row_of = {place: row for row, place in enumerate(shown)}
        if not pieces.keys() <= row_of.keys():
            raise RecordError("it has pieces of entries that it does not show")
        pieces = {row_of[place]: each for place, each in pieces.items()}
        for row, each in pieces.items():
            start, length, _ = each[-1]
            if start + length > len(rows.data(row)):
                raise RecordError("a piece reaches beyond its entry")
    return Decoded(split, rows, withheld, pieces)


def holds_any(body: bytes, kinds: Collection[EntryKind]) -> bool:
    """Whether a group shows an entry of one of these kinds, by its message index; RecordError when it is damaged."""
    found = (EntryKind.FRAME if each >= FRAME_CHANNEL else KIND_OF.get(each) for each in split_body(body).counts)
    return any(each in kinds for each in found)


def decode_body(described: Descriptor, body: bytes) -> list[Entry]:
    """The entries of a group, without those that are withheld.

    Raises:
        RecordError: the chunk is damaged or does not hold what its descriptor says.
    """
    return decode_group(described, body).entries()


def check_group(seal: Seal, body: bytes, channels_known: set[int]) -> Decoded:
    """Hold a group's bytes against its seal: every byte of the group must follow from its entries.

    Args:
        seal: what leads it.
        body: what follows the seal.
        channels_known: channels that the segment has declared so far; those that this group declares are added.

    Raises:
        RecordError: what does not hold.
    """
    described = seal.descriptor
    if crc32(body) != seal.crc or len(body) != seal.length:
        raise RecordError("its checksum does not hold")
    found = decode_group(described, body)
    if not found.withheld:
        _check_described(described, found.rows)
    elif seal.salt_key != bytes(SALT_KEY_BYTES):
        raise RecordError("it withholds entries and shows a key to their salts")
    hashes = found.hashes(seal.salt_key)
    if root_of(hashes) != described.root:
        raise RecordError("its entries are not those that were sealed")
    places = [place for place, _ in seal.own]
    if any(place >= len(hashes) or hashes[place] != leaf for place, leaf in seal.own) or places != sorted(set(places)):
        raise RecordError("a decision in it is not the one that was sealed")
    _check_frame(described, found, channels_known)
    return found


def _check_frame(described: Descriptor, found: Decoded, channels_known: set[int]) -> None:
    """Whether what stands around the entries for other readers follows from them."""
    messages, split = found.rows.messages, found.body
    starts = np.array(messages.start, dtype=np.int64)
    indexes, begins, _ = mcap.encode_message_indexes(messages.channel, messages.time_ns, starts)
    if split.indexes != indexes:
        raise RecordError("its message index does not fit its entries")
    wanted = [(channel, later_channel(channel)) for channel in begins if channel not in channels_known]
    channels_known.update(begins)
    if list(split.channels.items()) != wanted:
        raise RecordError("the channels that it declares do not fit its entries")
    if mcap.chunk_times(split.chunk[mcap.RECORD_HEAD.size :]) != (described.first_ns, described.last_ns):
        raise RecordError("its chunk does not say the times that were sealed")


def _check_described(described: Descriptor, rows: Rows) -> None:
    """Whether a descriptor says what follows from its entries."""
    times, inputs = rows.messages.time_ns, rows.inputs()
    if not len(times) or (int(times.min()), int(times.max())) != (described.first_ns, described.last_ns):
        raise RecordError("its entries are not of the times that were sealed")
    if len(inputs) and (int(inputs[0]), int(inputs[-1])) != (described.first_input, described.last_input):
        raise RecordError("its inputs are not those that its seal numbers")
    if not len(inputs) and described.first_input != described.last_input + 1:
        raise RecordError("its seal numbers inputs, and it holds none")
