"""Take-offs are said for those who are alerted about or asked for, once, and again when they mean something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from bench.departures import CONDITIONS, START_NS, among_false_plots, scans, truth, world

from luchtwacht.errors import BadCommand
from luchtwacht.model import (
    Alert,
    AlertKind,
    AlertStatus,
    Associations,
    Cause,
    Chances,
    Detections,
    Extent,
    Severity,
    Site,
    TakeOff,
    TakeOffFound,
    Tracks,
    TrackStatus,
)
from luchtwacht.tracking import TakeOffs, Tracker
from luchtwacht.tracking.takeoffs import MOST_KEPT, MOST_TENTATIVE, WINDOW_NS, differs, find
from luchtwacht.units import SECOND_NS

Step = tuple[int, Detections, Tracks, Associations]
STEP_NS = SECOND_NS // 2
RUN = 22
"""a drone that leaves 4.5 km away, in full view"""


def _steps(run: int = RUN, name: str = "in view", most: int = 110) -> tuple[Site, list[Step]]:
    """One drone that takes off among false plots: what the tracker was given and said, twice a second."""
    made = among_false_plots(world(CONDITIONS[name], run)[0], 20.0)
    tracker, taken, now = Tracker(made.site), [], START_NS
    waiting = [rows for rows, _ in scans(made)]
    for _ in range(most):
        now += STEP_NS
        due = [rows for rows in waiting if len(rows) and int(rows.time_ns[-1]) < now]
        waiting = [rows for rows in waiting if len(rows) and int(rows.time_ns[-1]) >= now]
        rows = Detections.concatenate(due)
        taken.append((now, rows, *tracker.step(now, rows)))
    return made.site, taken


@pytest.fixture(scope="module")
def night() -> tuple[Site, list[Step]]:
    return _steps()


def _drone(steps: list[Step]) -> int:
    """The track that lived longest."""
    numbers, counts = np.unique(np.concatenate([tracks.track for _, _, tracks, _ in steps]), return_counts=True)
    return int(numbers[counts.argmax()])


def _alert(*tracks: int) -> Alert:
    cause = Cause(
        finding_time_ns=0, probability_inside=1.0, probability_entry=1.0, probability_uas=1.0,
        probability_permitted=0.0, distance=-1.0, time_to_entry=0.0, position=(0.0, 0.0, 0.0), height_sigma=1.0,
        detections=(),
    )  # fmt: skip
    return Alert(
        id=1, kind=AlertKind.ZONE_INTRUSION, status=AlertStatus.RAISED, severity=Severity.CRITICAL, track=tracks[0],
        tracks=tracks, zone="Z", aircraft_id="", started_ns=0, confirmed_ns=0, raised_ns=0, changed_ns=0, active=True,
        cause=cause, steps=(),
    )  # fmt: skip


def _run(
    site: Site, steps: list[Step], alerted_at: dict[int, Alert], stage: TakeOffs | None = None
) -> Iterator[TakeOffFound]:
    stage = stage or TakeOffs(site)
    for place, step in enumerate(steps):
        found = stage.step(*step, [alerted_at[place]] if place in alerted_at else [])
        if found is not None:
            yield found


def _first_confirmed(steps: list[Step], track: int) -> int:
    return next(
        place
        for place, (_, _, tracks, _) in enumerate(steps)
        if tracks.confirmed_ns[tracks.track == track].max(initial=-1) >= 0
    )


def test_nobody_is_traced_of_whom_nobody_was_told(night: tuple[Site, list[Step]]) -> None:
    assert list(_run(*night, {})) == []


def test_an_alerted_track_is_traced_after_its_alert_and_again_when_its_beginning_is_complete(
    night: tuple[Site, list[Step]],
) -> None:
    site, steps = night
    drone = _drone(steps)
    place = _first_confirmed(steps, drone)
    first, *later = _run(site, steps, {place: _alert(drone)})
    assert first.time_ns > steps[place][0]
    assert first.takeoff.track == drone
    assert first.takeoff.revision == 1
    assert len(later) <= 1
    for each in later:
        assert each.takeoff.revision == 2
        assert set(first.takeoff.detections) < set(each.takeoff.detections)
        assert differs(first.takeoff, each.takeoff)
    whole = find(drone, *[_kept(site, steps, drone), site])[0]
    assert whole.extent is Extent.IN_VIEW
    place, _ = truth(world(CONDITIONS["in view"], RUN)[0])
    assert whole.point is not None
    assert np.hypot(*(place - whole.point)) < 40.0


def _kept(site: Site, steps: list[Step], drone: int) -> Detections:
    stage = TakeOffs(site)
    for step in steps:
        stage.step(*step)
    state = stage.state()
    rows = state.kept.take(state.owner == drone)
    return rows.take(np.argsort(rows.time_ns))


def test_what_is_kept_is_bounded_and_of_the_beginning(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    stage = TakeOffs(site)
    for time_ns, detections, tracks, associations in steps:
        stage.step(time_ns, detections, tracks, associations)
        state = stage.state()
        assert (np.diff(state.number) > 0).all()
        numbers, counts = np.unique(state.owner, return_counts=True)
        assert set(numbers.tolist()) <= set(state.number.tolist())
        held = np.zeros(len(state.number), np.int64)
        held[np.searchsorted(state.number, numbers)] = counts
        np.testing.assert_array_equal(held, state.count)
        assert (held <= np.where(state.confirmed, MOST_KEPT, MOST_TENTATIVE)).all()
        begun = state.first_ns[np.searchsorted(state.number, state.owner)]
        assert (state.kept.time_ns <= begun + WINDOW_NS).all()
        live = tracks.track[tracks.status != TrackStatus.TERMINATED]
        gone = state.number[~np.isin(state.number, live)]
        assert state.confirmed[np.isin(state.number, gone)].all()


def test_the_first_detection_of_all_is_kept(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    drone = _drone(steps)
    rows = _kept(site, steps, drone)
    started = next(
        int(tracks.started_ns[tracks.track == drone][0]) for _, _, tracks, _ in steps if drone in tracks.track
    )
    assert int(rows.time_ns[0]) == started


def test_taken_out_and_put_back_it_goes_on_the_same(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    drone = _drone(steps)
    place = _first_confirmed(steps, drone)
    alerted = {place: _alert(drone)}
    whole = list(_run(site, steps, alerted))
    for cut in (place - 1, place + 1, place + 2, place + 30):
        stage = TakeOffs(site)
        before = list(_run(site, steps[:cut], alerted, stage))
        fresh = TakeOffs(site)
        fresh.restore(stage.state())
        after = list(_run(site, steps[cut:], {at - cut: each for at, each in alerted.items()}, fresh))
        assert [*before, *after] == whole


def test_whoever_asks_is_answered_once_and_nobody_knows_of_a_track_that_is_not(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    drone, stage = _drone(steps), TakeOffs(site)
    for step in steps[:80]:
        stage.step(*step)
    with pytest.raises(BadCommand, match="track 9999"):
        stage.ask(9999)
    assert not stage.waits
    stage.ask(drone)
    assert stage.waits
    found = [each for step in steps[80:] if (each := stage.step(*step)) is not None]
    assert [each.takeoff.track for each in found] == [drone]
    stage.ask(drone)
    assert stage.step(steps[-1][0] + STEP_NS, Detections.empty(), steps[-1][2], Associations.empty()) is None
    assert not stage.waits


def test_those_who_wait_are_served_one_a_second_in_order(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    stage = TakeOffs(site)
    for step in steps[:60]:
        stage.step(*step)
    state = stage.state()
    row = int(np.flatnonzero(state.number == _drone(steps))[0])
    drone = int(state.number[row])
    twins = [drone, drone + 100_000, drone + 200_000]  # three of the same beginning, since false tracks have none
    own = state.kept.take(state.owner == drone)
    stage.restore(
        replace(
            state, number=np.array(twins), count=np.repeat(state.count[row], 3),
            first_ns=np.repeat(state.first_ns[row], 3),
            until_ns=np.full(3, steps[-1][0] + 200 * SECOND_NS), confirmed=np.ones(3, np.bool_),
            owner=np.repeat(twins, len(own)), kept=Detections.concatenate([own, own, own]), filling=(),
        )
    )  # fmt: skip
    for twin in reversed(twins):
        stage.ask(twin)
    found = [
        each for time_ns, *_ in steps[60:]
        if (each := stage.step(time_ns, Detections.empty(), Tracks.empty(), Associations.empty())) is not None
    ]  # fmt: skip
    assert [each.takeoff.track for each in found] == twins[::-1]
    assert all(second.time_ns - first.time_ns >= SECOND_NS for first, second in pairwise(found))


def test_a_take_off_out_of_sight_is_called_open_or_hidden_and_its_detections_are_named() -> None:
    site, steps = _steps(24, "beam", most=200)
    drone = _drone(steps)
    rows = _kept(site, steps, drone)
    found, chances = find(drone, rows, site)
    assert found.extent in (Extent.OPEN, Extent.HIDDEN)
    assert found.detections == tuple(rows.id.tolist())
    assert found.sensors == (0,)
    assert found.searching == (0,)
    assert found.half is not None
    assert found.most is not None
    assert found.half.size < found.most.size
    assert found.launch_from_ns <= found.launch_ns <= found.launch_until_ns <= found.first_ns
    assert 0.985 < chances.probability.sum() < 1.0001


def test_what_came_from_far_above_has_no_area_but_a_direction(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    rows = _kept(site, steps, _drone(steps))
    z = rows.z.copy()
    z[:, 2] = np.radians(80.0)
    high = Detections(**{**rows.columns(), "z": z})
    found, chances = find(7, high, site)
    assert found.extent is Extent.BEYOND
    assert found.most is None
    assert found.launch_ns == -1
    assert found.first_seen is not None
    assert found.detail
    assert len(chances) == 0


def test_the_silence_of_a_radar_that_was_not_watching_says_nothing(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    rows = _kept(site, steps, _drone(steps))
    always, _ = find(7, rows, site)
    fresh, _ = find(7, rows, site, watched_ns=np.array([int(rows.time_ns[0]) - SECOND_NS // 2]))
    never, _ = find(7, rows, site, watched_ns=np.array([2**62]))
    assert always.searching == fresh.searching == (0,)
    assert never.searching == ()
    assert always.in_view is not None
    assert never.in_view == 0.0
    for other in (fresh, never):
        assert other.most is not None
        assert always.most is not None
        assert other.most.size > 2.0 * always.most.size
        assert other.launch_until_ns - other.launch_from_ns > always.launch_until_ns - always.launch_from_ns


def test_a_sensor_watches_from_when_it_is_first_heard_until_it_is_not(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    stage = TakeOffs(site)
    assert (stage.watched_ns > steps[-1][0]).all()
    for step in steps[:10]:
        stage.step(*step)
    first = next(time_ns for time_ns, rows, *_ in steps if len(rows))
    assert stage.watched_ns.tolist() == [first]
    time_ns, *rest = steps[10]
    stage.step(time_ns, *rest, (), np.array([False]))
    assert (stage.watched_ns > steps[-1][0]).all()
    stage.step(steps[11][0], *steps[11][1:], (), np.array([True]))
    assert stage.watched_ns.tolist() == [steps[11][0]]


def test_nothing_measured_gives_no_place() -> None:
    site, _ = _steps(most=1)
    found, chances = find(7, Detections.empty(), site)
    assert found.extent is Extent.UNPLACED
    assert found.first_seen is None
    assert found.detail
    assert chances == Chances.empty()


def test_only_what_changes_the_meaning_is_said_again(night: tuple[Site, list[Step]]) -> None:
    site, steps = night
    found: TakeOff = find(1, _kept(site, steps, _drone(steps)), site)[0]
    assert found.point is not None
    assert found.expected_error is not None
    assert found.most is not None
    east, north = found.point
    assert not differs(found, replace(found, point=(east + 0.1, north)))
    assert differs(found, replace(found, point=(east + found.expected_error, north)))
    assert differs(found, replace(found, extent=Extent.OPEN))
    assert differs(found, replace(found, most=replace(found.most, size=2.0 * found.most.size)))
    assert differs(found, replace(found, launch_ns=found.launch_from_ns - SECOND_NS))
