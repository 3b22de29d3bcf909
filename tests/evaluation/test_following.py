"""Which track follows which object: against every possible assignment, and in formations, crossings and crowds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import pairing

from luchtwacht.evaluation import following
from luchtwacht.evaluation.assignment import Floats, Ints, near_pairs
from luchtwacht.evaluation.following import follow

C, GAMMA = 100.0, 50.0


def near(objects: Floats, tracks: Floats) -> tuple[Ints, Ints, Ints, Floats]:
    """Near pairs of objects (times, n, 2) and tracks (times, m, 2); NaN where one is not there."""
    parts = []
    for time, (x, y) in enumerate(zip(objects, tracks, strict=True)):
        there, said = np.flatnonzero(np.isfinite(x[:, 0])), np.flatnonzero(np.isfinite(y[:, 0]))
        i, j, distance = near_pairs(x[there], y[said], C)
        parts.append((np.full(len(i), time), there[i], said[j], distance))
    moment, one, other, distance = (np.concatenate([part[k] for part in parts]) for k in range(4))
    return moment, one, other, distance


def partners(objects: Floats, tracks: Floats, step: float = 0.5) -> Ints:
    """(times, n) the track of each object; -1 without."""
    moment, one, other, distance = near(objects, tracks)
    made = follow(moment, one, other, distance, c=C, gamma=GAMMA, step=step)
    found = np.full(objects.shape[:2], -1, np.int64)
    found[moment[made], one[made]] = other[made]
    assert made.sum() == (found >= 0).sum(), "one to one"
    taken = [row[row >= 0] for row in found]
    assert all(len(np.unique(row)) == len(row) for row in taken), "one to one"
    return found


def abreast(count: int, apart: float, times: int) -> Floats:
    """(times, count, 2) drones in a row that fly north."""
    along = np.arange(times)[:, None] * 5.0
    return np.stack([np.tile(np.arange(count) * apart, (times, 1)), np.tile(along, (1, count))], axis=2)


places = st.lists(st.sampled_from([0.0, 15.0, 40.0, 70.0, 90.0, 140.0]), min_size=4, max_size=4)


@settings(deadline=None, max_examples=80)
@given(st.lists(places, min_size=2, max_size=4), st.sampled_from([0.5, 1.0, 4.0]), st.sampled_from([10.0, 50.0, 100.0]))
def test_no_other_assignment_costs_less(drawn: list[list[float]], step: float, gamma: float) -> None:
    at = np.array(drawn)[:, :, None] * [1.0, 0.0]
    objects, tracks = at[:, :2], at[:, 2:]
    moment, one, other, distance = near(objects, tracks)
    made = follow(moment, one, other, distance, c=C, gamma=gamma, step=step)
    run: list[pairing.Near] = [{} for _ in drawn]
    chosen: list[set[tuple[int, int]]] = [set() for _ in drawn]
    for time, i, j, apart, taken in zip(*(each.tolist() for each in (moment, one, other, distance, made)), strict=True):
        run[time][i, j] = apart
        if taken:
            chosen[time].add((i, j))
    ours = pairing.cost(run, tuple(map(frozenset, chosen)), C, gamma, step)
    assert ours == pytest.approx(pairing.least(run, C, gamma, step), abs=1e-6)


def test_tracks_of_a_formation_are_not_paired_with_its_neighbours_for_good() -> None:
    drones = abreast(6, 40.0, 120)
    tracks = drones + np.random.default_rng(1).normal(0.0, 4.0, drones.shape)
    tracks[:40, 3:] = np.nan  # the right half is seen later,
    tracks[:10, :3, 0] += 35.0  # and the left half was a place off at first
    found = partners(drones, tracks)
    assert (found[40:] == np.arange(6)).all()


def test_tracks_that_exchange_their_drones_are_seen_to_at_once_and_only_once() -> None:
    drones = abreast(2, 30.0, 80)
    tracks = drones + np.random.default_rng(2).normal(0.0, 3.0, drones.shape)
    tracks[30:] = tracks[30:, ::-1]
    found = partners(drones, tracks)
    assert (found[:30] == [0, 1]).all()
    assert (found[30:] == [1, 0]).all()


def test_drones_that_cannot_be_told_apart_keep_their_partners() -> None:
    drones = abreast(2, 4.0, 200)
    tracks = drones + np.random.default_rng(3).normal(0.0, 5.0, drones.shape)
    found = partners(drones, tracks)
    assert (np.diff(found, axis=0) == 0).all()
    nearest = np.linalg.norm(tracks - drones, axis=2).sum(1) > np.linalg.norm(tracks[:, ::-1] - drones, axis=2).sum(1)
    assert (np.diff(nearest.astype(int)) != 0).sum() > 30, "the nearest of the moment would change all the time"


def test_the_partner_of_before_is_no_change_after_a_gap() -> None:
    drones = abreast(2, 40.0, 60)
    tracks = drones.copy()
    tracks[20:40, 0] = np.nan
    found = partners(drones, tracks)
    assert (found[[19, 40], 0] == 0).all()
    assert (found[20:40, 0] == -1).all()
    assert (found[:, 1] == 1).all()


def test_half_the_step_weighs_half() -> None:
    drones = abreast(2, 30.0, 8)
    tracks = drones.copy()
    tracks[2:4] = tracks[2:4, ::-1]  # to follow costs four pairs 2 x 1,250 m² s; not to, 1,800 m² for two steps
    assert (partners(drones, tracks, step=3.0)[2:4] == [1, 0]).all()
    assert (partners(drones, tracks, step=1.0)[2:4] == [0, 1]).all()


def test_long_runs_are_the_same_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    drones = abreast(5, 35.0, 150)
    tracks = drones + rng.normal(0.0, 4.0, drones.shape)
    for time in (30, 70, 110):
        one, other = rng.choice(5, 2, replace=False).tolist()
        tracks[time:, [one, other]] = tracks[time:, [other, one]]
    whole = partners(drones, tracks)
    monkeypatch.setattr(following, "_PART", 25)
    monkeypatch.setattr(following, "_AHEAD", 15)
    assert (partners(drones, tracks) == whole).all()
    monkeypatch.setattr(following, "_ROWS", 200)
    monkeypatch.setattr(following, "_ROWS_AHEAD", 300)
    assert (partners(drones, tracks) == whole).all()


def test_a_crowd_may_be_more_than_a_part_at_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_ROWS", 100)
    rng = np.random.default_rng(5)
    drones = rng.uniform(0.0, 60.0, (2, 60, 2))
    drones[1] = drones[0]
    found = partners(drones, drones + rng.normal(0.0, 0.1, drones.shape))
    assert (found == np.arange(60)).all()


def test_nothing_near_is_nobody() -> None:
    found = partners(np.zeros((3, 1, 2)), np.full((3, 1, 2), 500.0))
    assert (found == -1).all()
