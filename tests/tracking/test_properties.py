"""What a tracker must do whatever the numbers: honest covariances, kept identities, nothing out of clutter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from tests.tracking.skies import at, polar, position, sensor, site, straight

from luchtwacht.model import Detections, Floats, SensorKind, Tracks, TrackStatus
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.motion import MODES

RADAR = sensor(
    "radar", range_sigma_m=10.0, azimuth_sigma_deg=0.5, elevation_sigma_deg=1.0, false_reports=2.0, range_max_m=8000.0,
    elevation_min_deg=-2.0, elevation_max_deg=20.0,
)  # fmt: skip


def clutter(rng: np.random.Generator, mean: float, time_ns: int, first_id: int) -> Detections:
    """False plots, even in range, azimuth and elevation."""
    count = int(rng.poisson(mean))
    z = np.column_stack(
        [
            rng.uniform(200.0, 8000.0, count),
            rng.uniform(0.0, 2.0 * np.pi, count),
            rng.uniform(np.radians(-2.0), np.radians(20.0), count),
            np.full(count, np.nan),
        ]
    )
    R = np.full((count, 4, 4), np.nan)
    R[:, :3, :3] = np.diag([10.0**2, np.radians(0.5) ** 2, np.radians(1.0) ** 2])
    return Detections.unknown(
        count, id=first_id + np.arange(count), time_ns=time_ns, received_ns=time_ns, sensor=0, geometry=0, z=z, R=R,
        filtered=False,
    )  # fmt: skip


def manoeuvring(rng: np.random.Generator, seconds: int) -> Floats:
    """(seconds + 1, 6) states of an object that follows the tracker's own modes."""
    mode, x, states = 0, np.array([*rng.uniform(1500, 4000, 2), 200.0, *rng.normal(size=2) * 12, 0.0]), []
    for _ in range(seconds + 1):
        states.append(x.copy())
        for _ in range(10):
            if rng.random() < (0.0055, 0.011)[mode]:
                mode = 1 - mode
            density = np.array([MODES[mode].horizontal, MODES[mode].horizontal, MODES[mode].vertical])
            x[:3] += 0.1 * x[3:]
            x[3:] += rng.normal(size=3) * np.sqrt(density * 0.1)
    return np.array(states)


def test_errors_are_as_large_as_the_covariances_say() -> None:
    """Normalised squared errors of position over runs and times, against chi-square with 3 degrees of freedom."""
    runs, seconds, values = 40, 24, []
    here = site(RADAR)
    for run in range(runs):
        rng = np.random.default_rng(100 + run)
        truth, tracker = manoeuvring(rng, seconds), Tracker(here)
        for t in range(seconds):
            tracks, _ = tracker.step(at(t), polar(RADAR, 0, here, at(t), truth[t], rng, first_id=t + 1))
        for row in range(len(tracks)):
            assert np.linalg.eigvalsh(tracks.P[row]).min() > 0.0
            error = tracks.x[row, :3] - truth[seconds - 1, :3]
            values.append(error @ np.linalg.solve(tracks.P[row, :3, :3], error))
    assert len(values) == runs
    low, high = chi2.ppf([0.005, 0.995], 3 * runs) / runs
    assert low < np.mean(values) < high


def test_clutter_alone_confirms_nothing_in_ten_minutes() -> None:
    rng, tracker, ever = np.random.default_rng(200), Tracker(site(RADAR)), 0
    for t in range(600):
        tracks, _ = tracker.step(at(t), clutter(rng, 20.0, at(t), 1000 * t))
        ever += int((tracks.status == TrackStatus.CONFIRMED).sum())
    assert ever == 0


def test_a_drone_in_clutter_is_found_and_kept() -> None:
    rng, here = np.random.default_rng(201), site(RADAR)
    tracker, held = Tracker(here), []
    for t in range(60):
        plots = clutter(rng, 20.0, at(t), 1000 * t)
        if rng.random() < 0.9:
            truth = straight((-2000, 1500, 120), (14, 6, 0.5), t)
            plots = Detections.concatenate([plots, polar(RADAR, 0, here, at(t), truth, rng, first_id=1000 * t + 900)])
        tracks, _ = tracker.step(at(t), plots)
        held.append(tracks.take(tracks.status == TrackStatus.CONFIRMED).track.tolist())
    assert all(len(numbers) == 1 for numbers in held[6:])
    assert len({number for numbers in held for number in numbers}) == 1


def crossing(t: float) -> Floats:
    """Two drones whose paths cross, 20 m apart in height, at 15 seconds."""
    return np.stack([straight((1350, 2000, 90), (10, 0, 0), t), straight((1500, 1850, 110), (0, 10, 0), t)])


def test_a_pair_that_crosses_keeps_its_identities() -> None:
    kept = 0
    for seed in range(10):
        rng, here = np.random.default_rng(300 + seed), site(RADAR)
        tracker = Tracker(here)
        first: dict[int, int] = {}
        for t in range(30):
            seen = crossing(t)[rng.random(2) < 0.95]
            tracks, _ = tracker.step(at(t), polar(RADAR, 0, here, at(t), seen, rng, first_id=10 * t + 1))
            live = tracks.take(tracks.status == TrackStatus.CONFIRMED)
            if t == 8:
                first = nearest(live, crossing(t))
        kept += nearest(live, crossing(29)) == first and len(first) == 2
    assert kept >= 9


def nearest(tracks: Tracks, truth: Floats) -> dict[int, int]:
    """For each true object the number of the track that is nearest."""
    return {k: int(tracks.track[np.linalg.norm(tracks.x[:, :3] - x[:3], axis=1).argmin()]) for k, x in enumerate(truth)}


def test_a_formation_stays_as_many_tracks_as_it_has_drones() -> None:
    rng, here = np.random.default_rng(400), site(RADAR)
    tracker = Tracker(here)
    offsets = np.array([[40.0 * (k % 3), 40.0 * (k // 3), 0.0, 0.0, 0.0, 0.0] for k in range(9)])
    counts, nearest = [], []
    for t in range(40):
        truth = straight((2500, 2000, 150), (-12, 5, 0), t) + offsets
        plots = polar(RADAR, 0, here, at(t), truth[rng.random(9) < 0.9], rng, first_id=100 * t + 1)
        tracks, _ = tracker.step(at(t), plots)
        counts.append(int((tracks.status == TrackStatus.CONFIRMED).sum()))
        live = tracks.x[tracks.status == TrackStatus.CONFIRMED, :2]
        apart = np.linalg.norm(live[:, None] - live[None], axis=2) + 1e9 * np.eye(len(live))
        nearest.append(np.median(apart.min(1, initial=1e9)) if len(live) else 0.0)
    assert 8 <= np.mean(counts[10:]) <= 9.5
    assert np.mean(nearest[20:]) > 20.0


def test_a_scan_spread_over_steps_counts_as_one_look() -> None:
    """A turning radar reports each drone when its beam passes; half a turn without it is no miss."""
    here = site(sensor("turning", false_reports=1.0, probability_of_detection=0.95))
    rng = np.random.default_rng(500)
    tracker = Tracker(here)
    starts = [(2000, 500, 100), (-1500, 800, 90), (-900, -2000, 120), (1200, -1500, 80)]
    existence = []
    for half in range(40):
        reports = []
        for k, begin in enumerate(starts):
            beam = half // 2 + (0.1 + 0.25 * k)
            if int(2 * beam) == half:
                truth = straight(begin, (8, 4, 0), beam)  # type: ignore[arg-type]
                reports.append(polar(here.sensors[0], 0, here, at(beam), truth, rng, first_id=10 * half + k + 1))
        tracks, _ = tracker.step(at(0.5 * (half + 1)), Detections.concatenate(reports))
        existence.append(tracks.existence.min())
    assert len(tracks) == 4
    assert min(existence[12:]) > 0.99


def test_a_radar_that_is_blind_to_hovering_does_not_lose_a_hovering_drone_at_once() -> None:
    def steps_until_lost(blind: float) -> int:
        doppler = sensor("doppler", blind_speed_m_s=blind, false_reports=1.0)
        here, rng = site(doppler), np.random.default_rng(600)
        tracker = Tracker(here)
        hidden = (3500, 0, 100)
        for t in range(30):
            truth = [straight((1500, 1500, 100), (10, 5, 0), t), straight((2000, -1500, 80), (-9, 4, 0), t)]
            if t < 10:
                truth.append(straight(hidden, (0, 0, 0), t))
            tracks, _ = tracker.step(at(t), polar(doppler, 0, here, at(t), np.array(truth), rng, first_id=10 * t + 1))
            near = np.linalg.norm(tracks.x[:, :2] - np.array(hidden[:2]), axis=1) < 200.0
            if t > 10 and not (near & (tracks.existence > 0.5)).any():
                return t
        return 30

    assert steps_until_lost(3.0) >= steps_until_lost(0.0) + 3


def test_reports_that_a_sensor_filtered_itself_do_not_make_the_track_too_sure() -> None:
    """Errors of a sensor's own tracker wander slowly; the claimed covariance must cover them."""
    locator = sensor("arc", SensorKind.RADAR_3D, false_reports=0.1)
    here, values = site(locator), []
    for run in range(30):
        rng = np.random.default_rng(700 + run)
        tracker, error = Tracker(here), rng.normal(size=3) * 20.0
        for t in range(25):
            truth = straight((1000, 1000, 100), (6, 2, 0), t)
            report = position(0, at(t), truth[:3] + error, 20.0, 20.0, t + 1, sensor_track=7, filtered=True)
            tracks, _ = tracker.step(at(t), report)
            last = truth
            error = np.exp(-0.5) * error + np.sqrt(1.0 - np.exp(-1.0)) * rng.normal(size=3) * 20.0
        off = tracks.x[0, :3] - last[:3]
        values.append(off @ np.linalg.solve(tracks.P[0, :3, :3], off))
    assert np.mean(values) < 4.5


def test_a_sensors_own_number_helps_to_tell_two_apart() -> None:
    named = sensor("named", SensorKind.RF_LOCATOR, false_reports=0.1)
    here = site(named)

    def switches(with_numbers: bool) -> int:
        total = 0
        for seed in range(8):
            rng, tracker = np.random.default_rng(800 + seed), Tracker(here)
            owner: dict[int, int] = {}
            for t in range(25):
                truth = np.stack([straight((0, 500, 80), (6, 0.6, 0), t), straight((0, 515, 80), (6, -0.6, 0), t)])
                points = truth[:, :3] + rng.normal(size=(2, 3)) * 12.0
                numbers = np.array([5, 9]) if with_numbers else -1
                _tracks, used = tracker.step(
                    at(t), position(0, at(t), points, 12.0, 12.0, 2 * t + 1, sensor_track=numbers)
                )
                for track, detection, probability in zip(used.track, used.detection, used.probability, strict=True):
                    if probability > 0.5 and t > 5:
                        which = int(detection) % 2
                        total += owner.get(which, int(track)) != int(track)
                        owner[which] = int(track)
        return total

    assert switches(True) < switches(False)


@pytest.mark.slow  # as plain Python: four hundred plots that all may be of one another's objects
def test_a_burst_of_false_plots_in_one_place_is_survived() -> None:
    """Interference: hundreds of plots within a hundred metres, for some scans, over a drone that is being followed."""
    rng, here = np.random.default_rng(900), site(RADAR)
    tracker, most = Tracker(here), 0
    for t in range(30):
        truth = straight((2000, 1500, 120), (10, 5, 0), t)
        plots = polar(RADAR, 0, here, at(t), truth, rng, first_id=1000 * t + 999)
        if 10 <= t < 14:
            around = np.tile(truth, (400, 1)).astype(float)
            around[:, :3] += rng.normal(size=(400, 3)) * 50.0
            plots = Detections.concatenate([plots, polar(RADAR, 0, here, at(t), around, rng, first_id=1000 * t)])
        tracks, _ = tracker.step(at(t), plots)
        assert np.isfinite(tracks.P).all()
        most = max(most, len(tracks))
    live = tracks.take(tracks.status == TrackStatus.CONFIRMED)
    assert most < 1500
    assert np.linalg.norm(live.x[:, :3] - truth[:3], axis=1).min() < 60.0
    assert len(live) <= 3
