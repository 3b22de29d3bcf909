"""What others compute: published vectors, held against the journal's tree and against the stand-alone verifier's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import verifier.luchtwacht_verify as alone

from luchtwacht.journal import tree
from luchtwacht.journal.note import check_note, parse_key, parse_note

VECTORS = Path(__file__).parent / "vectors"
CT = json.loads((VECTORS / "ct.json").read_text())
TLOG = json.loads((VECTORS / "tlog.json").read_text())
LEAVES = [tree.hash_leaf(bytes.fromhex(each)) for each in CT["leaves"]]
ROOTS = [bytes.fromhex(each) for each in CT["roots"]]


def fetch(places: object) -> list[bytes]:
    return [tree.root_of(LEAVES[at << level : (at + 1) << level]) for level, at in places]  # type: ignore[attr-defined]


def raw(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in proof]


def test_roots_are_those_of_certificate_transparency() -> None:
    for size, root in enumerate(ROOTS, start=1):
        assert tree.root_of(LEAVES[:size]) == root
        assert tree.fetch_root(size, fetch) == root
        assert alone.tree_root([alone.leaf_hash(bytes.fromhex(each)) for each in CT["leaves"][:size]]) == root


@pytest.mark.parametrize(("index", "size", "proof"), CT["inclusion"])
def test_inclusion_proofs_are_those_of_certificate_transparency(index: int, size: int, proof: list[str]) -> None:
    assert tree.prove_inclusion(index, size, fetch) == raw(proof)
    assert tree.check_inclusion(LEAVES[index], index, size, raw(proof), ROOTS[size - 1])


@pytest.mark.parametrize(("old", "new", "proof"), CT["consistency"])
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, new: int, proof: list[str]) -> None:
    assert tree.prove_consistency(old, new, fetch) == raw(proof)
    for check in (tree.check_consistency, alone.is_beginning):
        assert check(old, new, raw(proof), ROOTS[old - 1], ROOTS[new - 1])
        assert not check(old, new, [*raw(proof)[::-1], ROOTS[0]], ROOTS[old - 1], ROOTS[new - 1])


def test_the_stand_alone_verifier_agrees_with_another_implementation_too() -> None:
    leaves = [alone.leaf_hash(f"leaf {number}".encode()) for number in range(600)]
    for size, root in TLOG["roots"].items():
        assert alone.tree_root(leaves[: int(size)]).hex() == root
    for old, new, proof in TLOG["consistency"]:
        roots = [alone.tree_root(leaves[:size]) for size in (old, new)]
        assert alone.is_beginning(old, new, raw(proof), *roots)


def test_a_signed_checkpoint_of_another_implementation_is_read_and_believed() -> None:
    checkpoint = alone.read_checkpoint(TLOG["checkpoint"].encode())
    assert alone.signed_by(checkpoint, [alone.read_key(TLOG["vkey"])])
    other = alone.Key(checkpoint.origin, 1, bytes(32))
    with pytest.raises(alone.Fault, match="none of the keys"):
        alone.signed_by(checkpoint, [other])


def test_the_note_in_the_description_of_signed_notes_is_signed_by_its_key() -> None:
    """The worked example of C2SP signed-note and of Go's package note."""
    note = parse_note(
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    key = parse_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert [each.key for each in check_note(note, [key])] == [key]
