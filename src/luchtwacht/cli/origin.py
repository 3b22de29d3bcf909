"""`luchtwacht origin`: from where did it take off?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from luchtwacht.model import Chances, Site, TakeOff
    from luchtwacht.tracking import TakeOffs

HELP = """From which area, and when, tracks took off. An area, never an actor.

The detections of a track's first seconds are smoothed and traced back to the ground: how drones climb out, what radars
did not see before, the wind. The answer is an area of 50 % and one of 90 %, and a time with an interval. Where the
track was first seen at the edge of what the sensors cover the area is open: it may have come from farther away.

Asked of a **journal**, or with **--site** of a recording, of the tracks that raised alerts; with **--track** of others,
with **--all** of every confirmed track. The live console answers the same for its tracks.

Examples:

- **luchtwacht origin watch/2026-05-03 --track 12 --plot area.png**

- **luchtwacht origin Scenario_1_1 --site examples/icmcis2021/site.toml --geojson areas.geojson**

- **luchtwacht origin watch/demo --all --wind-speed 6 --wind-from 240 --json**
"""
KEPT_OF_ALL = 4_000_000
"""detections of beginnings kept while a journal is read: a gigabyte"""


def origin(
    what: Annotated[Path, typer.Argument(help="Folder of a journal; with --site a recording.", exists=True)],
    track: Annotated[list[int] | None, typer.Option(help="Of this track; may be given again.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Of every confirmed track.")] = False,
    site: Annotated[
        Path | None, typer.Option(help="Site file: run the recording through the watch.", exists=True, dir_okay=False)
    ] = None,
    source: Annotated[str, typer.Option(help="With --site and a file: the source that sent it.")] = "",
    wind_speed: Annotated[float | None, typer.Option(help="m/s; as the site declares when left out.", min=0.0)] = None,
    wind_from: Annotated[float, typer.Option(help="Degrees whence it blows, with --wind-speed.")] = 0.0,
    plot: Annotated[Path | None, typer.Option(help="Draw the areas into this PNG (or SVG, PDF).")] = None,
    geojson: Annotated[Path | None, typer.Option(help="Write the areas into this GeoJSON.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON on standard output.")] = False,
) -> None:
    from dataclasses import replace

    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    from luchtwacht.cli import said
    from luchtwacht.errors import BadInput
    from luchtwacht.model import AlertChanged
    from luchtwacht.tracking.takeoffs import find, follow

    console = Console(stderr=True)
    answers: list[tuple[Site, TakeOff, Chances]] = []
    known: set[int] = set()
    with Progress(*Progress.get_default_columns()[:3], TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def taken(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        periods = said.of_recording(what, site, source, taken, console) if site else said.of_journal(what, taken)
        for where, events in periods:
            if wind_speed is not None:
                where = replace(
                    where, takeoff=replace(where.takeoff, wind_speed_m_s=wind_speed, wind_from_deg=wind_from)
                )
            alerted: dict[int, None] = {}
            stage = _stage(where)
            for event in follow(stage, events):
                if isinstance(event, AlertChanged):
                    alerted.update(dict.fromkeys(event.alert.tracks[:1]))
            known.update(stage.confirmed)
            wanted = track or (stage.confirmed if every else alerted)
            for number in [each for each in wanted if each in set(stage.confirmed)]:
                bar.update(task, description=f"track {number}", total=None)
                answers.append((where, *find(number, stage.beginning(number), where, watched_ns=stage.watched_ns)))
    missing = [each for each in track or () if each not in known]
    if missing:
        raise BadInput(
            f"there is no confirmed track {missing[0]} that rests on measurements",
            where=str(what),
            hint="luchtwacht convert lists all tracks" if not known else f"there are {_listed(sorted(known))}",
        )
    if plot:
        from luchtwacht.evaluation.origin_plot import save_origins

        save_origins([(each, takeoff, chances) for each, takeoff, chances in answers], plot, title=what.name)
        console.print(f"drawn into {plot}")
    if geojson:
        import msgspec

        features = [feature for each, takeoff, _ in answers for feature in _features(each, takeoff)]
        made = {"type": "FeatureCollection", "features": features}
        try:
            geojson.write_bytes(msgspec.json.encode(made) + b"\n")
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", where=str(geojson)) from error
        console.print(f"{geojson} · {len(features)} features", highlight=False)
    if json:
        import msgspec

        from luchtwacht.server.estimates import Datum
        from luchtwacht.server.takeoffs import encode_takeoff

        typer.echo(msgspec.json.encode([encode_takeoff(each, Datum(where)) for where, each, _ in answers]).decode())
        return
    _say(answers)


def _stage(site: Site) -> TakeOffs:
    from luchtwacht.tracking import TakeOffs

    return TakeOffs(site, kept_after_ns=2**60, most_rows=KEPT_OF_ALL)


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:12])) + (" and more" if len(numbers) > 12 else "")


def _say(answers: list[tuple[Site, TakeOff, Chances]]) -> None:
    """A paragraph a track, in words that stand without the help page."""
    from rich.console import Console

    from luchtwacht.server.estimates import Datum
    from luchtwacht.server.takeoffs import encode_takeoff
    from luchtwacht.units import format_utc

    paper = Console(highlight=False, soft_wrap=True)
    if not answers:
        paper.print("No track raised an alert: ask with --track or --all.")
    for site, takeoff, _ in answers:
        made = encode_takeoff(takeoff, Datum(site))
        paper.print(f"[bold]Track {takeoff.track}[/]: {WORDS[takeoff.extent.value]}")
        if made.point and made.half and made.most and made.expected_error_m is not None:
            paper.print(
                f"  took off      {format_utc(takeoff.launch_ns)}, 90 % between "
                f"{format_utc(takeoff.launch_from_ns)[11:]} and {format_utc(takeoff.launch_until_ns)[11:]}"
            )
            paper.print(
                f"  area          {_size(made.half.size_m2)} holds it with 50 %, {_size(made.most.size_m2)} with 90 %"
            )
            paper.print(
                f"  middle        {made.point.latitude:.6f}, {made.point.longitude:.6f}, "
                f"off by {made.expected_error_m:.0f} m on average"
            )
        elif made.bearing_deg is not None:
            paper.print(f"  came from     {made.bearing_deg:.0f} degrees (+- {made.bearing_sigma_deg:.0f})")
        if made.first_seen:
            height = "" if made.first_height_agl_m is None else f", {made.first_height_agl_m:.0f} m above ground"
            paper.print(
                f"  first seen    {format_utc(takeoff.first_ns)} at {made.first_seen.latitude:.6f}, "
                f"{made.first_seen.longitude:.6f}{height}"
            )
        names = ", ".join(site.sensors[each].id for each in takeoff.sensors)
        silent = ", ".join(site.sensors[each].id for each in takeoff.searching)
        seconds = (takeoff.used_until_ns - takeoff.first_ns) / 1e9
        rests = f"{len(takeoff.detections)} reports of {names} in {seconds:.0f} s"
        paper.print(f"  rests on      {rests}" + (f", and the silence of {silent} before" if silent else ""))
        if takeoff.detail:
            paper.print(f"  because       {takeoff.detail}")
    if answers:
        paper.print("An area, not an actor: nothing here says who flew.", style="dim")


WORDS = {
    "in_view": "took off where a radar looks.",
    "hidden": "took off out of the radars' sight, shortly before it was seen.",
    "open": "first seen at the edge of what the sensors cover: it may have come from farther than this area.",
    "beyond": "no departure near here fits: it came from beyond what the sensors cover.",
    "unplaced": "what was measured does not tell where it was.",
}


def _size(square_metres: float) -> str:
    if square_metres < 1e4:
        return f"{square_metres:.0f} m²"
    return f"{square_metres / 1e4:.1f} ha" if square_metres < 1e6 else f"{square_metres / 1e6:.1f} km²"


def _features(site: Site, takeoff: TakeOff) -> list[dict[str, Any]]:
    """RFC 7946: the two areas and the point, each saying what it is."""
    from luchtwacht.server.estimates import Datum
    from luchtwacht.server.takeoffs import encode_takeoff

    made = encode_takeoff(takeoff, Datum(site))
    facts = {
        "track": made.track,
        "extent": made.extent,
        "launch_ms": made.launch_ms,
        "launch_from_ms": made.launch_from_ms,
        "launch_until_ms": made.launch_until_ms,
        "says": "an area, not an actor",
    }
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"kind": "take-off area", "probability": area.probability, "size_m2": area.size_m2, **facts},
            "geometry": {"type": "MultiPolygon", "coordinates": area.polygons},
        }
        for area in (made.most, made.half)
        if area
    ]
    for kind, point, more in (
        ("take-off point", made.point, {"expected_error_m": made.expected_error_m}),
        ("first seen", made.first_seen, {"time_ms": made.first_ms}),
    ):
        if point:
            features.append(
                {
                    "type": "Feature",
                    "properties": {"kind": kind, **more, **facts},
                    "geometry": {"type": "Point", "coordinates": [point.longitude, point.latitude]},
                }
            )
    return features
