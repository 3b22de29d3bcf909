"""Frames of reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.geodesy import LocalFrame, enu_to_polar, from_ecef, polar_to_enu, to_ecef
from luchtwacht.units import DEGREE

latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180.0, 180.0)
heights = st.floats(-400.0, 30_000.0)


def test_the_equator_at_greenwich_lies_on_the_first_axis() -> None:
    assert to_ecef([0.0, 0.0, 0.0]) == pytest.approx([6_378_137.0, 0.0, 0.0])


def test_the_pole_lies_a_semi_minor_axis_up() -> None:
    assert to_ecef([90 * DEGREE, 0.0, 0.0]) == pytest.approx([0.0, 0.0, 6_356_752.314245], abs=1e-6)


@given(latitudes, longitudes, heights)
def test_ecef_and_back_is_the_same_place_to_a_micrometre(latitude: float, longitude: float, height: float) -> None:
    place = np.array([latitude * DEGREE, longitude * DEGREE, height])
    back = from_ecef(to_ecef(place))
    assert np.abs(to_ecef(back) - to_ecef(place)).max() < 2e-6
    assert back[2] == pytest.approx(height, abs=1e-6)


@given(latitudes, longitudes, st.floats(-20e3, 20e3), st.floats(-20e3, 20e3), st.floats(-100.0, 3e3))
def test_enu_and_back_is_the_same_place(
    latitude: float, longitude: float, east: float, north: float, up: float
) -> None:
    frame = LocalFrame(latitude * DEGREE, longitude * DEGREE, 30.0)
    assert frame.to_enu(frame.from_enu([east, north, up])) == pytest.approx([east, north, up], abs=5e-6)


def test_the_curved_earth_falls_away_31_m_at_20_km() -> None:
    frame = LocalFrame(52.5 * DEGREE, 5.2 * DEGREE, 0.0)
    ground = frame.from_enu([0.0, 20_000.0, 0.0])
    assert ground[2] == pytest.approx(31.4, abs=0.2)


def test_east_and_north_are_where_they_should_be() -> None:
    frame = LocalFrame(52.0 * DEGREE, 5.0 * DEGREE, 0.0)
    east = frame.to_enu([52.0 * DEGREE, 5.001 * DEGREE, 0.0])
    north = frame.to_enu([52.001 * DEGREE, 5.0 * DEGREE, 0.0])
    assert east == pytest.approx([68.68, 0.0, 0.0], abs=0.02)
    assert north == pytest.approx([0.0, 111.27, 0.0], abs=0.02)


def test_verticals_20_km_apart_differ_by_a_fifth_of_a_degree() -> None:
    frame = LocalFrame(52.0 * DEGREE, 5.0 * DEGREE, 0.0)
    there = frame.from_enu([20_000.0, 0.0, 0.0])
    up = frame.axes_at(there[0], there[1]) @ [0.0, 0.0, 1.0]
    assert np.arccos(up[2]) / DEGREE == pytest.approx(0.18, abs=0.01)


@given(st.floats(1.0, 1e5), st.floats(0.0, 359.9), st.floats(-80.0, 80.0))
def test_polar_and_back_is_the_same(distance: float, azimuth: float, elevation: float) -> None:
    polar = [distance, azimuth * DEGREE, elevation * DEGREE]
    back = enu_to_polar(polar_to_enu(polar))
    assert back[0] == pytest.approx(distance)
    assert np.cos(back[1] - polar[1]) == pytest.approx(1.0)
    assert back[2] == pytest.approx(polar[2], abs=1e-9)


def test_azimuth_runs_clockwise_from_north() -> None:
    assert enu_to_polar([1.0, 0.0, 0.0])[1] == pytest.approx(np.pi / 2)
    assert enu_to_polar([-1.0, 0.0, 0.0])[1] == pytest.approx(3 * np.pi / 2)


def test_a_place_has_the_same_bits_alone_and_among_others() -> None:
    frame = LocalFrame(52.5 * DEGREE, 5.2 * DEGREE, 40.0)
    places = np.random.default_rng(1).normal([0.9, 0.09, 50.0], [0.001, 0.001, 30.0], size=(1001, 3))
    together = frame.to_enu(places)
    assert all((frame.to_enu(place) == row).all() for place, row in zip(places[:50], together[:50], strict=True))
    back = frame.from_enu(together)
    assert all((frame.from_enu(row) == place).all() for row, place in zip(together[:50], back[:50], strict=True))
