"""What the sources of a live watch hand over, on its way into the watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from luchtwacht.model import ReportLink
from luchtwacht.runtime.feed import LiveFeed
from luchtwacht.runtime.watch import Watch

LOOK_S = 0.02
"""between two looks at whether there is room, or whether something is on disk"""


class WatchSink:
    """`sources.outlet.Sink` of a running watch.

    Args:
        tell: takes each report of a link as well, for the person at the terminal.
    """

    def __init__(self, watch: Watch, feed: LiveFeed, tell: Callable[[ReportLink], None]) -> None:
        self._watch, self._feed, self._tell = watch, feed, tell

    @property
    def full(self) -> bool:
        return self._feed.full

    def receive(self, source: int, payload: bytes) -> None:
        self._feed.receive(source, payload)

    def report(self, order: ReportLink) -> None:
        self._watch.report(order)
        self._tell(order)

    async def room(self) -> None:
        while self._feed.full:  # noqa: ASYNC110 - it changes on the watch's thread
            await asyncio.sleep(LOOK_S)

    async def kept(self) -> None:
        received = self._feed.received
        while self._feed.taken < received:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        sequence = self._watch.state.inputs
        while (record := self._watch.state.record) is not None and record.durable < sequence:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
