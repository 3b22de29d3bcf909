from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luchtwacht.journal.tree import (
    EMPTY_ROOT,
    Place,
    check_consistency,
    check_inclusion,
    check_ranges,
    fetch_root,
    hash_leaf,
    hash_node,
    path_in,
    prove_consistency,
    prove_inclusion,
    prove_ranges,
    root_of,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "tlog.json").read_text())
LEAVES = [hash_leaf(f"leaf {number}".encode()) for number in range(600)]


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there: the slow twin."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) <= 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def fetch(places: Sequence[Place]) -> list[bytes]:
    """Stored hashes of LEAVES; asked only for whole subtrees."""
    found = []
    for level, index in places:
        part = LEAVES[index << level : (index + 1) << level]
        assert len(part) == 1 << level
        found.append(mth(part))
    return found


def flips(value: bytes) -> list[bytes]:
    return [
        (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big") for bit in range(0, 8 * len(value), 37)
    ]


def test_roots_of_the_reference_implementation_of_certificate_transparency() -> None:
    # inputs and roots: transparency-dev/merkle, testonly/constants.go, first used by google/certificate-transparency
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    leaves = [hash_leaf(bytes.fromhex(each)) for each in inputs]
    for size, root in enumerate(roots):
        assert root_of(leaves[:size]).hex() == root
    assert EMPTY_ROOT.hex() == roots[0]


def test_roots_and_proofs_agree_with_an_independent_implementation() -> None:
    for size, root in VECTORS["roots"].items():
        assert root_of(LEAVES[: int(size)]).hex() == root
        assert fetch_root(int(size), fetch).hex() == root
    for index, size, proof in VECTORS["inclusion"]:
        assert [each.hex() for each in prove_inclusion(index, size, fetch)] == proof
    for old, new, proof in VECTORS["consistency"]:
        assert [each.hex() for each in prove_consistency(old, new, fetch)] == proof


def test_every_leaf_of_every_small_tree_is_proved_and_nothing_else() -> None:
    for size in range(1, 41):
        root = mth(LEAVES[:size])
        for index in range(size):
            proof = prove_inclusion(index, size, fetch)
            assert proof == path(index, LEAVES[:size]) == path_in(LEAVES[:size], index)
            leaf = LEAVES[index]
            assert check_inclusion(leaf, index, size, proof, root)
            assert not check_inclusion(LEAVES[index + 1], index, size, proof, root)
            assert not check_inclusion(leaf, index, size, [*proof, leaf], root)
            assert not check_inclusion(leaf, index, size, proof, mth(LEAVES[: size + 1]))
            if proof:
                assert not check_inclusion(leaf, index, size, proof[:-1], root)
            for other in range(size):
                if other != index:
                    assert not check_inclusion(leaf, other, size, proof, root)
    assert not check_inclusion(LEAVES[0], -1, 1, [], LEAVES[0])
    assert not check_inclusion(LEAVES[0], 1, 1, [], LEAVES[0])


def test_every_beginning_of_every_small_tree_is_proved_and_nothing_else() -> None:
    for new in range(34):
        for old in range(new + 1):
            proof = prove_consistency(old, new, fetch)
            was, now = mth(LEAVES[:old]), mth(LEAVES[:new])
            if 0 < old < new:
                assert proof == subproof(old, LEAVES[:new], True)
            assert check_consistency(old, new, proof, was, now)
            assert not check_consistency(old, new, [*proof, was], was, now)
            assert not check_consistency(old, new, proof, hash_leaf(was), now)
            if old:
                assert not check_consistency(old, new, proof, was, hash_leaf(now))
            if proof:
                assert not check_consistency(old, new, proof[:-1], was, now)
                assert not check_consistency(old - 1, new, proof, mth(LEAVES[: old - 1]), now)
    assert not check_consistency(2, 1, [], mth(LEAVES[:2]), mth(LEAVES[:1]))


def test_a_flipped_bit_anywhere_in_a_proof_is_found() -> None:
    root, old_root = mth(LEAVES[:600]), mth(LEAVES[:300])
    proof = prove_inclusion(299, 600, fetch)
    consistency = prove_consistency(300, 600, fetch)
    for place in range(len(proof)):
        for flipped in flips(proof[place]):
            assert not check_inclusion(LEAVES[299], 299, 600, [*proof[:place], flipped, *proof[place + 1 :]], root)
    for place in range(len(consistency)):
        for flipped in flips(consistency[place]):
            changed = [*consistency[:place], flipped, *consistency[place + 1 :]]
            assert not check_consistency(300, 600, changed, old_root, root)


@settings(deadline=None)
@given(st.integers(1, 600), st.data())
def test_stretches_of_leaves_are_proved_at_once(size: int, data: st.DataObject) -> None:
    borders = sorted(data.draw(st.sets(st.integers(0, size), min_size=2, max_size=10)))
    ranges = list(zip(borders[0::2], borders[1::2], strict=False))
    proof = prove_ranges(ranges, size, fetch)
    root = mth(LEAVES[:size])
    stretches = [(first, LEAVES[first:last]) for first, last in ranges]
    assert len(proof) <= 2 * len(ranges) * size.bit_length()
    assert check_ranges(stretches, size, proof, root)
    chosen = data.draw(st.integers(0, len(ranges) - 1))
    first, leaves = stretches[chosen]

    def refused(*instead: tuple[int, Sequence[bytes]]) -> None:
        changed = [*stretches[:chosen], *instead, *stretches[chosen + 1 :]]
        assert not check_ranges(changed, size, proof, root)

    refused((first, [*leaves[:-1], hash_leaf(b"another")]))
    refused((first, leaves[:-1]))
    refused((first, [*leaves, hash_leaf(b"one more")]))
    refused((first + 1, leaves))
    refused((first - 1, leaves))
    refused()
    refused((first, leaves), (first, leaves))
    if len(leaves) > 1:
        refused((first, leaves[::-1]))
        refused((first, leaves[:1]), (first + 1, leaves[1:]))  # one stretch, not two that touch
    assert not check_ranges(stretches, size, [*proof, root], root)
    if len(stretches) > 1:
        assert not check_ranges(stretches[::-1], size, proof, root)
    if proof:
        assert not check_ranges(stretches, size, proof[:-1], root)
        assert not check_ranges(stretches, size, [*proof[:-1], hash_leaf(b"another")], root)


def test_a_proof_for_what_is_not_there_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        prove_inclusion(3, 3, fetch)
    with pytest.raises(AssertionError):
        prove_consistency(4, 3, fetch)
    with pytest.raises(AssertionError):
        prove_ranges([(2, 2)], 3, fetch)


def test_leaves_and_nodes_are_hashed_apart() -> None:
    left, right = LEAVES[:2]
    assert hash_leaf(left + right) != hash_node(left, right)
