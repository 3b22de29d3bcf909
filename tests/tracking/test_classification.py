"""Categories from motion, radar cross-section and opinions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tracking.skies import at, polar, sensor, site, straight

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.classes import classify, ground_at
from luchtwacht.model import UAS_CATEGORIES, Category, Classification, Floats, Sensor, Tracks
from luchtwacht.model.ground import HeightGrid, grid_of
from luchtwacht.model.sight import ground_up
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.classification import TABLE, land

RADAR = sensor("radar")


def category(
    velocity: tuple[float, float, float], height: float, rcs: float = np.nan, opinion: Floats | None = None,
    by: Sensor = RADAR,
) -> Floats:  # fmt: skip
    """What is thought after 15 s of an object that flies straight."""
    here, rng = site(by), np.random.default_rng(1)
    tracker = Tracker(here)
    said = np.full(5, np.nan) if opinion is None else opinion
    for t in range(15):
        truth = straight((800, 900, height), velocity, t)
        plot = polar(by, 0, here, at(t), truth, rng, first_id=t + 1, rcs_dbsm=rcs, category_probability=said)
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


def test_opinions_count_but_one_that_is_repeated_less_than_it_says() -> None:
    opinion = np.array([0.05, 0.05, 0.8, 0.05, 0.05])
    without, with_it = category((9.0, 6.0, 0.0), 60.0), category((9.0, 6.0, 0.0), 60.0, opinion=opinion)
    assert with_it[Category.BIRD] > max(without[Category.BIRD], 0.9)
    once = sensor("radar", classification=Classification(memory_s=1e4))  # type: ignore[arg-type]
    told_once = category((9.0, 6.0, 0.0), 60.0, opinion=opinion, by=once)
    assert without[Category.BIRD] < told_once[Category.BIRD] < with_it[Category.BIRD]


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


PLATEAU_M = 300.0


def plateau() -> HeightGrid:
    """Land at 0 m with a wide plateau of 300 m north of 52.004."""
    latitudes = 52.1 - 0.002 * np.arange(101)
    profile = np.where(latitudes > 52.004, PLATEAU_M, 0.0)
    return grid_of("plateau", 52.1, 4.9, (0.002, 0.002), np.tile(profile[:, None], (1, 101)))


def over(terrain: HeightGrid | None, height: float) -> Tracks:
    """All tracks at the end of 15 s of a drone that flies at `height` over where the plateau may be, seen by a radar
    that stands at the site's origin."""
    here, rng = site(RADAR, terrain=terrain), np.random.default_rng(1)
    tracker = Tracker(here)
    for t in range(15):
        truth = straight((800, 1500, height), (5.0, 6.0, 0.0), t)
        tracks, _ = tracker.step(at(t), polar(RADAR, 0, here, at(t), truth, rng, first_id=t + 1, rcs_dbsm=-16.0))
    return tracks


def test_a_drone_over_a_plateau_is_as_high_as_it_is_above_the_plateau() -> None:
    low, high, raised = over(None, 80.0), over(None, 380.0), over(plateau(), 380.0)
    assert len(low) == len(high) == len(raised) == 1
    drone = list(UAS_CATEGORIES)
    low_one, high_one, raised_one = (float(each.category_probability[0, drone].sum()) for each in (low, high, raised))
    assert raised_one == pytest.approx(low_one, abs=0.02)
    assert raised_one > high_one + 0.1


def test_the_ground_of_a_net_is_the_sites_and_without_terrain_flat() -> None:
    rng, here = np.random.default_rng(3), site(RADAR, terrain=plateau())
    points = np.column_stack([rng.uniform(-5000, 5000, 50), rng.uniform(1000, 8000, 50), np.zeros(50)])
    net, lie = land(here)
    found = [ground_at(net, lie, east, north) for east, north, _ in points.tolist()]
    np.testing.assert_allclose(found, ground_up(here, points), atol=0.2)
    net, lie = land(site(RADAR, ground_height_m=12.5))
    assert ground_at(net, lie, 9_000.0, -4_000.0) == 12.5


def test_ground_under_tracks_does_not_depend_on_the_tracks_beside_them() -> None:
    here = site(RADAR, terrain=plateau())
    net, lie = land(here)
    rng, n = np.random.default_rng(5), 40
    real, whole = np.zeros((n, c.REALS)), np.zeros((n, c.WHOLES), np.int64)
    whole[:, c.HEIGHT] = 1
    x, root = rng.uniform(-2000, 2000, (n, 6)), rng.normal(size=(n, 6, 6)) * 20.0
    P = root @ root.transpose(0, 2, 1)
    together, alone = np.empty((n, len(Category))), np.empty((n, len(Category)))
    classify(real, whole, np.arange(n), x, P, net, lie, TABLE, together)
    for k in range(n):
        classify(real, whole, np.array([k]), x[k : k + 1], P[k : k + 1], net, lie, TABLE, alone[k : k + 1])
    assert together.tobytes() == alone.tobytes()
