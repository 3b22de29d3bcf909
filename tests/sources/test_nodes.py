"""SAPIENT over real sockets: many nodes, answers back to each, and peers that misbehave."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from luchtwacht.model import Format, LinkState, ReportLink, Source, TcpServerLink
from luchtwacht.sources import streams
from luchtwacht.sources.framing import LONGEST_MESSAGE, LengthFramer
from luchtwacht.sources.outlet import MOST_UNREAD, Outlet, Peers
from luchtwacht.sources.streams import run_tcp_server

PATIENCE_S = 20.0


class Collected:
    """A sink that keeps what it is given."""

    full = False

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.reports: list[ReportLink] = []

    def receive(self, source: int, payload: bytes) -> None:
        self.payloads.append(payload)

    def report(self, order: ReportLink) -> None:
        self.reports.append(order)

    async def room(self) -> None:
        return

    async def kept(self) -> None:
        return


def framed(text: str) -> bytes:
    return len(text).to_bytes(4, "little") + text.encode()


def sender_of(payload: bytes) -> str:
    """In these tests a message begins with its sender's name."""
    return payload[4:].decode(errors="replace").partition(":")[0]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


def with_server(test: Callable[[Collected, Peers, int], Awaitable[None]]) -> None:
    async def run() -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        sink, peers = Collected(), Peers(sender_of)
        outlet = Outlet(sink, 0, Source(id="nodes", format=Format.SAPIENT), peers)
        serving = asyncio.create_task(run_tcp_server(TcpServerLink("127.0.0.1", port), outlet))
        try:
            await until(lambda: bool(sink.reports))
            await test(sink, peers, port)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await asyncio.sleep(0.05)  # connections that were closed are let go

    asyncio.run(run())


def lost(sink: Collected) -> list[str]:
    return [each.detail for each in sink.reports if each.state == LinkState.LOST]


def test_each_node_is_answered_on_its_own_connection() -> None:
    async def test(sink: Collected, peers: Peers, port: int) -> None:
        links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
        for number, (_, writer) in enumerate(links):
            writer.write(framed(f"node{number}:hello"))
        await until(lambda: len(sink.payloads) == 8)
        for number in range(8):
            assert peers.send(f"node{number}", framed(f"to {number}")) == ""
        for number, (reader, writer) in enumerate(links):
            assert await reader.readexactly(4 + 4) == framed(f"to {number}")
            writer.close()
        await until(lambda: peers.send("node3", b"x") == "node3 is not connected")

    with_server(test)


def test_several_nodes_may_share_a_connection_and_one_may_change_its_own() -> None:
    async def test(sink: Collected, peers: Peers, port: int) -> None:
        first, second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        first[1].write(framed("a:1") + framed("b:1"))
        await until(lambda: len(sink.payloads) == 2)
        second[1].write(framed("b:2"))
        await until(lambda: len(sink.payloads) == 3)
        assert (peers.send("a", framed("to a")), peers.send("b", framed("to b"))) == ("", "")
        assert (await first[0].readexactly(8), await second[0].readexactly(8)) == (framed("to a"), framed("to b"))
        for _, writer in (first, second):
            writer.close()

    with_server(test)


def test_a_peer_that_dies_in_the_middle_of_a_message_leaves_its_bytes_and_nothing_else() -> None:
    async def test(sink: Collected, peers: Peers, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed("a:whole") + framed("a:cut off")[:7])
        await writer.drain()
        await until(lambda: len(sink.payloads) == 1)
        writer.transport.abort()
        await until(lambda: len(sink.payloads) == 2)
        assert sink.payloads == [framed("a:whole"), framed("a:cut off")[:7]]

    with_server(test)


def test_a_length_that_no_message_has_ends_the_connection() -> None:
    async def test(sink: Collected, peers: Peers, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        huge = framed("a:1") + (LONGEST_MESSAGE + 1).to_bytes(4, "little") + b"garbage"
        writer.write(huge)
        assert await reader.read() == b""
        assert b"".join(sink.payloads) == huge
        assert "more than any message holds" in lost(sink)[0]
        writer.close()

    with_server(test)


@pytest.mark.parametrize("drip", [b"", b"\x00"])
def test_who_says_nothing_or_a_byte_at_a_time_is_cut_off(drip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hasty(LengthFramer):
        patience_s = 0.3

    monkeypatch.setitem(streams.STREAMS, Format.SAPIENT, Hasty)

    async def test(sink: Collected, peers: Peers, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\xff\x00\x00\x00" if drip else b"")
        ended = asyncio.create_task(reader.read())
        async with asyncio.timeout(PATIENCE_S):
            while not ended.done():
                writer.write(drip)
                await asyncio.sleep(0.05)
        assert "no whole message" in lost(sink)[0]
        writer.close()

    with_server(test)


def test_a_quiet_node_that_has_spoken_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hasty(LengthFramer):
        patience_s = 0.2

    monkeypatch.setitem(streams.STREAMS, Format.SAPIENT, Hasty)

    async def test(sink: Collected, peers: Peers, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed("a:1"))
        await asyncio.sleep(0.6)
        writer.write(framed("a:2"))
        await until(lambda: len(sink.payloads) == 2)
        assert lost(sink) == []
        writer.close()

    with_server(test)


def test_a_node_that_does_not_read_is_cut_off_and_costs_bounded_memory() -> None:
    async def test(sink: Collected, peers: Peers, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed("a:1"))
        await until(lambda: len(sink.payloads) == 1)
        said = ""
        for _ in range(200):
            said = peers.send("a", b"\0" * 100_000)
            if said:
                break
            await asyncio.sleep(0)
        assert "does not read" in said
        assert MOST_UNREAD < 200 * 100_000
        writer.close()

    with_server(test)


def test_messages_are_found_byte_by_byte_and_however_they_are_cut() -> None:
    stream = framed("a:1") + framed("") + framed("b:" + "x" * 70_000)
    whole, bytewise = LengthFramer(), LengthFramer()
    expected = whole.take(stream)
    assert [payload for byte in stream for payload in bytewise.take(bytes([byte]))] == expected
    assert b"".join(expected) == stream
    assert whole.rest() == b""
