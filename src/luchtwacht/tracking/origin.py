"""From where it took off: an area with a stated probability.

It names an area and a time, never an actor. Many flights are made up that end in the smoothed state at the first
detection: so long ago left, climbed so fast to such a height, stood still or not, sped up, flew on. Each weighs what
the smoothed state makes of it, times the probability that the sensors, by their declared coverage, saw nothing of it
before. The take-off places of the weighed flights are the map (importance sampling; the generator's seed is an
argument, so that the same track gives the same map).

Where the site knows its terrain, the ground a flight leaves is that of its own take-off place, no flight leads through
a hill, and what a hill hides a sensor could not see. Most drones hold their height above the place they left, some
above the land below them (`Departure.follows`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, inf, log, pi

import numpy as np
import shapely

from luchtwacht.errors import BadInput
from luchtwacht.geodesy import enu_to_polar
from luchtwacht.model import Bools, Floats, Ints, Sensor, SensorKind, Site
from luchtwacht.model.sight import Horizon, ground_up
from luchtwacht.tracking.scene import CLIMB, SPEED
from luchtwacht.tracking.smoothing import Smoothed
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

EARTH_RADIUS = 6_371_000.0
"""m; only for the height of the ground below the site's horizontal plane"""
BATCH, MOST_BATCHES, ENOUGH, TOO_FEW = 20_000, 6, 1_200.0, 25.0
"""flights made up at a time, how often, and the effective number that suffices or that is too small to answer"""
FORGETTABLE = 17.0
"""flights whose weight is less than exp(-17) of the greatest are not followed any further: all together they would not
be seen in the map"""
HEIGHT_SLACK, RATE_SLACK, STILL_SLACK = 3.0, 0.7, 0.7
"""m, m/s, m/s: how far a real flight strays from the straight lines of a made-up one"""
TRUST, TRUST_EARLY, EARLY = 0.95, 0.7, 3.5
"""share of the declared detection probability that is believed when a sensor saw nothing; and the same in that many
periods before the first detection: a tracker does not name every plot of a track that begins"""
EDGES = (0.1, 1.0, 0.02, 2.0)
"""standard deviations to which the edges of a declared coverage are believed: elevation (deg), azimuth (deg), range
(a share of it), and the land that hides (m). One flight meets the same edges at every look: a beam that is said to
begin a little too high does so each turn"""
UNCOVERED = 1e-3
"""weight of flights that were outside even those edges when they were first seen"""
JUST_UP_S = 1.0
"""s after take-off at which it is asked whether a sensor would have seen it leave"""
THROWN_S = 0.2
"""s in which what is thrown has its speed"""
WANDER = 0.05
MOST_WANDER = 0.6
"""rad per square root of second, and rad at most: how much courses turn between take-off and first sight; and the same
shares of the way flown"""
MOST_CELLS, CELLS_A_KERNEL = 320, 2.5
"""cells along either axis of the map, beyond which they grow; they also grow where the map is smooth anyhow, up to this
part of its kernel"""
KERNEL_CLASSES = 6
SHARPER = 0.7
"""classes of kernel width, each twice the last; and the share taken of the width that is best for one Gaussian, since
every kernel makes areas a little too large"""
SETTLING = 3
"""times that the ground of the take-off is asked anew for the take-off that it leads to"""
ON_THE_WAY = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95)
"""parts of a flight's time at which it must not be below the ground"""
BELOW = 3.0
"""m, how far the terrain may be wrong there"""
FURTHEST = 30_000.0
"""m, how far hills are looked for that hide what lies behind them"""
SEARCHING = (SensorKind.RADAR_3D, SensorKind.RADAR_2D)
"""sensors that look everywhere in their coverage each period; the silence of others says nothing of a drone"""


class NoDeparture(BadInput):
    """No flight that is thought possible leads from the ground to what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """How drones leave: what is thought of a flight before anything is seen of it."""

    climb_slow: float = 1.0
    """m/s"""
    climb_fast: float = 6.0
    """m/s; climb rates are as likely in each octave between the two"""
    vertical: float = 0.5
    """share that climb straight up to their height before they leave; half of the others leave on the way up, and
    the rest climb out from the ground"""
    pause: float = 0.3
    """share that stand still before they leave, up to `pause_s`"""
    pause_s: float = 15.0
    low: tuple[float, float] = (20.0, 150.0)
    """m above ground, heights at which most fly on, as likely in each octave"""
    high: tuple[float, float] = (150.0, 3000.0)
    """m above ground, of the share `highflyers`"""
    highflyers: float = 0.1
    follows: float = 0.3
    """share that keep their height above the land below them, the others above the place they left; the same over flat
    land"""
    accelerate_s: tuple[float, float] = (1.0, 7.0)
    """s, from standing to cruising speed"""
    thrown: float = 0.1
    """share that leave with their flying speed and climb out at once: from a hand, a catapult or a runway"""
    longest_s: float = 600.0
    """take-offs are as likely at any time up to this long before the first detection"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contour:
    """The smallest area that holds the take-off point with a given probability."""

    probability: float
    area: float
    """m^2"""
    polygons: tuple[tuple[Floats, ...], ...]
    """each a tuple of closed rings (k, 2), the outer one and then holes; east, north (m), site's frame"""
    polygons_degrees: tuple[tuple[Floats, ...], ...]
    """the same rings as longitude, latitude (degrees), in the order of RFC 7946"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where and when a track took off, as far as can be said. An area, never an actor."""

    east: Floats
    """(columns,) m, site's frame, middle of the cells"""
    north: Floats
    """(rows,) m"""
    cell: float
    """m, width and height of a cell"""
    probability: Floats
    """(rows, columns) that the take-off point is in the cell; sums to 1"""
    half: Contour
    """50 %"""
    most: Contour
    """90 %"""
    point: tuple[float, float]
    """east, north (m): of all points the one nearest to the take-off on average"""
    expected_error: float
    """m, mean distance between `point` and the take-off"""
    launch_ns: int
    """ns UTC of take-off, median"""
    launch_from_ns: int
    launch_until_ns: int
    """90 % between the two"""
    effective: float
    """number of equally weighed flights that would say as much: below some hundreds the map is coarse"""
    in_view: float
    """probability that the take-off itself was where a searching sensor is declared to look"""
    long_ago: float
    """probability that it left in the earlier half of the time that is thought possible at all: when this is not small
    the area ends where the prior ends, and not where the evidence does"""
    bearing: float
    """rad, clockwise from north: from the first detection towards the take-off"""
    bearing_sigma: float
    """rad, circular standard deviation of `bearing`"""

    def level(self, east: float, north: float) -> float:
        """Probability of the smallest area that would still hold this point; 1 outside the map."""
        row = round((north - self.north[0]) / self.cell)
        column = round((east - self.east[0]) / self.cell)
        if not (0 <= row < len(self.north) and 0 <= column < len(self.east)):
            return 1.0
        return float(self.probability[self.probability >= self.probability[row, column]].sum())


def origin(
    smoothed: Smoothed,
    site: Site,
    *,
    departure: Departure | None = None,
    wind: tuple[float, float] = (0.0, 0.0),
    watched_from_ns: Ints | None = None,
    cell: float = 2.5,
    seed: int = 1,
) -> Origin:
    """The take-off area of a smoothed track.

    Args:
        smoothed: from its first detection on; only the first state is used, which holds what came later.
        site: its sensors' declared coverage is believed; the ground is its terrain, or flat at its height.
        wind: east, north (m/s) towards which the air moves; drones drift with up to a fifth of it as they climb.
        watched_from_ns: (sensors,) ns UTC since when each of the site's sensors has been watching: its silence before
            that says nothing. All have always been watching when left out.
        cell: m, least size of the map's cells, larger where the map would exceed `MOST_CELLS`.
        seed: of the made-up flights.

    Raises:
        NoDeparture: no departure that is thought possible leads to what was seen.
        BadInput: the state is not a number.
    """
    rng = np.random.default_rng(seed)
    leaves = departure or Departure()
    batches: list[_Flights] = []
    land = _Land(site)
    eyes = {number: _Eye(site, each) for number, each in enumerate(site.sensors) if each.kind in SEARCHING}
    ages = _Ages()
    ago_s = np.full(len(site.sensors), inf)
    if watched_from_ns is not None:
        ago_s = (smoothed.time_ns[0] - watched_from_ns) / SECOND_NS
    while True:
        batches.append(_imagine(smoothed, land, eyes, ages, leaves, wind, ago_s, rng))
        logs = np.concatenate([each.log_weight for each in batches])
        if np.isnan(logs).any():
            raise BadInput("the track's first state is not a number")
        if not np.isfinite(logs.max()):
            raise NoDeparture("every imagined departure leads through the ground", hint="is the terrain right?")
        weight = np.exp(logs - logs.max())
        weight /= weight.sum()
        effective = float(1.0 / np.square(weight).sum())
        if effective >= ENOUGH or len(batches) == MOST_BATCHES:
            break
        ages.learn(weight)
    if effective < TOO_FEW:
        raise NoDeparture(
            f"only {effective:.0f} of {len(logs)} imagined departures fit the track",
            hint="it may not have taken off near here: give another `departure`",
        )
    kept = logs > logs.max() - FORGETTABLE
    weight = weight[kept] / weight[kept].sum()
    flights = _Flights(
        *(np.concatenate([getattr(each, name) for each in batches])[kept] for name in _Flights.__slots__)
    )
    takeoff, age = flights.takeoff, flights.age_s
    bearing, bearing_sigma = _direction(takeoff - smoothed.x[0, :2], weight)
    east, north, size, probability = _map(takeoff, weight, effective, cell)
    point = _middle(takeoff, weight)
    launched = [int(smoothed.time_ns[0]) - seconds_to_ns(each) for each in _quantiles(age, weight, (0.5, 0.95, 0.05))]
    return Origin(
        east=east, north=north, cell=size, probability=probability,
        half=_contour(east, north, size, probability, 0.5, land),
        most=_contour(east, north, size, probability, 0.9, land),
        point=(float(point[0]), float(point[1])),
        expected_error=float(weight @ np.hypot(*(takeoff - point).T)),
        launch_ns=launched[0], launch_from_ns=launched[1], launch_until_ns=launched[2], effective=effective,
        in_view=float(weight @ _in_view(flights, land, eyes, ago_s)),
        long_ago=float(weight @ (age > 0.5 * leaves.longest_s)), bearing=bearing, bearing_sigma=bearing_sigma,
    )  # fmt: skip


def _in_view(flights: _Flights, land: _Land, eyes: dict[int, _Eye], watched_s: Floats) -> Bools:
    """(n,) whether a searching sensor that was watching is declared to see each flight just after it left."""
    position, velocity = flights.at(np.minimum(flights.age_s, JUST_UP_S), land)
    seen = np.zeros(len(flights.age_s), np.bool_)
    for number, eye in eyes.items():
        seen |= (flights.age_s <= watched_s[number]) & eye.sees(
            position, velocity, np.zeros((len(position), len(EDGES)))
        )
    return seen


def _direction(way: Floats, weight: Floats) -> tuple[float, float]:
    """Mean bearing of `way` (n, 2) and its circular standard deviation, rad."""
    length = np.maximum(np.hypot(*way.T), 1e-9)
    east, north = (weight @ (way / length[:, None])).tolist()
    concentration = min(max(hypot(east, north), 1e-12), 1.0)
    return float(np.arctan2(east, north) % (2.0 * pi)), float(np.sqrt(-2.0 * log(concentration)))


@dataclass(frozen=True, slots=True)
class _Flights:
    """Made-up flights, one a row, each from its take-off to the first detection."""

    takeoff: Floats
    """(n, 2) east, north"""
    travelled: Floats
    """(n, 2) from there to where it was first detected"""
    age_s: Floats
    """(n,) from take-off to first detection"""
    base: Floats
    """(n,) m, level (see `_Land`) of the ground at take-off"""
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

    def at(self, since_s: Floats, land: _Land) -> tuple[Floats, Floats]:
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


class _Land:
    """The ground round a site: its terrain, or flat at its height. Levels are heights (m) above a surface that curves
    away with the earth from the plane of the site's frame; over flat land every level is the same."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.flat = site.terrain is None

    def level(self, points: Floats) -> Floats:
        """(n,) level of the ground at `points` (n, 2)."""
        flat = np.full(len(points), self.site.ground_up)
        if self.flat:
            return flat
        here = np.column_stack([points, self.up(points, flat)])
        return flat + ground_up(self.site, here) - here[:, 2]

    @staticmethod
    def up(points: Floats, level: Floats) -> Floats:
        """(n,) up coordinate of what is so high at `points` (n, 2)."""
        return np.asarray(level - np.square(points).sum(1) / (2.0 * EARTH_RADIUS))


def _way(moving_s: Floats, speeds_up_s: Floats) -> Floats:
    """Distance over cruising speed (s), when that is reached evenly in `speeds_up_s`."""
    early = np.minimum(moving_s, speeds_up_s)
    return np.asarray(early**2 / (2.0 * speeds_up_s) + (moving_s - early))


class _Ages:
    """When flights left, as a share of the logarithm of the time since: drawn evenly at first, then from where they
    weighed most.

    Each part gets draws by the root of the mean square of the weights that were met in it, which is best for a sum of
    them, and a share evenly, for what was not met yet; a flight's weight makes up for it (adaptive importance
    sampling, Oh and Berger 1992, doi 10.1080/00949659208810398).
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


def _imagine(
    smoothed: Smoothed,
    land: _Land,
    eyes: dict[int, _Eye],
    ages: _Ages,
    leaves: Departure,
    wind: tuple[float, float],
    watched_s: Floats,
    rng: np.random.Generator,
) -> _Flights:
    """`BATCH` flights from the prior that end in the first smoothed state, and what each weighs."""
    n = BATCH
    drawn, weight = ages.draw(n, rng)
    shortest = 0.02
    age = _octaves(drawn, shortest, leaves.longest_s)
    weight += np.log(age)  # drawn in the logarithm, meant evenly in time
    climb = _octaves(rng.random(n), leaves.climb_slow, leaves.climb_fast)
    height = np.where(
        rng.random(n) < leaves.highflyers,
        _octaves(rng.random(n), *leaves.high),
        _octaves(rng.random(n), *leaves.low),
    )
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
    wander = np.minimum(WANDER * np.sqrt(moving_s), MOST_WANDER)
    turned = rng.normal(size=n) * wander
    slower = np.exp(rng.normal(size=n) * wander)
    cosine, sine = np.cos(turned) * slower, np.sin(turned) * slower
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
    flights = _Flights(
        takeoff, travelled + drift, age, base, follows, climb, height, leaves_s, speeds_up_s, weight + more
    )
    return _unseen(_above_ground(flights, land), smoothed, land, eyes, watched_s, rng)


def _above_ground(flights: _Flights, land: _Land) -> _Flights:
    """The flights; those that lead through a hill weigh nothing."""
    if land.flat:
        return flights
    through = np.zeros(len(flights.age_s), np.bool_)
    for part in ON_THE_WAY:
        position, _ = flights.at(part * flights.age_s, land)
        across = position[:, :2]
        through |= position[:, 2] < land.up(across, land.level(across)) - BELOW
    return replace(flights, log_weight=np.where(through, -inf, flights.log_weight))


def _octaves(part: Floats, low: float, high: float) -> Floats:
    """(n,) between two numbers, as likely in each octave if `part` is even between 0 and 1."""
    return np.asarray(low * (high / low) ** part)


def _end(
    smoothed: Smoothed, up: Floats, rate: Floats, moving_s: Floats, speeds_up_s: Floats, draws: Floats
) -> tuple[Floats, Floats, Floats]:
    """What that state makes of a height and climb rate at the first detection (n,), as a logarithm, and horizontal
    position and velocity (n, 2) there: drawn from the state given these two, by the standard normal `draws` (n, 4).

    The smoother began with velocities of its own prior; each weight divides that prior out and puts the flight's in:
    standing still before it leaves, a share of cruising speed while it speeds up.
    """
    x, P = smoothed.x[0], smoothed.P[0]
    known, others = [2, 5], [0, 1, 3, 4]
    S = P[np.ix_(known, known)] + np.diag([HEIGHT_SLACK**2, RATE_SLACK**2])
    off = np.column_stack([up, rate]) - x[known]
    weight = _log_normal(off, S) + 0.5 * (rate / CLIMB) ** 2
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


def _unseen(
    flights: _Flights,
    smoothed: Smoothed,
    land: _Land,
    eyes: dict[int, _Eye],
    watched_s: Floats,
    rng: np.random.Generator,
) -> _Flights:
    """The flights, each weighed by the probability that no sensor saw it before it was seen."""
    weight = flights.log_weight.copy()
    first = int(smoothed.sensor[0])
    for number, eye in eyes.items():
        sensor = land.site.sensors[number]
        edges = rng.normal(size=(len(weight), len(EDGES))) * EDGES
        if number == first:
            position, velocity = flights.at(flights.age_s, land)
            weight += np.where(eye.sees(position, velocity, edges), 0.0, log(UNCOVERED))
        phase = np.zeros(len(weight)) if number == first else rng.random(len(weight)) - 1.0
        pd = min(sensor.probability_of_detection, 0.99)
        for ago, times in _looks(float(flights.age_s.max()) / sensor.period_s):
            before = (ago + phase) * sensor.period_s
            since = flights.age_s - before
            rows = np.flatnonzero((since > 0.0) & (before <= watched_s[number]) & (weight > weight.max() - FORGETTABLE))
            if len(rows) == 0:
                break
            some = _Flights(*(getattr(flights, name)[rows] for name in _Flights.__slots__))
            missed = log(1.0 - (TRUST_EARLY if ago < EARLY else TRUST) * pd)
            weight[rows] += times * missed * eye.sees(*some.at(since[rows], land), edges[rows])
    return replace(flights, log_weight=weight)


def _looks(most: float) -> list[tuple[float, float]]:
    """How many periods ago a look was, and for how many it stands: one by one at first, then farther apart."""
    looks: list[tuple[float, float]] = []
    ago, stride = 1.0, 1.0
    while ago <= most + 1.0:
        looks.append((ago + 0.5 * (stride - 1.0), stride))
        ago += stride
        stride = 1.0 if ago < 24.0 else max(stride, 0.15 * ago // 1.0)
    return looks


class _Eye:
    """A sensor's place and declared coverage, less what the land hides."""

    def __init__(self, site: Site, sensor: Sensor) -> None:
        frame = site.frame
        self._place = frame.to_enu(sensor.place.geodetic)
        latitude, longitude, _ = sensor.place.geodetic
        self._axes = frame.axes_at(latitude, longitude)
        self._sensor = sensor
        self._horizon: Horizon | None = None
        if site.terrain is not None:
            self._horizon = Horizon(site, self._place, min(sensor.range_max_m, FURTHEST))

    def sees(self, position: Floats, velocity: Floats, edges: Floats) -> Bools:
        """(n,) whether what is at `position` (n, 3) with `velocity` (n, 3) is one it sees, when the edges of its
        declared coverage are off by `edges` (n, 4), in the units of `EDGES`; the greater the less it sees."""
        sensor = self._sensor
        local = (position - self._place) @ self._axes
        polar = enu_to_polar(local)
        distance, azimuth, elevation = polar[:, 0], polar[:, 1] / DEGREE, polar[:, 2] / DEGREE
        higher, aside, nearer, taller = edges.T
        width = sensor.azimuth_to_deg - sensor.azimuth_from_deg
        inside = (distance >= sensor.range_min_m) & (distance * (1.0 + nearer) <= sensor.range_max_m)
        inside &= (elevation - higher >= sensor.elevation_min_deg) & (elevation + higher <= sensor.elevation_max_deg)
        if width < 360.0:
            inside &= np.mod(azimuth - aside - sensor.azimuth_from_deg, 360.0) <= width % 360.0
        if sensor.blind_speed_m_s > 0.0:
            rate = np.einsum("na,na->n", local, velocity @ self._axes) / np.maximum(distance, 1.0)
            inside &= np.abs(rate) >= sensor.blind_speed_m_s
        if self._horizon is not None:
            lowered = position[inside] - np.array([0.0, 0.0, 1.0]) * taller[inside, None]
            inside[inside] = self._horizon.sees(lowered)
        return np.asarray(inside)


def _map(points: Floats, weight: Floats, effective: float, cell: float) -> tuple[Floats, Floats, float, Floats]:
    """The weighed points as a density on a grid: kernels that are wider where points are few (Abramson 1982)."""
    from scipy.ndimage import (
        gaussian_filter,
    )  # not above: a watch that starts again shows its alerts before it needs this

    low, lower, upper, high = np.array(
        [_quantiles(points[:, axis], weight, (0.002, 0.25, 0.75, 0.998)) for axis in (0, 1)]
    ).T
    core = (upper - lower) / 1.349
    kernel = max(float(hypot(*core)) / 2.0**0.5 * effective ** (-1.0 / 6.0) * SHARPER, 0.5 * cell)
    low, high = low - 4.0 * kernel - cell, high + 4.0 * kernel + cell
    size = max(cell, kernel / CELLS_A_KERNEL, float((high - low).max()) / MOST_CELLS)
    begin = np.floor(low / size) * size
    columns, rows = (int(np.ceil(each)) for each in (high - begin) / size)
    edges = [begin[0] + size * np.arange(columns + 1), begin[1] + size * np.arange(rows + 1)]
    pilot = gaussian_filter(_count(points, weight, edges), max(kernel / size, 0.5), mode="constant")
    column = np.clip(((points[:, 0] - begin[0]) / size).astype(np.int64), 0, columns - 1)
    row = np.clip(((points[:, 1] - begin[1]) / size).astype(np.int64), 0, rows - 1)
    there = np.maximum(pilot[row, column], 1e-12 * pilot.max())
    middle = np.exp(weight @ np.log(there))
    octave = np.clip(np.round(0.5 * np.log2(middle / there)), -1, KERNEL_CLASSES - 2)
    density = np.zeros((rows, columns))
    for each in np.unique(octave).tolist():
        some = octave == each
        spread = max(kernel * 2.0**each / size, 0.5)
        density += gaussian_filter(_count(points[some], weight[some], edges), spread, mode="constant")
    density = np.maximum(density, 0.0)
    density /= density.sum()
    density.flags.writeable = False
    return edges[0][:-1] + 0.5 * size, edges[1][:-1] + 0.5 * size, size, density


def _count(points: Floats, weight: Floats, edges: list[Floats]) -> Floats:
    """(rows, columns) weight in each cell."""
    return np.asarray(np.histogram2d(points[:, 1], points[:, 0], (edges[1], edges[0]), weights=weight)[0])


def _contour(east: Floats, north: Floats, cell: float, density: Floats, share: float, land: _Land) -> Contour:
    """The likeliest cells that together hold `share`, as polygons along their edges."""
    falling = np.sort(density, axis=None)[::-1]
    least = falling[min(int(np.searchsorted(np.cumsum(falling), share)), falling.size - 1)]
    chosen = density >= least
    padded = np.pad(chosen, ((0, 0), (1, 1))).astype(np.int8)
    row, begin = np.nonzero(np.diff(padded, axis=1) == 1)
    _, end = np.nonzero(np.diff(padded, axis=1) == -1)
    west, south = east[0] - 0.5 * cell, north[0] - 0.5 * cell
    runs = shapely.box(west + begin * cell, south + row * cell, west + end * cell, south + (row + 1) * cell)
    area = shapely.union_all(runs).simplify(0.0)
    shapes = [area] if area.geom_type == "Polygon" else list(getattr(area, "geoms", []))
    polygons = tuple(
        tuple(np.asarray(ring.coords, np.float64) for ring in (shape.exterior, *shape.interiors)) for shape in shapes
    )
    return Contour(
        probability=share, area=float(area.area), polygons=polygons,
        polygons_degrees=tuple(tuple(_degrees(ring, land) for ring in rings) for rings in polygons),
    )  # fmt: skip


def _degrees(ring: Floats, land: _Land) -> Floats:
    """(k, 2) longitude and latitude in degrees of points on the ground."""
    geodetic = land.site.frame.from_enu(np.column_stack([ring, land.up(ring, land.level(ring))]))
    return np.asarray(geodetic[:, 1::-1] / DEGREE)


def _middle(points: Floats, weight: Floats) -> Floats:
    """The point whose mean distance to all is least (Weiszfeld 1937)."""
    at = np.array([_quantiles(points[:, axis], weight, (0.5,))[0] for axis in (0, 1)])
    for _ in range(60):
        pull = weight / np.maximum(np.hypot(*(points - at).T), 0.1)
        before, at = at, pull @ points / pull.sum()
        if np.abs(at - before).max() < 0.05:
            break
    return np.asarray(at)


def _quantiles(values: Floats, weight: Floats, shares: tuple[float, ...]) -> list[float]:
    """Of weighed values."""
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(weight[order])
    return [float(values[order[min(int(np.searchsorted(up_to, share)), len(order) - 1)]]) for share in shares]
