"""`luchtwacht simulate`: wire bytes and the truth from a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = """Make a recording from a scenario: real wire bytes, and the truth beside them.

Everything follows from the scenario file and its seed. The folder then holds **site.toml**, one file of raw bytes a
source as a recorder would have kept it, and **truth.csv** with every object's position ten times a second. Play it with
**luchtwacht run --site FOLDER/site.toml --from FOLDER**, judge it with **luchtwacht evaluate**.

Give a scenario file, or the name of an embedded one: **capital_at_night** (used when none is given), **harbour**,
**hill**, **raid**, **swarm**.
"""


def simulate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; made when it is not there.")],
    scenario: Annotated[
        str, typer.Argument(help="Scenario file (docs/formats/scenario.md), or the name of an embedded one.")
    ] = "capital_at_night",
    seed: Annotated[int | None, typer.Option(help="Another seed, other chances.", min=0)] = None,
    start: Annotated[str, typer.Option(help="UTC time at which the scenario begins.")] = "2026-05-02T23:40:00Z",
) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from luchtwacht.cli.recordings import write_recording
    from luchtwacht.cli.times import moment
    from luchtwacht.simulation import embedded_scenario, read_scenario, true_course
    from luchtwacht.simulation import simulate as play

    start_ns = moment(start)
    declared = Path(scenario) if Path(scenario).is_file() else embedded_scenario(scenario)
    world = read_scenario(declared)
    world = world if seed is None else world.with_seed(seed)
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("simulating", total=world.duration_s)
        count = write_recording(
            out,
            world.site,
            play(world, start_ns),
            true_course(world, start_ns),
            site_text=site_text(declared),
            beside=named_files(declared),
            progress=lambda time_ns: bar.update(task, completed=(time_ns - start_ns) / 1e9),
        )
    console.print(f"{out}: {count:,} frames of {len(world.site.sources)} sources, {world.duration_s:g} s")


def site_text(scenario: Path) -> str:
    """The site file of a scenario, with a file for each source, so that the recording can be played with it."""
    import re

    text = _site_of(scenario).read_text(encoding="utf-8")
    return re.sub(r'(?m)^(\[\[sources\]\]\s*\nid = "([^"]+)")', r'\1\nfile = "\2.frames"', text)


def named_files(scenario: Path) -> list[tuple[Path, str]]:
    """The files that the site file of a scenario names, each with its name there."""
    import tomllib

    site = _site_of(scenario)
    declared = tomllib.loads(site.read_text(encoding="utf-8"))
    names = [declared.get(key, "") for key in ("base_map", "geoid_file", "terrain_file")]
    names += declared.get("zone_files", [])
    names += [source.get("mapping", "") for source in declared.get("sources", [])]
    for pattern in declared.get("include", []):
        names += [str(file.relative_to(site.parent)) for file in sorted(site.parent.glob(pattern))]
    return [(site.parent / name, name) for name in dict.fromkeys(names) if name]


def _site_of(scenario: Path) -> Path:
    """The site file that a scenario names."""
    import tomllib

    return scenario.parent / str(tomllib.loads(scenario.read_text(encoding="utf-8"))["site"])
