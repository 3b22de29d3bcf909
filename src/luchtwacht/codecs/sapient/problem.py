"""What is wrong with a message: the field, and why."""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.model import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a message must not be."""

    field: str
    """path from the envelope, names as in the schema: `detection_report.signal[0].amplitude`"""
    detail: str
    """what it is or lacks, with the offending value"""
    reason: Reason = Reason.MALFORMED

    def __str__(self) -> str:
        return f"{self.field} {self.detail}" if self.field else self.detail
