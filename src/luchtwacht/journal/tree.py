"""The Merkle tree of RFC 6962, section 2.1: hashes, proofs and their checks. Nothing here reads or writes anything.

A tree of `size` leaves is a row of perfect subtrees, largest first. The hash of the perfect subtree of height `level`
whose leaves start at `index << level` is stored at `(level, index)`. A proof is made in two steps: first its wants (a
list of such places, from arithmetic alone), then, once somebody has fetched those hashes, the proof itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import pairwise

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""RFC 6962, 2.1: MTH({}) = SHA-256()"""

Place = tuple[int, int]
"""(level, index): the perfect subtree over leaves index << level to (index + 1) << level"""
Fetch = Callable[[Sequence[Place]], Sequence[bytes]]
"""Gives the stored hashes at the places wanted, in that order"""


def hash_leaf(content: bytes) -> bytes:
    """SHA-256(0x00 || content)."""
    return sha256(b"\x00" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


_NODE = sha256(b"\x01")
"""begun once: a copy of it costs less than a new one"""


def join_pairs(row: bytes) -> bytes:
    """The hashes of neighbouring pairs of a row of hashes; an odd last one is left out."""
    even = len(row) - len(row) % (2 * HASH_BYTES)
    begin, joined = _NODE.copy, []
    for at in range(0, even, 2 * HASH_BYTES):
        node = begin()
        node.update(row[at : at + 2 * HASH_BYTES])
        joined.append(node.digest())
    return b"".join(joined)


def rows_over(row: bytes, height: int) -> list[bytes]:
    """A row of hashes, and those of the perfect subtrees above it up to a height, one row a height."""
    rows = [row]
    while len(rows) <= height:
        rows.append(join_pairs(rows[-1]))
    return rows


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes.

    Neighbours are joined level by level and an odd last one moves up: the same tree as RFC 6962's recursive split.
    """
    if not leaves:
        return EMPTY_ROOT
    row = b"".join(leaves)
    while len(row) > HASH_BYTES:
        odd = row[-HASH_BYTES:] if len(row) % (2 * HASH_BYTES) else b""
        row = join_pairs(row) + odd
    return row


def path_in(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` among `leaves`, for a tree small enough to be held whole."""
    path = []
    row = list(leaves)
    while len(row) > 1:
        if index ^ 1 < len(row):
            path.append(row[index ^ 1])
        odd = row[-1:] if len(row) % 2 else []
        row = [hash_node(left, right) for left, right in zip(row[0::2], row[1::2], strict=False)] + odd
        index >>= 1
    return path


def subtrees(start: int, stop: int) -> list[Place]:
    """The perfect subtrees that make up the leaves from `start` to `stop`, left to right.

    `start` must be where a subtree of RFC 6962's split may start: a multiple of the largest power of two not above
    `stop - start`, which holds for every range that its recursion visits.
    """
    places = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring perfect subtrees, given largest first: joined from the right."""
    total = hashes[-1]
    for each in reversed(hashes[:-1]):
        total = hash_node(each, total)
    return total


def fetch_root(size: int, fetch: Fetch) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _fold(fetch(subtrees(0, size))) if size else EMPTY_ROOT


def _split(size: int) -> int:
    """The largest power of two below `size`: RFC 6962's k."""
    return 1 << ((size - 1).bit_length() - 1)


def _inclusion_wants(start: int, stop: int, index: int) -> list[list[Place]]:
    """RFC 6962, 2.1.1: PATH(index, D[start:stop]), each element as the subtrees it is made of, leaf's sibling first."""
    wants: list[list[Place]] = []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            wants.append(subtrees(middle, stop))
            stop = middle
        else:
            wants.append(subtrees(start, middle))
            start = middle
    return wants[::-1]


def _consistency_wants(old: int, new: int) -> list[list[Place]]:
    """RFC 6962, 2.1.2: PROOF(old, D[0:new]), each element as the subtrees it is made of."""
    wants: list[list[Place]] = []
    start, stop = 0, new
    whole = True  # whether D[start:stop] has been one subtree of the old tree all along: its hash is then known
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            wants.append(subtrees(middle, stop))
            stop = middle
        else:
            wants.append(subtrees(start, middle))
            start, whole = middle, False
    if not whole:
        wants.append(subtrees(start, stop))
    return wants[::-1]


def _fetch_proof(wants: list[list[Place]], fetch: Fetch) -> list[bytes]:
    """All hashes in one read, folded to the proof's elements."""
    hashes = fetch([place for element in wants for place in element])
    borders = [0]
    for element in wants:
        borders.append(borders[-1] + len(element))
    return [_fold(hashes[first:last]) for first, last in pairwise(borders)]


def prove_inclusion(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """The audit path (RFC 6962, 2.1.1) of leaf `index` in the tree of the first `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise AssertionError(f"leaf {index} is not in a tree of {size}")
    return _fetch_proof(_inclusion_wants(0, size, index), fetch)


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` shows that the leaf hash `leaf` is at `index` in the tree of `size` leaves under `root`.

    RFC 9162, 2.1.3.2. A path that is too short or too long is refused.
    """
    if not 0 <= index < size:
        return False
    place, last = index, size - 1
    total = leaf
    for each in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            total = hash_node(each, total)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            total = hash_node(total, each)
        place >>= 1
        last >>= 1
    return last == 0 and total == root


Range = tuple[int, int]
"""Leaves from the first to before the last"""


def _outside(start: int, stop: int, ranges: Sequence[Range]) -> list[list[Place]]:
    """The subtrees of RFC 6962's split of D[start:stop] that lie wholly outside `ranges`, left to right."""
    if not ranges:
        return [subtrees(start, stop)]
    if ranges[0][0] <= start and stop <= ranges[0][1]:
        return []
    middle = start + _split(stop - start)
    left, right = _divide(ranges, middle)
    return _outside(start, middle, left) + _outside(middle, stop, right)


def _divide(ranges: Sequence[Range], middle: int) -> tuple[Sequence[Range], Sequence[Range]]:
    """The ranges that reach to the left of `middle`, and those that reach to its right."""
    return (
        ranges[: bisect_left(ranges, middle, key=lambda each: each[0])],
        ranges[bisect_right(ranges, middle, key=lambda each: each[1]) :],
    )


def _are_ranges(ranges: Sequence[Range], size: int) -> bool:
    """Whether these are stretches of a log of `size` leaves, one after another and apart from one another."""
    borders = [border for each in ranges for border in each]
    return bool(ranges) and borders[0] >= 0 and borders[-1] <= size and all(a < b for a, b in pairwise(borders))


def prove_ranges(ranges: Sequence[Range], size: int, fetch: Fetch) -> list[bytes]:
    """What, with the leaves in `ranges`, makes the root of the tree of `size` leaves: hashes left to right.

    At most two hashes a level for each range, however many leaves: so a bundle shows stretches of the record at once.
    """
    if not _are_ranges(ranges, size):
        raise AssertionError(f"these are not ranges of a tree of {size} leaves: {ranges}")
    return _fetch_proof(_outside(0, size, ranges), fetch)


def check_ranges(
    stretches: Sequence[tuple[int, Sequence[bytes]]], size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows that leaf hashes stand in the tree of `size` leaves under `root`.

    Args:
        stretches: index of the first, and the hashes, of each stretch of leaves; apart from one another, ascending.
        size, proof, root: see `prove_ranges`.
    """
    ranges = [(first, first + len(leaves)) for first, leaves in stretches]
    if not _are_ranges(ranges, size) or len(proof) != len(_outside(0, size, ranges)):
        return False
    rest = iter(proof)
    leaves_from = dict(stretches)

    def total(start: int, stop: int, within: Sequence[Range]) -> bytes:
        if not within:
            return next(rest)
        first, last = within[0]
        if first <= start and stop <= last:
            return root_of(leaves_from[first][start - first : stop - first])
        middle = start + _split(stop - start)
        left, right = _divide(within, middle)
        return hash_node(total(start, middle, left), total(middle, stop, right))

    return total(0, size, ranges) == root


def prove_consistency(old: int, new: int, fetch: Fetch) -> list[bytes]:
    """The proof (RFC 6962, 2.1.2) that the tree of `new` leaves only added to the tree of `old`; empty for old 0."""
    if not 0 <= old <= new:
        raise AssertionError(f"a tree of {new} does not extend one of {old}")
    return _fetch_proof(_consistency_wants(old, new), fetch) if 0 < old < new else []


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the tree under `new_root` starts with the very leaves under `old_root`.

    RFC 9162, 2.1.4.2; the empty tree (which must have the empty root) is the start of any tree.
    """
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    was = now = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            was, now = hash_node(each, was), hash_node(each, now)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            now = hash_node(now, each)
        place >>= 1
        last >>= 1
    return last == 0 and was == old_root and now == new_root
