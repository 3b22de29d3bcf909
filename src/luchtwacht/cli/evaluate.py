"""`luchtwacht evaluate`: how good was it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luchtwacht.cli.recordings import Recording
    from luchtwacht.evaluation import Picture
    from luchtwacht.model import Event, Site, Truth

HELP = """Run a recording through the pipeline and hold what came out against where things really were.

Figures for the whole watch and, beside it, for each sensor that measures alone: share of flight time with a track,
position error, false tracks, delays, alerts. **--plot** draws truth, reports and tracks.

Example: **luchtwacht evaluate --site examples/icmcis2021/site.toml --recording Scenario_1_1 --truth truth.csv.gz**
"""


def evaluate(
    site: Annotated[Path, typer.Option(help="Site file.", exists=True, dir_okay=False)],
    recording: Annotated[Path, typer.Option(help="Folder with the sources' files.", exists=True, file_okay=False)],
    truth: Annotated[Path, typer.Option(help="GPS log or truth.csv.", exists=True, dir_okay=False)],
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON on standard output.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw truth, reports and tracks into this PNG.")] = None,
    gate: Annotated[float, typer.Option(help="A track this near, in metres, may be the object.", min=1.0)] = 100.0,
    alone: Annotated[bool, typer.Option(help="Judge each sensor alone as well.")] = True,
) -> None:
    import msgspec
    from rich.console import Console

    from luchtwacht.cli.recordings import open_recording
    from luchtwacht.cli.warming import warm_kernels
    from luchtwacht.evaluation import compare, read_truth, summarise
    from luchtwacht.ingest.site import load_site

    declared, mappings = load_site(site)
    known = read_truth(truth, declared)
    taken = open_recording(declared, mappings, recording)
    console = Console(stderr=True)
    for absent in taken.absent:
        console.print(f"[yellow]absent[/] · {absent}")
    warm_kernels()
    together = _run(declared, mappings, taken, known, gate, "all sensors", console)
    reports = {"all": summarise(together)}
    for name, sources in _alone(declared, taken) if alone else ():
        reports[name] = summarise(_run(declared, mappings, taken.only(sources), known, gate, f"{name} alone", console))
    if plot:
        from luchtwacht.evaluation.plot import save_plot

        save_plot(together, reports["all"], plot)
        console.print(f"drawn into {plot}")
    if json:
        typer.echo(
            msgspec.json.encode({name: msgspec.Raw(report.to_json()) for name, report in reports.items()}).decode()
        )
    else:
        Console().print(compare(reports, f"{recording.name} against {truth.name}"))


def _alone(site: Site, taken: Recording) -> list[tuple[str, frozenset[int]]]:
    """Each sensor that measures and is in the recording, with its source."""
    from luchtwacht.model import CLAIM_RECEIVERS

    sources = [source.id for source in site.sources]
    present = [
        (sensor.id, sources.index(sensor.source)) for sensor in site.sensors if sensor.kind not in CLAIM_RECEIVERS
    ]
    found = [(name, frozenset({source})) for name, source in present if source in taken.sources]
    return found if len(found) > 1 else []


def _run(
    site: Site, mappings: dict[str, str], taken: Recording, truth: Truth, gate_m: float, name: str, console: object
) -> Picture:
    """The recording through a pipeline of its own, matched with the truth."""
    from rich.console import Console
    from rich.progress import Progress

    from luchtwacht.evaluation import match
    from luchtwacht.model import AlertChanged, Detected, Tracked
    from luchtwacht.pipeline import Pipeline
    from luchtwacht.runtime.feed import to_inputs

    assert isinstance(console, Console)
    pipeline, sequence = Pipeline(site, mappings), 1
    events: list[Event] = []
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(name, total=max(taken.last_ns - taken.first_ns, 1))
        for moment in taken.feed(site).moments():
            inputs = to_inputs(moment, sequence)
            sequence += len(moment.arrivals) + moment.tick
            events += pipeline.step(inputs)
            bar.update(task, completed=moment.time_ns - taken.first_ns)
    return match(
        [event for event in events if isinstance(event, Tracked)],
        [event for event in events if isinstance(event, Detected)],
        [event for event in events if isinstance(event, AlertChanged)],
        truth,
        site,
        gate_m,
    )
