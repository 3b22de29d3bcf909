"""What was seen once: against the mixture written out, and what becomes of it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import track_births, track_glimpses
from tests.oracles.track_measurement import update
from tests.oracles.track_motion import pack

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.births import bear
from luchtwacht.kernels.glimpses import heirs, let_go, recall
from luchtwacht.model import Floats, Ints

PLACE = np.concatenate([np.zeros(3), np.eye(3).ravel()])
HEIGHTS = np.array([[0.97, 150.0, 130.0], [0.03, 1500.0, 1200.0]])
SECOND = 10**9
MOST = 0.5


class Table:
    """Room for `rows` possible objects."""

    def __init__(self, rows: int, modes: int = 1, reals: int = c.GLIMPSE_REALS) -> None:
        self.state, self.real = np.zeros((rows * modes, c.ROW)), np.zeros((rows, reals))
        self.whole, self.looks = np.zeros((rows, c.WHOLES), np.int64), np.zeros((rows, 4), np.int64)

    @property
    def all(self) -> tuple[Floats, Floats, Ints, Ints]:
        return self.state, self.real, self.whole, self.looks


def glimpsed(means: Floats, covariances: Floats, existence: Floats, time_ns: int = 5 * SECOND) -> Table:
    """A table of glimpses of sensor 0, of detections 40, 41, ..."""
    n = len(means)
    table = Table(n)
    for i in range(n):
        table.state[i] = pack(means[i], covariances[i])
    table.real[:, c.EXISTENCE] = table.real[:, c.BIRTH] = existence
    table.real[:, c.MODE0] = 1.0
    table.whole[:, c.UPDATES], table.whole[:, c.CONFIRMED], table.whole[:, c.FIRST] = 1, -1, 40 + np.arange(n)
    table.whole[:, c.STARTED] = table.whole[:, c.UPDATED] = table.looks[:, 0] = table.looks[:, 1] = time_ns
    table.looks[:, 2] = -1
    return table


def plot_at(*places: tuple[float, float, float], sigma: float = 20.0) -> Floats:
    plots = np.full((len(places), c.PLOT_COLUMNS), np.nan)
    plots[:, :3] = places
    plots[:, c.R0 : c.R0 + 6] = np.array([1.0, 0, 0, 1, 0, 1]) * sigma**2
    plots[:, c.DT], plots[:, c.UP_MEASURED] = 0.0, 1.0
    return plots


def born_of(
    plots: Floats, old: Table, pairs: list[tuple[int, int, float]], free: float = 1.0, shown: float = 0.1,
    names: Ints | None = None,
) -> tuple[Table, int, Table, int, Floats]:  # fmt: skip
    """Bernoullis of two modes and glimpses after a look; `pairs` are (glimpse, plot, weight) in order of glimpse."""
    m = len(plots)
    starts = np.searchsorted([i for i, _, _ in pairs], np.arange(len(old.real) + 1))
    weights, again, last = np.array([w for _, _, w in pairs]), np.empty(m), np.empty(m, np.int64)
    edges = np.array([j for _, j, _ in pairs], np.int64)
    owners, before = recall(starts, edges, weights, len(old.real), plots, again, last)
    known, new, backed = Table(m, 2, c.REALS), Table(m + len(old.real)), np.full(m, np.nan)
    known.looks[:] = 77  # of what stood in these rows before
    n, glimpses = bear(
        *known.all, 0, 2, 0, 1, np.zeros(m, np.int8), plots, np.full(m, 6 * SECOND), 70 + np.arange(m),
        np.full(m, -1) if names is None else names, PLACE, np.full(m, free), HEIGHTS, 17.0, 3.0, 1e-6, MOST,
        np.array([0.5, 0.5]), np.zeros(5), np.empty(m, np.int64), shown, *old.all, owners, weights, before, last, again,
        heirs(plots, np.full(m, free), len(old.real), owners, weights, before, last), *new.all, backed,
    )  # fmt: skip
    return known, n, new, glimpses, backed


def moving(x: float, v: float, spread: float) -> tuple[Floats, Floats]:
    P = np.diag([spread**2] * 3 + [17.0**2, 17.0**2, 9.0])
    P[:3, 3:] = P[3:, :3] = np.diag([17.0**2, 17.0**2, 9.0])
    P[:3, :3] += np.diag([17.0**2, 17.0**2, 9.0])
    return np.array([x, 0.0, 150.0, v, 0.0, 0.0]), P


def test_a_plot_near_two_glimpses_makes_the_mixture_of_all_three_explanations() -> None:
    parts = [moving(0.0, 5.0, 25.0), moving(60.0, -5.0, 30.0)]
    old = glimpsed(np.array([x for x, _ in parts]), np.array([P for _, P in parts]), np.array([0.02, 0.05]))
    plots = plot_at((25.0, 10.0, 160.0))
    plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 3e-9, 1e-9
    known, n, _, glimpses, backed = born_of(plots, old, [(0, 0, 2.0), (1, 0, 0.5)], free=0.8)
    z, R, H = plots[0, :3], 400.0 * np.eye(3), np.eye(6)[:3]
    posterior = [update(x, P, z - H @ x, H, R)[:2] for x, P in parts]
    fresh = track_births.first(z, R, HEIGHTS, 17.0, 3.0)
    again = np.array([2.0, 0.5]) * 4e-9
    existence, x, P = track_glimpses.born(0.8, 3e-9, 1e-9, again, [fresh, *posterior], MOST)
    assert (n, glimpses) == (1, 0)
    assert known.real[0, c.EXISTENCE] == pytest.approx(existence)
    assert backed[0] == pytest.approx(0.8 * again.sum() / (again.sum() + 4e-9))
    np.testing.assert_allclose(known.state[0], pack(x, P), rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(known.state[0], known.state[1])


def test_a_bernoulli_that_a_glimpse_backs_began_with_it() -> None:
    x, P = moving(0.0, 5.0, 25.0)
    old, plots = glimpsed(x[None], P[None], np.array([0.05])), plot_at((5.0, 0.0, 150.0))
    plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 3e-9, 1e-9
    old.real[0, c.RCS_SUM], old.real[0, c.RCS_COUNT], plots[0, c.RCS_DB] = -10.0, 1.0, -20.0
    known, n, _, _, _ = born_of(plots, old, [(0, 0, 9.0)])
    assert n == 1
    assert known.whole[0, [c.STARTED, c.UPDATED]].tolist() == [5 * SECOND, 6 * SECOND]
    assert known.whole[0, [c.UPDATES, c.FIRST, c.NUMBER, c.STATUS]].tolist() == [2, 40, 0, 0]
    assert known.looks[0].tolist() == [6 * SECOND, 6 * SECOND, -1, 0]
    assert known.real[0, [c.RCS_SUM, c.RCS_COUNT]].tolist() == [-30.0, 2.0]


def test_a_glimpse_goes_on_in_one_plot_only() -> None:
    x, P = moving(0.0, 5.0, 25.0)
    old, plots = glimpsed(x[None], P[None], np.array([0.05])), plot_at((5.0, 0.0, 150.0), (15.0, 0.0, 150.0))
    plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 3e-9, 1e-9
    known, n, _, _, backed = born_of(plots, old, [(0, 0, 5.0), (0, 1, 9.0)])
    assert n == 2
    assert known.whole[:2, c.FIRST].tolist() == [70, 40]
    assert known.whole[:2, c.UPDATES].tolist() == [1, 2]
    assert backed[0] == 0.0
    assert backed[1] > 0.5


def test_a_plot_that_hardly_is_an_object_makes_a_glimpse_unless_it_has_a_name() -> None:
    x, P = moving(0.0, 5.0, 25.0)
    old = glimpsed(x[None], P[None], np.array([0.001]))
    plots = plot_at((5.0, 0.0, 150.0), (4000.0, 0.0, 150.0), (0.0, 4000.0, 150.0), (4000.0, 4000.0, 150.0))
    plots[:, c.CLUTTER], plots[:, c.UNDETECTED] = 1e-9, [1e-11, 1e-11, 1e-9, 1e-11]
    names = np.array([-1, -1, -1, 8])
    known, n, new, glimpses, backed = born_of(plots, old, [(0, 0, 0.005)], names=names)
    assert (n, glimpses) == (2, 2)
    assert known.whole[:n, c.FIRST].tolist() == [72, 73]  # worth showing, and named
    assert new.whole[:2, c.FIRST].tolist() == [70, 71]
    assert new.real[:2, c.EXISTENCE].tolist() == pytest.approx([0.01505 / 1.01505, 0.01 / 1.01])
    assert (new.real[:2, c.MODE0] == 1.0).all()
    assert (backed[:n] == 0.0).all()
    assert known.looks[1].tolist() == [6 * SECOND, 6 * SECOND, 8, 0]


def test_what_was_not_reported_again_is_let_go_and_what_nobody_looked_for_stays() -> None:
    x, P = moving(0.0, 5.0, 25.0)
    existence = np.array([0.05, 0.05, 0.05, 0.05, 0.05])
    old = glimpsed(np.tile(x, (5, 1)), np.tile(P, (5, 1, 1)), existence)
    old.whole[4, c.UPDATED] = -90 * SECOND
    plots = plot_at((0.0, 0.0, 150.0))
    plots[0, c.CLUTTER], plots[0, c.UNDETECTED] = 1e-9, 3e-9
    seen, weights = np.array([0.9, 0.0, 0.5, 0.5, 0.0]), np.array([2e-9])
    starts, edges = np.array([0, 0, 0, 0, 1, 1]), np.zeros(1, np.int64)
    learnt, kept = np.zeros(c.LEARNT), Table(7)
    learnt[c.FALSE] = 30.0
    count = let_go(
        *old.all, 5, 0, 6 * SECOND, SECOND, -50 * SECOND, 0.15, starts, edges, weights, seen, np.array([0.8]), plots,
        learnt, *kept.all, 2,
    )  # fmt: skip
    assert count == 5  # the two there were, and those of rows 1 to 3
    found = 0.8 * 2.0 / 4.0
    expected = [track_glimpses.left(0.05, *each) for each in [(0.9, 0.0), (0.0, 0.0), (0.5, 0.0), (0.5, found)]]
    assert kept.real[2:count, c.EXISTENCE].tolist() == pytest.approx(expected[1:])
    assert kept.looks[2:count, 0].tolist() == [5 * SECOND, 6 * SECOND, 6 * SECOND]
    assert kept.looks[2:count, 1].tolist() == [5 * SECOND] * 3
    np.testing.assert_array_equal(kept.state[2:count], old.state[1:4])
    # each was a false plot as far as it was no object; it is known better now
    assert learnt[c.FALSE] == pytest.approx(30.0 + 5 * 0.05 - sum(expected) - 0.05 - found)


def test_another_sensors_silence_is_not_counted_among_this_ones_false_plots() -> None:
    x, P = moving(0.0, 5.0, 25.0)
    old, kept, learnt = glimpsed(x[None], P[None], np.array([0.05])), Table(1), np.zeros(c.LEARNT)
    old.whole[0, c.BORN_OF], learnt[c.FALSE] = 1, 30.0
    none, nothing = np.empty(0, np.int64), np.empty(0)
    count = let_go(
        *old.all, 1, 0, 6 * SECOND, SECOND, 0, 0.15, np.zeros(2, np.int64), none, nothing, np.array([0.9]), nothing,
        plot_at((0.0, 0.0, 0.0)), learnt, *kept.all, 0,
    )  # fmt: skip
    assert count == 0
    assert learnt[c.FALSE] == 30.0
