"""Departures that are thought up: flights that leave the ground and end in what was first seen of a track.

Most drones hold their height above the place they left, some above the land below them (`Departure.follows`). Where
the site knows its terrain, the ground a flight leaves is that of its own take-off place, and none leads through a hill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log, pi

import numpy as np

from luchtwacht.model import Bools, Floats, Ints
from luchtwacht.tracking.land import Land
from luchtwacht.tracking.scene import CLIMB, SPEED
from luchtwacht.tracking.smoothing import Smoothed

BATCH = 20_000
"""flights made up at a time"""
HEIGHT_SLACK, RATE_SLACK, STILL_SLACK = 3.0, 0.7, 0.7
"""m, m/s, m/s: how far a real flight strays from the straight lines of a made-up one"""
THROWN_S = 0.2
"""s in which what is thrown has its speed"""
STEADY, TURNING, PARTS_OF_WAY = 0.005, 0.06, 8
"""rad per square root of second by which the courses of those that fly straight, and of the others, turn; and parts in
which such a way is laid"""
QUICKER, MOST_QUICKER = 0.02, 0.25
"""logarithm of speed per square root of second, and at most, by which it flew faster or slower before it was seen"""
SETTLING = 3
"""times that the ground of the take-off is asked anew for the take-off that it leads to"""
ON_THE_WAY = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95)
"""parts of a flight's time at which it must not be below the ground"""
BELOW = 3.0
"""m, how far the terrain may be wrong there"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """How drones leave: what is thought of a flight before anything is seen of it."""

    climb_slow: float = 1.0
    """m/s"""
    climb_fast: float = 6.0
    """m/s; climb rates are as likely anywhere between the two"""
    vertical: float = 0.5
    """share that climb straight up to their height before they leave; half of the others leave on the way up, and
    the rest climb out from the ground"""
    pause: float = 0.3
    """share that stand still before they leave, up to `pause_s`"""
    pause_s: float = 15.0
    low: tuple[float, float] = (15.0, 130.0)
    """m above ground, heights at which most fly on, as likely anywhere between: about the height that rules allow"""
    high: tuple[float, float] = (130.0, 3000.0)
    """m above ground, of the share `highflyers`, as likely in each octave"""
    highflyers: float = 0.1
    straight: float = 0.5
    """share that keep their course"""
    follows: float = 0.3
    """share that keep their height above the land below them, the others above the place they left; the same over flat
    land"""
    accelerate_s: tuple[float, float] = (1.0, 7.0)
    """s, from standing to cruising speed"""
    thrown: float = 0.1
    """share that leave with their flying speed and climb out at once: from a hand, a catapult or a runway"""
    longest_s: float = 600.0
    """take-offs are as likely at any time up to this long before the first detection"""


@dataclass(frozen=True, slots=True)
class Flights:
    """Made-up flights, one a row, each from its take-off to the first detection."""

    takeoff: Floats
    """(n, 2) east, north"""
    travelled: Floats
    """(n, 2) from there to where it was first detected"""
    age_s: Floats
    """(n,) from take-off to first detection"""
    base: Floats
    """(n,) m, level (see `Land`) of the ground at take-off"""
    follows: Bools
    """(n,) whether it keeps its height above the land below it, and not above the place it left"""
    climb: Floats
    """(n,) m/s"""
    height: Floats
    """(n,) m above that at which it flies on"""
    leaves_s: Floats
    """(n,) after take-off, when it begins to move across the ground"""
    speeds_up_s: Floats
    """(n,) how long that takes"""
    log_weight: Floats
    """(n,)"""

    def at(self, since_s: Floats, land: Land) -> tuple[Floats, Floats]:
        """Position and velocity, (n, 3) each, so long after take-off."""
        moving = np.maximum(since_s - self.leaves_s, 0.0)
        whole = np.maximum(_way(np.maximum(self.age_s - self.leaves_s, 0.0), self.speeds_up_s), 1e-9)
        across = self.takeoff + self.travelled * (_way(moving, self.speeds_up_s) / whole)[:, None]
        rate = self.travelled * (np.minimum(moving / self.speeds_up_s, 1.0) / whole)[:, None]
        rising = self.climb * since_s < self.height
        level = self.base.copy()
        level[self.follows] = land.level(across[self.follows])
        up = land.up(across, level) + np.minimum(self.climb * since_s, self.height)
        return np.column_stack([across, up]), np.column_stack([rate, np.where(rising, self.climb, 0.0)])


class Ages:
    """When flights left, as a share of the logarithm of the time since: drawn evenly at first, then from where they
    weighed most.

    Each part gets draws by the root of the mean square of the weights that were met in it, which is best for a sum of
    them, and a share evenly, for what was not met yet; a flight's weight makes up for it (adaptive importance
    sampling, Oh and Berger 1992, Journal of Statistical Computation and Simulation 41:143-168).
    """

    PARTS, EVENLY = 24, 0.3

    def __init__(self) -> None:
        self._chance = np.full(self.PARTS, 1.0 / self.PARTS)
        self._part: list[Ints] = []
        self._even: list[Floats] = []

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """(n,) numbers between 0 and 1, and the logarithms (n,) of the weights that make them even."""
        part = np.searchsorted(np.cumsum(self._chance), rng.random(n)).clip(max=self.PARTS - 1)
        even = 1.0 / (self._chance[part] * self.PARTS)
        self._part.append(part)
        self._even.append(even)
        return (part + rng.random(n)) / self.PARTS, np.log(even)

    def learn(self, weight: Floats) -> None:
        """What all flights drawn so far weighed, (n,), in their order."""
        square = weight**2 / np.concatenate(self._even)
        share = np.sqrt(np.bincount(np.concatenate(self._part), square, minlength=self.PARTS))
        self._chance = (1.0 - self.EVENLY) * share / share.sum() + self.EVENLY / self.PARTS


def imagine(
    smoothed: Smoothed,
    land: Land,
    ages: Ages,
    leaves: Departure,
    wind: tuple[float, float],
    rng: np.random.Generator,
) -> Flights:
    """`BATCH` flights from the prior that end in the first smoothed state, and what each weighs."""
    n = BATCH
    drawn, weight = ages.draw(n, rng)
    shortest = 0.02
    age = _octaves(drawn, shortest, leaves.longest_s)
    weight += np.log(age)  # drawn in the logarithm, meant evenly in time
    climb = rng.uniform(leaves.climb_slow, leaves.climb_fast, n)
    high = rng.random(n) < leaves.highflyers
    height = np.where(high, _octaves(rng.random(n), *leaves.high), rng.uniform(*leaves.low, n))
    kind, part = rng.random(n), rng.random(n)
    vertical = np.where(kind < leaves.vertical, 1.0, np.where(kind < 0.5 + 0.5 * leaves.vertical, part, 0.0))
    pause = np.where(rng.random(n) < leaves.pause, rng.random(n) * leaves.pause_s, 0.0)
    thrown = rng.random(n) < leaves.thrown
    vertical[thrown] = 0.0
    leaves_s = vertical * height / climb + pause * (vertical > 0.0)
    speeds_up_s = np.where(thrown, THROWN_S, rng.uniform(*leaves.accelerate_s, n))
    moving_s = np.maximum(age - leaves_s, 0.0)
    rising = climb * age < height
    draws = rng.normal(size=(n, 4))
    turning = np.where(rng.random(n) < leaves.straight, STEADY, TURNING)
    cosine, sine = _turned(turning * np.sqrt(moving_s), rng)
    quicker = np.exp(rng.normal(size=n) * np.minimum(QUICKER * np.sqrt(moving_s), MOST_QUICKER))
    cosine, sine = cosine * quicker, sine * quicker
    drift = (0.2 * rng.random(n) * np.minimum(age, leaves_s))[:, None] * np.array(wind)
    follows = np.zeros(n, np.bool_) if land.flat else rng.random(n) < leaves.follows
    ramp = np.maximum(np.minimum(moving_s / speeds_up_s, 1.0), 1e-9)
    share = (_way(moving_s, speeds_up_s) / ramp * (moving_s > 0.0))[:, None]
    here = smoothed.x[:1, :2]
    below = base = np.repeat(land.level(here), n)
    for _ in range(1 if land.flat else SETTLING):
        seen_up = land.up(here, np.where(follows, below, base)) + np.minimum(climb * age, height)
        more, position, velocity = _end(smoothed, seen_up, np.where(rising, climb, 0.0), moving_s, speeds_up_s, draws)
        straight = velocity * share
        travelled = np.column_stack(
            [cosine * straight[:, 0] - sine * straight[:, 1], sine * straight[:, 0] + cosine * straight[:, 1]]
        )
        takeoff = position - travelled - drift
        base = land.level(takeoff)
    flights = Flights(
        takeoff, travelled + drift, age, base, follows, climb, height, leaves_s, speeds_up_s, weight + more
    )
    return _above_ground(flights, land)


def _above_ground(flights: Flights, land: Land) -> Flights:
    """The flights; those that lead through a hill weigh nothing."""
    if land.flat:
        return flights
    through = np.zeros(len(flights.age_s), np.bool_)
    for part in ON_THE_WAY:
        position, _ = flights.at(part * flights.age_s, land)
        across = position[:, :2]
        through |= position[:, 2] < land.up(across, land.level(across)) - BELOW
    return replace(flights, log_weight=np.where(through, -inf, flights.log_weight))


def _turned(spread: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """How far a way led along its last course and across it, as shares of its length, (n,) each: a course that strays,
    and by `spread` (n,) rad (standard deviation) from its beginning to its end."""
    steps = rng.normal(size=(PARTS_OF_WAY, len(spread))) * (spread / PARTS_OF_WAY**0.5)
    steps[0] *= 0.5**0.5  # from its end to the middle of its last part
    course = np.cumsum(steps, axis=0)
    return np.asarray(np.cos(course).mean(0)), np.asarray(np.sin(course).mean(0))


def _octaves(part: Floats, low: float, high: float) -> Floats:
    """(n,) between two numbers, as likely in each octave if `part` is even between 0 and 1."""
    return np.asarray(low * (high / low) ** part)


def _way(moving_s: Floats, speeds_up_s: Floats) -> Floats:
    """Distance over cruising speed (s), when that is reached evenly in `speeds_up_s`."""
    early = np.minimum(moving_s, speeds_up_s)
    return np.asarray(early**2 / (2.0 * speeds_up_s) + (moving_s - early))


def _end(
    smoothed: Smoothed, up: Floats, rate: Floats, moving_s: Floats, speeds_up_s: Floats, draws: Floats
) -> tuple[Floats, Floats, Floats]:
    """What that state makes of a height and climb rate at the first detection (n,), as a logarithm, and horizontal
    position and velocity (n, 2) there: drawn from the state given these two, by the standard normal `draws` (n, 4).

    The smoother began with velocities of its own prior; each weight divides that prior out and puts the flight's in:
    standing still before it leaves, a share of cruising speed while it speeds up. A height that was not measured is
    its prior too, and weighs nothing.
    """
    x, P = smoothed.x[0], smoothed.P[0]
    known, others = [2, 5], [0, 1, 3, 4]
    S = P[np.ix_(known, known)] + np.diag([HEIGHT_SLACK**2, RATE_SLACK**2])
    off = np.column_stack([up, rate]) - x[known]
    weight = _log_normal(off, S) if smoothed.height_measured else -0.5 * off[:, 1] ** 2 / S[1, 1]
    weight += 0.5 * (rate / CLIMB) ** 2
    K = P[np.ix_(others, known)] @ np.linalg.inv(S)
    mean = x[others] + off @ K.T
    C = P[np.ix_(others, others)] - K @ P[np.ix_(known, others)]
    still = moving_s == 0.0
    V = C[2:, 2:] + STILL_SLACK**2 * np.eye(2)
    weight[still] += _log_normal(-mean[still, 2:], V) + 2.0 * log(SPEED) + log(2.0 * pi)
    L = C[:, 2:] @ np.linalg.inv(V)
    mean[still] -= mean[still, 2:] @ L.T
    drawn = mean + draws @ _root(C).T
    drawn[still] = mean[still] + draws[still] @ _root(C - L @ C[2:, :]).T
    ramp = np.clip(moving_s / speeds_up_s, 0.05, 1.0)
    square = np.square(drawn[:, 2:]).sum(1) / SPEED**2
    weight += np.where(still, 0.0, 0.5 * square * (1.0 - ramp**-2.0) - 2.0 * np.log(ramp))
    return weight, drawn[:, :2], drawn[:, 2:]


def _log_normal(off: Floats, S: Floats) -> Floats:
    """(n,) logarithm of the normal density of `off` (n, 2)."""
    square = np.einsum("na,ab,nb->n", off, np.linalg.inv(S), off)
    return np.asarray(-0.5 * square - 0.5 * np.linalg.slogdet(S)[1] - log(2.0 * pi))


def _root(C: Floats) -> Floats:
    """A square root of a covariance that may be just short of positive."""
    values, vectors = np.linalg.eigh(0.5 * (C + C.T))
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
