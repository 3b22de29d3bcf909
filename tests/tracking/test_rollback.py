"""Late reports: the tracks are those of reports in order, and people's numbers stay with their objects."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tracking.skies import at, polar, sensor, site, straight
from tests.tracking.test_state import HERE, SECONDS, measured

from luchtwacht.model import Associations, Detections, Floats, Site, Tracks, TrackStatus
from luchtwacht.model.batch import layout
from luchtwacht.tracking import RollbackTracker
from luchtwacht.tracking.numbering import corrections
from luchtwacht.units import seconds_to_ns

Said = tuple[Tracks, Associations]
RADAR = sensor("radar", false_reports=2.0)
STEP_NS = seconds_to_ns(0.5)


def run(here: Site, detections: Detections, arrives_ns: Floats | None = None, until_s: float = SECONDS) -> list[Said]:
    """Steps of half a second until `until_s`; each detection is handed over in the step after it arrives."""
    tracker, said = RollbackTracker(here), []
    arrives = detections.time_ns if arrives_ns is None else np.asarray(arrives_ns)
    for last_ns, time_ns in pairwise(range(at(0), at(until_s) + 1, STEP_NS)):
        tracks, used, _ = tracker.step(time_ns, detections.take((arrives >= last_ns) & (arrives < time_ns)))
        said.append((tracks, used))
    return said


def living(tracks: Tracks) -> Tracks:
    return tracks.take(tracks.status != TrackStatus.TERMINATED)


def hold_against(sorted_said: list[Said], said: list[Said], detections: Detections, arrives_ns: Floats) -> int:
    """Every conclusion that lacks no report is the same to the bit, numbers apart; numbers stand for the same objects.

    Returns how many conclusions were compared.
    """
    known: dict[int, int] = {}
    compared = 0
    for k, ((wanted, _), (got, _)) in enumerate(zip(sorted_said, said, strict=True)):
        time_ns = at(0) + (k + 1) * STEP_NS
        if ((detections.time_ns < time_ns) & (arrives_ns >= time_ns)).any():
            continue
        compared += 1
        wanted, got = living(wanted), living(got)
        order = np.lexsort((got.updates, *got.x.T))
        other = np.lexsort((wanted.updates, *wanted.x.T))
        for name, _, _ in layout(Tracks):
            if name != "track":
                assert getattr(got, name)[order].tobytes() == getattr(wanted, name)[other].tobytes(), (k, name)
        for mine, theirs in zip(got.track[order].tolist(), wanted.track[other].tolist(), strict=True):
            assert known.setdefault(theirs, mine) == mine
    assert len(set(known.values())) == len(known)
    return compared


def late(detections: Detections, seed: int, share: float, most_s: float) -> Floats:
    """When each arrives: a share of them up to `most_s` late."""
    rng = np.random.default_rng(seed)
    delay = (rng.random(len(detections)) < share) * rng.uniform(0.0, most_s, len(detections))
    return np.asarray(detections.time_ns + (delay * 1e9).astype(np.int64))


def everything() -> Detections:
    return Detections.concatenate(list(measured()))


def test_without_late_reports_it_is_the_tracker() -> None:
    from luchtwacht.tracking import Tracker

    plain, sky = Tracker(HERE), everything()
    for (tracks, used), (last_ns, time_ns) in zip(
        run(HERE, sky), pairwise(range(at(0), at(SECONDS) + 1, STEP_NS)), strict=True
    ):
        mine = sky.take((sky.time_ns >= last_ns) & (sky.time_ns < time_ns))
        expected, expected_used = plain.step(time_ns, mine)
        assert tracks == expected
        assert used == expected_used


@pytest.mark.parametrize(("share", "most_s"), [(0.01, 4.5), (0.1, 2.0), (1.0, 0.6)])
def test_shuffled_reports_give_the_tracks_of_sorted_ones(share: float, most_s: float) -> None:
    sky = everything()
    arrives = late(sky, 5, share, most_s)
    compared = hold_against(run(HERE, sky), run(HERE, sky, arrives), sky, arrives)
    assert compared > 8


def test_a_whole_sensor_that_is_always_late_is_used_as_if_it_were_not() -> None:
    sky = everything()
    arrives = sky.time_ns + np.where(sky.sensor == 0, seconds_to_ns(2.2), 0)
    sky = sky.take(sky.time_ns < at(30))
    arrives = arrives[: len(sky)]
    said, wanted = run(HERE, sky, arrives), run(HERE, sky)
    assert hold_against(wanted, said, sky, arrives) > 10


@st.composite
def skies(draw: st.DrawFn) -> tuple[Detections, Floats]:
    """Up to four objects and some false plots under one radar for 12 seconds, with delays of up to 5 seconds."""
    seed = draw(st.integers(0, 2**32 - 1))
    objects = draw(st.integers(1, 4))
    delays = draw(st.lists(st.sampled_from([0.0, 0.0, 0.4, 1.3, 2.5, 4.9]), min_size=24, max_size=24))
    rng = np.random.default_rng(seed)
    here = site(RADAR)
    starts = np.column_stack([rng.uniform(-2000, 2000, (objects, 2)), rng.uniform(60, 200, objects)])
    speeds = np.column_stack([rng.normal(size=(objects, 2)) * 12.0, np.zeros(objects)])
    rows, arrives = [], []
    for t in range(12):
        truth = np.array([straight(start, speed, t) for start, speed in zip(starts, speeds, strict=True)])  # type: ignore[arg-type]
        false = np.column_stack([rng.uniform(-2500, 2500, (2, 2)), np.full((2, 1), 100.0), np.zeros((2, 3))])
        plots = polar(RADAR, 0, here, at(t + 0.2), np.vstack([truth, false]), rng, first_id=100 * t + 1)
        kept = plots.take(rng.random(len(plots)) < 0.9)
        rows.append(kept)
        half = rng.random(len(kept)) < 0.5
        arrives.append(kept.time_ns + np.where(half, seconds_to_ns(delays[t]), seconds_to_ns(delays[t + 12])))
    return Detections.concatenate(rows), np.concatenate(arrives)


@given(skies())
@settings(max_examples=25)
def test_small_skies_in_any_order(sky: tuple[Detections, Floats]) -> None:
    detections, arrives = sky
    here = site(RADAR)
    compared = hold_against(
        run(here, detections, until_s=18), run(here, detections, arrives, until_s=18), detections, arrives
    )
    assert compared >= 3


def test_a_number_that_was_shown_is_never_given_to_another_object() -> None:
    """Two drones: the first reports of the one come after the other was numbered."""
    here, rng = site(RADAR), np.random.default_rng(3)
    rows, arrives = [], []
    for t in range(15):
        for k, start in enumerate([(2000, 1000, 100), (-1500, -800, 90)]):
            plot = polar(RADAR, 0, here, at(t + 0.1 + 0.1 * k), straight(start, (9, 4, 0), t), rng, first_id=10 * t + k)  # type: ignore[arg-type]
            rows.append(plot)
            arrives.append(plot.time_ns + (seconds_to_ns(4.0) if k == 0 and t < 4 else 0))
    detections, when = Detections.concatenate(rows), np.concatenate(arrives)
    said, wanted = run(here, detections, when, 15), run(here, detections, until_s=15)
    assert hold_against(wanted, said, detections, when) > 10
    side: dict[int, set[bool]] = {}
    for tracks, _ in said:
        for number, x in zip(tracks.track.tolist(), tracks.x, strict=True):
            side.setdefault(number, set()).add(bool(x[0] > 0.0))
    assert all(len(each) == 1 for each in side.values())
    final = living(said[-1][0])
    numbers = dict(zip((final.x[:, 0] > 0).tolist(), final.track.tolist(), strict=True))
    assert numbers[False] == 1 < numbers[True]
    assert living(wanted[-1][0]).track.tolist() == [1, 2]


def test_what_was_said_adds_up_to_what_was_used() -> None:
    """A later word for a pair of track and detection replaces the earlier one; what was withdrawn has probability 0."""
    sky = everything()
    arrives = late(sky, 8, 0.15, 4.0)
    said, wanted = run(HERE, sky, arrives, SECONDS + 6), run(HERE, sky, until_s=SECONDS + 6)

    def standing(runs: list[Said]) -> dict[int, set[tuple[int, float]]]:
        last: dict[tuple[int, int], float] = {}
        for _, used in runs:
            for track, detection, probability in zip(used.track, used.detection, used.probability, strict=True):
                last[int(track), int(detection)] = float(probability)
        held: dict[int, set[int]] = {}
        for (track, detection), probability in last.items():
            if probability >= 0.5:
                held.setdefault(track, set()).add(detection)
        return sorted(sorted(each) for each in held.values() if len(each) > 4)  # type: ignore[return-value]

    assert standing(said) == standing(wanted)


def test_everyone_who_was_shown_is_said_to_end_once() -> None:
    sky = everything()
    arrives = late(sky, 9, 0.2, 4.5)
    alive: set[int] = set()
    for tracks, _ in run(HERE, sky, arrives, SECONDS + 20):
        now = set(living(tracks).track.tolist())
        ended = set(tracks.track[tracks.status == TrackStatus.TERMINATED].tolist())
        assert not now & ended
        assert alive - now <= ended
        assert (np.diff(tracks.track) > 0).all()
        alive = now
    assert not alive


def test_the_window_is_bounded_whatever_comes() -> None:
    sky = everything()
    tracker = RollbackTracker(HERE)
    for last_ns, time_ns in pairwise(range(at(0), at(SECONDS) + 1, STEP_NS)):
        tracker.step(time_ns, sky.take((sky.time_ns >= last_ns) & (sky.time_ns < time_ns)))
        assert len(tracker.state().steps) <= 10
        assert len(tracker.state().numbering.own) < 700


@pytest.mark.parametrize("cut", [0, 1, 9, 30, 61])
def test_restored_it_goes_on_to_the_byte_late_reports_included(cut: int) -> None:
    sky = everything()
    arrives = late(sky, 6, 0.2, 4.5)
    borders = list(pairwise(range(at(0), at(SECONDS) + 1, STEP_NS)))
    parts = [sky.take((arrives >= last_ns) & (arrives < time_ns)) for last_ns, time_ns in borders]
    whole, other = RollbackTracker(HERE), RollbackTracker(HERE)
    for (_, time_ns), part in zip(borders[:cut], parts[:cut], strict=True):
        whole.step(time_ns, part)
    other.restore(whole.state())
    for (_, time_ns), part in zip(borders[cut:], parts[cut:], strict=True):
        assert whole.step(time_ns, part) == other.step(time_ns, part)


def test_fewer_snapshots_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sky = everything()
    arrives = late(sky, 7, 0.1, 4.5)
    expected = run(HERE, sky, arrives)
    monkeypatch.setattr("luchtwacht.tracking.rollback.SNAPSHOT_BYTES", 40_000)
    for (one, two), (three, four) in zip(expected, run(HERE, sky, arrives), strict=True):
        assert one == three
        assert two == four


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6), st.sampled_from([0.1, 0.15, 0.45, 0.55, 0.9]))))
def test_corrections_leave_what_holds_now(rows: list[tuple[int, int, float]]) -> None:
    def made(chosen: list[tuple[int, int, float]]) -> Associations:
        track, detection, probability = zip(*chosen, strict=True) if chosen else ((), (), ())
        return Associations(track=track, time_ns=detection, detection=detection, probability=probability)

    half = len(rows) // 2
    before = {(track, detection): probability for track, detection, probability in rows[:half]}
    said, now = made([(*key, probability) for key, probability in before.items()]), made(rows[half:])
    anew, held = corrections(said, now)
    standing = dict(before)
    for track, detection, probability in zip(anew.track, anew.detection, anew.probability, strict=True):
        standing[int(track), int(detection)] = float(probability)
    wanted: dict[tuple[int, int], float] = {}
    for track, detection, probability in rows[half:]:
        wanted[track, detection] = max(probability, wanted.get((track, detection), 0.0))
    assert {key for key, probability in standing.items() if probability > 0.0} == set(wanted)
    for key, probability in wanted.items():
        assert abs(standing[key] - probability) < 0.1
        assert (standing[key] >= 0.5) == (probability >= 0.5)
    kept = {(int(t), int(d)): float(p) for t, d, p in zip(now.track, now.detection, held, strict=True) if p > 0.0}
    assert kept == {key: probability for key, probability in standing.items() if probability > 0.0}


def test_the_grounds_of_a_category_are_those_of_what_was_said_last_also_after_going_back() -> None:
    detections = everything()
    tracker, shown = RollbackTracker(HERE), Tracks.empty()
    arrives_ns = late(detections, 4, 0.2, 2.0)
    for step in range(1, 40):
        time_ns = at(step * 0.5)
        due = (arrives_ns < time_ns) & (arrives_ns >= time_ns - seconds_to_ns(0.5))
        tracks, _, _ = tracker.step(time_ns, detections.take(due))
        shown = living(tracks)
    assert len(shown) > 2
    for row, number in enumerate(shown.track.tolist()):
        found = tracker.grounds(number)
        assert found is not None
        assert (found.track, found.time_ns) == (number, int(shown.time_ns[row]))
        parts = [found.prior, found.opinions, found.motion, found.still, found.height, found.size]
        total = np.array(parts).sum(axis=0)
        shares = np.exp(np.maximum(total - total.max(), -12.0))
        np.testing.assert_allclose(shares / shares.sum(), shown.category_probability[row], rtol=1e-6)
        assert found.probability == tuple(shown.category_probability[row].tolist())
    assert tracker.grounds(10_000) is None
