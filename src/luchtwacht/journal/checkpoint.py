"""Checkpoints (C2SP tlog-checkpoint): the signed statement "this log has so many leaves, and this root".

<origin>
<size>
base64(<root>)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from luchtwacht.journal.note import (
    BadNote,
    Note,
    Signed,
    VerifierKey,
    check_note,
    decode_base64,
    encode_base64,
    parse_note,
)
from luchtwacht.journal.tree import EMPTY_ROOT, HASH_BYTES


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of a log."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text. Extension lines are refused: a journal writes none.

    Raises:
        BadNote: the text is not a checkpoint's.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise BadNote("a checkpoint has three lines: origin, size and root")
    origin, size, root = lines[:3]
    if not size.isascii() or not size.isdigit() or (size[0] == "0" and size != "0") or len(size) > 19:
        raise BadNote(f"{size[:40]!r} is not the size of a log")
    made = Checkpoint(origin, int(size), decode_base64(root))
    if len(made.root) != HASH_BYTES or (made.size == 0 and made.root != EMPTY_ROOT):
        raise BadNote(f"the root of the checkpoint of size {size} is none")
    return made


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the note that carries it."""

    checkpoint: Checkpoint
    note: Note

    def __str__(self) -> str:
        return str(self.note)


def parse_signed_checkpoint(data: str) -> SignedCheckpoint:
    """A checkpoint as it stands in a file, its signatures not checked yet; BadNote for anything else."""
    note = parse_note(data)
    return SignedCheckpoint(parse_checkpoint(note.text), note)


def check_checkpoint(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> tuple[Signed, ...]:
    """Who of `keys` signed it, at least one of them in the log's own name.

    Raises:
        BadNote: a signature is false, or none is by a key of the log that is trusted here.
    """
    found = check_note(signed.note, keys)
    if not any(each.key.name == signed.checkpoint.origin for each in found):
        raise BadNote(f"no trusted key named {signed.checkpoint.origin} signed it")
    return found
