"""ASTERIX: where blocks, records and items stand in a buffer, and the bits of one field of many records.

Layouts are rows of an int64 array, one row an FRN or a sub-item: (layout, octets of a part, first child row, number of
children, slot). Layout numbers are those of `codecs.asterix.specification.Layout`.
Item offsets are counted from their record's first octet and fit uint16, as a block has a 16-bit length; 0 is absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from luchtwacht.kernels._jit import Array, kernel

FIXED, EXTENDED, REPETITIVE, CHAIN, COMPOUND, EXPLICIT, RANDOM = range(7)

WHOLE, PAST_BLOCK, SPARE_BIT, NO_ITEMS, BAD_LENGTH, NO_SELECTOR = range(6)
"""What is wrong with a record: nothing; it runs past its block; a presence bit without an item; no item at all; an
explicit length of 0; the item that selects the order of items is missing."""


@kernel
def _octet(buffer: Array, at: int) -> Any:
    """One octet as a signed number: numba makes float64 of sums of signed and unsigned."""
    return np.int64(buffer[at])


@kernel
def split_blocks(buffer: Array, start: Array, stop: Array, blocks: Array) -> int:
    """Find the blocks (category, length, records) of each frame.

    Args:
        buffer: (b,) uint8.
        start: (n,) int64, first octet of each frame.
        stop: (n,) int64, one past its last octet.
        blocks: (m, 4) int64, filled with category, first octet after the header, one past the last octet, frame.
            A last block that has no whole header, or a length below 3 or past the frame, gets category -1, -2 or -3
            and reaches to the end of the frame.

    Returns: how many blocks there are; rows beyond `m` are counted and not written.
    """
    count = 0
    for frame in range(len(start)):
        at = start[frame]
        while at < stop[frame]:
            left = stop[frame] - at
            length = left
            if left < 3:
                category = -1
            else:
                category = _octet(buffer, at)
                length = (_octet(buffer, at + 1) << 8) | _octet(buffer, at + 2)
                if length < 3:
                    category, length = -2, left
                elif length > left:
                    category, length = -3, left
            if count < len(blocks):
                blocks[count, 0] = category
                blocks[count, 1] = min(at + 3, stop[frame])
                blocks[count, 2] = at + length
                blocks[count, 3] = frame
            count += 1
            at += length
    return count


@kernel
def _item_end(buffer: Array, at: int, stop: int, layout: int, octets: int) -> int:
    """One past an item that is not compound; -1 when it runs past `stop`, -2 when its length is 0."""
    if layout == FIXED:
        end = at + octets
    elif at >= stop:
        return -1
    elif layout == REPETITIVE:
        end = at + 1 + _octet(buffer, at) * octets
    elif layout == EXPLICIT:
        if buffer[at] == 0:
            return -2
        end = at + _octet(buffer, at)
    else:  # extended and chain: parts until one ends in 0
        end = at + octets
        while end <= stop and buffer[end - 1] & 1:
            end += octets
    return end if end <= stop else -1


@kernel
def _compound_end(buffer: Array, at: int, stop: int, layout: Array, row: int) -> int:
    """One past a compound item; -1 when it runs past `stop`, -2 for a length of 0, -3 for a spare presence bit."""
    first, children = layout[row, 2], layout[row, 3]
    end = at
    while True:
        if end >= stop:
            return -1
        end += 1
        if not buffer[end - 1] & 1:
            break
    octets = end - at
    for octet in range(octets):
        present = buffer[at + octet]
        for bit in range(7):
            if present & (0x80 >> bit):
                child = octet * 7 + bit
                if child >= children or layout[first + child, 0] < 0:
                    return -3
                end = _item_end(buffer, end, stop, layout[first + child, 0], layout[first + child, 1])
                if end < 0:
                    return end
    return end


@kernel
def index_compound(buffer: Array, at: Array, stop: Array, layout: Array, row: int, offsets: Array) -> None:
    """Where the sub-items of one compound item stand, in many records that were found whole.

    Args:
        buffer: (b,) uint8.
        at: (n,) int64, first octet of the item; -1 where it is absent.
        stop: (n,) int64, a bound on its end.
        layout: (r, 5) int64.
        row: the item's row in `layout`.
        offsets: (children, n) uint16, filled with offsets from `at`.
    """
    first = layout[row, 2]
    for record in range(len(at)):
        if at[record] < 0:
            continue
        end = at[record]
        while buffer[end] & 1:
            end += 1
        octets = end + 1 - at[record]
        end += 1
        for octet in range(octets):
            present = buffer[at[record] + octet]
            for bit in range(7):
                if present & (0x80 >> bit):
                    child = octet * 7 + bit
                    offsets[child, record] = end - at[record]
                    end = _item_end(buffer, end, stop[record], layout[first + child, 0], layout[first + child, 1])


@kernel
def _record_end(
    buffer: Array,
    start: int,
    stop: int,
    layout: Array,
    frns: int,
    selector: int,
    mask: int,
    offsets: Array,
    record: int,
    wrong: Array,
) -> int:
    """Index one record; return one past it, or -1 with `wrong` = (what, row, octet)."""
    fspec = start
    while fspec < stop and buffer[fspec] & 1:
        fspec += 1
    wrong[1], wrong[2] = -1, fspec
    if fspec >= stop:
        wrong[0] = PAST_BLOCK
        return -1
    at = fspec + 1
    base = 0
    empty = True
    for octet in range(at - start):
        present = buffer[start + octet]
        for bit in range(7):
            if not present & (0x80 >> bit):
                continue
            empty = False
            frn = octet * 7 + bit
            row = base + frn
            wrong[1], wrong[2] = row, at
            if frn >= frns or layout[row, 0] < 0:
                wrong[0], wrong[1] = SPARE_BIT, -1 - frn
                return -1
            if selector >= 0 and frn > selector and offsets[layout[selector, 4], record] == 0:
                wrong[0] = NO_SELECTOR
                return -1
            rounds = 1
            if layout[row, 0] == RANDOM:
                if at >= stop:
                    wrong[0] = PAST_BLOCK
                    return -1
                rounds = _octet(buffer, at)
                at += 1
            for _ in range(rounds):
                if layout[base + frn, 0] == RANDOM:
                    if at >= stop:
                        wrong[0] = PAST_BLOCK
                        return -1
                    row = base + _octet(buffer, at) - 1
                    if row < base or row >= base + frns or layout[row, 0] < 0 or layout[row, 0] == RANDOM:
                        wrong[0], wrong[1] = SPARE_BIT, base - row - 1
                        return -1
                    at += 1
                if layout[row, 0] == COMPOUND:
                    end = _compound_end(buffer, at, stop, layout, row)
                else:
                    end = _item_end(buffer, at, stop, layout[row, 0], layout[row, 1])
                if end < 0:
                    wrong[0] = PAST_BLOCK if end == -1 else (BAD_LENGTH if end == -2 else SPARE_BIT)
                    wrong[1], wrong[2] = row, at
                    return -1
                if offsets[layout[row, 4], record] == 0:  # what comes twice counts as it came first
                    offsets[layout[row, 4], record] = at - start
                if frn == selector and base == 0 and buffer[at] & mask:
                    base = frns
                at = end
    if empty:
        wrong[0] = NO_ITEMS
        return -1
    return at


@kernel
def index_records(
    buffer: Array,
    blocks: Array,
    first: int,
    layout: Array,
    frns: int,
    selector: int,
    mask: int,
    starts: Array,
    stops: Array,
    block: Array,
    offsets: Array,
    wrong: Array,
    found: int,
) -> tuple[int, int]:
    """Find records and their items in blocks of one category, for as long as the columns have room.

    Args:
        buffer: (b,) uint8.
        blocks: (m, 4) int64 as `split_blocks` writes them, all of the category.
        first: the block to go on with.
        layout: (r, 5) int64; rows from 0 the FRNs, from `frns` those of the alternative order when `selector` >= 0.
        frns: number of FRNs.
        selector: row of the item that selects the order, or -1.
        mask: its bit.
        starts: (c,) int64, filled with each record's first octet.
        stops: (c,) int64, filled with one past its last.
        block: (c,) int64, filled with its row in `blocks`.
        offsets: (slots, c) uint16, zeroed; filled with each item's offset.
        wrong: (m, 3) int64, zeroed; filled for a block whose records could not all be read with what is wrong, the
            layout row (for a spare FRN, -FRN) and the octet. The records before it are kept.
        found: records so far.

    Returns: the block to go on with (m when done) and the records so far.
    """
    for row in range(first, len(blocks)):
        at, stop = blocks[row, 1], blocks[row, 2]
        if found + (stop - at) // 2 + 1 > len(starts):
            return row, found
        while at < stop:
            end = _record_end(buffer, at, stop, layout, frns, selector, mask, offsets, found, wrong[row])
            if end < 0:
                for slot in range(len(offsets)):
                    offsets[slot, found] = 0
                break
            starts[found], stops[found], block[found] = at, end, row
            found += 1
            at = end
    return len(blocks), found


@kernel
def _bits(buffer: Array, at: int, bit: int, bits: int) -> Any:
    """`bits` (at most 56) from bit `bit` after octet `at`, the most significant first."""
    octet = at + (bit >> 3)
    last = at + ((bit + bits - 1) >> 3)
    value: Any = np.int64(0)
    while octet <= last:
        value = (value << 8) | _octet(buffer, octet)
        octet += 1
    value >>= 7 - ((bit + bits - 1) & 7)
    return value & ((np.int64(1) << bits) - 1)


@kernel
def _is_there(buffer: Array, at: int, part: int, when_bit: int, when_bits: int, when_value: int) -> bool:
    """Whether an item is present, reaches to its `part`, and its selecting field has the value wanted."""
    if at < 0:
        return False
    for earlier in range(part):
        if not buffer[at + earlier] & 1:
            return False
    return when_bits == 0 or _bits(buffer, at, when_bit, when_bits) == when_value


@kernel
def gather_codes(
    buffer: Array, at: Array, part: int, bit: int, bits: int, when_bit: int, when_bits: int, when_value: int
) -> Array:
    """One field of many items as int64, -1 where absent.

    Args:
        buffer: (b,) uint8.
        at: (n,) int64, first octet of each item, -1 where it is absent.
        part: for an extended item, the octet that holds the field: the field is absent when an FX before it is 0.
        bit: the field's first bit, counted from the item's first.
        bits: its length, at most 56.
        when_bit, when_bits, when_value: the field is absent unless these bits have this value; no condition when
            `when_bits` is 0.
    """
    values = np.empty(len(at), dtype=np.int64)
    for row in range(len(at)):
        if _is_there(buffer, at[row], part, when_bit, when_bits, when_value):
            values[row] = _bits(buffer, at[row], bit, bits)
        else:
            values[row] = -1
    return values


@kernel
def gather_quantities(
    buffer: Array,
    at: Array,
    part: int,
    bit: int,
    bits: int,
    when_bit: int,
    when_bits: int,
    when_value: int,
    signed: bool,
    lsb: float,
) -> Array:
    """As `gather_codes`, scaled by `lsb`: float64, NaN where absent. `signed` is two's complement."""
    values = np.empty(len(at), dtype=np.float64)
    for row in range(len(at)):
        if _is_there(buffer, at[row], part, when_bit, when_bits, when_value):
            raw = _bits(buffer, at[row], bit, bits)
            if signed and raw >> (bits - 1):
                raw -= np.int64(1) << bits
            values[row] = raw * lsb
        else:
            values[row] = np.nan
    return values


@kernel
def gather_characters(buffer: Array, at: Array, bit: int, characters: int, size: int) -> Array:
    """Text of many items as (n, characters) uint32 code points, zeros after the last that is not a space or NUL.

    `size` 8 is ASCII; 6 is the ICAO alphabet (letters from 1, space 32, digits from 48). What is in neither becomes
    U+FFFD.
    """
    values = np.zeros((len(at), characters), dtype=np.uint32)
    for row in range(len(at)):
        if at[row] < 0:
            continue
        length = 0
        for place in range(characters):
            character = _bits(buffer, at[row], bit + place * size, size)
            if size == 6 and 1 <= character <= 26:
                character += 64
            elif character == 0:
                character = 32
            elif (size == 6 and character != 32 and not 48 <= character <= 57) or not 32 <= character < 127:
                character = 0xFFFD
            values[row, place] = character
            if character != 32:
                length = place + 1
        for place in range(length, characters):
            values[row, place] = 0
    return values


@kernel
def find_elements(buffer: Array, at: Array, layout: int, octets: int) -> tuple[Array, Array]:
    """Where the elements of a repetitive, chain or explicit item stand.

    Args:
        buffer: (b,) uint8.
        at: (n,) int64, first octet of each item, -1 where it is absent.
        layout: one of the three.
        octets: of an element; 1 for an explicit item.

    Returns: (n + 1,) int64, row i has elements offsets[i] to offsets[i + 1]; and the first octet of each element.
    """
    offsets = np.zeros(len(at) + 1, dtype=np.int64)
    for row in range(len(at)):
        count = 0
        if at[row] >= 0:
            if layout == CHAIN:
                count = 1
                while buffer[at[row] + count * octets - 1] & 1:
                    count += 1
            else:
                count = _octet(buffer, at[row]) - (1 if layout == EXPLICIT else 0)
        offsets[row + 1] = offsets[row] + count
    places = np.empty(offsets[-1], dtype=np.int64)
    for row in range(len(at)):
        head = 0 if layout == CHAIN else 1
        for element in range(offsets[row + 1] - offsets[row]):
            places[offsets[row] + element] = at[row] + head + element * octets
    return offsets, places


def warm() -> Iterator[str]:
    """Compile, or load from the cache, every kernel for the types `codecs.asterix` calls it with, naming each step.

    One block with one fixed, one repetitive and one compound item is enough.
    """
    buffer = np.frombuffer(b"\x30\x00\x06\x80\x01\x00", dtype=np.uint8)
    edges = np.array([[0], [len(buffer)]])
    edges.flags.writeable = False
    layout = np.array([[FIXED, 1, 0, 0, 0]])
    yield "ASTERIX blocks"
    blocks = np.empty((1, 4), dtype=np.int64)
    split_blocks(buffer, edges[0], edges[1], blocks)
    yield "ASTERIX records"
    columns = np.zeros((3, 8), dtype=np.int64)
    offsets, wrong = np.zeros((1, 8), dtype=np.uint16), np.zeros((1, 3), dtype=np.int64)
    index_records(buffer, blocks, 0, layout, 1, -1, 0, columns[0], columns[1], columns[2], offsets, wrong, 0)
    yield "ASTERIX items"
    at = np.full(1, -1, dtype=np.int64)
    index_compound(buffer, at, at, layout, 0, offsets)
    gather_codes(buffer, at, 0, 0, 8, 0, 0, 0)
    gather_quantities(buffer, at, 0, 0, 8, 0, 0, 0, False, 1.0)
    gather_characters(buffer, at, 0, 1, 8)
    find_elements(buffer, at, REPETITIVE, 1)
