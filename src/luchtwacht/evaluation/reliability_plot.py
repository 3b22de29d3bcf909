"""Reliability drawn: what was said against what was so, and how the five categories are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from luchtwacht.evaluation.classes import NAMES, ClassFigures
from luchtwacht.evaluation.paper import FAINT, INK, PAPER, SENSORS, TRACKS, name_panel, nothing_to_judge
from luchtwacht.evaluation.reliability import Reliability
from luchtwacht.model import Category

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PARTS = (("miscalibration", SENSORS[5]), ("resolution", SENSORS[2]), ("uncertainty", SENSORS[0]))


def save_classes(figures: ClassFigures, path: Path, *, title: str = "") -> None:
    """Write the sheet as PNG, or what the path's ending says."""
    draw_classes(figures, title=title).savefig(path, dpi=130, facecolor=PAPER)


def draw_classes(figures: ClassFigures, *, title: str = "") -> Figure:
    """The sheet: a diagram a category and one of the likeliest, the Brier score in parts, and what was called what."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(18.0, 9.4), facecolor=PAPER, layout="constrained")
    figure.suptitle(f"Categories · {title}", fontsize=15, weight="bold", color=INK, x=0.01, ha="left")
    axes = figure.subplots(2, 4).ravel()
    for place, category in enumerate(Category):
        count = figures.objects[category]
        things = f"{count:,} thing{'s' if count != 1 else ''}"
        draw_reliability(axes[place], figures.each[category], f"{NAMES[category]} ({things})")
    draw_reliability(axes[5], figures.top, "the likeliest category")
    _parts(axes[6], figures)
    _called(axes[7], figures)
    return figure


def draw_reliability(axes: Axes, found: Reliability, what: str) -> None:
    """What was said against what was; the diagonal is right."""
    error = "-" if found.rows == 0 else f"{found.calibration_error:.3f}"
    name_panel(axes, f"Reliability: {what}", f"{found.rows:,} judgements, calibration error {error}; bars hold 95 %")
    filled = [each for each in found.bins if each.count]
    if not filled:
        nothing_to_judge(axes)
        return
    axes.plot([0, 1], [0, 1], color=FAINT, lw=1.2, ls=(0, (4, 3)), zorder=1)
    said, was = [each.said for each in filled], [each.was for each in filled]
    spread = np.array([[each.was - each.was_low, each.was_high - each.was] for each in filled]).T
    axes.errorbar(said, was, yerr=np.maximum(spread, 0.0), fmt="none", ecolor=TRACKS[1], elinewidth=1.3, zorder=2)
    axes.plot(said, was, color=TRACKS[1], lw=1.0, alpha=0.5, zorder=2)
    most = max(each.count for each in filled)
    axes.scatter(said, was, s=[25.0 + 150.0 * (each.count / most) ** 0.5 for each in filled], color=TRACKS[1], zorder=3)
    for each in filled:
        above = each.was < 0.85
        axes.annotate(
            f"{each.count:,}", (each.said, each.was), (0, 11 if above else -18), textcoords="offset points",
            fontsize=7.5, color=FAINT, ha="center",
        )  # fmt: skip
    axes.set_xlim(-0.04, 1.06)
    axes.set_ylim(-0.04, 1.09)
    axes.set_xlabel("said", fontsize=8.5, color=INK)
    axes.set_ylabel("was so", fontsize=8.5, color=INK)


def _parts(axes: Axes, figures: ClassFigures) -> None:
    """Brier score of each category, and Murphy's three parts of it."""
    name_panel(axes, "Brier score in parts", "less is better, of resolution more; the score is the black stroke")
    if not figures.rows:
        nothing_to_judge(axes)
        return
    at = np.arange(len(figures.each))
    for place, (part, colour) in enumerate(_PARTS):
        values = [getattr(each, part) for each in figures.each]
        axes.barh(at + 0.27 * (place - 1), values, 0.25, color=colour, alpha=0.85, label=part)
    for row, each in enumerate(figures.each):
        axes.plot([each.brier] * 2, [row - 0.42, row + 0.42], color=INK, lw=2.0)
    axes.set_yticks(at.tolist(), list(NAMES.values()))
    axes.invert_yaxis()
    axes.legend(loc="lower right", fontsize=8, framealpha=0.9, facecolor=PAPER, edgecolor="none")


def _called(axes: Axes, figures: ClassFigures) -> None:
    """Of what truly was so, the share that was called what."""
    right = "-" if not figures.rows else f"{100.0 * figures.right:.1f} %"
    name_panel(axes, "What was called what", f"% of judgements of each row; the likeliest was right in {right}")
    if not figures.rows:
        nothing_to_judge(axes)
        return
    counts = np.array(figures.called, np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    axes.imshow(share, cmap="Purples", vmin=0.0, vmax=1.0, aspect="auto")
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(share):
        if counts[row].sum():
            colour = PAPER if value > 0.55 else INK
            axes.text(column, row, f"{100.0 * value:.1f}", ha="center", va="center", fontsize=9, color=colour)
    names = [name.replace("-wing drone", " wing").replace(" aircraft", "") for name in NAMES.values()]
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("called", fontsize=8.5, color=INK)
    axes.set_ylabel("was", fontsize=8.5, color=INK)
