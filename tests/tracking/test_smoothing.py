"""The smoother knows more than the filter, says how much, and takes whatever sensors measure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import chi2
from tests.oracles.track_smoothing import smoothed as twin
from tests.tracking.skies import SECOND, at, polar, position, sensor, site, straight

from luchtwacht.errors import BadInput
from luchtwacht.model import Associations, Detected, Detections, Floats, SensorKind, Site, Tracked, Tracks
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.motion import MODES, RATES, Mode
from luchtwacht.tracking.scene import CLIMB, SPEED
from luchtwacht.tracking.smoothing import (
    LOOSE,
    _matrices,
    detections_of,
    filter_forward,
    smooth,
    smooth_filtered,
    step_back,
    steps_of,
)

ONE = (Mode(name="one", horizontal=2.0, vertical=0.1, prior=1.0),)
STILL = np.zeros((1, 1))
RADAR = sensor("radar")
HERE = site(RADAR)


def _wander(rng: np.random.Generator, modes: tuple[Mode, ...], count: int) -> Floats:
    """(count, 6) states a second apart of an object that moves just as the smoother believes."""
    change, noise = steps_of(SECOND, modes, RATES if len(modes) > 1 else STILL)
    F, Q = _matrices(noise)
    root = np.linalg.cholesky(Q)
    x = np.concatenate([rng.uniform(2000.0, 4000.0, 2), [200.0], rng.normal(size=3) * [SPEED, SPEED, CLIMB]])
    mode, path = int(rng.integers(len(modes))), [x]
    for _ in range(count - 1):
        mode = int(rng.choice(len(modes), p=change[mode]))
        path.append(F @ path[-1] + root[mode] @ rng.normal(size=6))
    return np.array(path)


def _watched(path: Floats, rng: np.random.Generator) -> Detections:
    """What the radar says of it, once a second."""
    return Detections.concatenate([polar(RADAR, 0, HERE, at(k), x, rng, first_id=k + 1) for k, x in enumerate(path)])


def _errors(x: Floats, P: Floats, path: Floats) -> tuple[Floats, Floats]:
    """Squared position error (n,) and squared error over its covariance (n,)."""
    off = x - path
    return (off[:, :3] ** 2).sum(1), np.einsum("na,nab,nb->n", off, np.linalg.inv(P), off)


def test_one_mode_and_positions_equal_the_whole_trajectory_solved_at_once() -> None:
    rng = np.random.default_rng(4)
    seconds = np.cumsum(rng.uniform(0.2, 3.0, 12))
    points = rng.normal(size=(12, 3)) * 50.0 + np.linspace(0.0, 300.0, 12)[:, None]
    detections = Detections.concatenate(
        [position(0, at(t), p, 9.0, 14.0, first_id=k + 1) for k, (t, p) in enumerate(zip(seconds, points, strict=True))]
    )
    seen = smooth(detections, HERE, modes=ONE, rates=STILL)
    R = np.tile(np.diag([81.0, 81.0, 196.0]), (12, 1, 1))
    taken = (detections.time_ns - at(0.0)) / SECOND
    x, P = twin(taken, points, R, np.array([2.0, 2.0, 0.1]), np.array([SPEED, SPEED, CLIMB]))
    np.testing.assert_allclose(seen.x, x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(seen.P, P, rtol=1e-5, atol=1e-6)


def test_at_the_last_detection_smoother_and_filter_agree() -> None:
    detections = _watched(_wander(np.random.default_rng(2), LOOSE, 15), np.random.default_rng(3))
    filtered = filter_forward(detections, HERE)
    x, P = filtered.merged()
    seen = smooth_filtered(filtered)
    np.testing.assert_array_equal(seen.x[-1], x[-1])
    np.testing.assert_array_equal(seen.P[-1], P[-1])


def test_the_smoother_is_nearer_than_the_filter_and_most_of_all_at_the_beginning() -> None:
    rng = np.random.default_rng(11)
    forward, both = np.zeros(30), np.zeros(30)
    for _ in range(15):
        path = _wander(rng, LOOSE, 30)
        filtered = filter_forward(_watched(path, rng), HERE)
        seen = smooth_filtered(filtered)
        forward += _errors(*filtered.merged(), path)[0]
        both += _errors(seen.x, seen.P, path)[0]
    assert both.sum() < 0.75 * forward.sum()
    assert both[0] < 0.4 * forward[0]


def _placed(path: Floats, rng: np.random.Generator) -> Detections:
    """Positions once a second, 9 m on the map and 14 m in height."""
    seen = path[:, :3] + rng.normal(size=(len(path), 3)) * [9.0, 9.0, 14.0]
    return Detections.concatenate([position(0, at(k), p, 9.0, 14.0, first_id=k + 1) for k, p in enumerate(seen)])


def _anees(
    modes: tuple[Mode, ...], rates: Floats, runs: int, watch: Callable[[Floats, np.random.Generator], Detections]
) -> tuple[float, float, float, float]:
    """ANEES of filter and of smoother at the eleventh detection over independent runs, and their 95 % interval."""
    rng = np.random.default_rng(7)
    forward = both = 0.0
    for _ in range(runs):
        path = _wander(rng, modes, 20)
        filtered = filter_forward(watch(path, rng), HERE, modes=modes, rates=rates)
        smoothed = smooth_filtered(filtered, modes=modes, rates=rates)
        forward += _errors(*filtered.merged(), path)[1][10]
        both += _errors(smoothed.x, smoothed.P, path)[1][10]
    low, high = chi2.ppf([0.025, 0.975], 6 * runs) / (6 * runs)
    return forward / (6 * runs), both / (6 * runs), float(low), float(high)


def test_with_a_matched_model_filter_and_smoother_are_as_sure_as_they_should_be() -> None:
    forward, both, low, high = _anees(ONE, STILL, 200, _placed)
    assert low < forward < high
    assert low < both < high


def test_through_a_radars_angles_they_are_hardly_less_so() -> None:
    forward, both, low, high = _anees(ONE, STILL, 200, _watched)
    assert low < forward < high
    assert low < both < high + 0.05


def test_with_changing_modes_the_filter_is_as_sure_as_it_should_be_and_the_smoother_rather_too_humble() -> None:
    forward, both, low, high = _anees(LOOSE, RATES, 150, _watched)
    assert low < forward < high
    assert 0.65 < both < high


def test_with_changing_modes_it_is_never_surer_than_it_may_be() -> None:
    rng = np.random.default_rng(6)
    runs = 25
    total = 0.0
    for _ in range(runs):
        path = _wander(rng, LOOSE, 25)
        seen = smooth(_watched(path, rng), HERE)
        total += float(_errors(seen.x, seen.P, path)[1][12])
    assert 0.5 * 6 * runs < total < float(chi2.ppf(0.999, 6 * runs))


def test_many_wide_angles_do_not_pull_the_way_outwards() -> None:
    """A drone that hovers 8 km away, by a radar of 3 degrees: 25 m too far, and sure of it, if each position were made
    at the angles measured."""
    coarse = sensor("coarse", range_sigma_m=10.0, azimuth_sigma_deg=1.5, elevation_sigma_deg=3.0)
    here, rng, off, sure = site(coarse), np.random.default_rng(5), [], []
    path = np.tile([0.0, 8000.0, 100.0, 0.0, 0.0, 0.0], (25, 1))
    for _ in range(12):
        rows = [polar(coarse, 0, here, at(k), x, rng, first_id=k + 1) for k, x in enumerate(path)]
        seen = smooth(Detections.concatenate(rows), here)
        off.append(np.hypot(*seen.x[12, :2]) - 8000.0)
        sure.append(float(np.sqrt(seen.P[12, 1, 1])))
    assert abs(np.mean(off)) < 3.0 * np.mean(sure) / 12**0.5
    assert np.mean(np.square(off)) < 2.0 * np.mean(np.square(sure))


def test_the_freedom_in_height_makes_climbs_as_uncertain_as_they_are() -> None:
    """Drones that climb 3 m/s for 20 s and fly on level: the tracker's stiff height is sure of a climb that is over."""
    rng, runs = np.random.default_rng(8), 12
    climb, rate = np.concatenate([3.0 * np.arange(21), np.full(19, 60.0)]), np.repeat([3.0, 0.0], [20, 20])
    path = np.column_stack([np.full(40, 3000.0), 12.0 * np.arange(40), climb, np.zeros(40), np.full(40, 12.0), rate])
    sure = []
    for modes in (LOOSE, MODES):
        square = [
            (s.x[:, 5] - rate) ** 2 / s.P[:, 5, 5]
            for _ in range(runs)
            for s in [smooth(_watched(path, rng), HERE, modes=modes)]
        ]
        sure.append(float(np.mean(square)))
    assert 0.5 < sure[0] < 1.5
    assert sure[1] > 1.6


def test_a_mode_of_which_nothing_is_left_can_still_be_reckoned_with_a_step_before() -> None:
    """Its probability is less than a number can be; the covariance that it keeps is one."""
    change, noise = steps_of(SECOND, MODES, RATES)
    n = len(MODES)
    gone = np.zeros((1, n))
    gone[0, 0] = 1.0
    x, P = np.tile([1000.0, 2000.0, 100.0, 10.0, 0.0, 0.0], (1, n, 1)), np.tile(np.diag([9.0] * 6), (1, n, 1, 1))
    mixture = x, P, gone
    for _ in range(3):
        mixture = step_back((x, P, gone), mixture, change, noise)
        assert np.all(np.linalg.eigvalsh(mixture[1]) > 0.0)
        np.testing.assert_allclose(mixture[2], gone)


def test_the_order_of_the_detections_does_not_matter() -> None:
    detections = _watched(_wander(np.random.default_rng(8), LOOSE, 12), np.random.default_rng(9))
    mixed = detections.take(np.random.default_rng(1).permutation(12))
    np.testing.assert_array_equal(smooth(mixed, HERE).x, smooth(detections, HERE).x)


def _bearings(here: Site, rng: np.random.Generator, sensors: tuple[int, ...]) -> tuple[Detections, Floats]:
    """An object that flies straight, heard by direction finders in turn, and where it was at each bearing."""
    path = np.array([straight((0.0, 2000.0, 120.0), (12.0, 3.0, 0.0), 0.5 * k) for k in range(40)])
    heard = [
        polar(here.sensors[s], s, here, at(0.5 * k), path[k], rng, (False, True, False, False), first_id=k + 1)
        for k in range(40)
        for s in [sensors[k % len(sensors)]]
    ]
    return Detections.concatenate(heard), path


def test_bearings_of_two_direction_finders_place_it() -> None:
    finder = SensorKind.RF_DIRECTION_FINDER
    here = site(
        sensor("west", finder, (-1500.0, 0.0), azimuth_sigma_deg=1.0),
        sensor("east", finder, (1500.0, 0.0), azimuth_sigma_deg=1.0),
    )
    detections, path = _bearings(here, np.random.default_rng(3), (0, 1))
    seen = smooth(detections, here)
    off = (seen.x - path)[:, :2]
    assert not seen.height_measured
    assert float(np.median(np.hypot(*off.T))) < 40.0
    inside = np.einsum("na,nab,nb->n", off, np.linalg.inv(seen.P[:, :2, :2]), off)
    assert float(np.mean(inside < 9.21)) > 0.9


def test_one_direction_finder_alone_is_refused() -> None:
    here = site(sensor("west", SensorKind.RF_DIRECTION_FINDER, (-1500.0, 0.0)))
    detections, _ = _bearings(here, np.random.default_rng(3), (0,))
    with pytest.raises(BadInput, match="no bearings of two sensors that cross"):
        smooth(detections, here)


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(BadInput, match="no detection holds a measurement"):
        smooth(Detections.empty(), HERE)


def test_a_flat_radar_gives_places_and_no_height() -> None:
    flat = sensor("flat", SensorKind.RADAR_2D, azimuth_sigma_deg=0.3)
    here = site(flat)
    rng = np.random.default_rng(7)
    path = np.array([straight((3000.0, 1000.0, 120.0), (-15.0, 5.0, 0.0), float(k)) for k in range(30)])
    seen = smooth(
        Detections.concatenate(
            [polar(flat, 0, here, at(k), x, rng, (True, True, False, False), k + 1) for k, x in enumerate(path)]
        ),
        here,
    )
    off = (seen.x - path)[:, :2]
    assert not seen.height_measured
    assert float(np.sqrt(np.mean(off**2))) < 12.0
    assert (seen.P[:, 2, 2] > 50.0**2).all()


def test_detections_of_a_track_are_found_by_what_the_events_name() -> None:
    path = np.array([straight((3000.0, 1000.0, 120.0), (-15.0, 5.0, 0.0), float(k)) for k in range(12)])
    tracker, tracked, detected = Tracker(HERE), [], []
    for k, x in enumerate(path):
        far = straight((-4000.0, 2500.0, 90.0), (5.0, -12.0, 0.0), float(k))
        rows = polar(RADAR, 0, HERE, at(k), np.array([x, far]), np.random.default_rng(k), first_id=2 * k + 1)
        tracks, associations = tracker.step(at(k + 0.5), rows)
        detected.append(Detected(time_ns=at(k + 0.5), detections=rows))
        tracked.append(Tracked(time_ns=at(k + 0.5), tracks=tracks, associations=associations))
    last: Tracks = tracked[-1].tracks
    number = int(last.track[np.argmin(np.abs(last.x[:, 0] - path[-1][0]))])
    found = detections_of(number, tracked, detected)
    assert set(found.id.tolist()) == set(range(1, 25, 2))
    assert (np.diff(found.time_ns) > 0).all()
    doubtful = Associations(track=[number], time_ns=[at(0)], detection=[2], probability=[0.2])
    more = [*tracked, Tracked(time_ns=at(13), tracks=Tracks.empty(), associations=doubtful)]
    assert len(detections_of(number, more, detected)) == 12
    withdrawn = Associations(track=[number], time_ns=[at(2)], detection=[5], probability=[0.0])
    less = [*tracked, Tracked(time_ns=at(13), tracks=Tracks.empty(), associations=withdrawn)]
    assert 5 not in detections_of(number, less, detected).id.tolist()
