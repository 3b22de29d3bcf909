"""How a segment begins, and how it is named."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from zlib import crc32

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.segment.channels import FIXED_CHANNELS

HEAD = 0x82
PROFILE, LIBRARY = "luchtwacht", "luchtwacht journal 1"


_HEAD_MAGIC, _THINNED_MAGIC = b"LWHEAD1\n", b"LWHEAD2\n"
_HEAD = struct.Struct("<8sIQQQI")


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
    thinned: bool = False
    """whether it was written again, without what was deleted from it"""

    def encode(self) -> bytes:
        """The segment's first bytes, fixed channels included."""
        before = mcap.MAGIC + mcap.encode_header(PROFILE, LIBRARY)
        magic = _THINNED_MAGIC if self.thinned else _HEAD_MAGIC
        content = _HEAD.pack(magic, self.number, self.first_leaf, self.last_input, self.previous_bytes, crc32(before))
        content += crc32(content).to_bytes(4, "little")
        return before + mcap.encode_private(HEAD, content) + b"".join(FIXED_CHANNELS.values())


HEAD_BYTES = len(Head(1, 0, 0, 0).encode())


def decode_head(data: bytes) -> Head:
    """What a segment says of its place.

    Raises:
        RecordError: a segment does not begin like this.
    """
    at = len(mcap.MAGIC + mcap.encode_header(PROFILE, LIBRARY)) + mcap.RECORD_HEAD.size
    try:
        magic, number, first_leaf, last_input, previous_bytes, _ = _HEAD.unpack_from(data, at)
    except struct.error as error:
        raise RecordError("too short for the head of a segment") from error
    head = Head(number, first_leaf, last_input, previous_bytes, magic == _THINNED_MAGIC)
    if head.encode() != data[:HEAD_BYTES]:
        raise RecordError("does not begin like a segment of a journal")
    return head
