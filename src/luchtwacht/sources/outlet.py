"""Where sources put what they receive. Whoever runs them gives a `Sink`; each source sees its own `Outlet`.

Memory is bounded by asking first: a source waits for `room` before it reads on. A stream then stands still at its
sender, a broker keeps its messages, a file stays where it is; datagrams are let go by the kernel, which counts them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from luchtwacht.model import LinkState, ReportLink, Source

MOST_PEERS = 1024
"""names that are remembered of one source"""
MOST_UNREAD = 1024 * 1024
"""octets that wait for a peer to read them"""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0


class Sink(Protocol):
    """Takes what comes from every source, on the event loop's thread."""

    @property
    def full(self) -> bool:
        """Whether too much waits already; may be asked from any thread."""
        ...

    def receive(self, source: int, payload: bytes) -> None:
        """Take one payload, received now; `source` is an index into `Site.sources`. Never waits."""
        ...

    def report(self, order: ReportLink) -> None:
        """Take what happened to the way to a source. Never waits."""
        ...

    async def room(self) -> None:
        """Return when there is room for more."""
        ...

    async def kept(self) -> None:
        """Return when everything taken so far is on disk."""
        ...


class Peers:
    """Who is at the other end of the connections of a source that also answers. The name that a peer has for itself
    stands in what it sends; by the last connection on which it was heard it is reached.

    Args:
        sender_of: reads the name out of a payload; "" where there is none.
    """

    def __init__(self, sender_of: Callable[[bytes], str]) -> None:
        self._sender_of = sender_of
        self._writers: dict[str, asyncio.StreamWriter] = {}

    def heard(self, payload: bytes, writer: asyncio.StreamWriter) -> None:
        """A payload came over this connection."""
        name = self._sender_of(payload)
        if name and (name in self._writers or len(self._writers) < MOST_PEERS):
            self._writers[name] = writer

    def gone(self, writer: asyncio.StreamWriter) -> None:
        """This connection has ended."""
        self._writers = {name: each for name, each in self._writers.items() if each is not writer}

    def send(self, name: str, payload: bytes) -> str:
        """Send to a peer, without waiting; a connection whose other end does not read is ended.

        Returns:
            "" when it is on its way, else why it is not.
        """
        writer = self._writers.get(name)
        if writer is None or writer.is_closing():
            return f"{name} is not connected"
        if writer.transport.get_write_buffer_size() > MOST_UNREAD:
            writer.transport.abort()
            self.gone(writer)
            return f"{name} does not read what it is sent; its connection was ended"
        writer.write(payload)
        return ""


class Outlet:
    """One source's side of the sink.

    Args:
        peers: those who send, when they are also answered.
    """

    def __init__(self, sink: Sink, index: int, source: Source, peers: Peers | None = None) -> None:
        self._sink, self._index, self.source, self.peers = sink, index, source, peers
        self._said: tuple[LinkState, str] | None = None

    @property
    def full(self) -> bool:
        return self._sink.full

    @property
    def connected(self) -> bool:
        """Whether the last thing said was that bytes can come."""
        return self._said is not None and self._said[0] == LinkState.CONNECTED

    def take(self, payload: bytes) -> None:
        """Hand over one payload."""
        self._sink.receive(self._index, payload)

    def say(self, state: LinkState, detail: str, *, link: object = "", why: object = "", lost: int = 0) -> None:
        """Put on record how the way to this source stands. The same again is not said again.

        Args:
            detail: one sentence, in English.
            link: which way or peer it is about, for those who say it in another language.
            why: what was wrong, in the words of the system.
            lost: how many messages were dropped.
        """
        if (state, detail) == self._said and state != LinkState.DROPPED:
            return
        self._said = (state, detail)
        self._sink.report(
            ReportLink(source=self.source.id, state=state, detail=detail, link=str(link), why=str(why), lost=lost)
        )

    async def room(self) -> None:
        """Wait until there is room for more."""
        await self._sink.room()

    async def kept(self) -> None:
        """Wait until everything handed over so far is on disk."""
        await self._sink.kept()


class Backoff:
    """Pauses between attempts, growing to `LONGEST_PAUSE_S`; bytes that came make them short again."""

    def __init__(self) -> None:
        self._pause_s = FIRST_PAUSE_S

    def worked(self) -> None:
        """Something came."""
        self._pause_s = FIRST_PAUSE_S

    async def pause(self) -> None:
        """Wait before the next attempt."""
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(self._pause_s * 2.0, LONGEST_PAUSE_S)
