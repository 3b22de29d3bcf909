"""Whether the land stands between two places, by the terrain a site knows."""

from __future__ import annotations

import numpy as np

from luchtwacht.geodesy import Floats
from luchtwacht.model.batch import Bools
from luchtwacht.model.site import Site
from luchtwacht.units import DEGREE

BEND = 0.13
"""of the earth's curvature by which a ray near the ground is bent down: radio's 4/3 earth (ITU-R P.452-17, annex 1,
2.1) would be 0.25, light's mean refraction 0.13; the lesser hides more"""
_EARTH_M = 6_371_000.0
_MOST_STEPS = 200


def in_sight(site: Site, eye: Floats, places: Floats) -> Bools:
    """Whether each of (..., 3) places is seen from `eye` (3,), both east, north, up (m) in the site's frame.

    The straight line, raised by what refraction bends it, is held against the ground at the grid's crossings along it.
    Without terrain everything is in sight: what a flat earth hides is for the sensor's declaration.
    """
    places = np.asarray(places, np.float64)
    if site.terrain is None:
        return np.ones(places.shape[:-1], np.bool_)
    across = np.hypot(places[..., 0] - eye[0], places[..., 1] - eye[1])
    cell_m = site.terrain.step_latitude * 111_195.0
    steps = int(np.clip(np.ceil(float(across.max(initial=0.0)) / cell_m), 2, _MOST_STEPS))
    part = (np.arange(1, steps) / steps)[:, None]
    ray = eye + part * (places[..., None, :] - eye)
    geodetic = site.frame.from_enu(ray)
    ground = site.ground_level(geodetic[..., 0] / DEGREE, geodetic[..., 1] / DEGREE)
    along = part[:, 0] * across[..., None]
    raised = BEND * along * (across[..., None] - along) / (2.0 * _EARTH_M)
    seen: Bools = np.all(geodetic[..., 2] + raised > ground, axis=-1)
    return seen


class Horizon:
    """What the land hides from one place: `in_sight` by a table, for very many places.

    The slope of the highest land by direction and distance; what lies above it is seen. Directions stand `2 pi /
    DIRECTIONS` apart and distances a crossing of the grid, but at most `DISTANCES` of them.
    """

    DIRECTIONS, DISTANCES = 720, 400

    def __init__(self, site: Site, eye: Floats, reach_m: float) -> None:
        """Look round from `eye` (3,), east, north, up (m) in the site's frame, as far as `reach_m` (finite).

        Raises:
            ValueError: the site knows no terrain.
        """
        if site.terrain is None:
            raise ValueError("without terrain nothing is hidden")
        self._eye = eye
        cell_m = site.terrain.step_latitude * 111_195.0
        count = int(np.clip(np.ceil(reach_m / cell_m), 1, self.DISTANCES))
        self._step_m = reach_m / count
        turn = np.arange(self.DIRECTIONS)[:, None] * (2.0 * np.pi / self.DIRECTIONS)
        away = np.linspace(0.5 * self._step_m, reach_m - 0.5 * self._step_m, count, dtype=np.float64)
        points = np.stack(np.broadcast_arrays(eye[0] + np.sin(turn) * away, eye[1] + np.cos(turn) * away, eye[2]), -1)
        slope = (ground_up(site, points) - eye[2]) / away + _bend(away) / away
        before = np.full((self.DIRECTIONS, 1), -np.inf)
        self._highest = np.concatenate([before, np.maximum.accumulate(slope, axis=1)], axis=1)
        """[direction, distance]: of the land nearer than that distance"""

    def sees(self, places: Floats) -> Bools:
        """Whether each of (n, 3) places is seen, east, north, up (m) in the site's frame."""
        east, north, up = (places - self._eye).T
        away = np.maximum(np.hypot(east, north), 1e-3)
        turn = np.rint(np.arctan2(east, north) * (self.DIRECTIONS / (2.0 * np.pi))).astype(np.int64) % self.DIRECTIONS
        nearer = np.minimum((away / self._step_m).astype(np.int64), self._highest.shape[1] - 1)
        return np.asarray((up + _bend(away)) / away > self._highest[turn, nearer])


def _bend(away_m: Floats) -> Floats:
    """m by which refraction lets one see further down at such a distance."""
    return BEND * away_m**2 / (2.0 * _EARTH_M)


def ground_up(site: Site, points: Floats) -> Floats:
    """(...) m, up coordinate of the ground under each of (..., 3) points, east, north, up (m) in the site's frame.

    The height of the point itself only says which vertical is meant, and hardly matters.
    """
    geodetic = site.frame.from_enu(points)
    above = geodetic[..., 2] - site.ground_level(geodetic[..., 0] / DEGREE, geodetic[..., 1] / DEGREE)
    return np.asarray(points[..., 2] - above)
