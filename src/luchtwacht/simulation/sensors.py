"""What each sensor would measure: geometry, chances and errors, in SI. Bytes are made of it in `frames.py`.

A radar turns once a period and sees an object when its beam passes it, so each plot has its own time. Whether it sees
it follows Swerling's first case (P. Swerling, IRE Trans. IT-6, 1960): the cross-section is drawn anew each turn from an
exponential distribution, and must reach what is detectable at that range,

    Pd(r, σ) = Pd₀ · exp(-σ_min(r) / σ),   σ_min(r) = σ_ref · (-ln 0.9) · (r / r_ref)⁴

so that what is nearer than the reference range, and at least as large as the reference, is seen with about the
declared Pd₀. The exponential distribution has no memory, so a cross-section that was detected is σ_min plus a fresh
draw: reports of small objects look larger than they are, as real ones do.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log, pi, tau

import numpy as np
from numpy.typing import NDArray

from luchtwacht.geodesy import enu_to_polar, polar_to_enu
from luchtwacht.model import Sensor, Site
from luchtwacht.model.sight import in_sight
from luchtwacht.simulation.merging import merge
from luchtwacht.simulation.scenario import Clutter, Heights, SensorBehaviour, as_behaved
from luchtwacht.simulation.trajectory import Paths, raise_to
from luchtwacht.simulation.weather import Weather
from luchtwacht.units import DEGREE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CALM = Weather()
FALSE = -1
"""stands for no object in `Looks.object`"""
_ENDLESS_M = 30_000.0
"""where a sensor declares no greatest range, false reports are spread as far as this"""
_AT_REFERENCE = -log(0.9)


@dataclass(frozen=True)
class Looks:
    """What a sensor measured in one period, in order of time. NaN where it does not measure."""

    object: Ints
    """(n,) index into `Paths`, or `FALSE`"""
    time_s: Floats
    """(n,) true time since the start of the scenario"""
    polar: Floats
    """(n, 4) slant range (m), azimuth, elevation (rad), range rate (m/s, positive away); sensor's frame"""
    rcs_dbsm: Floats
    """(n,) as the echo was this time"""

    def __len__(self) -> int:
        return len(self.object)


@dataclass(frozen=True)
class Mount:
    """A sensor as it really is, and where it stands in the site's frame."""

    sensor: Sensor
    """its declaration with the hidden truth put in"""
    behaviour: SensorBehaviour
    place: Floats
    """(3,) east, north, up (m), site's frame"""
    axes: Floats
    """(3, 3); turns its own east, north, up into the site's"""
    site: Site
    """for the land round it"""
    weather: Weather

    def polar(self, position: Floats, velocity: Floats) -> Floats:
        """(k, 4) range, azimuth, elevation and range rate of what is at `position` (k, 3) in the site's frame."""
        local = (position - self.place) @ self.axes
        polar = enu_to_polar(local)
        rate = np.einsum("ij,ij->i", local, velocity @ self.axes) / np.maximum(polar[:, 0], 1.0)
        return np.column_stack([polar, rate])

    def position(self, polar: Floats) -> Floats:
        """(k, 3) east, north, up (m), site's frame, of `polar` (k, >=3)."""
        return np.asarray(polar_to_enu(polar[:, :3]) @ self.axes.T + self.place)

    def covers(self, polar: Floats) -> NDArray[np.bool_]:
        """(k,) whether it can look there: range, sector, elevation, and what stands in the way."""
        sensor = self.sensor
        distance, azimuth, elevation = polar[:, 0], polar[:, 1], polar[:, 2]
        width = sensor.azimuth_to_deg - sensor.azimuth_from_deg
        inside = np.mod(azimuth / DEGREE - sensor.azimuth_from_deg, 360.0) <= (width if width >= 360 else width % 360)
        floor = np.full(len(polar), sensor.elevation_min_deg)
        if self.behaviour.horizon_deg:
            horizon = np.array(sorted(self.behaviour.horizon_deg))
            floor = np.maximum(floor, np.interp(azimuth / DEGREE, horizon[:, 0], horizon[:, 1], period=360.0))
        high = elevation / DEGREE
        return np.asarray(
            inside
            & (distance >= sensor.range_min_m)
            & (distance <= sensor.range_max_m)
            & (high >= floor)
            & (high <= sensor.elevation_max_deg)
        )

    def blind(self, azimuth: Floats) -> NDArray[np.bool_]:
        """(k,) whether `azimuth` (rad) lies in a sector in which it is blind."""
        found = np.zeros(len(azimuth), dtype=np.bool_)
        for start, end in self.behaviour.blind_deg:
            found |= np.mod(azimuth / DEGREE - start, 360.0) <= (end - start) % 360.0
        return found

    def sees(self, position: Floats, polar: Floats) -> NDArray[np.bool_]:
        """(k,) whether it can see what is at `position` (k, 3), `polar` (k, >=3): covered, and no land between."""
        found = self.covers(polar) & ~self.blind(polar[:, 1])
        found[found] = in_sight(self.site, self.place, position[found])
        return found

    def dark(self, time_s: Floats) -> NDArray[np.bool_]:
        """Whether it is out of order at these times."""
        out = np.zeros(np.shape(time_s), dtype=np.bool_)
        for start, end in self.behaviour.outages:
            out |= (time_s >= start) & (time_s < end)
        return out

    def own_clock_s(self, time_s: Floats | float) -> Floats:
        """What the sensor's clock says at true time `time_s`."""
        return np.asarray(time_s * (1.0 + self.behaviour.clock_drift) + self.behaviour.clock_error_s)


def mount(site: Site, index: int, behaviour: SensorBehaviour, weather: Weather = CALM) -> Mount:
    """Put sensor `index` of the site in its place."""
    sensor = as_behaved(site.sensors[index], behaviour)
    latitude, longitude, height = sensor.place.geodetic
    frame = site.frame
    return Mount(
        sensor=sensor,
        behaviour=behaviour,
        place=frame.to_enu([latitude, longitude, height]),
        axes=frame.axes_at(latitude, longitude),
        site=site,
        weather=weather,
    )


def look_around(radar: Mount, paths: Paths, turn: int, rng: np.random.Generator) -> Looks:
    """One turn of a radar: what it reports of every object, and what it only seems to see."""
    period = radar.sensor.period_s
    present = np.flatnonzero(paths.exists(np.arange(len(paths)), (turn + 0.5) * period))
    time_s, position, polar = _when_beam_passes(radar, paths, present, turn)
    mean_dbsm = np.array([_rcs_dbsm(paths, k) for k in present.tolist()])
    threshold = _detectable(radar, polar[:, 0])
    mean = 10.0 ** ((mean_dbsm - radar.weather.lost_db(radar.place, position, turn * period)) / 10.0)
    chance = radar.sensor.probability_of_detection * np.exp(-threshold / mean)
    chance[~radar.sees(position, polar) | (np.abs(polar[:, 3]) < radar.sensor.blind_speed_m_s)] = 0.0
    seen = rng.random(len(present)) < chance
    echo = threshold + mean * rng.exponential(size=len(present))
    who, polar, echo = merge(present[seen], polar[seen], echo[seen], radar.behaviour)
    real = Looks(
        object=who,
        time_s=time_s[np.searchsorted(present, who)],
        polar=_with_errors(radar, polar, rng),
        rcs_dbsm=10.0 * np.log10(echo),
    )
    return _in_order(
        [
            real,
            _false_plots(radar, turn, rng),
            *_cluttered_plots(radar, turn, rng),
            *_rain_plots(radar, turn, rng),
        ],
        radar,
    )


def _when_beam_passes(radar: Mount, paths: Paths, present: Ints, turn: int) -> tuple[Floats, Floats, Floats]:
    """When the beam passes each object during the turn that begins to the north, and where it then is: place, polar."""
    period = radar.sensor.period_s
    time_s = np.full(len(present), (turn + 0.5) * period)
    for _ in range(3):
        polar = radar.polar(*paths.at(present, time_s))
        time_s = (turn + polar[:, 1] / tau) * period
    position, velocity = paths.at(present, time_s)
    return time_s, position, radar.polar(position, velocity)


def _rcs_dbsm(paths: Paths, index: int) -> float:
    """Mean cross-section of an object."""
    each = paths.objects[index]
    return each.habit.rcs_dbsm if each.rcs_dbsm is None else each.rcs_dbsm


def _detectable(radar: Mount, distance: Floats) -> Floats:
    """Square metres that an echo from so far must have; see the module."""
    reference = radar.behaviour.reference_range_m or radar.sensor.range_max_m
    share = distance / reference if isfinite(reference) else np.zeros_like(distance)
    return np.asarray(10.0 ** (radar.behaviour.reference_rcs_dbsm / 10.0) * _AT_REFERENCE * share**4)


def _with_errors(radar: Mount, polar: Floats, rng: np.random.Generator) -> Floats:
    """Noise and bias on each number; a 2-D radar has no elevation."""
    sensor, behaviour = radar.sensor, radar.behaviour
    sigma = [sensor.range_sigma_m, sensor.azimuth_sigma, sensor.elevation_sigma, sensor.doppler_sigma_m_s]
    bias = [behaviour.range_bias_m, behaviour.azimuth_bias_deg * DEGREE, behaviour.elevation_bias_deg * DEGREE, 0.0]
    seen = polar + bias + rng.normal(size=polar.shape) * sigma
    seen[:, 0] = np.maximum(seen[:, 0], 1.0)
    seen[:, 1] = np.mod(seen[:, 1], tau)
    return np.asarray(seen)


def _false_azimuths(mount: Mount, period: int, rng: np.random.Generator) -> Floats:
    """rad, of the false reports of one period: evenly over the sector, and from where interference comes."""
    sensor = mount.sensor
    parts = [(sensor.false_reports, sensor.azimuth_from_deg, sensor.azimuth_to_deg - sensor.azimuth_from_deg)]
    parts += [
        (burst.reports, burst.azimuth_deg - burst.width_deg / 2.0, burst.width_deg)
        for burst in mount.behaviour.bursts
        if burst.from_s <= period * sensor.period_s < burst.to_s
    ]
    drawn = [start + width * rng.random(int(rng.poisson(expected))) for expected, start, width in parts]
    azimuth = np.mod(np.concatenate(drawn) * DEGREE, tau)
    return np.asarray(azimuth[~mount.blind(azimuth)])


def _false_plots(radar: Mount, turn: int, rng: np.random.Generator) -> Looks:
    """False reports, evenly over range and elevation of the whole coverage."""
    sensor = radar.sensor
    azimuth = _false_azimuths(radar, turn, rng)
    count = len(azimuth)
    far = sensor.range_max_m if isfinite(sensor.range_max_m) else _ENDLESS_M
    low = max(sensor.elevation_min_deg, -90.0) * DEGREE
    high = min(sensor.elevation_max_deg, 90.0) * DEGREE
    polar = np.column_stack(
        [
            rng.uniform(sensor.range_min_m, far, count),
            azimuth,
            rng.uniform(low, high, count),
            _fast_enough(rng.normal(0.0, 6.0, count), sensor.blind_speed_m_s),
        ]
    )
    echo = _detectable(radar, polar[:, 0]) * (1.0 + rng.exponential(size=count)) + 1e-5
    return Looks(
        object=np.full(count, FALSE, dtype=np.int64),
        time_s=(turn + azimuth / tau) * sensor.period_s,
        polar=polar,
        rcs_dbsm=10.0 * np.log10(echo),
    )


def _cluttered_plots(radar: Mount, turn: int, rng: np.random.Generator) -> list[Looks]:
    """Reports from each place that gives false ones."""
    start_s = turn * radar.sensor.period_s
    plots = []
    for spot in radar.behaviour.clutter:
        if not spot.from_s <= start_s < spot.to_s:
            continue
        count = int(rng.poisson(spot.reports))
        position = raise_to(Heights.GROUND, _scatter(spot, count, rng), radar.site)
        rate = rng.normal(0.0, spot.speed_m_s, count)
        plots.append(_echoes(radar, turn, position, rate, spot.rcs_dbsm, rng))
    return plots


def _scatter(spot: Clutter, count: int, rng: np.random.Generator) -> Floats:
    """(count, 3) places, evenly over a spot, along a line or over an area; heights above ground, a few metres more."""
    if spot.at is not None:
        radius, angle = spot.radius_m * np.sqrt(rng.random(count)), rng.uniform(0.0, tau, count)
        base = np.array(spot.at) + np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.zeros(count)])
    elif spot.along:
        points = np.array(spot.along)
        way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points[:, :2], axis=0).T))])
        drawn = rng.uniform(0.0, way[-1], count)
        base = np.column_stack([np.interp(drawn, way, points[:, axis]) for axis in range(3)])
        base[:, :2] += rng.uniform(-spot.radius_m, spot.radius_m, (count, 2))
    else:
        base = _in_area(np.array(spot.area), count, rng)
    base[:, 2] += np.abs(rng.normal(0.0, 5.0, count))
    return base


def _in_area(corners: Floats, count: int, rng: np.random.Generator) -> Floats:
    """(count, 3) places inside a polygon at its mean height: drawn from its box until enough lie inside."""
    low, high = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = rng.uniform(low, high, (4 * count, 2))
        found = np.concatenate([found, drawn[_inside(corners, drawn)]])
    return np.column_stack([found[:count], np.full(count, corners[:, 2].mean())])


def _inside(corners: Floats, places: Floats) -> NDArray[np.bool_]:
    """(k,) whether places (k, 2) lie in a polygon: a ray to the east crosses its border an odd number of times."""
    inside = np.zeros(len(places), dtype=np.bool_)
    for (x0, y0), (x1, y1) in zip(corners[:, :2], np.roll(corners[:, :2], -1, axis=0), strict=True):
        straddles = (y0 > places[:, 1]) != (y1 > places[:, 1])
        rise = y1 - y0 if y1 != y0 else 1.0
        inside ^= straddles & (places[:, 0] < x0 + (places[:, 1] - y0) * (x1 - x0) / rise)
    return inside


def _rain_plots(radar: Mount, turn: int, rng: np.random.Generator) -> list[Looks]:
    """Reports from within showers, which move with the wind."""
    reach = radar.sensor.range_max_m if isfinite(radar.sensor.range_max_m) else _ENDLESS_M
    plots = []
    for shower, middle in radar.weather.falling(turn * radar.sensor.period_s):
        count = int(rng.poisson(shower.reports))
        everywhere = not isfinite(shower.radius_m)
        centre, size = (radar.place[:2], reach) if everywhere else (middle, shower.radius_m)
        radius, angle = size * np.sqrt(rng.random(count)), rng.uniform(0.0, tau, count)
        up = shower.top_m * rng.random(count)
        places = np.column_stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle), up])
        position = raise_to(Heights.GROUND, places, radar.site)
        velocity = np.zeros_like(position)
        velocity[:, :2] = radar.weather.wind
        rate = radar.polar(position, velocity)[:, 3] + rng.normal(0.0, 1.0, count)
        plots.append(_echoes(radar, turn, position, rate, -20.0, rng))
    return plots


def _echoes(
    radar: Mount, turn: int, position: Floats, rate: Floats, rcs_dbsm: float, rng: np.random.Generator
) -> Looks:
    """False plots at `position` (k, 3) with range rates (k,), as far as the radar can see them."""
    polar = radar.polar(position, np.zeros_like(position))
    polar[:, 3] = _fast_enough(rate, radar.sensor.blind_speed_m_s)
    echo = 10.0 ** (rcs_dbsm / 10.0) * rng.exponential(size=len(polar)) + _detectable(radar, polar[:, 0])
    inside = radar.sees(position, polar)
    return Looks(
        object=np.full(int(inside.sum()), FALSE, dtype=np.int64),
        time_s=((turn + polar[:, 1] / tau) * radar.sensor.period_s)[inside],
        polar=polar[inside],
        rcs_dbsm=10.0 * np.log10(echo[inside] + 1e-9),
    )


def _fast_enough(rate: Floats, blind_m_s: float) -> Floats:
    """A Doppler radar reports nothing slower than its blind speed, true or false."""
    return np.where(np.abs(rate) < blind_m_s, np.copysign(blind_m_s + np.abs(rate), rate), rate)


def _in_order(parts: list[Looks], sensor: Mount) -> Looks:
    """All of them in order of time, without those that fall in an outage."""
    joined = Looks(
        object=np.concatenate([part.object for part in parts]),
        time_s=np.concatenate([part.time_s for part in parts]),
        polar=np.concatenate([part.polar for part in parts]),
        rcs_dbsm=np.concatenate([part.rcs_dbsm for part in parts]),
    )
    order = np.argsort(joined.time_s, kind="stable")
    order = order[~sensor.dark(joined.time_s[order])]
    return Looks(joined.object[order], joined.time_s[order], joined.polar[order], joined.rcs_dbsm[order])


def listen(finder: Mount, paths: Paths, period: int, rng: np.random.Generator) -> Looks:
    """One period of a direction finder: a bearing of every emitter in range, and false ones."""
    sensor = finder.sensor
    start = period * sensor.period_s
    emitters = np.array([k for k, each in enumerate(paths.objects) if each.emission is not None], dtype=np.int64)
    time_s = start + rng.random(len(emitters)) * sensor.period_s
    position, velocity = paths.at(emitters, time_s)
    polar = finder.polar(position, velocity)
    on = np.array(
        [_emits(paths, k, t) for k, t in zip(emitters.tolist(), time_s.tolist(), strict=True)], dtype=np.bool_
    )
    heard = on & finder.sees(position, polar) & paths.exists(emitters, time_s)
    heard &= rng.random(len(emitters)) < sensor.probability_of_detection
    bearing = polar[heard, 1] + finder.behaviour.azimuth_bias_deg * DEGREE
    bearing += rng.normal(0.0, sensor.azimuth_sigma, len(bearing))
    real = _bearings(emitters[heard], time_s[heard], bearing)
    wrong = _false_azimuths(finder, period, rng)
    false_s = start + rng.random(len(wrong)) * sensor.period_s
    return _in_order([real, _bearings(np.full(len(wrong), FALSE, dtype=np.int64), false_s, wrong)], finder)


def _bearings(emitter: Ints, time_s: Floats, azimuth: Floats) -> Looks:
    """Looks that have only an azimuth."""
    polar = np.full((len(emitter), 4), np.nan)
    polar[:, 1] = np.mod(azimuth, tau)
    return Looks(emitter, time_s, polar, np.full(len(emitter), np.nan))


def _emits(paths: Paths, index: int, time_s: float) -> bool:
    """Whether its link is on."""
    emission = paths.objects[index].emission
    return emission is not None and emission.from_s <= time_s <= emission.to_s


def reaches(receiver: Mount, position: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(k,) whether messages sent from `position` (k, 3) are received: near enough, in view, and not lost on the air."""
    polar = receiver.polar(position, np.zeros_like(position))
    chance = receiver.sensor.probability_of_detection
    return np.asarray(receiver.sees(position, polar) & (rng.random(len(position)) < chance))


def received_power_dbm(power_dbm: float, distance_m: float, frequency_hz: float) -> float:
    """Free-space loss (ITU-R P.525-4, equation 4) off the transmitted power."""
    wavelength = 299_792_458.0 / frequency_hz
    return float(power_dbm - 20.0 * np.log10(4.0 * pi * max(distance_m, 1.0) / wavelength))


def claimed_error(sigma: float, seed: list[int], time_s: float) -> Floats:
    """(3,) m, the error of a satellite fix at a time: one offset and two slow swings, the height's half as large again.

    A function of the time alone, so that messages may be made in any order.
    """
    rng = np.random.default_rng(seed)
    share = rng.normal(0.0, sigma / 3**0.5, (3, 3))
    phase, cycle_s = rng.uniform(0.0, tau, (2, 3)), rng.uniform(60.0, 200.0, (2, 3))
    swing = np.sin(tau * time_s / cycle_s + phase) * 2**0.5
    return np.asarray((share[0] + share[1] * swing[0] + share[2] * swing[1]) * [1.0, 1.0, 1.5])
