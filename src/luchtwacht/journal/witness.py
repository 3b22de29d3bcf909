"""Witnesses (C2SP tlog-witness): sites watch over one another's logs, so that none can have two histories.

A witness remembers, for each log it knows, the latest checkpoint it signed. It signs another only when a consistency
proof shows that it extends the last. Both sides of the protocol are here without HTTP: whoever serves it calls
`add_checkpoint`, whoever asks sends `encode_request`, reads the answer with `add_cosignatures` and hands the result to
`JournalWriter.keep_cosigned`.

    POST <prefix>/add-checkpoint
        old <size>
        base64(<hash>)          the consistency proof (RFC 6962, 2.1.2), if any
        (empty line)
        <checkpoint>
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from luchtwacht.journal.checkpoint import SignedCheckpoint, check_checkpoint, parse_signed_checkpoint
from luchtwacht.journal.files import REAL, Files, write_whole
from luchtwacht.journal.keys import SigningKey
from luchtwacht.journal.log import log_folder
from luchtwacht.journal.note import (
    BadNote,
    KeyKind,
    Note,
    VerifierKey,
    check_signature,
    decode_base64,
    encode_base64,
    parse_signature,
)
from luchtwacht.journal.tiles import log_reader
from luchtwacht.journal.tree import check_consistency, prove_consistency

PROOF_LIMIT = 63


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answers over HTTP."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


def encode_request(folder: Path, signed: SignedCheckpoint, old: int, *, files: Files = REAL) -> str:
    """What a journal sends to a witness that last signed at size `old` (0: never, or not known).

    Raises:
        RecordError: the tiles that the proof needs are missing.
    """
    size = signed.checkpoint.size
    proof = prove_consistency(old, size, log_reader(log_folder(folder), size, files).fetch)
    return "".join([f"old {old}\n", *(f"{encode_base64(each)}\n" for each in proof), "\n", str(signed)])


def add_cosignatures(signed: SignedCheckpoint, answer: str, witnesses: Sequence[VerifierKey]) -> SignedCheckpoint:
    """The checkpoint with the cosignatures in a witness's answer that hold; those by unknown keys are left out.

    Raises:
        BadNote: the answer is none, or a signature by one of `witnesses` is false.
    """
    added = []
    for line in answer.removesuffix("\n").split("\n"):
        signature = parse_signature(line)
        for key in witnesses:
            if (signature.name, signature.id) == (key.name, key.id):
                if not check_signature(signed.note, signature, key):
                    raise BadNote(f"the cosignature by {key.name} is false")
                added.append(signature)
    return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, (*signed.note.signatures, *added)))


class Witness:
    """One witness. What it signed for is on the disk before it answers."""

    def __init__(
        self,
        folder: Path,
        key: SigningKey,
        logs: Mapping[str, Sequence[VerifierKey]],
        *,
        files: Files = REAL,
    ) -> None:
        """Args:
        folder: where it remembers; made when it is not there.
        key: signs; of a cosignature's kind.
        logs: the keys of each log it watches over, by origin.
        files: the file system.

        Raises:
            OSError: the disk refuses.
        """
        if key.kind is KeyKind.ED25519:
            raise AssertionError("a witness signs with a key of a cosignature's kind")
        self._folder, self._key, self._logs, self._files = folder, key, logs, files
        self._lock = threading.Lock()
        files.make_folder(folder)

    def add_checkpoint(self, request: str, time_ns: int) -> Answer:
        """Answer a request to sign a checkpoint.

        Args:
            request: the body that was posted.
            time_ns: ns UTC, now.

        Raises:
            OSError: the disk refuses; nothing was signed.
        """
        try:
            old, proof, signed = _parse_request(request)
        except BadNote as error:
            return Answer(400, f"{error}\n")
        checkpoint = signed.checkpoint
        if checkpoint.origin not in self._logs:
            return Answer(404, "this log is not known here\n")
        try:
            found = check_checkpoint(signed, self._logs[checkpoint.origin])
        except BadNote as error:
            return Answer(403, f"{error}\n")
        if old > checkpoint.size:
            return Answer(400, "the old size is larger than the new one\n")
        with self._lock:  # what is compared must still be so when it is replaced
            last = self.latest(checkpoint.origin)
            size = last.checkpoint.size if last else 0
            if old != size:
                return Answer(409, f"{size}\n", "text/x.tlog.size")
            if not _extends(last, signed, proof):
                return Answer(422, "the proof does not show that this checkpoint extends the last one\n")
            line = self._key.sign(signed.note.text, time_ns)
            trusted = {(each.key.name, each.key.id) for each in found}
            ours = tuple(each for each in signed.note.signatures if (each.name, each.id) in trusted)
            kept = SignedCheckpoint(checkpoint, Note(signed.note.text, (*ours, line)))
            write_whole(self._path(checkpoint.origin), str(kept).encode(), self._files)
        return Answer(200, line.line())

    def latest(self, origin: str) -> SignedCheckpoint | None:
        """The latest checkpoint of a log that this witness signed; none when it never did.

        What monitors read at `<prefix>/<SHA-256 of the origin>/checkpoint`.
        """
        path = self._path(origin)
        if path.name not in self._files.names(self._folder):
            return None
        return parse_signed_checkpoint(self._files.read_all(path).decode())

    def _path(self, origin: str) -> Path:
        return self._folder / sha256(origin.encode()).hexdigest()


def _parse_request(request: str) -> tuple[int, list[bytes], SignedCheckpoint]:
    head, found, note = request.partition("\n\n")
    lines = head.split("\n")
    old = lines[0].removeprefix("old ")
    if not found or not lines[0].startswith("old ") or not old.isascii() or not old.isdigit() or str(int(old)) != old:
        raise BadNote("a request begins with the old size")
    if len(lines) - 1 > PROOF_LIMIT:
        raise BadNote("a consistency proof is not this long")
    return int(old), [decode_base64(line) for line in lines[1:]], parse_signed_checkpoint(note)


def _extends(last: SignedCheckpoint | None, signed: SignedCheckpoint, proof: list[bytes]) -> bool:
    if last is None:
        return not proof
    was, now = last.checkpoint, signed.checkpoint
    return check_consistency(was.size, now.size, proof, was.root, now.root)
