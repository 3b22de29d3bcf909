"""Checking a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from luchtwacht.errors import LuchtwachtError, RecordError
from luchtwacht.journal.bundle import AREA, Bundle, Manifest, Withholding, open_bundle
from luchtwacht.journal.checkpoint import Checkpoint, SignedCheckpoint, check_checkpoint
from luchtwacht.journal.container import BadContainer
from luchtwacht.journal.entry import Entry
from luchtwacht.journal.files import ReadFile
from luchtwacht.journal.note import BadNote, VerifierKey, decode_base64
from luchtwacht.journal.reader import SegmentFile
from luchtwacht.journal.segment import (
    DELETED,
    HEAD_BYTES,
    Broken,
    Head,
    SegmentEncoder,
    check_group,
    decode_head,
    fixed_channels,
)
from luchtwacht.journal.tree import check_consistency, check_ranges
from luchtwacht.journal.verifying.order import Order, describe
from luchtwacht.journal.verifying.report import Report, Rerun, Rule, Verdict, conclude_rerun, utc
from luchtwacht.journal.verifying.signature import check_signature
from luchtwacht.journal.verifying.time import check_time

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def verify_bundle(
    path: Path,
    *,
    keys: Sequence[VerifierKey],
    known: Sequence[SignedCheckpoint] = (),
    authorities: Sequence[Certificate] = (),
    rerun: Rerun | None = None,
) -> Report:
    """Check a bundle with nothing else than the keys one trusts.

    Args:
        path: the bundle.
        keys: the keys that the verifier trusts.
        known: checkpoints of the same log from elsewhere.
        authorities: certificates under which the verifier trusts time stamps.
        rerun: runs the inputs again, for rule 10.
    """
    report = Report(f"the bundle {path.name}")
    try:
        with open_bundle(path) as bundle:
            _check_bundle(report, bundle, keys, known)
            _check_time(report, bundle, authorities)
            if rerun is not None:
                conclude_rerun(report, rerun, lambda: bundle_entries(bundle))
    except (BadContainer, LuchtwachtError) as error:
        report.fails(Rule.FORM, str(error))
    return report


def bundle_entries(bundle: Bundle) -> Iterator[Entry]:
    """The entries of a bundle in order, as far as they are shown; RecordError when it is damaged."""
    segment = SegmentFile(bundle.record, decode_head(bundle.record.read(0, HEAD_BYTES)), None)
    for each in segment.groups():
        if isinstance(each, Broken):
            raise RecordError(f"the bundle is damaged from byte {each.start} of its record")
        yield from segment.entries(each)


def _check_bundle(
    report: Report, bundle: Bundle, keys: Sequence[VerifierKey], known: Sequence[SignedCheckpoint]
) -> None:
    manifest, signed = bundle.manifest, bundle.checkpoint
    report.checkpoint = signed
    walked = _walk(report, bundle.record)
    proof = [decode_base64(each) for each in manifest.proof]
    if not check_ranges(walked.stretches, signed.checkpoint.size, proof, signed.checkpoint.root):
        report.fails(
            Rule.LOG,
            "what is here is not what stands in the log under the checkpoint: something in it was changed, added, left "
            "out or moved, or it is of another log",
        )
    _check_manifest(report, manifest)
    report.conclude(Rule.FORM, "every byte of the bundle is what the format says")
    report.conclude(Rule.CONTENT, f"{report.entries} entries are those that the seals were made for")
    report.conclude(Rule.ORDER, "chunks follow one another, and inputs are numbered without a gap that is not noted")
    leaves = sum(len(leaves) for _, leaves in walked.stretches)
    report.conclude(Rule.LOG, f"{leaves} leaves stand in the log of {manifest.size} leaves")
    check_signature(report, signed, keys)
    _check_known(report, signed, manifest, keys, known)
    _tell_missing(report, manifest, walked)
    report.conclude(
        Rule.COMPLETENESS,
        f"entries from {utc(manifest.from_ns)} to {utc(manifest.to_ns)} were asked for; what a chunk holds beyond "
        "that is shown too",
    )


def _check_time(report: Report, bundle: Bundle, authorities: Sequence[Certificate]) -> None:
    """Rule 8 for a bundle, which proves that what was stamped is a beginning of its log."""
    here = bundle.checkpoint.checkpoint
    for each in bundle.manifest.stamps:
        proof = [decode_base64(line) for line in each.proof]
        earlier = Checkpoint(here.origin, each.size, decode_base64(each.root))
        if each.size > here.size or not check_consistency(each.size, here.size, proof, earlier.root, here.root):
            report.fails(Rule.TIME, f"what was stamped at {each.size} leaves is not a beginning of this log")
        else:
            check_time(report, earlier, decode_base64(each.stamp), authorities)


def _check_manifest(report: Report, manifest: Manifest) -> None:
    """Whether a bundle counts what it holds as it is."""
    said = {number: (each.entries, each.pieces) for number, each in enumerate(manifest.withheld)}
    said[DELETED] = manifest.deleted.entries, manifest.deleted.pieces
    said = {number: each for number, each in said.items() if any(each)}
    if manifest.entries != report.entries + report.withheld or said != report.reasons:
        report.fails(
            Rule.FORM,
            f"the bundle says that it holds {manifest.entries} entries and what of them is withheld; it holds "
            f"{report.entries + report.withheld}, and does not count what is withheld as it is",
        )


def _tell_missing(report: Report, manifest: Manifest, walked: _Walked) -> None:
    """Name what is not shown, by whom and why."""
    if report.withheld or report.pieces_withheld:
        report.incomplete = "part of what was received is left out of this bundle"
    if walked.left_out:
        report.add(
            Rule.COMPLETENESS,
            Verdict.UNCHECKED,
            f"{walked.left_out} leaves between those that are here are left out, and with them "
            f"{walked.inputs_left_out} inputs: that they exist is proved, what they say is not here",
        )
    who = f" by {manifest.by}" if manifest.by else ""
    why = f" ({manifest.reason})" if manifest.reason else ""
    for each in manifest.withheld:
        what = f"not being about {manifest.area}" if each.what == AREA else each.what
        report.add(
            Rule.COMPLETENESS,
            Verdict.UNCHECKED,
            f"{_counted(each)} withheld{who} as {what}{why}: that they exist, and where, is proved; what they say is "
            "not shown",
        )
    if manifest.deleted.entries + manifest.deleted.pieces:
        report.add(
            Rule.COMPLETENESS,
            Verdict.UNCHECKED,
            f"{_counted(manifest.deleted)} no longer in the journal: that they existed, and where, is proved",
        )


def _counted(each: Withholding) -> str:
    told = [f"{each.entries} entries"] if each.entries else []
    told += [f"{each.pieces} pieces of others" if told else f"{each.pieces} pieces of entries"] if each.pieces else []
    return f"{' and '.join(told)} are"


@dataclass(slots=True)
class _Walked:
    """What a record holds."""

    stretches: list[tuple[int, list[bytes]]] = field(default_factory=list)
    """index of the first, and the hashes, of each stretch of leaves"""
    left_out: int = 0
    inputs_left_out: int = 0

    def add(self, first: int, leaves: Sequence[bytes]) -> None:
        if self.stretches and self.end == first:
            self.stretches[-1][1].extend(leaves)
        else:
            self.stretches.append((first, list(leaves)))

    @property
    def end(self) -> int:
        """One past the last leaf so far."""
        return self.stretches[-1][0] + len(self.stretches[-1][1]) if self.stretches else 0


def _walk(report: Report, file: ReadFile) -> _Walked:
    """Rules 1 to 3 for the record of a bundle; its leaves."""
    walked = _Walked()
    try:
        head = decode_head(file.read(0, HEAD_BYTES))
    except RecordError as error:
        report.fails(Rule.FORM, f"the record {error}")
        return walked
    segment = SegmentFile(file, head, None)
    encoder = SegmentEncoder(head)
    encoder.encode_head()
    channels, order = fixed_channels(), Order(report, None)
    at, last_input = HEAD_BYTES, head.last_input
    for each in segment.groups():
        if isinstance(each, Broken):
            report.fails(Rule.FORM, f"the record is damaged from byte {each.start} to byte {each.stop}")
            continue
        where, described = describe(each.seal, each.start), each.seal.descriptor
        if not walked.stretches and head != Head(0, described.first_leaf, described.first_input - 1, 0):
            report.fails(Rule.FORM, "the record does not begin as that of a bundle must")
        if described.first_leaf < walked.end:
            report.fails(Rule.ORDER, f"{where} stands at leaf {walked.end}, not {described.first_leaf}")
        elif walked.stretches and described.first_leaf > walked.end:
            walked.left_out += described.first_leaf - walked.end
            walked.inputs_left_out += max(0, described.first_input - 1 - last_input)
            order.jump(described.first_input - 1)
        if each.seal.durable:
            report.fails(Rule.FORM, f"{where} says that it was on a disk")
        body = segment.body(each)
        try:
            opened = check_group(each.seal, body, channels)
        except RecordError as error:
            report.fails(Rule.CONTENT, f"{where} does not hold: {error}")
            order.jump(described.last_input)
        else:
            report.count(opened)
            encoder.adopt(each, opened.body)
            order.look(where, opened)
            if opened.withheld:
                order.jump(described.last_input)
        walked.add(described.first_leaf, each.seal.leaves())
        at, last_input = each.end, described.last_input
    if segment.rest(at) != encoder.encode_end():
        report.fails(Rule.FORM, "the index or summary at the end of the record is not that of its groups")
    return walked


def _check_known(
    report: Report,
    signed: SignedCheckpoint,
    manifest: Manifest,
    keys: Sequence[VerifierKey],
    known: Iterable[SignedCheckpoint],
) -> None:
    """Rule 6 for a bundle, which holds one checkpoint, and proofs for those that its exporter was given."""
    here = signed.checkpoint
    proofs = {each.size: each.proof for each in manifest.consistency}
    for each in known:
        earlier = each.checkpoint
        if earlier.origin != here.origin:
            report.fails(Rule.HISTORY, f"a checkpoint is of another log: {earlier.origin}")
            continue
        try:
            check_checkpoint(each, keys)
            proof = [decode_base64(line) for line in proofs.get(earlier.size, ())]
        except BadNote as error:
            report.fails(Rule.HISTORY, f"the checkpoint of size {earlier.size} is not the log's: {error}")
            continue
        if earlier.size != here.size and earlier.size not in proofs:
            report.add(
                Rule.HISTORY,
                Verdict.UNCHECKED,
                f"whether the checkpoint of size {earlier.size} is of the same history cannot be seen from a bundle of "
                f"size {here.size} without a proof: ask for a bundle made with it (luchtwacht export --known)",
            )
        elif check_consistency(earlier.size, here.size, proof, earlier.root, here.root):
            report.add(Rule.HISTORY, Verdict.HOLDS, f"the checkpoint of size {earlier.size} is of the same history")
        else:
            report.fails(
                Rule.HISTORY,
                f"for {earlier.size} leaves another root was signed elsewhere: there are two histories",
            )
