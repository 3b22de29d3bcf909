"""Detection, tracking and identification performance from a GPS log, in the order of CWA 18150:2024.

The CEN workshop agreement (CWA 18150:2024, "Unmanned aircraft systems - Counter UAS - Testing methodology") asks of a
trial how well a system detects, tracks and identifies a drone whose own log is the truth. Its text is sold and is not
reproduced here; the quantities are those that the project behind it published (De Cubber et al., "Standardized
Evaluation of Counter-Drone Systems", Drones 9(5):354, 2025, doi 10.3390/drones9050354). **The definitions are ours**:
they stand with each figure, so that another system can be judged by the same. Figures in the style of the agreement
are no claim of conformity with it: a trial has more to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log10

import numpy as np

from luchtwacht.evaluation.assignment import Floats
from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.model import CLAIM_RECEIVERS
from luchtwacht.model.sight import ground_up
from luchtwacht.units import SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class DtiFigures:
    """One trial. NaN where nothing can be said."""

    # detection
    detected: float
    """share of drones for which a track was confirmed at any time"""
    probability_of_detection: float
    """share of flight time with a confirmed or coasted track within the gate"""
    false_alarms_per_hour: float
    """confirmed tracks an hour that were more likely drones than not and never near anything true"""
    time_to_detect_median_s: float
    """from take-off (first moment of the log) to the first confirmed track"""
    time_to_detect_95_s: float
    detection_range_first_m: float
    """distance of the drone from the nearest measuring sensor at the first confirmed track: median over drones"""
    detection_range_longest_m: float
    """greatest such distance at which a track was held"""
    detection_height_lowest_m: float
    """least true height above ground at which a track was held"""

    # tracking
    position_error_mean_m: float
    """horizontal"""
    position_error_95_m: float
    circular_error_probable_m: float
    """half of all horizontal errors are less"""
    height_error_95_m: float
    """of tracks that know their height"""
    continuity: float
    """share of a drone's flight time under the track number that held it longest: mean over drones"""
    drops_per_hour: float
    """times a drone lost its track, an hour of flight"""
    longest_gap_s: float
    """longest time without a track between two times with one"""
    update_interval_s: float
    """mean time between reports of any sensor near the drone"""
    latency_95_s: float
    """from receipt of a report to the conclusion that used it"""

    # identification
    classified_as_drone: float
    """share of the time with a track in which it was more likely a drone than not"""
    classified_right: float
    """share of the time with a track in which the likeliest category was the true one"""
    others_called_drones: float
    """share of the time with a track of a bird or crewed aircraft in which it was called a drone"""
    time_to_identify_median_s: float
    """from the first confirmed track to the first moment at which it is more likely a drone than not"""


DEFINITIONS = {
    "detected": "drones with a confirmed track at any time, of all drones flown",
    "probability_of_detection": "flight time with a confirmed or coasted track within the gate, of all flight time",
    "false_alarms_per_hour": "confirmed tracks, likelier a drone than not, never within the gate of anything true",
    "time_to_detect_median_s": "from the first moment of the log to the first confirmed track: median of drones",
    "time_to_detect_95_s": "the same, 95 % of drones",
    "detection_range_first_m": "distance to the nearest measuring sensor at the first confirmed track: median",
    "detection_range_longest_m": "greatest distance to the nearest measuring sensor with a track",
    "detection_height_lowest_m": "least true height above ground with a track",
    "position_error_mean_m": "horizontal distance of track and drone: mean",
    "position_error_95_m": "the same, 95 %",
    "circular_error_probable_m": "the same, median (CEP)",
    "height_error_95_m": "height of track and drone apart, 95 %, of tracks whose height is known to 100 m",
    "continuity": "flight time under the longest-held track number, of all flight time: mean of drones",
    "drops_per_hour": "times a drone lost its track and flew on, an hour of flight",
    "longest_gap_s": "longest time without a track between two times with one",
    "update_interval_s": "flight time over reports near the drone, of all sensors",
    "latency_95_s": "from receipt of a report to the conclusion that used it, computing apart: 95 %",
    "classified_as_drone": "time with a track likelier a drone than not, of all time with a track",
    "classified_right": "time with a track whose likeliest category is the true one, of all time with a track",
    "others_called_drones": "time with a track of something else that was likelier a drone, of all such time",
    "time_to_identify_median_s": "from the first confirmed track to the first moment likelier a drone: median",
}
"""what each figure is, for people"""


def judge_trial(
    picture: Picture, *, false_alarms_per_hour: float, latency_95_s: float, height_error_95_m: float
) -> DtiFigures:
    """All figures; those that the report has anyhow are given."""
    drone, moments, estimates = picture.courses.is_drone, picture.moments, picture.estimates
    step_s = picture.site.step_s
    held = moments.estimate != NOBODY
    mine = drone[moments.object] if len(moments.object) else np.zeros(0, np.bool_)
    rows = moments.estimate[mine & held]
    apart = np.hypot(*(estimates.x[rows, :2] - moments.position[mine & held, :2]).T)
    near = _distance_to_sensors(picture)
    first, ranges, identified, longest, drops, gap = [], [], [], [], 0, 0.0
    for row in np.flatnonzero(drone).tolist():
        own = np.flatnonzero(moments.object == row)
        with_track = own[held[own]]
        if not len(with_track):
            longest.append(0.0)
            continue
        seen = held[own].astype(np.int8)
        first.append((moments.time_ns[with_track[0]] - picture.courses.times[row][0]) / SECOND_NS)
        ranges.append(float(near[with_track[0]]))
        called = estimates.drone[moments.estimate[with_track]] > 0.5
        if called.any():
            identified.append(
                (moments.time_ns[with_track[called.argmax()]] - moments.time_ns[with_track[0]]) / SECOND_NS
            )
        numbers = estimates.track[moments.estimate[with_track]]
        longest.append(int(np.unique(numbers, return_counts=True)[1].max()) / len(own))
        drops += int((np.diff(seen) == -1).sum())
        gaps = np.diff(moments.time_ns[with_track]) / SECOND_NS - step_s
        gap = max(gap, float(gaps.max(initial=0.0)))
    flight_s = float(mine.sum()) * step_s
    there = moments.position[mine & held]
    heights = there[:, 2] - ground_up(picture.site, there)
    others = ~mine & held
    reports = _reports_near(picture)
    return DtiFigures(
        detected=_share(len(first), int(drone.sum())),
        probability_of_detection=_share(len(rows), int(mine.sum())),
        false_alarms_per_hour=false_alarms_per_hour,
        time_to_detect_median_s=_quantile(first, 0.5),
        time_to_detect_95_s=_quantile(first, 0.95),
        detection_range_first_m=_quantile(ranges, 0.5),
        detection_range_longest_m=float(near[mine & held].max()) if len(rows) else float("nan"),
        detection_height_lowest_m=float(heights.min()) if len(rows) else float("nan"),
        position_error_mean_m=float(apart.mean()) if len(rows) else float("nan"),
        position_error_95_m=_quantile(apart, 0.95),
        circular_error_probable_m=_quantile(apart, 0.5),
        height_error_95_m=height_error_95_m,
        continuity=float(np.mean(longest)) if longest else float("nan"),
        drops_per_hour=_share(drops * 3600.0, flight_s),
        longest_gap_s=gap if len(rows) else float("nan"),
        update_interval_s=_share(flight_s, reports),
        latency_95_s=latency_95_s,
        classified_as_drone=_share(int((estimates.drone[rows] > 0.5).sum()), len(rows)),
        classified_right=_share(
            int((estimates.category[rows] == picture.courses.category[moments.object[mine & held]]).sum()), len(rows)
        ),
        others_called_drones=_share(int((estimates.drone[moments.estimate[others]] > 0.5).sum()), int(others.sum())),
        time_to_identify_median_s=_quantile(identified, 0.5),
    )


def written(name: str, value: float) -> str:
    """A figure with the digits it deserves and its unit, by the end of its name."""
    if not isfinite(value):
        return "-"
    if name.endswith("_m"):
        return f"{value:,.0f} m" if abs(value) >= 100.0 else f"{value:.1f} m"
    if name.endswith("_s"):
        return f"{value:.1f} s"
    if name.endswith("_per_hour"):
        return f"{value:.{1 if abs(value) < 1000 else 0}f} /h"
    return f"{100.0 * value:.{max(0, min(2, 2 - int(log10(max(100.0 * abs(value), 1.0)))))}f} %"


def _distance_to_sensors(picture: Picture) -> Floats:
    """(n,) from each moment's true position to the nearest sensor that measures (m)."""
    site = picture.site
    places = [site.frame.to_enu(each.place.geodetic) for each in site.sensors if each.kind not in CLAIM_RECEIVERS]
    if not places or not len(picture.moments.position):
        return np.full(len(picture.moments.position), np.nan)
    away = picture.moments.position[:, None] - np.array(places)[None]
    return np.asarray(np.linalg.norm(away, axis=2).min(1))


def _reports_near(picture: Picture) -> int:
    """Reports of all measuring sensors near a drone."""
    from luchtwacht.evaluation.lone_sensor import hold_beside

    sensors = picture.site.sensors
    return sum(
        int(hold_beside(picture, index).near.sum())
        for index in np.unique(picture.detections.sensor).tolist()
        if sensors[index].kind not in CLAIM_RECEIVERS
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _quantile(values: list[float] | Floats, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else float("nan")
