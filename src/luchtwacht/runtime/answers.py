"""What the watch says to its sensors: sent once it is on record, and what it answers with it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

from luchtwacht.model import Event, Outgoing, Site
from luchtwacht.runtime.watch import Watch
from luchtwacht.sources.outlet import Peers

MOST_WAITING = 10_000
"""messages that wait for the record; more is let go, and said"""
RECORD_TIMEOUT_S = 2.0
"""a sensor is not lost because the disk refuses: after this long it is answered; the record says itself how it is"""


class Answers:
    """Sends what is said to sensors to those who are connected.

    Args:
        peers: by index into `Site.sources`.
        tell: takes one sentence about what could not be sent.
    """

    def __init__(self, watch: Watch, site: Site, peers: Mapping[int, Peers], tell: Callable[[str], None]) -> None:
        self._watch, self._site, self._peers, self._tell = watch, site, peers, tell
        self._waiting: deque[tuple[int, Outgoing]] = deque()
        self._any = asyncio.Event()
        self.sent = self.unsent = 0
        """messages"""

    async def run(self) -> None:
        """Send until cancelled."""
        end = self._watch.follow(self._take)
        try:
            while True:
                await self._any.wait()
                self._any.clear()
                while self._waiting:
                    sequence, message = self._waiting.popleft()
                    await self._watch.on_disk(sequence, RECORD_TIMEOUT_S)
                    self._send(message)
        finally:
            end()

    def _take(self, events: tuple[Event, ...], sequence: int) -> None:
        for event in events:
            if not isinstance(event, Outgoing):
                continue
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append((sequence, event))
                self._any.set()
            else:
                self.unsent += 1

    def _send(self, message: Outgoing) -> None:
        peers = self._peers.get(message.source)
        failure = peers.send(message.node, message.payload) if peers else "its source is not connected"
        if failure:
            self.unsent += 1
            self._tell(f"{self._site.sources[message.source].id}: {message.kind} was not sent: {failure}")
        else:
            self.sent += 1
