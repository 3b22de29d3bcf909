"""Blocks to records: a few passes over the whole buffer, whatever the number of frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from luchtwacht.codecs.asterix.categories import CATEGORIES
from luchtwacht.codecs.asterix.plan import Plan, plan_of
from luchtwacht.codecs.asterix.records import Records
from luchtwacht.codecs.asterix.specification import Category
from luchtwacht.kernels.asterix_index import index_records, split_blocks
from luchtwacht.model import Frames, Ints, Reason, Rejection

_BLOCK_FAULTS = {
    1: (Reason.TRUNCATED, "{left} octets are left, and a block begins with three"),
    2: (Reason.TRUNCATED, "a block says it is {length} octets long, and {left} are left"),
}
_RECORD_FAULTS = {
    3: (Reason.TRUNCATED, "a record goes on past the end of its block, in {item}"),
    4: (Reason.MALFORMED, "a field specification does not end, in {item}"),
    5: (Reason.MALFORMED, "{item} is said to be there, and edition {edition} has no such item"),
    6: (Reason.MALFORMED, "{item} says it is 0 octets long"),
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What some frames held."""

    categories: dict[int, Records]
    """in order of category; only those that hold records"""
    rejections: tuple[Rejection, ...]
    """in order of frame and place"""


def decode(frames: Frames, *, categories: Mapping[int, Category] = CATEGORIES) -> Decoded:
    """Decode all blocks of all frames.

    Never raises for bad bytes: a broken record and the rest of its block become one rejection, the next block goes on.

    Args:
        frames: any number of frames, each with any number of blocks of any categories.
        categories: which editions are meant, by number.
    """
    buffer = np.frombuffer(frames.buffer, dtype=np.uint8)
    octets = int((frames.stop - frames.start).sum())
    blocks = np.empty((octets // 3 + 1, 4), dtype=np.int64)
    broken = np.empty((len(frames), 3), dtype=np.int64)
    n_blocks, n_broken = split_blocks(buffer, frames.start, frames.stop, blocks, broken)
    blocks = blocks[:n_blocks].copy()
    rejections = [_block_rejection(frames, row) for row in broken[:n_broken].tolist()]
    found: dict[int, tuple[Records, Ints]] = {}
    for number in np.unique(blocks[:, 1]).tolist():
        mine = np.flatnonzero(blocks[:, 1] == number)
        if number not in categories:
            rejections += _unknown(frames, blocks[mine], number, categories)
            continue
        records, begin, refused = _records(frames, buffer, blocks[mine], plan_of(categories[number]))
        rejections += refused
        if len(records):
            found[number] = (records, begin)
    numbered = _number_within_frames(found)
    kept = {}
    for number, records in numbered.items():
        good, refused = _plausible(records, frames)
        rejections += refused
        if len(good):
            kept[number] = good
    return Decoded(kept, tuple(sorted(rejections, key=lambda each: (each.frame, each.record, each.item))))


def _records(frames: Frames, buffer: np.ndarray, blocks: Ints, plan: Plan) -> tuple[Records, Ints, list[Rejection]]:
    """The records of one category's blocks, where each begins, and what was refused."""
    nodes = len(plan.nodes)
    faults = np.empty((len(blocks), 4), dtype=np.int64)
    nothing = np.empty((0, 2), dtype=np.int64)
    no_items = np.empty((0, nodes), dtype=np.int64)
    count, _ = index_records(buffer, blocks, plan.order, plan.nodes, plan.children, nothing, no_items, no_items, faults)
    records = np.empty((count + 1, 2), dtype=np.int64)
    offsets = np.full((count + 1, nodes), -1, dtype=np.int64)
    extents = np.zeros((count + 1, nodes), dtype=np.int64)
    count, n_faults = index_records(
        buffer, blocks, plan.order, plan.nodes, plan.children, records, offsets, extents, faults
    )
    made = Records(
        plan=plan,
        frame=blocks[records[:count, 0], 0],
        record=np.zeros(count, dtype=np.int64),
        buffer=buffer,
        offsets=offsets[:count],
        extents=extents[:count],
    )
    rejections = [_record_rejection(frames, blocks, plan, row) for row in faults[:n_faults].tolist()]
    return made, records[:count, 1], rejections


def _number_within_frames(found: dict[int, tuple[Records, Ints]]) -> dict[int, Records]:
    """Give each record its place in its frame, counted over the blocks of all categories in order of their bytes."""
    if not found:
        return {}
    frame = np.concatenate([records.frame for records, _ in found.values()])
    begin = np.concatenate([begin for _, begin in found.values()])
    order = np.lexsort((begin, frame))
    new_frame = np.concatenate([np.ones(1, dtype=np.bool_), np.diff(frame[order]) != 0])
    first = np.maximum.accumulate(np.where(new_frame, np.arange(len(frame)), 0))
    place = np.empty(len(frame), dtype=np.int64)
    place[order] = np.arange(len(frame)) - first
    numbered, done = {}, 0
    for number, (records, _) in found.items():
        mine = place[done : done + len(records)]
        done += len(records)
        numbered[number] = Records(records.plan, records.frame, mine, records.buffer, records.offsets, records.extents)
    return numbered


def _plausible(records: Records, frames: Frames) -> tuple[Records, list[Rejection]]:
    """The records whose values can be, and a rejection for each that cannot."""
    refused: list[Rejection] = []
    fine = np.ones(len(records), dtype=np.bool_)
    for name, places in records.plan.columns.items():
        limits = places[0].field.plausible
        if limits is None or places[0].grouped or name not in records:
            continue
        values = records[name]
        with np.errstate(invalid="ignore"):
            wrong = fine & ((values < limits[0]) | (values > limits[1]))
        for row in np.flatnonzero(wrong).tolist():
            unit = places[0].field.unit
            refused.append(
                _rejection(
                    frames,
                    int(records.frame[row]),
                    Reason.IMPLAUSIBLE,
                    name,
                    f"{values[row]:g} {unit} cannot be: {limits[0]:g} to {limits[1]:g} {unit}; is it another edition?",
                    record=int(records.record[row]),
                )
            )
        fine &= ~wrong
    return (records if fine.all() else records.take(fine)), refused


def _rejection(
    frames: Frames, row: int, reason: Reason, item: str, detail: str, *, record: int = -1, count: int = 1
) -> Rejection:
    return Rejection(
        frame=int(frames.sequence[row]),
        record=record,
        source=int(frames.source[row]),
        reason=reason,
        item=item,
        detail=detail,
        count=count,
    )


def _block_rejection(frames: Frames, row: list[int]) -> Rejection:
    frame, fault, place = row
    reason, text = _BLOCK_FAULTS[fault]
    left = int(frames.stop[frame]) - place
    head = frames.buffer[place : place + 3]
    length = int.from_bytes(head[1:3], "big") if len(head) == 3 else 0
    if fault == 2 and length < 3:
        reason, text = Reason.MALFORMED, "a block says it is {length} octets long, less than its own head"
    return _rejection(frames, frame, reason, "block", text.format(left=left, length=length))


def _record_rejection(frames: Frames, blocks: Ints, plan: Plan, row: list[int]) -> Rejection:
    block, fault, place, node = row
    reason, text = _RECORD_FAULTS[fault]
    item = plan.names[node] if node >= 0 else "its field specification" if node == -1 else f"FRN {-1 - node}"
    detail = text.format(item=item, edition=plan.category.edition)
    at = place - int(frames.start[blocks[block, 0]])
    return _rejection(
        frames,
        int(blocks[block, 0]),
        reason,
        plan.names[node] if node >= 0 else plan.category.key,
        f"{detail}; the record at octet {at} and the rest of its block were left out",
    )


def _unknown(frames: Frames, blocks: Ints, number: int, categories: Mapping[int, Category]) -> list[Rejection]:
    inside, counts = np.unique(blocks[:, 0], return_counts=True)
    known = ", ".join(f"{each:03d}" for each in sorted(categories))
    return [
        _rejection(
            frames,
            int(frame),
            Reason.UNSUPPORTED,
            f"CAT{number:03d}",
            f"blocks of category {number:03d} are not read; those that are: {known}",
            count=int(count),
        )
        for frame, count in zip(inside, counts, strict=True)
    ]
