"""SIAP: the single integrated air picture, in five numbers over a whole run.

Single Integrated Air Picture (SIAP) metrics implementation, Joint SIAP System Engineering Organization, 2001 (also
P. Votruba et al., "Single integrated air picture metrics", FUSION 2001). Here a track is *assigned* to the object it is
nearest to within the gate, so that several tracks may be assigned to one object: that is what ambiguity counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.evaluation.matching import NOBODY, Picture
from luchtwacht.units import SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Siap:
    """Drones only; tracks assigned to birds or crewed aircraft are neither good nor spurious."""

    completeness: float
    """share of object-moments with a track; best 1"""
    ambiguity: float
    """tracks an object that has any; best 1"""
    spuriousness: float
    """share of track-moments assigned to nothing; best 0"""
    track_changes_per_hour: float
    """how often an object that is tracked gets another number; best 0"""
    longest_share: float
    """share of an object's life under its longest-held number, mean over objects; best 1"""


def siap(picture: Picture) -> Siap:
    """SIAP over the times at which a drone existed."""
    drone = picture.courses.is_drone
    moments, estimates = picture.moments, picture.estimates
    mine = drone[moments.object]
    held = (
        np.where(moments.estimate == NOBODY, NOBODY, estimates.track[moments.estimate])
        if len(estimates.track)
        else moments.estimate
    )
    real = estimates.nearest != NOBODY
    of_drone = np.zeros(len(real), dtype=np.bool_)
    of_drone[real] = drone[estimates.nearest[real]]
    covered = len(np.unique(np.stack([estimates.time_ns[of_drone], estimates.nearest[of_drone]]), axis=1).T)
    spurious, judged = int((~real).sum()), int((~real).sum() + of_drone.sum())
    changes, longest, life_ns = 0, [], 0
    for row in np.flatnonzero(drone).tolist():
        numbers = held[moments.object == row]
        tracked = numbers[numbers != NOBODY]
        changes += int((np.diff(tracked) != 0).sum())
        longest.append(int(np.unique(tracked, return_counts=True)[1].max()) / len(numbers) if len(tracked) else 0.0)
        life_ns += len(numbers) * round(picture.site.step_s * SECOND_NS)
    return Siap(
        completeness=covered / int(mine.sum()) if mine.any() else float("nan"),
        ambiguity=int(of_drone.sum()) / covered if covered else float("nan"),
        spuriousness=spurious / judged if judged else 0.0,
        track_changes_per_hour=changes / (life_ns / SECOND_NS / 3600.0) if life_ns else float("nan"),
        longest_share=float(np.mean(longest)) if longest else float("nan"),
    )
