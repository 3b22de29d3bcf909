"""Wind carries what flies through the air, and rain dims and dots the radar's picture."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import RADAR, drone, world

from luchtwacht.errors import BadConfiguration
from luchtwacht.simulation import ObjectKind, Rain, SimulatedObject, Weather
from luchtwacht.simulation.scenario import Fly, Hover, Leg, Loiter, Wander
from luchtwacht.simulation.sensors import FALSE, look_around, mount
from luchtwacht.simulation.trajectory import Paths, lay_paths

FROM_WEST = Weather(wind_m_s=6.0, wind_from_deg=270.0)


def paths_in(weather: Weather, *objects: SimulatedObject, duration_s: float = 300.0) -> Paths:
    return lay_paths(replace(world(*objects, duration_s=duration_s), weather=weather))


def of_kind(kind: ObjectKind, *legs: Leg) -> SimulatedObject:
    return drone("it", *legs, kind=kind, at=(0.0, 0.0, 60.0))


@pytest.mark.parametrize(
    ("kind", "to", "over_ground"),
    [
        (ObjectKind.FIXED_WING_DRONE, (2000.0, 0.0, 60.0), 26.0),
        (ObjectKind.FIXED_WING_DRONE, (-2000.0, 0.0, 60.0), 14.0),
        (ObjectKind.BIRD, (0.0, 2000.0, 60.0), (20.0**2 - 6.0**2) ** 0.5),
        (ObjectKind.MULTIROTOR, (-2000.0, 0.0, 60.0), 20.0),
    ],
)
def test_wind_helps_and_hinders_what_flies_through_the_air(
    kind: ObjectKind, to: tuple[float, float, float], over_ground: float
) -> None:
    paths = paths_in(FROM_WEST, of_kind(kind, Fly(to=to, speed_m_s=20.0)))
    _, velocity = paths.at(np.zeros(30, np.int64), np.linspace(20.0, 50.0, 30))
    assert np.linalg.norm(velocity.mean(axis=0)) == pytest.approx(over_ground, abs=0.5)


def test_a_circle_in_the_wind_takes_longer_against_it() -> None:
    plane = of_kind(ObjectKind.AEROPLANE, Loiter(radius_m=600.0, speed_m_s=30.0, seconds=300.0))
    paths = paths_in(FROM_WEST, plane)
    position, velocity = paths.at(np.zeros(250, np.int64), np.linspace(15.0, 265.0, 250))
    assert np.hypot(*(position[:, :2] - [600.0, 0.0]).T) == pytest.approx(600.0, abs=15.0)
    speed = np.linalg.norm(velocity[:, :2], axis=1)
    assert speed.max() == pytest.approx(36.0, abs=1.0)
    assert speed.min() == pytest.approx(24.0, abs=1.0)


def test_a_wind_too_strong_to_fly_against_is_refused() -> None:
    gale = Weather(wind_m_s=25.0, wind_from_deg=270.0)
    with pytest.raises(BadConfiguration, match=r"'it' makes no way at 10 m/s against a wind of 25\.0 m/s"):
        paths_in(gale, of_kind(ObjectKind.BIRD, Fly(to=(-500.0, 0.0, 60.0), speed_m_s=10.0)))
    with pytest.raises(BadConfiguration, match="makes no way"):
        paths_in(gale, of_kind(ObjectKind.BIRD, Wander(radius_m=200.0, speed_m_s=10.0, seconds=60.0)))


def test_wandering_birds_drift_with_the_wind() -> None:
    bird = of_kind(ObjectKind.BIRD, Wander(radius_m=5000.0, speed_m_s=9.0, seconds=60.0))
    still, blown = paths_in(Weather(), bird), paths_in(FROM_WEST, bird)
    there = still.at(np.zeros(1, np.int64), np.array([10.0]))[0]
    carried = blown.at(np.zeros(1, np.int64), np.array([10.0]))[0]
    assert (carried - there)[0, :2] == pytest.approx([60.0, 0.0], abs=8.0)


def test_gusts_push_a_hovering_drone_about() -> None:
    hovering = of_kind(ObjectKind.MULTIROTOR, Hover(seconds=300.0))
    spread = [paths_in(Weather(gust_m_s=gust), hovering).position[:, :2].std(axis=0).mean() for gust in (0.0, 4.0)]
    assert spread[1] == pytest.approx(5.0 * spread[0], rel=0.01)


def test_rain_takes_what_the_recommendation_says_of_the_way_inside_the_shower() -> None:
    shower = Weather(rain=(Rain(mm_h=50.0, at=(3000.0, 0.0), radius_m=1000.0),))
    eye, places = (
        np.zeros(3),
        np.array([[1500.0, 0.0, 0.0], [3000.0, 0.0, 0.0], [6000.0, 0.0, 0.0], [0.0, 6000.0, 0.0]]),
    )
    a_km = 0.01217 * 50.0**1.2571  # ITU-R P.838-3, 10 GHz, horizontal: 1.66 dB/km
    assert shower.lost_db(eye, places, 0.0) == pytest.approx([0.0, 2 * a_km, 4 * a_km, 0.0], abs=1e-9)
    everywhere = Weather(rain=(Rain(mm_h=50.0),))
    assert everywhere.lost_db(eye, places[:2], 0.0) == pytest.approx([3.0 * a_km, 6.0 * a_km])


def test_a_shower_passes_with_the_wind() -> None:
    passing = Weather(wind_m_s=10.0, wind_from_deg=270.0, rain=(Rain(mm_h=20.0, at=(-3000.0, 0.0), radius_m=500.0),))
    place = np.array([[1000.0, 1.0, 0.0]])
    lost = [float(passing.lost_db(np.zeros(3), place, time_s)[0]) for time_s in (0.0, 350.0, 600.0)]
    assert lost[0] == lost[2] == 0.0
    assert lost[1] > 0.3


def test_small_drones_are_seen_less_and_false_plots_more_in_the_rain() -> None:
    rain = Weather(
        wind_m_s=8.0, wind_from_deg=180.0, rain=(Rain(mm_h=100.0, reports=12.0, at=(3000.0, 0.0), radius_m=2500.0),)
    )
    small = drone("small", Hover(seconds=999.0), at=(6500.0, 0.0, 90.0), rcs_dbsm=-18.0)
    seen, false = [], []
    for weather in (Weather(), rain):
        scenario = replace(world(small, duration_s=100), weather=weather)
        paths, radar = lay_paths(scenario), mount(scenario.site, 0, scenario.behaviours[0], weather)
        rng = np.random.default_rng(8)
        who = np.concatenate([look_around(radar, paths, turn, rng).object for turn in range(80)])
        seen.append((who == 0).sum() / 80)
        false.append((who == FALSE).sum() / 80)
    assert RADAR.false_reports == 4.0
    assert seen[0] > 0.55
    assert seen[1] < 0.5 * seen[0]
    assert false[1] - false[0] > 4.0
