"""Finding the groups of a segment by their seals, also among damage."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zlib import crc32

from luchtwacht.errors import RecordError
from luchtwacht.journal import mcap
from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.files import ReadFile
from luchtwacht.journal.segment.group import decode_body, holds_any
from luchtwacht.journal.segment.head import HEAD_BYTES
from luchtwacht.journal.segment.index import INDEX, index_ends
from luchtwacht.journal.segment.seal import SEAL, SEAL_HEAD_BYTES, SEAL_MAGIC, Group, Seal, decode_seal, seal_bytes


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
    wanted = SEAL_MAGIC
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
        if file.read(at, 1) == bytes([INDEX]) and index_ends(file, at):
            return
        until = _find_seal(file, at, stop)
        while until < stop and _look(file, until, stop) is None:
            until = _find_seal(file, until, stop)
        yield Broken(at, until)
        at = until


def read_group(file: ReadFile, offset: int) -> Group:
    """The group at a known place, its body not looked at; RecordError when there is none."""
    return Group(offset, _read_seal(file, offset))


def read_entries_of(file: ReadFile, group: Group, kinds: Collection[EntryKind] | None = None) -> list[Entry]:
    """The entries of a group; RecordError when it is damaged.

    Args:
        file: the segment.
        group: of it.
        kinds: when the group has no entry of these, none is returned, and its chunk is not unpacked.
    """
    body = file.read(group.body, group.seal.length)
    if crc32(body) != group.seal.crc:
        raise RecordError(f"the group at byte {group.offset} is damaged: its checksum does not hold")
    if kinds is not None and not holds_any(body, kinds):
        return []
    return decode_body(group.seal.descriptor, body)
