"""What kind of thing it is: from motion, radar cross-section and the sensors' own opinions.

Naive Bayes over wide likelihoods. Motion and cross-section count once, as they stand, not at every report; opinions are
tempered because successive opinions of one sensor on one object say much the same. Claims play no part here.

The figures are round numbers on purpose. Radar cross-sections: small birds -30 to -20 dBsm, drones of up to 25 kg -25
to -5 dBsm, crewed aircraft above 0 dBsm, all at S and X band and over aspects. Speeds: birds in level flight 8 to
20 m/s, multirotors up to 20 m/s and often standing still, small fixed wings 15 to 30 m/s.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.classes import classify
from luchtwacht.model import Category, Detections, Floats, Ints
from luchtwacht.tracking.bernoullis import Bernoullis

PRIOR = {
    Category.MULTIROTOR: 0.35,
    Category.FIXED_WING_DRONE: 0.10,
    Category.BIRD: 0.30,
    Category.CREWED_AIRCRAFT: 0.10,
    Category.OTHER: 0.15,
}
TRAITS = {  # mean and spread of: speed m/s, height above ground m, cross-section dBsm, share of time in manoeuvre
    Category.MULTIROTOR: (7.0, 7.0, 90.0, 90.0, -15.0, 7.0, 0.35, 0.30),
    Category.FIXED_WING_DRONE: (22.0, 8.0, 150.0, 120.0, -14.0, 7.0, 0.30, 0.25),
    Category.BIRD: (12.0, 5.0, 100.0, 150.0, -26.0, 6.0, 0.50, 0.25),
    Category.CREWED_AIRCRAFT: (60.0, 25.0, 500.0, 500.0, 8.0, 9.0, 0.15, 0.20),
    Category.OTHER: (12.0, 30.0, 60.0, 250.0, -8.0, 16.0, 0.30, 0.35),
}
LOG_PRIOR = np.log([PRIOR[category] for category in Category])
_TABLE = np.array([TRAITS[category] for category in Category])
OPINION_WEIGHT = 0.3
"""power to which each opinion of a sensor is raised: about three of them say as much as one independent one"""
OPINION_FLOOR = 0.02
"""share of every category in any opinion: no sensor is certain"""
USED = 0.5
"""association probability from which a detection's opinion counts"""


def weigh(of: Bernoullis, starts: Ints, edges: Ints, paired: Floats, detections: Detections, rows: slice) -> None:
    """Let the sensors' opinions of one look count for the Bernoullis their detections were used for.

    Args:
        starts, edges, paired: the pairs, as `kernels.gating.gate` and `kernels.association.marginals` give them.
    """
    opinions = detections.category_probability[rows]
    holds = np.isfinite(opinions[:, 0])
    if not holds.any():
        return
    logs = log_opinion(opinions)
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    chosen = paired > USED
    np.add.at(of.real[:, c.CLASS0 : c.CLASS0 + len(Category)], owners[chosen], logs[edges[chosen]])


def weigh_first(of: Bernoullis, first: int, ids: Ints, detections: Detections, rows: slice) -> None:
    """Let the opinions count with which the Bernoullis from row `first` on were born; `ids` are those of the look."""
    opinions = detections.category_probability[rows]
    if of.n == first or not np.isfinite(opinions[:, 0]).any():
        return
    place = {detection: row for row, detection in enumerate(ids.tolist())}
    logs = log_opinion(opinions)
    for row in range(first, of.n):
        of.real[row, c.CLASS0 : c.CLASS0 + len(Category)] += logs[place[int(of.whole[row, c.FIRST])]]


def log_opinion(opinions: Floats) -> Floats:
    """(m, 5) what to add to the logarithm of each category's probability; zero where there is no opinion."""
    logs = np.zeros_like(opinions)
    holds = np.isfinite(opinions).all(1) & (opinions >= 0.0).all(1)
    held = opinions[holds] / np.maximum(opinions[holds].sum(1, keepdims=True), 1e-300)
    share = OPINION_FLOOR + (1.0 - len(Category) * OPINION_FLOOR) * held
    logs[holds] = OPINION_WEIGHT * np.log(share)
    return logs


def probability(of: Bernoullis, rows: Ints, x: Floats, P: Floats, ground_up: float) -> Floats:
    """(k, 5) over `Category`, for `rows` with states `x` (k, 6) and covariances `P` (k, 6, 6)."""
    out = np.empty((len(rows), len(Category)))
    classify(of.real, of.whole, rows, x, P, ground_up, _TABLE, out)
    return out
