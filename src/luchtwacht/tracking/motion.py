"""How drones move: the modes of the interacting multiple model, and what they do in a given time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, expm1, inf

import numpy as np

from luchtwacht.model import Floats
from luchtwacht.units import SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """White acceleration on a velocity that stays (Bar-Shalom, Li and Kirubarajan 2001, 6.2.2) or that dies away."""

    name: str
    horizontal: float
    """m^2/s^3, spectral density of each horizontal acceleration"""
    vertical: float
    """m^2/s^3, spectral density of the vertical acceleration"""
    prior: float
    """probability of the mode for an object nothing is known about"""
    fades_s: float = inf
    """s in which velocity dies away to 1/e: drag towards standing still (Uhlenbeck and Ornstein 1930)"""


MODES = (
    Mode(name="hover", horizontal=1.0 / 3.0, vertical=0.16 / 3.0, prior=0.05, fades_s=1.5),
    Mode(name="quiet", horizontal=0.09, vertical=0.003, prior=0.45),
    Mode(name="manoeuvre", horizontal=14.0, vertical=0.08, prior=0.5),
)
"""Standing in the air, at half a metre a second one way or the other; straight flight; turning, braking and climbing.
In order of how far they reach: gates are those of the last."""
HOVER, QUIET, MANOEUVRE = range(3)

RATES = np.array([[-0.05, 0.0, 0.05], [0.0, -0.055, 0.055], [0.015, 0.11, -0.125]])
"""1/s, rates of change from the row's mode to the column's: hovering lasts 20 s, straight flight 18 s and a manoeuvre
8 s on average; who wants to stand must brake, and who stood must speed up"""

LIFETIME_S = 250.0
"""mean time for which an object stays in sight"""

_VALUES, _VECTORS = np.linalg.eig(RATES)
_INVERSE = np.linalg.inv(_VECTORS)


def noise_of(modes: tuple[Mode, ...], t: float) -> Floats:
    """(modes, 8) what happens to states in `t` seconds, as `kernels.motion.predict` takes it."""
    noise = np.empty((len(modes), 8))
    for row, mode in zip(noise, modes, strict=True):
        if mode.fades_s == inf:
            row[:2] = t, 1.0
            grows = np.array([t**3 / 3.0, t**2 / 2.0, t])
        else:
            T, gone = mode.fades_s, -expm1(-t / mode.fades_s)
            twice = -expm1(-2.0 * t / mode.fades_s)
            row[:2] = T * gone, 1.0 - gone
            far = max(t - T * (2.0 * gone - 0.5 * twice), 0.0)
            grows = np.array([T * T * far, 0.5 * (T * gone) ** 2, 0.5 * T * twice])
        row[2:5], row[5:8] = mode.horizontal * grows, mode.vertical * grows
    return noise


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
    noise = noise_of(MODES, t)
    change.flags.writeable = noise.flags.writeable = False
    return change, noise, exp(-t / LIFETIME_S)
