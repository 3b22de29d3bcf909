"""Live sources: datagrams as they come. What is received is handed over at once and never touched.

`connect` says where to listen:

    udp://127.0.0.1:8600            datagrams to this address
    udp://239.1.2.3:8600            a multicast group, on every interface
    udp://239.1.2.3:8600?on=10.0.0.5    the group on the interface with this address
    tcp://radar.example:10001       a stream from a server, reconnected with growing pauses
    tail:adsb.json                  a file that grows, line by line
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Site, Source

Receive = Callable[[bytes], None]
"""Takes one payload, received now."""

RECEIVE_BUFFER = 8 * 1024 * 1024
"""bytes the kernel may hold of a datagram source while we are busy"""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is found."""

    scheme: str
    host: str
    port: int
    interface: str
    path: str


def parse_address(source: Source) -> Address:
    """A source's `connect`.

    Raises:
        BadConfiguration: it is empty or cannot be understood.
    """
    hint = "write udp://HOST:PORT, tcp://HOST:PORT or tail:FILE"
    if not source.connect:
        raise BadConfiguration(f"source {source.id} says nowhere to connect", where=source.id, hint=hint)
    try:
        parts = urlsplit(source.connect)
        port = parts.port or 0
    except ValueError as error:
        raise BadConfiguration(f"connect {source.connect!r}: {error}", where=source.id, hint=hint) from error
    if parts.scheme == "tail" and parts.path:
        return Address("tail", "", 0, "", parts.path)
    if parts.scheme not in ("udp", "tcp") or not parts.hostname or not port:
        raise BadConfiguration(f"connect {source.connect!r} cannot be understood", where=source.id, hint=hint)
    return Address(parts.scheme, parts.hostname, port, parse_qs(parts.query).get("on", [""])[0], "")


async def listen(site: Site, receive: Callable[[int, bytes], None], tell: Callable[[str], None]) -> None:
    """Listen to every source of a site until cancelled.

    Args:
        receive: takes the source's index and one payload, on the event loop's thread.
        tell: takes one sentence when a connection is made or lost.

    Raises:
        BadConfiguration: a source says nowhere to connect, or its port cannot be used.
    """
    listeners: dict[str, Callable[..., Awaitable[None]]] = {"udp": _udp, "tcp": _tcp, "tail": _tail}
    jobs = [(index, source, parse_address(source)) for index, source in enumerate(site.sources)]
    async with asyncio.TaskGroup() as group:
        for index, source, address in jobs:
            group.create_task(
                _as_coroutine(
                    listeners[address.scheme](
                        source, address, lambda payload, index=index: receive(index, payload), tell
                    )
                )
            )


async def _as_coroutine(job: Awaitable[None]) -> None:
    await job


class _Datagrams(asyncio.DatagramProtocol):
    """Hands over each datagram."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._receive(data)


async def _udp(source: Source, address: Address, receive: Receive, tell: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    opened = _datagram_socket(source, address)
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(receive), sock=opened)
    tell(f"{source.id}: listening on {address.host}:{address.port}")
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        transport.close()


def _datagram_socket(source: Source, address: Address) -> socket.socket:
    host = ip_address(socket.gethostbyname(address.host))
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    try:
        if host.is_multicast:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((str(host), address.port))
            interface = socket.inet_aton(address.interface or "0.0.0.0")
            membership = struct.pack("=4s4s", host.packed, interface)
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        else:
            opened.bind((str(host), address.port))
    except OSError as error:
        opened.close()
        raise BadConfiguration(
            f"source {source.id} cannot listen on {address.host}:{address.port}: {error.strerror}",
            hint="is another program, or another watch, listening there?",
        ) from error
    return opened


async def _tcp(source: Source, address: Address, receive: Receive, tell: Callable[[str], None]) -> None:
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            reader, writer = await asyncio.open_connection(address.host, address.port)
        except OSError as error:
            tell(f"{source.id}: no connection to {address.host}:{address.port}: {error.strerror or error}")
        else:
            tell(f"{source.id}: connected to {address.host}:{address.port}")
            try:
                while data := await reader.read(CHUNK):
                    pause_s = FIRST_PAUSE_S
                    receive(data)
                tell(f"{source.id}: {address.host}:{address.port} closed the connection")
            except OSError as error:
                tell(f"{source.id}: connection lost: {error.strerror or error}")
            finally:
                writer.close()
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2.0, LONGEST_PAUSE_S)


async def _tail(source: Source, address: Address, receive: Receive, tell: Callable[[str], None]) -> None:
    """Whole lines as they are added; a file that became shorter is read from its start again."""
    path, place, rest = Path(address.path), 0, b""
    tell(f"{source.id}: following {path}")
    while True:
        try:
            size = path.stat().st_size
            if size < place:
                place, rest = 0, b""
            if size > place:
                with path.open("rb") as file:
                    file.seek(place)
                    data = file.read(CHUNK)
                place += len(data)
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    receive(line)
                continue
        except FileNotFoundError:
            place, rest = 0, b""
        await asyncio.sleep(0.2)
