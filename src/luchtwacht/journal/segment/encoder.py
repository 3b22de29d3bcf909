"""Making a segment: its groups one after another, then its end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import zstandard

from luchtwacht.journal import mcap
from luchtwacht.journal.entry import INPUTS, Entry, entry_hashes
from luchtwacht.journal.segment.channels import FIXED_CHANNELS, FRAME_CHANNEL, channel_of, frame_channel
from luchtwacht.journal.segment.group import Body, decode_entries, split_body
from luchtwacht.journal.segment.head import HEAD_BYTES, Head
from luchtwacht.journal.segment.index import INDEX, INDEX_MAGIC, INDEX_ROW
from luchtwacht.journal.segment.seal import SALT_KEY_BYTES, Descriptor, Group, Seal
from luchtwacht.journal.segment.withheld import withhold
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
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._channels: dict[int, bytes] = dict(FIXED_CHANNELS)
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
        rows = [(channel_of(each), each.sequence, each.time_ns, each.data) for each in entries]
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
            channel: frame_channel(channel - FRAME_CHANNEL)
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
        entries, _ = decode_entries(group.seal.descriptor.last_input, split.chunk)
        seal, missing, chunk, indexes = group.seal, b"", split.chunk, split.indexes
        if withheld:
            missing, entries = withhold(entries, seal.salt_key, withheld)
            seal = replace(seal, salt_key=bytes(SALT_KEY_BYTES))
            rows = [(channel_of(each), each.sequence, each.time_ns, each.data) for each in entries]
            records, starts = mcap.encode_messages(rows)
            chunk = mcap.encode_chunk(records, seal.descriptor.first_ns, seal.descriptor.last_ns, self._compressor)
            indexes, _, _ = mcap.encode_message_indexes(
                [(row[0], row[2], start) for row, start in zip(rows, starts, strict=True)]
            )
        channels = b"".join(
            frame_channel(channel - FRAME_CHANNEL)
            for channel in dict.fromkeys(channel_of(each) for each in entries)
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
