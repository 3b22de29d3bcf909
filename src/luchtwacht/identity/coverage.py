"""Whether sensors that measure would have seen an aircraft where it says it is.

Only radars with a declared greatest range are asked: an RF sensor hears the transmitter that sends the claim, wherever
it is, and a declaration without a range covers nothing in particular. A place near the coverage's edge is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi

import numpy as np
from numpy.typing import NDArray

from luchtwacht.geodesy import enu_to_polar
from luchtwacht.identity.story import Story
from luchtwacht.model import Sensor, SensorKind, Site, Tracks, TrackStatus
from luchtwacht.model.sight import in_sight
from luchtwacht.units import DEGREE, SECOND_NS

EDGE_M = 50.0
EDGE_RAD = 1.0 * DEGREE
CREDIBLE_PROBABILITY = 0.9
"""no declaration of a sensor's probability of detection is believed beyond this"""
BLIND_MARGIN_M_S = 2.0
LOW_M = 20.0
"""below this height above ground (and on it) no radar is expected to see anything, whatever it declares"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A radar's declared coverage, in the site's frame."""

    index: int
    """into `Site.sensors`"""
    sensor: Sensor
    place: NDArray[np.float64]
    """(3,) m"""
    axes: NDArray[np.float64]
    """(3, 3) turns the site's axes into the sensor's"""
    site: Site

    def expects(self, position: NDArray[np.float64], velocity: NDArray[np.float64], sigma: float) -> float:
        """Probability of detection, once a period, of an aircraft there; 0 where it is not surely covered."""
        sensor = self.sensor
        if np.isnan(position).any():
            return 0.0
        if self._above_ground(position) < LOW_M or not in_sight(self.site, self.place, position):
            return 0.0
        line = self.axes @ (position - self.place)
        distance, azimuth, elevation = enu_to_polar(line).tolist()
        edge = EDGE_M + 2.0 * sigma
        turn = EDGE_RAD + 2.0 * sigma / max(distance, 1.0)
        if not sensor.range_min_m + edge <= distance <= sensor.range_max_m - edge:
            return 0.0
        if not sensor.elevation_min_deg <= -90.0 and elevation < sensor.elevation_min_deg * DEGREE + turn:
            return 0.0
        if not sensor.elevation_max_deg >= 90.0 and elevation > sensor.elevation_max_deg * DEGREE - turn:
            return 0.0
        width = (sensor.azimuth_to_deg - sensor.azimuth_from_deg) * DEGREE
        if width < 2.0 * pi - 1e-9:
            past = (azimuth - sensor.azimuth_from_deg * DEGREE) % (2.0 * pi)
            if not turn <= past <= width % (2.0 * pi) - turn:
                return 0.0
        if sensor.blind_speed_m_s > 0.0:
            radial = abs(float(self.axes @ velocity @ line)) / max(distance, 1.0)
            if not radial >= sensor.blind_speed_m_s + BLIND_MARGIN_M_S:  # also when no velocity is claimed
                return 0.0
        return min(sensor.probability_of_detection, CREDIBLE_PROBABILITY)

    def _above_ground(self, position: NDArray[np.float64]) -> float:
        """m"""
        latitude, longitude, height = self.site.frame.from_enu(position).tolist()
        return float(height - self.site.ground_level(latitude / DEGREE, longitude / DEGREE))


def coverages(site: Site) -> tuple[Coverage, ...]:
    """The sensors of `site` that can contradict a claim."""
    frame = site.frame
    return tuple(
        Coverage(
            index,
            sensor,
            frame.to_enu(sensor.place.geodetic),
            frame.axes_at(*sensor.place.geodetic[:2]).T,
            site,
        )
        for index, sensor in enumerate(site.sensors)
        if sensor.kind in (SensorKind.RADAR_3D, SensorKind.RADAR_2D) and isfinite(sensor.range_max_m)
    )


class Uptime:
    """Which sensors are known to be at work, when nobody says: those that contributed to any track of late."""

    def __init__(self, site: Site) -> None:
        self._silent_ns = [int(sensor.silent_after_s * SECOND_NS) for sensor in site.sensors]
        self._heard_ns: list[int | None] = [None] * len(site.sensors)

    def state(self) -> list[int | None]:
        """(sensors,) ns UTC at which each was last known to be at work."""
        return list(self._heard_ns)

    def restore(self, state: list[int | None]) -> None:
        """Go on from what `state` gave."""
        self._heard_ns = list(state)

    def step(self, time_ns: int, tracks: Tracks) -> NDArray[np.bool_]:
        """(sensors,) at work at `time_ns`; a sensor that saw nothing at all, not even clutter, is not known to be."""
        bits = int(np.bitwise_or.reduce(tracks.sensors[tracks.status != TrackStatus.TERMINATED], initial=0))
        up = np.zeros(len(self._heard_ns), dtype=bool)
        for index, silent_ns in enumerate(self._silent_ns):
            if bits >> index & 1:
                self._heard_ns[index] = time_ns
            heard = self._heard_ns[index]
            up[index] = heard is not None and time_ns - heard <= silent_ns
        return up


def anything_near(story: Story, tracks: Tracks, time_ns: int) -> bool:
    """Whether any live track, however young, is where the story says."""
    if not len(tracks):
        return False
    away = np.hypot(*(tracks.x[:, :2] - story.place(time_ns)[:2]).T)
    sigma = np.sqrt((tracks.P[:, 0, 0] + tracks.P[:, 1, 1]) / 2.0) + story.sigma()
    return bool(np.any((tracks.status != TrackStatus.TERMINATED) & (away <= 3.0 * sigma + EDGE_M)))
