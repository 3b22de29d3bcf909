"""`luchtwacht evaluate`: how good was it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from luchtwacht.cli.recordings import Recording
    from luchtwacht.evaluation import Picture
    from luchtwacht.model import Event, Rejected, Rejection, Site, Truth

HELP = """Run a recording through the pipeline and hold what came out against where things really were.

Figures for the whole watch and, beside it, for each sensor that measures alone: share of flight time with a track,
position error, GOSPA with its parts, SIAP, OSPA(2), false tracks, delays, consistency, reliability, take-off areas,
alerts. **--plot** draws truth, reports and tracks; **--report** writes one page with every figure, what it means, and
every drawing, with detection, tracking and identification figures in the order of CWA 18150:2024.

Example: **luchtwacht evaluate --site examples/icmcis2021/site.toml --recording Scenario_1_1 --truth truth.csv.gz
--report trial.html**
"""


def evaluate(
    site: Annotated[Path, typer.Option(help="Site file.", exists=True, dir_okay=False)],
    recording: Annotated[Path, typer.Option(help="Folder with the sources' files.", exists=True, file_okay=False)],
    truth: Annotated[Path, typer.Option(help="GPS log or truth.csv.", exists=True, dir_okay=False)],
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON on standard output.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw truth, reports and tracks into this PNG.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write everything into this HTML file.")] = None,
    gate: Annotated[float, typer.Option(help="A track this near, in metres, may be the object.", min=1.0)] = 100.0,
    alone: Annotated[bool, typer.Option(help="Judge each sensor alone as well.")] = True,
) -> None:
    import msgspec
    from rich.console import Console

    from luchtwacht.cli.places import open_site
    from luchtwacht.cli.recordings import open_recording
    from luchtwacht.cli.warming import warm_kernels
    from luchtwacht.evaluation import compare, read_truth, summarise, trace_launches

    declared, mappings = open_site(site)
    known = read_truth(truth, declared)
    taken = open_recording(declared, mappings, recording)
    console = Console(stderr=True)
    for absent in taken.absent:
        console.print(f"[yellow]absent[/] · {absent}")
    warm_kernels()
    together = _run(declared, mappings, taken, known, gate, "all sensors", console, tell=True)
    traced = trace_launches(together)
    reports = {"all": summarise(together, traced)}
    for name, one, sources in _alone(declared, taken) if alone else ():
        picture = _run(one, mappings, taken.only(sources), known, gate, f"{name} alone", console)
        reports[f"{name} alone"] = summarise(picture, ())
    if plot:
        from luchtwacht.evaluation.plot import save_plot

        save_plot(together, reports["all"], plot, title=f"{declared.name} · {recording.name}")
        console.print(f"drawn into {plot}")
    if report:
        from luchtwacht.evaluation.page import save_page

        save_page(together, reports, report, title=f"{declared.name} · {recording.name}", traced=traced)
        console.print(f"written to {report}")
    if json:
        typer.echo(msgspec.json.encode({name: msgspec.Raw(each.to_json()) for name, each in reports.items()}).decode())
    else:
        paper = Console()
        if not paper.is_terminal:  # into a file or pipe: as wide as it needs to be
            paper = Console(width=44 + 16 * len(reports))
        paper.print(compare(reports, f"{recording.name} against {truth.name}"))


def _alone(site: Site, taken: Recording) -> list[tuple[str, Site, frozenset[int]]]:
    """Each sensor that measures and is in the recording: its name, a site with it, and its source.

    Several ASTERIX sensors of one source are taken apart. Those of one table are one device, and judged together.
    """
    from dataclasses import replace

    from luchtwacht.model import CLAIM_RECEIVERS, Format

    found: list[tuple[str, Site, frozenset[int]]] = []
    for index, source in enumerate(site.sources):
        mine = [each for each in site.sensors if each.source == source.id and each.kind not in CLAIM_RECEIVERS]
        if not mine or index not in taken.sources:
            continue
        if source.format == Format.ASTERIX:
            for sensor in mine:
                others = [each for each in site.sensors if each not in mine or each is sensor]
                found.append((sensor.id, replace(site, sensors=tuple(others)), frozenset({index})))
        else:
            found.append((mine[0].id if len(mine) == 1 else source.id, site, frozenset({index})))
    return found if len(found) > 1 else []


def _run(
    site: Site,
    mappings: dict[str, str],
    taken: Recording,
    truth: Truth,
    gate_m: float,
    name: str,
    console: Console,
    *,
    tell: bool = False,
) -> Picture:
    """The recording through a pipeline of its own, matched with the truth; with `tell`, what was refused is said."""
    from rich.progress import Progress

    from luchtwacht.evaluation import match
    from luchtwacht.model import AlertChanged, Detected, Rejected, Tracked
    from luchtwacht.pipeline import Pipeline
    from luchtwacht.runtime.feed import to_inputs

    pipeline, sequence = Pipeline(site, mappings), 1
    events: list[Event] = []
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(name, total=max(taken.last_ns - taken.first_ns, 1))
        for moment in taken.feed(site).moments():
            inputs = to_inputs(moment, sequence)
            sequence += len(moment.arrivals) + moment.tick
            events += pipeline.step(inputs)
            bar.update(task, completed=moment.time_ns - taken.first_ns)
    if tell:
        _tell_refused([event for event in events if isinstance(event, Rejected)], site, console)
    return match(
        [event for event in events if isinstance(event, Tracked)],
        [event for event in events if isinstance(event, Detected)],
        [event for event in events if isinstance(event, AlertChanged)],
        truth,
        site,
        gate_m,
    )


def _tell_refused(rejected: list[Rejected], site: Site, console: Console) -> None:
    """One line a source and reason: how many records were not used, and the first of them."""
    counts: dict[tuple[int, str], int] = {}
    first: dict[tuple[int, str], Rejection] = {}
    for each in (rejection for event in rejected for rejection in event.rejections):
        key = each.source, each.reason.value
        counts[key] = counts.get(key, 0) + each.count
        first.setdefault(key, each)
    for source, reason in sorted(counts):
        example = first[source, reason]
        console.print(
            f"not used · {site.sources[source].id}: {counts[source, reason]:,} {reason}; the first, {example.item}: "
            f"{example.detail}",
            style="dim",
            highlight=False,
            markup=False,
        )
