"""`luchtwacht run`: a watch on live sensors, or on a recording as if it were live."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from luchtwacht.cli.loading import loading

if TYPE_CHECKING:
    from luchtwacht.clock import Clock
    from luchtwacht.journal import JournalWriter
    from luchtwacht.model import Site
    from luchtwacht.runtime.watch import Watch

HELP = """Run a watch: sensors in, alerts on a live map out, everything on record.

With **--from** a recorded folder is played, at any speed; without it the site's sources are listened to. Everything
received goes to the journal; ended in whatever way, the same command goes on where it was.

Example: **luchtwacht run --site examples/icmcis2021/site.toml --from Scenario_1_1 --speed 4**
"""


def run(
    site: Annotated[Path, typer.Option(help="Site file (docs/guide/site.md).", exists=True, dir_okay=False)],
    recording: Annotated[
        Path | None, typer.Option("--from", help="Folder with recorded files to play.", exists=True, file_okay=False)
    ] = None,
    speed: Annotated[
        float, typer.Option(help="With --from: times real time; 1000 and more does not wait at all.", min=0.1)
    ] = 1.0,
    journal: Annotated[
        Path | None,
        typer.Option(help="Folder of the journal; by default one of the site's among the user's state files."),
    ] = None,
    console: Annotated[bool, typer.Option(help="Serve the console.")] = True,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8000,
) -> None:
    with loading():
        from luchtwacht.cli.console import announce, free_port, run_headless, serve
        from luchtwacht.cli.live import live
        from luchtwacht.cli.places import open_site, read_authority, read_base_map, site_signer, state_folder
        from luchtwacht.clock import SystemClock
        from luchtwacht.runtime.retaining import Retaining
        from luchtwacht.runtime.sealing import Sealing
        from luchtwacht.runtime.watch import open_journal

    declared, mappings = open_site(site)
    clock = SystemClock()
    roots = read_authority(site, declared)
    folder = journal or state_folder() / "run" / (f"{declared.id}-{recording.name}" if recording else declared.id)
    port = free_port(host, port) if console else port
    base_map = read_base_map(site.parent / declared.base_map) if declared.base_map else None
    writer = open_journal(folder, declared, mappings, clock.now_ns(), site_signer(declared.id))
    typer.echo(f"recording to {folder}", err=True)
    if recording:
        watch = _played(declared, mappings, recording, folder, writer, speed, clock)
        if console:
            serve(watch, clock, host=host, port=port, base_map=base_map, ready=announce)
        else:
            watch.run_to_end()
    else:
        watch, listen, outputs = live(declared, mappings, folder, writer, clock)
        with (
            Retaining(writer, folder, declared.retention, clock, _tell),
            Sealing(writer, folder, declared.sealing, roots, _tell),
        ):
            if console:
                serve(
                    watch,
                    clock,
                    host=host,
                    port=port,
                    base_map=base_map,
                    beside=listen,
                    outputs=outputs,
                    ready=announce,
                )
            else:
                run_headless(watch, listen)


def _tell(said: str) -> None:
    typer.echo(said, err=True)


def _played(
    site: Site,
    mappings: dict[str, str],
    recording: Path,
    folder: Path,
    writer: JournalWriter,
    speed: float,
    clock: Clock,
) -> Watch:
    """A watch on a recording, going on after what an earlier run took."""
    from luchtwacht.cli.recordings import open_recording
    from luchtwacht.cli.warming import warm_kernels
    from luchtwacht.runtime.playback import Playback
    from luchtwacht.runtime.snapshots import frames_taken
    from luchtwacht.runtime.watch import Watch

    taken = open_recording(site, mappings, recording)
    for absent in taken.absent:
        typer.echo(f"absent: {absent}", err=True)
    skip = frames_taken(folder, site, mappings)
    playback = Playback(clock, first_ns=taken.first_ns, last_ns=taken.last_ns, speed=speed)
    return Watch(
        site,
        mappings,
        taken.feed(site, skip=skip),
        folder=folder,
        writer=writer,
        playback=playback,
        prepare=warm_kernels,
    )
