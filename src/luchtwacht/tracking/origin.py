"""From where it took off: an area with a stated probability.

It names an area and a time, never an actor. Many flights are made up that end in the smoothed state at the first
detection (`tracking.departures`): so long ago left, climbed so fast to such a height, stood still or not, sped up, flew
on. Each weighs what the smoothed state makes of it, times the probability that the sensors, by their declared coverage,
saw nothing of it before (`tracking.silence`). The take-off places of the weighed flights are the map
(`tracking.areas`; importance sampling; the generator's seed is an argument, so that the same track gives the same map).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, log, pi

import numpy as np

from luchtwacht.errors import BadInput
from luchtwacht.model import Floats, Ints, Site
from luchtwacht.tracking.areas import Contour, contour_of, middle, probability_map, quantiles
from luchtwacht.tracking.departures import Ages, Departure, Flights, imagine
from luchtwacht.tracking.land import Land
from luchtwacht.tracking.silence import FORGETTABLE, LISTENING, SEARCHING, Eye, in_view, unheard, unseen
from luchtwacht.tracking.smoothing import Smoothed
from luchtwacht.units import SECOND_NS, seconds_to_ns

MOST_BATCHES, ENOUGH, TOO_FEW = 6, 1_200.0, 25.0
"""how often flights are made up, and the effective number that suffices or that is too small to answer"""


class NoDeparture(BadInput):
    """No flight that is thought possible leads from the ground to what was seen."""


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
    cell: float = 1.25,
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
    batches: list[Flights] = []
    land = Land(site)
    eyes = {number: Eye(site, each) for number, each in enumerate(site.sensors) if each.kind in SEARCHING}
    ears = {number: Eye(site, each) for number, each in enumerate(site.sensors) if each.kind in LISTENING}
    ages = Ages()
    ago_s = np.full(len(site.sensors), inf)
    if watched_from_ns is not None:
        ago_s = (smoothed.time_ns[0] - watched_from_ns) / SECOND_NS
    while True:
        flights = imagine(smoothed, land, ages, leaves, wind, rng)
        flights = unseen(flights, smoothed, land, eyes, ago_s, rng)
        batches.append(unheard(flights, smoothed, land, ears, ago_s, leaves.longest_s, rng))
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
    flights = Flights(*(np.concatenate([getattr(each, name) for each in batches])[kept] for name in Flights.__slots__))
    takeoff, age = flights.takeoff, flights.age_s
    bearing, bearing_sigma = _direction(takeoff - smoothed.x[0, :2], weight)
    east, north, size, probability = probability_map(takeoff, weight, effective, cell)
    point = middle(takeoff, weight)
    launched = [int(smoothed.time_ns[0]) - seconds_to_ns(each) for each in quantiles(age, weight, (0.5, 0.95, 0.05))]
    return Origin(
        east=east, north=north, cell=size, probability=probability,
        half=contour_of(east, north, size, probability, 0.5, land),
        most=contour_of(east, north, size, probability, 0.9, land),
        point=(float(point[0]), float(point[1])),
        expected_error=float(weight @ np.hypot(*(takeoff - point).T)),
        launch_ns=launched[0], launch_from_ns=launched[1], launch_until_ns=launched[2], effective=effective,
        in_view=float(weight @ in_view(flights, land, eyes, ago_s)),
        long_ago=float(weight @ (age > 0.5 * leaves.longest_s)), bearing=bearing, bearing_sigma=bearing_sigma,
    )  # fmt: skip


def _direction(way: Floats, weight: Floats) -> tuple[float, float]:
    """Mean bearing of `way` (n, 2) and its circular standard deviation, rad."""
    length = np.maximum(np.hypot(*way.T), 1e-9)
    east, north = (weight @ (way / length[:, None])).tolist()
    concentration = min(max(hypot(east, north), 1e-12), 1.0)
    return float(np.arctan2(east, north) % (2.0 * pi)), float(np.sqrt(-2.0 * log(concentration)))
