"""Deletions: whether what is gone from a journal is just what the journal says was deleted."""

from __future__ import annotations

import msgspec

from luchtwacht.journal.retention.trace import Deletion, Trace, rows_of
from luchtwacht.journal.segment import DELETED, Decoded
from luchtwacht.journal.verifying.report import Report, Rule, Verdict


class Deleted:
    """What is gone, by segment, and what the notes on the way said of it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._traces: dict[int, Trace] = {}
        self._noted: dict[int, list[Deletion]] = {}
        self._until = -1

    def look(self, segment: int, where: str, first_leaf: int, last_input: int, found: Decoded) -> None:
        """Take note of a group, in which input `last_input` is the last."""
        for row in found.rows.notes():
            try:
                for each in rows_of(found.rows.data(row)):
                    self._noted.setdefault(each.segment, []).append(each)
            except msgspec.DecodeError:
                self._report.fails(Rule.CONTENT, f"{where} holds a note on a deletion that cannot be read")
        if found.withheld:
            self._until = last_input
            gone = found.withheld
            reasons = {why for why, _ in (*gone.entries.values(), *gone.pieces.values())}
            if reasons != {DELETED}:
                self._report.fails(Rule.FORM, f"{where} withholds something, and a journal withholds nothing")
            self._traces.setdefault(segment, Trace()).add(first_leaf, gone.entries, gone.pieces)

    def conclude(self) -> None:
        """Say what was deleted, and whether it was on record."""
        report = self._report
        entries = pieces = 0
        for segment, trace in self._traces.items():
            if trace.explained_by(self._noted.get(segment, ())):
                entries, pieces = entries + trace.entries, pieces + trace.pieces
            else:
                report.fails(
                    Rule.COMPLETENESS,
                    f"{trace.entries} entries and {trace.pieces} pieces of others are gone from segment {segment}, and "
                    "no note says that just these were deleted",
                )
        undone = [
            segment
            for segment, noted in self._noted.items()
            if not self._traces.get(segment, Trace()).explained_by(noted[-1:])
        ]
        if undone:
            told = ", ".join(map(str, sorted(undone)))
            report.add(
                Rule.COMPLETENESS,
                Verdict.UNCHECKED,
                f"a deletion from segment {told} is on record and was not carried out to its end: apply it again",
            )
        if entries or pieces:
            report.deleted_until = self._until
            report.add(
                Rule.COMPLETENESS,
                Verdict.UNCHECKED,
                f"{entries} entries and {pieces} pieces of others were deleted, as the journal itself says: that they "
                "existed, and where, is proved",
            )
