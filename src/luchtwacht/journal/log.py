"""The sealed log of a running journal: leaves in, signed checkpoints out.

    log/checkpoint                  the latest checkpoint
    log/checkpoints/<size>          one for every ended segment, kept
    log/tile/...                    `tiles.py`
    log/stamps/<size>               an authority's time stamp (RFC 3161) of the checkpoint kept under that size
    log/keys                        the public keys that sign, one a line

Rules that hold here, whatever happens:
1. only leaves of entries that are on the disk are ever signed for;
2. no checkpoint is ever signed that does not extend the last one: at opening, the root that the segments give at the
   size of the last checkpoint must be the root that was signed, or the journal is not continued.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint
from luchtwacht.journal.files import Files, write_whole
from luchtwacht.journal.keys import Signer
from luchtwacht.journal.note import BadNote, VerifierKey, parse_key
from luchtwacht.journal.tiles import TileWriter, log_reader
from luchtwacht.journal.tree import fetch_root
from luchtwacht.units import SECOND_NS

CHECKPOINT_NS = SECOND_NS
"""a checkpoint is signed when the newest entry is this much younger than the last one signed for"""
SLOW_NS = 60 * SECOND_NS
"""and with the slow keys too at this distance"""

Added = tuple[int, Sequence[bytes]]
"""(index of the first leaf, leaf hashes) of one chunk"""


def log_folder(folder: Path) -> Path:
    """Where a journal's log is."""
    return folder / "log"


def read_checkpoint(folder: Path, files: Files) -> SignedCheckpoint | None:
    """The latest checkpoint of the journal in `folder`; none before the first.

    Raises:
        BadNote: what stands there is not a checkpoint.
        OSError: it cannot be read.
    """
    log = log_folder(folder)
    if "checkpoint" not in files.names(log):
        return None
    return _parse(files.read_all(log / "checkpoint"))


def read_checkpoints(folder: Path, files: Files) -> list[SignedCheckpoint]:
    """Every checkpoint that was kept, smallest first, the latest last.

    Raises:
        BadNote: something there is not a checkpoint.
        OSError: it cannot be read.
    """
    kept = log_folder(folder) / "checkpoints"
    found = [_parse(files.read_all(kept / name)) for name in files.names(kept) if not name.endswith(".new")]
    latest = read_checkpoint(folder, files)
    if latest is not None and str(latest) not in map(str, found):
        found.append(latest)
    return sorted(found, key=lambda each: each.checkpoint.size)


def read_stamps(folder: Path, files: Files) -> list[tuple[SignedCheckpoint, bytes]]:
    """Time stamps that authorities gave, each with the checkpoint it is of, smallest first.

    Raises:
        BadNote: a checkpoint among them is none, or is not there.
        OSError: they cannot be read.
    """
    kept = log_folder(folder) / "stamps"
    by_size = {each.checkpoint.size: each for each in read_checkpoints(folder, files)}
    found = []
    for name in sorted(files.names(kept)):
        if name.endswith(".new"):
            continue
        if not name.isdigit() or int(name) not in by_size:
            raise BadNote(f"the checkpoint that stamp {name} is of is not kept")
        found.append((by_size[int(name)], files.read_all(kept / name)))
    return found


def read_keys(folder: Path, files: Files) -> list[VerifierKey]:
    """The public keys that the journal says it signs with: only a hint, trust comes from elsewhere."""
    log = log_folder(folder)
    if "keys" not in files.names(log):
        return []
    return [parse_key(line) for line in files.read_all(log / "keys").decode().splitlines()]


def _parse(data: bytes) -> SignedCheckpoint:
    try:
        return parse_signed_checkpoint(data.decode())
    except UnicodeDecodeError as error:
        raise BadNote("a checkpoint is text") from error


class SealedLog:
    """Grows with the journal; see the rules above."""

    def __init__(self, folder: Path, files: Files, signer: Signer | None, checkpoint_ns: int, slow_ns: int) -> None:
        self._log, self._files, self._signer = log_folder(folder), files, signer
        self._checkpoint_ns, self._slow_ns = checkpoint_ns, slow_ns
        self._tiles = TileWriter(self._log, files)
        self._last: SignedCheckpoint | None = None
        self._sealed_ns: int | None = None
        self._slow_sealed_ns: int | None = None
        files.make_folder(self._log / "checkpoints")

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._tiles.size

    @property
    def last(self) -> SignedCheckpoint | None:
        """The latest checkpoint."""
        return self._last

    def open(self, folder: Path, size: int, added: Iterable[Added], everything: Iterable[Added]) -> tuple[str, ...]:
        """Go on with the log that is there.

        Args:
            folder: the journal.
            size: leaves up to the segments that had not been ended.
            added: what those segments add.
            everything: what all segments add, looked at only when the tiles do not help.

        Returns:
            One sentence for everything that is sealed and no longer there.

        Raises:
            RecordError: the record does not extend its own last checkpoint.
        """
        try:
            self._last = read_checkpoint(folder, self._files)
        except BadNote as error:
            raise RecordError(f"the last checkpoint of the journal in {folder} cannot be read: {error}") from error
        if self._signer and self._last and self._last.checkpoint.origin != self._signer.origin:
            raise RecordError(
                f"the journal in {folder} is sealed as {self._last.checkpoint.origin}; "
                f"it cannot go on as {self._signer.origin}"
            )
        try:
            self._tiles.start(size, log_reader(self._log, size, self._files))
            missing = self._extend(added)
        except (RecordError, OSError):
            self._tiles.start(0, log_reader(self._log, 0, self._files))
            missing = self._extend(everything)
        self._tiles.write()
        self._tiles.repair()
        self._tiles.sync()
        return missing

    def _extend(self, added: Iterable[Added]) -> tuple[str, ...]:
        """Add leaves, and hold the root against the last checkpoint on the way."""
        signed = self._last.checkpoint if self._last else None
        missing: list[str] = []
        held = self._holds(signed)
        for first, leaves in added:
            if first > self.size:
                self._fill(first, missing)
            elif first < self.size:
                raise RecordError(f"the chunk whose leaf should be {first} comes after leaf {self.size - 1}")
            held = held or self._holds(signed)
            self._tiles.append(leaves)
            if signed and signed.size == self.size:
                held = self._holds(signed)
                self._tiles.write()  # the partial tiles of the last checkpoint, which a power cut may have taken
        if signed and signed.size > self.size:
            self._fill(signed.size, missing)
            held = self._holds(signed)
        if signed and not held:
            raise RecordError(
                f"the record does not extend its own last checkpoint (size {signed.size}): it was altered, or another "
                "record was put in its place; keep it as it is, and record in a new folder"
            )
        return tuple(missing)

    def _holds(self, signed: Checkpoint | None) -> bool:
        """Whether the log stands at the size of the last checkpoint, or beyond it, and its root there is the signed."""
        if signed is None or signed.size > self.size:
            return False
        return self._root_at(signed.size) == signed.root

    def _fill(self, until: int, missing: list[str]) -> None:
        """Take leaf hashes up to `until` from the tiles: their entries are gone, their seals are not."""
        first = self.size
        places = [(0, index) for index in range(first, until)]
        try:
            leaves = log_reader(self._log, until, self._files).fetch(places)
        except RecordError as error:
            raise RecordError(
                f"{until - first} sealed leaves from {first} on are missing, with their tiles: the log cannot be "
                "continued; keep it as it is, and record in a new folder"
            ) from error
        self._tiles.append(leaves)
        missing.append(f"leaves {first} to {until - 1} are sealed, and what they seal is no longer on the disk")

    def add(self, leaves: Sequence[bytes]) -> None:
        """Leaf hashes of entries that are on the disk."""
        self._tiles.append(leaves)

    def due(self, newest_ns: int) -> bool:
        """Whether a checkpoint should be signed."""
        if self._signer is None or self._last_size == self.size:
            return False
        return self._sealed_ns is None or abs(newest_ns - self._sealed_ns) >= self._checkpoint_ns

    @property
    def _last_size(self) -> int:
        return self._last.checkpoint.size if self._last else 0

    def seal(self, newest_ns: int, *, slow: bool = False) -> SignedCheckpoint | None:
        """Write the tiles and sign a checkpoint over all leaves so far; none without a signer.

        Args:
            newest_ns: ns UTC of the newest entry; what a signature with a time will say.
            slow: with the slow keys, whether or not they are due.

        Raises:
            OSError: the disk refuses; seal again later.
        """
        self._tiles.write()
        if self._signer is None:
            return None
        slow = slow or self._slow_sealed_ns is None or abs(newest_ns - self._slow_sealed_ns) >= self._slow_ns
        checkpoint = Checkpoint(self._signer.origin, self.size, self._tiles.root())
        signed = SignedCheckpoint(checkpoint, self._signer.sign(checkpoint.text(), newest_ns, slow=slow))
        write_whole(self._log / "checkpoint", str(signed).encode(), self._files)
        self._last, self._sealed_ns = signed, newest_ns
        if slow:
            self._slow_sealed_ns = newest_ns
        return signed

    def keep(self, newest_ns: int) -> None:
        """Seal, sync the tiles and keep the checkpoint: at the end of a segment.

        Raises:
            OSError: the disk refuses.
        """
        if self._signer is not None and (self._last_size != self.size or self._slow_sealed_ns != newest_ns):
            self.seal(newest_ns, slow=True)
        self._tiles.write()
        self._tiles.sync()
        if self._signer is not None and self._last is not None and self.size:
            kept = self._log / "checkpoints" / f"{self.size:020d}"
            write_whole(kept, str(self._last).encode(), self._files)

    def keep_cosigned(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint of this log that witnesses signed too; it is served while it is the latest.

        Raises:
            OSError: the disk refuses.
        """
        checkpoint = signed.checkpoint
        if checkpoint.size > self.size or self._root_at(checkpoint.size) != checkpoint.root:
            raise AssertionError(f"the checkpoint of size {checkpoint.size} is not of this log")
        write_whole(self._log / "checkpoints" / f"{checkpoint.size:020d}", str(signed).encode(), self._files)
        if self._last and self._last.checkpoint == checkpoint:
            write_whole(self._log / "checkpoint", str(signed).encode(), self._files)
            self._last = signed

    def keep_stamp(self, signed: SignedCheckpoint, stamp: bytes) -> None:
        """Keep an authority's time stamp of a checkpoint of this log, and the checkpoint.

        Raises:
            OSError: the disk refuses.
        """
        self.keep_cosigned(signed)
        self._files.make_folder(self._log / "stamps")
        write_whole(self._log / "stamps" / f"{signed.checkpoint.size:020d}", stamp, self._files)

    def _root_at(self, size: int) -> bytes:
        if size == self.size:
            return self._tiles.root()
        return fetch_root(size, log_reader(self._log, size, self._files).fetch)

    def change_signer(self, signer: Signer | None) -> bool:
        """Sign with other keys from now on; whether they are not those that signed before.

        Raises:
            RecordError: they are another log's.
            OSError: the disk refuses.
        """
        if signer and self._last and signer.origin != self._last.checkpoint.origin:
            raise RecordError(f"a key of {signer.origin} cannot sign for {self._last.checkpoint.origin}")
        self._signer = signer
        if signer is None:
            return False
        lines = "".join(f"{each}\n" for each in signer.verifiers()).encode()
        if "keys" in self._files.names(self._log) and self._files.read_all(self._log / "keys") == lines:
            return False
        write_whole(self._log / "keys", lines, self._files)
        return True
