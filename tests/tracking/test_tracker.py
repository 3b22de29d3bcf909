"""The tracker behind its seam: every kind of sensor, the life of a track, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tracking.skies import at, polar, position, sensor, site, straight

from luchtwacht.model import Associations, Detections, SensorKind, Site, Tracks, TrackStatus
from luchtwacht.tracking import Tracker

RADAR = sensor("radar", range_sigma_m=10.0, azimuth_sigma_deg=0.5, elevation_sigma_deg=1.0, false_reports=5.0)


def confirmed(tracks: Tracks) -> Tracks:
    return tracks.take(tracks.status == TrackStatus.CONFIRMED)


def fly(here: Site, seconds: int, measure: object) -> tuple[list[Tracks], list[Associations], Tracker]:
    """Step once a second with what `measure(t)` gives; one more step after the last."""
    tracker, tracks, used = Tracker(here), [], []
    for t in range(seconds):
        one, two = tracker.step(at(t + 0.5), measure(t))  # type: ignore[operator]
        tracks.append(one)
        used.append(two)
    return tracks, used, tracker


@pytest.mark.parametrize("rate", [False, True])
def test_a_radar_track_is_confirmed_within_four_scans_and_follows_the_truth(rate: bool) -> None:
    here, rng = site(RADAR), np.random.default_rng(1)

    def measure(t: int) -> Detections:
        return polar(
            RADAR,
            0,
            here,
            at(t),
            straight((2000, 1000, 150), (15, -5, 1), t),
            rng,
            (True, True, True, rate),
            10 * t + 1,
        )

    tracks, used, _ = fly(here, 20, measure)
    assert len(confirmed(tracks[3])) == 1
    last = tracks[-1]
    assert len(last) == 1
    truth = straight((2000, 1000, 150), (15, -5, 1), 19.5)
    assert np.linalg.norm(last.x[0, :3] - truth[:3]) < 40.0
    assert np.linalg.norm(last.x[0, 3:5] - truth[3:5]) < 5.0
    everything = Associations.concatenate(used)
    assert sorted(everything.detection.tolist()) == [10 * t + 1 for t in range(20)]
    assert set(everything.track.tolist()) == {1}


def test_what_is_farther_than_a_sensor_was_thought_to_see_is_used_at_once() -> None:
    endless = sensor("endless", range_max_m=np.inf)
    here, rng = site(endless), np.random.default_rng(4)

    def measure(t: int) -> Detections:
        return polar(endless, 0, here, at(t), straight((12_000, 9_000, 150), (15, -5, 1), t), rng, first_id=t + 1)

    _, used, _ = fly(here, 6, measure)
    assert sorted(Associations.concatenate(used).detection.tolist()) == [1, 2, 3, 4, 5, 6]


def test_a_height_that_no_sensor_measured_is_reported_as_unknown() -> None:
    flat = sensor("flat", SensorKind.RADAR_2D)
    here, rng = site(flat), np.random.default_rng(2)

    def measure(t: int) -> Detections:
        return polar(
            flat,
            0,
            here,
            at(t),
            straight((3000, -1000, 80), (-12, 8, 0), t),
            rng,
            (True, True, False, False),
            10 * t + 1,
        )

    tracks, _, _ = fly(here, 15, measure)
    last = confirmed(tracks[-1])
    assert len(last) == 1
    truth = straight((3000, -1000, 80), (-12, 8, 0), 14.5)
    assert np.linalg.norm(last.x[0, :2] - truth[:2]) < 40.0
    assert last.P[0, 2, 2] >= 1e6


def test_positions_with_and_without_height_make_tracks() -> None:
    locator = sensor("locator", SensorKind.RF_LOCATOR, position_sigma_m=30.0)
    for up_sigma in (None, 20.0):
        here, rng = site(locator), np.random.default_rng(3)

        def measure(t: int) -> Detections:
            truth = straight((500, 500, 60), (5, 5, 0), t)[:3] + rng.normal(size=3) * [30, 30, 20]  # noqa: B023
            return position(0, at(t), truth, 30.0, up_sigma, 10 * t + 1)  # noqa: B023

        tracks, _, _ = fly(here, 15, measure)
        last = confirmed(tracks[-1])
        assert len(last) == 1
        assert np.linalg.norm(last.x[0, :2] - straight((500, 500, 60), (5, 5, 0), 14.5)[:2]) < 50.0
        assert (last.P[0, 2, 2] >= 1e6) == (up_sigma is None)


def test_bearings_sharpen_a_track_and_name_their_sensor() -> None:
    finder = sensor("finder", SensorKind.RF_DIRECTION_FINDER, (0.0, 4000.0), azimuth_sigma_deg=0.3, false_reports=0.1)
    here, rng = site(RADAR, finder), np.random.default_rng(4)

    def measure(t: int, bearings: bool = True) -> Detections:
        truth = straight((4000, 4000, 100), (0, 15, 0), t)
        radar = polar(RADAR, 0, here, at(t), truth, rng, first_id=10 * t + 1)
        if not bearings:
            return radar
        bearing = polar(
            finder,
            1,
            here,
            at(t + 0.25),
            straight((4000, 4000, 100), (0, 15, 0), t + 0.25),
            rng,
            (False, True, False, False),
            10 * t + 2,
        )
        return Detections.concatenate([radar, bearing])

    with_bearings = fly(here, 12, measure)[0][-1]
    without = fly(here, 12, lambda t: measure(t, False))[0][-1]
    assert len(with_bearings) == len(without) == 1
    assert with_bearings.sensors[0] == 0b11
    assert without.sensors[0] == 0b01
    assert with_bearings.P[0, 1, 1] < 0.8 * without.P[0, 1, 1]


def test_one_bearing_alone_makes_nothing() -> None:
    finder = sensor("finder", SensorKind.RF_DIRECTION_FINDER, azimuth_sigma_deg=1.0)
    here = site(finder)

    def measure(t: int) -> Detections:
        return polar(
            finder, 0, here, at(t), straight((3000, 0, 50), (0, 5, 0), t), None, (False, True, False, False), t + 1
        )

    assert all(len(tracks) == 0 for tracks in fly(here, 20, measure)[0])


def test_a_track_is_coasted_then_terminated_when_nothing_comes() -> None:
    here, rng = site(RADAR), np.random.default_rng(5)
    tracker = Tracker(here)
    for t in range(8):
        tracker.step(
            at(t + 0.1), polar(RADAR, 0, here, at(t), straight((1500, 0, 100), (10, 0, 0), t), rng, first_id=t + 1)
        )
    statuses = {t: tracker.step(at(t), Detections.empty())[0].status.tolist() for t in np.arange(7.5, 25.0, 0.5)}
    assert all(statuses[t] == [TrackStatus.CONFIRMED] for t in statuses if t < 9.5)
    assert all(statuses[t] == [TrackStatus.COASTED] for t in statuses if 9.5 <= t <= 19.0)
    assert statuses[19.5] == [TrackStatus.TERMINATED]
    assert all(statuses[t] == [] for t in statuses if t > 19.5)


def test_a_new_object_after_a_termination_gets_a_new_number() -> None:
    here, rng = site(RADAR), np.random.default_rng(6)
    tracker = Tracker(here)
    numbers: list[set[int]] = []
    for begin in (0, 40):
        seen: set[int] = set()
        for t in range(begin, begin + 6):
            tracks, _ = tracker.step(
                at(t + 0.1), polar(RADAR, 0, here, at(t), straight((1500, 0, 100), (0, 0, 0), 0), rng, first_id=t + 1)
            )
            seen |= set(confirmed(tracks).track.tolist())
        numbers.append(seen)
    assert len(numbers[0]) == len(numbers[1]) == 1
    assert min(numbers[1]) > max(numbers[0])


def test_no_steps_between_detections_change_nothing() -> None:
    here = site(RADAR)
    plots = [
        polar(RADAR, 0, here, at(t), straight((2000, 500, 90), (8, 3, 0), t), np.random.default_rng(t), first_id=t + 1)
        for t in range(8)
    ]
    plain, chatty = Tracker(here), Tracker(here)
    for t, plot in enumerate(plots):
        one = plain.step(at(t + 1), plot)
        two = chatty.step(at(t + 0.2), plot)
        for extra in (0.4, 0.6, 0.8, 1.0):
            two = chatty.step(at(t + extra), Detections.empty())[0], two[1]
        assert one[0] == two[0]
        assert one[1] == two[1]


def test_the_order_of_detections_of_equal_time_changes_nothing() -> None:
    here, rng = site(RADAR), np.random.default_rng(8)
    forward, shuffled = Tracker(here), Tracker(here)
    for t in range(10):
        x = np.stack([straight((1000 + 60 * k, 2000, 100 + k), (10, -k, 0), t) for k in range(12)])
        plots = polar(RADAR, 0, here, at(t), x, rng, first_id=100 * t + 1)
        one = forward.step(at(t + 0.5), plots)
        two = shuffled.step(at(t + 0.5), plots.take(rng.permutation(len(plots))))
        assert one[0] == two[0]
        assert one[1] == two[1]


def test_unusable_numbers_do_not_spread() -> None:
    here, rng = site(RADAR), np.random.default_rng(9)

    def measure(t: int) -> Detections:
        good = polar(RADAR, 0, here, at(t), straight((1500, 0, 100), (10, 0, 0), t), rng, first_id=10 * t + 1)
        bad = polar(
            RADAR, 0, here, at(t), np.tile(straight((1500, 0, 100), (10, 0, 0), t), (4, 1)), rng, first_id=10 * t + 2
        )
        z, R = bad.z.copy(), bad.R.copy()
        z[0] = np.nan
        z[1, 0] = np.inf
        R[2] = np.nan
        R[3] = 0.0
        columns = bad.columns() | {"z": z, "R": R}
        return Detections.concatenate([good, Detections(**columns)])

    last = fly(here, 10, measure)[0][-1]
    assert len(last) == 1
    assert np.isfinite(last.x).all()
    assert np.isfinite(last.P).all()
    assert np.linalg.eigvalsh(last.P[0]).min() > 0.0


FINDERS = (
    sensor("west", SensorKind.RF_DIRECTION_FINDER, (-2000.0, 0.0), azimuth_sigma_deg=1.0, false_reports=0.2),
    sensor("east", SensorKind.RF_DIRECTION_FINDER, (2000.0, 0.0), azimuth_sigma_deg=1.0, false_reports=0.2),
    sensor("north", SensorKind.RF_DIRECTION_FINDER, (0.0, 4500.0), azimuth_sigma_deg=1.0, false_reports=0.2),
)


def test_bearings_of_two_sensors_that_cross_make_a_track() -> None:
    here, rng = site(*FINDERS[:2]), np.random.default_rng(12)

    def measure(t: int) -> Detections:
        return Detections.concatenate(
            [
                polar(
                    FINDERS[k], k, here, at(t + 0.1 * k), straight((-300, 2500, 80), (8, -6, 0), t + 0.1 * k), rng,
                    (False, True, False, False), 10 * t + k + 1,
                )
                for k in range(2)
            ]
        )  # fmt: skip

    tracks, _, _ = fly(here, 25, measure)
    last = confirmed(tracks[-1])
    assert len(last) == 1
    assert last.sensors[0] == 0b11
    assert np.linalg.norm(last.x[0, :2] - straight((-300, 2500, 80), (8, -6, 0), 24.5)[:2]) < 120.0
    assert last.P[0, 2, 2] >= 1e6


def test_three_direction_finders_tell_two_emitters_from_their_ghosts() -> None:
    here, rng = site(*FINDERS), np.random.default_rng(13)
    emitters = np.array([[-500.0, 2500.0, 60.0, 0, 0, 0], [700.0, 2000.0, 60.0, 0, 0, 0]])

    def measure(t: int) -> Detections:
        return Detections.concatenate(
            [
                polar(
                    FINDERS[k], k, here, at(t + 0.1 * k), emitters, rng, (False, True, False, False), 10 * t + 2 * k + 1
                )
                for k in range(3)
            ]
        )

    tracks, _, _ = fly(here, 30, measure)
    last = confirmed(tracks[-1])
    assert len(last) == 2
    for emitter in emitters:
        assert np.linalg.norm(last.x[:, :2] - emitter[:2], axis=1).min() < 60.0
