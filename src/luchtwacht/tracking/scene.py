"""What is learnt of a sensor's surroundings while it works: false plots, new objects, and how far it sees."""

from __future__ import annotations

from math import inf, nan, pi, sin

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.model import Floats, Sensor, Site
from luchtwacht.model.sight import ground_up
from luchtwacht.tracking.state import SceneState, copied
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

RINGS, SECTORS, LAYERS, RATE_BINS, SIGHTS = 24, 24, 36, 64, 24
MEMORY_LOOKS = 60.0
"""looks after which what was learnt about false plots has faded to 1/e"""
MEMORY_S = 300.0
"""s, the same for the rate of new objects"""
SPEED = 17.0
"""m/s, standard deviation of each horizontal velocity of a new object: 5 to 40 m/s in any direction"""
CLIMB = 3.0
"""m/s, of its vertical velocity"""
LOW = (0.97, 150.0, 130.0)
HIGH = (0.03, 1500.0, 1200.0)
"""share, mean height above ground and standard deviation (m): drones, and whatever else flies"""
DECLARED_LOOKS = 1.0
"""looks that the declared number of false reports is worth: little, as declarations are often guesses"""
LEAST_STARTS, DECLARED_S = 0.3, 5.0
"""new objects, and seconds, that are taken for seen before the first look"""
FIRST_DOUBT = 0.5
"""in the first look objects and false plots cannot be told apart; should there be far more plots than declared, at
least this share of them is taken for false until tracks say otherwise"""
DECLARED_SIGHTS = 10.0
"""times that a cell of the map is taken to have been looked at with the declared detection probability"""
DECLARED_ECHOES = 20.0
"""echoes of objects, on average twice the threshold, and of noise that are taken to have been met"""
MOST_BEGUN = 1_000.0
"""objects that were seen to begin; then all counts are halved, so that they can change"""
DEFAULT_REACH = 8_000.0
"""m, where no range is declared, until more is seen"""
LAND_REACH, LAND_RINGS, LAND_SECTORS = 30_000.0, 16, 36
"""m round a sensor within which its land is looked at, and at how many places: rings of equal area, sectors"""
USUAL_HEIGHT = 100.0
"""m above the land, taken to find a place on the map from a distance without a height"""


def ground_about(site: Site, middle: Floats, reach: float) -> tuple[float, float]:
    """m, mean up coordinate of the ground within `reach` of `middle` (2,), and its standard deviation; flat, and as at
    the origin, where the site knows no terrain."""
    if site.terrain is None:
        return site.ground_up, 0.0
    away = min(reach, LAND_REACH) * np.sqrt((np.arange(LAND_RINGS) + 0.5) / LAND_RINGS)[:, None]
    turn = np.arange(LAND_SECTORS) * (2.0 * pi / LAND_SECTORS)
    places = np.stack(np.broadcast_arrays(middle[0] + away * np.sin(turn), middle[1] + away * np.cos(turn), 0.0), -1)
    ground = ground_up(site, places)
    return float(ground.mean()), float(ground.std())


def heights_above(ground: float, uneven: float = 0.0) -> Floats:
    """(k, 3) share, mean (m, site's up) and standard deviation of the heights at which objects appear over land at
    `ground`, as `kernels.births` takes them; `uneven` is by how much the land rises and falls."""
    heights = np.array([LOW, HIGH])
    heights[:, 1] += ground
    heights[:, 2] = np.hypot(heights[:, 2], uneven)
    return heights


class Scene:
    """One sensor's place, declared figures, and running estimates."""

    def __init__(self, site: Site, sensor: Sensor) -> None:
        frame = site.frame
        latitude, longitude, _ = sensor.place.geodetic
        self.place = np.concatenate(
            [frame.to_enu([sensor.place.geodetic])[0], frame.axes_at(latitude, longitude).ravel()]
        )
        self.period_ns = seconds_to_ns(sensor.period_s)
        self.period_s = sensor.period_s
        reach = sensor.range_max_m if sensor.range_max_m < inf else DEFAULT_REACH
        self.ground, uneven = ground_about(site, self.place[:2], reach)
        self.heights = heights_above(self.ground, uneven)
        self.figures = np.zeros(c.SENSOR_COLUMNS)
        self.figures[c.SENSOR_PD] = min(sensor.probability_of_detection, 0.99)
        self.figures[c.SENSOR_RANGE_MIN] = sensor.range_min_m
        self.figures[c.SENSOR_RANGE_MAX] = sensor.range_max_m if sensor.range_max_m < inf else 1e12
        self.figures[c.SENSOR_AZIMUTH] = sensor.azimuth_from_deg * DEGREE
        span = sensor.azimuth_to_deg - sensor.azimuth_from_deg
        self.figures[c.SENSOR_SPAN] = min(span if span > 0.0 else span + 360.0, 360.0) * DEGREE
        self.figures[c.SENSOR_LOWEST] = sin(max(sensor.elevation_min_deg, -90.0) * DEGREE)
        self.figures[c.SENSOR_HIGHEST] = sin(min(sensor.elevation_max_deg, 90.0) * DEGREE)
        self.figures[c.SENSOR_BLIND] = sensor.blind_speed_m_s
        self.reach = reach
        self.figures[c.SENSOR_REACH], self.figures[c.SENSOR_PERIOD_S] = self.reach, sensor.period_s
        self.around = np.full((RINGS, SECTORS), 2.0)
        self.above = np.full(LAYERS, 4.0)
        self.rates = np.full(RATE_BINS, 4.0)
        above_from = max(sensor.elevation_min_deg, -20.0) * DEGREE
        self.figures[c.SENSOR_ABOVE_FROM] = above_from
        self.figures[c.SENSOR_ABOVE_STEP] = (min(sensor.elevation_max_deg, 90.0) * DEGREE - above_from) / LAYERS
        self.sight = self._unseen()
        threshold = nan if sensor.threshold_snr_db is None else 10.0 ** (0.1 * sensor.threshold_snr_db)
        self.figures[c.SENSOR_THRESHOLD] = threshold
        memory_s = sensor.classification.memory_s
        self.figures[c.SENSOR_MEMORY_S] = nan if memory_s is None else memory_s
        self.learnt = np.zeros(c.LEARNT)
        self.learnt[c.FALSE] = DECLARED_LOOKS * max(sensor.false_reports, 1e-3)
        self.learnt[c.LOOKS] = DECLARED_LOOKS
        self.learnt[c.STARTS], self.learnt[c.WATCHED] = LEAST_STARTS, DECLARED_S
        self.learnt[c.AROUND] = self.around.sum()
        self.learnt[c.ABOVE], self.learnt[c.RATES] = self.above.sum(), self.rates.sum()
        self.learnt[c.STRONG_COUNT] = self.learnt[c.STRONG_FALSE_COUNT] = DECLARED_ECHOES
        self.learnt[c.STRONG] = DECLARED_ECHOES * (max(threshold, 2.0) if threshold > 0.0 else 2.0)
        self.learnt[c.STRONG_FALSE] = DECLARED_ECHOES
        self._heard_ns = -1
        self._first_ns = -1

    def state(self) -> SceneState:
        """What was learnt; what was declared is the site's."""
        return SceneState(
            reach=self.reach,
            heard_ns=self._heard_ns,
            first_ns=self._first_ns,
            around=copied(self.around),
            above=copied(self.above),
            rates=copied(self.rates),
            learnt=copied(self.learnt),
            sight=copied(self.sight),
        )

    def restore(self, state: SceneState) -> None:
        """Go on from what `state` gave."""
        self.reach, self._heard_ns, self._first_ns = state.reach, state.heard_ns, state.first_ns
        self.around, self.above = state.around.copy(), state.above.copy()
        self.rates, self.learnt = state.rates.copy(), state.learnt.copy()
        self.sight, self.figures[c.SENSOR_REACH] = state.sight.copy(), state.reach

    @property
    def pd(self) -> float:
        return float(self.figures[c.SENSOR_PD])

    @property
    def false_plots(self) -> float:
        """expected number of false plots a period"""
        return float(self.learnt[c.FALSE] / self.learnt[c.LOOKS])

    @property
    def new_objects(self) -> float:
        """1/s, rate at which new objects appear"""
        return float(self.learnt[c.STARTS] / self.learnt[c.WATCHED])

    def hear(self, end_ns: int) -> float:
        """A look has ended at `end_ns`. Returns seconds since the one before, -1 for the first."""
        first = self._heard_ns < 0
        elapsed_s = -1.0 if first else (end_ns - self._heard_ns) / SECOND_NS
        if first:
            self._first_ns = end_ns
        self._heard_ns = end_ns
        return elapsed_s

    def count_start(self, started_ns: int, x: float, y: float) -> None:
        """A track that began with this sensor at `x`, `y` was confirmed; those of its first looks were there before."""
        if started_ns <= self._first_ns + 2 * self.period_ns:
            return
        self.learnt[c.STARTS] += 1.0
        if self.learnt[c.BEGUN] >= MOST_BEGUN:
            self.sight[:, :, 2] *= 0.5
            self.learnt[c.BEGUN] *= 0.5
        dx, dy = x - self.place[0], y - self.place[1]
        if max(abs(dx), abs(dy)) < self.reach:
            row, column = (int((each + self.reach) * 0.5 * SIGHTS / self.reach) for each in (dy, dx))
            self.sight[row, column, 2] += 1.0
            self.learnt[c.BEGUN] += 1.0

    def stretch(self, farthest: float) -> None:
        """Let the maps reach beyond `farthest`, keeping the totals of false plots by ring where they were."""
        reach = 1.2 * farthest
        rings = np.minimum(((np.arange(RINGS) + 0.5) / RINGS * self.reach / reach * RINGS).astype(np.int64), RINGS - 1)
        grown = np.full((RINGS, SECTORS), 2.0)
        np.add.at(grown, rings, self.around - 2.0)
        middles = (2.0 * (np.arange(SIGHTS) + 0.5) / SIGHTS - 1.0) * self.reach
        cells = ((middles / reach + 1.0) * SIGHTS / 2.0).astype(np.int64)
        sight = self._unseen()
        np.add.at(sight, (cells[:, None], cells), self.sight - self._unseen())
        self.learnt[c.UNSEEN] *= (reach / self.reach) ** 2
        self.around, self.sight, self.reach = grown, sight, reach
        self.learnt[c.AROUND] = grown.sum()
        self.figures[c.SENSOR_REACH] = reach

    def _unseen(self) -> Floats:
        """(SIGHTS, SIGHTS, 3) where nothing was seen yet: detection, as `kernels.gating.coverage`, and no starts."""
        return np.tile([DECLARED_SIGHTS, DECLARED_SIGHTS * self.pd, 0.0], (SIGHTS, SIGHTS, 1))
