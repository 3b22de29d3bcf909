"""A watch on live sensors, put together: what listens to them, and what answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import typer

from luchtwacht.cli.warming import warm_kernels
from luchtwacht.clock import Clock
from luchtwacht.codecs.sapient import LENGTH_SIZE, sender_of
from luchtwacht.journal import JournalWriter
from luchtwacht.model import Format, Site
from luchtwacht.runtime.answers import Answers
from luchtwacht.runtime.feed import LiveFeed
from luchtwacht.runtime.sink import WatchSink
from luchtwacht.runtime.watch import Watch
from luchtwacht.sources.live import listen
from luchtwacht.sources.outlet import Peers
from luchtwacht.units import seconds_to_ns


def live(
    site: Site, mappings: dict[str, str], folder: Path, writer: JournalWriter, clock: Clock
) -> tuple[Watch, Callable[[], Coroutine[Any, Any, None]]]:
    """A watch on the site's sources, and what must run beside it on the event loop."""
    feed = LiveFeed(clock, step_ns=seconds_to_ns(site.step_s))
    watch = Watch(site, mappings, feed, folder=folder, writer=writer, prepare=warm_kernels)

    def tell(said: str) -> None:
        typer.echo(said, err=True)

    async def beside() -> None:
        sink = WatchSink(watch, feed, lambda report: tell(f"{report.source}: {report.detail}"))
        peers = {
            index: Peers(lambda payload: sender_of(payload[LENGTH_SIZE:]))
            for index, source in enumerate(site.sources)
            if source.format == Format.SAPIENT
        }
        answering = asyncio.create_task(Answers(watch, site, peers, tell).run())
        try:
            await listen(site, sink, folder / "marks", peers)
        finally:
            answering.cancel()

    return watch, beside
