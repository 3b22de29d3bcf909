"""What kind of thing it is: from motion, radar cross-section and the sensors' own opinions.

Naive Bayes over wide likelihoods, each tempered because successive reports of one object say much the same. Claims
play no part here.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.model import Detections, Floats, Ints
from luchtwacht.tracking.bernoullis import Bernoullis

PRIOR = np.array([0.35, 0.10, 0.35, 0.10, 0.10])
"""over `Category`: multirotor, fixed-wing drone, bird, crewed aircraft, other"""
LOG_PRIOR = np.log(PRIOR)
RCS_MEAN = np.array([-15.0, -15.0, -25.0, 5.0, -10.0])
"""dBsm"""
RCS_SPREAD = np.array([7.0, 7.0, 6.0, 10.0, 15.0])
"""dB"""
OPINION_WEIGHT = 0.3
"""power to which each opinion of a sensor is raised: about three of them say as much as one independent one"""
OPINION_FLOOR = 0.02
"""share of every category in any opinion: no sensor is certain"""


def weigh(of: Bernoullis, starts: Ints, edges: Ints, paired: Floats, detections: Detections, rows: slice) -> None:
    """Let the sensors' opinions of one look count for the Bernoullis their detections were used for."""
    opinions = detections.category_probability[rows]
    holds = np.isfinite(opinions[:, 0])
    if not holds.any():
        return
    holds &= np.isfinite(opinions).all(1)
    logs = np.zeros_like(opinions)
    held = np.maximum(opinions[holds], 0.0)
    held = held / np.maximum(held.sum(1, keepdims=True), 1e-300)
    logs[holds] = OPINION_WEIGHT * np.log(OPINION_FLOOR + (1.0 - 5.0 * OPINION_FLOOR) * held)
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    chosen = paired > 0.5
    real = of.real
    np.add.at(real[:, c.CLASS0 : c.CLASS0 + 5], owners[chosen], logs[edges[: len(paired)][chosen]])


def probability(real: Floats) -> Floats:
    """(n, 5) over `Category`, of rows of `Bernoullis.real`."""
    logs = real[:, c.CLASS0 : c.CLASS0 + 5].copy()
    count = real[:, c.RCS_COUNT]
    known = count > 0.0
    if known.any():
        mean = (real[known, c.RCS_SUM] / count[known])[:, None]
        logs[known] -= 0.5 * ((mean - RCS_MEAN) / RCS_SPREAD) ** 2 + np.log(RCS_SPREAD)
    logs -= logs.max(1, keepdims=True)
    share = np.exp(logs)
    return np.asarray(share / share.sum(1, keepdims=True))
