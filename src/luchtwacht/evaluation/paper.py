"""What every sheet shares: paper, ink, and quiet axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT, PAPER, GRID = "#1c2430", "#8a94a3", "#fbfaf7", "#dfe3e8"
TRUTH = "#1c2430"
ORIGIN = "#5c3a9e"
SENSORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f6bb3", "#6b6b00")
TRACKS = ("#d62f4b", "#7a3fd1", "#c2571a", "#0f8a8a", "#a8327d", "#4a7a12")
ZONE = "#b3261e"


def dress(axes: Axes) -> None:
    """Quiet axes."""
    axes.set_facecolor(PAPER)
    axes.grid(color=GRID, lw=0.7, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=8.5, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#c4cad3")


def name_panel(axes: Axes, title: str, note: str) -> None:
    """Quiet axes with a title, and below it what is drawn."""
    dress(axes)
    axes.set_title(title, fontsize=11, color=INK, loc="left", pad=20)
    axes.text(0.0, 1.02, note, transform=axes.transAxes, fontsize=8.5, color=FAINT, va="bottom")


def nothing_to_judge(axes: Axes) -> None:
    """An empty panel that says so."""
    axes.text(0.5, 0.5, "nothing to judge", transform=axes.transAxes, ha="center", color=FAINT)
    axes.set_xticks([])
    axes.set_yticks([])
