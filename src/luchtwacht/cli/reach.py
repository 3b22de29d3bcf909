"""`luchtwacht reach`: could it have come from there?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from luchtwacht.cli.exits import Exit

if TYPE_CHECKING:
    from luchtwacht.model import Place

HELP = """Could it have come from there? Distance, wind and endurance, with figures.

The way is the great circle from **--from** to **--to**, flown at a constant airspeed in a steady wind: across, the
aircraft leans into it; along, it helps or holds back. What it was seen flying afterwards (**--aloft**) comes off the
same endurance. Climbing and hovering on the way are not counted, so a No is firmer than a Yes. Ends with 0 for Yes, 1
for No.

Examples:

- **luchtwacht reach --from 52.05,4.25 --to 52.08,4.31 --speed 15 --endurance 25**

- **luchtwacht reach --from 52.05,4.25 --to 52.08,4.31 --speed 15 --endurance 25 --aloft 4 --wind-speed 9
  --wind-from 60**
"""


def reach(
    start: Annotated[str, typer.Option("--from", help="Place asked about: latitude,longitude in degrees.")],
    end: Annotated[str, typer.Option("--to", help="Where it was first seen: latitude,longitude.")],
    speed: Annotated[float, typer.Option(help="Airspeed, m/s.")],
    endurance: Annotated[float, typer.Option(help="How long it can fly, minutes.")],
    wind_speed: Annotated[float, typer.Option(help="m/s.", min=0.0)] = 0.0,
    wind_from: Annotated[float, typer.Option(help="Degrees whence the wind blows.")] = 0.0,
    aloft: Annotated[float, typer.Option(help="Minutes it was seen flying after that.", min=0.0)] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    from luchtwacht.model import TakeOffSettings
    from luchtwacht.tracking.reach import reach as judge

    found = judge(
        _place("--from", start),
        _place("--to", end),
        speed=speed,
        endurance_s=60.0 * endurance,
        wind=TakeOffSettings(wind_speed_m_s=wind_speed, wind_from_deg=wind_from).wind,
        aloft_s=60.0 * aloft,
    )
    if json:
        import msgspec

        from luchtwacht.server.takeoffs import encode_reach

        typer.echo(msgspec.json.encode(encode_reach(found)).decode())
    else:
        typer.echo("Yes." if found.possible else "No.")
        for reason in found.reasons:
            typer.echo(f"  {reason}")
    if not found.possible:
        raise typer.Exit(Exit.NO)


def _place(option: str, text: str) -> Place:
    """`52.05,4.25`"""
    from luchtwacht.errors import BadInput
    from luchtwacht.model import Place

    try:
        latitude, longitude = map(float, text.split(","))
    except ValueError:
        latitude, longitude = 1e3, 1e3
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
        raise BadInput(f"{text!r} is no place", where=option, hint="write 52.08,4.31: latitude,longitude in degrees")
    return Place(latitude=latitude, longitude=longitude)
