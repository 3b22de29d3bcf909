"""A journal's folder: what it holds, without running anything again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from luchtwacht.inspection.report import Inspection, Period, Sensor
from luchtwacht.inspection.tally import Heard, Refusals, Stamp
from luchtwacht.journal import Damage, EntryKind, read_entries
from luchtwacht.journal.entry import INPUTS
from luchtwacht.journal.periods import Periods
from luchtwacht.model.encoding import decode_site
from luchtwacht.units import SECOND_NS

_AT_ONCE = 50_000


def holds_journal(folder: Path) -> bool:
    """Whether a folder is a journal's."""
    return (folder / "segments").is_dir()


def inspect_journal(folder: Path, made: Inspection, progress: Callable[[int], None] = lambda octets: None) -> None:
    """Write into `made` what a journal holds. Damage is counted, and what is sound is read."""
    refusals, whole = Refusals(), Heard()
    counts: dict[str, int] = {}
    periods = Periods()
    sources: tuple[str, ...] = ()
    heard: dict[str, Heard] = {}
    pending: dict[str, list[float]] = {}
    waiting, octets = 0, 0

    def damaged(damage: Damage) -> None:
        refusals.add("malformed", "segment", 1, damage.detail, damage.sentence())

    def flush() -> None:
        for name, times in pending.items():
            heard.setdefault(name, Heard()).add(np.array(times))
            whole.add(np.array(times))
        pending.clear()

    for entry in read_entries(folder, on_damage=damaged):
        counts[entry.kind] = counts.get(entry.kind, 0) + 1
        octets += len(entry.data)
        before, span = len(periods.found), periods.take(entry)
        if entry.kind not in INPUTS:
            continue
        if span is not None and len(periods.found) > before:
            sources = tuple(source.id for source in decode_site(span.configuration[0]).sources)
        known = entry.kind == EntryKind.FRAME and 0 <= entry.source < len(sources)
        pending.setdefault(sources[entry.source] if known else str(entry.kind), []).append(entry.time_ns / SECOND_NS)
        waiting += 1
        if waiting == _AT_ONCE:
            flush()
            progress(octets)
            waiting = 0
    flush()
    stamp = Stamp("utc")
    made.format, made.framing = "journal", "segments"
    made.counts, made.payloads = {str(kind): count for kind, count in sorted(counts.items())}, sum(counts.values())
    made.rejected = refusals.listed()
    for period in periods.found:
        made.periods.append(
            Period(
                site=decode_site(period.configuration[0]).name,
                first_time=stamp.write(period.first_ns / SECOND_NS),
                last_time=stamp.write(period.last_ns / SECOND_NS),
                inputs=period.inputs,
            )
        )
    for name, when in sorted(heard.items()):
        if name in (EntryKind.TICK, EntryKind.COMMAND):
            continue
        sensor = Sensor(id=name, counts={"frame": when.count})
        when.describe(sensor, stamp)
        made.sensors.append(sensor)
    if whole.count:
        made.time_reference, made.span_s = "utc", round(whole.span_s, 3)
        made.first_time, made.last_time = stamp.write(whole.first_s), stamp.write(whole.last_s)
    if made.rejected:
        made.doubts.append("Part of the journal cannot be read; seals are checked by luchtwacht verify.")
    made.summary = f"Journal of a watch: {made.payloads:,} entries in {len(made.periods)} period(s)"
