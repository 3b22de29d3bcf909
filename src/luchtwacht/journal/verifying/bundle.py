"""Checking a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from luchtwacht.errors import LuchtwachtError, RecordError
from luchtwacht.journal.bundle import Bundle, open_bundle
from luchtwacht.journal.checkpoint import SignedCheckpoint, check_checkpoint
from luchtwacht.journal.container import BadContainer
from luchtwacht.journal.entry import Entry
from luchtwacht.journal.files import ReadFile
from luchtwacht.journal.note import BadNote, VerifierKey
from luchtwacht.journal.reader import SegmentFile
from luchtwacht.journal.segment import (
    HEAD_BYTES,
    Broken,
    Head,
    SegmentEncoder,
    check_group,
    decode_head,
    fixed_channels,
)
from luchtwacht.journal.tree import check_range
from luchtwacht.journal.verifying.order import Order, describe
from luchtwacht.journal.verifying.report import Report, Rerun, Rule, Verdict, conclude_rerun, utc
from luchtwacht.journal.verifying.signature import check_signature


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
                conclude_rerun(report, rerun, lambda: bundle_entries(bundle))
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
    check_signature(report, signed, keys)
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
        f"entries from {utc(manifest.from_ns)} to {utc(manifest.to_ns)} were asked for; what a chunk holds beyond "
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
    channels, order = fixed_channels(), Order(report, None)
    leaves: list[bytes] = []
    at = HEAD_BYTES
    for each in segment.groups():
        if isinstance(each, Broken):
            report.fails(Rule.FORM, f"{name} is damaged from byte {each.start} to byte {each.stop}")
            continue
        where, described = f"{name}: {describe(each.seal, each.start)}", each.seal.descriptor
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
