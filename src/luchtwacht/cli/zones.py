"""`luchtwacht zones`: what does this set of zones say?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luchtwacht.airspace import Problem
    from luchtwacht.model import Volume, Zone

HELP = """Read a published set of zones (ED-269, ED-318, GeoJSON) and say what is in it, and what could not be used.

Each zone with its restriction, heights, size and when it holds; each problem with the zone and the field. A site takes
such files by **zone_files** in its site file.

Example: **luchtwacht zones austria.json --at 2026-05-03T10:00:00Z**
"""

_MOST_ROWS = 400


def zones(
    file: Annotated[Path, typer.Argument(help="Data set.", exists=True, dir_okay=False)],
    at: Annotated[str, typer.Option(help="UTC time at which it is asked which hold; now when left out.")] = "",
    time_zone: Annotated[str, typer.Option(help="Civil time of schedules that name no zone.")] = "UTC",
    json: Annotated[bool, typer.Option("--json", help="Zones and problems as JSON.")] = False,
) -> None:
    from luchtwacht.airspace import decode_zones
    from luchtwacht.cli.times import moment
    from luchtwacht.clock import SystemClock
    from luchtwacht.errors import BadConfiguration

    try:
        found, problems = decode_zones(file.read_bytes(), source=file.name, time_zone=time_zone)
    except BadConfiguration as error:
        raise BadConfiguration(error.what, where=str(file), hint=error.hint) from error
    if json:
        import msgspec

        typer.echo(msgspec.json.encode({"zones": found, "problems": problems}).decode())
        return
    _print(file.name, found, problems, moment(at) if at else SystemClock().now_ns())


def _print(name: str, found: tuple[Zone, ...], problems: tuple[Problem, ...], time_ns: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from luchtwacht.airspace.schedule import Calendar
    from luchtwacht.units import SECOND_NS

    console = Console()
    asked = f"{datetime.fromtimestamp(time_ns / SECOND_NS, UTC):%Y-%m-%d %H:%M} UTC"
    table = Table(title=f"{name}: {len(found):,} zones", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in ("zone", "name", "restriction", "from", "to", "area", f"at {asked}"):
        table.add_column(column, overflow="fold", justify="right" if column == "area" else "left")
    for zone in found[:_MOST_ROWS]:
        holds = Calendar.of(zone).in_force(time_ns)
        table.add_row(
            Text(zone.id),
            Text(zone.name),
            zone.restriction,
            "\n".join(f"{each.lower:.0f} m {each.lower_reference}" for each in zone.volumes),
            "\n".join(
                "unlimited" if each.upper is None else f"{each.upper:.0f} m {each.upper_reference}"
                for each in zone.volumes
            ),
            "\n".join(f"{_area_km2(each):,.2f} km²" for each in zone.volumes),
            Text("holds", "bold") if holds else Text("does not hold", "dim"),
        )
    if len(found) > _MOST_ROWS:
        table.caption = f"{len(found) - _MOST_ROWS:,} more: --json lists all"
    console.print(table)
    if problems:
        worst = Table(title=f"Problems ({len(problems):,})", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for column in ("zone", "field", "what"):
            worst.add_column(column, overflow="fold")
        for each in problems[:_MOST_ROWS]:
            worst.add_row(Text(each.zone or "the set"), Text(each.field), Text(each.detail))
        console.print(worst)
    else:
        console.print("Everything in it could be used.")


def _area_km2(volume: Volume) -> float:
    """Of its outline, on a plane that touches the earth there."""
    from math import cos, pi

    from shapely import Polygon

    from luchtwacht.units import DEGREE

    if volume.circle is not None:
        return pi * volume.circle.radius**2 / 1e6
    outer, *holes = volume.polygon or ((),)
    middle = sum(latitude for _, latitude in outer) / max(len(outer), 1)
    degree_km = 111.195
    return float(Polygon(outer, holes).area) * degree_km**2 * cos(middle * DEGREE)
