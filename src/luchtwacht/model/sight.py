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
