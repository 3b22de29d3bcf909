"""The record that leads a group: what goes into the Merkle log, and how far the group reaches."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from zlib import crc32

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.tree import hash_leaf

SEAL = 0x80
SALT_KEY_BYTES = 32


SEAL_MAGIC = b"LWSEAL1\n"
_SEAL = struct.Struct("<8sQQI32s86sI")
OWN = struct.Struct("<I32s")
_DESCRIPTOR = struct.Struct("<BBIQQQQQII32s")
_CHUNK_LEAF, _VERSION = 0, 1


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
            SEAL_MAGIC,
            self.length,
            self.durable,
            self.crc,
            self.salt_key,
            self.descriptor.encode(),
            len(self.own),
        ) + b"".join(OWN.pack(*each) for each in self.own)
        return mcap.encode_private(SEAL, content + crc32(content).to_bytes(4, "little"))

    def leaves(self) -> list[bytes]:
        """The leaf hashes that this chunk adds to the log: its own, then those of its decisions."""
        return [hash_leaf(self.descriptor.encode()), *(leaf for _, leaf in self.own)]


SEAL_HEAD_BYTES = mcap.RECORD_HEAD.size + _SEAL.size


def seal_bytes(own: int) -> int:
    """Length of a seal record that lists `own` leaves."""
    return SEAL_HEAD_BYTES + own * OWN.size + 4


def decode_seal(record: bytes) -> Seal:
    """The seal in a whole record; RecordError for other bytes."""
    try:
        opcode, size = mcap.RECORD_HEAD.unpack_from(record)
        content = record[mcap.RECORD_HEAD.size :]
        magic, length, durable, crc, salt_key, descriptor, own = _SEAL.unpack_from(content)
    except struct.error as error:
        raise RecordError("too short for a seal") from error
    if opcode != SEAL or magic != SEAL_MAGIC or size != len(content) or len(record) != seal_bytes(own):
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
        tuple(OWN.iter_unpack(content[_SEAL.size : -4])),
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
