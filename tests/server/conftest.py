"""A server on loopback, in a thread, with a watch that tests turn by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import httpx
import pytest
from tests.server.fake_watch import FakeWatch

from luchtwacht.server.serve import create_server

Answer = TypeVar("Answer")


@dataclass
class Served:
    """A running server and what is behind it."""

    watch: FakeWatch
    address: str
    loop: asyncio.AbstractEventLoop

    def do(self, act: Callable[[], Answer]) -> Answer:
        """Have `act` called on the server's loop, as a watch would."""

        async def run() -> Answer:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    @property
    def live(self) -> str:
        """Address of the live feed."""
        return f"ws://{self.address}/api/v1/live"

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://{self.address}", timeout=10)


def serve(watch: FakeWatch, port: int = 0) -> Iterator[Served]:
    """Serves `watch` until the test has ended."""
    server = create_server(watch, port=port)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.01)
    bound = server.servers[0].sockets[0].getsockname()[1]
    yield Served(watch, f"127.0.0.1:{bound}", loop)
    server.should_exit = True
    thread.join(10)
    loop.close()


@cache
def three_minutes_in(*, live: bool) -> FakeWatch:
    """The invented night after three minutes, made once."""
    watch = FakeWatch(live=live)
    watch.advance(360)
    return watch


@pytest.fixture(scope="session")
def one_server() -> Iterator[Served]:
    """Started once: describing an API takes longer than most tests."""
    yield from serve(FakeWatch())


@pytest.fixture
def served(one_server: Served) -> Served:
    """The invented night, three minutes in, as a recording."""
    one_server.do(lambda: one_server.watch.become(three_minutes_in(live=False)))
    return one_server


@pytest.fixture
def served_live(one_server: Served) -> Served:
    """The same night, live."""
    one_server.do(lambda: one_server.watch.become(three_minutes_in(live=True)))
    return one_server
