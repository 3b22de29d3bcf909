"""The recorder: a thread that puts what the watch appends on the disk, so that the watch never waits for it to alert.

The watch appends inputs and events to the journal, which only remembers them; the recorder commits (fdatasync) a group
every `GROUP_S`, counted from one beginning to the next. Whoever needs to know that something is on disk waits for
`durable` to reach its sequence number. When the disk refuses, the recorder keeps trying every `RETRY_S`, and says why
the watch is not being recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from luchtwacht.errors import RecordError
from luchtwacht.journal import JournalWriter
from luchtwacht.model import Command, Event, Frames
from luchtwacht.pipeline import Input

GROUP_S = 0.02
LEAST_REST_S = 0.001
"""between two commits, however long the first took, so that the watch gets its turn"""
RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class RecordState:
    """How the record stands."""

    durable: int
    """sequence number of the last input that is on disk"""
    failure: str = ""
    """why the journal cannot record now; "" when it can"""
    lost: int = 0
    """inputs that could not be kept, for want of disk and memory"""


class Recorder:
    """Commits on a thread of its own.

    Args:
        writer: the journal; the recorder closes it.
        on_change: called on the recorder's thread when recording begins to fail, and when it works again.
    """

    def __init__(self, writer: JournalWriter, on_change: Callable[[RecordState], None] | None = None) -> None:
        self._writer, self._on_change = writer, on_change
        self._state = RecordState(durable=writer.recovery.last_sequence)
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def state(self) -> RecordState:
        """How the record stands now."""
        return self._state

    @property
    def behind(self) -> int:
        """Octets appended, about, that no commit has taken up yet."""
        return self._writer.held

    def record(self, inputs: Sequence[Input], sequence: int, time_ns: int, events: Sequence[Event]) -> None:
        """Append inputs, then the events that followed up to input `sequence`. Never waits for the disk."""
        for each in inputs:
            if isinstance(each, Frames):
                self._writer.frames(each)
            elif isinstance(each, Command):
                self._writer.command(each)
            else:
                self._writer.tick(each)
        if events:
            self._writer.events(sequence, time_ns, events)

    def snapshot(self, sequence: int, time_ns: int, snapshot: bytes) -> bool:
        """Append the pipeline's state after input `sequence`; whether it is kept."""
        return self._writer.snapshot(sequence, time_ns, snapshot)

    def note(self, time_ns: int, subject: str, **facts: object) -> None:
        """Append a note about the record or the watch itself."""
        self._writer.note(time_ns, subject, **facts)

    def wait(self, sequence: int, timeout_s: float) -> bool:
        """Whether everything up to input `sequence` is on disk, waiting at most `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state.durable >= sequence, timeout_s)

    def close(self) -> None:
        """Commit what was appended and let the journal go.

        Raises:
            RecordError: the disk refuses to the end.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        self._writer.close()

    def _run(self) -> None:
        """Commit again and again; the last commit is that of `close`."""
        while not self._stopping:
            failure, begun_s = "", perf_counter()
            durable = self._state.durable
            try:
                durable = self._writer.commit()
            except RecordError as error:
                failure = str(error)
            with self._changed:
                lost = max(self._state.lost, self._writer.let_go)
                before, self._state = self._state, replace(self._state, durable=durable, failure=failure, lost=lost)
                self._changed.notify_all()
            if self._on_change and bool(before.failure) != bool(failure):
                self._on_change(self._state)
            with self._changed:
                rest_s = RETRY_S if failure else max(GROUP_S - (perf_counter() - begun_s), LEAST_REST_S)
                self._changed.wait_for(lambda: self._stopping, rest_s)
