"""Echoes within a resolution cell become one report, and others do not."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import RADAR, world

from luchtwacht.simulation import ObjectKind, SensorBehaviour, SimulatedObject
from luchtwacht.simulation.merging import merge
from luchtwacht.simulation.scenario import Fly
from luchtwacht.simulation.sensors import look_around, mount
from luchtwacht.simulation.trajectory import lay_paths

COARSE = SensorBehaviour(id="radar", resolution_m=30.0, resolution_deg=1.5)


def polar(*rows: tuple[float, float, float]) -> np.ndarray:
    """Range (m), azimuth (degrees), range rate (m/s)."""
    return np.array([[r, np.radians(a), 0.02, rate] for r, a, rate in rows])


def test_a_merged_report_stands_where_the_power_is_and_has_all_of_it() -> None:
    who, where, echo = merge(
        np.array([3, 5, 8]), polar((1000, 10, 5), (1020, 11, 5), (1100, 10, 5)), np.array([1.0, 3.0, 2.0]), COARSE
    )
    assert who.tolist() == [5, 8]
    assert where[0, 0] == pytest.approx(1015.0)
    assert np.degrees(where[0, 1]) == pytest.approx(10.75)
    assert echo.tolist() == [4.0, 2.0]


def test_echoes_merge_across_north() -> None:
    who, where, _ = merge(np.array([0, 1]), polar((1000, 359.5, 5), (1000, 0.5, 5)), np.array([1.0, 1.0]), COARSE)
    assert len(who) == 1
    assert np.degrees(np.mod(where[0, 1] + 1.0, 2 * np.pi) - 1.0) == pytest.approx(0.0, abs=1e-6)


def test_a_doppler_radar_tells_apart_by_speed() -> None:
    sharp = replace(COARSE, resolution_m_s=2.0)
    near = polar((1000, 10, 5), (1005, 10, 9))
    assert len(merge(np.array([0, 1]), near, np.ones(2), COARSE)[0]) == 1
    assert len(merge(np.array([0, 1]), near, np.ones(2), sharp)[0]) == 2


def test_a_sensor_that_resolves_everything_changes_nothing() -> None:
    who, where, echo = np.array([0, 1]), polar((1000, 10, 5), (1000, 10, 5)), np.ones(2)
    assert merge(who, where, echo, SensorBehaviour(id="radar")) == (who, where, echo)


def test_a_tight_swarm_gives_fewer_reports_than_it_has_drones() -> None:
    swarm = SimulatedObject(
        id="swarm", kind=ObjectKind.MULTIROTOR, at=(4000.0, 0.0, 80.0), count=16, spacing_m=15.0, rcs_dbsm=20.0,
        legs=(Fly(to=(500.0, 0.0, 80.0), speed_m_s=15.0),),
    )  # fmt: skip
    sure = replace(RADAR, probability_of_detection=1.0, false_reports=0.0)
    counts = []
    for behaviour in (SensorBehaviour(id="radar"), COARSE):
        scenario = world(swarm, sensors=(sure,), behaviours=(behaviour,))
        paths, radar, rng = lay_paths(scenario), mount(scenario.site, 0, behaviour), np.random.default_rng(1)
        counts.append([len(look_around(radar, paths, turn, rng)) for turn in range(2, 12)])
    assert counts[0] == [16] * 10
    assert 1 <= np.mean(counts[1]) < 8
