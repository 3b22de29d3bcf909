"""Streams: from a server, from those who connect here, from a serial line. Each is cut into payloads by its format."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import LinkState, SerialLink, TcpLink, TcpServerLink
from luchtwacht.sources.framing import STREAMS, Framer
from luchtwacht.sources.outlet import Backoff, Outlet

if TYPE_CHECKING:
    from serial import Serial

CHUNK = 65_536
MOST_CONNECTIONS = 64
"""at once, of one listening source"""
CONNECT_TIMEOUT_S = 10.0
_KEEPALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""a peer that is gone without a word is noticed within half a minute"""
_SERIAL_WAIT_S = 0.2


async def run_tcp(link: TcpLink, outlet: Outlet) -> None:
    """Read from a server until cancelled; connect again whenever the connection ends."""
    backoff = Backoff()
    while True:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(link.host, link.port)
        except TimeoutError:
            outlet.say(LinkState.LOST, f"no connection to {link}: no answer within {CONNECT_TIMEOUT_S:g} s", link=link)
        except OSError as error:
            outlet.say(LinkState.LOST, f"no connection to {link}: {_why(error)}", link=link, why=_why(error))
        else:
            outlet.say(LinkState.CONNECTED, f"connected to {link}", link=link)
            if outlet.source.login:
                writer.write(outlet.source.login.encode() + b"\r\n")
            try:
                ended = await _read(reader, writer, outlet, backoff)
                outlet.say(LinkState.LOST, f"{link} {ended}", link=link, why=ended)
            finally:
                writer.close()
        await backoff.pause()


async def run_tcp_server(link: TcpServerLink, outlet: Outlet) -> None:
    """Read from everybody who connects, until cancelled.

    Raises:
        BadConfiguration: this machine cannot listen there.
    """
    connected: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _peer(writer)
        if len(connected) >= MOST_CONNECTIONS:
            outlet.say(LinkState.LOST, f"{peer} was turned away: {MOST_CONNECTIONS} are connected already")
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        connected.add(task)
        outlet.say(LinkState.CONNECTED, f"{peer} connected to {link}", link=f"{peer} > {link}")
        try:
            ended = await _read(reader, writer, outlet, Backoff())
            outlet.say(LinkState.LOST, f"{peer} {ended}", link=peer, why=ended)
        finally:
            connected.discard(task)
            writer.close()

    try:
        server = await asyncio.start_server(serve, link.host, link.port)
    except OSError as error:
        raise BadConfiguration(
            f"source {outlet.source.id} cannot listen on {link}: {_why(error)}",
            where=outlet.source.id,
            hint="is another program, or another watch, listening there?",
        ) from error
    outlet.say(LinkState.CONNECTED, f"listening on {link}", link=link)
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        server.close()
        for task in list(connected):
            task.cancel()
        await asyncio.gather(*connected, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, outlet: Outlet, backoff: Backoff) -> str:
    """Hand over a connection's payloads until it ends; what was cut off goes too, to be refused and counted.

    Returns:
        How it ended.
    """
    _keep_alive(writer)
    framer = STREAMS[outlet.source.format]()
    clock = asyncio.get_running_loop().time
    due = clock() + framer.patience_s if framer.patience_s else None  # at first, and within a payload
    try:
        while True:
            await outlet.room()
            async with asyncio.timeout_at(due):
                data = await reader.read(CHUNK)
            if not data:
                return "closed the connection"
            backoff.worked()
            complete = framer.take(data)
            for payload in complete:
                outlet.take(payload)
                if outlet.peers:
                    outlet.peers.heard(payload, writer)
            if framer.lost:
                return "was cut off: it announced more than any message holds"
            if complete or not framer.waiting:
                due = clock() + framer.patience_s if framer.patience_s and framer.waiting else None
    except TimeoutError:
        return f"was cut off: no whole message in {framer.patience_s:g} s"
    except OSError as error:
        return f"is lost: {_why(error)}"
    finally:
        if outlet.peers:
            outlet.peers.gone(writer)
        if rest := framer.rest():
            outlet.take(rest)


def _take(framer: Framer, data: bytes, outlet: Outlet) -> None:
    for payload in framer.take(data):
        outlet.take(payload)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    opened: socket.socket | None = writer.get_extra_info("socket")
    if opened is None:
        return
    with suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _peer(writer: asyncio.StreamWriter) -> str:
    name = writer.get_extra_info("peername")
    return f"{name[0]} port {name[1]}" if isinstance(name, tuple) else "a peer"


def _why(error: OSError) -> str:
    return error.strerror or str(error)


# ---------------------------------------------------------------------- serial lines


def _read_serial(line: Serial) -> bytes:
    """What has come, waiting a little for the first byte."""
    return bytes(line.read(line.in_waiting or 1))


async def run_serial(link: SerialLink, outlet: Outlet) -> None:
    """Read a serial line until cancelled; open it again whenever it is gone, as when a plug is pulled."""
    from serial import Serial, SerialException

    backoff = Backoff()
    while True:
        try:
            line = await asyncio.to_thread(
                Serial,
                link.device,
                link.baud,
                timeout=_SERIAL_WAIT_S,
                exclusive=True if sys.platform != "win32" else None,
            )
        except (SerialException, OSError, ValueError) as error:
            outlet.say(LinkState.LOST, f"cannot open {link}: {error}", link=link, why=error)
        else:
            outlet.say(LinkState.CONNECTED, f"reading {link}", link=link)
            framer = STREAMS[outlet.source.format]()
            try:
                while True:
                    await outlet.room()
                    data = await asyncio.to_thread(_read_serial, line)
                    if data:
                        backoff.worked()
                        _take(framer, data, outlet)
            except (SerialException, OSError, TypeError) as error:  # pyserial reads a closed descriptor as none
                outlet.say(LinkState.LOST, f"{link} is lost: {error}", link=link, why=error)
            finally:
                if rest := framer.rest():
                    outlet.take(rest)
                line.close()
        await backoff.pause()
