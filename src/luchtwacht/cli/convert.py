"""`luchtwacht convert`: the same, for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from luchtwacht.cli.said import Taken
    from luchtwacht.conversion import GeoJson, Kml, Table, TableFiles, Tally
    from luchtwacht.model import Event, Site

HELP = """Turn a recording or a journal into Parquet, CSV, GeoJSON or KML.

A **file** of any format that *inspect* knows becomes one table a category or kind of message, every item in the
standard's own units. A **journal** becomes what the watch saw and said: detections, claims, tracks, identities,
findings, alerts, notices. With **--site** a file or a folder of files becomes the same, by running it through the
watch. GeoJSON and KML hold what is somewhere: ways of tracks and aircraft, places of plots and alerts, zones, sensors.

Examples:

- **luchtwacht convert radar.ast --to parquet**

- **luchtwacht convert watch/2026-05-03 --to kml**

- **luchtwacht convert watch/2026-05-03 --to geojson --smoothed**

- **luchtwacht convert Scenario_1_1 --site examples/icmcis2021/site.toml --to geojson**
"""


class Target(StrEnum):
    """What is written."""

    PARQUET = "parquet"
    CSV = "csv"
    GEOJSON = "geojson"
    KML = "kml"


GEOGRAPHIC = (Target.GEOJSON, Target.KML)


def convert(
    what: Annotated[Path, typer.Argument(help="File, folder of a recording, or folder of a journal.", exists=True)],
    to: Annotated[Target, typer.Option(help="Format to write.")],
    out: Annotated[Path, typer.Option(help="Folder to write into; made when it is not there.")] = Path(),
    site: Annotated[
        Path | None, typer.Option(help="Site file: run it through the watch.", exists=True, dir_okay=False)
    ] = None,
    source: Annotated[str, typer.Option(help="With --site and a file: the source that sent it.")] = "",
    points: Annotated[
        bool, typer.Option("--points", help="GeoJSON, KML: every row a point with all that is known of it.")
    ] = False,
    smoothed: Annotated[
        bool, typer.Option("--smoothed", help="Tracks as they are known now that all was seen, not as they were then.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="A journal: every entry with its bytes as recorded, in one table.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    from luchtwacht.conversion import NotConvertible, Tally, joined

    tally, console = Tally(), Console(stderr=True)
    with Progress(*Progress.get_default_columns()[:3], TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("converting", total=None)

        def taken(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if raw:
            drawn, tables = None, _as_recorded(what, to)
        else:
            drawn, tables = _open(what, site, source, tally, taken, console, smoothed)
        writer = _Writing(_stem(what), to, out, drawn, points=points, force=force)
        try:
            for table in joined(tables):
                writer.write(table)
        finally:
            writer.close()
    rows = writer.rows
    if not any(rows.values()):
        for path in rows:
            path.unlink()
        said, hint = _nothing(what, to, site)
        raise NotConvertible(said, hint=hint)
    for path, count in rows.items():
        console.print(f"{path} · {count:,} {'features' if to in GEOGRAPHIC else 'rows'}", highlight=False)
    if tally.total:
        worst = sorted(tally.counts.items(), key=lambda each: -each[1])[:3]
        listed = "; ".join(f"{count:,} {reason} {item}".rstrip() for (reason, item), count in worst)
        console.print(f"[yellow]not converted[/] · {tally.total:,} ({listed}); luchtwacht inspect says more")


def _stem(path: Path) -> str:
    name = path.resolve().name
    return name.removesuffix(".gz").partition(".")[0] or name


def _nothing(what: Path, to: Target, site: Path | None) -> tuple[str, str]:
    """What to say when there is nothing to write."""
    if to in GEOGRAPHIC and site is None:
        return (
            f"nothing in {what.name} says where on the globe it was",
            "ranges and bearings need the place of their sensor: give --site with a site file that declares it",
        )
    return f"nothing in {what.name} could be read", "luchtwacht inspect says why"


# ---------------------------------------------------------------------- out


class _Writing:
    """The one or many files that are written."""

    def __init__(self, stem: str, to: Target, out: Path, drawn: Site | None, *, points: bool, force: bool) -> None:
        from luchtwacht.conversion import GeoJson, Kml, TableFiles

        self._out, self._stem, self._to, self._force = out, stem, to, force
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(out, error) from error
        self._writer: GeoJson | Kml | TableFiles
        match to:
            case Target.GEOJSON:
                self._writer = GeoJson(self._path(""), drawn, rows_alone=points)
            case Target.KML:
                self._writer = Kml(self._path(""), drawn, rows_alone=points)
            case _:
                self._writer = TableFiles(self._path, delimited=to is Target.CSV)

    @property
    def rows(self) -> dict[Path, int]:
        """By file that was written."""
        return self._writer.rows

    def _path(self, table: str) -> Path:
        from luchtwacht.errors import BadInput

        path = self._out / f"{self._stem}{'.' if table else ''}{table}.{self._to}"
        if path.exists() and not self._force:
            raise BadInput("is there already", where=str(path), hint="--force writes over it, --out takes a folder")
        return path

    def write(self, table: Table) -> None:
        """Rows of one table."""
        try:
            self._writer.write(table)
        except OSError as error:
            raise _unwritable(self._out, error) from error

    def close(self) -> None:
        """Finish."""
        self._writer.close()


def _unwritable(path: Path, error: OSError) -> Exception:
    from luchtwacht.errors import BadInput

    return BadInput(f"cannot be written: {error.strerror or error}", where=str(path))


# ---------------------------------------------------------------------- in


def _open(
    what: Path, site: Path | None, source: str, tally: Tally, taken: Taken, console: Console, smoothed: bool
) -> tuple[Site | None, Iterator[Table]]:
    """The site to draw, and the tables."""
    from luchtwacht.inspection import holds_journal

    if site is not None:
        return _of_recording(what, site, source, taken, console, smoothed)
    if what.is_dir() and holds_journal(what):
        return _of_journal(what, taken, smoothed)
    return None, _of_file(what, tally, taken, console)


def _of_file(path: Path, tally: Tally, taken: Taken, console: Console) -> Iterator[Table]:
    from luchtwacht.conversion import Found, tables
    from luchtwacht.errors import BadInput
    from luchtwacht.inspection import inspect_path, open_octets, read_frame

    if path.is_dir():
        raise BadInput(
            "is a folder and no journal", where=str(path), hint="give --site for a recording, or its files one by one"
        )
    made, _ = inspect_path(path, taken)
    for doubt in made.doubts:
        console.print(f"[yellow]note[/] · {doubt}")
    found = Found(
        format=made.format,
        framing=made.framing,
        editions=made.editions,
        items=made.items,
        columns=tuple(each.name for each in made.columns),
        delimiter=made.delimiter,
        header=bool(made.mapping),
    )
    with open_octets(path) as (data, _):
        yield from tables(data, found, tally, read_frame, lambda octets: taken(octets, len(data)))


def _as_recorded(folder: Path, to: Target) -> Iterator[Table]:
    from luchtwacht.conversion import entries
    from luchtwacht.errors import BadInput
    from luchtwacht.inspection import holds_journal
    from luchtwacht.journal import read_entries

    if not holds_journal(folder) or to in GEOGRAPHIC:
        raise BadInput("--raw takes a journal to Parquet or CSV", where=str(folder))
    return entries(read_entries(folder))


def _of_journal(folder: Path, taken: Taken, smoothed: bool) -> tuple[Site, Iterator[Table]]:
    from luchtwacht.cli.said import of_journal
    from luchtwacht.conversion import told

    periods = of_journal(folder, taken)
    return periods[-1][0], (
        table for site, events in periods for table in told(site, _seen_back(site, events, smoothed))
    )


def _of_recording(
    what: Path, site_file: Path, source: str, taken: Taken, console: Console, smoothed: bool
) -> tuple[Site, Iterator[Table]]:
    from luchtwacht.cli.said import of_recording
    from luchtwacht.conversion import told

    ((site, events),) = of_recording(what, site_file, source, taken, console)
    return site, told(site, _seen_back(site, events, smoothed))


def _seen_back(site: Site, events: Iterator[Event], smoothed: bool) -> Iterator[Event]:
    from luchtwacht.tracking.looking_back import looking_back

    return looking_back(site, events) if smoothed else events
