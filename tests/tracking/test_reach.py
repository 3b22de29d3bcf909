"""Whether it could have come from there follows the triangle of winds, and says why."""

from __future__ import annotations

from math import inf, nan, pi

import pytest

from luchtwacht.errors import BadInput
from luchtwacht.model import Place
from luchtwacht.tracking.reach import reach

HERE, THERE = Place(latitude=52.0, longitude=5.0), Place(latitude=52.1, longitude=5.0)


def test_a_degree_of_latitude_at_45_degrees_is_its_known_length() -> None:
    found = reach(
        Place(latitude=44.5, longitude=5.0), Place(latitude=45.5, longitude=5.0), speed=10.0, endurance_s=60.0
    )
    assert abs(found.distance - 111_131.8) < 5.0  # meridian arc of WGS 84
    assert found.course == pytest.approx(0.0, abs=1e-9)


def test_along_the_equator_an_arc_is_the_radius_times_the_angle() -> None:
    found = reach(Place(latitude=0.0, longitude=5.0), Place(latitude=0.0, longitude=6.0), speed=10.0, endurance_s=60.0)
    assert found.distance == pytest.approx(6_378_137.0 * pi / 180.0, rel=1e-9)


def test_without_wind_both_ways_take_as_long() -> None:
    found = reach(HERE, THERE, speed=15.0, endurance_s=1200.0)
    assert found.flight_s == pytest.approx(found.distance / 15.0)
    assert found.return_s == pytest.approx(found.flight_s, rel=1e-6)
    assert found.possible
    assert not found.return_possible
    assert "could not also return" in found.answer()


def test_wind_against_and_wind_across_follow_the_triangle() -> None:
    against = reach(HERE, THERE, speed=15.0, endurance_s=1200.0, wind=(0.0, -9.0))
    assert against.ground_speed == pytest.approx(6.0)
    assert not against.possible
    assert against.answer().startswith("No. It is 11.13 km along the great circle, on course 0 degrees.")
    assert "In wind of 9.0 m/s against" in against.answer()
    across = reach(HERE, THERE, speed=15.0, endurance_s=1200.0, wind=(9.0, 0.0))
    assert across.ground_speed == pytest.approx(12.0)


def test_a_wind_stronger_than_the_aircraft_is_a_plain_no() -> None:
    for wind in ((0.0, -20.0), (20.0, 0.0)):
        found = reach(HERE, THERE, speed=15.0, endurance_s=1e6, wind=wind)
        assert found.flight_s == inf
        assert not found.possible
        assert "no headway" in found.answer()


def test_what_does_not_fly_is_refused() -> None:
    for speed, endurance_s in ((0.0, 100.0), (10.0, 0.0), (nan, 100.0), (10.0, inf)):
        with pytest.raises(BadInput):
            reach(HERE, THERE, speed=speed, endurance_s=endurance_s)


def test_what_it_flew_afterwards_comes_off_the_same_endurance() -> None:
    one = reach(HERE, THERE, speed=15.0, endurance_s=1200.0)
    seen = reach(HERE, THERE, speed=15.0, endurance_s=1200.0, aloft_s=500.0)
    assert seen.margin_s == pytest.approx(one.margin_s - 500.0)
    assert one.possible
    assert not seen.possible
    assert "seen flying for another 8.3 min" in seen.answer()
    assert not reach(HERE, THERE, speed=15.0, endurance_s=1200.0, aloft_s=1300.0).possible


@pytest.mark.parametrize("wind", [(0.0, 0.0), (0.0, -9.0), (7.0, 3.0), (-4.0, 8.0)])
def test_the_needed_airspeed_is_just_enough(wind: tuple[float, float]) -> None:
    found = reach(HERE, THERE, speed=5.0, endurance_s=1000.0, wind=wind, aloft_s=100.0)
    assert found.needed_ground_speed == pytest.approx(found.distance / 900.0)
    needed = found.needed_airspeed
    assert reach(HERE, THERE, speed=needed + 1e-6, endurance_s=1000.0, wind=wind, aloft_s=100.0).possible
    assert not reach(HERE, THERE, speed=needed - 1e-3, endurance_s=1000.0, wind=wind, aloft_s=100.0).possible
