"""What is to go: decided from the policy, the time, the holds and what is on record. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from luchtwacht.errors import RecordError
from luchtwacht.journal.entry import Entry, EntryKind
from luchtwacht.journal.files import REAL, Files
from luchtwacht.journal.reader import SegmentFile, open_segment, segments
from luchtwacht.journal.requests import Hold
from luchtwacht.journal.retention.holds import holds_in_force
from luchtwacht.journal.retention.trace import Trace, carried_out
from luchtwacht.journal.segment import DELETED, Broken, decode_group
from luchtwacht.model import RetentionSettings
from luchtwacht.model.delicate import PERSONAL, personal_sources
from luchtwacht.model.encoding import decode_site
from luchtwacht.units import seconds_to_ns

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """What is to go of one segment."""

    number: int
    first_ns: int
    last_ns: int
    """ns UTC: the time that the segment covers"""
    frames: int
    others: int
    """entries that are to go now"""
    pieces: int
    """pieces, of entries that stay, that are to go now"""
    held: int
    """entries that would go if no hold covered them"""
    trace: Trace
    """what is gone afterwards, with what went before"""
    hiding: dict[int, dict[int, int | dict[int, int]]]
    """by the first leaf of the group: `segment.Hiding`"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go of a journal."""

    now_ns: int
    policy: RetentionSettings
    holds: tuple[Hold, ...]
    segments: tuple[SegmentPlan, ...]
    torn: tuple[str, ...]
    """files with what a crash tore off, of segments whose frames are to go"""

    @property
    def empty(self) -> bool:
        """Whether nothing is to go."""
        return not self.torn and not any(each.hiding for each in self.segments)


@dataclass(frozen=True, slots=True)
class _Limits:
    """Times before which things go, ns UTC; -inf for never."""

    personal: float
    frames: float
    events: float
    decisions: float

    @property
    def latest(self) -> float:
        return max(self.personal, self.frames, self.events, self.decisions)


def _limits(policy: RetentionSettings, now_ns: int) -> _Limits:
    def before(days: float | None) -> float:
        return -inf if days is None else now_ns - seconds_to_ns(days * _DAY_S)

    return _Limits(
        before(policy.personal_days),
        before(policy.frames_days),
        before(policy.events_days),
        before(policy.decisions_days),
    )


def plan_retention(
    folder: Path, policy: RetentionSettings, now_ns: int, *, but_after_ns: int | None = None, files: Files = REAL
) -> Plan:
    """What of a journal is to go.

    Args:
        folder: the journal; only segments that have been ended are looked at.
        policy: how long what is kept.
        now_ns: ns UTC.
        but_after_ns: nothing from this time on goes, whatever the policy says: a running watch needs it to start again.
        files: the file system.

    Raises:
        RecordError: there is no journal, or it is damaged.
    """
    limits, holds = _limits(policy, now_ns), tuple(holds_in_force(folder, files=files))
    if but_after_ns is not None:
        limits = _Limits(
            *(min(each, but_after_ns) for each in (limits.personal, limits.frames, limits.events, limits.decisions))
        )
    known = carried_out(folder, files)
    kinds = tuple(sorted(name for name in RetentionSettings.__slots__ if getattr(policy, name) is not None))
    personal: frozenset[int] = frozenset()
    planned: list[SegmentPlan] = []
    for head, stop in segments(folder, files):
        with open_segment(folder, head.number, stop, files) as segment:
            if segment is None or not segment.ended:
                continue
            places = segment.places()
            if not places:
                continue
            personal = _personal(segment, personal)
            first_ns, last_ns = min(each.first_ns for each in places), max(each.last_ns for each in places)
            done = known.get(head.number)
            if first_ns >= limits.latest or (done and done.complete and set(kinds) <= set(done.kinds)):
                continue
            planned.append(_plan_segment(segment, (first_ns, last_ns), limits, holds, personal))
    torn = tuple(
        name
        for each in planned
        for name in files.names(folder / "segments")
        if name.startswith(f"{each.number:08d}-")
        and name.endswith(".torn")
        and each.last_ns < limits.frames
        and not any(hold.covers(each.first_ns, each.last_ns) for hold in holds)
    )
    return Plan(now_ns, policy, holds, tuple(each for each in planned if each.hiding or each.held), torn)


def _personal(segment: SegmentFile, before: frozenset[int]) -> frozenset[int]:
    """The sources whose bytes may be about persons, by every configuration that a segment was recorded under."""
    found = before
    for place in segment.places():
        if place.own:
            for entry in segment.entries(segment.group(place.offset)):
                if entry.kind is EntryKind.SITE:
                    found |= personal_sources(decode_site(entry.data))
    return found


def _plan_segment(
    segment: SegmentFile,
    span: tuple[int, int],
    limits: _Limits,
    holds: Sequence[Hold],
    personal: frozenset[int],
) -> SegmentPlan:
    trace = Trace()
    hiding: dict[int, dict[int, int | dict[int, int]]] = {}
    frames = others = pieces = held = 0
    remaining = False
    for group in segment.groups():
        if isinstance(group, Broken):
            raise RecordError(f"segment {segment.head.number} is damaged from byte {group.start}: verify it first")
        described = group.seal.descriptor
        decisions = {place for place, _ in group.seal.own}
        found = decode_group(described, segment.body(group))
        going: dict[int, int | dict[int, int]] = {}
        gone = found.withheld.entries if found.withheld else {}
        gone_pieces = set(found.withheld.pieces) if found.withheld else set()
        for place, entry in zip(found.places(), found.entries(), strict=True):
            limit = _limit(entry, place in decisions, entry.source in personal, limits)
            cut = [
                number
                for number, (_, _, what) in enumerate(entry.pieces)
                if what in PERSONAL and (place, number) not in gone_pieces
            ]
            whole = entry.time_ns < limit
            part = bool(cut) and entry.time_ns < limits.personal and entry.kind is not EntryKind.SITE
            if (whole or part) and any(hold.covers(entry.time_ns, entry.time_ns) for hold in holds):
                held += 1
                remaining = True
            elif whole:
                going[place] = DELETED
                frames, others = frames + (entry.kind is EntryKind.FRAME), others + (entry.kind is not EntryKind.FRAME)
            elif part:
                going[place] = dict.fromkeys(cut, DELETED)
                pieces += len(cut)
            if not whole and limit > -inf:
                remaining = True
        if going:
            hiding[described.first_leaf] = going
        entries = gone.keys() | {place for place, why in going.items() if isinstance(why, int)}
        parts = gone_pieces | {
            (place, number) for place, why in going.items() if not isinstance(why, int) for number in why
        }
        trace.add(described.first_leaf, entries, {each for each in parts if each[0] not in entries})
    trace.complete = not remaining
    return SegmentPlan(segment.head.number, *span, frames, others, pieces, held, trace, hiding)


def _limit(entry: Entry, decision: bool, personal: bool, limits: _Limits) -> float:
    """Before which time an entry goes whole."""
    match entry.kind:
        case EntryKind.SITE | EntryKind.MAPPING | EntryKind.NOTE | EntryKind.TICK:
            return -inf
        case EntryKind.FRAME:
            return max(limits.frames, limits.personal) if personal else limits.frames
        case EntryKind.COMMAND:
            return limits.decisions
        case EntryKind.EVENT:
            return limits.decisions if decision else limits.events
    return max(limits.frames, limits.events, limits.personal)  # what else there is holds all that the watch knew
