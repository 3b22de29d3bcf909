"""`luchtwacht inspect`: what is this file?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from luchtwacht.cli.exits import Exit

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from luchtwacht.inspection import Inspection, Places

HELP = """Say what a file is: format, framing, sensors, times, counts, gaps, damage.

Found by itself, from the content: ASTERIX (bare, "Final", GPS, pcap, pcapng), Remote ID (captures of Wi-Fi and
Bluetooth, DroneScout, network), aircraft.json, BaseStation, Beast, Open Glider Network, MAVLink (streams, **.tlog**),
SAPIENT, observations, delimited text, **.frames**, a journal's folder; gzipped or not. **--json**
says the same as data, **--plot** draws where things were. Exit code 3 when it cannot be read as anything known.

Example: **luchtwacht inspect recording.ast --plot where.png**
"""

_MOST_SENSORS = 20
_MOST_REJECTED = 12
_MOST_COLUMNS = 40


def inspect(
    file: Annotated[Path, typer.Argument(help="File, or folder of a journal.", exists=True)],
    json: Annotated[bool, typer.Option("--json", help="All of it as JSON on standard output.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw where things were into this PNG.")] = None,
    items: Annotated[bool, typer.Option("--items/--no-items", help="Count the items of each category.")] = True,
) -> None:
    from rich.console import Console

    made, places = _look(file)
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(made).decode())
    else:
        console = Console()
        for part in _say(made, items=items):
            console.print(part)
    if plot is not None:
        _draw(made, places, plot)
    if made.format == "unknown":
        raise typer.Exit(Exit.BAD_INPUT)


def _look(file: Path) -> tuple[Inspection, Places]:
    """Inspect behind a progress line, which is not there when it is quick."""
    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    from luchtwacht.inspection import inspect_path

    console = Console(stderr=True)
    with Progress(*Progress.get_default_columns()[:3], TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        return inspect_path(file, lambda octets, total: bar.update(task, completed=octets, total=total))


def _draw(made: Inspection, places: Places, path: Path) -> None:
    from rich.console import Console

    from luchtwacht.errors import BadInput
    from luchtwacht.inspection.plot import save_plot

    try:
        drawn = save_plot(made, places, path)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"the plot cannot be written: {error}", where=str(path), hint="try a name that ends in .png"
        ) from error
    Console(stderr=True).print(f"drawn into {path}" if drawn else "no position in it: nothing was drawn")


# ---------------------------------------------------------------------- for people


def _say(made: Inspection, *, items: bool) -> list[RenderableType]:
    from rich.text import Text

    parts: list[RenderableType] = [_heading(made)]
    mark = ("note: ", "yellow") if made.plausible else ("implausible: ", "bold red")
    parts += [Text.assemble(mark, doubt) for doubt in made.doubts]
    if made.first_octets:
        parts.append(Text.assemble(("begins with ", "dim"), made.first_octets))
    parts += [_counts(made, items=items)] if made.counts else []
    parts += [_sensors(made)] if made.sensors else []
    parts += _gaps(made)
    parts += [_columns(made)] if made.columns else []
    parts += [_periods(made)] if made.periods else []
    parts += [_rejected(made)] if made.rejected else []
    if made.mapping:
        parts.append(Text("A mapping to begin with (docs/formats/table.md; what is guessed must be checked):", "bold"))
        parts.append(Text(made.mapping))
    return parts


def _heading(made: Inspection) -> RenderableType:
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("what", Text(made.summary))
    packed = ", gzipped" if made.compressed else ""
    payloads = f" · {made.payloads:,} payloads" if made.payloads else ""
    other = f", {made.other:,} of them of something else" if made.other else ""
    facts.add_row("size", f"{made.octets:,} octets{packed}{payloads}{other}")
    if made.first_time:
        clock = {"time_of_day": " (time of day, UTC)", "receiver": " (receiver's clock)"}.get(made.time_reference, "")
        facts.add_row("time", f"{made.first_time} to {made.last_time}{clock}, {_duration(made.span_s)}")
    if made.first_received and made.first_received != made.first_time:
        facts.add_row("captured", f"{made.first_received} to {made.last_received}")
    if made.targets:
        facts.add_row("names", ", ".join(_named(kind, count) for kind, count in made.targets.items()))
    if made.area:
        area = made.area
        facts.add_row("area", f"{area.south:.5f} to {area.north:.5f} N, {area.west:.5f} to {area.east:.5f} E")
    good = made.format != "unknown" and made.plausible
    return Panel(
        facts, title=Text(made.file), title_align="left", border_style="green" if good else "red", expand=False
    )


def _named(kind: str, count: int) -> str:
    words = kind.replace("_", " ")
    return (
        f"{count:,} {words.removesuffix('es') if words.endswith('sses') else words.removesuffix('s')}"
        if count == 1
        else f"{count:,} {words}"
    )


def _near(moment: str, made: Inspection) -> str:
    """Without the day when that is the day on which the file begins."""
    day, _, of_day = moment.partition("T")
    return of_day if of_day and made.first_time.startswith(day) else moment


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.1f} s"
    return f"{seconds / 60:,.1f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"


def _table(title: str, *names: str) -> Table:
    """With numbers on the right in the columns whose name ends in `#`."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for name in names:
        made.add_column(name.rstrip("#"), justify="right" if name.endswith("#") else "left", overflow="fold")
    return made


def _counts(made: Inspection, *, items: bool) -> RenderableType:
    asterix = made.format == "asterix"
    table = _table(
        "Records by category" if asterix else "Counts",
        "category" if asterix else "kind",
        "count#",
        "a second#",
        "of which",
    )
    for kind, count in made.counts.items():
        rate = f"{count / made.span_s:,.1f}" if made.span_s else ""
        held = ", ".join(f"{item} {_share(number, count)}" for item, number in made.items.get(kind, {}).items())
        edition = f" ed. {made.editions[kind]}" if kind in made.editions else ""
        table.add_row(f"CAT{kind}{edition}" if asterix else kind, f"{count:,}", rate, held if items else "")
    for kind in made.items.keys() - made.counts.keys():
        held = ", ".join(f"{item} {number:,}" for item, number in made.items[kind].items())
        table.add_row(f"by {kind}".replace("_", " "), "", "", held)
    return table


def _share(number: int, count: int) -> str:
    return "all" if number == count else f"{number:,}"


def _sensors(made: Inspection) -> RenderableType:
    from rich.text import Text

    table = _table(f"Sensors ({len(made.sensors):,})", "who", "what", "from", "to", "a second#", "gaps#")
    for each in made.sensors[:_MOST_SENSORS]:
        what = ", ".join(f"{kind} {count:,}" for kind, count in each.counts.items())
        said = "".join(f"\n{name.replace('_', ' ')}: {value}" for name, value in each.names.items())
        rate = f"{each.rate_per_s:,.1f}" if each.rate_per_s else ""
        table.add_row(
            each.id,
            Text(what + said),
            _near(each.first_time, made),
            _near(each.last_time, made),
            rate,
            str(each.gap_count),
        )
    if len(made.sensors) > _MOST_SENSORS:
        table.caption = f"{len(made.sensors) - _MOST_SENSORS:,} more: --json lists all"
    return table


def _gaps(made: Inspection) -> list[RenderableType]:
    rows = [(gap, each.id) for each in made.sensors for gap in each.gaps]
    if not rows:
        return []
    table = _table("Longest silences", "who", "after", "before", "seconds#")
    for gap, who in sorted(rows, key=lambda row: -row[0].seconds)[:5]:
        table.add_row(who, _near(gap.after, made), _near(gap.before, made), f"{gap.seconds:,.0f}")
    return [table]


def _columns(made: Inspection) -> RenderableType:
    from rich.text import Text

    table = _table("Columns", "name", "kind", "filled#", "example", "looks like")
    for each in made.columns[:_MOST_COLUMNS]:
        looks = f"{each.looks_like} in {each.unit}" if each.looks_like else ""
        table.add_row(Text(each.name), each.kind, f"{each.filled:,}", Text(each.example[:40]), looks)
    if len(made.columns) > _MOST_COLUMNS:
        table.caption = f"{len(made.columns) - _MOST_COLUMNS:,} more: --json lists all"
    return table


def _periods(made: Inspection) -> RenderableType:
    table = _table("Periods", "site", "from", "to", "inputs#")
    for each in made.periods:
        table.add_row(each.site, each.first_time, each.last_time, f"{each.inputs:,}")
    return table


def _rejected(made: Inspection) -> RenderableType:
    from rich.text import Text

    total = sum(each.count for each in made.rejected)
    table = _table(f"Refused ({total:,})", "reason", "item", "count#", "the first of them")
    for each in made.rejected[:_MOST_REJECTED]:
        table.add_row(each.reason, each.item, f"{each.count:,}", Text(f"{each.place}: {each.example}"))
    if len(made.rejected) > _MOST_REJECTED:
        table.caption = f"{len(made.rejected) - _MOST_REJECTED:,} more kinds: --json lists all"
    return table
