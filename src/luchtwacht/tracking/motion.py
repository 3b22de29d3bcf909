"""How drones move: the modes of the interacting multiple model, and what they do in a given time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np

from luchtwacht.model import Floats
from luchtwacht.units import SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """Nearly constant velocity, disturbed by white acceleration (Bar-Shalom, Li and Kirubarajan 2001, 6.2.2)."""

    name: str
    horizontal: float
    """m^2/s^3, spectral density of each horizontal acceleration"""
    vertical: float
    """m^2/s^3, spectral density of the vertical acceleration"""
    prior: float
    """probability of the mode for an object nothing is known about"""


MODES = (
    Mode(name="quiet", horizontal=0.09, vertical=0.003, prior=0.5),
    Mode(name="manoeuvre", horizontal=14.0, vertical=0.08, prior=0.5),
)
"""Hovering and straight flight are quiet; turning, braking and climbing are manoeuvres."""

RATES = np.array([[-0.055, 0.055], [0.11, -0.11]])
"""1/s, rates of change from the row's mode to the column's: a manoeuvre lasts 9 s, straight flight 18 s on average"""

LIFETIME_S = 250.0
"""mean time for which an object stays in sight"""

_VALUES, _VECTORS = np.linalg.eig(RATES)
_INVERSE = np.linalg.inv(_VECTORS)
_DENSITIES = np.array([[mode.horizontal, mode.vertical] for mode in MODES])


@lru_cache(maxsize=512)
def steps(elapsed_ns: int) -> tuple[Floats, Floats, float]:
    """What happens in `elapsed_ns`.

    Returns:
        change: (modes, modes) probability of the column's mode after the row's.
        noise: (modes, 8) as `kernels.motion.predict` takes it.
        survival: probability that the object is still there.
    """
    t = elapsed_ns / SECOND_NS
    change = np.clip((_VECTORS * np.exp(_VALUES * t)) @ _INVERSE, 0.0, 1.0)
    change /= change.sum(1, keepdims=True)
    noise = np.empty((len(MODES), 8))
    noise[:, 0], noise[:, 1] = t, 1.0
    noise[:, 2:5] = _DENSITIES[:, :1] * (t**3 / 3.0, t**2 / 2.0, t)
    noise[:, 5:8] = _DENSITIES[:, 1:] * (t**3 / 3.0, t**2 / 2.0, t)
    change.flags.writeable = noise.flags.writeable = False
    return change, noise, exp(-t / LIFETIME_S)
