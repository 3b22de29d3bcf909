"""What is learnt of a sensor's surroundings while it works: false plots, new objects, and how far it sees."""

from __future__ import annotations

from math import exp, inf

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.births import intensities
from luchtwacht.kernels.judging import learn
from luchtwacht.model import Sensor, Site
from luchtwacht.tracking.state import SceneState, copied
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

RINGS, SECTORS, LAYERS, RATE_BINS = 24, 24, 36, 64
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
DEFAULT_REACH = 8_000.0
"""m, where no range is declared, until more is seen"""


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
        self.heights = np.array([LOW, HIGH])
        self.heights[:, 1] += site.ground_up
        self.figures = np.zeros(c.SENSOR_COLUMNS)
        self.figures[c.SENSOR_PD] = min(sensor.probability_of_detection, 0.99)
        self.figures[c.SENSOR_RANGE_MIN] = sensor.range_min_m
        self.figures[c.SENSOR_RANGE_MAX] = sensor.range_max_m if sensor.range_max_m < inf else 1e12
        self.figures[c.SENSOR_AZIMUTH] = sensor.azimuth_from_deg * DEGREE
        span = sensor.azimuth_to_deg - sensor.azimuth_from_deg
        self.figures[c.SENSOR_SPAN] = min(span if span > 0.0 else span + 360.0, 360.0) * DEGREE
        self.figures[c.SENSOR_ELEVATION_MIN] = sensor.elevation_min_deg * DEGREE
        self.figures[c.SENSOR_ELEVATION_MAX] = sensor.elevation_max_deg * DEGREE
        self.figures[c.SENSOR_BLIND] = sensor.blind_speed_m_s
        self.reach = sensor.range_max_m if sensor.range_max_m < inf else DEFAULT_REACH
        self._around = np.full((RINGS, SECTORS), 2.0)
        self._above = np.full(LAYERS, 4.0)
        self._rates = np.full(RATE_BINS, 4.0)
        self._above_from = max(sensor.elevation_min_deg, -20.0) * DEGREE
        self._above_step = (min(sensor.elevation_max_deg, 90.0) * DEGREE - self._above_from) / LAYERS
        self._learnt = np.zeros(c.LEARNT)
        self._learnt[c.FALSE] = DECLARED_LOOKS * max(sensor.false_reports, 1e-3)
        self._learnt[c.LOOKS] = DECLARED_LOOKS
        self._learnt[c.STARTS], self._learnt[c.WATCHED] = LEAST_STARTS, DECLARED_S
        self._learnt[c.AROUND] = self._around.sum()
        self._learnt[c.ABOVE], self._learnt[c.RATES] = self._above.sum(), self._rates.sum()
        self._heard_ns = -1
        self._first_ns = -1

    def state(self) -> SceneState:
        """What was learnt; what was declared is the site's."""
        return SceneState(
            reach=self.reach,
            heard_ns=self._heard_ns,
            first_ns=self._first_ns,
            around=copied(self._around),
            above=copied(self._above),
            rates=copied(self._rates),
            learnt=copied(self._learnt),
        )

    def restore(self, state: SceneState) -> None:
        """Go on from what `state` gave."""
        self.reach, self._heard_ns, self._first_ns = state.reach, state.heard_ns, state.first_ns
        self._around, self._above = state.around.copy(), state.above.copy()
        self._rates, self._learnt = state.rates.copy(), state.learnt.copy()

    @property
    def pd(self) -> float:
        return float(self.figures[c.SENSOR_PD])

    @property
    def false_plots(self) -> float:
        """expected number of false plots a period"""
        return float(self._learnt[c.FALSE] / self._learnt[c.LOOKS])

    @property
    def new_objects(self) -> float:
        """1/s, rate at which new objects appear"""
        return float(self._learnt[c.STARTS] / self._learnt[c.WATCHED])

    def expect(self, end_ns: int, farthest: float, kinds: Array, plots: Array) -> None:
        """Fill CLUTTER and UNDETECTED of `plots` for a look that ended at `end_ns`; `farthest` is its longest range."""
        learnt = self._learnt
        if farthest > self.reach:
            self._grow(farthest)
        if self._heard_ns < 0:
            self._first_ns = end_ns
            learnt[c.UNSEEN] = max(len(kinds) - self.false_plots, 1.0)
            learnt[c.SHARE] = 1.0
        else:
            elapsed_s = (end_ns - self._heard_ns) / SECOND_NS
            learnt[c.SHARE] = min(max(elapsed_s / self.period_s, 0.02), 10.0)
            learnt[c.UNSEEN] += self.new_objects * elapsed_s
            fade = exp(-elapsed_s / MEMORY_S)
            learnt[c.STARTS] = LEAST_STARTS + (learnt[c.STARTS] - LEAST_STARTS) * fade
            learnt[c.WATCHED] = learnt[c.WATCHED] * fade + elapsed_s
        self._heard_ns = end_ns
        area = 0.5 * self.figures[c.SENSOR_SPAN] * self.reach**2
        intensities(
            kinds, plots, self.place, self.pd, learnt[c.UNSEEN] / area, self.heights, SPEED, self.reach,
            self._around, self._above, self._above_from, self._above_step, self._rates, learnt,
        )  # fmt: skip

    def learn(self, kinds: Array, plots: Array, free: Array) -> None:
        """Take in what a look showed: `free` (m,) is the probability that no known object made the plot."""
        doubt = FIRST_DOUBT if self._heard_ns == self._first_ns else 0.0
        learn(
            kinds, plots, free, self.reach, self.pd, MEMORY_LOOKS, doubt, self._above_from, self._above_step,
            self._around, self._above, self._rates, self._learnt,
        )  # fmt: skip

    def count_start(self, started_ns: int) -> None:
        """A track that began with this sensor was confirmed; those of its first looks were there before it."""
        if started_ns > self._first_ns + 2 * self.period_ns:
            self._learnt[c.STARTS] += 1.0

    def _grow(self, farthest: float) -> None:
        """Stretch the clutter map, keeping the totals by ring where they were."""
        reach = 1.2 * farthest
        rings = np.minimum(((np.arange(RINGS) + 0.5) / RINGS * self.reach / reach * RINGS).astype(np.int64), RINGS - 1)
        grown = np.full((RINGS, SECTORS), 2.0)
        np.add.at(grown, rings, self._around - 2.0)
        self._learnt[c.UNSEEN] *= (reach / self.reach) ** 2
        self._around, self.reach = grown, reach
        self._learnt[c.AROUND] = grown.sum()
