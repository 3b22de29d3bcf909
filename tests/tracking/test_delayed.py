"""Some seconds late the picture is better: nearer, from the first detection on, and without what has died."""

from __future__ import annotations

import numpy as np
import pytest
from bench.tracking import SECOND, SITE, START_NS, delayed, judge, known, make, ours

from luchtwacht.model import Detections, Tracks, TrackStatus
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.delayed import Delayed

SCENE = make(3, 30, 40, 24, rate=False)


def _told(lag_s: float) -> list[Tracks]:
    late = Delayed(SITE, lag_s)
    told = [each for scan, plots in enumerate(SCENE.plots) for each in late.step(START_NS + scan * SECOND, plots)]
    return told + late.finish()


@pytest.mark.parametrize("lag_s", [0.0, 3.0, 100.0])
def test_every_step_is_told_once_in_order(lag_s: float) -> None:
    told = [int(each.time_ns[0]) for each in _told(lag_s) if len(each)]
    assert told == sorted(set(told))
    assert len(_told(lag_s)) == len(SCENE.plots)


def test_without_a_lag_it_is_what_the_tracker_says() -> None:
    tracker = Tracker(SITE)
    for scan, (plots, late) in enumerate(zip(SCENE.plots, _told(0.0), strict=True)):
        now, _ = tracker.step(START_NS + scan * SECOND, plots)
        now = now.take(now.status == TrackStatus.CONFIRMED)
        np.testing.assert_array_equal(late.track, now.track)
        np.testing.assert_allclose(late.x, now.x, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(late.P, now.P, rtol=1e-9, atol=1e-6)
        np.testing.assert_array_equal(late.started_ns, now.started_ns)


def test_the_later_the_nearer() -> None:
    best = judge(SCENE, known).gospa()
    ratios = [judge(SCENE, run).gospa() / best for run in (ours, delayed(1.0), delayed(3.0), delayed(5.0))]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[2] < 0.92
    assert ratios[3] < 0.88


def test_an_object_is_shown_from_its_first_detection_on_and_not_before() -> None:
    live, late = _told(0.0), _told(4.0)
    first_live: dict[int, int] = {}
    first_late: dict[int, int] = {}
    for told, first in ((live, first_live), (late, first_late)):
        for each in told:
            assert (each.time_ns >= each.started_ns).all()
            for number, time_ns in zip(each.track.tolist(), each.time_ns.tolist(), strict=True):
                first.setdefault(number, time_ns)
    sooner = [first_live[number] - first_late[number] for number in first_late if number in first_live]
    assert min(sooner) >= 0
    assert np.mean(sooner) >= SECOND


def test_what_has_died_is_not_shown_after_its_last_detection() -> None:
    site, silent = SITE, Detections.empty()
    late = Delayed(site, 8.0)
    told = [each for scan in range(12) for each in late.step(START_NS + scan * SECOND, SCENE.plots[scan])]
    told += [each for scan in range(12, 40) for each in late.step(START_NS + scan * SECOND, silent)]
    assert sum(map(len, told)) > 100
    assert all((each.time_ns <= START_NS + 11 * SECOND).all() for each in told), "the twelfth scan was the last to see"


def test_the_tracker_is_read_and_not_changed() -> None:
    late, tracker = Delayed(SITE, 3.0), Tracker(SITE)
    for scan, plots in enumerate(SCENE.plots):
        late.step(START_NS + scan * SECOND, plots)
        tracker.step(START_NS + scan * SECOND, plots)
    mine, other = late._tracker.state(), tracker.state()
    np.testing.assert_array_equal(mine.possible.state, other.possible.state)
    np.testing.assert_array_equal(mine.glimpses.whole, other.glimpses.whole)
