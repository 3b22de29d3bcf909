"""Bytes to records: blocks, then records and items, then gates; columns are gathered when asked for.

Rules, in this order:

1. A frame is a row of blocks. What does not hold a whole block is refused, and the frames after it go on.
2. Blocks of a category that is not read are refused as unsupported, those of one frame as one.
3. A record that does not fit its category's table, or whose time or position cannot be, is refused together with the
   rest of its block: nothing marks where the next record would begin. The records before it are kept.
4. A refused block, and the refused rest of a block, takes one place in the frame's count of records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.asterix.categories import plan_for
from luchtwacht.codecs.asterix.plan import Plan
from luchtwacht.codecs.asterix.records import Records
from luchtwacht.kernels import asterix as kernels
from luchtwacht.model import Frames, Ints, Reason, Rejection

_FRAMING = {
    -1: "{left} octets are left, fewer than the header of a block",
    -2: "a block says it is {length} octets long, fewer than its header",
    -3: "a block of category {category} says it is {length} octets long where {left} are left",
}
_WRONG = {
    kernels.PAST_BLOCK: (Reason.TRUNCATED, "the record runs past the end of its block"),
    kernels.SPARE_BIT: (Reason.MALFORMED, "a presence bit is set that stands for no item"),
    kernels.NO_ITEMS: (Reason.MALFORMED, "the record holds no item"),
    kernels.BAD_LENGTH: (Reason.MALFORMED, "the item says it is 0 octets long"),
    kernels.NO_SELECTOR: (Reason.MALFORMED, "the item is missing that tells in what order the others come"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What was in the frames."""

    categories: dict[int, Records]
    """in order of category; only those of which there are records"""
    rejections: tuple[Rejection, ...]
    """in order of frame and place"""


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why the rest of a block was refused."""

    within: int
    """place in the block"""
    reason: Reason
    item: str
    detail: str
    count: int = 1
    """records it stands for"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The records of one category before they have their places in the frame."""

    records: Records
    rows: Ints
    """(m,) the category's rows in the table of all blocks"""
    block: Ints
    """(n,) index into `rows` of each record's block"""
    within: Ints
    """(n,) place of each record in its block"""
    refused: dict[int, _Fault]
    """by index into `rows`"""
    places: Ints
    """(m,) places each block takes in its frame"""


def decode(frames: Frames, *, editions: Mapping[int, str] | None = None) -> Decoded:
    """Every record in `frames`.

    Args:
        frames: each a UDP datagram or any other row of whole blocks.
        editions: edition by category, where it is not the first in `categories.CATEGORIES`.

    Returns: records by category, and what was refused. Nothing in the bytes raises. Values are in the standard's units.
        Not checked: that the edition is the one the sender used, beyond what does not fit or cannot be.

    Raises:
        BadConfiguration: an edition is asked for that is not there.
    """
    for number in editions or {}:
        plan_for(number, editions)
    buffer = np.frombuffer(frames.buffer, dtype=np.uint8)
    blocks = np.empty((kernels.split_blocks(buffer, frames.start, frames.stop, _NO_BLOCKS), 4), dtype=np.int64)
    kernels.split_blocks(buffer, frames.start, frames.stop, blocks)
    found = {
        number: _find(plan, buffer, blocks, np.flatnonzero(blocks[:, 0] == number))
        for number in np.unique(blocks[:, 0]).tolist()
        if number >= 0 and (plan := plan_for(number, editions)) is not None
    }
    places = np.ones(len(blocks), dtype=np.int64)
    unread = np.ones(len(blocks), dtype=np.bool_)
    for each in found.values():
        places[each.rows], unread[each.rows] = each.places, False
    first = _first_places(blocks[:, 3], places)
    rejections: list[tuple[int, Rejection]] = []
    categories: dict[int, Records] = {}
    for number, each in found.items():
        block = each.rows[each.block]
        each.records.frame = _frozen(blocks[block, 3])
        each.records.record = _frozen(first[block] + each.within)
        if len(each.records):
            categories[number] = each.records
        for index, fault in each.refused.items():
            row = int(each.rows[index])
            place = int(first[row]) + fault.within
            why = fault.reason, fault.item, fault.detail, fault.count
            rejections.append((row, _rejection(frames, int(blocks[row, 3]), place, *why)))
    for row, count in _alike(blocks, np.flatnonzero(unread)):
        rejections.append((row, _refused_block(frames, buffer, blocks, row, int(first[row]), count)))
    rejections.sort(key=lambda each: each[0])
    empty = np.flatnonzero(frames.start == frames.stop).tolist()
    refused = [_rejection(frames, row, -1, Reason.TRUNCATED, "", "the frame is empty") for row in empty]
    refused += [each for _, each in rejections]
    refused.sort(key=lambda each: each.frame)
    return Decoded(categories=categories, rejections=tuple(refused))


_NO_BLOCKS = np.empty((0, 4), dtype=np.int64)


def _frozen(values: Ints) -> Ints:
    """Read-only from here on."""
    values.flags.writeable = False
    return values


def _first_places(frame: Ints, places: Ints) -> Ints:
    """(m,) the place in its frame of each block's first record."""
    before = np.cumsum(places) - places
    if not len(before):
        return before
    first_of_frame = np.concatenate([[True], frame[1:] != frame[:-1]])
    start = np.flatnonzero(first_of_frame)
    firsts: Ints = before - before[start][np.cumsum(first_of_frame) - 1]
    return firsts


def _find(plan: Plan, buffer: NDArray[np.uint8], all_blocks: Ints, rows: Ints) -> _Found:
    """The records in the category's blocks, and what is wrong with the blocks."""
    blocks = np.ascontiguousarray(all_blocks[rows])
    lengths = blocks[:, 2] - blocks[:, 1]
    capacity = int(lengths.sum()) // 16 + int(lengths.max()) // 2 + 2
    wrong = np.zeros((len(blocks), 3), dtype=np.int64)
    starts, stops, block = (np.empty(0, dtype=np.int64) for _ in range(3))
    offsets = np.empty((len(plan.slots), 0), dtype=np.uint16)
    done, count = 0, 0
    while done < len(blocks):
        starts, stops, block = (np.resize(each, capacity) for each in (starts, stops, block))
        offsets = np.concatenate(
            [offsets[:, :count], np.zeros((len(plan.slots), capacity - count), dtype=np.uint16)], axis=1
        )
        done, count = kernels.index_records(
            buffer,
            blocks,
            done,
            plan.layout,
            plan.frns,
            plan.selector,
            plan.mask,
            starts,
            stops,
            block,
            offsets,
            wrong,
            count,
        )
        capacity = 2 * capacity
    starts, stops, block = starts[:count], stops[:count], block[:count]
    records = Records(plan, buffer, starts, stops, offsets[:, :count])
    per_block = np.bincount(block, minlength=len(blocks))
    within = np.arange(count, dtype=np.int64) - (np.cumsum(per_block) - per_block)[block]
    refused = {
        index: _describe(plan, blocks[index], wrong[index], int(per_block[index]))
        for index in np.flatnonzero(wrong[:, 0]).tolist()
    }
    places = per_block + (wrong[:, 0] > 0)
    kept = _gate(plan, records, block, within, places, refused)
    if kept is not None:
        records, block, within = records.take(kept), block[kept], within[kept]
        for index, fault in refused.items():
            places[index] = fault.within + 1
    return _Found(records=records, rows=rows, block=block, within=within, refused=refused, places=places)


def _describe(plan: Plan, block: Ints, wrong: Ints, within: int) -> _Fault:
    """What is wrong with a record, in words."""
    what, row, octet = (int(each) for each in wrong)
    reason, sentence = _WRONG[what]
    number, edition = plan.category.number, plan.category.edition
    item = plan.item_at(row)
    if what == kernels.SPARE_BIT and row < 0:
        sentence += f" (number {-row})"
    where = f"octet {octet - int(block[1]) + 3} of the block"
    detail = f"{sentence}, at {where}; is the source's edition of CAT{number:03d} {edition}?"
    return _Fault(within, reason, item, detail)


def _gate(
    plan: Plan,
    records: Records,
    block: Ints,
    within: Ints,
    units: Ints,
    refused: dict[int, _Fault],
) -> NDArray[np.bool_] | None:
    """Refuse records whose time or position cannot be, and those after them in their block; none when all can be.

    Args:
        units: (m,) records of each block, with one for a broken rest.
        refused: written to.
    """
    first = np.full(len(units), np.iinfo(np.int64).max)
    for column in plan.gates:
        assert column.field.plausible is not None
        low, high = column.field.plausible
        values = records[column.name]
        for row in np.flatnonzero((values < low) | (values > high)).tolist():
            index, place = int(block[row]), int(within[row])
            if place < first[index]:
                first[index] = place
                unit = f" {column.field.unit}"
                detail = f"{values[row]:.10g}{unit} cannot be: it must lie between {low:g} and {high:g}{unit}"
                refused[index] = _Fault(place, Reason.IMPLAUSIBLE, column.name, detail, int(units[index]) - place)
    kept: NDArray[np.bool_] = within < first[block]
    return None if kept.all() else kept


def _alike(blocks: Ints, rows: Ints) -> list[tuple[int, int]]:
    """The first of each frame's blocks of one category, and how many there are, in order."""
    key = blocks[rows, 3] * 512 + blocks[rows, 0]
    _, firsts, counts = np.unique(key, return_index=True, return_counts=True)
    return sorted(zip(rows[firsts].tolist(), counts.tolist(), strict=True))


def _refused_block(
    frames: Frames, buffer: NDArray[np.uint8], blocks: Ints, row: int, place: int, count: int
) -> Rejection:
    """Why a block was not read at all; `count` blocks of its frame for the same reason."""
    category, _, stop, frame = (int(each) for each in blocks[row])
    if category >= 0:
        detail = f"ASTERIX category {category} is not read"
        return _rejection(frames, frame, place, Reason.UNSUPPORTED, f"CAT{category:03d}", detail, count)
    first = int(frames.start[frame]) if row == 0 or blocks[row - 1, 3] != frame else int(blocks[row - 1, 2])
    head = buffer[first : min(first + 3, stop)].tolist()
    length = (head[1] << 8 | head[2]) if len(head) == 3 else 0
    detail = _FRAMING[category].format(left=stop - first, length=length, category=head[0])
    reason = Reason.MALFORMED if category == -2 else Reason.TRUNCATED
    whole = first == int(frames.start[frame])
    return _rejection(frames, frame, -1 if whole else place, reason, "", detail)


def _rejection(
    frames: Frames, frame: int, record: int, reason: Reason, item: str, detail: str, count: int = 1
) -> Rejection:
    """With the frame's number and source."""
    return Rejection(
        frame=int(frames.sequence[frame]),
        record=record,
        source=int(frames.source[frame]),
        reason=reason,
        item=item,
        detail=detail,
        count=count,
    )
