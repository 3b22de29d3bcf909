"""A sink that keeps what it is given, and a way to listen until enough has come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from luchtwacht.model import LinkState, Place, ReportLink, Site, Source
from luchtwacht.sources.live import listen


class CollectingSink:
    """Keeps everything; is full when told so."""

    def __init__(self) -> None:
        self.payloads: list[tuple[int, bytes]] = []
        self.reports: list[ReportLink] = []
        self.changed = asyncio.Event()
        self.full = False
        self.asked_for_room = 0

    def receive(self, source: int, payload: bytes) -> None:
        self.payloads.append((source, payload))
        self.changed.set()

    def report(self, order: ReportLink) -> None:
        self.reports.append(order)
        self.changed.set()

    async def room(self) -> None:
        self.asked_for_room += 1
        while self.full:
            await asyncio.sleep(0.005)

    async def kept(self) -> None:
        """Everything is kept at once."""

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait until something holds of what came."""
        while not enough():
            self.changed.clear()
            await self.changed.wait()

    def said(self, state: LinkState) -> list[str]:
        return [order.detail for order in self.reports if order.state == state]

    @property
    def connected(self) -> int:
        return len(self.said(LinkState.CONNECTED))

    @property
    def bytes(self) -> list[bytes]:
        return [payload for _, payload in self.payloads]


def site(*sources: Source) -> Site:
    return Site(id="field", name="A field", origin=Place(latitude=52.0, longitude=5.0), sources=sources, sensors=())


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as opened:
        opened.bind((host, 0))
        return int(opened.getsockname()[1])


Play = Callable[[CollectingSink], Awaitable[None]]


def heard(declared: Site, play: Play, *, marks: Path | None = None, seconds: float = 10.0) -> CollectingSink:
    """Listen to a site while `play` runs; `play` raises or waits as it needs."""

    async def run() -> CollectingSink:
        sink = CollectingSink()
        listening = asyncio.create_task(listen(declared, sink, marks))
        playing = asyncio.ensure_future(play(sink))
        try:
            async with asyncio.timeout(seconds):
                await asyncio.wait((listening, playing), return_when=asyncio.FIRST_COMPLETED)
                if listening.done():
                    listening.result()
                await playing
        except TimeoutError:
            raise AssertionError(f"not enough came: {sink.payloads}, {sink.reports}") from None
        finally:
            for task in (listening, playing):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task
        return sink

    return asyncio.run(run())
