"""The live feed: one picture, a short log of its changes, and consoles that each read the log at their own pace.

The rules, in the order in which the code follows them:

1. Every call of the backend becomes one numbered change (`seq`). A change names what changed; it holds no track states.
2. A console is only a number: the last `seq` it was sent. What it is sent next is everything since, as one message,
   read from the picture as it is now. So a slow console skips positions by itself, and one message is encoded once for
   all consoles that stand at the same number.
3. Alerts and notices are kept in the changes in full and in order: they are never merged away.
4. A console whose number has left the log, or who asks, gets the whole picture. So does everyone when the picture
   becomes another one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import msgspec

from luchtwacht import model
from luchtwacht.server import wire
from luchtwacht.server.backend import Backend, Preparation, Status
from luchtwacht.server.declarations import to_ms
from luchtwacht.server.picture import Change, Picture
from luchtwacht.units import SECOND_NS

LOG_LENGTH = 4_096
"""changes kept; a console further behind gets the whole picture"""
PACE_S = 0.1
"""positions are sent at most this often"""
STATUS_S = 1.0
"""the watch's own state is sent this often"""

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """A wire value as JSON."""
    return _encoder.encode(value)


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    change: Change


class Sink(Protocol):
    """Where a console's messages go. Returns when the console has taken it in."""

    async def __call__(self, message: bytes) -> None: ...


class LiveFeed:
    """The picture of one backend, kept up to date, and everyone who looks at it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.consoles = 0
        self._ticks: dict[tuple[int, int], wire.AlertTick] = {}
        self._changed = asyncio.Condition()
        self._urgent = 0
        self._seq = 0
        self._log: deque[_Entry] = deque(maxlen=LOG_LENGTH)
        self._restarted_at = 0
        self._encoded: dict[tuple[int, int], bytes] = {}
        self._wakers: set[asyncio.Task[None]] = set()
        self.picture = Picture(backend.site)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows the backend for as long as the context is open."""
        unsubscribe: Callable[[], None] = self._backend.subscribe(self._hear)
        self._restart()
        try:
            yield
        finally:
            unsubscribe()

    # ------------------------------------------------------------------ what the watch says

    def _hear(self, events: tuple[model.Event, ...]) -> None:
        if not events:
            self._restart()
            return
        self._log_change(self.picture.apply(events))

    def _restart(self) -> None:
        """Another picture from here on: nobody's number holds any more."""
        self.picture = Picture(self._backend.site)
        change = self.picture.apply(self._backend.snapshot())
        self.picture.pass_time(self._backend.now_ns(), change)
        self._mark(change.alerts)
        self._log.clear()
        self._seq += 1
        self._restarted_at = self._seq
        self._wake(urgent=True)

    def _log_change(self, change: Change) -> None:
        if not change:
            return
        self._seq += 1
        self._log.append(_Entry(self._seq, change))
        self._mark(change.alerts)
        self._wake(urgent=change.urgent)

    def _mark(self, alerts: list[wire.Alert]) -> None:
        """Alerts seen in this session stay marked on the time line, also when somebody goes back before them."""
        for alert in alerts:
            self._ticks[alert.id, alert.raised_ms] = wire.AlertTick(
                time_ms=alert.raised_ms, severity=alert.severity, alert=alert.id
            )

    @property
    def ticks(self) -> list[wire.AlertTick]:
        return sorted(self._ticks.values(), key=lambda tick: (tick.time_ms, tick.alert))

    def _wake(self, *, urgent: bool) -> None:
        if urgent:
            self._urgent = self._seq
        task = asyncio.get_running_loop().create_task(self._notify())
        self._wakers.add(task)
        task.add_done_callback(self._wakers.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # ------------------------------------------------------------------ what consoles are told

    @property
    def seq(self) -> int:
        return self._seq

    def message_since(self, sent: int) -> bytes:
        """Everything after `sent`, as one message; the whole picture when the log does not reach back that far."""
        seq = self._seq
        key = (sent, seq)
        if key not in self._encoded:
            self._encoded = {k: v for k, v in self._encoded.items() if k[1] == seq}
            self._encoded[key] = encode(self._delta(sent) if self._reaches(sent) else self._snapshot())
        return self._encoded[key]

    def _reaches(self, sent: int) -> bool:
        oldest = self._log[0].seq - 1 if self._log else self._seq
        return sent >= max(oldest, self._restarted_at)

    def _delta(self, sent: int) -> wire.DeltaMessage:
        change = Change.merged(entry.change for entry in self._log if entry.seq > sent)
        return self.picture.read_changes(change, base=sent, seq=self._seq)

    def _snapshot(self) -> wire.SnapshotMessage:
        return wire.SnapshotMessage(seq=self._seq, picture=self.picture.read(), status=self.status())

    def alerts_since(self, sent: int) -> tuple[int, list[wire.Alert]]:
        """The newest number, and every state an alert had after `sent` (every present one when that is not known)."""
        if not self._reaches(sent):
            return self._seq, self.picture.alerts
        return self._seq, [alert for entry in self._log if entry.seq > sent for alert in entry.change.alerts]

    def status(self) -> wire.WatchStatus:
        """How the watch stands now."""
        said: Status = self._backend.status()
        return wire.WatchStatus(
            time_ms=to_ms(self._backend.now_ns()),
            running=said.running,
            preparing=said.preparation is not None,
            preparation=_preparation(said.preparation),
            inputs=said.inputs,
            frames=said.frames,
            frames_per_s=round(said.frames_per_s, 1),
            lag_ms=to_ms(said.lag_ns),
            recording=said.recording,
            durable=said.durable,
            record_failure=said.record_failure,
            lost=said.lost,
            outputs=[
                wire.OutputStatus(
                    id=each.id,
                    kind=each.kind,
                    address=each.address,
                    receivers=each.receivers,
                    messages=each.messages,
                    octets=each.octets,
                    let_go=each.let_go,
                    trouble=each.trouble,
                )
                for each in said.outputs
            ],
            playback=self.playback(),
        )

    def playback(self) -> wire.PlaybackStatus | None:
        """Where the recording stands; none for a live watch."""
        if self._backend.playback is None:
            return None
        state = self._backend.playback.state
        return wire.PlaybackStatus(
            first_ms=to_ms(state.first_ns),
            last_ms=to_ms(state.last_ns),
            position_ms=to_ms(state.position_ns),
            speed=state.speed,
            paused=state.paused,
            ended=state.ended,
        )

    async def wait_beyond(self, sent: int, timeout_s: float) -> bool:
        """Wait until there is something after `sent`; false when there was nothing in time."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._seq > sent)
        except TimeoutError:
            return False
        return True

    async def _pace(self, sent: int) -> None:
        """Positions wait for their turn; what somebody waits for does not."""
        try:
            async with asyncio.timeout(PACE_S), self._changed:
                await self._changed.wait_for(lambda: self._urgent > sent)
        except TimeoutError:
            return

    async def serve(self, send: Sink, asked: asyncio.Event) -> None:
        """Keep one console up to date until it goes away (then `send` raises).

        Args:
            send: takes one message; back-pressure is its waiting.
            asked: set when the console asks for the whole picture.
        """
        clock = asyncio.get_running_loop().time
        sent, status_due = -1, 0.0
        self.consoles += 1
        try:
            while True:
                if asked.is_set():
                    asked.clear()
                    sent = -1
                if self._seq > sent:
                    message, sent = self.message_since(sent), self._seq
                    await send(message)
                    await self._pace(sent)
                if clock() >= status_due:
                    self._log_change(self._passed())
                    await send(encode(wire.StatusMessage(seq=sent, status=self.status())))
                    status_due = clock() + STATUS_S
                await self._wait(sent, asked, status_due - clock())
        finally:
            self.consoles -= 1

    async def _wait(self, sent: int, asked: asyncio.Event, timeout_s: float) -> None:
        """Until there is something to send, or a question, or the status is due."""
        asking = asyncio.create_task(asked.wait())
        changing = asyncio.create_task(self.wait_beyond(sent, max(timeout_s, 0.0)))
        try:
            await asyncio.wait({asking, changing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asking.cancel()
            changing.cancel()

    def _passed(self) -> Change:
        """What changed only because time passed."""
        change = Change()
        self.picture.pass_time(self._backend.now_ns(), change)
        return change


def _preparation(said: Preparation | None) -> wire.Preparation | None:
    if said is None:
        return None
    return wire.Preparation(step=said.step, steps=said.steps, elapsed_s=round(said.elapsed_ns / SECOND_NS, 1))
