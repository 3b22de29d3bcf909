"""Exporting: chunks of the journal, whole or with entries and pieces withheld, and their proof."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.bundle.manifest import (
    ABOUT,
    CHECKPOINT,
    FORMAT,
    KEYS,
    MANIFEST,
    README,
    RECORD,
    SUMS,
    Consistency,
    Manifest,
    Stamped,
    Withholding,
    encoder,
)
from luchtwacht.journal.checkpoint import SignedCheckpoint
from luchtwacht.journal.container import ContainerWriter
from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.log import log_folder, read_checkpoint, read_keys, read_stamps
from luchtwacht.journal.note import encode_base64
from luchtwacht.journal.periods import CONFIGURATION
from luchtwacht.journal.reader import Place, open_segment, segments
from luchtwacht.journal.segment import DELETED, Head, SegmentEncoder, decode_group
from luchtwacht.journal.tiles import TileReader, log_reader
from luchtwacht.journal.tree import fetch_root, prove_consistency, prove_ranges
from luchtwacht.units import SECOND_NS, format_utc

AREA = "area"
"""why an entry is not shown that is not about the area asked for; a chunk of nothing else is left out altogether"""

SHORT_RUN_NS = 60 * SECOND_NS
"""a run that began at most so long before what is asked for, and has no snapshot yet, is shown from its beginning"""

Answer = None | str | Mapping[int, str]
"""show it all; why the entry is not to be shown; or, by number, why pieces of it are not"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    entries: int
    withheld: tuple[Withholding, ...]
    deleted: Withholding
    left_out: int
    """chunks of the time asked for that are not in it, for nothing in them is about the area"""
    checkpoint: SignedCheckpoint
    unsealed: int
    """entries of the time asked for that no checkpoint covers yet, and that are therefore not in it"""


def show_all(entry: Entry) -> Answer:
    """Withhold nothing."""
    return None


def write_bundle(
    folder: Path,
    path: Path,
    *,
    from_ns: int,
    to_ns: int,
    software: str,
    withhold: Callable[[Entry], Answer] = show_all,
    area: str = "",
    by: str = "",
    reason: str = "",
    from_run: bool = False,
    known: Sequence[SignedCheckpoint] = (),
    files: Files = REAL,
) -> Exported:
    """Export the chunks with entries from `from_ns` to before `to_ns`, and what they rest on.

    That is the configuration in force before them, and the last snapshot of the state with what came after it.

    Args:
        folder: the journal, which may be recording.
        path: the file to make; replaced in one step when it is there.
        from_ns, to_ns: ns UTC.
        software: name and version of what exports.
        withhold: says of an entry what of it is not to be shown, and why.
        area: where, in words, when `withhold` leaves out what is elsewhere.
        by, reason: who exports it and why: told to whoever opens it.
        known: earlier checkpoints that somebody else has of this log: with a proof that it only grew since.
        from_run: with everything since the pipeline began, so that nothing need be taken from a snapshot.
        files: the file system of the journal.

    Raises:
        RecordError: there is no journal, it has no checkpoint yet, there is nothing of that time, or it is damaged.
        BadContainer: the bundle would be too large.
    """
    try:
        signed = read_checkpoint(folder, files)
    except OSError as error:
        raise RecordError(f"the checkpoint of {folder} cannot be read: {error.strerror or error}") from error
    if signed is None:
        raise RecordError(f"the journal in {folder} was never sealed: it has no signing key")
    size = signed.checkpoint.size
    wanted, unsealed = _choose(folder, from_ns, to_ns, size, from_run, files)
    if not wanted:
        raise RecordError(
            f"nothing that is sealed was recorded from {format_utc(from_ns)} to {format_utc(to_ns)} in {folder}"
        )
    log = log_reader(log_folder(folder), size, files)
    if fetch_root(size, log.fetch) != signed.checkpoint.root:
        raise RecordError(f"the tiles in {log_folder(folder)} do not fit the checkpoint: verify the journal first")
    copying = _Copying(folder, withhold, files)
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            sums: dict[str, str] = {}
            container = ContainerWriter(file)

            def add(name: str, blocks: Iterable[bytes]) -> None:
                total = sha256()

                def seen() -> Iterator[bytes]:
                    for block in blocks:
                        total.update(block)
                        yield block

                container.add(name, seen())
                sums[name] = total.hexdigest()

            add(README, [ABOUT.encode()])
            add(RECORD, copying.record(wanted))
            add(CHECKPOINT, [str(signed).encode()])
            add(KEYS, ["".join(f"{each}\n" for each in read_keys(folder, files)).encode()])
            proof = prove_ranges(copying.ranges, size, log.fetch)
            manifest = Manifest(
                FORMAT,
                signed.checkpoint.origin,
                size,
                from_ns,
                to_ns,
                area,
                software,
                by,
                reason,
                tuple(map(encode_base64, proof)),
                tuple(
                    Consistency(earlier, tuple(map(encode_base64, prove_consistency(earlier, size, log.fetch))))
                    for earlier in sorted({each.checkpoint.size for each in known})
                    if earlier <= size
                ),
                _stamps(folder, copying.ranges[-1][1], size, log, files),
                copying.entries,
                copying.withheld(),
                copying.deleted(),
            )
            add(MANIFEST, [encoder.encode(manifest)])
            container.add(SUMS, ["".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()])
            container.finish()
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise RecordError(f"the bundle {path} cannot be written: {error.strerror or error}") from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return Exported(path, copying.entries, manifest.withheld, manifest.deleted, copying.left_out, signed, unsealed)


def _stamps(folder: Path, end: int, size: int, log: TileReader, files: Files) -> tuple[Stamped, ...]:
    """The time stamp to put into a bundle whose last leaf is before `end`."""
    kept = [each for each in read_stamps(folder, files) if each[0].checkpoint.size <= size]
    if not kept:
        return ()
    signed, stamp = next((each for each in kept if each[0].checkpoint.size >= end), kept[-1])
    earlier = signed.checkpoint
    proof = tuple(map(encode_base64, prove_consistency(earlier.size, size, log.fetch)))
    return (Stamped(earlier.size, encode_base64(earlier.root), proof, encode_base64(stamp)),)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A group, and the segment it is in."""

    head: Head
    stop: int | None
    place: Place


def _choose(
    folder: Path, from_ns: int, to_ns: int, size: int, from_run: bool, files: Files
) -> tuple[list[_Chosen], int]:
    """The groups to export, ascending, and the number of entries that are not sealed yet."""
    every: list[_Chosen] = []
    for head, stop in segments(folder, files):
        with open_segment(folder, head.number, stop, files) as segment:
            if segment is not None:
                every += [_Chosen(head, stop, place) for place in segment.places()]
    inside = [at for at, each in enumerate(every) if each.place.last_ns >= from_ns and each.place.first_ns < to_ns]
    unsealed = sum(every[at].place.messages for at in inside if every[at].place.end_leaf > size)
    inside = [at for at in inside if every[at].place.end_leaf <= size]
    if not inside:
        return [], unsealed
    first, last = inside[0], inside[-1]
    first, opens = _begin(folder, every, first, from_ns, from_run, files)
    opening = [] if opens else _configuration(folder, every, first, files)
    chosen = {*opening, *range(first, last + 1)}
    return [every[at] for at in sorted(chosen)], unsealed


def _configuration(folder: Path, every: list[_Chosen], first: int, files: Files) -> list[int]:
    """The groups before `first` that hold the configuration in force there."""
    for at in range(first - 1, -1, -1):
        if every[at].place.own and any(
            each.kind is EntryKind.SITE for each in _entries(folder, every[at], files, (EntryKind.SITE,))
        ):
            last = at
            while last + 1 < first and _first_kind(folder, every[last + 1], files) is EntryKind.MAPPING:
                last += 1
            return list(range(at, last + 1))
    return []


def _begin(
    folder: Path, every: list[_Chosen], first: int, from_ns: int, from_run: bool, files: Files
) -> tuple[int, bool]:
    """The group from which the inputs at `first` and after can be run again, and whether the pipeline began with it.

    The last one with a snapshot of the state up to `from_ns`; with `from_run`, or for want of a snapshot in a run that
    began shortly before, the one with which the pipeline began. Otherwise `first` itself. A watch that is started again
    under the same configuration goes on with the pipeline it had.
    """
    begun, in_force = first, None
    for at in range(first, -1, -1):
        if not every[at].place.own and at != first:
            continue
        entries = _entries(folder, every[at], files, (*CONFIGURATION, EntryKind.SNAPSHOT))
        if not from_run and any(each.kind is EntryKind.SNAPSHOT and each.time_ns <= from_ns for each in entries):
            return at, False
        opening = [each.data for each in entries if each.kind in (EntryKind.SITE, EntryKind.MAPPING)]
        if not opening or not any(each.kind is EntryKind.SITE for each in entries):
            continue
        if in_force is not None and opening != in_force:
            break
        begun, in_force = at, opening
    near = every[first].place.first_ns - every[begun].place.first_ns <= SHORT_RUN_NS
    return (begun, in_force is not None) if from_run or near else (first, False)


def _entries(folder: Path, chosen: _Chosen, files: Files, kinds: Collection[EntryKind] | None = None) -> list[Entry]:
    """The entries of a group; none when it has none of these kinds."""
    with open_segment(folder, chosen.head.number, chosen.stop, files) as segment:
        return segment.entries(segment.group(chosen.place.offset), kinds) if segment else []


def _first_kind(folder: Path, chosen: _Chosen, files: Files) -> EntryKind | None:
    return next((each.kind for each in _entries(folder, chosen, files)), None)


@dataclass(slots=True)
class _Copying:
    """Copies groups into the record of a bundle, and counts."""

    folder: Path
    withhold: Callable[[Entry], Answer]
    files: Files
    entries: int = 0
    left_out: int = 0
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """leaves that are in the record"""
    _numbers: dict[str, int] = field(default_factory=dict)
    _counted: dict[int, tuple[int, int]] = field(default_factory=dict)

    def record(self, wanted: list[_Chosen]) -> Iterator[bytes]:
        """The record's bytes: a segment of its own."""
        encoder: SegmentEncoder | None = None
        for (head, stop), chosen in groupby(wanted, key=lambda each: (each.head, each.stop)):
            with open_segment(self.folder, head.number, stop, self.files) as segment:
                if segment is None:
                    raise RecordError(f"segment {head.number} is gone")
                for each in chosen:
                    group = segment.group(each.place.offset)
                    body = segment.body(group)
                    found = decode_group(group.seal.descriptor, body)
                    hiding = self._hiding(found.entries(), found.places())
                    if hiding is None:
                        self.left_out += 1
                        continue
                    if encoder is None:
                        encoder = SegmentEncoder(Head(0, each.place.first_leaf, each.place.first_input - 1, 0))
                        yield encoder.encode_head()
                    copy = encoder.encode_copy(group, body, hiding)
                    self._count(each.place, encoder.last_withheld)
                    yield copy
        if encoder is None:
            raise RecordError("nothing that was recorded then is about the area asked for")
        yield encoder.encode_end()

    def _hiding(self, entries: list[Entry], places: list[int]) -> dict[int, int | dict[int, int]] | None:
        """What of a chunk is not to be shown; none when nothing of it is about the area asked for."""
        answers = [self.withhold(each) for each in entries]
        if answers and all(each == AREA for each in answers):
            return None
        return {
            place: self._number(answer)
            if isinstance(answer, str)
            else {piece: self._number(why) for piece, why in answer.items()}
            for place, answer in zip(places, answers, strict=True)
            if answer
        }

    def _number(self, why: str) -> int:
        number = self._numbers.setdefault(why, len(self._numbers))
        if number >= DELETED:
            raise RecordError("a bundle cannot withhold for so many reasons")
        return number

    def _count(self, place: Place, counted: dict[int, tuple[int, int]]) -> None:
        self.entries += place.messages
        for why, (entries, pieces) in counted.items():
            before = self._counted.get(why, (0, 0))
            self._counted[why] = before[0] + entries, before[1] + pieces
        if self.ranges and self.ranges[-1][1] == place.first_leaf:
            self.ranges[-1] = self.ranges[-1][0], place.end_leaf
        else:
            self.ranges.append((place.first_leaf, place.end_leaf))

    def withheld(self) -> tuple[Withholding, ...]:
        """What is not shown, by number."""
        return tuple(Withholding(why, *self._counted.get(number, (0, 0))) for why, number in self._numbers.items())

    def deleted(self) -> Withholding:
        """What is not there to be shown."""
        return Withholding("deleted", *self._counted.get(DELETED, (0, 0)))
