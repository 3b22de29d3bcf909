"""Plainly invented tracks, identities, alerts and sensors, as events."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.alerting.plain import INSIDE, Night, Seen

from luchtwacht.model import (
    Alert,
    AlertChanged,
    Associations,
    Identified,
    Identities,
    Output,
    OutputKind,
    Place,
    Sensor,
    SensorKind,
    Shown,
    Site,
    Tracked,
    Tracks,
    TrackStatus,
)
from luchtwacht.units import SECOND_NS

NOW_NS = 1_780_000_000 * SECOND_NS
ORIGIN = Place(latitude=52.0, longitude=5.0, height=43.0)
COVARIANCE = np.diag([100.0, 64.0, 25.0, 1.0, 4.0, 0.25])
COVARIANCE[0, 1] = COVARIANCE[1, 0] = -36.0


def a_site(**changes: Any) -> Site:
    radar = Sensor(id="radar", kind=SensorKind.RADAR_3D, source="", place=ORIGIN, sac=7, sic=8)
    known: dict[str, Any] = {"id": "test", "name": "A test", "origin": ORIGIN, "geoid_undulation_m": 43.0}
    return Site(**known | {"sensors": (radar,)} | changes)


def an_output(kind: OutputKind = OutputKind.ASTERIX, **changes: Any) -> Output:
    known: dict[str, Any] = {"id": "tower", "address": "udp://127.0.0.1:8600", "sac": 25, "sic": 9, "guard_s": 30.0}
    if kind == OutputKind.SAPIENT:
        known |= {"address": "tcp://127.0.0.1:8600", "what": (Shown.TRACKS, Shown.ALERTS)}
    return Output(kind=kind, **known | changes)


def tracked(*tracks: int, seconds: float = 0.0, **changes: Any) -> Tracked:
    """Tracks some metres apart, seen at so many seconds."""
    time_ns = NOW_NS + round(seconds * SECOND_NS)
    number = np.array(tracks, dtype=np.int64)
    x = np.column_stack([100.0 * number, 50.0 * number, np.full(len(number), 80.0)] + [np.full(len(number), 3.5)] * 3)
    known: dict[str, Any] = {
        "track": number,
        "time_ns": time_ns,
        "started_ns": NOW_NS - 20 * SECOND_NS,
        "confirmed_ns": NOW_NS - 18 * SECOND_NS,
        "updated_ns": time_ns - SECOND_NS // 2,
        "status": int(TrackStatus.CONFIRMED),
        "basis": 0,
        "x": x,
        "P": COVARIANCE,
        "existence": 0.99,
        "updates": 12,
        "sensors": 1,
        "category_probability": [0.8, 0.1, 0.05, 0.03, 0.02],
    }
    made = Tracks.unknown(len(number), **known | changes)
    return Tracked(time_ns=time_ns, tracks=made, associations=Associations.empty())


def identified(*named: tuple[int, str, str]) -> Identified:
    """Tracks with an aircraft's id and call sign."""
    made = Identities.unknown(
        len(named),
        track=[each[0] for each in named],
        aircraft_id=[each[1] for each in named],
        callsign=[each[2] for each in named],
        probability=0.9,
        category_probability=[0.8, 0.1, 0.05, 0.03, 0.02],
    )
    return Identified(time_ns=NOW_NS, identities=made)


def an_alert() -> Alert:
    """An intrusion that nobody has seen yet."""
    (alert,) = Night().step(Seen(track=4, zones={"centre": INSIDE}))
    return alert


def alert_changed(alert: Alert) -> AlertChanged:
    return AlertChanged(time_ns=alert.changed_ns, alert=alert)
