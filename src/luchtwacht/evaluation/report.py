"""The report: every figure of an evaluation, with what it means. What nothing can be said of is NaN (JSON null).

A *drone* is an object of the truth whose category is an unmanned aircraft. *Flight time* is the pipeline's conclusions
while a drone existed, times the step between them, summed over drones. Positions are judged horizontally unless a
figure says otherwise, since some sensors measure no height.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec
import numpy as np

from luchtwacht.evaluation.assignment import Floats, Ints
from luchtwacht.evaluation.classes import ClassFigures, judge_classes
from luchtwacht.evaluation.consistency import Nees, nees
from luchtwacht.evaluation.crossings import AlertFigures, judge_alerts
from luchtwacht.evaluation.dti import DtiFigures, judge_trial
from luchtwacht.evaluation.gospa import gospa
from luchtwacht.evaluation.latency import LatencyFigures, latency
from luchtwacht.evaluation.launches import LaunchFigures, Traced, launch_figures, trace_launches
from luchtwacht.evaluation.lone_sensor import SensorFigures, figures_by_sensor, reported_within
from luchtwacht.evaluation.matching import NOBODY, Picture, match
from luchtwacht.evaluation.ospa2 import ospa2
from luchtwacht.evaluation.reliability import Reliability, reliability
from luchtwacht.evaluation.siap import Siap, siap
from luchtwacht.model import Alert, AlertChanged, Bools, Detected, Site, Tracked, TrackStatus, Truth
from luchtwacht.units import SECOND_NS, seconds_to_ns

CUT_OFF_M = 100.0
"""GOSPA's c"""
WINDOW_S = 30.0
"""of OSPA(2)"""
REPORTED_S = 5.0
"""for how long a report of a drone says that it could be followed"""
_HEIGHT_KNOWN_M = 100.0
"""a height with a larger standard deviation was never measured"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GospaFigures:
    """GOSPA (p = 2, c = 100 m, α = 2) of confirmed and coasted tracks against drones, over all conclusions."""

    dimensions: int
    mean_m: float
    """mean over conclusions"""
    per_object_m: float
    """square root of the sum of squares over all conclusions, divided by the number of drones in them"""
    localisation_share: float
    """of the sum of squares"""
    missed_share: float
    false_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ospa2Figures:
    """OSPA(2) of drones and confirmed tracks in windows one after the other (c = 100 m, p = 2, on the map)."""

    window_s: float
    windows: int
    mean_m: float
    worst_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFigures:
    """One drone."""

    object: str
    flight_s: float
    covered: float
    """share of its flight with a confirmed or coasted track that is it"""
    tracks: int
    """how many different tracks were it, one after the other"""
    switches: int
    """times the track that is it changed number"""
    confirmed_after_s: float
    """from its first moment of truth to the first confirmed track that is it; NaN when never"""
    report_to_confirmed_s: float
    """from the first detection used for that track to its confirmation; NaN when never"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures of one evaluation."""

    gate_m: float
    drones: int
    flight_s: float
    covered: float
    """share of flight time with a confirmed or coasted track within the gate"""
    reported: float
    """share of flight time for which a sensor that measures places reported the drone in the latest 5 s"""
    reported_covered: float
    """share of that time with such a track"""
    covered_confirmed: float
    """the same with a track that was confirmed, not coasted, at that moment"""
    covered_as_drone: float
    """the same with a confirmed or coasted track that was more likely a drone than not"""
    error_median_m: float
    """horizontal distance of that track from the drone"""
    error_95_m: float
    height_error_median_m: float
    """of tracks that know their height"""
    height_error_95_m: float
    speed_error_median_m_s: float
    """length of the horizontal velocity's error"""
    false_tracks: int
    """confirmed tracks that were never within the gate of anything true, while a drone flew"""
    false_tracks_per_hour: float
    false_drone_tracks: int
    """of these, tracks that were on average more likely a drone than not"""
    false_drone_tracks_per_hour: float
    tracks_per_drone: float
    switches: int
    switches_per_1000: float
    """per thousand moments at which a drone had a track"""
    recognised: int
    """times that a track went on after a loss while a drone flew"""
    recognised_wrongly: int
    """of these, those in which it was one object of the truth before and another one after"""
    confirmed_after_median_s: float
    report_to_confirmed_median_s: float
    gospa_2d: GospaFigures
    gospa_3d: GospaFigures
    ospa2: Ospa2Figures
    siap: Siap
    nees_horizontal: Nees
    nees_3d: Nees
    """of tracks that know their height"""
    existence: Reliability
    """existence probability of every measured track, tentative ones too, against anything true within the gate"""
    category: Reliability
    """probability of a drone, of tracks with something true within the gate"""
    classes: ClassFigures
    """probabilities of all five categories, of confirmed and coasted tracks near something true"""
    latency: LatencyFigures
    launches: LaunchFigures
    dti: DtiFigures
    alerts: AlertFigures
    objects: tuple[ObjectFigures, ...]
    sensors: tuple[SensorFigures, ...]

    def to_json(self) -> bytes:
        """The report as JSON, indented; what is NaN is null."""
        return msgspec.json.format(msgspec.json.encode(_without_nan(msgspec.to_builtins(self))), indent=2)


def evaluate(
    tracked: Iterable[Tracked],
    detected: Iterable[Detected],
    alerts: Iterable[Alert | AlertChanged],
    truth: Truth,
    site: Site,
    gate_m: float = 100.0,
) -> Report:
    """Hold a run beside the truth. For a plot as well, call `match`, `summarise` and `plot` instead.

    Args:
        tracked: the pipeline's `Tracked` events, in order.
        detected: its `Detected` events.
        alerts: its alerts, every version in order.
        truth: where everything really was; what is no drone in it is known not to be false.
        gate_m: a track within this horizontal distance may be the object.
    """
    return summarise(match(tracked, detected, alerts, truth, site, gate_m))


def summarise(picture: Picture, launches: tuple[Traced, ...] | None = None) -> Report:
    """All figures of a picture.

    Args:
        launches: what `trace_launches` gives, when that was done already; an empty tuple leaves take-offs out.
    """
    drone, moments, estimates = picture.courses.is_drone, picture.moments, picture.estimates
    mine = drone[moments.object] if len(moments.object) else np.zeros(0, dtype=np.bool_)
    total, step_s = int(mine.sum()), picture.site.step_s
    paired = mine & (moments.estimate != NOBODY)
    rows = moments.estimate[paired]
    error = estimates.x[rows, :3] - moments.position[paired]
    apart = np.hypot(error[:, 0], error[:, 1])
    high = np.sqrt(estimates.P[rows, 2, 2]) < _HEIGHT_KNOWN_M
    speed = np.linalg.norm(estimates.x[rows, 3:5] - moments.velocity[paired, :2], axis=1)
    false, false_drone = _false_tracks(picture)
    hours = len(picture.times) * step_s / 3600.0
    objects = tuple(_object(picture, row) for row in np.flatnonzero(drone).tolist())
    reported = mine & reported_within(picture, REPORTED_S)
    delays, beliefs = latency(picture), picture.beliefs
    traced = trace_launches(picture) if launches is None else launches
    switches = sum(each.switches for each in objects)
    recognised, wrongly = _recognised(picture)
    return Report(
        gate_m=picture.gate_m,
        drones=int(drone.sum()),
        flight_s=total * step_s,
        covered=_share(paired.sum(), total),
        reported=_share(reported.sum(), total),
        reported_covered=_share((reported & paired).sum(), float(reported.sum())),
        covered_confirmed=_share((estimates.status[rows] == TrackStatus.CONFIRMED).sum(), total),
        covered_as_drone=_share((estimates.drone[rows] > 0.5).sum(), total),
        error_median_m=_quantile(apart, 0.5),
        error_95_m=_quantile(apart, 0.95),
        height_error_median_m=_quantile(np.abs(error[high, 2]), 0.5),
        height_error_95_m=_quantile(np.abs(error[high, 2]), 0.95),
        speed_error_median_m_s=_quantile(speed, 0.5),
        false_tracks=len(false),
        false_tracks_per_hour=_share(len(false), hours),
        false_drone_tracks=len(false_drone),
        false_drone_tracks_per_hour=_share(len(false_drone), hours),
        tracks_per_drone=_share(sum(each.tracks for each in objects), len(objects)),
        switches=switches,
        switches_per_1000=_share(1000.0 * switches, len(rows)),
        recognised=recognised,
        recognised_wrongly=wrongly,
        confirmed_after_median_s=_quantile(np.array([each.confirmed_after_s for each in objects]), 0.5),
        report_to_confirmed_median_s=_quantile(np.array([each.report_to_confirmed_s for each in objects]), 0.5),
        gospa_2d=_gospa(picture, 2),
        gospa_3d=_gospa(picture, 3),
        siap=siap(picture),
        nees_horizontal=nees(error[:, :2], estimates.P[rows, :2, :2]),
        nees_3d=nees(error[high], estimates.P[rows[high]]),
        ospa2=_ospa2(picture),
        existence=reliability("existence of a track", beliefs.existence, beliefs.real),
        category=reliability(
            "a drone, of tracks near something true", beliefs.drone[beliefs.real], drone[beliefs.nearest[beliefs.real]]
        ),
        classes=judge_classes(picture),
        latency=delays,
        launches=launch_figures(traced),
        dti=judge_trial(
            picture,
            false_alarms_per_hour=_share(len(false_drone), hours),
            latency_95_s=delays.receive.p95_s,
            height_error_95_m=_quantile(np.abs(error[high, 2]), 0.95),
        ),
        alerts=judge_alerts(picture),
        objects=objects,
        sensors=figures_by_sensor(picture),
    )


def _false_tracks(picture: Picture) -> tuple[Ints, Ints]:
    """Numbers of the false tracks, and of those that were mostly drones."""
    estimates = picture.estimates
    numbers, which = np.unique(estimates.track, return_inverse=True)
    near = np.bincount(which, weights=estimates.nearest != NOBODY, minlength=len(numbers)) > 0
    like_drone = np.bincount(which, weights=estimates.drone, minlength=len(numbers)) / np.maximum(
        np.bincount(which, minlength=len(numbers)), 1
    )
    return numbers[~near], numbers[~near & (like_drone > 0.5)]


def _recognised(picture: Picture) -> tuple[int, int]:
    """How often a track went on after a loss, and how often as another object."""
    estimates = picture.estimates
    found = estimates.reidentified_ns >= 0
    joins = np.unique(np.stack([estimates.track[found], estimates.reidentified_ns[found]]), axis=1).T.tolist()
    wrongly = 0
    for track, moment in joins:
        mine = (estimates.track == track) & (estimates.object != NOBODY)
        before = estimates.object[mine & (estimates.reidentified_ns < moment)]
        after = estimates.object[mine & (estimates.reidentified_ns == moment)]
        wrongly += bool(len(before) and len(after)) and int(before[-1]) != int(np.bincount(after).argmax())
    return len(joins), wrongly


def _object(picture: Picture, row: int) -> ObjectFigures:
    """One drone's figures."""
    moments, estimates = picture.moments, picture.estimates
    mine = moments.object == row
    rows = moments.estimate[mine & (moments.estimate != NOBODY)]
    numbers = estimates.track[rows]
    confirmed = rows[estimates.status[rows] == TrackStatus.CONFIRMED]
    born_ns = int(picture.courses.times[row][0])
    first_ns = int(estimates.time_ns[confirmed[0]]) if len(confirmed) else None
    started = estimates.started_ns[confirmed[:1]].tolist()
    sure = estimates.confirmed_ns[confirmed[:1]].tolist()
    return ObjectFigures(
        object=picture.courses.names[row],
        flight_s=int(mine.sum()) * picture.site.step_s,
        covered=_share(len(rows), int(mine.sum())),
        tracks=len(np.unique(numbers)),
        switches=int((np.diff(numbers) != 0).sum()),
        confirmed_after_s=float("nan") if first_ns is None else (first_ns - born_ns) / SECOND_NS,
        report_to_confirmed_s=(sure[0] - started[0]) / SECOND_NS if started else float("nan"),
    )


def _ospa2(picture: Picture) -> Ospa2Figures:
    """OSPA(2) window by window. Estimates near a bird or a crewed aircraft are neither good nor false."""
    drone, moments, estimates = picture.courses.is_drone, picture.moments, picture.estimates
    values = []
    kept = (estimates.nearest == NOBODY) | (drone[estimates.nearest] if len(drone) else False)
    window_ns = seconds_to_ns(WINDOW_S)
    for first_ns in range(int(picture.times[0]), int(picture.times[-1]) + 1, window_ns) if len(picture.times) else ():
        times = picture.times[(picture.times >= first_ns) & (picture.times < first_ns + window_ns)]
        truth = _paths(moments.time_ns, moments.object, moments.position, times, drone[moments.object])
        tracks = _paths(estimates.time_ns, estimates.track, estimates.x[:, :3], times, kept)
        if len(truth) + len(tracks):
            values.append(ospa2(truth, tracks, c=CUT_OFF_M))
    return Ospa2Figures(
        window_s=WINDOW_S,
        windows=len(values),
        mean_m=float(np.mean(values)) if values else float("nan"),
        worst_m=max(values, default=float("nan")),
    )


def _paths(time_ns: Ints, of: Ints, position: Floats, times: Ints, kept: Bools) -> Floats:
    """(n, times, 2) of each that is there in the window; NaN where it is not."""
    rows = np.flatnonzero(kept & (time_ns >= times[0]) & (time_ns <= times[-1])) if len(times) else times
    names, which = np.unique(of[rows], return_inverse=True)
    paths = np.full((len(names), len(times), 2), np.nan)
    paths[which, np.searchsorted(times, time_ns[rows])] = position[rows, :2]
    return paths


def _gospa(picture: Picture, dimensions: int) -> GospaFigures:
    """GOSPA at every conclusion."""
    parts, drones = gospa_parts(picture, dimensions)
    whole = float(parts.sum())
    squares = parts.sum(1)
    localised, missed, false = parts.sum(0).tolist()
    return GospaFigures(
        dimensions=dimensions,
        mean_m=float(np.sqrt(squares).mean()) if len(squares) else float("nan"),
        per_object_m=_share(whole, int(drones.sum())) ** 0.5,
        localisation_share=_share(localised, whole),
        missed_share=_share(missed, whole),
        false_share=_share(false, whole),
    )


def gospa_parts(picture: Picture, dimensions: int = 2) -> tuple[Floats, Ints]:
    """Squares of localisation, missed and false (t, 3), and how many drones there were (t,), at every conclusion.

    An estimate that pairs with a bird or a crewed aircraft is neither good nor false.
    """
    drone, moments, estimates = picture.courses.is_drone, picture.moments, picture.estimates
    parts, drones = np.zeros((len(picture.times), 3)), np.zeros(len(picture.times), np.int64)
    there = [np.searchsorted(moments.time_ns, picture.times, side) for side in ("left", "right")]
    said = [np.searchsorted(estimates.time_ns, picture.times, side) for side in ("left", "right")]
    half = CUT_OFF_M**2 / 2.0
    for at, (first, last, begin, end) in enumerate(zip(*[each.tolist() for each in (*there, *said)], strict=True)):
        truth, guess = moments.position[first:last, :dimensions], estimates.x[begin:end, :dimensions]
        wanted = drone[moments.object[first:last]]
        found = gospa(truth, guess, c=CUT_OFF_M)
        real = wanted[found.truth]
        apart = truth[found.truth[real]] - guess[found.estimate[real]]
        parts[at] = (
            float(np.sum(apart**2)), half * (wanted.sum() - real.sum()), half * (len(guess) - len(found.estimate))
        )  # fmt: skip
        drones[at] = int(wanted.sum())
    return parts, drones


def _share(part: float | np.number[Any], whole: float) -> float:
    """The quotient; NaN of nothing."""
    return float(part) / whole if whole else float("nan")


def _quantile(values: Floats, share: float) -> float:
    """Of what is known; NaN of nothing."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if len(known) else float("nan")


def _without_nan(value: Any) -> Any:
    """JSON knows no NaN."""
    match value:
        case float():
            return value if isfinite(value) else None
        case dict():
            return {key: _without_nan(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_nan(each) for each in value]
        case _:
            return value
