"""Who is whom: at every conclusion of the pipeline, which track is which true object.

A track counts when it is confirmed or coasted and rests on measurements; tracks that repeat what an aircraft claims do
not. At each time tracks and objects within the gate (horizontally) are paired one to one, so that over the whole run
distances are least, and partners are not changed without reason: `following` says how, and from which paper.

Keeping yesterday's partner as long as it is within the gate (CLEAR MOT; Bernardin & Stiefelhagen 2008, section 2.1.3)
was tried and is wrong where objects are nearer to one another than the gate: a formation at 40 m stays paired with its
neighbours, and two tracks that exchange their drones go unnoticed (docs/adr/0149).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from luchtwacht.evaluation.assignment import Floats, Ints, near_pairs
from luchtwacht.evaluation.following import follow
from luchtwacht.evaluation.truth import Courses, courses
from luchtwacht.model import (
    UAS_CATEGORIES,
    Alert,
    AlertChanged,
    Basis,
    Bools,
    Detected,
    Detections,
    Site,
    Tracked,
    Tracks,
    TrackStatus,
    Truth,
)

NOBODY = -1
"""no track, or no object"""
_DRONE = [int(each) for each in UAS_CATEGORIES]


@dataclass(frozen=True)
class Moments:
    """Every object at every conclusion while it existed, in order of time."""

    time_ns: Ints
    """(n,)"""
    object: Ints
    """(n,) index into `Courses.names`"""
    position: Floats
    """(n, 3) where it truly was"""
    velocity: Floats
    """(n, 3)"""
    estimate: Ints
    """(n,) row of `Estimates` that is this object; `NOBODY` without"""


@dataclass(frozen=True)
class Estimates:
    """Every confirmed or coasted measured track at every conclusion, in order of time."""

    time_ns: Ints
    """(k,)"""
    track: Ints
    """(k,)"""
    status: NDArray[np.int8]
    """(k,) `TrackStatus`"""
    started_ns: Ints
    """(k,) of the track's first detection"""
    confirmed_ns: Ints
    """(k,) when the track was confirmed"""
    reidentified_ns: Ints
    """(k,) when it was last recognised after a loss; -1 never"""
    x: Floats
    """(k, 6)"""
    P: Floats
    """(k, 3, 3) covariance of the position"""
    probability: Floats
    """(k, 5) of each `Category`; NaN where the tracker said none"""
    drone: Floats
    """(k,) probability of an unmanned aircraft"""
    category: NDArray[np.int8]
    """(k,) the likeliest `Category`"""
    object: Ints
    """(k,) the object it is; `NOBODY` without"""
    nearest: Ints
    """(k,) the object it is, else the nearest within the gate; `NOBODY` without"""


@dataclass(frozen=True)
class Beliefs:
    """What was believed of every measured track at every conclusion while a drone flew, tentative ones too."""

    existence: Floats
    """(b,) probability that there is an object"""
    real: Bools
    """(b,) whether anything true was within the gate"""
    drone: Floats
    """(b,) probability of an unmanned aircraft"""
    nearest: Ints
    """(b,) the nearest object within the gate; `NOBODY` without"""


@dataclass(frozen=True)
class Picture:
    """Everything that figures and plots are made of."""

    site: Site
    gate_m: float
    courses: Courses
    times: Ints
    """(t,) ns UTC of every conclusion while any drone existed"""
    moments: Moments
    estimates: Estimates
    beliefs: Beliefs
    detections: Detections
    concluded_ns: Ints
    """(d,) ns UTC of the conclusion in which each of `detections` was used"""
    tracked: tuple[Tracked, ...]
    detected: tuple[Detected, ...]
    alerts: tuple[Alert, ...]
    """every version of every alert, in order"""


def match(
    tracked: Iterable[Tracked],
    detected: Iterable[Detected],
    alerts: Iterable[Alert | AlertChanged],
    truth: Truth,
    site: Site,
    gate_m: float = 100.0,
) -> Picture:
    """Hold what the pipeline said beside the truth.

    Args:
        tracked: the pipeline's `Tracked` events, in order.
        detected: its `Detected` events.
        alerts: its alerts, every version in order (or only the last of each, when no delays are wanted).
        truth: where everything really was.
        gate_m: a track or report within this horizontal distance of an object may be that object.
    """
    known, tracked, detected = courses(truth), tuple(tracked), tuple(detected)
    tracks = _measured(tracked)
    times = _conclusions(tracks, known, site)
    moments = _moments(times, known)
    estimates = _estimates(tracks.take(np.isin(tracks.time_ns, times)), known)
    moments, estimates = _pair(moments, estimates, gate_m, site.step_s)
    return Picture(
        site=site,
        gate_m=gate_m,
        courses=known,
        times=times,
        moments=moments,
        estimates=estimates,
        beliefs=_beliefs(tracked, known, times, gate_m),
        detections=Detections.concatenate([each.detections for each in detected]),
        concluded_ns=np.repeat(
            np.array([each.time_ns for each in detected], np.int64), [len(each.detections) for each in detected]
        ),
        tracked=tracked,
        detected=detected,
        alerts=tuple(each.alert if isinstance(each, AlertChanged) else each for each in alerts),
    )


def _measured(tracked: Iterable[Tracked]) -> Tracks:
    """The tracks that count."""
    kept = []
    for each in tracked:
        live = (each.tracks.status == TrackStatus.CONFIRMED) | (each.tracks.status == TrackStatus.COASTED)
        kept.append(each.tracks.take(live & (each.tracks.basis == Basis.MEASURED)))
    return Tracks.concatenate(kept)


def _beliefs(tracked: tuple[Tracked, ...], known: Courses, times: Ints, gate_m: float) -> Beliefs:
    """Every measured track beside the nearest true object."""
    judged = set(times.tolist())
    rows = [each.tracks for each in tracked if each.time_ns in judged]
    tracks = Tracks.concatenate([each.take(each.basis == Basis.MEASURED) for each in rows])
    nearest = np.full(len(tracks), NOBODY, np.int64)
    least = np.full(len(tracks), gate_m)
    for row in range(len(known.names)):
        position, _, there = known.at(row, tracks.time_ns)
        apart = np.hypot(*(tracks.x[:, :2] - position[:, :2]).T)
        nearer = there & (apart < least)
        nearest[nearer], least[nearer] = row, apart[nearer]
    return Beliefs(
        existence=tracks.existence,
        real=nearest != NOBODY,
        drone=tracks.category_probability[:, _DRONE].sum(axis=1),
        nearest=nearest,
    )


def _conclusions(tracks: Tracks, known: Courses, site: Site) -> Ints:
    """The pipeline's grid of times from the first to the last moment at which a drone was known to exist.

    Laid out from the truth, so that a moment at which the pipeline was silent is a moment at which it missed.
    """
    step = round(site.step_s * 1e9)
    offset = int(tracks.time_ns[0]) % step if len(tracks) else 0
    wanted: list[Ints] = []
    for row in np.flatnonzero(known.is_drone).tolist():
        first, last = int(known.times[row][0]), int(known.times[row][-1])
        grid = np.arange(first - (first - offset) % step, last + 1, step, dtype=np.int64)
        wanted.append(grid[known.at(row, grid)[2]])
    return np.unique(np.concatenate(wanted)) if wanted else np.empty(0, np.int64)


def _moments(times: Ints, known: Courses) -> Moments:
    """Every object at every one of these times while it existed."""
    parts = []
    for row in range(len(known.names)):
        position, velocity, there = known.at(row, times)
        parts.append((times[there], np.full(int(there.sum()), row, dtype=np.int64), position[there], velocity[there]))
    if not parts:
        parts = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3)), np.empty((0, 3)))]
    time_ns = np.concatenate([part[0] for part in parts])
    order = np.argsort(time_ns, kind="stable")
    return Moments(
        time_ns=time_ns[order],
        object=np.concatenate([part[1] for part in parts])[order],
        position=np.concatenate([part[2] for part in parts])[order],
        velocity=np.concatenate([part[3] for part in parts])[order],
        estimate=np.full(len(time_ns), NOBODY, dtype=np.int64),
    )


def _estimates(tracks: Tracks, known: Courses) -> Estimates:
    """The columns that are needed of these tracks."""
    return Estimates(
        time_ns=tracks.time_ns,
        track=tracks.track,
        status=tracks.status,
        started_ns=tracks.started_ns,
        confirmed_ns=tracks.confirmed_ns,
        reidentified_ns=tracks.reidentified_ns,
        x=tracks.x,
        P=tracks.P[:, :3, :3],
        probability=tracks.category_probability,
        drone=tracks.category_probability[:, _DRONE].sum(axis=1),
        category=np.argmax(np.nan_to_num(tracks.category_probability, nan=-1.0), axis=1).astype(np.int8),
        object=np.full(len(tracks), NOBODY, dtype=np.int64),
        nearest=np.full(len(tracks), NOBODY, dtype=np.int64),
    )


def _pair(moments: Moments, estimates: Estimates, gate_m: float, step_s: float) -> tuple[Moments, Estimates]:
    """The same with who is whom filled in."""
    estimate, paired, nearest = moments.estimate.copy(), estimates.object.copy(), estimates.nearest.copy()
    truth, said, distance, when = _near(moments, estimates, gate_m)
    far_to_near = np.argsort(-distance, kind="stable")
    nearest[said[far_to_near]] = moments.object[truth[far_to_near]]
    made = follow(
        when,
        moments.object[truth],
        estimates.track[said],
        distance,
        c=gate_m,
        gamma=gate_m / 2.0,
        step=step_s,
    )
    truth, said = truth[made], said[made]
    estimate[truth] = said
    paired[said] = nearest[said] = moments.object[truth]
    return replace(moments, estimate=estimate), replace(estimates, object=paired, nearest=nearest)


def _near(moments: Moments, estimates: Estimates, gate_m: float) -> tuple[Ints, Ints, Floats, Ints]:
    """Every pair within the gate, in order of time: rows of both, their distance, and the number of the time."""
    found = []
    for number, time_ns in enumerate(np.unique(moments.time_ns).tolist()):
        rows, others = _at(moments.time_ns, time_ns), _at(estimates.time_ns, time_ns)
        i, j, distance = near_pairs(moments.position[rows, :2], estimates.x[others, :2], gate_m)
        found.append((rows.start + i, others.start + j, distance, np.full(len(i), number)))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)
    truth, said, distance, when = (np.concatenate([each[k] for each in found]) for k in range(4))
    return truth, said, distance, when


def _at(time_ns: Ints, moment: int) -> slice:
    """The rows of one moment, in a column that is in order of time."""
    return slice(int(np.searchsorted(time_ns, moment)), int(np.searchsorted(time_ns, moment, side="right")))
