"""The ground round a site, as flights that leave it meet it."""

from __future__ import annotations

import numpy as np

from luchtwacht.model import Floats, Site
from luchtwacht.model.sight import ground_up

EARTH_RADIUS = 6_371_000.0
"""m; only for the height of the ground below the site's horizontal plane"""


class Land:
    """The ground round a site: its terrain, or flat at its height. Levels are heights (m) above a surface that curves
    away with the earth from the plane of the site's frame; over flat land every level is the same."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.flat = site.terrain is None

    def level(self, points: Floats) -> Floats:
        """(n,) level of the ground at `points` (n, 2)."""
        flat = np.full(len(points), self.site.ground_up)
        if self.flat:
            return flat
        here = np.column_stack([points, self.up(points, flat)])
        return flat + ground_up(self.site, here) - here[:, 2]

    @staticmethod
    def up(points: Floats, level: Floats) -> Floats:
        """(n,) up coordinate of what is so high at `points` (n, 2)."""
        return np.asarray(level - np.square(points).sum(1) / (2.0 * EARTH_RADIUS))
