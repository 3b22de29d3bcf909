"""What a motion says of a category, against its twin; what a jump does."""

from __future__ import annotations

import numpy as np
import pytest
from tests.kernels.test_motion import random_rows
from tests.oracles import track_classes as twin

from luchtwacht.kernels import classes as k
from luchtwacht.kernels import layout as c
from luchtwacht.kernels.classes import classify, observe
from luchtwacht.kernels.mixture import ECHOES, note
from luchtwacht.model import Category, Floats, Ints
from luchtwacht.tracking.classification import LOG_PRIOR, TABLE

SECOND = 10**9
START = 1_800_000_000 * SECOND
N = len(Category)


class One:
    """A Bernoulli with one mode whose velocity is set by hand."""

    def __init__(self) -> None:
        self.state, self.real = np.zeros((1, c.ROW)), np.zeros((1, c.REALS))
        self.whole: Ints = np.zeros((1, c.WHOLES), np.int64)
        self.real[0, c.EXISTENCE] = self.real[0, c.MODE0] = 1.0
        self.real[0, c.CLASS0 : c.CLASS0 + N] = LOG_PRIOR
        self.whole[0, c.UPDATES] = 9

    def look(self, time_s: float, v: Floats, variance: Floats, missed: float = 0.0) -> None:
        """One more report."""
        self.state[0, c.V0 : c.V0 + 3] = v
        self.state[0, [c.C0, c.C0 + 3, c.C0 + 5]] = variance
        now_ns = START + round(time_s * SECOND)
        observe(self.state, self.real, self.whole, 0, 1, 1, now_ns, np.array([missed]), TABLE, LOG_PRIOR)

    def hear(self, rcs_dbsm: float) -> None:
        """One more echo."""
        plots = np.full((1, c.PLOT_COLUMNS), np.nan)
        plots[0, c.RCS_DB], plots[0, c.UP_MEASURED] = rcs_dbsm, 0.0
        looks, names = np.zeros((1, 3), np.int64), np.array([-1])
        note(self.real, self.whole, looks, 0, 0, 1, plots, np.array([START]), names, 0)

    def shares(self, up: float = 60.0, variance: float = 25.0) -> Floats:
        """(5,) over `Category`."""
        x, P, out = np.zeros((1, 6)), np.zeros((1, 6, 6)), np.empty((1, N))
        x[0, 2], P[0, 2, 2] = up, variance
        flat, lie = np.zeros((1, 1)), np.ones(3)
        classify(self.real, self.whole, np.zeros(1, np.int64), x, P, flat, lie, TABLE, out)
        return out[0]


def glide(rng: np.random.Generator, count: int) -> list[twin.Look]:
    """A course that bends, reported at uneven times and known better and better."""
    times = np.cumsum(rng.uniform(0.3, 3.0, count))
    return [
        twin.Look(t, np.array([9 * np.sin(0.1 * t), 9 * np.cos(0.1 * t), 0.4]), np.array([20.0, 16.0, 2.0]) / (1 + t))
        for t in times.tolist()
    ]


@pytest.mark.parametrize("seed", range(3))
def test_motion_followed_look_by_look_equals_the_whole_history_summed_anew(seed: int) -> None:
    looks, one = glide(np.random.default_rng(seed), 25), One()
    for look in looks:
        one.look(look.time_s, look.v, look.variance)
    told, span = twin.follow(looks, TABLE)
    assert one.real[0, c.SPAN] == pytest.approx(span)
    np.testing.assert_allclose(one.real[0, c.MOTION0 : c.MOTION0 + N], told, rtol=1e-9)


@pytest.mark.parametrize("echoes", [0, 1, 12])
@pytest.mark.parametrize("height", [None, (45.0, 30.0)])
def test_probabilities_equal_their_twin(echoes: int, height: tuple[float, float] | None) -> None:
    rng, one = np.random.default_rng(echoes), One()
    heard = rng.normal(-22.0, 5.0, echoes)
    for size in heard.tolist():
        one.hear(size)
    one.real[0, c.SPAN], one.real[0, c.STILLEST] = 7.0, 4.0
    one.real[0, c.MOTION0 : c.MOTION0 + N] = told = rng.normal(-20.0, 9.0, N)
    one.whole[0, c.HEIGHT] = int(height is not None)
    up, variance = height or (0.0, 1.0)
    wanted = twin.classify(LOG_PRIOR, told, 7.0, 4.0, height, heard, TABLE)
    np.testing.assert_allclose(one.shares(up, variance), wanted, rtol=1e-9)


def test_modes_count_with_their_probabilities_and_their_distance_is_doubt() -> None:
    rng = np.random.default_rng(4)
    two, one = One(), One()
    two.state = random_rows(rng, 2)
    p = np.array([0.3, 0.7])
    two.real[0, c.MODE0 : c.MODE0 + 2] = p
    observe(two.state, two.real, two.whole, 0, 1, 2, START, np.zeros(1), TABLE, LOG_PRIOR)
    v, C = two.state[:, c.V0 : c.V0 + 3], two.state[:, [c.C0, c.C0 + 3, c.C0 + 5]]
    one.look(0.0, p @ v, p @ (C + (v - p @ v) ** 2))
    np.testing.assert_allclose(two.real[0, c.MOTION0 : c.MOTION0 + N], one.real[0, c.MOTION0 : c.MOTION0 + N])


def test_what_was_not_seen_says_nothing() -> None:
    one = One()
    one.look(0.0, np.array([12.0, 0.0, 0.0]), np.ones(3), missed=0.9)
    assert one.real[0, c.SPAN] == 0.0


def test_more_reports_a_second_say_no_more() -> None:
    spans = []
    for rate in (1, 10):
        one = One()
        for t in range(30 * rate + 1):
            one.look(t / rate, np.array([14.0, 0.0, 0.0]), np.ones(3))
        spans.append(one.shares())
    np.testing.assert_allclose(spans[0], spans[1], atol=0.01)


def test_a_long_hover_is_a_multirotor_even_when_it_is_small_and_stays_one() -> None:
    one = One()
    for _ in range(40):
        one.hear(-26.0)
    for t in range(40):
        one.look(t, np.zeros(3), np.full(3, 0.5))
    hovering = one.shares()
    assert hovering[Category.MULTIROTOR] > 0.8
    for t in range(40, 70):
        one.look(t, np.array([min(t - 40, 12.0), 0.0, 0.0]), np.full(3, 0.5))
    assert one.shares()[Category.MULTIROTOR] > 0.7


def test_a_jump_to_another_object_makes_what_was_learnt_weigh_less() -> None:
    turned, jumped = One(), One()
    for one in (turned, jumped):
        for t in range(30):
            one.hear(-17.0)
            one.look(t, np.array([12.0, 0.0, 0.0]), np.full(3, 0.5))
    held = jumped.real[0].copy()
    turned.look(30.0, np.array([9.0, 7.0, 0.0]), np.full(3, 0.5))
    jumped.look(30.0, np.array([-12.0, 0.0, 0.0]), np.full(3, 0.5))
    assert turned.real[0, c.SPAN] > held[c.SPAN]
    assert jumped.real[0, c.SPAN] < 0.5 * held[c.SPAN]
    assert jumped.real[0, c.RCS_COUNT] == pytest.approx(k.KEPT * held[c.RCS_COUNT])
    assert jumped.real[0, c.RCS_SUM] / jumped.real[0, c.RCS_COUNT] == pytest.approx(-17.0)


def test_the_mean_echo_forgets_what_is_long_ago() -> None:
    one = One()
    for size in [-30.0] * 400 + [-15.0] * int(3 * ECHOES):
        one.hear(size)
    assert one.real[0, c.RCS_COUNT] == pytest.approx(ECHOES)
    assert one.real[0, c.RCS_SUM] / one.real[0, c.RCS_COUNT] == pytest.approx(-15.0, abs=1.0)


def test_nothing_makes_longer_odds_than_declared() -> None:
    one = One()
    one.real[0, c.CLASS0 : c.CLASS0 + N] = [0.0, -900.0, -900.0, -900.0, -900.0]
    shares = one.shares()
    assert shares.min() > 0.5 * np.exp(-k.MOST_ODDS)


def hillside(points: Floats) -> Floats:
    """A plane that rises 0.3 to the east and falls 0.2 to the north."""
    return np.asarray(40.0 + 0.3 * points[..., 0] - 0.2 * points[..., 1])


def test_height_over_a_hillside_is_over_the_ground_there_with_the_doubt_about_where_there_is() -> None:
    rng, one = np.random.default_rng(8), One()
    lie = np.array([-500.0, -300.0, 50.0])
    east, north = np.meshgrid(lie[0] + lie[2] * np.arange(21), lie[1] + lie[2] * np.arange(13))
    net = hillside(np.stack([east, north], axis=-1))
    root = rng.normal(size=(6, 6)) * np.array([40.0, 30.0, 20.0, 1.0, 1.0, 1.0])[:, None]
    x, P = np.array([[120.0, -35.0, 190.0, 9.0, 0.0, 0.0]]), (root @ root.T)[None]
    one.whole[0, c.HEIGHT] = 1
    out, told = np.empty((1, N)), np.zeros(N)
    classify(one.real, one.whole, np.zeros(1, np.int64), x, P, net, lie, TABLE, out)
    to_ground = np.array([-0.3, 0.2, 1.0])
    height = (float(x[0, 2] - hillside(x[0])), float(to_ground @ P[0, :3, :3] @ to_ground))
    wanted = twin.classify(LOG_PRIOR, told, 0.0, 0.0, height, np.empty(0), TABLE)
    np.testing.assert_allclose(out[0], wanted, rtol=1e-9)


@pytest.mark.parametrize("known", ["motion", "size", "height", "opinions", "everything"])
def test_the_grounds_of_a_category_add_up_to_what_is_said_of_it(known: str) -> None:
    one, every = One(), known == "everything"
    if known == "motion" or every:
        for look in glide(np.random.default_rng(3), 20):
            one.look(look.time_s, look.v, look.variance)
        one.real[0, c.STILLEST] = 3.0
    for _ in range(4 if known == "size" or every else 0):
        one.hear(-21.0)
    one.whole[0, c.HEIGHT] = int(known == "height" or every)
    if known == "opinions" or every:
        one.real[0, c.CLASS0 : c.CLASS0 + N] += [0.0, -1.0, -2.0, -6.0, -3.0]
    x, P = np.array([0.0, 0.0, 60.0, 0.0, 0.0, 0.0]), np.zeros((6, 6))
    P[2, 2] = 25.0
    parts, facts = np.empty((k.GROUNDS, N)), np.empty(k.FACTS)
    k.grounds(one.real, one.whole, 0, x, P, np.zeros((1, 1)), np.ones(3), TABLE, LOG_PRIOR, parts, facts)
    total = parts.sum(axis=0)
    shares = np.exp(np.maximum(total - total.max(), -k.MOST_ODDS))
    np.testing.assert_allclose(shares / shares.sum(), one.shares(), rtol=1e-9)
    spoken = {"motion": k.GROUND_MOTION, "size": k.GROUND_RCS, "height": k.GROUND_HEIGHT, "opinions": k.GROUND_OPINIONS}
    for name, row in spoken.items():
        assert (np.ptp(parts[row]) > 0.1) == (every or known == name), name
    assert np.isfinite(facts[k.FACT_HEIGHT]) == (every or known == "height")
    assert np.isfinite(facts[k.FACT_SPEED]) == (every or known == "motion")
    if known == "opinions":
        np.testing.assert_allclose(parts[k.GROUND_OPINIONS], [0.0, -1.0, -2.0, -6.0, -3.0], atol=1e-12)
    if known == "size":
        expected = [twin.log_density(-21.0, row[k.RCS], row[k.RCS_SD] ** 2 + spread_of(4)) for row in TABLE]
        np.testing.assert_allclose(np.diff(parts[k.GROUND_RCS]), np.diff(expected), rtol=1e-9)


def spread_of(count: int) -> float:
    """Variance of a mean of so many equal echoes, as the kernel doubts it."""
    return k.SCATTER_COUNT * k.SCATTER_DB2 / (k.SCATTER_COUNT + count) / (k.RCS_PER_LOOK * count)
