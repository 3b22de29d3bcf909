"""Rule 3 within a row of chunks."""

from __future__ import annotations

import msgspec
import numpy as np

from luchtwacht.journal.entry import INPUTS, Entry, EntryKind, decode_note
from luchtwacht.journal.segment import Decoded, Seal
from luchtwacht.journal.verifying.report import Report, Rule, Verdict


class Order:
    """Rule 3 within a row of chunks: numbers of inputs, and the notes that explain gaps."""

    def __init__(self, report: Report, last_input: int | None) -> None:
        self._report = report
        self._last = last_input
        self._explained: set[tuple[int, int]] = set()

    def look(self, where: str, found: Decoded) -> None:
        """Take note of a group."""
        rows, gaps = found.rows, not found.withheld
        inputs = rows.inputs()
        notes = rows.notes()
        steps = np.diff(inputs, prepend=self._last if self._last is not None else inputs[:1] - 1)
        if notes or (gaps and bool((steps != 1).any())):
            for entry in found.entries():
                if entry.kind is EntryKind.NOTE:
                    self._explain(where, entry)
                elif entry.kind in INPUTS:
                    if self._last is not None and entry.sequence != self._last + 1 and gaps:
                        self._missing(where, self._last + 1, entry.sequence - 1)
                    self._last = entry.sequence
        elif len(inputs):
            self._last = int(inputs[-1])

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


def describe(seal: Seal, offset: int) -> str:
    described = seal.descriptor
    inputs = (
        f"inputs {described.first_input} to {described.last_input}"
        if described.first_input <= described.last_input
        else f"what was said after input {described.last_input}"
    )
    return f"the chunk at byte {offset} of segment {described.segment} ({inputs})"
