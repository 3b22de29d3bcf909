"""What is found when a journal is opened after any kind of end, and how its tail is made whole again.

Nothing acknowledged is ever cut. A group of entries is cut only when it is broken and no later group says that the
file had been on the disk that far; what is cut is kept beside the segment in a `.torn` file, for whoever wants to look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.files import Files, ReadFile, sync_file, write_whole
from luchtwacht.journal.segment import (
    HEAD_BYTES,
    INDEX,
    Broken,
    Group,
    Head,
    Seal,
    SegmentEncoder,
    decode_head,
    end_is_sound,
    read_index,
    scan,
    segment_name,
    segment_number,
    split_body,
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found at opening."""

    last_sequence: int = 0
    """of the last input that is kept; 0 in a new journal"""
    last_ns: int = 0
    """ns UTC, greatest time in the last chunk that is kept; 0 in a new journal"""
    entries: int = 0
    """entries found sound in a segment that nobody had ended; 0 after an orderly close"""
    bytes_cut: int = 0
    """of a tail that was torn before it was acknowledged"""
    torn: str = ""
    """name of the file in which the cut bytes are kept; "" when nothing was cut"""
    damaged: tuple[str, ...] = ()
    """one sentence for each damaged stretch; nothing of it was cut"""

    def sentence(self) -> str:
        """What happened, for a person; "" when there is nothing to tell."""
        told = list(self.damaged)
        if self.bytes_cut:
            told.append(
                f"the record ended in the middle of a write: {self.bytes_cut} bytes that nobody had been promised were "
                f"cut after input {self.last_sequence} and kept in {self.torn}"
            )
        return "; ".join(told)


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a complete segment ends."""

    leaf: int
    last_input: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Tail:
    """One segment as it stands on the disk."""

    number: int
    size: int
    """bytes in the file"""
    ended: bool
    """whether it is complete"""
    head: Head
    groups: tuple[Group, ...]
    """all that are sound when it is not complete, otherwise none: its index is believed"""
    stop: int
    """one past the last byte that belongs to the journal's groups"""
    damage: tuple[Broken, ...]
    """broken stretches before `stop`"""
    unfinished_end: bool
    """whether what follows `stop` is no more than the beginning of a segment's end"""
    index: Ended | None = None
    """what the index of a complete segment says of its last group"""

    @property
    def leaf(self) -> int:
        """Size of the Merkle log after it."""
        if self.index:
            return self.index.leaf
        if not self.groups:
            return self.head.first_leaf
        described = self.groups[-1].seal.descriptor
        return described.first_leaf + 1 + described.own

    @property
    def last_input(self) -> int:
        """Sequence of the last input up to its end."""
        if self.index:
            return self.index.last_input
        return self.groups[-1].seal.descriptor.last_input if self.groups else self.head.last_input

    @property
    def last_ns(self) -> int:
        """ns UTC, greatest time in its last chunk; 0 when it has none."""
        if self.index:
            return self.index.last_ns
        return self.groups[-1].seal.descriptor.last_ns if self.groups else 0

    def seals(self) -> list[Seal]:
        """Every seal that is sound, in order."""
        found = [(group.offset, group.seal) for group in self.groups]
        found += [(each.start, each.seal) for each in self.damage if each.seal is not None]
        return [seal for _, seal in sorted(found, key=lambda each: each[0])]

    def limited(self, stop: int) -> Tail:
        """Only what stands before `stop`."""
        return replace(
            self,
            groups=tuple(group for group in self.groups if group.end <= stop),
            stop=min(self.stop, stop),
            damage=tuple(each for each in self.damage if each.start < stop),
            unfinished_end=False,
        )


def segment_numbers(folder: Path, files: Files) -> list[int]:
    """The numbers of the segments in a folder, ascending."""
    numbers = (segment_number(name) for name in files.names(folder / "segments"))
    return sorted(number for number in numbers if number is not None)


def segment_path(folder: Path, number: int) -> Path:
    """Where a segment is."""
    return folder / "segments" / segment_name(number)


def read_head(file: ReadFile) -> Head | None:
    """How a segment begins; none when it does not."""
    try:
        return decode_head(file.read(0, HEAD_BYTES))
    except RecordError:
        return None


def examine(file: ReadFile, number: int) -> Tail | None:
    """How far a segment holds; none when it does not even begin like one."""
    head = read_head(file)
    if head is None or head.number != number:
        return None
    size = file.size()
    index = read_index(file)
    if index is not None and len(index) and end_is_sound(file):
        last = {name: int(index[name][-1]) for name in index.dtype.names or ()}
        ended = Ended(last["first_leaf"] + 1 + last["own"], last["last_input"], last["last_ns"])
        return Tail(number, size, True, head, (), last["offset"] + last["length"], (), False, ended)
    found = list(scan(file, size))
    groups = [each for each in found if isinstance(each, Group)]
    durable = max((group.seal.durable for group in groups), default=0)
    torn = [each.start for each in found if isinstance(each, Broken) and each.start >= durable]
    stop = torn[0] if torn else max((group.end for group in groups), default=HEAD_BYTES)
    return Tail(
        number=number,
        size=size,
        ended=False,
        head=head,
        groups=tuple(group for group in groups if group.end <= stop),
        stop=stop,
        damage=tuple(each for each in found if isinstance(each, Broken) and each.start < stop),
        unfinished_end=file.read(stop, 1) == bytes([INDEX]),
    )


def end_segment(folder: Path, tail: Tail, files: Files) -> None:
    """Cut what was torn and make the segment a complete file.

    Damage stays where it is; its groups are then missing from the segment's index.
    """
    path = segment_path(folder, tail.number)
    encoder = SegmentEncoder(tail.head)
    encoder.encode_head()
    reading = files.open_read(path)
    try:
        for group in tail.groups:
            encoder.adopt(group, split_body(reading.read(group.body, group.seal.length)))
    finally:
        reading.close()
    encoder.size = tail.stop
    writing = files.open_append(path)
    try:
        if tail.size != tail.stop:
            writing.truncate(tail.stop)
        writing.append(encoder.encode_end())
        writing.sync()
    finally:
        writing.close()


def keep_torn(folder: Path, number: int, start: int, files: Files) -> tuple[int, str]:
    """Copy what follows `start` in a segment to a file beside it; the number of bytes, and the file's name."""
    path = segment_path(folder, number)
    reading = files.open_read(path)
    try:
        data = reading.read(start, reading.size() - start)
    finally:
        reading.close()
    if not data:
        return 0, ""
    taken = set(files.names(path.parent))
    names = (f"{path.stem}-{attempt}.torn" for attempt in range(1, len(taken) + 2))
    name = next(name for name in names if name not in taken)
    write_whole(path.parent / name, data, files)
    return len(data), name


def recover(folder: Path, files: Files) -> tuple[Recovery, list[Tail]]:
    """Make the end of a journal whole, and say what was found.

    Returns the report, and the last segments, first to last: those that had not been ended (now they are) or, when all
    were, the very last.

    Raises:
        RecordError: a segment other than the last does not begin like one.
        OSError: the disk refuses.
    """
    tails: list[Tail] = []
    damaged: list[str] = []
    cut, torn = 0, ""
    for number in reversed(segment_numbers(folder, files)):
        path = segment_path(folder, number)
        reading = files.open_read(path)
        try:
            tail = examine(reading, number)
        finally:
            reading.close()
        if tail is None or not (tail.ended or tail.groups or tail.damage):
            if tails:
                raise RecordError(f"{path.name} does not begin like a segment of a journal, and is not the last one")
            bytes_cut, name = keep_torn(folder, number, 0, files)
            cut, torn = cut + bytes_cut, name or torn
            files.remove(path)
            files.sync_folder(path.parent)
            continue
        if tail.ended:
            if not tails:  # a writer may have been killed after ending it and before its last sync
                sync_file(path, files)
                tails.append(tail)
            break
        if tails:  # a segment that was given up when the disk failed: its successor says how much of it counts
            tail = tail.limited(tails[0].head.previous_bytes)
        elif tail.stop < tail.size and not tail.unfinished_end:
            bytes_cut, name = keep_torn(folder, number, tail.stop, files)
            cut, torn = cut + bytes_cut, name or torn
        damaged += [
            f"{path.name} is damaged from byte {each.start} to byte {each.stop}: the entries in it cannot be read"
            for each in tail.damage
        ]
        end_segment(folder, tail, files)
        tails.insert(0, tail)
    files.sync_folder(folder / "segments")
    last = tails[-1] if tails else None
    return (
        Recovery(
            last_sequence=last.last_input if last else 0,
            last_ns=last.last_ns if last else 0,
            entries=sum(group.seal.descriptor.messages for tail in tails if not tail.ended for group in tail.groups),
            bytes_cut=cut,
            torn=torn,
            damaged=tuple(damaged),
        ),
        tails,
    )
