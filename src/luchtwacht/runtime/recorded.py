"""What a journal holds, as the pipeline knows it: configurations in force, the inputs under each, and what was said.

Which inputs ran under which configuration is `journal/periods.py`; here periods are run again, from their beginning or
from a snapshot of the state on the way, and held against what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from luchtwacht.alerting.lifecycle import FINAL
from luchtwacht.errors import BadSnapshot
from luchtwacht.journal import Entry, EntryKind, Verdict, read_decisions_back, read_entries, read_outline
from luchtwacht.journal.entry import INPUTS
from luchtwacht.journal.periods import CONFIGURATION, Configuration, Periods, Span, mappings_of
from luchtwacht.model import (
    Alert,
    AlertChanged,
    AuthorisationChanged,
    Event,
    Frames,
    Site,
    TakeOffFound,
    ZoneChanged,
)
from luchtwacht.model.encoding import decode_command, decode_event, decode_site, decode_tick, encode_event
from luchtwacht.model.notices import without_code
from luchtwacht.model.snapshot import decode_snapshot
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.software import software
from luchtwacht.units import format_utc


class Read(Protocol):
    """Entries in order, from a journal or from a bundle; may be called any number of times."""

    def __call__(self, kinds: tuple[EntryKind, ...], after_input: int = -1) -> Iterator[Entry]:
        """Those of these kinds, without those up to input `after_input` and what followed from them."""
        ...


FRAMES_AT_ONCE = 4096

_INPUTS = tuple(sorted(INPUTS))


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
    missing: int = 0
    """inputs between the first and the last that are not here: deleted since, or never recorded"""

    def pipeline(self) -> Pipeline:
        """A pipeline as this period began with."""
        return Pipeline(self.site, self.mappings)

    @classmethod
    def of(cls, span: Span) -> Period:
        """The period that a span of entries makes."""
        site, mappings = told(span.configuration)
        return cls(
            site=site,
            mappings=mappings,
            after=span.after,
            first=span.first,
            last=span.last,
            first_ns=span.first_ns,
            last_ns=span.last_ns,
            missing=span.last - span.first + 1 - span.inputs,
        )


def told(configuration: Configuration) -> tuple[Site, dict[str, str]]:
    """The site and the mappings in a configuration."""
    return decode_site(configuration[0]), mappings_of(configuration)


def journal(folder: Path) -> Read:
    """The entries of a journal."""

    def read(kinds: tuple[EntryKind, ...], after_input: int = -1) -> Iterator[Entry]:
        return read_entries(folder, kinds=kinds, after_input=after_input)

    return read


def periods(read: Read) -> list[Period]:
    """The periods of a record, in order. Reads all of it."""
    found = Periods()
    for entry in read((*CONFIGURATION, *_INPUTS)):
        found.take(entry)
    return [Period.of(span) for span in found.found]


def journal_periods(folder: Path) -> list[Period]:
    """The periods of a journal, in order. Reads its indexes, and chunks in which something was decided."""
    found = Periods()
    for each in read_outline(folder):
        if isinstance(each, Entry):
            found.take(each)
        elif each.first_input <= each.last_input:
            found.take_run(each.first_input, each.last_input, each.first_ns, each.last_ns)
    return [Period.of(span) for span in found.found]


def inputs(read: Read, period: Period, after: int = -1) -> Iterator[Input]:
    """The inputs of a period after input `after`, in order of their sequence, neighbouring frames together."""
    return (each for each in _steps(read, period, _INPUTS, after) if not isinstance(each, Entry))


def _steps(
    read: Read, period: Period, kinds: tuple[EntryKind, ...], after: int, until_ns: int = 1 << 63
) -> Iterator[Input | Entry]:
    """Inputs, neighbouring frames together, and the entries of other `kinds` between them."""
    frames: list[Entry] = []
    for entry in _entries(read, period, kinds, after):
        if entry.time_ns > until_ns:
            break
        if entry.kind is EntryKind.FRAME:
            frames.append(entry)
            if len(frames) < FRAMES_AT_ONCE:
                continue
        if frames:
            yield _as_frames(frames)
            frames = []
        if entry.kind is EntryKind.COMMAND:
            yield decode_command(entry.data)
        elif entry.kind is EntryKind.TICK:
            yield decode_tick(entry.data)
        elif entry.kind is not EntryKind.FRAME:
            yield entry
    if frames:
        yield _as_frames(frames)


def events(read: Read, period: Period, after: int = -1) -> Iterator[Entry]:
    """The events that were recorded in a period after input `after`, as they were written."""
    return _entries(read, period, (EntryKind.EVENT,), after)


def _entries(read: Read, period: Period, kinds: tuple[EntryKind, ...], after: int) -> Iterator[Entry]:
    for entry in read(kinds, max(period.after, after)):
        if entry.sequence > period.last:
            return
        yield entry


def _as_frames(entries: list[Entry]) -> Frames:
    return Frames.of(
        [entry.data for entry in entries],
        sequence=[entry.sequence for entry in entries],
        source=[entry.source for entry in entries],
        received_ns=[entry.time_ns for entry in entries],
    )


def passing(folder: Path, since_ns: int, until: int) -> tuple[Event, ...]:
    """What was said of passing things (all but alerts, zones and the like) since a time and up to input `until`."""
    said: list[Event] = []
    for entry in read_entries(folder, from_ns=since_ns, kinds=(EntryKind.EVENT,)):
        if entry.sequence > until:
            break
        event = decode_event(entry.data)
        if not isinstance(event, AlertChanged | ZoneChanged | AuthorisationChanged | TakeOffFound):
            said.append(event)
    return tuple(said)


def open_alerts(folder: Path) -> tuple[Alert, ...]:
    """The alerts of the last period that somebody still had to deal with, as they last stood, in order of id.

    Looked up in what was recorded, so that it does not matter which software said it.
    """
    latest: dict[int, Alert] = {}
    run: dict[int, Alert] = {}
    site: bytes | None = None
    for entry in read_decisions_back(folder, (EntryKind.SITE, EntryKind.EVENT)):
        if entry.kind is EntryKind.EVENT:
            if b"AlertChanged" in entry.data[:32]:
                event = decode_event(entry.data)
                assert isinstance(event, AlertChanged)
                run.setdefault(event.alert.id, event.alert)
        elif site is None and not run:
            continue  # a run that said nothing: this one, which has just begun
        elif site is None or entry.data == site:
            site, latest, run = entry.data, run | latest, {}
        else:
            break
    return tuple(latest[id] for id in sorted(latest) if latest[id].status not in FINAL)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where a re-run says something else than the record."""

    number: int
    """of the event, from 1, within its period"""
    after_input: int
    """sequence number of the input after which it was said; of the last in the run that was stepped at once"""
    from_input: int
    """of the first in that run"""
    place: int
    """of the event among those that followed from that run, from 0"""
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
    snapshots: int = 0
    """recorded snapshots that were made again, byte for byte"""
    forged: int | None = None
    """sequence number of the input before the first snapshot that does not follow from the inputs"""
    foreign: int = 0
    """snapshots that other software made, which cannot be compared"""


def rerun(
    read: Read, period: Period, start: Pipeline | None = None, after: int = -1, until_ns: int = 1 << 63
) -> Iterator[int | Rerun]:
    """Run the inputs of a period through a new pipeline and hold what it says against what was recorded.

    Snapshots on the way are made again and compared too. It ends at the first difference in what was said; a snapshot
    that does not follow is remembered and passed over.

    Args:
        read: the record.
        period: of it.
        start: a pipeline that stands after input `after`; without one a new one from the beginning.
        after: see `start`.
        until_ns: inputs received later are left out, and what followed from them.

    Yields:
        The sequence number of each input as it is done, so that progress can be shown, and at last the `Rerun`.
    """
    pipeline = start or period.pipeline()
    recorded = (each for each in events(read, period, after) if each.time_ns <= until_ns)
    taken = compared = unrecorded = snapshots = foreign = 0
    forged: int | None = None
    difference: Difference | None = None
    for each in _steps(read, period, (*_INPUTS, EntryKind.SNAPSHOT), after, until_ns):
        if isinstance(each, Entry):
            verdict = _compare_snapshot(each.data, pipeline)
            snapshots, foreign = snapshots + (verdict is True), foreign + (verdict is None)
            forged = each.sequence if verdict is False and forged is None else forged
            continue
        said = pipeline.step([each])
        first, sequence = _span(each)
        taken += len(each) if isinstance(each, Frames) else 1
        for place, event in enumerate(said):
            entry = next(recorded, None)
            if entry is None:
                unrecorded += 1
                continue
            compared += 1
            if entry.data != encode_event(event) and entry.data != encode_event(without_code(event)):
                difference = Difference(compared, sequence, first, place, entry.data, event)
                break
        if difference:
            break
        yield sequence
    if difference is None and (entry := next(recorded, None)) is not None:
        difference = Difference(compared + 1, entry.sequence, entry.sequence, 0, entry.data, None)
    yield Rerun(taken, compared, unrecorded, difference, snapshots, forged, foreign)


def input_of(read: Read, period: Period, difference: Difference, start: Pipeline, after: int = -1) -> int:
    """The very input from which the differing event followed: the run is run again, its last part one by one.

    Args:
        read, period: as `rerun` was given them.
        difference: what it found.
        start, after: a pipeline as it stood where `rerun` began.
    """
    if difference.derived is None:
        return difference.after_input
    said = 0
    for each in inputs(read, replace(period, last=difference.after_input), after):
        if _span(each)[1] < difference.from_input:
            start.step([each])
            continue
        singles = (each.take(slice(row, row + 1)) for row in range(len(each))) if isinstance(each, Frames) else (each,)
        for one in singles:
            followed = start.step([one])
            if _span(one)[0] >= difference.from_input:
                said += len(followed)
            if said > difference.place:
                return _span(one)[0]
    return difference.after_input


def _span(each: Input) -> tuple[int, int]:
    """Sequence number of the first and the last input."""
    if isinstance(each, Frames):
        return int(each.sequence[0]), int(each.sequence[-1])
    return each.sequence, each.sequence


def _compare_snapshot(data: bytes, pipeline: Pipeline) -> bool | None:
    """Whether a recorded snapshot is what the pipeline gives now; none when other software made it."""
    if data == pipeline.snapshot():
        return True
    try:
        return None if decode_snapshot(data).software != software() else False
    except BadSnapshot:
        return False


@dataclass(slots=True)
class _Stretch:
    """Inputs of a period without a gap between them."""

    span: Span
    first: int
    last: int
    state: Entry | None = None
    """the first snapshot of the state from which it can be run; none: from the beginning, or not at all"""

    @property
    def whole(self) -> bool:
        """Whether it begins where the period began."""
        return self.span.opened and self.first == self.span.after + 1

    @property
    def inputs(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


def _stretches(read: Read) -> list[_Stretch]:
    """The stretches of a record, in order. Reads all of it."""
    found, stretches = Periods(), list[_Stretch]()
    state: Entry | None = None
    for entry in read((*CONFIGURATION, EntryKind.SNAPSHOT, *_INPUTS)):
        if entry.kind is EntryKind.SNAPSHOT:
            state = entry
            if stretches and stretches[-1].last == entry.sequence and stretches[-1].state is None:
                stretches[-1].state = entry
            continue
        span = found.take(entry)
        if span is None:
            continue
        last = stretches[-1] if stretches else None
        if last is not None and last.span is span and last.last + 1 == entry.sequence:
            last.last = entry.sequence
            continue
        ready = state if state is not None and state.sequence == entry.sequence - 1 else None
        stretches.append(_Stretch(span, entry.sequence, entry.sequence, ready))
    return stretches


def check_conclusions(entries: Callable[[], Iterator[Entry]]) -> list[tuple[Verdict, str]]:
    """For a verifier: whether the recorded conclusions and snapshots follow from the recorded inputs.

    A period is run again from its beginning. Where its beginning, or something on the way, is not here, it is run from
    the first sealed snapshot of the state after that; what led to that state is then taken from the seal alone, and
    said to be.

    Args:
        entries: iterates a record's entries, as often as it is called.
    """

    def read(kinds: tuple[EntryKind, ...], after_input: int = -1) -> Iterator[Entry]:
        return (entry for entry in entries() if entry.kind in kinds and entry.sequence > after_input)

    events = snapshots = foreign = inputs = 0
    ran = False
    said: list[tuple[Verdict, str]] = []
    for stretch in _stretches(read):
        period = replace(Period.of(stretch.span), last=stretch.last)
        pipeline, after, where = period.pipeline(), -1, ""
        if not stretch.whole:
            try:
                if stretch.state is None or stretch.state.sequence >= stretch.last:
                    raise BadSnapshot("what they follow is not here, and no snapshot of the state from which to go on")
                pipeline.restore(stretch.state.data)
            except BadSnapshot as error:
                told = f"inputs {stretch.first:,} to {stretch.last:,} were not run again: {error}"
                said.append((Verdict.UNCHECKED, told))
                continue
            after = stretch.state.sequence
            where = f", from the sealed snapshot of the state after input {after:,},"
            said.append((Verdict.UNCHECKED, _taken_on_trust(stretch, stretch.state)))
        *_, outcome = rerun(read, period, pipeline, after)
        assert isinstance(outcome, Rerun)
        if outcome.difference is not None:
            first = f"event {outcome.difference.number:,} after input {outcome.difference.after_input:,}"
            told = f"running the inputs again{where} says something else than the record, first at {first}"
            return [(Verdict.FAILS, told)]
        if outcome.forged is not None:
            told = f"does not give the snapshot of the state after input {outcome.forged:,}"
            told = f"running the inputs again{where} {told}"
            return [(Verdict.FAILS, f"{told}: one of the two is false" if where else told)]
        ran = True
        events, inputs = events + outcome.events, inputs + outcome.inputs
        snapshots, foreign = snapshots + outcome.snapshots, foreign + outcome.foreign
    if ran or not said:
        held = f"running the inputs again gives the same {events:,} events" + (
            f" and {snapshots:,} snapshots, byte for byte" if snapshots else ", byte for byte"
        )
        if said:
            held += f": {inputs:,} inputs were run"
        if foreign:
            held += f"; {foreign:,} snapshots were made by other software and were not compared"
        said.insert(0, (Verdict.HOLDS, held))
    return said


def _taken_on_trust(stretch: _Stretch, state: Entry) -> str:
    """What is not run again when it begins at a snapshot."""
    told = (
        f"the state at {format_utc(state.time_ns)}, after input {state.sequence:,}, was taken from the sealed snapshot "
        "of it: that the watch put it on record then is proved, that it follows from what was received before is not"
    )
    before = state.sequence - stretch.first + 1
    return f"{told}; {before:,} inputs before it are here and were not run again" if before else told
