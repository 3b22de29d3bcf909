"""What somebody must look at."""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.server.wire.words import AlertKind, AlertStatus, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    time_ms: int
    status: AlertStatus
    actor: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    finding_time_ms: int
    probability_inside: float | None
    probability_entry: float | None
    probability_uas: float | None
    probability_permitted: float | None
    distance_m: float | None
    time_to_entry_s: float | None
    latitude: float
    longitude: float
    height_amsl_m: float | None
    height_agl_m: float | None
    height_sigma_m: float | None
    detections: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    id: int
    kind: AlertKind
    status: AlertStatus
    severity: Severity
    active: bool
    track: int
    tracks: list[int]
    zone: str
    aircraft_id: str
    started_ms: int
    confirmed_ms: int
    raised_ms: int
    changed_ms: int
    cause: Cause
    steps: list[Step]
