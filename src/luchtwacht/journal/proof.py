"""Proof of a single entry: small enough for an e-mail, in the public text format (C2SP tlog-proof).

    c2sp.org/tlog-proof@v1
    extra base64(u32 place | descriptor | hashes)
    index <index of the chunk's leaf>
    base64(<hash>)                                   the leaf's audit path, lowest first
    (empty line)
    <checkpoint>

The entry itself (its sealed bytes, see `entry.py`) goes beside it. `extra` leads from the entry to its chunk's leaf:
its place in the chunk, the chunk's descriptor, and the audit path of the entry under the descriptor's root.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.checkpoint import SignedCheckpoint, check_checkpoint, parse_signed_checkpoint
from luchtwacht.journal.entry import INPUTS, Entry, EntryKind, entry_of
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.log import log_folder, read_checkpoint
from luchtwacht.journal.note import BadNote, VerifierKey, decode_base64, encode_base64
from luchtwacht.journal.reader import open_segment, segments
from luchtwacht.journal.segment import DESCRIPTOR_BYTES, Descriptor, decode_descriptor, decode_group
from luchtwacht.journal.tiles import log_reader
from luchtwacht.journal.tree import HASH_BYTES, check_inclusion, hash_leaf, path_in, prove_inclusion

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_HASH_LIMIT = 63


class BadProof(BadNote):
    """Text that is not a proof, or does not prove what it should."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The way from an entry to a signed checkpoint."""

    place: int
    """of the entry in its chunk"""
    descriptor: Descriptor
    chunk_path: tuple[bytes, ...]
    """from the entry's hash to the root in the descriptor"""
    path: tuple[bytes, ...]
    """from the descriptor's leaf to the root of the log"""
    checkpoint: SignedCheckpoint

    def __str__(self) -> str:
        extra = self.place.to_bytes(4, "big") + self.descriptor.encode() + b"".join(self.chunk_path)
        lines = [_FIRST_LINE, f"extra {encode_base64(extra)}", f"index {self.descriptor.first_leaf}"]
        lines += [encode_base64(each) for each in self.path]
        return "\n".join(lines) + f"\n\n{self.checkpoint}"


def parse_proof(text: str) -> Proof:
    """The proof that was written, not checked yet.

    Raises:
        BadNote: it is none.
    """
    head, found, note = text.partition("\n\n")
    lines = head.split("\n")
    if not found or len(lines) < 3 or lines[0] != _FIRST_LINE or len(lines) > 3 + _HASH_LIMIT:
        raise BadProof("this is not a proof", hint=f"its first line would be {_FIRST_LINE}")
    extra = decode_base64(lines[1].removeprefix("extra "))
    hashes = extra[4 + DESCRIPTOR_BYTES :]
    if not lines[1].startswith("extra ") or len(extra) < 4 + DESCRIPTOR_BYTES or len(hashes) % HASH_BYTES:
        raise BadProof("the proof does not say how the entry stands in its chunk")
    try:
        descriptor = decode_descriptor(extra[4 : 4 + DESCRIPTOR_BYTES])
    except RecordError as error:
        raise BadProof(str(error)) from error
    if lines[2] != f"index {descriptor.first_leaf}":
        raise BadProof("the proof contradicts itself about the place in the log")
    return Proof(
        int.from_bytes(extra[:4], "big"),
        descriptor,
        tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)),
        tuple(decode_base64(line) for line in lines[3:]),
        parse_signed_checkpoint(note),
    )


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry, and why to believe that it was recorded."""

    sealed: bytes
    """its sealed bytes: `entry.sealed_bytes`"""
    pieces: dict[int, tuple[bytes, bytes]]
    """salt and content of each of its pieces, by number; leave one out to withhold it"""
    proof: Proof


def prove_entries(folder: Path, sequence: int, wanted: Callable[[Entry], bool], *, files: Files = REAL) -> list[Proved]:
    """Each entry with a sequence number that `wanted` picks, with its proof.

    Args:
        folder: the journal.
        sequence: of the input, or of the input after which an event followed.
        wanted: picks among the entries with that number.
        files: the file system.

    Raises:
        RecordError: there is no journal or no checkpoint, or the journal is damaged there.
    """
    signed = read_checkpoint(folder, files)
    if signed is None:
        raise RecordError(f"the journal in {folder} was never sealed: it has no signing key")
    log = log_reader(log_folder(folder), signed.checkpoint.size, files)
    proved = []
    for head, stop in segments(folder, files):
        with open_segment(folder, head.number, stop, files) as segment:
            for place in segment.places() if segment else ():
                if segment is None or not place.first_input - 1 <= sequence <= place.last_input:
                    continue
                if place.end_leaf > signed.checkpoint.size:
                    continue
                group = segment.group(place.offset)
                slots = decode_group(group.seal.descriptor, segment.body(group)).slots(group.seal.salt_key)
                chosen = [
                    at
                    for at, each in enumerate(slots)
                    if each.entry and each.entry.sequence == sequence and wanted(each.entry)
                ]
                if not chosen:
                    continue
                hashes = [each.hash for each in slots]
                path = prove_inclusion(place.first_leaf, signed.checkpoint.size, log.fetch)
                for at in chosen:
                    proof = Proof(at, group.seal.descriptor, tuple(path_in(hashes, at)), tuple(path), signed)
                    proved.append(Proved(slots[at].sealed(), slots[at].shown_pieces(), proof))
    return proved


def prove_frame(folder: Path, sequence: int, *, files: Files = REAL) -> Proved:
    """One frame, with its proof.

    Raises:
        RecordError: it is not on record, or not sealed yet.
    """
    proved = prove_entries(folder, sequence, lambda entry: entry.kind is EntryKind.FRAME, files=files)
    if not proved:
        raise RecordError(f"frame {sequence} is not on record, or not sealed yet")
    return proved[0]


def check_entry(
    sealed: bytes,
    proof: Proof,
    keys: Sequence[VerifierKey],
    pieces: Mapping[int, tuple[bytes, bytes]] | None = None,
) -> Entry:
    """The entry in `sealed`, when the proof shows that a log of one of `keys` holds it.

    Args:
        sealed: its sealed bytes.
        proof: leads from them to a signed checkpoint.
        keys: those that are trusted.
        pieces: salt and content of the pieces that are shown; one that is not has length 0 in the entry.

    1. The entry hashes, along the chunk's path, to the root in the descriptor, at the place stated.
    2. The descriptor's leaf hashes, along the path, to the root of the checkpoint, at the index in the descriptor.
    3. The checkpoint is signed in the log's own name by one of `keys`.
    4. The entry says what can be: an input lies within the inputs and times of its chunk.
    5. The pieces shown are those that the sealed bytes commit to.

    Raises:
        BadNote: one of these does not hold; the message says which.
        RecordError: these are not an entry's bytes.
    """
    described, checkpoint = proof.descriptor, proof.checkpoint.checkpoint
    if not check_inclusion(hash_leaf(sealed), proof.place, described.messages, proof.chunk_path, described.root):
        raise BadProof("the entry is not the one that stands there in the chunk")
    leaf = hash_leaf(described.encode())
    if not check_inclusion(leaf, described.first_leaf, checkpoint.size, proof.path, checkpoint.root):
        raise BadProof("the chunk is not in the log under this checkpoint")
    check_checkpoint(proof.checkpoint, keys)
    entry, _ = entry_of(sealed, pieces)
    if not described.first_ns <= entry.time_ns <= described.last_ns or (
        entry.kind in INPUTS and not described.first_input <= entry.sequence <= described.last_input
    ):
        raise BadProof("the entry does not fit the chunk that it was sealed with")
    return entry
