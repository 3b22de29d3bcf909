"""Over terrain, what is judged by height is judged above the ground below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.made_up import SITE

from luchtwacht.evaluation.launches import _above_ground
from luchtwacht.identity.claimed import ClaimedTracks
from luchtwacht.identity.story import Story
from luchtwacht.model import ClaimKind, Site
from luchtwacht.model.ground import grid_of
from luchtwacht.model.sight import ground_up
from luchtwacht.units import SECOND_NS

PLATEAU_M = 80.0
NOW_NS = 1_800_000_000 * SECOND_NS


def _plateau() -> Site:
    """The site on land that lies 80 m above what it declares for its ground."""
    step = 1e-3
    heights = np.full((120, 120), SITE.ground_height_m + PLATEAU_M)
    place = SITE.origin
    terrain = grid_of("plateau", place.latitude + 60 * step, place.longitude - 60 * step, (step, step), heights)
    return replace(SITE, terrain=terrain)


def test_a_course_that_begins_on_a_plateau_begins_on_the_ground() -> None:
    point = np.array([900.0, -400.0, SITE.ground_up + PLATEAU_M])
    assert _above_ground(_plateau(), point) == pytest.approx(0.0, abs=0.3)
    assert _above_ground(SITE, point) == pytest.approx(PLATEAU_M, abs=0.3)


def test_a_claim_without_a_height_stands_on_the_ground_below_it() -> None:
    story = Story(
        number=1, ids=["a"], transmitters=["t"], kind=next(iter(ClaimKind)), first_ns=NOW_NS, time_ns=NOW_NS, claim=1,
        position=np.array([900.0, -400.0, np.nan]), covariance=np.diag([100.0] * 3), velocity=np.zeros(3),
    )  # fmt: skip
    site = _plateau()
    tracks, _ = ClaimedTracks(site).step(NOW_NS, {1: story}, set())
    assert tracks.x[0, 2] == pytest.approx(float(ground_up(site, np.array([900.0, -400.0, 0.0]))))
    assert tracks.x[0, 2] == pytest.approx(SITE.ground_up + PLATEAU_M, abs=0.3)
