"""`luchtwacht sensors`: which sensors a site declares, and whether each of them answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from luchtwacht.cli.exits import Exit

if TYPE_CHECKING:
    from luchtwacht.model import Site
    from luchtwacht.runtime.checkup import Checkup

HELP = "Which sensors a site declares, and whether each of them answers."

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="markdown")

SiteFile = Annotated[Path, typer.Option("--site", help="Site file (docs/guide/site.md).", exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="The same as data, on standard output.")]


@app.command("list")
def list_sensors(site: SiteFile, json: AsJson = False) -> None:
    """List a site's sensors: what each is, how it is connected, where it stands and how well it measures.

    Example: **luchtwacht sensors list --site mysite/site.toml**
    """
    from luchtwacht.ingest.site import load_site

    declared, _ = load_site(site)
    if json:
        _print_json([_declared(declared, index) for index in range(len(declared.sensors))])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("sensor", "kind", "source", "connect", "place", "errors"):
        table.add_column(name, overflow="fold")
    sources = {source.id: source for source in declared.sources}
    for sensor in declared.sensors:
        place = f"{sensor.place.latitude:.5f} {sensor.place.longitude:.5f} {sensor.place.height:.0f} m"
        errors = f"{sensor.range_sigma_m:g} m {sensor.azimuth_sigma_deg:g}° {sensor.position_sigma_m:g} m"
        connect = sources[sensor.source].connect or "-"
        table.add_row(sensor.id, sensor.kind.value, sensor.source, connect, place, errors)
    Console().print(table)


@app.command("check")
def check(
    site: SiteFile,
    seconds: Annotated[float, typer.Option(help="How long to listen.", min=0.5, max=3600.0)] = 10.0,
    json: AsJson = False,
) -> None:
    """Listen to every source for some seconds and report of each sensor: connected or why not, what came, what was
    refused and why, its rate against the declared period, its clock, and whether its reports lie where they can.

    Nothing is recorded. Ends with 0 when all is well, with 1 when anything is not.

    Example: **luchtwacht sensors check --site mysite/site.toml --seconds 30**
    """
    import asyncio

    from luchtwacht.clock import SystemClock
    from luchtwacht.ingest.site import load_site
    from luchtwacht.runtime.checkup import check_sensors

    declared, mappings = load_site(site)
    typer.echo(f"listening for {seconds:g} s", err=True)
    found = asyncio.run(check_sensors(declared, mappings, SystemClock(), seconds))
    if json:
        from dataclasses import asdict

        _print_json({"well": found.well, **asdict(found)})
    else:
        _print(found)
    if not found.well:
        sys.exit(Exit.NO)


def _declared(site: Site, index: int) -> dict[str, object]:
    from dataclasses import asdict

    sensor = site.sensors[index]
    source = next(each for each in site.sources if each.id == sensor.source)
    return asdict(sensor) | {"format": source.format.value, "connect": source.connect}


def _print_json(value: object) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _print(found: Checkup) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("source", "way", "payloads", "bytes", "refused"):
        table.add_column(name, overflow="fold", justify="right" if name in ("payloads", "bytes") else "left")
    for source in found.sources:
        mark = Text("connected" if source.connected else "lost", style="green" if source.connected else "bold red")
        way = Text.assemble(mark, f" {source.detail or source.connect}")
        refused = ", ".join(f"{count}× {key}" for key, count in source.refused.items()) or "-"
        table.add_row(source.source, way, f"{source.payloads:,}", f"{source.octets:,}", refused)
    console.print(table)
    console.print()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("sensor", "", "measured", "claimed", "every", "declared", "behind", "in coverage"):
        table.add_column(name, justify="left" if name in ("sensor", "") else "right")
    for sensor in found.sensors:
        table.add_row(
            sensor.sensor,
            Text("not well", style="bold yellow") if sensor.problems else Text("well", style="green"),
            f"{sensor.measurements:,}",
            f"{sensor.claims:,}",
            _seconds(sensor.interval_s),
            _seconds(sensor.period_s),
            _seconds(sensor.behind_s),
            "-" if sensor.plausible != sensor.plausible else f"{sensor.plausible:.0%}",
        )
    console.print(table)
    for sensor in found.sensors:
        for problem in sensor.problems:
            console.print(Text.assemble((f"{sensor.sensor}: ", "bold"), problem), soft_wrap=True)


def _seconds(value: float) -> str:
    return "-" if value != value else f"{value:.2f} s"
