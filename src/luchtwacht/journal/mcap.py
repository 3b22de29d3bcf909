"""The records of MCAP (mcap.dev, specification version 0), as far as a journal needs them: bytes both ways, no I/O.

A file is the magic, records, the magic. A record is `u8 opcode | u64 length | content`; everything is little-endian;
text is `u32 length | UTF-8`. Only the records that `segment.py` writes are here. Written out rather than taken from
the package `mcap`, because a chunk must reach the disk in one write of known length; the package reads it back in the
tests.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import zstandard

from luchtwacht.errors import RecordError

MAGIC = b"\x89MCAP0\r\n"

HEADER, FOOTER, CHANNEL, MESSAGE, CHUNK, MESSAGE_INDEX, CHUNK_INDEX = 0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08
STATISTICS, SUMMARY_OFFSET, DATA_END = 0x0B, 0x0E, 0x0F
PRIVATE = 0x80
"""Opcodes from here on are an application's own; readers skip them"""

RECORD_HEAD = struct.Struct("<BQ")
_MESSAGE = struct.Struct("<BQHIQQ")
MESSAGE_HEAD_BYTES = _MESSAGE.size
_MESSAGE_FIXED = MESSAGE_HEAD_BYTES - RECORD_HEAD.size
_CHUNK = struct.Struct("<QQQI")
_CHUNK_LIMIT = 1 << 31
"""bytes: a chunk that says it unpacks to more is refused before anything is unpacked"""


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(4, "little") + data


_ZSTD = _text("zstd")


def _record(opcode: int, content: bytes) -> bytes:
    return RECORD_HEAD.pack(opcode, len(content)) + content


def encode_private(opcode: int, content: bytes) -> bytes:
    """A record of our own."""
    return _record(opcode, content)


def encode_header(profile: str, library: str) -> bytes:
    """The first record of a file."""
    return _record(HEADER, _text(profile) + _text(library))


def encode_channel(id: int, topic: str, encoding: str, metadata: Mapping[str, str]) -> bytes:
    """A channel without schema (schema id 0)."""
    pairs = b"".join(_text(key) + _text(value) for key, value in metadata.items())
    return _record(
        CHANNEL, struct.pack("<HH", id, 0) + _text(topic) + _text(encoding) + len(pairs).to_bytes(4, "little") + pairs
    )


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as it stands in a chunk."""

    channel: int
    sequence: int
    """32 bits"""
    time_ns: int
    data: bytes


def encode_messages(messages: Sequence[tuple[int, int, int, bytes]]) -> tuple[bytes, list[int]]:
    """Messages (channel, sequence, time_ns, data) as a chunk's uncompressed records, and where each begins.

    Log time and publish time are the same; `sequence` is cut to 32 bits.
    """
    pack, fixed = _MESSAGE.pack, _MESSAGE_FIXED
    parts: list[bytes] = []
    starts = []
    at = 0
    for channel, sequence, time_ns, data in messages:
        size = fixed + len(data)
        parts.append(pack(MESSAGE, size, channel, sequence & 0xFFFFFFFF, time_ns, time_ns))
        parts.append(data)
        starts.append(at)
        at += RECORD_HEAD.size + size
    return b"".join(parts), starts


def decode_messages(records: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Channel, 32-bit sequence, log time and data of each message in a chunk's uncompressed records.

    Raises:
        RecordError: the records do not fill the chunk, or there is something else than messages among them.
    """
    unpack, fixed, head = _MESSAGE.unpack_from, _MESSAGE_FIXED, _MESSAGE.size
    at, end = 0, len(records)
    while at < end:
        if at + head > end:
            raise RecordError(f"a chunk's records end in the middle of a message, at byte {at}")
        opcode, size, channel, sequence, time_ns, published_ns = unpack(records, at)
        stop = at + RECORD_HEAD.size + size
        if opcode != MESSAGE or size < fixed or stop > end or published_ns != time_ns:
            raise RecordError(f"no message of this journal at byte {at} of a chunk")
        yield channel, sequence, time_ns, records[at + head : stop]
        at = stop


def encode_chunk(records: bytes, first_ns: int, last_ns: int, compressor: zstandard.ZstdCompressor) -> bytes:
    """A chunk record around uncompressed records."""
    packed = compressor.compress(records)
    content = _CHUNK.pack(first_ns, last_ns, len(records), crc32(records)) + _ZSTD
    return _record(CHUNK, content + len(packed).to_bytes(8, "little") + packed)


_decompressor = zstandard.ZstdDecompressor()


def decode_chunk(content: bytes) -> bytes:
    """A chunk's uncompressed records.

    Raises:
        RecordError: the chunk is damaged, or packed in a way that a journal does not use.
    """
    try:
        _, _, size, crc = _CHUNK.unpack_from(content)
        start = _CHUNK.size + len(_ZSTD)
        length = int.from_bytes(content[start : start + 8], "little")
        packed = content[start + 8 :]
        if content[_CHUNK.size : start] != _ZSTD or length != len(packed) or size > _CHUNK_LIMIT:
            raise RecordError("a chunk does not say what it should")
        records: bytes = _decompressor.decompress(packed, max_output_size=size)
    except (struct.error, zstandard.ZstdError) as error:
        raise RecordError(f"a chunk cannot be unpacked: {error}") from error
    if len(records) != size or crc32(records) != crc:
        raise RecordError("a chunk is damaged: its checksum does not hold")
    return records


def chunk_times(content: bytes) -> tuple[int, int]:
    """First and last log time that a chunk record declares."""
    first_ns, last_ns, _, _ = _CHUNK.unpack_from(content)
    return first_ns, last_ns


def chunk_sizes(content: bytes) -> tuple[int, int]:
    """Packed and unpacked bytes that a chunk record declares."""
    size = _CHUNK.unpack_from(content)[2]
    start = _CHUNK.size + len(_ZSTD)
    return int.from_bytes(content[start : start + 8], "little"), size


def encode_message_indexes(rows: Sequence[tuple[int, int, int]]) -> tuple[bytes, dict[int, int], dict[int, int]]:
    """Message index records for rows (channel, time_ns, start in the chunk), one a channel in order of appearance.

    Returns the records, and by channel where its record begins among them and how many messages it counts.
    """
    by_channel: dict[int, list[int]] = {}
    for channel, time_ns, start in rows:
        if channel in by_channel:
            by_channel[channel] += (time_ns, start)
        else:
            by_channel[channel] = [time_ns, start]
    parts = []
    begins = {}
    at = 0
    for channel, flat in by_channel.items():
        size = 8 * len(flat)
        parts.append(struct.pack(f"<BQHI{len(flat)}Q", MESSAGE_INDEX, 6 + size, channel, size, *flat))
        begins[channel] = at
        at += len(parts[-1])
    return b"".join(parts), begins, {channel: len(flat) // 2 for channel, flat in by_channel.items()}


@dataclass(frozen=True, slots=True)
class ChunkIndex:
    """Where a chunk is, for the summary."""

    first_ns: int
    last_ns: int
    offset: int
    """of the chunk record in the file"""
    length: int
    """of the whole chunk record"""
    message_indexes: dict[int, int]
    """channel to offset in the file of its message index record"""
    message_indexes_length: int
    packed: int
    unpacked: int

    def encode(self) -> bytes:
        """The record."""
        places = b"".join(struct.pack("<HQ", *each) for each in self.message_indexes.items())
        return _record(
            CHUNK_INDEX,
            struct.pack("<QQQQI", self.first_ns, self.last_ns, self.offset, self.length, len(places))
            + places
            + self.message_indexes_length.to_bytes(8, "little")
            + _ZSTD
            + struct.pack("<QQ", self.packed, self.unpacked),
        )


def encode_end(at: int, channels: Sequence[bytes], chunks: Sequence[ChunkIndex], messages: Mapping[int, int]) -> bytes:
    """Everything from the end of data to the end of the file.

    Args:
        at: where in the file this begins.
        channels: the file's channel records, repeated in the summary.
        chunks: one a chunk.
        messages: number of messages by channel.
    """
    data_end = _record(DATA_END, bytes(4))  # no checksum of the whole: each group has its own
    start = at + len(data_end)
    counts = b"".join(struct.pack("<HQ", *each) for each in messages.items())
    statistics = _record(
        STATISTICS,
        struct.pack(
            "<QHIIIIQQI",
            sum(messages.values()),
            0,
            len(channels),
            0,
            0,
            len(chunks),
            min((each.first_ns for each in chunks), default=0),
            max((each.last_ns for each in chunks), default=0),
            len(counts),
        )
        + counts,
    )
    sections = [
        (CHANNEL, b"".join(channels)),
        (STATISTICS, statistics),
        (CHUNK_INDEX, b"".join(each.encode() for each in chunks)),
    ]
    summary = b""
    offsets = b""
    for opcode, section in sections:
        if section:
            offsets += _record(SUMMARY_OFFSET, struct.pack("<BQQ", opcode, start + len(summary), len(section)))
        summary += section
    offsets_at = start + len(summary)
    summary += offsets
    footer = RECORD_HEAD.pack(FOOTER, 20) + struct.pack("<QQ", start, offsets_at)
    return data_end + summary + footer + crc32(summary + footer).to_bytes(4, "little") + MAGIC
