"""How sensors and the watch itself stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from luchtwacht.server.wire.words import BiasName, Fault, Health


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorBias:
    """One way in which a sensor is off: what it adds to the truth."""

    name: BiasName
    value: float
    """m, degrees or s"""
    sigma: float
    """one standard deviation"""
    declared: float
    seen: bool
    """whether data made it better known than before any"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as declared and as measured; none: not known yet."""

    declared: float
    measured: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorNoise:
    """Standard deviation of one coordinate, m or degrees."""

    name: BiasName
    declared: float
    measured: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorFigures:
    """A sensor's registration, and its performance as measured of late."""

    time_ms: int
    applied: bool
    """whether the bias is taken off its measurements"""
    biases: list[SensorBias]
    confounded: list[list[BiasName]]
    """pairs that the data so far cannot tell apart"""
    claim_pairs: int
    sensor_pairs: int
    aircraft: int
    probability_of_detection: Figure
    looks: float
    """over which it is measured"""
    false_reports: Figure
    """a period"""
    latency_s: Figure
    period_s: Figure
    noise: list[SensorNoise]
    blind_sectors_deg: list[list[float]]
    """from and to, clockwise from north"""
    faults: list[Fault]
    corrected: bool
    """whether it is misaligned by what is known and taken off"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorHealth:
    sensor: str
    state: Health
    heard_ms: int | None
    """when a report of it last came in"""
    reports: int
    """since this server started"""
    detail: str
    code: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    """the same as of the `Notice` that said so"""
    figures: SensorFigures | None = None
    """none until it is measured"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCount:
    source: str
    reason: str
    item: str
    count: int
    detail: str
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    time_ms: int
    kind: str
    subject: str
    detail: str
    """in English"""
    code: str = ""
    """which sentence it is; empty where only `detail` is known"""
    data: dict[str, Any] = field(default_factory=dict)
    """what it is made of, each value in the unit that its name ends with"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStatus:
    first_ms: int
    last_ms: int
    position_ms: int
    speed: float
    paused: bool
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStatus:
    """Somebody who is shown what the watch sees."""

    id: str
    kind: str
    address: str
    receivers: int
    messages: int
    octets: int
    let_go: int
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How far a watch that takes nothing in yet is with getting ready."""

    step: int
    """of compiling kernels, from 1; 0: the record is run again"""
    steps: int
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStatus:
    time_ms: int
    running: bool
    preparing: bool
    preparation: Preparation | None
    inputs: int
    frames: int
    frames_per_s: float
    lag_ms: int
    recording: bool
    durable: int
    record_failure: str
    lost: int
    outputs: list[OutputStatus]
    playback: PlaybackStatus | None
