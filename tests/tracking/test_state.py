"""What the tracker holds, as a value: taken out and put back it goes on to the byte."""

from __future__ import annotations

from dataclasses import fields
from functools import cache

import numpy as np
import pytest
from tests.tracking.skies import at, polar, position, sensor, site, straight

from luchtwacht.model import Associations, Detections, SensorKind, Tracks
from luchtwacht.model.batch import layout
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.state import Rows

RADAR = sensor("radar", false_reports=10.0, elevation_min_deg=-2.0, elevation_max_deg=20.0)
EAST = sensor("east", SensorKind.RF_DIRECTION_FINDER, at=(1500.0, 0.0), azimuth_sigma_deg=1.0, false_reports=0.5)
WEST = sensor("west", SensorKind.RF_DIRECTION_FINDER, at=(-1500.0, 0.0), azimuth_sigma_deg=1.0, false_reports=0.5)
ARC = sensor("arc", SensorKind.RF_LOCATOR, at=(0.0, 900.0), false_reports=0.2)
HERE = site(RADAR, EAST, WEST, ARC)
STARTS = [(2000, 1000, 150), (-1500, 1800, 90), (900, -2400, 120)]
UNSEEN = (-400, 1900, 80)
"""only direction finders hear it"""
SECONDS = 40

Said = tuple[Tracks, Associations]


@cache
def measured() -> tuple[Detections, ...]:
    """Second by second: a radar in clutter, two direction finders, a locator that numbers what it follows."""
    rng, looks = np.random.default_rng(11), []
    for t in range(SECONDS):
        truth = np.array([straight(start, (12 - 5 * k, -6 + 4 * k, 0.3), t) for k, start in enumerate(STARTS)])  # type: ignore[arg-type]
        hidden = straight(UNSEEN, (6, 3, 0), t)
        false = np.column_stack([rng.uniform(-4000, 4000, (8, 2)), rng.uniform(50, 400, (8, 1)), np.zeros((8, 3))])
        plots = np.vstack([truth[rng.random(3) < 0.9], false])
        first = 1000 * t + 1
        opinions = rng.dirichlet(np.ones(5), len(plots)) if t % 3 == 1 else np.full((len(plots), 5), np.nan)
        looks.append(
            Detections.concatenate(
                [
                    polar(RADAR, 0, HERE, at(t + 0.1), plots, rng, (True, True, True, t % 2 == 0), first,
                          category_probability=opinions, rcs_dbsm=-15.0),
                    polar(EAST, 1, HERE, at(t + 0.3), hidden, rng, (False, True, False, False), first + 100),
                    polar(WEST, 2, HERE, at(t + 0.4), hidden, rng, (False, True, t % 3 == 0, False), first + 200),
                    position(3, at(t + 0.6), truth[:2, :3] + rng.normal(size=(2, 3)) * 15.0, 15.0, 20.0, first + 300,
                             sensor_track=np.array([4, 7]), filtered=True),
                ]
            )
        )  # fmt: skip
    return tuple(looks)


def on(tracker: Tracker, first: int, last: int) -> list[Said]:
    """Steps of half a second, so that looks are cut by them."""
    said = []
    for half in range(2 * first, 2 * last):
        second = measured()[half // 2]
        time_ns = at(0.5 * (half + 1))
        now = (second.time_ns >= at(0.5 * half)) & (second.time_ns < time_ns)
        said.append(tracker.step(time_ns, second.take(now)))
    return said


def bits(said: list[Said]) -> list[bytes]:
    return [getattr(each, name).tobytes() for pair in said for each in pair for name, _, _ in layout(type(each))]


def test_the_sky_is_worth_it() -> None:
    tracker = Tracker(HERE)
    (*_, (tracks, _)) = on(tracker, 0, SECONDS)
    state = tracker.state()
    assert len(tracks) >= 3
    assert len(state.glimpses.real) > 3
    assert state.next_number > 4
    assert len(state.waiting) > 0


@pytest.mark.parametrize("cut", [1, 2, 9, 25])
def test_a_restored_tracker_goes_on_to_the_byte(cut: int) -> None:
    whole = Tracker(HERE)
    on(whole, 0, cut)
    state = whole.state()
    expected = bits(on(whole, cut, SECONDS))
    other = Tracker(HERE)
    other.restore(state)
    assert bits(on(other, cut, SECONDS)) == expected
    other.restore(state)  # what was taken out is still as it was, whatever was done since
    assert bits(on(other, cut, SECONDS)) == expected


def test_a_tracker_can_go_back_and_on_another_way() -> None:
    tracker = Tracker(HERE)
    on(tracker, 0, 10)
    state = tracker.state()
    expected = bits(on(tracker, 10, 20))
    tracker.step(at(30.0), Detections.empty())
    tracker.restore(state)
    assert bits(on(tracker, 10, 20)) == expected


def test_nothing_in_a_state_can_be_changed() -> None:
    tracker = Tracker(HERE)
    on(tracker, 0, 5)
    state = tracker.state()
    tables = [getattr(rows, each.name) for rows in (state.possible, state.glimpses) for each in fields(Rows)]
    for column in (*tables, *(scene.around for scene in state.scenes)):
        assert not column.flags.writeable
        assert not np.shares_memory(column, tracker._all.state)


def test_a_possible_object_takes_less_than_half_a_kilobyte() -> None:
    tracker = Tracker(HERE)
    on(tracker, 0, 6)
    state = tracker.state()
    for rows, most in ((state.possible, 412), (state.glimpses, 232)):
        count = len(rows.real)
        assert count > 0
        assert rows.state.nbytes + rows.real.nbytes + rows.whole.nbytes <= most * count
        assert rows.looks.nbytes <= 32 * len(HERE.sensors) * count
