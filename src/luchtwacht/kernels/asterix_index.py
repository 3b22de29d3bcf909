"""Loops over ASTERIX bytes: where blocks, records and items begin, and what stands in their bits (interim)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from luchtwacht.kernels._jit import kernel

Octets = NDArray[np.uint8]
Ints = NDArray[np.int64]

_EXTENDED, _REPETITIVE, _CHAIN, _COMPOUND, _EXPLICIT = 1, 2, 3, 4, 5
_LONGEST_FSPEC = 16


@kernel
def split_blocks(buffer: Octets, start: Ints, stop: Ints, blocks: Ints, faults: Ints) -> tuple[int, int]:
    n_blocks = 0
    n_faults = 0
    for frame in range(len(start)):
        place = start[frame]
        while place < stop[frame]:
            fault = 0
            length = 0
            if place + 3 > stop[frame]:
                fault = 1
            else:
                length = int(buffer[place + 1]) * 256 + int(buffer[place + 2])
                if length < 3 or place + length > stop[frame]:
                    fault = 2
            if fault != 0:
                faults[n_faults, 0] = frame
                faults[n_faults, 1] = fault
                faults[n_faults, 2] = place
                n_faults += 1
                break
            blocks[n_blocks, 0] = frame
            blocks[n_blocks, 1] = buffer[place]
            blocks[n_blocks, 2] = place + 3
            blocks[n_blocks, 3] = place + length
            n_blocks += 1
            place += length
    return n_blocks, n_faults


@kernel
def simple_length(
    buffer: Octets, place: int, stop: int, node: int, nodes: Ints, offsets: Ints, extents: Ints, row: int
) -> int:
    layout = nodes[node, 0]
    octets = nodes[node, 1]
    content = place
    extent = 1
    length = octets
    if layout == _EXTENDED or layout == _CHAIN:  # noqa: SIM109
        while True:
            last = place + extent * octets - 1
            if last >= stop:
                return -3
            if buffer[last] & 1 == 0:
                break
            extent += 1
        length = extent * octets
    elif layout == _REPETITIVE:
        if place >= stop:
            return -3
        extent = int(buffer[place])
        content = place + 1
        length = 1 + extent * octets
    elif layout == _EXPLICIT:
        if place >= stop:
            return -3
        length = int(buffer[place])
        if length < 1:
            return -6
        content = place + 1
        extent = length - 1
    if place + length > stop:
        return -3
    if row >= 0:
        offsets[row, node] = content
        extents[row, node] = extent
    return length


@kernel
def item_length(
    buffer: Octets,
    place: int,
    stop: int,
    node: int,
    nodes: Ints,
    children: Ints,
    offsets: Ints,
    extents: Ints,
    row: int,
) -> int:
    if nodes[node, 0] != _COMPOUND:
        return simple_length(buffer, place, stop, node, nodes, offsets, extents, row)
    head = 0
    while True:
        if place + head >= stop:
            return -3
        more = buffer[place + head] & 1
        head += 1
        if more == 0:
            break
        if head > _LONGEST_FSPEC:
            return -4
    length = head
    for octet in range(head):
        for bit in range(7):
            if buffer[place + octet] & (128 >> bit) == 0:
                continue
            number = octet * 7 + bit
            child = -1
            if number < nodes[node, 3]:
                child = children[nodes[node, 2] + number]
            if child < 0:
                return -5
            inner = simple_length(buffer, place + length, stop, child, nodes, offsets, extents, row)
            if inner < 0:
                return inner
            length += inner
    if row >= 0:
        offsets[row, node] = place
        extents[row, node] = 1
    return length


@kernel
def index_records(
    buffer: Octets,
    blocks: Ints,
    order: Ints,
    nodes: Ints,
    children: Ints,
    records: Ints,
    offsets: Ints,
    extents: Ints,
    faults: Ints,
) -> tuple[int, int]:
    count = 0
    n_faults = 0
    filling = len(records) > 0
    for block in range(len(blocks)):
        place = blocks[block, 2]
        stop = blocks[block, 3]
        while place < stop:
            row = count if filling else -1
            begin = place
            head = 0
            fault = 0
            culprit = -1
            while True:
                if place + head >= stop:
                    fault = 3
                    break
                more = buffer[place + head] & 1
                head += 1
                if more == 0:
                    break
                if head > _LONGEST_FSPEC:
                    fault = 4
                    break
            place = begin + head
            if fault == 0:
                for octet in range(head):
                    for bit in range(7):
                        if fault != 0 or buffer[begin + octet] & (128 >> bit) == 0:
                            continue
                        number = octet * 7 + bit
                        node = -1
                        if number < len(order):
                            node = order[number]
                        if node < 0:
                            fault = 5
                            culprit = -2 - number
                            continue
                        length = item_length(buffer, place, stop, node, nodes, children, offsets, extents, row)
                        if length < 0:
                            fault = -length
                            culprit = node
                        else:
                            place += length
            if fault != 0:
                faults[n_faults, 0] = block
                faults[n_faults, 1] = fault
                faults[n_faults, 2] = begin
                faults[n_faults, 3] = culprit
                n_faults += 1
                if filling:
                    for node in range(len(nodes)):
                        offsets[count, node] = -1
                break
            if filling:
                records[count, 0] = block
                records[count, 1] = begin
            count += 1
    return count, n_faults


@kernel
def gather_bits(buffer: Octets, place: Ints, first_bit: int, bits: int, signed: bool) -> Ints:
    out = np.zeros(len(place), dtype=np.int64)
    octet = first_bit // 8
    lead = first_bit % 8
    octets = (lead + bits + 7) // 8
    spare = octets * 8 - lead - bits
    mask = (1 << bits) - 1
    for row in range(len(place)):
        if place[row] < 0:
            continue
        value = 0
        for step in range(octets):
            value = (value << 8) | int(buffer[place[row] + octet + step])
        value = (value >> spare) & mask
        if signed and value >> (bits - 1):
            value -= 1 << bits
        out[row] = value
    return out
