"""A watch with a console: the server on one thread's event loop, the watch on another."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any

from luchtwacht.cli.loading import loading
from luchtwacht.clock import Clock
from luchtwacht.errors import BadCommand, BadInput
from luchtwacht.journal.requests import Hold, Release, request
from luchtwacht.journal.retention import holds_in_force
from luchtwacht.model import Event, Grounds, Order, Site
from luchtwacht.outputs import Sender
from luchtwacht.runtime.playback import Playback
from luchtwacht.runtime.watch import Watch
from luchtwacht.server.backend import Listener, OutputStatus, Preparation, RawFrame, Status
from luchtwacht.units import SECOND_NS


class WatchBackend:
    """A watch as the server sees it (`server.backend.Backend`)."""

    def __init__(
        self, watch: Watch, clock: Clock, base_map: bytes | None = None, outputs: tuple[Sender, ...] = ()
    ) -> None:
        self._watch, self._clock, self._base_map, self._outputs = watch, clock, base_map, outputs
        self._began_ns = clock.now_ns()
        self._measured = (self._began_ns, 0)
        self._rate = 0.0

    @property
    def site(self) -> Site:
        return self._watch.site

    @property
    def base_map(self) -> bytes | None:
        return self._base_map

    @property
    def playback(self) -> Playback | None:
        return self._watch.playback

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._watch.subscribe(listener)

    def snapshot(self) -> tuple[Event, ...]:
        return self._watch.snapshot()

    async def command(self, actor: str, order: Order) -> tuple[Event, ...]:
        return await self._watch.command(actor, order)

    async def hand_in(self, source: int, payload: bytes) -> int:
        return await self._watch.hand_in(source, payload)

    async def holds(self) -> tuple[Hold, ...]:
        folder = self._watch.folder
        return () if folder is None else tuple(await asyncio.to_thread(holds_in_force, folder))

    async def hold(self, asked: Hold | Release) -> None:
        folder = self._watch.folder
        if folder is None or self._watch.state.record is None:
            raise BadCommand("this watch records nothing", hint="hold it where it is recorded")
        await asyncio.to_thread(request, folder, asked)

    async def grounds(self, track: int) -> Grounds | None:
        return await self._watch.grounds(track)

    def frame(self, sequence: int) -> RawFrame | None:
        found = self._watch.frame(sequence)
        return None if found is None else RawFrame(*found)

    def now_ns(self) -> int:
        return self._watch.now_ns()

    def status(self) -> Status:
        state, now_ns = self._watch.state, self._clock.now_ns()
        since_ns, frames = self._measured
        if now_ns - since_ns >= SECOND_NS:
            self._rate = max(state.frames - frames, 0) * SECOND_NS / (now_ns - since_ns)
            self._measured = (now_ns, state.frames)
        record = state.record
        return Status(
            running=state.running,
            preparation=self._preparation(state.kernels, now_ns) if state.preparing else None,
            inputs=state.inputs,
            frames=state.frames,
            frames_per_s=round(self._rate, 1),
            lag_ns=0 if self._watch.playback else max(now_ns - state.position_ns, 0),
            recording=record is not None,
            durable=record.durable if record else 0,
            record_failure=record.failure if record else "",
            lost=state.dropped + (record.lost if record else 0),
            outputs=tuple(OutputStatus(**asdict(output.state)) for output in self._outputs),
        )

    def _preparation(self, kernels: tuple[int, int], now_ns: int) -> Preparation:
        return Preparation(step=kernels[0], steps=kernels[1], elapsed_ns=now_ns - self._began_ns)

    def density(self, bins: int) -> tuple[int, ...]:
        if self._watch.playback is None:
            return ()
        state = self._watch.playback.state
        return self._watch.density(state.first_ns, state.last_ns, bins)


def free_port(host: str, wanted: int) -> int:
    """`wanted` if it is free.

    Raises:
        BadInput: another program listens there.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError as error:
            raise BadInput(
                f"port {wanted} on {host} cannot be used: {error.strerror}", hint="choose another with --port"
            ) from error
        return int(probe.getsockname()[1])


def serve(
    watch: Watch,
    clock: Clock,
    *,
    host: str,
    port: int,
    base_map: bytes | None = None,
    beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
    outputs: tuple[Sender, ...] = (),
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Run the watch and its console until Ctrl-C.

    Args:
        beside: what else must run on the event loop: the sources of a live watch.
        outputs: whose state is shown.
        ready: called with the page's address once it answers.

    Raises:
        whatever ended the watch, if it failed.
    """

    async def main() -> None:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        backend = WatchBackend(watch, clock, base_map, outputs)
        watch.start(asyncio.get_running_loop())  # first: it stands where it stood by the time the page is there
        with loading():
            from luchtwacht.server.serve import create_server

            server = create_server(backend, host=host, port=port, on_start=lambda: ready(address))
        others = [asyncio.create_task(beside())] if beside else []
        try:
            await server.serve()
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    try:
        asyncio.run(main())
    finally:
        watch.stop()


def run_headless(watch: Watch, listen: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a live watch without a console until Ctrl-C or SIGTERM; what was received by then is recorded."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        listening = asyncio.ensure_future(listen())
        for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell had Ctrl-C ignored, and for services
            loop.add_signal_handler(number, listening.cancel)
        watch.start(loop)
        await listening

    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        watch.stop()


def announce(url: str) -> None:
    """Say which page to open."""
    from rich.console import Console
    from rich.panel import Panel

    Console(stderr=True).print(
        Panel.fit(
            f"Open [bold cyan]{url}[/] in a browser. Ctrl-C ends the watch.", title="Luchtwacht", border_style="green"
        )
    )
