"""Take-off areas against true take-offs: how far off, and whether area and interval hold what they promise.

A true take-off is known of a drone whose course begins at the ground, not before the recording. Its area is that of the
first track that was it, found as `luchtwacht origin` finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from math import hypot
from operator import attrgetter

import numpy as np
import shapely

from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.model import Area, Chances, Detected, Detections, Floats, Ints, Site, TakeOff, Tracked
from luchtwacht.model.sight import ground_up
from luchtwacht.tracking import TakeOffs
from luchtwacht.tracking.takeoffs import find, follow
from luchtwacht.units import SECOND_NS

ON_GROUND_M = 12.0
"""a course that begins lower than this above the ground below it begins with a take-off"""
SLACK_NS = 2 * SECOND_NS
"""a log may begin this long before the recording"""
MOST = 60
"""take-offs judged in one evaluation: each costs some tenths of a second"""
KEPT_ROWS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One true take-off and what was said of it."""

    object: str
    track: int
    extent: str
    """`Extent`"""
    first_seen_after_s: float
    """from the true take-off to the first detection that was used"""
    error_m: float
    """from the best point to the true take-off; NaN without an area, as are the next four"""
    expected_error_m: float
    in_half: bool
    """whether the 50 % area holds it"""
    in_most: bool
    area_most_m2: float
    time_error_s: float
    """median of the launch time less the true one"""
    in_time: bool
    """whether the 90 % interval holds it"""
    true_point: tuple[float, float]
    """east, north (m)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFigures:
    """All take-offs. Shares are of those with an area; NaN without."""

    take_offs: int
    """true ones of drones that were tracked"""
    placed: int
    """with an area"""
    error_median_m: float
    error_90_m: float
    in_half: float
    in_most: float
    in_time: float
    launches: tuple[Launch, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """A launch with what is drawn of it."""

    launch: Launch
    takeoff: TakeOff
    chances: Chances


def beginnings(tracked: Iterable[Tracked], detected: Iterable[Detected], site: Site) -> TakeOffs:
    """A stage that has kept the first seconds of every track of a run.

    Args:
        tracked, detected: the pipeline's events, each in order of time.
    """
    stage = TakeOffs(site, kept_after_ns=2**60, most_rows=KEPT_ROWS)
    together: Iterator[Detected | Tracked] = merge(detected, tracked, key=attrgetter("time_ns"))
    for _ in follow(stage, together):
        pass
    return stage


def trace_launches(picture: Picture) -> tuple[Traced, ...]:
    """Each true take-off (at most `MOST`) with its area."""
    found: list[Traced] = []
    stage: TakeOffs | None = None
    for row in _taking_off(picture)[:MOST]:
        mine = picture.moments.estimate[(picture.moments.object == row) & (picture.moments.estimate != NOBODY)]
        if not len(mine):
            continue
        stage = stage or beginnings(picture.tracked, picture.detected, picture.site)
        track = int(picture.estimates.track[mine[0]])
        kept = stage.beginning(track)
        if len(kept):
            found.append(_judge(picture, row, track, kept, stage.watched_ns))
    return tuple(found)


def launch_figures(traced: tuple[Traced, ...]) -> LaunchFigures:
    """The same in figures."""
    launches = tuple(each.launch for each in traced)
    placed = [each for each in launches if np.isfinite(each.error_m)]
    errors = [each.error_m for each in placed]
    unknown = float("nan")
    return LaunchFigures(
        take_offs=len(launches),
        placed=len(placed),
        error_median_m=float(np.median(errors)) if errors else unknown,
        error_90_m=float(np.quantile(errors, 0.9)) if errors else unknown,
        in_half=float(np.mean([each.in_half for each in placed])) if placed else unknown,
        in_most=float(np.mean([each.in_most for each in placed])) if placed else unknown,
        in_time=float(np.mean([each.in_time for each in placed])) if placed else unknown,
        launches=launches,
    )


def _taking_off(picture: Picture) -> list[int]:
    """Drones whose course begins at the ground, not before the recording."""
    known, site = picture.courses, picture.site
    began_ns = int(picture.detections.time_ns.min()) if len(picture.detections) else 0
    return [
        row
        for row in np.flatnonzero(known.is_drone).tolist()
        if _above_ground(site, known.position[row][0]) < ON_GROUND_M and known.times[row][0] > began_ns - SLACK_NS
    ]


def _above_ground(site: Site, point: Floats) -> float:
    """m of a point (3,) in the site's frame above the ground there."""
    return float(point[2] - ground_up(site, point))


def _judge(picture: Picture, row: int, track: int, kept: Detections, watched_ns: Ints) -> Traced:
    known = picture.courses
    left_ns = _left_ground_ns(picture, row)
    east, north = known.position[row][0, :2].tolist()
    takeoff, chances = find(track, kept, picture.site, watched_ns=watched_ns)
    unknown = float("nan")
    placed = takeoff.point is not None
    launch = Launch(
        object=known.names[row],
        track=track,
        extent=takeoff.extent.value,
        first_seen_after_s=(takeoff.first_ns - left_ns) / SECOND_NS,
        error_m=hypot(takeoff.point[0] - east, takeoff.point[1] - north) if takeoff.point else unknown,
        expected_error_m=takeoff.expected_error if takeoff.expected_error is not None else unknown,
        in_half=_holds(takeoff.half, east, north),
        in_most=_holds(takeoff.most, east, north),
        area_most_m2=takeoff.most.size if takeoff.most else unknown,
        time_error_s=(takeoff.launch_ns - left_ns) / SECOND_NS if placed else unknown,
        in_time=placed and takeoff.launch_from_ns <= left_ns <= takeoff.launch_until_ns,
        true_point=(east, north),
    )
    return Traced(launch, takeoff, chances)


def _left_ground_ns(picture: Picture, row: int) -> int:
    """When it began to rise: a log may begin with minutes on the ground."""
    times, up = picture.courses.times[row], picture.courses.position[row][:, 2]
    risen = np.flatnonzero(up > up[0] + 1.0)
    return int(times[max(risen[0] - 1, 0)]) if len(risen) else int(times[0])


def _holds(area: Area | None, east: float, north: float) -> bool:
    if area is None:
        return False
    shapes = [shapely.Polygon(rings[0], rings[1:]) for rings in area.polygons]
    return any(bool(shapely.contains_xy(each, east, north)) for each in shapes)
