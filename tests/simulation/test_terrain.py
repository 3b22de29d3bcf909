"""Hills lift what follows the ground, and hide what is behind them from every kind of sensor."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.test_frames import frames_of
from tests.simulation.worlds import FINDER, RADAR, RECEIVER, START_NS, drone, world

from luchtwacht.codecs import remote_id
from luchtwacht.model import Site
from luchtwacht.model.ground import grid_of
from luchtwacht.simulation import Emission, Heights, RemoteIdOutput, Scenario, simulate
from luchtwacht.simulation.scenario import Fly, Hover
from luchtwacht.simulation.sensors import FALSE, look_around, mount
from luchtwacht.simulation.trajectory import lay_paths
from luchtwacht.simulation.weather import Rain, Weather

RIDGE_M = 120.0


def with_ridge(scenario: Scenario) -> Scenario:
    """The same over land with a ridge of 120 m that runs north to south, 1.5 km east of the origin."""
    west, step = 4.9, 0.0005
    longitude = west + step * np.arange(401)
    east = (longitude - 5.0) * 111_320.0 * np.cos(np.radians(52.0))
    profile = RIDGE_M * np.exp(-(((east - 1500.0) / 200.0) ** 2))
    ridge = grid_of("ridge", 52.1, west, (0.001, step), np.tile(profile, (201, 1)))
    return replace(scenario, site=replace(scenario.site, terrain=ridge))


def seen(scenario: Scenario, turns: int) -> list[int]:
    """Turns in which the one object was reported."""
    paths, radar = lay_paths(scenario), mount(scenario.site, 0, scenario.behaviours[0])
    rng = np.random.default_rng(4)
    return [turn for turn in range(turns) if (look_around(radar, paths, turn, rng).object != FALSE).any()]


SURE = replace(RADAR, probability_of_detection=1.0, false_reports=0.0, elevation_min_deg=-20.0)


def test_what_flies_low_follows_the_land_and_what_flies_by_the_sea_does_not() -> None:
    over = (Fly(to=(3000.0, 0.0, 50.0), speed_m_s=15.0),)
    for heights, high in ((Heights.GROUND, 50.0 + RIDGE_M), (Heights.SEA, 50.0)):
        scenario = with_ridge(world(replace(drone("d", *over, at=(0.0, 0.0, 50.0)), heights=heights), duration_s=300))
        paths = lay_paths(scenario)
        assert paths.position[:, 2].max() == pytest.approx(high, abs=3.0)
        assert above_ground(scenario.site, paths.position).min() == pytest.approx(50.0 if high > 60 else -70.0, abs=4.0)


def above_ground(site: Site, position: np.ndarray) -> np.ndarray:
    places = site.frame.from_enu(position)
    return places[:, 2] - site.ground_level(np.degrees(places[:, 0]), np.degrees(places[:, 1]))


def test_a_drone_pops_up_from_behind_a_hill() -> None:
    legs = (Hover(seconds=20.0), Fly(to=(2500.0, 0.0, 400.0), speed_m_s=10.0), Hover(seconds=20.0))
    scenario = world(drone("d", *legs, at=(2500.0, 0.0, 20.0)), sensors=(SURE,), duration_s=70)
    assert len(seen(scenario, 70)) == 70
    turns = seen(with_ridge(scenario), 70)
    # from 2 m over the ground, a line over a ridge of 120 m at 1,500 m is 199 m high at 2,500 m
    assert turns[0] == pytest.approx(20 + (199.0 - 20.0) / 10.0, abs=2.5)
    assert turns == list(range(turns[0], 70))


def test_links_and_remote_id_do_not_pass_through_a_hill_either() -> None:
    talking = drone(
        "d", Hover(seconds=99.0), at=(2500.0, 0.0, 20.0), emission=Emission(), remote_id=RemoteIdOutput(serial="Z")
    )
    deaf = replace(FINDER, false_reports=0.0)
    scenario = world(talking, sensors=(deaf, RECEIVER), duration_s=20)
    assert {source for _, source, _ in simulate(scenario, START_NS)} == {0, 1}
    assert list(simulate(with_ridge(scenario), START_NS)) == []


def test_a_pilot_stands_on_the_hill_and_not_in_it() -> None:
    spoken = RemoteIdOutput(serial="Z", pilot=(1500.0, 0.0, 1.5))
    above = drone("d", Hover(seconds=99.0), at=(1500.0, 0.0, 60.0), remote_id=spoken)
    scenario = with_ridge(world(above, sensors=(RECEIVER,), duration_s=20))
    said = remote_id.decode(frames_of(scenario)).systems
    ground = scenario.site.ground_level(said.operator_latitude_deg, said.operator_longitude_deg)
    assert len(ground) > 5
    assert ground - scenario.site.geoid_undulation_m == pytest.approx(np.full(len(ground), RIDGE_M), abs=1.0)
    assert said.operator_altitude_m - ground == pytest.approx(np.full(len(ground), 1.5), abs=0.6)


def test_rain_falls_on_the_hill_and_not_through_it() -> None:
    shower = Weather(rain=(Rain(mm_h=1.0, at=(1500.0, 0.0), radius_m=60.0, reports=40.0, top_m=30.0),))
    lowest = []
    for scenario in (world(sensors=(SURE,)), with_ridge(world(sensors=(SURE,)))):
        radar, paths = mount(scenario.site, 0, scenario.behaviours[0], shower), lay_paths(scenario)
        looks = look_around(radar, paths, 3, np.random.default_rng(2))
        lowest.append(np.median(looks.polar[:, 0] * np.sin(looks.polar[:, 2])))
    assert lowest[1] - lowest[0] == pytest.approx(RIDGE_M, abs=25.0)
