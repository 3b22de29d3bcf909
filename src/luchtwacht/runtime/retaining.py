"""Keeping a record to its site's policy, beside a running watch or on a journal at rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from luchtwacht.clock import Clock
from luchtwacht.errors import RecordError
from luchtwacht.journal import EntryKind, JournalWriter, read_decisions, read_decisions_back
from luchtwacht.journal.retention import Applied, Plan, apply_retention, plan_retention
from luchtwacht.model import AlertChanged, RetentionSettings, Site
from luchtwacht.model.encoding import decode_event, decode_site

EVERY_S = 6 * 3600.0
"""a running watch looks this often for what is to go"""
BY = "the watch itself"
REASON = "the retention policy of the site"


def site_on_record(folder: Path) -> Site:
    """The configuration in force at the end of a record.

    Raises:
        RecordError: there is none.
    """
    for entry in read_decisions_back(folder, (EntryKind.SITE,)):
        return decode_site(entry.data)
    raise RecordError(f"no configuration is on record in {folder}")


def needed_from_ns(folder: Path) -> int:
    """From when on a watch needs what is on record to start again: its last snapshot, or where its pipeline began.

    ns UTC; 0 when everything is needed.
    """
    started, opening = 0, b""
    for entry in read_decisions_back(folder, (EntryKind.SITE, EntryKind.SNAPSHOT)):
        if entry.kind is EntryKind.SNAPSHOT:
            return entry.time_ns
        if opening and entry.data != opening:
            return started
        started, opening = entry.time_ns, entry.data
    return started


def plan(folder: Path, policy: RetentionSettings, now_ns: int) -> Plan:
    """What is to go now; never what a watch needs to start again.

    Raises:
        RecordError: there is no journal, or it is damaged.
    """
    return plan_retention(folder, policy, now_ns, but_after_ns=needed_from_ns(folder))


def alert_span(folder: Path, alert: int) -> tuple[int, int]:
    """From the first sight of an alert's track to its last change: ns UTC.

    Raises:
        RecordError: no such alert is on record.
    """
    first = last = 0
    for entry in read_decisions(folder, (EntryKind.EVENT,)):
        if b"AlertChanged" in entry.data[:32]:
            try:
                event = decode_event(entry.data)
            except msgspec.ValidationError:
                continue  # pieces of it were deleted
            if isinstance(event, AlertChanged) and event.alert.id == alert:
                first = min(first or event.alert.started_ns, event.alert.started_ns)
                last = max(last, entry.time_ns, event.time_ns)
    if not last:
        raise RecordError(f"alert {alert} is not on record in {folder}")
    return first, last


class Retaining:
    """Keeps the journal of a running watch to the policy, on a thread of its own. Use as a context.

    Args:
        writer: of the watch, which must outlive this.
        folder: the journal.
        policy: how long what is kept; nothing is done when it keeps everything.
        clock: says what is old.
        tell: called with a sentence when something was deleted, or could not be.
    """

    def __init__(
        self,
        writer: JournalWriter,
        folder: Path,
        policy: RetentionSettings,
        clock: Clock,
        tell: Callable[[str], None],
        every_s: float = EVERY_S,
    ) -> None:
        self._writer, self._folder, self._policy, self._clock, self._tell = writer, folder, policy, clock, tell
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def __enter__(self) -> Self:
        if self._policy != RetentionSettings():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                wanted = plan(self._folder, self._policy, self._clock.now_ns())
                done = apply_retention(self._folder, wanted, by=BY, reason=REASON, note=self._writer.note_now)
                if done.segments:
                    self._tell(sentence(done))
            except RecordError as error:
                self._tell(f"the record could not be kept to its retention policy: {error}")
            self._stopping.wait(self._every_s)


def sentence(done: Applied) -> str:
    """What was deleted, for a person."""
    return (
        f"deleted {done.frames:,} frames, {done.others:,} other entries and {done.pieces:,} pieces of entries from "
        f"{done.segments:,} segments: {done.bytes_freed:,} bytes"
    )
