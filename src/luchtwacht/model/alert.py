"""Alerts: what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AlertKind(StrEnum):
    """Why somebody should look."""

    ZONE_INTRUSION = "zone_intrusion"
    """an unmanned aircraft is inside a zone without permission"""
    ZONE_APPROACH = "zone_approach"
    """an unmanned aircraft will enter a zone without permission within the horizon"""
    CONTRADICTED_CLAIM = "contradicted_claim"
    """an aircraft says it is where sensors that would see it see nothing"""


class AlertStatus(StrEnum):
    """SAPIENT Alert and AlertAck (BSI Flex 335 v2) in a watch's own words. Moves: `alerting/lifecycle.py`."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    REJECTED = "rejected"
    CLOSED = "closed"


class Severity(StrEnum):
    """How soon somebody must look."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStep:
    """One move in an alert's life."""

    time_ns: int
    status: AlertStatus
    actor: str
    """who did it; "" when the watch did"""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why the alert was raised: the finding at that moment. Figures are those of `Findings`."""

    finding_time_ns: int
    """with `Alert.track` and `Alert.zone` it names the finding"""
    probability_inside: float
    probability_entry: float
    probability_uas: float
    probability_permitted: float
    distance: float
    """m; negative inside"""
    time_to_entry: float
    """s; NaN when it does not enter"""
    position: tuple[float, float, float]
    """east, north, up (m), site's frame"""
    height_sigma: float
    """m"""
    detections: tuple[int, ...]
    """`Detections.id` (or `Claims.id`) of the latest reports that made the track"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One event a person must look at: one track (or, after a loss, its continuations) against one zone."""

    id: int
    """from 1, never used again"""
    kind: AlertKind
    status: AlertStatus
    severity: Severity
    track: int
    """`Tracks.track` it was raised for"""
    tracks: tuple[int, ...]
    """every track it has covered, in order of appearance"""
    zone: str
    """`Zone.id`; "" when no zone is concerned"""
    aircraft_id: str
    """as claimed when it was raised or last changed; "" without a claim"""
    started_ns: int
    """ns UTC of the track's first detection"""
    confirmed_ns: int
    """ns UTC at which the track was confirmed"""
    raised_ns: int
    """ns UTC, event time"""
    changed_ns: int
    """ns UTC, event time of the last change"""
    active: bool
    """whether what it says still holds; acknowledging never changes this"""
    cause: Cause
    steps: tuple[AlertStep, ...]
