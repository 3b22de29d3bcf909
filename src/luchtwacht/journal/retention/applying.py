"""Carrying a plan out: first on record, then on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from luchtwacht.errors import RecordError
from luchtwacht.journal.files import REAL, Files, ReadFile
from luchtwacht.journal.reader import SegmentFile, open_segment
from luchtwacht.journal.recovery import read_head, segment_path
from luchtwacht.journal.retention.plan import Plan, SegmentPlan
from luchtwacht.journal.retention.trace import DONE, SUBJECT, Deletion
from luchtwacht.journal.segment import (
    HEAD_BYTES,
    Broken,
    SegmentEncoder,
    check_group,
    end_is_sound,
    fixed_channels,
    scan,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was deleted."""

    segments: int
    frames: int
    others: int
    pieces: int
    bytes_freed: int


Note = Callable[..., None]
"""Puts a note on record and returns when it is on the disk and sealed: (subject, **facts)"""


def apply_retention(folder: Path, plan: Plan, *, by: str, reason: str, note: Note, files: Files = REAL) -> Applied:
    """Delete what a plan says, after it was put on record.

    Args:
        folder: the journal.
        plan: made for this journal, and not carried out yet.
        by, reason: who wants it deleted, and why.
        note: `JournalWriter.note_now` of whoever writes the journal.
        files: the file system.

    Raises:
        RecordError: it cannot be put on record, or a segment is not what it was when the plan was made. Nothing more
            is then deleted; what was, is on record.
    """
    if plan.empty:
        return Applied(0, 0, 0, 0, 0)
    kinds = tuple(sorted(name for name in type(plan.policy).__slots__ if getattr(plan.policy, name) is not None))
    touched = [each for each in plan.segments if each.hiding]
    rows = [
        Deletion(
            segment=each.number,
            entries=each.trace.entries,
            pieces=each.trace.pieces,
            digest=each.trace.digest,
            complete=each.trace.complete,
            kinds=kinds,
        )
        for each in touched
    ]
    note(
        SUBJECT,
        by=by,
        reason=reason,
        policy=msgspec.to_builtins(plan.policy),
        holds=[each.id for each in plan.holds],
        segments=msgspec.to_builtins(rows),
        torn=list(plan.torn),
    )
    try:
        freed = sum(_rewrite(folder, each, files) for each in touched)
        for name in plan.torn:
            files.remove(folder / "segments" / name)
        files.sync_folder(folder / "segments")
    except OSError as error:
        raise RecordError(
            f"not all could be deleted from {folder}: {error.strerror or error}; apply again to go on"
        ) from error
    note(DONE, segments=[each.number for each in touched])
    return Applied(
        len(touched),
        sum(each.frames for each in touched),
        sum(each.others for each in touched),
        sum(each.pieces for each in touched),
        freed,
    )


def _rewrite(folder: Path, plan: SegmentPlan, files: Files) -> int:
    """Write a segment again without what is to go, and put it in place of the old one; bytes freed."""
    path = segment_path(folder, plan.number)
    beside = path.with_name(path.name + ".new")
    with open_segment(folder, plan.number, None, files) as segment:
        if segment is None or not segment.ended:
            raise RecordError(f"segment {plan.number} has not been ended: it cannot be thinned")
        before = segment.size()
        file = files.open_append(beside)
        try:
            file.truncate(0)
            for block in _thinned(segment, plan):
                file.append(block)
            file.sync()
        finally:
            file.close()
        reading = files.open_read(beside)
        try:
            _check_same(segment, reading, plan.number)
            after = reading.size()
        finally:
            reading.close()
    files.replace(beside, path)
    files.sync_folder(path.parent)
    return before - after


def _thinned(segment: SegmentFile, plan: SegmentPlan) -> Iterator[bytes]:
    encoder = SegmentEncoder(replace(segment.head, thinned=True))
    yield encoder.encode_head()
    for group in segment.groups():
        if isinstance(group, Broken):
            raise RecordError(f"segment {plan.number} is damaged from byte {group.start}: nothing of it is deleted")
        yield encoder.encode_copy(group, segment.body(group), plan.hiding.get(group.seal.descriptor.first_leaf))
    yield encoder.encode_end()


def _check_same(old: SegmentFile, file: ReadFile, number: int) -> None:
    """Whether the new segment holds, and adds the very leaves to the log that the old one added."""
    head = read_head(file)
    found = list(scan(file, file.size())) if head is not None else []
    channels = fixed_channels()
    before = [leaf for each in old.groups() if not isinstance(each, Broken) for leaf in each.seal.leaves()]
    after: list[bytes] = []
    for each in found:
        if isinstance(each, Broken):
            raise RecordError(f"segment {number} could not be written again as it must be")
        check_group(each.seal, file.read(each.body, each.seal.length), channels)
        after += each.seal.leaves()
    if before != after or head != replace(old.head, thinned=True) or not end_is_sound(file) or file.size() < HEAD_BYTES:
        raise RecordError(f"segment {number} could not be written again as it must be")
