"""Making a segment: its groups one after another, then its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import zstandard

from luchtwacht.journal import mcap
from luchtwacht.journal.entry import INPUTS, Entry, entry_hashes
from luchtwacht.journal.segment.channels import FIXED_CHANNELS, channel_of, later_channel
from luchtwacht.journal.segment.group import Body, decode_group, split_body
from luchtwacht.journal.segment.head import HEAD_BYTES, Head
from luchtwacht.journal.segment.index import INDEX, INDEX_MAGIC, INDEX_ROW
from luchtwacht.journal.segment.pieces import PIECES, encode_pieces
from luchtwacht.journal.segment.seal import SALT_KEY_BYTES, Descriptor, Group, Seal
from luchtwacht.journal.segment.withheld import WITHHELD, Hiding, decode_withheld, encode_withheld, reasons
from luchtwacht.journal.tree import root_of


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
        self.last_withheld: dict[int, tuple[int, int]] = {}
        """what is not shown of the group that was copied last: `withheld.reasons`"""
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._channels: dict[int, bytes] = dict(FIXED_CHANNELS)
        self._chunks: list[mcap.ChunkIndex] = []
        self._groups: list[Group] = []
        self._counts: dict[int, int] = {}

    @property
    def groups(self) -> int:
        """How many it holds."""
        return len(self._groups)

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
        records, indexes, begins, counts = _encode_messages(entries)
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
        channels = {channel: later_channel(channel) for channel in begins if channel not in self._channels}
        pieces = encode_pieces({place: each.pieces for place, each in enumerate(entries) if each.pieces})
        before = pieces + b"".join(channels.values())
        chunk = mcap.encode_chunk(records, descriptor.first_ns, descriptor.last_ns, self._compressor)
        body = before + chunk + indexes
        seal = Seal(
            length=len(body),
            durable=durable,
            crc=crc32(body),
            salt_key=salt_key,
            descriptor=descriptor,
            own=tuple((place, hashes[place]) for place in own),
        )
        self.adopt(Group(self.size, seal), Body(b"", b"", channels, len(before), chunk, indexes, begins, counts))
        return seal.encode() + body, seal.leaves()

    def encode_copy(self, group: Group, body: bytes, hiding: Hiding | None = None) -> bytes:
        """A group of another segment as it was, or without some of its entries or pieces of them.

        Args:
            group: which.
            body: what follows its seal there.
            hiding: what is not to be shown, and why.

        Raises:
            RecordError: the group is damaged.
        """
        seal, found = group.seal, decode_group(group.seal.descriptor, body)
        missing, pieces = _record(WITHHELD, found.body.withheld), _record(PIECES, found.body.pieces)
        chunk, indexes = found.body.chunk, found.body.indexes
        begins: Iterable[int] = found.body.begins
        if hiding:
            slots = found.slots(seal.salt_key)
            for place, why in hiding.items():
                slots[place].hide(why)
            missing = encode_withheld(slots)
            pieces = encode_pieces({at: each.entry.pieces for at, each in enumerate(slots) if each.entry})
            seal = replace(seal, salt_key=bytes(SALT_KEY_BYTES))
            records, indexes, begins, _ = _encode_messages([each.entry for each in slots if each.entry])
            described = seal.descriptor
            chunk = mcap.encode_chunk(records, described.first_ns, described.last_ns, self._compressor)
        channels = b"".join(later_channel(channel) for channel in begins if channel not in self._channels)
        body = missing + pieces + channels + chunk + indexes
        seal = replace(seal, length=len(body), durable=0, crc=crc32(body))
        copied = split_body(body)
        self.last_withheld = reasons([decode_withheld(copied.withheld)]) if missing else {}
        self.adopt(Group(self.size, seal), copied)
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
            dtype=INDEX_ROW,
        )
        content = INDEX_MAGIC + rows.tobytes()
        content += crc32(content).to_bytes(4, "little")
        length = mcap.RECORD_HEAD.size + len(content) + 8
        index = mcap.encode_private(INDEX, content + length.to_bytes(8, "little"))
        return index + mcap.encode_end(
            self.size + len(index),
            [self._channels[id] for id in sorted(self._channels)],
            self._chunks,
            dict(sorted(self._counts.items())),
        )


def _record(opcode: int, content: bytes) -> bytes:
    return mcap.encode_private(opcode, content) if content else b""


def _encode_messages(entries: Sequence[Entry]) -> tuple[bytes, bytes, dict[int, int], dict[int, int]]:
    """A chunk's records for entries, and its message indexes as `mcap.encode_message_indexes` gives them."""
    rows = [(channel_of(each), each.sequence, each.time_ns, each.data) for each in entries]
    records, starts = mcap.encode_messages(rows)
    columns = ([row[0] for row in rows], [row[2] for row in rows], starts)
    return records, *mcap.encode_message_indexes(*(np.array(each, dtype=np.int64) for each in columns))
