"""Close echoes that a radar cannot tell apart become one report."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from luchtwacht.simulation.scenario import SensorBehaviour
from luchtwacht.units import DEGREE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def merge(who: Ints, polar: Floats, echo: Floats, radar: SensorBehaviour) -> tuple[Ints, Floats, Floats]:
    """The echoes of one turn as the radar resolves them.

    The strongest takes in what lies within a resolution cell of it, then the strongest of the rest, and so on. A merged
    report stands where the power is, has all of it, and bears the name of its strongest echo.

    Args:
        who: (n,) objects in ascending order.  polar: (n, 4) range, azimuth, elevation, range rate.
        echo: (n,) square metres.

    Returns:
        The same of what is left, in the same order.
    """
    if not (radar.resolution_m > 0.0 and radar.resolution_deg > 0.0) or len(who) < 2:
        return who, polar, echo
    cell = np.array([radar.resolution_m, radar.resolution_deg * DEGREE])
    spot = polar[:, :2] / cell
    spot[:, 1] = np.mod(spot[:, 1], 2 * pi / cell[1])
    tree = cKDTree(spot, boxsize=np.array([0.0, 2 * pi / cell[1]]))
    taken = np.zeros(len(who), dtype=np.bool_)
    strongest: list[int] = []
    polar, echo = polar.copy(), echo.copy()
    power, place = echo.copy(), polar.copy()
    for one in np.argsort(-power, kind="stable").tolist():
        if taken[one]:
            continue
        near = np.array(sorted(tree.query_ball_point(spot[one], 1.0, p=np.inf)))
        near = near[~taken[near] & (np.abs(place[near, 3] - place[one, 3]) <= radar.resolution_m_s)]
        taken[near] = True
        away = place[near] - place[one]
        away[:, 1] = np.mod(away[:, 1] + pi, 2 * pi) - pi
        polar[one] = place[one] + power[near] @ away / power[near].sum()
        echo[one] = power[near].sum()
        strongest.append(one)
    kept = np.sort(np.array(strongest, dtype=np.int64))
    return who[kept], polar[kept], echo[kept]
