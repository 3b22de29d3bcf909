"""What follows a seal: a group's records, the entries in them, and whether they are what was sealed."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import INPUTS, Entry, EntryKind, entry_hashes
from luchtwacht.journal.segment.channels import FRAME_CHANNEL, KIND_OF, frame_channel
from luchtwacht.journal.segment.seal import SALT_KEY_BYTES, Descriptor, Seal
from luchtwacht.journal.segment.withheld import WITHHELD, merge_withheld
from luchtwacht.journal.tree import root_of


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


def decode_entries(base: int, chunk: bytes) -> tuple[list[Entry], list[tuple[int, int, int]]]:
    """The entries in a chunk record, and rows (channel, time, start) for its index.

    `base` is near to the sequence of every entry.
    """
    kinds, frame = KIND_OF, EntryKind.FRAME
    shift, base = 0x80000000 - (base & 0xFFFFFFFF), base - 0x80000000
    entries, rows = [], []
    start, head = 0, mcap.MESSAGE_HEAD_BYTES
    for channel, sequence, time_ns, data in mcap.decode_messages(mcap.decode_chunk(chunk[mcap.RECORD_HEAD.size :])):
        full = base + ((sequence + shift) & 0xFFFFFFFF)  # of all numbers with these 32 bits the one nearest to `base`
        if channel >= FRAME_CHANNEL:
            entries.append(Entry(frame, full, time_ns, channel - FRAME_CHANNEL, data))
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
    entries, _ = decode_entries(descriptor.last_input, split.chunk)
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
    entries, rows = decode_entries(described.last_input, split.chunk)
    if split.withheld:
        if seal.salt_key != bytes(SALT_KEY_BYTES):
            raise RecordError("it withholds entries and shows a key to their salts")
        hashes = merge_withheld(entries, split.withheld, described.messages)
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
        channel: frame_channel(channel - FRAME_CHANNEL)
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
