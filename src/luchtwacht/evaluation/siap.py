"""SIAP: the single integrated air picture, in seven numbers over a whole run.

P. Votruba, R. Nisley, R. Rothrock, B. Zombro, "Single Integrated Air Picture (SIAP) Metrics Implementation", Joint SIAP
System Engineering Organization, 2001; the symbols are those of that report, each summed over the whole run. A track is
*assigned* to the object that it follows (`following`), or else to the nearest within the gate: so several tracks may be
assigned to one object, which is what ambiguity counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.evaluation.assignment import Ints
from luchtwacht.evaluation.matching import NOBODY, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Siap:
    """Drones only; tracks assigned to birds or crewed aircraft are neither good nor spurious."""

    completeness: float
    """C = ΣJT/ΣJ: share of object-moments with a track; best 1"""
    ambiguity: float
    """A = ΣNA/ΣJT: tracks an object that has any; best 1"""
    spuriousness: float
    """S = Σ(N - NA)/ΣN: share of track-moments assigned to nothing; best 0"""
    position_accuracy_m: float
    """PA: mean horizontal distance of assigned tracks from their objects; best 0"""
    velocity_accuracy_m_s: float
    """VA: mean length of the horizontal velocity's error of assigned tracks; best 0"""
    track_changes_per_hour: float
    """R = Σ(NU - 1)/ΣTT: NU is the least number of tracks that together cover the time TT in which an object has any,
    each as long as it stays assigned; best 0"""
    longest_share: float
    """LS = ΣTL/ΣT: the longest that one track stayed assigned to each object, of the objects' lives; best 1"""


def siap(picture: Picture) -> Siap:
    """SIAP over the times at which a drone existed."""
    drone, moments, estimates = picture.courses.is_drone, picture.moments, picture.estimates
    real = estimates.nearest != NOBODY
    of_drone = np.zeros(len(real), dtype=np.bool_)
    of_drone[real] = drone[estimates.nearest[real]]
    rows = np.flatnonzero(of_drone)
    where = _moment_of(picture, rows)
    error = estimates.x[rows] - np.column_stack([moments.position[where], moments.velocity[where]])
    spurious, objects = int((~real).sum()), int(drone[moments.object].sum())
    covered, steps = len(np.unique(where)), np.searchsorted(picture.times, moments.time_ns)
    changes, longest = 0, 0
    for row in np.flatnonzero(drone).tolist():
        mine = estimates.nearest[rows] == row
        needed, most = _segments(steps[where[mine]], estimates.track[rows[mine]])
        changes, longest = changes + max(needed - 1, 0), longest + most
    hours = covered * picture.site.step_s / 3600.0
    unknown = float("nan")
    return Siap(
        completeness=covered / objects if objects else unknown,
        ambiguity=len(rows) / covered if covered else unknown,
        spuriousness=spurious / (spurious + len(rows)) if spurious or len(rows) else 0.0,
        position_accuracy_m=float(np.hypot(error[:, 0], error[:, 1]).mean()) if len(rows) else unknown,
        velocity_accuracy_m_s=float(np.hypot(error[:, 3], error[:, 4]).mean()) if len(rows) else unknown,
        track_changes_per_hour=changes / hours if hours else unknown,
        longest_share=longest / objects if objects else unknown,
    )


def _moment_of(picture: Picture, rows: Ints) -> Ints:
    """Row of `Moments` at which the object of each of these estimates was."""
    moments, estimates = picture.moments, picture.estimates
    size = len(picture.courses.names)
    have = np.searchsorted(picture.times, moments.time_ns) * size + moments.object
    want = np.searchsorted(picture.times, estimates.time_ns[rows]) * size + estimates.nearest[rows]
    order = np.argsort(have)
    return np.asarray(order[np.searchsorted(have[order], want)], dtype=np.int64)


def _segments(steps: Ints, tracks: Ints) -> tuple[int, int]:
    """How many stays of a track cover all these steps (the fewest), and the longest stay.

    A stay is a track assigned at steps (k,) one after the other. At each step not yet covered the one that lasts
    longest is taken, which is the least that covers everything.
    """
    order = np.lexsort((steps, tracks))
    steps, tracks = steps[order], tracks[order]
    new = (np.diff(tracks, prepend=-1) != 0) | (np.diff(steps, prepend=-2) != 1)
    first = np.flatnonzero(new)
    if not len(first):
        return 0, 0
    begin, end = steps[first], steps[np.append(first[1:], len(steps)) - 1]
    needed, covered = 0, -1
    for step in np.unique(steps).tolist():
        if step > covered:
            covered = int(end[(begin <= step) & (end >= step)].max())
            needed += 1
    return needed, int((end - begin).max()) + 1
