"""The take-off area holds the take-off as often as it says."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

import numpy as np
import pytest
import shapely
from bench.departures import CONDITIONS, beginning, truth, world
from bench.origin import judge
from scipy.stats import binom

from luchtwacht.errors import BadInput
from luchtwacht.model import Site
from luchtwacht.tracking.areas import _blurred
from luchtwacht.tracking.departures import Ages
from luchtwacht.tracking.origin import Origin, origin
from luchtwacht.tracking.silence import Eye
from luchtwacht.tracking.smoothing import Smoothed, smooth


def _run(name: str = "in view", run: int = 4) -> tuple[Smoothed, Site]:
    made, _ = world(CONDITIONS[name], run)
    return smooth(beginning(made), made.site), made.site


@pytest.fixture(scope="module")
def seen() -> tuple[Origin, Site]:
    """One take-off in full view."""
    smoothed, site = _run()
    return origin(smoothed, site), site


@pytest.mark.parametrize(("name", "runs", "furthest_m"), [("in view", range(18), 60.0), ("coarse", range(18), 250.0)])
def test_take_offs_in_view_lie_in_the_areas_as_often_as_said(name: str, runs: range, furthest_m: float) -> None:
    outcomes = [each for run in runs if (each := judge(name, run)) is not None]
    n = len(outcomes)
    assert n > 15
    most = sum(each.level <= 0.9 for each in outcomes)
    half = sum(each.level <= 0.5 for each in outcomes)
    assert most >= binom.ppf(0.005, n, 0.85)
    assert binom.ppf(0.005, n, 0.42) <= half <= binom.ppf(0.995, n, 0.65)
    assert sum(each.in_time for each in outcomes) >= binom.ppf(0.005, n, 0.9)
    assert np.median([each.error_m for each in outcomes]) < furthest_m


@pytest.mark.parametrize("run", [13, 28])
def test_what_leaves_with_its_flying_speed_is_timed_too(run: int) -> None:
    outcome = judge("in view", run)
    assert outcome is not None
    assert outcome.how == "thrown"
    assert outcome.in_time
    assert outcome.level <= 0.9


@pytest.mark.parametrize("run", [24, 34])
def test_what_climbs_into_a_beam_is_not_held_to_have_come_from_afar(run: int) -> None:
    """Level flight would have shown itself at the edge of the beam, and not in the few metres that a climb takes in
    one turn of the radar."""
    found = origin(*_run("beam", run))
    assert found.long_ago < 0.1
    assert found.most.area < 50_000.0


def test_two_direction_finders_say_where_a_drone_left_that_sends() -> None:
    """They hear it where it stands: were it to come from afar, they would have heard it before."""
    smoothed, site = _run("two finders", 5)
    found = origin(smoothed, site)
    place, took_off = truth(world(CONDITIONS["two finders"], 5)[0])
    assert found.long_ago < 0.1
    assert found.most.area < 1e6
    assert found.level(*place) <= 0.9
    assert found.launch_from_ns <= took_off
    alone = replace(site, sensors=(site.sensors[0], replace(site.sensors[1], range_max_m=100.0)))
    assert origin(smoothed, alone).long_ago > 0.3  # the bearings of one are no track, and its silence says nothing


def test_the_edges_of_a_coverage_are_those_of_the_flight_at_every_look() -> None:
    _, site = _run("beam", 24)
    eye = Eye(site, site.sensors[0])
    elevation = np.radians([0.35, 0.35, 0.45, 0.45])
    position = np.column_stack([np.zeros(4), 5_000.0 * np.cos(elevation), 10.0 + 5_000.0 * np.sin(elevation)])
    edges = np.zeros((4, 4))
    edges[:, 0] = 0.0, -0.1, 0.0, 0.1
    assert eye.sees(position, np.zeros((4, 3)), edges).tolist() == [False, True, True, False]


def test_ages_drawn_where_flights_weigh_most_make_up_for_it() -> None:
    rng, ages = np.random.default_rng(3), Ages()
    weight = np.empty(0)
    for _ in range(3):
        drawn, log_weight = ages.draw(20_000, rng)
        weight = np.concatenate([weight, np.exp(log_weight) * np.exp(-0.5 * ((drawn - 0.8) / 0.03) ** 2)])
        ages.learn(weight)
    last = weight[40_000:]
    assert isclose(last.mean(), 0.03 * np.sqrt(2.0 * np.pi), rel_tol=0.03)
    assert last.std() < 0.6 * weight[:20_000].std()


def test_the_map_is_a_probability_and_the_contours_hold_their_share(seen: tuple[Origin, Site]) -> None:
    found, _ = seen
    assert isclose(found.probability.sum(), 1.0, rel_tol=1e-9)
    assert (found.probability >= 0.0).all()
    east, north = np.meshgrid(found.east, found.north)
    for contour in (found.half, found.most):
        area = shapely.union_all([shapely.Polygon(rings[0], rings[1:]) for rings in contour.polygons])
        held = float(found.probability[shapely.contains_xy(area, east, north)].sum())
        assert contour.probability <= held < contour.probability + float(found.probability.max()) + 1e-9
        assert isclose(area.area, contour.area, rel_tol=1e-9)
    assert found.half.area < found.most.area


def test_the_contours_in_degrees_are_the_same_places(seen: tuple[Origin, Site]) -> None:
    found, site = seen
    for rings, degrees in zip(found.most.polygons, found.most.polygons_degrees, strict=True):
        for ring, there in zip(rings, degrees, strict=True):
            geodetic = np.column_stack([np.radians(there[:, ::-1]), np.full(len(there), site.origin.height)])
            np.testing.assert_allclose(site.frame.to_enu(geodetic)[:, :2], ring, atol=0.05)


def test_the_same_track_gives_the_same_map_and_another_seed_nearly_the_same() -> None:
    smoothed, site = _run()
    one, again, other = origin(smoothed, site), origin(smoothed, site), origin(smoothed, site, seed=2)
    np.testing.assert_array_equal(one.probability, again.probability)
    assert one.launch_ns == again.launch_ns
    assert np.hypot(one.point[0] - other.point[0], one.point[1] - other.point[1]) < 0.5 * one.expected_error


def test_a_hidden_take_off_gives_a_larger_area_and_an_earlier_time() -> None:
    made, _ = world(CONDITIONS["beam"], 35)
    open_made = replace(made, site=replace(made.site, sensors=CONDITIONS["in view"].sensors))
    hidden, open_ = (origin(smooth(beginning(each), each.site), each.site) for each in (made, open_made))
    place, took_off = truth(made)
    assert hidden.most.area > 2.0 * open_.most.area
    assert hidden.launch_until_ns - hidden.launch_from_ns > open_.launch_until_ns - open_.launch_from_ns
    assert hidden.level(*place) <= 0.95
    assert hidden.launch_from_ns <= took_off


def test_the_area_lies_across_where_a_radar_measures_range_better_than_angle(seen: tuple[Origin, Site]) -> None:
    """3 m along the line of sight and 40 m across it: a map of round kernels would make a disc of it."""
    found, _ = seen
    points = np.concatenate([rings[0] for rings in found.most.polygons]) - found.point
    sight = np.array(found.point) / np.hypot(*found.point)
    along, across = np.abs(points @ sight).max(), np.abs(points @ np.array([-sight[1], sight[0]])).max()
    assert along < 0.6 * across


def test_take_offs_over_hills_lie_in_the_areas_as_often_as_said() -> None:
    runs = (1, 2, 7, 15, 36)
    with_terrain, as_if_flat = ([judge("hills", run, blind=blind) for run in runs] for blind in (False, True))
    held, held_flat = (
        sum(each is not None and each.level <= 0.9 for each in some) for some in (with_terrain, as_if_flat)
    )
    assert held >= len(runs) - 1
    assert held >= held_flat


def test_a_take_off_behind_a_hill_is_where_the_land_says_and_not_where_a_plain_would_have_it() -> None:
    made, _ = world(CONDITIONS["hills"], 94)
    smoothed = smooth(beginning(made), made.site)
    hills, plain = origin(smoothed, made.site), origin(smoothed, replace(made.site, terrain=None))
    place, _ = truth(made)
    assert hills.in_view < 0.05
    assert plain.in_view > 0.95
    assert hills.level(*place) < min(0.9, plain.level(*place))


def test_the_level_is_that_of_the_smallest_area_and_one_outside_the_map(seen: tuple[Origin, Site]) -> None:
    found, _ = seen
    row, column = np.unravel_index(found.probability.argmax(), found.probability.shape)
    assert found.level(found.east[column], found.north[row]) == found.probability.max()
    assert found.level(found.east[-1] + 1e4, found.north[0]) == 1.0


def test_no_take_off_fits_what_flies_in_space() -> None:
    smoothed, site = _run()
    x = smoothed.x.copy()
    x[:, 2] = 60_000.0
    high = Smoothed(
        time_ns=smoothed.time_ns, x=x, P=smoothed.P, mode_probability=smoothed.mode_probability,
        sensor=smoothed.sensor, height_measured=True,
    )  # fmt: skip
    with pytest.raises(BadInput, match="imagined departures fit the track"):
        origin(high, site)


def test_a_kernel_narrower_than_a_cell_does_not_ring() -> None:
    count = np.zeros((64, 80))
    count[30, 40] = 1.0
    told = _blurred([count], [0.25 * np.eye(2)])
    far = np.hypot(np.arange(64)[:, None] - 30.0, np.arange(80) - 40.0) > 6.0
    assert told[far].max() < 1e-12
    assert isclose(told.sum(), 1.0, rel_tol=1e-9)
