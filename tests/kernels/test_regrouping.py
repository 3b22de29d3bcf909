"""Close Bernoullis updated together, against a slow twin; what stays whole, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import track_regrouping as twin
from tests.oracles.track_measurement import update
from tests.oracles.track_motion import pack, unpack

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.association import marginals
from luchtwacht.kernels.regrouping import regroup, rivals
from luchtwacht.model import Bools, Floats, Ints

MODES = 2
SEEN = 0.9
PLACE = np.concatenate([np.zeros(3), np.eye(3).ravel()])


class Look:
    """Bernoullis and plots along a line, all near enough to be paired with one another."""

    def __init__(self, at: list[float], plots: list[float], existence: list[float], noise: float = 30.0) -> None:
        self.n, self.m = n, m = len(at), len(plots)
        rng = np.random.default_rng(4)
        self.state = np.empty((n * MODES, c.ROW))
        self.real = np.zeros((n, c.REALS))
        for i, x in enumerate(at):
            for k in range(MODES):
                P = np.diag([400.0, 900.0, 900.0, 9.0, 9.0, 4.0]) * (1.0 + k)
                P[0, 3] = P[3, 0] = 30.0
                self.state[i * MODES + k] = pack(np.array([x, k, 0.0, 5.0, i, 0.0]), P)
        self.real[:, c.EXISTENCE] = existence
        self.real[:, c.MODE0 : c.MODE0 + MODES] = 0.6, 0.4
        self.plots = np.full((m, c.PLOT_COLUMNS), np.nan)
        self.plots[:, c.DT], self.plots[:, c.UP_MEASURED] = 0.0, 1.0
        self.plots[:, :3], self.plots[:, 0] = 0.0, plots
        self.plots[:, c.R0 : c.R0 + 6] = np.diag([noise**2, 900.0, 900.0])[np.triu_indices(3)]
        self.starts = np.arange(n + 1) * m
        self.edges = np.tile(np.arange(m), n)
        self.shares = rng.dirichlet([3, 3], n * m)
        self.silent = np.tile([0.7, 0.3], (n, 1))
        weights = np.array([50.0 * r * np.exp(-0.5 * (x - z) ** 2 / 1300.0) for x, r in zip(at, existence, strict=True)
                            for z in plots])  # fmt: skip
        self.paired, self.missed, self.free = np.empty(n * m), np.empty(n), np.empty(m)
        marginals(self.starts, self.edges, weights, n, m, self.paired, self.missed, self.free)

    def hypotheses(self) -> list[twin.Hypothesis]:
        """Of every Bernoulli first that it had no plot, then each plot."""
        out = []
        for i in range(self.n):
            rows = [unpack(row) for row in self.state[i * MODES : (i + 1) * MODES]]
            x, P = np.array([x for x, _ in rows]), np.array([P for _, P in rows])
            r = self.real[i, c.EXISTENCE]
            unseen = r * (1.0 - SEEN) / (1.0 - r * SEEN)
            out.append(twin.Hypothesis(i, self.missed[i], unseen, self.silent[i], x, P))
            for j in range(self.m):
                R, H = np.diag(self.plots[j, [c.R0, c.R0 + 3, c.R0 + 5]]), np.eye(3, 6)
                after = [update(x, P, self.plots[j, :3] - H @ x, H, R) for x, P in rows]
                e = i * self.m + j
                out.append(
                    twin.Hypothesis(
                        i, self.paired[e], 1.0, self.shares[e], np.array([each[0] for each in after]),
                        np.array([each[1] for each in after]),
                    )
                )  # fmt: skip
        return out

    def groups(self) -> tuple[Ints, Ints, Ints, Ints]:
        return rivals(self.state, self.real, MODES, self.starts, self.edges, self.paired, self.n, self.m)

    def regroup(self) -> Bools:
        done = np.zeros(self.n, np.bool_)
        regroup(
            self.state, self.real, MODES, self.n, self.m, np.zeros(self.m, np.int8), self.plots, PLACE, self.starts,
            self.edges, self.shares, np.full(self.n, SEEN), self.silent, self.paired, self.missed, done,
        )  # fmt: skip
        return done

    def means(self) -> Floats:
        """(n,) along the line."""
        rows = self.state.reshape(self.n, MODES, c.ROW)[:, :, 0]
        return np.asarray((rows * self.real[:, c.MODE0 : c.MODE0 + MODES]).sum(1))


def alone(look: Look) -> Floats:
    """(n,) means along the line if every Bernoulli is merged by itself."""
    own = look.hypotheses()
    plan = np.array([[each.probability if each.of == k else 0.0 for k in range(look.n)] for each in own])
    parts = [twin.merged(own, plan, k) for k in range(look.n)]
    return np.array([(modes * x[:, 0]).sum() for _, modes, x, _ in parts])


@pytest.mark.parametrize(
    "look",
    [
        Look([-20.0, 15.0], [-25.0, 20.0], [0.95, 0.9]),
        Look([-30.0, 0.0, 25.0], [-40.0, 5.0, 30.0], [0.99, 0.4, 0.8]),
        Look([-5.0, 5.0, 8.0, 40.0], [-20.0, 30.0], [0.9, 0.9, 0.2, 0.7]),
    ],
)
def test_close_bernoullis_equal_their_twin(look: Look) -> None:
    own = look.hypotheses()
    members, _, begin, near = look.groups()
    assert members.tolist() == list(range(look.n))
    may = np.zeros((look.n, look.n), np.bool_)
    for t in range(look.n):
        may[t, near[begin[t] : begin[t + 1]]] = True
    plan = twin.regroup(own, may)
    assert look.regroup().all()
    for k in range(look.n):
        existence, modes, x, P = twin.merged(own, plan, k)
        assert look.real[k, c.EXISTENCE] == pytest.approx(min(existence, 1.0), rel=1e-4)
        np.testing.assert_allclose(look.real[k, c.MODE0 : c.MODE0 + MODES], modes, rtol=1e-3)
        for m in range(MODES):  # what is less likely than one in ten thousand is left out
            np.testing.assert_allclose(look.state[k * MODES + m], pack(x[m], P[m]), rtol=2e-2, atol=0.5)


def test_two_that_share_two_plots_run_less_into_one_another() -> None:
    look = Look([-4.0, 4.0], [-60.0, 60.0], [0.999, 0.999], 30.0)
    by_itself = alone(look)
    look.regroup()
    together = look.means()
    assert 20.0 < by_itself[1] - by_itself[0] < 32.0
    assert 40.0 < together[1] - together[0] < 60.0


def test_objects_expected_and_what_each_plot_gives_stay_whole() -> None:
    look = Look([-30.0, 0.0, 25.0], [-40.0, 5.0, 30.0], [0.99, 0.4, 0.8])
    expected = sum(each.probability * each.existence for each in look.hypotheses())
    given = look.paired.reshape(3, 3).sum(0)
    assert look.regroup().all()
    assert look.real[:, c.EXISTENCE].sum() == pytest.approx(expected, abs=2e-3)
    np.testing.assert_allclose(look.paired.reshape(3, 3).sum(0), given, atol=1e-6)
    np.testing.assert_allclose(look.paired.reshape(3, 3).sum(1) + look.missed, 1.0, atol=3e-3)


def test_twins_on_one_object_are_on_their_way_to_be_one() -> None:
    look = Look([0.0, 1.0], [0.5], [0.3, 0.4])
    own = look.hypotheses()
    alone = [sum(each.probability * each.existence for each in own if each.of == k) for k in range(2)]
    look.regroup()
    fewer, more = sorted(look.real[:, c.EXISTENCE].tolist())
    assert min(alone) > 0.4
    assert fewer < 0.2
    assert more > 0.8


def test_what_is_far_apart_or_content_is_left_alone() -> None:
    far = Look([-200.0, 200.0], [0.0], [0.9, 0.9], 100.0)
    near = Look([-50.0, 50.0], [-50.0, 50.0], [0.99, 0.99], 5.0)
    for look in (far, near):
        before = look.state.copy(), look.real.copy(), look.paired.copy()
        assert not look.regroup().any()
        for was, stands in zip(before, (look.state, look.real, look.paired), strict=True):
            assert (was == stands).all()


def test_groups_are_told_apart() -> None:
    look = Look([0.0, 300.0, 10.0, 310.0, 900.0], [5.0, 305.0, 900.0], [0.9] * 5)
    members, borders, begin, near = look.groups()
    assert members.tolist() == [0, 2, 1, 3]
    assert borders.tolist() == [0, 2, 4]
    assert begin.tolist() == [0, 2, 4, 6, 8]
    assert near.tolist() == [0, 1, 1, 0, 0, 1, 1, 0]
