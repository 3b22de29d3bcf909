"""What it says of a flight that nobody saw or heard it: looks inside a declared coverage that gave no detection.

A radar sees what flies where it looks. A direction finder hears what sends, and its bearings make a track only where
those of another cross them: so the silence of two says something of a drone that is known to send, and of no other.
"""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np

from luchtwacht.geodesy import enu_to_polar
from luchtwacht.model import Bools, Floats, Sensor, SensorKind, Site
from luchtwacht.model.sight import Horizon
from luchtwacht.tracking.departures import Flights
from luchtwacht.tracking.land import Land
from luchtwacht.tracking.smoothing import Smoothed
from luchtwacht.units import DEGREE

SEARCHING = (SensorKind.RADAR_3D, SensorKind.RADAR_2D)
"""sensors that look everywhere in their coverage each period"""
LISTENING = (SensorKind.RF_DIRECTION_FINDER,)
"""sensors whose bearings must cross"""
SENDS = 0.7
"""share of the drones heard that sent from the ground on; the others began to some time during their flight"""
FORGETTABLE = 17.0
"""flights whose weight is less than exp(-17) of the greatest are not followed any further: all together they would not
be seen in the map"""
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
FURTHEST = 30_000.0
"""m, how far hills are looked for that hide what lies behind them"""


class Eye:
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


def unseen(
    flights: Flights,
    smoothed: Smoothed,
    land: Land,
    eyes: dict[int, Eye],
    watched_s: Floats,
    rng: np.random.Generator,
) -> Flights:
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
            some = Flights(*(getattr(flights, name)[rows] for name in Flights.__slots__))
            missed = log(1.0 - (TRUST_EARLY if ago < EARLY else TRUST) * pd)
            weight[rows] += times * missed * eye.sees(*some.at(since[rows], land), edges[rows])
    return replace(flights, log_weight=weight)


def unheard(
    flights: Flights,
    smoothed: Smoothed,
    land: Land,
    ears: dict[int, Eye],
    watched_s: Floats,
    longest_s: float,
    rng: np.random.Generator,
) -> Flights:
    """The flights, each weighed by the probability that no two direction finders heard it before it was first met.

    Of a drone that was not heard at all the silence says nothing. One that began to send in flight did so by chance at
    just that moment of the `longest_s` that it may have flown.
    """
    heard = [number for number in ears if (smoothed.sensor == number).any()]
    if not heard or len(ears) < 2:
        return flights
    n, sites = len(flights.age_s), land.site.sensors
    weight = flights.log_weight.copy()
    sends = rng.random(n) < SENDS
    period_s = max(sites[number].period_s for number in ears)
    if int(smoothed.sensor[0]) in ears:
        weight[~sends] += log(period_s / longest_s)
    edges = {number: rng.normal(size=(n, len(EDGES))) * EDGES for number in ears}
    pd = min(min(sites[number].probability_of_detection, 0.99) for number in ears) ** 2
    watched = min(float(watched_s[number]) for number in ears)
    for ago, times in _looks(float(flights.age_s.max()) / period_s):
        before = ago * period_s
        since = flights.age_s - before
        rows = np.flatnonzero(sends & (since > 0.0) & (before <= watched) & (weight > weight.max() - FORGETTABLE))
        if len(rows) == 0:
            break
        at = Flights(*(getattr(flights, name)[rows] for name in Flights.__slots__)).at(since[rows], land)
        hearing = np.sum([ear.sees(*at, edges[number][rows]) for number, ear in ears.items()], axis=0)
        missed = log(1.0 - (TRUST_EARLY if ago < EARLY else TRUST) * pd)
        weight[rows] += times * missed * (hearing >= 2)
    return replace(flights, log_weight=weight)


def in_view(flights: Flights, land: Land, eyes: dict[int, Eye], watched_s: Floats) -> Bools:
    """(n,) whether a searching sensor that was watching is declared to see each flight just after it left."""
    position, velocity = flights.at(np.minimum(flights.age_s, JUST_UP_S), land)
    seen = np.zeros(len(flights.age_s), np.bool_)
    for number, eye in eyes.items():
        seen |= (flights.age_s <= watched_s[number]) & eye.sees(
            position, velocity, np.zeros((len(position), len(EDGES)))
        )
    return seen


def _looks(most: float) -> list[tuple[float, float]]:
    """How many periods ago a look was, and for how many it stands: one by one at first, then farther apart."""
    looks: list[tuple[float, float]] = []
    ago, stride = 1.0, 1.0
    while ago <= most + 1.0:
        looks.append((ago + 0.5 * (stride - 1.0), stride))
        ago += stride
        stride = 1.0 if ago < 24.0 else max(stride, 0.15 * ago // 1.0)
    return looks
