"""The picture of a calibration: a row a sensor, its residuals in each coordinate and in time, before and after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from luchtwacht.evaluation.calibration import Calibrated
from luchtwacht.evaluation.paper import FAINT, INK, PAPER, SENSORS, TRACKS, dress
from luchtwacht.model import Floats
from luchtwacht.units import DEGREE, SECOND_NS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POLAR = (("range", "m", 1.0), ("azimuth", "degrees", DEGREE), ("elevation", "degrees", DEGREE))
_PLACED = (("east", "m", 1.0), ("north", "m", 1.0), ("up", "m", 1.0))


def save_calibration_plot(found: list[Calibrated], path: Path, *, title: str = "") -> None:
    """Write the sheet as PNG (or what else the path's ending says and matplotlib can write)."""
    draw_calibration(found, title=title).savefig(path, dpi=130, facecolor=PAPER)


def draw_calibration(found: list[Calibrated], *, title: str = "") -> Figure:
    """The sheet; sensors of which nothing could be held against truth or claims are left out."""
    from matplotlib.figure import Figure

    shown = [each for each in found if len(each.residuals.time_ns)]
    height = 1.3 + 2.6 * max(len(shown), 1)
    figure = Figure(figsize=(16.0, height), facecolor=PAPER)
    figure.text(0.04, 1.0 - 0.42 / height, title, fontsize=15, color=INK, va="center", fontweight="bold")
    figure.text(
        0.04, 1.0 - 0.78 / height, "what each sensor measured less where the aircraft was, over time: grey before, "
        "in colour with the biases found; lines are running medians, beside them how often", fontsize=9.5, color=FAINT,
        va="center",
    )  # fmt: skip
    if not shown:
        figure.text(0.04, 0.4, "nothing was held against truth or claims", fontsize=11, color=FAINT)
        return figure
    room = figure.add_gridspec(
        len(shown), 4, left=0.055, right=0.97, top=1.0 - 1.25 / height, bottom=0.5 / height, wspace=0.2, hspace=0.45
    )
    for row, each in enumerate(shown):
        colour = SENSORS[row % len(SENSORS)]
        start = float(each.residuals.time_ns.min())
        seconds = (each.residuals.time_ns - start) / SECOND_NS
        coordinates = _POLAR if each.polar else _PLACED
        columns = [
            (name, unit, each.residuals.before[:, k] / scale, each.residuals.after[:, k] / scale)
            for k, (name, unit, scale) in enumerate(coordinates)
        ]
        columns.append(("time", "s", each.residuals.before_s, each.residuals.after_s))
        for column, (name, unit, before, after) in enumerate(columns):
            axes = figure.add_subplot(room[row, column])
            _panel(axes, seconds, before, after, colour)
            axes.set_title(f"{each.sensor} · {name}, {unit}", fontsize=9.5, color=INK, loc="left")
            if row == len(shown) - 1:
                axes.set_xlabel("s since its first pair", fontsize=8.5, color=INK)
    return figure


def _panel(axes: Axes, seconds: Floats, before: Floats, after: Floats, colour: str) -> None:
    dress(axes)
    known = np.isfinite(before) & np.isfinite(after)
    if not known.any():
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", color=FAINT, fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    t, before, after = seconds[known], before[known], after[known]
    every = np.concatenate([before, after])
    reach = float(np.quantile(np.abs(every), 0.97)) * 1.15 + 1e-9
    dots = max(2.0, min(14.0, 4000.0 / len(t)))
    axes.axhline(0.0, color=INK, lw=0.8)
    axes.scatter(t, before, s=dots, color=FAINT, alpha=0.45, linewidths=0)
    axes.scatter(t, after, s=dots, color=colour, alpha=0.55, linewidths=0)
    for values, line in ((before, FAINT), (after, TRACKS[0] if colour == FAINT else colour)):
        axes.plot(*_running_median(t, values), color=line, lw=2.0)
    axes.set_ylim(-reach, reach)
    beside = axes.inset_axes((1.005, 0.0, 0.1, 1.0), sharey=axes)
    bins = np.linspace(-reach, reach, 41).tolist()
    beside.hist(before, bins=bins, orientation="horizontal", color=FAINT, alpha=0.5)
    beside.hist(after, bins=bins, orientation="horizontal", color=colour, alpha=0.6)
    beside.axis("off")


def _running_median(t: Floats, values: Floats, pieces: int = 24) -> tuple[Floats, Floats]:
    """Medians over equal spans of time that hold something."""
    edges = np.linspace(t.min(), t.max() + 1e-9, pieces + 1)
    place = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, pieces - 1)
    middles, medians = [], []
    for piece in range(pieces):
        inside = place == piece
        if inside.sum() >= 3:
            middles.append((edges[piece] + edges[piece + 1]) / 2.0)
            medians.append(float(np.median(values[inside])))
    return np.array(middles), np.array(medians)
