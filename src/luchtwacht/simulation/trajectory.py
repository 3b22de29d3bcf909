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

from luchtwacht.errors import BadConfiguration
from luchtwacht.model import Site
from luchtwacht.simulation.scenario import (
    Fly,
    Heights,
    Hover,
    Leg,
    Loiter,
    ObjectKind,
    Route,
    Scenario,
    SimulatedObject,
    Wander,
)
from luchtwacht.simulation.weather import Weather
from luchtwacht.units import DEGREE

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
    for place, each in enumerate(scenario.cast()):
        rng = np.random.default_rng([scenario.seed, 1, place])
        courses = _courses(each, scenario, rng)
        sway_m = each.habit.sway_m * (1.0 + scenario.weather.gust_m_s)
        for member in range(each.count):
            course = courses[member]
            free = np.clip(course[:, 2:] / 10.0, 0.0, 1.0)
            path = course + _stray(each, member, len(course), sway_m, rng) * free
            names.append(each.id if member == 0 else f"{each.id}-{member + 1}")
            objects.append(each)
            tracks.append(raise_to(each.heights, path, scenario.site, each.habit.turn_s))
            starts.append(each.start_s + member * _behind_s(each))
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


def _courses(each: SimulatedObject, scenario: Scenario, rng: np.random.Generator) -> list[Floats]:
    """For each member the course (n, 3) that it keeps its place about: the leader's, or that of those it left with."""
    weather, turn_s = scenario.weather, each.habit.turn_s
    left_s = max(scenario.duration_s - each.start_s, 2 * STEP_S)
    leading = _lay_legs(each, each.legs or (Hover(seconds=inf),), np.array(each.at), 0.0, left_s, weather, rng)
    courses = [_round_off(leading, turn_s)] * each.count
    for split in each.splits:
        gone = min(round(split.at_s / STEP_S), len(leading) - 1)
        before = leading[: gone + 1]
        course = _course_of(before, 0.0)
        after = _lay_legs(each, split.legs, before[-1], course, left_s - gone * STEP_S, weather, rng)
        own = _round_off(np.concatenate([before, after[1:]]), turn_s)
        for member in split.members:
            courses[member - 1] = own
    return courses


def _behind_s(each: SimulatedObject) -> float:
    """How much later than the one before it a vehicle passes: convoys keep to the road, one behind the other."""
    if each.kind is not ObjectKind.VEHICLE or each.count == 1:
        return 0.0
    speeds = [leg.speed_m_s for leg in each.legs if isinstance(leg, Fly | Route)]
    return each.spacing_m / speeds[0] if speeds else 0.0


def raise_to(level: Heights, places: Floats, site: Site, turn_s: float = 0.0) -> Floats:
    """Places (n, 3) with heights above ground or sea, in the site's frame, below whose plane the earth curves away.

    Args:
        turn_s: of a path sampled every `STEP_S`, how long it takes to follow a change of the land.
    """
    drop = (places[:, 0] ** 2 + places[:, 1] ** 2) / (2.0 * EARTH_RADIUS)
    if site.terrain is None and site.geoid is None:
        low = site.ground_up if level is Heights.GROUND else site.geoid_undulation_m - site.origin.height
        return np.column_stack([places[:, :2], places[:, 2] + low - drop])
    geodetic = site.frame.from_enu(np.column_stack([places[:, :2], -drop]))
    height_of = site.ground_level if level is Heights.GROUND else site.sea_level
    land = height_of(geodetic[:, 0] / DEGREE, geodetic[:, 1] / DEGREE)
    if turn_s > 0.0:
        land = _round_off(land[:, None], turn_s)[:, 0]
    geodetic[:, 2] = land + places[:, 2]
    return np.column_stack([places[:, :2], site.frame.to_enu(geodetic)[:, 2]])


def _lay_legs(
    each: SimulatedObject,
    legs: tuple[Leg, ...],
    here: Floats,
    course: float,
    left_s: float,
    weather: Weather,
    rng: np.random.Generator,
) -> Floats:
    """Samples (n, 3) of east, north, height, with sharp corners, from `here` on `course`."""
    here = np.array(here, dtype=np.float64)
    wind = weather.wind if each.habit.carried else np.zeros(2)
    parts = [here[None]]
    for leg in (single for told in legs for single in _straights(told)):
        wanted_s = inf if isinstance(leg, Fly) else leg.seconds
        samples = max(ceil(min(wanted_s, left_s) / STEP_S), 1)
        match leg:
            case Fly():
                part = _straight(here, leg, samples, wind, each.id)
            case Hover():
                part = np.repeat(here[None], samples, axis=0)
            case Loiter():
                part = _circles(here, course, leg, samples, wind, each.id)
            case Wander():
                part = _wander(here, course, leg, samples, wind, each.id, rng)
        if len(part):
            course = _course_of(part if len(part) > 1 else np.stack([here, part[0]]), course)
            here = part[-1]
            parts.append(part)
            left_s -= len(part) * STEP_S
        if left_s <= STEP_S / 2:
            break
    path = np.concatenate(parts)
    return path if len(path) > 1 else np.repeat(path, 2, axis=0)


def _straights(leg: Leg) -> tuple[Fly | Hover | Loiter | Wander, ...]:
    """A route as the straight legs it is made of; any other leg as it is."""
    if not isinstance(leg, Route):
        return (leg,)
    return tuple(Fly(to=point, speed_m_s=leg.speed_m_s) for _ in range(leg.laps) for point in leg.along)


def _course_of(path: Floats, otherwise: float) -> float:
    """rad, the course at the end of a path; `otherwise` where it does not move over ground."""
    step = path[-1] - path[-2] if len(path) > 1 else np.zeros(3)
    return float(np.arctan2(step[0], step[1])) if np.hypot(step[0], step[1]) > 1e-6 else otherwise


def _over_ground(course: Floats, speed_m_s: float, wind: Floats, who: str) -> Floats:
    """(n,) m/s over ground of what flies `speed_m_s` through the air and keeps to `course` (n,) by pointing upwind.

    Raises:
        BadConfiguration: the wind is too strong for it.
    """
    along = wind[0] * np.sin(course) + wind[1] * np.cos(course)
    across = wind[0] * np.cos(course) - wind[1] * np.sin(course)
    made = np.sqrt(np.maximum(speed_m_s**2 - across**2, 0.0)) + along
    if (np.abs(across) >= speed_m_s).any() or (made < 0.1 * speed_m_s).any():
        raise BadConfiguration(
            f"'{who}' makes no way at {speed_m_s:g} m/s against a wind of {np.hypot(*wind):.1f} m/s",
            hint="let it fly faster, or the wind blow less",
        )
    return np.asarray(made)


def _straight(here: Floats, leg: Fly, samples: int, wind: Floats, who: str) -> Floats:
    """Evenly to the point; it is reached exactly, unless time runs out."""
    there = np.array(leg.to)
    speed, way = leg.speed_m_s, there - here
    if wind.any() and np.hypot(way[0], way[1]) > 1.0:
        speed = float(_over_ground(np.arctan2(way[:1], way[1:2]), speed, wind, who)[0])
    whole = max(ceil(float(np.linalg.norm(way)) / (speed * STEP_S)), 1)
    share = np.arange(1, min(whole, samples) + 1)[:, None] / whole
    return here + share * way


def _circles(here: Floats, course: float, leg: Loiter, samples: int, wind: Floats, who: str) -> Floats:
    """Round a centre that lies abeam of the course."""
    side = 1.0 if leg.clockwise else -1.0
    abeam = course + side * pi / 2
    centre = here[:2] + leg.radius_m * np.array([np.sin(abeam), np.cos(abeam)])
    turned = np.arange(1, samples + 1) * STEP_S * leg.speed_m_s / leg.radius_m
    if wind.any():  # slower against the wind than with it: the time at which each degree of the circle is passed
        circle = np.linspace(0.0, 2 * pi, 361)
        speed = _over_ground(abeam + pi + side * circle + side * pi / 2, leg.speed_m_s, wind, who)
        taken_s = np.concatenate([[0.0], np.cumsum(np.diff(circle) * leg.radius_m / ((speed[1:] + speed[:-1]) / 2))])
        rounds, within_s = np.divmod(np.arange(1, samples + 1) * STEP_S, taken_s[-1])
        turned = 2 * pi * rounds + np.interp(within_s, taken_s, circle)
    angle = abeam + pi + side * turned
    return np.column_stack(
        [centre[0] + leg.radius_m * np.sin(angle), centre[1] + leg.radius_m * np.cos(angle), np.full(samples, here[2])]
    )


def _wander(
    here: Floats, course: float, leg: Wander, samples: int, wind: Floats, who: str, rng: np.random.Generator
) -> Floats:
    """Glides between turns at random, drawn home the farther it strays; circling where a thermal is met.

    Wind carries it, in a thermal as much as on its way.
    """
    if wind.any():
        _over_ground(np.arctan2(-wind[:1], -wind[1:]), leg.speed_m_s, wind, who)
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
        place[:2] += wind * _WANDER_STEP_S
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
    return np.column_stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in range(path.shape[1])])


def _stray(each: SimulatedObject, member: int, samples: int, sway_m: float, rng: np.random.Generator) -> Floats:
    """How one member departs from the leader's path: its place in the formation, and what the wind or its will adds."""
    sway = _drift(samples, sway_m, 3.0, rng) if sway_m else np.zeros((samples, 3))
    if member == 0 or each.kind is ObjectKind.VEHICLE:
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
