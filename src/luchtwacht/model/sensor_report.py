"""What sensors say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SensorState(StrEnum):
    """SAPIENT StatusReport and ASTERIX I034/050 in one vocabulary."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReport:
    """A sensor's status, or only a sign of life (a north marker)."""

    sensor: int
    """index into `Site.sensors`"""
    time_ns: int
    """ns UTC, by the sensor's clock"""
    received_ns: int
    state: SensorState
    period_s: float | None = None
    """antenna rotation period as reported; none when not said"""
    detail: str = ""
    heartbeat_s: float | None = None
    """it promises to be heard this often, also from an empty sky; none where it promises nothing"""
