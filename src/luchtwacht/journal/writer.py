"""The journal's writer: entries go to the disk in groups, and nothing is acknowledged before it is there.

Appending only remembers. `commit` takes everything remembered, writes it with one write and returns after fdatasync
(and, for a new file, after its folder was synced too): what it returns is a promise. Appending is allowed from another
thread while a commit is under way and never waits for the disk.

When the disk refuses, nothing remembered is forgotten: the segment is given up at its last promise, and the next commit
starts a new one, whose head says how much of the old one counts. So a failed sync is never trusted a second time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.checkpoint import SignedCheckpoint
from luchtwacht.journal.entry import INPUTS, Entry, EntryKind, encode_mapping, encode_note
from luchtwacht.journal.files import REAL, AppendFile, Files
from luchtwacht.journal.keys import Signer
from luchtwacht.journal.log import CHECKPOINT_NS, SLOW_NS, Added, SealedLog
from luchtwacht.journal.reader import seals
from luchtwacht.journal.recovery import Recovery, end_segment, examine, recover, segment_path
from luchtwacht.journal.requests import note_of, requests
from luchtwacht.journal.segment import SALT_KEY_BYTES, SOURCES, Head, Seal, SegmentEncoder
from luchtwacht.model import AlertChanged, AuthorisationChanged, Command, Event, Frames, Tick, ZoneChanged
from luchtwacht.model.delicate import command_pieces, event_pieces, site_pieces
from luchtwacht.model.encoding import encode_command, encode_event, encode_tick
from luchtwacht.units import SECOND_NS

CHUNK_ENTRIES = 256
"""a chunk is closed at this many entries (docs/adr/0051)"""
CHUNK_BYTES = 1 << 20
"""or at this many bytes of data"""
SEGMENT_BYTES = 128 << 20
"""a segment is ended at this size"""
SEGMENT_GROUPS = 10_000
"""or at this many chunks, some eight minutes of a busy night: opening a journal reads every seal of a segment that was
not ended, and a watch must be back within two seconds"""
SEGMENT_NS = 3600 * SECOND_NS
"""or when an input is this much younger than its first"""
HELD_BYTES = 256 << 20
"""what is remembered while the disk refuses; beyond it inputs are let go, counted and noted"""
_ENTRY_BYTES = 64
"""what an entry weighs beside its data"""

OWN_LEAF_EVENTS = (AlertChanged, ZoneChanged, AuthorisationChanged)
"""events that are decisions: each gets a leaf of its own in the Merkle log"""
_OWN_LEAF_KINDS = frozenset({EntryKind.SITE, EntryKind.MAPPING, EntryKind.COMMAND, EntryKind.NOTE, EntryKind.SNAPSHOT})


class _Segment:
    """The segment that is being written."""

    def __init__(self, path: Path, encoder: SegmentEncoder, file: AppendFile) -> None:
        self.path, self.encoder, self.file = path, encoder, file
        self.durable = 0


class JournalWriter:
    """The one writer of a journal."""

    recovery: Recovery
    """what was found and cut at opening"""
    failure: str = ""
    """why the last commit did not succeed; "" when it did"""

    def __init__(
        self,
        folder: Path,
        *,
        signer: Signer | None = None,
        checkpoint_ns: int = CHECKPOINT_NS,
        slow_ns: int = SLOW_NS,
        files: Files = REAL,
        entropy: Callable[[int], bytes] = os.urandom,
        chunk_entries: int = CHUNK_ENTRIES,
        segment_bytes: int = SEGMENT_BYTES,
        segment_ns: int = SEGMENT_NS,
        segment_groups: int = SEGMENT_GROUPS,
        held_bytes: int = HELD_BYTES,
    ) -> None:
        """Open a journal to go on with it, or begin one.

        Args:
            folder: where it is; made when it is not there.
            signer: signs the checkpoints; without one the log grows unsigned.
            checkpoint_ns: a checkpoint is signed when entries are this much younger than the last one; at the end of a
                segment and at closing in any case.
            slow_ns: the same for keys that sign now and then.
            files: the file system.
            entropy: gives so many secret random bytes, for salts.
            chunk_entries, segment_bytes, segment_ns, segment_groups, held_bytes: see the constants of the same names.

        Raises:
            RecordError: somebody else writes here, the disk refuses, or what is here is not a journal that can be
                continued. The message says which.
        """
        self._folder, self._files, self._entropy = folder, files, entropy
        self._chunk_entries, self._segment_bytes, self._segment_ns = chunk_entries, segment_bytes, segment_ns
        self._segment_groups, self._held_limit = segment_groups, held_bytes
        self._committing = threading.Lock()
        self._adding = threading.Lock()
        self._pending: list[tuple[Entry, bool]] = []
        self._held = 0
        self._notes: list[tuple[str, dict[str, object]]] = []
        self._let_go: tuple[int, int, int] | None = None
        self._segment: _Segment | None = None
        self._given_up: dict[int, int] = {}
        self._heeded: list[Path] = []
        self._closed = False
        try:
            files.make_folder(folder / "segments")
            held = files.lock(folder / "lock")
            if held is None:
                raise RecordError(f"another watch is recording in {folder}: only one can")
            self._lock = held
            try:
                self._log = SealedLog(folder, files, signer, checkpoint_ns, slow_ns)
                self._open(signer)
                self._heed()
            except BaseException:
                held.release()
                raise
        except OSError as error:
            raise RecordError(f"the journal in {folder} cannot be opened: {_reason(error)}") from error

    def _open(self, signer: Signer | None) -> None:
        self.recovery, tails = recover(self._folder, self._files)
        last = tails[-1] if tails else None
        open_tails = [tail for tail in tails if not tail.ended]
        size = open_tails[0].head.first_leaf if open_tails else last.leaf if last else 0
        added = (_added(seal) for tail in open_tails for seal in tail.seals())
        missing = self._log.open(
            self._folder, size, added, (_added(seal) for seal in seals(self._folder, files=self._files))
        )
        if missing:
            self.recovery = replace(self.recovery, damaged=self.recovery.damaged + missing)
        self._number = last.number if last else 0
        self._newest_ns = self.recovery.last_ns
        self._previous_bytes = last.stop if last else 0
        self._durable = self._last_input = self.recovery.last_sequence
        if self.recovery.sentence():
            self._note_with_next(
                "recovery",
                found=self.recovery.sentence(),
                last_sequence=self.recovery.last_sequence,
                bytes_cut=self.recovery.bytes_cut,
                torn=self.recovery.torn,
            )
        if self._log.change_signer(signer) and signer is not None:
            self._note_with_next("keys", keys=[str(each) for each in signer.verifiers()])

    def _note_with_next(self, subject: str, **facts: object) -> None:
        """A note of the time of the next entry: the journal has no clock."""
        self._notes.append((subject, facts))

    def _take_notes(self, time_ns: int) -> None:
        notes, self._notes = self._notes, []
        for subject, facts in notes:
            self._note(time_ns, subject, **facts)

    # ------------------------------------------------------------------ appending

    def open_run(self, site: bytes, mappings: dict[str, str], started_ns: int) -> None:
        """Put the configuration in force on record.

        Args:
            site: `encode_site` of the site.
            mappings: text of each table mapping, by its name.
            started_ns: ns UTC at which the run begins.
        """
        sequence = self._last_input
        self._add([Entry(EntryKind.SITE, sequence, started_ns, -1, site, site_pieces(site))], own=True)
        self._add(
            [
                Entry(EntryKind.MAPPING, sequence, started_ns, -1, encode_mapping(name, text))
                for name, text in sorted(mappings.items())
            ],
            own=True,
        )

    def frames(self, frames: Frames) -> None:
        """Bytes as received, in order of their sequence."""
        kind, make = EntryKind.FRAME, Entry
        self._add_inputs(
            [
                make(kind, sequence, time_ns, source, data)
                for sequence, time_ns, source, data in zip(
                    frames.sequence.tolist(),
                    frames.received_ns.tolist(),
                    frames.source.tolist(),
                    frames.payloads(),
                    strict=True,
                )
            ],
            own=False,
        )

    def command(self, command: Command) -> None:
        """An order by a person."""
        data = encode_command(command)
        entry = Entry(EntryKind.COMMAND, command.sequence, command.received_ns, -1, data, command_pieces(data))
        self._add_inputs([entry], own=True)

    def tick(self, tick: Tick) -> None:
        """Time passed."""
        self._add_inputs([Entry(EntryKind.TICK, tick.sequence, tick.received_ns, -1, encode_tick(tick))], own=False)

    def events(self, sequence: int, time_ns: int, events: Sequence[Event]) -> None:
        """What the pipeline said after input `sequence`, received at `time_ns` (ns UTC), in the order it was said."""
        marked = []
        for event in events:
            data = encode_event(event)
            entry = Entry(EntryKind.EVENT, sequence, time_ns, -1, data, event_pieces(data))
            marked.append((entry, isinstance(event, OWN_LEAF_EVENTS)))
        self._add_marked(marked)

    def snapshot(self, sequence: int, time_ns: int, snapshot: bytes) -> bool:
        """The pipeline's state after input `sequence`, received at `time_ns`, and after the events that followed.

        Returns:
            Whether it is kept: while the disk refuses, memory is for what cannot be had again.
        """
        if self.failure or self._held + len(snapshot) > self._held_limit // 4:
            return False
        self._add([Entry(EntryKind.SNAPSHOT, sequence, time_ns, -1, snapshot)], own=True)
        return True

    def note(self, time_ns: int, subject: str, **facts: object) -> None:
        """Something about the record itself that must be on record: a key that changed, evidence that was read.

        Args:
            time_ns: ns UTC.
            subject: one word: `key`, `read`, `export`, `clock`.
            facts: what JSON can hold.
        """
        self._note(time_ns, subject, **facts)

    def note_now(self, subject: str, **facts: object) -> None:
        """Something about the record itself, on the disk and sealed when this returns; of the time of the last input.

        Raises:
            RecordError: the disk refuses; it will be there once it takes writes again.
        """
        self._note(self._newest_ns or self.recovery.last_ns, subject, **facts)
        self.commit()
        with self._committing:
            try:
                self._log.seal(self._newest_ns)
            except OSError as error:
                raise RecordError(f"the journal in {self._folder} cannot be sealed: {_reason(error)}") from error

    def _heed(self) -> None:
        """Take up what was asked for beside the journal: see `journal.requests`.

        They go on record with the next commit, and then their files go. Trouble with them never stops a watch: they
        count as they are, and are looked at again.
        """
        with suppress(OSError):
            for path, asked in requests(self._folder, self._files, on_bad=lambda path: None):
                if path not in self._heeded:
                    self._note(self._newest_ns, **note_of(asked))
                    self._heeded.append(path)

    def _forget_heeded(self) -> None:
        with suppress(OSError):
            for path in self._heeded:
                self._files.remove(path)
        self._heeded = []

    def _note(self, time_ns: int, subject: str, **facts: object) -> None:
        self._add([Entry(EntryKind.NOTE, self._last_input, time_ns, -1, encode_note(subject, **facts))], own=True)

    def _add(self, entries: list[Entry], *, own: bool) -> None:
        self._add_marked([(entry, own) for entry in entries])

    def _add_marked(self, marked: list[tuple[Entry, bool]]) -> None:
        if self._notes and marked:
            self._take_notes(marked[0][0].time_ns)
        weight = _ENTRY_BYTES * len(marked)
        for entry, _ in marked:
            if entry.time_ns < 0 or entry.source >= SOURCES:
                raise AssertionError(f"{entry.kind} {entry.sequence} at {entry.time_ns} ns from source {entry.source}")
            weight += len(entry.data)
        with self._adding:
            self._pending += marked
            self._held += weight

    def _add_inputs(self, entries: list[Entry], *, own: bool) -> None:
        if not entries:
            return
        last = self._last_input
        for entry in entries:
            if entry.sequence <= last:
                raise AssertionError(f"input {entry.sequence} comes after input {last}")
            last = entry.sequence
        if last - entries[0].sequence >= len(entries):  # numbers are missing among them: note each gap where it is
            for entry in entries:
                self._add_inputs([entry], own=own)
            return
        if self._held >= self._held_limit:
            first, _, count = self._let_go or (entries[0].sequence, 0, 0)
            self._let_go = (first, last, count + len(entries))
            self._last_input = last
            return
        expected, time_ns = self._last_input + 1, entries[0].time_ns
        if self._let_go:
            (first, until, count), self._let_go = self._let_go, None
            self._note(time_ns, "gap", first=first, last=until, inputs=count, reason="the disk refused for too long")
            expected = until + 1
        if entries[0].sequence != expected:
            self._note(
                time_ns,
                "gap",
                first=expected,
                last=entries[0].sequence - 1,
                inputs=entries[0].sequence - expected,
                reason="these inputs were not handed over to the journal",
            )
        self._last_input = last
        self._add(entries, own=own)

    def change_signer(self, signer: Signer, time_ns: int) -> None:
        """Sign with other keys from now on, and put them on record.

        To replace a key, pass the new one as `key` and the old one among `others` until everybody knows the new one.

        Raises:
            RecordError: they are another log's, or the disk refuses.
        """
        with self._committing:
            try:
                if self._log.change_signer(signer):
                    self._note(time_ns, "keys", keys=[str(each) for each in signer.verifiers()])
            except OSError as error:
                raise RecordError(
                    f"the keys of the journal in {self._folder} cannot be changed: {_reason(error)}"
                ) from error

    def keep_cosigned(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint of this journal with the cosignatures that witnesses added to it.

        Raises:
            RecordError: the disk refuses.
        """
        with self._committing:
            try:
                self._log.keep_cosigned(signed)
            except OSError as error:
                raise RecordError(f"a cosigned checkpoint cannot be kept: {_reason(error)}") from error

    def keep_stamp(self, signed: SignedCheckpoint, stamp: bytes) -> None:
        """Keep an authority's time stamp (RFC 3161) of a checkpoint of this journal.

        Raises:
            RecordError: the disk refuses.
        """
        with self._committing:
            try:
                self._log.keep_stamp(signed, stamp)
            except OSError as error:
                raise RecordError(f"a time stamp cannot be kept: {_reason(error)}") from error

    # ------------------------------------------------------------------ to the disk

    @property
    def pending(self) -> bool:
        """Whether something was appended that is not on the disk yet."""
        return bool(self._pending)

    @property
    def held(self) -> int:
        """Octets appended, about, that no commit has taken up yet."""
        return self._held

    @property
    def let_go(self) -> int:
        """How many inputs could not be kept since the disk began to refuse; 0 once it takes them again."""
        return self._let_go[2] if self._let_go else 0

    @property
    def durable(self) -> int:
        """Sequence of the last input that is on the disk; 0 when there is none."""
        return self._durable

    def commit(self) -> int:
        """Put everything appended so far on the disk.

        Returns:
            The sequence of the last input that is there for good.

        Raises:
            RecordError: the disk refuses. Nothing appended is forgotten; commit again once the cause is gone.
        """
        with self._committing:
            if self._closed:
                raise RecordError("this journal was closed")
            with self._adding:
                taken, self._pending = self._pending, []
                weight, self._held = self._held, 0
            try:
                if taken:
                    self._write(taken)
            except BaseException as error:
                with self._adding:
                    self._pending = taken + self._pending
                    self._held += weight
                self._give_up()
                if not isinstance(error, OSError):
                    raise
                let_go = f"; {self._let_go[2]} inputs had to be let go" if self._let_go else ""
                self.failure = (
                    f"the journal in {self._folder} cannot record: {_reason(error)}; "
                    f"{len(self._pending)} entries after input {self._durable} wait in memory{let_go}"
                )
                raise RecordError(self.failure) from error
            self.failure = ""
            if self._heeded:
                self._forget_heeded()
            self._seal()
            return self._durable

    def _seal(self) -> None:
        """Sign a checkpoint when one is due. What it is for is on the disk already."""
        if not self._log.due(self._newest_ns):
            return
        self._heed()
        try:
            self._log.seal(self._newest_ns)
        except OSError as error:
            self.failure = (
                f"the journal in {self._folder} records up to input {self._durable} but cannot be sealed: "
                f"{_reason(error)}"
            )
            raise RecordError(self.failure) from error

    @property
    def checkpoint(self) -> SignedCheckpoint | None:
        """The latest checkpoint; none before the first."""
        return self._log.last

    def _write(self, taken: list[tuple[Entry, bool]]) -> None:
        if self._segment is not None and self._due(self._segment, taken):
            self._end(self._segment)
        parts: list[bytes] = []
        segment = self._segment
        begun = segment is None
        if segment is None:
            segment = self._begin(parts)
        leaves: list[bytes] = []
        for chunk in self._chunks(taken):
            data, added = segment.encoder.encode_group(
                [entry for entry, _ in chunk],
                [place for place, (_, own) in enumerate(chunk) if own],
                self._entropy(SALT_KEY_BYTES),
                segment.durable,
            )
            parts.append(data)
            leaves += added
        segment.file.append(b"".join(parts))
        segment.file.sync()
        if begun:
            self._files.sync_folder(segment.path.parent)
        segment.durable = segment.encoder.size
        self._number = segment.encoder.head.number
        self._log.add(leaves)
        inputs = [entry.time_ns for entry, _ in taken if entry.kind in INPUTS]
        self._newest_ns = inputs[-1] if inputs else self._newest_ns or taken[-1][0].time_ns
        self._previous_bytes = segment.durable
        self._durable = segment.encoder.last_input
        if begun:
            self._end_given_up()

    def _chunks(self, taken: list[tuple[Entry, bool]]) -> Iterator[list[tuple[Entry, bool]]]:
        first = size = 0
        for at, (entry, _) in enumerate(taken):
            size += len(entry.data)
            if at + 1 - first >= self._chunk_entries or size >= CHUNK_BYTES:
                yield taken[first : at + 1]
                first, size = at + 1, 0
        if first < len(taken):
            yield taken[first:]

    def _begin(self, parts: list[bytes]) -> _Segment:
        head = Head(self._number + 1, self._log.size, self._durable, self._previous_bytes)
        path = segment_path(self._folder, head.number)
        file = self._files.open_append(path)
        self._segment = segment = _Segment(path, SegmentEncoder(head), file)
        file.truncate(0)
        parts.append(segment.encoder.encode_head())
        return segment

    def _due(self, segment: _Segment, taken: list[tuple[Entry, bool]]) -> bool:
        if segment.durable >= self._segment_bytes or segment.encoder.groups >= self._segment_groups:
            return True
        newest = max((entry.time_ns for entry, _ in taken if entry.kind in INPUTS), default=0)
        return segment.encoder.first_ns is not None and newest - segment.encoder.first_ns >= self._segment_ns

    def _end(self, segment: _Segment) -> None:
        """Seal, then make the segment a complete file that is never written again."""
        self._log.keep(self._newest_ns)
        segment.file.append(segment.encoder.encode_end())
        segment.file.sync()
        segment.file.close()
        self._segment = None

    def _give_up(self) -> None:
        """Let go of a segment on which the disk failed; what was promised of it counts."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        if segment.durable:
            self._given_up[segment.encoder.head.number] = segment.durable
        with suppress(OSError):  # the successor's head says how much counts, cut or not
            segment.file.truncate(segment.durable)
            segment.file.sync()
        with suppress(OSError):
            segment.file.close()

    def _end_given_up(self) -> None:
        """Now that the disk takes writes again, end what was given up; if not now, then at the next opening."""
        for number, durable in sorted(self._given_up.items()):
            try:
                reading = self._files.open_read(segment_path(self._folder, number))
                try:
                    tail = examine(reading, number)
                finally:
                    reading.close()
                if tail is not None and not tail.ended and tail.stop >= durable:
                    end_segment(self._folder, tail.limited(durable), self._files)
                del self._given_up[number]
            except OSError:
                return

    def close(self) -> None:
        """Commit, end the segment and let others write here.

        Raises:
            RecordError: the disk refuses; the journal is let go all the same.
        """
        if self._closed:
            return
        try:
            if self._notes and self.recovery.last_ns:
                self._take_notes(self.recovery.last_ns)
            self.commit()
            with self._committing:
                if self._segment is not None:
                    self._end(self._segment)
        except OSError as error:
            raise RecordError(f"the journal in {self._folder} could not be ended: {_reason(error)}") from error
        finally:
            self._closed = True
            if self._segment is not None:
                self._segment.file.close()
            self._lock.release()


def _added(seal: Seal) -> Added:
    return seal.descriptor.first_leaf, seal.leaves()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
