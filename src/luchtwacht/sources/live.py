"""Live sources: payloads as they come. What is received is handed over at once and never changed.

`connect` says where to listen:

    udp://127.0.0.1:8600                datagrams to this address
    udp://239.1.2.3:8600                a multicast group, on every interface
    udp://239.1.2.3:8600?on=10.0.0.5    the group on the interface with this address
    tcp://radar.example:10001           a stream from a server, reconnected with growing pauses
    tail:log.csv                        a file that grows: what is added from now on, and the header of a table
    tail:log.csv?from=start             the same with what stands there already
    file:/run/readsb/aircraft.json      a file that is written anew: whole, each time it has changed
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Site, Source
from luchtwacht.sources.files import GrowingFile, RewrittenFile
from luchtwacht.sources.framing import STREAMS, split_datagram

Receive = Callable[[bytes], None]
"""Takes one payload, received now."""
Tell = Callable[[str], None]
"""Takes one sentence about a connection."""

RECEIVE_BUFFER = 8 * 1024 * 1024
"""bytes the kernel may hold of a datagram source while we are busy"""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LOOK_S = 0.2
"""between two looks at a file"""
CHUNK = 65_536

_HINT = "write udp://HOST:PORT, tcp://HOST:PORT, tail:FILE or file:FILE"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a source is found."""

    scheme: str
    host: str = ""
    port: int = 0
    interface: str = ""
    """address of the interface on which a multicast group is joined; "" for every one"""
    path: str = ""
    from_start: bool = False


def parse_address(source: Source) -> Address:
    """A source's `connect`.

    Raises:
        BadConfiguration: it is empty, cannot be understood, or the format does not come that way.
    """
    if not source.connect:
        raise BadConfiguration(f"source {source.id} says nowhere to connect", where=source.id, hint=_HINT)
    try:
        parts = urlsplit(source.connect)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError as error:
        raise BadConfiguration(f"connect {source.connect!r}: {error}", where=source.id, hint=_HINT) from error
    options = parse_qs(parts.query, keep_blank_values=True)
    known = {"udp": {"on"}, "tcp": set(), "tail": {"from"}, "file": set()}.get(parts.scheme)
    in_file = parts.scheme in ("tail", "file")
    if known is None or not set(options) <= known or (not parts.path if in_file else not (host and port)):
        raise BadConfiguration(f"connect {source.connect!r} cannot be understood", where=source.id, hint=_HINT)
    if parts.scheme in ("tcp", "tail") and source.format not in STREAMS:
        raise BadConfiguration(
            f"source {source.id}: {source.format} does not come in a stream",
            where=source.id,
            hint="use udp://HOST:PORT",
        )
    if options.get("from", ["start"]) != ["start"]:
        raise BadConfiguration(f"connect {source.connect!r}: from is start or nothing", where=source.id)
    if in_file:
        return Address(parts.scheme, path=unquote(parts.netloc + parts.path), from_start="from" in options)
    return Address(parts.scheme, host, port, options.get("on", [""])[0])


async def listen(site: Site, receive: Callable[[int, bytes], None], tell: Tell) -> None:
    """Listen to every source of a site until cancelled.

    Args:
        receive: takes the source's index and one payload, on the event loop's thread.
        tell: takes one sentence when a connection is made or lost.

    Raises:
        BadConfiguration: a source says nowhere to connect, or its port cannot be used.
    """
    jobs = [
        _LISTENERS[address.scheme](source, address, _to(index, receive), tell)
        for index, (source, address) in enumerate([(source, parse_address(source)) for source in site.sources])
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except* BadConfiguration as several:
        raise several.exceptions[0] from None


def _to(index: int, receive: Callable[[int, bytes], None]) -> Receive:
    return lambda payload: receive(index, payload)


# ---------------------------------------------------------------------- datagrams


class _Datagrams(asyncio.DatagramProtocol):
    """Hands over what each datagram holds."""

    def __init__(self, source: Source, receive: Receive, tell: Tell) -> None:
        self._source, self._receive, self._tell = source, receive, tell

    def datagram_received(self, data: bytes, addr: object) -> None:
        for payload in split_datagram(data, self._source.format):
            self._receive(payload)

    def error_received(self, exc: Exception) -> None:
        self._tell(f"{self._source.id}: {exc}")


async def _udp(source: Source, address: Address, receive: Receive, tell: Tell) -> None:
    loop = asyncio.get_running_loop()
    opened = _datagram_socket(source, address)
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(source, receive, tell), sock=opened)
    tell(f"{source.id}: listening on {address.host}:{address.port}")
    try:
        await loop.create_future()
    finally:
        transport.close()


def _datagram_socket(source: Source, address: Address) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        host = IPv4Address(socket.gethostbyname(address.host))
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if host.is_multicast:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((str(host), address.port))
        if host.is_multicast:
            interface = socket.inet_aton(address.interface or "0.0.0.0")
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4s", host.packed, interface))
    except OSError as error:
        opened.close()
        raise BadConfiguration(
            f"source {source.id} cannot listen on {address.host}:{address.port}: {error.strerror or error}",
            where=source.id,
            hint="is another program, or another watch, listening there?",
        ) from error
    return opened


# ---------------------------------------------------------------------- streams


async def _tcp(source: Source, address: Address, receive: Receive, tell: Tell) -> None:
    pause_s = FIRST_PAUSE_S
    place = f"{address.host}:{address.port}"
    while True:
        try:
            reader, writer = await asyncio.open_connection(address.host, address.port)
        except OSError as error:
            tell(f"{source.id}: no connection to {place}: {error.strerror or error}")
        else:
            tell(f"{source.id}: connected to {place}")
            framer = STREAMS[source.format]()
            try:
                while data := await reader.read(CHUNK):
                    pause_s = FIRST_PAUSE_S
                    for payload in framer.take(data):
                        receive(payload)
                tell(f"{source.id}: {place} closed the connection")
            except OSError as error:
                tell(f"{source.id}: connection to {place} lost: {error.strerror or error}")
            finally:
                if rest := framer.rest():
                    receive(rest)
                writer.close()
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2.0, LONGEST_PAUSE_S)


# ---------------------------------------------------------------------- files


async def _file(source: Source, address: Address, receive: Receive, tell: Tell) -> None:
    path = Path(address.path)
    opened: GrowingFile | RewrittenFile = (
        GrowingFile(path, source, from_start=address.from_start) if address.scheme == "tail" else RewrittenFile(path)
    )
    tell(f"{source.id}: following {path}")
    failing = False
    while True:
        try:
            payloads = await asyncio.to_thread(opened.look)
            failing = False
        except OSError as error:
            payloads = []
            if not failing:
                tell(f"{source.id}: {path}: {error.strerror or error}")
            failing = True
        for payload in payloads:
            receive(payload)
        await asyncio.sleep(0.0 if payloads else LOOK_S)


_LISTENERS: dict[str, Callable[[Source, Address, Receive, Tell], Coroutine[Any, Any, None]]] = {
    "udp": _udp,
    "tcp": _tcp,
    "tail": _file,
    "file": _file,
}
