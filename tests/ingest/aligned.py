"""Sightings of objects on known courses by sensors that are a known bit off, and what their aircraft say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from tests.tracking.skies import ORIGIN, START_NS, sensor

from luchtwacht.ingest.mounting import COUNT, EAST, TIME, UP, Mounting
from luchtwacht.ingest.pairing import PartyPair, SensorPair, Sighting
from luchtwacht.model import Bias, Floats, Format, Place, Sensor, SensorKind, Site, Source
from luchtwacht.units import SECOND_NS

Course = Callable[[float], Floats]
"""seconds to (6,) place and velocity, site's frame"""


def circle(east: float, north: float, radius: float, speed: float, up: float = 100.0, phase: float = 0.0) -> Course:
    def at(t: float) -> Floats:
        angle = phase + speed / radius * t
        return np.array(
            [
                east + radius * np.cos(angle),
                north + radius * np.sin(angle),
                up + 10.0 * np.sin(t / 20.0),
                -speed * np.sin(angle),
                speed * np.cos(angle),
                0.5 * np.cos(t / 20.0),
            ]
        )

    return at


def radar(
    name: str, at: tuple[float, float] = (0.0, 0.0), kind: SensorKind = SensorKind.RADAR_3D, **more: object
) -> Sensor:
    return replace(sensor(name, kind, at), **more)  # type: ignore[arg-type]


def site_of(*sensors: Sensor) -> Site:
    return Site(
        id="s", name="s", origin=Place(latitude=ORIGIN.latitude, longitude=ORIGIN.longitude),
        sources=(Source(id="s", format=Format.TABLE),), sensors=sensors,
    )  # fmt: skip


def mountings(*sensors: Sensor) -> tuple[Mounting, ...]:
    site = site_of(*sensors)
    return tuple(Mounting.of(site, index) for index in range(len(sensors)))


def theta(**off: float) -> Floats:
    return np.array(Bias(**off).mean)


def sight(
    mounting: Mounting,
    declared: Sensor,
    course: Course,
    t: float,
    bias: Floats,
    rng: np.random.Generator,
    track: int = 1,
) -> Sighting:
    """What a sensor says at time `t` by its own clock."""
    state = course(t - bias[TIME])
    z = mounting.coordinates((state[:3] - bias[EAST : UP + 1])[None])[0]
    sigma = np.array([declared.range_sigma_m, declared.azimuth_sigma, declared.elevation_sigma])
    if mounting.polar:
        z = z + bias[:3]
    else:
        sigma = np.array([declared.position_sigma_m, declared.position_sigma_m, declared.height_sigma_m])
    z = z + rng.normal(size=3) * sigma
    R = np.diag(sigma**2)
    if declared.kind is SensorKind.RADAR_2D:
        z[2] = R[2, 2] = np.nan
    if declared.kind is SensorKind.RF_DIRECTION_FINDER:
        z[[0, 2]] = np.nan
    time_ns = START_NS + round(t * SECOND_NS)
    return Sighting(mounting.index, track, time_ns, time_ns, z, R, state[3:], float(state[2]), 5.0)


def says(
    sighting: Sighting, course: Course, name: str, shift: Floats, accuracy: tuple[float, float] = (3.0, 5.0)
) -> PartyPair:
    """The sighting beside what its aircraft says, which is off by `shift` (4,): east, north, up and time."""
    t = (sighting.time_ns - START_NS) / SECOND_NS
    state = course(t - shift[3])
    return PartyPair(
        sighting, name, name, accuracy, state[:3] + shift[:3], np.eye(3) * 0.25, state[3:],
    )  # fmt: skip


def beside(one: Sighting, other: Sighting) -> SensorPair:
    return SensorPair(one, other)


assert COUNT == 7
