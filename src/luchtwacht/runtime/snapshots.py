"""Snapshots of the state: when they are taken, and which one to go on from.

A snapshot stands between two inputs: after the last one received before a multiple of `Site.snapshot_s`, by the latest
time of receipt. So where they stand follows from the inputs, and not from a clock or from how fast the watch was.

Going on, the newest that fits is taken and only what came after it is run. Nothing is taken on trust: a snapshot of
other software, or under another configuration, is left, and the reason is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, pairwise, takewhile
from pathlib import Path

import numpy as np

from luchtwacht.errors import BadSnapshot
from luchtwacht.journal import Entry, EntryKind, read_decisions_back, read_entries, read_outline
from luchtwacht.journal.entry import INPUTS
from luchtwacht.journal.periods import CONFIGURATION, Periods, Span, configuration
from luchtwacht.model import Event, Format, Frames, Site
from luchtwacht.model.encoding import encode_site
from luchtwacht.model.snapshot import configuration_digest, decode_snapshot
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime.recorded import Period, Read, journal, journal_periods
from luchtwacht.software import software
from luchtwacht.units import seconds_to_ns

MOST_BYTES = 32 << 20
"""a greater state is not recorded: running the inputs again is then the cheaper way"""
MOST_TRIED = 8
"""snapshots that cannot be used, before the inputs are run from the beginning"""


class Cadence:
    """When a snapshot is due."""

    def __init__(self, site: Site) -> None:
        self._every_ns = seconds_to_ns(site.snapshot_s)
        self._latest_ns = -1

    def stand_at(self, time_ns: int) -> None:
        """The latest time of receipt so far; -1 before the first input."""
        self._latest_ns = time_ns

    def cut(self, inputs: list[Input]) -> Iterator[tuple[list[Input], bool]]:
        """The same inputs in runs, each with whether a snapshot is due before it."""
        run: list[Input] = []
        due = False
        for each in inputs:
            for part, border in self._parts(each):
                if border:
                    if run:
                        yield run, due
                    run, due = [], True
                run.append(part)
        if run:
            yield run, due

    def _parts(self, each: Input) -> Iterator[tuple[Input, bool]]:
        """An input cut at the borders in it, each part with whether it begins behind one."""
        received = each.received_ns if isinstance(each, Frames) else np.array([each.received_ns])
        if not len(received):
            return
        latest = np.maximum.accumulate(np.maximum(received, self._latest_ns))
        before = np.concatenate([[self._latest_ns], latest[:-1]])
        behind = np.zeros(len(latest), np.bool_)
        if self._every_ns > 0:
            behind = (latest // self._every_ns > before // self._every_ns) & (before >= 0)
        self._latest_ns = int(latest[-1])
        if not isinstance(each, Frames):
            yield each, bool(behind[0])
            return
        borders = sorted({0, *np.flatnonzero(behind).tolist(), len(each)})
        for first, last in pairwise(borders):
            yield (each if last - first == len(each) else each.take(slice(first, last))), bool(behind[first])


@dataclass(frozen=True, slots=True)
class Start:
    """Where to go on in a period."""

    period: Period
    """`first`, `first_ns`: of what was read of it, when it was entered by a snapshot"""
    pipeline: Pipeline
    after: int
    """sequence of the last input that the pipeline has taken"""
    after_ns: int
    """ns UTC of the snapshot; 0 at the beginning of the period"""
    reason: str
    """why no snapshot, or not the newest, was used; "" when it was"""

    @property
    def from_snapshot(self) -> bool:
        """Whether it starts on the way."""
        return self.after > self.period.after


Show = Callable[[int, int, tuple[Event, ...]], None]
"""told after which input and when (ns UTC) a snapshot was taken, and what stood then"""


def last_start(
    folder: Path,
    read: Read,
    site: Site,
    mappings: dict[str, str],
    show: Show = lambda after, after_ns, standing: None,
) -> Start | None:
    """Where a watch under this configuration goes on in a journal; none when its last period had another one.

    Args:
        folder, read: the journal.
        site, mappings: the configuration.
        show: called with what stands as soon as it is known; again if that snapshot then turns out to be of no use.
    """
    opened = configuration(encode_site(site), mappings)
    own, this = configuration_digest(site, mappings), software()
    reason, tried = "", 0
    for entry in read_decisions_back(folder, (EntryKind.SNAPSHOT,)):
        try:
            found = decode_snapshot(entry.data)
            same = found.configuration == own
            span = _last_span(read, entry.sequence, Periods(opened) if same else Periods((b"",)))
            if (span is not None and span.configuration != opened) or (span is None and not same):
                return None
            if span is not None and span.opened:
                period = Period.of(span)
                return Start(period, period.pipeline(), period.after, 0, reason)
            if found.software == this:
                pipeline = Pipeline(site, mappings)
                pipeline.restore(entry.data, partial(show, entry.sequence, entry.time_ns))
                return Start(_period(pipeline, mappings, span, entry), pipeline, entry.sequence, entry.time_ns, reason)
            reason = reason or f"the newest snapshot was made by {found.software}; this is {this}"
            break
        except BadSnapshot as error:
            reason, tried = reason or str(error), tried + 1
            if tried == MOST_TRIED:
                break
    every = journal_periods(folder)
    if not every or (every[-1].site, every[-1].mappings) != (site, mappings):
        return None
    return Start(every[-1], every[-1].pipeline(), every[-1].after, 0, reason or "there is no snapshot of the state")


def _period(pipeline: Pipeline, mappings: dict[str, str], later: Span | None, entry: Entry) -> Period:
    """The whole period in which a snapshot stands, with what came `later` in it."""
    first, first_ns = pipeline.begun or (entry.sequence, entry.time_ns)
    return Period(
        site=pipeline.site,
        mappings=mappings,
        after=first - 1,
        first=first,
        last=later.last if later else entry.sequence,
        first_ns=first_ns,
        last_ns=max(later.last_ns, entry.time_ns) if later else entry.time_ns,
    )


def _last_span(read: Read, after: int, found: Periods) -> Span | None:
    """The last period of what comes after an input, told what was in force at it."""
    for entry in read((*CONFIGURATION, *sorted(INPUTS)), after - 1):
        if entry.sequence > after or entry.kind not in INPUTS:
            found.take(entry)
    return found.found[-1] if found.found else None


def _restored(period: Period) -> Callable[[bytes | None], Pipeline]:
    """Makes the pipeline of a period as it was recorded, as new or from a snapshot."""

    def make(snapshot: bytes | None) -> Pipeline:
        pipeline = period.pipeline()
        if snapshot is not None:
            pipeline.restore(snapshot)
        return pipeline

    return make


def nearest_start(
    folder: Path, period: Period, time_ns: int, make: Callable[[bytes | None], Pipeline] | None = None
) -> Start:
    """From where to run a period to the state it had at `time_ns` (ns UTC, by time of receipt).

    Args:
        folder: the journal.
        period: of it.
        time_ns: wanted.
        make: gives a new pipeline, or one that goes on from a snapshot, or raises BadSnapshot; as it was recorded
            unless given.
    """
    make, reason = make or _restored(period), ""
    for tried, entry in enumerate(read_decisions_back(folder, (EntryKind.SNAPSHOT,), until_ns=time_ns)):
        if entry.sequence <= period.after or tried == MOST_TRIED:
            break
        if entry.sequence > period.last:
            continue
        try:
            return Start(period, make(entry.data), entry.sequence, entry.time_ns, reason)
        except BadSnapshot as error:
            reason = reason or str(error)
    return Start(period, make(None), period.after, 0, reason or "there is no snapshot of the state before it")


def start_behind_gaps(folder: Path, period: Period, time_ns: int) -> Start | None:
    """From where to run a period whose inputs are not all on record any more.

    Returns:
        The nearest snapshot before `time_ns` (ns UTC) when nothing is missing after it, else the first one after all
        that is missing; none when there is none.
    """
    last, begins = period.after, period.after + 1
    for each in read_outline(folder):
        first, until = (
            (each.sequence, each.sequence) if isinstance(each, Entry) else (each.first_input, each.last_input)
        )
        if (isinstance(each, Entry) and each.kind not in INPUTS) or first > until or until <= period.after:
            continue
        if first > period.last:
            break
        begins = begins if first == last + 1 else first
        last = until
    kinds = (EntryKind.SNAPSHOT,)
    back = takewhile(lambda each: each.sequence >= begins - 1, read_decisions_back(folder, kinds, until_ns=time_ns))
    onward = takewhile(
        lambda each: each.sequence <= period.last, read_entries(folder, after_input=begins - 2, kinds=kinds)
    )
    for entry in islice(chain(back, onward), MOST_TRIED):
        try:
            if entry.sequence <= period.last:
                return Start(period, _restored(period)(entry.data), entry.sequence, entry.time_ns, "")
        except BadSnapshot:
            continue
    return None


def frames_taken(folder: Path, site: Site, mappings: dict[str, str]) -> int:
    """How many frames a journal holds of the period that a watch under this configuration goes on with; those that
    people handed in on the way are not counted."""
    read = journal(folder)
    start = last_start(folder, read, site, mappings)
    if start is None:
        return 0
    later = read((EntryKind.FRAME,), start.after)
    return start.pipeline.frames + sum(1 for each in later if site.sources[each.source].format != Format.OBSERVATION)
