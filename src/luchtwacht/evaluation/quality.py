"""A sheet on how far the figures can be trusted: GOSPA and its parts, consistency, reliability, delays, take-offs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from luchtwacht.evaluation.consistency import squares
from luchtwacht.evaluation.launches import Traced
from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.evaluation.origin_plot import draw_origin
from luchtwacht.evaluation.paper import FAINT, INK, PAPER, SENSORS, name_panel, nothing_to_judge
from luchtwacht.evaluation.reliability_plot import draw_reliability
from luchtwacht.evaluation.report import Report, gospa_parts
from luchtwacht.units import SECOND_NS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SECONDS = 5.0
"""over which curves are averaged"""
_PARTS = (("localisation", SENSORS[0]), ("missed", SENSORS[1]), ("false", SENSORS[5]))


def save_quality(picture: Picture, report: Report, path: Path, *, title: str = "") -> None:
    """Write the sheet as PNG, or what the path's ending says."""
    draw_quality(picture, report, title=title).savefig(path, dpi=130, facecolor=PAPER)


def draw_quality(picture: Picture, report: Report, *, title: str = "") -> Figure:
    """The sheet."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15.0, 9.4), facecolor=PAPER, layout="constrained")
    figure.suptitle(f"Quality · {title}", fontsize=15, weight="bold", color=INK, x=0.01, ha="left")
    axes = figure.subplots(2, 3)
    _gospa(axes[0, 0], picture)
    _consistency(axes[0, 1], picture, report)
    _delays(axes[0, 2], picture, report)
    draw_reliability(axes[1, 0], report.existence, "existence of a track")
    draw_reliability(axes[1, 1], report.category, "a drone, of tracks near something true")
    _launches(axes[1, 2], report)
    return figure


def draw_launches(traced: tuple[Traced, ...], picture: Picture, *, most: int = 6) -> Figure | None:
    """A panel for each of the first take-offs; none when there are none."""
    from matplotlib.figure import Figure

    shown = traced[:most]
    if not shown:
        return None
    columns = min(len(shown), 3)
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(5.2 * columns, 5.3 * rows), facecolor=PAPER, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for place, each in enumerate(axes.flat):
        if place >= len(shown):
            each.set_axis_off()
            continue
        launch = shown[place]
        draw_origin(each, picture.site, launch.takeoff, launch.chances, launch.launch.true_point)
    return figure


def _gospa(axes: Axes, picture: Picture) -> None:
    """Its square per true drone, stacked by part, over time."""
    name_panel(axes, "GOSPA, and what it is made of", "square per drone, m²; c = 100 m, p = 2, on the map; mean of 5 s")
    parts, drones = gospa_parts(picture, 2)
    if not len(parts):
        nothing_to_judge(axes)
        return
    seconds = (picture.times - picture.times[0]) / SECOND_NS
    which = (seconds // _SECONDS).astype(np.int64)
    count = np.maximum(np.bincount(which, weights=drones), 1.0)
    curves = np.array([np.bincount(which, weights=parts[:, k]) for k in range(3)]) / count
    there = np.bincount(which) > 0
    at = np.arange(len(count))[there] * _SECONDS
    axes.stackplot(at, curves[:, there], colors=[colour for _, colour in _PARTS], labels=[name for name, _ in _PARTS],
                   alpha=0.8, lw=0)  # fmt: skip
    axes.set_ylim(0.0, max(float(np.quantile(curves[:, there].sum(0), 0.98)) * 1.25, 100.0))
    axes.set_xlim(0.0, max(float(at.max()), _SECONDS))
    axes.set_xlabel("s since the first flight", fontsize=8.5, color=INK)
    axes.legend(loc="upper right", fontsize=8, framealpha=0.9, facecolor=PAPER, edgecolor="none")


def _consistency(axes: Axes, picture: Picture, report: Report) -> None:
    """Normalised squared error of the position on the map, over the dimension: how often it is how large."""
    found = report.nees_horizontal
    said = "-" if not found.samples else f"mean {found.average:.2f}; 1 is right, more is too sure"
    name_panel(
        axes, "Is the tracker as sure as it should be?", f"squared error over what was expected, on the map: {said}"
    )
    moments, estimates = picture.moments, picture.estimates
    held = moments.estimate != NOBODY
    held[held] = picture.courses.is_drone[moments.object[held]]
    rows = moments.estimate[held]
    if not len(rows):
        nothing_to_judge(axes)
        return
    values = squares(estimates.x[rows, :2] - moments.position[held, :2], estimates.P[rows, :2, :2])
    edges = np.linspace(0.0, 14.0, 57)
    axes.hist(np.minimum(values, 13.99), edges.tolist(), density=True, color=SENSORS[4], alpha=0.75, label="seen")
    axes.plot(edges, chi2.pdf(edges, 2), color=INK, lw=1.5, label="χ², two degrees of freedom")
    beyond = float(np.mean(values > chi2.ppf(0.95, 2)))
    axes.axvline(float(chi2.ppf(0.95, 2)), color=FAINT, lw=1.0, ls=(0, (4, 3)))
    axes.text(6.3, 0.34, f"{100 * beyond:.0f} % beyond\nwhat 5 % should be", fontsize=8.5, color=INK, va="top")
    axes.set_xlabel("normalised squared error (14 and more in the last)", fontsize=8.5, color=INK)
    axes.legend(loc="upper right", fontsize=8, framealpha=0.9, facecolor=PAPER, edgecolor="none")


def _delays(axes: Axes, picture: Picture, report: Report) -> None:
    """From report to conclusion, by both clocks."""
    name_panel(axes, "From report to conclusion", "share of reports used within so many seconds; computing apart")
    rows = picture.detections
    if not len(rows) or not report.latency.reports:
        nothing_to_judge(axes)
        return
    during = (picture.concluded_ns >= picture.times[0]) & (picture.concluded_ns <= picture.times[-1])
    reorder_ns = round(picture.site.reorder_s * SECOND_NS)
    series = (
        ("measured to conclusion", picture.concluded_ns - rows.time_ns, SENSORS[0]),
        ("received to conclusion", picture.concluded_ns + reorder_ns - rows.received_ns, SENSORS[5]),
        ("measured to received", rows.received_ns - rows.time_ns, SENSORS[2]),
    )
    share = np.linspace(0.0, 1.0, 401)
    for name, values, colour in series:
        seconds = np.quantile(values[during] / SECOND_NS, share)
        axes.plot(seconds, 100.0 * share, color=colour, lw=1.7, label=f"{name}: {np.median(seconds):.2f} s median")
    longest = max(float(np.quantile(values[during] / SECOND_NS, 0.99)) for _, values, _ in series)
    least = min(float(np.quantile(values[during] / SECOND_NS, 0.01)) for _, values, _ in series)
    axes.set_xlim(min(0.0, least), 1.15 * longest + 0.1)
    axes.set_ylim(0.0, 101.0)
    axes.set_xlabel("s", fontsize=8.5, color=INK)
    axes.set_ylabel("% of reports", fontsize=8.5, color=INK)
    axes.legend(loc="lower right", fontsize=8, framealpha=0.9, facecolor=PAPER, edgecolor="none")


def _launches(axes: Axes, report: Report) -> None:
    """Error of each take-off beside what was expected of it."""
    found = report.launches
    note = "no true take-off was tracked" if not found.take_offs else (
        f"{found.placed} of {found.take_offs} placed; in the 90 % area {_percent(found.in_most)}, "
        f"in the 90 % interval {_percent(found.in_time)}"
    )  # fmt: skip
    name_panel(axes, "Take-off areas", note)
    placed = [each for each in found.launches if np.isfinite(each.error_m)]
    if not placed:
        nothing_to_judge(axes)
        return
    for held, colour, name in ((True, SENSORS[2], "in the 90 % area"), (False, SENSORS[5], "outside")):
        some = [each for each in placed if each.in_most is held]
        if some:
            axes.loglog(
                [max(each.expected_error_m, 1.0) for each in some], [max(each.error_m, 1.0) for each in some], "o",
                ms=6, color=colour, alpha=0.85, label=name,
            )  # fmt: skip
    limits = np.array([1.0, 2.0 * max(max(each.error_m, each.expected_error_m) for each in placed)])
    axes.plot(limits, limits, color=FAINT, lw=1.2, ls=(0, (4, 3)))
    axes.set_xlabel("expected error, m", fontsize=8.5, color=INK)
    axes.set_ylabel("error, m", fontsize=8.5, color=INK)
    axes.legend(loc="upper left", fontsize=8, framealpha=0.9, facecolor=PAPER, edgecolor="none")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if np.isfinite(share) else "-"
