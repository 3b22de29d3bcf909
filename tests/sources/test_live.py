"""Live sources on the loopback: what is sent is handed over, and connections come back."""

from __future__ import annotations

import asyncio
import os
import pty
import socket
import struct
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sources.collecting import CollectingSink, free_port, heard, site

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Format, LinkState, Source
from luchtwacht.model.site import STREAM_FORMATS
from luchtwacht.sources import datagrams, files, outlet
from luchtwacht.sources.framing import STREAMS

RADAR = Source(id="radar", format=Format.ASTERIX)
BLOCK = b"\x30\x00\x05ab"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts of the Linux kernel")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(files, "LOOK_S", 0.02)
    monkeypatch.setattr(files, "MARK_EVERY_S", 0.02)


def test_every_format_of_streams_has_a_framer_and_no_other() -> None:
    assert set(STREAMS) == set(STREAM_FORMATS)


# ---------------------------------------------------------------------- datagrams


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_datagrams_are_handed_over_as_they_are(host: str) -> None:
    port = free_port(socket.SOCK_DGRAM, host)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in (BLOCK, BLOCK + BLOCK, b""):
                sender.sendto(payload, (host, port))
        await sink.until(lambda: len(sink.payloads) == 3)

    sink = heard(site(replace(RADAR, connect=f"udp://{place}")), play)
    assert sink.payloads == [(0, BLOCK), (0, BLOCK + BLOCK), (0, b"")]
    assert sink.said(LinkState.CONNECTED) == [f"listening on {place}"]


def multicast_sender(six: bool, group: str) -> tuple[socket.socket, str]:
    """A socket whose datagrams to a group do not leave this machine, and the interface they go to."""
    for number, name in socket.if_nameindex():
        sender = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            if six:
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 0)
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, number)
            else:
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
                choice = struct.pack("=4s4si", b"\0" * 4, b"\0" * 4, number)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, choice)
            sender.sendto(b"", (group, 9))
        except OSError:
            sender.close()
        else:
            return sender, name
    pytest.skip(f"no interface here has a route for {group}")


@LINUX
@pytest.mark.parametrize(("group", "six"), [("239.255.12.34", False), ("ff11::12:34", True)])
def test_a_multicast_group_is_heard_and_another_on_the_same_port_is_not(group: str, six: bool) -> None:
    port = free_port(socket.SOCK_DGRAM, "::1" if six else "127.0.0.1")
    other = "ff11::12:35" if six else "239.255.12.35"
    sender, interface = multicast_sender(six, group)

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        sender.sendto(b"not ours", (other, port))
        sender.sendto(BLOCK, (group, port))
        await sink.until(lambda: len(sink.payloads) == 1)

    host = f"[{group}]" if six else group
    with sender:
        for option in (f"?on={interface}", ""):
            sink = heard(site(replace(RADAR, connect=f"udp://{host}:{port}{option}")), play)
            assert sink.bytes == [BLOCK]


@LINUX
def test_datagrams_that_the_kernel_let_go_are_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "RECEIVE_BUFFER", 4_096)
    port = free_port(socket.SOCK_DGRAM)
    sent = 300

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        sink.full = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(BLOCK, ("127.0.0.1", port))  # the one for which it waits already
            await sink.until(lambda: len(sink.payloads) == 1)
            for _ in range(sent):
                sender.sendto(b"x" * 500, ("127.0.0.1", port))
            sink.full = False
            await sink.until(lambda: len(sink.payloads) > 1)
            sender.sendto(BLOCK, ("127.0.0.1", port))
            await sink.until(lambda: bool(sink.said(LinkState.DROPPED)))

    sink = heard(site(replace(RADAR, connect=f"udp://127.0.0.1:{port}")), play)
    (dropped,) = sink.said(LinkState.DROPPED)
    assert dropped.startswith(f"the kernel let {sent - (len(sink.payloads) - 2)} datagrams go")


def test_a_port_that_is_taken_is_a_clear_error() -> None:
    async def nothing(sink: CollectingSink) -> None:
        await asyncio.sleep(5.0)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(BadConfiguration, match=f"radar cannot listen on 127.0.0.1:{port}"):
            heard(site(replace(RADAR, connect=f"udp://127.0.0.1:{port}")), nothing)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadConfiguration, match=f"radar cannot listen on 127.0.0.1:{port}"):
            heard(site(replace(RADAR, connect=f"tcp-listen://127.0.0.1:{port}")), nothing)


# ---------------------------------------------------------------------- streams


def test_a_peer_that_dies_in_mid_frame_and_comes_back_is_read_again() -> None:
    port = free_port()

    async def serve_once(data: list[bytes], abort: bool) -> None:
        gone = asyncio.Event()

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for part in data:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.02)
            if abort:
                opened = writer.get_extra_info("socket")
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no goodbye
            writer.close()
            gone.set()

        async with await asyncio.start_server(serve, "127.0.0.1", port):
            await gone.wait()

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: bool(sink.said(LinkState.LOST)))  # nobody is there yet
        await serve_once([BLOCK[:2], BLOCK[2:] + BLOCK + BLOCK[:4]], abort=True)
        await sink.until(lambda: len(sink.payloads) == 3)
        await serve_once([BLOCK], abort=False)
        await sink.until(lambda: len(sink.payloads) == 4)

    sink = heard(site(replace(RADAR, connect=f"tcp://127.0.0.1:{port}")), play)
    assert sink.bytes == [BLOCK, BLOCK, BLOCK[:4], BLOCK]  # what was cut off is handed over, to be refused and counted
    assert sink.connected == 2
    assert sink.said(LinkState.LOST)[0].startswith(f"no connection to 127.0.0.1:{port}")


def test_everybody_who_connects_is_read_apart() -> None:
    port = free_port()

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        (_, first), (_, second) = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        first.write(BLOCK[:3])
        await first.drain()
        await asyncio.sleep(0.05)
        second.write(BLOCK)
        await sink.until(lambda: len(sink.payloads) == 1)
        first.write(BLOCK[3:])
        await sink.until(lambda: len(sink.payloads) == 2)
        first.close()
        await sink.until(lambda: any("closed" in each for each in sink.said(LinkState.LOST)))
        second.close()

    sink = heard(site(replace(RADAR, connect=f"tcp-listen://127.0.0.1:{port}")), play)
    assert sink.bytes == [BLOCK, BLOCK]


def test_a_stream_stands_still_at_its_sender_while_there_is_no_room() -> None:
    port = free_port()
    size, count = 60_000, 400

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: sink.connected == 1)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        block = b"\x30" + size.to_bytes(2, "big") + b"x" * (size - 3)
        sink.full = True
        writer.write(block * count)
        await asyncio.sleep(0.2)
        assert len(sink.payloads) <= 2  # one read may be under way
        assert writer.transport.get_write_buffer_size() > 0
        sink.full = False
        await sink.until(lambda: len(sink.payloads) == count)
        writer.close()

    heard(site(replace(RADAR, connect=f"tcp-listen://127.0.0.1:{port}")), play)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_a_serial_line_is_read_lost_and_opened_again(tmp_path: Path) -> None:
    name = tmp_path / "radar"
    table = Source(id="spot", format=Format.TABLE, mapping="m.toml", connect=f"serial:{name}?baud=9600")

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: bool(sink.said(LinkState.LOST)))
        for part in (b"a,b\r\n1,", b"3,4\n"):
            ours, theirs = pty.openpty()
            name.unlink(missing_ok=True)
            name.symlink_to(os.ttyname(theirs))
            connected = sink.connected
            await sink.until(lambda before=connected: sink.connected > before)
            os.write(ours, part)
            count = len(sink.payloads)
            await sink.until(lambda before=count: len(sink.payloads) > before)
            os.close(theirs)
            os.close(ours)  # the plug is pulled
            lost = len(sink.said(LinkState.LOST))
            await sink.until(lambda before=lost: len(sink.said(LinkState.LOST)) > before)

    sink = heard(site(table), play)
    assert sink.bytes == [b"a,b", b"1,", b"3,4"]


# ---------------------------------------------------------------------- files


def test_a_growing_file_is_followed_and_a_second_run_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    path, marks = tmp_path / "log.csv", tmp_path / "marks"
    path.write_bytes(b"a,b\n1,2\n")
    table = Source(id="table", format=Format.TABLE, mapping="m.toml", connect=f"tail:{path}")

    def add(data: bytes) -> None:
        with path.open("ab") as file:
            file.write(data)

    async def play(sink: CollectingSink) -> None:
        await sink.until(lambda: len(sink.payloads) == 1)
        add(b"3,4\n5,")
        await sink.until(lambda: len(sink.payloads) == 2)

    async def play_on(sink: CollectingSink) -> None:
        await sink.until(lambda: len(sink.payloads) == 3)

    assert heard(site(table), play, marks=marks).bytes == [b"a,b", b"3,4"]
    add(b"6\n7,8\n")
    sink = heard(site(table), play_on, marks=marks)
    assert sink.bytes == [b"a,b", b"5,6", b"7,8"]
    assert any("going on at byte 12" in each for each in sink.said(LinkState.CONNECTED))
