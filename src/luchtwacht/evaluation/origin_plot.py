"""Take-off areas on paper: the map of chances, the areas of 50 and 90 %, where it was first seen, and when it left."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, hypot
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from luchtwacht.evaluation.paper import FAINT, INK, ORIGIN, PAPER, TRUTH, dress
from luchtwacht.model import Area, Chances, Extent, Floats, SensorKind, Site, TakeOff
from luchtwacht.units import format_utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 12
"""panels on one sheet"""
WORDS = {
    Extent.IN_VIEW: "took off where a radar looks",
    Extent.HIDDEN: "took off out of the radars' sight, shortly before",
    Extent.OPEN: "open: it may have come from farther",
    Extent.BEYOND: "came from beyond what the sensors cover",
    Extent.UNPLACED: "cannot be placed",
}


def save_origins(found: Sequence[tuple[Site, TakeOff, Chances]], path: Path, *, title: str = "") -> None:
    """Write a sheet with a panel for each (at most `_MOST`) as PNG, or what the path's ending says."""
    draw_origins(found, title=title).savefig(path, dpi=130, facecolor=PAPER)


def draw_origins(found: Sequence[tuple[Site, TakeOff, Chances]], *, title: str = "") -> Figure:
    """The sheet."""
    from matplotlib.figure import Figure

    shown = list(found)[:_MOST]
    columns = min(max(len(shown), 1), 3)
    rows = max(ceil(len(shown) / columns), 1)
    figure = Figure(figsize=(5.4 * columns, 5.5 * rows + 0.9), facecolor=PAPER, layout="constrained")
    more = f", {_MOST} of {len(found)}" if len(found) > _MOST else ""
    figure.suptitle(f"Take-off areas · {title}{more}", fontsize=15, weight="bold", color=INK, x=0.01, ha="left")
    axes = figure.subplots(rows, columns, squeeze=False)
    for place, each in enumerate(axes.flat):
        if place < len(shown):
            draw_origin(each, *shown[place])
        else:
            each.set_axis_off()
    if not shown:
        figure.text(0.5, 0.5, "no track", ha="center", color=FAINT)
    figure.supxlabel("An area, not an actor: nothing here says who flew.", fontsize=9, color=FAINT)
    return figure


def draw_origin(
    axes: Axes, site: Site, takeoff: TakeOff, chances: Chances, truth: tuple[float, float] | None = None
) -> None:
    """One take-off; with `truth` (east, north) the place where it really left."""
    dress(axes)
    axes.set_title(f"track {takeoff.track}: {WORDS[takeoff.extent]}", fontsize=10.5, color=INK, loc="left", pad=20)
    axes.text(0.0, 1.015, _when(takeoff), transform=axes.transAxes, fontsize=8.5, color=FAINT, va="bottom")
    if len(chances):
        _heat(axes, chances)
    for area, width, style in ((takeoff.most, 1.2, (0, (5, 3))), (takeoff.half, 1.6, "solid")):
        if area:
            _outline(axes, area, width, style)
    if takeoff.first_seen:
        east, north, _ = takeoff.first_seen
        axes.plot(east, north, "o", ms=6, mfc=PAPER, mec=ORIGIN, mew=1.6, zorder=6, label="first seen")
        if takeoff.point:
            axes.plot([takeoff.point[0], east], [takeoff.point[1], north], ":", color=ORIGIN, lw=1.2, zorder=5)
    if takeoff.point:
        axes.plot(*takeoff.point, "+", ms=10, mew=1.6, color=ORIGIN, zorder=6, label="best point")
    if truth is not None:
        axes.plot(*truth, "*", ms=13, mfc=TRUTH, mec=PAPER, mew=0.8, zorder=8, label="true take-off")
    _frame(axes, site, takeoff, truth)
    _sensors(axes, site)
    _direction(axes, takeoff)
    axes.set_xlabel("east, m", fontsize=8.5, color=INK)
    axes.set_ylabel("north, m", fontsize=8.5, color=INK)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper right", fontsize=8, framealpha=0.9, facecolor=PAPER, edgecolor="none")


def _when(takeoff: TakeOff) -> str:
    if takeoff.launch_ns < 0:
        return takeoff.detail
    least, most = ((takeoff.first_ns - each) / 1e9 for each in (takeoff.launch_until_ns, takeoff.launch_from_ns))
    return (
        f"{format_utc(takeoff.launch_ns)[11:]}, {least:.0f} to {most:.0f} s before it was first seen (90 %); "
        f"off by {takeoff.expected_error:.0f} m"
    )


def _heat(axes: Axes, chances: Chances) -> None:
    """The cells, the likelier the darker; together 99 %."""
    from matplotlib.colors import LinearSegmentedColormap

    shape = int(chances.row.max()) + 1, int(chances.column.max()) + 1
    grid = np.full(shape, np.nan)
    grid[chances.row, chances.column] = chances.probability
    size = float(chances.size[0])
    west = float((chances.east - chances.column * size).mean()) - 0.5 * size
    south = float((chances.north - chances.row * size).mean()) - 0.5 * size
    axes.imshow(
        np.sqrt(grid), origin="lower", aspect="auto", zorder=1,
        extent=(west, west + shape[1] * size, south, south + shape[0] * size),
        cmap=LinearSegmentedColormap.from_list("chances", ["#f3eefb", "#c9b6ee", "#8a5fd0", "#4c2a91"]), alpha=0.85,
    )  # fmt: skip


def _outline(axes: Axes, area: Area, width: float, style: object) -> None:
    for rings in area.polygons:
        for ring in rings:
            east, north = np.array(ring).T
            label = f"{100 * area.probability:.0f} %, {_size(area.size)}" if ring is area.polygons[0][0] else None
            axes.plot(east, north, color=ORIGIN, lw=width, ls=style, zorder=4, label=label)


def _size(square_metres: float) -> str:
    if square_metres < 1e4:
        return f"{square_metres:,.0f} m²"
    return f"{square_metres / 1e4:.1f} ha" if square_metres < 1e6 else f"{square_metres / 1e6:.1f} km²"


def _direction(axes: Axes, takeoff: TakeOff) -> None:
    """Of what has no area, from where it came, as wide as that is known: a third of the panel long."""
    if takeoff.bearing is None or takeoff.point or not takeoff.first_seen:
        return
    (west, far_east), (south, far_north) = axes.get_xlim(), axes.get_ylim()
    seen, length = np.array(takeoff.first_seen[:2]), 0.33 * min(far_east - west, far_north - south)
    turn = takeoff.bearing + (takeoff.bearing_sigma or 0.0) * np.linspace(-2.0, 2.0, 31)
    edge = seen + length * np.column_stack([np.sin(turn), np.cos(turn)])
    axes.fill(*np.vstack([seen, edge]).T, color=ORIGIN, alpha=0.18, lw=0, zorder=3, label="came from here (95 %)")
    axes.plot(*np.vstack([seen, edge[15]]).T, ":", color=ORIGIN, lw=1.4, zorder=5)


def _frame(axes: Axes, site: Site, takeoff: TakeOff, truth: tuple[float, float] | None) -> None:
    """The area, where it was first seen and the truth, with some room; without an area the sensors instead."""
    points: list[Floats] = [
        np.array(ring) for area in (takeoff.most,) if area for rings in area.polygons for ring in rings
    ]
    points += [np.array([each[:2]]) for each in (takeoff.first_seen, truth) if each is not None]
    if takeoff.most is None:
        points += [site.frame.to_enu(each.place.geodetic)[None, :2] for each in site.sensors]
    if not points:
        return
    low, high = np.concatenate(points).min(0), np.concatenate(points).max(0)
    room = 1.15 if takeoff.most else 2.0  # for the direction
    half = 0.5 * float((high - low).max()) * room + 20.0
    east, north = 0.5 * (low + high)
    axes.set_xlim(east - half, east + half)
    axes.set_ylim(north - half, north + half)
    axes.set_aspect("equal", adjustable="box")


def _sensors(axes: Axes, site: Site) -> None:
    """Those in the frame, and the range of the radars as an arc where it passes through."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    reach = hypot(east - west, north - south)
    for sensor in site.sensors:
        x, y = site.frame.to_enu(sensor.place.geodetic)[:2].tolist()
        if west <= x <= east and south <= y <= north:
            axes.plot(x, y, "^", ms=8, mfc=PAPER, mec=INK, mew=1.2, zorder=7)
            axes.annotate(sensor.id, (x, y), (6, 4), textcoords="offset points", fontsize=8, color=INK)
        away = hypot(x - 0.5 * (west + east), y - 0.5 * (south + north))
        near = abs(away - sensor.range_max_m) < reach if np.isfinite(sensor.range_max_m) else False
        if sensor.kind in (SensorKind.RADAR_2D, SensorKind.RADAR_3D) and near:
            width = sensor.azimuth_to_deg - sensor.azimuth_from_deg
            turn = np.radians(sensor.azimuth_from_deg + np.linspace(0.0, width, 361))
            limits = axes.get_xlim(), axes.get_ylim()
            axes.plot(
                x + sensor.range_max_m * np.sin(turn), y + sensor.range_max_m * np.cos(turn), color=FAINT, lw=0.9,
                zorder=2,
            )  # fmt: skip
            axes.set_xlim(limits[0])
            axes.set_ylim(limits[1])
