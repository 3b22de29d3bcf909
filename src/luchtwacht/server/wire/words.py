"""Words that fields choose from, and a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

SensorTask = Literal[
    "start",
    "stop",
    "mode",
    "look_at",
    "detection_threshold",
    "report_rate",
    "status",
    "registration",
    "reset",
    "snapshot",
]

Standing = Literal["alert", "permitted", "open"]

Status = Literal["tentative", "confirmed", "coasted", "terminated"]

Category = Literal["multirotor", "fixed_wing_drone", "bird", "crewed_aircraft", "other"]

Verdict = Literal["none", "consistent", "contradicted", "unchecked"]

Seen = Literal["drone", "aircraft", "bird", "other", "flash", "smoke", "sound"]

Certainty = Literal["certain", "probable", "possible"]

ClaimKind = Literal["remote_id", "ads_b", "telemetry"]

Severity = Literal["critical", "warning", "notice"]

AlertStatus = Literal["raised", "acknowledged", "escalated", "rejected", "closed"]

AlertKind = Literal["zone_intrusion", "zone_approach", "contradicted_claim"]

Extent = Literal["in_view", "hidden", "open", "beyond", "unplaced"]

Health = Literal["ok", "silent", "degraded", "unheard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    latitude: float
    longitude: float


BiasName = Literal["range", "azimuth", "elevation", "east", "north", "up", "time"]

Fault = Literal["blind", "weak", "cluttered", "noisy", "misaligned", "slow"]

Json = dict[str, Any]
