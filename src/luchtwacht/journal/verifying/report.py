"""What a verification says: rules, verdicts and sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from luchtwacht.journal.checkpoint import SignedCheckpoint
from luchtwacht.journal.entry import Entry
from luchtwacht.journal.periods import CONFIGURATION
from luchtwacht.journal.segment import Decoded, reasons
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
    TIME = "time"
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


Rerun = Callable[[Callable[[], Iterator[Entry]]], list[tuple[Verdict, str]]]
"""Runs inputs again: is given what iterates the entries (as often as it is called), returns verdicts and sentences"""

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
    """entries that are not shown"""
    pieces_withheld: int = 0
    """pieces that are not shown, of entries that are"""
    reasons: dict[int, tuple[int, int]] = field(default_factory=dict)
    """why -> entries and pieces not shown for it: `segment.reasons`"""
    incomplete: str = ""
    """why not all inputs and configuration of the stretch are here; "" when they are"""
    deleted_until: int = -1
    """sequence of the last input of the last chunk from which something was deleted, as the journal itself says"""
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

    def count(self, found: Decoded) -> None:
        """Take note of a group that holds."""
        self.entries += len(found.rows)
        if found.withheld:
            self.withheld += len(found.withheld.entries)
            self.pieces_withheld += len(found.withheld.pieces)
            for why, (entries, pieces) in reasons([found.withheld]).items():
                before = self.reasons.get(why, (0, 0))
                self.reasons[why] = before[0] + entries, before[1] + pieces

    def fails(self, rule: Rule, sentence: str) -> None:
        """Something does not hold."""
        self.add(rule, Verdict.FAILS, sentence)

    def conclude(self, rule: Rule, sentence: str) -> None:
        """Say that a rule holds, unless something against it was found."""
        if not self._counts.get((rule, Verdict.FAILS)):
            self.add(rule, Verdict.HOLDS, sentence)


def utc(time_ns: int) -> str:
    try:
        return f"{ns_to_datetime(time_ns):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return f"{time_ns} ns"


def _left(entries: Iterator[Entry], deleted_until: int) -> Iterator[Entry]:
    """Entries behind the last deletion, and every configuration."""
    return (each for each in entries if each.sequence > deleted_until or each.kind in CONFIGURATION)


def conclude_rerun(report: Report, rerun: Rerun, entries: Callable[[], Iterator[Entry]]) -> None:
    """Rule 9, unless what earlier rules found stands in the way."""
    if report.failed():
        why = "the inputs were not run again, because what they are is in doubt"
    elif report.incomplete:
        why = f"the inputs were not run again: {report.incomplete}, and what is concluded rests on all of them"
    else:
        for verdict, sentence in rerun(lambda: _left(entries(), report.deleted_until)):
            report.add(Rule.CONCLUSIONS, verdict, sentence)
        return
    report.add(Rule.CONCLUSIONS, Verdict.UNCHECKED, why)
