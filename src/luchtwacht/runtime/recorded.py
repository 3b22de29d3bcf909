"""What a journal holds, as the pipeline knows it: configurations in force, the inputs under each, and what was said.

A run opens with its configuration. When that equals the one before, the run went on where the other ended and the two
are one period; when it differs, a new pipeline began, and so does a new period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from luchtwacht.journal import Entry, EntryKind, read_entries
from luchtwacht.journal.entry import decode_mapping
from luchtwacht.model import Event, Frames, Site
from luchtwacht.model.encoding import decode_command, decode_site, decode_tick, encode_event
from luchtwacht.pipeline import Input, Pipeline

FRAMES_AT_ONCE = 4096

_INPUTS = (EntryKind.FRAME, EntryKind.COMMAND, EntryKind.TICK)


@dataclass(frozen=True, slots=True)
class Period:
    """Inputs that ran through one pipeline."""

    site: Site
    mappings: dict[str, str]
    after: int
    """sequence number of the last input before it"""
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
    last: int
    first_ns: int = 0
    last_ns: int = 0

    def finish(self) -> Period:
        (_, site), *mappings = self.configuration
        return Period(
            site=decode_site(site),
            mappings=dict(decode_mapping(data) for _, data in mappings),
            after=self.after,
            last=self.last,
            first_ns=self.first_ns,
            last_ns=self.last_ns,
        )


def periods(folder: Path) -> list[Period]:
    """The periods of a journal, in order."""
    made: list[Period] = []
    building: _Building | None = None
    opening: list[tuple[EntryKind, bytes]] = []
    sequence = 0
    for entry in read_entries(folder, kinds=(EntryKind.SITE, EntryKind.MAPPING, *_INPUTS)):
        if entry.kind == EntryKind.SITE:
            opening = [(entry.kind, entry.data)]
        elif entry.kind == EntryKind.MAPPING:
            opening.append((entry.kind, entry.data))
        else:
            if opening and (building is None or opening != building.configuration):
                if building:
                    made.append(building.finish())
                building = _Building(opening, sequence, sequence, entry.time_ns, entry.time_ns)
            opening = []
            sequence = entry.sequence
            if building:
                building.last, building.last_ns = sequence, max(building.last_ns, entry.time_ns)
    if building:
        made.append(building.finish())
    return made


def inputs(folder: Path, period: Period) -> Iterator[Input]:
    """The inputs of a period in order of their sequence, neighbouring frames together."""
    frames: list[Entry] = []
    for entry in _entries(folder, period, _INPUTS):
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


def events(folder: Path, period: Period) -> Iterator[Entry]:
    """The events that were recorded in a period, as they were written."""
    return _entries(folder, period, (EntryKind.EVENT,))


def frames_taken(folder: Path, period: Period) -> int:
    """How many frames a period holds."""
    return sum(1 for _ in _entries(folder, period, (EntryKind.FRAME,)))


def _entries(folder: Path, period: Period, kinds: tuple[EntryKind, ...]) -> Iterator[Entry]:
    for entry in read_entries(folder, kinds=kinds):
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


def rerun(folder: Path, period: Period) -> Iterator[int | Rerun]:
    """Run the inputs of a period through a new pipeline and hold what it says against what was recorded.

    Yields the sequence number of each input as it is done, so that progress can be shown, and at last the `Rerun`.
    """
    pipeline, recorded = period.pipeline(), events(folder, period)
    taken = compared = unrecorded = 0
    for each in inputs(folder, period):
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
