"""What a journal holds, as the pipeline knows it: configurations in force, the inputs under each, and what was said.

A run opens with its configuration. When that equals the one before, the run went on where the other ended and the two
are one period; when it differs, a new pipeline began, and so does a new period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from luchtwacht.journal import Entry, EntryKind, read_entries
from luchtwacht.journal.entry import decode_mapping
from luchtwacht.journal.verifying import Verdict
from luchtwacht.model import Event, Frames, Site
from luchtwacht.model.encoding import decode_command, decode_site, decode_tick, encode_event
from luchtwacht.pipeline import Input, Pipeline

Read = Callable[[tuple[EntryKind, ...]], Iterator[Entry]]
"""Entries of these kinds in order, from a journal or from a bundle; may be called any number of times"""

FRAMES_AT_ONCE = 4096

_INPUTS = (EntryKind.FRAME, EntryKind.COMMAND, EntryKind.TICK)


@dataclass(frozen=True, slots=True)
class Period:
    """Inputs that ran through one pipeline."""

    site: Site
    mappings: dict[str, str]
    after: int
    """sequence number of the last input before it"""
    first: int
    """sequence number of its first input here; more than `after` + 1 in a record that was cut out of a longer one"""
    last: int
    """sequence number of its last input"""
    first_ns: int
    last_ns: int
    """ns UTC of its first and last input; both 0 when it has none"""

    def pipeline(self) -> Pipeline:
        """A pipeline as this period began with."""
        return Pipeline(self.site, self.mappings)


@dataclass(slots=True)
class _Building:
    configuration: list[tuple[EntryKind, bytes]]
    after: int
    first: int
    last: int
    first_ns: int
    last_ns: int

    def finish(self) -> Period:
        (_, site), *mappings = self.configuration
        return Period(
            site=decode_site(site),
            mappings=dict(decode_mapping(data) for _, data in mappings),
            after=self.after,
            first=self.first,
            last=self.last,
            first_ns=self.first_ns,
            last_ns=self.last_ns,
        )


def journal(folder: Path) -> Read:
    """The entries of a journal."""
    return lambda kinds: read_entries(folder, kinds=kinds)


def periods(read: Read) -> list[Period]:
    """The periods of a record, in order."""
    made: list[Period] = []
    building: _Building | None = None
    opening: list[tuple[EntryKind, bytes]] = []
    before = 0
    for entry in read((EntryKind.SITE, EntryKind.MAPPING, *_INPUTS)):
        if entry.kind == EntryKind.SITE:
            opening, before = [(entry.kind, entry.data)], entry.sequence
        elif entry.kind == EntryKind.MAPPING:
            opening.append((entry.kind, entry.data))
        else:
            if opening and (building is None or opening != building.configuration):
                if building:
                    made.append(building.finish())
                building = _Building(opening, before, entry.sequence, entry.sequence, entry.time_ns, entry.time_ns)
            opening = []
            if building:
                building.last, building.last_ns = entry.sequence, max(building.last_ns, entry.time_ns)
    if building:
        made.append(building.finish())
    return made


def inputs(read: Read, period: Period) -> Iterator[Input]:
    """The inputs of a period in order of their sequence, neighbouring frames together."""
    frames: list[Entry] = []
    for entry in _entries(read, period, _INPUTS):
        if entry.kind == EntryKind.FRAME:
            frames.append(entry)
            if len(frames) < FRAMES_AT_ONCE:
                continue
        if frames:
            yield _as_frames(frames)
            frames = []
        if entry.kind == EntryKind.COMMAND:
            yield decode_command(entry.data)
        elif entry.kind == EntryKind.TICK:
            yield decode_tick(entry.data)
    if frames:
        yield _as_frames(frames)


def events(read: Read, period: Period) -> Iterator[Entry]:
    """The events that were recorded in a period, as they were written."""
    return _entries(read, period, (EntryKind.EVENT,))


def frames_taken(read: Read, period: Period) -> int:
    """How many frames a period holds."""
    return sum(1 for _ in _entries(read, period, (EntryKind.FRAME,)))


def _entries(read: Read, period: Period, kinds: tuple[EntryKind, ...]) -> Iterator[Entry]:
    for entry in read(kinds):
        if entry.sequence > period.last:
            return
        if entry.sequence > period.after:
            yield entry


def _as_frames(entries: list[Entry]) -> Frames:
    return Frames.of(
        [entry.data for entry in entries],
        sequence=[entry.sequence for entry in entries],
        source=[entry.source for entry in entries],
        received_ns=[entry.time_ns for entry in entries],
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where a re-run says something else than the record."""

    number: int
    """of the event, from 1, within its period"""
    after_input: int
    """sequence number of the input after which it was said"""
    recorded: bytes | None
    """none: the record has nothing here"""
    derived: Event | None
    """none: the re-run has nothing here"""


@dataclass(frozen=True, slots=True)
class Rerun:
    """What running a period's inputs again showed."""

    inputs: int
    events: int
    unrecorded: int
    """events that follow from the last inputs and were not recorded any more: the watch was cut off there"""
    difference: Difference | None


def rerun(read: Read, period: Period) -> Iterator[int | Rerun]:
    """Run the inputs of a period through a new pipeline and hold what it says against what was recorded.

    Yields the sequence number of each input as it is done, so that progress can be shown, and at last the `Rerun`.
    """
    pipeline, recorded = period.pipeline(), events(read, period)
    taken = compared = unrecorded = 0
    for each in inputs(read, period):
        said = pipeline.step([each])
        sequence = int(each.sequence[-1]) if isinstance(each, Frames) else each.sequence
        taken += len(each) if isinstance(each, Frames) else 1
        for event in said:
            entry = next(recorded, None)
            if entry is None:
                unrecorded += 1
                continue
            compared += 1
            if entry.data != encode_event(event):
                yield Rerun(taken, compared, unrecorded, Difference(compared, sequence, entry.data, event))
                return
        yield sequence
    entry = next(recorded, None)
    if entry is not None:
        yield Rerun(taken, compared, unrecorded, Difference(compared + 1, entry.sequence, entry.data, None))
        return
    yield Rerun(taken, compared, unrecorded, None)


def check_conclusions(entries: Callable[[], Iterator[Entry]]) -> tuple[Verdict, str]:
    """For a verifier: whether the recorded conclusions follow from the recorded inputs.

    Args:
        entries: iterates a record's entries, as often as it is called.
    """

    def read(kinds: tuple[EntryKind, ...]) -> Iterator[Entry]:
        return (entry for entry in entries() if entry.kind in kinds)

    compared = 0
    cut = 0
    for period in periods(read):
        if period.first != period.after + 1:
            cut += 1
            continue
        *_, outcome = rerun(read, period)
        assert isinstance(outcome, Rerun)
        if outcome.difference is not None:
            where = f"event {outcome.difference.number:,} after input {outcome.difference.after_input:,}"
            return Verdict.FAILS, f"running the inputs again says something else than the record, first at {where}"
        compared += outcome.events
    if cut:
        return Verdict.UNCHECKED, (
            "the record begins in the middle of a run: its conclusions rest on inputs before it, which are not here"
        )
    return Verdict.HOLDS, f"running the inputs again gives the same {compared:,} events, byte for byte"
