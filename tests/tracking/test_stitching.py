"""What was lost and is seen again goes on under its number, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.tracking.skies import at, polar, sensor, site, straight

from luchtwacht.model import (
    Associations,
    Category,
    Detections,
    Floats,
    Reidentified,
    TrackingSettings,
    Tracks,
    TrackStatus,
)
from luchtwacht.tracking import MOVES, RollbackTracker, TrackEvent
from luchtwacht.tracking.classification import PRIOR
from luchtwacht.tracking.stitching import LEAST_LIKELY, Stitching, _within_reach

RADAR = sensor("radar", false_reports=2.0, range_max_m=8000.0)
HERE = site(RADAR)

Told = tuple[list[Tracks], list[Associations], list[Reidentified]]


def watch(seconds: int, seen: Callable[[int], Floats], seed: int = 1, stitch_s: float = 45.0, **more: object) -> Told:
    """A radar that reports what `seen(t)` (n, 6) says, once a second."""
    here = site(RADAR, tracking=TrackingSettings(stitch_s=stitch_s))
    tracker, rng = RollbackTracker(here), np.random.default_rng(seed)
    told: Told = ([], [], [])
    for t in range(seconds):
        truth = np.asarray(seen(t)).reshape(-1, 6)
        plots = polar(RADAR, 0, here, at(t + 0.1), truth, rng, first_id=100 * t + 1, **more) if len(truth) else None
        for half, given in ((0.5, plots or Detections.empty()), (1.0, Detections.empty())):
            tracks, used, found = tracker.step(at(t + half), given)
            told[0].append(tracks)
            told[1].append(used)
            told[2].extend(found)
    return told


def living(tracks: Tracks) -> list[int]:
    return tracks.track[tracks.status != TrackStatus.TERMINATED].tolist()


def behind(from_s: int, to_s: int, t: int, *paths: Floats) -> Floats:
    return np.array([] if from_s <= t < to_s else paths)


@pytest.mark.parametrize("gap_s", [4, 10, 20, 30])
def test_a_drone_keeps_its_number_behind_a_building(gap_s: int) -> None:
    tracks, used, found = watch(
        35 + gap_s, lambda t: behind(15, 15 + gap_s, t, straight((1500, 800, 100), (12, 5, 0), t))
    )
    assert living(tracks[29]) == [1]
    last = tracks[-1]
    assert living(last) == [1]
    assert last.status.tolist() == [TrackStatus.CONFIRMED]
    assert (last.started_ns[0], last.confirmed_ns[0]) == (tracks[20].started_ns[0], tracks[20].confirmed_ns[0])
    assert last.updates[0] == 35
    if gap_s < 20:
        return  # it may have been found by the track itself, which coasted
    (event,) = found
    assert (event.track, event.lost_ns) == (1, at(14.1))
    assert event.former > 1
    assert event.probability > 0.9
    assert last.reidentified_ns.tolist() == [event.time_ns]
    last_word = {}
    for each in used:
        for track, detection, probability in zip(each.track, each.detection, each.probability, strict=True):
            last_word[int(track), int(detection)] = float(probability)
    assert {track for (track, _), probability in last_word.items() if probability > 0.5} == {1}
    assert len(last_word) > 35


def test_the_former_number_ends_and_is_not_used_again() -> None:
    tracks, _, (event,) = watch(70, lambda t: behind(15, 38, t, straight((1500, 800, 100), (12, 5, 0), t)))
    moment = next(each for each in tracks if len(each) and each.time_ns[0] == event.time_ns)
    assert moment.track.tolist() == [1, event.former]
    assert moment.status.tolist() == [TrackStatus.CONFIRMED, TrackStatus.TERMINATED]
    assert all(event.former not in living(each) for each in tracks if len(each) and each.time_ns[0] >= event.time_ns)


def test_without_stitching_it_is_another_track() -> None:
    tracks, _, found = watch(60, lambda t: behind(15, 38, t, straight((1500, 800, 100), (12, 5, 0), t)), stitch_s=0.0)
    assert not found
    assert living(tracks[-1]) != [1]


def test_an_object_elsewhere_is_another_one() -> None:
    def seen(t: int) -> Floats:
        if t < 15:
            return straight((1500, 800, 100), (12, 5, 0), t)
        return straight((-900, 2600, 100), (9, -7, 0), t) if t >= 35 else np.empty((0, 6))

    tracks, _, found = watch(55, seen)
    assert not found
    assert living(tracks[-1]) != [1]


def test_one_much_larger_is_another_one() -> None:
    def sizes(t: int) -> object:
        return -20.0 if t < 15 else 12.0

    here = site(RADAR)
    for same in (True, False):
        tracker, rng, found = RollbackTracker(here), np.random.default_rng(4), []
        for t in range(60):
            if not 15 <= t < 37:
                plot = polar(RADAR, 0, here, at(t + 0.1), straight((1500, 800, 100), (12, 5, 0), t), rng,
                             first_id=t + 1, rcs_dbsm=-20.0 if same else sizes(t))  # fmt: skip
            else:
                plot = Detections.empty()
            found += tracker.step(at(t + 0.5), plot)[2]
        assert len(found) == same


def test_two_that_vanish_together_keep_their_own_numbers() -> None:
    kept = 0
    for seed in range(6):
        paths = [((1500, 800, 100), (12, 5, 0)), ((1500, 1250, 100), (12, 5, 0))]
        tracks, _, found = watch(
            60,
            lambda t, paths=paths: behind(15, 35, t, *(straight(*path, t) for path in paths)),  # type: ignore[misc, arg-type]
            seed=seed,
        )
        last = tracks[-1]
        by_north = dict(zip((last.x[:, 1] > 1250 - 200 + 5 * 59).tolist(), last.track.tolist(), strict=False))
        before = tracks[25]
        then = dict(zip((before.x[:, 1] > 1250 - 200 + 5 * 12).tolist(), before.track.tolist(), strict=False))
        for side, number in by_north.items():
            assert number == then[side] or number > 2  # never the other's
            kept += number == then[side]
        assert len(found) <= 2
    assert kept >= 8


def test_a_flock_that_comes_and_goes_is_not_taken_for_one_object() -> None:
    """Where new tracks begin all the time, another one says little."""
    rng = np.random.default_rng(8)
    starts = rng.uniform(-400, 400, (14, 2)) + np.array([1800.0, 900.0])

    def seen(t: int) -> Floats:
        which = t // 8
        start = starts[which % len(starts)]
        angle = 2.4 * which
        return straight((*start, 100), (9 * np.cos(angle), 9 * np.sin(angle), 0), t % 8)  # type: ignore[arg-type]

    _, _, found = watch(112, seen)
    assert len(found) <= 3


def test_it_is_found_a_second_time() -> None:
    tracks, _, found = watch(
        110, lambda t: behind(15, 35, t, straight((-1500, 800, 100), (12, 5, 0), t)) if t < 55 else
        behind(55, 76, t, straight((-1500, 800, 100), (12, 5, 0), t))
    )  # fmt: skip
    assert [each.track for each in found] == [1, 1]
    assert living(tracks[-1]) == [1]
    assert tracks[-1].reidentified_ns.tolist() == [found[-1].time_ns]


def test_the_moves_are_in_the_table() -> None:
    for lost in (TrackStatus.COASTED, TrackStatus.TERMINATED):
        assert MOVES[lost, TrackEvent.RECOGNISED] is TrackStatus.CONFIRMED
    assert (TrackStatus.TENTATIVE, TrackEvent.RECOGNISED) not in MOVES


def stood(number: int, status: TrackStatus, x: Floats, started_s: float, updated_s: float, now_s: float) -> Tracks:
    """One track as the tracker would say it."""
    return Tracks.unknown(
        1, track=number, time_ns=at(now_s), started_ns=at(started_s), confirmed_ns=at(started_s + 3.0), basis=0,
        updated_ns=at(updated_s), status=int(status), x=x, P=np.diag([100.0, 100.0, 400.0, 9.0, 9.0, 1.0]),
        existence=0.99, updates=9, sensors=1, category_probability=np.array([PRIOR[each] for each in Category]),
    )  # fmt: skip


def test_a_track_that_coasts_is_dropped_when_its_object_goes_on_in_another() -> None:
    stitching = Stitching(HERE)
    path = straight((0, 1500, 100), (15, 0, 0), 20.0)
    old = stood(1, TrackStatus.COASTED, path, 0.0, 12.0, 20.0)
    assert stitching.step(at(19.0), old) == []
    assert stitching.step(
        at(20.0), Tracks.concatenate([old, stood(7, TrackStatus.CONFIRMED, path, 16.5, 19.9, 20.0)])
    ) == [1]
    (each,) = stitching.continuations.values()
    assert (each.track, each.root, each.lost_ns, each.updates) == (7, 1, at(12.0), 9)
    far = path + np.array([900.0, 900.0, 0.0, -20.0, 0.0, 0.0])
    other = Stitching(HERE)
    other.step(at(19.0), old)
    new = stood(7, TrackStatus.CONFIRMED, far, 16.5, 19.9, 20.0)
    assert other.step(at(20.0), Tracks.concatenate([old, new])) == []
    assert not other.continuations


def test_one_that_began_before_the_other_was_lost_is_another() -> None:
    stitching = Stitching(HERE)
    path = straight((0, 1500, 100), (15, 0, 0), 20.0)
    old = stood(1, TrackStatus.COASTED, path, 0.0, 17.0, 20.0)
    stitching.step(at(19.0), old)
    assert (
        stitching.step(at(20.0), Tracks.concatenate([old, stood(7, TrackStatus.CONFIRMED, path, 16.5, 19.9, 20.0)]))
        == []
    )


def test_dropped_rows_leave_the_others_as_they_were() -> None:
    from luchtwacht.tracking import Tracker

    one, rng = Tracker(HERE), np.random.default_rng(2)
    starts = [(1500, 800, 100), (-900, 1600, 100), (600, -2100, 100)]
    for t in range(8):
        truth = np.array([straight(start, (8, 3, 0), t) for start in starts])  # type: ignore[arg-type]
        one.step(at(t + 0.5), polar(RADAR, 0, HERE, at(t + 0.1), truth, rng, first_id=10 * t + 1))
    before = one.state().possible
    one.drop([2])
    after = one.state().possible
    stays = before.whole[:, 0] != 2
    assert stays.sum() == len(before.whole) - 1
    assert after.whole.tobytes() == before.whole[stays].tobytes()
    assert after.real.tobytes() == before.real[stays].tobytes()
    assert after.looks.tobytes() == before.looks[stays].tobytes()
    assert after.state.tobytes() == before.state.reshape(len(stays), -1)[stays].tobytes()


def some(rng: np.random.Generator, count: int, *, lost: bool) -> Tracks:
    """Tracks all over a square of 4 km, with errors of 5 to 100 m."""
    B = rng.normal(size=(count, 6, 6)) * np.array([1, 1, 1, 0.1, 0.1, 0.1]) * rng.uniform(5, 60, (count, 1, 1))
    seen = rng.integers(0, 40, count)
    return Tracks.unknown(
        count, track=np.arange(count) + (1 if lost else 1000), time_ns=at(40.0) if not lost else at(0.0) + seen * 10**9,
        started_ns=at(0.0) + seen * 10**9, confirmed_ns=at(39.0), updated_ns=at(0.0) + seen * 10**9,
        status=int(TrackStatus.TERMINATED if lost else TrackStatus.CONFIRMED), basis=0, existence=0.5, updates=9,
        x=rng.normal(size=(count, 6)) * [1500, 1500, 80, 12, 12, 1], P=B.transpose(0, 2, 1) @ B + np.eye(6),
        sensors=1, category_probability=np.tile([PRIOR[each] for each in Category], (count, 1)),
    )  # fmt: skip


def test_nothing_that_could_be_the_same_is_out_of_reach() -> None:
    rng, stitching = np.random.default_rng(7), Stitching(HERE)
    new, lost = some(rng, 60, lost=False), some(rng, 80, lost=True)
    rows, candidates = (each.ravel() for each in np.indices((60, 80)))
    ratios = stitching._ratios(new, rows, lost.take(candidates)).reshape(60, 80)
    later = new.started_ns[:, None] > lost.updated_ns
    weighed = set(zip(*(each.tolist() for each in np.nonzero((ratios > LEAST_LIKELY) & later)), strict=True))
    near = set(zip(*(each.tolist() for each in _within_reach(new, lost)), strict=True))
    assert len(weighed) > 20
    assert weighed <= near
    assert len(near) < 0.8 * later.sum()
    assert all(later[pair] for pair in near)
