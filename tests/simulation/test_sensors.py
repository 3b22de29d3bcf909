"""Sensors measure what they are declared to: chances, errors, false reports, coverage, and the faults they hide."""

from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.worlds import FINDER, RADAR, drone, world

from luchtwacht.simulation import Burst, Clutter, Emission, ObjectKind, Scenario, SensorBehaviour
from luchtwacht.simulation.scenario import Fly, Hover
from luchtwacht.simulation.sensors import FALSE, Looks, claimed_error, listen, look_around, mount
from luchtwacht.simulation.trajectory import lay_paths

TURNS = 1500
ROUND = (Fly(to=(-2000.0, 2500.0, 60.0), speed_m_s=12.0), Fly(to=(-2000.0, -1800.0, 90.0), speed_m_s=9.0))
LONG = (*ROUND, *(Fly(to=point, speed_m_s=11.0) for point in ((1800.0, -1900.0, 70.0), (2000.0, 3000.0, 60.0)) * 4))


def looks_of(scenario: Scenario, turns: int, sensor: int = 0, seed: int = 5) -> tuple[list[Looks], object, object]:
    paths, radar = lay_paths(scenario), mount(scenario.site, sensor, scenario.behaviours[sensor])
    rng = np.random.default_rng(seed)
    return [look_around(radar, paths, turn, rng) for turn in range(turns)], paths, radar


def errors_of(looks: list[Looks], paths: object, radar: object) -> np.ndarray:
    """(n, 4) measured less true, of the real plots."""
    time_s = np.concatenate([look.time_s[look.object != FALSE] for look in looks])
    polar = np.concatenate([look.polar[look.object != FALSE] for look in looks])
    who = np.concatenate([look.object[look.object != FALSE] for look in looks])
    error = polar - radar.polar(*paths.at(who, time_s))
    error[:, 1] = np.mod(error[:, 1] + np.pi, 2 * np.pi) - np.pi
    return error


def test_detection_noise_and_false_plots_are_as_declared() -> None:
    looks, paths, radar = looks_of(world(drone("d", *LONG), duration_s=TURNS), TURNS)
    alive = int(paths.end_s[0])
    seen = sum(int((look.object == 0).sum()) for look in looks)
    false = sum(int((look.object == FALSE).sum()) for look in looks)
    assert seen / min(alive, TURNS) == pytest.approx(0.8, abs=4 * (0.8 * 0.2 / alive) ** 0.5)
    assert false / TURNS == pytest.approx(4.0, abs=4 * (4.0 / TURNS) ** 0.5)
    error = errors_of(looks, paths, radar)
    sigma = [10.0, np.radians(0.5), np.radians(1.0), 0.5]
    assert error.std(axis=0) == pytest.approx(sigma, rel=0.1)
    assert (np.abs(error.mean(axis=0)) < 4 * np.array(sigma) / len(error) ** 0.5).all()


def test_each_plot_is_taken_when_the_beam_passes() -> None:
    looks, _, radar = looks_of(world(drone("d", *LONG), duration_s=100), 100)
    for turn, look in enumerate(looks):
        real = look.object == 0
        passes = (turn + np.mod(look.polar[real, 1], 2 * np.pi) / (2 * np.pi)) * radar.sensor.period_s
        assert look.time_s[real] == pytest.approx(passes, abs=0.01)
        assert (np.diff(look.time_s) >= 0).all()


def test_false_plots_fill_the_coverage_and_stay_in_it() -> None:
    looks, _, radar = looks_of(world(duration_s=600), 600)
    polar = np.concatenate([look.polar for look in looks])
    assert radar.covers(polar).all()
    counts, _ = np.histogram(polar[:, 1], bins=8, range=(0, 2 * np.pi))
    assert counts.min() > 0.75 * counts.mean()
    assert polar[:, 0].mean() == pytest.approx((50.0 + 8000.0) / 2, rel=0.05)


def test_small_objects_are_seen_less_the_farther_they_are() -> None:
    shares = []
    for distance in (1000.0, 5000.0, 7500.0):
        small = drone("d", Fly(to=(distance, 500.0, 100.0), speed_m_s=3.0), at=(distance, 0.0, 100.0), rcs_dbsm=-25.0)
        looks, _, _ = looks_of(world(small, duration_s=170), 160)
        shares.append(np.mean([(look.object == 0).any() for look in looks]))
    assert shares[0] == pytest.approx(0.8, abs=0.12)
    assert shares[0] > shares[1] > shares[2]


def test_a_doppler_radar_is_blind_to_what_crosses_its_beam() -> None:
    blind = replace(RADAR, blind_speed_m_s=3.0, probability_of_detection=1.0, false_reports=0.0)
    hovering = drone("still", Hover(seconds=100.0), at=(1000.0, 0.0, 60.0))
    coming = drone("coming", Fly(to=(200.0, 1000.0, 60.0), speed_m_s=12.0), at=(2000.0, 1000.0, 60.0))
    looks, _, _ = looks_of(world(hovering, coming, sensors=(blind,), duration_s=60), 60)
    seen = np.concatenate([look.object for look in looks])
    assert (seen == 0).sum() == 0
    assert (seen == 1).sum() == 60


def test_nothing_is_seen_outside_the_coverage_or_behind_the_horizon() -> None:
    sure = replace(RADAR, probability_of_detection=1.0, false_reports=0.0, range_max_m=3000.0)
    behind = SensorBehaviour(
        id="radar", horizon_deg=((0.0, -90.0), (80.0, -90.0), (81.0, 10.0), (99.0, 10.0), (100.0, -90.0))
    )
    legs = (Fly(to=(2000.0, 10.0, 60.0), speed_m_s=0.5),)
    east, west = drone("east", *legs), drone("west", *legs, at=(-2000.0, 0.0, 60.0))
    far = drone("far", *legs, at=(0.0, 4000.0, 60.0))
    looks, _, _ = looks_of(world(east, west, far, sensors=(sure,), behaviours=(behind,), duration_s=20), 20)
    seen = np.concatenate([look.object for look in looks])
    assert [(seen == index).sum() for index in range(3)] == [0, 20, 0]


def test_hidden_biases_and_noise_are_put_in() -> None:
    lying = SensorBehaviour(
        id="radar",
        range_bias_m=30.0,
        azimuth_bias_deg=2.0,
        elevation_bias_deg=-1.5,
        range_sigma_m=3.0,
        false_reports=0.0,
    )
    looks, paths, radar = looks_of(world(drone("d", *LONG), behaviours=(lying,), duration_s=600), 600)
    error = errors_of(looks, paths, radar)
    assert error[:, 0].mean() == pytest.approx(30.0, abs=1.0)
    assert error[:, 0].std() == pytest.approx(3.0, rel=0.15)
    assert np.degrees(error[:, 1].mean()) == pytest.approx(2.0, abs=0.1)
    assert np.degrees(error[:, 2].mean()) == pytest.approx(-1.5, abs=0.2)
    assert all((look.object != FALSE).all() for look in looks)


def test_an_outage_silences_the_radar() -> None:
    broken = SensorBehaviour(id="radar", outages=((20.0, 40.0),))
    looks, _, _ = looks_of(world(drone(), behaviours=(broken,)), 60)
    times = np.concatenate([look.time_s for look in looks])
    assert not ((times >= 20.0) & (times < 40.0)).any()
    assert (times < 20.0).sum() > 20
    assert (times >= 40.0).sum() > 20


def test_clutter_comes_from_its_place() -> None:
    windmill = SensorBehaviour(
        id="radar", false_reports=0.0, clutter=(Clutter(at=(1500.0, 1500.0, 60.0), radius_m=40.0, reports=2.0),)
    )
    looks, _, radar = looks_of(world(behaviours=(windmill,), duration_s=300), 300)
    polar = np.concatenate([look.polar for look in looks])
    assert len(polar) / 300 == pytest.approx(2.0, abs=0.4)
    away = radar.position(polar)[:, :2] - [1500.0, 1500.0]
    assert np.hypot(*away.T).max() < 41.0


def test_clutter_comes_from_a_road_and_from_a_sea() -> None:
    road = Clutter(along=((500.0, 500.0, 0.0), (2500.0, 500.0, 0.0)), radius_m=20.0, reports=3.0, to_s=100.0)
    corners = ((-3000.0, -500.0, 0.0), (-500.0, -500.0, 0.0), (-500.0, -3000.0, 0.0))
    sea = Clutter(area=corners, reports=3.0, from_s=100.0)
    lively = SensorBehaviour(id="radar", false_reports=0.0, clutter=(road, sea))
    looks, _, radar = looks_of(world(behaviours=(lively,), duration_s=200), 200)
    first, then = (radar.position(np.concatenate([look.polar for look in part])) for part in (looks[:100], looks[100:]))
    assert len(first) / 100 == pytest.approx(3.0, abs=0.7)
    assert (np.abs(first[:, 1] - 500.0) < 21.0).all()
    assert first[:, 0].mean() == pytest.approx(1500.0, abs=150.0)
    assert len(then) / 100 == pytest.approx(3.0, abs=0.7)
    assert (then[:, :2].sum(axis=1) >= -3501.0).all()  # the triangle has its right angle at the origin's side
    assert then[:, :2].mean(axis=0) == pytest.approx([-4000.0 / 3, -4000.0 / 3], abs=150.0)
    assert (then[:, :2] <= -499.0).all()


def test_a_radar_is_blind_in_its_blind_sectors() -> None:
    masked = SensorBehaviour(id="radar", false_reports=200.0, blind_deg=((350.0, 20.0), (90.0, 180.0)))
    looks, _, _ = looks_of(world(behaviours=(masked,), duration_s=20), 20)
    azimuth = np.degrees(np.concatenate([look.polar[:, 1] for look in looks]))
    assert len(azimuth) / 20 == pytest.approx(200.0 * 240 / 360, rel=0.1)
    assert not ((azimuth < 20.0) | (azimuth > 350.0) | ((azimuth > 90.0) & (azimuth < 180.0))).any()
    behind = drone("d", Fly(to=(2000.0, -500.0, 60.0), speed_m_s=5.0), at=(2000.0, -100.0, 60.0))
    looks, _, _ = looks_of(world(behind, behaviours=(masked,), duration_s=20), 20)
    assert not any((look.object == 0).any() for look in looks)


def test_interference_comes_for_a_while_from_one_direction() -> None:
    jammed = SensorBehaviour(
        id="radar",
        false_reports=0.0,
        bursts=(Burst(from_s=20.0, to_s=60.0, reports=15.0, azimuth_deg=355.0, width_deg=20.0),),
    )
    looks, _, _ = looks_of(world(behaviours=(jammed,), duration_s=100), 100)
    assert [len(look) > 0 for look in looks] == [20 <= turn < 60 for turn in range(100)]
    azimuth = np.degrees(np.concatenate([look.polar[:, 1] for look in looks]))
    assert len(azimuth) / 40 == pytest.approx(15.0, abs=2.5)
    assert (np.abs(np.mod(azimuth - 355.0 + 180.0, 360.0) - 180.0) <= 10.0).all()


def test_echoes_fluctuate_about_the_cross_section() -> None:
    looks, _, _ = looks_of(world(drone("d", *LONG, rcs_dbsm=-5.0), duration_s=900), 900)
    echo = 10 ** (np.concatenate([look.rcs_dbsm[look.object == 0] for look in looks]) / 10)
    assert echo.mean() == pytest.approx(10**-0.5, rel=0.12)
    assert echo.std() == pytest.approx(echo.mean(), rel=0.2)


def test_a_direction_finder_hears_only_what_emits_and_is_near() -> None:
    talking = drone("talking", Hover(seconds=999.0), at=(3000.0, 0.0, 60.0), emission=Emission(from_s=100.0))
    silent = drone("silent", Hover(seconds=999.0), at=(-1000.0, 0.0, 60.0))
    far = drone("far", Hover(seconds=999.0), at=(0.0, 9000.0, 60.0), emission=Emission())
    scenario = world(talking, silent, far, sensors=(FINDER,), duration_s=900)
    paths, finder = lay_paths(scenario), mount(scenario.site, 0, scenario.behaviours[0])
    rng = np.random.default_rng(2)
    looks = [listen(finder, paths, period, rng) for period in range(900)]
    heard = np.concatenate([look.object for look in looks])
    time_s = np.concatenate([look.time_s for look in looks])
    bearing = np.degrees(np.concatenate([look.polar[:, 1] for look in looks]))
    assert set(heard.tolist()) == {0, FALSE}
    assert time_s[heard == 0].min() >= 100.0
    assert (heard == 0).sum() / 800 == pytest.approx(0.7, abs=0.07)
    assert (heard == FALSE).sum() / 900 == pytest.approx(0.3, abs=0.08)
    assert bearing[heard == 0].mean() == pytest.approx(90.0, abs=0.4)
    assert bearing[heard == 0].std() == pytest.approx(2.0, rel=0.15)


def test_errors_of_satellite_fixes_are_as_large_as_said_and_change_slowly() -> None:
    here = np.array([claimed_error(3.0, [1, index], 100.0) for index in range(3000)])
    soon = np.array([claimed_error(3.0, [1, index], 101.0) for index in range(3000)])
    assert here.std(axis=0) == pytest.approx([3.0, 3.0, 4.5], rel=0.08)
    assert np.abs(here - soon).max() < 1.5


def test_kinds_differ_in_cross_section() -> None:
    kinds = {kind: drone("x", kind=kind).habit.rcs_dbsm for kind in ObjectKind}
    assert kinds[ObjectKind.BIRD] < kinds[ObjectKind.MULTIROTOR] < kinds[ObjectKind.HELICOPTER]
