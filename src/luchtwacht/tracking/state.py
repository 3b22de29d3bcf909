"""What the tracker holds between two steps, as a value.

Given back to a tracker of the same site it goes on to the byte. Everything here is a copy, read-only, and small: half
a kilobyte a possible object. Room that is only scratch has no place in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from luchtwacht.model import Floats, Ints

Singles = NDArray[np.float32]
"""float32: seven figures, of sums that are worked out with sixteen"""
Number = TypeVar("Number", np.float32, np.float64, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """A bearing that nothing known explains."""

    sensor: int
    time_ns: int
    id: int
    azimuth: float
    """rad, clockwise from the sensor's north"""
    variance: float
    """rad^2"""
    elevation: float
    """rad; NaN when not measured"""
    free: float
    """probability that no known object made it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneState:
    """What was learnt of one sensor's surroundings."""

    reach: float
    """m"""
    heard_ns: int
    """ns UTC, end of the last look; -1 before"""
    first_ns: int
    """ns UTC, end of the first look; -1 before"""
    around: Floats
    """(rings, sectors) of false plots"""
    above: Floats
    """(layers,)"""
    rates: Floats
    """(rate bins,)"""
    learnt: Floats
    """(kernels.layout.LEARNT,) running sums"""
    sight: Floats
    """(cells, cells, 3) how often something was looked at and reported, and began, by place"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Possible objects, as `kernels.layout` says."""

    state: Singles
    """(n * modes, ROW)"""
    real: Singles
    """(n, REALS)"""
    whole: Ints
    """(n, WHOLES)"""
    looks: Ints
    """(n, kernels.opinions.columns(sensors))"""

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        return self.state.nbytes + self.real.nbytes + self.whole.nbytes + self.looks.nbytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerState:
    """Everything that the tracker holds."""

    now_ns: int
    """ns UTC of the last look; -1 before"""
    next_number: int
    """number that the next track gets"""
    possible: Rows
    """Bernoullis"""
    glimpses: Rows
    """what was seen once and is hardly likely: one mode each"""
    scenes: tuple[SceneState, ...]
    """in order of `Site.sensors`"""
    waiting: tuple[Bearing, ...]
    """bearings that wait for another to cross"""

    @property
    def nbytes(self) -> int:
        """Roughly what it takes in memory."""
        rows = self.possible.nbytes + self.glimpses.nbytes
        return rows + sum(scene.around.nbytes + scene.sight.nbytes for scene in self.scenes)


def copied(array: NDArray[Number]) -> NDArray[Number]:
    """A copy that nobody can change."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
