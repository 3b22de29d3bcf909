"""Paths go where the legs say, smoothly, and velocity is the derivative of position."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import START_NS, drone, world

from luchtwacht.simulation import ObjectKind, Raid, SimulatedObject, Split, true_course
from luchtwacht.simulation.scenario import Fly, Hover, Loiter, Route, Wander
from luchtwacht.simulation.trajectory import lay_paths


def course(each: SimulatedObject, times: np.ndarray, duration_s: float = 120.0, index: int = 0) -> tuple:
    paths = lay_paths(world(each, duration_s=duration_s))
    return paths.at(np.full(len(times), index), times)


def test_a_straight_leg_is_flown_at_its_speed_and_reached() -> None:
    each = drone("d", Fly(to=(0.0, 1200.0, 60.0), speed_m_s=12.0), Hover(seconds=60.0), at=(0.0, 0.0, 60.0))
    position, velocity = course(each, np.array([50.0, 115.0]))
    assert position[0] == pytest.approx([0.0, 600.0, 60.0], abs=2.0)
    assert velocity[0] == pytest.approx([0.0, 12.0, 0.0], abs=1.0)
    assert position[1] == pytest.approx([0.0, 1200.0, 60.0], abs=2.0)
    assert np.linalg.norm(velocity[1]) < 1.5


def test_heights_follow_the_curved_earth() -> None:
    each = drone("far", Hover(seconds=60.0), at=(20_000.0, 0.0, 100.0), kind=ObjectKind.VEHICLE)
    position, _ = course(each, np.array([30.0]))
    assert position[0, 2] == pytest.approx(100.0 - 20_000.0**2 / (2 * 6_371_000.0), abs=0.1)


def test_velocity_is_the_derivative_of_position() -> None:
    each = drone("d", Loiter(radius_m=80.0, speed_m_s=8.0, seconds=100.0))
    times = np.arange(5.0, 90.0, 0.01)
    position, velocity = course(each, times)
    assert np.gradient(position, 0.01, axis=0)[1:-1] == pytest.approx(velocity[1:-1], abs=0.05)


def test_no_course_changes_at_once() -> None:
    each = drone(
        "d", Fly(to=(0.0, 400.0, 60.0), speed_m_s=15.0), Fly(to=(400.0, 400.0, 60.0), speed_m_s=15.0), at=(0, 0, 60)
    )
    times = np.arange(0.0, 52.0, 0.1)
    _, velocity = course(each, times)
    assert np.linalg.norm(np.gradient(velocity, 0.1, axis=0), axis=1).max() < 12.0


def test_a_loiter_keeps_its_distance_from_its_centre() -> None:
    each = drone(
        "d",
        Fly(to=(0.0, 500.0, 60.0), speed_m_s=10.0),
        Loiter(radius_m=100.0, speed_m_s=10.0, seconds=60.0),
        at=(0, 0, 60),
    )
    position, _ = course(each, np.arange(56.0, 100.0, 1.0))
    centre = np.array([100.0, 500.0])  # abeam to the right of a course to the north
    assert np.hypot(*(position[:, :2] - centre).T) == pytest.approx(100.0, abs=4.0)


def test_birds_stay_near_home_and_off_the_ground() -> None:
    flock = SimulatedObject(
        id="gulls",
        kind=ObjectKind.BIRD,
        at=(500.0, 500.0, 40.0),
        legs=(Wander(radius_m=200.0, speed_m_s=10.0, seconds=600.0, thermals=True),),
        count=5,
    )
    paths = lay_paths(world(flock, duration_s=600.0))
    assert paths.names == ("gulls", "gulls-2", "gulls-3", "gulls-4", "gulls-5")
    times = np.arange(0.0, 599.0, 1.0)
    for index in range(5):
        position, velocity = paths.at(np.full(len(times), index), times)
        assert np.hypot(*(position[:, :2] - [500.0, 500.0]).T).max() < 700.0
        assert position[:, 2].min() > 0.0
        assert 5.0 < np.linalg.norm(velocity[:, :2], axis=1).mean() < 18.0
        assert np.ptp(position[:, 2]) > 5.0


def test_an_object_exists_from_its_start_to_the_end_of_its_legs() -> None:
    each = drone("d", Fly(to=(0.0, 100.0, 60.0), speed_m_s=10.0), at=(0.0, 0.0, 60.0), start_s=20.0)
    paths = lay_paths(world(each))
    assert paths.exists(0, np.array([19.9, 20.0, 29.9, 30.2])).tolist() == [False, True, True, False]
    truth = true_course(world(each), START_NS)
    assert truth.time_ns[0] == START_NS + 20_000_000_000
    assert truth.time_ns[-1] == pytest.approx(START_NS + 30_000_000_000, abs=2e8)


def test_adding_an_object_changes_no_other() -> None:
    bird = SimulatedObject(
        id="gull", kind=ObjectKind.BIRD, at=(0.0, 0.0, 40.0), legs=(Wander(radius_m=99.0, speed_m_s=9.0, seconds=99.0),)
    )
    alone, joined = lay_paths(world(bird)), lay_paths(world(bird, drone()))
    assert np.array_equal(alone.position, joined.position[: len(alone.position)])


def test_a_swarm_keeps_its_formation() -> None:
    swarm = SimulatedObject(
        id="swarm",
        kind=ObjectKind.MULTIROTOR,
        at=(0.0, 0.0, 60.0),
        legs=(Fly(to=(0.0, 900.0, 60.0), speed_m_s=10.0),),
        count=9,
        spacing_m=50.0,
    )
    paths = lay_paths(world(swarm))
    position, _ = paths.at(np.arange(9), np.full(9, 40.0))
    apart = np.linalg.norm(position[:, None] - position[None], axis=2) + np.eye(9) * 999
    assert apart.min(axis=1) == pytest.approx(50.0, abs=4.0)


def test_part_of_a_swarm_leaves_it_and_keeps_its_formation() -> None:
    swarm = SimulatedObject(
        id="swarm",
        kind=ObjectKind.MULTIROTOR,
        at=(0.0, 0.0, 60.0),
        legs=(Fly(to=(0.0, 1500.0, 60.0), speed_m_s=10.0),),
        count=4,
        spacing_m=50.0,
        splits=(Split(at_s=50.0, members=(2, 4), legs=(Fly(to=(900.0, 500.0, 60.0), speed_m_s=10.0),)),),
    )
    paths = lay_paths(world(swarm, duration_s=120.0))
    together, apart = (paths.at(np.arange(4), np.full(4, time_s))[0] for time_s in (40.0, 100.0))
    assert np.ptp(together[:, 1]) == pytest.approx(50.0, abs=4.0)
    assert apart[0] == pytest.approx([0.0, 1000.0, 60.0], abs=4.0)
    assert apart[1] == pytest.approx([550.0, 500.0, 60.0], abs=6.0)
    assert apart[3] - apart[1] == pytest.approx(together[3] - together[1], abs=4.0)
    assert apart[2] - apart[0] == pytest.approx(together[2] - together[0], abs=4.0)


def test_a_route_is_driven_lap_after_lap_and_a_convoy_keeps_to_it() -> None:
    road = Route(along=((400.0, 0.0, 1.0), (400.0, 300.0, 1.0), (0.0, 0.0, 1.0)), speed_m_s=20.0, laps=3)
    convoy = SimulatedObject(
        id="lorries", kind=ObjectKind.VEHICLE, at=(0.0, 0.0, 1.0), legs=(road,), count=3, spacing_m=60.0
    )
    paths = lay_paths(world(convoy, duration_s=200.0))
    assert paths.end_s[0] == pytest.approx(3 * 1200.0 / 20.0, abs=1.0)
    times = np.full(3, 70.0)
    position, velocity = paths.at(np.arange(3), times)
    before, _ = paths.at(np.zeros(3, dtype=np.int64), times - 3.0 * np.arange(3))
    assert position == pytest.approx(before, abs=1e-6)
    assert np.linalg.norm(velocity, axis=1) == pytest.approx(20.0, abs=3.0)


def test_a_raid_comes_from_the_sides_and_at_the_speeds_it_is_given() -> None:
    raid = Raid(
        id="raid", count=40, to=(500.0, 0.0, 60.0), from_deg=(80.0, 200.0), distance_m=(2000.0, 3000.0),
        speed_m_s=(15.0, 20.0), start_s=(0.0, 10.0),
    )  # fmt: skip
    scenario = replace(world(duration_s=60.0), raids=(raid,))
    paths = lay_paths(scenario)
    assert len(paths) == 40
    assert paths.names[:2] == ("raid-1", "raid-2")
    first, _ = paths.at(np.arange(40), paths.start_s)
    away = first[:, :2] - [500.0, 0.0]
    bearing = np.degrees(np.arctan2(away[:, 0], away[:, 1]))
    assert np.mod(bearing, 360.0).min() > 79.0
    assert np.mod(bearing, 360.0).max() < 201.0
    assert np.ptp(np.mod(bearing, 360.0)) > 80.0
    _, velocity = paths.at(np.arange(40), np.full(40, 40.0))
    speed = np.linalg.norm(velocity, axis=1)
    assert 13.0 < speed.min() < speed.max() < 22.0
    other = lay_paths(scenario.with_seed(2))
    assert not np.array_equal(other.start_s, paths.start_s)
