"""Weather: wind that carries what flies, and rain that dims what radars see and shows up in their stead.

Wind is the same everywhere. Rain falls in round cells that drift with the wind. On its way through a cell a pulse loses
`a R^b` dB a kilometre at rain rate R (mm/h), here with the coefficients of X band (10 GHz, horizontal; Recommendation
ITU-R P.838-3, table 5), there and back. Control links, Remote ID and ADS-B are at frequencies that rain does not
trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, inf, sin

import numpy as np
from numpy.typing import NDArray

from luchtwacht.simulation.limits import Amount, Positive
from luchtwacht.units import DEGREE

Floats = NDArray[np.float64]

_X_BAND = 0.01217, 1.2571
"""P.838-3, table 5, 10 GHz: k_H, alpha_H"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rain:
    """A shower."""

    mm_h: Positive
    at: tuple[float, float] = (0.0, 0.0)
    """east and north of its middle when the scenario begins, m; it drifts with the wind"""
    radius_m: Positive = inf
    """rain everywhere when none"""
    reports: Amount = 0.0
    """expected false reports a period and radar, from within the cell"""
    top_m: Positive = 3000.0
    """height of the cloud above ground: false reports come from below it"""
    from_s: Amount = 0.0
    to_s: Positive = inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What the air does."""

    wind_m_s: Amount = 0.0
    wind_from_deg: float = 0.0
    """whence it blows, as weather reports say it"""
    gust_m_s: Amount = 0.0
    """standard deviation of its speed: pushes hovering things about"""
    rain: tuple[Rain, ...] = ()

    @property
    def wind(self) -> Floats:
        """(2,) east and north, m/s, towards which the air moves."""
        towards = (self.wind_from_deg + 180.0) * DEGREE
        return self.wind_m_s * np.array([sin(towards), cos(towards)])

    def falling(self, time_s: float) -> list[tuple[Rain, Floats]]:
        """The showers of a moment, each with where its middle (2,) then is."""
        return [
            (shower, np.array(shower.at) + self.wind * time_s)
            for shower in self.rain
            if shower.from_s <= time_s < shower.to_s
        ]

    def lost_db(self, eye: Floats, places: Floats, time_s: float) -> Floats:
        """(k,) dB that rain takes from an echo between `eye` (3,) and `places` (k, 3), both in the site's frame."""
        lost = np.zeros(len(places))
        for shower, middle in self.falling(time_s):
            k, alpha = _X_BAND
            lost += 2.0 * k * shower.mm_h**alpha * _within(eye, places, middle, shower.radius_m) / 1000.0
        return lost


def _within(eye: Floats, places: Floats, middle: Floats, radius_m: float) -> Floats:
    """(k,) m of the straight ways from `eye` to `places` that lie inside an upright cylinder."""
    length = np.linalg.norm(places - eye, axis=1)
    if not np.isfinite(radius_m):
        return np.asarray(length)
    start, way = eye[:2] - middle, places[:, :2] - eye[:2]
    a = np.maximum(np.einsum("ij,ij->i", way, way), 1e-9)
    b, c = way @ start, float(start @ start) - radius_m**2
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    enters, leaves = np.clip((-b - root) / a, 0.0, 1.0), np.clip((-b + root) / a, 0.0, 1.0)
    return np.asarray(length * np.maximum(leaves - enters, 0.0))
