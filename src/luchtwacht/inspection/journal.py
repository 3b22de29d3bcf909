"""A journal's folder: what it holds, without running anything again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from luchtwacht.inspection.report import Inspection, Period, Sensor
from luchtwacht.inspection.tally import Heard, Refusals, Stamp
from luchtwacht.journal import Damage, EntryKind, read_entries
from luchtwacht.model.encoding import decode_site
from luchtwacht.units import SECOND_NS

_INPUTS = (EntryKind.FRAME, EntryKind.COMMAND, EntryKind.TICK)
_CONFIGURATION = (EntryKind.SITE, EntryKind.MAPPING)
_AT_ONCE = 50_000


@dataclass(slots=True)
class _Running:
    """A period that is being read."""

    configuration: list[tuple[EntryKind, bytes]]
    first_ns: int
    last_ns: int
    inputs: int = 0


def holds_journal(folder: Path) -> bool:
    """Whether a folder is a journal's."""
    return (folder / "segments").is_dir()


def inspect_journal(folder: Path, made: Inspection, progress: Callable[[int], None] = lambda octets: None) -> None:
    """Write into `made` what a journal holds. Damage is counted, and what is sound is read."""
    refusals, whole = Refusals(), Heard()
    counts: dict[str, int] = {}
    running: list[_Running] = []
    opening: list[tuple[EntryKind, bytes]] = []
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
        if entry.kind in _CONFIGURATION:
            opening = [*([] if entry.kind == EntryKind.SITE else opening), (entry.kind, entry.data)]
            continue
        if entry.kind not in _INPUTS:
            continue
        if opening and (not running or opening != running[-1].configuration):
            running.append(_Running(opening, entry.time_ns, entry.time_ns))
            sources = tuple(source.id for source in decode_site(opening[0][1]).sources)
        opening = []
        if running:
            running[-1].inputs += 1
            running[-1].last_ns = max(running[-1].last_ns, entry.time_ns)
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
    for period in running:
        made.periods.append(
            Period(
                site=decode_site(period.configuration[0][1]).name,
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
