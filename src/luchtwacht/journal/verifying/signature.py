"""Rule 5: who signed."""

from __future__ import annotations

from collections.abc import Sequence

from luchtwacht.journal.checkpoint import SignedCheckpoint, check_checkpoint
from luchtwacht.journal.note import BadNote, VerifierKey
from luchtwacht.journal.verifying.report import Report, Rule, Verdict, utc


def check_signature(report: Report, signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> None:
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
        f"{each.key.name} ({each.key.kind.name}{f', {utc(each.time_s * 1_000_000_000)}' if each.time_s else ''})"
        for each in found
    ]
    report.add(
        Rule.SIGNATURE,
        Verdict.HOLDS,
        f"the checkpoint of {signed.checkpoint.origin}, size {signed.checkpoint.size}, is signed by {', '.join(told)}",
    )
