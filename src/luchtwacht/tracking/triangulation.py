"""Objects that only direction finders hear: where the bearings of two sensors cross.

A bearing says nothing of distance, so one sensor alone starts no track. Bearings that no known object explains are kept
for a moment; where two from different sensors cross at a fair angle a new Bernoulli starts, with a low existence
probability, because with several emitters most crossings are ghosts. What follows is ordinary: each further bearing
is shared out among the crossings on its line, and only those that keep being hit come to exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.model import Floats, Ints
from luchtwacht.tracking.scene import SPEED, Scene
from luchtwacht.tracking.state import Bearing
from luchtwacht.units import SECOND_NS, seconds_to_ns

WINDOW_NS = seconds_to_ns(2.5)
"""how long a bearing waits for another"""
LEAST_ANGLE = 12.0 * pi / 180.0
"""rad, between two bearings; below it the crossing lies anywhere along the line"""
LEAST_DISTANCE = 20.0
"""m, from either sensor"""
EXISTENCE = 0.05
"""of a crossing, when both bearings are unexplained"""
MOST = 64
"""bearings kept, and crossings made in one look"""


class Triangulation:
    """Keeps unexplained bearings, and finds where they cross those of other sensors."""

    def __init__(self, scenes: list[Scene]) -> None:
        self._scenes = scenes
        self._waiting: list[Bearing] = []

    def state(self) -> tuple[Bearing, ...]:
        """The bearings that wait for another."""
        return tuple(self._waiting)

    def restore(self, waiting: tuple[Bearing, ...]) -> None:
        """Go on from what `state` gave."""
        self._waiting = list(waiting)

    def cross(self, sensor: int, kinds: Array, plots: Array, times: Ints, ids: Ints, free: Floats) -> list[Crossing]:
        """Crossings of one look's unexplained bearings with those that wait; then these wait as well."""
        lone = np.flatnonzero(((kinds == c.BEARING) | (kinds == c.DIRECTION)) & (free > 0.5))
        if len(lone) == 0:
            return []
        fresh = [
            Bearing(
                sensor=sensor,
                time_ns=int(times[j]),
                id=int(ids[j]),
                azimuth=float(plots[j, c.AZIMUTH]),
                variance=float(plots[j, c.AZIMUTH_VAR]),
                elevation=float(plots[j, c.ELEVATION]),
                free=float(free[j]),
            )
            for j in lone[:MOST]
        ]
        since_ns = fresh[0].time_ns - WINDOW_NS
        self._waiting = [each for each in self._waiting if each.time_ns >= since_ns]
        found = [
            crossing
            for new in fresh
            for old in self._waiting
            if old.sensor != sensor and (crossing := self._crossing(new, old)) is not None
        ]
        self._waiting = [*self._waiting, *fresh][-MOST:]
        return found[:MOST]

    def _crossing(self, new: Bearing, old: Bearing) -> Crossing | None:
        """Where the two lines meet on the map, if they do."""
        one, two = self._scenes[new.sensor], self._scenes[old.sensor]
        u, w = _direction(one.place, new.azimuth), _direction(two.place, old.azimuth)
        sine = float(u[0] * w[1] - u[1] * w[0])
        if abs(sine) < np.sin(LEAST_ANGLE):
            return None
        between = two.place[:2] - one.place[:2]
        away = float(between[0] * w[1] - between[1] * w[0]) / sine
        off = float(between[0] * u[1] - between[1] * u[0]) / sine
        if not (LEAST_DISTANCE < away < one.reach and LEAST_DISTANCE < off < two.reach):
            return None
        apart_s = (new.time_ns - old.time_ns) / SECOND_NS
        information = np.zeros((2, 2))
        for line, distance, variance in (
            (u, away, new.variance),
            (w, off, old.variance + (SPEED * apart_s / off) ** 2),
        ):
            normal = np.array([-line[1], line[0]])
            information += np.outer(normal, normal) / (distance**2 * variance)
        point = one.place[:2] + away * u
        up, up_variance = inf, inf
        if np.isfinite(new.elevation):
            up = float(one.place[2] + away * np.tan(new.elevation))
            up_variance = float(away**2 * max(new.variance, 1e-4))
        return Crossing(
            new, old, point, np.asarray(np.linalg.inv(information)), up, up_variance, EXISTENCE * new.free * old.free
        )


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two bearings that meet."""

    new: Bearing
    old: Bearing
    point: Floats
    """(2,) m, east and north in the site's frame"""
    covariance: Floats
    """(2, 2) m^2"""
    up: float
    """m; infinite when no elevation was measured"""
    up_variance: float
    existence: float


def plots_of(crossings: list[Crossing], now_ns: int, height_mean: float, far: float) -> tuple[Array, Array]:
    """Kinds and plots, as `kernels.births.bear` takes them, in which each crossing is a fix of the wanted existence."""
    kinds = np.full(len(crossings), c.FIX, np.int8)
    plots = np.full((len(crossings), c.PLOT_COLUMNS), np.nan)
    for row, crossing in zip(plots, crossings, strict=True):
        known = np.isfinite(crossing.up)
        row[c.X : c.Z] = crossing.point
        row[c.Z] = crossing.up if known else height_mean
        row[c.R0 : c.R0 + 6] = 0.0
        row[c.R0], row[c.R0 + 1], row[c.R0 + 3] = crossing.covariance[np.triu_indices(2)]
        row[c.R0 + 5] = crossing.up_variance if known else far
        row[c.UP_MEASURED] = float(known)
        row[c.DT] = (crossing.new.time_ns - now_ns) / SECOND_NS
        row[c.UNDETECTED], row[c.CLUTTER] = crossing.existence, 1.0 - crossing.existence
    return kinds, plots


def _direction(place: Floats, azimuth: float) -> Floats:
    """(2,) unit vector on the map of a bearing in the sensor's own axes."""
    rotation = place[3:].reshape(3, 3)
    line = rotation[:2, 0] * np.sin(azimuth) + rotation[:2, 1] * np.cos(azimuth)
    return np.asarray(line / np.hypot(line[0], line[1]))
