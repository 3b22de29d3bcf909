"""Reading a journal. Never writes, so that it works beside a running watch and on evidence that must not be touched."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from luchtwacht.errors import RecordError
from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.files import REAL, Files, ReadFile
from luchtwacht.journal.recovery import examine, read_head, segment_numbers, segment_path
from luchtwacht.journal.segment import (
    HEAD_BYTES,
    Broken,
    Group,
    Head,
    Seal,
    read_entries_of,
    read_group,
    read_index,
    scan,
)


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in a journal that cannot be read."""

    segment: int
    start: int
    """first byte in the segment"""
    stop: int
    """one past the last"""
    detail: str

    def sentence(self) -> str:
        """What it is, for a person."""
        return f"segment {self.segment}, bytes {self.start} to {self.stop}: {self.detail}"


def _refuse(damage: Damage) -> None:
    raise RecordError(damage.sentence())


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a group before it is read."""

    offset: int
    first_leaf: int
    first_input: int
    last_input: int
    first_ns: int
    last_ns: int
    messages: int
    own: int

    @property
    def end_leaf(self) -> int:
        """One past the last leaf that the group adds to the log."""
        return self.first_leaf + 1 + self.own


_COLUMNS = ("offset", "first_leaf", "first_input", "last_input", "first_ns", "last_ns", "messages", "own")


class SegmentFile:
    """One segment, open for reading, up to where it belongs to the journal."""

    def __init__(self, file: ReadFile, head: Head, stop: int | None) -> None:
        self._file, self.head = file, head
        self._stop = None if head.thinned else stop  # it was complete, and is of another length now

    def groups(self) -> Iterator[Group | Broken]:
        """Every group with its checksum checked, and what is damaged. A torn tail is left out."""
        if self._stop is not None:
            return scan(self._file, min(self._stop, self._file.size()))
        tail = examine(self._file, self.head.number)
        if tail is None or tail.ended:
            return scan(self._file, self._file.size())
        both: list[Group | Broken] = [*tail.groups, *tail.damage]
        return iter(sorted(both, key=lambda each: each.start))

    def indexed(self, after_ns: int, before_ns: int, after_input: int = -1) -> Iterator[Group | Damage]:
        """Groups with entries from `after_ns` to before `before_ns`, found by the index where there is one.

        Groups in which everything belongs to inputs up to `after_input` are left out too.
        """
        rows = read_index(self._file)
        if rows is None:
            for each in self.groups():
                if isinstance(each, Broken):
                    yield Damage(self.head.number, each.start, each.stop, "no sound group of entries")
                    continue
                described = each.seal.descriptor
                in_time = described.last_ns >= after_ns and described.first_ns < before_ns
                if in_time and described.last_input > after_input:
                    yield each
            return
        wanted = (rows["last_ns"] >= after_ns) & (rows["first_ns"] < before_ns) & (rows["last_input"] > after_input)
        ends = rows["offset"] + rows["length"]
        left_out = np.flatnonzero(rows["offset"][1:] != ends[:-1])  # damage found before the index was made
        near = {
            at
            for at in left_out.tolist()
            if rows["first_ns"][at] < before_ns
            and rows["last_ns"][at + 1] >= after_ns
            and rows["last_input"][at + 1] > after_input
        }
        if len(rows) and rows["offset"][0] != HEAD_BYTES and rows["last_ns"][0] >= after_ns:
            yield Damage(self.head.number, HEAD_BYTES, int(rows["offset"][0]), "no sound group of entries")
        for at in sorted({*np.flatnonzero(wanted).tolist(), *near}):
            offset, length = int(rows["offset"][at]), int(rows["length"][at])
            if at in near:
                following = int(rows["offset"][at + 1])
                yield Damage(self.head.number, offset + length, following, "no sound group of entries")
            if not wanted[at]:
                continue
            try:
                yield read_group(self._file, offset)
            except RecordError as error:
                yield Damage(self.head.number, offset, offset + length, str(error))

    def decided(self, until_ns: int) -> Iterator[Group]:
        """Groups that hold decisions (entries with a leaf of their own), the last first.

        Args:
            until_ns: leave out groups that begin later.
        """
        rows = read_index(self._file)
        if rows is not None:
            for at in np.flatnonzero((rows["own"] > 0) & (rows["first_ns"] <= until_ns))[::-1].tolist():
                yield read_group(self._file, int(rows["offset"][at]))
            return
        groups = [each for each in self.groups() if isinstance(each, Group)]
        for each in reversed(groups):
            if each.seal.own and each.seal.descriptor.first_ns <= until_ns:
                yield each

    def places(self) -> list[Place]:
        """Every group, from the index when the segment is complete, otherwise by going from seal to seal."""
        rows = read_index(self._file)
        if rows is not None:
            return [Place(*values) for values in zip(*(rows[name].tolist() for name in _COLUMNS), strict=True)]
        return [
            Place(each.offset, *(getattr(described, name) for name in _COLUMNS[1:]))
            for each in self.groups()
            if isinstance(each, Group)
            for described in [each.seal.descriptor]
        ]

    def entries(self, group: Group, kinds: Collection[EntryKind] | None = None) -> list[Entry]:
        """The entries of a group; none when it has none of these `kinds`. RecordError when it is damaged."""
        return read_entries_of(self._file, group, kinds)

    def body(self, group: Group) -> bytes:
        """What follows the group's seal, not looked at."""
        return self._file.read(group.body, group.seal.length)

    def size(self) -> int:
        """Bytes in the file."""
        return self._file.size()

    def rest(self, offset: int) -> bytes:
        """What follows `offset` in the file."""
        return self._file.read(offset, self._file.size() - offset)

    @property
    def ended(self) -> bool:
        """Whether it was made a complete file."""
        return read_index(self._file) is not None

    def group(self, offset: int) -> Group:
        """The group at a known place; RecordError when there is none."""
        return read_group(self._file, offset)


@contextmanager
def open_segment(folder: Path, number: int, stop: int | None, files: Files) -> Iterator[SegmentFile | None]:
    """A segment to read; none when it does not even begin like one."""
    with closing(files.open_read(segment_path(folder, number))) as file:
        head = read_head(file)
        yield None if head is None or head.number != number else SegmentFile(file, head, stop)


def segments(folder: Path, files: Files) -> list[tuple[Head, int | None]]:
    """Each segment's head, and how much of it counts (none: all that is sound), in order.

    Raises:
        RecordError: there is no journal, or a segment is missing or does not begin like one.
    """
    numbers = segment_numbers(folder, files)
    if not numbers and "segments" not in files.names(folder):
        raise RecordError(f"there is no journal in {folder}")
    heads: list[Head] = []
    for number in numbers:
        with open_segment(folder, number, None, files) as segment:
            if segment is None:
                if number != numbers[-1]:
                    raise RecordError(f"segment {number} does not begin like a segment of a journal")
                break  # torn while it was being made: nothing in it was promised
            heads.append(segment.head)
    for before, after in pairwise(heads):
        if after.number != before.number + 1:
            raise RecordError(f"segment {before.number + 1} is missing: {after.number} follows {before.number}")
    return [
        (head, heads[place + 1].previous_bytes if place + 1 < len(heads) else None) for place, head in enumerate(heads)
    ]


def read_entries(
    folder: Path,
    *,
    from_ns: int | None = None,
    to_ns: int | None = None,
    after_input: int = -1,
    kinds: Collection[EntryKind] | None = None,
    on_damage: Callable[[Damage], None] = _refuse,
    files: Files = REAL,
) -> Iterator[Entry]:
    """The journal's entries in the order they were recorded.

    Args:
        folder: the journal.
        from_ns: leave out entries before this time (ns UTC).
        to_ns: leave out entries at or after this time.
        after_input: leave out entries up to this input, and what followed from it.
        kinds: leave out every other kind.
        on_damage: called with everything that cannot be read; reading then goes on after it. Unless given, damage
            raises. The torn tail of a journal that nobody has opened since a crash is no damage, and left out.
        files: the file system.

    Raises:
        RecordError: there is no journal in `folder`, or it is damaged.
    """
    after = from_ns if from_ns is not None else 0
    before = to_ns if to_ns is not None else 1 << 64
    wanted = frozenset(kinds) if kinds is not None else frozenset(EntryKind)
    try:
        found = segments(folder, files)
        for place, (head, stop) in enumerate(found):
            if place + 1 < len(found) and found[place + 1][0].last_input <= after_input:
                continue
            with open_segment(folder, head.number, stop, files) as segment:
                if segment is not None:
                    for entry in _entries(segment, after, before, after_input, on_damage):
                        if entry.kind in wanted:
                            yield entry
    except OSError as error:
        raise RecordError(f"the journal in {folder} cannot be read: {error.strerror or error}") from error


def _entries(
    segment: SegmentFile, after: int, before: int, after_input: int, on_damage: Callable[[Damage], None]
) -> Iterator[Entry]:
    for each in segment.indexed(after, before, after_input):
        if isinstance(each, Damage):
            on_damage(each)
            continue
        try:
            entries = segment.entries(each)
        except RecordError as error:
            on_damage(Damage(segment.head.number, each.start, each.end, str(error)))
            continue
        for entry in entries:
            if entry.sequence > after_input and after <= entry.time_ns < before:
                yield entry


def read_decisions(folder: Path, kinds: Collection[EntryKind], *, files: Files = REAL) -> Iterator[Entry]:
    """Entries of some kinds from the chunks that hold decisions, in order; chunks of nothing but frames are not read.

    Raises:
        RecordError: there is no journal in `folder`, or it is damaged.
    """
    for head, stop in segments(folder, files):
        with open_segment(folder, head.number, stop, files) as segment:
            for place in segment.places() if segment else ():
                if segment and place.own:
                    found = segment.entries(segment.group(place.offset), kinds)
                    yield from (each for each in found if each.kind in kinds)


def read_outline(folder: Path, *, files: Files = REAL) -> Iterator[Entry | Place]:
    """The journal in order, without reading chunks in which there are only inputs and what followed from them.

    Yields:
        the entries of chunks that hold decisions (configurations among them) and of segments from which something was
        deleted, and the places of all other chunks.

    Raises:
        RecordError: there is no journal in `folder`, or it is damaged.
    """
    try:
        for head, stop in segments(folder, files):
            with open_segment(folder, head.number, stop, files) as segment:
                for place in segment.places() if segment else ():
                    if segment and (place.own or head.thinned):
                        yield from segment.entries(segment.group(place.offset))
                    else:
                        yield place
    except OSError as error:
        raise RecordError(f"the journal in {folder} cannot be read: {error.strerror or error}") from error


def read_decisions_back(
    folder: Path, kinds: Collection[EntryKind], *, until_ns: int = 1 << 63, files: Files = REAL
) -> Iterator[Entry]:
    """Entries of some kinds from the chunks that hold decisions, the last first. Passes over what is damaged.

    Everything that has a leaf of its own is in such a chunk; other entries are there by chance.

    Args:
        folder: the journal.
        kinds: `snapshot`, `site`, `note` and others.
        until_ns: leave out later ones (ns UTC).
        files: the file system.

    Raises:
        RecordError: there is no journal in `folder`.
    """
    try:
        for head, stop in reversed(segments(folder, files)):
            with open_segment(folder, head.number, stop, files) as segment:
                for group in segment.decided(until_ns) if segment else ():
                    try:
                        entries = segment.entries(group, kinds) if segment else []
                    except RecordError:
                        continue
                    yield from (each for each in reversed(entries) if each.kind in kinds and each.time_ns <= until_ns)
    except OSError as error:
        raise RecordError(f"the journal in {folder} cannot be read: {error.strerror or error}") from error


def seals(folder: Path, *, files: Files = REAL) -> Iterator[Seal]:
    """The seal of every group that belongs to the journal, without reading the groups.

    Raises:
        RecordError: there is no journal in `folder`, or a seal is damaged.
    """
    for head, stop in segments(folder, files):
        with open_segment(folder, head.number, stop, files) as segment:
            if segment is not None:
                for place in segment.places():
                    yield segment.group(place.offset).seal


def _last_input_before(folder: Path, number: int, files: Files) -> int:
    """Sequence of the last input before a segment; beyond any for one that was torn while it was being made."""
    with open_segment(folder, number, None, files) as segment:
        return segment.head.last_input if segment else 1 << 63


def _stop(folder: Path, following: list[int], files: Files) -> int | None:
    """How much of a segment counts, by the one that follows it; none when no other does."""
    for number in following[:1]:
        with open_segment(folder, number, None, files) as segment:
            return segment.head.previous_bytes if segment else None
    return None


def read_frame(folder: Path, sequence: int, *, files: Files = REAL) -> Entry | None:
    """One frame, with the bytes as received, found by the journal's indexes; none when it is not on record.

    Raises:
        RecordError: there is no journal in `folder`, or the frame's chunk is damaged.
    """
    try:
        numbers = segment_numbers(folder, files)
        if not numbers and "segments" not in files.names(folder):
            raise RecordError(f"there is no journal in {folder}")
        at = bisect_right(numbers, sequence - 1, key=lambda number: _last_input_before(folder, number, files)) - 1
        if at < 0:
            return None
        with open_segment(folder, numbers[at], _stop(folder, numbers[at + 1 :], files), files) as segment:
            for place in segment.places() if segment else ():
                if segment and place.first_input <= sequence <= place.last_input:
                    for entry in segment.entries(segment.group(place.offset)):
                        if entry.sequence == sequence and entry.kind is EntryKind.FRAME:
                            return entry
    except OSError as error:
        raise RecordError(f"the journal in {folder} cannot be read: {error.strerror or error}") from error
    return None


@dataclass(frozen=True, slots=True)
class TailState:
    """Where a journal ends, as found by looking only."""

    last_sequence: int
    """of the last input on record; 0 when there is none"""
    last_ns: int
    """ns UTC, greatest time in the last chunk; 0 when there is none"""
    segments: int
    ended: bool
    """whether the writer closed it; otherwise somebody is writing, or was stopped"""
    torn_bytes: int
    """bytes at the end that do not belong to it: what a writer would cut"""


def tail_state(folder: Path, *, files: Files = REAL) -> TailState:
    """Where the journal ends. Looks at the last segments only, takes no lock and changes nothing.

    Raises:
        RecordError: there is no journal in `folder`.
    """
    try:
        numbers = segment_numbers(folder, files)
        if not numbers and "segments" not in files.names(folder):
            raise RecordError(f"there is no journal in {folder}")
        torn = 0
        for number in reversed(numbers):
            with closing(files.open_read(segment_path(folder, number))) as file:
                tail = examine(file, number)
                if tail is None or not (tail.ended or tail.groups):
                    torn += file.size()
                    continue
            if not tail.ended and not tail.unfinished_end:
                torn += tail.size - tail.stop
            return TailState(tail.last_input, tail.last_ns, len(numbers), tail.ended and not torn, torn)
    except OSError as error:
        raise RecordError(f"the journal in {folder} cannot be read: {error.strerror or error}") from error
    return TailState(0, 0, len(numbers), not torn, torn)
