"""Live sources on the loopback: what is sent is handed over, and connections come back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Format, Place, Site, Source
from luchtwacht.sources import live
from luchtwacht.sources.live import listen, parse_address

RADAR = Source(id="radar", format=Format.ASTERIX)
BLOCK = b"\x30\x00\x05ab"


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def site(*sources: Source) -> Site:
    return Site(id="field", name="A field", origin=Place(latitude=52.0, longitude=5.0), sources=sources, sensors=())


async def nothing() -> None:
    """Send nothing."""


async def heard(declared: Site, send: Callable[[], Awaitable[None]], count: int) -> tuple[list[object], list[str]]:
    """Listen until `count` payloads came in, at most five seconds."""
    payloads: list[object] = []
    told: list[str] = []
    begun, enough = asyncio.Event(), asyncio.Event()

    def tell(said: str) -> None:
        told.append(said)
        begun.set()

    def receive(source: int, payload: bytes) -> None:
        payloads.append((source, payload))
        if len(payloads) >= count:
            enough.set()

    listening = asyncio.create_task(listen(declared, receive, tell))
    try:
        async with asyncio.timeout(5.0):
            await begun.wait()
            await send()
            await enough.wait()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return payloads, told


def test_datagrams_are_handed_over_as_they_are() -> None:
    port = free_port(socket.SOCK_DGRAM)
    declared = site(replace(RADAR, connect=f"udp://127.0.0.1:{port}"))

    async def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in (BLOCK, BLOCK + BLOCK, b""):
                sender.sendto(payload, ("127.0.0.1", port))

    payloads, told = asyncio.run(heard(declared, send, 3))
    assert payloads == [(0, BLOCK), (0, BLOCK + BLOCK), (0, b"")]
    assert told == [f"radar: listening on 127.0.0.1:{port}"]


def test_a_stream_is_cut_into_blocks_and_taken_up_again_after_it_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FIRST_PAUSE_S", 0.02)
    sent = [BLOCK[:2], BLOCK[2:] + BLOCK + BLOCK[:4]]

    async def run() -> tuple[list[object], list[str]]:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for part in sent:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.01)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await heard(site(replace(RADAR, connect=f"tcp://127.0.0.1:{port}")), nothing, 6)

    payloads, told = asyncio.run(run())
    assert payloads[:6] == [(0, BLOCK), (0, BLOCK), (0, BLOCK[:4])] * 2  # what was cut off is handed over, and counted
    assert any("closed the connection" in each for each in told)


def test_a_growing_file_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\n1,2\n")
    table = Source(id="table", format=Format.TABLE, mapping="m.toml", connect=f"tail:{path}")

    async def send() -> None:
        await asyncio.sleep(0.05)
        with path.open("ab") as file:
            file.write(b"3,4\n")

    payloads, _ = asyncio.run(heard(site(table), send, 2))
    assert payloads == [(0, b"a,b"), (0, b"3,4")]


def test_a_port_that_is_taken_is_a_clear_error() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(BadConfiguration, match=f"radar cannot listen on 127.0.0.1:{port}"):
            asyncio.run(listen(site(replace(RADAR, connect=f"udp://127.0.0.1:{port}")), lambda *_: None, print))


@pytest.mark.parametrize(
    "connect",
    [
        "",
        "radar",
        "udp://",
        "udp://host",
        "http://host:80",
        "tail:",
        "udp://host:99999",
        "tcp://host:1?on=x",
        "tail:x?from=end",
    ],
)
def test_an_address_that_cannot_be_understood_is_refused(connect: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        parse_address(replace(RADAR, connect=connect))
    assert "radar" in str(caught.value)


def test_addresses_are_understood() -> None:
    def parsed(connect: str) -> live.Address:
        return parse_address(replace(RADAR, connect=connect))

    assert parsed("udp://239.1.2.3:8600?on=10.0.0.5") == live.Address("udp", "239.1.2.3", 8600, "10.0.0.5")
    assert parsed("tail:logs/radar.ast?from=start") == live.Address("tail", path="logs/radar.ast", from_start=True)
    assert parsed("file:/run/readsb/aircraft.json").path == "/run/readsb/aircraft.json"


def test_radio_frames_do_not_come_in_a_stream() -> None:
    receiver = Source(id="rid", format=Format.REMOTE_ID, connect="tcp://127.0.0.1:5")
    with pytest.raises(BadConfiguration, match="does not come in a stream"):
        parse_address(receiver)
