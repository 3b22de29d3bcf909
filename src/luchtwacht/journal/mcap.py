"""The records of MCAP (mcap.dev, specification version 0), as far as a journal needs them: bytes both ways, no I/O.

A file is the magic, records, the magic. A record is `u8 opcode | u64 length | content`; everything is little-endian;
text is `u32 length | UTF-8`. Only the records that `segment.py` writes are here. Written out rather than taken from
the package `mcap`, because a chunk must reach the disk in one write of known length; the package reads it back in the
tests.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import zstandard

from luchtwacht.errors import RecordError

MAGIC = b"\x89MCAP0\r\n"

Column = npt.NDArray[np.int64]
"""one number a message"""

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


_HEADS = np.dtype(
    [("opcode", "u1"), ("size", "<u8"), ("channel", "<u2"), ("sequence", "<u4"), ("log", "<u8"), ("publish", "<u8")]
)


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """The messages of a chunk as columns."""

    records: bytes
    """the chunk's uncompressed records"""
    channel: Column
    sequence: Column
    """32 bits"""
    time_ns: Column
    start: list[int]
    """where each record begins in `records`"""
    stop: list[int]
    """one past where its data ends; the data begins `MESSAGE_HEAD_BYTES` after `start`"""

    def __len__(self) -> int:
        return len(self.start)


def decode_messages(records: bytes) -> Messages:
    """The messages in a chunk's uncompressed records.

    Raises:
        RecordError: the records do not fill the chunk, or there is something else than messages among them.
    """
    length, head, end = struct.Struct("<Q").unpack_from, RECORD_HEAD.size, len(records)
    starts: list[int] = []
    at = 0
    try:
        while at < end:
            starts.append(at)
            at += head + length(records, at + 1)[0]
    except struct.error as error:
        raise RecordError(f"a chunk's records end in the middle of a message, at byte {at}") from error
    if at != end or (starts and starts[-1] + _MESSAGE.size > end):
        raise RecordError("a chunk's records end in the middle of a message")
    places = np.array(starts, dtype=np.int64)
    octets = np.frombuffer(records, dtype=np.uint8)
    heads = octets[places[:, None] + np.arange(_MESSAGE.size)].view(_HEADS)[:, 0] if starts else np.empty(0, _HEADS)
    wrong = (heads["opcode"] != MESSAGE) | (heads["size"] < _MESSAGE_FIXED) | (heads["log"] != heads["publish"])
    if wrong.any():
        raise RecordError(f"no message of this journal at byte {starts[int(wrong.argmax())]} of a chunk")
    return Messages(
        records,
        heads["channel"].astype(np.int64),
        heads["sequence"].astype(np.int64),
        heads["log"].astype(np.int64),
        starts,
        [*starts[1:], end] if starts else [],
    )


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


_INDEX_HEAD = struct.Struct("<BQHI")


def encode_message_indexes(
    channels: Column, times_ns: Column, starts: Column
) -> tuple[bytes, dict[int, int], dict[int, int]]:
    """Message index records for a chunk's messages, one a channel in order of appearance.

    Args:
        channels, times_ns, starts: of each message its channel, log time and start in the uncompressed chunk.

    Returns:
        The records, and by channel where its record begins among them and how many messages it counts.
    """
    found, first, group, counts = np.unique(channels, return_index=True, return_inverse=True, return_counts=True)
    appearance = np.argsort(first)
    rank = np.empty(len(found), dtype=np.intp)
    rank[appearance] = np.arange(len(found))
    order = np.argsort(rank[group], kind="stable")
    flat = np.empty((len(starts), 2), dtype="<u8")
    flat[:, 0], flat[:, 1] = times_ns[order], starts[order]
    pairs = flat.tobytes()
    parts: list[bytes] = []
    begins, numbers = {}, {}
    at = done = 0
    for channel, count in zip(found[appearance].tolist(), counts[appearance].tolist(), strict=True):
        size = 16 * count
        parts.append(_INDEX_HEAD.pack(MESSAGE_INDEX, 6 + size, channel, size) + pairs[done : done + size])
        begins[channel], numbers[channel] = at, count
        at, done = at + _INDEX_HEAD.size + size, done + size
    return b"".join(parts), begins, numbers


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
