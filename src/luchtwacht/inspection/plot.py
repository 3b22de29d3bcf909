"""Where things were, on a sheet: one map for all positions on the globe, and one for each sensor that reports from
where it stands (its own place is not in the file). Metres east and north, north up, the same scale both ways."""

from __future__ import annotations

from math import ceil, radians
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from luchtwacht.geodesy import LocalFrame
from luchtwacht.inspection.report import Inspection
from luchtwacht.inspection.tally import Places, Points
from luchtwacht.model import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _FAINT, _PAPER = "#1c2430", "#8a94a3", "#fbfaf7"
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f6bb3", "#6b6b00")
_MOST_MAPS = 6
_IN_LEGEND = 8
_SIDE = 6.4
"""inches"""


def save_plot(made: Inspection, places: Places, path: Path) -> bool:
    """Draw into a PNG (or what else the path's ending says and matplotlib can write); false when there is nothing."""
    figure = draw(made, places)
    if figure is not None:
        figure.savefig(path, dpi=120, facecolor=_PAPER)
    return figure is not None


def draw(made: Inspection, places: Places) -> Figure | None:
    """The sheet; none without positions."""
    from matplotlib.figure import Figure

    series = sorted(places.series.values(), key=lambda each: -each.seen)
    maps: list[list[Points]] = [on_globe] if (on_globe := [each for each in series if each.geographic]) else []
    maps += [[each] for each in series if not each.geographic]
    if not maps:
        return None
    shown = maps[:_MOST_MAPS]
    columns = min(len(shown), 3)
    rows = ceil(len(shown) / columns)
    figure = Figure(figsize=(_SIDE * columns, _SIDE * rows + 0.9), facecolor=_PAPER, layout="constrained")
    left_out = f" Not drawn, for room: {len(maps) - len(shown)}." if len(maps) > len(shown) else ""
    title = "\n".join([made.file, *wrap(made.summary + left_out, 78 * columns)])
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=_INK)
    for place, group in enumerate(shown):
        axes = figure.add_subplot(rows, columns, place + 1)
        if group[0].geographic:
            _draw_globe(axes, group)
        else:
            _draw_local(axes, group[0])
        _finish(axes)
    return figure


def _draw_globe(axes: Axes, group: list[Points]) -> None:
    centre = np.median(np.concatenate([each.pairs for each in group]), axis=0)
    frame = LocalFrame(radians(centre[0]), radians(centre[1]), 0.0)
    for index, each in enumerate(group):
        angles = np.radians(each.pairs)
        enu = frame.to_enu(np.column_stack([angles, np.zeros(len(angles))]))
        label = f"{each.name} ({each.seen:,})" if index < _IN_LEGEND else None
        _scatter(axes, enu[:, :2], _COLOURS[index % len(_COLOURS)], label)
    axes.set_title(f"from {centre[0]:.5f}, {centre[1]:.5f} (the median)", fontsize=9, color=_INK)
    axes.legend(loc="upper right", fontsize=7, markerscale=2, framealpha=0.85)


def _draw_local(axes: Axes, points: Points) -> None:
    _scatter(axes, points.pairs, _COLOURS[0], None)
    axes.plot(0, 0, marker="+", markersize=12, color=_COLOURS[1])
    axes.set_title(f"{points.name} ({points.seen:,}), from the sensor", fontsize=9, color=_INK)


def _scatter(axes: Axes, metres: Floats, colour: str, label: str | None) -> None:
    size = 1.2 if len(metres) > 5_000 else 5.0 if len(metres) > 500 else 16.0
    axes.scatter(metres[:, 0], metres[:, 1], s=size, c=colour, alpha=0.6, linewidths=0, label=label, rasterized=True)


def _finish(axes: Axes) -> None:
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(True, color=_FAINT, alpha=0.25, linewidth=0.6)
    axes.set_facecolor(_PAPER)
    axes.set_xlabel("m east", fontsize=8, color=_FAINT)
    axes.set_ylabel("m north", fontsize=8, color=_FAINT)
    axes.tick_params(labelsize=7, colors=_FAINT)
    axes.ticklabel_format(style="plain", useOffset=False)
    for side in axes.spines.values():
        side.set_color(_FAINT)
