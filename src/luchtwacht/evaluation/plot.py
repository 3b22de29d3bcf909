"""The picture of an evaluation: where things were, what sensors reported, what the watch made of it.

One sheet: the map on the left; on the right, over time, the position error with what the tracker believed of it, the
height, and who saw the drone when.
"""

from __future__ import annotations

from datetime import UTC
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from luchtwacht.evaluation.assignment import Floats, Ints
from luchtwacht.evaluation.crossings import histories, said_inside_ns
from luchtwacht.evaluation.lone_sensor import Held, hold_beside
from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.evaluation.paper import FAINT, INK, PAPER, SENSORS, TRACKS, TRUTH, ZONE, dress
from luchtwacht.evaluation.report import Report
from luchtwacht.geodesy import polar_to_enu
from luchtwacht.model import CLAIM_RECEIVERS, Geometry, Restriction, TrackStatus
from luchtwacht.model.region import region_of
from luchtwacht.model.sight import ground_up
from luchtwacht.units import DAY_NS, format_utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHEET = (16.0, 9.6)
"""inches"""
_HEIGHT_KNOWN_M = 100.0
_TWO_SIGMA = 2.0
_MOST_NAMES = 24
"""that can be read below one another; of more rows only some are named"""
_LARGEST_ELLIPSE_M = 500.0
"""a track that hardly knows where it is would cover the sheet"""


def save_plot(picture: Picture, report: Report, path: Path, *, title: str = "") -> None:
    """Write the sheet as PNG (or what else the path's ending says and matplotlib can write)."""
    draw(picture, report, title=title).savefig(path, dpi=130, facecolor=PAPER)


def draw(picture: Picture, report: Report, *, title: str = "") -> Figure:
    """The sheet."""
    from matplotlib.figure import Figure

    held = {index: hold_beside(picture, index) for index in _measuring(picture)}
    figure = Figure(figsize=_SHEET, facecolor=PAPER)
    room = figure.add_gridspec(
        3, 2, width_ratios=(1.12, 1.0), height_ratios=(1.0, 0.8, 1.0), left=0.05, right=0.972, top=0.87, bottom=0.065,
        wspace=0.15, hspace=0.28,
    )  # fmt: skip
    _heading(figure, picture, report, title)
    _map(figure.add_subplot(room[:, 0]), picture, held)
    error = figure.add_subplot(room[0, 1])
    height = figure.add_subplot(room[1, 1], sharex=error)
    seen = figure.add_subplot(room[2, 1], sharex=error)
    _error_over_time(error, picture)
    _height_over_time(height, picture)
    _who_saw_it(seen, picture, held)
    for axes in (error, height):
        axes.tick_params(labelbottom=False)
    _time_axis(seen, picture)
    return figure


def _measuring(picture: Picture) -> list[int]:
    """Sensors that measure and reported at all."""
    heard = set(np.unique(picture.detections.sensor).tolist())
    sensors = picture.site.sensors
    return [index for index in range(len(sensors)) if sensors[index].kind not in CLAIM_RECEIVERS and index in heard]


def _heading(figure: Figure, picture: Picture, report: Report, title: str) -> None:
    """What it is, and the figures that matter most."""
    figure.text(0.05, 0.955, title or picture.site.name, fontsize=17, weight="bold", color=INK)
    when = f"{format_utc(int(picture.times[0]))} to {format_utc(int(picture.times[-1]))}" if len(picture.times) else ""
    figure.text(0.985, 0.958, when, fontsize=9.5, color=FAINT, ha="right")
    facts = [
        ("flight", f"{report.flight_s:.0f} s"),
        (f"with a track within {report.gate_m:g} m", _percent(report.covered)),
        ("position error, median | 95 %", f"{_metres(report.error_median_m)} | {_metres(report.error_95_m)}"),
        ("false confirmed tracks an hour", _plain(report.false_tracks_per_hour)),
        ("confirmed after first report", f"{_plain(report.report_to_confirmed_median_s)} s"),
        ("tracks a drone", _plain(report.tracks_per_drone)),
    ]
    for place, (what, value) in enumerate(facts):
        x = 0.05 + place * 0.156
        figure.text(x, 0.917, value, fontsize=13, color=INK, weight="bold")
        figure.text(x, 0.898, what, fontsize=8.5, color=FAINT)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if isfinite(share) else "-"


def _metres(value: float) -> str:
    return f"{value:.0f} m" if isfinite(value) else "-"


def _plain(value: float) -> str:
    return f"{value:.1f}" if isfinite(value) else "-"


# -- the map ---------------------------------------------------------------------------------------------------------


def _map(axes: Axes, picture: Picture, held: dict[int, Held]) -> None:
    """Truth, reports by sensor, tracks with their ellipses, zones and sensors; east and north in metres."""
    dress(axes)
    _zones(axes, picture)
    for index, each in held.items():
        _reports(axes, picture, index, each)
    drones = np.flatnonzero(picture.courses.is_drone).tolist()
    for row in drones:
        east, north, _ = picture.courses.position[row].T
        axes.plot(east, north, color=PAPER, lw=4.2, zorder=4)
        axes.plot(east, north, color=TRUTH, lw=1.8, zorder=5, label="truth" if row == drones[0] else None)
        axes.plot(east[:1], north[:1], marker="o", ms=6, mfc=PAPER, mec=TRUTH, mew=1.6, zorder=6)
    for row in np.flatnonzero(~picture.courses.is_drone).tolist():
        axes.plot(*picture.courses.position[row][:, :2].T, color=FAINT, lw=0.8, alpha=0.7, zorder=3)
    for place, number in enumerate(_tracks_shown(picture)):
        _track(axes, picture, number, place)
    for index, sensor in enumerate(picture.site.sensors):
        east, north = picture.site.frame.to_enu(sensor.place.geodetic)[:2].tolist()
        axes.plot(east, north, marker="^", ms=8, color=_colour(index), mec=INK, mew=0.8, zorder=8)
        if index in held:
            axes.annotate(sensor.id, (east, north), (6, 4), textcoords="offset points", fontsize=8, color=INK, zorder=9)
    _frame_map(axes, picture)
    axes.set_xlabel("east, m", color=INK)
    axes.set_ylabel("north, m", color=INK)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left", fontsize=8.5, framealpha=0.9, facecolor=PAPER, edgecolor="none", markerscale=1.6)


def _colour(sensor: int) -> str:
    return SENSORS[sensor % len(SENSORS)]


def _frame_map(axes: Axes, picture: Picture) -> None:
    """Show the flights with some room; a stray false report far away is not worth the whole sheet."""
    drones = np.flatnonzero(picture.courses.is_drone).tolist()
    if not drones:
        return
    points = np.concatenate([picture.courses.position[row][:, :2] for row in drones])
    sensors = np.array([picture.site.frame.to_enu(each.place.geodetic)[:2] for each in picture.site.sensors])
    span = float(np.ptp(points, axis=0).max())
    middle = points.mean(axis=0)
    points = np.concatenate([points, sensors[np.hypot(*(sensors - middle).T) < 2.5 * span]])
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.08 * float((high - low).max()) + 60.0
    box = axes.get_position()
    wide, tall = np.array([box.width, box.height]) * _SHEET
    half = (high - low) / 2.0 + room
    half = np.array([max(half[0], half[1] * wide / tall), max(half[1], half[0] * tall / wide)])
    centre = (high + low) / 2.0
    axes.set_xlim(centre[0] - half[0], centre[0] + half[0])
    axes.set_ylim(centre[1] - half[1], centre[1] + half[1])


def _zones(axes: Axes, picture: Picture) -> None:
    """Outlines of what forbids something."""
    from matplotlib.patches import Polygon as Patch

    for zone in picture.site.zones:
        if zone.restriction is Restriction.NO_RESTRICTION:
            continue
        for volume in zone.volumes:
            region = region_of(volume, picture.site)
            for part in shapely.get_parts(region.footprint):
                corners = shapely.get_coordinates(part.exterior)
                axes.add_patch(Patch(corners, fc=ZONE, alpha=0.06, ec="none", zorder=0))
                axes.add_patch(Patch(corners, fill=False, ec=ZONE, lw=1.2, ls=(0, (5, 3)), alpha=0.8, zorder=1))


def _reports(axes: Axes, picture: Picture, index: int, held: Held) -> None:
    """Reports near the drone strong, others faint; bearings as short strokes at the drone's distance are left out."""
    position = _on_ground(picture, index, held)
    placed = np.isfinite(position).all(axis=1) & held.during
    if not placed.any():
        return
    sensor, colour = picture.site.sensors[index], _colour(index)
    far, near = placed & ~held.near, placed & held.near
    axes.plot(*position[far].T, ls="none", marker=".", ms=2.5, color=colour, alpha=0.28, zorder=2)
    name = sensor.name or sensor.id
    axes.plot(*position[near].T, ls="none", marker="o", ms=3.0, mew=0, color=colour, alpha=0.6, zorder=3, label=name)


def _on_ground(picture: Picture, index: int, held: Held) -> Floats:
    """(n, 2) east and north of each report; NaN for a bearing."""
    sensor, z = picture.site.sensors[index], held.reports.z
    latitude, longitude, _ = sensor.place.geodetic
    polar = np.column_stack([z[:, :2], np.nan_to_num(z[:, 2])])
    axes = picture.site.frame.axes_at(latitude, longitude)
    local = polar_to_enu(polar) @ axes.T + picture.site.frame.to_enu(sensor.place.geodetic)
    is_position = held.reports.geometry == Geometry.POSITION
    return np.asarray(np.where(is_position[:, None], z[:, :2], local[:, :2]))


def _tracks_shown(picture: Picture) -> list[int]:
    """Numbers of the tracks that were a drone at some time, in order of appearance."""
    estimates, known = picture.estimates, picture.courses
    rows = np.flatnonzero(estimates.object != NOBODY)
    rows = rows[known.is_drone[estimates.object[rows]]]
    _, first = np.unique(estimates.track[rows], return_index=True)
    return [int(estimates.track[rows[at]]) for at in sorted(first.tolist())]


def _track(axes: Axes, picture: Picture, number: int, place: int) -> None:
    """The path of a track, broken where it was not live, with an ellipse now and then."""
    from matplotlib.patches import Ellipse

    estimates, colour = picture.estimates, TRACKS[place % len(TRACKS)]
    rows = np.flatnonzero(estimates.track == number)
    if not len(rows):
        return
    path = estimates.x[rows, :2]
    label = "tracks, with 2σ ellipses" if place == 0 else None
    axes.plot(*_broken(picture, estimates.time_ns[rows], path).T, color=colour, lw=1.3, zorder=7, label=label)
    for row in rows[:: max(len(rows) // 14, 8)]:
        values, vectors = np.linalg.eigh(estimates.P[row, :2, :2])
        width, height = 2 * _TWO_SIGMA * np.sqrt(np.maximum(values[::-1], 0.0))
        if width > _LARGEST_ELLIPSE_M:
            continue
        turn = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
        axes.add_patch(
            Ellipse(
                tuple(estimates.x[row, :2]),
                width,
                height,
                angle=turn,
                fill=False,
                ec=colour,
                lw=0.9,
                alpha=0.75,
                zorder=7,
            )
        )


def _broken(picture: Picture, time_ns: Ints, values: Floats) -> Floats:
    """The rows with a NaN put in wherever time skips."""
    gaps = np.flatnonzero(np.diff(time_ns) > 3e9 * picture.site.step_s) + 1
    return np.asarray(np.insert(values, gaps, np.nan, axis=0))


# -- over time -------------------------------------------------------------------------------------------------------


def _clock(time_ns: Ints) -> Floats:
    """Days since 1970, as matplotlib counts them."""
    return np.asarray(time_ns / DAY_NS)


def _time_axis(axes: Axes, picture: Picture) -> None:
    """Hours and minutes, UTC."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=9))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M:%S", tz=UTC))  # type: ignore[no-untyped-call]
    axes.set_xlabel("UTC", color=INK)
    if len(picture.times):
        axes.set_xlim(*_clock(picture.times[[0, -1]]))


def _by_track(picture: Picture) -> list[tuple[int, str, Ints, Ints]]:
    """For each shown track: its number, colour, and the rows of moments and estimates in which it was a drone."""
    moments, found = picture.moments, []
    held = np.flatnonzero(moments.estimate != NOBODY)
    held = held[picture.courses.is_drone[moments.object[held]]]
    numbers = picture.estimates.track[moments.estimate[held]]
    for place, number in enumerate(_tracks_shown(picture)):
        mine = held[numbers == number]
        found.append((number, TRACKS[place % len(TRACKS)], mine, moments.estimate[mine]))
    return found


def _error_over_time(axes: Axes, picture: Picture) -> None:
    """Horizontal error of the track that is the drone; behind it the tracker's own 2σ."""
    dress(axes)
    highest = 0.0
    for place, (_, colour, moment, estimate) in enumerate(_by_track(picture)):
        apart = np.linalg.norm(picture.estimates.x[estimate, :2] - picture.moments.position[moment, :2], axis=1)
        spread = np.trace(picture.estimates.P[estimate, :2, :2], axis1=1, axis2=2)
        bound = _TWO_SIGMA * np.sqrt(np.maximum(spread / 2.0, 0.0))
        series = _broken(
            picture,
            picture.moments.time_ns[moment],
            np.column_stack([_clock(picture.moments.time_ns[moment]), apart, bound]),
        )
        axes.fill_between(
            series[:, 0],
            0.0,
            series[:, 2],
            color=colour,
            alpha=0.13,
            lw=0,
            zorder=1,
            label="2σ as the tracker believes" if place == 0 else None,
        )
        axes.plot(series[:, 0], series[:, 1], color=colour, lw=1.1, zorder=3, label="error" if place == 0 else None)
        highest = max(highest, float(np.quantile(apart, 0.995)), float(np.quantile(bound, 0.98)))
    axes.set_ylim(0.0, min(max(1.15 * highest, 10.0), 1.1 * picture.gate_m))
    axes.set_ylabel("horizontal error, m", color=INK)
    if highest:
        axes.legend(loc="upper right", fontsize=8, framealpha=0.85, facecolor=PAPER, edgecolor="none", ncols=2)


def _height_over_time(axes: Axes, picture: Picture) -> None:
    """Height above the ground below, true and estimated."""
    dress(axes)
    highest = 0.0
    for row in np.flatnonzero(picture.courses.is_drone).tolist():
        times, place = picture.courses.times[row], picture.courses.position[row]
        thin = max(len(times) // 2000, 1)
        up = _above_ground(picture, place[::thin])
        highest = max(highest, float(up.max(initial=0.0)))
        axes.plot(_clock(times[::thin]), up, color=TRUTH, lw=1.7, zorder=4)
    for _, colour, _, estimate in _by_track(picture):
        up = _above_ground(picture, picture.estimates.x[estimate, :3])
        sigma = np.sqrt(np.maximum(picture.estimates.P[estimate, 2, 2], 0.0))
        up = np.where(sigma < _HEIGHT_KNOWN_M, up, np.nan)
        time_ns = picture.estimates.time_ns[estimate]
        series = _broken(picture, time_ns, np.column_stack([_clock(time_ns), up, sigma]))
        axes.fill_between(
            series[:, 0],
            series[:, 1] - _TWO_SIGMA * series[:, 2],
            series[:, 1] + _TWO_SIGMA * series[:, 2],
            color=colour,
            alpha=0.11,
            lw=0,
        )
        axes.plot(series[:, 0], series[:, 1], color=colour, lw=1.1, zorder=3)
    tallest = highest or 100.0
    axes.set_ylim(-0.25 * tallest - 10, 1.7 * tallest + 30)
    axes.set_ylabel("height, m", color=INK)


def _above_ground(picture: Picture, places: Floats) -> Floats:
    """(n,) m of `places` (n, 3) in the site's frame above the ground below each."""
    return np.asarray(places[:, 2] - ground_up(picture.site, places))


def _who_saw_it(axes: Axes, picture: Picture, held: dict[int, Held]) -> None:
    """A line a sensor with a stroke a report near the drone; lines for the flights, and for what tracks covered."""
    dress(axes)
    axes.grid(visible=False, axis="y")
    names: list[str] = []
    for index, each in held.items():
        y = len(names)
        strokes = _clock(each.reports.time_ns[each.near])
        axes.vlines(strokes, y - 0.32, y + 0.32, color=_colour(index), lw=0.7, alpha=0.75)
        names.append(picture.site.sensors[index].id)
    for row in np.flatnonzero(picture.courses.is_drone).tolist():
        _covered(axes, picture, row, len(names))
        names.append(picture.courses.names[row])
    _alert_marks(axes, picture)
    axes.set_ylim(len(names) - 0.4, -0.6)
    shown = range(0, len(names), 1 + len(names) // _MOST_NAMES)
    axes.set_yticks(shown, [names[row] for row in shown], fontsize=8.5 if len(names) <= 12 else 7.0)
    said = "; alerts in red, dotted when raised, drawn through when inside" if picture.alerts else ""
    axes.set_title(f"reports near a drone, and tracks of it{said}", fontsize=9, color=FAINT, loc="left", pad=4)


def _covered(axes: Axes, picture: Picture, row: int, y: int) -> None:
    """Grey while it flew, coloured while a track was it, paler while that only coasted."""
    moments = picture.moments
    mine = np.flatnonzero(moments.object == row)
    times = _clock(moments.time_ns[mine])
    width = picture.site.step_s / 86_400.0
    axes.broken_barh([(time, width) for time in times], (y - 0.3, 0.6), color="#d9dde3", lw=0)
    for place, (_, colour, moment, estimate) in enumerate(_by_track(picture)):
        at = moments.object[moment] == row
        sure = picture.estimates.status[estimate[at]] == TrackStatus.CONFIRMED
        clock = _clock(moments.time_ns[moment[at]])
        for which, alpha in ((sure, 0.95), (~sure, 0.45)):
            bars = [(time, width) for time in clock[which]]
            axes.broken_barh(bars, (y - 0.3, 0.6), color=colour, alpha=alpha, lw=0, zorder=3 + 0.01 * place)


def _alert_marks(axes: Axes, picture: Picture) -> None:
    """Dotted where an alert was raised, solid where it was first said to be inside."""
    told = histories(picture.alerts)
    crowded = len(told) > 8
    for versions in told.values():
        inside_ns = said_inside_ns(versions)
        for time_ns, style in ((versions[0].raised_ns, ":"), (inside_ns, "-")):
            if time_ns is not None and (style == "-" or time_ns != inside_ns):
                axes.axvline(
                    time_ns / DAY_NS, color=ZONE, lw=0.7 if crowded else 1.2, ls=style, zorder=6,
                    alpha=0.4 if crowded else 1.0,
                )  # fmt: skip
