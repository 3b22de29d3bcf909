"""Categories from motion, radar cross-section and opinions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tracking.skies import at, polar, sensor, site, straight

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.classes import believe
from luchtwacht.model import UAS_CATEGORIES, Category, Floats
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.classification import OPINION_FLOOR, OPINION_WEIGHT

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


def log_opinion(opinions: Floats) -> Floats:
    """(m, 5) what each opinion adds to the logarithm of each category's probability."""
    real, n = np.zeros((len(opinions), c.REALS)), len(Category)
    for row in range(len(opinions)):
        believe(real, row, opinions, row, OPINION_WEIGHT, OPINION_FLOOR)
    return real[:, c.CLASS0 : c.CLASS0 + n]


def test_no_opinion_and_a_broken_one_say_nothing() -> None:
    assert (log_opinion(np.array([[np.nan] * 5, [0.1, np.nan, 0.1, 0.1, 0.1], [-1.0, 1, 1, 1, 1]])) == 0.0).all()
    assert np.isfinite(log_opinion(np.zeros((1, 5)))).all()


def called_a_drone(velocity: tuple[float, float, float], rcs: float, seed: int) -> Floats:
    """Probability of an unmanned aircraft from the tenth second to the sixtieth; echoes scatter about their mean."""
    here, rng = site(RADAR), np.random.default_rng(seed)
    tracker, said = Tracker(here), []
    for t in range(60):
        echo = rcs + 10.0 * np.log10(rng.exponential())
        truth = straight((800, 900, 60), velocity, t)
        plot = polar(RADAR, 0, here, at(t), truth, rng, (True, True, True, True), t + 1, rcs_dbsm=echo)
        tracks, _ = tracker.step(at(t), plot)
        if t >= 10:
            said.append(tracks.category_probability[tracks.updates.argmax(), list(UAS_CATEGORIES)].sum())
    return np.array(said)


@pytest.mark.parametrize("seed", range(3))
def test_a_goose_that_flies_straight_and_fast_is_never_called_a_drone(seed: int) -> None:
    assert called_a_drone((15.0, 8.0, 0.0), -26.0, seed).max() < 0.5


@pytest.mark.parametrize("velocity", [(0.0, 0.0, 0.0), (7.0, 2.0, 0.0), (12.0, 8.0, 0.0), (20.0, 10.0, 0.0)])
def test_a_drone_of_ordinary_size_is_always_called_one_and_never_for_certain(velocity: tuple[float, ...]) -> None:
    said = called_a_drone((velocity[0], velocity[1], velocity[2]), -16.0, 1)
    assert said.min() > 0.55
    assert said.max() < 0.999


def test_what_is_said_changes_little_from_second_to_second() -> None:
    for velocity, rcs in (((9.0, 6.0, 0.0), -20.0), ((9.0, 6.0, 0.0), -24.0), ((2.0, 1.0, 0.0), -22.0)):
        assert np.abs(np.diff(called_a_drone(velocity, rcs, 2))).max() < 0.1
