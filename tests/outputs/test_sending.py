"""Real sockets on loopback: datagrams, a group, streams, and receivers that are slow, dead or gone."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest
from tests.oracles import asterix as oracle
from tests.outputs.pictures import NOW_NS, a_site, an_output, tracked
from tests.outputs.test_asterix import _BY_NUMBER

from luchtwacht.model import Event, Order, Output, Shown
from luchtwacht.outputs import AsterixTranslator, Sender, sending
from luchtwacht.units import SECOND_NS

PATIENCE_S = 20.0


class Clock:
    """Stands still."""

    def now_ns(self) -> int:
        return NOW_NS


class Flood:
    """A translator that always has more."""

    trouble = ""

    def __init__(self, piece: bytes = b"x" * 100_000) -> None:
        self.piece, self.asked, self.opened_times = piece, 0, 0

    def take(self, events: tuple[Event, ...]) -> None:
        return

    def opened(self) -> None:
        self.opened_times += 1

    def due(self, now_ns: int) -> list[bytes]:
        self.asked += 1
        return [self.piece]

    def receive(self, data: bytes, now_ns: int) -> list[Order]:
        return []


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def nobody(actor: str, order: Order) -> None:
    raise AssertionError(f"{actor} ordered {order}")


def a_sender(output: Output, said: list[str] | None = None) -> Sender:
    tell = (said if said is not None else []).append
    return Sender(output, lambda: AsterixTranslator(a_site(), output), Clock(), nobody, tell)


def run(sender: Sender, test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        running = asyncio.create_task(sender.run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await test()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await asyncio.sleep(0.05)  # connections that were closed are let go

    asyncio.run(main())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("group", ["127.0.0.1", "239.18.7.9"])
def test_a_display_on_the_network_hears_the_tracks(group: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as display:
        display.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        display.bind((group, 0))
        if group.startswith("239"):
            joined = struct.pack("=4s4s", socket.inet_aton(group), socket.inet_aton("127.0.0.1"))
            display.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
        display.settimeout(PATIENCE_S)
        port = display.getsockname()[1]
        on = "?on=127.0.0.1" if group.startswith("239") else ""
        sender = a_sender(an_output(address=f"udp://{group}:{port}{on}", what=(Shown.TRACKS,)))
        heard: list[bytes] = []

        async def test() -> None:
            await until(lambda: sender.state.receivers == 1)
            sender.take((tracked(3, 4),))
            heard.append(await asyncio.to_thread(display.recv, 4096))

        run(sender, test)
    records = list(oracle.records_of(_BY_NUMBER[62], heard[0]))
    assert [record["I062/040"] for record in records] == [3, 4]
    assert sender.state.messages == 1


def test_several_displays_may_connect_and_each_gets_everything() -> None:
    port = free_port()
    sender = a_sender(an_output(address=f"tcp-listen://127.0.0.1:{port}", what=(Shown.TRACKS,)))

    async def test() -> None:
        await until(lambda: sender.state.trouble == "")
        links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await until(lambda: sender.state.receivers == 3)
        sender.take((tracked(3),))
        for reader, writer in links:
            block = await reader.readexactly(3)
            block += await reader.readexactly(int.from_bytes(block[1:3], "big") - 3)
            (record,) = oracle.records_of(_BY_NUMBER[62], block)
            assert record["I062/040"] == 3
            writer.close()
        await until(lambda: sender.state.receivers == 0)

    run(sender, test)


def test_a_receiver_that_comes_late_and_goes_is_connected_to_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE_S", 0.05)
    port, said = free_port(), list[str]()
    sender = a_sender(an_output(address=f"tcp://127.0.0.1:{port}", what=(Shown.STATUS,)), said)

    async def test() -> None:
        await until(lambda: "no connection" in sender.state.trouble)
        for _ in range(2):
            first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

            async def serve(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: asyncio.Future[bytes] = first
            ) -> None:
                first.set_result(await reader.readexactly(1))
                writer.transport.abort()

            server = await asyncio.start_server(serve, "127.0.0.1", port)
            assert await first == b"\x41"  # CAT065: a new receiver is told at once how the system is
            server.close()
            await until(lambda: "lost" in sender.state.trouble or "no connection" in sender.state.trouble)

    run(sender, test)
    assert sum("connected to" in each for each in said) >= 2


def test_a_receiver_that_does_not_read_costs_bounded_memory_and_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PATIENCE_S", 0.3)
    port, flood, most = free_port(), Flood(), 0
    output = an_output(address=f"tcp://127.0.0.1:{port}")
    sender = Sender(output, lambda: flood, Clock(), nobody, lambda said: None)

    async def test() -> None:
        nonlocal most

        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            deaf_ones.append(writer)

        deaf_ones: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(deaf, "127.0.0.1", port)
        await until(lambda: "read nothing" in sender.state.trouble)
        most = flood.asked
        server.close()
        for writer in deaf_ones:
            writer.transport.abort()
        await asyncio.sleep(0.05)

    run(sender, test)
    assert most * 100_000 < 30_000_000


def test_nobody_at_the_other_end_of_a_datagram_costs_nothing() -> None:
    sender = a_sender(an_output(address=f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", what=(Shown.TRACKS,)))

    async def test() -> None:
        await until(lambda: sender.state.receivers == 1)
        for second in range(20):
            sender.take((tracked(3, seconds=second * 0.4),))
            await asyncio.sleep(0.01)
        await until(lambda: sender.state.messages + sender.state.let_go > 3)

    run(sender, test)


def test_a_host_that_is_not_there_is_said_and_tried_again() -> None:
    said: list[str] = []
    sender = a_sender(an_output(address="tcp://no-such-host.invalid:9"), said)

    async def test() -> None:
        await until(lambda: "no connection" in sender.state.trouble)
        sender.take((tracked(3, seconds=SECOND_NS * 0.0),))

    run(sender, test)
    assert len(said) == 1
