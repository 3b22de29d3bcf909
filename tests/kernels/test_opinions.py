"""What opinions say of a track when a sensor repeats itself, against every way it may have come to them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from tests.oracles import track_opinions as twin

from luchtwacht.kernels import layout as c
from luchtwacht.kernels.opinions import (
    GUESS,
    MEMORIES_S,
    MOST_SAID,
    TICK_S,
    believe,
    columns,
    learn_memory,
    trust,
    weigh,
)
from luchtwacht.model import Category, Floats, Ints

START_NS = 1_800_000_000 * 10**9
N = len(Category)
FLOOR = 0.02
CONFUSION = np.full((N, N), 0.04) + np.eye(N) * 0.8
"""(category, label)"""


def given(label: int) -> Floats:
    """(1, categories) the opinion that a label is."""
    return CONFUSION[:, label][None].copy()


def floored() -> Floats:
    """The confusion that is used."""
    return FLOOR + (1.0 - N * FLOOR) * CONFUSION


class Told:
    """Bernoullis about which sensors with a memory say something."""

    def __init__(self, count: int = 1, sensors: int = 1, memory_s: float = np.nan) -> None:
        self.real, self.sensors, self.memory_s = np.zeros((count, c.REALS)), sensors, memory_s
        self.real[:, c.EXISTENCE] = 1.0
        self.looks: Ints = np.zeros((count, columns(sensors)), np.int64)
        self.learnt = np.zeros(c.LEARNT)

    def look(self, time_s: float, opinions: Floats, s: int = 0) -> None:
        """One opinion (count, categories) on each Bernoulli."""
        count = len(self.real)
        stands, pairs = np.empty((2, c.MEMORIES)), np.array([1.0] * c.MEMORIES + [0.0])
        trust(self.learnt, self.memory_s, 1.0, stands)
        each, when = np.arange(count), np.full(count, START_NS + round(time_s * 1e9), np.int64)
        weigh(
            self.real, self.looks, s, self.sensors, np.arange(count + 1), each, np.ones(count), 0, count, opinions,
            each, when, 0.5, FLOOR, stands, self.memory_s >= 0.0, pairs,
        )  # fmt: skip
        learn_memory(self.learnt, pairs)

    def shares(self, row: int = 0) -> Floats:
        """(categories,)"""
        return np.asarray(softmax(self.real[row, c.CLASS0 : c.CLASS0 + N]))

    def memory(self) -> Floats:
        """(MEMORIES,) what is thought of the sensor's memory."""
        stands = np.empty((2, c.MEMORIES))
        trust(self.learnt, np.nan, 0.0, stands)
        return np.asarray(stands[1])


@pytest.mark.parametrize("memory_s", [0.0, 0.7, 8.0])
@pytest.mark.parametrize("seed", range(3))
def test_opinions_weigh_what_all_the_ways_to_come_to_them_weigh(memory_s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.repeat(rng.integers(0, N, 5), 2)[: int(rng.integers(4, 10))]
    ticks = np.cumsum(rng.integers(3, 40, len(labels)))
    told = Told(memory_s=memory_s)
    for label, tick in zip(labels.tolist(), ticks.tolist(), strict=True):
        told.look(tick * TICK_S + TICK_S / 2, given(label))
    wanted = twin.likelihoods(labels, ticks * TICK_S, floored(), memory_s)
    np.testing.assert_allclose(told.shares(), wanted / wanted.sum(), rtol=1e-6, atol=1e-5)


def test_what_is_repeated_counts_little_and_what_changes_in_full() -> None:
    told = Told(memory_s=10.0)
    told.look(0.0, given(Category.BIRD))
    once = told.shares()[Category.BIRD]
    told.look(0.5, given(Category.BIRD))
    twice = told.shares()[Category.BIRD]
    assert once < twice < once + 0.02
    told.look(1.0, given(Category.MULTIROTOR))
    assert told.shares()[Category.MULTIROTOR] == pytest.approx(told.shares()[Category.BIRD], abs=0.05)


def chain(rng: np.random.Generator, memory_s: float, kinds: Ints, seconds: int) -> list[Ints]:
    """Labels of objects of these kinds, second by second, by a sensor with this memory."""
    stands = np.exp(-1.0 / memory_s) if memory_s > 0.0 else 0.0
    said: list[Ints] = []
    for _ in range(seconds):
        fresh = np.array([rng.choice(N, p=CONFUSION[kind] / CONFUSION[kind].sum()) for kind in kinds])
        said.append(np.where(rng.random(len(kinds)) < stands, said[-1], fresh) if said else fresh)
    return said


@pytest.mark.parametrize("memory_s", MEMORIES_S[:5])
def test_a_sensors_memory_is_learnt_from_how_it_repeats_itself(memory_s: float) -> None:
    rng = np.random.default_rng(3)
    kinds = rng.integers(0, N, 60)
    told = Told(len(kinds))
    for second, labels in enumerate(chain(rng, memory_s, kinds, 40)):
        told.look(float(second), CONFUSION[:, labels].T.copy())
    assert MEMORIES_S[told.memory().argmax()] == memory_s
    assert told.memory().max() > 0.9


@pytest.mark.parametrize("memory_s", [0.0, 3.0, 10.0])
def test_with_what_was_learnt_probabilities_are_as_often_right_as_they_say(memory_s: float) -> None:
    rng = np.random.default_rng(5)
    kinds = rng.integers(0, N, 400)
    told = Told(len(kinds))
    for second, labels in enumerate(chain(rng, memory_s, kinds, 12)):
        told.look(float(second), CONFUSION[:, labels].T.copy())
    shares = np.array([told.shares(row) for row in range(len(kinds))])
    said, right = shares.max(axis=1), shares.argmax(axis=1) == kinds
    assert abs(said.mean() - right.mean()) < 0.04


def test_a_declared_memory_is_used_whatever_was_learnt() -> None:
    told, stands = Told(), np.empty((2, c.MEMORIES))
    told.learnt[c.MEMORY0] = 50.0
    trust(told.learnt, 7.0, 1.0, stands)
    assert stands[1] @ stands[0] == 7.0


def test_what_was_learnt_of_a_memory_fades() -> None:
    told, stands = Told(), np.empty((2, c.MEMORIES))
    told.learnt[c.MEMORY0] = 50.0
    for _ in range(3):
        trust(told.learnt, np.nan, 600.0, stands)
    assert 0.9 < told.learnt[c.MEMORY0] < 5.0


def test_no_opinion_and_a_broken_one_say_nothing_and_leave_what_was_said() -> None:
    told = Told(memory_s=5.0)
    told.look(0.0, given(Category.BIRD))
    real, looks = told.real.copy(), told.looks.copy()
    for wrong in ([np.nan] * 5, [0.1, np.nan, 0.1, 0.1, 0.1], [-1.0, 1, 1, 1, 1], [0.0] * 5):
        told.look(1.0, np.array([wrong]))
    assert told.real.tobytes() == real.tobytes()
    assert told.looks.tobytes() == looks.tobytes()


def test_what_one_sensor_said_is_not_held_against_another() -> None:
    apart, alone = Told(sensors=3, memory_s=20.0), Told(memory_s=20.0)
    for s in (0, 1, 2):
        apart.look(0.1 * s, given(Category.BIRD), s)
    alone.look(0.0, given(Category.BIRD))
    gained = np.log(alone.shares()[Category.BIRD] / alone.shares()[Category.OTHER])
    assert np.log(apart.shares()[Category.BIRD] / apart.shares()[Category.OTHER]) == pytest.approx(3 * gained)
    before = apart.shares()[Category.BIRD]
    for s in (0, 1, 2):
        apart.look(0.4, given(Category.BIRD), s)
    assert apart.shares()[Category.BIRD] - before < 0.001


def test_opinions_can_always_be_outweighed() -> None:
    told = Told(memory_s=0.0)
    for second in range(300):
        told.look(float(second), given(Category.BIRD))
    logs = told.real[0, c.CLASS0 : c.CLASS0 + N]
    assert np.ptp(logs) <= MOST_SAID
    for second in range(300, 312):
        told.look(float(second), given(Category.MULTIROTOR))
    assert told.shares()[Category.MULTIROTOR] > 0.9


def test_mere_ratios_teach_nothing_and_count_less_unless_the_memory_is_declared() -> None:
    bird = np.array([[0.1, 0.15, 1.0, 0.05, 0.1]])
    unknown, known = Told(), Told(memory_s=0.0)
    for told in (unknown, known):
        told.look(0.0, bird)
        told.look(1.0, bird)
    gained = [np.log(told.shares()[Category.BIRD] / told.shares()[Category.MULTIROTOR]) for told in (unknown, known)]
    assert gained[0] == pytest.approx(GUESS * gained[1])
    assert (unknown.learnt == 0.0).all()


def test_an_opinion_on_a_new_object_counts_in_full() -> None:
    real, looks = np.zeros((1, c.REALS)), np.zeros((1, columns(1)), np.int64)
    stands, pairs = np.empty((2, c.MEMORIES)), np.array([1.0] * c.MEMORIES + [0.0])
    trust(np.zeros(c.LEARNT), 100.0, -1.0, stands)
    believe(real, looks, 0, 0, 1, given(Category.BIRD), 0, START_NS, FLOOR, stands, False, pairs)
    told = real[0, c.CLASS0 : c.CLASS0 + N]
    np.testing.assert_allclose(told, np.log(floored()[:, Category.BIRD] / floored()[:, Category.BIRD].max()))
    assert pairs[c.MEMORIES] == 0.0
