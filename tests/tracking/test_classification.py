"""Categories from motion, radar cross-section and opinions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tracking.skies import at, polar, sensor, site, straight

from luchtwacht.model import Category, Floats
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.classification import log_opinion

RADAR = sensor("radar")


def category(
    velocity: tuple[float, float, float], height: float, rcs: float = np.nan, opinion: Floats | None = None
) -> Floats:
    """What is thought after 15 s of an object that flies straight."""
    here, rng = site(RADAR), np.random.default_rng(1)
    tracker = Tracker(here)
    said = np.full(5, np.nan) if opinion is None else opinion
    for t in range(15):
        truth = straight((800, 900, height), velocity, t)
        plot = polar(RADAR, 0, here, at(t), truth, rng, first_id=t + 1, rcs_dbsm=rcs, category_probability=said)
        tracks, _ = tracker.step(at(t), plot)
    shares: Floats = tracks.category_probability[tracks.updates.argmax()]
    assert shares.sum() == pytest.approx(1.0)
    return shares


def test_what_stands_still_in_the_air_is_a_multirotor_rather_than_a_bird() -> None:
    shares = category((0.0, 0.0, 0.0), 60.0, -15.0)
    assert shares[Category.MULTIROTOR] > 0.6
    assert shares[Category.BIRD] < 0.1


def test_what_is_tiny_and_flies_at_twelve_metres_a_second_is_likely_a_bird() -> None:
    shares = category((9.0, 8.0, 0.0), 60.0, -29.0)
    assert shares.argmax() == Category.BIRD


def test_what_is_large_and_fast_is_crewed() -> None:
    shares = category((55.0, 30.0, 0.0), 400.0, 8.0)
    assert shares[Category.CREWED_AIRCRAFT] > 0.9


def test_motion_alone_makes_nobody_certain() -> None:
    assert category((9.0, 6.0, 0.0), 60.0).max() < 0.8


def test_opinions_count_but_each_less_than_it_says() -> None:
    opinion = np.array([0.05, 0.05, 0.8, 0.05, 0.05])
    without, with_it = category((9.0, 6.0, 0.0), 60.0), category((9.0, 6.0, 0.0), 60.0, opinion=opinion)
    assert with_it[Category.BIRD] > max(without[Category.BIRD], 0.9)
    assert np.ptp(log_opinion(opinion[None])) < np.log(0.8 / 0.05)


def test_no_opinion_and_a_broken_one_say_nothing() -> None:
    assert (log_opinion(np.array([[np.nan] * 5, [0.1, np.nan, 0.1, 0.1, 0.1], [-1.0, 1, 1, 1, 1]])) == 0.0).all()
    assert np.isfinite(log_opinion(np.zeros((1, 5)))).all()
