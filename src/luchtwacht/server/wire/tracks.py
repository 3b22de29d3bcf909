"""Tracks, who they are, where they are against zones, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from luchtwacht.server.wire.words import Category, ClaimKind, Point, Standing, Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Columns, one row a track."""

    id: list[int] = field(default_factory=list)
    time_ms: list[int] = field(default_factory=list)
    started_ms: list[int] = field(default_factory=list)
    updated_ms: list[int] = field(default_factory=list)
    status: list[Status] = field(default_factory=list)
    claimed: list[bool] = field(default_factory=list)
    standing: list[Standing] = field(default_factory=list)
    latitude: list[float] = field(default_factory=list)
    longitude: list[float] = field(default_factory=list)
    height_amsl_m: list[float | None] = field(default_factory=list)
    height_agl_m: list[float | None] = field(default_factory=list)
    height_sigma_m: list[float | None] = field(default_factory=list)
    speed_m_s: list[float] = field(default_factory=list)
    course_deg: list[float | None] = field(default_factory=list)
    climb_m_s: list[float | None] = field(default_factory=list)
    ellipse_major_m: list[float] = field(default_factory=list)
    ellipse_minor_m: list[float] = field(default_factory=list)
    ellipse_bearing_deg: list[float] = field(default_factory=list)
    existence: list[float] = field(default_factory=list)
    updates: list[int] = field(default_factory=list)
    sensors: list[list[int]] = field(default_factory=list)
    rcs_dbsm: list[float | None] = field(default_factory=list)
    category: list[Category] = field(default_factory=list)
    category_probability: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Columns, one row a past place of one track, oldest first."""

    track: int
    time_ms: list[int]
    latitude: list[float]
    longitude: list[float]
    height_amsl_m: list[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    track: int
    aircraft_id: str
    probability: float | None
    runner_up: str
    runner_up_probability: float | None
    claim_kind: ClaimKind | None
    claim_verdict: Verdict
    callsign: str
    operator_id: str
    pilot: Point | None
    authorisation: str
    authorisation_probability: float
    authorisation_runner_up: str
    authorisation_runner_up_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    zone: str
    probability_inside: float
    probability_entry: float
    time_to_entry_s: float | None
    distance_m: float
    probability_uas: float
    probability_permitted: float
    authorisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The zones near one track; an empty list when there are none any more."""

    track: int
    findings: list[Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A detection or claim that was used for a track."""

    id: int
    frame: int
    record: int
    time_ms: int
    sensor: str
    probability: float
    measured: dict[str, float | None]
    """what was measured, by name with unit; empty when it is no longer remembered"""
    opinion: list[float] | None
    """what it said of the category: how likely that is, given each; null: nothing, or no longer remembered"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A track was lost, and what was seen later is the same object."""

    at_ms: int
    lost_ms: int
    """of the last report before"""
    former: int | None
    """number under which it was shown before it was recognised"""
    probability: float
    """that it is the same object"""
    away_m: float
    """from where it was expected"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackDetail:
    track: Tracks
    height_ellipsoid_m: float | None
    trail: Trail
    identity: Identity | None
    findings: list[Finding]
    alerts: list[int]
    reports: list[Report]
    """newest first"""
    recognition: Recognition | None
    """the last time that it was lost and recognised"""
