"""When a checkpoint existed at the latest, by somebody who is not the watch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from luchtwacht.journal.checkpoint import Checkpoint
from luchtwacht.journal.stamp import BadStamp, check_stamp
from luchtwacht.journal.verifying.report import Report, Rule, Verdict, utc

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def check_time(report: Report, checkpoint: Checkpoint, stamp: bytes, authorities: Sequence[Certificate]) -> None:
    """Hold a time stamp against the checkpoint it is said to be of."""
    size = checkpoint.size
    if not authorities:
        report.add(
            Rule.TIME,
            Verdict.UNCHECKED,
            f"the checkpoint of size {size} has a time stamp; no certificate was given to check it with",
        )
        return
    try:
        found = check_stamp(stamp, checkpoint.text(), authorities)
    except BadStamp as error:
        report.fails(Rule.TIME, f"the time stamp of the checkpoint of size {size} does not hold: {error}")
        return
    report.add(
        Rule.TIME,
        Verdict.HOLDS,
        f"the first {size} leaves existed by {utc(found.time_ns)}, says {found.authority or 'the authority'}",
    )
