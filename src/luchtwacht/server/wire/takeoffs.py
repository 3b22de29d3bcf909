"""Where something took off, and what could have reached where."""

from __future__ import annotations

from dataclasses import dataclass, field

from luchtwacht.server.wire.words import Extent, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffArea:
    """The smallest area that holds the take-off with this probability."""

    probability: float
    size_m2: float
    polygons: list[list[list[list[float]]]]
    """each an outer ring and its holes, of [longitude, latitude]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOff:
    """From where and when a track took off: an area, never an actor."""

    track: int
    revision: int
    extent: Extent
    half: TakeOffArea | None
    most: TakeOffArea | None
    point: Point | None
    expected_error_m: float | None
    launch_ms: int | None
    launch_from_ms: int | None
    launch_until_ms: int | None
    bearing_deg: float | None
    bearing_sigma_deg: float | None
    in_view: float | None
    first_ms: int
    first_seen: Point | None
    first_height_agl_m: float | None
    used_until_ms: int
    detections: int
    sensors: list[int]
    searching: list[int]
    wind_speed_m_s: float
    wind_from_deg: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Columns, one row a cell: the likeliest cells that together hold 99 %."""

    latitude: list[float] = field(default_factory=list)
    longitude: list[float] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    size_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffAnswer:
    """What is known of a take-off; nothing yet when it was only just asked for."""

    takeoff: TakeOff | None
    chances: Chances


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether something could have come from a place, with the figures behind the answer."""

    possible: bool
    return_possible: bool
    distance_m: float
    course_deg: float
    airspeed_m_s: float
    wind_along_m_s: float
    wind_across_m_s: float
    ground_speed_m_s: float
    flight_s: float | None
    aloft_s: float
    return_s: float | None
    endurance_s: float
    margin_s: float | None
    needed_ground_speed_m_s: float | None
    needed_airspeed_m_s: float | None
    reasons: list[str]
