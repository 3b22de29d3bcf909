"""Segments: the journal's files, as bytes. Pure; `writer.py` puts them on the disk and `reader.py` takes them off.

A segment is an MCAP file whose data section is a row of groups, each written with one write:

    magic | Header | Head (0x82) | fixed Channels | group ... | Index (0x81) | DataEnd | summary | Footer | magic
    group = Seal (0x80) | Withheld (0x83) | Pieces (0x84) | Channels used for the first time | Chunk | MessageIndexes

The private records are what makes it a journal. A Seal says how long its group is, holds the group's checksum and what
goes into the Merkle log, so that a scan can go from seal to seal without unpacking anything. It also says up to where
the file was already on the disk when the group was written: a broken group beyond that point was torn by a crash and
may be cut; a broken group before it is damage, and is reported, never cut.
"""

from __future__ import annotations

from luchtwacht.journal.segment.channels import SOURCES, fixed_channels
from luchtwacht.journal.segment.encoder import SegmentEncoder
from luchtwacht.journal.segment.group import Body, Decoded, check_group, decode_body, decode_group, split_body
from luchtwacht.journal.segment.head import HEAD_BYTES, Head, decode_head, segment_name, segment_number
from luchtwacht.journal.segment.index import INDEX, end_is_sound, read_index
from luchtwacht.journal.segment.scan import Broken, read_entries_of, read_group, scan
from luchtwacht.journal.segment.seal import (
    DESCRIPTOR_BYTES,
    SALT_KEY_BYTES,
    Descriptor,
    Group,
    Seal,
    decode_descriptor,
)
from luchtwacht.journal.segment.withheld import DELETED, Hiding, reasons

__all__ = [
    "DELETED",
    "DESCRIPTOR_BYTES",
    "HEAD_BYTES",
    "INDEX",
    "SALT_KEY_BYTES",
    "SOURCES",
    "Body",
    "Broken",
    "Decoded",
    "Descriptor",
    "Group",
    "Head",
    "Hiding",
    "Seal",
    "SegmentEncoder",
    "check_group",
    "decode_body",
    "decode_descriptor",
    "decode_group",
    "decode_head",
    "end_is_sound",
    "fixed_channels",
    "read_entries_of",
    "read_group",
    "read_index",
    "reasons",
    "scan",
    "segment_name",
    "segment_number",
    "split_body",
]
