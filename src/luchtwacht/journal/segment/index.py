"""How a complete segment ends: the index of its groups, and what MCAP wants."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from luchtwacht.journal import mcap
from luchtwacht.journal.files import ReadFile
from luchtwacht.journal.segment.head import HEAD_BYTES

INDEX = 0x81


INDEX_MAGIC = b"LWINDX1\n"
INDEX_ROW = np.dtype(
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


def index_ends(file: ReadFile, at: int) -> bool:
    """Whether a sound Index record begins at `at`."""
    head = file.read(at, mcap.RECORD_HEAD.size)
    if len(head) < mcap.RECORD_HEAD.size:
        return False
    _, size = mcap.RECORD_HEAD.unpack(head)
    if size > file.size() - at:
        return False
    return _index_rows(file.read(at + mcap.RECORD_HEAD.size, size)) is not None


def _index_rows(content: bytes) -> np.ndarray | None:
    rows = content[len(INDEX_MAGIC) : -12]
    sound = (
        len(content) >= len(INDEX_MAGIC) + 12
        and content.startswith(INDEX_MAGIC)
        and crc32(content[:-12]).to_bytes(4, "little") == content[-12:-8]
        and len(rows) % INDEX_ROW.itemsize == 0
    )
    return np.frombuffer(rows, dtype=INDEX_ROW) if sound else None


_FOOTER_BYTES = mcap.RECORD_HEAD.size + 20 + len(mcap.MAGIC)
_DATA_END_BYTES = mcap.RECORD_HEAD.size + 4


def read_index(file: ReadFile) -> np.ndarray | None:
    """The index of a complete segment: one row a group, columns of `INDEX_ROW`; none when it has not been ended."""
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
