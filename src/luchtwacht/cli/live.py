"""A watch on live sensors, put together: what listens to them, and what answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import typer

from luchtwacht.cli.warming import warm_kernels
from luchtwacht.clock import Clock
from luchtwacht.codecs.sapient import LENGTH_SIZE, sender_of
from luchtwacht.errors import LuchtwachtError
from luchtwacht.journal import JournalWriter
from luchtwacht.model import Event, Format, Order, Site
from luchtwacht.outputs import Sender, make_translator
from luchtwacht.runtime.answers import Answers
from luchtwacht.runtime.feed import LiveFeed
from luchtwacht.runtime.sink import WatchSink
from luchtwacht.runtime.watch import Watch
from luchtwacht.sources.live import listen
from luchtwacht.sources.outlet import Peers
from luchtwacht.units import seconds_to_ns


def live(
    site: Site, mappings: dict[str, str], folder: Path, writer: JournalWriter, clock: Clock
) -> tuple[Watch, Callable[[], Coroutine[Any, Any, None]], tuple[Sender, ...]]:
    """A watch on the site's sources, what must run beside it on the event loop, and who is shown what it sees."""
    feed = LiveFeed(clock, step_ns=seconds_to_ns(site.step_s))
    watch = Watch(site, mappings, feed, folder=folder, writer=writer, prepare=warm_kernels)

    def tell(said: str) -> None:
        typer.echo(said, err=True)

    async def obey(actor: str, order: Order) -> None:
        try:
            await watch.command(actor, order)
        except (LuchtwachtError, TimeoutError) as error:
            tell(f"{actor}: {error}")

    outputs = tuple(
        Sender(output, partial(make_translator, site, output), clock, obey, tell, watch.snapshot)
        for output in site.outputs
    )

    def show(events: tuple[Event, ...]) -> None:
        for output in outputs:
            output.take(events)

    async def beside() -> None:
        sink = WatchSink(watch, feed, lambda report: tell(f"{report.source}: {report.detail}"))
        peers = {
            index: Peers(lambda payload: sender_of(payload[LENGTH_SIZE:]))
            for index, source in enumerate(site.sources)
            if source.format == Format.SAPIENT
        }
        others = [("answers to sensors", Answers(watch, site, peers, tell).run())]
        others += [(f"output {output.state.id}", output.run()) for output in outputs]
        tasks = [asyncio.create_task(_told(other, name, tell)) for name, other in others]
        end = watch.subscribe(show)
        try:
            await listen(site, sink, folder / "marks", peers)
        finally:
            end()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return watch, beside, outputs


async def _told(other: Coroutine[Any, Any, None], name: str, tell: Callable[[str], None]) -> None:
    """Something that runs beside the watch: a mistake of ours in it is told, and the watch goes on without."""
    try:
        await other
    except Exception as error:
        tell(f"{name}: ended by a mistake of this software: {error!r}")
