"""`luchtwacht calibrate`: how far is each sensor off, and how well does it measure?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from luchtwacht.cli.recordings import Recording
    from luchtwacht.evaluation.calibration import Calibrated, Collector, Pass
    from luchtwacht.evaluation.truth import Courses
    from luchtwacht.ingest.adjustment import Adjustment
    from luchtwacht.model import Event, Site

HELP = """Find the biases and the noise of every sensor from a recording, and declare them.

Sensors are held against what aircraft say of themselves (Remote ID, ADS-B), against each other and, with **--truth**,
against a GPS log. The whole recording is weighed at once, and run again with what was found. **--out** writes the site
file with the figures put in; **--plot** draws what was off before and after.

Example: **luchtwacht calibrate --site site.toml --recording flight --truth flight/gps.csv --out calibrated.toml**
"""


def calibrate(
    site: Annotated[Path, typer.Option(help="Site file.", exists=True, dir_okay=False)],
    recording: Annotated[Path, typer.Option(help="Folder with the sources' files.", exists=True, file_okay=False)],
    truth: Annotated[Path | None, typer.Option(help="GPS log or truth.csv.", exists=True, dir_okay=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the site file with what was found.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the residuals before and after into this PNG.")] = None,
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON on standard output.")] = False,
    gate: Annotated[float, typer.Option(help="A report this near, in metres, may be the object.", min=1.0)] = 150.0,
    passes: Annotated[int, typer.Option(help="How often the recording is run.", min=1, max=10)] = 3,
) -> None:
    from rich.console import Console

    from luchtwacht.cli.places import open_site
    from luchtwacht.cli.recordings import open_recording
    from luchtwacht.cli.warming import warm_kernels
    from luchtwacht.evaluation import read_truth
    from luchtwacht.evaluation.calibration import summarise_calibration
    from luchtwacht.evaluation.truth import courses

    declared, mappings = open_site(site)
    known = courses(read_truth(truth, declared)) if truth else None
    taken = open_recording(declared, mappings, recording)
    console = Console(stderr=True)
    for absent in taken.absent:
        console.print(f"[yellow]absent[/] · {absent}")
    warm_kernels()
    last, adjustment = _passes(declared, mappings, taken, known, gate, passes, console)
    found = summarise_calibration(last, adjustment, declared)
    if plot:
        from luchtwacht.evaluation.calibration_plot import save_calibration_plot

        save_calibration_plot(found, plot, title=f"Calibration · {declared.name} · {recording.name}")
        console.print(f"drawn into {plot}")
    if json:
        typer.echo(_as_json(found))
    else:
        paper = Console()
        (paper if paper.is_terminal else Console(width=132)).print(_table(found, declared, recording.name))
        for each in found:
            for one, other in each.confounded:
                console.print(f"{each.sensor}: {one} and {other} cannot be told apart in this recording")
    if out:
        _declare(site, out, found, declared, console)


def _passes(
    declared: Site,
    mappings: dict[str, str],
    taken: Recording,
    truth: Courses | None,
    gate_m: float,
    passes: int,
    console: Console,
) -> tuple[Pass, Adjustment]:
    """Run the recording until what is found does not change much any more."""
    import numpy as np
    from rich.progress import Progress

    from luchtwacht.evaluation.calibration import NARROWER, Collector, adjust, biases_of, without_learning
    from luchtwacht.ingest.mounting import DEFAULT_SIGMA
    from luchtwacht.pipeline import Pipeline
    from luchtwacht.runtime.feed import to_inputs

    biases = [sensor.bias for sensor in declared.sensors]
    with Progress(console=console, transient=True) as bar:
        for number in range(passes):
            now = without_learning(declared, biases)
            collector = Collector(now, truth, gate_m * (1.0 if number == 0 else NARROWER))
            pipeline, sequence = Pipeline(now, mappings), 1
            task = bar.add_task(f"pass {number + 1}", total=max(taken.last_ns - taken.first_ns, 1))
            for moment in taken.feed(now).moments():
                inputs = to_inputs(moment, sequence)
                sequence += len(moment.arrivals) + moment.tick
                _hand_over(pipeline.step(inputs), collector)
                bar.update(task, completed=moment.time_ns - taken.first_ns)
            last = collector.finished()
            adjustment = adjust(last, declared)
            after = biases_of(last, adjustment, declared)
            change = max(
                (np.abs(np.subtract(b.mean, a.mean)) / DEFAULT_SIGMA).max() for a, b in zip(biases, after, strict=True)
            )
            if change < 0.02:
                break
            biases = after
    return last, adjustment


def _hand_over(events: Iterable[Event], collector: Collector) -> None:
    """What was said, moment by moment."""
    from itertools import groupby

    for time_ns, said in groupby(events, key=lambda event: event.time_ns):
        collector.take(time_ns, list(said))


def _table(found: list[Calibrated], declared: Site, name: str) -> Table:
    from rich.table import Table

    from luchtwacht.model import BIAS_UNITS, BIASES

    table = Table(title=f"Sensors of {declared.name} in {name}", title_justify="left")
    for head in ("sensor", "pairs with truth · claims · sensors", "bias", "off before → after", "noise, declared"):
        table.add_column(head)
    table.add_column("Pd · false · latency · period", justify="right")
    units = ("m", "°", "°", "m", "m", "m", "s")
    for each in found:
        sensor = next(sensor for sensor in declared.sensors if sensor.id == each.sensor)
        biases = [
            f"{which} {value / unit:+.2f} ± {sigma / unit:.2f} {word}"
            for which, value, sigma, unit, word, seen in zip(
                BIASES, each.bias.mean, each.bias.sigma, BIAS_UNITS, units, each.seen, strict=True
            )
            if seen
        ]
        coordinates = (0, 1, 2) if each.polar else (3, 4, 5)
        off = [
            f"{BIASES[c]} {_said(b / BIAS_UNITS[c])} → {_said(a / BIAS_UNITS[c])} {units[c]}"
            for c, b, a in zip(coordinates, each.before, each.after, strict=True)
            if b == b
        ]
        noise = [f"{name} {value:.2f}, {getattr(sensor, name):g}" for name, value in _noise(each).items()]
        table.add_row(
            each.sensor,
            f"{each.pairs_with_truth:,} · {each.pairs_with_claims:,} · {each.pairs_with_sensors:,}",
            "\n".join(biases) or "not seen",
            "\n".join(off) or "–",
            "\n".join(noise) or "–",
            " · ".join(
                _said(value)
                for value in (each.probability_of_detection, each.false_reports, each.latency_s, each.period_s)
            )
            + f"\n{sensor.probability_of_detection:g} · {sensor.false_reports:g} · {sensor.latency_s:g} · "
            f"{sensor.period_s:g} declared",
            end_section=True,
        )
    return table


def _said(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"


def _noise(each: Calibrated) -> dict[str, float]:
    """Standard deviations as the site file names them, of what the sensor reports; only what was measured."""
    from luchtwacht.evaluation.calibration import horizontal_noise, vertical_noise
    from luchtwacht.units import DEGREE

    if each.reports_places:
        said = {"position_sigma_m": horizontal_noise(each), "height_sigma_m": vertical_noise(each)}
    else:
        said = {
            "range_sigma_m": each.noise[0],
            "azimuth_sigma_deg": each.noise[1] / DEGREE,
            "elevation_sigma_deg": each.noise[2] / DEGREE,
        }
    return {name: round(value, 4) for name, value in said.items() if value == value}


def _as_json(found: list[Calibrated]) -> str:
    """One object a sensor; what is not known is null."""
    import json as text
    from dataclasses import asdict

    from luchtwacht.model import BIAS_UNITS, BIASES

    def known(value: float) -> float | None:
        return None if value != value else value

    return text.dumps(
        {
            each.sensor: {
                "bias": {
                    which: {
                        "value": value / unit,
                        "sigma": known(sigma / unit),
                        "seen": seen,
                    }
                    for which, value, sigma, unit, seen in zip(
                        BIASES, each.bias.mean, each.bias.sigma, BIAS_UNITS, each.seen, strict=True
                    )
                },
                "declare": {name: value for name, value in asdict(each.bias).items() if value is not None},
                "confounded": each.confounded,
                "pairs": {
                    "truth": each.pairs_with_truth,
                    "claims": each.pairs_with_claims,
                    "sensors": each.pairs_with_sensors,
                },
                "noise": [known(value) for value in each.noise],
                "off_before": [known(value) for value in each.before],
                "off_after": [known(value) for value in each.after],
                "probability_of_detection": known(each.probability_of_detection),
                "false_reports": known(each.false_reports),
                "latency_s": known(each.latency_s),
                "period_s": known(each.period_s),
            }
            for each in found
        },
        indent=2,
    )


def _declare(file: Path, out: Path, found: list[Calibrated], declared: Site, console: Console) -> None:
    """Write the site file with what was found; what stands in an included file is printed instead."""
    from dataclasses import asdict

    from luchtwacht.cli.declaring import fragment, rewrite
    from luchtwacht.config import loads
    from luchtwacht.ingest.site import check_site
    from luchtwacht.model import Site

    changes: dict[str, tuple[dict[str, float], dict[str, float]]] = {}
    for each in found:
        sensor = next(sensor for sensor in declared.sensors if sensor.id == each.sensor)
        noise = {
            name: value
            for name, value in _noise(each).items()
            if not each.smooths and not 0.8 < value / getattr(sensor, name) < 1.25
        }
        bias = {name: value for name, value in asdict(each.bias).items() if value is not None and value != 0.0}
        if noise or bias:
            changes[each.sensor] = (noise, bias)
    text, left = rewrite(file.read_text(encoding="utf-8-sig"), changes)
    check_site(loads(text, Site, where=str(out)), str(out))
    out.write_text(text, encoding="utf-8")
    console.print(f"{out}: {len(changes) - len(left)} sensors calibrated")
    if out.resolve().parent != file.resolve().parent and any(source.mapping for source in declared.sources):
        console.print("its mappings are looked for beside it: put it beside them, or them beside it")
    for name in left:
        console.print(f"sensor {name} is declared elsewhere; declare there:\n{fragment(name, *changes[name])}")
