"""Senders: one connection to one receiver, that never makes the watch wait.

Datagrams are handed to the kernel or let go. A stream is written while its other end reads: when more than
`MOST_UNREAD` octets wait, the translator is not asked for more, and what it then gives is the latest, not the missed. A
receiver that reads nothing for `PATIENCE_S` is cut off and connected anew, with growing pauses.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from luchtwacht.clock import Clock
from luchtwacht.model import Event, Order, Output, TcpLink, TcpServerLink, UdpLink, parse_link

if TYPE_CHECKING:
    from luchtwacht.outputs import Translator

LOOK_S = 0.1
"""between two questions to the translator when the watch says nothing"""
MOST_UNREAD = 256 * 1024
PATIENCE_S = 15.0
CONNECT_TIMEOUT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
MOST_RECEIVERS = 16
"""at once, of one listening output"""
MULTICAST_TTL = 1
"""a multicast group is reached on the own network"""
CHUNK = 65_536

Obey = Callable[[str, Order], Awaitable[None]]
"""Carries out an order in somebody's name; whatever comes of it is on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputState:
    """How an output stands."""

    id: str
    kind: str
    address: str
    receivers: int
    """connections; 1 for datagrams"""
    messages: int
    """datagrams, or pieces of a stream, that were sent"""
    octets: int
    let_go: int
    """messages that could not be sent"""
    trouble: str
    """why nothing is shown now; "" when all is well"""


class Sender:
    """Sends what a translator gives to where an output says.

    Args:
        make: makes a translator; each receiver of a listening output has its own.
        obey: carries out what the receiver orders.
        tell: takes one sentence when a connection is made or lost.
    """

    def __init__(
        self,
        output: Output,
        make: Callable[[], Translator],
        clock: Clock,
        obey: Obey,
        tell: Callable[[str], None],
        past: Callable[[], tuple[Event, ...]] = lambda: (),
    ) -> None:
        self._output, self._make, self._clock, self._obey, self._tell = output, make, clock, obey, tell
        self._past = past
        self._translators: list[Translator] = []
        self._receivers = self._messages = self._octets = self._let_go = 0
        self._failure = "not connected yet"
        self._said: asyncio.Event = asyncio.Event()

    @property
    def state(self) -> OutputState:
        """How it stands now."""
        trouble = next((each.trouble for each in self._translators if each.trouble), "") if self._receivers else ""
        return OutputState(
            id=self._output.id,
            kind=str(self._output.kind),
            address=self._output.address,
            receivers=self._receivers,
            messages=self._messages,
            octets=self._octets,
            let_go=self._let_go + sum(getattr(each, "left_out", 0) for each in self._translators),
            trouble=self._failure or trouble,
        )

    def take(self, events: tuple[Event, ...]) -> None:
        """Note what the pipeline said; on the event loop's thread."""
        for translator in self._translators:
            translator.take(events)
        self._said.set()

    async def run(self) -> None:
        """Send until cancelled."""
        match parse_link(self._output.address):
            case UdpLink() as link:
                await self._datagrams(link)
            case TcpLink() as link:
                await self._stream(link)
            case TcpServerLink() as link:
                await self._listen(link)

    async def _wait(self) -> None:
        """Until the watch said something, or a little while."""
        try:
            async with asyncio.timeout(LOOK_S):
                await self._said.wait()
        except TimeoutError:
            pass
        self._said.clear()

    def _translator(self) -> Translator:
        made = self._make()
        made.take(self._past())
        return made

    # ------------------------------------------------------------------ datagrams

    async def _datagrams(self, link: UdpLink) -> None:
        translator = self._translator()
        self._translators = [translator]
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                opened, target = await asyncio.to_thread(_datagram_socket, link)
            except OSError as error:
                self._fail(f"cannot send to {link}: {error.strerror or error}")
                await asyncio.sleep(pause_s)
                pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)
                continue
            self._failure, self._receivers = "", 1
            self._tell(f"{self._output.id}: sending to {link}")
            try:
                while True:
                    for datagram in translator.due(self._clock.now_ns()):
                        self._send_datagram(opened, datagram, target)
                    await self._wait()
            finally:
                opened.close()
                self._receivers = 0

    def _send_datagram(self, opened: socket.socket, datagram: bytes, target: tuple[object, ...]) -> None:
        try:
            opened.sendto(datagram, target)
        except (BlockingIOError, InterruptedError):
            self._let_go += 1
        except OSError as error:  # nobody listens there now, the network is down: that is the receiver's loss
            self._let_go += 1
            self._failure = f"{error.strerror or error}"
        else:
            self._failure = ""
            self._messages += 1
            self._octets += len(datagram)

    # ------------------------------------------------------------------ streams

    async def _stream(self, link: TcpLink) -> None:
        translator = self._translator()
        self._translators = [translator]
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    reader, writer = await asyncio.open_connection(link.host, link.port)
            except (OSError, TimeoutError) as error:
                self._fail(f"no connection to {link}: {getattr(error, 'strerror', None) or 'no answer'}")
            else:
                before = self._messages
                await self._converse(translator, reader, writer, str(link))
                pause_s = FIRST_PAUSE_S if self._messages > before + 1 else pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)

    async def _listen(self, link: TcpServerLink) -> None:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is None or len(tasks) >= MOST_RECEIVERS:
                writer.close()
                return
            tasks.add(task)
            translator = self._translator()
            self._translators.append(translator)
            try:
                await self._converse(translator, reader, writer, "a receiver")
            finally:
                tasks.discard(task)
                self._let_go += getattr(translator, "left_out", 0)
                self._translators.remove(translator)

        pause_s = FIRST_PAUSE_S
        while True:
            try:
                server = await asyncio.start_server(serve, link.host, link.port)
                break
            except OSError as error:
                self._fail(f"cannot listen on {link}: {error.strerror or error}")
                await asyncio.sleep(pause_s)
                pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)
        self._failure = ""
        self._tell(f"{self._output.id}: listening on {link}")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _converse(
        self, translator: Translator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str
    ) -> None:
        """Send to and hear one receiver until the connection ends."""
        self._receivers += 1
        self._failure = ""
        self._tell(f"{self._output.id}: connected to {who}")
        translator.opened()
        hearing = asyncio.create_task(self._hear(translator, reader))
        try:
            reason = await self._write(translator, writer, hearing)
        except OSError as error:
            reason = error.strerror or str(error)
        finally:
            self._receivers -= 1
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            self._say_goodbye(translator, writer)
            writer.close()
        self._fail(f"connection to {who} lost: {reason}")

    async def _write(self, translator: Translator, writer: asyncio.StreamWriter, hearing: asyncio.Task[str]) -> str:
        loop = asyncio.get_running_loop()
        stuck_since: float | None = None
        while not hearing.done():
            unread = writer.transport.get_write_buffer_size()
            if unread > MOST_UNREAD:
                stuck_since = stuck_since if stuck_since is not None else loop.time()
                if loop.time() - stuck_since > PATIENCE_S:
                    writer.transport.abort()
                    return f"it has read nothing for {PATIENCE_S:g} s"
            else:
                stuck_since = None
                for piece in translator.due(self._clock.now_ns()):
                    writer.write(piece)
                    self._messages += 1
                    self._octets += len(piece)
            if writer.is_closing():
                return "it was closed"
            await self._wait()
        return hearing.result()

    async def _hear(self, translator: Translator, reader: asyncio.StreamReader) -> str:
        """What the receiver says, until it says nothing more."""
        try:
            while data := await reader.read(CHUNK):
                for order in translator.receive(data, self._clock.now_ns()):
                    await self._obey(self._output.id, order)
                self._said.set()
                if getattr(translator, "broken", False):
                    return translator.trouble
        except OSError as error:
            return error.strerror or str(error)
        return "the other side closed it"

    def _say_goodbye(self, translator: Translator, writer: asyncio.StreamWriter) -> None:
        last = getattr(translator, "goodbye", None)
        if last is not None and not writer.is_closing():
            for piece in last(self._clock.now_ns()):
                writer.write(piece)

    def _fail(self, why: str) -> None:
        if why != self._failure:
            self._tell(f"{self._output.id}: {why}")
        self._failure = why


def _datagram_socket(link: UdpLink) -> tuple[socket.socket, tuple[object, ...]]:
    """A socket that never waits, and where it sends to.

    Raises:
        OSError: there is no such host or interface.
    """
    family, _, _, _, target = socket.getaddrinfo(link.host, link.port, type=socket.SOCK_DGRAM)[0]
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        if ip_address(str(target[0]).partition("%")[0]).is_multicast:
            _reach_group(opened, family, link.interface)
    except OSError:
        opened.close()
        raise
    return opened, target


def _reach_group(opened: socket.socket, family: int, interface: str) -> None:
    if family == socket.AF_INET:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, MULTICAST_TTL)
        if interface:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, _ipv4(interface))
    else:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, MULTICAST_TTL)
        if interface:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex(interface))


def _ipv4(interface: str) -> bytes:
    """What says an interface to the kernel: its address, or a structure with its index (ip(7), struct ip_mreqn)."""
    try:
        return socket.inet_aton(interface)
    except OSError:
        return bytes(8) + socket.if_nametoindex(interface).to_bytes(4, "little")
