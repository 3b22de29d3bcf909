"""What is declared: the site, its sensors, zones and permissions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    index: int
    id: str
    name: str
    kind: str
    source: str
    latitude: float
    longitude: float
    height_ellipsoid_m: float
    range_min_m: float
    range_max_m: float | None
    azimuth_from_deg: float
    azimuth_to_deg: float
    period_s: float
    silent_after_s: float
    takes_tasks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: str
    name: str
    latitude: float
    longitude: float
    time_zone: str
    ground_height_amsl_m: float
    geoid_undulation_m: float
    step_s: float
    horizon_s: float
    sources: list[str]
    sensors: list[Sensor]
    base_map: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneVolume:
    rings: list[list[list[float]]]
    """rings of [longitude, latitude]; circles are drawn as 72 corners"""
    lower_m: float
    lower_reference: str
    upper_m: float | None
    upper_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    id: str
    name: str
    restriction: str
    in_force: bool
    until_ms: int | None
    """when that changes; null when not within a day"""
    volumes: list[ZoneVolume]
    times: list[str]
    reasons: list[str]
    message: dict[str, str]
    authority: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    id: str
    state: str
    in_force: bool
    zones: list[str]
    start_ms: int
    end_ms: int
    aircraft: list[str]
    operator_id: str
    purpose: str
    granted_by: str
    source: str
