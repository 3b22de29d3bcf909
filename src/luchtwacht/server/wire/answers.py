"""Questions, orders and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from luchtwacht.server.wire.watch import PlaybackStatus, WatchStatus
from luchtwacht.server.wire.words import Certainty, Seen, SensorTask, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDetail:
    sequence: int
    source: str
    format: str
    received_ms: int
    received_ns: str
    """exact, as text"""
    length: int
    sha256: str
    hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTick:
    time_ms: int
    severity: Severity
    alert: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    playback: PlaybackStatus | None
    density: list[int]
    alerts: list[AlertTick]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAnswer:
    ok: bool
    status: WatchStatus
    consoles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Who says it, and what they add."""

    actor: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What somebody saw or heard: at a place, or from the post along a bearing; with neither it is only put on
    record.
    """

    actor: str
    sensor: str
    """the observer's post"""
    what: Seen
    certainty: Certainty = "probable"
    count: int = 1
    time_ms: int | None = None
    """when; none: now"""
    latitude: float | None = None
    longitude: float | None = None
    height_m: float | None = None
    """above the ground, estimated"""
    radius_m: float | None = None
    """within which it was"""
    bearing_deg: float | None = None
    elevation_deg: float | None = None
    range_m: float | None = None
    """estimated"""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """An observation is on record."""

    frame: int
    """under which number its bytes can be had"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorOrder:
    """What somebody asks of a sensor, with what the task needs."""

    actor: str
    task: SensorTask
    mode: str = ""
    level: str = ""
    """low, medium or high"""
    latitude: float | None = None
    """degrees"""
    longitude: float | None = None
    """degrees"""
    height: float = 0.0
    """m above the ellipsoid"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """How long one kind of data is kept."""

    what: Literal["personal", "frames", "events", "decisions"]
    days: float | None
    """none: until somebody decides otherwise"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A legal hold: of this time nothing is deleted."""

    id: str
    by: str
    reason: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is deleted from the record when it is old, and what is held."""

    policy: list[KeptFor]
    holds: list[Held]
    """by name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """What somebody wants held: a stretch of time, or the time of an alert with an hour before and after."""

    actor: str
    id: str
    """small letters, digits and -"""
    reason: str
    from_ms: int | None = None
    to_ms: int | None = None
    alert: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackOrder:
    """Any of them; what is left out stays."""

    paused: bool | None = None
    speed: float | None = None
    seek_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was not carried out (RFC 9457 members)."""

    title: str
    status: int
    detail: str
