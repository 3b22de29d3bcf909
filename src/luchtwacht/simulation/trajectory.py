"""Trajectories: where every object truly is, at any moment.

Each object's legs are laid out as a path sampled every `STEP_S`, rounded so that no course or speed changes at once,
and kept in flat arrays. `Paths.at` reads any objects at any times in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from luchtwacht.simulation.scenario import Fly, Hover, Loiter, ObjectKind, Scenario, SimulatedObject, Wander

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_S = 0.1
"""between the samples of a path"""
EARTH_RADIUS = 6_371_000.0
"""m; only to keep heights above ground along the curved earth"""
_WANDER_STEP_S = 0.5


@dataclass(frozen=True)
class Paths:
    """The paths of `m` objects."""

    names: tuple[str, ...]
    """(m,) unique"""
    objects: tuple[SimulatedObject, ...]
    """(m,) what each was made from; the members of a flock share one"""
    start_s: Floats
    """(m,) when each path begins"""
    length: Ints
    """(m,) its number of samples"""
    offset: Ints
    """(m,) its first sample in the arrays below"""
    position: Floats
    """(samples, 3) east, north, up (m), site's frame"""
    velocity: Floats
    """(samples, 3) their rates (m/s)"""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def end_s(self) -> Floats:
        """(m,) when each path ends."""
        return self.start_s + (self.length - 1) * STEP_S

    def exists(self, index: ArrayLike, time_s: ArrayLike) -> NDArray[np.bool_]:
        """Whether objects `index` are there at `time_s`; shapes broadcast."""
        index = np.asarray(index)
        return np.asarray((time_s >= self.start_s[index]) & (time_s <= self.end_s[index]))

    def at(self, index: Ints, time_s: Floats) -> tuple[Floats, Floats]:
        """Position and velocity, each (k, 3), of objects `index` (k,) at `time_s` (k,); held still outside the path.

        Cubic Hermite between samples, so velocity is the derivative of position.
        """
        steps = np.clip((time_s - self.start_s[index]) / STEP_S, 0.0, self.length[index] - 1)
        before = np.minimum(steps.astype(np.int64), self.length[index] - 2)
        u = (steps - before)[:, None]
        first = self.offset[index] + before
        p0, p1 = self.position[first], self.position[first + 1]
        m0, m1 = self.velocity[first] * STEP_S, self.velocity[first + 1] * STEP_S
        position = (
            (2 * u**3 - 3 * u**2 + 1) * p0
            + (u**3 - 2 * u**2 + u) * m0
            + (3 * u**2 - 2 * u**3) * p1
            + (u**3 - u**2) * m1
        )
        rate = 6 * (u**2 - u) * (p0 - p1) + (3 * u**2 - 4 * u + 1) * m0 + (3 * u**2 - 2 * u) * m1
        return position, rate / STEP_S


def lay_paths(scenario: Scenario) -> Paths:
    """The paths of everything in the scenario. Each object has its own generator: adding one changes no other."""
    names: list[str] = []
    objects: list[SimulatedObject] = []
    tracks: list[Floats] = []
    starts: list[float] = []
    for place, each in enumerate(scenario.objects):
        rng = np.random.default_rng([scenario.seed, 1, place])
        leader = _round_off(_lay_legs(each, scenario.duration_s, rng), each.habit.turn_s)
        for member in range(each.count):
            free = np.clip(leader[:, 2:] / 10.0, 0.0, 1.0)
            path = leader + _stray(each, member, len(leader), rng) * free
            names.append(each.id if member == 0 else f"{each.id}-{member + 1}")
            objects.append(each)
            tracks.append(_to_site(path, scenario.site.ground_up))
            starts.append(each.start_s)
    length = np.array([len(path) for path in tracks], dtype=np.int64)
    return Paths(
        names=tuple(names),
        objects=tuple(objects),
        start_s=np.array(starts, dtype=np.float64),
        length=length,
        offset=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(length)[:-1]]) if tracks else length,
        position=np.concatenate(tracks) if tracks else np.empty((0, 3)),
        velocity=np.concatenate([np.gradient(path, STEP_S, axis=0) for path in tracks]) if tracks else np.empty((0, 3)),
    )


def _to_site(path: Floats, ground_up: float) -> Floats:
    """Heights above ground to up in the site's frame, below whose horizontal plane the earth curves away."""
    up = path[:, 2] + ground_up - (path[:, 0] ** 2 + path[:, 1] ** 2) / (2.0 * EARTH_RADIUS)
    return np.column_stack([path[:, :2], up])


def _lay_legs(each: SimulatedObject, duration_s: float, rng: np.random.Generator) -> Floats:
    """Samples (n, 3) of east, north, height above ground, with sharp corners."""
    here = np.array(each.at, dtype=np.float64)
    course = 0.0
    left_s = max(duration_s - each.start_s, 2 * STEP_S)
    parts = [here[None]]
    for leg in each.legs or (Hover(seconds=inf),):
        wanted_s = inf if isinstance(leg, Fly) else leg.seconds
        samples = max(ceil(min(wanted_s, left_s) / STEP_S), 1)
        match leg:
            case Fly():
                part = _straight(here, leg, samples)
            case Hover():
                part = np.repeat(here[None], samples, axis=0)
            case Loiter():
                part = _circles(here, course, leg, samples)
            case Wander():
                part = _wander(here, course, leg, samples, rng)
        if len(part):
            before = part[-2] if len(part) > 1 else here
            step = part[-1] - before
            course = float(np.arctan2(step[0], step[1])) if np.hypot(step[0], step[1]) > 1e-6 else course
            here = part[-1]
            parts.append(part)
            left_s -= len(part) * STEP_S
        if left_s <= STEP_S / 2:
            break
    path = np.concatenate(parts)
    return path if len(path) > 1 else np.repeat(path, 2, axis=0)


def _straight(here: Floats, leg: Fly, samples: int) -> Floats:
    """Evenly to the point; it is reached exactly, unless time runs out."""
    there = np.array(leg.to)
    whole = max(ceil(float(np.linalg.norm(there - here)) / (leg.speed_m_s * STEP_S)), 1)
    share = np.arange(1, min(whole, samples) + 1)[:, None] / whole
    return here + share * (there - here)


def _circles(here: Floats, course: float, leg: Loiter, samples: int) -> Floats:
    """Round a centre that lies abeam of the course."""
    side = 1.0 if leg.clockwise else -1.0
    abeam = course + side * pi / 2
    centre = here[:2] + leg.radius_m * np.array([np.sin(abeam), np.cos(abeam)])
    angle = abeam + pi + side * np.arange(1, samples + 1) * STEP_S * leg.speed_m_s / leg.radius_m
    return np.column_stack(
        [centre[0] + leg.radius_m * np.sin(angle), centre[1] + leg.radius_m * np.cos(angle), np.full(samples, here[2])]
    )


def _wander(here: Floats, course: float, leg: Wander, samples: int, rng: np.random.Generator) -> Floats:
    """Glides between turns at random, drawn home the farther it strays; circling where a thermal is met."""
    home, floor = here.copy(), 0.6 * here[2]
    steps = ceil(samples * STEP_S / _WANDER_STEP_S) + 1
    place, heading, rate = here.copy(), course if course else rng.uniform(0.0, 2 * pi), 0.0
    circling_s, vertical = 0.0, 0.0
    coarse = np.empty((steps + 1, 3))
    coarse[0] = here
    for k in range(1, steps + 1):
        if circling_s > 0.0:
            circling_s -= _WANDER_STEP_S
            vertical = leg.climb_m_s
        else:
            rate += _WANDER_STEP_S * (-rate / 4.0) + rng.normal(0.0, 0.09)
            out = place[:2] - home[:2]
            strayed = float(np.hypot(out[0], out[1])) / leg.radius_m
            back = float(np.arctan2(-out[0], -out[1]))
            pull = np.sin(back - heading) * min(strayed, 1.5) ** 2 * 0.35
            vertical = float(np.clip((home[2] - place[2]) * 0.02, -0.8, 0.8)) + rng.normal(0.0, 0.15)
            heading += _WANDER_STEP_S * (rate + pull)
            if leg.thermals and rng.random() < _WANDER_STEP_S / 60.0:
                circling_s, rate = rng.uniform(20.0, 45.0), rng.choice([-1.0, 1.0]) * leg.speed_m_s / 25.0
        if circling_s > 0.0:
            heading += _WANDER_STEP_S * rate
        step = leg.speed_m_s * _WANDER_STEP_S
        place = place + np.array([step * np.sin(heading), step * np.cos(heading), vertical * _WANDER_STEP_S])
        place[2] = max(place[2], floor)
        coarse[k] = place
    times = np.arange(1, samples + 1) * STEP_S
    knots = np.arange(steps + 1) * _WANDER_STEP_S
    return np.column_stack([np.interp(times, knots, coarse[:, axis]) for axis in range(3)])


def _round_off(path: Floats, turn_s: float) -> Floats:
    """Each corner spread over `turn_s`: a triangular average, so that accelerations stay bounded."""
    half = max(round(turn_s / STEP_S / 2), 1)
    if len(path) < 2 * half + 2:
        return path
    box = np.full(half + 1, 1.0 / (half + 1))
    kernel = np.convolve(box, box)
    before = 2 * path[0] - path[half:0:-1]
    after = 2 * path[-1] - path[-2 : -half - 2 : -1]
    padded = np.concatenate([before, path, after])
    return np.column_stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in range(3)])


def _stray(each: SimulatedObject, member: int, samples: int, rng: np.random.Generator) -> Floats:
    """How one member departs from the leader's path: its place in the formation, and what the wind or its will adds."""
    sway = _drift(samples, each.habit.sway_m, 3.0, rng) if each.habit.sway_m else np.zeros((samples, 3))
    if member == 0:
        return sway
    if each.kind is ObjectKind.BIRD:
        return sway + _drift(samples, each.spacing_m * each.count ** (1 / 3), 12.0, rng) * [1.0, 1.0, 0.3]
    across = ceil(each.count**0.5)
    row, column = divmod(member, across)
    place = np.array([column * each.spacing_m, -row * each.spacing_m, 0.0])
    return np.asarray(sway + place)


def _drift(samples: int, sigma: float, correlation_s: float, rng: np.random.Generator) -> Floats:
    """A smooth random walk about zero, (samples, 3), with that standard deviation and correlation time."""
    knots = ceil(samples * STEP_S / correlation_s) + 3
    values = rng.normal(0.0, sigma, (knots, 3))
    times = np.arange(samples) * STEP_S / correlation_s
    return np.asarray(CubicSpline(np.arange(knots), values, axis=0)(times), dtype=np.float64)
