"""A running watch: one feed, one pipeline, one journal, and the consoles that look on.

One thread runs the pipeline. What comes out goes to the listeners first and to the recorder at the same time, so that
nobody waits for the disk to be warned; a person's command, though, is answered only when it is on disk.

A watch that was ended, in whatever way, goes on where it was: from the newest sealed snapshot of its state, or from the
beginning where none can be used, the journal's inputs are run again (they give the same state), and the feed continues
after them. Going back is the same: from the snapshot before the wanted time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from luchtwacht.errors import BadCommand, RecordError
from luchtwacht.journal import EntryKind, JournalWriter, Signer, read_frame
from luchtwacht.model import Command, Event, Frames, Grounds, Notice, NoticeKind, Order, Rejected, Site, TakeOver
from luchtwacht.model.encoding import encode_site
from luchtwacht.model.notices import notice
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime import recorded
from luchtwacht.runtime.feed import Feed, Moment, to_inputs
from luchtwacht.runtime.playback import Playback
from luchtwacht.runtime.recent import Recent
from luchtwacht.runtime.recorder import Recorder, RecordState
from luchtwacht.runtime.snapshots import MOST_BYTES, Cadence, Start, last_start, nearest_start
from luchtwacht.runtime.whatif import Otherwise
from luchtwacht.units import SECOND_NS, format_utc, seconds_to_ns

T = TypeVar("T")
Listener = Callable[[tuple[Event, ...]], None]
Follower = Callable[[tuple[Event, ...], int], None]

RECENT_S = 90.0
"""how much of the past a console that connects now is shown"""
MOST_BEHIND = 8 << 20
"""octets that may wait for the disk before a recording that is played waits too"""
CATCH_UP_S = 0.005
COMMAND_TIMEOUT_S = 10.0
MACHINE = "luchtwacht"
"""the actor of what the machine itself puts on record"""


@dataclass(frozen=True, slots=True)
class WatchState:
    """How the watch itself stands."""

    position_ns: int
    """event time up to which everything was taken"""
    inputs: int
    """sequence number of the last input"""
    frames: int
    running: bool
    preparing: bool
    """whether it runs, but takes nothing in yet"""
    kernels: tuple[int, int]
    """which step of how many of getting kernels ready is at work; (0, 0) before, and when that is done"""
    record: RecordState | None
    """none when this watch keeps no journal"""
    dropped: int
    """payloads that came while the watch was too busy, and were let go before they were recorded"""


@dataclass(frozen=True, slots=True)
class _HandedIn:
    """A payload that came through the API."""

    source: int
    payload: bytes


@dataclass(slots=True)
class _Request:
    actor: str
    order: Order | _HandedIn
    answer: Callable[[tuple[Event, ...], int], None]
    refuse: Callable[[Exception], None]


@dataclass(slots=True)
class _Place:
    """Where a pipeline stands in the inputs."""

    sequence: int = 0
    time_ns: int = 0
    pipeline: Pipeline = field(kw_only=True)


class Watch:
    """Runs a feed through a pipeline, records it, and tells listeners.

    Args:
        site, mappings: what the pipeline is told (see `Pipeline`).
        feed: where bytes come from.
        folder: where the journal is kept; none when there is none.
        writer: records there; none looks at `folder` without adding to it.
        playback: the pace of a played feed; none for a live one, which sets its own.
        period: without a writer, the part of the journal that is looked at.
        otherwise: a what-if to look at in the place of what was recorded; `site` then says so in its name.
        prepare: called on the watch's thread before the pipeline runs, with what to tell which step of how many is at
            work: kernels are compiled while the page answers.
    """

    def __init__(
        self,
        site: Site,
        mappings: dict[str, str],
        feed: Feed,
        *,
        folder: Path | None = None,
        writer: JournalWriter | None = None,
        playback: Playback | None = None,
        period: recorded.Period | None = None,
        otherwise: Otherwise | None = None,
        prepare: Callable[[Callable[[int, int], None]], None] = lambda tell: None,
    ) -> None:
        self.site, self.playback, self.folder = site, playback, folder
        self._mappings = mappings
        self._recorder = Recorder(writer) if writer else None
        self._requests: deque[_Request] = deque()
        self._looks: deque[tuple[int, Future[Grounds | None]]] = deque()
        self._listeners: list[Listener] = []
        self._followers: list[Follower] = []
        self._recent = Recent(seconds_to_ns(RECENT_S))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._running, self._preparing, self._kernels = False, True, (0, 0)
        self._failure: BaseException | None = None
        self._recorded = writer.recovery.last_sequence if writer else period.last if period else 0
        self._period = period or _new_period(site, mappings, after=self._recorded)
        self._cadence, self._otherwise = Cadence(site), otherwise
        self._prepare = prepare
        self._place = _Place(pipeline=Pipeline(site, mappings), sequence=self._recorded)
        self._past: Iterator[Input] = iter(())
        self._feed, self._moments = feed, feed.moments()
        self._moment: Moment | None = None
        self._hurry_until_ns = 0
        self._counted = 0
        self._frames_in_second: Counter[int] = Counter()
        self._frames_before: Counter[int] = Counter()
        """of the time before a restart"""
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------ what others may ask, on the event loop's thread

    @property
    def state(self) -> WatchState:
        return WatchState(
            position_ns=self._place.time_ns,
            inputs=self._place.sequence,
            frames=self._place.pipeline.frames,
            running=self._running,
            preparing=self._preparing,
            kernels=self._kernels,
            record=self._recorder.state if self._recorder else None,
            dropped=self._feed.dropped,
        )

    def now_ns(self) -> int:
        """Event time of the watch."""
        if self.playback:
            return self.playback.state.position_ns
        return self._place.time_ns

    def snapshot(self) -> tuple[Event, ...]:
        """Recent events, from which the whole present picture can be built."""
        return self._recent.events()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with what the pipeline says, on the event loop's thread; returns how to end it.

        An empty tuple means: the picture is another one now, ask for a snapshot.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def follow(self, follower: Follower) -> Callable[[], None]:
        """Have `follower` called with what is said for the first time, and after which input, on the event loop's
        thread; returns how to end it. What a run again of the past says, it is not told: it acts on the world outside.
        """
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    def frame(self, sequence: int) -> tuple[int, int, bytes] | None:
        """Source index, time of receipt and bytes of one recorded frame; none when it is not in the journal."""
        if self.folder is None:
            return None
        entry = read_frame(self.folder, sequence)
        return None if entry is None else (entry.source, entry.time_ns, entry.data)

    async def command(self, actor: str, order: Order) -> tuple[Event, ...]:
        """Carry out an order. Answers when the command is on disk.

        Raises:
            BadCommand: the present state does not allow it, or the past is being looked at.
            RecordError: it could not be recorded in time; it was carried out all the same.
        """
        events, _ = await self._ask(actor, order)
        return events

    async def hand_in(self, source: int, payload: bytes) -> int:
        """Take a payload that a person or program handed in. Answers when it is on disk, with its sequence number.

        Raises:
            BadCommand: it was refused (and is on record all the same), or the past is being looked at.
            RecordError: it could not be recorded in time; it was taken all the same.
        """
        events, sequence = await self._ask(MACHINE, _HandedIn(source, payload))
        for event in events:
            if isinstance(event, Rejected) and event.rejections[0].frame == sequence:
                refused = event.rejections[0]
                raise BadCommand(f"{refused.item}: {refused.detail}" if refused.item else refused.detail)
        return sequence

    async def _ask(self, actor: str, order: Order | _HandedIn) -> tuple[tuple[Event, ...], int]:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[tuple[tuple[Event, ...], int]] = loop.create_future()

        def answer(events: tuple[Event, ...], sequence: int) -> None:
            _soon(loop, lambda: None if answered.done() else answered.set_result((events, sequence)))

        def refuse(error: Exception) -> None:
            _soon(loop, lambda: None if answered.done() else answered.set_exception(error))

        self._requests.append(_Request(actor, order, answer, refuse))
        events, sequence = await asyncio.wait_for(answered, COMMAND_TIMEOUT_S)
        for event in events:
            if isinstance(event, Notice) and event.kind == NoticeKind.COMMAND_REFUSED:
                raise BadCommand(event.detail)
        if self._recorder and not await asyncio.to_thread(self._recorder.wait, sequence, COMMAND_TIMEOUT_S):
            raise RecordError(self._recorder.state.failure or "the journal did not confirm the command in time")
        return events, sequence

    async def on_disk(self, sequence: int, timeout_s: float) -> bool:
        """Whether everything up to an input is on disk, waiting at most so long; at once where there is no record."""
        if self._recorder is None or self._recorder.state.durable >= sequence:
            return True
        return await asyncio.to_thread(self._recorder.wait, sequence, timeout_s)

    async def grounds(self, track: int) -> Grounds | None:
        """What a track's category rests on, looked up between two steps; none when there is no such track, or the watch
        takes nothing in. Nothing changes by it, so it is no input and on no record."""
        if not self._running or self._preparing:
            return None
        answered: Future[Grounds | None] = Future()
        self._looks.append((track, answered))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(answered), COMMAND_TIMEOUT_S)
        except TimeoutError:
            return None

    def report(self, order: Order) -> None:
        """Put on record what the machine itself noticed, such as a source that is lost. Never waits; nobody answers."""
        self._requests.append(_Request(MACHINE, order, lambda events, sequence: None, lambda error: None))

    def density(self, first_ns: int, last_ns: int, bins: int) -> tuple[int, ...]:
        """Frames taken so far in `bins` equal parts of a span of event time."""
        counts = [0] * bins
        for second, count in (*self._frames_before.items(), *tuple(self._frames_in_second.items())):
            place = (second * SECOND_NS - first_ns) * bins // max(last_ns - first_ns, 1)
            counts[min(max(place, 0), bins - 1)] += count
        return tuple(counts)

    # ------------------------------------------------------------------ running

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Run on a thread of its own; listeners are called on `loop`."""
        self._loop = loop
        self._thread = threading.Thread(target=self._guarded_run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the run and commit what it recorded. The reason it failed, if it did, is raised here."""
        self._stopping.set()
        self._feed.close()
        if self._thread:
            self._thread.join()
        if self._recorder:
            self._recorder.close()
        if self._failure:
            raise self._failure

    def run_to_end(self) -> None:
        """Run on this thread until the feed has nothing more, and commit what was recorded."""
        try:
            self.run(linger=False)
        finally:
            self.stop()

    def run(self, *, linger: bool = True) -> None:
        """Run on this thread until the feed ends or `stop` is called from another.

        Args:
            linger: after a played feed, stay for people who acknowledge or go back.
        """
        self._running = True
        try:
            start = self._enter_last()  # first: whoever looks sees what stands, however long it takes to get ready
            self._prepare(self._at_work)
            self._kernels = 0, 0
            if self.playback:
                self.playback.moved_to(self.playback.state.position_ns)
            if start:
                self._go_on_from(start)
            self._preparing = False
            while True:
                try:
                    self._go_on()
                    if self.playback:
                        self.playback.end()
                    if self.playback is None or not linger or self._stopping.is_set():
                        return
                    self._linger()
                except _Seek as seek:
                    self._go_to(seek.time_ns)
        finally:
            self._running = False

    def _at_work(self, step: int, steps: int) -> None:
        self._kernels = step, steps

    def _guarded_run(self) -> None:
        try:
            self.run()
        except BaseException as error:
            self._failure = error
            raise

    def _go_on(self) -> None:
        """The rest of the past that is being looked at, then the feed."""
        while (inputs := next(self._past, None)) is not None:
            if not self._wait_until(_received_ns(inputs)):
                return
            self._step([inputs], record=False)
        while (moment := self._moment or next(self._moments, None)) is not None:
            self._moment = moment
            if not self._wait_until(moment.time_ns):
                return
            self._obey_requests(moment.arrivals[0][0] if moment.arrivals else moment.time_ns)
            self._moment = None
            self._step(to_inputs(moment, self._place.sequence + 1))
            self._let_the_record_catch_up()

    def _let_the_record_catch_up(self) -> None:
        """What is played waits for the disk, which the present never does: else all of it would wait in memory."""
        while self.playback and self._recorder and self._recorder.behind > MOST_BEHIND:
            if self._recorder.state.failure or self._stopping.wait(CATCH_UP_S):
                return

    def _wait_until(self, time_ns: int) -> bool:
        """Wait until `time_ns` is due, obeying people meanwhile; false when the watch is to stop."""
        if self.playback is None:
            return True  # a live feed ends by itself, once what was received before the end has been taken
        while not self._stopping.is_set():
            if time_ns <= self._hurry_until_ns or self.playback.due(time_ns):
                return True
            self._obey_requests()
            self._seek_if_asked()
        return False

    def _linger(self) -> None:
        """The feed has ended, the watch has not: people may still acknowledge, and go back."""
        while not self._stopping.wait(0.05):
            self._obey_requests()
            self._seek_if_asked()

    def _step(self, inputs: list[Input], *, record: bool = True) -> tuple[Event, ...]:
        """Inputs through the pipeline; what follows to the listeners and to the record."""
        if not inputs:
            return ()
        runs = self._cadence.cut(inputs) if self._recorder and record else [(inputs, False)]
        events = self._run(runs, self._recorder if record else None)
        if record and events and self._followers:
            self._on_loop(self._tell_followers, (events, self._place.sequence))
        return events

    def _run(self, runs: Iterable[tuple[list[Input], bool]], recorder: Recorder | None) -> tuple[Event, ...]:
        """Runs of inputs, each with whether the state is to be recorded before it."""
        said: list[Event] = []
        for inputs, due in runs:
            if recorder:
                if due:
                    self._record_state(recorder)
                recorder.record(inputs, 0, 0, ())  # before anything looks into them: what breaks a decoder is kept too
            events = self._place.pipeline.step(inputs)
            self._advance(inputs)
            self._publish(events)
            if recorder:
                recorder.record([], self._place.sequence, self._place.time_ns, events)
                self._recorded = self._place.sequence
            if self.playback:
                self.playback.passed(self._place.time_ns)
            said += events
        return tuple(said)

    def _record_state(self, recorder: Recorder) -> None:
        """A snapshot of the state, where it now stands."""
        if self._place.pipeline.begun is None:
            return
        snapshot = self._place.pipeline.snapshot()
        if len(snapshot) <= MOST_BYTES:
            recorder.snapshot(self._place.sequence, self._place.time_ns, snapshot)

    def _advance(self, inputs: list[Input]) -> None:
        for each in inputs:
            if isinstance(each, Frames):
                if int(each.sequence[-1]) > self._counted:
                    self._counted = int(each.sequence[-1])
                    seconds, counts = np.unique(each.received_ns // SECOND_NS, return_counts=True)
                    self._frames_in_second.update(dict(zip(seconds.tolist(), counts.tolist(), strict=True)))
                self._place.sequence, self._place.time_ns = int(each.sequence[-1]), int(each.received_ns[-1])
            else:
                self._place.sequence, self._place.time_ns = each.sequence, each.received_ns

    def _obey_requests(self, begins_ns: int = 0) -> None:
        """Carry out what people asked for; `begins_ns` is the time of a watch that has received nothing yet."""
        while self._looks:
            track, answered = self._looks.popleft()
            if answered.set_running_or_notify_cancel():
                answered.set_result(self._place.pipeline.grounds(track))
        while self._requests:
            request = self._requests.popleft()
            if self._place.sequence < self._recorded:
                request.refuse(BadCommand("this is the past", hint="go back to the present first"))
                continue
            if self._recorder is None and self.folder is not None:
                request.refuse(BadCommand("this is a finished recording", hint="nothing can be added to it"))
                continue
            sequence, now_ns = self._place.sequence + 1, max(self.now_ns(), self._place.time_ns) or begins_ns
            made: Input
            if isinstance(request.order, _HandedIn):
                handed = request.order
                made = Frames.of([handed.payload], sequence=[sequence], source=[handed.source], received_ns=[now_ns])
            else:
                made = Command(sequence=sequence, received_ns=now_ns, actor=request.actor, order=request.order)
            request.answer(self._step([made]), sequence)

    def _publish(self, events: tuple[Event, ...]) -> None:
        if not events:
            return
        self._on_loop(self._deliver, events)

    def _on_loop(self, call: Callable[[T], None], value: T) -> None:
        if self._loop:
            _soon(self._loop, lambda: call(value))
        else:
            call(value)

    def _deliver(self, events: tuple[Event, ...]) -> None:
        self._recent.add(events)
        for listener in tuple(self._listeners):
            listener(events)

    def _tell_followers(self, told: tuple[tuple[Event, ...], int]) -> None:
        for follower in tuple(self._followers):
            follower(*told)

    # ------------------------------------------------------------------ going on, and going back

    def _enter_last(self) -> Start | None:
        """Stand at the last known state of an earlier run under the same configuration, and show it."""
        if self.folder is None or self._recorder is None or not self._recorded:
            return None
        shown: list[int] = []

        def show(after: int, after_ns: int, standing: tuple[Event, ...]) -> None:
            self._publish(self._recent_before(after, after_ns, standing))
            shown.append(after)

        start = last_start(self.folder, recorded.journal(self.folder), self.site, self._mappings, show)
        if shown and (start is None or shown != [start.after]):
            self._on_loop(self._replace_picture, self._recent_at(start))
        if start is None:
            self._take_over(self.folder)
            return None
        self._period = start.period
        self._enter(start)
        return start

    def _go_on_from(self, start: Start) -> None:
        """Run the inputs since a start again, and record what the earlier run could not any more."""
        if self.folder is None or self._recorder is None:
            return
        read = recorded.journal(self.folder)
        began_ns = start.after_ns or start.period.first_ns
        known = sum(1 for _ in recorded.events(read, start.period, start.after))
        inputs = 0
        for each in recorded.inputs(read, start.period, start.after):
            events = self._place.pipeline.step([each])
            inputs += len(each) if isinstance(each, Frames) else 1
            self._advance([each])
            self._publish(events)
            missing = events[known:]
            known = max(known - len(events), 0)
            if missing:
                self._recorder.record([], self._place.sequence, self._place.time_ns, missing)
        self._cadence.stand_at(self._place.time_ns)
        if self.playback:
            self.playback.moved_to(self._place.time_ns)
            threading.Thread(target=self._count_before, args=(read, start), name="density", daemon=True).start()
        self._say_restart(start, inputs, began_ns)

    def _enter(self, start: Start) -> None:
        """Stand where a start is."""
        self._place = _Place(pipeline=start.pipeline, sequence=start.after, time_ns=start.after_ns)

    def _recent_at(self, start: Start | None) -> Recent:
        """What a console needs to know of the time before a start."""
        recent = Recent(seconds_to_ns(RECENT_S))
        if start and start.from_snapshot:
            recent.add(self._recent_before(start.after, start.after_ns, start.pipeline.standing()))
        return recent

    def _recent_before(self, after: int, after_ns: int, standing: tuple[Event, ...]) -> tuple[Event, ...]:
        """The latest that passed before a snapshot that was taken after an input, and all that stood then."""
        if self.folder is None:
            return ()
        return (*recorded.passing(self.folder, after_ns - seconds_to_ns(RECENT_S), after), *standing)

    def _count_before(self, read: recorded.Read, start: Start) -> None:
        """Count the frames before a start, for the timeline. On a thread of its own: it reads the whole period."""
        counts: Counter[int] = Counter()
        for entry in read((EntryKind.FRAME,), start.period.after):
            if entry.sequence > start.after or self._stopping.is_set():
                break
            counts[entry.time_ns // SECOND_NS] += 1
        self._frames_before = counts

    def _say_restart(self, start: Start, inputs: int, began_ns: int) -> None:
        """Put on record, and tell people, how the watch went on."""
        since = format_utc(began_ns)
        if self._recorder:
            self._recorder.note(
                self._place.time_ns,
                "restart",
                inputs=inputs,
                snapshot=start.after if start.from_snapshot else None,
                reason=start.reason,
            )
        self._notify("resumed" if start.from_snapshot else "rerun", since=since, inputs=inputs, why=start.reason)

    def _notify(self, code: str, **data: Any) -> None:
        """Tell people something about the watch that is no conclusion of the pipeline."""
        self._publish((notice(self._place.time_ns, NoticeKind.RESTARTED, self.site.id, code, **data),))

    def _take_over(self, folder: Path) -> None:
        """A new period begins after another: what was open then must not be lost in silence."""
        left = recorded.open_alerts(folder)
        if not left:
            return
        reason = "the watch began anew under another site file; whether this still holds is not known"
        self.report(TakeOver(alerts=left, reason=reason))
        self._notify("taken_over", alerts=[alert.id for alert in left])

    def _seek_if_asked(self) -> None:
        wanted_ns = self.playback.take_seek() if self.playback else None
        if wanted_ns is not None:
            raise _Seek(wanted_ns)

    def _go_to(self, time_ns: int) -> None:
        """Stand at `time_ns` as a watch that had run until then would."""
        self._hurry_until_ns = time_ns
        if self._recorder and not self._recorder.wait(self._recorded, COMMAND_TIMEOUT_S):
            raise RecordError(f"cannot go back while the journal does not record: {self._recorder.state.failure}")
        if self.folder is None:
            return
        period = replace(self._period, last=self._recorded)
        read = recorded.journal(self.folder)
        if self._otherwise:
            start = self._otherwise.start(self.folder)
            self._past = self._otherwise.inputs(read, start.after)
        else:
            start = nearest_start(self.folder, period, time_ns)
            self._past = recorded.inputs(read, period, start.after)
        self._enter(start)
        recent = self._recent_at(start)
        for inputs in self._past:
            if _received_ns(inputs) > time_ns:
                self._past = chain((inputs,), self._past)
                break
            recent.add(self._place.pipeline.step([inputs]))
            self._advance([inputs])
        if self.playback:
            self.playback.moved_to(time_ns)
        self._on_loop(self._replace_picture, recent)

    def _replace_picture(self, recent: Recent) -> None:
        self._recent = recent
        for listener in tuple(self._listeners):
            listener(())


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Call on an event loop, from the watch's thread. Once the loop has ended nobody is there to be told."""
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        if not loop.is_closed():
            raise


class _Seek(Exception):
    """Somebody wants to look at another time."""

    def __init__(self, time_ns: int) -> None:
        self.time_ns = time_ns


def _new_period(site: Site, mappings: dict[str, str], *, after: int) -> recorded.Period:
    """A period in which nothing was received yet."""
    return recorded.Period(site, mappings, after=after, first=after + 1, last=after, first_ns=0, last_ns=0)


def _received_ns(inputs: Input) -> int:
    return int(inputs.received_ns[-1]) if isinstance(inputs, Frames) else inputs.received_ns


def open_journal(
    folder: Path, site: Site, mappings: dict[str, str], started_ns: int, signer: Signer | None = None
) -> JournalWriter:
    """A journal to record a watch in, with the configuration in force as its first entries.

    Args:
        signer: signs its checkpoints; without one the record is sealed by nothing that a stranger could check.

    Raises:
        RecordError: another watch records here, or the disk refuses.
    """
    writer = JournalWriter(folder, signer=signer)
    writer.open_run(encode_site(site), mappings, started_ns)
    return writer
