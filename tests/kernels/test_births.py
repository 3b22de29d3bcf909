"""New objects, false plots and what is learnt of them, against dense sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.oracles import track_births as twin
from tests.oracles.track_motion import pack

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.births import EVENLY, MOST_TOLD, bear, hear, in_sight, intensities, start
from luchtwacht.kernels.judging import OFTEN, judge, learn, record, remember
from luchtwacht.model import Floats, TrackStatus
from luchtwacht.tracking.lifecycle import table

PLACE = np.concatenate([np.zeros(3), np.eye(3).ravel()])
HEIGHTS = np.array([[0.97, 150.0, 130.0], [0.03, 1500.0, 1200.0]])
REACH = 10_000.0


def radar(threshold: float = math.nan) -> Floats:
    """Sees everything with probability 0.9; layers of elevation of 0.1 rad from -0.1."""
    return np.array([0.9, 0.0, 1e6, 0.0, 2.0 * np.pi, -1.0, 1.0, 0.0, REACH, 1.0, -0.1, 0.1, threshold])


def seen_at(rng: np.random.Generator, count: int) -> Floats:
    """Plots with a position and the polar numbers from which it came."""
    plots = np.full((count, c.PLOT_COLUMNS), np.nan)
    r, azimuth, elevation = rng.uniform(500, 9000, count), rng.uniform(0, 2 * np.pi, count), rng.uniform(0, 0.05, count)
    plots[:, 0], plots[:, 1] = r * np.cos(elevation) * np.sin(azimuth), r * np.cos(elevation) * np.cos(azimuth)
    plots[:, 2] = r * np.sin(elevation)
    plots[:, c.RANGE], plots[:, c.AZIMUTH], plots[:, c.ELEVATION] = r, azimuth, elevation
    for j in range(count):
        B = rng.normal(size=(3, 3)) * [30.0, 30.0, 60.0]
        plots[j, c.R0 : c.R0 + 6] = (B.T @ B + 20.0 * np.eye(3))[np.triu_indices(3)]
    plots[:, c.UP_MEASURED], plots[:, c.DT] = 1.0, 0.0
    return plots


def learnt_of(false: float, unseen: float) -> Floats:
    """Sums of a sensor with so many false plots a look, evenly, and so many objects it never saw."""
    learnt = np.ones(c.LEARNT)
    learnt[c.FALSE], learnt[c.UNSEEN], learnt[c.AROUND], learnt[c.ABOVE], learnt[c.RATES] = false, unseen, 24, 2, 4
    learnt[c.STRONG], learnt[c.STRONG_COUNT], learnt[c.STRONG_FALSE], learnt[c.STRONG_FALSE_COUNT] = 400, 20, 60, 20
    return learnt


def weigh(plots: Floats, learnt: Floats, sensor: Floats, begun: Floats | None = None) -> Floats:
    """The plots with CLUTTER and UNDETECTED, by a map of 4 rings, 6 sectors and 2 layers that is even."""
    around, above, rates, sight = np.ones((4, 6)), np.ones(2), np.ones(4), np.zeros((8, 8, 3))
    if begun is not None:
        sight[:, :, 2] = begun
    learnt[c.BEGUN] = sight[:, :, 2].sum()
    intensities(np.zeros(len(plots), np.int8), plots, PLACE, sensor, HEIGHTS, 17.0, around, above, rates, learnt, sight)
    return plots


def test_false_and_first_plots_are_as_dense_as_the_sums_say() -> None:
    plots = weigh(seen_at(np.random.default_rng(1), 8), learnt_of(40.0, 12.0), radar())
    for plot in plots:
        r, elevation = plot[c.RANGE], plot[c.ELEVATION]
        polar = 40.0 / (REACH * 2.0 * np.pi * 0.2)  # per metre and square radian
        assert plot[c.CLUTTER] == pytest.approx(polar / (r * r * np.cos(elevation)))
        on_the_map = 0.9 * 12.0 / (np.pi * REACH**2)
        assert plot[c.UNDETECTED] == pytest.approx(twin.new(plot[2], plot[c.R0 + 5], HEIGHTS, on_the_map))


@pytest.mark.parametrize("span", [2.0 * np.pi, 0.5 * np.pi])
def test_objects_are_expected_where_others_began(span: float) -> None:
    sensor, plots = radar(), seen_at(np.random.default_rng(1), 60)
    sensor[c.SENSOR_SPAN] = span
    before, begun = weigh(plots.copy(), learnt_of(40.0, 12.0), sensor), np.zeros((8, 8))
    begun[5, 6], begun[1, 2] = 40.0, 10.0
    after = weigh(plots, learnt_of(40.0, 12.0), sensor, begun)
    cells = span / (2.0 * np.pi) * np.pi / 4.0 * 64.0  # of the square map, in what the sensor looks at
    row, column = ((plots[:, k] + REACH) // (REACH / 4.0) for k in (1, 0))
    here = begun[row.astype(int), column.astype(int)]
    assert (here > 0.0).any()
    expected = (EVENLY / cells + here) / (EVENLY + 50.0) * cells
    np.testing.assert_allclose(after[:, c.UNDETECTED] / before[:, c.UNDETECTED], expected)


@pytest.mark.parametrize("level_db", [13.0, 16.0, 20.0, 35.0])
def test_a_strong_echo_tells_as_much_as_its_twin_and_no_more_than_declared(level_db: float) -> None:
    plain = weigh(seen_at(np.random.default_rng(2), 1), learnt_of(40.0, 12.0), radar())[0, c.CLUTTER]
    plots = seen_at(np.random.default_rng(2), 1)
    plots[0, c.LEVEL_DB] = level_db
    without = weigh(plots.copy(), learnt_of(40.0, 12.0), radar())[0, c.CLUTTER]
    assert without == plain  # no threshold was declared
    told = weigh(plots, learnt_of(40.0, 12.0), radar(threshold=20.0))[0, c.CLUTTER]
    over = min(10.0 ** (0.1 * level_db) - 20.0, 600.0)
    assert told == pytest.approx(plain / twin.strength(max(over, 0.0), 20.0, 3.0, MOST_TOLD))


def test_echoes_of_noise_as_strong_as_those_of_objects_come_to_say_nothing() -> None:
    rng, learnt, sensor = np.random.default_rng(3), learnt_of(40.0, 12.0), radar(threshold=20.0)
    around, above, rates = np.ones((4, 6)), np.ones(2), np.ones(4)
    for _ in range(300):
        plots = seen_at(rng, 40)
        plots[:, c.LEVEL_DB] = 10.0 * np.log10(20.0 + rng.exponential(30.0, 40))
        plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 1.0, 0.0
        free = (np.arange(40) < 20).astype(float)
        learn(np.zeros(40, np.int8), plots, free, sensor, 60.0, 0.0, around, above, rates, learnt)
    assert learnt[c.STRONG] / learnt[c.STRONG_COUNT] == pytest.approx(30.0, rel=0.05)
    assert learnt[c.STRONG_FALSE] / learnt[c.STRONG_FALSE_COUNT] == pytest.approx(30.0, rel=0.05)
    assert learnt[c.FALSE] / learnt[c.LOOKS] == pytest.approx(20.0, rel=0.02)


def test_a_first_fix_is_weighed_against_the_heights_at_which_objects_appear() -> None:
    rng, rows, h, out = np.random.default_rng(4), np.empty((6, c.ROW)), np.empty(6), np.empty((1, c.ROW))
    for plot in seen_at(rng, 6):
        R = np.zeros((3, 3))
        R[np.triu_indices(3)] = plot[c.R0 : c.R0 + 6]
        R = R + np.triu(R, 1).T
        start(rows, c.FIX, plot[None], 0, PLACE, HEIGHTS, 17.0, 3.0, out, 0, h)
        np.testing.assert_allclose(out[0], pack(*twin.first(plot[:3], R, HEIGHTS, 17.0, 3.0)), rtol=1e-9, atol=1e-6)


def test_a_plot_makes_a_new_object_as_far_as_nothing_known_explains_it() -> None:
    plots = seen_at(np.random.default_rng(5), 4)
    plots[:, c.UNDETECTED], plots[:, c.CLUTTER] = [1.0, 1.0, 9.0, 1.0], [9.0, 9.0, 1.0, 9.0]
    free = np.array([1.0, 0.5, 1.0, 0.01])
    room, m = 6, 4
    state, real = np.zeros((room * 2, c.ROW)), np.zeros((room, c.REALS))
    whole, looks, born = np.zeros((room, c.WHOLES), np.int64), np.zeros((room, 3), np.int64), np.empty(m, np.int64)
    nobody, none, nothing = (state[:0], real[:0], whole[:0], looks[:0]), np.empty(0, np.int64), np.empty(0)
    n, glimpses = bear(
        state, real, whole, looks, 1, 2, 0, 1, np.zeros(m, np.int8), plots, np.arange(m), np.arange(m) + 70,
        np.full(m, -1), PLACE, free, HEIGHTS, 17.0, 3.0, 1e-6, 0.5, np.array([0.5, 0.5]), np.zeros(5), born, 0.0,
        *nobody, none, nothing, none, np.full(m, -1), np.zeros(m), none, *nobody, np.empty(m),
    )  # fmt: skip
    assert (n, glimpses) == (4, 0)
    assert born[: n - 1].tolist() == [0, 1, 2]
    assert real[1:n, c.EXISTENCE].tolist() == pytest.approx([0.1, 0.05, 0.5])
    assert whole[1:n, c.FIRST].tolist() == [70, 71, 72]
    assert (real[1:n, c.SILENCE] == 1.0).all()
    assert (state[2 : 2 * n : 2] == state[3 : 2 * n : 2]).all()


def test_time_adds_objects_that_were_not_seen_yet_and_the_first_look_takes_all_for_new() -> None:
    learnt = learnt_of(10.0, 0.0)
    learnt[c.LOOKS], learnt[c.STARTS], learnt[c.WATCHED] = 1.0, 0.3, 5.0
    hear(learnt, radar(), -1.0, 50, 300.0, 0.3, 0.0)
    assert learnt[c.UNSEEN] == 40.0
    hear(learnt, radar(), 2.0, 50, 300.0, 0.3, 0.0)
    assert learnt[c.UNSEEN] == pytest.approx(40.0 + 2.0 * 0.06)
    assert learnt[c.SHARE] == 2.0
    assert learnt[c.WATCHED] == pytest.approx(5.0 * math.exp(-2.0 / 300.0) + 2.0)


def test_as_many_objects_are_expected_as_go_out_of_sight_until_more_are_seen_to_begin() -> None:
    learnt = learnt_of(10.0, 0.0)
    learnt[c.STARTS], learnt[c.WATCHED] = 3.0, 5.0
    hear(learnt, radar(), 1.0, 50, 300.0, 0.3, 4.0)
    assert learnt[c.UNSEEN] == pytest.approx(4.0)
    learnt[c.UNSEEN], learnt[c.STARTS], learnt[c.WATCHED] = 0.0, 30.0, 5.0
    hear(learnt, radar(), 1.0, 50, 300.0, 0.3, 4.0)
    assert learnt[c.UNSEEN] == pytest.approx(6.0)


def test_a_sensor_sees_what_it_reported_lately_and_no_other_sensors_objects() -> None:
    real, looks = np.zeros((4, c.REALS)), np.full((4, 6), -1, np.int64)
    real[:, c.EXISTENCE], looks[:, 2], looks[:, 3] = [0.9, 0.5, 1.0, 1.0], [70, 90, 69, 99], [99, -1, 99, 99]
    assert in_sight(real, looks, 3, 0, 2, 70) == pytest.approx(1.4)


def test_detection_is_learnt_from_tracks_that_are_well_known() -> None:
    n, modes, rng = 3, 2, np.random.default_rng(6)
    state, real, whole = np.zeros((n * modes, c.ROW)), np.zeros((n, c.REALS)), np.zeros((n, c.WHOLES), np.int64)
    state[:, 0], real[:, c.EXISTENCE] = 3000.0, [0.99, 0.99, 0.5]
    whole[:, c.UPDATES], whole[:, c.STATUS], learnt = (
        [OFTEN, OFTEN - 1, OFTEN],
        TrackStatus.CONFIRMED,
        np.ones(c.LEARNT),
    )
    sight = np.tile([10.0, 9.0], (4, 4, 1))
    for _ in range(2000):
        missed = (rng.random(n) > 0.4).astype(float)
        cell = sight[2, 2]
        seen = np.full(n, cell[1] / cell[0])
        remember(state, real, whole, 0, n, modes, 0, PLACE, radar(), sight, seen, missed, learnt)
    assert (learnt == 1.0).all()
    assert sight[2, 2, 1] / sight[2, 2, 0] == pytest.approx(0.4, abs=0.1)
    assert sight[2, 2, 0] <= 401.0
    sight[2, 2] = [10.0, 9.0]
    assert (sight == [10.0, 9.0]).all()  # nothing elsewhere


def test_plots_of_what_proves_to_be_an_object_were_not_false_and_those_of_what_proves_none_were() -> None:
    n, modes = 4, 2
    state, real, whole = np.zeros((n * modes, c.ROW)), np.zeros((n, c.REALS)), np.zeros((n, c.WHOLES), np.int64)
    sight, learnt = np.tile([10.0, 9.0], (4, 4, 1)), learnt_of(50.0, 0.0)
    real[:, c.EXISTENCE], whole[:, c.UPDATES] = 0.5, [1, 2, 1, 1]
    whole[2, c.STATUS], whole[3, c.BORN_OF] = TrackStatus.CONFIRMED, 1
    seen, missed = np.full(n, 0.9), np.array([0.1, 1.0, 1.0, 1.0])
    remember(state, real, whole, 0, n, modes, 0, PLACE, radar(), sight, seen, missed, learnt)
    unseen = 0.5 * 0.1 / (1.0 - 0.45)  # that it exists, should it not have been reported
    proved = 0.9 + 0.1 * unseen
    assert learnt[c.FALSE] == pytest.approx(50.0 - (proved - 0.5) + 2.0 * (0.5 - unseen))


def test_the_life_of_a_track_follows_the_table() -> None:
    n = 5
    real, whole = np.zeros((n, c.REALS)), np.zeros((n, c.WHOLES), np.int64)
    real[:, c.EXISTENCE], real[:, c.BIRTH] = [0.99, 0.99, 0.99, 0.001, 0.02], 0.5
    whole[:, c.STATUS] = [TrackStatus.TENTATIVE, 1, 2, 1, TrackStatus.TENTATIVE]
    whole[:, c.UPDATED], whole[:, c.NUMBER] = [90, 50, 90, 90, 90], [3, 4, 5, 6, 0]
    keep, shown, confirmed = np.empty(n, np.bool_), np.empty(n, np.int64), np.empty(n, np.int64)
    count, new = judge(real, whole, n, table(), 99, 60, 10, 0.98, 0.01, 0.15, keep, shown, confirmed)
    assert shown[:count].tolist() == [0, 1, 2, 3]
    assert confirmed[:new].tolist() == [0]
    assert whole[:4, c.STATUS].tolist() == [1, 2, 1, 3]
    assert whole[0, c.CONFIRMED] == 99
    assert keep.tolist() == [True, True, True, False, True]
    count, row = judge(real, whole, n, np.full((4, 4), -1), 99, 95, 10, 0.98, 0.01, 0.15, keep, shown, confirmed)
    assert (count, row) == (-1, 0)


def test_what_is_worth_showing_gets_a_number_and_its_detections_in_order_of_time() -> None:
    n = 3
    real, whole = np.zeros((n, c.REALS)), np.zeros((n, c.WHOLES), np.int64)
    real[:, c.EXISTENCE], whole[1, c.NUMBER] = [0.5, 0.9, 0.05], 4
    whole[0, c.STARTED], whole[0, c.FIRST] = 5, 50
    starts, edges, paired = np.array([0, 2, 4, 5]), np.array([0, 1, 2, 0, 1]), np.array([0.6, 0.3, 0.01, 0.2, 0.9])
    out, probability = np.empty((3, 9), np.int64), np.empty(9)
    times, ids = np.array([30, 20, 10]), np.array([100, 101, 102])
    count, following, ordered = record(
        real, whole, n, n, starts, edges, paired, times, ids, np.empty(0, np.int64), np.empty(0), 0.1, 0.05, 9, *out,
        probability,
    )  # fmt: skip
    assert following == 10
    assert not ordered
    assert out[:, :count].T.tolist() == [[9, 5, 50], [9, 20, 101], [9, 30, 100], [4, 30, 100]]
    assert probability[:count].tolist() == [1.0, 0.3, 0.6, 0.2]


def test_a_number_that_begins_with_two_plots_names_both() -> None:
    real, whole = np.array([[0.4], [0.4]]), np.zeros((2, c.WHOLES), np.int64)
    whole[:, c.STARTED], whole[:, c.FIRST] = [10, 30], [50, 61]
    out, probability, none = np.empty((3, 9), np.int64), np.empty(9), np.empty(0, np.int64)
    count, following, ordered = record(
        real, whole, 0, 2, none, none, np.empty(0), np.array([30, 30]), np.array([60, 61]), np.array([0, 1]),
        np.array([0.7, 0.0]), 0.1, 0.05, 9, *out, probability,
    )  # fmt: skip
    assert (following, ordered) == (11, True)
    assert out[:, :count].T.tolist() == [[9, 10, 50], [9, 30, 60], [10, 30, 61]]
    assert probability[:count].tolist() == [1.0, 0.7, 1.0]
