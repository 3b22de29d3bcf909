"""Could it have come from there? Distance, triangle of winds and endurance; figures, and the reasons for the answer.

The way is the shortest one over ground (the great circle), flown at constant airspeed in a steady wind. The triangle of
winds gives the speed made good: across, the aircraft leans into the wind; along, the wind helps or holds back. Climbing
and hovering on the way are not counted, so a No is firmer than a Yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, isfinite, pi

import numpy as np

from luchtwacht.errors import BadInput
from luchtwacht.geodesy import LocalFrame, to_ecef
from luchtwacht.model import Floats, Place
from luchtwacht.units import DEGREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether an aircraft could have flown from one place to another, with the figures behind the answer."""

    possible: bool
    """within its endurance, one way, and what it flew afterwards"""
    return_possible: bool
    """and back again"""
    distance: float
    """m over ground"""
    course: float
    """rad, clockwise from north, at the start"""
    speed: float
    """m/s, airspeed"""
    along: float
    """m/s of wind along the course; negative against it"""
    across: float
    """m/s of wind across it, from either side"""
    ground_speed: float
    """m/s on the way there; 0 when it cannot hold the course against the wind"""
    flight_s: float
    """s, on the way there; infinite when it cannot"""
    aloft_s: float
    """s it was seen flying afterwards"""
    return_s: float
    """s, back"""
    endurance_s: float
    margin_s: float
    """s of endurance left after the way and what it flew afterwards; negative when it falls short"""
    needed_ground_speed: float
    """m/s over ground, at least, to be there in time; infinite when no time is left"""
    needed_airspeed: float
    """m/s through the air, at least, in this wind"""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The figures in sentences, in the order in which they lead to the answer."""
        air = "calm air"
        if hypot(self.along, self.across) >= 0.05:
            sense = "behind" if self.along >= 0.0 else "against"
            air = f"wind of {abs(self.along):.1f} m/s {sense} and {self.across:.1f} m/s across"
        said = [
            f"It is {self.distance / 1000.0:.2f} km along the great circle, on course "
            f"{round(self.course / DEGREE) % 360} degrees.",
            f"In {air}, an airspeed of {self.speed:.1f} m/s makes good {self.ground_speed:.1f} m/s over ground."
            if self.flight_s < inf
            else f"In {air}, an airspeed of {self.speed:.1f} m/s makes no headway.",
        ]
        if self.flight_s < inf:
            said.append(f"The way takes {_minutes(self.flight_s)} of an endurance of {_minutes(self.endurance_s)}.")
        if self.aloft_s > 0.0:
            said.append(f"It was seen flying for another {_minutes(self.aloft_s)}.")
        if isfinite(self.margin_s):
            share = 100.0 * self.margin_s / self.endurance_s
            said.append(
                f"That leaves {_minutes(self.margin_s)} ({share:.0f} %)."
                if self.margin_s >= 0.0
                else f"That is {_minutes(-self.margin_s)} more than it can fly."
            )
        if not self.possible and isfinite(self.needed_airspeed):
            said.append(
                f"To be there in time it would need {self.needed_airspeed:.1f} m/s through the air, "
                f"{self.needed_ground_speed:.1f} m/s over ground."
            )
        if self.possible:
            said.append("It could also return." if self.return_possible else "It could not also return.")
        return tuple(said)

    def answer(self) -> str:
        """Yes or no, and why."""
        return " ".join(("Yes." if self.possible else "No.", *self.reasons))


def reach(
    start: Place,
    end: Place,
    *,
    speed: float,
    endurance_s: float,
    wind: tuple[float, float] = (0.0, 0.0),
    aloft_s: float = 0.0,
) -> Reach:
    """Could it have come from there?

    Args:
        start, end: WGS 84; heights are left out of account.
        speed: m/s, airspeed.
        endurance_s: s, how long it can fly.
        wind: east, north (m/s) towards which the air moves.
        aloft_s: s it flew after it was at `end`, of the same endurance.

    Raises:
        BadInput: speed or endurance is not positive, or a figure is none.
    """
    figures = (speed, endurance_s, aloft_s, *wind, *start.geodetic[:2], *end.geodetic[:2])
    if not (speed > 0.0 and endurance_s > 0.0 and aloft_s >= 0.0 and all(map(isfinite, figures))):
        raise BadInput(
            f"airspeed {speed:g} m/s, endurance {endurance_s:g} s and {aloft_s:g} s aloft do not make a flight",
            hint="speed and endurance must be positive, and all figures known",
        )
    here, there = (np.array([place.latitude, place.longitude]) * DEGREE for place in (start, end))
    distance, course = great_circle(here, there)
    outward = _over_ground(course, speed, wind)
    homeward = _over_ground(great_circle(there, here)[1], speed, wind)
    flight_s, return_s = _lasts(distance, outward), _lasts(distance, homeward)
    along, across = _wind_on(course, wind)
    left_s = endurance_s - aloft_s
    needed = distance / left_s if left_s > 0.0 else (0.0 if distance == 0.0 else inf)
    spent_s = flight_s + aloft_s
    return Reach(
        possible=spent_s <= endurance_s, return_possible=spent_s + return_s <= endurance_s, distance=distance,
        course=course, speed=speed, along=along, across=abs(across), ground_speed=max(outward, 0.0), flight_s=flight_s,
        aloft_s=aloft_s, return_s=return_s, endurance_s=endurance_s, margin_s=endurance_s - spent_s,
        needed_ground_speed=needed, needed_airspeed=hypot(max(needed - along, 0.0), across) if needed < inf else inf,
    )  # fmt: skip


def great_circle(here: Floats, there: Floats) -> tuple[float, float]:
    """m and rad between two points (latitude, longitude; rad).

    The arc over the chord, with the radius of the ellipsoid's normal section midway along the course: 0.1 % at
    1,000 km.
    """
    frame = LocalFrame(float(here[0]), float(here[1]), 0.0)
    away = frame.to_enu([*there, 0.0])
    course = float(np.arctan2(away[0], away[1]) % (2.0 * pi))
    chord = float(np.linalg.norm(to_ecef([*there, 0.0]) - to_ecef([*here, 0.0])))
    sine = np.sin(0.5 * (here[0] + there[0]))
    e2, a = 0.0066943799901413165, 6_378_137.0
    prime = a / np.sqrt(1.0 - e2 * sine**2)
    meridian = prime * (1.0 - e2) / (1.0 - e2 * sine**2)
    radius = 1.0 / (np.cos(course) ** 2 / meridian + np.sin(course) ** 2 / prime)
    return float(2.0 * radius * np.arcsin(min(chord / (2.0 * radius), 1.0))), course


def _wind_on(course: float, wind: tuple[float, float]) -> tuple[float, float]:
    """m/s along and across a course, the latter positive to the right."""
    sine, cosine = float(np.sin(course)), float(np.cos(course))
    return wind[0] * sine + wind[1] * cosine, wind[0] * cosine - wind[1] * sine


def _over_ground(course: float, speed: float, wind: tuple[float, float]) -> float:
    """m/s made good along `course`, leaning into the wind; -1 when the wind across is too strong."""
    along, across = _wind_on(course, wind)
    if abs(across) > speed:
        return -1.0
    return float(along + np.sqrt(speed**2 - across**2))


def _lasts(distance: float, ground_speed: float) -> float:
    """s"""
    if distance == 0.0:
        return 0.0
    return distance / ground_speed if ground_speed > 0.0 else inf


def _minutes(seconds: float) -> str:
    return f"{seconds / 60.0:.1f} min"
