"""Segments: the journal's files, as bytes. Pure; `writer.py` puts them on the disk and `reader.py` takes them off.

A segment is an MCAP file whose data section is a row of groups, each written with one write:

    magic | Header | Head (0x82) | fixed Channels | group ... | Index (0x81) | DataEnd | summary | Footer | magic
    group = Seal (0x80) | Withheld (0x83, in bundles) | Channels used for the first time | Chunk | MessageIndexes

The private records are what makes it a journal. A Seal says how long its group is, holds the group's checksum and what
goes into the Merkle log, so that a scan can go from seal to seal without unpacking anything. It also says up to where
the file was already on the disk when the group was written: a broken group beyond that point was torn by a crash and
may be cut; a broken group before it is damage, and is reported, never cut.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np
import zstandard

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import (
    INPUTS,
    KINDS,
    SALT_BYTES,
    Entry,
    EntryKind,
    entry_hashes,
    salts,
    sealed_bytes,
)
from luchtwacht.journal.files import ReadFile
from luchtwacht.journal.tree import hash_leaf, root_of

SEAL, INDEX, HEAD, WITHHELD = 0x80, 0x81, 0x82, 0x83
SALT_KEY_BYTES = 32
PROFILE, LIBRARY = "luchtwacht", "luchtwacht journal 1"

_SEAL_MAGIC = b"LWSEAL1\n"
_SEAL = struct.Struct("<8sQQI32s86sI")
_OWN = struct.Struct("<I32s")
_DESCRIPTOR = struct.Struct("<BBIQQQQQII32s")
_CHUNK_LEAF, _VERSION = 0, 1
_HEAD_MAGIC = b"LWHEAD1\n"
_HEAD = struct.Struct("<8sIQQQI")
_INDEX_MAGIC = b"LWINDX1\n"
_INDEX_ROW = np.dtype(
    [
        ("offset", "<u8"),
        ("length", "<u8"),
        ("first_leaf", "<u8"),
        ("first_input", "<u8"),
        ("last_input", "<u8"),
        ("first_ns", "<u8"),
        ("last_ns", "<u8"),
        ("messages", "<u4"),
        ("own", "<u4"),
    ]
)

_FRAME_CHANNEL = 16
"""frames of source s are on channel 16 + s; the other kinds on channels 1 to 15 by their code"""
_ENCODINGS = {
    EntryKind.SITE: "json",
    EntryKind.MAPPING: "json",
    EntryKind.COMMAND: "msgpack",
    EntryKind.TICK: "msgpack",
    EntryKind.EVENT: "msgpack",
    EntryKind.NOTE: "json",
}
_FIXED_CHANNELS = {
    code: mcap.encode_channel(code, kind.value, _ENCODINGS[kind], {"kind": kind.value})
    for code, kind in enumerate(KINDS, start=1)
    if kind in _ENCODINGS
}
_CHANNEL_OF = {kind: code for code, kind in enumerate(KINDS, start=1) if kind in _ENCODINGS}
_KIND_OF = {code: kind for kind, code in _CHANNEL_OF.items()}
SOURCES = (1 << 16) - _FRAME_CHANNEL
"""a site may have this many sources"""


def segment_name(number: int) -> str:
    """`00000012.mcap`."""
    return f"{number:08d}.mcap"


def segment_number(name: str) -> int | None:
    """The number in a segment's name; none for any other name."""
    stem, _, suffix = name.partition(".")
    return int(stem) if suffix == "mcap" and len(stem) >= 8 and stem.isascii() and stem.isdigit() else None


@dataclass(frozen=True, slots=True)
class Head:
    """How a segment begins: its place in the journal."""

    number: int
    first_leaf: int
    """size of the Merkle log before this segment"""
    last_input: int
    """sequence of the last input before this segment; 0 at the beginning"""
    previous_bytes: int
    """how much of the segment before this one belongs to the journal; 0 when there is none"""

    def encode(self) -> bytes:
        """The segment's first bytes, fixed channels included."""
        before = mcap.MAGIC + mcap.encode_header(PROFILE, LIBRARY)
        content = _HEAD.pack(
            _HEAD_MAGIC, self.number, self.first_leaf, self.last_input, self.previous_bytes, crc32(before)
        )
        content += crc32(content).to_bytes(4, "little")
        return before + mcap.encode_private(HEAD, content) + b"".join(_FIXED_CHANNELS.values())


HEAD_BYTES = len(Head(1, 0, 0, 0).encode())


def decode_head(data: bytes) -> Head:
    """What a segment says of its place.

    Raises:
        RecordError: a segment does not begin like this.
    """
    at = len(mcap.MAGIC + mcap.encode_header(PROFILE, LIBRARY)) + mcap.RECORD_HEAD.size
    try:
        _, number, first_leaf, last_input, previous_bytes, _ = _HEAD.unpack_from(data, at)
    except struct.error as error:
        raise RecordError("too short for the head of a segment") from error
    head = Head(number, first_leaf, last_input, previous_bytes)
    if head.encode() != data[:HEAD_BYTES]:
        raise RecordError("does not begin like a segment of a journal")
    return head


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What the Merkle log keeps of a chunk: the content of the chunk's leaf."""

    segment: int
    first_leaf: int
    """index in the log of this leaf; the leaves of the chunk's own decisions follow it"""
    first_input: int
    """sequence of the first input in the chunk; one past `last_input` when there is none"""
    last_input: int
    """sequence of the last input up to the end of the chunk"""
    first_ns: int
    """ns UTC, least time of an entry"""
    last_ns: int
    """ns UTC, greatest time of an entry"""
    messages: int
    own: int
    """number of entries that also have a leaf of their own"""
    root: bytes
    """root of the tree over the chunk's entries"""

    def encode(self) -> bytes:
        """The leaf's content."""
        return _DESCRIPTOR.pack(
            _CHUNK_LEAF,
            _VERSION,
            self.segment,
            self.first_leaf,
            self.first_input,
            self.last_input,
            self.first_ns,
            self.last_ns,
            self.messages,
            self.own,
            self.root,
        )


DESCRIPTOR_BYTES = _DESCRIPTOR.size


def decode_descriptor(data: bytes) -> Descriptor:
    """The descriptor that was encoded; RecordError for other bytes."""
    if len(data) != _DESCRIPTOR.size or data[:2] != bytes((_CHUNK_LEAF, _VERSION)):
        raise RecordError("these bytes are not a chunk's descriptor")
    return Descriptor(*_DESCRIPTOR.unpack(data)[2:])


@dataclass(frozen=True, slots=True)
class Seal:
    """The record that leads a group."""

    length: int
    """bytes of the group after this record"""
    durable: int
    """this much of the file was on the disk before the group was written"""
    crc: int
    """CRC-32 of the group after this record"""
    salt_key: bytes
    descriptor: Descriptor
    own: tuple[tuple[int, bytes], ...]
    """(place in the chunk, leaf hash) of each entry that has a leaf of its own, in order"""

    def encode(self) -> bytes:
        """The record."""
        content = _SEAL.pack(
            _SEAL_MAGIC,
            self.length,
            self.durable,
            self.crc,
            self.salt_key,
            self.descriptor.encode(),
            len(self.own),
        ) + b"".join(_OWN.pack(*each) for each in self.own)
        return mcap.encode_private(SEAL, content + crc32(content).to_bytes(4, "little"))

    def leaves(self) -> list[bytes]:
        """The leaf hashes that this chunk adds to the log: its own, then those of its decisions."""
        return [hash_leaf(self.descriptor.encode()), *(leaf for _, leaf in self.own)]


SEAL_HEAD_BYTES = mcap.RECORD_HEAD.size + _SEAL.size


def seal_bytes(own: int) -> int:
    """Length of a seal record that lists `own` leaves."""
    return SEAL_HEAD_BYTES + own * _OWN.size + 4


def decode_seal(record: bytes) -> Seal:
    """The seal in a whole record; RecordError for other bytes."""
    try:
        opcode, size = mcap.RECORD_HEAD.unpack_from(record)
        content = record[mcap.RECORD_HEAD.size :]
        magic, length, durable, crc, salt_key, descriptor, own = _SEAL.unpack_from(content)
    except struct.error as error:
        raise RecordError("too short for a seal") from error
    if opcode != SEAL or magic != _SEAL_MAGIC or size != len(content) or len(record) != seal_bytes(own):
        raise RecordError("these bytes are not a seal")
    if crc32(content[:-4]).to_bytes(4, "little") != content[-4:]:
        raise RecordError("a seal is damaged: its checksum does not hold")
    described = decode_descriptor(descriptor)
    if described.own != own:
        raise RecordError("a seal contradicts its descriptor")
    return Seal(
        length,
        durable,
        crc,
        salt_key,
        described,
        tuple(_OWN.iter_unpack(content[_SEAL.size : -4])),
    )


@dataclass(frozen=True, slots=True)
class Group:
    """A group and where it is in its segment."""

    offset: int
    """of its seal"""
    seal: Seal

    @property
    def start(self) -> int:
        """Offset of its first byte."""
        return self.offset

    @property
    def body(self) -> int:
        """Offset of what follows the seal."""
        return self.offset + seal_bytes(len(self.seal.own))

    @property
    def end(self) -> int:
        """One past its last byte."""
        return self.body + self.seal.length


def _channel(entry: Entry) -> int:
    if entry.kind is not EntryKind.FRAME:
        return _CHANNEL_OF[entry.kind]
    if not 0 <= entry.source < SOURCES:
        raise AssertionError(f"source {entry.source} has no channel")
    return _FRAME_CHANNEL + entry.source


def fixed_channels() -> set[int]:
    """The channels that every segment declares at its beginning."""
    return set(_FIXED_CHANNELS)


@lru_cache(maxsize=4096)
def frame_channel(source: int) -> bytes:
    """The channel record for frames of a source."""
    return mcap.encode_channel(
        _FRAME_CHANNEL + source, f"frame/{source}", "raw", {"kind": EntryKind.FRAME.value, "source": str(source)}
    )


class SegmentEncoder:
    """Groups and the end of one segment, as bytes to be appended. Knows where it is; touches no file."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.size = 0
        """bytes encoded so far"""
        self.leaf = head.first_leaf
        self.last_input = head.last_input
        self.first_ns: int | None = None
        """ns UTC of the first input"""
        self.last_ns = 0
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._channels: dict[int, bytes] = dict(_FIXED_CHANNELS)
        self._chunks: list[mcap.ChunkIndex] = []
        self._groups: list[Group] = []
        self._counts: dict[int, int] = {}

    def encode_head(self) -> bytes:
        """The segment's first bytes."""
        self.size = HEAD_BYTES
        return self.head.encode()

    def encode_group(
        self, entries: list[Entry], own: Sequence[int], salt_key: bytes, durable: int
    ) -> tuple[bytes, list[bytes]]:
        """A group of entries, and the leaf hashes that it adds to the log.

        Args:
            entries: at least one, in order.
            own: places in `entries` of those that get a leaf of their own, ascending.
            salt_key: 32 secret random bytes.
            durable: how much of the file is on the disk by now.
        """
        hashes = entry_hashes(entries, salt_key)
        rows = [(_channel(each), each.sequence, each.time_ns, each.data) for each in entries]
        records, starts = mcap.encode_messages(rows)
        times = [each.time_ns for each in entries]
        inputs = [each.sequence for each in entries if each.kind in INPUTS]
        last_input = inputs[-1] if inputs else self.last_input
        descriptor = Descriptor(
            segment=self.head.number,
            first_leaf=self.leaf,
            first_input=inputs[0] if inputs else last_input + 1,
            last_input=last_input,
            first_ns=min(times),
            last_ns=max(times),
            messages=len(entries),
            own=len(own),
            root=root_of(hashes),
        )
        if self.first_ns is None and inputs:
            self.first_ns = next(each.time_ns for each in entries if each.kind in INPUTS)
        channels = {
            channel: frame_channel(channel - _FRAME_CHANNEL)
            for channel in dict.fromkeys(row[0] for row in rows)
            if channel not in self._channels
        }
        before = b"".join(channels.values())
        chunk = mcap.encode_chunk(records, descriptor.first_ns, descriptor.last_ns, self._compressor)
        indexes, begins, counts = mcap.encode_message_indexes(
            [(row[0], row[2], start) for row, start in zip(rows, starts, strict=True)]
        )
        body = before + chunk + indexes
        seal = Seal(
            length=len(body),
            durable=durable,
            crc=crc32(body),
            salt_key=salt_key,
            descriptor=descriptor,
            own=tuple((place, hashes[place]) for place in own),
        )
        self.adopt(Group(self.size, seal), Body(b"", channels, len(before), chunk, indexes, begins, counts))
        return seal.encode() + body, seal.leaves()

    def encode_copy(self, group: Group, body: bytes, withheld: Collection[int] = ()) -> bytes:
        """A group of another segment as it was, or without some of its entries.

        In place of an entry that is withheld stands its hash, so that the chunk still verifies; the salts of the others
        then stand there one by one, for with the key the hashes of the withheld could be searched.

        Raises:
            RecordError: the group is damaged.
        """
        split = split_body(body)
        entries, _ = _decode_entries(group.seal.descriptor.last_input, split.chunk)
        seal, missing, chunk, indexes = group.seal, b"", split.chunk, split.indexes
        if withheld:
            missing, entries = _withhold(entries, seal.salt_key, withheld)
            seal = replace(seal, salt_key=bytes(SALT_KEY_BYTES))
            rows = [(_channel(each), each.sequence, each.time_ns, each.data) for each in entries]
            records, starts = mcap.encode_messages(rows)
            chunk = mcap.encode_chunk(records, seal.descriptor.first_ns, seal.descriptor.last_ns, self._compressor)
            indexes, _, _ = mcap.encode_message_indexes(
                [(row[0], row[2], start) for row, start in zip(rows, starts, strict=True)]
            )
        channels = b"".join(
            frame_channel(channel - _FRAME_CHANNEL)
            for channel in dict.fromkeys(_channel(each) for each in entries)
            if channel not in self._channels
        )
        body = missing + channels + chunk + indexes
        seal = replace(seal, length=len(body), durable=0, crc=crc32(body))
        self.adopt(Group(self.size, seal), split_body(body))
        return seal.encode() + body

    def adopt(self, group: Group, body: Body) -> None:
        """Take note of a group that is in the segment, so that the segment can be ended."""
        described = group.seal.descriptor
        chunk_at = group.body + body.before
        indexes_at = chunk_at + len(body.chunk)
        packed, unpacked = mcap.chunk_sizes(body.chunk[mcap.RECORD_HEAD.size :])
        self._channels |= body.channels
        self._chunks.append(
            mcap.ChunkIndex(
                described.first_ns,
                described.last_ns,
                chunk_at,
                len(body.chunk),
                {channel: indexes_at + begin for channel, begin in body.begins.items()},
                len(body.indexes),
                packed,
                unpacked,
            )
        )
        for channel, count in body.counts.items():
            self._counts[channel] = self._counts.get(channel, 0) + count
        self._groups.append(group)
        self.size = group.end
        self.leaf = described.first_leaf + 1 + described.own
        self.last_input = described.last_input
        self.last_ns = max(self.last_ns, described.last_ns)

    def encode_end(self) -> bytes:
        """The rest of the segment, which makes it a complete MCAP file that is never written again."""
        rows = np.array(
            [
                (
                    group.offset,
                    group.end - group.offset,
                    each.first_leaf,
                    each.first_input,
                    each.last_input,
                    each.first_ns,
                    each.last_ns,
                    each.messages,
                    each.own,
                )
                for group in self._groups
                for each in [group.seal.descriptor]
            ],
            dtype=_INDEX_ROW,
        )
        content = _INDEX_MAGIC + rows.tobytes()
        content += crc32(content).to_bytes(4, "little")
        length = mcap.RECORD_HEAD.size + len(content) + 8
        index = mcap.encode_private(INDEX, content + length.to_bytes(8, "little"))
        return index + mcap.encode_end(
            self.size + len(index),
            [self._channels[id] for id in sorted(self._channels)],
            self._chunks,
            dict(sorted(self._counts.items())),
        )


@dataclass(frozen=True, slots=True)
class Body:
    """The records of a group after its seal."""

    withheld: bytes
    """content of the Withheld record; empty when there is none"""
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
    withheld = chunk = b""
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
        else:
            raise RecordError("a group holds a record that does not belong there")
        at = stop
    if not chunk:
        raise RecordError("a group holds no chunk")
    return Body(withheld, channels, before, chunk, body[after:], begins, counts)


def _decode_entries(base: int, chunk: bytes) -> tuple[list[Entry], list[tuple[int, int, int]]]:
    """The entries in a chunk record, and rows (channel, time, start) for its index.

    `base` is near to the sequence of every entry.
    """
    kinds, frame = _KIND_OF, EntryKind.FRAME
    shift, base = 0x80000000 - (base & 0xFFFFFFFF), base - 0x80000000
    entries, rows = [], []
    start, head = 0, mcap.MESSAGE_HEAD_BYTES
    for channel, sequence, time_ns, data in mcap.decode_messages(mcap.decode_chunk(chunk[mcap.RECORD_HEAD.size :])):
        full = base + ((sequence + shift) & 0xFFFFFFFF)  # of all numbers with these 32 bits the one nearest to `base`
        if channel >= _FRAME_CHANNEL:
            entries.append(Entry(frame, full, time_ns, channel - _FRAME_CHANNEL, data))
        elif channel in kinds:
            entries.append(Entry(kinds[channel], full, time_ns, -1, data))
        else:
            raise RecordError(f"channel {channel} means nothing in a journal")
        rows.append((channel, time_ns, start))
        start += head + len(data)
    return entries, rows


def decode_body(descriptor: Descriptor, body: bytes) -> list[Entry]:
    """The entries of a group, without those that are withheld.

    Raises:
        RecordError: the chunk is damaged or does not hold what its descriptor says.
    """
    split = split_body(body)
    entries, _ = _decode_entries(descriptor.last_input, split.chunk)
    missing = int.from_bytes(split.withheld[4:8], "little")
    if len(entries) + missing != descriptor.messages:
        raise RecordError(f"a chunk holds {len(entries)} entries and should hold {descriptor.messages}")
    return entries


@dataclass(frozen=True, slots=True)
class Opened:
    """A group that is what its seal says."""

    entries: list[Entry]
    withheld: int
    """number of entries of which only the hash is there"""
    body: Body


def check_group(seal: Seal, body: bytes, channels_known: set[int]) -> Opened:
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
    split = split_body(body)
    entries, rows = _decode_entries(described.last_input, split.chunk)
    if split.withheld:
        if seal.salt_key != bytes(SALT_KEY_BYTES):
            raise RecordError("it withholds entries and shows a key to their salts")
        hashes = _merge_withheld(entries, split.withheld, described.messages)
    else:
        hashes = entry_hashes(entries, seal.salt_key)
        _check_described(described, entries)
    if len(hashes) != described.messages:
        raise RecordError(f"it holds {len(hashes)} entries and was sealed with {described.messages}")
    if root_of(hashes) != described.root:
        raise RecordError("its entries are not those that were sealed")
    places = [place for place, _ in seal.own]
    if any(place >= len(hashes) or hashes[place] != leaf for place, leaf in seal.own) or places != sorted(set(places)):
        raise RecordError("a decision in it is not the one that was sealed")
    _check_frame(described, rows, split, channels_known)
    return Opened(entries, len(hashes) - len(entries), split)


def _check_frame(
    described: Descriptor, rows: list[tuple[int, int, int]], split: Body, channels_known: set[int]
) -> None:
    """Whether what stands around the entries for other readers follows from them."""
    if split.indexes != mcap.encode_message_indexes(rows)[0]:
        raise RecordError("its message index does not fit its entries")
    wanted = {
        channel: frame_channel(channel - _FRAME_CHANNEL)
        for channel in dict.fromkeys(channel for channel, _, _ in rows)
        if channel not in channels_known
    }
    channels_known.update(wanted)
    if list(split.channels.items()) != list(wanted.items()):
        raise RecordError("the channels that it declares do not fit its entries")
    if mcap.chunk_times(split.chunk[mcap.RECORD_HEAD.size :]) != (described.first_ns, described.last_ns):
        raise RecordError("its chunk does not say the times that were sealed")


def _check_described(described: Descriptor, entries: list[Entry]) -> None:
    """Whether a descriptor says what follows from its entries."""
    times = [each.time_ns for each in entries]
    inputs = [each.sequence for each in entries if each.kind in INPUTS]
    if not times or (min(times), max(times)) != (described.first_ns, described.last_ns):
        raise RecordError("its entries are not of the times that were sealed")
    if inputs and (inputs[0], inputs[-1]) != (described.first_input, described.last_input):
        raise RecordError("its inputs are not those that its seal numbers")
    if not inputs and described.first_input != described.last_input + 1:
        raise RecordError("its seal numbers inputs, and it holds none")


def _withhold(entries: list[Entry], salt_key: bytes, withheld: Collection[int]) -> tuple[bytes, list[Entry]]:
    """A Withheld record for the entries at the places `withheld`, and the others."""
    hashes, salt = entry_hashes(entries, salt_key), salts(salt_key, len(entries))
    shown = [place for place in range(len(entries)) if place not in withheld]
    hidden = [place for place in range(len(entries)) if place in withheld]
    content = struct.pack("<II", len(entries), len(hidden))
    content += b"".join(_OWN.pack(place, hashes[place]) for place in hidden)
    content += b"".join(salt[place * SALT_BYTES : (place + 1) * SALT_BYTES] for place in shown)
    return mcap.encode_private(WITHHELD, content), [entries[place] for place in shown]


def _merge_withheld(entries: list[Entry], content: bytes, messages: int) -> list[bytes]:
    """The hashes of all entries of a chunk, of which some are withheld."""
    if len(content) < 8:
        raise RecordError("it does not say what is withheld")
    count, withheld = struct.unpack_from("<II", content)
    salts_at = 8 + withheld * _OWN.size
    if (
        count != messages
        or count != withheld + len(entries)
        or len(content) != salts_at + len(entries) * SALT_BYTES
        or not withheld
    ):
        raise RecordError("it does not say well what is withheld")
    hidden = dict(_OWN.iter_unpack(content[8:salts_at]))
    if list(hidden) != sorted(hidden) or len(hidden) != withheld or max(hidden) >= count:
        raise RecordError("what is withheld is out of order")
    shown = iter(zip(entries, range(salts_at, len(content), SALT_BYTES), strict=True))
    hashes = []
    for place in range(count):
        leaf = hidden.get(place)
        if leaf is None:
            entry, at = next(shown)
            leaf = hash_leaf(sealed_bytes(entry, content[at : at + SALT_BYTES]))
        hashes.append(leaf)
    return hashes


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of a segment that holds no sound group."""

    start: int
    stop: int
    seal: Seal | None = None
    """what leads it, when that is sound: then its leaves are known, though its entries are not"""


def _read_seal(file: ReadFile, offset: int) -> Seal:
    head = file.read(offset, SEAL_HEAD_BYTES)
    if len(head) < SEAL_HEAD_BYTES:
        raise RecordError("too short for a seal")
    opcode, size = mcap.RECORD_HEAD.unpack_from(head)
    own = int.from_bytes(head[-4:], "little")
    if opcode != SEAL or size + mcap.RECORD_HEAD.size != seal_bytes(own) or size > file.size():
        raise RecordError("these bytes are not a seal")
    return decode_seal(head + file.read(offset + SEAL_HEAD_BYTES, seal_bytes(own) - SEAL_HEAD_BYTES))


def _look(file: ReadFile, offset: int, stop: int) -> Group | Broken | None:
    """The group at a place, or a broken one whose seal is sound; none when there is no seal."""
    try:
        group = Group(offset, _read_seal(file, offset))
    except RecordError:
        return None
    if group.end > stop:
        return None
    if crc32(file.read(group.body, group.seal.length)) != group.seal.crc:
        return Broken(offset, group.end, group.seal)
    return group


def _find_seal(file: ReadFile, start: int, stop: int) -> int:
    """The next place after `start` where a seal may begin; `stop` when there is none."""
    wanted = _SEAL_MAGIC
    window = 1 << 20
    at = start
    while at < stop:
        data = file.read(at, min(window + len(wanted), stop - at))
        found = data.find(wanted)
        while found >= 0:
            if at + found - mcap.RECORD_HEAD.size > start:
                return at + found - mcap.RECORD_HEAD.size
            found = data.find(wanted, found + 1)
        at += window
    return stop


def scan(file: ReadFile, stop: int, *, start: int = HEAD_BYTES) -> Iterator[Group | Broken]:
    """Every sound group between `start` and `stop` with its checksum checked, and the stretches that are none.

    After something broken the scan goes on at the next sound group, so that damage costs only what it hit. Ends at the
    Index record of a complete segment.
    """
    at = start
    while at < stop:
        found = _look(file, at, stop)
        if found is not None:
            yield found
            at = found.end if isinstance(found, Group) else found.stop
            continue
        if file.read(at, 1) == bytes([INDEX]) and _index_ends(file, at):
            return
        until = _find_seal(file, at, stop)
        while until < stop and _look(file, until, stop) is None:
            until = _find_seal(file, until, stop)
        yield Broken(at, until)
        at = until


def _index_ends(file: ReadFile, at: int) -> bool:
    """Whether a sound Index record begins at `at`."""
    head = file.read(at, mcap.RECORD_HEAD.size)
    if len(head) < mcap.RECORD_HEAD.size:
        return False
    _, size = mcap.RECORD_HEAD.unpack(head)
    if size > file.size() - at:
        return False
    return _index_rows(file.read(at + mcap.RECORD_HEAD.size, size)) is not None


def _index_rows(content: bytes) -> np.ndarray | None:
    rows = content[len(_INDEX_MAGIC) : -12]
    sound = (
        len(content) >= len(_INDEX_MAGIC) + 12
        and content.startswith(_INDEX_MAGIC)
        and crc32(content[:-12]).to_bytes(4, "little") == content[-12:-8]
        and len(rows) % _INDEX_ROW.itemsize == 0
    )
    return np.frombuffer(rows, dtype=_INDEX_ROW) if sound else None


_FOOTER_BYTES = mcap.RECORD_HEAD.size + 20 + len(mcap.MAGIC)
_DATA_END_BYTES = mcap.RECORD_HEAD.size + 4


def read_index(file: ReadFile) -> np.ndarray | None:
    """The index of a complete segment: one row a group, columns of `_INDEX_ROW`; none when it has not been ended."""
    size = file.size()
    tail = file.read(size - _FOOTER_BYTES, _FOOTER_BYTES) if size > HEAD_BYTES + _FOOTER_BYTES else b""
    if not tail.endswith(mcap.MAGIC) or tail[0] != mcap.FOOTER:
        return None
    data_end = int.from_bytes(tail[9:17], "little") - _DATA_END_BYTES
    if not HEAD_BYTES < data_end < size:
        return None
    length = int.from_bytes(file.read(data_end - 8, 8), "little")
    if not 0 < length <= data_end - HEAD_BYTES:
        return None
    record = file.read(data_end - length, length)
    if record[:1] != bytes([INDEX]):
        return None
    return _index_rows(record[mcap.RECORD_HEAD.size :])


def end_is_sound(file: ReadFile) -> bool:
    """Whether everything after the index of a segment is there too: a power cut can tear it anywhere."""
    size = file.size()
    footer_at = size - _FOOTER_BYTES
    if footer_at < HEAD_BYTES:
        return False
    tail = file.read(footer_at, _FOOTER_BYTES)
    start = int.from_bytes(tail[9:17], "little")
    if not HEAD_BYTES < start <= footer_at or tail[: mcap.RECORD_HEAD.size] != mcap.RECORD_HEAD.pack(mcap.FOOTER, 20):
        return False
    summary = file.read(start, footer_at - start)
    crc = crc32(summary + tail[: mcap.RECORD_HEAD.size + 16]).to_bytes(4, "little")
    data_end = file.read(start - _DATA_END_BYTES, _DATA_END_BYTES)
    return tail[-12:] == crc + mcap.MAGIC and data_end == mcap.RECORD_HEAD.pack(mcap.DATA_END, 4) + bytes(4)


def read_group(file: ReadFile, offset: int) -> Group:
    """The group at a known place, its body not looked at; RecordError when there is none."""
    return Group(offset, _read_seal(file, offset))


def read_entries_of(file: ReadFile, group: Group) -> list[Entry]:
    """The entries of a group; RecordError when it is damaged."""
    body = file.read(group.body, group.seal.length)
    if crc32(body) != group.seal.crc:
        raise RecordError(f"the group at byte {group.offset} is damaged: its checksum does not hold")
    return decode_body(group.seal.descriptor, body)
