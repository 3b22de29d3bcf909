"""Checking a journal's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from luchtwacht.errors import RecordError
from luchtwacht.journal.checkpoint import SignedCheckpoint, check_checkpoint
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.log import log_folder, read_checkpoint, read_checkpoints, read_keys, read_stamps
from luchtwacht.journal.note import BadNote, VerifierKey
from luchtwacht.journal.reader import SegmentFile, open_segment, read_entries, segments
from luchtwacht.journal.recovery import segment_numbers
from luchtwacht.journal.segment import HEAD_BYTES, Broken, SegmentEncoder, check_group, fixed_channels
from luchtwacht.journal.tiles import TILE_WIDTH, Tile, TileBuilder, log_reader, read_tile, tile_path
from luchtwacht.journal.tree import EMPTY_ROOT, HASH_BYTES
from luchtwacht.journal.verifying.deleted import Deleted
from luchtwacht.journal.verifying.order import Order, describe
from luchtwacht.journal.verifying.report import Report, Rerun, Rule, Verdict, conclude_rerun
from luchtwacht.journal.verifying.signature import check_signature
from luchtwacht.journal.verifying.time import check_time

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def verify_journal(
    folder: Path,
    *,
    keys: Sequence[VerifierKey],
    known: Sequence[SignedCheckpoint] = (),
    authorities: Sequence[Certificate] = (),
    rerun: Rerun | None = None,
    files: Files = REAL,
) -> Report:
    """Check a journal's folder. Reads everything, writes nothing, takes no lock.

    Args:
        folder: the journal.
        keys: the keys that the verifier trusts.
        known: checkpoints of this log that the verifier has from elsewhere: from a witness, or an earlier visit.
        authorities: certificates under which the verifier trusts time stamps.
        rerun: runs the inputs again, for rule 10.
        files: the file system.
    """
    report = Report(f"the journal in {folder}")
    try:
        _Journal(folder, keys, known, report, authorities, files).check()
        if rerun is not None:
            conclude_rerun(report, rerun, lambda: read_entries(folder, files=files))
    except OSError as error:
        report.fails(Rule.FORM, f"it cannot be read: {error.strerror or error}")
    return report


class _Journal:
    """The checks of a journal's folder, which share the growing log."""

    def __init__(
        self,
        folder: Path,
        keys: Sequence[VerifierKey],
        known: Sequence[SignedCheckpoint],
        report: Report,
        roots_of_time: Sequence[Certificate],
        files: Files,
    ) -> None:
        self._roots_of_time = roots_of_time
        self._folder, self._keys, self._known, self._report, self._files = folder, keys, known, report, files
        self._log = TileBuilder()
        self._roots: dict[int, bytes] = {0: EMPTY_ROOT}
        """size to root, at the sizes that checkpoints are for"""
        self._sizes: set[int] = set()
        self._latest: SignedCheckpoint | None = None
        self._others: list[SignedCheckpoint] = []
        self._broken_log = ""
        self._expected: dict[Tile, bytes] = {}
        self._deleted = Deleted(report)

    def check(self) -> None:
        report = self._report
        self._read_checkpoints()
        self._walk()
        report.conclude(Rule.FORM, "every byte of every segment is what the format says")
        report.conclude(Rule.CONTENT, f"{report.entries} entries are those that the seals were made for")
        report.conclude(
            Rule.ORDER, "chunks follow one another, and inputs are numbered without a gap that is not noted"
        )
        self._check_log()
        self._check_signature()
        self._check_history()
        self._check_tiles()
        self._check_time()
        self._deleted.conclude()
        if report.unsealed:
            report.add(
                Rule.COMPLETENESS,
                Verdict.UNCHECKED,
                f"{report.unsealed} entries at the end are not sealed yet: they came after the last checkpoint",
            )
        report.conclude(Rule.COMPLETENESS, f"{report.entries - report.unsealed} entries are here and sealed")

    def _read_checkpoints(self) -> None:
        try:
            self._latest = self._report.checkpoint = read_checkpoint(self._folder, self._files)
            self._others = [
                each
                for each in (*read_checkpoints(self._folder, self._files), *self._known)
                if self._latest is None or str(each) != str(self._latest)
            ]
        except BadNote as error:
            self._report.fails(Rule.FORM, f"a checkpoint of the journal cannot be read: {error}")
        every = [self._latest] if self._latest else []
        self._sizes = {each.checkpoint.size for each in (*every, *self._others)}

    # -- rules 1 to 3, and the leaves for rule 4

    def _walk(self) -> None:
        report = self._report
        try:
            found = segments(self._folder, self._files)
        except RecordError as error:
            report.fails(Rule.FORM, str(error))
            return
        numbers = segment_numbers(self._folder, self._files)
        order = Order(report, 0)
        end: tuple[int, int] | None = None  # last input and number of bytes of the segment before
        for place, (head, stop) in enumerate(found):
            if place == 0 and head.number != 1:
                report.fails(Rule.ORDER, f"the journal begins with segment {head.number}: those before it are missing")
            last_input, last_bytes = end or (0, 0)
            if head.last_input != last_input and end is not None:
                report.fails(
                    Rule.ORDER,
                    f"segment {head.number} says that input {head.last_input} came before it: it was {last_input}",
                )
            if head.previous_bytes < last_bytes and not found[place - 1][0].thinned:
                report.fails(
                    Rule.ORDER,
                    f"segment {head.number} does not count all of segment {head.number - 1} as the journal's",
                )
            if head.first_leaf != self._log.size:
                self._gap(head.first_leaf, f"segment {head.number}")
            with open_segment(self._folder, head.number, stop, self._files) as segment:
                if segment is not None:
                    end = self._walk_segment(segment, order, last=place == len(found) - 1)
        if len(found) < len(numbers):
            report.add(
                Rule.COMPLETENESS,
                Verdict.UNCHECKED,
                f"segment {numbers[-1]} was being made when the watch ended: nothing in it was promised",
            )

    def _walk_segment(self, segment: SegmentFile, order: Order, *, last: bool) -> tuple[int, int]:
        report, number = self._report, segment.head.number
        encoder = SegmentEncoder(segment.head)
        encoder.encode_head()
        at, last_input = HEAD_BYTES, segment.head.last_input
        channels, whole, durable = fixed_channels(), True, 0
        for each in segment.groups():
            at = each.stop if isinstance(each, Broken) else each.end
            if each.seal is None:
                report.fails(Rule.FORM, f"segment {number} is damaged from byte {each.start} to byte {each.stop}")
                whole = False
                continue
            where, described = describe(each.seal, each.start), each.seal.descriptor
            if described.first_leaf != self._log.size:
                self._gap(described.first_leaf, where)
                order.jump(described.first_input - 1)
            if isinstance(each, Broken):
                report.fails(Rule.CONTENT, f"{where} is damaged: its entries cannot be read")
                whole = False
                order.jump(described.last_input)
                self._add(each.seal.leaves())
                last_input = described.last_input
                continue
            if described.segment != number:
                report.fails(Rule.ORDER, f"{where} stands in segment {number}")
            if not durable <= each.seal.durable <= each.offset:
                report.fails(Rule.ORDER, f"{where} says that {each.seal.durable} bytes were on the disk before it")
            durable = each.seal.durable
            body = segment.body(each)
            try:
                opened = check_group(each.seal, body, channels)
            except RecordError as error:
                report.fails(Rule.CONTENT, f"{where} does not hold: {error}")
                order.jump(described.last_input)
                whole = False
            else:
                report.count(opened)
                encoder.adopt(each, opened.body)
                order.look(where, opened)
                if opened.withheld:
                    order.jump(described.last_input)
                self._deleted.look(number, where, described.first_leaf, described.last_input, opened)
                if self._latest is None or described.first_leaf >= self._latest.checkpoint.size:
                    report.unsealed += len(opened.rows)
            self._add(each.seal.leaves())
            last_input = described.last_input
        if whole:
            self._check_end(segment, encoder, at, last=last)
        else:
            report.add(
                Rule.FORM,
                Verdict.UNCHECKED,
                f"the index of segment {number}, because not all that it names can be read",
            )
        return last_input, at

    def _check_end(self, segment: SegmentFile, encoder: SegmentEncoder, at: int, *, last: bool) -> None:
        """What follows the groups: the end that follows from them, the beginning of it, or what a crash tore."""
        number, rest = segment.head.number, segment.rest(at)
        encoder.size = at
        ending = encoder.encode_end()
        if rest == ending:
            return
        if ending.startswith(rest) and last:
            if rest:
                self._report.add(
                    Rule.COMPLETENESS,
                    Verdict.UNCHECKED,
                    f"segment {number} was being ended when the watch ended: its groups are whole, its index is not",
                )
            return
        if segment.ended or rest[-8:] == ending[-8:] or len(rest) == len(ending):
            self._report.fails(
                Rule.FORM, f"the index or summary at the end of segment {number} is not that of its groups"
            )
            return
        self._report.add(
            Rule.COMPLETENESS,
            Verdict.UNCHECKED,
            f"{len(rest)} bytes at the end of segment {number} were torn by a crash: they belong to no entry that was "
            "promised",
        )

    def _add(self, leaves: Sequence[bytes]) -> None:
        for leaf in leaves:
            self._log.append((leaf,))
            if self._log.size in self._sizes:
                self._roots[self._log.size] = self._log.root()
                if self._latest and self._log.size == self._latest.checkpoint.size:
                    self._expected |= self._log.partial()
        if self._latest and self._log.size <= self._latest.checkpoint.size:
            self._expected |= self._log.filled
            self._log.filled.clear()

    def _gap(self, first_leaf: int, where: str) -> None:
        """A chunk stands elsewhere than where the one before it ended."""
        size = self._log.size
        if first_leaf < size:
            self._report.fails(Rule.ORDER, f"{where} says that its leaf is {first_leaf}, and follows leaf {size - 1}")
            self._broken_log = self._broken_log or f"{where} is repeated or out of place"
            return
        self._report.fails(Rule.ORDER, f"what is sealed by leaves {size} to {first_leaf - 1} is missing before {where}")
        try:
            tiles = log_reader(log_folder(self._folder), first_leaf, self._files)
            self._add(tiles.fetch([(0, index) for index in range(size, first_leaf)]))
        except RecordError:
            self._broken_log = self._broken_log or f"leaves {size} to {first_leaf - 1} are missing, with their tiles"

    # -- rules 4 to 7

    def _check_log(self) -> None:
        report = self._report
        if self._latest is None:
            report.add(Rule.LOG, Verdict.UNCHECKED, "there is no checkpoint: this journal was never sealed")
            return
        signed = self._latest.checkpoint
        root = self._roots.get(signed.size)
        if self._broken_log:
            report.fails(Rule.LOG, f"the log cannot be made again: {self._broken_log}")
        elif root is None:
            report.fails(
                Rule.LOG,
                f"the checkpoint is for {signed.size} leaves, and the record gives {self._log.size}: its end is gone",
            )
        elif root != signed.root:
            report.fails(
                Rule.LOG,
                f"the record does not give the root of the checkpoint (size {signed.size}): something was changed, "
                f"added, left out or moved{self._first_difference(signed.size)}",
            )
        report.conclude(Rule.LOG, f"{signed.size} leaves give the root that the checkpoint states")

    def _first_difference(self, size: int) -> str:
        """Where the tiles of the journal first say something else than its entries, if they do."""
        reader = log_reader(log_folder(self._folder), size, self._files)
        for tile, data in sorted(self._expected.items()):
            if tile[0]:
                break
            try:
                kept = reader.tile(tile)
            except RecordError:
                continue
            for place, leaf in enumerate(kept):
                if leaf != data[place * HASH_BYTES : (place + 1) * HASH_BYTES]:
                    return f"; by the journal's tiles first at leaf {tile[1] * TILE_WIDTH + place}"
        return ""

    def _check_signature(self) -> None:
        if self._latest is None:
            self._report.add(Rule.SIGNATURE, Verdict.UNCHECKED, "there is no checkpoint: nothing is signed")
            return
        check_signature(self._report, self._latest, self._keys)

    def _check_history(self) -> None:
        report = self._report
        for each in self._others:
            checkpoint = each.checkpoint
            if self._latest and checkpoint.origin != self._latest.checkpoint.origin:
                report.fails(Rule.HISTORY, f"a checkpoint is of another log: {checkpoint.origin}")
                continue
            try:
                check_checkpoint(each, self._keys)
            except BadNote as error:
                report.fails(Rule.HISTORY, f"the checkpoint of size {checkpoint.size} is not the log's: {error}")
                continue
            if checkpoint.size not in self._roots:
                report.fails(
                    Rule.HISTORY,
                    f"a checkpoint for {checkpoint.size} leaves was signed, and the record has no such beginning: "
                    "it was rolled back or replaced",
                )
            elif self._roots[checkpoint.size] != checkpoint.root:
                report.fails(
                    Rule.HISTORY,
                    f"for {checkpoint.size} leaves another root was signed elsewhere: there are two histories",
                )
        if self._others:
            report.conclude(Rule.HISTORY, f"{len(self._others)} other checkpoints are beginnings of this log")
        else:
            report.add(Rule.HISTORY, Verdict.UNCHECKED, "no other checkpoint is known: a roll-back could not be seen")

    def _check_time(self) -> None:
        """What authorities stamped; the checkpoints that they stamped are held against the log by rule 6."""
        try:
            stamps = read_stamps(self._folder, self._files)
        except BadNote as error:
            self._report.fails(Rule.TIME, str(error))
            return
        for signed, stamp in stamps:
            check_time(self._report, signed.checkpoint, stamp, self._roots_of_time)

    def _check_tiles(self) -> None:
        report = self._report
        try:
            hinted = read_keys(self._folder, self._files)
        except (BadNote, UnicodeDecodeError) as error:
            report.fails(Rule.TILES, f"the file log/keys cannot be read: {error}")
        else:
            if self._latest and not any(key.name == self._latest.checkpoint.origin for key in hinted):
                report.fails(Rule.TILES, "the file log/keys does not name the key of this log")
        if self._latest is None or self._broken_log:
            report.add(
                Rule.TILES, Verdict.UNCHECKED, "the tiles cannot be held against a log that cannot be made again"
            )
            return
        log = log_folder(self._folder)
        for tile, data in self._expected.items():
            self._check_partial_tiles(tile, data)
            try:
                kept = read_tile(log, tile, self._files)
            except RecordError:
                report.fails(Rule.TILES, f"{tile_path(tile)} is missing")
                continue
            if kept != data:
                report.fails(Rule.TILES, f"{tile_path(tile)} does not hold the hashes of the entries")
        report.conclude(Rule.TILES, f"{len(self._expected)} tiles hold the hashes of the entries")

    def _check_partial_tiles(self, tile: Tile, data: bytes) -> None:
        """The tiles of earlier checkpoints must be beginnings of the present one."""
        level, number, width = tile
        folder = (log_folder(self._folder) / tile_path((level, number, 1))).parent
        for name in self._files.names(folder):
            earlier = int(name) if name.isascii() and name.isdigit() else 0
            if not earlier:
                self._report.fails(Rule.TILES, f"{folder / name} is no tile")
            elif earlier <= width and self._files.read_all(folder / name) != data[: earlier * HASH_BYTES]:
                self._report.fails(Rule.TILES, f"{folder / name} does not hold the hashes of the entries")
