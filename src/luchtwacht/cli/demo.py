"""`luchtwacht demo`: a capital at night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = """A capital at night, from sensor bytes to alerts on a live map.

A simulated 3-D radar, an RF direction finder, a Remote ID and an ADS-B receiver send real wire bytes over a city with a
standing flight ban. Two drones come in low without permission, one permitted drone films, a helicopter passes, birds
fly. Nothing is asked: it says which page to open, records into a journal of its own, and plays until Ctrl-C.
"""

START = "2026-05-02T23:40:00Z"
"""The demo's night: twenty to two in the morning in Markerstad."""


def demo(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8000,
    speed: Annotated[float, typer.Option(help="Times real time.", min=0.1, max=1000)] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Another seed, another night.", min=0)] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Folder of the journal; a new one among the user's state files by default.")
    ] = None,
) -> None:
    from luchtwacht.cli.console import announce, free_port, serve
    from luchtwacht.cli.places import fresh_journal, read_base_map, site_signer
    from luchtwacht.cli.times import moment
    from luchtwacht.cli.warming import warm_kernels
    from luchtwacht.clock import SystemClock
    from luchtwacht.runtime.feed import PlayedFeed
    from luchtwacht.runtime.playback import Playback
    from luchtwacht.runtime.watch import Watch, open_journal
    from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
    from luchtwacht.units import seconds_to_ns

    path = embedded_scenario("capital_at_night")
    scenario = read_scenario(path)
    scenario = scenario if seed is None else scenario.with_seed(seed)
    site, clock = scenario.site, SystemClock()
    port = free_port(host, port)
    start_ns = moment(START)
    feed = PlayedFeed(
        lambda: simulate(scenario, start_ns),
        step_ns=seconds_to_ns(site.step_s),
        settle_ns=seconds_to_ns(site.reorder_s + site.step_s),
    )
    folder = journal or fresh_journal("demo", clock.now_ns())
    writer = open_journal(folder, site, {}, start_ns, site_signer(site.id))
    playback = Playback(clock, first_ns=start_ns, last_ns=start_ns + seconds_to_ns(scenario.duration_s), speed=speed)
    watch = Watch(site, {}, feed, folder=folder, writer=writer, playback=playback, prepare=warm_kernels)
    typer.echo(f"recording to {folder}", err=True)
    base_map = read_base_map(path.parent / site.base_map) if site.base_map else None
    serve(watch, clock, host=host, port=port, base_map=base_map, ready=announce)
