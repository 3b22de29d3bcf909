"""Checking a journal or a bundle, from outside, with nothing but its bytes and the keys one trusts.

The rules, in the order in which they are checked. A stranger could follow them by hand with `docs/formats/`.

1. Form. The bytes are those of the format, every one of them: nothing is damaged, and nothing can be hidden.
2. Content. The entries of every chunk hash to the root that the chunk's seal states, and every decision in it (alert,
   command, configuration, zone, authorisation, note) to the leaf that the seal lists.
3. Order. Every chunk stands in the log where the one before it ended, every segment begins where the one before it
   ended, and inputs are numbered without gaps, except where a note says which are missing.
4. Log. The leaves of all chunks, by RFC 6962, give the root that the checkpoint states for its size. What was added,
   left out, repeated, moved or changed gives another root.
5. Signature. The checkpoint is signed in the log's own name by a key that the verifier brought, and none of the
   signatures by the verifier's keys is false.
6. History. Every other checkpoint of this log that is known, kept with the journal or brought by the verifier, is a
   beginning of the very same log: nothing was rolled back, and there are no two histories.
7. Tiles. The hashes that the journal keeps for others to read are those that follow from its entries.
8. Completeness. What is withheld, damaged, cut off or not yet sealed is named; it is not counted as holding.
9. Conclusions. The inputs run again through the pipeline say what was recorded. This needs the pipeline, so it is done
   by whoever passes it in.

Seals are checked before anything is concluded from what they seal: rule 9 is left out when an earlier rule fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from luchtwacht.errors import LuchtwachtError, RecordError
from luchtwacht.journal.bundle import Bundle, open_bundle
from luchtwacht.journal.checkpoint import SignedCheckpoint, check_checkpoint
from luchtwacht.journal.container import BadContainer
from luchtwacht.journal.entry import INPUTS, Entry, EntryKind, decode_note
from luchtwacht.journal.files import REAL, Files, ReadFile
from luchtwacht.journal.log import log_folder, read_checkpoint, read_checkpoints, read_keys
from luchtwacht.journal.note import BadNote, VerifierKey
from luchtwacht.journal.reader import SegmentFile, open_segment, segments
from luchtwacht.journal.recovery import segment_numbers
from luchtwacht.journal.segment import (
    HEAD_BYTES,
    Broken,
    Head,
    Seal,
    SegmentEncoder,
    check_group,
    decode_head,
    fixed_channels,
)
from luchtwacht.journal.tiles import TILE_WIDTH, Tile, TileBuilder, log_reader, read_tile, tile_path
from luchtwacht.journal.tree import EMPTY_ROOT, HASH_BYTES, check_range
from luchtwacht.units import ns_to_datetime


class Rule(StrEnum):
    """The rules above, by name."""

    FORM = "form"
    CONTENT = "content"
    ORDER = "order"
    LOG = "log"
    SIGNATURE = "signature"
    HISTORY = "history"
    TILES = "tiles"
    COMPLETENESS = "completeness"
    CONCLUSIONS = "conclusions"


class Verdict(StrEnum):
    """What a check came to."""

    HOLDS = "holds"
    FAILS = "fails"
    UNCHECKED = "unchecked"
    """could not be checked; the sentence says why"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked."""

    rule: Rule
    verdict: Verdict
    sentence: str


Rerun = Callable[[Callable[[], Iterator[Entry]]], tuple[Verdict, str]]
"""Runs inputs again: is given what iterates the entries (as often as it is called), returns a verdict and a sentence"""

_SAID = 20
"""as many failures of one rule are told one by one"""


@dataclass(slots=True)
class Report:
    """What a verification found."""

    subject: str
    checks: list[Check] = field(default_factory=list)
    entries: int = 0
    """that were read and found to be what was sealed"""
    withheld: int = 0
    unsealed: int = 0
    """entries that no checkpoint covers yet"""
    checkpoint: SignedCheckpoint | None = None
    _counts: dict[tuple[Rule, Verdict], int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing failed, and the seals could be checked at all."""
        sealed = {each.rule for each in self.checks if each.verdict is Verdict.HOLDS}
        return {Rule.LOG, Rule.SIGNATURE} <= sealed and not any(each.verdict is Verdict.FAILS for each in self.checks)

    def failed(self) -> list[Check]:
        """What does not hold."""
        return [each for each in self.checks if each.verdict is Verdict.FAILS]

    def text(self) -> str:
        """For a person: the verdict first, then every check."""
        lines = [f"{self.subject}: {'holds' if self.holds else 'DOES NOT HOLD'}"]
        lines += [f"  {each.verdict.value:<9}  {each.rule.value:<12}  {each.sentence}" for each in self.checks]
        for (rule, verdict), count in self._counts.items():
            if count > _SAID:
                lines.append(f"  {verdict.value:<9}  {rule.value:<12}  and {count - _SAID} more like these")
        return "\n".join(lines) + "\n"

    def add(self, rule: Rule, verdict: Verdict, sentence: str) -> None:
        """Take note of a check; of many alike only the first are kept."""
        self._counts[rule, verdict] = self._counts.get((rule, verdict), 0) + 1
        if self._counts[rule, verdict] <= _SAID:
            self.checks.append(Check(rule, verdict, sentence))

    def fails(self, rule: Rule, sentence: str) -> None:
        """Something does not hold."""
        self.add(rule, Verdict.FAILS, sentence)

    def conclude(self, rule: Rule, sentence: str) -> None:
        """Say that a rule holds, unless something against it was found."""
        if not self._counts.get((rule, Verdict.FAILS)):
            self.add(rule, Verdict.HOLDS, sentence)


class _Order:
    """Rule 3 within a row of chunks: numbers of inputs, and the notes that explain gaps."""

    def __init__(self, report: Report, last_input: int | None) -> None:
        self._report = report
        self._last = last_input
        self._explained: set[tuple[int, int]] = set()

    def look(self, where: str, entries: Sequence[Entry], withheld: int) -> None:
        for entry in entries:
            if entry.kind is EntryKind.NOTE:
                self._explain(where, entry)
            elif entry.kind in INPUTS:
                if self._last is not None and entry.sequence != self._last + 1 and not withheld:
                    self._missing(where, self._last + 1, entry.sequence - 1)
                self._last = entry.sequence

    def jump(self, last_input: int) -> None:
        """Go on after something that could not be read."""
        self._last = last_input

    def _explain(self, where: str, entry: Entry) -> None:
        try:
            note = decode_note(entry.data)
            if note.get("subject") == "gap":
                self._explained.add((int(note["first"]), int(note["last"])))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            self._report.fails(Rule.CONTENT, f"{where} holds a note that cannot be read")

    def _missing(self, where: str, first: int, last: int) -> None:
        if last < first:
            self._report.fails(Rule.ORDER, f"{where}: input {last + 1} comes after input {first - 1}")
        elif (first, last) in self._explained:
            self._report.add(
                Rule.COMPLETENESS,
                Verdict.UNCHECKED,
                f"inputs {first} to {last} were not recorded, as the journal itself says before input {last + 1}",
            )
        else:
            self._report.fails(Rule.ORDER, f"{where}: inputs {first} to {last} are missing, and no note says why")


def _describe(seal: Seal, offset: int) -> str:
    described = seal.descriptor
    inputs = (
        f"inputs {described.first_input} to {described.last_input}"
        if described.first_input <= described.last_input
        else f"what was said after input {described.last_input}"
    )
    return f"the chunk at byte {offset} of segment {described.segment} ({inputs})"


def _utc(time_ns: int) -> str:
    try:
        return f"{ns_to_datetime(time_ns):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return f"{time_ns} ns"


# ---------------------------------------------------------------------------------------------------------- a journal


def verify_journal(
    folder: Path,
    *,
    keys: Sequence[VerifierKey],
    known: Sequence[SignedCheckpoint] = (),
    rerun: Rerun | None = None,
    files: Files = REAL,
) -> Report:
    """Check a journal's folder. Reads everything, writes nothing, takes no lock.

    Args:
        folder: the journal.
        keys: the keys that the verifier trusts.
        known: checkpoints of this log that the verifier has from elsewhere: from a witness, or an earlier visit.
        rerun: runs the inputs again, for rule 9.
        files: the file system.
    """
    report = Report(f"the journal in {folder}")
    try:
        _Journal(folder, keys, known, report, files).check()
        if rerun is not None:
            _conclude_rerun(report, rerun, lambda: _readable_entries(folder, files))
    except OSError as error:
        report.fails(Rule.FORM, f"it cannot be read: {error.strerror or error}")
    return report


def _readable_entries(folder: Path, files: Files) -> Iterator[Entry]:
    from luchtwacht.journal.reader import read_entries

    return read_entries(folder, files=files)


def _conclude_rerun(report: Report, rerun: Rerun, entries: Callable[[], Iterator[Entry]]) -> None:
    if report.failed():
        report.add(
            Rule.CONCLUSIONS, Verdict.UNCHECKED, "the inputs were not run again, because what they are is in doubt"
        )
        return
    verdict, sentence = rerun(entries)
    report.add(Rule.CONCLUSIONS, verdict, sentence)


class _Journal:
    """The checks of a journal's folder, which share the growing log."""

    def __init__(
        self,
        folder: Path,
        keys: Sequence[VerifierKey],
        known: Sequence[SignedCheckpoint],
        report: Report,
        files: Files,
    ) -> None:
        self._folder, self._keys, self._known, self._report, self._files = folder, keys, known, report, files
        self._log = TileBuilder()
        self._roots: dict[int, bytes] = {0: EMPTY_ROOT}
        """size to root, at the sizes that checkpoints are for"""
        self._sizes: set[int] = set()
        self._latest: SignedCheckpoint | None = None
        self._others: list[SignedCheckpoint] = []
        self._broken_log = ""
        self._expected: dict[Tile, bytes] = {}
        self._sealed_entries = 0

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
        order = _Order(report, 0)
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
            if head.previous_bytes < last_bytes:
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

    def _walk_segment(self, segment: SegmentFile, order: _Order, *, last: bool) -> tuple[int, int]:
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
            where, described = _describe(each.seal, each.start), each.seal.descriptor
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
                report.entries += len(opened.entries)
                report.withheld += opened.withheld
                encoder.adopt(each, opened.body)
                order.look(where, opened.entries, opened.withheld)
                if self._latest is None or described.first_leaf >= self._latest.checkpoint.size:
                    report.unsealed += len(opened.entries)
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
        _check_signature(self._report, self._latest, self._keys)

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


def _check_signature(report: Report, signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> None:
    if not keys:
        names = ", ".join(sorted({each.name for each in signed.note.signatures}))
        report.add(Rule.SIGNATURE, Verdict.UNCHECKED, f"no key was given to check it with; it claims to be by {names}")
        return
    try:
        found = check_checkpoint(signed, keys)
    except BadNote as error:
        report.fails(Rule.SIGNATURE, f"the checkpoint is not the log's: {error}")
        return
    told = [
        f"{each.key.name} ({each.key.kind.name}{f', {_utc(each.time_s * 1_000_000_000)}' if each.time_s else ''})"
        for each in found
    ]
    report.add(
        Rule.SIGNATURE,
        Verdict.HOLDS,
        f"the checkpoint of {signed.checkpoint.origin}, size {signed.checkpoint.size}, is signed by {', '.join(told)}",
    )


# ----------------------------------------------------------------------------------------------------------- a bundle


def verify_bundle(
    path: Path,
    *,
    keys: Sequence[VerifierKey],
    known: Sequence[SignedCheckpoint] = (),
    rerun: Rerun | None = None,
) -> Report:
    """Check a bundle with nothing else than the keys one trusts.

    Args:
        path: the bundle.
        keys: the keys that the verifier trusts.
        known: checkpoints of the same log from elsewhere.
        rerun: runs the inputs again, for rule 9.
    """
    report = Report(f"the bundle {path.name}")
    try:
        with open_bundle(path) as bundle:
            _check_bundle(report, bundle, keys, known)
            if rerun is not None:
                _conclude_rerun(report, rerun, lambda: bundle_entries(bundle))
    except (BadContainer, LuchtwachtError) as error:
        report.fails(Rule.FORM, str(error))
    return report


def bundle_entries(bundle: Bundle) -> Iterator[Entry]:
    """The entries of a bundle in order, without those that are withheld; RecordError when it is damaged."""
    for _, file in bundle.parts:
        segment = SegmentFile(file, decode_head(file.read(0, HEAD_BYTES)), None)
        for each in segment.groups():
            if isinstance(each, Broken):
                raise RecordError(f"the bundle is damaged from byte {each.start} of a part")
            yield from segment.entries(each)


def _check_bundle(
    report: Report, bundle: Bundle, keys: Sequence[VerifierKey], known: Sequence[SignedCheckpoint]
) -> None:
    manifest, signed = bundle.manifest, bundle.checkpoint
    report.checkpoint = signed
    end = 0
    for part, file in bundle.parts:
        if part.first_leaf < end:
            report.fails(Rule.ORDER, f"{part.file} begins at leaf {part.first_leaf}, before the part before it ended")
        end = part.first_leaf + part.leaves
        leaves = _check_part(report, part.file, part.first_leaf, file)
        if len(leaves) != part.leaves or not check_range(
            leaves, part.first_leaf, signed.checkpoint.size, part.hashes(), signed.checkpoint.root
        ):
            report.fails(
                Rule.LOG,
                f"{part.file} is not what stands at leaf {part.first_leaf} of the log under the checkpoint: something "
                "in it was changed, added, left out or moved, or it is of another log",
            )
    if (report.entries + report.withheld, report.withheld) != (manifest.entries, manifest.withheld):
        report.fails(
            Rule.FORM,
            f"the bundle says that it holds {manifest.entries} entries, {manifest.withheld} of them withheld; "
            f"it holds {report.entries + report.withheld}, {report.withheld} withheld",
        )
    report.conclude(Rule.FORM, "every byte of the bundle is what the format says")
    report.conclude(Rule.CONTENT, f"{report.entries} entries are those that the seals were made for")
    report.conclude(Rule.ORDER, "chunks follow one another, and inputs are numbered without a gap that is not noted")
    report.conclude(
        Rule.LOG, f"{sum(part.leaves for part, _ in bundle.parts)} leaves stand in the log of {manifest.size} leaves"
    )
    _check_signature(report, signed, keys)
    _check_known(report, signed, keys, known)
    if report.withheld:
        report.add(
            Rule.COMPLETENESS,
            Verdict.UNCHECKED,
            f"{report.withheld} of {report.entries + report.withheld} entries are withheld: that they exist, and "
            "where, is proved; what they say is not shown",
        )
    report.conclude(
        Rule.COMPLETENESS,
        f"entries from {_utc(manifest.from_ns)} to {_utc(manifest.to_ns)} were asked for; what a chunk holds beyond "
        "that is shown too",
    )


def _check_part(report: Report, name: str, first_leaf: int, file: ReadFile) -> list[bytes]:
    """Rules 1 to 3 for a part; its leaves."""
    try:
        head = decode_head(file.read(0, HEAD_BYTES))
    except RecordError as error:
        report.fails(Rule.FORM, f"{name} {error}")
        return []
    if head != Head(0, first_leaf, head.last_input, 0):
        report.fails(Rule.FORM, f"{name} does not begin as a part of a bundle must")
    segment = SegmentFile(file, head, None)
    encoder = SegmentEncoder(head)
    encoder.encode_head()
    channels, order = fixed_channels(), _Order(report, None)
    leaves: list[bytes] = []
    at = HEAD_BYTES
    for each in segment.groups():
        if isinstance(each, Broken):
            report.fails(Rule.FORM, f"{name} is damaged from byte {each.start} to byte {each.stop}")
            continue
        where, described = f"{name}: {_describe(each.seal, each.start)}", each.seal.descriptor
        if described.first_leaf != first_leaf + len(leaves):
            report.fails(Rule.ORDER, f"{where} stands at leaf {first_leaf + len(leaves)}, not {described.first_leaf}")
        if each.seal.durable:
            report.fails(Rule.FORM, f"{where} says that it was on a disk")
        body = segment.body(each)
        try:
            opened = check_group(each.seal, body, channels)
        except RecordError as error:
            report.fails(Rule.CONTENT, f"{where} does not hold: {error}")
            order.jump(described.last_input)
        else:
            report.entries += len(opened.entries)
            report.withheld += opened.withheld
            encoder.adopt(each, opened.body)
            order.look(where, opened.entries, opened.withheld)
            if opened.withheld:
                order.jump(described.last_input)
        leaves += each.seal.leaves()
        at = each.end
    if segment.rest(at) != encoder.encode_end():
        report.fails(Rule.FORM, f"the index or summary at the end of {name} is not that of its groups")
    return leaves


def _check_known(
    report: Report, signed: SignedCheckpoint, keys: Sequence[VerifierKey], known: Iterable[SignedCheckpoint]
) -> None:
    """Rule 6 for a bundle, which holds one checkpoint."""
    for each in known:
        if each.checkpoint.origin != signed.checkpoint.origin:
            report.fails(Rule.HISTORY, f"a checkpoint is of another log: {each.checkpoint.origin}")
            continue
        try:
            check_checkpoint(each, keys)
        except BadNote as error:
            report.fails(Rule.HISTORY, f"the checkpoint of size {each.checkpoint.size} is not the log's: {error}")
            continue
        if each.checkpoint.size != signed.checkpoint.size:
            report.add(
                Rule.HISTORY,
                Verdict.UNCHECKED,
                f"whether the checkpoint of size {each.checkpoint.size} is of the same history cannot be seen from a "
                f"bundle of size {signed.checkpoint.size}: ask the log for a consistency proof",
            )
        elif each.checkpoint.root != signed.checkpoint.root:
            report.fails(
                Rule.HISTORY,
                f"for {signed.checkpoint.size} leaves another root was signed elsewhere: there are two histories",
            )
        else:
            report.add(
                Rule.HISTORY, Verdict.HOLDS, f"the checkpoint of size {signed.checkpoint.size} is known elsewhere"
            )
